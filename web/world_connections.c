/* world_connections.c - all ports of one peer at one exchange, as one: what they carry together now, and which judgement
 * is theirs.  A peer's only port there is its connection: its judgement is the connection's. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/utilisation.h"
#include "ixwatch/connection_sum.h"

#include "arena.h"
#include "world.h"

static bool
is_counted(const struct world_port *port)
{
	return (port->port.kind == KIND_MEMBER || port->port.kind == KIND_PNI) &&
	       port->port.asn != 0 && port->port.vanished_utc_sec == 0 && port->exchange != NULL &&
	       !port->live.in_lag;
}

/* By peer, then exchange: those of one peer stand together. */
static int
compare(uint32_t asn, const char *exchange, const struct port *port)
{
	if (asn != port->asn)
		return asn < port->asn ? -1 : 1;
	return strcmp(exchange, port->exchange);
}

static int
by_connection(const void *a, const void *b)
{
	const struct world_port *x = *(const struct world_port *const *)a,
				*y = *(const struct world_port *const *)b;
	int order = compare(x->port.asn, x->port.exchange, &y->port);

	if (order != 0)
		return order;
	return (x->port.id > y->port.id) - (x->port.id < y->port.id);
}

/* --- what they carry together --- */

static void
put_values(struct snapshot_port *live, const struct connection_sum *sum)
{
	memcpy(live->value, sum->value, sizeof(live->value));
	if (!(live->value[COLUMN_CAPACITY_BPS] > 0))
		live->value[COLUMN_CAPACITY_BPS] = NAN;
	live->capacity_bps = sum->limit_bps > 0 ? sum->limit_bps : NAN;
	for (int d = 0; d < DIRECTION_COUNT; d++) {
		double bps = sum->value[d == DIRECTION_IN ? COLUMN_IN_BPS : COLUMN_OUT_BPS];
		double pps = sum->value[d == DIRECTION_IN ? COLUMN_IN_PPS : COLUMN_OUT_PPS];

		live->utilisation[d] = utilisation_share(bps, pps, live->capacity_bps);
		live->layer2[d] = !isnan(bps) && !utilisation_packets_fit(bps, pps);
	}
}

static void
add_up(struct world_connection *c)
{
	struct snapshot_port *live = &c->whole.live;
	struct connection_sum sum;

	connection_sum_init(&sum);
	*live = (struct snapshot_port) { .state = STATE_UNKNOWN, .verdict = VERDICT_INSUFFICIENT };
	for (size_t i = 0; i < c->port_count; i++) {
		const struct world_port *port = c->ports[i];

		if (isnan(port->live.value[COLUMN_OPER]) &&
		    isnan(port->live.value[COLUMN_CAPACITY_BPS]))
			connection_sum_add_unknown(&sum);
		else
			connection_sum_add(&sum, port->live.value,
					   port->port.contract_billed ? NAN
								      : port->port.contracted_bps);
		if (port->live.sampled_utc_sec > live->sampled_utc_sec)
			live->sampled_utc_sec = port->live.sampled_utc_sec;
	}
	put_values(live, &sum);
}

/* --- the list --- */

static void
connection_make(struct world_connection *c, const struct config *config,
		const struct world_port **ports, size_t count)
{
	const struct world_port *first = ports[0];

	*c = (struct world_connection) { .port_count = count, .ports = ports };
	c->whole.subject = first->subject;
	c->whole.exchange = first->exchange;
	c->whole.why_unknown = "";
	c->whole.port = (struct port) { .exchange = first->port.exchange,
					.agent = "",
					.interface = "",
					.alias = "",
					.peer = first->port.peer,
					.path = "",
					.note = "",
					.circuit = "",
					.asn = first->port.asn,
					.kind = first->port.kind,
					.contracted_bps = NAN };
	config_detector(config, config_exchange_find(config, first->port.exchange), NULL, NULL,
			&c->whole.settings);
	add_up(c);
	if (count > 1)
		return;
	c->whole.settings = first->settings;
	c->whole.live.verdict = first->live.verdict;
}

