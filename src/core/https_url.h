/*
 * https_url.h
 *		Is this the address of a page on the web that a mail header may carry?
 */
#ifndef BOUNCE_HTTPS_URL_H
#define BOUNCE_HTTPS_URL_H

#include <stddef.h>

typedef enum HttpsUrlError
{
	HTTPS_URL_OK,
	HTTPS_URL_SCHEME,
	HTTPS_URL_HOST,
	HTTPS_URL_CHARACTER,
	HTTPS_URL_FRAGMENT
} HttpsUrlError;

/* Of a text that is terminated. */
extern HttpsUrlError https_url_check(const char *url);

/* A clause for people, lower case, no full stop. */
extern const char *https_url_error_text(HttpsUrlError error);

/* What joins a parameter to the URL: "?", "&", or nothing where that stands already. */
extern const char *https_url_joint(const char *url);

#endif
