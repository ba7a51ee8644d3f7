\if :sample
\echo 'Next: make demo INPUT=your_log.tsv (tab-separated: response, recipient, occurred_at), or README.md.'
\else
\echo 'Next: README.md has a first session to paste; make demo without INPUT shows a fictional week.'
\endif
