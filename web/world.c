/* world.c - builds a world from ledger and snapshot. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ixwatch/log.h"
#include "ixwatch/port_json.h"

#include "arena.h"
#include "world.h"
#include "world_live.h"

/* Grows while the ledger is read. */
struct building {
	struct world *world;
	size_t exchange_room, port_room;
	bool failed;
};

bool
world_is_stale_at(const struct world *world, int64_t now_utc_sec)
{
	return !snapshot_is_fresh(world->snapshot, now_utc_sec);
}

/* --- what the ledger says --- */

/* Room for one more element; the array may move. */
static bool
grow(void **array, size_t *room, size_t count, size_t size)
{
	if (count < *room)
		return true;
	size_t more = *room == 0 ? 64 : *room * 2;
	void *moved = realloc(*array, more * size);
	if (moved == NULL)
		return false;
	*array = moved;
	*room = more;
	return true;
}

static struct zone *
open_zone(const char *name)
{
	struct zone *zone = NULL;
	struct error err;

	if (zone_open(&zone, name, &err))
		return zone;
	log_warn("web", "event=zone_unknown shown=UTC reason=\"%s\"", err.text);
	return zone_open(&zone, "UTC", &err) ? zone : NULL;
}

static bool
on_exchange(const struct ledger_exchange *exchange, void *user)
{
	struct building *b = user;
	struct world *world = b->world;

	if (!grow((void **)&world->exchanges, &b->exchange_room, world->exchange_count,
		  sizeof(*world->exchanges))) {
		b->failed = true;
		return false;
	}
	struct world_exchange *x = &world->exchanges[world->exchange_count];
	*x = (struct world_exchange) {
		.slug = arena_text(world->arena, exchange->slug),
		.name = arena_text(world->arena, exchange->name),
		.timezone = arena_text(world->arena, exchange->timezone),
		.zone = open_zone(exchange->timezone),
	};
	world_sum_init(&x->sum);
	world->exchange_count++;
	b->failed = x->slug == NULL || x->name == NULL || x->timezone == NULL || x->zone == NULL;
	return !b->failed;
}

bool
world_copy_texts(struct arena *arena, struct port *port)
{
	const char **texts[] = { &port->exchange, &port->agent, &port->interface, &port->alias,
				 &port->peer,     &port->path,  &port->note,      &port->circuit };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if ((*texts[i] = arena_text(arena, *texts[i])) == NULL)
			return false;
	return true;
}

static bool
on_port(const struct port *port, void *user)
{
	struct building *b = user;
	struct world *world = b->world;

	if (!grow((void **)&world->ports, &b->port_room, world->port_count,
		  sizeof(*world->ports))) {
		b->failed = true;
		return false;
	}
	struct world_port *p = &world->ports[world->port_count];
	*p = (struct world_port) { .subject = subject_port(port->id),
				   .port = *port,
				   .why_unknown = "" };
	world->port_count++;
	b->failed = !world_copy_texts(world->arena, &p->port);
	return !b->failed;
}

/* --- the whole --- */

static int
by_slug(const void *a, const void *b)
{
	return strcmp(((const struct world_exchange *)a)->slug,
		      ((const struct world_exchange *)b)->slug);
}

static int
by_id(const void *a, const void *b)
{
	int64_t x = ((const struct world_port *)a)->port.id,
		y = ((const struct world_port *)b)->port.id;

	return (x > y) - (x < y);
}

static int
by_name(const struct port *a, const struct port *b)
{
	int order = strcmp(a->exchange, b->exchange);

	if (order == 0)
		order = strcmp(a->agent, b->agent);
	return order != 0 ? order : strverscmp(a->interface, b->interface);
}

static int
by_severity(const void *a, const void *b)
{
	const struct world_port *x = *(const struct world_port *const *)a;
	const struct world_port *y = *(const struct world_port *const *)b;
	unsigned sx = world_severity(x->live.state), sy = world_severity(y->live.state);

	if (sx != sy)
		return sx < sy ? -1 : 1;
	double fx = world_port_fullest(x), fy = world_port_fullest(y);
	if (fx != fy)
		return fx > fy ? -1 : 1;
	return by_name(&x->port, &y->port);
}

