/*
 * tap.h
 *		A line of TAP for each thing that was checked; for the plain C tests of src/core.
 */
#ifndef BOUNCE_TAP_H
#define BOUNCE_TAP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

static int	tap_number = 0;
static int	tap_failed = 0;

/* A description is one line of ASCII. */
static inline void
ok(bool passed, const char *what)
{
	printf("%sok %d - ", passed ? "" : "not ", ++tap_number);
	for (const unsigned char *p = (const unsigned char *) what; *p != '\0'; p++)
		printf(*p >= ' ' && *p < 0x7F ? "%c" : "\\x%02x", *p);
	putchar('\n');
	if (!passed)
		tap_failed++;
}

/* Prints the plan; the test program's exit status. */
static inline int
tap_end(void)
{
	printf("1..%d\n", tap_number);
	return tap_failed > 0;
}

/* The same numbers in every run (xorshift64). */
static inline uint64_t
random_number(void)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static inline int64_t
random_below(int64_t limit)
{
	return (int64_t) (random_number() % (uint64_t) limit);
}

#endif
