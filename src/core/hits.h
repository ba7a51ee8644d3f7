/*
 * hits.h
 *		Which literals of rules stand where in an answer.
 */
#ifndef BOUNCE_HITS_H
#define BOUNCE_HITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "response.h"
#include "rules.h"

#define STRETCH 64				/* tokens, and bits */
#define STRETCH_HITS_MAX (STRETCH * RULE_LITERAL_MAX + 8 * STRETCH)
#define PART_MAX 640			/* tokens */
#define HITS_MAX (STRETCH_HITS_MAX + 2 * PART_MAX)

/* The nodes of the trie to which the last words of a stretch lead, the longer ways later. */
typedef struct OpenWays
{
	unsigned	count;
	uint32_t	node[RULE_LITERAL_MAX];
} OpenWays;

/* A literal, and above it the token at which it ends. */
typedef uint32_t Hit;
#define HIT_END 16

/* The literals that end in a part of an answer, some stretches; at a token the longer ones later. */
typedef struct Hits
{
	unsigned	count;
	Hit			hit[HITS_MAX + 1];
} Hits;

static inline unsigned
literal_of(Hit hit)
{
	return hit & ((1U << HIT_END) - 1);
}

static inline unsigned
end_of(Hit hit)
{
	return hit >> HIT_END;
}

/*
 * Adds the hits of a stretch, at most STRETCH tokens, of which the first is number "first" of
 * the part.  There has to be room for STRETCH_HITS_MAX of them.  goes_on: more tokens follow.
 */
extern void hits_find(Hits *hits, OpenWays *open, const Token *token, size_t count, unsigned first, bool goes_on);

#endif
