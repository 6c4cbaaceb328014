/* pipeline_view.c - how a port stands now, for the snapshot: its newest sample, its state and since when, and why
 * what is unknown is unknown. */
#include <math.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "ixwatch/utilisation.h"
#include "pipeline_internal.h"

#define STALE_INTERVALS 3
#define STALE_REFRESHES 2 /* a sample waits for the refresh after its end */

static const enum column bps_column[] = { COLUMN_IN_BPS, COLUMN_OUT_BPS };
static const enum column pps_column[] = { COLUMN_IN_PPS, COLUMN_OUT_PPS };

static enum unknown_reason
reason_of(const struct watched_port *port, bool fresh)
{
	if (port->port.vanished_utc_sec != 0)
		return UNKNOWN_VANISHED;
	if (port->present && (port->counter_bits == 0 ||
			      (port->counter_bits == 32 && port->meter.quality[QUALITY_WRAP] > 0)))
		return UNKNOWN_NO_64BIT;
	if (port->agent->failing && !fresh)
		return UNKNOWN_AGENT_SILENT;
	if (!fresh)
		return port->view.sampled_utc_sec == 0 ? UNKNOWN_NO_SAMPLE_YET : UNKNOWN_COUNTERS;
	if (!(port->view.value[COLUMN_CAPACITY_BPS] > 0))
		return UNKNOWN_NO_CAPACITY;
	return UNKNOWN_COUNTERS;
}

static uint8_t
run_of(const struct watched_port *port, enum direction direction)
{
	struct detector_episode run;

	if (!detector_open_run(judge_detector(port->judge), direction, &run))
		return 0;
	return run.kind == EPISODE_SUSTAINED ? 2 : 1;
}

static uint8_t
flags_of(const struct watched_port *port, enum direction direction)
{
	struct detector_flags flags;

	detector_flags_get(judge_detector(port->judge), direction, &flags);
	return (
	    uint8_t)((flags.saturated ? SNAPSHOT_SATURATED : 0) | (flags.loss ? SNAPSHOT_LOSS : 0) |
		     (flags.microburst ? SNAPSHOT_MICROBURST : 0) | (flags.hot ? SNAPSHOT_HOT : 0));
}

static enum port_state
state_of(const struct watched_port *port, bool fresh)
{
	const struct snapshot_port *view = &port->view;

	if (fresh && view->value[COLUMN_OPER] == 0)
		return STATE_DOWN;
	if (isnan(view->utilisation[DIRECTION_IN]) && isnan(view->utilisation[DIRECTION_OUT]))
		return STATE_UNKNOWN;
	if (view->run[DIRECTION_IN] == 2 || view->run[DIRECTION_OUT] == 2)
		return STATE_SUSTAINED;
	if (view->run[DIRECTION_IN] == 1 || view->run[DIRECTION_OUT] == 1)
		return STATE_SPIKE;
	return (view->flags[DIRECTION_IN] | view->flags[DIRECTION_OUT]) & SNAPSHOT_HOT
		   ? STATE_HOT
		   : STATE_CLEAR;
}

static enum capacity_source
source_of(const struct watched_port *port, double physical_bps)
{
	if (!(physical_bps > 0))
		return CAPACITY_UNKNOWN;
	if (!port->port.contract_billed && port->port.contracted_bps < physical_bps)
		return CAPACITY_CONTRACT;
	return port->physical.source;
}

/* --- the capacity ledger --- */

bool
port_capacity_write(struct watched_port *port, struct error *err)
{
	struct judge_house *house = &port->pipeline->house;
	const struct ledger_capacity *now = &port->recorded;

	if (!(now->physical_bps > 0))
		return true;
	return judge_house_begin(house, err) &&
	       ledger_capacity_put(house->ledger, port->port.id, now->physical_bps,
				   now->contracted_bps, now->source, now->from_utc_sec, err) &&
	       judge_contract_changed(port->judge, err);
}

