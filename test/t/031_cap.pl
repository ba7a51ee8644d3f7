# 031_cap.pl
#	Many senders at once: of the messages to a person, exactly as many go out as the
#	cap allows, whoever rolls back, waits, deadlocks or is killed.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "timezone = 'UTC'\ndeadlock_timeout = '50ms'\n");
$node->start;
$node->safe_psql(
	'postgres', q{
	CREATE EXTENSION bounce_ext;
	INSERT INTO bounce.topic (topic, max_messages, per) VALUES ('asked', 3, '1 day'), ('queued', 3, '1 day'), ('held', 1, '1 day');
	CREATE TABLE sent (who integer);
	CREATE TABLE outbox (id integer PRIMARY KEY, email text, status text DEFAULT 'queued');
	SELECT bounce.guard_outbox('outbox', 'email', topic => 'queued', status_column => 'status');
	INSERT INTO outbox SELECT n, 'p' || n % 20 || '@cap.example' FROM generate_series(1, 400) AS n;
});

sub senders
{
	my ($name, $transactions, $script, @options) = @_;
	my $file = $node->basedir . "/$name.pgbench";
	append_to_file($file, $script);
	command_ok([ 'pgbench', '-n', '-c', 8, '-j', 2, '-t', $transactions, @options, '-f', $file, '-h', $node->host, '-p', $node->port, 'postgres' ],
		"eight senders: $name");
	return;
}

# 1,600 attempts for 60 slots, a quarter of them undone.
senders(
	'record_attempt', 200, q{
\set who random(0, 19)
\set undone random(1, 4)
BEGIN;
INSERT INTO sent SELECT :who FROM bounce.record_attempt('p' || :who || '@cap.example', 'asked') AS said WHERE said = 'send';
\if :undone = 1
ROLLBACK;
\else
COMMIT;
\endif
});
is($node->safe_psql('postgres', 'SELECT count(*), min(n), max(n) FROM (SELECT count(*) AS n FROM sent GROUP BY who) AS s'),
	'20|3|3', 'record_attempt() let three messages through to each');

# Batches of five in any order meet the same people in different orders; who is chosen
# as the victim of a deadlock tries again.
senders('guard_outbox', 100, q{
UPDATE outbox SET status = 'sending' WHERE id IN (SELECT id FROM outbox WHERE status = 'queued' ORDER BY random() LIMIT 5 FOR UPDATE SKIP LOCKED);
}, '--max-tries=1000');
$node->safe_psql('postgres', q{UPDATE outbox SET status = 'sending' WHERE status = 'queued'});
is($node->safe_psql('postgres', q{SELECT count(*), min(n), max(n) FROM (SELECT count(*) AS n FROM outbox WHERE status = 'sending' GROUP BY email) AS s}),
	'20|3|3', 'the guard let three messages through to each');

# Who is killed has sent nothing; what is committed is counted after a crash.
my $attempt = sub { return "SELECT bounce.record_attempt('$_[0]\@cap.example', 'held')" };
my $session = $node->background_psql('postgres');
$session->query_safe('BEGIN');
is($session->query_safe($attempt->('ann')), 'send', 'a slot is taken, not committed');
is($node->safe_psql('postgres', $attempt->('bob')), 'send', 'another is taken and committed');
$node->stop('immediate');
eval { $session->quit };
$node->start;
is($node->safe_psql('postgres', $attempt->('ann')), 'send', 'the one that was not committed is free again');
is($node->safe_psql('postgres', $attempt->('bob')), 'suppressed', 'the other is not');

$node->stop;
done_testing();
