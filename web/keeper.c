/* keeper.c - the current world and when it must be made anew. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"

#include "keeper.h"

#define LEDGER_RETRY_MS 1000
#define NO_DATA_YET     "no data yet: the collector has not made its first round"

struct held {
	struct world *world;
	unsigned holders; /* the keeper is one while it is current */
	struct held *next;
};

/* What the current world was built from. */
struct basis {
	bool has_ledger;
	int64_t ledger_version, snapshot_stamp;
	bool stale;
};

struct keeper {
	struct config *config;
	struct ledger *ledger; /* NULL: none yet */
	int64_t ledger_retry_ms;
	char trouble[WORLD_TROUBLE_MAX]; /* why there is no ledger; "" when there is one */
	struct basis basis;
	uint64_t generation;
	pthread_mutex_t lock; /* of the list of worlds */
	struct held *held;    /* the current one first */
};

/* --- lending --- */

const struct world *
keeper_hold(struct keeper *keeper)
{
	pthread_mutex_lock(&keeper->lock);
	keeper->held->holders++;
	const struct world *world = keeper->held->world;
	pthread_mutex_unlock(&keeper->lock);
	return world;
}

void
keeper_hold_too(struct keeper *keeper, const struct world *world)
{
	struct held *held;

	pthread_mutex_lock(&keeper->lock);
	for (held = keeper->held; held->world != world; held = held->next)
		continue;
	held->holders++;
	pthread_mutex_unlock(&keeper->lock);
}

/* Takes an entry that nobody holds out of the list; NULL when somebody does. */
static struct held *
let_go(struct keeper *keeper, const struct world *world)
{
	struct held **at = &keeper->held;

	while ((*at)->world != world)
		at = &(*at)->next;
	struct held *held = *at;
	if (--held->holders > 0)
		return NULL;
	*at = held->next;
	return held;
}

void
keeper_release(struct keeper *keeper, const struct world *world)
{
	pthread_mutex_lock(&keeper->lock);
	struct held *held = let_go(keeper, world);
	pthread_mutex_unlock(&keeper->lock);
	if (held != NULL) {
		world_free(held->world);
		free(held);
	}
}

/* Takes the world; NULL when memory ran out. */
static struct held *
held_new(struct world *world_take)
{
	struct held *held = calloc(1, sizeof(*held));

	if (held == NULL) {
		world_free(world_take);
		return NULL;
	}
	held->world = world_take;
	held->holders = 1;
	return held;
}

static void
make_current(struct keeper *keeper, struct held *held)
{
	held->world->generation = ++keeper->generation;
	pthread_mutex_lock(&keeper->lock);
	const struct world *old = keeper->held == NULL ? NULL : keeper->held->world;
	held->next = keeper->held;
	keeper->held = held;
	pthread_mutex_unlock(&keeper->lock);
	if (old != NULL)
		keeper_release(keeper, old);
}

/* --- refreshing --- */

/* The collector may not have made its ledger yet, or may be of another version: asked again every second. */
static void
find_ledger(struct keeper *keeper)
{
	struct error err = { 0 };
	int64_t now_ms = clock_mono_ms();

	if (keeper->ledger != NULL || now_ms < keeper->ledger_retry_ms)
		return;
	keeper->ledger_retry_ms = now_ms + LEDGER_RETRY_MS;
	if (ledger_open(&keeper->ledger, keeper->config->state_dir, LEDGER_READ, &err)) {
		log_info("web", "event=ledger_opened");
		keeper->trouble[0] = '\0';
		return;
	}
	const char *trouble = err.code == ERR_NOT_FOUND ? NO_DATA_YET : err.text;
	if (strcmp(keeper->trouble, trouble) != 0)
		log_info("web", "event=ledger_absent reason=\"%s\"", err.text);
	snprintf(keeper->trouble, sizeof(keeper->trouble), "%s", trouble);
}

static struct basis
look(struct keeper *keeper)
{
	const struct world *world = keeper->held == NULL ? NULL : keeper->held->world;

	return (struct basis) {
		.has_ledger = keeper->ledger != NULL,
		.ledger_version = keeper->ledger == NULL ? 0 : ledger_version(keeper->ledger),
		.snapshot_stamp = snapshot_stamp(keeper->config->state_dir),
		.stale = world == NULL || world_is_stale_at(world, clock_utc_sec()),
	};
}

