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
	uint64_t config_count;
};

struct keeper {
	struct config *config;
	uint64_t config_count; /* how many there were */
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

static bool
make_current(struct keeper *keeper, struct world *world, struct error *err)
{
	struct held *held = calloc(1, sizeof(*held));

	if (held == NULL) {
		world_free(world);
		return error_set(err, ERR_NOMEM, "pages: out of memory");
	}
	world->generation = ++keeper->generation;
	held->world = world;
	held->holders = 1;
	pthread_mutex_lock(&keeper->lock);
	const struct world *old = keeper->held == NULL ? NULL : keeper->held->world;
	held->next = keeper->held;
	keeper->held = held;
	pthread_mutex_unlock(&keeper->lock);
	if (old != NULL)
		keeper_release(keeper, old);
	return true;
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
		.config_count = keeper->config_count,
	};
}

static bool
is_same(const struct basis *a, const struct basis *b)
{
	return a->has_ledger == b->has_ledger && a->ledger_version == b->ledger_version &&
	       a->snapshot_stamp == b->snapshot_stamp && a->stale == b->stale &&
	       a->config_count == b->config_count;
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

static bool
rebuild(struct keeper *keeper, const struct basis *basis, struct error *err)
{
	struct world *world;

	if (!world_build(&world, keeper->ledger, read_snapshot(keeper), keeper->config,
			 keeper->trouble, clock_utc_sec(), err) ||
	    !make_current(keeper, world, err))
		return false;
	keeper->basis = *basis;
	keeper->basis.stale = world->stale;
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

/* --- its life --- */

void
keeper_set_config(struct keeper *keeper, struct config *config_take)
{
	config_free(keeper->config);
	keeper->config = config_take;
	keeper->config_count++;
}

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
