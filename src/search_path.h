/*
 * search_path.h
 *		Which schemas names are looked up in while SQL of ours runs.
 */
#ifndef BOUNCE_SEARCH_PATH_H
#define BOUNCE_SEARCH_PATH_H

#include "postgres.h"

/*
 * From here on only the server's own schema, whatever the caller has set.  What it
 * returns goes to search_path_back(), in reverse order; an error undoes it by itself.
 */
extern int	search_path_restrict(void);

/* And back to what the caller of the innermost search_path_restrict() had. */
extern int	search_path_of_caller(void);

extern void search_path_back(int scope);

#endif
