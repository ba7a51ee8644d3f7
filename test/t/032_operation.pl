# 032_operation.pl
#	What operation does to a database: two-phase commit, restores in all their forms,
#	logical replication to servers that only ask, a vacuum below a standby that asks.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

sub new_node
{
	my ($name) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(allows_streaming => 'logical', extra => [ '--encoding=UTF8', '--no-locale' ]);
	$node->append_conf('postgresql.conf', "timezone = 'UTC'\nmax_prepared_transactions = 5");
	$node->start;
	return $node;
}

my $node = new_node('main');

#
# Two-phase commit: nothing is in force before the second
#
$node->safe_psql(
	'postgres', q{
	CREATE EXTENSION bounce_ext;
	INSERT INTO bounce.topic (topic, max_messages, per) VALUES ('news', 1, '1 day');
	CREATE TABLE contact (email text, until timestamptz, news boolean);
	SELECT bounce.quarantine_contacts('contact', 'email', 'until');
	SELECT bounce.track_preferences('contact', 'email', '{"news": "news"}');
	CREATE TABLE outbox (email text);
	SELECT bounce.guard_outbox('outbox', 'email', topic => 'news');
	INSERT INTO contact VALUES ('ann@phase.example'), ('bob@phase.example')});
my $told = q{
	SELECT bounce.record_event('ann@phase.example', '550 5.1.1 User unknown');
	SELECT bounce.unsubscribe('bob@phase.example', 'news');
	UPDATE contact SET news = true WHERE email = 'ann@phase.example';
	INSERT INTO outbox VALUES ('ann@phase.example'), ('carl@phase.example');
	SELECT bounce.record_attempt('ann@phase.example', 'news'), bounce.is_suppressed('bob@phase.example', 'news');
	SELECT count(*) FROM generate_series(1, 3000) AS g WHERE bounce.is_suppressed(g || '@phase.example')};
my $state = q{
	SELECT bounce.is_suppressed('ann@phase.example'), bounce.is_suppressed('bob@phase.example', 'news'),
		bounce.capped_until('carl@phase.example', 'news') IS NOT NULL;
	SELECT email, until > now(), news FROM contact ORDER BY email; SELECT count(*) FROM bounce.delivery_event};
my $before = $node->safe_psql('postgres', $state);
$node->safe_psql('postgres', "BEGIN; $told; PREPARE TRANSACTION 'told'");
is($node->safe_psql('postgres', $state), $before, 'prepared: nothing is in force');
$node->safe_psql('postgres', "ROLLBACK PREPARED 'told'");
is($node->safe_psql('postgres', $state), $before, 'rolled back: nothing was');
$node->safe_psql('postgres', "BEGIN; $told; PREPARE TRANSACTION 'told'");
$node->stop('immediate');
$node->start;
$node->safe_psql('postgres', "COMMIT PREPARED 'told'");
is($node->safe_psql('postgres', $state), "t|t|t\nann\@phase.example|t|t\nbob\@phase.example||f\n3", 'committed, after a crash: all of it is');

#
# Restores
#
my @connection = ('-h', $node->host, '-p', $node->port);
my $dump = $node->basedir . '/dump';
my $totals = q{
	SELECT count(*), sum(hashtext(e::text)) FROM bounce.delivery_event AS e;
	SELECT * FROM bounce.suppression ORDER BY 1; SELECT * FROM bounce.preference ORDER BY 1; SELECT * FROM contact ORDER BY 1;
	SELECT * FROM bounce.verify_consent_log(); SELECT * FROM outbox};
my $dumped = $node->safe_psql('postgres', $totals);

sub restored_by
{
	my ($what, @commands) = @_;
	$node->safe_psql('postgres', 'DROP DATABASE IF EXISTS restored');
	$node->safe_psql('postgres', 'CREATE DATABASE restored TEMPLATE template0');
	command_ok($_, "$what: $_->[0]") foreach @commands;
	is($node->safe_psql('restored', $totals), $dumped, "$what: the same as it was");
	is($node->safe_psql('restored', 'SELECT bounce.rebuild_suppressions()'), '0', "$what: which is what the log says");
	return;
}
restored_by('in parallel', [ 'pg_dump', '-Fd', '-j2', '-f', $dump, @connection, 'postgres' ],
	[ 'pg_restore', '-j2', '--exit-on-error', '-d', 'restored', @connection, $dump ]);
