/*
 * NAME
 *		classify - what a server's answer says
 *
 * SUMMARY
 *		Weighs the evidence in an answer: a provider's own code, a phrase, the enhanced
 *		code, the reply code, in this order.
 *
 * DESCRIPTION
 *		In: the answer, and a status that the caller may know from elsewhere.  Out: class
 *		and what it was concluded from.  The rules are in rules.tsv, what codes say by
 *		themselves in reply_codes.def and enhanced_codes.def.
 *
 *		Where no phrase is known, what the words mean together counts as one (sense.c), if
 *		no enhanced code says why.  It also counts against what reads as a missing recipient
 *		where the sender, a login or room is spoken of, and it is that which is missing.
 *
 *		A vague phrase ("access denied") yields to an enhanced code that says why, and what
 *		reads as a missing recipient to a code about the sender (535, 5.1.8).  A hard
 *		reason behind a temporary reply is soft, unless its rule is final.
 *
 * DIAGNOSTICS
 *		unknown:unknown when there is neither a rule nor a code.
 */
#include "classify.h"

#include "hints.h"
#include "matcher.h"
#include "provider.h"
#include "response.h"
#include "sense.h"

/* A conclusion and what it rests on. */
typedef struct Verdict
{
	SmtpStatus	status;
	BounceClass klass;
	Basis		basis;
	const Rule *rule;
	const Sense *sense;			/* where no rule knows the answer */
} Verdict;

/* code_class - the reply code decides; the enhanced code may be a relay's */
static int
code_class(const StatusCode *code)
{
	return code->reply != 0 ? code->reply / 100 : code->klass;
}

/* says_why - an enhanced code that names a reason (not "other", not "refused") */
static bool
says_why(const StatusCode *code)
{
	return code->klass != 0 && code->detail != 0 && !(code->subject == 7 && code->detail == 1);
}

/* complete - add what the caller knows to what the text says */
static void
complete(StatusCode *code, SmtpStatus given)
{
	bool		agrees = smtp_status_class(given) == code_class(code) || code_class(code) == 0;

	if (given == SMTP_STATUS_NONE || !agrees)
		return;
	if (code->reply == 0)
		code->reply = smtp_status_reply(given);
	if (smtp_status_has_enhanced(given) && (code->klass == 0 || (code->subject == 0 && code->detail == 0)))
	{
		code->klass = smtp_status_class(given);
		code->subject = smtp_status_subject(given);
		code->detail = smtp_status_detail(given);
	}
}

/* read_all - the whole text, for its status alone */
static void
read_all(Response *r)
{
	size_t		carried;

	while (response_read(r, &carried))
		;
}

/*
 * match_response - read the text and match it.  Conditions are about the status, which
 * may stand at the very end: a text of several blocks is read once more.
 */
static const Rule *
match_response(Response *r, Match *m, const char *text, size_t len, SmtpStatus given)
{
	size_t		carried = 0;

	response_open(r, text, len);
	(void) response_read(r, &carried);
	if (!response_at_end(r))
	{
		StatusCode	code;
		size_t		answer;

		read_all(r);
		code = r->code;
		answer = r->answer;
		complete(&code, given);
		match_begin(m, &code, answer, true);
		response_open(r, text, len);
		while (response_read(r, &carried) && !response_at_end(r))
			match_tokens(m, r->token + carried, r->length - carried, r->offset + carried);
		r->code = code;
	}
	else
	{
		complete(&r->code, given);
		match_begin(m, &r->code, r->answer, false);
	}
	match_tokens(m, r->token + carried, r->length - carried, r->offset + carried);
	return match_result(m);
}

/* is_bare_5xx - a failure without any reason */
static bool
is_bare_5xx(const StatusCode *code)
{
	return code->reply == 550 || code->reply == 554 || code->reply == 571 || (code->reply == 0 && code->klass == 5);
}

