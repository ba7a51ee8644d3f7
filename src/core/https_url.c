/*++
 * NAME
 *	https_url 3
 * SUMMARY
 *	check a URL that goes into a mail header
 * SYNOPSIS
 *	#include "https_url.h"
 *
 *	HttpsUrlError https_url_check(const char *url)
 *
 *	const char *https_url_joint(const char *url)
 * DESCRIPTION
 *	RFC 8058 wants https.  Only what RFC 3986 allows in a URI passes, so nothing can
 *	end the angle brackets of RFC 2369, the header or the line.  A fragment never
 *	reaches the server, and what is appended behind it would not either.
 *--*/
#include "https_url.h"

#include <stdbool.h>
#include <string.h>

#include "ascii.h"

#define SCHEME "https://"

static const char *const error_texts[] = {
	[HTTPS_URL_OK] = "it is one",
	[HTTPS_URL_SCHEME] = "it does not begin with https://",
	[HTTPS_URL_HOST] = "it names no host",
	[HTTPS_URL_CHARACTER] = "it has a character that no URI may have; others must be written %XX",
	[HTTPS_URL_FRAGMENT] = "it has a fragment (#), which never reaches a server"
};

static bool
is_letter_or_digit(char c)
{
	return is_letter(c) || is_digit(c);
}

/* is_escape - %XX; reads no further than the end of the string */
static bool
is_escape(const char *at)
{
	return at[0] == '%' && is_hex(at[1]) && is_hex(at[2]);
}

/* begins_with_scheme - in any case */
static bool
begins_with_scheme(const char *url)
{
	for (size_t i = 0; i < sizeof(SCHEME) - 1; i++)
		if (url[i] != SCHEME[i] && (url[i] < 'A' || url[i] > 'Z' || (url[i] | 0x20) != SCHEME[i]))
			return false;
	return true;
}

HttpsUrlError
https_url_check(const char *url)
{
	const char *host = url + sizeof(SCHEME) - 1;

	if (!begins_with_scheme(url))
		return HTTPS_URL_SCHEME;
	if (!is_letter_or_digit(*host) && *host != '[')
		return HTTPS_URL_HOST;
	for (const char *at = host; *at != '\0'; at++)
	{
		if (*at == '#')
			return HTTPS_URL_FRAGMENT;
		if (!is_letter_or_digit(*at) && strchr("-._~:/?[]@!$&'()*+,;=", *at) == NULL && !is_escape(at))
			return HTTPS_URL_CHARACTER;
	}
	return HTTPS_URL_OK;
}

const char *
https_url_error_text(HttpsUrlError error)
{
	return error_texts[error];
}

const char *
https_url_joint(const char *url)
{
	size_t		length = strlen(url);

	if (strchr(url, '?') == NULL)
		return "?";
	return url[length - 1] == '?' || url[length - 1] == '&' ? "" : "&";
}