restored_by('as inserts', [ 'pg_dump', '--inserts', '-f', "$dump.sql", @connection, 'postgres' ],
	[ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', 'restored', '-f', "$dump.sql", @connection ]);
restored_by('structure first', [ 'pg_dump', '-Fc', '-f', "$dump.c", @connection, 'postgres' ],
	[ 'pg_restore', '--section=pre-data', '--exit-on-error', '-d', 'restored', @connection, "$dump.c" ],
	[ 'pg_restore', '--section=data', '--exit-on-error', '-d', 'restored', @connection, "$dump.c" ],
	[ 'pg_restore', '--section=post-data', '--exit-on-error', '-d', 'restored', @connection, "$dump.c" ]);

#
# Logical replication to a server that only asks
#
my $asking = new_node('asking');
$asking->safe_psql('postgres', 'CREATE EXTENSION bounce_ext; TRUNCATE bounce.policy');
$node->safe_psql(
	'postgres', q{CREATE PUBLICATION answers FOR TABLE bounce.suppression, bounce.domain_suppression, bounce.digest_suppression,
	bounce.preference, bounce.topic, bounce.pace, bounce.policy, bounce.setting, bounce.secret_key, bounce.site_rule});
my $upstream = $node->connstr . ' dbname=postgres';
$asking->safe_psql('postgres', "CREATE SUBSCRIPTION answers CONNECTION '$upstream' PUBLICATION answers");
$asking->wait_for_subscription_sync($node, 'answers');
my $answers = q{
	SELECT a, t, bounce.is_suppressed(a || '@phase.example', t)
	FROM unnest('{ann,bob,carl,dora,emil,fred}'::text[]) AS a, unnest('{news,NULL}'::text[]) AS t ORDER BY 1, 2};
is($asking->safe_psql('postgres', $answers), $node->safe_psql('postgres', $answers), 'a server that only asks answers the same');

my $session = $asking->can('background_psql') ? $asking->background_psql('postgres') : undef;
$session->query_safe($answers . '; SELECT bounce.classify_here($$550 gate K9$$), bounce.record_event($$x@other.example$$, $$550 5.1.1 User unknown$$)') if $session;
$node->safe_psql(
	'postgres', q{
	SELECT bounce.suppress_domain('phase.example'); SELECT bounce.release_domain('phase.example');
	SELECT bounce.subscribe('bob@phase.example', 'news'); SELECT bounce.unsubscribe_all('carl@phase.example');
	SELECT bounce.record_event('dora@phase.example', '550 5.1.1 User unknown'), bounce.suppress('emil@phase.example');
	SELECT bounce.unsubscribe('fred@phase.example', 'news'); SELECT bounce.forget('fred@phase.example');
	SELECT bounce.release('ann@phase.example');
	INSERT INTO bounce.site_rule (pattern, class) VALUES ('gate k[0-9]', 'block:policy');
	SELECT bounce.use_profile('permanent')});
my $token = $node->safe_psql('postgres', q{SELECT bounce.make_token('bob@phase.example', 'news')});
$node->wait_for_catchup('answers');
my $expected = $node->safe_psql('postgres', $answers);
like($expected, qr/fred\|news\|t/, 'who was forgotten is known by digest');
is($asking->safe_psql('postgres', $answers), $expected, 'it follows');
is($asking->safe_psql('postgres', "SELECT address FROM bounce.open_token('$token')"), 'bob@phase.example', 'tokens open there');
if ($session)
{
	is($session->query_safe($answers), $expected, 'also in a session that asked before');
	is($session->query_safe('SELECT bounce.classify_here($$550 gate K9$$)'), 'block:policy', 'which knows new rules');
	$session->query_safe('SELECT bounce.record_event($$y@other.example$$, $$550 5.1.1 User unknown$$)');
	is($session->query_safe('SELECT expires_at FROM bounce.suppression WHERE address = $$y@other.example$$'), 'infinity', 'and the policy that was chosen');
	$session->quit;
}
is($asking->safe_psql('postgres', 'SELECT count(*) FROM bounce.suppression_history'), '0', 'what is applied leads to nothing else');
$asking->stop;

#
# A standby that asks, while the primary moves and vacuums all it asks about
#
$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->append_conf('postgresql.conf', "max_standby_streaming_delay = -1\nhot_standby_feedback = on");
$standby->start;
$node->safe_psql('postgres', q{SELECT count(bounce.suppress(g || '@vacuum.example')) FROM generate_series(1, 5000) AS g});
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
my $repeat = q{SELECT count(*) FROM generate_series(1, 10000) AS g WHERE bounce.is_suppressed(g || '@vacuum.example')};
my $psql = IPC::Run::start([ 'psql', '-XAtq', '-d', $standby->connstr('postgres'), '-c',
	"BEGIN ISOLATION LEVEL REPEATABLE READ", '-c', $repeat, '-c', 'SELECT pg_sleep(2)', '-c', $repeat, '-c', 'COMMIT' ], '>', \my $counts);
sleep 1;
$node->safe_psql('postgres', q{SELECT sum(bounce.release(g || '@vacuum.example')) FROM generate_series(1, 5000) AS g});
$node->safe_psql('postgres', 'VACUUM (FREEZE) bounce.suppression');
$psql->finish;
is($counts, "5000\n\n5000\n", 'one snapshot, one answer');
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
is($standby->safe_psql('postgres', $repeat), '0', 'and the next one the new one');

$standby->stop;
$node->stop;
done_testing();
