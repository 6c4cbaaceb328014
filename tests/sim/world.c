/* world.c - finds its way in the world (see world.h). */
#include <stdio.h>
#include <string.h>

#include "world.h"

struct agent *
world_agent_at(const struct world *world, uint32_t address)
{
	uint32_t offset = address - WORLD_FIRST_ADDRESS, last = offset % 256;
	uint64_t number = (uint64_t)(offset / 256) * WORLD_ADDRESSES_PER_BLOCK + last - 1;

	if (address < WORLD_FIRST_ADDRESS || last < 1 || last > WORLD_ADDRESSES_PER_BLOCK ||
	    number >= world->settings.agent_count)
		return NULL;
	return &world->agents[number];
}

struct agent *
world_agent_named(const struct world *world, const char *exchange, const char *agent)
{
	for (uint64_t a = 0; a < world->settings.agent_count; a++)
		if (strcmp(world->agents[a].name, agent) == 0 &&
		    strcmp(world->agents[a].exchange->slug, exchange) == 0)
			return &world->agents[a];
	return NULL;
}

struct interface *
agent_interface_named(const struct agent *agent, const char *name)
{
	for (size_t i = 0; i < agent->interface_count; i++)
		if (strcmp(agent->interfaces[i].name, name) == 0)
			return &agent->interfaces[i];
	return NULL;
}

/* Whose capacity decides how the interface is: a member's is its LAG's. */
static const struct capacity *
capacity_of(const struct interface *interface)
{
	return &(interface->lag != NULL ? interface->lag : interface)->flow[FLOW_OUT].capacity;
}

uint64_t
interface_speed_bps(const struct interface *interface, int64_t utc_sec)
{
	if (interface->profile == PROFILE_SPEEDLESS)
		return 0;
	if (interface->member_count > 0)
		return capacity_bps_at(capacity_of(interface), utc_sec);
	return interface->nominal_bps;
}

bool
interface_up(const struct interface *interface, int64_t utc_sec)
{
	const struct capacity *capacity = capacity_of(interface);
	uint64_t bps = capacity_bps_at(capacity, utc_sec);

	if (interface->flow[FLOW_OUT].part == FLOW_LOST)
		return bps == capacity->bps;
	return bps > 0;
}

int64_t
interface_changed_utc_sec(const struct interface *interface, int64_t utc_sec)
{
	const struct capacity *capacity = capacity_of(interface);
	bool changes = interface->flow[FLOW_OUT].part == FLOW_LOST || capacity->reduced_bps == 0;

	if (!changes || capacity->reduced_from_utc_sec == capacity->reduced_to_utc_sec ||
	    utc_sec < capacity->reduced_from_utc_sec)
		return INT64_MIN;
	return utc_sec < capacity->reduced_to_utc_sec ? capacity->reduced_from_utc_sec
						      : capacity->reduced_to_utc_sec;
}

char *
address_format(char dst[ADDRESS_TEXT], uint32_t address)
{
	snprintf(dst, ADDRESS_TEXT, "%u.%u.%u.%u", address >> 24, address >> 16 & 255,
		 address >> 8 & 255, address & 255);
	return dst;
}
