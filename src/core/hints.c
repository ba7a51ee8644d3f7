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

#include "ascii.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define RETRY_MAX (30 * 86400)
#define RETRY_LOOK 60			/* bytes from the word that asks for a retry to the time */
#define RETRY_NEAR 12			/* and from the time to such a word behind it */

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

/*
 * find_texts - the first place of each of some texts in small letters, or len: all of them in one pass.
 * They are "stride" bytes apart, at most 64, and have two letters at least.
 */
static void
find_texts(const char *text, size_t len, const char *wanted, size_t stride, size_t count, size_t *place)
{
	uint64_t	first[32] = {0};	/* by the last bits of the first letter: the texts that may begin */
	uint64_t	second[32] = {0};

	for (size_t i = 0; i < count; i++)
	{
		first[wanted[i * stride] & 31] |= (uint64_t) 1 << i;
		second[wanted[i * stride + 1] & 31] |= (uint64_t) 1 << i;
		place[i] = len;
	}
	for (size_t at = 0; at + 1 < len; at++)
	{
		for (uint64_t may = first[text[at] & 31] & second[text[at + 1] & 31]; may != 0; may &= may - 1)
		{
			size_t		i = (size_t) __builtin_ctzll(may);

			if (place[i] == len && begins(text + at, len - at, wanted + i * stride))
				place[i] = at;
		}
	}
}

/* scheme_length - of "http://", "https://" or "www." if the text begins with it */
static size_t
scheme_length(const char *text, size_t len)
{
	if (lower(*text) == 'w')
		return begins(text, len, "www.") ? 4 : 0;
	if (lower(*text) != 'h' || !begins(text, len, "http"))
		return 0;
	return begins(text, len, "http://") ? 7 : begins(text, len, "https://") ? 8 : 0;
}

/*
 * names_host - does what follows the scheme name a host?  A user in front of it
 * would be taken for the host by who reads it; and letters of alphabets that set
 * blanks between words go on with a name, of which a part is another host.
 */
static bool
names_host(const char *rest, size_t len, bool at_end)
{
	size_t		host = 0;

	while (host < len && strchr("/?#", rest[host]) == NULL)
		host++;
	if (host == len && !at_end && (unsigned char) rest[len] >= 0xC3 && (unsigned char) rest[len] < 0xE0)
		return false;
	return host > 0 && memchr(rest, '@', host) == NULL;
}

/* end_of_run - of what can belong to an address of a page */
static size_t
end_of_run(const char *text, size_t len, size_t at)
{
	while (at < len && text[at] > ' ' && text[at] < 0x7F && strchr("<>\"'`|\\^{}", text[at]) == NULL)
		at++;
	return at;
}

/* without_marks - the end of it, less the marks that close a sentence */
static size_t
without_marks(const char *text, size_t begin, size_t end)
{
	while (end > begin && strchr(".,;:!?)]*", text[end - 1]) != NULL)
		end--;
	return end;
}

/* find_url - see hints.h */
TextSpan
find_url(const char *text, size_t len)
{
	size_t		run = 0;		/* end of what holds together and was looked at, */
	size_t		end = 0;		/* and of what can be an address there: read once, however many begin in it */

	len = bounded(len);
	for (size_t i = 0; i < len; i++)
	{
		size_t		host = scheme_length(text + i, len - i);

		if (host == 0 || (i > 0 && (is_letter(text[i - 1]) || text[i - 1] == '.')))
			continue;
		if (lower(text[i]) == 'w' && i < run)
			continue;
		if (i >= run)
		{
			run = end_of_run(text, len, i + host);
			end = without_marks(text, i + host, run);
		}
		/* without a scheme a page has to be named */
		if (names_host(text + i + host, end - i - host, end == len) && (lower(text[i]) == 'h' || memchr(text + i, '/', end - i) != NULL))
			return (TextSpan) {text + i, end - i};
	}
	return (TextSpan) {0};
}

/* zone_at - the host name that stands there, if it has a dot */
static TextSpan
zone_at(const char *text, size_t len, size_t begin)
{
	size_t		end = begin;

	while (end < len && (is_letter(text[end]) || is_digit(text[end]) || text[end] == '-' || text[end] == '.'))
		end++;
	while (end > begin && text[end - 1] == '.')
		end--;
	if (memchr(text + begin, '.', end - begin) == NULL)
		return (TextSpan) {0};
	return (TextSpan) {text + begin, end - begin};
}

/* names_blocklist - is it a reason for which one may be named? */
static bool
names_blocklist(Reason reason)
{
	return reason == REASON_IP_BLOCKLISTED || reason == REASON_DOMAIN_BLOCKLISTED || reason == REASON_URL_BLOCKLISTED ||
		reason == REASON_REPUTATION || reason == REASON_BLOCKED_OTHER;
}

