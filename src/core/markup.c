/*
 * NAME
 *		markup - tags of HTML in an answer
 *
 * SUMMARY
 *		Relays put answers into web pages. Known are the tags that stand between words.
 *
 * DESCRIPTION
 *		In: the place behind a "<".  Every byte is looked at a bounded number of times.
 *
 * DIAGNOSTICS
 *		None: what is no tag is text.
 */
#include "markup.h"

#include <stddef.h>
#include <string.h>

#include "ascii.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define TAG_LOOK 256
#define TAG_MAX 6

static const char tags[][TAG_MAX + 1] = {
	"a", "b", "big", "body", "br", "center", "code", "div", "em", "font", "h1", "h2", "h3", "head",
	"hr", "html", "i", "li", "meta", "ol", "p", "pre", "small", "span", "strong", "style", "table",
	"tbody", "td", "th", "title", "tr", "tt", "u", "ul",
};

/* is_tag - see markup.h */
bool
is_tag(const unsigned char *at, const unsigned char *end)
{
	char		name[TAG_MAX + 1];
	size_t		len = 0;

	if (at < end && *at == '/')
		at++;
	while (at < end && len < TAG_MAX && (is_letter(*at) || (len > 0 && is_digit(*at))))
		name[len++] = (char) (*at++ | 0x20);
	if (at == end || (*at != '>' && *at != '/' && !is_blank(*at)))
		return false;
	name[len] = '\0';
	for (size_t i = 0; i < COUNT_OF(tags); i++)
	{
		if (name[0] == tags[i][0] && strcmp(name, tags[i]) == 0)
			return true;
	}
	return false;
}

/* skip_tag - see markup.h */
const unsigned char *
skip_tag(const unsigned char *at, const unsigned char *end)
{
	const unsigned char *greater = at;

	while (greater < end && greater - at < TAG_LOOK && *greater != '>' && *greater != '<')
		greater++;
	return greater < end && *greater == '>' ? greater + 1 : at;
}
