/*
 * matcher.h
 *		All rules at once over a folded text.
 */
#ifndef BOUNCE_MATCHER_H
#define BOUNCE_MATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "response.h"
#include "rules.h"

#define MATCH_NONE UINT32_MAX

typedef struct Match
{
	StatusCode	code;			/* what conditions are about */
	size_t		answer;			/* what ends before it is a relay's wrapper */
	uint32_t	state;
	uint32_t	best;			/* tier, wrapper, entry; MATCH_NONE */
	uint64_t	any_live;		/* all of live, folded to one word */
	uint64_t	live[RULE_STEPS_MAX / 64];
	uint32_t	ended[RULE_STEPS_MAX];	/* set where live */
} Match;

extern void match_begin(Match *m, const StatusCode *code, size_t answer);

/* Feeds text[from] .. text[to - 1], at position offset + from; text[to] has to be readable. */
extern void match_text(Match *m, const unsigned char *text, size_t from, size_t to, size_t offset);

/* The rule that won, or NULL. */
extern const Rule *match_result(const Match *m);

#endif
