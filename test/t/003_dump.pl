# 003_dump.pl
#	pg_dump carries all state: what is restored is what was dumped, and goes on working.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--no-locale' ]);
$node->append_conf('postgresql.conf', "timezone = 'UTC'");
$node->start;
$node->safe_psql('postgres', "CREATE DATABASE $_") foreach qw(shop restored);

# One of everything: a lease that climbed, one that ended, a complaint, a full mailbox
# that only counts, a success, a line that is no event; suppressions by hand, of an
# address and of a domain; a choice; a policy of one's own; attached tables.
$node->safe_psql(
	'shop', q{
	CREATE EXTENSION bounce_ext;
	INSERT INTO bounce.topic (topic, kind) VALUES ('news', 'marketing'), ('receipts', 'transactional');
	UPDATE bounce.topic SET max_messages = 1, per = '1 day' WHERE topic = 'receipts';
	SELECT bounce.record_attempt('dora@dump.example', 'receipts');
	INSERT INTO bounce.policy (profile, severity, reason, effect, ladder)
		SELECT 'mine', severity, reason, effect, ladder FROM bounce.policy
		WHERE profile = 'default' AND threshold IS NULL AND memory IS NULL AND max_total IS NULL AND topic_kind IS NULL;
	SELECT bounce.use_profile('mine');
	SELECT bounce.use_profile('default');
	INSERT INTO bounce.delivery_event (recipient, occurred_at, topic, response) VALUES
		('ann@dump.example', now() - interval '30 hours', 'news', '550 5.1.1 User unknown'),
		('ann@dump.example', now() - interval '20 hours', 'news', '550 5.1.1 User unknown'),
		('bob@dump.example', '2026-01-05 10:00+00', 'news', '550 5.1.1 User unknown'),
		('carl@dump.example', now() - interval '3 hours', 'news', '452 4.2.2 Mailbox full'),
		('dora@dump.example', now() - interval '3 hours', 'news', '250 2.0.0 OK'),
		('dump.example', now(), 'news', '550 5.1.1 User unknown');
	INSERT INTO bounce.delivery_event (recipient, class, topic) VALUES ('emil@dump.example', 'complaint:complaint_abuse', 'news');
	SELECT bounce.record_attempt('ann@dump.example', 'news');
	SELECT bounce.sweep();
	SELECT bounce.suppress('fred@dump.example', note => 'by phone');
	SELECT bounce.suppress('gina@dump.example');
	SELECT bounce.release('gina@dump.example');
	SELECT bounce.suppress_domain('*.blocked.example');
	SELECT bounce.unsubscribe('dora@dump.example', 'news');
	INSERT INTO bounce.topic (topic, opt_in) VALUES ('club', 'double');
	INSERT INTO bounce.topic_text (topic, language, title) VALUES ('club', 'fr', 'Le club');
	SELECT bounce.subscribe('hans@dump.example', 'club', evidence => '{"text": "Ja, schreibt mir öfter"}');
	SELECT bounce.confirm('hans@dump.example', 'club');
	SELECT bounce.snooze('hans@dump.example', 'club', until => now() + interval '1 day');
	CREATE TABLE contact (email text, quarantined_until timestamptz);
	SELECT bounce.quarantine_contacts('contact', 'email', 'quarantined_until');
	INSERT INTO contact VALUES ('ann@dump.example'), ('dora@dump.example');
	CREATE TABLE reader (email text, news_ok boolean);
	INSERT INTO reader VALUES ('dora@dump.example', true), ('hans@dump.example', true);
	SELECT bounce.track_preferences('reader', 'email', '{"news_ok": "news"}');
	CREATE TABLE outbox (email text, topic text);
	SELECT bounce.guard_outbox('outbox', 'email', topic_column => 'topic', on_suppressed => 'skip');
	CREATE TABLE sent (email text, answer text);
	SELECT bounce.watch_deliveries('sent', 'email', 'answer');
	INSERT INTO sent VALUES ('karl@dump.example', '550 5.1.1 User unknown');
	-- Partitions: of this month and the next two, and what was before is gone but for what it left.
	INSERT INTO bounce.setting VALUES ('retention', '1 month');
	SELECT bounce.maintain();
	CREATE TABLE answer (status bounce.smtp_status PRIMARY KEY, class bounce.bounce_class);
	INSERT INTO answer VALUES ('550 5.1.1', 'hard:user_unknown'), ('452', 'soft:mailbox_full');
});

# Every row of every table of the extension and of the application, as text.
sub state_of
{
	my ($dbname) = @_;
	my @tables = split /\n/, $node->safe_psql(
		$dbname, q{
		SELECT oid::regclass FROM pg_class
		WHERE relkind = 'r' AND relnamespace IN ('bounce'::regnamespace, 'public'::regnamespace)
		ORDER BY oid::regclass::text COLLATE "C"});
	return map {
		$_ => $node->safe_psql($dbname, "SELECT t FROM $_ AS t ORDER BY t::text COLLATE \"C\"")
	} @tables;
}

# Somebody who left and was forgotten.
$node->safe_psql('shop', q{SELECT bounce.unsubscribe('ines@dump.example', 'news'); SELECT bounce.forget('ines@dump.example')});

# A token in a mail that was sent.
my $token = $node->safe_psql('shop', q{SELECT bounce.make_token('dora@dump.example', 'receipts')});

my %dumped = state_of('shop');
foreach my $table (qw(rejected_input fold_base log_horizon suppression suppression_history
	domain_suppression preference consent_log topic pace secret_key digest_suppression))
{
	isnt($dumped{"bounce.$table"}, '', "there is something in bounce.$table");
}

