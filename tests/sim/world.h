/* world.h - the exchanges, their switches and their interfaces: all that is fixed once the parameters are.
 *
 * The world follows from its settings alone.  Port p (0 .. ports - 1, every one facing a peer) is on agent p % agents,
 * and agent a belongs to exchange a % exchanges, so that the telling ports, which come first, are spread over all.
 * Agent a answers at 127.1.0.1 + a, with last octets 1 to 250.  Each agent also has a loopback, a management
 * port, two uplinks and the members of its LAGs: interfaces that face no peer. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "complaint.h"
#include "demand.h"
#include "names.h"
#include "profile.h"

#define WORLD_MAX_AGENTS          60000
#define WORLD_MAX_PORTS_PER_AGENT 1000
#define WORLD_ADDRESSES_PER_BLOCK 250
#define WORLD_FIRST_ADDRESS       UINT32_C(0x7f010000) /* 127.1.0.0, host order */

struct world_settings {
	uint64_t exchange_count, agent_count, port_count;
	uint64_t seed;
	struct story story;
	int64_t
	    boot_age_sec; /* agents have booted at most so long before an hour before the epoch */
};

struct exchange {
	char slug[32]; /* "demo-fra" */
	char name[64]; /* "Demo-IX Frankfurt" */
	const struct place *place;
	struct zone zone;
};

struct interface {
	char name[40];           /* ifName */
	char alias[112];         /* ifAlias, UTF-8; "" for none */
	const struct peer *peer; /* NULL: faces no peer */
	enum profile profile;
	uint32_t if_index;
	uint32_t type;           /* IANAifType */
	uint64_t nominal_bps;    /* of a LAG: of all its members */
	uint64_t contracted_bps; /* 0: no contract */
	uint64_t seed;
	uint32_t errors_per_1000_sec;
	struct interface *lag; /* of which it is a member; NULL */
	size_t member_count;
	struct flow flow[FLOW_DIRECTIONS];
};

struct agent {
	const struct exchange *exchange;
	const struct make *make;
	char name[16]; /* "edge1" */
	char sys_name[64];
	uint32_t address;       /* IPv4, host order */
	int64_t boot_ticks;     /* 1/100 s since 1970 */
	size_t interface_count; /* in ascending ifIndex */
	struct interface *interfaces;
};

struct world {
	struct world_settings settings;
	struct exchange *exchanges;
	struct agent *agents;
};

bool world_new(struct world **out, const struct world_settings *settings,
	       struct complaint *complaint);
void world_free(struct world *world); /* NULL is fine */

/* NULL when there is none. */
struct agent *world_agent_at(const struct world *world, uint32_t address);
struct agent *world_agent_named(const struct world *world, const char *exchange, const char *agent);
struct interface *agent_interface_named(const struct agent *agent, const char *name);

/* What the interface says of itself at an instant. */
uint64_t interface_speed_bps(const struct interface *interface,
			     int64_t utc_sec); /* 0: does not say */
bool interface_up(const struct interface *interface, int64_t utc_sec);
/* The latest instant at or before this one at which interface_up changed; INT64_MIN: never. */
int64_t interface_changed_utc_sec(const struct interface *interface, int64_t utc_sec);

/* "127.1.0.1" */
#define ADDRESS_TEXT 16
char *address_format(char dst[ADDRESS_TEXT], uint32_t address);

#endif
