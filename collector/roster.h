/* roster.h - who is watched: the agents of the configuration, each once, and which of their interfaces are ports.
 *
 * Agents of equal address and credential are one agent, whatever number of exchanges uses them.  No clock, no I/O. */
#ifndef COLLECTOR_ROSTER_H
#define COLLECTOR_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pattern.h"
#include "ixwatch/config.h"
#include "ixwatch/error.h"
#include "ixwatch/model.h"
#include "ixwatch/reading.h"

/* One exchange's use of an agent. */
struct roster_use {
	const struct config_exchange *exchange;
	const struct config_agent *agent;
	struct pattern *pattern; /* its `match`; NULL: ports by name only */
};

struct roster_agent {
	const struct config_agent *config; /* the first use's: address, credentials */
	struct roster_use *uses;
	size_t use_count;
	uint32_t hash; /* of the address: spreads agents over the interval */
};

struct roster {
	struct roster_agent *agents;
	size_t agent_count;
};

/* The configuration is lent and must outlive the roster. */
bool roster_new(struct roster **out, const struct config *config, struct error *err);
void roster_free(struct roster *roster); /* NULL is fine */

/* "NAME", or "NAME#ifIndex" where another interface of that agent bears the same name. */
void roster_interface_name(const struct interface_row *row, char *dst, size_t len);

/* What makes an interface a port. */
struct roster_claim {
	const struct roster_use *use;
	const struct config_port *settings; /* its `port` block; NULL: by match alone */
	uint32_t asn;                       /* 0: none */
	char peer[256];                     /* clean; "" unknown */
	enum port_kind kind;
	double setting_bps;    /* `capacity`; NAN: the box says */
	double contracted_bps; /* NAN */
	bool billed;
};

enum roster_result { ROSTER_NONE, ROSTER_PORT, ROSTER_DISPUTED };

/* Whether an interface of that agent, by its name and alias, is a port, and whose.  Disputed: two exchanges claim it; err
 * names both. */
enum roster_result roster_claim(const struct roster_agent *agent, const char *interface,
				const char *alias, struct roster_claim *claim, struct error *err);

#endif
