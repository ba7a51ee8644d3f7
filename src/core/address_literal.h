/*
 * address_literal.h
 *		IP addresses in the place of a domain (RFC 5321 4.1.3): [192.0.2.1], [IPv6:2001:db8::1].
 */
#ifndef BOUNCE_ADDRESS_LITERAL_H
#define BOUNCE_ADDRESS_LITERAL_H

#include <stddef.h>

/* "[ipv6:" and eight groups of four digits, "]" */
#define ADDRESS_LITERAL_MAX 46

/* Writes the canonical form in lower case, brackets included; its length, or 0 when it is none. */
extern size_t address_literal(const char *text, size_t len, char out[ADDRESS_LITERAL_MAX]);

#endif
