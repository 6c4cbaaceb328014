/* build.c - builds the world: exchanges, then each agent with its interfaces (see world.h). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "world.h"

#define GIGA UINT64_C(1000000000)

enum { TYPE_ETHERNET = 6, TYPE_LOOPBACK = 24, TYPE_LAG = 161 };
enum { UPLINKS = 2, LAG_MEMBERS = 2 };
enum { SEED_PORT = 0x100, SEED_ROLE, SEED_AGENT, SEED_BOOT };

/* An agent under construction. */
struct builder {
	struct world *world;
	struct agent *agent;
	uint64_t agent_number;
	unsigned ports, lags; /* numbers given so far */
};

static void
exchange_init(struct exchange *exchange, uint64_t number)
{
	const struct place *place = &places[number % place_count];
	unsigned long round = (unsigned long)(number / place_count) + 1;

	exchange->place = place;
	exchange->zone = place->zone;
	if (round == 1) {
		snprintf(exchange->slug, sizeof(exchange->slug), "demo-%s", place->code);
		snprintf(exchange->name, sizeof(exchange->name), "Demo-IX %s", place->city);
	} else {
		snprintf(exchange->slug, sizeof(exchange->slug), "demo-%s-%lu", place->code, round);
		snprintf(exchange->name, sizeof(exchange->name), "Demo-IX %s %lu", place->city,
			 round);
	}
}

/* The next interface of the agent, with the next ifIndex. */
static struct interface *
add_interface(struct builder *b, enum profile profile, uint32_t type, uint64_t seed, uint64_t bps)
{
	struct interface *i = &b->agent->interfaces[b->agent->interface_count];
	struct exchange *exchange =
	    &b->world->exchanges[b->agent_number % b->world->settings.exchange_count];

	i->profile = profile;
	i->type = type;
	i->seed = seed;
	i->nominal_bps = bps;
	i->errors_per_1000_sec = profile_errors_per_1000_sec(profile);
	i->if_index = b->agent->make->index_base +
		      (uint32_t)b->agent->interface_count * b->agent->make->index_step;
	profile_flows(i->flow, profile, seed, bps, &exchange->zone, &b->world->settings.story);
	b->agent->interface_count++;
	return i;
}

static struct interface *
add_named(struct builder *b, enum profile profile, uint32_t type, uint64_t bps, const char *name)
{
	uint64_t seed = hash_draw(b->world->settings.seed + SEED_AGENT,
				  b->agent_number * 8192 + b->agent->interface_count);
	struct interface *i = add_interface(b, profile, type, seed, bps);

	snprintf(i->name, sizeof(i->name), "%s", name);
	return i;
}

static void
name_line(struct builder *b, struct interface *i, uint64_t line_bps)
{
	const struct make *make = b->agent->make;
	const char *format = line_bps <= GIGA        ? make->port_1g
			     : line_bps <= 10 * GIGA ? make->port_10g
						     : make->port_100g;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the formats are those of names.c */
	snprintf(i->name, sizeof(i->name), format, make->port_base + b->ports++);
#pragma GCC diagnostic pop
}

/* "AS64500 ExampleNet | circuit DIX-FRA-00017 | 10G" */
static void
describe_port(struct builder *b, struct interface *i, uint64_t port, const struct role *role)
{
	const struct world_settings *settings = &b->world->settings;
	uint64_t exchange = b->agent_number % settings->exchange_count;
	uint64_t at_exchange = port / settings->exchange_count;
	const char *code = b->agent->exchange->place->code;
	int len;

	i->peer = &peers[(at_exchange + 11 * exchange) % peer_count];
	i->contracted_bps = role->contracted_bps;
	len = snprintf(i->alias, sizeof(i->alias),
		       "AS%" PRIu32 " %s | circuit DIX-%c%c%c-%05" PRIu64 " | %s%" PRIu64 "G",
		       i->peer->asn, i->peer->name, code[0] - 32, code[1] - 32, code[2] - 32,
		       port + 1, profile_is_lag(role->profile) ? "2x" : "", role->line_bps / GIGA);
	if (role->contracted_bps != 0)
		snprintf(i->alias + len, sizeof(i->alias) - (size_t)len,
			 ", %" PRIu64 "G contracted", role->contracted_bps / GIGA);
}

