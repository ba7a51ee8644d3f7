/*
 * mutate.c
 *		Runs a fuzz target without libFuzzer: the same mutations in every run.
 *
 * usage: PROGRAM RUNS [FILE ...]
 *
 * The seeds are the lines of the files.  Each run takes one or two of them, cuts,
 * joins and repeats, and puts in bytes that mean something to a parser of answers.
 * Ends with how many runs there were and the longest time of one; a run that takes
 * longer than 10 ms for 64 kB fails.
 */
#define _POSIX_C_SOURCE 200809L

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SEEDS_MAX 100000
#define INPUT_MAX (1 << 17)

int			LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

typedef struct Seed
{
	char	   *text;
	size_t		length;
} Seed;

static Seed seeds[SEEDS_MAX] = {{"550 5.1.1 <a@example.com>: User unknown", 39}};
static size_t seed_count = 1;
static uint8_t input[INPUT_MAX];

static const char *const pieces[] = {
	"550", "5.1.1", "421 4.7.0", "-", ".", "@", "<", ">", "=", "=3D", "=20", "=C3=A9", "&lt;", "&#233;", "&eacute;",
	"\\r\\n", "\r\n550-", "\n", " ", "said: ", "host mx[192.0.2.1] said: ", "'", "\"", "<br>", "</p>", "http://", "\xC3\xA9",
	"\xE7\x94\xA8\xE6\x88\xB7", "\xD0\xBD\xD0\xB5\xD1\x82", "\xEF\xBC\x95\xEF\xBC\x95\xEF\xBC\x90", "\xFF", "\xC3", "\xE7\x94",
	"\xF0\x9F\x98\x80", "#", "[", "]", "(", ")", "user", "unknown", "mailbox", "full", "spam", "try again in 300 seconds",
	"00:04:59", "99999999999", "5.1.1.1", "5.999.999", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
};

static uint64_t
random_number(void)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static size_t
below(size_t limit)
{
	return limit == 0 ? 0 : (size_t) (random_number() % limit);
}

static void
read_seeds(const char *path)
{
	static char line[1 << 16];
	FILE	   *stream = fopen(path, "r");

	if (stream == NULL)
	{
		perror(path);
		exit(1);
	}
	while (fgets(line, sizeof(line), stream) != NULL && seed_count < SEEDS_MAX)
	{
		size_t		length = strcspn(line, "\r\n");

		if (length == 0)
			continue;
		seeds[seed_count].text = strdup(line);
		seeds[seed_count++].length = length;
	}
	fclose(stream);
}

/* put - bytes into the input at a place, over or between what is there */
static size_t
put(size_t length, size_t at, const void *bytes, size_t count, int over)
{
	if (length + count > INPUT_MAX || at > length)
		return length;
	if (!over)
	{
		memmove(input + at + count, input + at, length - at);
		length += count;
	}
	else if (at + count > length)
		length = at + count;
	memmove(input + at, bytes, count);
	return length;
}

static size_t
mutate(size_t length)
{
	size_t		at = below(length + 1);
	size_t		span = below(length - at + 1);
	uint8_t		byte = (uint8_t) random_number();
	const Seed *seed = &seeds[below(seed_count)];
	const char *piece = pieces[below(sizeof(pieces) / sizeof(pieces[0]))];

	switch (below(8))
	{
		case 0:
			return put(length, at, &byte, 1, 1);
		case 1:
			return put(length, at, &byte, 1, 0);
		case 2:
			memmove(input + at, input + at + span, length - at - span);
			return length - span;
		case 3:
		case 4:
			return put(length, at, piece, strlen(piece), 0);
		case 5:
			return put(length, at, seed->text, below(seed->length + 1), 0);
		case 6:
			return put(length, at, piece, strlen(piece), 1);
		default:
			return put(length, at, input + below(length), span < 64 ? span : 64, 0);
	}
}

/* long_input - now and then a text that is longer than what is read */
static size_t
long_input(size_t length)
{
	size_t		piece = length;

	while (piece > 0 && length + piece <= 70000)
	{
		memcpy(input + length, input, piece);
		length += piece;
	}
	return length;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double) t.tv_sec * 1e3 + 1e-6 * (double) t.tv_nsec;
}

int
main(int argc, char **argv)
{
	unsigned long runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
	double		longest = 0;

	for (int i = 2; i < argc; i++)
		read_seeds(argv[i]);
	for (unsigned long i = 0; i < runs; i++)
	{
		const Seed *seed = &seeds[below(seed_count)];
		size_t		length = put(0, 0, seed->text, seed->length, 1);
		double		begin = 0;

		for (size_t n = below(6); n > 0; n--)
			length = mutate(length);
		if (i % 1000 == 0)
		{
			length = long_input(length);
			begin = now();
		}
		LLVMFuzzerTestOneInput(input, length);
		if (begin > 0 && now() - begin > longest)
			longest = now() - begin;
	}
	printf("%lu runs, at most %.1f ms for 64 kB\n", runs, longest);
	return 0;
}
