/* capacity.c - body of ixwatch/capacity.h: pairs of sources, and what is said when they differ. */
#include "ixwatch/capacity.h"

#include <math.h>
#include <stdio.h>

#include "ixwatch/units.h"

#define SAME_SHARE 0.01

struct capacity_sources
capacity_sources_of(const struct port *port, const struct snapshot_port *now, double setting_bps)
{
	struct capacity_sources sources = {
		.setting_bps = setting_bps,
		.lag_bps = snapshot_lag_bps(now),
		.interface_bps = snapshot_interface_bps(now),
		.contracted_bps = port->contracted_bps,
		.physical_bps = NAN,
	};

	switch ((enum capacity_source)now->physical_source) {
	case CAPACITY_SETTING: sources.physical_bps = setting_bps; break;
	case CAPACITY_LAG: sources.physical_bps = sources.lag_bps; break;
	case CAPACITY_INTERFACE: sources.physical_bps = sources.interface_bps; break;
	default: break;
	}
	return sources;
}

static bool
differ(double a_bps, double b_bps)
{
	return fabs(a_bps - b_bps) > SAME_SHARE * fmax(a_bps, b_bps); /* never where one is NAN */
}

static void say(struct capacity_disagreement *found, const char *name, const char *format,
		enum capacity_source first, double first_bps, enum capacity_source second,
		double second_bps) __attribute__((format(printf, 3, 0)));

static void
say(struct capacity_disagreement *found, const char *name, const char *format,
    enum capacity_source first, double first_bps, enum capacity_source second, double second_bps)
{
	char a[32], b[32];

	*found = (struct capacity_disagreement) { .name = name,
						  .first = first,
						  .second = second,
						  .first_bps = first_bps,
						  .second_bps = second_bps };
	units_format_bps(a, sizeof(a), first_bps);
	units_format_bps(b, sizeof(b), second_bps);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the formats are those below */
	snprintf(found->text, sizeof(found->text), format, a, b);
#pragma GCC diagnostic pop
}

size_t
capacity_disagreements(const struct capacity_sources *s,
		       struct capacity_disagreement found[CAPACITY_DISAGREEMENTS_MAX])
{
	size_t count = 0;

	if (s->contracted_bps > s->physical_bps)
		say(&found[count++], "contract-physical",
		    "the contract of %s is more than the port can carry, %s", CAPACITY_CONTRACT,
		    s->contracted_bps, CAPACITY_UNKNOWN, s->physical_bps);
	if (differ(s->setting_bps, s->lag_bps))
		say(&found[count++], "setting-lag",
		    "the setting `capacity` is %s, the live members of the LAG add up to %s",
		    CAPACITY_SETTING, s->setting_bps, CAPACITY_LAG, s->lag_bps);
	else if (isnan(s->lag_bps) && differ(s->setting_bps, s->interface_bps))
		say(&found[count++], "setting-interface",
		    "the setting `capacity` is %s, the interface says %s", CAPACITY_SETTING,
		    s->setting_bps, CAPACITY_INTERFACE, s->interface_bps);
	if (differ(s->lag_bps, s->interface_bps))
		say(&found[count++], "lag-interface",
		    "the live members of the LAG add up to %s, the LAG itself says %s",
		    CAPACITY_LAG, s->lag_bps, CAPACITY_INTERFACE, s->interface_bps);
	return count;
}

static void
put_side(struct json *in, const char *key, enum capacity_source source, double bps)
{
	struct json *side = json_put_object(in, key);

	json_put_text(side, "source",
		      source == CAPACITY_UNKNOWN ? "physical" : model_capacity_source_name(source));
	json_put_number(side, "bps", bps);
}

void
capacity_disagreements_json(struct json *in, const struct capacity_sources *sources)
{
	struct capacity_disagreement found[CAPACITY_DISAGREEMENTS_MAX];
	size_t count = capacity_disagreements(sources, found);
	struct json *list = json_put_array(in, "capacity_disagreements");

	for (size_t i = 0; i < count; i++) {
		struct json *object = json_put_object(list, "");

		json_put_text(object, "name", found[i].name);
		json_put_text(object, "text", found[i].text);
		put_side(object, "first", found[i].first, found[i].first_bps);
		put_side(object, "second", found[i].second, found[i].second_bps);
	}
}

void
capacity_member_json(struct json *list, const struct ledger_lag_member *member)
{
	struct json *object = json_put_object(list, "");

	json_put_text(object, "interface", member->interface);
	json_put_int(object, "if_index", member->if_index);
	if (member->state == MEMBER_UNKNOWN)
		json_put_null(object, "up");
	else
		json_put_bool(object, "up", member->state == MEMBER_LIVE);
	json_put_text(object, "state", model_member_state_name(member->state));
	json_put_number(object, "speed_bps", member->speed_bps);
	json_put_utc(object, "since", member->from_utc_sec);
}

void
capacity_lag_json(struct json *in, struct json *members_take, const struct snapshot_port *now)
{
	struct json *lag;

	if (members_take == NULL) {
		json_put_null(in, "lag");
		return;
	}
	lag = json_put_object(in, "lag");
	json_put_take(lag, "members", members_take);
	json_put_number(lag, "live_bps", snapshot_lag_bps(now));
	json_put_number(lag, "interface_bps", snapshot_interface_bps(now));
	json_put_number(lag, "largest_member_bps", snapshot_largest_member_bps(now));
}
