/* api_episodes.c - episodes of congestion, newest first. */
#include <string.h>

#include "api.h"
#include "episodes.h"
#include "refuse.h"

struct listing {
	const struct request *request;
	struct json *list;
};

static void
put_port(struct json *e, const struct world_port *port)
{
	json_put_text(e, "exchange", port == NULL ? NULL : port->port.exchange);
	json_put_text(e, "agent", port == NULL ? NULL : port->port.agent);
	json_put_text(e, "interface", port == NULL ? NULL : port->port.interface);
	if (port == NULL || port->port.asn == 0)
		json_put_null(e, "asn");
	else
		json_put_int(e, "asn", port->port.asn);
	json_put_text(e, "peer",
		      port == NULL || port->port.peer[0] == '\0' ? NULL : port->port.peer);
}

static bool
on_episode(const struct ledger_episode *episode, void *user)
{
	struct listing *listing = user;
	struct json *e = json_put_object(listing->list, "");

	json_put_int(e, "id", episode->id);
	json_put_int(e, "port", episode->subject.id);
	put_port(e, world_port_find(listing->request->world, episode->subject.id));
	json_put_text(e, "direction", model_direction_name(episode->direction));
	json_put_text(e, "profile", profile_name(episode->profile));
	json_put_utc(e, "start", episode->start_utc_sec);
	json_put_utc(e, "end", episode->end_utc_sec);
	json_put_bool(e, "open", episode->open);
	json_put_number(e, "minutes", (double)(episode->end_utc_sec - episode->start_utc_sec) / 60);
	json_put_text(e, "kind", model_episode_kind_name(episode->kind));
	json_put_text(e, "excuse", episode->excuse);
	json_put_number(e, "peak_utilisation", episode->peak_utilisation);
	json_put_number(e, "mean_utilisation", episode->mean_utilisation);
	return true;
}

static void
list_episodes(const struct request *request, struct reply *reply,
	      const struct ledger_episode_query *query)
{
	struct json *root = json_object_new();
	struct listing listing = { request, json_put_array(root, "episodes") };
	struct error err;
	int64_t next_id;

	if (!episodes_each(request, query, on_episode, &listing, &next_id, &err)) {
		json_free(root);
		refuse(request, reply, 503, "ledger", "%s", err.text);
		return;
	}
	api_put_next(root, next_id);
	reply_json(reply, 200, root);
}

void
api_episodes(const struct request *request, struct reply *reply)
{
	const struct query *q = &request->query;
	struct ledger_episode_query query = {
		.subject = subject_port(q->port_id),
		.any_kind = (q->has & ARG_EPISODE_KIND) == 0,
		.kind = q->episode_kind,
		.exchange = (q->has & ARG_EXCHANGE) != 0 ? q->exchange : NULL,
		.asn = (q->has & ARG_ASN) != 0 ? q->asn : 0,
		.from_utc_sec = q->from_utc_sec,
		.to_utc_sec = q->to_utc_sec,
		.open_only = q->open,
		.before_id = q->cursor,
		.limit = q->limit,
	};

	if (refuse_without_ledger(request, reply))
		return;
	if (query.exchange != NULL && world_exchange_find(request->world, query.exchange) == NULL)
		refuse(request, reply, 404, "not_found", "there is no exchange \"%s\"",
		       query.exchange);
	else if (request->ledger == NULL)
		refuse(request, reply, 503, "no_data", "the ledger cannot be read now");
	else if (!episodes_cursor_refused(request, reply))
		list_episodes(request, reply, &query);
}
