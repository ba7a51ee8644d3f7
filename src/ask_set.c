/*
 * ask_set.c
 *		What the tables of state say about every address, in memory.
 *
 * One set holds addresses, domains and digests: each has its marks.  If the strings
 * fit into the limit they are kept and the answer stands; if not, the server's
 * bloom filter says which of them have no row, and the others are looked up.
 *
 * The rules of what counts are those of ask.c; here they are only put together
 * address by address in another order.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "common/pg_prng.h"
#include "lib/bloomfilter.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "address_digest.h"
#include "address_text.h"
#include "ask_set.h"
#include "compat.h"
#include "key_set.h"
#include "state_walk.h"

/* What is known about a key; of several rows, together. */
enum key_mark
{
	MARK_SUPPRESSED = 1,		/* the address is, certainly */
	MARK_GLOBAL_NO = 2,			/* a no to all topics, unless overruled */
	MARK_OWN_YES = 4,			/* a yes to the topic asked about */
	MARK_DOMAIN = 8,			/* the domain is suppressed */
	MARK_DIGEST = 16,			/* the digest is */
	MARK_UNSURE = KEY_UNSURE
};

#define MARKS_OF_ADDRESS (MARK_SUPPRESSED | MARK_GLOBAL_NO | MARK_OWN_YES | MARK_UNSURE)

/* What was found out about a domain: most addresses are at a few of them. */
typedef struct DomainAnswer
{
	uint8		length;			/* 0: nothing yet */
	uint8		answer;
	char		domain[30];
} DomainAnswer;

#define DOMAIN_ANSWERS 1024		/* a power of two */

struct AskSet
{
	MemoryContext context;
	KeySet	   *keys;			/* or NULL */
	bloom_filter *filter;		/* or NULL */
	const Question *question;	/* while it is built; NULL: any */
	bool		needs_yes;		/* an address without a row is suppressed */
	bool		may_need_yes;	/* or may be, for some topic */
	bool		has_domains;
	bool		has_digests[DIGEST_KINDS];
	DomainAnswer *domain_answers;	/* by hash, or NULL */
};

/* A filter with more of its bits set than this lets too many through. */
#define FILTER_FULL 0.7
#define FILTER_BYTES_MIN (1024 * 1024)
/* Elements that fill it half, with the number of hashes that the server then takes. */
#define FILTER_BITS_PER_ELEMENT 10

/* Where not all strings are kept, the others are looked up, as with the filter. */
static const char *const kind_name[] = {
	[KEYS_KEPT] = "exact", [KEYS_PARTLY] = "partly exact", [KEYS_FINGERPRINTS] = "fingerprints"
};

typedef bool (*RowTaker) (AskSet *set, StateScan *row);

static AskSet *begin(MemoryContext parent, const Question *question);
static AskSet *complete(AskSet *set, const char *kind, Size limit);
static void create_filter(AskSet *set, Size limit);
static bool fill(AskSet *set);
static bool take_rows(AskSet *set, StateTable table, RowTaker take);
static bool take_suppression(AskSet *set, StateScan *row);
static bool take_domain(AskSet *set, StateScan *row);
static bool take_digest(AskSet *set, StateScan *row);
static bool take_if_counts(AskSet *set, StateScan *row, uint8 mark);
static bool take_preference(AskSet *set, StateScan *row);
static bool take_topic(AskSet *set, StateScan *row);
static uint8 preference_marks(const AskSet *set, StateScan *row);
static bool add_key(AskSet *set, StateScan *row, uint8 marks);
static uint8 known(const AskSet *set, const char *key, size_t length, size_t domain);
static AskAnswer answer_for_address(const AskSet *set, uint8 marks);
static AskAnswer answer_for_domain(const AskSet *set, const char *domain, size_t length);
static AskAnswer look_for_domain(const AskSet *set, const char *domain, size_t length);
static AskAnswer answer_for_digest(const AskSet *set, DigestKind kind, const char *address, size_t length);
static AskAnswer answer_for_key(const AskSet *set, const char *key, size_t length, uint8 mark);

AskSet *
ask_set_build(MemoryContext parent, const Question *question, Size limit)
{
	AskSet	   *set = begin(parent, question);

	set->keys = key_set_create(set->context, limit, question != NULL ? KEYS_KEPT : KEYS_FINGERPRINTS);
	if (fill(set))
	{
		key_set_finish(set->keys);
		return complete(set, kind_name[key_set_kind(set->keys)], limit);
	}
	ask_set_free(set);
	if (limit < FILTER_BYTES_MIN)
		return NULL;
	set = begin(parent, question);
	create_filter(set, limit);
	if (fill(set) && bloom_prop_bits_set(set->filter) <= FILTER_FULL)
		return complete(set, "filter", limit);
	ask_set_free(set);
	return NULL;
}

void
ask_set_free(AskSet *set)
{
	MemoryContextDelete(set->context);
}