# A partition is restored as what it was made from: rows of the default partition.
sub gather_log
{
	my ($state) = @_;
	$state->{log} = join "\n", sort grep { $_ ne '' } map { split /\n/, delete $state->{$_} } grep { /^bounce.delivery_event/ } sort keys %$state;
	return;
}
is(scalar(grep { /delivery_event_\d+/ } keys %dumped), 3, 'the log has partitions');
gather_log(\%dumped);
cmp_ok(scalar(() = $dumped{log} =~ /\n/g), '>', 3, 'with events in them');

my $dump = $node->basedir . '/shop.dump';
my @connection = ('-h', $node->host, '-p', $node->port);
command_ok([ 'pg_dump', '-Fc', '-f', $dump, @connection, 'shop' ], 'pg_dump');
command_ok([ 'pg_restore', '--exit-on-error', '-d', 'restored', @connection, $dump ], 'pg_restore');

my %restored = state_of('restored');
gather_log(\%restored);
is_deeply([ sort keys %restored ], [ sort keys %dumped ], 'the same tables');
is($restored{$_}, $dumped{$_}, "$_ came back as it was") foreach sort keys %dumped;

# Schema and data apart: with triggers off nothing is told, guarded or tracked again.
$node->safe_psql('postgres', 'CREATE DATABASE apart');
command_ok([ 'pg_restore', '--exit-on-error', '--schema-only', '-d', 'apart', @connection, $dump ], 'pg_restore --schema-only');
command_ok([ 'pg_restore', '--exit-on-error', '--data-only', '--disable-triggers', '-d', 'apart', @connection, $dump ],
	'pg_restore --data-only --disable-triggers');
my %apart = state_of('apart');
gather_log(\%apart);
is_deeply(\%apart, \%dumped, 'the same state');

# It goes on from there.
is($node->safe_psql('restored', 'SELECT count(*) FROM bounce.verify_consent_log()'), '0', 'the record of consent is what was put on record');
is( $node->safe_psql(
		'restored', q{SET timezone = 'Asia/Tokyo'; SET datestyle = 'German'; SET intervalstyle = 'iso_8601'; SELECT count(*) FROM bounce.verify_consent_log()}),
	'0', 'whatever the session is set to');
# Evidence is text: its hash is that of its UTF-8, whatever the encoding of the database.
$node->safe_psql('postgres', q{CREATE DATABASE latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0});
command_ok([ 'pg_restore', '--exit-on-error', '-d', 'latin1', @connection, $dump ], 'pg_restore into LATIN1');
is($node->safe_psql('latin1', q{SELECT count(*) FROM bounce.verify_consent_log()}), '0', 'the record is the same there');
is( $node->safe_psql('latin1', q{SET client_encoding = 'UTF8'; SELECT evidence ->> 'text' FROM bounce.consent_log WHERE evidence ? 'text'}),
	"Ja, schreibt mir \xc3\xb6fter",
	'in other bytes');
is( $node->safe_psql(
		'restored', q{SELECT agreed, state, number FROM bounce.consent_proof('hans@dump.example', 'club')}),
	'f|snoozed|3', 'and proves the same');
is($node->safe_psql('restored', 'SELECT bounce.rebuild_suppressions()'), '0', 'the log leads to the same suppressions');
is($node->safe_psql('restored', q{SELECT count(*), sum(events) = (SELECT count(*) FROM bounce.delivery_event) FROM bounce.maintain()}),
	'3|t', 'the partitions are there again, with their events');
is( $node->safe_psql(
		'restored', q{
		SELECT bounce.is_suppressed(address) FROM unnest(ARRAY['ann@dump.example', 'fred@dump.example',
			'x@mail.blocked.example', 'dora@dump.example', 'bob@dump.example']) AS address}),
	"t\nt\nt\nf\nf",
	'the answers are the same');
$node->safe_psql(
	'restored', q{
	INSERT INTO bounce.delivery_event (recipient, response) VALUES ('dora@dump.example', '550 5.1.1 User unknown');
	INSERT INTO outbox VALUES ('ann@dump.example', 'news'), ('hans@dump.example', 'news')});
is( $node->safe_psql('restored', q{SELECT email FROM contact WHERE quarantined_until > now() ORDER BY 1}),
	"ann\@dump.example\ndora\@dump.example",
	'a new bounce quarantines its contact');
is($node->safe_psql('restored', q{SELECT bounce.record_attempt('dora@dump.example', 'receipts')}), 'suppressed', 'a cap counts what went out before');
is($node->safe_psql('restored', 'SELECT * FROM reader ORDER BY 1'), "dora\@dump.example|f\nhans\@dump.example|t", 'what stood before an import stands');
$node->safe_psql('restored', q{UPDATE reader SET news_ok = false WHERE email = 'hans@dump.example'; SELECT bounce.subscribe('dora@dump.example', 'news')});
is($node->safe_psql('restored', 'SELECT * FROM reader ORDER BY 1'), "dora\@dump.example|t\nhans\@dump.example|f", 'opt-in columns follow preferences');
is($node->safe_psql('restored', q{SELECT state FROM bounce.preference WHERE address = 'hans@dump.example' AND topic = 'news'}), 'unsubscribed', 'and preferences them');
is($node->safe_psql('restored', 'SELECT email FROM outbox'), 'hans@dump.example', 'the outbox is guarded');
is($node->safe_psql('restored', q{SELECT bounce.is_suppressed('ines@dump.example', 'news'), bounce.is_suppressed('ines@dump.example', 'receipts')}),
	't|f', 'who was forgotten still gets no mail they refused');
is($node->safe_psql('restored', "SELECT bounce.unsubscribe_one_click('$token')"), 't', 'links in mails that were sent work');

$node->stop;
done_testing();
