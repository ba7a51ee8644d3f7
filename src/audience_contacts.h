/*
 * audience_contacts.h
 *		The contacts that the application attached, as a list of addresses.
 */
#ifndef BOUNCE_AUDIENCE_CONTACTS_H
#define BOUNCE_AUDIENCE_CONTACTS_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "utils/tuplestore.h"

/* One column: address */
extern TupleDesc audience_contacts_desc(void);

/*
 * The canonical addresses of all contacts in attached tables, some of them twice; NULL
 * when no table is attached.  42501 when the caller may not read all of them.
 */
extern Tuplestorestate *audience_contacts(void);

#endif