AskAnswer
ask_set_answer(const AskSet *set, const char *address, size_t length, size_t domain)
{
	AskAnswer	answer = answer_for_address(set, known(set, address, length, domain));

	if (answer == ASK_NO && set->has_domains)
		answer = answer_for_domain(set, address + domain, length - domain);
	for (DigestKind kind = 0; answer == ASK_NO && kind < DIGEST_KINDS; kind++)
		if (set->has_digests[kind])
			answer = answer_for_digest(set, kind, address, length);
	return answer;
}

double
ask_set_pages(void)
{
	double		sum = 0;
	int			tables = 0;

	for (StateTable table = 0; table < STATE_TABLE_COUNT; table++)
	{
		double		pages;

		(void) state_walk_rows(table, &pages);
		sum += pages;
		tables += pages > 0 && table != STATE_TOPIC;
	}
	return sum / Max(tables, 1);
}

static AskSet *
begin(MemoryContext parent, const Question *question)
{
	MemoryContext context = AllocSetContextCreate(parent, "bounce ask set", ALLOCSET_DEFAULT_SIZES);
	AskSet	   *set = MemoryContextAllocZero(context, sizeof(AskSet));

	set->context = context;
	set->question = question;
	set->needs_yes = question != NULL && question->marketing && (question->opt_in || question->retired);
	return set;
}

/* pg_backend_memory_contexts shows the kind. */
static AskSet *
complete(AskSet *set, const char *kind, Size limit)
{
	Size		size = DOMAIN_ANSWERS * sizeof(DomainAnswer);

	MemoryContextSetIdentifier(set->context, kind);
	if (set->has_domains && MemoryContextMemAllocated(set->context, true) + size <= limit)
		set->domain_answers = MemoryContextAllocZero(set->context, size);
	set->question = NULL;
	return set;
}

/* As large as the rows need, or as the limit lets it be when nobody knows how many. */
static void
create_filter(AskSet *set, Size limit)
{
	static const StateTable tables[] = {
		STATE_SUPPRESSION, STATE_PREFERENCE, STATE_DOMAIN_SUPPRESSION, STATE_DIGEST_SUPPRESSION
	};
	MemoryContext caller = MemoryContextSwitchTo(set->context);
	double		sum = 0;
	bool		known = true;

	for (int i = 0; i < (int) lengthof(tables); i++)
	{
		double		pages;
		double		rows = state_walk_rows(tables[i], &pages);

		sum += rows;
		known &= rows > 0 || pages > 0 || i > 0;
	}
	if (!known)
		sum = limit * (8.0 / FILTER_BITS_PER_ELEMENT);
	set->filter = bloom_create((int64) Max(sum, 1), Min(limit / 1024, MAX_KILOBYTES),
							   pg_prng_uint64(&pg_global_prng_state));
	MemoryContextSwitchTo(caller);
}

/* False: a key did not fit. */
static bool
fill(AskSet *set)
{
	const Question *question = set->question;

	return take_rows(set, STATE_SUPPRESSION, take_suppression) &&
		(question != NULL && !question->marketing ? true : take_rows(set, STATE_PREFERENCE, take_preference)) &&
		take_rows(set, STATE_DOMAIN_SUPPRESSION, take_domain) &&
		take_rows(set, STATE_DIGEST_SUPPRESSION, take_digest) &&
		(question != NULL ? true : take_rows(set, STATE_TOPIC, take_topic));
}

static bool
take_rows(AskSet *set, StateTable table, RowTaker take)
{
	MemoryContext context = AllocSetContextCreate(set->context, "bounce ask set row", ALLOCSET_SMALL_SIZES);
	StateWalk	walk;
	StateScan  *row;
	bool		taken = true;

	state_walk_begin(&walk, table);
	while (taken && (row = state_walk_next(&walk)) != NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(context);

		taken = take(set, row);
		MemoryContextSwitchTo(caller);
		MemoryContextReset(context);
	}
	state_walk_end(&walk);
	MemoryContextDelete(context);
	return taken;
}

static bool
take_suppression(AskSet *set, StateScan *row)
{
	return take_if_counts(set, row, MARK_SUPPRESSED);
}

static bool
take_domain(AskSet *set, StateScan *row)
{
	set->has_domains = true;
	return take_if_counts(set, row, MARK_DOMAIN);
}

static bool
take_digest(AskSet *set, StateScan *row)
{
	bool		isnull;
	const text *digest;

	/* One that is over costs nobody a hash. */
	if (set->question != NULL && !suppression_counts(set->question, row))
		return true;
	digest = DatumGetTextPP(state_scan_column(row, SUPPRESSION_KEY, &isnull));
	for (DigestKind kind = 0; kind < DIGEST_KINDS; kind++)
		set->has_digests[kind] |= is_digest_of_kind(digest, kind);
	return add_key(set, row, MARK_DIGEST);
}

