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
 * Locks the leases of these addresses, in their order.  The lease that each will
 * probably have is stored right away where there is no row yet, or the one that was
 * read: a lease is then written once.  Says which were.
 */
extern void fold_write_lock(FoldWriter *writer, AddressLog *logs, const AddressState *states, int count);

/* Notes what differs; true when a suppression in force changed. */
extern bool fold_write_add(FoldWriter *writer, const AddressLog *log, const AddressState *state);

/* Writes; returns how many addresses have other rows now, in force or in history. */
extern int	fold_write_finish(FoldWriter *writer);

#endif
