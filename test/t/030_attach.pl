# 030_attach.pl
#	Attached tables come back from a dump, also without a superuser, and can work where
#	logical replication applies rows.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

sub new_node
{
	my ($name, $logical) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(allows_streaming => $logical ? 'logical' : 0, extra => [ '--encoding=UTF8', '--no-locale' ]);
	$node->append_conf('postgresql.conf', "timezone = 'UTC'");
	$node->start;
	return $node;
}

my $node = new_node('main', 1);

#
# Dump and restore, by the owner of a database who is no superuser
#
$node->safe_psql('postgres', "CREATE ROLE dba LOGIN");
$node->safe_psql('postgres', "CREATE DATABASE $_ OWNER dba") foreach qw(shop restored);
my $dba = $node->connstr('shop') . ' user=dba';
$node->safe_psql(
	'shop', q{
	CREATE EXTENSION bounce_ext;
	CREATE SCHEMA "The Shop";
	CREATE TABLE "The Shop"."Con""tacts" (region text, "E-Mail" text, until timestamptz) PARTITION BY LIST (region);
	CREATE TABLE "The Shop".west (until timestamptz, "E-Mail" text, region text);
	ALTER TABLE "The Shop"."Con""tacts" ATTACH PARTITION "The Shop".west FOR VALUES IN ('west');
	CREATE TABLE "The Shop".outbox (email text, status text DEFAULT 'queued');
	CREATE TABLE "The Shop".log (answer text, rcpt text);
	SELECT bounce.quarantine_contacts('"The Shop"."Con""tacts"', 'E-Mail', 'until');
	SELECT bounce.guard_outbox('"The Shop".outbox', 'email', status_column => 'status', on_suppressed => 'mark');
	SELECT bounce.watch_deliveries('"The Shop".log', 'rcpt', 'answer', always => true);
	INSERT INTO "The Shop"."Con""tacts" VALUES ('west', 'ann@attach.example'), ('west', 'bob@attach.example');
	INSERT INTO "The Shop".outbox VALUES ('ann@attach.example');
	INSERT INTO "The Shop".log VALUES ('550 5.1.1 User unknown', 'ann@attach.example');
	INSERT INTO "The Shop".outbox VALUES ('ann@attach.example'), ('bob@attach.example');
	-- Renamed after it was attached.
	ALTER TABLE "The Shop"."Con""tacts" RENAME COLUMN "E-Mail" TO "Mail, E-";
	ALTER TABLE "The Shop".log RENAME COLUMN rcpt TO recipient;
}, extra_params => [ '-d', $dba ]);

my $listed = q{SELECT watched, kind, options, enabled, attached_by, attached_at FROM bounce.watched_table ORDER BY kind};
my $attached = $node->safe_psql('shop', $listed);
like($attached, qr/"address": "Mail, E-"/, 'attached tables are listed with their present columns');

my $dump = $node->basedir . '/shop.dump';
my @as_dba = ('-h', $node->host, '-p', $node->port, '-U', 'dba');
command_ok([ 'pg_dump', '-Fc', '-f', $dump, @as_dba, 'shop' ], 'pg_dump');
command_ok([ 'pg_restore', '--exit-on-error', '-d', 'restored', @as_dba, $dump ], 'pg_restore');
is($node->safe_psql('restored', $listed), $attached, 'the same is attached after a restore');
my $rows = q{SELECT * FROM "The Shop"."Con""tacts" ORDER BY 2; SELECT * FROM "The Shop".outbox ORDER BY 1, 2};
is($node->safe_psql('restored', $rows), $node->safe_psql('shop', $rows), 'the rows are those that were dumped');
is($node->safe_psql('restored', 'SELECT count(*) FROM bounce.delivery_event'),
	$node->safe_psql('shop', 'SELECT count(*) FROM bounce.delivery_event'), 'restoring was no attempt');

$node->safe_psql(
	'restored', q{
	INSERT INTO "The Shop".log (answer, recipient) VALUES ('550 5.1.1 User unknown', 'bob@attach.example');
	UPDATE "The Shop".outbox SET status = 'sending';
	UPDATE "The Shop"."Con""tacts" SET until = NULL});
is( $node->safe_psql('restored', q{SELECT "Mail, E-", until > now() FROM "The Shop"."Con""tacts" ORDER BY 1}),
	"ann\@attach.example|t\nbob\@attach.example|t",
	'log and contacts go on working');
is( $node->safe_psql('restored', q{SELECT email, status FROM "The Shop".outbox ORDER BY 1, 2}),
	"ann\@attach.example|suppressed\nann\@attach.example|suppressed\nbob\@attach.example|suppressed",
	'so does the guard');