/* find_blocklist - see hints.h */
TextSpan
find_blocklist(const char *text, size_t len, Reason reason)
{
	static const char phrases[][20] = {
		"blocked using ", "listed at ", "listed in ", "listed on ", "listed by ", "black list at ", "blacklist at ",
		"blocklist at ", "block list at ", "found in ", "rejected using ", "dnsbl ", "rbl ",
	};
	size_t		place[64];
	TextSpan	zone = {0};

	_Static_assert(COUNT_OF(blocklists) <= COUNT_OF(place) && COUNT_OF(phrases) <= COUNT_OF(place), "a bit for each");
	if (!names_blocklist(reason))
		return zone;
	len = bounded(len);
	find_texts(text, len, blocklists[0].text, sizeof(blocklists[0]), COUNT_OF(blocklists), place);
	for (size_t i = 0; i < COUNT_OF(blocklists); i++)
	{
		if (place[i] < len)
			return (TextSpan) {blocklists[i].name, strlen(blocklists[i].name)};
	}
	find_texts(text, len, phrases[0], sizeof(phrases[0]), COUNT_OF(phrases), place);
	for (size_t i = 0; i < COUNT_OF(phrases) && zone.start == NULL; i++)
	{
		if (place[i] < len)
			zone = zone_at(text, len, place[i] + strlen(phrases[i]));
	}
	return zone;
}

