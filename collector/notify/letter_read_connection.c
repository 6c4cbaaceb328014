/* letter_read_connection.c - see letter_read.h: one connection, and what is said of it beside its figures. */
#include <math.h>
#include <string.h>

#include "notify/letter_read.h"

#define COUNT(array)    (sizeof(array) / sizeof((array)[0]))
#define RATE_MAX_BPS    1e15
#define UTILISATION_MAX 1e6
#define DOWN_MINUTES    (169 * 60)

static const char *const source_names[CAPACITY_SOURCE_COUNT] = {
	[CAPACITY_UNKNOWN] = "unknown",   [CAPACITY_SETTING] = "setting",
	[CAPACITY_CONTRACT] = "contract", [CAPACITY_IXF] = "ix-f",
	[CAPACITY_LAG] = "lag",           [CAPACITY_INTERFACE] = "interface",
};
static const char *const direction_names[DIRECTION_COUNT] = {
	[DIRECTION_IN] = "in", [DIRECTION_OUT] = "out"
};

static double
read_rate(struct letter_reader *r, const struct letter_where *where, const struct json *in,
	  const char *key)
{
	return letter_read_number(r, where, in, key, RATE_MAX_BPS);
}

static enum capacity_source
read_source(struct letter_reader *r, const struct letter_where *where, const struct json *in)
{
	return (enum capacity_source)letter_read_word(r, where, in, "capacity_source", source_names,
						      COUNT(source_names), CAPACITY_UNKNOWN);
}

/* --- lists: each element by its own reader --- */

typedef void read_element(struct letter_reader *r, const struct letter_where *where,
			  const struct json *in, void *element);

static size_t
read_list(struct letter_reader *r, const struct letter_where *where, const struct json *in,
	  const char *key, size_t max, size_t size, read_element *read, void **elements)
{
	const struct json *list = json_get(in, key);
	size_t count = letter_read_count(r, where, in, key, max);

	*elements = letter_read_alloc(r, count, size);
	for (size_t i = 0; *elements != NULL && i < count && !r->failed; i++) {
		const struct letter_where at = { where, key, i };

		read(r, &at, json_at(list, i), (char *)*elements + i * size);
	}
	return *elements != NULL ? count : 0;
}

static void
read_step(struct letter_reader *r, const struct letter_where *where, const struct json *in,
	  void *element)
{
	struct letter_step *step = element;

	step->at = letter_read_utc(r, where, in, "at");
	step->capacity_bps = read_rate(r, where, in, "capacity_bps");
	if (step->at[0] == '\0')
		letter_read_fail(r, ERR_PARSE, where, "at", "is missing");
}

static void
read_reduction(struct letter_reader *r, const struct letter_where *where, const struct json *in,
	       void *element)
{
	struct letter_reduction *reduction = element;

	reduction->from = letter_read_utc(r, where, in, "from");
	reduction->to = letter_read_utc(r, where, in, "to");
	reduction->capacity_bps = read_rate(r, where, in, "capacity_bps");
	reduction->excused = letter_read_bool(r, where, in, "excused");
}

static void
read_window(struct letter_reader *r, const struct letter_where *where, const struct json *in,
	    void *element)
{
	static const char *const causes[] = { "event",    "works",    "attack",
					      "failover", "exchange", "ours" };
	struct letter_window *window = element;

	window->from = letter_read_utc(r, where, in, "from");
	window->to = letter_read_utc(r, where, in, "to");
	window->cause = causes[letter_read_word(r, where, in, "cause", causes, COUNT(causes), -1)];
	window->reason = letter_read_text(r, where, in, "reason");
	if (window->from[0] == '\0' || window->to[0] == '\0')
		letter_read_fail(r, ERR_PARSE, where, "from", "or to is missing");
}

static void
read_hole(struct letter_reader *r, const struct letter_where *where, const struct json *in,
	  void *element)
{
	struct letter_hole *hole = element;

	hole->from = letter_read_utc(r, where, in, "from");
	hole->to = letter_read_utc(r, where, in, "to");
	hole->why = letter_read_text(r, where, in, "why");
	if (hole->from[0] == '\0' || hole->to[0] == '\0')
		letter_read_fail(r, ERR_PARSE, where, "from", "or to is missing");
}

static void
read_free_port(struct letter_reader *r, const struct letter_where *where, const struct json *in,
	       void *element)
{
	struct letter_free_port *port = element;

	port->agent = letter_read_text(r, where, in, "agent");
	port->interface = letter_read_text(r, where, in, "interface");
	port->capacity_bps = read_rate(r, where, in, "capacity_bps");
	port->p95 = letter_read_number(r, where, in, "p95_utilisation", UTILISATION_MAX);
}

