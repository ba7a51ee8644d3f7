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

# --- what is pasted: one session, from the first block to the last ----------

my @blocks;
while ($readme =~ /^```sql\n(.*?)^```\n(?:\n*^```text\n(.*?)^```\n)?/msg)
{
	push @blocks, { sql => $1, shown => $2, line => line_of($-[0]) };
}
cmp_ok(scalar @blocks, '>', 5, 'README.md has something to paste');

my $end_of_block = '--- end of block ---';
my $paste = join '', map { "$_->{sql}\\echo $end_of_block\n" } @blocks;
my $session;
{
	local $ENV{PGCLIENTENCODING} = 'UTF8';
	IPC::Run::run([ 'psql', '-X', '-P', 'pager=off', '-d', $node->connstr('shop') ],
		'<', \$paste, '>', \$session, '2>&1');
}
my @answers = split /^$end_of_block\n/m, $session;
is(scalar @answers, scalar @blocks, 'every block came to its end');

foreach my $block (@blocks)
{
	my $got = tidy(shift(@answers) // '');
	if (defined $block->{shown})
	{
		is($got, tidy($block->{shown}), "README.md line $block->{line} answers as shown");
	}
	else
	{
		unlike($got, qr/ERROR|FATAL/, "README.md line $block->{line} runs");
	}
}

# --- the table of moves -----------------------------------------------------

# Each cell is tried on a topic of its own: the state is reached, the topic made what the column says
# (a topic can change its opt_in), the act done; "refused" is LH004, anything else the state after it.
$node->safe_psql('shop', <<'SQL');
CREATE FUNCTION try_move(state text, act text, opt text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	name text := concat_ws(' ', 'move', state, act, opt);
	way text[] := CASE state WHEN 'nothing said' THEN '{}' WHEN 'pending' THEN '{subscribe}' WHEN 'subscribed' THEN '{subscribe,confirm}'
		WHEN 'unsubscribed' THEN '{unsubscribe}' WHEN 'snoozed' THEN '{subscribe,confirm,snooze}' END;
	before timestamptz;
	after record;
BEGIN
	INSERT INTO bounce.topic (topic, opt_in) VALUES (name, 'double');
	FOR i IN 1 .. cardinality(way) LOOP
		PERFORM do_act(way[i], name, '2026-03-01'::timestamptz + i * interval '1 hour');
	END LOOP;
	UPDATE bounce.topic SET opt_in = opt WHERE topic = name;
	SELECT p.until INTO before FROM bounce.preference AS p WHERE p.topic = name;
	PERFORM do_act(act, name, '2026-03-02');
	SELECT p.state, p.until INTO after FROM bounce.preferences('p@move.example', at => '2026-03-02') AS p WHERE p.topic = name;
	RETURN after.state || CASE WHEN after.until > before THEN ' anew' ELSE '' END;
EXCEPTION WHEN SQLSTATE 'LH004' THEN RETURN 'refused';
END $$;
CREATE FUNCTION do_act(act text, topic text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SELECT bounce.%I(%L, %L, %s at => %L)', act, 'p@move.example', topic,
		CASE act WHEN 'snooze' THEN format('until => %L,', at + interval '30 days') END, at);
END $$;
SQL
my @acts = (['subscribe', 'single'], ['subscribe', 'double'], ['confirm', 'double'], ['unsubscribe', 'single'], ['snooze', 'single'], ['resume', 'single']);
my $moves = 0;
while ($readme =~ /^\| (nothing said|pending|subscribed|unsubscribed|snoozed) \| (.*) \|$/mg)
{
	my ($state, @cells) = ($1, split / \| /, $2);
	foreach my $i (0 .. $#acts)
	{
		my ($act, $opt) = @{ $acts[$i] };
		my $try = sub { return $node->safe_psql('shop', "SELECT try_move('$state', '$act', '$_[0]')") };
		my ($expected) = $cells[$i] =~ /^as before/ ? 'subscribed' : $cells[$i] =~ /(\w+)/;
		if ($cells[$i] =~ /^(\w+) \(opt-in `none`\), or (\w+)$/)
		{
			is($try->('none'), $1, "README.md: $act, $state, opt-in none");
			$expected = $2;
		}
		is($try->($opt), $expected . ($cells[$i] =~ /anew/ ? ' anew' : ''), "README.md: $act ($opt), $state");
		$moves++;
	}
}
is($moves, 30, 'the table of moves is whole');

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
$named{$_}++ foreach map { /`(\w+)\(/g } grep { /^\| `/ } split /\n/, $readme;
my $missing = $node->safe_psql('shop',
	"SELECT name FROM unnest('{" . join(',', sort keys %named) . "}'::text[]) AS name"
	  . " WHERE NOT EXISTS (SELECT FROM pg_proc WHERE proname = name AND pronamespace = 'bounce'::regnamespace)"
	  . " AND NOT EXISTS (SELECT FROM pg_class WHERE relname = name AND relnamespace = 'bounce'::regnamespace)"
	  . " AND NOT EXISTS (SELECT FROM pg_type WHERE typname = name AND typnamespace = 'bounce'::regnamespace)");
is($missing, '', 'every name in README.md exists');

# What a caller can use and README.md does not name.  Nobody looks for the aggregates
# min and max, nor calls what a view is made of.
my $public = $node->safe_psql('shop', <<'SQL');
SELECT DISTINCT p.proname
FROM pg_proc AS p
WHERE p.pronamespace = 'bounce'::regnamespace
	AND p.prorettype NOT IN ('trigger'::regtype, 'internal'::regtype)
	AND NOT 'internal'::regtype = ANY (p.proargtypes)
	AND p.proname NOT IN ('min', 'max', 'attachment_options')
	AND NOT EXISTS (SELECT FROM pg_operator AS o WHERE o.oprcode = p.oid)
	AND NOT EXISTS (SELECT FROM pg_cast AS c WHERE c.castfunc = p.oid)
	AND NOT EXISTS (SELECT FROM pg_amproc AS a WHERE a.amproc = p.oid)
	AND NOT EXISTS (SELECT FROM pg_aggregate AS a WHERE p.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn))
	AND NOT EXISTS (SELECT FROM pg_type AS t WHERE p.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend))
SQL
is(join(' ', sort grep { !$named{$_} } split /\n/, $public),
	'', 'README.md names every function');

done_testing();
