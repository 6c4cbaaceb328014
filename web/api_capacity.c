/* api_capacity.c - what a port can carry: the members of a LAG, the capacity ledger, and where its sources disagree. */
#include "ixwatch/capacity.h"

#include "api.h"

#define HISTORY_MAX 100

static bool
on_member(const struct ledger_lag_member *member, void *user)
{
	struct json **members = user;

	if (*members == NULL)
		*members = json_array_new();
	capacity_member_json(*members, member);
	return true;
}

static bool
on_capacity(const struct ledger_capacity *capacity, void *user)
{
	struct json *object = json_put_object(user, "");

	json_put_utc(object, "from", capacity->from_utc_sec);
	json_put_number(object, "physical_bps", capacity->physical_bps);
	json_put_number(object, "contracted_bps", capacity->contracted_bps);
	json_put_text(object, "source", model_capacity_source_name(capacity->source));
	return true;
}

bool
api_put_capacity(struct json *in, struct ledger *ledger, const struct world_port *port,
		 struct error *err)
{
	struct capacity_sources sources =
	    capacity_sources_of(&port->port, &port->live, port->setting_bps);
	struct json *members = NULL;

	if (!ledger_lag_members_each(ledger, port->port.id, on_member, &members, err)) {
		json_free(members);
		return false;
	}
	capacity_lag_json(in, members, &port->live);
	capacity_disagreements_json(in, &sources);
	return ledger_capacity_newest(ledger, port->port.id, HISTORY_MAX, on_capacity,
				      json_put_array(in, "capacity_history"), err);
}
