/* select.c - filters over the world's ports. */
#include <stdlib.h>
#include <string.h>

#include "refuse.h"
#include "select.h"

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

bool
select_refused(const struct request *request, struct reply *reply)
{
	const struct query *query = &request->query;
	enum port_kind kind;

	if ((query->has & ARG_EXCHANGE) != 0 &&
	    world_exchange_find(request->world, query->exchange) == NULL)
		refuse(request, reply, 404, "not_found", "there is no exchange \"%s\"",
		       query->exchange);
	else if ((query->has & ARG_KIND) != 0 && !model_kind_parse(query->kind, &kind))
		refuse(request, reply, 400, "bad_query",
		       "query key \"kind\" is \"%s\", must be member, pni, shared, peer-share, "
		       "reseller or core",
		       query->kind);
	else
		return false;
	return true;
}
