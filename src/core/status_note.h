/*
 * status_note.h
 *		Whose status a code in an answer is.
 */
#ifndef BOUNCE_STATUS_NOTE_H
#define BOUNCE_STATUS_NOTE_H

#include "response.h"

/* A code was found at r->at: is it the innermost server's? */
extern void note_code(Response *r, const StatusCode *code);

#endif
