/*
 * token_fuzz.c
 *		Any bytes are safe to read as a token; what is one is written with the very
 *		same bytes, and what is written is read as it was.  Any text is safe to check
 *		as a URL; one that passes cannot end its brackets or its line.
 *
 * clang -fsanitize=fuzzer,address,undefined -Isrc/core test/fuzz/token_fuzz.c src/core/token.c src/core/https_url.c
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "https_url.h"
#include "token.h"

int			LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
read_any(const uint8_t *bytes, size_t size)
{
	uint8_t		again[TOKEN_BYTES_MAX];
	Token		token;

	if (!token_read(bytes, size, &token))
		return;
	if (token_purpose_name(token.purpose) == NULL ||
		token_purpose_named(token_purpose_name(token.purpose)) != token.purpose)
		abort();
	if (token_write(&token, again) != size || memcmp(again, bytes, size) != 0)
		abort();
}

/* The first bytes are the numbers, the rest the texts. */
static void
write_any(const uint8_t *bytes, size_t size)
{
	uint8_t		written[TOKEN_BYTES_MAX];
	Token		token = {.purpose = TOKEN_CONFIRM};
	Token		again;
	size_t		length;

	if (size < 13)
		return;
	token.key = (uint32_t) bytes[0] << (bytes[1] % 25);
	token.expires_at = (uint64_t) bytes[2] << (bytes[3] % 54);
	token.topic_length = ((size_t) bytes[4] << 8 | bytes[5]) % (size - 12);
	token.topic = (const char *) bytes + 12;
	token.address = token.topic + token.topic_length;
	token.address_length = size - 12 - token.topic_length;
	length = token_write(&token, written);
	if (length == 0)
		return;
	read_any(written, length - 1);
	if (memchr(token.topic, '\0', size - 12) != NULL)
		return;
	if (!token_read(written, length, &again) || again.purpose != token.purpose || again.key != token.key ||
		again.expires_at != token.expires_at || again.topic_length != token.topic_length ||
		again.address_length != token.address_length ||
		memcmp(again.topic, token.topic, token.topic_length) != 0 ||
		memcmp(again.address, token.address, token.address_length) != 0)
		abort();
}

/* With the scheme before it, or few would come further. */
static void
check_url(const uint8_t *bytes, size_t size)
{
	char	   *url = malloc(size + 9);

	if (url == NULL)
		return;
	memcpy(url, "https://", 8);
	memcpy(url + 8, bytes, size);
	url[size + 8] = '\0';
	if (https_url_error_text(https_url_check(url + 8)) == NULL)
		abort();
	if (https_url_check(url) == HTTPS_URL_OK)
	{
		if (strpbrk(url, "<>\"\\ \t\r\n#") != NULL)
			abort();
		(void) https_url_joint(url);
	}
	free(url);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	read_any(bytes, size);
	write_any(bytes, size);
	check_url(bytes, size);
	return 0;
}