static bool
is_same(const struct basis *a, const struct basis *b)
{
	return a->has_ledger == b->has_ledger && a->ledger_version == b->ledger_version &&
	       a->snapshot_stamp == b->snapshot_stamp && a->stale == b->stale;
}

static struct snapshot *
read_snapshot(const struct keeper *keeper)
{
	struct snapshot *snapshot = NULL;
	struct error err;

	if (!snapshot_read(keeper->config->state_dir, &snapshot, &err) && err.code != ERR_NOT_FOUND)
		log_warn("web", "event=snapshot_unreadable reason=\"%s\"", err.text);
	return snapshot;
}

static struct held *
build(struct keeper *keeper, const struct config *config, struct error *err)
{
	struct world *world;

	if (!world_build(&world, keeper->ledger, read_snapshot(keeper), config, keeper->trouble,
			 clock_utc_sec(), err))
		return NULL;
	error_set(err, ERR_NOMEM, "pages: out of memory");
	return held_new(world);
}

static bool
rebuild(struct keeper *keeper, const struct basis *basis, struct error *err)
{
	struct held *held = build(keeper, keeper->config, err);

	if (held == NULL)
		return false;
	make_current(keeper, held);
	keeper->basis = *basis;
	keeper->basis.stale = held->world->stale;
	return true;
}

static bool
refresh(struct keeper *keeper, struct error *err)
{
	find_ledger(keeper);
	struct basis now = look(keeper);
	if (keeper->held != NULL && is_same(&now, &keeper->basis))
		return true;
	return rebuild(keeper, &now, err);
}

/* A ledger that cannot be read may have been replaced: it is opened anew in a second. */
static void
drop_ledger(struct keeper *keeper, const struct error *why)
{
	log_error("web", "event=refresh_failed reason=\"%s\"", why->text);
	ledger_close(keeper->ledger);
	keeper->ledger = NULL;
	keeper->ledger_retry_ms = clock_mono_ms() + LEDGER_RETRY_MS;
	snprintf(keeper->trouble, sizeof(keeper->trouble), "%s", why->text);
}

void
keeper_refresh(struct keeper *keeper)
{
	struct error err;

	if (!refresh(keeper, &err))
		drop_ledger(keeper, &err);
}

/* --- another configuration --- */

struct keeper_next {
	struct held *held;
	struct basis basis;
};

bool
keeper_read(struct keeper_next **out, struct keeper *keeper, const struct config *config,
	    struct error *err)
{
	struct keeper_next *next = calloc(1, sizeof(*next));

	if (next == NULL)
		return error_set(err, ERR_NOMEM, "pages: out of memory");
	next->basis = look(keeper);
	next->held = build(keeper, config, err);
	if (next->held == NULL) {
		free(next);
		return false;
	}
	next->basis.stale = next->held->world->stale;
	*out = next;
	return true;
}

void
keeper_use(struct keeper *keeper, struct keeper_next *next_take, struct config *config_take)
{
	make_current(keeper, next_take->held);
	keeper->basis = next_take->basis;
	free(next_take);
	config_free(keeper->config);
	keeper->config = config_take;
}

/* --- its life --- */

const struct config *
keeper_config(const struct keeper *keeper)
{
	return keeper->config;
}

bool
keeper_open(struct keeper **out, struct config *config_take, struct error *err)
{
	struct keeper *keeper = calloc(1, sizeof(*keeper));

	if (keeper == NULL) {
		config_free(config_take);
		return error_set(err, ERR_NOMEM, "pages: out of memory");
	}
	pthread_mutex_init(&keeper->lock, NULL);
	keeper->config = config_take;
	keeper_refresh(keeper);
	if (keeper->held == NULL && !refresh(keeper, err)) { /* the second time without a ledger */
		keeper_close(keeper);
		return false;
	}
	*out = keeper;
	return true;
}

void
keeper_close(struct keeper *keeper)
{
	struct held *next;

	if (keeper == NULL)
		return;
	for (struct held *held = keeper->held; held != NULL; held = next) {
		next = held->next;
		world_free(held->world);
		free(held);
	}
	ledger_close(keeper->ledger);
	config_free(keeper->config);
	pthread_mutex_destroy(&keeper->lock);
	free(keeper);
}
