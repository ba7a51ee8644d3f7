/*
 * demo.sql
 *		The demo, step by step: each file shows one thing and needs those before it.
 *
 * In: what test/demo/lines writes, on psql's standard input; variables sample (on:
 * the fictional week), name (of the file), bold and plain (how headings look).
 */
\pset border 0
\pset linestyle ascii
CREATE EXTENSION IF NOT EXISTS bounce_ext;

\ir read_log.sql
\ir shop.sql
\ir loaded.sql
SELECT EXISTS (SELECT FROM bounce.delivery_event) AS anything \gset
\if :anything
\ir classes.sql
\ir ladder.sql
\ir quarantine.sql
\ir outbox.sql
\ir unsubscribe.sql
\ir health.sql
\endif
\ir next.sql
