/*
 * fold_write.h
 *		Writing what a fold changed, set-wise.
 */
#ifndef BOUNCE_FOLD_WRITE_H
#define BOUNCE_FOLD_WRITE_H

#include "postgres.h"

#include "fold_log.h"

typedef struct FoldWriter FoldWriter;

/* All of it within one owner_spi_begin() and one memory context. */
extern FoldWriter *fold_write_begin(void);

/*
 * Notes an address, and the lease that it will probably have (NULL: none), which is
 * stored right away where there is no row yet: a lease is then written once.  Locks
 * them all, in the order in which they were noted, and says which rows are new.
 */
extern void fold_write_lock(FoldWriter *writer, const AddressLog *log, const StoredCycle *lease);
extern void fold_write_lock_finish(FoldWriter *writer, AddressLog *logs, int count);

/* Notes what differs; true when a suppression in force changed. */
extern bool fold_write_add(FoldWriter *writer, const AddressLog *log, const AddressState *state);

/* Writes; returns how many addresses have other rows now, in force or in history. */
extern int	fold_write_finish(FoldWriter *writer);

#endif
