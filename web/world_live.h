/* world_live.h - a part of the making of a world (world.c): its ports' present. */
#ifndef WEB_WORLD_LIVE_H
#define WEB_WORLD_LIVE_H

#include "world.h"

/* Fills `live`, `why_unknown` and the thresholds of a port whose ledger part is there. */
void world_live_set(const struct world *world, const struct config *config,
		    struct world_port *port);

#endif
