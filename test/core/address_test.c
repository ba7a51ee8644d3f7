/*
 * address_test.c
 *		The canonical spelling of addresses, one line for each thing people write.
 *
 * cc -Isrc/core -Itest/core test/core/address_test.c src/core/address*.c
 */
#include <string.h>

#include "address.h"
#include "address_plain.h"
#include "address_chars.h"
#include "tap.h"

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

typedef struct Case
{
	const char *text;
	const char *canonical;		/* or NULL: error says why */
	AddressError error;
} Case;

static const Case cases[] = {
	/* the grammar */
	{"a@b", "a@b", ADDRESS_OK},
	{"root@localhost", "root@localhost", ADDRESS_OK},
	{"First.Last+Tag@Example.COM", "first.last+tag@example.com", ADDRESS_OK},
	{"!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com", ADDRESS_OK},
	{"a@x-1.2y.example", "a@x-1.2y.example", ADDRESS_OK},
	{"a@_dmarc.my_host.example", "a@_dmarc.my_host.example", ADDRESS_OK},
	{"a@example.com.", "a@example.com", ADDRESS_OK},
	{"a@example.com..", NULL, ADDRESS_DOMAIN},
	{"a@.example.com", NULL, ADDRESS_DOMAIN},
	{"a@example..com", NULL, ADDRESS_DOMAIN},
	{"a@-x.example", NULL, ADDRESS_DOMAIN},
	{"a@x-.example", NULL, ADDRESS_DOMAIN},
	{"a@x.example-", NULL, ADDRESS_DOMAIN},
	{"a@exa mple.com", NULL, ADDRESS_DOMAIN},
	{"a@exa!mple.com", NULL, ADDRESS_DOMAIN},
	{"a@", NULL, ADDRESS_DOMAIN},
	{"a@.", NULL, ADDRESS_DOMAIN},
	{"a@b@c", NULL, ADDRESS_DOMAIN},
	{"@example.com", NULL, ADDRESS_LOCAL_PART},
	{"a b@example.com", NULL, ADDRESS_LOCAL_PART},
	{"a(b@example.com", NULL, ADDRESS_LOCAL_PART},
	{"a\x01@example.com", NULL, ADDRESS_LOCAL_PART},
	{"a\x7f@example.com", NULL, ADDRESS_LOCAL_PART},
	{"example.com", NULL, ADDRESS_NO_AT},
	{"a b", NULL, ADDRESS_NO_AT},
	{"", NULL, ADDRESS_EMPTY},
	{" \t\r\n", NULL, ADDRESS_EMPTY},
	{"<>", NULL, ADDRESS_EMPTY},

	/* dots where mail is delivered although the grammar has none */
	{"a..b@docomo.ne.jp", "a..b@docomo.ne.jp", ADDRESS_OK},
	{"a.@ezweb.ne.jp", "a.@ezweb.ne.jp", ADDRESS_OK},
	{".a@example.com", NULL, ADDRESS_LOCAL_PART},

	/* quotes */
	{"\"a.b\"@example.com", "a.b@example.com", ADDRESS_OK},
	{"\"a\\b\"@example.com", "ab@example.com", ADDRESS_OK},
	{"\"a..b.\"@docomo.ne.jp", "a..b.@docomo.ne.jp", ADDRESS_OK},
	{"\"A B\"@example.com", "\"a b\"@example.com", ADDRESS_OK},
	{"\"a@b\"@example.com", "\"a@b\"@example.com", ADDRESS_OK},
	{"\".a\"@example.com", "\".a\"@example.com", ADDRESS_OK},
	{"\"\"@example.com", "\"\"@example.com", ADDRESS_OK},
	{"\"a\\\"\\\\\\ b\"@example.com", "\"a\\\"\\\\ b\"@example.com", ADDRESS_OK},
	{"\"a\tb\"@example.com", NULL, ADDRESS_LOCAL_PART},
	{"\"a@example.com", NULL, ADDRESS_LOCAL_PART},
	{"\"a@\\", NULL, ADDRESS_LOCAL_PART},
	{"\"a\"b@example.com", NULL, ADDRESS_LOCAL_PART},
	{"a\"b\"@example.com", NULL, ADDRESS_LOCAL_PART},
	{"\"a@b\"", NULL, ADDRESS_LOCAL_PART},

	/* lengths */
	{SIXTY "1234@example.com", SIXTY "1234@example.com", ADDRESS_OK},
	{SIXTY "12345@example.com", NULL, ADDRESS_LOCAL_PART},
	{"\"" SIXTY "12\\3\"@example.com", SIXTY "123@example.com", ADDRESS_OK},
	{"\"" SIXTY " 1\"@example.com", "\"" SIXTY " 1\"@example.com", ADDRESS_OK},
	{"\"" SIXTY " 12\"@example.com", NULL, ADDRESS_LOCAL_PART},
	{"a@" SIXTY "123", "a@" SIXTY "123", ADDRESS_OK},
	{"a@" SIXTY "1234", NULL, ADDRESS_DOMAIN},
	{"a@" SIXTY "." SIXTY "." SIXTY "." SIXTY ".12345678", "a@" SIXTY "." SIXTY "." SIXTY "." SIXTY ".12345678", ADDRESS_OK},
	{"a@" SIXTY "." SIXTY "." SIXTY "." SIXTY ".123456789", NULL, ADDRESS_TOO_LONG},
	{"a@" SIXTY "." SIXTY "." SIXTY "." SIXTY "." TEN TEN, NULL, ADDRESS_DOMAIN},

	/* what programs and people wrap it in */
	{" \t a@example.com \r\n", "a@example.com", ADDRESS_OK},
	{"\xe2\x80\xaa" "a@example.com" "\xe2\x80\xac\xc2\xa0", "a@example.com", ADDRESS_OK},
	{"\xef\xbb\xbf" "a@example.com\xe3\x80\x80", "a@example.com", ADDRESS_OK},
	{"<a@example.com>", "a@example.com", ADDRESS_OK},
	{"< a@example.com >", "a@example.com", ADDRESS_OK},
	{"Ann Example <a@example.com>", "a@example.com", ADDRESS_OK},
	{"\"Example, Ann <x@example.net>\" <a@example.com>", "a@example.com", ADDRESS_OK},
	{"Example, Ann <a@example.com>", "a@example.com", ADDRESS_OK},
	{"ann@example.com <a@example.com>", "a@example.com", ADDRESS_OK},
	{"\xe7\x8c\xab\xe5\xa4\xaa <a@example.com>", "a@example.com", ADDRESS_OK},
	{"\xff\xfe <a@example.com>", "a@example.com", ADDRESS_OK},
	{"<\"a>b\"@example.com>", "\"a>b\"@example.com", ADDRESS_OK},
	{"mailto:a@example.com", "a@example.com", ADDRESS_OK},
	{"MailTo:a@example.com?subject=Hello,%20b@example.com", "a@example.com", ADDRESS_OK},
	{"<mailto:a@example.com>", "a@example.com", ADDRESS_OK},
	{"SMTP:A@example.com", "a@example.com", ADDRESS_OK},
	{"rfc822; a@example.com", "a@example.com", ADDRESS_OK},
	{"RFC822;<a@example.com>", "a@example.com", ADDRESS_OK},
	{"utf-8; a@example.com", "a@example.com", ADDRESS_OK},
	{"<@relay.example,@other.example:a@example.com>", "a@example.com", ADDRESS_OK},
	{"x400; a@example.com", NULL, ADDRESS_LOCAL_PART},
	{"<a@example.com", NULL, ADDRESS_LOCAL_PART},
	{"a@example.com>", NULL, ADDRESS_BRACKETS},
	{"\"Ann <a@example.com>", NULL, ADDRESS_BRACKETS},

	/* more than one */
	{"a@example.com, b@example.com", NULL, ADDRESS_SEVERAL},
	{"a@example.com;b@example.com", NULL, ADDRESS_SEVERAL},
	{"a@example.com, Bob <b@example.com>", NULL, ADDRESS_SEVERAL},
	{"Ann <a@example.com>, Bob <b@example.com>", NULL, ADDRESS_SEVERAL},
	{"a@example.com b@example.com", NULL, ADDRESS_DOMAIN},

	/* beyond ASCII: the local part as it is, but for ASCII letters */
	{"J\xc3\x96rg@example.com", "j\xc3\x96rg@example.com", ADDRESS_OK},
	{"\"\xe7\x8c\xab\"@example.jp", "\xe7\x8c\xab@example.jp", ADDRESS_OK},
	{"\"\xe7\x8c\xab \"@example.jp", "\"\xe7\x8c\xab \"@example.jp", ADDRESS_OK},
	{"a\xc2\xa0" "b@example.com", NULL, ADDRESS_LOCAL_PART},
	{"a\xe2\x80\x8b" "b@example.com", NULL, ADDRESS_LOCAL_PART},
	{"a@B\xc3\xbc" "cher.example", "a@xn--bcher-kva.example", ADDRESS_OK},
	{"a@B\xc3\xbc" "cher.example.", "a@xn--bcher-kva.example", ADDRESS_OK},
	{"a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example", ADDRESS_OK},
	{"a@\xe7\x8c\xab.example", NULL, ADDRESS_DOMAIN},	/* the converter below knows one word */
	{"a@b\xc2\xa0.example", NULL, ADDRESS_DOMAIN},
	{"\xc3@example.com", NULL, ADDRESS_LOCAL_PART},
	{"\xc0\x80@example.com", NULL, ADDRESS_LOCAL_PART},
	{"\xed\xa0\x80@example.com", NULL, ADDRESS_LOCAL_PART},
	{"\xf4\x90\x80\x80@example.com", NULL, ADDRESS_LOCAL_PART},
	{"a@\xff.example", NULL, ADDRESS_DOMAIN},

	/* IP addresses instead of a domain */
	{"a@[192.0.2.1]", "a@[192.0.2.1]", ADDRESS_OK},
	{"a@[192.000.002.001]", "a@[192.0.2.1]", ADDRESS_OK},
	{"a@[IPv6:2001:DB8::1]", "a@[ipv6:2001:db8::1]", ADDRESS_OK},
	{"a@[IPv6:2001:0db8:0:0:0:0:0:0001]", "a@[ipv6:2001:db8::1]", ADDRESS_OK},
	{"a@[IPv6:::]", "a@[ipv6:::]", ADDRESS_OK},
	{"a@[IPv6:::1]", "a@[ipv6:::1]", ADDRESS_OK},
	{"a@[IPv6:1::]", "a@[ipv6:1::]", ADDRESS_OK},
	{"a@[IPv6:1:2:3:4:5:6:7:8]", "a@[ipv6:1:2:3:4:5:6:7:8]", ADDRESS_OK},
	{"a@[IPv6:1:0:3:4:5:6:7::]", "a@[ipv6:1:0:3:4:5:6:7:0]", ADDRESS_OK},
	{"a@[IPv6:1:0:0:4:0:0:0:8]", "a@[ipv6:1:0:0:4::8]", ADDRESS_OK},
	{"a@[IPv6:::ffff:192.0.2.1]", "a@[ipv6:::ffff:c000:201]", ADDRESS_OK},
	{"a@[IPv6:1:2:3:4:5:6:192.0.2.1]", "a@[ipv6:1:2:3:4:5:6:c000:201]", ADDRESS_OK},
	{"a@[]", NULL, ADDRESS_DOMAIN},
	{"a@[", NULL, ADDRESS_DOMAIN},
	{"a@[192.0.2.1", NULL, ADDRESS_DOMAIN},
	{"a@[192.0.2]", NULL, ADDRESS_DOMAIN},
	{"a@[192.0.2.256]", NULL, ADDRESS_DOMAIN},
	{"a@[192.0.2.1.5]", NULL, ADDRESS_DOMAIN},
	{"a@[192.0.2.0001]", NULL, ADDRESS_DOMAIN},
	{"a@[2001:db8::1]", NULL, ADDRESS_DOMAIN},
	{"a@[IPv6:]", NULL, ADDRESS_DOMAIN},
	{"a@[IPv6::1]", NULL, ADDRESS_DOMAIN},
	{"a@[IPv6:1:]", NULL, ADDRESS_DOMAIN},
	{"a@[IPv6:1:::2]", NULL, ADDRESS_DOMAIN},
	{"a@[IPv6:1::2::3]", NULL, ADDRESS_DOMAIN},
	{"a@[IPv6:12345::]", NULL, ADDRESS_DOMAIN},
	{"a@[IPv6:g::]", NULL, ADDRESS_DOMAIN},
	{"a@[IPv6:1:2:3:4:5:6:7]", NULL, ADDRESS_DOMAIN},
	{"a@[IPv6:1:2:3:4:5:6:7:8:9]", NULL, ADDRESS_DOMAIN},
	{"a@[IPv6:1:2:3:4:5:6:7:8::]", NULL, ADDRESS_DOMAIN},
	{"a@[IPv6:1:2:3:4:5:6:7:192.0.2.1]", NULL, ADDRESS_DOMAIN},
	{"a@[x:y]", NULL, ADDRESS_DOMAIN},
};