static uint64_t
port_seed(const struct world *world, uint64_t port)
{
	return hash_draw(world->settings.seed + SEED_PORT, port);
}

static struct role
port_role(const struct world *world, uint64_t port)
{
	if (port == PORT_FAR_EVENING && world->settings.story.far_evening_sec > 0)
		return (struct role) { PROFILE_FAR_EVENING, 10 * GIGA, 0 };
	return role_of_port(hash_draw(world->settings.seed, SEED_ROLE), port);
}

/* The lines of a port: itself, or both members of its LAG. */
static void
add_lines(struct builder *b, uint64_t port)
{
	struct role role = port_role(b->world, port);
	struct interface *i;

	if (!profile_is_lag(role.profile)) {
		i = add_interface(b, role.profile, TYPE_ETHERNET, port_seed(b->world, port),
				  role.line_bps);
		name_line(b, i, role.line_bps);
		describe_port(b, i, port, &role);
		return;
	}
	for (int m = 0; m < LAG_MEMBERS; m++) {
		i = add_interface(b, role.profile, TYPE_ETHERNET, port_seed(b->world, port),
				  role.line_bps);
		name_line(b, i, role.line_bps);
	}
}

/* The LAG of a port, above the members at `members`. */
static void
add_lag(struct builder *b, uint64_t port, struct interface *members)
{
	const struct make *make = b->agent->make;
	struct role role = port_role(b->world, port);
	struct interface *lag = add_interface(b, role.profile, TYPE_LAG, port_seed(b->world, port),
					      LAG_MEMBERS * role.line_bps);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the formats are those of names.c */
	snprintf(lag->name, sizeof(lag->name), make->lag, make->port_base + b->lags++);
#pragma GCC diagnostic pop
	describe_port(b, lag, port, &role);
	lag->member_count = LAG_MEMBERS;
	for (int m = 0; m < LAG_MEMBERS; m++) {
		members[m].lag = lag;
		snprintf(members[m].alias, sizeof(members[m].alias), "member of %s", lag->name);
		for (int d = 0; d < FLOW_DIRECTIONS; d++) {
			members[m].flow[d].parent = &lag->flow[d];
			members[m].flow[d].packet_octets = lag->flow[d].packet_octets;
			members[m].flow[d].part = m == 0 ? FLOW_SURVIVOR : FLOW_LOST;
		}
	}
}

static void
add_uplinks(struct builder *b)
{
	for (int u = 0; u < UPLINKS; u++) {
		struct interface *i = add_named(b, PROFILE_CORE, TYPE_ETHERNET, 100 * GIGA, "");

		name_line(b, i, 100 * GIGA);
		snprintf(i->alias, sizeof(i->alias), "Core: spine%d.%s", u + 1,
			 b->agent->exchange->place->code);
	}
}

static void
add_interfaces(struct builder *b)
{
	const struct world_settings *settings = &b->world->settings;
	struct interface *line = b->agent->interfaces + 2; /* after loopback and management */

	add_named(b, PROFILE_LOOPBACK, TYPE_LOOPBACK, GIGA, b->agent->make->loopback);
	add_named(b, PROFILE_MANAGEMENT, TYPE_ETHERNET, GIGA, b->agent->make->management);
	for (uint64_t p = b->agent_number; p < settings->port_count; p += settings->agent_count)
		add_lines(b, p);
	add_uplinks(b);
	for (uint64_t p = b->agent_number; p < settings->port_count; p += settings->agent_count) {
		bool lag = profile_is_lag(port_role(b->world, p).profile);

		if (lag)
			add_lag(b, p, line);
		line += lag ? LAG_MEMBERS : 1;
	}
}