/* match_sense - what the words mean together */
static const Sense *
match_sense(Response *r, const char *text, size_t len)
{
	Sensing		s;
	size_t		carried;

	sense_begin(&s, r->answer, is_bare_5xx(&r->code), r->code.reply == 0 && r->code.klass == 0);
	if (r->offset == 0)
		sense_tokens(&s, r->token, r->length, 0);
	else
	{
		response_open(r, text, len);
		while (response_read(r, &carried))
			sense_tokens(&s, r->token + carried, r->length - carried, r->offset + carried);
	}
	return sense_result(&s, r->offset + r->length);
}

/* softened - a class, if it is hard softened by a temporary reply */
static BounceClass
softened(BounceClass klass, const StatusCode *code)
{
	if (bounce_class_severity(klass) == SEVERITY_HARD && code_class(code) == 4)
		return bounce_class_make(SEVERITY_SOFT, bounce_class_reason(klass));
	return klass;
}

/* class_by_code - what the codes say by themselves, the reply's class first */
static BounceClass
class_by_code(const StatusCode *code, Basis *basis)
{
	bool		from_enhanced = false;
	int			klass = code_class(code);
	BounceClass c;

	*basis = BASIS_NONE;
	if (klass == 0)
		return BOUNCE_CLASS_NONE;
	c = smtp_status_default_class(smtp_status_make(code->reply, klass, code->klass == 0 ? -1 : code->subject,
												   code->klass == 0 ? 0 : code->detail),
								  &from_enhanced);
	if (c != BOUNCE_CLASS_NONE)
		*basis = from_enhanced ? BASIS_ENHANCED : BASIS_REPLY;
	return c;
}

/* refuses_sender - a code that speaks of who sends, whatever words stand by it: a login, a sender's address, a proof */
static bool
refuses_sender(const StatusCode *code, BounceClass by_code, Basis basis)
{
	if (code->reply / 10 == 53)
		return true;
	return basis == BASIS_ENHANCED && says_why(code) && bounce_class_severity(by_code) == SEVERITY_BLOCK &&
		reason_fact(bounce_class_reason(by_code))->fault == FAULT_SENDER;
}

/* overrules - does a rule count against what the codes say? */
static bool
overrules(const Rule *rule, const StatusCode *code, BounceClass by_code, Basis basis)
{
	if (rule->vague && basis == BASIS_ENHANCED && says_why(code))
		return false;
	return rule->vendor || bounce_class_severity(rule->klass) != SEVERITY_HARD || !refuses_sender(code, by_code, basis);
}

/* weigh - the order of evidence; a sense comes after it (weigh_sense) */
static void
weigh(Verdict *v, const StatusCode *code, const Rule *rule)
{
	v->klass = class_by_code(code, &v->basis);
	v->rule = NULL;
	v->sense = NULL;
	if (rule != NULL && overrules(rule, code, v->klass, v->basis))
	{
		v->klass = rule->final ? rule->klass : softened(rule->klass, code);
		v->basis = rule->vendor ? BASIS_VENDOR : BASIS_PHRASE;
		v->rule = rule;
	}
	if (v->klass == BOUNCE_CLASS_NONE)
		v->klass = bounce_class_make(SEVERITY_UNKNOWN, REASON_UNKNOWN);
}

/* is_doubtful - what reads as a missing recipient, where the sender, a login or room is spoken of */
static bool
is_doubtful(const Rule *rule, const Match *m, const StatusCode *code)
{
	return m->doubt != 0 && !rule->vendor && !rule->final && bounce_class_severity(rule->klass) == SEVERITY_HARD &&
		!says_why(code);
}

/* is_decided - does nothing have to be asked for a sense? */
static bool
is_decided(const Verdict *v, const Match *m, const StatusCode *code)
{
	if (code_class(code) == 2)
		return true;
	if (v->rule != NULL && !v->rule->hint)
		return !is_doubtful(v->rule, m, code);
	return v->basis == BASIS_ENHANCED && says_why(code);
}

/* clears_doubt - a sense that may count against a phrase */
static bool
clears_doubt(const Sense *sense)
{
	Reason		reason = bounce_class_reason(sense->klass);

	return reason_fact(reason)->fault == FAULT_SENDER || reason == REASON_MAILBOX_FULL || reason == REASON_RECIPIENT_FILTERED;
}

