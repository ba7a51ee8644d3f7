/*
 * NAME
 *		status_note - whose status a code in an answer is
 *
 * SUMMARY
 *		An answer is often quoted by a relay: "550 host mx said: 551 not here".  A code
 *		behind a quoting word or mark replaces the one before it.  Any other later code
 *		only completes it, or is a consequence ("503 need RCPT") and does not count.
 *
 * DESCRIPTION
 *		In: the reader at the place of a code.  Out: r->code, and r->answer, the token
 *		with which the innermost server's answer begins.
 *
 * DIAGNOSTICS
 *		None.
 *
 * SEE ALSO
 *		RFC 5321 4.2, RFC 3463
 */
#include "status_note.h"

#include "word.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define SPELLING_MAX 8			/* of a word, as far as Token.head has it */
#define NEXT_TO_MAX 5			/* bytes between two codes that stand together */
#define RELAY_WORDS_MAX 6		/* of relay_words */
#define HOST_TOKENS_MAX 24		/* "host mx.example.com[192.0.2.1]" */

/* Words behind which a relay quotes the answer that it got ("talk to me: 421"). */
static const char quoting_words[][SPELLING_MAX + 1] = {
	"answer", "answered", "got", "lmtp", "me", "replied", "reply", "responde", "response",
	"returned", "returns", "said", "saying", "says", "smtp", "was", "with",
};

/* How a relay leads over to the answer that it quotes: of the mail all this says nothing. */
static const char relay_words[][RELAY_WORDS_MAX][SPELLING_MAX + 1] = {
	{"said"},
	{"refused", "to", "talk", "to", "me"},	/* Postfix */
	{"remote", "host"},			/* qmail */
	{"does", "not", "like", "recipien", "."},
	{"after"},					/* Exim */
	{"after", "pipeline"},
	{"error", "from", "remote", "mail", "server"},
	{"rcpt", "to", "@"},		/* and Sendmail */
	{"from", "the", "remote", "server", "was"}, /* Google */
	{"remote", "server", "returned"},	/* Microsoft */
};

/* And how the log of one does: "relay=mx.example.com[192.0.2.1]:25, dsn=5.0.0, status=bounced (". */
static const char log_words[][RELAY_WORDS_MAX][SPELLING_MAX + 1] = {
	{"status", "=", "bounced", "("},
	{"status", "=", "deferred", "("},
};

static const char host_word[SPELLING_MAX + 1] = "host";

/* code_class - the first digit; the reply code is the server's own */
static int
code_class(const StatusCode *code)
{
	return code->reply != 0 ? code->reply / 100 : code->klass;
}

/* is_bracket - a sign that may stand between a quoting word and the code */
static bool
is_bracket(const Token *token)
{
	return token->key == SIGN('(') || token->key == SIGN('#') || token->key == SIGN('[');
}

/* quoting_word_before - does "said", "returned", "smtp;" stand directly before? */
static bool
quoting_word_before(const Response *r)
{
	size_t		last = r->length;
	uint64_t	head;

	while (last > 0 && r->length - last < 3 && is_bracket(&r->token[last - 1]))
		last--;
	if (last == 0)
		return false;
	head = r->token[last - 1].head;
	for (size_t i = 0; i < COUNT_OF(quoting_words); i++)
	{
		if (head == load_whole_eight((const unsigned char *) quoting_words[i]))
			return true;
	}
	return false;
}

static inline bool
is_quote(unsigned char c)
{
	return c == '\'' || c == '"' || c == '<' || c == '`';
}

/* may_stand_before - between what quotes a code and the code */
static inline bool
may_stand_before(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '#' || c == '(' || c == '[';
}

/*
 * quoted - is the code at r->at another server's answer in this one's text?  By a
 * quotation mark, "<", "->", a colon (a whole reply only), or a quoting word.
 */
static bool
quoted(const Response *r, const StatusCode *code)
{
	const unsigned char *before = r->at;

	if (before > r->start && is_quote(before[-1]))
		return true;
	while (before > r->start && may_stand_before(before[-1]))
		before--;
	if (before > r->start && (before[-1] == '<' || (before[-1] == ':' && code->reply != 0)))
		return true;
	if (before - r->start > 1 && before[-1] == '>' && before[-2] == '-')
		return true;
	return quoting_word_before(r);
}

