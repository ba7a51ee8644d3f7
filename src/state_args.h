/*
 * state_args.h
 *		Arguments of the functions that change state: read, checked, or refused
 *		with the name of the parameter.
 */
#ifndef BOUNCE_STATE_ARGS_H
#define BOUNCE_STATE_ARGS_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "fmgr.h"

/* A topic is part of index keys beside an address: together they must fit a page. */
#define TOPIC_TEXT_MAX 1000

/* A value that must be there: NULL raises 22004. */
extern Datum required_arg(FunctionCallInfo fcinfo, int n, const char *parameter);
extern char *required_text_arg(FunctionCallInfo fcinfo, int n, const char *parameter);

/* NULL for NULL */
extern char *optional_text_arg(FunctionCallInfo fcinfo, int n);

/* The canonical spelling of an address; 22023 when it is none. */
extern char *address_arg(FunctionCallInfo fcinfo, int n, const char *parameter);

/* A domain in lower case and A-labels, with or without a leading *. ; 22023 when it is none. */
extern char *domain_arg(FunctionCallInfo fcinfo, int n, const char *parameter);

/* A topic, '' included; 22023 when it is over TOPIC_TEXT_MAX bytes. */
extern char *topic_arg(FunctionCallInfo fcinfo, int n, const char *parameter);

/* A point in time; 22008 at plus or minus infinity. */
extern TimestampTz instant_arg(FunctionCallInfo fcinfo, int n, const char *parameter);

/* The same, and 22008 when it has not come yet. */
extern TimestampTz past_instant_arg(FunctionCallInfo fcinfo, int n, const char *parameter);

/* A user's value for a message: not longer than a line. */
extern char *clipped(const char *value);

#endif
