/* api_alerts.c - alerts, newest first. */
#include <string.h>

#include "alerts.h"
#include "api.h"
#include "refuse.h"
#include "sees.h"

#define PORT_ALERTS 20 /* beside a port */

struct listing {
	const struct request *request;
	struct quiets quiets; /* quiets_free */
	struct json *list;
	unsigned limit, count; /* shown */
	int64_t last_id;       /* of those */
};

/* 0 is null. */
static void
put_id(struct json *in, const char *key, int64_t id)
{
	if (id != 0)
		json_put_int(in, key, id);
	else
		json_put_null(in, key);
}

/* "" is null. */
static void
put_name(struct json *in, const char *key, const char *text)
{
	json_put_text(in, key, text[0] != '\0' ? text : NULL);
}

static void
put_whom(struct json *in, const struct request *request, const struct ledger_alert *alert)
{
	const struct alert_subject *subject = &alert->subject;
	bool is_port = subject->scope == ALERT_OF_PORT,
	     is_connection = subject->scope == ALERT_OF_CONNECTION;
	const struct world_port *port =
	    is_port ? world_port_find(request->world, subject->id) : NULL;
	const struct world_connection *c =
	    is_connection ? world_connection_find(request->world, subject->asn, subject->exchange)
			  : NULL;

	json_put_text(in, "scope", alert_scope_name(subject->scope));
	json_put_text(in, "exchange", subject->exchange);
	put_name(in, "agent", subject->agent);
	put_id(in, "port", is_port ? subject->id : 0);
	put_id(in, "connection", is_connection ? subject->id : 0);
	put_name(in, "interface", port != NULL ? port->port.interface : "");
	put_id(in, "asn", subject->asn);
	put_name(in, "peer", port != NULL ? port->port.peer : c != NULL ? c->whole.port.peer : "");
	json_put_text(in, "direction",
		      alert_kind_is_directed(subject->kind)
			  ? model_direction_name(subject->direction)
			  : NULL);
}

static void
put_told(struct json *in, const struct ledger_alert *alert)
{
	struct json *told = json_put_object(in, "told");

	json_put_utc(told, "first_at", alert->first_told_utc_sec);
	json_put_utc(told, "last_at", alert->last_told_utc_sec);
	json_put_int(told, "times", alert->told_count);
	json_put_utc(told, "escalated_at", alert->escalated_utc_sec);
	json_put_utc(told, "end_at", alert->end_told_utc_sec);
}

static void
put_quiet(struct json *in, const char *key, const struct ledger_quiet *quiet)
{
	struct json *object;

	if (quiet == NULL) {
		json_put_null(in, key);
		return;
	}
	object = json_put_object(in, key);
	json_put_int(object, "id", quiet->id);
	json_put_text(object, "author", quiet->author);
	json_put_text(object, "reason", quiet->reason);
	json_put_utc(object, "at", quiet->created_utc_sec);
	json_put_utc(object, "until", quiet->until_utc_sec);
}

static bool
on_alert(const struct ledger_alert *alert, void *user)
{
	struct listing *listing = user;
	struct json *a;
	int64_t now_utc_sec = listing->request->now_utc_sec;
	bool open = alert->ended_utc_sec == 0;

	if (!sees_alert(listing->request, alert))
		return true;
	listing->last_id = alert->id;
	listing->count++;
	a = json_put_object(listing->list, "");
	json_put_int(a, "id", alert->id);
	json_put_text(a, "kind", alert_kind_name(alert->subject.kind));
	json_put_text(a, "severity", alert_severity_name(alert_kind_severity(alert->subject.kind)));
	put_whom(a, listing->request, alert);
	json_put_bool(a, "open", open);
	json_put_utc(a, "began_at", alert->began_utc_sec);
	json_put_utc(a, "noticed_at", alert->noticed_utc_sec);
	json_put_utc(a, "blind_since", alert->blind_utc_sec);
	json_put_utc(a, "until", alert->until_utc_sec);
	json_put_utc(a, "ended_at", alert->ended_utc_sec);
	json_put_number(a, "peak", alert->peak);
	json_put_int(a, "again", alert->again);
	put_told(a, alert);
	put_quiet(a, "acknowledged",
		  open ? quiets_find(&listing->quiets, QUIET_ACKNOWLEDGEMENT, alert, now_utc_sec)
		       : NULL);
	put_quiet(a, "silenced",
		  open ? quiets_find(&listing->quiets, QUIET_SILENCE, alert, now_utc_sec) : NULL);
	return listing->count < listing->limit;
}

/* Of all alerts there are, those of an account with scopes may be few. */
static bool
list_of_scopes(const struct request *request, const struct ledger_alert_query *query,
	       struct listing *listing, struct error *err)
{
	struct ledger_alert_query seen = *query;
	struct sees_lists lists;
	bool done = sees_lists_make(&lists, request, err);

	seen.seen = &lists.seen;
	done = done && ledger_alert_each(request->ledger, &seen, on_alert, listing, err);
	sees_lists_free(&lists);
	return done;
}

static bool
list_alerts(const struct request *request, const struct ledger_alert_query *query,
	    struct listing *listing, struct error *err)
{
	bool is_whole = query->port_id == 0 && query->exchange == NULL && !query->open_only;

	listing->request = request;
	if (!quiets_read(&listing->quiets, request, err))
		return false;
	if (is_whole && request->who.scopes.count > 0)
		return list_of_scopes(request, query, listing, err);
	return ledger_alert_each(request->ledger, query, on_alert, listing, err);
}

void
api_alerts(const struct request *request, struct reply *reply)
{
	const struct query *q = &request->query;
	struct ledger_alert_query query = {
		.port_id = q->port_id,
		.exchange = (q->has & ARG_EXCHANGE) != 0 ? q->exchange : NULL,
		.open_only = q->open,
		.before_id = q->cursor,
		.limit = request->who.scopes.count == 0 ? q->limit : 0, /* not all are shown */
	};
	struct listing listing = { .limit = q->limit };
	struct json *root;
	struct error err;
	bool done;

	if (refuse_without_ledger(request, reply))
		return;
	if (query.exchange != NULL && world_exchange_find(request->world, query.exchange) == NULL) {
		refuse(request, reply, 404, "not_found", "there is no exchange \"%s\"",
		       query.exchange);
		return;
	}
	if (request->ledger == NULL) {
		refuse(request, reply, 503, "no_data", "the ledger cannot be read now");
		return;
	}
	root = json_object_new();
	listing.list = json_put_array(root, "alerts");
	done = list_alerts(request, &query, &listing, &err);
	quiets_free(&listing.quiets);
	if (!done) {
		json_free(root);
		refuse(request, reply, 503, "ledger", "%s", err.text);
		return;
	}
	api_put_next(root, listing.count == listing.limit ? listing.last_id : 0);
	reply_json(reply, 200, root);
}

bool
api_put_alerts(struct json *in, const struct request *request, int64_t port_id, struct error *err)
{
	struct ledger_alert_query query = { .port_id = port_id, .limit = PORT_ALERTS };
	struct listing listing = { .list = json_put_array(in, "alerts"), .limit = PORT_ALERTS };
	bool done = list_alerts(request, &query, &listing, err);

	quiets_free(&listing.quiets);
	return done;
}