static bool
list(struct world *world, const struct config *config)
{
	size_t count = 0;
	const struct world_port **counted =
	    arena_take(world->arena, (world->port_count + 1) * sizeof(*counted));

	if (counted == NULL)
		return false;
	for (size_t i = 0; i < world->port_count; i++)
		if (is_counted(&world->ports[i]))
			counted[count++] = &world->ports[i];
	if (count > 0)
		qsort(counted, count, sizeof(*counted), by_connection);
	world->connections = calloc(count + 1, sizeof(*world->connections));
	if (world->connections == NULL)
		return false;
	for (size_t first = 0, next; first < count; first = next) {
		const struct port *port = &counted[first]->port;

		for (next = first + 1;
		     next < count && compare(port->asn, port->exchange, &counted[next]->port) == 0;
		     next++)
			;
		connection_make(&world->connections[world->connection_count++], config,
				counted + first, next - first);
	}
	return true;
}

/* --- what the ledger says of them --- */

struct world_connection *
world_connection_find(const struct world *world, uint32_t asn, const char *exchange)
{
	size_t low = 0, high = world->connection_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(asn, exchange, &world->connections[middle].whole.port);

		if (order == 0)
			return &world->connections[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

size_t
world_connections_of(const struct world *world, uint32_t asn, const struct world_connection **first)
{
	size_t at = 0, high = world->connection_count, count = 0;

	while (at < high) {
		size_t middle = at + (high - at) / 2;

		if (world->connections[middle].whole.port.asn < asn)
			at = middle + 1;
		else
			high = middle;
	}
	while (at + count < world->connection_count &&
	       world->connections[at + count].whole.port.asn == asn)
		count++;
	*first = world->connections + at;
	return count;
}

struct known {
	struct world *world;
	struct world_connection **by_id;
	size_t count;
};

/* Ids come in the ledger's order of names: sorted before they are looked for. */
static bool
on_connection(const struct ledger_connection *connection, void *user)
{
	struct known *known = user;
	struct world_connection *c =
	    world_connection_find(known->world, connection->asn, connection->exchange);

	if (c != NULL) {
		c->whole.subject = subject_connection(connection->id);
		c->whole.live.verdict = VERDICT_NONE;
		known->by_id[known->count++] = c;
	}
	return true;
}

static int
by_id(const void *a, const void *b)
{
	int64_t x = (*(struct world_connection *const *)a)->whole.subject.id,
		y = (*(struct world_connection *const *)b)->whole.subject.id;

	return (x > y) - (x < y);
}

static bool
on_verdict(const struct ledger_verdict *verdict, void *user)
{
	struct known *known = user;
	struct world_connection key = { .whole.subject = verdict->subject }, *at = &key, **found;

	found = known->count == 0 ? NULL
				  : bsearch(&at, known->by_id, known->count,
					    sizeof(struct world_connection *), by_id);
	if (found != NULL && verdict->profile == (*found)->whole.settings.profile &&
	    verdict->verdict < (enum verdict)(*found)->whole.live.verdict)
		(*found)->whole.live.verdict = (uint8_t)verdict->verdict;
	return true;
}

bool
world_connections_set(struct world *world, struct ledger *ledger, const struct config *config,
		      struct error *err)
{
	struct known known = { .world = world };
	bool done;

	if (!list(world, config))
		return error_set(err, ERR_NOMEM, "out of memory");
	if (ledger == NULL)
		return true;
	known.by_id = calloc(world->connection_count + 1, sizeof(struct world_connection *));
	if (known.by_id == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	done = ledger_connection_each(ledger, 0, on_connection, &known, err);
	if (known.count > 0)
		qsort(known.by_id, known.count, sizeof(struct world_connection *), by_id);
	done = done && ledger_verdict_each(ledger, SUBJECT_CONNECTION, on_verdict, &known, err);
	free(known.by_id);
	return done;
}

bool
world_connection_is_known(const struct world_connection *c)
{
	return c->whole.subject.kind == SUBJECT_CONNECTION || c->port_count == 1;
}

bool
world_connection_is_uneven(const struct world_connection *c)
{
	if (c->whole.live.verdict <= VERDICT_RECURRING)
		return false;
	for (size_t i = 0; i < c->port_count; i++)
		if (c->ports[i]->live.verdict <= VERDICT_RECURRING)
			return c->port_count > 1;
	return false;
}
