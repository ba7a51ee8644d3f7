/*
 * NAME
 *		code_scan - tell status codes from other numbers
 *
 * SUMMARY
 *		Answers are full of numbers: addresses, ports, sizes, dates, versions, queue
 *		ids.  This tells which of them are reply codes (RFC 5321) and enhanced status
 *		codes (RFC 3463).
 *
 * DESCRIPTION
 *		In: a place in the text where a word begins.  Out: the parts of the code and
 *		the place behind it.  A pair ("550 5.1.1") and an enhanced code are known by
 *		their shape; a reply code alone also by what stands around it.
 *
 * DIAGNOSTICS
 *		NULL when the number is no status code.
 */
#include "code_scan.h"

#include <stddef.h>
#include <string.h>

#include "ascii.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define WORD_MAX 12
#define SEPARATOR_MAX 4			/* between the two codes of a pair */
#define IPV6_MAX 39				/* characters of an address */
#define FIRST_OF_IDEOGRAPHS 0xE3	/* the UTF-8 of kana, ideographs and hangul begins with this or more */
#define SUBJECT_MAX 7			/* RFC 3463; what is above is a version or a date */
#define SUCCESS_SECOND "01235"	/* 200, 211, 220, 235, 250: no 2yz with another y */

/* "limit of 500", "port 465", "Exim 4.9.6": words that make a number another thing */
static const char before_number[][WORD_MAX + 1] = {
	"about", "after", "another", "at", "byte", "bytes", "every", "exceed", "exceeded", "exceeding",
	"exceeds", "exim", "first", "id", "in", "last", "least", "limit", "line", "max", "maximum",
	"minimum", "most", "number", "of", "only", "over", "part", "past", "per", "pid", "port",
	"postfix", "section", "sendmail", "size", "state", "than", "total", "v", "ver", "version", "within",
};

/* "500 messages", "250 MB": words that make the number before them a quantity */
static const char after_number[][WORD_MAX + 1] = {
	"attempts", "byte", "bytes", "characters", "chars", "connections", "day", "days", "emails", "gb",
	"gib", "hops", "hour", "hours", "hrs", "k", "kb", "kbytes", "kib", "kilobytes", "lines", "mails",
	"mb", "mbytes", "megabytes", "mib", "min", "mins", "minute", "minutes", "ms", "octets", "of",
	"people", "percent", "points", "sec", "second", "seconds", "secs", "times", "users", "x",
};

