/* world_scoped.h - the world as an account sees it: what is outside its scopes is not there at all.
 *
 * Handlers get such a world instead of the whole one; so pages, pictures, lists, sums and metrics cannot show more, and
 * an id outside answers exactly as one that does not exist. */
#ifndef WEB_WORLD_SCOPED_H
#define WEB_WORLD_SCOPED_H

#include "ixwatch/accounts.h"

#include "world.h"
#include "world_past.h"

/* kinds: of ports, bits 1 << enum port_kind; 0: any.  Borrows texts from `base`, which must outlive it.  Asks the ledger
 * from when on each port is seen: with past->failed it should be made anew soon.  NULL when memory ran out. */
struct world *world_scoped_new(const struct world *base, unsigned kinds, struct world_past *past);
void world_scoped_free(struct world *world); /* NULL is fine */

#endif
