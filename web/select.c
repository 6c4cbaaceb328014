/* select.c - filters over the world's ports. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "refuse.h"
#include "select.h"

/* "AS64500", as people write it. */
static bool
asn_has(uint32_t asn, const char *text)
{
	char name[16];

	snprintf(name, sizeof(name), "AS%u", asn);
	return asn != 0 && strcasestr(name, text) != NULL;
}

/* Whether a name of the port has the text in it; of ASCII letters both cases. */
static bool
has_text(const struct world_port *port, const char *text)
{
	const struct port *p = &port->port;
	const char *names[] = { p->peer,      p->alias,
				p->interface, p->agent,
				p->exchange,  port->exchange != NULL ? port->exchange->name : "",
				p->circuit,   p->note };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasestr(names[i], text) != NULL)
			return true;
	return asn_has(p->asn, text);
}

bool
select_port(const struct query *query, const struct world_port *port)
{
	if ((query->has & ARG_EXCHANGE) != 0 && strcmp(port->port.exchange, query->exchange) != 0)
		return false;
	if ((query->has & ARG_STATE) != 0 && port->live.state != query->state)
		return false;
	if ((query->has & ARG_VERDICT) != 0 && port->live.verdict != query->verdict)
		return false;
	if ((query->has & ARG_KIND) != 0 &&
	    strcmp(model_kind_name(port->port.kind), query->kind) != 0)
		return false;
	if ((query->has & ARG_AGENT) != 0 && strcmp(port->port.agent, query->agent) != 0)
		return false;
	if ((query->has & ARG_TEXT) != 0 && !has_text(port, query->text))
		return false;
	return (query->has & ARG_ASN) == 0 || port->port.asn == query->asn;
}

const struct world_port **
select_worst(const struct world *world, const struct query *query, size_t skip, size_t max,
	     size_t *count, size_t *total)
{
	const struct world_port **ports = calloc(max + 1, sizeof(*ports));

	*count = *total = 0;
	for (size_t i = 0; ports != NULL && i < world->port_count; i++) {
		if (!select_port(query, world->worst[i]))
			continue;
		if (*total >= skip && *count < max)
			ports[(*count)++] = world->worst[i];
		(*total)++;
	}
	return ports;
}

/* --- in another order --- */

/* What is unknown comes last, whatever the order. */
static int
compare_numbers(double a, double b, bool descending)
{
	if (isnan(a) || isnan(b))
		return isnan(a) - isnan(b);
	return descending ? (a < b) - (a > b) : (a > b) - (a < b);
}

static int
compare_places(const struct port *a, const struct port *b)
{
	int order = strcmp(a->exchange, b->exchange);

	if (order == 0)
		order = strcmp(a->agent, b->agent);
	return order != 0 ? order : strverscmp(a->interface, b->interface);
}

/* A port without a peer is behind those that have one. */
static int
compare_peers(const struct port *a, const struct port *b)
{
	if ((a->peer[0] == '\0') != (b->peer[0] == '\0'))
		return (a->peer[0] == '\0') - (b->peer[0] == '\0');
	return strcasecmp(a->peer, b->peer);
}

static double
number_of(const struct world_port *port, enum query_sort sort)
{
	switch (sort) {
	case SORT_IN: return port->live.utilisation[DIRECTION_IN];
	case SORT_OUT: return port->live.utilisation[DIRECTION_OUT];
	case SORT_CAPACITY: return port->live.capacity_bps;
	case SORT_SAMPLED:
		return port->live.sampled_utc_sec == 0 ? NAN : (double)port->live.sampled_utc_sec;
	default: return world_severity(port->live.state);
	}
}

static int
compare(const void *left, const void *right, void *user)
{
	const struct world_port *a = *(const struct world_port *const *)left,
				*b = *(const struct world_port *const *)right;
	const struct query *query = user;
	int order;

	if (query->sort == SORT_PEER)
		order = compare_peers(&a->port, &b->port);
	else if (query->sort == SORT_PLACE)
		order = compare_places(&a->port, &b->port);
	else
		return compare_numbers(number_of(a, query->sort), number_of(b, query->sort),
				       query->descending);
	return query->descending ? -order : order;
}

static int
compare_fully(const void *left, const void *right, void *user)
{
	int order = compare(left, right, user);

	return order != 0 ? order
			  : compare_places(&(*(const struct world_port *const *)left)->port,
					   &(*(const struct world_port *const *)right)->port);
}

const struct world_port **
select_sorted(const struct world *world, const struct query *query, size_t skip, size_t max,
	      size_t *count, size_t *total)
{
	const struct world_port **ports;

	if ((query->has & ARG_SORT) == 0 || (query->sort == SORT_STATE && !query->descending))
		return select_worst(world, query, skip, max, count, total);
	ports = select_worst(world, query, 0, world->port_count, count, total);
	if (ports == NULL)
		return NULL;
	if (*total > 0)
		qsort_r(ports, *total, sizeof(*ports), compare_fully, (void *)(uintptr_t)query);
	*count = *total <= skip ? 0 : *total - skip < max ? *total - skip : max;
	memmove(ports, ports + (*count == 0 ? 0 : skip), *count * sizeof(*ports));
	return ports;
}

bool
select_refused(const struct request *request, struct reply *reply)
{
	const struct query *query = &request->query;

	if ((query->has & ARG_EXCHANGE) == 0 ||
	    world_exchange_find(request->world, query->exchange) != NULL)
		return false;
	refuse(request, reply, 404, "not_found", "there is no exchange \"%s\"", query->exchange);
	return true;
}
