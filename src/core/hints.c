/*
 * NAME
 *		hints - what an answer tells beside its class
 *
 * SUMMARY
 *		Finds the URL that explains a refusal, the blocklist that caused it, and the time
 *		after which a server wants to be tried again.
 *
 * DESCRIPTION
 *		In: the answer as it came.  Out: spans of it, or constants.  Reads at most
 *		CLASSIFY_TEXT_MAX bytes.  The names of blocklists are in blocklists.def, what a
 *		person should do is in advice.def.
 *
 * DIAGNOSTICS
 *		An absent span, -1.
 */
#include "hints.h"

#include <stdbool.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define RETRY_MAX (30 * 86400)
#define RETRY_LOOK 60			/* from the word that asks for a retry to the time */

static const struct
{
	char		text[32];
	char		name[20];
}			blocklists[] = {
#define BLOCKLIST(text, name) {text, name},
#include "blocklists.def"
#undef BLOCKLIST
};

static const char *const advice[REASON_COUNT] = {
#define ADVICE(ID, text) [REASON_##ID] = text,
#include "advice.def"
#undef ADVICE
};

static inline char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char) (c | 0x20) : c;
}

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
is_letter(char c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

static size_t
bounded(size_t len)
{
	return len > CLASSIFY_TEXT_MAX ? CLASSIFY_TEXT_MAX : len;
}

/* begins - does the text begin with the word, in any case? */
static bool
begins(const char *text, size_t len, const char *word)
{
	size_t		i = 0;

	while (word[i] != '\0' && i < len && lower(text[i]) == word[i])
		i++;
	return word[i] == '\0';
}

/* find_text - where a text in small letters first occurs, or len */
static size_t
find_text(const char *text, size_t len, const char *wanted)
{
	for (size_t i = 0; i < len; i++)
	{
		if (lower(text[i]) == wanted[0] && begins(text + i, len - i, wanted))
			return i;
	}
	return len;
}

/* scheme_length - of "http://" or "https://" if the text begins with it */
static size_t
scheme_length(const char *text, size_t len)
{
	if (lower(*text) != 'h' || !begins(text, len, "http"))
		return 0;
	return begins(text, len, "http://") ? 7 : begins(text, len, "https://") ? 8 : 0;
}

/* find_url - see hints.h */
TextSpan
find_url(const char *text, size_t len)
{
	len = bounded(len);
	for (size_t i = 0; i < len; i++)
	{
		size_t		host = scheme_length(text + i, len - i);
		size_t		end = i + host;

		if (host == 0)
			continue;
		while (end < len && text[end] > ' ' && text[end] < 0x7F && strchr("<>\"'`|\\^{}", text[end]) == NULL)
			end++;
		while (end > i + host && strchr(".,;:!?)]*", text[end - 1]) != NULL)
			end--;
		if (end > i + host)
			return (TextSpan) {text + i, end - i};
	}
	return (TextSpan) {0};
}

/* zone_after - the host name that follows a phrase */
static TextSpan
zone_after(const char *text, size_t len, const char *phrase)
{
	size_t		begin = find_text(text, len, phrase) + strlen(phrase);
	size_t		end;

	if (begin >= len)
		return (TextSpan) {0};
	for (end = begin; end < len && (is_letter(text[end]) || is_digit(text[end]) || text[end] == '-' || text[end] == '.');)
		end++;
	while (end > begin && text[end - 1] == '.')
		end--;
	if (memchr(text + begin, '.', end - begin) == NULL)
		return (TextSpan) {0};
	return (TextSpan) {text + begin, end - begin};
}

/* find_blocklist - see hints.h */
TextSpan
find_blocklist(const char *text, size_t len, Reason reason)
{
	static const char *const phrases[] = {"blocked using ", "listed at ", "listed in ", "listed on ", "listed by "};
	TextSpan	zone = {0};

	if (reason != REASON_IP_BLOCKLISTED && reason != REASON_DOMAIN_BLOCKLISTED
		&& reason != REASON_URL_BLOCKLISTED && reason != REASON_REPUTATION && reason != REASON_BLOCKED_OTHER)
		return zone;
	len = bounded(len);
	for (size_t i = 0; i < COUNT_OF(blocklists); i++)
	{
		if (find_text(text, len, blocklists[i].text) < len)
			return (TextSpan) {blocklists[i].name, strlen(blocklists[i].name)};
	}
	for (size_t i = 0; i < COUNT_OF(phrases) && zone.start == NULL; i++)
		zone = zone_after(text, len, phrases[i]);
	return zone;
}

/* unit_seconds - how many seconds the unit at this place has, 0 if it is no unit */
static int32_t
unit_seconds(const char *text, size_t len)
{
	static const struct
	{
		char		name[10];
		int32_t		seconds;
	}			units[] = {
		{"sec", 1}, {"min", 60}, {"hour", 3600}, {"hr", 3600}, {"day", 86400},
		{"sekunde", 1}, {"stunde", 3600}, {"heure", 3600}, {"segundo", 1}, {"hora", 3600}, {"ora", 3600},
	};

	for (size_t i = 0; i < COUNT_OF(units); i++)
	{
		if (begins(text, len, units[i].name))
			return units[i].seconds;
	}
	/* "300s", "5m", "1h" */
	if (len > 0 && (len == 1 || !is_letter(text[1])))
		return lower(text[0]) == 's' ? 1 : lower(text[0]) == 'm' ? 60 : lower(text[0]) == 'h' ? 3600 : 0;
	return 0;
}

/* read_number - digits; a huge number ends as RETRY_MAX + 1 */
static size_t
read_number(const char *text, size_t len, int32_t *number)
{
	size_t		i = 0;

	for (*number = 0; i < len && is_digit(text[i]); i++)
		*number = *number > RETRY_MAX ? *number : *number * 10 + (text[i] - '0');
	return i;
}

/* read_clock - "00:04:59" */
static int32_t
read_clock(const char *text, size_t len)
{
	for (size_t i = 0; i < 8; i++)
	{
		if (i >= len || (i % 3 == 2 ? text[i] != ':' : !is_digit(text[i])))
			return -1;
	}
	return ((text[0] - '0') * 10 + text[1] - '0') * 3600 + ((text[3] - '0') * 10 + text[4] - '0') * 60
		+ (text[6] - '0') * 10 + text[7] - '0';
}

/* read_duration - "300 seconds", "5 min", "00:04:59" at this place; -1 if it is none */
static int32_t
read_duration(const char *text, size_t len)
{
	int32_t		number;
	int32_t		clock = read_clock(text, len);
	int32_t		unit;
	size_t		i;

	if (clock >= 0)
		return clock;
	i = read_number(text, len, &number);
	while (i < len && (text[i] == ' ' || text[i] == '-'))
		i++;
	unit = unit_seconds(text + i, len - i);
	if (unit == 0 || number > RETRY_MAX / unit)
		return -1;
	return number * unit;
}

/* asks_for_retry - does a word that asks to come back begin here? */
static bool
asks_for_retry(const char *text, size_t len)
{
	static const char words[][12] = {
		"again", "attempt", "back in", "come back", "defer", "delay", "greylist", "graylist", "grey list", "later",
		"resend", "retry", "wait", "warten", "attend", "reessay", "intente", "riprova",
	};

	for (size_t i = 0; i < COUNT_OF(words); i++)
	{
		if (begins(text, len, words[i]))
			return true;
	}
	return false;
}

/* find_retry_after - see hints.h */
int32_t
find_retry_after(const char *text, size_t len)
{
	size_t		asked = 0;
	bool		asking = false;

	len = bounded(len);
	for (size_t i = 0; i < len; i++)
	{
		if (i > 0 && (is_letter(text[i - 1]) || is_digit(text[i - 1]) || text[i - 1] == '.'))
			continue;
		if (is_letter(text[i]) && asks_for_retry(text + i, len - i))
		{
			asking = true;
			asked = i;
		}
		else if (asking && is_digit(text[i]) && i - asked <= RETRY_LOOK)
		{
			int32_t		seconds = read_duration(text + i, len - i);

			if (seconds >= 0)
				return seconds;
		}
	}
	return -1;
}

/* reason_advice - see hints.h */
const char *
reason_advice(Reason reason)
{
	return advice[reason];
}
