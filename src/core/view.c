/*
 * NAME
 *		view - read the plain part of an answer
 *
 * SUMMARY
 *		Most of an answer is words of ASCII, blanks, dots and signs.  They are read
 *		here, many bytes at once, and this is where the reader's time goes.
 *
 * DESCRIPTION
 *		In: the sets of window.h.  Out: tokens.  It stops at what needs a thought: what
 *		may be a status code, an address, markup, another encoding; long words; what is
 *		part of a word without being a letter.
 *
 * DIAGNOSTICS
 *		None.
 */
#include "view.h"

#include <string.h>

#include "byte_class.h"
#include "character.h"

#define VIEW_MAX (WINDOW_SIZE - 3)	/* so far, two more bytes behind the one after it are seen */

/* What the rest of a view means, as sets. */
typedef struct Marks
{
	uint64_t	rest;			/* all of it */
	uint64_t	first;			/* the first byte of each word */
	uint64_t	joined;			/* dots between two words */
	uint64_t	token;			/* where tokens begin */
	uint64_t	stop;			/* what needs a thought */
} Marks;

/* view_end - where a view has to end so that it cuts no word, nor a dot from one; at most at "most" */
static size_t
view_end(const Window *sets, size_t most)
{
	uint64_t	outside = ~sets->word & (UINT64_MAX >> (WINDOW_SIZE - most));
	size_t		first;

	if ((sets->word >> most & 1) == 0 || outside == 0)
		return most;
	first = WINDOW_SIZE - (size_t) __builtin_clzll(outside);
	first -= sets->dot >> (first - 1) & 1;
	return first > 0 ? first : most;
}

/* long_words - of a set of words, the first letters of those with WORD_ROOM letters or more, and some others of them */
static inline uint64_t
long_words(uint64_t word)
{
	word &= word >> 1;
	word &= word >> 2;
	word &= word >> 4;
	return word & word >> 8;
}

/* view_stops - where a view needs a thought */
static inline void
view_stops(View *v)
{
	const Window *sets = &v->sets;
	uint64_t	three = sets->word >> 1 & sets->word >> 2 & ~(sets->word >> 3);

	v->code = sets->code_digit & (three | sets->dot >> 1);
	v->stop = (sets->joiner & sets->word << 1 & ~(sets->blank >> 1)) | sets->thought | long_words(sets->word);
}

/* view_open - look at what comes next */
static void
view_open(View *v, const Response *r)
{
	size_t		left = (size_t) (r->end - r->at);

	v->source = v->bytes = r->at;
	if (left > WINDOW_SIZE)
	{
		window_read(&v->sets, v->source);
		v->size = view_end(&v->sets, left - WORD_ROOM < VIEW_MAX ? left - WORD_ROOM : VIEW_MAX);
		view_stops(v);
		return;
	}
	memset(v->copy, 0, sizeof(v->copy));
	if (r->end - r->start >= WINDOW_SIZE)
	{
		v->source = r->end - WINDOW_SIZE;
		left = WINDOW_SIZE;
		memcpy(v->copy, v->source, WINDOW_SIZE);
	}
	else
		memcpy(v->copy, v->source, left);
	v->bytes = v->copy;
	v->size = left;
	window_read(&v->sets, v->copy);
	view_stops(v);
}

/* word_or_sign - the token at a place where "last" is where words and signs end.  No branch depends on its length. */
static inline Token
word_or_sign(const unsigned char *at, uint64_t last)
{
	const unsigned char *mask = word_mask + WORD_ROOM - 1 - __builtin_ctzll(last);
	uint64_t	first = (load_whole_eight(at) | EACH_BYTE(0x20)) & load_whole_eight(mask);
	uint64_t	second = (load_whole_eight(at + 8) | EACH_BYTE(0x20)) & load_whole_eight(mask + 8);

	return (Token) {first, word_mix(first, second, 8)};
}

/*
 * put_tokens - those that begin at the bits of a set.  joined: the dots that join two
 * words; ends: what ends a run
 */