/* stands_with_last - "550 554 5.7.0": the second code of two that stand together is the inner one */
static bool
stands_with_last(const Response *r)
{
	return r->code_end != NULL && r->at >= r->code_end && r->at - r->code_end <= NEXT_TO_MAX;
}

/* complete_code - take from a later code what is still missing, if they speak of the same thing */
static void
complete_code(Response *r, const StatusCode *code)
{
	if (r->code.klass == 0 && code->klass != 0 && (code->reply == 0 || code->reply == r->code.reply))
	{
		r->code.klass = code->klass;
		r->code.subject = code->subject;
		r->code.detail = code->detail;
	}
	else if (r->code.reply == 0 && code->reply / 100 == r->code.klass &&
			 (code->klass == 0 || (code->subject == r->code.subject && code->detail == r->code.detail)))
		r->code.reply = code->reply;
}

/* spells - is the token such a word, as far as eight letters go?  Or such a sign */
static bool
spells(const Token *token, const char *word)
{
	uint64_t	head = load_whole_eight((const unsigned char *) word);

	return token->head == head || (word[1] == '\0' && token->key == SIGN((unsigned char) word[0]));
}

/* before_words - where the tokens before "end" begin if they are these words; else "end" */
static size_t
before_words(const Response *r, size_t end, const char (*words)[SPELLING_MAX + 1])
{
	size_t		count = 0;

	while (count < RELAY_WORDS_MAX && words[count][0] != '\0')
		count++;
	if (end < r->given + count)
		return end;
	for (size_t i = 0; i < count; i++)
	{
		if (!spells(&r->token[end - count + i], words[i]))
			return end;
	}
	return end - count;
}

/* before_host - the same for "host mx.example.com[192.0.2.1]" */
static size_t
before_host(const Response *r, size_t end)
{
	size_t		first = end > r->given + HOST_TOKENS_MAX ? end - HOST_TOKENS_MAX : r->given;

	if (end == first || r->token[end - 1].key != SIGN(']'))
		return end;
	for (size_t i = end - 1; i > first; i--)
	{
		if (spells(&r->token[i - 1], host_word))
			return i - 1;
	}
	return end;
}

/* drop_relay - the words with which a relay leads over to the answer that begins here */
static void
drop_relay(Response *r)
{
	size_t		end = r->length;
	size_t		before;

	do
	{
		before = end;
		end = before_host(r, end);
		for (size_t i = 0; i < COUNT_OF(relay_words); i++)
			end = before_words(r, end, relay_words[i]);
	} while (end < before);
	for (size_t i = 0; i < COUNT_OF(log_words); i++)
	{
		if (before_words(r, end, log_words[i]) < end)
			end = r->given;
	}
	r->length = end;
	if (r->run > end)
		r->run = end;
}

/* replace_code - an inner answer; an enhanced code alone keeps the reply code it belongs to */
static void
replace_code(Response *r, const StatusCode *code)
{
	int			reply = r->code.reply;

	if (code->klass == 0 && code->reply == reply)
		return;
	r->code = *code;
	if (code->reply == 0 && reply / 100 == code->klass)
		r->code.reply = reply;
	drop_relay(r);
	r->answer = r->offset + r->length;
}

/* note_code - decide what a code found at r->at means for the whole; a failure stands against a success */
void
note_code(Response *r, const StatusCode *code)
{
	bool		first = r->code.reply == 0 && r->code.klass == 0;

	if (!first && code_class(code) == 2)
		return;
	if ((first && r->offset + r->length == 0) || code_class(&r->code) == 2)
		r->code = *code;
	else if (quoted(r, code) || (!first && stands_with_last(r)))
		replace_code(r, code);
	else if (first)
		r->code = *code;
	else
		complete_code(r, code);
}

/* response_status - both codes if they agree; else the one that promises another try */
SmtpStatus
response_status(const Response *r)
{
	const StatusCode *code = &r->code;
	int			reply_class = code->reply / 100;

	if (code->klass == 0)
		return code->reply == 0 ? SMTP_STATUS_NONE : smtp_status_make(code->reply, reply_class, -1, 0);
	if (code->reply == 0 || reply_class == code->klass)
		return smtp_status_make(code->reply, code->klass, code->subject, code->detail);
	if (reply_class == 4 || code->klass == 2)
		return smtp_status_make(code->reply, reply_class, -1, 0);
	return smtp_status_make(0, code->klass, code->subject, code->detail);
}
