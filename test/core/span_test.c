/*
 * span_test.c
 *		A told suppression laid over the one that stands, at every edge.
 */
#include "span.h"
#include "tap.h"

/* what stands in all of them: from 10 until just before 20 */
static const Span standing = {10, 20};

typedef struct Case
{
	const char *what;
	Span		told;
	SpanMove	move;
	Span		result;
} Case;

static const Case cases[] = {
	{"told again", {10, 20}, SPAN_SAME, {10, 20}},
	{"told again while it lasts", {15, 20}, SPAN_SAME, {10, 20}},
	{"a later end", {15, 30}, SPAN_RESIZE, {10, 30}},
	{"an earlier end", {15, 18}, SPAN_BEGIN, {15, 18}},
	{"an earlier end, told as it begins", {10, 18}, SPAN_RESIZE, {10, 18}},
	{"without end", {15, INT64_MAX}, SPAN_RESIZE, {10, INT64_MAX}},
	{"in its last microsecond", {19, 25}, SPAN_RESIZE, {10, 25}},
	{"as it ends", {20, 25}, SPAN_BEGIN, {20, 25}},
	{"long after", {40, 50}, SPAN_BEGIN, {40, 50}},
	{"of an earlier time, never shorter", {5, 15}, SPAN_RESIZE, {5, 20}},
	{"of an earlier time, and longer", {5, 25}, SPAN_RESIZE, {5, 25}},
	{"of an earlier time, just reaching it", {5, 10}, SPAN_RESIZE, {5, 20}},
	{"of an earlier time, not reaching it", {5, 9}, SPAN_TOO_EARLY, {10, 20}},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		const Case *c = &cases[i];
		Span		result;
		SpanMove	move = span_lay(standing, c->told, &result);

		ok(move == c->move && result.starts_at == c->result.starts_at &&
			   result.expires_at == c->result.expires_at,
		   c->what);
	}
	return tap_end();
}
