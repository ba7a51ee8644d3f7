/*
 * matcher.h
 *		All rules at once over the words of an answer.
 */
#ifndef BOUNCE_MATCHER_H
#define BOUNCE_MATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hits.h"
#include "response.h"
#include "rules.h"

#define MATCH_NONE UINT32_MAX

_Static_assert(sizeof(((Response *) 0)->token) <= PART_MAX * sizeof(Token), "a block of an answer is a part");

typedef struct Match
{
	uint64_t	status;			/* what conditions are about, packed */
	size_t		answer;			/* what ends before it is a relay's wrapper */
	bool		goes_on;		/* there is more than the tokens fed first */
	OpenWays	open;
	uint32_t	best;			/* the best rank so far, MATCH_NONE */
	unsigned	doubt;			/* 1: somewhere stands what casts doubt on a missing recipient */
	uint64_t	any_live;		/* all of live, folded to one word */
	uint64_t	live[RULE_STEPS_MAX / 64];
	uint32_t	ended[RULE_STEPS_MAX];	/* set where live */
} Match;

extern void match_begin(Match *m, const StatusCode *code, size_t answer, bool goes_on);

/* Feeds the next tokens, at most PART_MAX; the first one is number "first" of the whole answer. */
extern void match_tokens(Match *m, const Token *token, size_t count, size_t first);

/* The rule that won, or NULL. */
extern const Rule *match_result(const Match *m);

#endif
