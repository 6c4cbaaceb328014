/* commands.h - what ixwatch-sim can be asked for; each prints to standard output unless said otherwise. */
#ifndef SIM_COMMANDS_H
#define SIM_COMMANDS_H

#include <stdbool.h>

#include "options.h"

bool command_run(const struct options *options, struct world *world, struct complaint *complaint);
bool command_config(const struct options *options, struct world *world,
		    struct complaint *complaint);
bool command_ports(const struct options *options, struct world *world, struct complaint *complaint);
bool command_agents(const struct options *options, struct world *world,
		    struct complaint *complaint);
bool command_history(const struct options *options, struct world *world,
		     struct complaint *complaint);
bool command_truth(const struct options *options, struct world *world, struct complaint *complaint);

/* The one port that --exchange, --agent and --interface name. */
const struct interface *chosen_interface(const struct options *options, const struct world *world,
					 struct complaint *complaint);

/* Calls for every port that faces a peer, agent by agent, until one call is false. */
typedef bool port_visitor(const struct agent *agent, const struct interface *interface, void *user,
			  struct complaint *complaint);
bool visit_ports(const struct world *world, port_visitor *visitor, void *user,
		 struct complaint *complaint);

#endif
