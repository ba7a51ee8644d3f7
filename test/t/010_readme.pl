# 010_readme.pl
#	README.md does what it says: its SQL is run, in order, and what it shows as output
#	is what comes out; its make goals and the names in its reference exist.
#
# A block marked "sql" is a paste into psql.  A block marked "text" right after it
# (nothing but blank lines between) is all that psql answers, errors last.

use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = "$FindBin::RealBin/../..";
my $readme = slurp_file("$top/README.md");

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--no-locale' ]);
$node->append_conf('postgresql.conf', "timezone = 'UTC'");
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE shop');

# What one block answers.  Blanks at the ends of lines are psql's own business.
sub answer
{
	my ($sql) = @_;
	my ($out, $err);
	local $ENV{PGCLIENTENCODING} = 'UTF8';
	my $ran = IPC::Run::run(
		[ 'psql', '-X', '-q', '-P', 'pager=off', '-d', $node->connstr('shop') ],
		'<', \$sql, '>', \$out, '2>', \$err);
	return tidy($out . $err);
}

sub tidy
{
	my ($text) = @_;
	$text =~ s/[ \t]+$//mg;
	$text =~ s/\n+\z//;
	return $text;
}

sub line_of
{
	my ($offset) = @_;
	return 1 + (substr($readme, 0, $offset) =~ tr/\n//);
}

# --- what is pasted ---------------------------------------------------------

my $blocks = 0;
while ($readme =~ /^```sql\n(.*?)^```\n(?:\n*^```text\n(.*?)^```\n)?/msg)
{
	my ($sql, $shown, $line) = ($1, $2, line_of($-[0]));
	my $got = answer($sql);
	$blocks++;
	if (defined $shown)
	{
		is($got, tidy($shown), "README.md line $line answers as shown");
	}
	else
	{
		unlike($got, qr/ERROR|FATAL/, "README.md line $line runs");
	}
}
cmp_ok($blocks, '>', 5, 'README.md has something to paste');

# --- make goals -------------------------------------------------------------

my %goals;
while ($readme =~ /^```console\n(.*?)^```\n/msg)
{
	$goals{$_}++ foreach $1 =~ /^\$ (?:sudo )?make ?([\w-]*)/mg;
}
foreach my $goal (sort keys %goals)
{
	my ($out, $err);
	my @command = ('make', '-n', '-C', $top, grep { $_ } $goal);
	ok(IPC::Run::run(\@command, '>', \$out, '2>', \$err),
		"README.md: \"make $goal\" is a goal")
	  or diag($err);
}

# --- names ------------------------------------------------------------------

my %named;
$named{$_}++ foreach $readme =~ /\bbounce\.(\w+)/g;
$named{$_}++ foreach $readme =~ /^\| `(\w+)\(/mg;
my $missing = $node->safe_psql('shop',
	"SELECT name FROM unnest('{" . join(',', sort keys %named) . "}'::text[]) AS name"
	  . " WHERE NOT EXISTS (SELECT FROM pg_proc WHERE proname = name AND pronamespace = 'bounce'::regnamespace)"
	  . " AND NOT EXISTS (SELECT FROM pg_class WHERE relname = name AND relnamespace = 'bounce'::regnamespace)"
	  . " AND NOT EXISTS (SELECT FROM pg_type WHERE typname = name AND typnamespace = 'bounce'::regnamespace)");
is($missing, '', 'every name in README.md exists');

# What a caller can use and README.md does not name.
my $public = $node->safe_psql('shop', <<'SQL');
SELECT DISTINCT p.proname
FROM pg_proc AS p
WHERE p.pronamespace = 'bounce'::regnamespace
	AND p.prorettype NOT IN ('trigger'::regtype, 'internal'::regtype)
	AND NOT 'internal'::regtype = ANY (p.proargtypes)
	AND NOT EXISTS (SELECT FROM pg_operator AS o WHERE o.oprcode = p.oid)
	AND NOT EXISTS (SELECT FROM pg_cast AS c WHERE c.castfunc = p.oid)
	AND NOT EXISTS (SELECT FROM pg_amproc AS a WHERE a.amproc = p.oid)
	AND NOT EXISTS (SELECT FROM pg_aggregate AS a WHERE p.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn))
	AND NOT EXISTS (SELECT FROM pg_type AS t WHERE p.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend))
SQL
is(join(' ', sort grep { !$named{$_} } split /\n/, $public),
	'', 'README.md names every function');

done_testing();
