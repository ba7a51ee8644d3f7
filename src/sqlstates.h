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

/* A change of preference that cannot be made from the state that stands */
#define ERRCODE_BOUNCE_MOVE_REFUSED MAKE_SQLSTATE('L', 'H', '0', '0', '4')

/* A topic without a row in bounce.topic, where one is needed */
#define ERRCODE_BOUNCE_UNKNOWN_TOPIC MAKE_SQLSTATE('L', 'H', '0', '0', '5')

/* Evidence that is not what was put on record */
#define ERRCODE_BOUNCE_TAMPERED_LOG MAKE_SQLSTATE('L', 'H', '0', '0', '6')

/* A token that was not made here, was changed on its way, or whose key is retired */
#define ERRCODE_BOUNCE_TOKEN_FOREIGN MAKE_SQLSTATE('L', 'H', '0', '1', '1')

/* A token of ours whose time is over */
#define ERRCODE_BOUNCE_TOKEN_EXPIRED MAKE_SQLSTATE('L', 'H', '0', '1', '2')

/* A token of ours that was made for something else */
#define ERRCODE_BOUNCE_TOKEN_PURPOSE MAKE_SQLSTATE('L', 'H', '0', '1', '3')

#endif
