/* api_ports.c - ports, one port, the ports of a peer.  Numbers are those of the snapshot, untouched. */
#include <inttypes.h>

#include "ixwatch/port_json.h"

#include "api.h"
#include "refuse.h"
#include "select.h"

/* The form `ixwatch status` prints too, and what only the pages know. */
static void
put_more(struct json *p, const struct world_port *port)
{
	json_put_text(p, "unknown_because",
		      port->why_unknown[0] == '\0' ? NULL : port->why_unknown);
	json_put_utc(p, "vanished_at", port->port.vanished_utc_sec);
	port_json_way(p, &port->way);
}

struct json *
api_put_port(struct json *in, const char *key, const struct world_port *port)
{
	struct json *p = port_json_put(in, key, &port->port, &port->live);

	put_more(p, port);
	return p;
}

/* By id from the cursor on; `next` is the cursor for the rest. */
void
api_ports(const struct request *request, struct reply *reply)
{
	const struct world *world = request->world;
	unsigned count = 0;
	int64_t last_id = 0;
	bool more = false;

	if (refuse_without_ledger(request, reply) || select_refused(request, reply))
		return;
	struct json *root = json_object_new();
	struct json *list = json_put_array(root, "ports");
	for (size_t i = 0; i < world->port_count && !more; i++) {
		const struct world_port *port = &world->ports[i];

		if (port->port.id <= request->query.cursor || !select_port(&request->query, port))
			continue;
		more = count == request->query.limit;
		if (more)
			break;
		api_put_port(list, "", port);
		last_id = port->port.id;
		count++;
	}
	api_put_next(root, more ? last_id : 0);
	reply_json(reply, 200, root);
}

/* The members that only one port alone has, where there is nothing to say. */
static void
put_nothing_more(struct json *p)
{
	static const char *const none[] = { "lag", "judgement", "judgement_for_reports", "advice" };
	static const char *const empty[] = { "capacity_history", "capacity_disagreements",
					     "alerts" };

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		json_put_null(p, none[i]);
	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
		json_put_array(p, empty[i]);
}

/* One that was re-patched is watched no more: nothing is known of it now but where it went. */
static void
api_moved_port(const struct world_move *move, struct reply *reply)
{
	struct world_port port = { .port = move->old,
				   .why_unknown = "it moved to another port",
				   .way = { .moved_to = move->new_id,
					    .moved_utc_sec = move->at_utc_sec } };
	struct json *root = json_object_new();

	snapshot_port_now(NULL, false, &port.live);
	struct json *part = api_put_port(root, "port", &port);
	put_nothing_more(part);
	reply_json_part(reply, 200, root, part);
}

void
api_port(const struct request *request, struct reply *reply)
{
	const struct world_port *port;
	struct error err;

	if (refuse_without_ledger(request, reply))
		return;
	port = world_port_find(request->world, request->params.id);
	if (port == NULL && world_move_find(request->world, request->params.id) != NULL) {
		api_moved_port(world_move_find(request->world, request->params.id), reply);
		return;
	}
	if (port == NULL) {
		refuse(request, reply, 404, "not_found", "there is no port %" PRId64,
		       request->params.id);
		return;
	}
	struct json *root = json_object_new();
	struct json *part = api_put_port(root, "port", port);
	if (api_put_capacity(part, request->ledger, port, &err) &&
	    api_put_judgement(part, request->ledger, port, request->world->rules.reports, &err) &&
	    api_put_advice(part, request->ledger, port, &err) &&
	    api_put_alerts(part, request, port->port.id, &err)) {
		reply_json_part(reply, 200, root, part);
		return;
	}
	json_free(root);
	refuse(request, reply, 503, "ledger", "%s", err.text);
}

/* Connections have no state: what the NOC looks at are ports. */
static bool
put_connection(struct json *list, const struct request *request, const struct world_connection *c,
	       struct error *err)
{
	const struct snapshot_port *live = &c->whole.live;
	struct json *out = json_put_object(list, ""), *ids;

	if (c->whole.subject.kind == SUBJECT_CONNECTION)
		json_put_int(out, "id", c->whole.subject.id);
	else
		json_put_null(out, "id");
	json_put_text(out, "exchange", c->whole.port.exchange);
	ids = json_put_array(out, "ports");
	for (size_t i = 0; i < c->port_count; i++)
		json_put_int(ids, "", c->ports[i]->port.id);
	json_put_number(out, "capacity_bps", live->capacity_bps);
	json_put_number(out, "physical_bps", live->value[COLUMN_CAPACITY_BPS]);
	json_put_number(out, "in_bps", live->value[COLUMN_IN_BPS]);
	json_put_number(out, "out_bps", live->value[COLUMN_OUT_BPS]);
	json_put_number(out, "in_utilisation", live->utilisation[DIRECTION_IN]);
	json_put_number(out, "out_utilisation", live->utilisation[DIRECTION_OUT]);
	json_put_text(out, "verdict", model_verdict_name((enum verdict)live->verdict));
	json_put_bool(out, "uneven_load", world_connection_is_uneven(c));
	json_put_utc(out, "sampled_at", live->sampled_utc_sec);
	if (!api_put_judgement(out, request->ledger, &c->whole, request->world->rules.reports, err))
		return false;
	if (world_connection_is_known(c))
		return api_put_advice(out, request->ledger, &c->whole, err);
	json_put_null(out, "advice");
	return true;
}

static bool
put_connections(struct json *root, const struct request *request, struct error *err)
{
	const struct world_connection *first;
	size_t count = world_connections_of(request->world, request->params.asn, &first);
	struct json *list = json_put_array(root, "connections");

	for (size_t i = 0; i < count; i++)
		if (!put_connection(list, request, &first[i], err))
			return false;
	return true;
}

void
api_peer(const struct request *request, struct reply *reply)
{
	const struct world *world = request->world;
	const char *name = NULL;
	struct world_sum sum;
	struct error err;

	if (refuse_without_ledger(request, reply))
		return;
	struct json *root = json_object_new();
	struct json *list = json_array_new();
	world_sum_init(&sum);
	for (size_t i = 0; i < world->port_count; i++) {
		const struct world_port *port = &world->ports[i];

		if (port->port.asn != request->params.asn)
			continue;
		if (name == NULL && port->port.peer[0] != '\0')
			name = port->port.peer;
		world_sum_add(&sum, port);
		api_put_port(list, "", port);
	}
	json_put_int(root, "asn", request->params.asn);
	json_put_text(root, "peer", name);
	api_put_sum(root, &sum);
	json_put_take(root, "ports", list);
	if (sum.port_count > 0 && put_connections(root, request, &err)) {
		reply_json(reply, 200, root);
		return;
	}
	json_free(root);
	if (sum.port_count > 0)
		refuse(request, reply, 503, "ledger", "%s", err.text);
	else
		refuse(request, reply, 404, "not_found", "no port faces AS%u", request->params.asn);
}
