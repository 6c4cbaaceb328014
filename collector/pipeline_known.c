/* pipeline_known.c - what is known before the first question: exchanges and named ports from the configuration, ports
 * seen earlier from the ledger. */
#include <stdlib.h>
#include <string.h>

#include "pipeline_internal.h"

static bool
exchanges_put(struct pipeline *pipeline, struct error *err)
{
	const struct config *config = pipeline->config;
	const char **slugs = calloc(config->exchange_count + 1, sizeof(*slugs));
	bool done = slugs != NULL || error_set(err, ERR_NOMEM, "exchanges: out of memory");

	for (size_t i = 0; done && i < config->exchange_count; i++) {
		const struct config_exchange *exchange = &config->exchanges[i];

		slugs[i] = exchange->slug;
		done = ledger_exchange_put(pipeline->house.ledger, exchange->slug, exchange->name,
					   exchange->timezone, err);
	}
	done = done && ledger_exchange_retire_others(pipeline->house.ledger, slugs,
						     config->exchange_count, err);
	free(slugs);
	return done;
}

static bool
is_use(const struct roster_use *use, const char *exchange, const char *agent)
{
	return use != NULL && strcmp(use->exchange->slug, exchange) == 0 &&
	       strcmp(use->agent->name, agent) == 0;
}

/* What *watched and *use are already is tried first: the ports of one agent come together. */
static bool
use_find(struct pipeline *pipeline, const char *exchange, const char *agent,
	 struct watched_agent **watched, const struct roster_use **use)
{
	if (is_use(*use, exchange, agent))
		return true;
	for (size_t i = 0; i < pipeline->agent_count; i++)
		for (size_t k = 0; k < pipeline->agents[i].roster->use_count; k++) {
			*watched = &pipeline->agents[i];
			*use = &pipeline->agents[i].roster->uses[k];
			if (is_use(*use, exchange, agent))
				return true;
		}
	*use = NULL;
	return false;
}

struct restoring {
	struct pipeline *pipeline;
	struct watched_agent *agent; /* of the port before */
	const struct roster_use *use;
	struct error *err;
	int64_t *orphans; /* ports that the configuration no longer claims */
	size_t orphan_count;
	bool failed;
};

/* As its alias was when it was last seen: another one is found by the next walk. */
static bool
is_claimed(const struct watched_agent *agent, const struct roster_use *use,
	   const struct port *known)
{
	struct roster_claim claim;

	switch (roster_claim(agent->roster, known->interface, known->alias, &claim, NULL)) {
	case ROSTER_NONE: return false;
	case ROSTER_PORT: return claim.use == use;
	case ROSTER_DISPUTED: break;
	}
	return true;
}

static bool
on_known_port(const struct port *known, void *user)
{
	struct restoring *restoring = user;

	if (use_find(restoring->pipeline, known->exchange, known->agent, &restoring->agent,
		     &restoring->use) &&
	    is_claimed(restoring->agent, restoring->use, known)) {
		restoring->failed =
		    !port_restore(restoring->agent, restoring->use, known, restoring->err);
	} else {
		int64_t *grown =
		    realloc(restoring->orphans, (restoring->orphan_count + 1) * sizeof(*grown));

		if (grown == NULL)
			return false;
		restoring->orphans = grown;
		grown[restoring->orphan_count++] = known->id;
	}
	return !restoring->failed;
}

static bool
ports_restore(struct pipeline *pipeline, struct error *err)
{
	struct restoring restoring = { .pipeline = pipeline, .err = err };
	struct ledger *ledger = pipeline->house.ledger;
	bool done = ledger_port_each(ledger, on_known_port, &restoring, err) && !restoring.failed;

	pipeline_ports_sort(pipeline);
	done = done && ports_moved_restore(pipeline, use_find, err);
	for (size_t i = 0; done && i < restoring.orphan_count; i++)
		done = judge_house_begin(&pipeline->house, err) &&
		       ledger_port_retire(ledger, restoring.orphans[i], true, err);
	free(restoring.orphans);
	return done;
}

static bool
on_known_member(const struct ledger_lag_member *member, void *user)
{
	struct watched_port *port = pipeline_port_find(user, member->port_id);

	return port == NULL || lag_known(port);
}

/* Ports that the configuration names are there from the start, whether or not their agent answers. */
static bool
ports_named(struct pipeline *pipeline, struct error *err)
{
	for (size_t i = 0; i < pipeline->config->exchange_count; i++) {
		const struct config_exchange *exchange = &pipeline->config->exchanges[i];

		for (size_t k = 0; k < exchange->port_count; k++) {
			const struct config_port *named = &exchange->ports[k];
			struct watched_agent *agent = NULL;
			const struct roster_use *use = NULL;
			struct watched_port *port;
			struct roster_claim claim;

			if (!use_find(pipeline, exchange->slug, named->agent, &agent, &use) ||
			    agent_port_find(agent, use, named->interface) != NULL)
				continue;
			if (roster_claim(agent->roster, named->interface, "", &claim, err) !=
				ROSTER_PORT ||
			    !port_register_new(agent, &claim, named->interface, "", &port, err))
				return error_wrap(err, "port %s/%s/%s", exchange->slug,
						  named->agent, named->interface);
		}
	}
	for (size_t i = 0; i < pipeline->agent_count; i++)
		if (!ports_begin(&pipeline->agents[i], err))
			return false;
	return true;
}

bool
pipeline_known_load(struct pipeline *pipeline, struct error *err)
{
	return judge_house_begin(&pipeline->house, err) && exchanges_put(pipeline, err) &&
	       ports_restore(pipeline, err) && ports_named(pipeline, err) &&
	       connections_load(pipeline, err) &&
	       ledger_lag_members_each(pipeline->house.ledger, 0, on_known_member, pipeline, err) &&
	       judge_house_commit(&pipeline->house, err);
}
