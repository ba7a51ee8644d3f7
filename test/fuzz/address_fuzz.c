/*
 * address_fuzz.c
 *		Any bytes are safe to normalise; what is an address stays the same when it
 *		is normalised again, and its parts are what they are said to be.  What is
 *		plain is what is canonical in plain ASCII.
 *
 * clang -fsanitize=fuzzer,address,undefined -Isrc -Isrc/core test/fuzz/address_fuzz.c
 *		src/core/address.c src/core/address_plain.c src/core/address_chars.c src/core/address_literal.c src/domain_to_ascii.c -lidn2
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "address_plain.h"
#include "domain_to_ascii.h"

int			LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* All bytes of a domain are lower-case ASCII without blanks. */
static void
check_domain(const char *domain)
{
	if (*domain == '\0')
		abort();
	for (; *domain != '\0'; domain++)
	{
		if (*domain <= ' ' || *domain >= 0x7F || *domain == '@' || (*domain >= 'A' && *domain <= 'Z'))
			abort();
	}
}

/* Read without need for quotes, brackets or UTF-8. */
static bool
only_plain(const char *address, size_t length)
{
	for (size_t i = 0; i < length; i++)
	{
		if ((unsigned char) address[i] >= 128 || strchr("\"[\\", address[i]) != NULL)
			return false;
	}
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char		once[ADDRESS_TEXT_MAX];
	char		twice[ADDRESS_TEXT_MAX];
	size_t		length;
	size_t		domain;
	size_t		length_twice;
	size_t		domain_twice;
	size_t		plain = address_plain((const char *) bytes, size);
	AddressError error;

	error = address_normalize((const char *) bytes, size, domain_to_ascii, once, &length, &domain);
	if (address_error_text(error) == NULL)
		abort();
	if (plain != 0 && (error != ADDRESS_OK || length != size || domain != plain || memcmp(once, bytes, size) != 0))
		abort();
	if (error != ADDRESS_OK)
		return 0;
	if (address_plain(once, length) != (only_plain(once, length) ? domain : 0))
		abort();

	if (length != strlen(once) || length > ADDRESS_LENGTH_MAX || domain < 2 || once[domain - 1] != '@')
		abort();
	check_domain(once + domain);
	if (address_normalize(once, length, domain_to_ascii, twice, &length_twice, &domain_twice) != ADDRESS_OK)
		abort();
	if (length_twice != length || domain_twice != domain || strcmp(once, twice) != 0)
		abort();
	return 0;
}
