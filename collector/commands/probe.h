/* probe.h - asks every agent of a configuration for its interface table, and lists the ports that would be watched. */
#ifndef COLLECTOR_COMMANDS_PROBE_H
#define COLLECTOR_COMMANDS_PROBE_H

#include <stdbool.h>

#include "ixwatch/config.h"
#include "ixwatch/error.h"

/* Writes to standard output.  Nothing is stored.  *trouble_count: agents that did not answer, and ports named in the
 * configuration that their agent does not list or that two exchanges claim. */
bool probe_agents(const struct config *config, unsigned *trouble_count, struct error *err);

#endif
