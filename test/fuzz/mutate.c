/*
 * mutate.c
 *		Runs a fuzz target without libFuzzer: the same mutations in every run.
 *
 * usage: PROGRAM RUNS [FILE ...]
 *
 * The seeds are the lines of the files.  Each run takes one of them, cuts, joins and
 * repeats, and puts in bytes that mean something to a parser of answers.  Most inputs
 * are as long as answers are; some have thousands of bytes, and a few more than are read.
 * FUZZ_FIRST=n begins with run n, so that several processes share the work, or that one
 * run is seen again.  Ends with how many runs there were and the longest time of one
 * with 64 kB; without sanitizers more than 10 ms fail.
 */
#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SEEDS_MAX 100000
#define INPUT_MAX (1 << 17)
#define USUAL_MAX 600			/* bytes of most inputs */
#define LONG_MIN 70000			/* bytes of the longest, at least */
#define LONG_MS_MAX 10
#define PROGRESS 10000000		/* runs between two signs of life */
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#define SANITIZED __has_feature(address_sanitizer)
#else
#define SANITIZED 0
#endif

/* How many runs there are for one with a long input; without sanitizers this is about time. */
#define LONG_EVERY (SANITIZED ? 10000 : 50)

int			LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

typedef struct Seed
{
	char	   *text;
	size_t		length;
} Seed;

static Seed seeds[SEEDS_MAX] = {{"550 5.1.1 <a@example.com>: User unknown", 39}};
static size_t seed_count = 1;
static uint8_t input[INPUT_MAX];
static unsigned long run;
static uint64_t random_state;

static const char *const pieces[] = {
	"550", "5.1.1", "421 4.7.0", "-", ".", "@", "<", ">", "=", "=3D", "=20", "=C3=A9", "&lt;", "&#233;", "&eacute;",
	"\\r\\n", "\r\n550-", "\n", " ", "said: ", "host mx[192.0.2.1] said: ", "'", "\"", "<br>", "</p>", "http://", "\xC3\xA9",
	"\xE7\x94\xA8\xE6\x88\xB7", "\xD0\xBD\xD0\xB5\xD1\x82", "\xEF\xBC\x95\xEF\xBC\x95\xEF\xBC\x90", "\xFF", "\xC3", "\xE7\x94",
	"\xF0\x9F\x98\x80", "#", "[", "]", "(", ")", "user", "unknown", "mailbox", "full", "spam", "try again in 300 seconds",
	"1", "2-", "retry-after:", "in ", "http://", "www.", "mailto:", ";", "&", "&#", "=\r\n", "%s", "\t", "\\", "_", "a.",
	"00:04:59", "99999999999", "5.1.1.1", "5.999.999", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	"?", "\xEF\xBF\xBD", "\xC3\x83\xC2\xA9", "\\u00e9", "\\xc3", "colleague. ", "parcel. not ", "konto. ", "(in reply to ", "2001:db8::",
};

static uint64_t
random_number(void)
{
	uint64_t	x = random_state += 0x9E3779B97F4A7C15u;

	x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
	x = (x ^ x >> 27) * 0x94D049BB133111EBu;
	return x ^ x >> 31;
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
	const char *piece = pieces[below(COUNT_OF(pieces))];

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

/* fill - with the first bytes, again and again */
static size_t
fill(size_t piece, size_t length)
{
	for (size_t at = piece; piece > 0 && at < length; at++)
		input[at] = input[at - piece];
	return piece > 0 ? length : 0;
}

static size_t
put_pair(const char *a, const char *b)
{
	size_t		length = put(0, 0, a, strlen(a), 1);

	return put(length, length, b, strlen(b), 1);
}

/* long_input - what is there, or a piece or two, until more bytes are there than are read */
static size_t
long_input(size_t length)
{
	if (below(2) == 0)
	{
		const char *a = pieces[below(COUNT_OF(pieces))];
		const char *b = below(2) == 0 ? "" : pieces[below(COUNT_OF(pieces))];

		length = put_pair(a, b);
	}
	return fill(length, LONG_MIN + below(1000));
}

/* make_input - that of one run, whatever the others were */
static size_t
make_input(unsigned long number)
{
	const Seed *seed;
	size_t		length;

	random_state = number * 0xD1342543DE82EF95u + 1;
	seed = &seeds[below(seed_count)];
	length = put(0, 0, seed->text, seed->length, 1);
	if (number % 200 != 0 && length > USUAL_MAX)
		length = below(USUAL_MAX);
	for (size_t n = below(6); n > 0; n--)
		length = mutate(length);
	if (number % 200 == 0)
		length = fill(length, length + below(8000));
	return number % LONG_EVERY == 0 ? long_input(length) : length;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double) t.tv_sec * 1e3 + 1e-6 * (double) t.tv_nsec;
}

/* time_of - one input, in ms: the shortest of a few, as others use the machine, too */
static double
time_of(size_t length)
{
	double		shortest = 1e9;

	for (int i = 0; i < 5 && shortest > LONG_MS_MAX; i++)
	{
		double		begin = now();

		LLVMFuzzerTestOneInput(input, length);
		if (now() - begin < shortest)
			shortest = now() - begin;
	}
	return shortest;
}

/* check_time - of one input, in ms; too long is a failure, but for what a sanitizer takes */
static double
check_time(size_t length)
{
	double		ms = time_of(length);

	if (!SANITIZED && ms > LONG_MS_MAX)
	{
		fprintf(stderr, "%.0f ms for an input of %zu bytes: %.80s\n", ms, length, (const char *) input);
		abort();
	}
	return ms;
}

/* time_pairs - any two pieces, again and again: what looks ahead at each of them takes too long */
static double
time_pairs(void)
{
	double		longest = 0;

	for (size_t i = 0; !SANITIZED && i < COUNT_OF(pieces) * COUNT_OF(pieces); i++)
	{
		size_t		length = put_pair(pieces[i / COUNT_OF(pieces)], pieces[i % COUNT_OF(pieces)]);
		double		ms = check_time(fill(length, LONG_MIN));

		longest = ms > longest ? ms : longest;
	}
	return longest;
}

/* tell_run - which input it was, when it is the last one */
static void
tell_run(int signal_number)
{
	(void) signal_number;
	fprintf(stderr, "run %lu\n", run);
}

#if SANITIZED
/* Called by the sanitizer when it starts; memory that was given back is not kept for long. */
const char *
__asan_default_options(void)
{
	return "quarantine_size_mb=1";
}

void
__asan_on_error(void)
{
	tell_run(0);
}
#endif

int
main(int argc, char **argv)
{
	unsigned long runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
	unsigned long first = getenv("FUZZ_FIRST") == NULL ? 0 : strtoul(getenv("FUZZ_FIRST"), NULL, 10);
	double		longest;

	for (int i = 2; i < argc; i++)
		read_seeds(argv[i]);
	signal(SIGABRT, tell_run);
	longest = time_pairs();
	for (run = first; run - first < runs; run++)
	{
		size_t		length = make_input(run);

		if (length < LONG_MIN)
			LLVMFuzzerTestOneInput(input, length);
		else
		{
			double		ms = check_time(length);

			longest = ms > longest ? ms : longest;
		}
		if ((run - first + 1) % PROGRESS == 0)
		{
			printf("%lu runs\n", run - first + 1);
			fflush(stdout);
		}
	}
	printf("%lu runs, at most %.1f ms for 64 kB\n", runs, longest);
	return 0;
}
