# Site rules on a hot standby: they follow the primary, also in a session that has
# read them before.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1);
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

my $question = q{SELECT 'answer ' || bounce.classify_here('554 Refused by shield K9')::text};
my $without = $primary->safe_psql('postgres', $question);
my $asking = $standby->can('background_psql') ? $standby->background_psql('postgres') : undef;

# Early minor releases keep the newline.
sub asked_there
{
	my ($sql) = @_;
	my $answer = $asking->query_safe($sql);
	chomp $answer;
	return $answer;
}

is($standby->safe_psql('postgres', $question), $without, 'the standby answers like the primary');
is(asked_there($question), $without, 'also in a session that goes on') if $asking;

foreach my $change (
	[ q{INSERT INTO bounce.site_rule (pattern, class) VALUES ('shield k[0-9]', 'block:geo_blocked')}, 'answer block:geo_blocked' ],
	[ q{UPDATE bounce.site_rule SET class = 'soft:delayed'}, 'answer soft:delayed' ],
	[ 'TRUNCATE bounce.site_rule', $without ])
{
	my ($statement, $answer) = @$change;
	$primary->safe_psql('postgres', $statement);
	catch_up();
	is($standby->safe_psql('postgres', $question), $answer, "after $statement");
	is(asked_there($question), $answer, '... in the session that goes on') if $asking;
}
$asking->quit if $asking;

my ($status, $stdout, $stderr) = $standby->psql('postgres', q{CALL bounce.reclassify('2023-01-01')});
isnt($status, 0, 'the log cannot be reclassified there');
like($stderr, qr/cannot execute bounce\.reclassify\(\) (?:in a read-only transaction|during recovery)/, '... with the reason');
is($standby->safe_psql('postgres', q{SELECT count(*) FROM bounce.test_rule('shield')}), '0', 'but a rule can be tried');

done_testing();
