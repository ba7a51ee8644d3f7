# 005_crashes.pl
#	A backend, or the whole server, is killed at 20 random moments of a load; then the
#	whole input is sent again.  What comes out is what an undisturbed load gives.
#
# Two sessions load 200,000 events in batches of 2,000, one COPY each, and go on after
# every crash with the batch that failed.  From the environment:
#   BOUNCE_CRASH_EVENTS, BOUNCE_CRASH_KILLS	more of either
#   BOUNCE_CRASH_SEED							other moments

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

my $events = $ENV{BOUNCE_CRASH_EVENTS} || 200_000;
my $kills = $ENV{BOUNCE_CRASH_KILLS} || 20;
my $seed = $ENV{BOUNCE_CRASH_SEED} || 1;
my $batch_size = 2000;
my $batches = int(($events + $batch_size - 1) / $batch_size);
srand($seed);

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "timezone = 'UTC'\nfsync = off\nrestart_after_crash = on\n");
$node->start;
foreach my $dbname (qw(undisturbed disturbed))
{
	$node->safe_psql('postgres', "CREATE DATABASE $dbname");
	$node->safe_psql($dbname, q{CREATE EXTENSION bounce_ext; SELECT bounce.maintain('2026-01-15')});
}

# Bounces of all sorts between accepted mails, over three months, in no order of time;
# addresses meet in many batches.
my $input = $node->basedir;
$node->safe_psql(
	'undisturbed', qq{
	CREATE TABLE input AS
		SELECT (n - 1) / $batch_size AS batch, 'p' || pick(n, 'who', $events / 10) || '\@crash.example' AS recipient,
			'2026-01-01'::timestamptz + pick(n, 'time', 90 * 86400) * interval '1 second' AS occurred_at,
			(ARRAY['550 5.1.1 User unknown', '452 4.2.2 Mailbox full', '550 5.7.1 Your IP is listed', '250 2.0.0 OK', '250 2.0.0 OK',
				'250 2.0.0 OK', '250 2.0.0 OK', NULL])[1 + pick(n, 'response', 8)] AS response,
			(ARRAY['complaint:complaint_abuse', 'admin:suppressed', 'admin:suppressed']::bounce.bounce_class[])[1 + pick(n, 'class', 3)] AS class,
			CASE WHEN n % 3 > 0 THEN 'm' || n / 2 END AS message_id, n::text AS event_key
		FROM generate_series(1, $events) AS n;
	UPDATE input SET class = NULL WHERE response IS NOT NULL;
	DO \$\$ BEGIN
		FOR i IN 0 .. $batches - 1 LOOP
			EXECUTE format('COPY (SELECT recipient, occurred_at, response, class, message_id, event_key FROM input
				WHERE batch = %s ORDER BY event_key) TO %L', i, '$input/batch' || i);
		END LOOP;
	END \$\$;
	DROP TABLE input} =~ s/pick\((\w+), ('[\w ]+'), ([^)]+)\)/((hashtextextended($2 || $1, 0) & 1073741823) % ($3))::integer/gr);

# The first batch is b, the next b + step, ...: says each one that is done.
sub loader
{
	my ($dbname, $first, $step) = @_;
	my %loader = (dbname => $dbname, first => $first, next => $first, step => $step, out => '', err => '');
	return \%loader;
}

sub load
{
	my ($loader) = @_;
	my $script = "\\set ON_ERROR_STOP on\n";
	for (my $i = $loader->{next}; $i < $batches; $i += $loader->{step})
	{
		$script .= "\\copy bounce.delivery_event (recipient, occurred_at, response, class, message_id, event_key) from '$input/batch$i'\n\\echo done $i\n";
	}
	$loader->{out} = $loader->{err} = '';
	# A file, because what IPC::Run feeds itself waits until somebody pumps.
	my $file = "$input/load$loader->{first}";
	unlink $file;
	append_to_file($file, $script);
	$loader->{run} = IPC::Run::start(
		[ 'psql', '-X', '-q', '-f', $file, '-d', $node->connstr($loader->{dbname}) . ' application_name=loader' ],
		'<', '/dev/null', '>', \$loader->{out}, '2>', \$loader->{err});
	return;
}

# True when it came to its end.
sub loaded
{
	my ($loader) = @_;
	$loader->{run}->finish;
	my @done = $loader->{out} =~ /^done (\d+)$/mg;
	$loader->{next} = $done[-1] + $loader->{step} if @done;
	return $loader->{next} >= $batches;
}