/* A converter of one word: the real one belongs to the glue. */
static size_t
one_word(const char *domain, size_t len, char out[256])
{
	const char *dot = len > 0 && domain[len - 1] == '.' ? "." : "";

	if (len < 7 || memcmp(domain + 1, "\xc3\xbc" "cher", 6) != 0)
		return 0;
	return (size_t) snprintf(out, 256, "xn--bcher-kva.example%s", dot);
}

static bool
answers(const Case *c, const char *text)
{
	char		out[ADDRESS_TEXT_MAX];
	size_t		length = 0;
	size_t		domain = 0;
	AddressError error = address_normalize(text, strlen(text), one_word, out, &length, &domain);

	if (error != c->error)
		printf("# error %d, not %d: %s\n", error, c->error, address_error_text(error));
	else if (error == ADDRESS_OK && strcmp(out, c->canonical) != 0)
		printf("# became %s\n", out);
	else
		return error != ADDRESS_OK || (strlen(out) == length && out[domain - 1] == '@' && strrchr(out, '@') == out + domain - 1);
	return false;
}

/* Plain is what is canonical already, without quotes, brackets and UTF-8. */
static bool
plain_agrees(const char *text, const char *canonical)
{
	size_t		domain = address_plain(text, strlen(text));
	bool		is_plain = canonical != NULL && strcmp(text, canonical) == 0 &&
		strpbrk(text, "\"[\\ ") == NULL;

	for (const char *p = text; *p != '\0'; p++)
		is_plain &= (unsigned char) *p < 128;
	return is_plain ? domain == (size_t) (strrchr(text, '@') + 1 - text) : domain == 0;
}

