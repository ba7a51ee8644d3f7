/*
 * lookup.c
 *		Prepared statements with one address each, in pipelined batches of 100.
 *
 * usage: lookup SECONDS ADDRESSES SQL [SQL ...]
 *
 * ADDRESSES is a file, one address a line; $1 stands for it in each SQL.  The
 * first asks about each of them once, untimed.  Then they take turns of a tenth of a
 * second, all with the same addresses, until each has run for so long.  Prints the
 * microseconds a query of each took: the median of its turns; of computing in the
 * server's process when BENCH_CLOCK is cpu.  The server is that of the environment
 * (PGHOST, ...), on this machine.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH 100
#define TURN 0.1
#define TURNS_MAX 10000
#define STATEMENTS_MAX 10

static char **addresses;
static size_t address_count;
static PGconn *connection;
static int	cpu;				/* count what the server computes */

static void
fail(const char *message)
{
	fprintf(stderr, "lookup: %s\n", message);
	exit(1);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

/* Seconds that the server's process has computed. */
static double
computed(void)
{
	char		path[64];
	FILE	   *file;
	double		nanoseconds;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", PQbackendPID(connection));
	file = fopen(path, "r");
	if (file == NULL || fscanf(file, "%lf", &nanoseconds) != 1)
		fail("the server's process does not tell its time");
	fclose(file);
	return nanoseconds / 1e9;
}

static void
read_addresses(const char *path)
{
	FILE	   *file = fopen(path, "r");
	char		line[400];
	size_t		room = 0;

	if (file == NULL)
		fail(path);
	while (fgets(line, sizeof(line), file) != NULL)
	{
		if (address_count == room)
		{
			room = room == 0 ? 1024 : room * 2;
			addresses = realloc(addresses, room * sizeof(char *));
			if (addresses == NULL)
				fail("out of memory");
		}
		line[strcspn(line, "\n")] = '\0';
		addresses[address_count++] = strdup(line);
	}
	fclose(file);
	if (address_count < BATCH)
		fail("too few addresses");
}

static void
prepare(const char *name, const char *sql)
{
	PGresult   *result = PQprepare(connection, name, sql, 0, NULL);

	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		fail(PQerrorMessage(connection));
	PQclear(result);
}

static void
read_answers(void)
{
	for (int answers = 0; answers < BATCH;)
	{
		PGresult   *result = PQgetResult(connection);

		if (result == NULL)
			continue;
		if (PQresultStatus(result) != PGRES_TUPLES_OK)
			fail(PQerrorMessage(connection));
		PQclear(result);
		answers++;
	}
	/* the end of the last one, and the sync */
	(void) PQgetResult(connection);
	PQclear(PQgetResult(connection));
}

static void
ask_batch(const char *name, size_t first)
{
	for (size_t i = 0; i < BATCH; i++)
	{
		const char *value = addresses[(first + i) % address_count];

		if (PQsendQueryPrepared(connection, name, 1, &value, NULL, NULL, 0) != 1)
			fail(PQerrorMessage(connection));
	}
	if (PQpipelineSync(connection) != 1)
		fail(PQerrorMessage(connection));
	read_answers();
}

/* Microseconds a query; moves on *next in the addresses. */
static double
turn(const char *name, size_t *next)
{
	double		begin = now();
	double		end = begin;
	double		computed_before = cpu ? computed() : 0;
	size_t		asked = 0;

	while ((end = now()) - begin < TURN)
	{
		ask_batch(name, *next);
		*next += BATCH;
		asked += BATCH;
	}
	return (cpu ? computed() - computed_before : end - begin) * 1e6 / (double) asked;
}

static int
compare(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	static double times[STATEMENTS_MAX][TURNS_MAX];
	static const char *const names[STATEMENTS_MAX] = {"s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9"};
	size_t		next[STATEMENTS_MAX] = {0};
	int			statements = argc - 3;
	int			turns;

	if (statements < 1 || statements > STATEMENTS_MAX)
		fail("usage: lookup SECONDS ADDRESSES SQL [SQL ...]");
	turns = (int) (atof(argv[1]) / TURN);
	if (turns < 1 || turns > TURNS_MAX)
		fail("cannot run for so long");
	cpu = getenv("BENCH_CLOCK") != NULL && strcmp(getenv("BENCH_CLOCK"), "cpu") == 0;
	read_addresses(argv[2]);
	connection = PQconnectdb("");
	if (PQstatus(connection) != CONNECTION_OK)
		fail(PQerrorMessage(connection));
	for (int i = 0; i < statements; i++)
		prepare(names[i], argv[3 + i]);
	if (PQenterPipelineMode(connection) != 1)
		fail(PQerrorMessage(connection));
	for (size_t i = 0; i < address_count; i += BATCH)
		ask_batch(names[0], i);
	for (int i = 0; i < turns; i++)
		for (int j = 0; j < statements; j++)
			times[j][i] = turn(names[j], &next[j]);
	for (int j = 0; j < statements; j++)
	{
		qsort(times[j], (size_t) turns, sizeof(double), compare);
		printf("%.3f\n", times[j][turns / 2]);
	}
	PQfinish(connection);
	return 0;
}