static void
read_other_exchange(struct letter_reader *r, const struct letter_where *where,
		    const struct json *in, void *element)
{
	struct letter_other_exchange *other = element;

	other->slug = letter_read_text(r, where, in, "exchange");
	other->name = letter_read_text(r, where, in, "name");
	other->headroom_bps = read_rate(r, where, in, "headroom_bps");
	other->at_local = letter_read_text(r, where, in, "at_local");
}

static void
read_port(struct letter_reader *r, const struct letter_where *where, const struct json *in,
	  void *element)
{
	const struct json *directions = json_get(in, "directions");
	struct letter_port *port = element;

	port->id = letter_read_int(r, where, in, "id", 1, INT64_MAX, -1);
	port->agent = letter_read_text(r, where, in, "agent");
	port->interface = letter_read_text(r, where, in, "interface");
	port->circuit = letter_read_text(r, where, in, "circuit");
	port->capacity_bps = read_rate(r, where, in, "capacity_bps");
	port->source = read_source(r, where, in);
	port->down_minutes = letter_read_number(r, where, in, "down_minutes", DOWN_MINUTES);
	for (int d = 0; d < DIRECTION_COUNT; d++) {
		const struct letter_where at = { where, direction_names[d], LETTER_NO_INDEX };

		letter_read_figures(r, &at, json_get(directions, direction_names[d]),
				    &port->figures[d]);
	}
}

#define READ_LIST(key, max, read, list, count)                                                     \
	do {                                                                                       \
		void *elements_;                                                                   \
		(count) = read_list(r, where, in, key, max, sizeof(*(list)), read, &elements_);    \
		(list) = elements_;                                                                \
	} while (0)

/* --- its parts --- */

/* Only ports whose congestion concerns the peer, and only the peer's own. */
static void
read_who(struct letter_reader *r, const struct letter_where *where, const struct json *in,
	 struct letter_connection *c)
{
	const struct letter_facts *facts = r->facts;
	const char *kind = letter_read_text(r, where, in, "kind");
	bool own = facts->kind != LETTER_PEER;

	if (!model_kind_parse(kind, &c->kind) ||
	    (c->kind != KIND_MEMBER && c->kind != KIND_PNI && c->kind != KIND_RESELLER))
		letter_read_fail(r, ERR_REFUSED, where, "kind",
				 "nothing leaves the house but of member, pni and reseller ports");
	c->asn = (uint32_t)letter_read_int(r, where, in, "asn", 0, UINT32_MAX, 0);
	for (size_t i = 0; i < facts->asn_count; i++)
		own |= c->asn == facts->asns[i];
	if (!own)
		letter_read_fail(r, ERR_REFUSED, where, "asn",
				 "is of another network than the letter's");
	c->peer = letter_read_text(r, where, in, "peer");
}

