/*
 * NAME
 *		window - what the next 64 bytes of a text are
 *
 * SUMMARY
 *		Sorts bytes into sets, with vectors that any machine computes with; where the
 *		processor can look up 32 bytes at once in tables of 16, with those.
 *
 * DESCRIPTION
 *		The processor is asked when the first text is read.
 *
 * DIAGNOSTICS
 *		None.
 */
#include "window.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define HAVE_TABLES
#endif

/* window_lane - sort those of one lane, the first one being byte "i"; a call would take as long */
static inline __attribute__((always_inline)) void
window_lane(Window *w, const unsigned char *at, int i)
{
	Lane		v;
	Lane		small;
	Lane		odd;
	LaneTruth	hyphen;
	LaneTruth	quote;
	LaneTruth	sign;

	memcpy(&v, at + i, sizeof(v));
	small = v | EACH_OF_LANE(0x20);
	odd = v | EACH_OF_LANE(1);
	hyphen = v == EACH_OF_LANE('-');
	quote = v == EACH_OF_LANE('\'');
	sign = hyphen | LANE_WITHIN(v, '#', ')') | (v == EACH_OF_LANE('[')) | (v == EACH_OF_LANE(']')) | (v == EACH_OF_LANE('/'));

	w->word |= lane_bits(LANE_WITHIN(small, 'a', 'z') | LANE_WITHIN(v, '0', '9')) << i;
	w->dot |= lane_bits(v == EACH_OF_LANE('.')) << i;
	w->sign |= lane_bits(sign & ~quote) << i;
	w->joiner |= lane_bits(hyphen | quote) << i;
	w->underscore |= lane_bits(v == EACH_OF_LANE('_')) << i;
	/* < and = differ in their last bit, @ and ` in that of small letters */
	w->thought |= lane_bits((odd == EACH_OF_LANE('=')) | (v == EACH_OF_LANE('?')) | (small == EACH_OF_LANE('`')) |
							(v == EACH_OF_LANE('&')) | (v == EACH_OF_LANE('\\')) | (v == EACH_OF_LANE('+')) | (LaneTruth) v)
		<< i;
	w->code_digit |= lane_bits((v == EACH_OF_LANE('2')) | (odd == EACH_OF_LANE('5'))) << i;
	w->blank |= lane_bits(v == EACH_OF_LANE(' ')) << i;
}

/* window_read_plain - see window.h; written out, as not every compiler unrolls a loop */
void
window_read_plain(Window *w, const unsigned char *at)
{
	*w = (Window) {0};
	window_lane(w, at, 0);
	window_lane(w, at, WINDOW_LANE);
	window_lane(w, at, 2 * WINDOW_LANE);
	window_lane(w, at, 3 * WINDOW_LANE);
}


#ifdef HAVE_TABLES

/*
 * A byte belongs to a set if both its halves say so: the high one names a row of 16 characters, the low one a
 * place in it.  So a set has a bit for each row that differs; eight bits fit into a table.
 */
enum InTexts
{
	LETTER_AO = 0x01,
	LETTER_PZ = 0x02,
	DIGIT = 0x04,
	CODE_DIGIT = 0x08,
	THOUGHT_2 = 0x10,			/* & + */
	THOUGHT_3 = 0x20,			/* < = ? */
	THOUGHT_46 = 0x40,			/* @ ` */
	THOUGHT_5 = 0x80,			/* \ */
	LETTER = LETTER_AO | LETTER_PZ,
	WORD = LETTER | DIGIT,
	THOUGHT = THOUGHT_2 | THOUGHT_3 | THOUGHT_46 | THOUGHT_5
};

enum Between
{
	BLANK = 0x01,
	DOT = 0x02,
	JOINER = 0x04,				/* - ' */
	SIGN_2 = 0x08,				/* # $ % & ( ) - / */
	SIGN_5 = 0x10,				/* [ ] */
	UNDERSCORE = 0x20,
	SIGN = SIGN_2 | SIGN_5
};

#define TABLE(...) {__VA_ARGS__, __VA_ARGS__}	/* a lookup is within 16 bytes */

