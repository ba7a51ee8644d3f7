# Asking on a hot standby: the same answers and reasons as on the primary, and
# they follow it.  What writes says that it cannot.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1);
$primary->append_conf('postgresql.conf', "timezone = 'UTC'");
$primary->start;
$primary->safe_psql('postgres', 'CREATE EXTENSION bounce_ext');
$primary->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'copy', has_streaming => 1);
$standby->start;

sub catch_up
{
	$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));
	return;
}

my $question = q{
	SELECT address, topic, bounce.is_suppressed(address, topic)
	FROM unnest(ARRAY['bounced@standby.example', 'fine@standby.example', 'a@no.standby.example',
			'left@standby.example', 'gone@standby.example', 'no address']) AS address,
		unnest(ARRAY[NULL, 'news', 'receipts']) AS topic
};
my $reasons = "SELECT q.address, q.topic, y FROM ($question) AS q, bounce.why_suppressed(q.address, q.topic) AS y";

# One session that asks throughout: what it remembers must follow the primary.
my $asking = $standby->can('background_psql') ? $standby->background_psql('postgres') : undef;

# Early minor releases keep the newline.
sub asked_there
{
	my ($sql) = @_;
	my $answer = $asking->query_safe($sql);
	chomp $answer;
	return $answer;
}
my $yes = q{SELECT 'answer ' || bounce.is_suppressed('a@no.standby.example')};

is($standby->safe_psql('postgres', $yes), 'answer false', 'nothing is suppressed yet');
is(asked_there($yes), 'answer false', 'nor in a session that goes on') if $asking;

$primary->safe_psql('postgres', q{
	INSERT INTO bounce.delivery_event (recipient, response) VALUES ('bounced@standby.example', '550 5.1.1 User unknown');
	INSERT INTO bounce.domain_suppression (domain) VALUES ('no.standby.example');
	INSERT INTO bounce.digest_suppression (digest) SELECT 'sha256:' || encode(sha256('gone@standby.example'), 'hex');
	INSERT INTO bounce.topic (topic, kind) VALUES ('receipts', 'transactional');
});
$primary->safe_psql('postgres', q{SELECT bounce.unsubscribe('left@standby.example', 'news')});
catch_up();
is($standby->safe_psql('postgres', $yes), 'answer true', 'what was suppressed on the primary is suppressed');
if ($asking)
{
	is(asked_there($yes), 'answer true', 'also in a session that found the table empty before');
	$asking->quit;
}
my $answers = $primary->safe_psql('postgres', $question);
is(scalar(() = $answers =~ /\|t$/mg), 13, 'the primary suppresses what it should');
is($standby->safe_psql('postgres', $question), $answers, 'the standby answers the same');
my $past = "SELECT q.address, q.topic, bounce.was_suppressed(q.address, now(), q.topic) FROM ($question) AS q";
is($standby->safe_psql('postgres', $past), $answers, 'so does the question about the past');
my $reports = q{
	SELECT mails, leases FROM bounce.simulate('default', '-infinity', 'infinity');
	SELECT count(*) FROM bounce.policy_check();
	SELECT count(*) FROM bounce.domain_findings();
};
is($standby->safe_psql('postgres', $reports), "1|1\n0\n0", 'what only reads the log and the policy runs there');
my ($status, $out, $error) = $standby->psql('postgres', 'SELECT bounce.suppress_found_domains()');
like($error, qr/cannot execute bounce.suppress_found_domains\(\) in a read-only transaction/, 'what writes says that it cannot');
is($standby->safe_psql('postgres', $reasons), $primary->safe_psql('postgres', $reasons), 'for the same reasons');

# Tokens are made and opened there, once the primary has made their key.
my $make = q{SELECT bounce.make_token('fine@standby.example', 'news')};
($status, $out, $error) = $standby->psql('postgres', $make);
like($error, qr/there is no key of purpose "token" yet, and nothing can be written here/, 'the first token is not made on a standby');
my $token = $primary->safe_psql('postgres', $make);
catch_up();
is($standby->safe_psql('postgres', $make), $token, 'later ones are the same as on the primary');
is($standby->safe_psql('postgres', "SELECT address FROM bounce.open_token('$token')"), 'fine@standby.example', 'and are opened');

# Who is forgotten stays suppressed there, by a keyed digest, one by one and for many at once.
$primary->safe_psql('postgres', q{SELECT count(*) FROM bounce.forget('left@standby.example')});
catch_up();
is($standby->safe_psql('postgres', $question), $answers, 'who was forgotten is suppressed as before');
is( $standby->safe_psql('postgres', q{SELECT count(*) FILTER (WHERE bounce.is_suppressed(CASE n % 1000 WHEN 0 THEN 'left' ELSE 'x' || n END || '@standby.example', 'news')) FROM generate_series(1, 5000) AS n}),
	'5', 'so when many are asked about');