# One table by itself brings its triggers along.
$node->safe_psql('restored', 'DROP TABLE "The Shop".outbox');
command_ok([ 'pg_dump', '-Fc', '-t', '"The Shop".outbox', '-f', $dump, @as_dba, 'shop' ], 'pg_dump of one table');
command_ok([ 'pg_restore', '--exit-on-error', '-d', 'restored', @as_dba, $dump ], 'pg_restore of one table');
is($node->safe_psql('restored', q{SELECT kind FROM bounce.watched_table WHERE watched = '"The Shop".outbox'::regclass}),
	'guard_outbox', 'its guard is listed again');

# Without the extension nothing of it is left.
$node->safe_psql('restored', 'DROP EXTENSION bounce_ext CASCADE');
is($node->safe_psql('restored', q{SELECT count(*) FROM pg_trigger WHERE tgname LIKE '%bounce%'}), '0', 'no trigger is left');
is($node->safe_psql('restored', q{INSERT INTO "The Shop".outbox VALUES ('no address') RETURNING status}), 'queued', 'no guard is left');

#
# Logical replication: with "always" the triggers fire for rows that are applied
#
my $subscriber = new_node('subscriber', 0);
my $tables = q{
	CREATE TABLE log (id integer PRIMARY KEY, rcpt text, answer text);
	CREATE TABLE contact (id integer PRIMARY KEY, email text, until timestamptz);
	CREATE TABLE outbox (id integer PRIMARY KEY, email text, status text DEFAULT 'queued');
	CREATE TABLE plain (id integer PRIMARY KEY, email text, until timestamptz);
};
$_->safe_psql('postgres', $tables) foreach $node, $subscriber;
$node->safe_psql('postgres', q{
	INSERT INTO log VALUES (1, 'first@apply.example', '550 5.1.1 User unknown');
	CREATE PUBLICATION everything FOR ALL TABLES});
$subscriber->safe_psql(
	'postgres', q{
	CREATE EXTENSION bounce_ext;
	SELECT bounce.watch_deliveries('log', 'rcpt', 'answer', always => true);
	SELECT bounce.quarantine_contacts('contact', 'email', 'until', always => true);
	SELECT bounce.quarantine_contacts('plain', 'email', 'until');
	SELECT bounce.guard_outbox('outbox', 'email', status_column => 'status', on_suppressed => 'mark', always => true);
});
my $connection = $node->connstr . ' dbname=postgres';
$subscriber->safe_psql('postgres', "CREATE SUBSCRIPTION everything CONNECTION '$connection' PUBLICATION everything");
$subscriber->wait_for_subscription_sync($node, 'everything');
is($subscriber->safe_psql('postgres', q{SELECT step FROM bounce.suppression WHERE address = 'first@apply.example'}),
	'1', 'rows of the first copy are told');

$node->safe_psql(
	'postgres', q{
	INSERT INTO log VALUES (2, 'bob@apply.example', '550 5.1.1 User unknown'), (3, 'ann@apply.example', '250 OK');
	INSERT INTO contact VALUES (1, 'bob@apply.example', NULL), (2, 'ann@apply.example', 'infinity');
	INSERT INTO plain VALUES (1, 'first@apply.example', NULL);
	INSERT INTO outbox VALUES (1, 'bob@apply.example'), (2, 'ann@apply.example'), (3, 'carl@apply.example');
	INSERT INTO log VALUES (4, 'carl@apply.example', '550 5.1.1 User unknown');
	UPDATE contact SET email = 'carl@apply.example' WHERE id = 2;
	UPDATE outbox SET status = 'sending'});
$node->wait_for_catchup('everything');
is( $subscriber->safe_psql('postgres', q{SELECT recipient, class FROM bounce.delivery_event WHERE source <> 'guard' ORDER BY 1}),
	"ann\@apply.example|ok:delivered\nbob\@apply.example|hard:user_unknown\ncarl\@apply.example|hard:user_unknown\nfirst\@apply.example|hard:user_unknown",
	'each applied row is told once');
is( $subscriber->safe_psql('postgres', q{SELECT id, until > now() FROM contact ORDER BY id}),
	"1|t\n2|t", 'applied contacts are quarantined');
is( $subscriber->safe_psql('postgres', q{SELECT until IS NULL FROM plain}), 't', 'without "always" they wait for the next change of their suppression');
is( $subscriber->safe_psql('postgres', q{SELECT id, status FROM outbox ORDER BY id}),
	"1|suppressed\n2|sending\n3|suppressed", 'applied rows are guarded');
is( $subscriber->safe_psql('postgres', q{SELECT recipient, count(*) FROM bounce.delivery_event WHERE source = 'guard' GROUP BY 1 ORDER BY 1}),
	"bob\@apply.example|2\ncarl\@apply.example|1", 'and their attempts logged');
is( $subscriber->safe_psql('postgres', q{SELECT address, step FROM bounce.suppression WHERE address <> 'first@apply.example' ORDER BY 1}),
	"bob\@apply.example|3\ncarl\@apply.example|2", 'and the leases climb');

$subscriber->stop;
$node->stop;
done_testing();