static __attribute__((noinline)) void
put_tokens(Response *r, const View *v, uint64_t set, uint64_t joined, uint64_t ends)
{
	const uint64_t last = ~((v->sets.word | joined) & v->sets.word >> 1);
	Token	   *token = r->token + r->length;

	if (ends != 0)
		r->run = r->length + count_bits(set & (UINT64_MAX >> __builtin_clzll(ends)));
	for (; set != 0; set &= set - 1)
	{
		unsigned	i = (unsigned) __builtin_ctzll(set);

		*token++ = word_or_sign(v->bytes + i, last >> i);
	}
	r->length = (size_t) (token - r->token);
}

/* view_marks - what the rest of a view means */
static inline void
view_marks(Marks *m, const Response *r, const View *v, size_t begin)
{
	const Window *sets = &v->sets;
	uint64_t	here = (uint64_t) 1 << begin;
	uint64_t	rest = UINT64_MAX << begin;
	uint64_t	behind = sets->word << 1 & ~here;

	m->rest = rest;
	m->first = sets->word & rest & ~behind;
	m->joined = sets->dot & rest & (behind | (r->word ? here : 0)) & sets->word >> 1;
	m->token = (m->first & ~(m->joined << 1)) | ((sets->dot | sets->sign) & rest);
	m->stop = (v->code & m->token) | (v->stop & rest & ~(sets->joiner & here));
}

/* first_of - the lowest bit of a set; of none the highest there is */
static inline size_t
first_of(uint64_t set)
{
	return (size_t) __builtin_ctzll(set | (uint64_t) 1 << (WINDOW_SIZE - 1));
}

/* is_plain_equals - a sign, and nothing of quoted-printable?  (What may be needs a thought.) */
static inline bool
is_plain_equals(const View *v, size_t place)
{
	const unsigned char *at = v->bytes + place;

	return *at == '=' && place <= VIEW_MAX && at[1] >= ' ' && hex_pair(at + 1, at + 3) < 0;
}

/* stop_before - a stop that the word before it may go over, or a word that is too long: where that word begins */
static inline size_t
stop_before(const View *v, const Marks *m, size_t stop)
{
	uint64_t	first = m->first & bits_below(stop);
	uint64_t	word = v->sets.word & m->rest;

	if ((word << 1 >> stop & 1) && byte_class[v->bytes[stop]] >= IN_WORD_FIRST)
		stop = WINDOW_SIZE - 1 - (size_t) __builtin_clzll(first);
	return stop - (m->joined << 1 >> stop & 1);
}

/* read_plain - the rest of a view, as far as nothing needs a thought; true if it came to something that does */
static bool
read_plain(Response *r, const View *v)
{
	size_t		begin = (size_t) (r->at - v->source);
	size_t		end = v->size;
	bool		stopped;
	Marks		m;
	uint64_t	read;
	uint64_t	ends;

	view_marks(&m, r, v, begin);
	while (m.stop != 0 && is_plain_equals(v, first_of(m.stop)))
	{
		m.token |= m.stop & -m.stop;
		m.stop &= m.stop - 1;
	}
	stopped = m.stop != 0 && first_of(m.stop) <= end;
	if (stopped)
		end = stop_before(v, &m, first_of(m.stop));
	if (end == begin)
		return stopped;
	read = m.rest & bits_below(end);
	ends = read & ~(v->sets.word | v->sets.dot | v->sets.underscore | (v->sets.joiner & v->sets.sign));
	put_tokens(r, v, m.token & read, m.joined, ends);
	r->word = v->sets.word >> (end - 1) & 1;
	r->at = v->source + end;
	return stopped;
}

/* view_read - see view.h */
bool
view_read(View *v, Response *r, size_t limit)
{
	while (r->at < r->end && r->length < limit)
	{
		if (r->at >= v->source + v->size)
			view_open(v, r);
		if (read_plain(r, v))
			return true;
	}
	return false;
}
