/* world_rules.c - by which numbers is judged, from the configuration: what the method page shows. */
#include <stdio.h>

#include "arena.h"
#include "world.h"

static void
set_both(const struct config *config, const struct config_exchange *exchange,
	 const struct config_port *port, struct detector_settings settings[PROFILE_COUNT])
{
	for (unsigned i = 0; i < PROFILE_COUNT; i++) {
		enum profile profile = (enum profile)i;

		config_detector(config, exchange, port, &profile, &settings[i]);
	}
}

/* The profile of the pages there. */
static enum profile
profile_of(const struct config *config, const struct config_exchange *exchange,
	   const struct config_port *port)
{
	struct detector_settings settings;

	config_detector(config, exchange, port, NULL, &settings);
	return settings.profile;
}

static size_t
count_scopes(const struct config *config)
{
	size_t count = 0;

	for (size_t i = 0; i < config->exchange_count; i++) {
		const struct config_exchange *exchange = &config->exchanges[i];

		count += exchange->override_count > 0;
		for (size_t k = 0; k < exchange->port_count; k++)
			count += exchange->ports[k].override_count > 0;
	}
	return count;
}

static bool
add_scope(struct world *world, const struct config *config, const struct config_exchange *exchange,
	  const struct config_port *port, const char *name)
{
	struct world_rules *rules = &world->rules;
	struct world_scope *scope = &rules->scopes[rules->scope_count++];

	*scope = (struct world_scope) {
		.exchange = arena_text(world->arena, exchange->slug),
		.name = arena_text(world->arena, name),
		.is_port = port != NULL,
		.profile = profile_of(config, exchange, port),
	};
	set_both(config, exchange, port, scope->settings);
	return scope->exchange != NULL && scope->name != NULL;
}

static bool
add_ports(struct world *world, const struct config *config, const struct config_exchange *exchange)
{
	char name[512];

	for (size_t i = 0; i < exchange->port_count; i++) {
		const struct config_port *port = &exchange->ports[i];

		snprintf(name, sizeof(name), "%s/%s", port->agent, port->interface);
		if (port->override_count > 0 && !add_scope(world, config, exchange, port, name))
			return false;
	}
	return true;
}

bool
world_rules_set(struct world *world, const struct config *config)
{
	struct world_rules *rules = &world->rules;

	*rules = (struct world_rules) {
		.pages = profile_of(config, NULL, NULL),
		.reports = config->report.profile,
		.scopes =
		    arena_take(world->arena, (count_scopes(config) + 1) * sizeof(*rules->scopes)),
	};
	set_both(config, NULL, NULL, rules->settings);
	if (rules->scopes == NULL)
		return false;
	for (size_t i = 0; i < config->exchange_count; i++) {
		const struct config_exchange *exchange = &config->exchanges[i];

		if ((exchange->override_count > 0 &&
		     !add_scope(world, config, exchange, NULL, exchange->name)) ||
		    !add_ports(world, config, exchange))
			return false;
	}
	return true;
}
