/* alert_level.c - see alert_level.h. */
#include "notify/alert_level.h"

#include <math.h>

/* Where it begins and ends; NAN is unknown. */
static enum alert_level
level_of(double value, double hot, double clear)
{
	if (isnan(value))
		return ALERT_UNKNOWN;
	return value >= hot ? ALERT_HOT : value < clear ? ALERT_CLEAR : ALERT_BETWEEN;
}

static struct alert_observation
observe(int64_t at_utc_sec, enum alert_level level, double value)
{
	return (
	    struct alert_observation) { .at_utc_sec = at_utc_sec, .level = level, .value = value };
}

static struct alert_observation
unknown(int64_t at_utc_sec)
{
	return observe(at_utc_sec, ALERT_UNKNOWN, NAN);
}

static struct alert_observation
saturated(const struct alert_port *port, const struct alert_limits *limits, int d)
{
	double value = port->utilisation[d];
	enum alert_level level = level_of(value, limits->saturated, limits->saturated_clear);

	return level == ALERT_UNKNOWN ? unknown(port->now_utc_sec)
				      : observe(port->sampled_utc_sec, level, value);
}

/* Of all that wanted through, how much did not get there whole.  Either count may be missing, not both. */
static double
lost_share(const struct alert_port *port, int d)
{
	double discards = port->discards_pps[d], errors = port->errors_pps[d];
	double lost = isnan(discards) ? errors : isnan(errors) ? discards : discards + errors;
	double all = lost + port->packets_pps[d];

	if (!port->discards_trusted || isnan(all))
		return NAN;
	return all > 0 ? lost / all : 0;
}

static struct alert_observation
loss(const struct alert_port *port, const struct alert_limits *limits, int d)
{
	double value = lost_share(port, d);
	enum alert_level level = level_of(value, limits->loss, limits->loss_clear);

	return level == ALERT_UNKNOWN ? unknown(port->now_utc_sec)
				      : observe(port->sampled_utc_sec, level, value);
}

/* The detector's word, which has its own hysteresis.  A run that was closed because nothing was known any more does not
 * end it: only a known sample without one does. */
static struct alert_observation
congestion(const struct alert_port *port, int d)
{
	const struct alert_run *run = &port->run[d];
	struct alert_observation seen;

	if (!port->judged || isnan(port->utilisation[d]))
		return unknown(port->now_utc_sec);
	if (!run->open)
		return observe(port->sampled_utc_sec, ALERT_CLEAR, NAN);
	seen = observe(port->sampled_utc_sec, run->sustained ? ALERT_HOT : ALERT_BETWEEN,
		       run->peak_utilisation);
	seen.since_utc_sec = run->sustained ? run->start_utc_sec : 0;
	seen.until_utc_sec = run->end_utc_sec;
	return seen;
}

/* What is left of a LAG, in members; NAN when one of them is not known. */
static double
members_lost(const struct alert_port *port)
{
	if (port->member_count == 0)
		return 0;
	if (port->member_unknown > 0)
		return NAN;
	return 1 - (double)port->member_live / port->member_count;
}

/* Before there is a nominal capacity the present one stands in. */
static double
capacity_lost(const struct alert_port *port)
{
	if (isnan(port->nominal_bps))
		return 0;
	if (isnan(port->capacity_bps))
		return NAN;
	return port->capacity_bps < ALERT_WHOLE_SHARE * port->nominal_bps
		   ? 1 - port->capacity_bps / port->nominal_bps
		   : 0;
}

static struct alert_observation
vanished(const struct alert_port *port)
{
	struct alert_observation seen = observe(port->now_utc_sec, ALERT_HOT, 1);

	seen.since_utc_sec = port->vanished_utc_sec;
	return seen;
}

