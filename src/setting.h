/*
 * setting.h
 *		Settings of the extension: rows of bounce.setting.
 */
#ifndef BOUNCE_SETTING_H
#define BOUNCE_SETTING_H

#include "postgres.h"

#include "datatype/timestamp.h"

/*
 * The value in force, within owner_spi_begin(); NULL: there is none.  22023 for one that
 * cannot be: what is stored was checked, but not what came in while triggers were off.
 */
extern char *setting_text(const char *name);

/* The same of an interval, in *interval; false: there is none. */
extern bool setting_interval(const char *name, Interval *interval);

#endif
