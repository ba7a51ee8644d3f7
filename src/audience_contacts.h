/*
 * audience_contacts.h
 *		Whom a topic goes to that needs no yes: the contacts that the application attached.
 */
#ifndef BOUNCE_AUDIENCE_CONTACTS_H
#define BOUNCE_AUDIENCE_CONTACTS_H

#include "postgres.h"

/*
 * The statement with parameters topic and at, for the caller to run with rights of
 * their own; NULL when no table is attached.  yes: the one that selects address and
 * since of those who said so.
 */
extern char *audience_contacts_sql(const char *yes);

#endif
