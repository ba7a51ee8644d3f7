# 001_install.pl
#	Installing without superuser rights, removing without a trace, dump and restore.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;

# The owner of a database, who is nothing else.
$node->safe_psql('postgres', 'CREATE ROLE shop LOGIN NOSUPERUSER NOCREATEROLE');
$node->safe_psql('postgres', "CREATE DATABASE $_ OWNER shop")
  foreach qw(shop restored again);

my @as_shop = (extra_params => [ '-U', 'shop' ]);

sub as_shop
{
	my ($dbname, $sql) = @_;
	return $node->safe_psql($dbname, $sql, @as_shop);
}

# How many rows each catalog has that an extension could leave something in.
sub catalog_sizes
{
	my @catalogs = qw(
	  pg_namespace pg_class pg_attribute pg_attrdef pg_constraint pg_index
	  pg_inherits pg_type pg_enum pg_range pg_proc pg_aggregate pg_operator
	  pg_opclass pg_opfamily pg_amop pg_amproc pg_cast pg_trigger pg_rewrite
	  pg_event_trigger pg_policy pg_sequence pg_statistic_ext pg_description
	  pg_depend pg_shdepend pg_init_privs pg_default_acl pg_extension
	  pg_db_role_setting pg_roles);
	return $node->safe_psql(
		'shop',
		join(' UNION ALL ',
			map { "SELECT '$_', pg_catalog.count(*) FROM pg_catalog.$_" }
			  @catalogs));
}

sub installed_version
{
	my ($dbname) = @_;
	return $node->safe_psql($dbname,
		"SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'bounce_ext'"
	);
}

# A trusted extension: the database's owner may install it.
my $before = catalog_sizes();
as_shop('shop', 'CREATE EXTENSION bounce_ext');
is(installed_version('shop'), '1.0', 'the owner of a database can install');

my ($status, $stdout, $stderr) =
  $node->psql('shop', 'CREATE EXTENSION bounce_ext', @as_shop);
isnt($status, 0, 'a second installation is refused');
like($stderr, qr/extension "bounce_ext" already exists/, '... with the reason');

# All that the script makes belongs to it, and so do the partitions of the log: all of it goes.
as_shop('shop', 'SELECT bounce.maintain()');
as_shop('shop', 'DROP EXTENSION bounce_ext CASCADE');
is(catalog_sizes(), $before, 'removing it leaves nothing behind');

as_shop('shop', 'CREATE EXTENSION bounce_ext');
is(installed_version('shop'), '1.0', 'it can be installed again');

# A session of a pool, which has plans, goes on with what is there now.
my $again = q{SELECT bounce.record_event('ann@example.com', '550 5.1.1 User unknown'); SELECT step FROM bounce.suppression;
	SELECT bounce.domain_findings(threshold => 2); SELECT cause FROM bounce.why_suppressed('ann@example.com');
	DROP EXTENSION bounce_ext; CREATE EXTENSION bounce_ext;};
is(as_shop('shop', $again . $again), join("\n", ("hard:user_unknown\n1\nlease") x 2), '... in a session that used it before');

# The schema is the extension's own: an application's schema is not taken over.
as_shop('restored', 'CREATE SCHEMA bounce');
($status, $stdout, $stderr) =
  $node->psql('restored', 'CREATE EXTENSION bounce_ext', @as_shop);
isnt($status, 0, 'an existing schema "bounce" is not taken over');
like($stderr, qr/schema "bounce" already exists/, '... with the reason');
as_shop('restored', 'DROP SCHEMA bounce');

# Its owner may do everything with it.
as_shop(
	'shop', q{
	INSERT INTO bounce.topic (topic, kind) VALUES ('news', 'marketing');
	INSERT INTO bounce.delivery_event (recipient, response) VALUES ('ann@example.com', '550 5.1.1 User unknown');
	SELECT bounce.unsubscribe('bob@example.com', 'news');
	SELECT bounce.maintain()});
my $answers = q{SELECT bounce.is_suppressed('ann@example.com'), bounce.is_suppressed('bob@example.com', 'news'),
	(SELECT count(*) FROM bounce.delivery_event), (SELECT count(*) FROM bounce.suppression)};
is(as_shop('shop', $answers), 't|t|1|1', 'the owner can tell and ask');

# Nobody else may do anything with its state.
$node->safe_psql('postgres', 'CREATE ROLE stranger LOGIN');
($status, $stdout, $stderr) =
  $node->psql('shop', q{SELECT bounce.is_suppressed('ann@example.com')}, extra_params => [ '-U', 'stranger' ]);
like($stderr, qr/permission denied for function is_suppressed/, 'a stranger cannot ask');
($status, $stdout, $stderr) =
  $node->psql('shop', 'SELECT * FROM bounce.suppression', extra_params => [ '-U', 'stranger' ]);
like($stderr, qr/permission denied for table suppression/, 'a stranger cannot look');
is( $node->safe_psql(
		'shop',
		q{SELECT bounce.classify('550 5.1.1 User unknown')},
		extra_params => [ '-U', 'stranger' ]),
	'hard:user_unknown',
	'a stranger can use what is pure');

# Dump and restore, both by the owner of the database.
as_shop('shop', q{SELECT bounce.grant_access('stranger', 'sender')});
as_shop('shop', q{CREATE MATERIALIZED VIEW mailed AS SELECT bounce.is_suppressed('ann@example.com') AS ann, (SELECT count(*) FROM bounce.suppressed) AS suppressed});
my $dump = $node->basedir . '/shop.dump';
my @connection = ('-h', $node->host, '-p', $node->port, '-U', 'shop');
command_ok([ 'pg_dump', '-Fc', '-f', $dump, @connection, 'shop' ],
	'the owner can dump');
command_ok(
	[ 'pg_restore', '--exit-on-error', '-d', 'restored', @connection, $dump ],
	'the owner can restore');
is(installed_version('restored'), '1.0', 'it is there after a restore');
is(as_shop('restored', $answers), 't|t|1|1', '... with its state');
my $may_ask = q{SELECT has_function_privilege('%s', 'bounce.is_suppressed(text, text, timestamptz)', 'EXECUTE')};
is(as_shop('restored', sprintf($may_ask, 'stranger')), 'f', '... but what others may do is not an owner\'s to restore,');
as_shop('restored', q{SELECT bounce.grant_access('stranger', 'sender')});
is(as_shop('restored', sprintf($may_ask, 'stranger')), 't', '... only to give');

# Restored by a superuser, the extension is the superuser's: it is for him to give access.
my @superuser = ('-h', $node->host, '-p', $node->port);
command_ok([ 'pg_restore', '--exit-on-error', '-d', 'again', @superuser, $dump ], 'a superuser can restore');
is($node->safe_psql('again', sprintf($may_ask, 'stranger')), 't', 'others may do what they could,');
is(as_shop('again', $answers), 't|t|1|1', '... and the former owner');
is(as_shop('again', 'SELECT * FROM mailed'), 't|1', '... whose views are filled');
($status, $stdout, $stderr) = $node->psql('again', q{SELECT bounce.grant_access('stranger', 'operator')}, @as_shop);
like($stderr, qr/must be owner of extension/, '... but does not give access');

$node->stop;
done_testing();
