/*
 * NAME
 *		spellings - other spellings of the words of patterns
 *
 * SUMMARY
 *		Where accents were lost, "Empfänger" comes as "Empf?nger" and "användare" as
 *		"anvandare".  A table of words can be asked for these, too: they get slots of
 *		their own and the number of the word that they stand for.
 *
 * DESCRIPTION
 *		In: the rules, patterns and examples, which are written with accents somewhere.
 *		Out: words in the model.  What is another word already stays that one.
 */
#include <string.h>

#include "letters.h"
#include "rule_model.h"

#define LETTERS_MAX 64

/* How a letter with an accent comes. */
typedef enum Spelling
{
	LOST,						/* as a question mark */
	PLAIN,						/* as the letter without its accent, umlauts too */
	SPELLING_COUNT
} Spelling;

/* key_of - of a text that is a single word; 0 if it is not */
static uint64_t
key_of(const char *text, size_t len)
{
	Token		token[2];

	return response_tokens(text, len, token, 2) == 1 ? token[0].key : 0;
}

/* spell - the word another way; false if that is no other, or too little is left of it */
static bool
spell(const char *word, size_t len, Spelling way, char *spelled, size_t *spelled_len)
{
	size_t		accents = 0;
	size_t		count = 0;

	for (size_t i = 0; i < len;)
	{
		unsigned	c;
		size_t		width = utf8_decode((const unsigned char *) word + i, (const unsigned char *) word + len, &c);
		const char *letters = latin_letters(c);

		if (c >= 0x80 && (letters == NULL || *letters == ' '))
			return false;
		accents += c >= 0x80;
		spelled[count++] = c < 0x80 ? (char) c : way == LOST ? '?' : *letters;
		i += width;
	}
	*spelled_len = count;
	/* a mark at the end is not read as a letter */
	return accents > 0 && count > (way == LOST && (spelled[0] == '?' || spelled[count - 1] != '?') ? 2 : 3);
}

/* find_word - the index of a whole word, or SIZE_MAX */
static size_t
find_word(uint64_t key)
{
	for (size_t i = 0; i < model.words.count; i++)
	{
		if (model.words.at[i].key == key && model.words.at[i].mask == 0)
			return i;
	}
	return SIZE_MAX;
}

/* add_spellings_of - of one word of a text */
static void
add_spellings_of(const char *word, size_t len)
{
	char		spelled[LETTERS_MAX];
	size_t		spelled_len;
	size_t		is = len > LETTERS_MAX ? SIZE_MAX : find_word(key_of(word, len));

	if (is == SIZE_MAX || model.words.at[is].stands_for != 0)
		return;
	for (Spelling way = 0; way < SPELLING_COUNT; way++)
	{
		uint64_t	key = spell(word, len, way, spelled, &spelled_len) ? key_of(spelled, spelled_len) : 0;

		if (key != 0 && find_word(key) == SIZE_MAX)
			APPEND(model.words, ((Word) {.key = key, .stands_for = is + 1}));
	}
}

/* in_word - does a byte belong to a word, as far as spellings go? */
static bool
in_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char) c >= 0x80;
}

/* add_spellings_in - of all words of a text */
static void
add_spellings_in(const char *text)
{
	while (*text != '\0')
	{
		size_t		len = 0;

		while (in_word(text[len]))
			len++;
		if (len > 0)
			add_spellings_of(text, len);
		text += len + (len == 0);
	}
}

/* add_spellings - see rule_model.h */
void
add_spellings(void)
{
	for (size_t i = 0; i < model.file.count; i++)
	{
		const RuleLine *line = &model.file.lines[i];

		add_spellings_in(line->pattern);
		for (size_t j = 0; j < line->example_count; j++)
			add_spellings_in(line->examples[j]);
	}
}
