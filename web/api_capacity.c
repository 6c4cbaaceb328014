/* api_capacity.c - what a port can carry: the members of a LAG, the capacity ledger, and where its sources disagree. */
#include "ixwatch/capacity.h"

#include "api.h"
#include "world_past.h"

#define HISTORY_MAX 100

struct listing {
	const struct world_port *port;
	struct json *list; /* NULL: no member came yet */
	unsigned count;
};

static bool
on_member(const struct ledger_lag_member *member, void *user)
{
	struct listing *members = user;
	struct ledger_lag_member seen = *member;

	if (members->list == NULL)
		members->list = json_array_new();
	seen.from_utc_sec = world_past_since(members->port, member->from_utc_sec);
	capacity_member_json(members->list, &seen);
	return true;
}

static bool
on_capacity(const struct ledger_capacity *capacity, void *user)
{
	struct listing *history = user;
	struct ledger_capacity seen;
	bool more = world_past_capacity(&seen, history->port, capacity, history->count++ == 0);
	struct json *object = json_put_object(history->list, "");

	json_put_utc(object, "from", seen.from_utc_sec);
	json_put_number(object, "physical_bps", seen.physical_bps);
	json_put_number(object, "contracted_bps", seen.contracted_bps);
	json_put_text(object, "source", model_capacity_source_name(seen.source));
	return more;
}

bool
api_put_capacity(struct json *in, struct ledger *ledger, const struct world_port *port,
		 struct error *err)
{
	struct capacity_sources sources =
	    capacity_sources_of(&port->port, &port->live, port->setting_bps);
	struct listing members = { port, NULL, 0 }, history = { port, NULL, 0 };

	if (!ledger_lag_members_each(ledger, port->port.id, on_member, &members, err)) {
		json_free(members.list);
		return false;
	}
	capacity_lag_json(in, members.list, &port->live);
	capacity_disagreements_json(in, &sources);
	history.list = json_put_array(in, "capacity_history");
	return ledger_capacity_newest(ledger, port->port.id, HISTORY_MAX, on_capacity, &history,
				      err);
}
