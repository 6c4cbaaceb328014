/* list.c - `ports` and `agents`: the world as CSV. */
#include <inttypes.h>
#include <stdio.h>

#include "commands.h"
#include "traffic.h"

bool
visit_ports(const struct world *world, port_visitor *visitor, void *user,
	    struct complaint *complaint)
{
	for (uint64_t a = 0; a < world->settings.agent_count; a++) {
		const struct agent *agent = &world->agents[a];

		for (size_t i = 0; i < agent->interface_count; i++)
			if (agent->interfaces[i].peer != NULL &&
			    !visitor(agent, &agent->interfaces[i], user, complaint))
				return false;
	}
	return true;
}

const struct interface *
chosen_interface(const struct options *options, const struct world *world,
		 struct complaint *complaint)
{
	const struct agent *agent = world_agent_named(world, options->exchange, options->agent);
	const struct interface *interface =
	    agent != NULL ? agent_interface_named(agent, options->interface) : NULL;

	if (agent == NULL)
		complain(complaint, "no agent \"%s\" at exchange \"%s\"", options->agent,
			 options->exchange);
	else if (interface == NULL)
		complain(complaint, "%s/%s has no interface \"%s\"", options->exchange,
			 options->agent, options->interface);
	return interface;
}

static bool
print_port(const struct agent *agent, const struct interface *interface, void *user,
	   struct complaint *complaint)
{
	const struct options *options = user;
	char address[ADDRESS_TEXT];

	(void)complaint;
	printf("%s,%s,%s,%s,%" PRIu32 ",%" PRIu32 ",%s,%" PRIu64 ",%s\n", agent->exchange->slug,
	       agent->name, address_format(address, agent->address), interface->name,
	       interface->if_index, interface->peer->asn, interface->peer->name,
	       interface_speed_bps(interface, floor_div(options->now_ticks, TICKS_PER_SEC)),
	       profile_name(interface->profile));
	return true;
}

bool
command_ports(const struct options *options, struct world *world, struct complaint *complaint)
{
	printf("exchange,agent,address,ifName,ifIndex,asn,peer,speed_bps,profile\n");
	return visit_ports(world, print_port, (void *)options, complaint);
}

bool
command_agents(const struct options *options, struct world *world, struct complaint *complaint)
{
	(void)options, (void)complaint;
	printf("exchange,agent,address,sysName,boot_utc_sec,interfaces\n");
	for (uint64_t a = 0; a < world->settings.agent_count; a++) {
		const struct agent *agent = &world->agents[a];
		char address[ADDRESS_TEXT];

		printf("%s,%s,%s,%s,%" PRId64 ".%02d,%zu\n", agent->exchange->slug, agent->name,
		       address_format(address, agent->address), agent->sys_name,
		       agent->boot_ticks / TICKS_PER_SEC, (int)(agent->boot_ticks % TICKS_PER_SEC),
		       agent->interface_count);
	}
	return true;
}
