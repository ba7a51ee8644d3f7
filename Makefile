# bounce_ext: list hygiene in PostgreSQL
#
# For people:    make demo     try it, on a throwaway server (INPUT=file.tsv: with your own log)
#                make check    run every test, on a throwaway server
#                make bench    measure, on a throwaway server (BENCH="ask copy": these only)
# For servers:   make, make install, make installcheck (PGXS; PG_CONFIG=... chooses the server)
# For authors:   make format, format-check, core-check, sanitize, valgrind, accuracy, fuzz, setup

.DEFAULT_GOAL := all

EXTENSION = bounce_ext
MODULE_big = bounce_ext
EXTVERSION = 1.0

# The extension script, joined in the order a reader needs.
SQL_PARTS = schema smtp_status status_pattern bounce_class classify site_rule address lease setting \
	policy topic pace event suppression reclassify consent token manual forget ask preferences simulate domain_finding attach maintain privileges
SQL_FILES = $(wildcard $(SQL_PARTS:%=sql/%.sql))
DATA_built = bounce_ext--$(EXTVERSION).sql

# Sources of the core that the build makes itself.
CORE_GENERATED = src/core/rules_table.c src/core/sense_table.c src/core/provider_table.c
# Its loops over bytes and words need the registers, and a tenth more time without the last one.
CORE_OPT = -O2 -fomit-frame-pointer -fno-tree-vectorize
CORE_SOURCES = $(sort $(wildcard src/core/*.c) $(CORE_GENERATED))
SOURCES = $(sort $(wildcard src/*.c)) $(CORE_SOURCES)
ALL_HEADERS = $(wildcard src/*.h src/*.def src/core/*.h src/core/*.def)
OBJS = $(SOURCES:.c=.o)

# make check, and the throwaway server, set this to -Werror.
WERROR =
WARNINGS = -Wall -Wextra -Wno-unused-parameter $(WERROR)
PG_CPPFLAGS = -Isrc -Isrc/core
PG_CFLAGS = -std=gnu11 $(WARNINGS) -Wno-declaration-after-statement
SHLIB_LINK = -lidn2 -lnettle
EXTRA_CLEAN = build .built_for $(CORE_GENERATED)

# Rules, senses and providers are compiled by three small programs; two more check that every
# rule and every sense decides its own example.
GEN_CC = $(CC) -std=gnu11 -O1 $(WARNINGS) -Isrc/core
GEN_CORE = $(addprefix src/core/,response.c character.c status_note.c code_scan.c letters.c view.c window.c byte_class.c markup.c bounce_class.c smtp_status.c)
GEN_CHECK = $(addprefix src/core/,hits.c matcher.c sense.c classify.c hints.c provider.c)

build/gen/mkrules: $(addprefix src/core/gen/,mkrules.c spellings.c word_numbers.c examples.c trie.c write_tables.c rules_file.c) $(GEN_CORE)
build/gen/mksenses: src/core/gen/mksenses.c src/core/gen/senses_file.c $(GEN_CORE)
build/gen/mkproviders: src/core/gen/mkproviders.c
build/gen/checkrules: src/core/gen/checkrules.c src/core/gen/rules_file.c $(GEN_CORE) $(GEN_CHECK) $(CORE_GENERATED)
build/gen/checksenses: src/core/gen/checksenses.c src/core/gen/senses_file.c $(GEN_CORE) $(GEN_CHECK) $(CORE_GENERATED)
build/gen/%: $(ALL_HEADERS) $(wildcard src/core/gen/*.h)
	@mkdir -p $(@D)
	$(GEN_CC) -o $@ $(filter %.c,$^)

.DELETE_ON_ERROR:
src/core/rules_table.c: src/core/rules.tsv build/gen/mkrules
	build/gen/mkrules $< >$@
src/core/sense_table.c: src/core/stems.tsv src/core/senses.tsv build/gen/mksenses
	build/gen/mksenses $(filter %.tsv,$^) >$@
src/core/provider_table.c: src/core/providers.tsv build/gen/mkproviders
	build/gen/mkproviders $< >$@
build/gen/rules.checked: src/core/rules.tsv build/gen/checkrules
	build/gen/checkrules $< && touch $@
build/gen/senses.checked: src/core/stems.tsv src/core/senses.tsv build/gen/checksenses
	build/gen/checksenses $(filter %.tsv,$^) && touch $@

# PostgreSQL 15 looks for sql/ in --outputdir first, and for expected/ beside the tests
# (test/expected is a link), later ones have a name for the latter.
REGRESS := $(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql)))
ISOLATION := $(patsubst test/specs/%.spec,%,$(sort $(wildcard test/specs/*.spec)))
TEST_OPTS = --inputdir=test --outputdir=build $(if $(filter 15,$(MAJORVERSION)),,--expecteddir=.) --load-extension=bounce_ext
REGRESS_OPTS = $(TEST_OPTS) --encoding=UTF8 --no-locale
ISOLATION_OPTS = $(TEST_OPTS)

# ----------------------------------------------------------------------------
# What needs no PGXS.  Asked for together with other goals, each is made in turn:
# PGXS has a "check" of its own, that only refuses.

OWN_GOALS = demo check bench setup format format-check core-tests core-check sanitize valgrind accuracy fuzz fuzz-run
.PHONY: $(OWN_GOALS)

demo: export WERROR =
demo:
	@bash test/setup
	@bash test/throwaway test/demo/run

bench: export WERROR =
bench: export BOUNCE_CONF = $(BENCH_CONF)
bench: export BOUNCE_JIT = yes
bench:
	@bash test/setup
	@bash test/throwaway test/bench/run $(BENCH)

setup:
	@bash test/setup check

format format-check:
	@bash test/format $@

define BENCH_CONF
shared_buffers = 1GB
work_mem = 64MB
maintenance_work_mem = 512MB
max_wal_size = 8GB
checkpoint_timeout = 1h
synchronous_commit = off
full_page_writes = off
wal_init_zero = off
min_wal_size = 4GB
autovacuum = off
endef

# The core is plain C: each test/core/NAME_test.c becomes a program that speaks TAP.
CORE_CC = $(CC) -std=c11 $(CORE_OPT) -g $(WARNINGS) -pedantic $(CORE_FLAGS) -Isrc/core -Itest/core
CORE_BUILD = build/core
CORE_TESTS = $(patsubst test/core/%.c,$(CORE_BUILD)/%,$(wildcard test/core/*_test.c))
CORE_OBJS = $(patsubst src/core/%.c,$(CORE_BUILD)/%.o,$(CORE_SOURCES))

$(CORE_OBJS): $(CORE_BUILD)/%.o: src/core/%.c $(ALL_HEADERS) Makefile
	@mkdir -p $(@D)
	$(CORE_CC) -c -o $@ $<

$(CORE_TESTS): $(CORE_BUILD)/%: test/core/%.c $(CORE_OBJS) $(wildcard test/core/*.h)
	@mkdir -p $(@D)
	$(CORE_CC) -o $@ $< $(CORE_OBJS) -lidn2

core-tests: $(CORE_TESTS)

core-check: core-tests
	@for program in $(CORE_TESTS); do $(CORE_RUN) $$program || exit 1; done

sanitize:
	@$(MAKE) --no-print-directory core-check CORE_BUILD=build/sanitize \
		CORE_FLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all"

valgrind:
	@$(MAKE) --no-print-directory core-check CORE_RUN="valgrind -q --error-exitcode=1 --leak-check=full"

# How right the classifier is on labelled files; collections beside this tree are the default.
FILES = test/data/responses.tsv $(wildcard ../*/corpus/responses.tsv ../*/reference/provider_phrases.tsv)
build/accuracy: test/accuracy.c $(CORE_OBJS)
build/classify_core: test/bench/classify_core.c $(CORE_OBJS)
build/accuracy build/classify_core:
	$(CORE_CC) -o $@ $^ -lidn2
accuracy: build/accuracy
	@build/accuracy $(FILES)

# Any bytes into what reads them, the same ones each time: make fuzz RUNS=100000000
RUNS = 1000000
FUZZERS = $(patsubst test/fuzz/%.c,$(CORE_BUILD)/%,$(wildcard test/fuzz/*_fuzz.c))
$(FUZZERS): $(CORE_BUILD)/%: test/fuzz/%.c test/fuzz/mutate.c src/domain_to_ascii.c $(CORE_OBJS)
	$(CORE_CC) -Isrc -o $@ $< test/fuzz/mutate.c src/domain_to_ascii.c $(CORE_OBJS) -lidn2
fuzz-run: $(FUZZERS)
	@for program in $(FUZZERS); do echo "$${program##*/}:"; $$program $(RUNS) src/core/rules.tsv || exit 1; done
fuzz:
	@$(MAKE) --no-print-directory -s fuzz-run CORE_BUILD=build/sanitize \
		CORE_FLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all"

ifneq (,$(filter $(OWN_GOALS),$(MAKECMDGOALS)))

check:
	@bash test/check

OTHER_GOALS = $(filter-out $(OWN_GOALS),$(MAKECMDGOALS))
.PHONY: $(OTHER_GOALS)
.NOTPARALLEL:
$(OTHER_GOALS):
	@$(MAKE) --no-print-directory $@

else

# ----------------------------------------------------------------------------
# PGXS

FOUND := $(shell PG_CONFIG='$(PG_CONFIG)' bash test/find-pg-config)

ifeq (,$(FOUND))

.PHONY: all install installcheck uninstall clean distclean maintainer-clean
all install installcheck uninstall:
	@PG_CONFIG='$(PG_CONFIG)' bash test/find-pg-config --advise

clean distclean maintainer-clean:
	rm -rf $(OBJS) $(OBJS:.o=.bc) $(MODULE_big).so $(DATA_built) $(EXTRA_CLEAN)

else

PG_CONFIG := $(FOUND)
PGXS := $(shell $(PG_CONFIG) --pgxs)

# Bitcode is for a server's JIT; without that server's own clang do without.
CLANG_USED := $(patsubst CLANG=%,%,$(filter CLANG=%,$(subst ',,$(shell $(PG_CONFIG) --configure))))
ifneq (,$(CLANG_USED))
ifeq (,$(shell command -v $(CLANG_USED)))
override with_llvm = no
endif
endif

include $(PGXS)

all: build/gen/rules.checked build/gen/senses.checked

ifeq (,$(filter 15 16 17,$(MAJORVERSION)))
SQL_FILES += sql/skip_support.sql
endif

$(CORE_SOURCES:.c=.o): override CFLAGS += $(CORE_OPT)

# The module's calls of itself need not pass the dynamic linker's tables; hiding the names would hide them from JIT.
ifeq ($(PORTNAME),linux)
SHLIB_LINK += -Wl,-Bsymbolic
endif

installcheck: | build
build:
	mkdir -p $@

# Objects are made again when a header, or the server they are for, has changed.
$(OBJS) $(OBJS:.o=.bc): $(ALL_HEADERS) Makefile .built_for
.built_for: FORCE
	@echo '$(VERSION) $(includedir_server)' | cmp -s - $@ || echo '$(VERSION) $(includedir_server)' >$@
.PHONY: FORCE

bounce_ext--$(EXTVERSION).sql: $(SQL_FILES) Makefile
	{ printf '%s\n' '\echo Use "CREATE EXTENSION bounce_ext" to load this file. \quit'; cat $(SQL_FILES); } >$@

endif
endif
