# 004_same_events.pl
#	Several sessions store the very same events at the same moment: each is logged once,
#	and no session fails.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "timezone = 'UTC'\nfsync = off\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION bounce_ext');

# The clock says which rows: all clients of a moment take the same ones.
my $moment = "(SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint % 100000000 AS k) AS moment";
my %script = (
	'one row' => qq{INSERT INTO bounce.delivery_event (recipient, response, occurred_at)
		SELECT 'one' || k || '\@same.example', '250 OK', '2026-01-01'::timestamptz + k * interval '1 second' FROM $moment;},
	'a bounce' => qq{INSERT INTO bounce.delivery_event (recipient, response, occurred_at)
		SELECT 'bounce' || k || '\@same.example', '550 5.1.1 User unknown', '2026-01-01'::timestamptz + k * interval '1 second' FROM $moment;},
	'many rows' => qq{INSERT INTO bounce.delivery_event (recipient, response, occurred_at)
		SELECT 'many' || n || '\@same.example', '550 5.1.1 User unknown', '2026-01-01'::timestamptz + k * interval '1 second'
		FROM $moment, generate_series(1, 5) AS n;},
	# Other events of the same few addresses: leases that begin, count and climb at the same moment.
	'few addresses' => q{INSERT INTO bounce.delivery_event (recipient, response, occurred_at, event_key)
		SELECT 'few' || n + (random() * 20)::int || '@few.example', CASE WHEN random() < 0.3 THEN '550 5.1.1 User unknown' ELSE '452 4.2.2 Mailbox full' END,
			'2026-01-01'::timestamptz + random() * interval '300 days', gen_random_uuid()::text
		FROM generate_series(1, 2) AS n;});

foreach my $name (sort keys %script)
{
	my $file = $node->basedir . '/same.sql';
	(my $sql = $script{$name}) =~ s/\s+/ /g;
	unlink $file;
	append_to_file($file, "$sql\n");
	my ($stdout, $stderr) = run_command(
		[ 'pgbench', '-n', '-c', '4', '-j', '2', '-t', '500', '-f', $file, '-h', $node->host, '-p', $node->port, 'postgres' ]);
	like($stdout, qr{actually processed: 2000/2000}, "$name: nobody fails") or diag($stderr);
}
is( $node->safe_psql('postgres', q{SELECT count(*) FROM (SELECT recipient, occurred_at FROM bounce.delivery_event
		GROUP BY 1, 2 HAVING count(*) > 1) AS twice}), '0', 'every event is there once');
is($node->safe_psql('postgres', 'SELECT bounce.rebuild_suppressions()'), '0', 'the leases are right');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'}), '0', 'no lock is left');

# A key's lock goes with a savepoint, an error, and a row that went into a partition directly.
is( $node->safe_psql('postgres', q{
		BEGIN;
		SAVEPOINT s;
		INSERT INTO bounce.delivery_event (recipient, response) VALUES ('x@same.example', '250 OK');
		ROLLBACK TO s;
		INSERT INTO bounce.delivery_event (recipient, response) VALUES ('x@same.example', '250 OK');
		INSERT INTO bounce.delivery_event_default (recipient, response) VALUES ('y@same.example', '250 OK');
		SAVEPOINT t;
		INSERT INTO bounce.delivery_event_default (recipient, response, recorded_at) VALUES ('z@same.example', '250 OK', NULL);
		ROLLBACK TO t;
		INSERT INTO bounce.delivery_event (recipient, response) VALUES ('z@same.example', '250 OK');
		COMMIT;
		SELECT count(*) FROM bounce.delivery_event WHERE recipient LIKE '_@same.example';
		SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'}),
	"3\n0", 'with savepoints');
unlike(slurp_file($node->logfile), qr/WARNING|duplicate key|deadlock/, 'nothing in the log');

$node->stop;
done_testing();
