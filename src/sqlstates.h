/*
 * sqlstates.h
 *		Conditions of this extension that have no SQLSTATE of the server's own.
 *
 * Class LH (list hygiene); the standard leaves classes from I on to implementations.
 */
#ifndef BOUNCE_SQLSTATES_H
#define BOUNCE_SQLSTATES_H

#include "postgres.h"

/* A choice that may not take the place of the one that stands */
#define ERRCODE_BOUNCE_CHOICE_STANDS MAKE_SQLSTATE('L', 'H', '0', '0', '1')

/* An attempt to change or remove evidence */
#define ERRCODE_BOUNCE_APPEND_ONLY MAKE_SQLSTATE('L', 'H', '0', '0', '2')

/* A row for a suppressed recipient, in a send queue whose guard says "error" */
#define ERRCODE_BOUNCE_SUPPRESSED MAKE_SQLSTATE('L', 'H', '0', '0', '3')

#endif
