/*
 * consent_hash.h
 *		The chain of hashes through the choices of one address.
 */
#ifndef BOUNCE_CONSENT_HASH_H
#define BOUNCE_CONSENT_HASH_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/jsonb.h"

#include "preference.h"

/* A row of bounce.consent_log without its hash. */
typedef struct ConsentEntry
{
	const char *address;
	int32		number;
	const char *topic;
	const char *act;
	const char *old_state;		/* or NULL */
	const char *new_state;		/* or NULL */
	TimestampTz until;			/* CHOICE_ENDLESS: NULL */
	const char *source;
	const char *actor;
	TimestampTz at;
	Jsonb	   *evidence;		/* or NULL */
	TimestampTz recorded_at;
} ConsentEntry;

/*
 * SHA-256 over the hash of the row before it (nothing for the first) and the
 * fields in the order of the table, each as binary COPY writes it: its length in
 * four bytes (-1 for NULL) and its value, text in UTF-8.  So plain SQL can check the
 * chain, on any server, whatever its encoding and time zone.
 */
extern bytea *consent_hash(const bytea *previous, const ConsentEntry *entry);

#endif
