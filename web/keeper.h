/* keeper.h - keeps the current world: looks for what changed, builds a new one, and lends it to whoever asks.
 *
 * keeper_refresh belongs to one thread; keeper_hold may be called from any. */
#ifndef WEB_KEEPER_H
#define WEB_KEEPER_H

#include <stdbool.h>

#include "ixwatch/config.h"
#include "ixwatch/error.h"

#include "world.h"

struct keeper;

/* Takes the configuration.  The first world is there at once, whatever it has to say. */
bool keeper_open(struct keeper **out, struct config *config_take, struct error *err);
void keeper_close(struct keeper *keeper); /* NULL is fine; worlds still held live on */

/* Looks at ledger and snapshot, and at the clock; cheap when nothing changed. */
void keeper_refresh(struct keeper *keeper);

/* What another configuration makes of ledger and snapshot, built but not shown: to be used, with that configuration. */
struct keeper_next;
bool keeper_read(struct keeper_next **out, struct keeper *keeper, const struct config *config,
		 struct error *err);
void keeper_use(struct keeper *keeper, struct keeper_next *next_take, struct config *config_take);
const struct config *
keeper_config(const struct keeper *keeper); /* for the refreshing thread only */

/* Never NULL. */
const struct world *keeper_hold(struct keeper *keeper);
/* Once more: held already. */
void keeper_hold_too(struct keeper *keeper, const struct world *world);
void keeper_release(struct keeper *keeper, const struct world *world);

#endif
