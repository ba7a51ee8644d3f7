/*
 * NAME
 *		sense - what the words of a sentence mean together
 *
 * SUMMARY
 *		Nobody can write down all sentences in which a server may say that it knows no such
 *		user.  Nearly all of them have a word for mailbox, user or address, and one for
 *		finding or existing that is denied.  This looks at no more than that.
 *
 * DESCRIPTION
 *		In: the tokens of response.h, the tables of sense.h.  Out: the first sense of
 *		senses.tsv that a sentence of the answer has, those of the answer itself before
 *		those of a relay's wrapper.
 *
 *		"Not" belongs to the next verb, or to the one before if none follows ("existe
 *		pas", "existiert nicht"); "no" and "your" to the next thing.
 *
 * DIAGNOSTICS
 *		None.
 */
#include "sense.h"

#include <string.h>

/* has_all - are all of these roles in the sentence? */
static inline bool
has_all(const Roles *r, const Roles *wanted)
{
	return ((wanted->there & ~r->there) | (wanted->denied & ~r->denied) | (wanted->none & ~r->none) |
			(wanted->yours & ~r->yours)) == 0;
}

/* has_any - is any of them? */
static inline bool
has_any(const Roles *r, const Roles *wanted)
{
	return ((wanted->there & r->there) | (wanted->denied & r->denied) | (wanted->none & r->none) | (wanted->yours & r->yours)) != 0;
}

/* judge - what a sentence with these roles means: the number of a sense, or SENSE_NONE */
static unsigned
judge(Roles r)
{
	uint64_t	missing = ~r.there;

	for (unsigned i = 0; i < sense_count; i++)
	{
		const Sense *sense = &senses[i];

		if ((sense_needs[i] & missing) != 0 || !has_all(&r, &sense->has) || has_any(&r, &sense->lacks))
			continue;
		if (sense->adds == 0)
			return i;
		r.there |= sense->adds;
		missing = ~r.there;
	}
	return SENSE_NONE;
}

/* end_sentence - at token "end" */
static void
end_sentence(Sensing *s, size_t end)
{
	unsigned	number;

	if (s->not_end > s->verb_end && s->verb_end != 0 && s->not_end - s->verb_end <= SENSE_NOT_REACH)
		s->roles.denied |= s->verbs;
	if (s->roles.there != 0 && memcmp(&s->roles, &s->judged, sizeof(Roles)) != 0)
	{
		s->judged = s->roles;
		s->roles.there |= s->status;
		number = judge(s->roles);
		if (number == SENSE_NONE && s->otherwise != 0)
		{
			s->roles.there |= s->otherwise;
			number = judge(s->roles);
		}
		if (number != SENSE_NONE && end <= s->answer)
			number += sense_count;
		s->best = number < s->best ? number : s->best;
	}
	s->roles = (Roles) {0};
	s->verb_end = s->not_end = s->no_end = s->your_end = 0;
}

/* reaches - does what ended at token "end" change what begins at token "at"? */
static inline bool
reaches(size_t end, size_t at, size_t reach)
{
	return end != 0 && at - end <= reach;
}

/* take - a stem from token "at" up to "end" */
static void
take(Sensing *s, uint64_t roles, size_t at, size_t end)
{
	if (roles & SENSE_BUT)
	{
		end_sentence(s, end);
		return;
	}
	s->roles.there |= roles;
	if (reaches(s->no_end, at, SENSE_NO_REACH))
		s->roles.none |= roles;
	if (reaches(s->your_end, at, SENSE_YOUR_REACH))
		s->roles.yours |= roles;
	if (roles & sense_verbs)
	{
		if (reaches(s->not_end, at, SENSE_NOT_REACH))
			s->roles.denied |= roles;
		s->not_end = s->no_end = 0;
		s->verbs = roles & sense_verbs;
		s->verb_end = end;
	}
	if (roles & SENSE_NOT && roles & sense_verbs)
		s->roles.denied |= roles;
	else if (roles & SENSE_NOT)
	{
		if (reaches(s->verb_end, at, SENSE_NOT_REACH_BACK))
			s->roles.denied |= s->verbs;
		s->not_end = end;
	}
	s->no_end = roles & SENSE_NO ? end : s->no_end;
	s->your_end = roles & SENSE_YOUR ? end : s->your_end;
}

static inline bool
is_word(const StemWord *word, const Token *token)
{
	return word->mask == 0 ? token->key == word->text : (token->head & word->mask) == word->text;
}

/* stem_at - the longest stem with which these tokens begin, or NULL */
static const Stem *
stem_at(const Token *token, size_t count)
{
	const StemBucket *bucket = &sense_buckets[sense_bucket(token->head)];

	if ((bucket->fourth >> sense_letter(token->head) & 1) == 0)
		return NULL;
	for (const Stem *stem = &sense_stems[bucket->first], *end = stem + bucket->count; stem < end; stem++)
	{
		unsigned	more = 0;

		if (stem->count >= count || !is_word(&stem->word, token))
			continue;
		while (more < stem->count && is_word(&sense_words[stem->more + more], &token[more + 1]))
			more++;
		if (more == stem->count)
			return stem;
	}
	return NULL;
}

/* is_glued - a word behind a dot, as in the name of a host */
static inline bool
is_glued(const Token *token)
{
	return (token->head & 0xFF) == '.' && token->head > 0xFF;
}

/* sense_begin - see sense.h */
void
sense_begin(Sensing *s, size_t answer, bool is_5xx, bool is_codeless)
{
	*s = (Sensing) {.answer = answer, .best = SENSE_NONE};
	s->status = is_5xx ? SENSE_5XX : 0;
	s->otherwise = is_codeless ? SENSE_5XX : 0;
}

/* sense_tokens - see sense.h */
void
sense_tokens(Sensing *s, const Token *token, size_t count, size_t first)
{
	for (size_t i = 0; i < count;)
	{
		const Stem *stem;

		if (token[i].key == '.' || first + i == s->answer)
			end_sentence(s, first + i);
		if (first + i == s->answer)
			s->judged = (Roles) {0};
		stem = stem_at(&token[i], count - i);
		if (stem == NULL || (i + 1 < count && is_glued(&token[i + 1])))
		{
			i++;
			continue;
		}
		take(s, stem->roles, first + i, first + i + stem->count + 1);
		i += stem->count + 1U;
	}
}

/* sense_result - see sense.h */
const Sense *
sense_result(Sensing *s, size_t end)
{
	end_sentence(s, end);
	return s->best == SENSE_NONE ? NULL : &senses[s->best % sense_count];
}