static bool
take_if_counts(AskSet *set, StateScan *row, uint8 mark)
{
	if (set->question == NULL)
		return add_key(set, row, mark);
	return suppression_counts(set->question, row) ? add_key(set, row, mark) : true;
}

static bool
take_preference(AskSet *set, StateScan *row)
{
	uint8		marks = set->question == NULL ? MARK_GLOBAL_NO : preference_marks(set, row);

	return marks == 0 ? true : add_key(set, row, marks);
}

static bool
take_topic(AskSet *set, StateScan *row)
{
	set->may_need_yes |= topic_may_stop(row);
	return true;
}

/*
 * What choice_against() makes of a choice, as far as one row tells.  A yes to all
 * topics only takes a no back.
 */
static uint8
preference_marks(const AskSet *set, StateScan *row)
{
	Preference	preference;
	bool		against;

	if (!preference_counts(set->question, row, &preference))
		return 0;
	if (set->question->retired)
		return MARK_SUPPRESSED;
	if (preference.choice.state == PREFERENCE_NONE)
		return 0;
	against = preference.choice.state != PREFERENCE_SUBSCRIBED;
	if (preference.global)
		return against && preference.choice.state != PREFERENCE_PENDING ? MARK_GLOBAL_NO : 0;
	return against ? MARK_SUPPRESSED : MARK_OWN_YES;
}

static bool
add_key(AskSet *set, StateScan *row, uint8 marks)
{
	bool		isnull;
	const text *key = DatumGetTextPP(state_scan_column(row, SUPPRESSION_KEY, &isnull));
	size_t		length;

	if (isnull)
		return true;
	length = VARSIZE_ANY_EXHDR(key);
	if (set->keys != NULL)
		return key_set_add(set->keys, VARDATA_ANY(key), length, marks);
	bloom_add_element(set->filter, (unsigned char *) VARDATA_ANY(key), length);
	return true;
}

static inline uint8
known(const AskSet *set, const char *key, size_t length, size_t domain)
{
	if (likely(set->keys != NULL))
		return key_set_marks(set->keys, key, length, domain);
	return bloom_lacks_element(set->filter, (unsigned char *) key, length) ? 0 : MARK_UNSURE;
}

static inline AskAnswer
answer_for_address(const AskSet *set, uint8 marks)
{
	marks &= MARKS_OF_ADDRESS;
	if (marks == 0)
		return set->needs_yes ? ASK_YES : set->may_need_yes ? ASK_UNSURE : ASK_NO;
	if (marks & MARK_SUPPRESSED)
		return ASK_YES;
	if (marks & MARK_UNSURE)
		return ASK_UNSURE;
	if (marks & MARK_OWN_YES)
		return marks & MARK_GLOBAL_NO ? ASK_UNSURE : ASK_NO;
	return ASK_YES;
}

static AskAnswer
answer_for_domain(const AskSet *set, const char *domain, size_t length)
{
	DomainAnswer *kept;
	AskAnswer	answer;

	if (set->domain_answers == NULL || length > sizeof(kept->domain))
		return look_for_domain(set, domain, length);
	kept = &set->domain_answers[hash_bytes((const unsigned char *) domain, (int) length) % DOMAIN_ANSWERS];
	if (kept->length == length && memcmp(kept->domain, domain, length) == 0)
		return (AskAnswer) kept->answer;
	answer = look_for_domain(set, domain, length);
	kept->length = length;
	kept->answer = answer;
	memcpy(kept->domain, domain, length);
	return answer;
}

/* The domain itself, then *. with the domain and with each domain above it. */
static AskAnswer
look_for_domain(const AskSet *set, const char *domain, size_t length)
{
	char		pattern[ADDRESS_TEXT_MAX + 2];
	char	   *suffix = pattern + 2;
	char	   *end = suffix + length;
	AskAnswer	answer;

	memcpy(suffix, domain, length);
	answer = answer_for_key(set, suffix, length, MARK_DOMAIN);
	while (answer == ASK_NO && suffix != NULL)
	{
		char	   *dot = memchr(suffix, '.', end - suffix);

		/* over what stood before the suffix, which is not needed any more */
		suffix[-2] = '*';
		suffix[-1] = '.';
		answer = answer_for_key(set, suffix - 2, end - suffix + 2, MARK_DOMAIN);
		suffix = dot ? dot + 1 : NULL;
	}
	return answer;
}

static AskAnswer
answer_for_digest(const AskSet *set, DigestKind kind, const char *address, size_t length)
{
	char		digest[DIGEST_TEXT_MAX];
	size_t		digest_length = address_digest_text(kind, address, length, digest);

	return digest_length == 0 ? ASK_NO : answer_for_key(set, digest, digest_length, MARK_DIGEST);
}

static AskAnswer
answer_for_key(const AskSet *set, const char *key, size_t length, uint8 mark)
{
	uint8		marks = known(set, key, length, length);

	return marks & mark ? ASK_YES : marks & MARK_UNSURE ? ASK_UNSURE : ASK_NO;
}
