/* world_scoped.c - copies what is within, and points the copies at each other. */
#include "world_scoped.h"

#include <stdlib.h>
#include <string.h>

/* What is within: the scopes of who asks, and the kinds of port that they may see. */
struct within {
	const struct account_scopes *scopes;
	unsigned kinds;
	struct world_past *past; /* NULL: all of it is seen, of accounts without scopes */
};

static bool
holds(const struct within *within, const struct port *port)
{
	return account_scopes_hold(within->scopes, port->exchange, port->asn) &&
	       (within->kinds == 0 || (within->kinds & 1u << port->kind) != 0);
}

/* All of it, whatever the kind. */
static bool
holds_exchange(const struct within *within, const char *slug)
{
	return within->kinds == 0 && account_scopes_hold_exchange(within->scopes, slug);
}

/* Whether a port of each is within; one pass over the ports, which are many, as exchanges can be. */
static void
mark_exchanges(bool *marked, const struct world *base, const struct within *within)
{
	for (size_t i = 0; i < base->port_count; i++) {
		const struct world_port *port = &base->ports[i];

		if (port->exchange == NULL || marked[port->exchange - base->exchanges])
			continue;
		marked[port->exchange - base->exchanges] = holds(within, &port->port);
	}
}

/* An exchange is there when all of it is within, or a port of it. */
static bool
copy_exchanges(struct world *world, const struct world *base, const struct within *within)
{
	bool *marked = calloc(base->exchange_count + 1, sizeof(*marked)), done;

	world->exchanges = calloc(base->exchange_count + 1, sizeof(*world->exchanges));
	world->exchange_count = 0;
	done = marked != NULL && world->exchanges != NULL;
	if (done)
		mark_exchanges(marked, base, within);
	for (size_t i = 0; done && i < base->exchange_count; i++) {
		const struct world_exchange *exchange = &base->exchanges[i];

		if (!marked[i] && !holds_exchange(within, exchange->slug))
			continue;
		world->exchanges[world->exchange_count] = *exchange;
		world_sum_init(&world->exchanges[world->exchange_count++].sum);
	}
	free(marked);
	return done;
}

static bool
copy_ports(struct world *world, const struct world *base, const struct within *within)
{
	world->ports = calloc(base->port_count + 1, sizeof(*world->ports));
	world->worst = calloc(base->port_count + 1, sizeof(*world->worst));
	world->port_count = 0;
	world_sum_init(&world->sum);
	if (world->ports == NULL || world->worst == NULL)
		return false;
	for (size_t i = 0; i < base->port_count; i++) {
		const struct port *port = &base->ports[i].port;

		if (!holds(within, port))
			continue;
		struct world_port *copy = &world->ports[world->port_count++];
		struct world_exchange *exchange =
		    (struct world_exchange *)world_exchange_find(world, port->exchange);
		*copy = base->ports[i];
		copy->exchange = exchange;
		if (within->past != NULL)
			world_past_set(within->past, copy, base->interval_sec);
		world_sum_add(&world->sum, copy);
		if (exchange != NULL)
			world_sum_add(&exchange->sum, copy);
	}
	for (size_t i = 0, count = 0; i < base->port_count && count < world->port_count; i++) {
		const struct world_port *copy = world_port_find(world, base->worst[i]->port.id);

		if (copy != NULL)
			world->worst[count++] = copy;
	}
	return true;
}

/* A connection that is one port is seen as that port is. */
static void
cut_lone(struct world_connection *c)
{
	if (c->whole.subject.kind != SUBJECT_PORT || c->port_count != 1)
		return;
	c->whole.seen_from_utc_sec = c->ports[0]->seen_from_utc_sec;
	if (c->whole.seen_from_utc_sec != 0 && c->ports[0]->live.sampled_utc_sec == 0)
		c->whole.live = c->ports[0]->live;
}

/* All ports of a connection are of one exchange and one ASN: it is within as a whole, or not at all. */
static bool
copy_connections(struct world *world, const struct world *base, const struct within *within)
{
	world->connections = calloc(base->connection_count + 1, sizeof(*world->connections));
	world->connection_count = 0;
	for (size_t i = 0; world->connections != NULL && i < base->connection_count; i++) {
		const struct world_connection *c = &base->connections[i];
		const struct port *whole = &c->whole.port;
		struct world_connection *copy = &world->connections[world->connection_count];

		if (!holds(within, whole))
			continue;
		*copy = *c;
		copy->whole.exchange = world_exchange_find(world, whole->exchange);
		copy->ports = calloc(c->port_count, sizeof(const struct world_port *));
		copy->port_count = 0;
		world->connection_count++;
		if (copy->ports == NULL)
			return false;
		for (size_t k = 0; k < c->port_count; k++) {
			const struct world_port *port =
			    world_port_find(world, c->ports[k]->port.id);

			if (port != NULL)
				copy->ports[copy->port_count++] = port;
		}
		cut_lone(copy);
	}
	return world->connections != NULL;
}

