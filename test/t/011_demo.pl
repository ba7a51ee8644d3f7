# 011_demo.pl
#	The demo on its own data, and on files as people have them.

use strict;
use warnings;

use Encode qw(decode);
use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = "$FindBin::RealBin/../..";

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--no-locale' ]);
$node->append_conf('postgresql.conf', "timezone = 'UTC'");
$node->start;

my $databases = 0;

# Runs the demo on a file in a database of its own: (database, exit status, output).
sub demo
{
	my ($input) = @_;
	my $database = 'demo' . ++$databases;
	my $output;
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	local @ENV{qw(PGHOST PGPORT PGDATABASE INPUT)} = ($node->host, $node->port, $database, $input);
	IPC::Run::run([ 'bash', "$top/test/demo/run" ], '<', '/dev/null', '>', \$output, '2>&1');
	return ($database, $? >> 8, $output);
}

sub file_with
{
	my ($bytes) = @_;
	my $path = PostgreSQL::Test::Utils::tempdir() . '/log.tsv';
	open(my $file, '>:raw', $path) or die $!;
	print $file $bytes;
	close $file;
	return $path;
}

sub rows
{
	my ($database, $sql) = @_;
	return $node->safe_psql($database, $sql);
}

# --- the data ---------------------------------------------------------------

foreach my $what (qw(log complaints))
{
	my $file = $what eq 'log' ? 'delivery_log.tsv' : 'complaints.tsv';
	my $made;
	IPC::Run::run([ 'sh', "$top/test/data/make_week", $what ], '>', \$made);
	ok($made eq slurp_file("$top/test/data/$file"), "make_week makes $file");
}
cmp_ok(() = slurp_file("$top/test/data/delivery_log.tsv") =~ /\n/g, '>=', 2000, 'the log is a real one');

# --- the fictional week -----------------------------------------------------

my ($database, $status, $output) = demo('');
is($status, 0, 'the demo ends well') or diag($output);
like($output, qr/^$_\. \w/m, "the demo has part $_") foreach 1 .. 7;
unlike($output, qr/ERROR|WARNING/, 'the demo is not in trouble');
is((grep { length(decode('UTF-8', $_)) > 100 } split /\n/, $output), 0, 'the demo fits into 100 columns');
like($output, qr/^Next: /m, 'the demo says what to try next');

cmp_ok(rows($database, 'SELECT count(*) FROM bounce.rejected_input'), '>=', 20, 'broken lines are kept with their reasons');
is( rows($database, 'SELECT bool_and(quarantined_until = s.expires_at) FROM shop.contact AS c JOIN bounce.suppression AS s ON s.address = c.email AND s.cause = $$lease$$ WHERE s.expires_at > now()'),
	't', 'quarantine says what the leases say');
is( rows($database, q{SELECT count(*) FROM shop.outbox AS o WHERE subject = 'Spring is here' AND bounce.is_suppressed(o.email)}),
	'1', 'nobody suppressed is in the queue, but who unsubscribed later');

# --- files of all sorts -----------------------------------------------------

($database, $status, $output) = demo(file_with(
	"\xEF\xBB\xBFOccurred_At\tX-Ignored\tRecipient\tResponse\r\n"
	  . "2026-01-05T09:00:00.250Z\tx\ta\@quotes.example\t550 5.1.1 \"no\" such 'user' \\N \\. \\t\r\n"
	  . "\\.\r\n"
	  . "\r\n"
	  . "1767603700\tx\tb\@bytes.example\t552 bo\xEEte \x00\x01\x02\x1B[31m pleine\r\n"
	  . "2026-01-05 10:02:00+0100\tx\tc\@utf8.example\t552 bo\xC3\xAEte pleine\r\n"
	  . "2026-02-30 10:00:00\tx\td\@date.example\t550 5.1.1 no\r\n"
	  . "2999-01-01\tx\te\@future.example\t550 5.1.1 no\r\n"
	  . "2026-01-05\tx\tf\@fields.example\t550 5.1.1 no\tmore\tand more\r\n"
	  . "2026-01-05\tx\tnobody\t550 5.1.1 no\r\n"
	  . "2026-01-05\tx\tg\@empty.example\t \r\n"
	  . "2026-01-05 11:00\tx\th\@end.example\t250 ok"));
is($status, 0, 'a file from Windows, with everything in it') or diag($output);
is( rows($database, q{SELECT recipient, response FROM bounce.delivery_event WHERE source = 'log' ORDER BY 1}),
	join("\n",
		q{a@quotes.example|550 5.1.1 "no" such 'user' \N \. \t},
		"b\@bytes.example|552 bo\xC3\xAEte ????[31m pleine",
		"c\@utf8.example|552 bo\xC3\xAEte pleine",
		'h@end.example|250 ok'),
	'every usable line came in as it was');
is( rows($database, q{SELECT min(occurred_at) - max(occurred_at) FROM bounce.delivery_event WHERE source = 'log'}),
	'-01:59:59.75', 'times are in proportion');
is(rows($database, 'SELECT count(*) FROM bounce.rejected_input'), '6', 'every other line is kept');

($database, $status, $output) = demo(file_with("550 5.1.1 User unknown\n452 4.2.2 Mailbox full\n\n"));
is($status, 0, 'responses and nothing else') or diag($output);
is( rows($database, q{SELECT recipient, class FROM bounce.delivery_event WHERE source = 'log' ORDER BY 1}),
	"line-000001\@made-up.example|hard:user_unknown\nline-000002\@made-up.example|soft:mailbox_full",
	'every line gets a recipient of its own');
like($output, qr/No recipients in it/, 'and the demo says so');

($database, $status, $output) = demo(file_with("550 5.1.1 User unknown\ta\@plain.example\n250 ok\tb\@plain.example\n"));
is( rows($database, q{SELECT recipient FROM bounce.delivery_event WHERE source = 'log' ORDER BY 1}),
	"a\@plain.example\nb\@plain.example", 'without a header the second field is the recipient');

($database, $status, $output) = demo(file_with("response\tclass\tlabel\n550 5.1.1 User unknown\tnonsense\tx\n"));
is( rows($database, q{SELECT class FROM bounce.delivery_event WHERE source = 'log'}),
	'hard:user_unknown', 'columns of other names are ignored');

($database, $status, $output) = demo(file_with(''));
is($status, 0, 'an empty file') or diag($output);
($database, $status, $output) = demo(file_with(join '', map { chr($_ % 256) x 3 } 1 .. 5000));
is($status, 0, 'no text at all') or diag($output);

($database, $status, $output) = demo('/nonexistent.tsv');
is($status, 1, 'a file that is not there');
like($output, qr/there is no file "\/nonexistent.tsv"/, 'is named');

done_testing();
