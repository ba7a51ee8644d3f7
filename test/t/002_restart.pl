# A server that dies in the middle of a load: nothing committed is lost, nothing
# is counted twice when the whole input is sent again.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use IPC::Run;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "timezone = 'UTC'");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION bounce_ext');

# 3,000 events for 500 addresses: bounces at growing intervals, some accepted mails.
my $input = q{
	SELECT 'person' || n % 500 || '@restart.example',
		CASE WHEN n % 7 = 0 THEN '250 2.0.0 OK' ELSE '550 5.1.1 User unknown' END,
		'2026-01-01'::timestamptz + n * interval '5 minutes'
	FROM generate_series(1, 3000) n
};
my $load = 'INSERT INTO bounce.delivery_event (recipient, response, occurred_at)';
my $state = q{
	SELECT address, cause, step, occurrences, starts_at, expires_at, last_event_at, NULL AS ended_by FROM bounce.suppression
	UNION ALL
	SELECT address, cause, step, occurrences, lower(during), upper(during), NULL, ended_by FROM bounce.suppression_history
	ORDER BY 1, 5, 6
};

# What an undisturbed load gives.
$node->safe_psql('postgres', "$load $input");
my $undisturbed = $node->safe_psql('postgres', $state);
my $log_rows = $node->safe_psql('postgres', 'SELECT count(*) FROM bounce.delivery_event');
is($log_rows, 3000, 'every event is in the log');
$node->safe_psql('postgres', 'DELETE FROM bounce.delivery_event');
is($node->safe_psql('postgres', "SELECT count(*) FROM ($state) s"), 0, 'an empty log leaves no state');

# A third is committed, another third is under way when the server is killed.
$node->safe_psql('postgres', "$load $input LIMIT 1000");
my $committed = $node->safe_psql('postgres', $state);
my $loader = IPC::Run::start(
	[
		'psql', '-X', '-d', $node->connstr('postgres'),
		'-c', "BEGIN; $load $input OFFSET 1000 LIMIT 1000; SELECT pg_sleep(300)"
	],
	'>', '/dev/null', '2>', '/dev/null');
ok( $node->poll_query_until(
		'postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}),
	'a load is under way');
$node->stop('immediate');
$loader->finish;
$node->start;
is($node->safe_psql('postgres', $state), $committed, 'after the crash: exactly what was committed');
is($node->safe_psql('postgres', 'SELECT count(*) FROM bounce.delivery_event'), 1000, 'and no event more');

# The whole input again: the state of the undisturbed run, row by row.
$node->safe_psql('postgres', "$load $input");
is($node->safe_psql('postgres', $state), $undisturbed, 'after the replay: the state of an undisturbed run');
is($node->safe_psql('postgres', 'SELECT count(*) FROM bounce.delivery_event'), $log_rows, 'and no event twice');

# A clean restart changes nothing either.
$node->restart;
is($node->safe_psql('postgres', $state), $undisturbed, 'a clean restart keeps the state');
$node->stop;
done_testing();