/* in_list - is the word of the text one of the (sorted) words? */
static bool
in_list(const char (*words)[WORD_MAX + 1], size_t count, const unsigned char *word, size_t len)
{
	char		lower[WORD_MAX + 1] = {0};
	size_t		low = 0;

	if (len == 0 || len > WORD_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		lower[i] = (char) (word[i] | 0x20);
	while (low < count)
	{
		size_t		middle = (low + count) / 2;
		int			order = strcmp(words[middle], lower);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			count = middle;
	}
	return false;
}

/* unit_follows - "500 bytes", "2.1.5 MB" */
static bool
unit_follows(const unsigned char *at, const unsigned char *end)
{
	const unsigned char *word;

	while (at < end && is_blank(*at))
		at++;
	for (word = at; at < end && is_letter(*at) && at - word <= WORD_MAX;)
		at++;
	return in_list(after_number, COUNT_OF(after_number), word, (size_t) (at - word));
}

/* digits - are there exactly so many here? */
static bool
digits(const unsigned char *at, const unsigned char *end, int count)
{
	int			found = 0;

	while (at < end && is_digit(*at) && found <= count)
	{
		at++;
		found++;
	}
	return found == count;
}

/* phone_number_follows - "551-1234", "(550) 551-1234", "550-551-1234" */
static bool
phone_number_follows(const unsigned char *at, const unsigned char *end)
{
	if (at < end && *at == '-' && digits(at + 1, end, 4))
		return true;
	if (at < end && *at == ')')
		at++;
	if (at < end && (*at == ' ' || *at == '-'))
		at++;
	return digits(at, end, 3) && end - at > 3 && at[3] == '-' && digits(at + 4, end, 4);
}

/* quantity_follows - "500 bytes", "50%", "500/1000", "500,000" */
static bool
quantity_follows(const unsigned char *at, const unsigned char *end)
{
	if (at < end && (*at == '/' || *at == '%'))
		return true;
	if (end - at > 1 && (*at == ',' || *at == '.') && is_digit(at[1]))
		return true;
	return unit_follows(at, end);
}

/* measured_before - does the word directly before, on the same line, speak of a quantity? */
static bool
measured_before(const unsigned char *start, const unsigned char *at)
{
	const unsigned char *last = at;
	const unsigned char *word;

	while (last > start && last[-1] == ' ')
		last--;
	for (word = last; word > start && is_letter(word[-1]) && last - word <= WORD_MAX;)
		word--;
	return in_list(before_number, COUNT_OF(before_number), word, (size_t) (last - word));
}

/* ipv6_before - "2001:db8::550": groups of hexadecimal digits, and two colons at least */
static bool
ipv6_before(const unsigned char *start, const unsigned char *at)
{
	const unsigned char *limit = at - start > IPV6_MAX ? at - IPV6_MAX : start;
	int			colons = 0;
	int			digits = 0;

	for (; at > limit && (at[-1] == ':' || is_hex(at[-1])); at--)
	{
		colons += at[-1] == ':';
		digits += at[-1] != ':';
	}
	return colons > 1 && digits > 0 && (at == start || !is_letter(at[-1]));
}

/* joined_before - is the number the rest of an address, a date, a sum, a phone number? */
static bool
joined_before(const unsigned char *start, const unsigned char *at)
{
	unsigned char before = at > start ? at[-1] : ' ';
	unsigned char second = at - start > 1 ? at[-2] : ' ';

	switch (before)
	{
		case '.':
		case '-':
		case '_':
			return is_digit(second) || is_letter(second);
		case '/':
		case '+':
		case '$':
		case '%':
		case '@':
			return true;
		case ':':
			return is_digit(second) || second == ']' || ipv6_before(start, at);
		default:
			return false;
	}
}

/* key_before - the end of the key of "size=550", or of JSON's "size": 550, maybe escaped; NULL if there is none */
static const unsigned char *
key_before(const unsigned char *start, const unsigned char *at)
{
	if (at > start && at[-1] == '=')
		return at - 1;
	while (at > start && at[-1] == ' ')
		at--;
	if (at - start < 2 || at[-1] != ':' || at[-2] != '"')
		return NULL;
	at -= 2;
	return at > start && at[-1] == '\\' ? at - 1 : at;
}

/* wrong_key_before - "size=550", but not "code=550" or "dsn=5.1.1" */
static bool
wrong_key_before(const unsigned char *start, const unsigned char *at)
{
	static const char keys[][WORD_MAX + 1] = {
		"code", "dsn", "err", "error", "errorcode", "reply", "replycode", "response", "responsecode", "smtp", "smtpcode",
		"stat", "status", "statuscode",
	};
	const unsigned char *last = key_before(start, at);
	const unsigned char *word = last;

	if (last == NULL)
		return false;
	while (word > start && is_letter(word[-1]) && last - word <= WORD_MAX)
		word--;
	return !in_list(keys, COUNT_OF(keys), word, (size_t) (last - word));
}

/* scan_part - one to three digits, no leading zero; NULL if there are none or more */
static const unsigned char *
scan_part(const unsigned char *at, const unsigned char *end, int *part)
{
	const unsigned char *start = at;

	*part = 0;
	for (; at < end && is_digit(*at) && at - start < 4; at++)
		*part = *part * 10 + (*at - '0');
	if (at == start || at - start > 3 || (*start == '0' && at - start > 1))
		return NULL;
	return at;
}

/* scan_enhanced - "5.1.1" that is not the begin of something longer */
static const unsigned char *
scan_enhanced(const unsigned char *at, const unsigned char *end, StatusCode *code)
{
	int			subject;
	int			detail;
	int			klass = at < end ? *at - '0' : 0;

	if (end - at < 5 || (klass != 2 && klass != 4 && klass != 5) || at[1] != '.')
		return NULL;
	at = scan_part(at + 2, end, &subject);
	if (at == NULL || at == end || *at != '.' || subject > SUBJECT_MAX)
		return NULL;
	at = scan_part(at + 1, end, &detail);
	if (at == NULL || (at < end && (is_letter(*at) || *at == '@')))
		return NULL;
	if (end - at > 1 && (*at == '.' || *at == '-') && is_digit(at[1]))
		return NULL;
	code->klass = klass;
	code->subject = subject;
	code->detail = detail;
	return at;
}

/* separator - the length of a blank, dash or colon that is not ASCII: of a web page's, or of full width; else 0 */
static size_t
separator(const unsigned char *at, const unsigned char *end)
{
	static const char wide[][4] = {"\u3000", "\uFF1A", "\uFF0D"};

	if (end - at > 1 && memcmp(at, "\u00A0", 2) == 0)
		return 2;
	if (end - at < 3)
		return 0;
	if (at[0] == 0xE2 && at[1] == 0x80 && (at[2] <= 0x8A || (at[2] >= 0x90 && at[2] <= 0x95) || at[2] == 0xAF))
		return 3;
	for (size_t i = 0; i < COUNT_OF(wide); i++)
	{
		if (memcmp(at, wide[i], 3) == 0)
			return 3;
	}
	return 0;
}

/*
 * scan_reply - three digits, 2yz, 4yz or 5yz, that are a word of their own.  Who writes without
 * blanks may go on directly, but elsewhere than at the begin of a text counts so ("500文字").
 */
static const unsigned char *
scan_reply(const unsigned char *at, const unsigned char *end, bool is_begin, StatusCode *code)
{
	if (end - at < 3 || !is_digit(at[1]) || !is_digit(at[2]))
		return NULL;
	if (*at != '2' && *at != '4' && *at != '5')
		return NULL;
	if (*at == '2' && strchr(SUCCESS_SECOND, at[1]) == NULL)
		return NULL;
	if (memcmp(at, "255", 3) == 0)
		return NULL;			/* a program's exit status, a netmask */
	if (end - at > 3 && (is_digit(at[3]) || is_letter(at[3]) || at[3] == '@'))
		return NULL;
	if (end - at > 3 && at[3] >= 0x80 && separator(at + 3, end) == 0 && !(is_begin && at[3] >= FIRST_OF_IDEOGRAPHS))
		return NULL;
	code->reply = (*at - '0') * 100 + (at[1] - '0') * 10 + (at[2] - '0');
	return at + 3;
}

/* is_separator - between the codes of a pair */
static inline bool
is_separator(unsigned char c)
{
	switch (c)
	{
		case '-':
		case '_':
		case '#':
		case ':':
		case '/':
		case '(':
		case '[':
			return true;
		default:
			return is_blank(c);
	}
}

/* scan_second - the enhanced code of a pair, behind a separator */
static const unsigned char *
scan_second(const unsigned char *at, const unsigned char *end, StatusCode *code)
{
	for (int i = 0; i < SEPARATOR_MAX && at < end; i++)
	{
		size_t		len = is_separator(*at) ? 1 : separator(at, end);

		if (len == 0)
			break;
		at += len;
	}
	return scan_enhanced(at, end, code);
}

/* is_other_number - do the words around three digits say what they are? */
static bool
is_other_number(const unsigned char *start, const unsigned char *at, const unsigned char *after, const unsigned char *end)
{
	return wrong_key_before(start, at) || quantity_follows(after, end) || phone_number_follows(after, end) ||
		measured_before(start, at);
}

/* code_scan - read a status code at a place where a word begins */
const unsigned char *
code_scan(const unsigned char *start, const unsigned char *at, const unsigned char *end, StatusCode *code)
{
	const unsigned char *after;
	const unsigned char *after_pair;

	*code = (StatusCode) {0};
	if (joined_before(start, at))
		return NULL;
	after = scan_enhanced(at, end, code);
	if (after != NULL)
		return measured_before(start, at) || (code->klass == 2 && unit_follows(after, end)) ? NULL : after;
	after = scan_reply(at, end, at == start, code);
	if (after == NULL)
		return NULL;
	after_pair = scan_second(after, end, code);
	if (after_pair != NULL)
		return after_pair;
	/* 220 and 221 greet and take leave: in a dialogue they say nothing of the mail. */
	if (at[0] == '2' && at[1] == '2' && (at > start || memchr(at, '\n', end - at) != NULL))
		return NULL;
	/* "[417]" is a provider's own number, unless the answer begins with it */
	if (at > start && (at[-1] == '#' || (at[-1] == '[' && at - start > 1 && after < end && *after == ']')))
		return NULL;
	/* at the very begin it can be nothing else */
	return at > start && is_other_number(start, at, after, end) ? NULL : after;
}