/* The collector's health, and the agents of whole exchanges within. */
static bool
copy_snapshot(struct world *world, const struct world *base, const struct within *within)
{
	const struct snapshot *all = base->snapshot;

	if (all == NULL)
		return true;
	world->snapshot = malloc(sizeof(*all));
	if (world->snapshot == NULL)
		return false;
	*world->snapshot = *all;
	world->snapshot->ports = NULL; /* the world's ports hold what was in them */
	world->snapshot->port_count = 0;
	world->snapshot->agent_count = 0;
	world->snapshot->agents = calloc(all->agent_count + 1, sizeof(*all->agents));
	for (uint32_t i = 0; world->snapshot->agents != NULL && i < all->agent_count; i++)
		if (holds_exchange(within, all->agents[i].exchange))
			world->snapshot->agents[world->snapshot->agent_count++] = all->agents[i];
	return world->snapshot->agents != NULL;
}

/* "agent/interface" of the rules names a port of that exchange. */
static bool
is_named(const struct world_port *port, const struct world_scope *scope)
{
	size_t len = strlen(port->port.agent);

	return strcmp(port->port.exchange, scope->exchange) == 0 &&
	       strncmp(scope->name, port->port.agent, len) == 0 && scope->name[len] == '/' &&
	       strcmp(scope->name + len + 1, port->port.interface) == 0;
}

static bool
rules_are_within(const struct world *world, const struct world_scope *scope)
{
	if (!scope->is_port)
		return world_exchange_find(world, scope->exchange) != NULL;
	for (size_t i = 0; i < world->port_count; i++)
		if (is_named(&world->ports[i], scope))
			return true;
	return false;
}

static bool
copy_rules(struct world *world, const struct world *base)
{
	const struct world_rules *all = &base->rules;

	world->rules.scope_count = 0;
	world->rules.scopes = calloc(all->scope_count + 1, sizeof(*all->scopes));
	for (size_t i = 0; world->rules.scopes != NULL && i < all->scope_count; i++)
		if (rules_are_within(world, &all->scopes[i]))
			world->rules.scopes[world->rules.scope_count++] = all->scopes[i];
	return world->rules.scopes != NULL;
}

/* Something of before it moved; while nobody can say whose that was, that it moved. */
static bool
is_theirs(struct world_past *past, struct world_move *move)
{
	world_past_set_move(past, move);
	return move->seen_from_utc_sec == INT64_MAX || move->seen_from_utc_sec < move->at_utc_sec;
}

/* Of a port that moved, what is known of it is the account's when that port was within; a tenant who came later has nothing
 * of it. */
static bool
copy_moves(struct world *world, const struct world *base, const struct within *within)
{
	world->moves = calloc(base->move_count + 1, sizeof(*world->moves));
	world->move_count = 0;
	for (size_t i = 0; world->moves != NULL && i < base->move_count; i++) {
		struct world_move *move = &world->moves[world->move_count];

		*move = base->moves[i];
		if (!holds(within, &move->old))
			continue;
		if (within->past == NULL || is_theirs(within->past, move))
			world->move_count++;
	}
	return world->moves != NULL;
}

/* Where a port went, or came from, is told only when that is within, too. */
static bool
is_there(const struct world *world, int64_t id)
{
	return world_port_find(world, id) != NULL || world_move_find(world, id) != NULL;
}

static void
cut_ways(struct world *world)
{
	for (size_t i = 0; i < world->port_count; i++) {
		struct ledger_way *way = &world->ports[i].way;

		if (way->moved_to != 0 && !is_there(world, way->moved_to))
			way->moved_to = way->moved_utc_sec = 0;
		if (way->continues != 0 && !is_there(world, way->continues))
			way->continues = way->continues_utc_sec = 0;
	}
	for (size_t i = 0; i < world->move_count; i++)
		if (!is_there(world, world->moves[i].new_id))
			world->moves[i].new_id = 0;
}

struct world *
world_scoped_new(const struct world *base, unsigned kinds, struct world_past *past)
{
	const struct within within = { past->scopes, kinds, past->scopes->count > 0 ? past : NULL };
	struct world *world = malloc(sizeof(*world));

	if (world == NULL)
		return NULL;
	*world = *base;
	world->exchanges = NULL;
	world->ports = NULL;
	world->worst = NULL;
	world->connections = NULL;
	world->connection_count = 0;
	world->snapshot = NULL;
	world->rules.scopes = NULL;
	world->moves = NULL;
	world->arena = NULL;
	if (copy_exchanges(world, base, &within) && copy_ports(world, base, &within) &&
	    copy_connections(world, base, &within) && copy_snapshot(world, base, &within) &&
	    copy_rules(world, base) && copy_moves(world, base, &within)) {
		cut_ways(world);
		return world;
	}
	world_scoped_free(world);
	return NULL;
}

void
world_scoped_free(struct world *world)
{
	if (world == NULL)
		return;
	for (size_t i = 0; i < world->connection_count; i++)
		free(world->connections[i].ports);
	if (world->snapshot != NULL)
		free(world->snapshot->agents);
	free(world->snapshot);
	free(world->exchanges);
	free(world->ports);
	free(world->worst);
	free(world->connections);
	free(world->rules.scopes);
	free(world->moves);
	free(world);
}