static bool
is_same_number(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

void
port_capacity_note(struct watched_port *port, int64_t at_utc_sec)
{
	struct ledger_capacity now = { .from_utc_sec = at_utc_sec,
				       .physical_bps = port->physical.bps,
				       .contracted_bps = port->port.contracted_bps,
				       .source = source_of(port, port->physical.bps) };
	struct error err = { 0 };

	if (!(now.physical_bps > 0) ||
	    (now.physical_bps == port->recorded.physical_bps &&
	     is_same_number(now.contracted_bps, port->recorded.contracted_bps) &&
	     now.source == port->recorded.source))
		return;
	port->recorded = now;
	if (port_capacity_write(port, &err)) {
		connections_contract_changed(port);
		return;
	}
	port->unwritten = port->pipeline->some_unwritten = true;
	log_error("port", "port=%lld event=capacity-unrecorded reason=\"%s\"",
		  (long long)port->port.id, err.text);
}

static void
physical_show(struct watched_port *port, bool fresh)
{
	const struct physical *physical = &port->physical;
	struct snapshot_port *view = &port->view;

	view->physical_source = fresh ? physical->source : CAPACITY_UNKNOWN;
	view->interface_mbps = fresh ? snapshot_mbps(physical->interface_bps) : 0;
	view->lag_mbps = fresh ? snapshot_mbps(physical->lag_bps) : 0;
	view->largest_member_mbps = fresh ? snapshot_mbps(physical->largest_bps) : 0;
	view->in_lag = port->in_lag;
}

static enum verdict
verdict_of(struct watched_port *port)
{
	enum verdict worst = VERDICT_NONE;

	for (int d = 0; d < DIRECTION_COUNT; d++) {
		struct detector_standing standing;

		detector_standing_get(judge_detector(port->judge), (enum direction)d, &standing);
		port->verdict[d] = (uint8_t)standing.verdict;
		if (standing.verdict < worst)
			worst = standing.verdict;
	}
	return worst;
}

/* Asked anew only when another step was judged: verdicts and percentiles look back over weeks. */
static void
standing_refresh(struct watched_port *port)
{
	int64_t until_utc_sec = detector_until_utc_sec(judge_detector(port->judge));

	if (until_utc_sec == port->judged_utc_sec)
		return;
	port->judged_utc_sec = until_utc_sec;
	port->view.verdict = verdict_of(port);
	for (int d = 0; d < DIRECTION_COUNT; d++)
		port->view.flags[d] = flags_of(port, (enum direction)d);
}

/* An open run says itself when it began; anything else holds since it was first seen. */
static int64_t
since_of(const struct watched_port *port, enum port_state before, int64_t now_utc_sec)
{
	const struct snapshot_port *view = &port->view;
	int64_t since_utc_sec = 0;

	for (int d = 0; d < DIRECTION_COUNT; d++) {
		struct detector_episode run;

		if ((view->state == STATE_SUSTAINED || view->state == STATE_SPIKE) &&
		    detector_open_run(judge_detector(port->judge), (enum direction)d, &run) &&
		    (since_utc_sec == 0 || run.start_utc_sec < since_utc_sec))
			since_utc_sec = run.start_utc_sec;
	}
	if (since_utc_sec != 0)
		return since_utc_sec;
	return view->state == before && view->state_since_utc_sec != 0 ? view->state_since_utc_sec
								       : now_utc_sec;
}

static int64_t
stale_after_ms(const struct watched_port *port)
{
	return (STALE_INTERVALS + 1) * (int64_t)port->pipeline->config->interval_sec * 1000 + 2000 +
	       STALE_REFRESHES * (int64_t)port->meter.refresh_ms;
}

/* A wall clock that stepped back makes every promise void. */
bool
port_view_holds(const struct watched_port *port, int64_t now_utc_ms)
{
	int64_t left_ms = port->look_utc_ms - now_utc_ms;

	return left_ms > 0 && left_ms <= stale_after_ms(port) + 1000;
}

/* Until it grows old, its meter gives up waiting, or something happens to it, it stays so; an old one hangs on its agent
 * too. */
static int64_t
look_again_utc_ms(const struct watched_port *port, bool fresh)
{
	int64_t old_ms = port->view.sampled_utc_sec * 1000 + stale_after_ms(port) + 1;
	int64_t expired_ms = meter_expires_utc_ms(&port->meter);

	return !fresh ? 0 : expired_ms < old_ms ? expired_ms : old_ms;
}

void
port_view_make(struct watched_port *port, int64_t now_utc_ms)
{
	struct snapshot_port *view = &port->view;
	int64_t stale_ms = stale_after_ms(port);
	int64_t age_ms = now_utc_ms - port->view.sampled_utc_sec * 1000;
	/* One from the future is of before the wall clock stepped back: it says nothing of now. */
	bool fresh = port->view.sampled_utc_sec != 0 && age_ms <= stale_ms && age_ms >= -stale_ms;
	enum port_state before = (enum port_state)view->state;

	view->refresh_ms = port->meter.refresh_ms;
	view->time_is_ours = meter_time_is_ours(&port->meter);
	memcpy(view->quality, port->meter.quality, sizeof(view->quality));
	for (int c = 0; c < COLUMN_COUNT && !fresh; c++)
		view->value[c] = NAN;
	view->capacity_bps =
	    model_capacity_bps(view->value[COLUMN_CAPACITY_BPS], port->port.contracted_bps,
			       port->port.contract_billed);
	for (int d = 0; d < DIRECTION_COUNT; d++) {
		double bps = view->value[bps_column[d]], pps = view->value[pps_column[d]];

		view->utilisation[d] = utilisation_share(bps, pps, view->capacity_bps);
		view->layer2[d] = !isnan(bps) && !utilisation_packets_fit(bps, pps);
		if (!port->waiting)
			view->run[d] = run_of(port, (enum direction)d);
	}
	view->capacity_source = source_of(port, view->value[COLUMN_CAPACITY_BPS]);
	physical_show(port, fresh);
	if (!port->waiting)
		standing_refresh(port);
	view->state = state_of(port, fresh);
	view->reason = view->state == STATE_UNKNOWN ? reason_of(port, fresh) : UNKNOWN_NOT;
	view->state_since_utc_sec = since_of(port, before, now_utc_ms / 1000);
	port->look_utc_ms = look_again_utc_ms(port, fresh);
}