static const unsigned char text_low[32] = TABLE(
	LETTER_PZ | DIGIT | THOUGHT_46, WORD, WORD | CODE_DIGIT, WORD,
	WORD | CODE_DIGIT, WORD | CODE_DIGIT, WORD | THOUGHT_2, WORD,
	WORD, WORD, LETTER, LETTER_AO | THOUGHT_2,
	LETTER_AO | THOUGHT_3 | THOUGHT_5, LETTER_AO | THOUGHT_3, LETTER_AO, LETTER_AO | THOUGHT_3);
static const unsigned char text_high[32] = TABLE(
	0, 0, THOUGHT_2, DIGIT | CODE_DIGIT | THOUGHT_3,
	LETTER_AO | THOUGHT_46, LETTER_PZ | THOUGHT_5, LETTER_AO | THOUGHT_46, LETTER_PZ,
	0, 0, 0, 0, 0, 0, 0, 0);
static const unsigned char between_low[32] = TABLE(
	BLANK, 0, 0, SIGN_2, SIGN_2, SIGN_2, SIGN_2, JOINER,
	SIGN_2, SIGN_2, 0, SIGN_5, 0, SIGN_2 | SIGN_5 | JOINER, DOT, SIGN_2 | UNDERSCORE);
static const unsigned char between_high[32] = TABLE(
	0, 0, BLANK | DOT | JOINER | SIGN_2, 0, 0, SIGN_5 | UNDERSCORE, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0);

#define WITH_TABLES __attribute__((target("avx2")))

/* load - 32 bytes */
static inline WITH_TABLES __m256i
load(const unsigned char *at)
{
	return _mm256_loadu_si256((const __m256i *) (const void *) at);
}

/* in_set - the bytes that belong to a set of one bit */
static inline WITH_TABLES uint64_t
in_set(__m256i belongs, int bit)
{
	return (uint32_t) _mm256_movemask_epi8(_mm256_slli_epi16(belongs, __builtin_clz((unsigned) bit) - 24));
}

/* in_any - those that belong to a set of several */
static inline WITH_TABLES uint64_t
in_any(__m256i belongs, int bits)
{
	__m256i		some = _mm256_and_si256(belongs, _mm256_set1_epi8((char) bits));

	return (uint32_t) _mm256_movemask_epi8(_mm256_adds_epu8(some, _mm256_set1_epi8(0x7F)));
}

/* window_half - sort 32 bytes, the first one being byte "i" */
static inline WITH_TABLES void
window_half(Window *w, const unsigned char *at, int i)
{
	__m256i		low = load(at + i);
	__m256i		high = _mm256_and_si256(_mm256_srli_epi16(low, 4), _mm256_set1_epi8(0x0F));
	__m256i		text = _mm256_and_si256(_mm256_shuffle_epi8(load(text_low), low), _mm256_shuffle_epi8(load(text_high), high));
	__m256i		between = _mm256_and_si256(_mm256_shuffle_epi8(load(between_low), low),
										   _mm256_shuffle_epi8(load(between_high), high));
	uint64_t	not_ascii = (uint32_t) _mm256_movemask_epi8(low);

	w->word |= in_any(text, WORD) << i;
	w->dot |= in_set(between, DOT) << i;
	w->sign |= in_any(between, SIGN) << i;
	w->joiner |= in_set(between, JOINER) << i;
	w->underscore |= in_set(between, UNDERSCORE) << i;
	w->thought |= (in_any(text, THOUGHT) | not_ascii) << i;
	w->code_digit |= in_set(text, CODE_DIGIT) << i;
	w->blank |= in_set(between, BLANK) << i;
}

/* window_read_tables - the same, with tables */
static WITH_TABLES void
window_read_tables(Window *w, const unsigned char *at)
{
	Window		both = {0};

	window_half(&both, at, 0);
	window_half(&both, at, WINDOW_SIZE / 2);
	*w = both;
}

/* window_read_first - what this processor can do is asked once */
static void
window_read_first(Window *w, const unsigned char *at)
{
	window_read = __builtin_cpu_supports("avx2") ? window_read_tables : window_read_plain;
	window_read(w, at);
}

void (*window_read)(Window *w, const unsigned char *at) = window_read_first;

#else

void (*window_read)(Window *w, const unsigned char *at) = window_read_plain;

#endif
