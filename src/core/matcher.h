/*
 * matcher.h
 *		All rules at once over the words of an answer.
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
	uint32_t	state;			/* the automaton's, as an entry */
	uint32_t	start;			/* where the last word leads from nowhere; 0 if it is not known */
	uint32_t	best;			/* the best rank so far, MATCH_NONE */
	uint64_t	any_live;		/* all of live, folded to one word */
	uint64_t	live[RULE_STEPS_MAX / 64];
	uint32_t	ended[RULE_STEPS_MAX];	/* set where live */
} Match;

extern void match_begin(Match *m, const StatusCode *code, size_t answer);

/* Feeds the next tokens; the first one is number "first" of the whole answer. */
extern void match_tokens(Match *m, const Token *token, size_t count, size_t first);

/* The rule that won, or NULL. */
extern const Rule *match_result(const Match *m);

#endif
