/*
 * token_test.c
 *		Tokens byte by byte, and the URLs that carry them.
 */
#include <string.h>

#include "https_url.h"
#include "tap.h"
#include "token.h"

static const Token ann = {
	.purpose = TOKEN_UNSUBSCRIBE, .key = 1, .expires_at = TOKEN_NEVER,
	.topic = "news", .topic_length = 4, .address = "ann@example.com", .address_length = 15
};

/* Is the token read from these bytes? */
static bool
reads(const uint8_t *bytes, size_t length)
{
	Token		token;

	return token_read(bytes, length, &token);
}

static bool
comes_back(const Token *token)
{
	uint8_t		bytes[TOKEN_BYTES_MAX];
	Token		again;
	size_t		length = token_write(token, bytes);

	return length > 0 && token_read(bytes, length, &again) &&
		again.purpose == token->purpose && again.key == token->key && again.expires_at == token->expires_at &&
		again.topic_length == token->topic_length && memcmp(again.topic, token->topic, token->topic_length) == 0 &&
		again.address_length == token->address_length &&
		memcmp(again.address, token->address, token->address_length) == 0;
}

static void
test_layout(void)
{
	static const uint8_t expected[] = {0x11, 1, 0, 4, 'n', 'e', 'w', 's', 'a', 'n', 'n', '@', 'e', 'x', 'a', 'm', 'p', 'l', 'e', '.', 'c', 'o', 'm'};
	uint8_t		bytes[TOKEN_BYTES_MAX];

	ok(token_write(&ann, bytes) == sizeof(expected) && memcmp(bytes, expected, sizeof(expected)) == 0,
	   "version and purpose, key, end, length of the topic, topic, address");
	ok(reads(bytes, sizeof(expected)), "it is read");
	ok(!reads(bytes, 8), "without an address it is none");
	ok(!reads(bytes, 0), "no bytes are none");
	bytes[0] = 0x21;
	ok(!reads(bytes, sizeof(expected)), "another version");
	bytes[0] = 0x14;
	ok(!reads(bytes, sizeof(expected)), "another purpose");
	bytes[0] = 0x11;
	bytes[3] = 100;
	ok(!reads(bytes, sizeof(expected)), "a topic that is longer than the token");
}

static void
test_numbers(void)
{
	static const uint64_t numbers[] = {0, 1, 127, 128, 16383, 16384, UINT32_MAX, ((uint64_t) 1 << 62) - 1};
	static const uint8_t wasteful[] = {0x11, 0x81, 0x00, 0, 0, 'a', '@', 'b'};
	static const uint8_t endless[] = {0x11, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0, 0, 'a', '@', 'b'};
	static const uint8_t large[] = {0x11, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F, 0, 0, 'a', '@', 'b'};
	bool		all = true;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
	{
		Token		token = ann;

		token.expires_at = numbers[i];
		token.key = (uint32_t) numbers[i];
		all &= comes_back(&token);
	}
	ok(all, "numbers of every length come back");
	ok(!reads(wasteful, sizeof(wasteful)), "a number has one spelling");
	ok(!reads(endless, sizeof(endless)), "a number without end");
	ok(!reads(large, sizeof(large)), "a key number has 32 bits");
}

static void
test_lengths(void)
{
	char		topic[TOKEN_TOPIC_MAX + 1];
	char		address[ADDRESS_LENGTH_MAX + 1];
	uint8_t		bytes[TOKEN_BYTES_MAX];
	Token		token = ann;

	memset(topic, 't', sizeof(topic));
	memset(address, 'a', sizeof(address));
	token.key = UINT32_MAX;
	token.expires_at = ((uint64_t) 1 << 62) - 1;
	token.topic = topic;
	token.topic_length = TOKEN_TOPIC_MAX;
	token.address = address;
	token.address_length = ADDRESS_LENGTH_MAX;
	ok(comes_back(&token) && token_write(&token, bytes) == TOKEN_BYTES_MAX, "the longest fits");
	token.topic_length = 0;
	ok(comes_back(&token), "no topic");
	token.topic_length = TOKEN_TOPIC_MAX + 1;
	ok(token_write(&token, bytes) == 0, "too long a topic");
	token.topic_length = 0;
	token.address_length = 0;
	ok(token_write(&token, bytes) == 0, "no address");
	token.address_length = ADDRESS_LENGTH_MAX + 1;
	ok(token_write(&token, bytes) == 0, "too long an address");
}

typedef struct UrlCase
{
	const char *url;
	HttpsUrlError error;
} UrlCase;

static const UrlCase url_cases[] = {
	{"https://example.com", HTTPS_URL_OK},
	{"HTTPS://Example.Com:8443/a/b;c?d=e&f=%C3%A9", HTTPS_URL_OK},
	{"https://[2001:db8::1]/u", HTTPS_URL_OK},
	{"http://example.com/u", HTTPS_URL_SCHEME},
	{"mailto:u@example.com", HTTPS_URL_SCHEME},
	{"https:/example.com", HTTPS_URL_SCHEME},
	{"https", HTTPS_URL_SCHEME},
	{"", HTTPS_URL_SCHEME},
	{"https://", HTTPS_URL_HOST},
	{"https:///u", HTTPS_URL_HOST},
	{"https://?u", HTTPS_URL_HOST},
	{"https://example.com/u>", HTTPS_URL_CHARACTER},
	{"https://example.com/u\r\nBcc: all@example.com", HTTPS_URL_CHARACTER},
	{"https://example.com/a b", HTTPS_URL_CHARACTER},
	{"https://example.com/\"", HTTPS_URL_CHARACTER},
	{"https://example.com/\xC3\xA9", HTTPS_URL_CHARACTER},
	{"https://example.com/%", HTTPS_URL_CHARACTER},
	{"https://example.com/%4", HTTPS_URL_CHARACTER},
	{"https://example.com/%4g", HTTPS_URL_CHARACTER},
	{"https://example.com/#u", HTTPS_URL_FRAGMENT},
};

static void
test_urls(void)
{
	for (size_t i = 0; i < sizeof(url_cases) / sizeof(url_cases[0]); i++)
		ok(https_url_check(url_cases[i].url) == url_cases[i].error, url_cases[i].url);
	ok(strcmp(https_url_joint("https://example.com/u"), "?") == 0, "the first parameter follows a ?");
	ok(strcmp(https_url_joint("https://example.com/u?a=b"), "&") == 0, "the next a &");
	ok(strcmp(https_url_joint("https://example.com/u?"), "") == 0 &&
		   strcmp(https_url_joint("https://example.com/u?a=b&"), "") == 0,
	   "where one stands there is no other");
}

int
main(void)
{
	test_layout();
	test_numbers();
	test_lengths();
	test_urls();
	return tap_end();
}
