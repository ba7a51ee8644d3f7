# bounce_ext: list hygiene in PostgreSQL.  Targets for people: demo, check, bench, install.

EXTENSION = bounce_ext
MODULE_big = bounce_ext
EXTVERSION = 1.0
PG_CONFIG ?= pg_config

# The extension script, joined in the order a reader needs.
SQL_PARTS = schema smtp_status bounce_class classify address lease setting \
	policy topic event suppression ask consent manual attach maintain privileges
SQL_FILES = $(wildcard $(SQL_PARTS:%=sql/%.sql))

DATA_built = bounce_ext--$(EXTVERSION).sql
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c src/core/*.c)))
PG_CPPFLAGS = -I$(CURDIR)/src -I$(CURDIR)/src/core
PG_CFLAGS = -std=gnu11 -Wall -Wextra -Werror -Wno-unused-parameter -Wno-declaration-after-statement
SHLIB_LINK = -lidn2

REGRESS = $(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql)))
REGRESS_OPTS = --inputdir=test --outputdir=. --load-extension=bounce_ext
ISOLATION = $(patsubst test/specs/%.spec,%,$(sort $(wildcard test/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test --outputdir=. --load-extension=bounce_ext

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

bounce_ext--$(EXTVERSION).sql: $(SQL_FILES) Makefile
	{ printf '%s\n' '\echo Use "CREATE EXTENSION bounce_ext" to load this file. \quit'; cat $(SQL_FILES); } > $@
