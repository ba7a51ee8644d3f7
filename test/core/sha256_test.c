/*
 * sha256_test.c
 *		The examples of FIPS 180-4 and RFC 4231, and texts that end at every place of a block.
 */
#include "sha256.h"
#include "tap.h"

#include <stdio.h>
#include <string.h>

typedef struct Example
{
	const char *key;			/* or NULL: no HMAC */
	const char *text;
	const char *digest;
} Example;

static const Example examples[] = {
	{NULL, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{NULL, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{NULL, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	{NULL, "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
	"cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
	{"\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b", "Hi There",
	"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
	{"Jefe", "what do ya want for nothing?",
	"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
};

static void
to_hex(const unsigned char digest[SHA256_LENGTH], char hex[2 * SHA256_LENGTH + 1])
{
	for (int i = 0; i < SHA256_LENGTH; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

static void
check_example(const Example *example)
{
	unsigned char digest[SHA256_LENGTH];
	char		hex[2 * SHA256_LENGTH + 1];
	HmacKey		key;
	Sha256		hash;

	if (example->key != NULL)
	{
		hmac_key_set(&key, example->key, strlen(example->key));
		hmac_sha256(&key, example->text, strlen(example->text), digest);
	}
	else
	{
		sha256_start(&hash);
		sha256_add(&hash, example->text, strlen(example->text));
		sha256_end(&hash, digest);
	}
	to_hex(digest, hex);
	ok(strcmp(hex, example->digest) == 0, example->text);
}

/* A million letters a, in pieces of which none is a block. */
static void
check_million(void)
{
	char		piece[1000];
	unsigned char digest[SHA256_LENGTH];
	char		hex[2 * SHA256_LENGTH + 1];
	Sha256		hash;

	memset(piece, 'a', sizeof(piece));
	sha256_start(&hash);
	for (int i = 0; i < 1000; i++)
		sha256_add(&hash, piece, sizeof(piece));
	sha256_end(&hash, digest);
	to_hex(digest, hex);
	ok(strcmp(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0") == 0, "a million letters");
}

/* Every text of up to three blocks is the same in one piece, in two, and byte by byte. */
static void
check_pieces(void)
{
	unsigned char whole[SHA256_LENGTH];
	unsigned char pieces[SHA256_LENGTH];
	char		text[3 * SHA256_BLOCK];
	int			different = 0;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char) (i * 7);
	for (size_t length = 0; length <= sizeof(text); length++)
	{
		Sha256		hash;

		sha256_start(&hash);
		sha256_add(&hash, text, length);
		sha256_end(&hash, whole);
		sha256_start(&hash);
		sha256_add(&hash, text, length / 2);
		sha256_add(&hash, text + length / 2, length - length / 2);
		sha256_end(&hash, pieces);
		different += memcmp(whole, pieces, sizeof(whole)) != 0;
		sha256_start(&hash);
		for (size_t i = 0; i < length; i++)
			sha256_add(&hash, text + i, 1);
		sha256_end(&hash, pieces);
		different += memcmp(whole, pieces, sizeof(whole)) != 0;
	}
	ok(different == 0, "in pieces as in one");
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
		check_example(&examples[i]);
	check_million();
	check_pieces();
	return tap_end();
}