/* Down is the whole capacity lost.  One that was never seen up is none that somebody misses. */
static struct alert_observation
reduced(const struct alert_port *port)
{
	double members = members_lost(port), capacity = capacity_lost(port);

	if (port->vanished)
		return vanished(port);
	if (!port->fresh || isnan(port->oper))
		return unknown(port->now_utc_sec);
	if (port->oper == 0)
		return observe(port->sampled_utc_sec, port->was_up ? ALERT_HOT : ALERT_BETWEEN, 1);
	if (members > 0 || capacity > 0)
		return observe(port->sampled_utc_sec, ALERT_HOT, fmax(members, capacity));
	if (isnan(members) || isnan(capacity))
		return unknown(port->now_utc_sec);
	return observe(port->sampled_utc_sec, ALERT_CLEAR, 0);
}

/* A share of half an hour or more; while its agent is silent, it is the agent's affair. */
static struct alert_observation
data_quality(const struct alert_port *port, const struct alert_limits *limits)
{
	unsigned all = port->slots_known + port->slots_unknown;
	double value = all > 0 && all * 2 >= port->slots_hour ? (double)port->slots_unknown / all
							      : (double)NAN;
	enum alert_level level = port->agent_silent || port->vanished
				     ? ALERT_UNKNOWN
				     : level_of(value, limits->unknown, limits->unknown_clear);

	return observe(port->now_utc_sec, level, value);
}

/* Routine is more than recurring: it leaves a warning as it is.  Insufficient data says nothing. */
void
alert_levels_verdict(enum verdict verdict, bool judged, int64_t at_utc_sec,
		     struct alert_observation *routine, struct alert_observation *recurring)
{
	static const struct {
		enum alert_level routine, recurring;
	} rows[VERDICT_COUNT] = {
		[VERDICT_ROUTINE] = { ALERT_HOT, ALERT_BETWEEN },
		[VERDICT_RECURRING] = { ALERT_CLEAR, ALERT_HOT },
		[VERDICT_INSUFFICIENT] = { ALERT_UNKNOWN, ALERT_UNKNOWN },
		[VERDICT_NONE] = { ALERT_CLEAR, ALERT_CLEAR },
	};

	*routine = observe(at_utc_sec, judged ? rows[verdict].routine : ALERT_UNKNOWN, NAN);
	*recurring = observe(at_utc_sec, judged ? rows[verdict].recurring : ALERT_UNKNOWN, NAN);
}

void
alert_levels(const struct alert_port *port, const struct alert_limits *limits,
	     struct alert_observation out[ALERT_KIND_COUNT][DIRECTION_COUNT])
{
	for (int k = 0; k < ALERT_KIND_COUNT; k++)
		out[k][DIRECTION_IN] = out[k][DIRECTION_OUT] = unknown(port->now_utc_sec);
	for (int d = 0; d < DIRECTION_COUNT; d++) {
		alert_levels_verdict(port->verdict[d], port->judged, port->now_utc_sec,
				     &out[ALERT_ROUTINE][d], &out[ALERT_RECURRING][d]);
		if (!port->fresh)
			continue;
		out[ALERT_SATURATED][d] = saturated(port, limits, d);
		out[ALERT_LOSS][d] = loss(port, limits, d);
		out[ALERT_CONGESTION][d] = congestion(port, d);
	}
	if (!port->agent_silent)
		out[ALERT_REDUCED][DIRECTION_OUT] = reduced(port);
	out[ALERT_DATA_QUALITY][DIRECTION_OUT] = data_quality(port, limits);
}

struct alert_observation
alert_level_agent(bool asked, int64_t silent_since_utc_sec, int64_t now_utc_sec)
{
	struct alert_observation seen = unknown(now_utc_sec);

	if (!asked)
		return seen;
	seen.level = silent_since_utc_sec != 0 ? ALERT_HOT : ALERT_CLEAR;
	seen.since_utc_sec = silent_since_utc_sec;
	return seen;
}

struct alert_observation
alert_level_exchange(unsigned count, unsigned failing, unsigned unasked, int64_t now_utc_sec)
{
	struct alert_observation seen = unknown(now_utc_sec);

	if (count < 2)
		return seen;
	if (failing == count)
		seen.level = ALERT_HOT;
	else if (failing + unasked < count)
		seen.level = ALERT_CLEAR;
	return seen;
}
