/*
 * sense.h
 *		What the words of a sentence mean together, where no rule knows an answer.
 *
 * The build compiles stems.tsv and senses.tsv (gen/mksenses.c writes sense_table.c).  A
 * stem is a word, some words or the begin of one, and the roles that it can have.  A
 * sentence is the set of the roles of its words; the first sense that it has all of is
 * what it means.
 */
#ifndef BOUNCE_SENSE_H
#define BOUNCE_SENSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bounce_class.h"
#include "response.h"

#define SENSE_ROLES_MAX 64
#define SENSE_STEM_WORDS 12		/* words of a stem */
#define SENSE_BUCKETS 4096
#define SENSE_NONE UINT16_MAX

/* How far the words reach, in tokens that stand between. */
#define SENSE_NOT_REACH 7
#define SENSE_NOT_REACH_BACK 2	/* where another verb follows */
#define SENSE_NO_REACH 1
#define SENSE_YOUR_REACH 1

/* The roles that every set of roles has: what "not", "no", "your" and "but" are, and a bare 5xx. */
#define SENSE_NOT UINT64_C(1)
#define SENSE_NO UINT64_C(2)
#define SENSE_YOUR UINT64_C(4)
#define SENSE_BUT UINT64_C(8)
#define SENSE_5XX UINT64_C(16)

/* Sets of roles: which there are, and which of them stand beside "not", "no", "your". */
typedef struct Roles
{
	uint64_t	there;
	uint64_t	denied;
	uint64_t	none;
	uint64_t	yours;
} Roles;

/* A word of a stem: a token's key, or under a mask that is not zero its head. */
typedef struct StemWord
{
	uint64_t	text;
	uint64_t	mask;
} StemWord;

typedef struct Stem
{
	StemWord	word;			/* the first one */
	uint64_t	roles;
	uint16_t	more;			/* the others, in sense_words */
	uint16_t	count;			/* of the others */
} Stem;

/* The stems that begin with some first letters. */
typedef struct StemBucket
{
	uint32_t	fourth;			/* the bits of the letters with which they may go on */
	uint16_t	first;			/* in sense_stems */
	uint16_t	count;
} StemBucket;

typedef struct Sense
{
	Roles		has;
	Roles		lacks;
	uint64_t	adds;			/* the roles that it gives the sentence; else it is what it means */
	BounceClass klass;
	uint16_t	name;			/* in sense_names */
} Sense;

/* What is known of an answer so far. */
typedef struct Sensing
{
	size_t		answer;			/* what ends before it is a relay's wrapper */
	uint64_t	status;			/* SENSE_5XX or nothing: in each sentence */
	uint64_t	otherwise;		/* the same, where a sentence means nothing without it */
	unsigned	best;			/* number of the best sense, plus sense_count in a wrapper; SENSE_NONE */
	Roles		roles;			/* of the sentence */
	Roles		judged;			/* of the one before */
	uint64_t	verbs;			/* the last one's roles */
	size_t		verb_end;		/* token behind it; 0: none */
	size_t		not_end;		/* tokens behind what waits to change something; 0: nothing */
	size_t		no_end;
	size_t		your_end;
} Sensing;

extern const Stem sense_stems[];	/* by bucket, in it the longer ones first */
extern const StemBucket sense_buckets[SENSE_BUCKETS];
extern const StemWord sense_words[];
extern const uint64_t sense_verbs;
extern const Sense senses[];	/* the first one that holds counts */
extern const uint64_t sense_needs[];	/* of each sense has.there: mostly that is missing, and no more has to be looked at */
extern const unsigned sense_count;
extern const char sense_names[];
extern const uint64_t sense_fingerprint;	/* other stems or senses, another number */

/* Words without any code are taken for a bare 5xx where they mean nothing else. */
extern void sense_begin(Sensing *s, size_t answer, bool is_5xx, bool is_codeless);

/* Feeds the next tokens; the first one is number "first" of the whole answer. */
extern void sense_tokens(Sensing *s, const Token *token, size_t count, size_t first);

/* The sense of the answer, or NULL. */
extern const Sense *sense_result(Sensing *s, size_t end);

/* The bit of a token's fourth letter in a bucket. */
static inline unsigned
sense_letter(uint64_t head)
{
	return (unsigned) (head >> 24) & 31;
}

/* The bucket of the stems with which a token may begin: by its first three bytes. */
static inline unsigned
sense_bucket(uint64_t head)
{
	return (unsigned) ((head & 0xFFFFFF) * UINT64_C(0x9E3779B97F4A7C15) >> 52);
}

#endif
