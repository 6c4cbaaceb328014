/* routes.h - the whole face of the server: a row a path, with what it takes to come there and what it touches. */
#ifndef WEB_ROUTES_H
#define WEB_ROUTES_H

#include "route.h"

const struct route *routes_all(size_t *count);

/* Prints the table, a line a method and path: what tests walk. */
void routes_print(void);

#endif
