/*
 * response_text.c
 *		Answers of servers in the encoding of the database, as the core reads them.
 *
 * The core wants UTF-8 and can bear anything.  So what a conversion refuses is
 * handed over as it is, one byte, and the conversion goes on behind it.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "mb/pg_wchar.h"

#include "response_text.h"

static bool
is_ascii(const char *text, int len)
{
	for (int i = 0; i < len; i++)
	{
		if (IS_HIGHBIT_SET(text[i]))
			return false;
	}
	return true;
}

/* See response_text.h. */
const char *
response_utf8(const char *text, int len, int *utf8_len)
{
	int			encoding = GetDatabaseEncoding();
	Oid			conversion = InvalidOid;
	Size		size;
	char	   *utf8;
	int			out = 0;

	*utf8_len = len;
	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII || is_ascii(text, len))
		return text;
	conversion = FindDefaultConversionProc(encoding, PG_UTF8);
	if (!OidIsValid(conversion))
		return text;
	size = (Size) len * MAX_CONVERSION_GROWTH + 1;
	utf8 = palloc_extended(size, MCXT_ALLOC_HUGE);
	for (int in = 0; in < len;)
	{
		in += pg_do_encoding_conversion_buf(conversion, encoding, PG_UTF8, (unsigned char *) text + in, len - in,
											(unsigned char *) utf8 + out, (int) Min(size - out, INT_MAX), true);
		out += strlen(utf8 + out);
		if (in < len)
			utf8[out++] = text[in++];
	}
	*utf8_len = out;
	return utf8;
}
