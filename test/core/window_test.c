/*
 * window_test.c
 *		The sets of 64 bytes: what each byte belongs to, in every place, by either way of
 *		sorting them.
 */
#include "tap.h"
#include "window.h"

/* belongs - is the byte one of these characters? */
static bool
belongs(const char *characters, unsigned byte)
{
	return byte != 0 && byte < 0x80 && strchr(characters, (int) byte) != NULL;
}

static bool
is_word(unsigned byte)
{
	return (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
}

/* sorted - the sets as they should be, byte by byte */
static Window
sorted(const unsigned char *bytes)
{
	Window		w = {0};

	for (int i = 0; i < WINDOW_SIZE; i++)
	{
		unsigned	byte = bytes[i];

		w.word |= (uint64_t) is_word(byte) << i;
		w.dot |= (uint64_t) (byte == '.') << i;
		w.sign |= (uint64_t) belongs("#$%&()-/[]", byte) << i;
		w.joiner |= (uint64_t) belongs("-'", byte) << i;
		w.underscore |= (uint64_t) (byte == '_') << i;
		w.thought |= (uint64_t) (belongs("&+<=?@\\`", byte) || byte >= 0x80) << i;
		w.code_digit |= (uint64_t) belongs("245", byte) << i;
		w.blank |= (uint64_t) (byte == ' ') << i;
	}
	return w;
}

/* all_right - by both ways */
static bool
all_right(const unsigned char *bytes)
{
	Window		should = sorted(bytes);
	Window		plain;
	Window		best;

	window_read_plain(&plain, bytes);
	window_read(&best, bytes);
	return memcmp(&plain, &should, sizeof(should)) == 0 && memcmp(&best, &should, sizeof(should)) == 0;
}

int
main(void)
{
	unsigned char bytes[WINDOW_SIZE];
	bool		right = true;

	for (unsigned byte = 0; byte < 256; byte++)
	{
		for (int place = 0; place < WINDOW_SIZE; place++)
		{
			memset(bytes, ' ', sizeof(bytes));
			bytes[place] = (unsigned char) byte;
			right &= all_right(bytes);
		}
	}
	ok(right, "every byte in every place");

	for (int run = 0; run < 10000; run++)
	{
		for (int i = 0; i < WINDOW_SIZE; i++)
			bytes[i] = (unsigned char) random_below(256);
		right &= all_right(bytes);
	}
	ok(right, "bytes by chance, side by side");
	return tap_end();
}