sub load_all
{
	my ($dbname) = @_;
	my $loader = loader($dbname, 0, 1);
	load($loader);
	ok(loaded($loader), "all batches into $dbname") or diag($loader->{err});
	return;
}

sub state_of
{
	my ($dbname) = @_;
	return $node->safe_psql(
		$dbname, q{
		SELECT address, cause, class, status, step, occurrences, starts_at, expires_at, last_event_at FROM bounce.suppression ORDER BY 1, 2;
		SELECT address, cause, class, status, step, occurrences, during, ended_at, ended_by FROM bounce.suppression_history ORDER BY 1, 2, 8;
		SELECT tableoid::regclass, count(*) FROM bounce.delivery_event GROUP BY 1 ORDER BY 1;
		SELECT count(*) FROM bounce.rejected_input});
}

load_all('undisturbed');
my $undisturbed = state_of('undisturbed');
cmp_ok(scalar(() = $undisturbed =~ /\n/g), '>', $events / 20, 'that leaves something');

# --- crashes ------------------------------------------------------------------

sub children_of
{
	my ($pid) = @_;
	return split ' ', slurp_file("/proc/$pid/task/$pid/children");
}

sub postmaster
{
	my ($pid) = split /\n/, slurp_file($node->data_dir . '/postmaster.pid');
	return $pid;
}

# All that the server consists of, by their numbers.
sub kill_server
{
	my $postmaster = postmaster();
	my @children = children_of($postmaster);
	$node->kill9;
	kill 'KILL', @children;
	# Until nothing of it is left, a new one would not start.
	foreach (1 .. 600)
	{
		last unless grep { kill 0, $_ } $postmaster, @children;
		sleep(0.05);
	}
	return;
}

# A backend that loads; the postmaster then ends all others and starts again.
sub kill_backend
{
	foreach my $child (children_of(postmaster()))
	{
		my $title = eval { slurp_file("/proc/$child/cmdline") } // '';
		return kill 'KILL', $child if $title =~ /disturbed .*COPY/;
	}
	return 0;
}

# By psql -c: what is written into a psql that could not connect ends this program.
sub wait_for_server
{
	my @ask = ('psql', '-XAtq', '-c', 'SELECT true', '-d', $node->connstr('disturbed'));
	my ($out, $err);
	foreach (1 .. 1800)
	{
		return if IPC::Run::run(\@ask, '<', '/dev/null', '>', \$out, '2>', \$err);
		sleep(0.1);
	}
	die "the server does not come back: $err";
}

my %killed = (server => 0, backend => 0);
my @loaders = map { loader('disturbed', $_, 2) } 0, 1;
for (my $round = 0; $killed{server} + $killed{backend} < $kills && $round < 5 * $kills; $round++)
{
	# A load that came to its end begins again: its events are in the log.
	foreach my $loader (@loaders)
	{
		$loader->{next} = $loader->{first} if $loader->{next} >= $batches;
		load($loader);
	}
	sleep(0.1 + rand(0.5));
	if ($round % 2)
	{
		kill_server();
		$killed{server}++;
	}
	else
	{
		$killed{backend}++ if kill_backend();
	}
	loaded($_) foreach @loaders;
	$node->start if $round % 2;
	wait_for_server();
}
is($killed{server} + $killed{backend}, $kills, "killed: the server $killed{server} times, a backend $killed{backend} times");
cmp_ok($node->safe_psql('disturbed', 'SELECT count(*) FROM bounce.delivery_event'), '<=', $events, 'no event is there twice');
is($node->safe_psql('disturbed', 'SELECT bounce.rebuild_suppressions()'), '0', 'after all that the leases are those of the log');

load_all('disturbed');
my $disturbed = state_of('disturbed');
ok($disturbed eq $undisturbed, 'after the replay: the state of an undisturbed load, row by row')
  or diag(first_difference($undisturbed, $disturbed));
is($node->safe_psql('disturbed', 'SELECT count(*) FROM bounce.delivery_event'), $events, 'and every event');

sub first_difference
{
	my @one = split /\n/, $_[0];
	my @other = split /\n/, $_[1];
	foreach my $i (0 .. $#one)
	{
		return "row $i: $one[$i]\n     but: " . ($other[$i] // 'nothing') if $one[$i] ne ($other[$i] // '');
	}
	return 'there is more';
}

$node->stop;
done_testing();