# What people said, what proves it, and whom a topic goes to.
$primary->safe_psql('postgres', q{
	INSERT INTO bounce.topic (topic, opt_in, max_messages, per) VALUES ('club', 'double', 1, '1 day'), ('news', 'none', NULL, NULL);
	SELECT bounce.subscribe('club@standby.example', 'club');
	SELECT bounce.confirm('club@standby.example', 'club');
	SELECT bounce.record_attempt('club@standby.example', 'club');
	CREATE TABLE contact (email text, ok boolean);
	SELECT bounce.track_preferences('contact', 'email', '{"ok": "news"}');
	INSERT INTO contact VALUES ('left@standby.example', NULL), ('new@standby.example', NULL)});
catch_up();
my $consent = q{
	SELECT topic, state, mail_flows, why_not FROM bounce.preferences('club@standby.example') WHERE topic = 'club';
	SELECT 'club', address FROM bounce.audience('club');
	SELECT 'news', address FROM bounce.audience('news') WHERE address ~ '^(left|new)@';
	SELECT agreed, state FROM bounce.consent_proof('club@standby.example', 'club');
	SELECT count(*) FROM bounce.verify_consent_log();
	SELECT jsonb_array_length(bounce.person_data('club@standby.example') -> 'consent_log')};
my $said = "club|subscribed|f|{capped}\nclub|club\@standby.example\nnews|new\@standby.example\nt|subscribed\n0\n2";
is($primary->safe_psql('postgres', $consent), $said, 'consent on the primary');
is($standby->safe_psql('postgres', $consent), $said, 'and the same on the standby');

# Through SQL as well.
$primary->safe_psql('postgres', 'CREATE TABLE child () INHERITS (bounce.suppression)');
catch_up();
is($standby->safe_psql('postgres', $question), $answers, 'the same when a table is read through SQL');

# Every function that may write is called with something of the right type in each
# argument, and names itself in the refusal; what only reads is listed here.
my %reads = map { $_ => 1 } qw(is_suppressed why_suppressed was_suppressed classify_here diagnose_here quarantined
	attachment_options audience capped_until consent_proof domain_findings list_unsubscribe make_token open_token person_data
	policy_check preferences simulate test_rule verify_consent_log);
my %value = (
	'text' => "'x'", 'text[]' => "'{x}'", 'boolean' => 'true', 'integer' => '1', 'bigint' => '1', 'smallint' => '1',
	'timestamp with time zone' => "'2026-01-01 00:00+00'", 'interval' => "'1 day'", 'interval[]' => "'{1 day}'",
	'jsonb' => "'{}'", 'json' => "'{}'", 'bytea' => "'x'", 'name' => "'x'", 'uuid' => 'gen_random_uuid()',
	'regclass' => "'bounce.topic'", 'regrole' => 'current_user::regrole', 'inet' => "'192.0.2.1'",
	'bounce.smtp_status' => "'550'", 'bounce.status_pattern' => "'5.7.x'", 'bounce.bounce_class' => "'hard:user_unknown'");
my $functions = $standby->safe_psql('postgres', q{
	SELECT p.proname, CASE p.prokind WHEN 'p' THEN 'CALL' ELSE 'SELECT' END, array_to_string(ARRAY(
			SELECT format_type(t, NULL) FROM unnest(p.proargtypes) WITH ORDINALITY AS a (t, n) ORDER BY n), ',')
	FROM pg_proc AS p JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
		JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'bounce_ext'
	WHERE p.provolatile <> 'i' AND p.prorettype <> 'trigger'::regtype
	ORDER BY 1, 3});
my $written = 0;
foreach my $function (split /\n/, $functions)
{
	my ($name, $verb, $types) = split /\|/, $function, -1;
	next if $reads{$name};
	my @unknown = grep { !defined $value{$_} } split /,/, $types;
	is("@unknown", '', "$name: there is a value for each type") or next;
	my $call = "bounce.$name(" . join(', ', map { "$value{$_}::$_" } split /,/, $types) . ')';
	my ($status, $stdout, $stderr) = $standby->psql('postgres', "\\set VERBOSITY verbose\n$verb $call");
	like($stderr, qr/25006: cannot execute bounce\.$name\(\) in a read-only transaction/, "$name says that it cannot");
	$written++;
}
cmp_ok($written, '>', 15, 'there are functions that write');
foreach my $statement (
	"INSERT INTO bounce.delivery_event (recipient, response) VALUES ('a\@standby.example', '550')",
	"COPY bounce.delivery_event (recipient, response) FROM stdin")
{
	my ($status, $stdout, $stderr) = $standby->psql('postgres', $statement);
	like($stderr, qr/cannot execute (INSERT in a read-only transaction|COPY during recovery|COPY FROM)/, "so does the log: $statement");
}

done_testing();