static bool
is_of(const char *text, const char *characters, size_t max)
{
	return strlen(text) <= max && text[strspn(text, characters)] == '\0';
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

bool
letter_picture_name_ok(const char *name)
{
	size_t len = strlen(name);

	return is_of(name, LETTERS "._-", 120) && name[0] != '.' && len >= 5 &&
	       strcmp(name + len - 4, ".png") == 0;
}

static void
read_place(struct letter_reader *r, const struct letter_where *where, const struct json *in,
	   struct letter_connection *c)
{
	const char *name = letter_read_text(r, where, in, "exchange_name");

	c->slug = letter_read_text(r, where, in, "exchange");
	c->exchange = name[0] != '\0' ? name : c->slug;
	if (c->exchange[0] == '\0')
		letter_read_fail(r, ERR_PARSE, where, "exchange", "is missing");
	c->timezone = letter_read_text(r, where, in, "timezone");
	if (c->timezone[0] == '\0' || !is_of(c->timezone, LETTERS "_+-/", 63))
		letter_read_fail(r, ERR_PARSE, where, "timezone", "is no IANA name");
	c->hours = letter_read_int(r, where, in, "hours", 100, 200, -1);
	c->graph = letter_read_text(r, where, in, "graph");
	if (c->graph[0] != '\0' && !letter_picture_name_ok(c->graph))
		letter_read_fail(r, ERR_PARSE, where, "graph", "is no name of a picture's file");
}

static void
read_capacity(struct letter_reader *r, const struct letter_where *where, const struct json *in,
	      struct letter_connection *c)
{
	static const char *const kinds[] = { "policed", "billed" };

	c->capacity_bps = read_rate(r, where, in, "capacity_bps");
	c->physical_bps = read_rate(r, where, in, "physical_bps");
	c->contracted_bps = read_rate(r, where, in, "contracted_bps");
	c->nominal_bps = read_rate(r, where, in, "nominal_bps");
	c->billed = letter_read_word(r, where, in, "contract_kind", kinds, COUNT(kinds), 0) == 1;
	c->source = read_source(r, where, in);
	READ_LIST("capacity_steps", LETTER_ENTRIES_MAX, read_step, c->steps, c->step_count);
	READ_LIST("reduced", LETTER_ENTRIES_MAX, read_reduction, c->reductions, c->reduction_count);
}

static void
read_upgrade(struct letter_reader *r, const struct letter_where *in_where, const struct json *in,
	     struct letter_connection *c)
{
	static const char *const states[] = { [LETTER_UPGRADE_WATCHED] = "under observation",
					      [LETTER_UPGRADE_CURED] = "cured by upgrade" };
	const struct letter_where where = { in_where, "upgraded", LETTER_NO_INDEX };

	c->upgrade = (enum letter_upgrade)letter_read_word(r, &where, in, "state", states,
							   COUNT(states), LETTER_UPGRADE_NONE);
	c->upgrade_date = letter_read_date(r, &where, in, "date");
	c->upgrade_from_bps = read_rate(r, &where, in, "from_bps");
	c->upgrade_to_bps = read_rate(r, &where, in, "to_bps");
}

static void
read_uneven(struct letter_reader *r, const struct letter_where *in_where, const struct json *in,
	    struct letter_connection *c)
{
	const struct letter_where where = { in_where, "uneven", LETTER_NO_INDEX };

	c->uneven = json_get(in, "port") != NULL;
	c->uneven_port = c->uneven_other = "";
	if (!c->uneven)
		return;
	c->uneven_direction = (enum direction)letter_read_word(
	    r, &where, in, "direction", direction_names, COUNT(direction_names), -1);
	c->uneven_port = letter_read_text(r, &where, in, "port");
	c->uneven_other = letter_read_text(r, &where, in, "other");
	c->uneven_port_p95 =
	    letter_read_number(r, &where, in, "port_p95_utilisation", UTILISATION_MAX);
	c->uneven_other_p95 =
	    letter_read_number(r, &where, in, "other_p95_utilisation", UTILISATION_MAX);
}

static void
read_advice(struct letter_reader *r, const struct letter_where *in_where, const struct json *in,
	    struct letter_connection *c)
{
	const struct letter_where here = { in_where, "advice", LETTER_NO_INDEX }, *where = &here;
	const struct json *size = json_get(in, "size");

	READ_LIST("free_port", LETTER_PORTS_MAX, read_free_port, c->free_ports, c->free_port_count);
	READ_LIST("other_exchanges", LETTER_ENTRIES_MAX, read_other_exchange, c->others,
		  c->other_count);
	c->size_bps = read_rate(r, where, size, "capacity_bps");
	c->size_member_bps = read_rate(r, where, size, "member_bps");
	c->size_members = letter_read_int(r, where, size, "members", 1, 64, 1);
}

static void
read_agreed(struct letter_reader *r, const struct letter_where *where, const struct json *in,
	    struct letter_connection *c)
{
	static const char *const waits[] = { "peer", "us", "exchange" };
	const struct json *order = json_get(in, "order"), *opened = json_get(in, "case");
	const struct letter_where at = { where, "order", LETTER_NO_INDEX };

	c->order_size = letter_read_text(r, &at, order, "size");
	c->ordered = c->order_size[0] != '\0';
	c->order_ready = letter_read_date(r, &at, order, "ready_date");
	c->order_ticket = letter_read_text(r, &at, order, "ticket");
	c->order_since = letter_read_date(r, &at, order, "since");
	c->order_waiting = (enum letter_waiting)letter_read_word(r, &at, order, "waiting_on", waits,
								 COUNT(waits), c->ordered ? -1 : 0);
	c->has_case = json_get(opened, "notices") != NULL;
	c->case_notices = letter_read_int(r, where, opened, "notices", 0, 10000, 0);
	c->case_clean_weeks = letter_read_int(r, where, opened, "clean_weeks", 0, 10000, 0);
	c->case_opened = letter_read_text(r, where, opened, "opened_week");
	c->policy = letter_read_text(r, where, in, "policy");
}

void
letter_read_connection(struct letter_reader *r, const struct letter_where *where,
		       const struct json *in, struct letter_connection *c)
{
	const struct json *directions = json_get(in, "directions");

	read_who(r, where, in, c);
	read_place(r, where, in, c);
	read_capacity(r, where, in, c);
	read_upgrade(r, where, json_get(in, "upgraded"), c);
	READ_LIST("ports", LETTER_PORTS_MAX, read_port, c->ports, c->port_count);
	for (int d = 0; d < DIRECTION_COUNT; d++) {
		const struct letter_where at = { where, direction_names[d], LETTER_NO_INDEX };

		letter_read_side(r, &at, json_get(directions, direction_names[d]), &c->sides[d]);
	}
	read_uneven(r, where, json_get(in, "uneven"), c);
	READ_LIST("windows", LETTER_ENTRIES_MAX, read_window, c->windows, c->window_count);
	READ_LIST("unknown", LETTER_ENTRIES_MAX, read_hole, c->holes, c->hole_count);
	read_advice(r, where, json_get(in, "advice"), c);
	read_agreed(r, where, in, c);
}
