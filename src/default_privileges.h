/*
 * default_privileges.h
 *		Taking back what ALTER DEFAULT PRIVILEGES gave of objects of the extension.
 */
#ifndef BOUNCE_DEFAULT_PRIVILEGES_H
#define BOUNCE_DEFAULT_PRIVILEGES_H

#include "postgres.h"

/*
 * Within owner_spi_begin(), as soon as the objects are made: of a relation, or with
 * InvalidOid of all in schema bounce.  Functions and the schema stay PUBLIC's if they are,
 * and the installer keeps what the script gave to it.
 */
extern void default_privileges_revoke(Oid relation, Oid installer);

#endif
