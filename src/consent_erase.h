/*
 * consent_erase.h
 *		The one door through which evidence leaves bounce.consent_log: a person is
 *		forgotten.
 */
#ifndef BOUNCE_CONSENT_ERASE_H
#define BOUNCE_CONSENT_ERASE_H

#include "postgres.h"

/*
 * Before a choice of this address is recorded, within owner_spi_begin(): keeps the
 * chain from being erased until the transaction ends, and waits for one that is
 * being erased.  What is read after it begins a new chain then.
 */
extern void consent_hold(const char *address);

/*
 * Erases all evidence of this address, within owner_spi_begin(); returns how many
 * rows.  Waits for those who record a choice of it, and erases what they recorded.
 */
extern uint64 consent_erase(const char *address);

/* Is this backend doing so?  The trigger that guards the log asks. */
extern bool consent_is_erasing(void);

#endif