/* The ports' own exchange, live values, sums and order. */
static bool
join(struct world *world, const struct config *config)
{
	world->worst = arena_take(world->arena, (world->port_count + 1) * sizeof(*world->worst));
	if (world->worst == NULL)
		return false;
	world_sum_init(&world->sum);
	if (world->port_count > 0)
		qsort(world->ports, world->port_count, sizeof(*world->ports), by_id);
	for (size_t i = 0; i < world->port_count; i++) {
		struct world_port *port = &world->ports[i];
		struct world_exchange *x =
		    (struct world_exchange *)world_exchange_find(world, port->port.exchange);

		world_live_set(world, config, port);
		world_sum_add(&world->sum, port);
		world->worst[i] = port;
		port->exchange = x;
		if (x != NULL)
			world_sum_add(&x->sum, port);
	}
	if (world->port_count > 0)
		qsort(world->worst, world->port_count, sizeof(*world->worst), by_severity);
	return true;
}

/* A port whose exchange is listed no more is listed no more. */
static void
drop_orphans(struct world *world)
{
	size_t kept = 0;

	for (size_t i = 0; i < world->port_count; i++)
		if (world_exchange_find(world, world->ports[i].port.exchange) != NULL)
			world->ports[kept++] = world->ports[i];
	world->port_count = kept;
}

static bool
read_ledger(struct world *world, struct ledger *ledger, struct error *err)
{
	struct building b = { .world = world };

	if (!ledger_exchange_each(ledger, on_exchange, &b, err) ||
	    !ledger_port_each(ledger, on_port, &b, err))
		return false;
	if (b.failed)
		return error_set(err, ERR_NOMEM, "out of memory");
	if (world->exchange_count > 0)
		qsort(world->exchanges, world->exchange_count, sizeof(*world->exchanges), by_slug);
	drop_orphans(world);
	return true;
}

/* "https://noc.example.net:8443/x" -> "noc.example.net". */
static void
take_host(char *dst, size_t len, const char *url)
{
	const char *host = strstr(url, "://");

	host = host == NULL ? url : host + 3;
	size_t host_len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?#");
	snprintf(dst, len, "%.*s", (int)host_len, host);
	for (char *c = dst; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
}

static void
set_round(struct world *world, const struct config *config, int64_t now_utc_sec)
{
	world->interval_sec = config->interval_sec;
	if (world->snapshot != NULL) {
		world->round_utc_sec = world->snapshot->round_utc_sec;
		world->interval_sec = world->snapshot->interval_sec;
	}
	world->stale = world_is_stale_at(world, now_utc_sec);
}

static void
set_base(struct world *world, const char *base_url)
{
	size_t len = strlen(base_url);

	while (len > 0 && base_url[len - 1] == '/')
		len--;
	if (len < sizeof(world->base_url))
		memcpy(world->base_url, base_url, len);
}

bool
world_build(struct world **out, struct ledger *ledger, struct snapshot *snapshot_take,
	    const struct config *config, const char *trouble, int64_t now_utc_sec,
	    struct error *err)
{
	struct world *world = calloc(1, sizeof(*world));

	if (world == NULL) {
		snapshot_free(snapshot_take);
		return error_set(err, ERR_NOMEM, "pages: out of memory");
	}
	world->snapshot = snapshot_take;
	world->has_ledger = ledger != NULL;
	snprintf(world->trouble, sizeof(world->trouble), "%s", trouble);
	take_host(world->base_host, sizeof(world->base_host), config->web.base_url);
	set_base(world, config->web.base_url);
	link_keys_path(world->link_key_path, config->state_dir, config->web.link_key_file);
	set_round(world, config, now_utc_sec);
	world->arena = arena_new();
	error_set(err, ERR_NOMEM, "out of memory");
	if (world->arena == NULL || (ledger != NULL && !read_ledger(world, ledger, err)) ||
	    !join(world, config) || !world_moves_set(world, ledger, err) ||
	    !world_rules_set(world, config) || !world_peers_set(world, config) ||
	    !world_connections_set(world, ledger, config, err)) {
		world_free(world);
		return error_wrap(err, "pages");
	}
	*out = world;
	return true;
}

void
world_free(struct world *world)
{
	if (world == NULL)
		return;
	for (size_t i = 0; i < world->exchange_count; i++)
		zone_close(world->exchanges[i].zone);
	free(world->exchanges);
	free(world->ports);
	free(world->connections);
	free(world->moves);
	snapshot_free(world->snapshot);
	arena_free(world->arena);
	free(world);
}

const struct world_port *
world_port_find(const struct world *world, int64_t id)
{
	struct world_port key = { .port.id = id };

	if (world->port_count == 0)
		return NULL;
	return bsearch(&key, world->ports, world->port_count, sizeof(key), by_id);
}

const struct world_exchange *
world_exchange_find(const struct world *world, const char *slug)
{
	struct world_exchange key = { .slug = slug };

	if (world->exchange_count == 0)
		return NULL;
	return bsearch(&key, world->exchanges, world->exchange_count, sizeof(key), by_slug);
}
