/* store.c - see store.h. */
#include "commands/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ixwatch/clock.h"
#include "ixwatch/control.h"
#include "ixwatch/lock.h"
#include "move.h"

#define ANSWER_TIMEOUT_MS 600000
#define LOCK_PATIENCE_MS  30000
#define LOCK_LOOK_MS      100

struct store {
	struct judge_house house;
	struct lock *lock;
	struct port port;
	char *texts[8];
};

bool
store_open(struct store **out, const struct config *config, struct error *err)
{
	struct series_settings settings = judge_series_settings(config);
	struct store *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return error_set(err, ERR_NOMEM, "store: out of memory");
	store->house.config = config;
	if (!lock_take(&store->lock, config->state_dir, err) ||
	    !series_open(&store->house.series, &settings, err) ||
	    !ledger_open(&store->house.ledger, config->state_dir, LEDGER_WRITE, err)) {
		store_close(store);
		return false;
	}
	moves_complete(&store->house);
	*out = store;
	return true;
}

static bool
collector_answers(const struct config *config, struct error *err)
{
	struct json *request = json_object_new(), *answer = NULL;
	bool runs;

	json_put_text(request, "op", "status");
	runs = control_ask(config->state_dir, request, ANSWER_TIMEOUT_MS, &answer, err);
	json_free(request);
	json_free(answer);
	return runs;
}

bool
store_reach(struct store **out, const struct config *config, struct error *err)
{
	const struct timespec pause = { .tv_nsec = LOCK_LOOK_MS * 1000000L };
	int64_t end_mono_ms = clock_mono_ms() + LOCK_PATIENCE_MS;

	*out = NULL;
	for (;;) {
		if (collector_answers(config, err))
			return true;
		if (err->code != ERR_NOT_FOUND)
			return false;
		if (store_open(out, config, err))
			return true;
		if (err->code != ERR_LOCKED || clock_mono_ms() > end_mono_ms)
			return false;
		nanosleep(&pause, NULL);
	}
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	judge_house_end(&store->house);
	series_close(store->house.series);
	ledger_close(store->house.ledger);
	lock_release(store->lock);
	for (size_t i = 0; i < sizeof(store->texts) / sizeof(store->texts[0]); i++)
		free(store->texts[i]);
	free(store);
}

struct judge_house *
store_house(struct store *store)
{
	return &store->house;
}

static bool
on_port(const struct port *port, void *user)
{
	struct store *store = user;
	const char *from[] = { port->exchange, port->agent, port->interface, port->alias,
			       port->peer,     port->path,  port->note,      port->circuit };
	const char **to[] = { &store->port.exchange, &store->port.agent,  &store->port.interface,
			      &store->port.alias,    &store->port.peer,   &store->port.path,
			      &store->port.note,     &store->port.circuit };

	store->port = *port;
	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
		free(store->texts[i]);
		store->texts[i] = strdup(from[i]);
		*to[i] = store->texts[i] != NULL ? store->texts[i] : "";
	}
	return false;
}

static const struct config_agent *
agent_find(const struct config_exchange *exchange, const char *name)
{
	for (size_t i = 0; exchange != NULL && i < exchange->agent_count; i++)
		if (strcmp(exchange->agents[i].name, name) == 0)
			return &exchange->agents[i];
	return NULL;
}

bool
store_port_place(struct store *store, int64_t port_id, struct move_place *place, struct error *err)
{
	const struct config_exchange *exchange;
	const struct config_agent *agent;
	char name[32];

	snprintf(name, sizeof(name), "%lld", (long long)port_id);
	if (!ledger_port_find(store->house.ledger, name, on_port, store, err))
		return false;
	exchange = config_exchange_find(store->house.config, store->port.exchange);
	agent = agent_find(exchange, store->port.agent);
	if (agent == NULL)
		return error_set(err, ERR_NOT_FOUND,
				 "port %s: the configuration has no agent %s in exchange %s", name,
				 store->port.agent, store->port.exchange);
	*place = (struct move_place) {
		.port = &store->port,
		.exchange = exchange,
		.agent = agent,
		.settings = config_port_find(exchange, store->port.agent, store->port.interface),
	};
	return true;
}

bool
store_judge(struct store *store, int64_t port_id, struct judge **judge, const struct port **port,
	    struct error *err)
{
	struct move_place place;

	if (!store_port_place(store, port_id, &place, err))
		return false;
	*port = place.port;
	return judge_new(judge, &store->house, JUDGED_FOR_PAGES, place.port, place.exchange,
			 place.agent, place.settings, err) &&
	       judge_recall(*judge, err);
}