static size_t
count_interfaces(const struct world *world, uint64_t agent)
{
	size_t count = 2 + UPLINKS;

	for (uint64_t p = agent; p < world->settings.port_count; p += world->settings.agent_count)
		count += profile_is_lag(port_role(world, p).profile) ? 1 + LAG_MEMBERS : 1;
	return count;
}

static bool
agent_init(struct world *world, uint64_t number)
{
	const struct world_settings *settings = &world->settings;
	struct agent *agent = &world->agents[number];
	struct builder b = { .world = world, .agent = agent, .agent_number = number };
	uint64_t draw = hash_draw(settings->seed + SEED_BOOT, number);
	uint64_t age_ticks = (uint64_t)settings->boot_age_sec * 100 + 1;

	agent->exchange = &world->exchanges[number % settings->exchange_count];
	agent->make = &makes[(number / settings->exchange_count + number) % make_count];
	agent->address = WORLD_FIRST_ADDRESS +
			 (uint32_t)(number / WORLD_ADDRESSES_PER_BLOCK) * 256 +
			 (uint32_t)(number % WORLD_ADDRESSES_PER_BLOCK) + 1;
	agent->boot_ticks =
	    (settings->story.epoch_utc_sec - 3600) * 100 - (int64_t)(draw % age_ticks);
	snprintf(agent->name, sizeof(agent->name), "edge%u",
		 (unsigned)(number / settings->exchange_count) + 1);
	snprintf(agent->sys_name, sizeof(agent->sys_name), "%s.%s.example", agent->name,
		 agent->exchange->slug);
	agent->interfaces = calloc(count_interfaces(world, number), sizeof(*agent->interfaces));
	if (agent->interfaces == NULL)
		return false;
	add_interfaces(&b);
	return true;
}

static bool
settings_check(const struct world_settings *s, struct complaint *complaint)
{
	if (s->exchange_count < 1 || s->agent_count < s->exchange_count)
		return complain(complaint,
				"--agents %" PRIu64 ": every one of %" PRIu64
				" exchanges needs at least one",
				s->agent_count, s->exchange_count);
	if (s->agent_count > WORLD_MAX_AGENTS)
		return complain(complaint, "--agents %" PRIu64 ": at most %d", s->agent_count,
				WORLD_MAX_AGENTS);
	if (s->port_count > s->agent_count * WORLD_MAX_PORTS_PER_AGENT)
		return complain(complaint,
				"--ports %" PRIu64 ": at most %d on each of %" PRIu64 " agents",
				s->port_count, WORLD_MAX_PORTS_PER_AGENT, s->agent_count);
	if (s->story.lag_restore_utc_sec < s->story.lag_loss_utc_sec)
		return complain(complaint, "--lag-restore: lies before --lag-loss");
	return true;
}

bool
world_new(struct world **out, const struct world_settings *settings, struct complaint *complaint)
{
	struct world *world;

	if (!settings_check(settings, complaint))
		return false;
	world = calloc(1, sizeof(*world));
	if (world == NULL)
		return complain(complaint, "out of memory");
	world->settings = *settings;
	world->exchanges = calloc(settings->exchange_count, sizeof(*world->exchanges));
	world->agents = calloc(settings->agent_count, sizeof(*world->agents));
	if (world->exchanges == NULL || world->agents == NULL)
		goto fail;
	for (uint64_t e = 0; e < settings->exchange_count; e++)
		exchange_init(&world->exchanges[e], e);
	for (uint64_t a = 0; a < settings->agent_count; a++)
		if (!agent_init(world, a))
			goto fail;
	*out = world;
	return true;
fail:
	world_free(world);
	return complain(complaint, "out of memory");
}

void
world_free(struct world *world)
{
	if (world == NULL)
		return;
	for (uint64_t a = 0; world->agents != NULL && a < world->settings.agent_count; a++)
		free(world->agents[a].interfaces);
	free(world->agents);
	free(world->exchanges);
	free(world);
}