/* The longest that is plain, and one byte more of each part. */
static void
plain_limits(void)
{
	char		text[ADDRESS_TEXT_MAX];

	memset(text, 'a', sizeof(text));
	text[64] = '@';
	for (int dot = 128; dot < 254; dot += 64)
		text[dot] = '.';
	ok(address_plain(text, 254) == 65, "a plain address as long as can be");
	ok(address_plain(text, 255) == 0, "and one byte more");
	ok(address_plain(text, 66) == 65 && address_plain(text, 65) == 0, "domain of one letter, and none");
	ok(address_plain(text + 64, 100) == 0, "no local part");
	text[64] = 'a';
	text[65] = '@';
	ok(address_plain(text, 100) == 0, "local part too long");
	text[64] = '@';
	text[65] = text[128] = 'a';
	ok(address_plain(text, 128) == 65 && address_plain(text, 129) == 0, "longest label, and one byte more");
	ok(address_plain("", 0) == 0, "nothing");
}

static void
input_limit(void)
{
	static char text[ADDRESS_INPUT_MAX + 2];
	char		out[ADDRESS_TEXT_MAX];
	size_t		length;
	size_t		domain;

	memset(text, ' ', sizeof(text));
	memcpy(text + ADDRESS_INPUT_MAX - 3, "a@b", 3);
	ok(address_normalize(text, ADDRESS_INPUT_MAX, one_word, out, &length, &domain) == ADDRESS_OK, "as much text as is read");
	ok(address_normalize(text, ADDRESS_INPUT_MAX + 1, one_word, out, &length, &domain) == ADDRESS_TOO_LONG, "one byte more");
	ok(address_normalize("a\0b@c", 5, one_word, out, &length, &domain) == ADDRESS_LOCAL_PART, "a NUL within");
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		ok(answers(&cases[i], cases[i].text), cases[i].text);
		if (cases[i].canonical != NULL)
			ok(answers(&cases[i], cases[i].canonical), "and again");
		ok(plain_agrees(cases[i].text, cases[i].canonical), "plain or not");
		if (cases[i].canonical != NULL)
			ok(plain_agrees(cases[i].canonical, cases[i].canonical), "canonical and plain or not");
	}
	plain_limits();
	input_limit();
	return tap_end();
}
