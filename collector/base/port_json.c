/* port_json.c - see port_json.h. */
#include "ixwatch/port_json.h"

#include <math.h>
#include <string.h>

#define FRESH_INTERVALS 3
#define FRESH_SLACK_SEC 15 /* between two publishings, and for a busy machine */

static const struct {
	const char *key;
	enum column column;
} rates[] = {
	{ "in_bps", COLUMN_IN_BPS },           { "out_bps", COLUMN_OUT_BPS },
	{ "in_pps", COLUMN_IN_PPS },           { "out_pps", COLUMN_OUT_PPS },
	{ "in_discards", COLUMN_IN_DISCARDS }, { "out_discards", COLUMN_OUT_DISCARDS },
	{ "in_errors", COLUMN_IN_ERRORS },     { "out_errors", COLUMN_OUT_ERRORS },
};

bool
snapshot_is_fresh(const struct snapshot *snapshot, int64_t now_utc_sec)
{
	return snapshot != NULL &&
	       now_utc_sec - snapshot->round_utc_sec <=
		   FRESH_INTERVALS * (int64_t)snapshot->interval_sec + FRESH_SLACK_SEC;
}

const struct snapshot_port *
snapshot_port_now(const struct snapshot_port *view, bool fresh, struct snapshot_port *held)
{
	if (view != NULL && fresh)
		return view;
	*held = (struct snapshot_port) { .state = STATE_UNKNOWN,
					 .verdict = VERDICT_INSUFFICIENT,
					 .capacity_source = CAPACITY_UNKNOWN,
					 .reason = UNKNOWN_NO_SAMPLE_YET,
					 .capacity_bps = NAN };
	if (view != NULL) {
		held->id = view->id;
		held->sampled_utc_sec = view->sampled_utc_sec;
		held->state_since_utc_sec = view->sampled_utc_sec;
		held->verdict = view->verdict;
		held->refresh_ms = view->refresh_ms;
		held->time_is_ours = view->time_is_ours;
		memcpy(held->quality, view->quality, sizeof(held->quality));
		held->reason = UNKNOWN_AGENT_SILENT;
	}
	for (int c = 0; c < COLUMN_COUNT; c++)
		held->value[c] = NAN;
	for (int d = 0; d < DIRECTION_COUNT; d++)
		held->utilisation[d] = NAN;
	return held;
}

/* ["saturated", ...] */
static void
put_flags(struct json *in, const char *key, unsigned flags)
{
	struct json *list = json_put_array(in, key);

	for (unsigned flag = 1; flag < SNAPSHOT_FLAG_ALL; flag <<= 1)
		if (flags & flag)
			json_put_text(list, "", snapshot_flag_name(flag));
}

/* How far the numbers may be trusted: {"restart": 0, ...} counts what was refused since the collector's start. */
static void
put_quality(struct json *in, const struct snapshot_port *now)
{
	struct json *quality;

	json_put_text(in, "time", now->time_is_ours ? "ours" : "agent");
	json_put_number(in, "refresh_sec", now->refresh_ms > 0 ? now->refresh_ms / 1000.0 : NAN);
	quality = json_put_object(in, "data_quality");
	for (unsigned q = 0; q < QUALITY_COUNT; q++)
		json_put_int(quality, model_quality_name((enum quality_reason)q), now->quality[q]);
}

struct json *
port_json_put(struct json *in, const char *key, const struct port *port,
	      const struct snapshot_port *now)
{
	struct json *object = json_put_object(in, key);

	json_put_int(object, "id", port->id);
	json_put_text(object, "exchange", port->exchange);
	json_put_text(object, "agent", port->agent);
	json_put_text(object, "interface", port->interface);
	json_put_text(object, "alias", port->alias);
	json_put_text(object, "kind", port->kind == KIND_NONE ? NULL : model_kind_name(port->kind));
	if (port->asn != 0)
		json_put_int(object, "asn", port->asn);
	else
		json_put_null(object, "asn");
	json_put_text(object, "peer", port->peer[0] != '\0' ? port->peer : NULL);
	json_put_number(object, "capacity_bps", now->capacity_bps);
	json_put_number(object, "physical_bps", now->value[COLUMN_CAPACITY_BPS]);
	json_put_number(object, "contracted_bps", port->contracted_bps);
	json_put_text(object, "capacity_source",
		      model_capacity_source_name((enum capacity_source)now->capacity_source));
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
		json_put_number(object, rates[i].key, now->value[rates[i].column]);
	json_put_number(object, "in_utilisation", now->utilisation[DIRECTION_IN]);
	json_put_number(object, "out_utilisation", now->utilisation[DIRECTION_OUT]);
	json_put_text(object, "state", model_state_name((enum port_state)now->state));
	json_put_utc(object, "state_since", now->state_since_utc_sec);
	json_put_text(object, "unknown_because",
		      now->reason == UNKNOWN_NOT
			  ? NULL
			  : snapshot_reason_text((enum unknown_reason)now->reason));
	put_flags(object, "in_flags", now->flags[DIRECTION_IN]);
	put_flags(object, "out_flags", now->flags[DIRECTION_OUT]);
	json_put_text(object, "verdict", model_verdict_name((enum verdict)now->verdict));
	json_put_utc(object, "sampled_at", now->sampled_utc_sec);
	put_quality(object, now);
	return object;
}

static void
put_id(struct json *in, const char *key, int64_t id)
{
	if (id != 0)
		json_put_int(in, key, id);
	else
		json_put_null(in, key);
}

void
port_json_way(struct json *port, const struct ledger_way *way)
{
	put_id(port, "moved_to", way->moved_to);
	put_id(port, "continues", way->continues);
}
