/* sees.c - see sees.h. */
#include "sees.h"

#include <stdlib.h>

#include "ixwatch/accounts.h"

#include "world_past.h"

/* A port that moved was theirs until it had another tenant. */
bool
sees_port_at(const struct request *request, int64_t port_id, int64_t utc_sec)
{
	const struct world_port *port = world_port_find(request->world, port_id);
	const struct world_move *move = world_move_find(request->world, port_id);

	return request->who.scopes.count == 0 ||
	       (port != NULL && utc_sec >= port->seen_from_utc_sec) ||
	       (move != NULL && utc_sec >= move->seen_from_utc_sec &&
		utc_sec < move->seen_until_utc_sec);
}

/* What is of the port itself, and of none that it continues. */
static bool
sees_own_at(const struct request *request, int64_t port_id, int64_t utc_sec)
{
	const struct account_scopes *scopes = &request->who.scopes;
	const struct world_port *port = world_port_find(request->world, port_id);

	return sees_port_at(request, port_id, utc_sec) &&
	       (scopes->count == 0 || port == NULL || utc_sec >= world_past_own_from(scopes, port));
}

bool
sees_window(const struct request *request, const struct world_port *port,
	    const struct ledger_window *window)
{
	const struct account_scopes *scopes = &request->who.scopes;

	if (scopes->count == 0)
		return true;
	if (window->scope == WINDOW_PORT)
		return window->start_utc_sec >= (window->port_id == port->port.id
						     ? world_past_own_from(scopes, port)
						     : port->seen_from_utc_sec);
	if (window->scope == WINDOW_PEER && port->seen_from_utc_sec != 0 &&
	    !account_scopes_hold(scopes, port->port.exchange, window->asn))
		return false;
	return window->until_utc_sec > port->seen_from_utc_sec;
}

bool
sees_quiet(const struct request *request, const struct ledger_quiet *quiet)
{
	return quiet->alert_id != 0 || quiet->scope != WINDOW_PORT ||
	       sees_own_at(request, quiet->port_id, quiet->created_utc_sec);
}

bool
sees_alert(const struct request *request, const struct ledger_alert *alert)
{
	const struct account_scopes *scopes = &request->who.scopes;
	const struct alert_subject *subject = &alert->subject;

	if (scopes->count == 0)
		return true;
	if (subject->scope == ALERT_OF_PORT)
		return sees_own_at(request, subject->id, alert->began_utc_sec);
	if (subject->scope == ALERT_OF_CONNECTION)
		return account_scopes_hold(scopes, subject->exchange, subject->asn);
	return account_scopes_hold_exchange(scopes, subject->exchange);
}

static char *
ports_dup(const struct world *world)
{
	struct json *list = json_array_new();

	for (size_t i = 0; i < world->port_count; i++)
		json_put_int(list, "", world->ports[i].port.id);
	for (size_t i = 0; i < world->move_count; i++)
		json_put_int(list, "", world->moves[i].old.id);
	char *text = json_print_dup(list, false, NULL);
	json_free(list);
	return text;
}

static char *
scopes_dup(const struct account_scopes *scopes, bool of_exchanges)
{
	struct json *list = json_array_new();

	for (size_t i = 0; i < scopes->count; i++) {
		const struct account_scope *scope = &scopes->scope[i];

		if (of_exchanges && scope->asn == 0)
			json_put_text(list, "", scope->exchange);
		else if (!of_exchanges && scope->asn != 0)
			json_put_int(list, "", scope->asn);
	}
	char *text = json_print_dup(list, false, NULL);
	json_free(list);
	return text;
}

bool
sees_lists_make(struct sees_lists *lists, const struct request *request, struct error *err)
{
	*lists = (struct sees_lists) { .ports = ports_dup(request->world),
				       .exchanges = scopes_dup(&request->who.scopes, true),
				       .asns = scopes_dup(&request->who.scopes, false) };
	lists->seen = (struct ledger_alert_seen) { lists->ports, lists->exchanges, lists->asns };
	return (lists->ports != NULL && lists->exchanges != NULL && lists->asns != NULL) ||
	       error_set(err, ERR_NOMEM, "alerts: out of memory");
}

void
sees_lists_free(struct sees_lists *lists)
{
	free(lists->ports);
	free(lists->exchanges);
	free(lists->asns);
}