/* unit_seconds - how many seconds the unit at this place has, 0 if it is no unit */
static int32_t
unit_seconds(const char *text, size_t len)
{
	static const struct
	{
		char		name[12];
		int32_t		seconds;
	}			units[] = {
		{"sec", 1}, {"sek", 1}, {"seg", 1}, {"сек", 1}, {"秒", 1},
		{"min", 60}, {"мин", 60}, {"分", 60},
		{"hour", 3600}, {"hr", 3600}, {"stunde", 3600}, {"heure", 3600}, {"hora", 3600}, {"ora", 3600}, {"ore", 3600},
		{"uur", 3600}, {"uren", 3600}, {"час", 3600}, {"時間", 3600}, {"小时", 3600}, {"小時", 3600},
		{"day", 86400}, {"tag", 86400}, {"jour", 86400}, {"dia", 86400}, {"giorn", 86400}, {"dag", 86400},
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

/* begins_thousands - does ",800" stand here? */
static bool
begins_thousands(const char *text, size_t len)
{
	return len >= 4 && text[0] == ',' && is_digit(text[1]) && is_digit(text[2]) && is_digit(text[3]) &&
		(len == 4 || !is_digit(text[4]));
}

/* read_number - digits, or "an", "one" .. "ten"; a huge number ends as RETRY_MAX + 1 */
static size_t
read_number(const char *text, size_t len, int32_t *number)
{
	static const char words[][8] = {
		"an ", "one ", "two ", "three ", "four ", "five ", "six ", "seven ", "eight ", "nine ", "ten ",
	};
	size_t		i = 0;

	for (*number = 0; i < len && (is_digit(text[i]) || (i > 0 && begins_thousands(text + i, len - i))); i++)
		*number = *number > RETRY_MAX || text[i] == ',' ? *number : *number * 10 + (text[i] - '0');
	for (size_t w = 0; i == 0 && w < COUNT_OF(words); w++)
	{
		if (begins(text, len, words[w]))
		{
			*number = w == 0 ? 1 : (int32_t) w;
			return strlen(words[w]);
		}
	}
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
	return ((text[0] - '0') * 10 + text[1] - '0') * 3600 + ((text[3] - '0') * 10 + text[4] - '0') * 60 + (text[6] - '0') * 10 + text[7] - '0';
}

/* between_units - the length of what may stand between "1 hour" and "30 minutes" */
static size_t
between_units(const char *text, size_t len)
{
	size_t		i = len > 0 && text[0] == ',' ? 1 : 0;

	while (i < len && text[i] == ' ')
		i++;
	return i + (i > 0 && begins(text + i, len - i, "and ") ? strlen("and ") : 0);
}

/* read_duration - "300 seconds", "5 min", "1h 30m", "1 hour and 5 minutes", "00:04:59"; returns its length, 0 if it is none */
static size_t
read_duration(const char *text, size_t len, int32_t *seconds)
{
	int32_t		smaller = RETRY_MAX;
	size_t		end = 0;

	*seconds = read_clock(text, len);
	if (*seconds >= 0)
		return 8;
	if (begins(text, len, "half an hour"))
	{
		*seconds = 1800;
		return strlen("half an hour");
	}
	for (*seconds = 0; end < len;)
	{
		int32_t		number;
		size_t		at = end;
		size_t		digits;
		int32_t		unit;

		if (end > 0)
			at += between_units(text + at, len - at);
		digits = read_number(text + at, len - at, &number);
		if (digits == 0)
			break;
		for (at += digits; at < len && (text[at] == ' ' || text[at] == '-');)
			at++;
		unit = unit_seconds(text + at, len - at);
		if (unit == 0 || unit >= smaller || number > (RETRY_MAX - *seconds) / unit)
			break;
		*seconds += number * unit;
		smaller = unit;
		for (end = at + 1; end < len && is_letter(text[end]);)
			end++;
	}
	return end;
}

/* asks_for_retry - does a word that asks to come back begin here? */
static bool
asks_for_retry(const char *text, size_t len)
{
	static const char words[][20] = {
		"again", "attempt", "back in", "come back", "defer", "delay", "greylist", "graylist", "grey list", "later",
		"resend", "retry", "wait", "warten", "erneut", "wieder", "nochmal", "attend", "reessay", "réessay", "intente",
		"reintente", "riprova", "tente", "tentar", "probeer", "opnieuw", "повтор", "попробуй", "再送", "再試行", "再度",
		"重试", "重試", "再试", "再試",
	};

	for (size_t i = 0; i < COUNT_OF(words); i++)
	{
		if (begins(text, len, words[i]))
			return true;
	}
	return false;
}

/* retry_asked_after - "in 5 Minuten erneut": is the time followed by a word that asks? */
static bool
retry_asked_after(const char *text, size_t begin, size_t end, size_t len)
{
	static const char before[][16] = {"in ", "dans ", "en ", "tra ", "fra ", "em ", "over ", "nach ", "через ", "在"};
	bool		waits = begin == 0 || (end < len && (unsigned char) text[end] >= 0x80);

	for (size_t i = 0; i < COUNT_OF(before) && !waits; i++)
	{
		size_t		size = strlen(before[i]);

		waits = begin >= size && begins(text + begin - size, size, before[i]);
	}
	for (size_t i = end; waits && i < len && i - end <= RETRY_NEAR && text[i] != ';' && text[i] != '.'; i++)
	{
		if (asks_for_retry(text + i, len - i))
			return true;
	}
	return false;
}

/* retry_field - "Retry-After: 120" is in seconds (RFC 9110 10.2.3); -1 if it does not stand here */
static int32_t
retry_field(const char *text, size_t len)
{
	static const char name[] = "retry-after";
	size_t		at = sizeof(name) - 1;
	int32_t		number;

	if (!begins(text, len, name))
		return -1;
	while (at < len && strchr(":= ", text[at]) != NULL && text[at] != '\0')
		at++;
	if (at == len || !is_digit(text[at]) || at == sizeof(name) - 1)
		return -1;
	at += read_number(text + at, len - at, &number);
	while (at < len && text[at] == ' ')
		at++;
	return number > RETRY_MAX || unit_seconds(text + at, len - at) > 0 ? -1 : number;
}

/* inside_word - does the place belong to a word or number, or to a date before a clock? */
static bool
inside_word(const char *text, size_t i, size_t len)
{
	if (i == 0)
		return false;
	if (is_letter(text[i - 1]) || is_digit(text[i - 1]) || text[i - 1] == '.' || text[i - 1] == ':')
		return true;
	if (i > 1 && is_digit(text[i - 2]) && begins_thousands(text + i - 1, len - i + 1))
		return true;
	return i > 1 && text[i - 1] == ' ' && is_digit(text[i - 2]) && read_clock(text + i, len - i) >= 0;
}

/* last_asked - the last place before "end" where a word asks to come back; from "begin" on, else the one known before */
static size_t
last_asked(const char *text, size_t len, size_t begin, size_t end, size_t known)
{
	for (size_t i = end; i > begin; i--)
	{
		if (asks_for_retry(text + i - 1, len - i + 1) && !inside_word(text, i - 1, len))
			return i - 1;
	}
	return known;
}

/* may_be_number - the first character of a time: a digit, or one of aefhnost, with which read_number's words begin */
static inline bool
may_be_number(char c)
{
	const uint32_t letters = 1U << 0 | 1U << 4 | 1U << 5 | 1U << 7 | 1U << 13 | 1U << 14 | 1U << 18 | 1U << 19;

	return is_digit(c) || (is_letter(c) && (letters >> (lower(c) - 'a') & 1));
}

/* find_retry_after - see hints.h; times are looked for first, as they are rarer than words that ask */
int32_t
find_retry_after(const char *text, size_t len)
{
	size_t		asked = SIZE_MAX;
	size_t		searched = 0;	/* up to here for words that ask */

	len = bounded(len);
	for (size_t i = 0; i < len; i++)
	{
		int32_t		seconds = lower(text[i]) == 'r' ? retry_field(text + i, len - i) : -1;
		size_t		end;

		if (seconds >= 0)
			return seconds;
		if (!may_be_number(text[i]) || inside_word(text, i, len))
			continue;
		end = read_duration(text + i, len - i, &seconds);
		if (end == 0 || asks_for_retry(text + i, len - i))
			continue;
		asked = last_asked(text, len, searched, i, asked);
		searched = i;
		if ((asked != SIZE_MAX && i - asked <= RETRY_LOOK) || retry_asked_after(text, i, i + end, len))
			return seconds;
	}
	return -1;
}

/* reason_advice - see hints.h */
const char *
reason_advice(Reason reason)
{
	return advice[reason];
}
