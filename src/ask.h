/*
 * ask.h
 *		Is an address suppressed, and by what?  Read-only, by direct index probes
 *		where the tables are plain, through SPI otherwise (state_table.h knows which).
 *
 * Addresses are canonical.  topic NULL: asked without a topic.  Everything is
 * seen under the active snapshot: a trigger that must see what was committed a
 * moment ago pushes a new one first.
 */
#ifndef BOUNCE_ASK_H
#define BOUNCE_ASK_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "preference.h"
#include "state_scan.h"

/* An active suppression of the address or its domain, or what the person said. */
extern bool ask_suppressed(const char *address, const char *topic, TimestampTz at);

/*
 * End of the longest active suppression of the address, or its digest, that stops all
 * mail (lease, manual or import, topic ''; a complaint leaves transactional mail),
 * for the quarantine column; DT_NOBEGIN when there is none.
 */
extern TimestampTz ask_quarantined_until(const char *address, TimestampTz at);

/* Does a digest suppress it?  Then nothing need be kept about the address itself. */
extern bool ask_known_by_digest(const char *address, TimestampTz at);

/* What is asked, with what the topic means. */
typedef struct Question
{
	const text *address;
	const char *domain;			/* within the address */
	size_t		domain_length;
	const text *topic;			/* NULL: asked without a topic */
	bool		marketing;		/* complaints and preferences count */
	bool		opt_in;			/* the topic needs a yes of its own */
	bool		retired;		/* it is marketing that was given up */
	TimestampTz retired_at;
	TimestampTz at;
	bool		past;			/* what ended counts, if it had not at that time */
} Question;

/* The address is copied, the topic (or NULL) is not; an empty topic is none. */
extern void question_set(Question *question, const char *address, size_t length,
						 const text *topic, TimestampTz at);

/* What a person said about one topic, or about all of them. */
typedef struct Preference
{
	Choice		choice;			/* what stands at the time of the question */
	bool		global;			/* said about all marketing topics */
} Preference;

/* One reason why the answer is yes. */
typedef enum FindingKind
{
	FINDING_ADDRESS,			/* row of bounce.suppression */
	FINDING_DOMAIN,				/* row of bounce.domain_suppression */
	FINDING_DIGEST,				/* row of bounce.digest_suppression */
	FINDING_PREFERENCE,			/* preference; state PREFERENCE_NONE: the yes is missing */
	FINDING_RETIRED				/* the topic was given up */
} FindingKind;

typedef struct Finding
{
	FindingKind kind;
	StateScan  *row;			/* or NULL; columns are suppression_column */
	const Preference *preference;	/* or NULL */
} Finding;

/* Returns true to end the walk. */
typedef bool (*FindingVisitor) (const Question *question, const Finding *finding, void *context);

/* Shows the visitor every reason in turn; true when it ended the walk. */
extern bool ask_each(const Question *question, FindingVisitor visit, void *context);

/* What the person said about the topic, and about all of them, as the tables have it. */
extern void ask_preferences(const Question *question, Preference *own, Preference *global);

/*
 * The same rules for those who go through all rows themselves.  Does this row of
 * suppressions count, whatever its key?  Does this preference bear on the question;
 * then its state is read, and whether it is said of all topics.  May mail of this topic be
 * stopped by that alone: as it needs a yes, or is retired?
 */
extern bool suppression_counts(const Question *question, StateScan *row);
extern bool preference_counts(const Question *question, StateScan *row, Preference *preference);
extern bool topic_may_stop(StateScan *row);

#endif