/* counts - is a sense stronger than what was concluded before, a hint or a code? */
static bool
counts(const Sense *sense, const Verdict *v, const StatusCode *code)
{
	if (v->rule != NULL && !v->rule->hint && !clears_doubt(sense))
		return false;
	if (v->rule != NULL && sense->has.there & SENSE_5XX)
		return false;
	return bounce_class_severity(sense->klass) != SEVERITY_HARD || !refuses_sender(code, v->klass, v->basis);
}

/* weigh_sense - where nothing else says why, what the words mean together does */
static void
weigh_sense(Verdict *v, Response *r, const Match *m, const char *text, size_t len)
{
	const StatusCode code = r->code;
	const Sense *sense;

	if (is_decided(v, m, &code))
		return;
	sense = match_sense(r, text, len);
	if (sense == NULL || !counts(sense, v, &code))
		return;
	v->sense = sense;
	v->klass = softened(sense->klass, &code);
	v->basis = BASIS_PHRASE;
	v->rule = NULL;
}

/* judge - read, match and weigh */
static void
judge(const char *text, size_t len, SmtpStatus given, Verdict *v)
{
	Response	r;
	Match		m;
	const Rule *rule = match_response(&r, &m, text, len, given);

	v->status = response_status(&r);
	weigh(v, &r.code, rule);
	weigh_sense(v, &r, &m, text, len);
}

/* classify_response - see classify.h */
BounceClass
classify_response(const char *text, size_t len, SmtpStatus status)
{
	Verdict		v;

	judge(text, len, status, &v);
	return v.klass;
}

/* classify_status - see classify.h */
BounceClass
classify_status(const char *text, size_t len, SmtpStatus given, SmtpStatus *status)
{
	Verdict		v;

	judge(text, len, given, &v);
	*status = v.status;
	return v.klass;
}

/* asks_for_patience - is a time in the answer one to wait, not one that has passed? */
static bool
asks_for_patience(BounceClass klass)
{
	Reason		reason = bounce_class_reason(klass);

	return reason != REASON_DELAYED && reason != REASON_MESSAGE_EXPIRED;
}

/* name_of - the rule's or the sense's, or NULL */
static const char *
name_of(const Verdict *v)
{
	if (v->rule != NULL)
		return rule_names + v->rule->name;
	return v->sense == NULL ? NULL : sense_names + v->sense->name;
}

/* diagnose_response - see classify.h */
void
diagnose_response(const char *text, size_t len, SmtpStatus status, Diagnosis *diagnosis)
{
	Verdict		v;

	judge(text, len, status, &v);
	diagnosis->status = v.status;
	diagnosis->klass = v.klass;
	diagnosis->basis = v.basis;
	diagnosis->rule = name_of(&v);
	diagnosis->url = find_url(text, len);
	diagnosis->blocklist = find_blocklist(text, len, bounce_class_reason(v.klass));
	diagnosis->retry_after = asks_for_patience(v.klass) ? find_retry_after(text, len) : -1;
	diagnosis->provider = v.rule == NULL ? NULL : provider_by_name(rule_names + v.rule->provider);
	if (diagnosis->provider == NULL)
		diagnosis->provider = find_provider(text, len < CLASSIFY_TEXT_MAX ? len : CLASSIFY_TEXT_MAX);
}

/* extract_status - see classify.h */
SmtpStatus
extract_status(const char *text, size_t len)
{
	Response	r;

	response_open(&r, text, len);
	read_all(&r);
	return response_status(&r);
}

/* basis_name - see classify.h */
const char *
basis_name(Basis basis)
{
	static const char *const names[] = {
		[BASIS_NONE] = "none",
		[BASIS_REPLY] = "reply",
		[BASIS_ENHANCED] = "enhanced",
		[BASIS_PHRASE] = "phrase",
		[BASIS_VENDOR] = "vendor",
	};

	return names[basis];
}
