/* seed.c - makes a state directory as a collector would leave it: ledger, snapshot, series.  For tests of what reads it.
 *
 *   seed STATE_DIR [--ports N] [--exchanges N] [--interval SEC] [--days N] [--series N] [--age SEC]
 *                  [--silent N] [--busy 1]
 *
 * The first ports show every state there is; the rest are clear.  The first twelve have traffic days and verdicts: the
 * first one is routine, with every state that a day can have.  The first --series ports have --days of history whose
 * newest sample is the snapshot's.  --age: how long ago the last round was.  The last --silent ports, of exchange
 * demo-fra, are on an agent that does not answer.  --busy: alerts open and ended, held and not; works in force; a verdict
 * and a capacity that changed of late.  Names are hostile here and there: pages must
 * bear it.  Prints "ports=N round=UTC" when all is written. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ixwatch/alert.h"
#include "ixwatch/clock.h"
#include "ixwatch/ledger.h"
#include "ixwatch/ledger_note.h"
#include "ixwatch/series.h"
#include "ixwatch/snapshot.h"
#include "ixwatch/units.h"
#include "ixwatch/utilisation.h"
#include "ixwatch/zone.h"

#define STEP_SEC    300
#define DAY_SEC     86400
#define FIRST_ASN   64496
#define ASN_COUNT   16
#define PI          3.14159265358979323846
#define MEAN_OCTETS 900.0
#define PORTS_A_BOX 40
#define JUDGED      12 /* ports that have days and verdicts */
#define JUDGED_DAYS 31
#define DAY_START   (6 * 3600)

struct plan {
	const char *state_dir;
	int64_t port_count, exchange_count, interval_sec, day_count, series_count, age_sec,
	    silent_count, is_busy;
	int64_t now_utc_sec, round_utc_sec, sample_utc_sec;
};

/* How one port is: what its last sample says. */
struct shape {
	enum port_state state;
	double in_share, out_share; /* at the evening's peak, of capacity */
	enum unknown_reason reason;
	const char *peer;
};

static const struct shape shapes[] = {
	{ STATE_SUSTAINED, 0.31, 0.984, UNKNOWN_NOT, "ExampleNet" },
	{ STATE_SUSTAINED, 0.957, 0.42, UNKNOWN_NOT, "Documentation Carrier" },
	{ STATE_SPIKE, 0.22, 0.931, UNKNOWN_NOT, "Video <b>&amp;</b> \"Games\"" },
	{ STATE_HOT, 0.833, 0.12, UNKNOWN_NOT, "Cloud of Tests" },
	{ STATE_UNKNOWN, NAN, NAN, UNKNOWN_AGENT_SILENT, "Silent Networks" },
	{ STATE_UNKNOWN, NAN, NAN, UNKNOWN_NO_CAPACITY, "" },
	{ STATE_DOWN, 0, 0, UNKNOWN_NOT, "Dark Fibre Club" },
};
static const struct shape silent_shape = { STATE_UNKNOWN, NAN, NAN, UNKNOWN_AGENT_SILENT, NULL };
static const struct shape clear_shape = { STATE_CLEAR, 0.5, 0.4, UNKNOWN_NOT, NULL };
static const char *const peers[] = { "ExampleNet",          "Sample Telecom",
				     "Fictional Broadband", "Placeholder CDN",
				     "Netz M\xc3\xbcnchen", "Lorem Hosting",
				     "Ipsum Mobile",        "Test University" };
static const char *const cities[][3] = {
	{ "demo-fra", "Demo-IX Frankfurt", "Europe/Berlin" },
	{ "demo-lon", "Demo-IX London", "Europe/London" },
	{ "demo-nyc", "Demo-IX New York", "America/New_York" },
};

static bool
is_silent(const struct plan *plan, int64_t i)
{
	return i >= plan->port_count - plan->silent_count;
}

static const struct shape *
shape_of(const struct plan *plan, int64_t i)
{
	if (is_silent(plan, i))
		return &silent_shape;
	return i < (int64_t)(sizeof(shapes) / sizeof(shapes[0])) ? &shapes[i] : &clear_shape;
}

static double
capacity_of(int64_t i)
{
	static const double gbits[] = { 10, 100, 10, 1, 40, 400 };

	return gbits[i % 6] * 1e9;
}

/* 0.25 at dawn to 1 in the evening, and a little that differs from port to port. */
static double
swing(int64_t i, int64_t utc_sec)
{
	double day = (double)(utc_sec % DAY_SEC) / DAY_SEC;

	return 0.625 + 0.345 * cos(2 * PI * (day - 0.83)) +
	       0.03 * sin((double)(utc_sec / 60) * 0.7 + (double)i);
}

/* How many days ago the evening of that UTC day was: 0 is yesterday's, -1 today's. */
static int64_t
days_ago(const struct plan *plan, int64_t utc_day)
{
	return plan->now_utc_sec / DAY_SEC - 1 - utc_day;
}

/* What became of an evening of the first port, out; NULL: nothing that is told apart. */
static const char *
evening_state(int64_t ago)
{
	switch (ago) {
	case 6: return "declared";
	case 9: return "unknown";
	case 10: return "clean";
	case 13: return "reduced capacity";
	case 19:
	case 20: return "flash";
	case 26: return "unclassified";
	default: return NULL;
	}
}

/* The agent was silent for most of one day. */
static bool
is_outage(const struct plan *plan, int64_t i, int64_t end_utc_sec)
{
	int64_t ago = days_ago(plan, end_utc_sec / DAY_SEC), second = end_utc_sec % DAY_SEC;

	return i == 0 && ago == 9 && second > 7 * 3600 && second <= 23 * 3600;
}

/* The evening on which it was congested: from 18:00 UTC on, for so long. */
static bool
is_evening(const struct plan *plan, int64_t i, int64_t end_utc_sec)
{
	int64_t ago = days_ago(plan, end_utc_sec / DAY_SEC), second = end_utc_sec % DAY_SEC;
	int64_t start = 18 * 3600 + ago % 4 * STEP_SEC;

	return i < 2 && ago >= 0 && ago < 30 && (i == 1 || (ago != 9 && ago != 10)) &&
	       second > start && second <= start + 7200 + ago % 5 * 1500;
}

static double
share_now(const struct plan *plan, int64_t i, double peak, int64_t end_utc_sec)
{
	double fall =
	    i < 7 ? 1 : 0.15 + 0.85 * (double)((i * 37) % 100) / 100; /* the clear ones differ */

	/* what the snapshot says is congested is so at this very hour */
	if (plan->sample_utc_sec - end_utc_sec < 7200 && i < 7)
		return peak;
	if (is_outage(plan, i, end_utc_sec))
		return NAN;
	if (peak > 0.95 && is_evening(plan, i, end_utc_sec))
		return peak;
	return 0.86 * peak * fall * swing(i, end_utc_sec);
}

static void
fill_sample(const struct plan *plan, int64_t i, int64_t end_utc_sec, uint32_t step_sec,
	    struct sample *sample)
{
	const struct shape *shape = shape_of(plan, i);
	double in_bps = share_now(plan, i, shape->in_share, end_utc_sec) * capacity_of(i) * 0.975;
	double out_bps = share_now(plan, i, shape->out_share, end_utc_sec) * capacity_of(i) * 0.975;

	*sample = (struct sample) { .end_utc_sec = end_utc_sec, .step_sec = step_sec };
	sample->value[COLUMN_IN_BPS] = in_bps;
	sample->value[COLUMN_OUT_BPS] = out_bps;
	sample->value[COLUMN_IN_PPS] = in_bps / 8 / MEAN_OCTETS;
	sample->value[COLUMN_OUT_PPS] = out_bps / 8 / MEAN_OCTETS;
	sample->value[COLUMN_OUT_DISCARDS] =
	    shape->out_share > 0.95 ? out_bps / 8 / MEAN_OCTETS * 0.004 : 0;
	sample->value[COLUMN_CAPACITY_BPS] =
	    shape->reason == UNKNOWN_NO_CAPACITY ? NAN : capacity_of(i);
	sample->value[COLUMN_OPER] = shape->state != STATE_DOWN;
}

/* --- ledger --- */

static bool
put_exchanges(const struct plan *plan, struct ledger *ledger, struct error *err)
{
	char slug[32], name[64];

	for (int64_t i = 0; i < plan->exchange_count; i++) {
		const char *const *city = cities[i % 3];

		snprintf(slug, sizeof(slug), i < 3 ? "%s" : "%s-%" PRId64, city[0], i);
		snprintf(name, sizeof(name), i < 3 ? "%s" : "%s %" PRId64, city[1], i);
		if (!ledger_exchange_put(ledger, slug, name, city[2], err))
			return false;
	}
	return true;
}

struct names {
	char exchange[32], agent[32], interface[48], alias[128], path[512];
};

static void
name_port(const struct plan *plan, int64_t i, struct names *names)
{
	int64_t x = is_silent(plan, i) ? 0 : i % plan->exchange_count;
	int64_t box = is_silent(plan, i) ? 8 : i / plan->exchange_count / PORTS_A_BOX;

	snprintf(names->exchange, sizeof(names->exchange), x < 3 ? "%s" : "%s-%" PRId64,
		 cities[x % 3][0], x);
	snprintf(names->agent, sizeof(names->agent), "edge%" PRId64, box + 1);
	snprintf(names->interface, sizeof(names->interface), "et-0/%" PRId64 "/%" PRId64, i / 8 % 8,
		 i);
	snprintf(names->alias, sizeof(names->alias), "AS%" PRId64 " %s | %s",
		 FIRST_ASN + i % ASN_COUNT,
		 shape_of(plan, i)->peer != NULL ? shape_of(plan, i)->peer : peers[i % 8],
		 i == 3 ? "<script>alert(1)</script>" : "LAG 1");
	series_path(names->path, sizeof(names->path), names->exchange, names->agent,
		    names->interface);
}

static bool
put_port(const struct plan *plan, struct ledger *ledger, int64_t i, int64_t *id, struct error *err)
{
	const struct shape *shape = shape_of(plan, i);
	struct names names;

	name_port(plan, i, &names);
	struct port port = {
		.exchange = names.exchange,
		.agent = names.agent,
		.interface = names.interface,
		.alias = names.alias,
		.peer = shape->peer != NULL ? shape->peer : peers[i % 8],
		.path = names.path,
		.note = i == 0 ? "upgrade ordered, works planned" : "",
		.circuit = i == 0 ? "DE-FRA-0017" : "",
		.asn = i == 5 ? 0 : (uint32_t)(FIRST_ASN + i % ASN_COUNT),
		.kind = i % 9 == 8 ? KIND_PNI : KIND_MEMBER,
		.contracted_bps = i == 1 ? 100e9 : NAN,
	};
	return ledger_port_put(ledger, &port, plan->now_utc_sec - plan->day_count * DAY_SEC, id,
			       err);
}

/* Evening after evening for the first two, one open run for the third. */
static bool
put_episodes(const struct plan *plan, struct ledger *ledger, int64_t i, int64_t id,
	     struct error *err)
{
	struct ledger_episode e = {
		.subject = subject_port(id),
		.direction = i == 1 ? DIRECTION_IN : DIRECTION_OUT,
		.profile = PROFILE_EARLY,
		.kind = i == 2 ? EPISODE_SPIKE : EPISODE_SUSTAINED,
	};

	for (int64_t day = 0; i < 2 && day < plan->day_count && day < 30; day++) {
		const char *state = i == 0 ? evening_state(day) : NULL;

		if (state != NULL && (strcmp(state, "unknown") == 0 || strcmp(state, "clean") == 0))
			continue;
		e.excuse = state == NULL || strcmp(state, "unclassified") == 0 ? NULL : state;
		e.start_utc_sec = (plan->now_utc_sec / DAY_SEC - day - 1) * DAY_SEC + 18 * 3600 +
				  (day % 4) * STEP_SEC;
		e.end_utc_sec = e.start_utc_sec + 7200 + (day % 5) * 1500;
		e.peak_utilisation = 0.97 + 0.004 * (double)(day % 5);
		e.mean_utilisation = 0.94 + 0.003 * (double)(day % 5);
		if (!ledger_episode_put(ledger, &e, err))
			return false;
	}
	e.open = true;
	e.excuse = i == 2 ? "spike" : NULL;
	e.end_utc_sec = plan->sample_utc_sec / STEP_SEC * STEP_SEC;
	e.start_utc_sec = e.end_utc_sec - (i == 2 ? 900 : 6600);
	e.peak_utilisation = 0.9871;
	e.mean_utilisation = 0.9523;
	return ledger_episode_put(ledger, &e, err);
}

/* --- days and verdicts --- */

/* The traffic day that holds now, at the port's exchange. */
static bool
today_of(const struct plan *plan, int64_t i, int32_t *today, struct error *err)
{
	struct zone *zone;

	if (!zone_open(&zone, cities[i % plan->exchange_count % 3][2], err))
		return false;
	*today = zone_day_of(zone, plan->now_utc_sec, DAY_START);
	zone_close(zone);
	return true;
}

/* The direction in which the port is congested, if any. */
static bool
is_busy(int64_t i, enum direction direction)
{
	return (i == 0 && direction == DIRECTION_OUT) || (i == 1 && direction == DIRECTION_IN);
}

static const char *
day_state(int64_t i, enum direction direction, int64_t ago)
{
	if (i == 4 && ago < 20)
		return "unknown";
	if (!is_busy(i, direction) || ago >= 30)
		return "clean";
	if (i == 0 && evening_state(ago) != NULL)
		return evening_state(ago);
	return "congested";
}

static enum verdict
day_verdict(int64_t i, enum direction direction, int64_t ago)
{
	if (is_busy(i, direction) && i == 0)
		return ago < 16   ? VERDICT_ROUTINE
		       : ago < 25 ? VERDICT_RECURRING
				  : VERDICT_INSUFFICIENT;
	if (is_busy(i, direction))
		return ago < 4 ? VERDICT_RECURRING : VERDICT_NONE;
	return i == 4 || ago > 16 ? VERDICT_INSUFFICIENT : VERDICT_NONE;
}

static bool
put_day(const struct plan *plan, struct ledger *ledger, int64_t i, int64_t id,
	enum direction direction, int32_t date, struct error *err)
{
	int64_t ago = days_ago(plan, date);
	const char *state = day_state(i, direction, ago);
	bool is_full = strcmp(state, "clean") != 0 && strcmp(state, "unknown") != 0;
	struct ledger_day day = {
		.subject = subject_port(id),
		.direction = direction,
		.profile = PROFILE_EARLY,
		.day = date,
		.possible_samples = 288,
		.known_samples = strcmp(state, "unknown") == 0 ? 96 : 288,
		.state = state,
		.verdict = day_verdict(i, direction, ago),
	};

	if (is_full)
		day.congested_minutes = ago < 0 ? 110 : (uint32_t)((7200 + (ago % 5) * 1500) / 60);
	day.congested_samples = day.live_samples = day.congested_minutes / 5;
	day.run_minutes = day.congested_minutes;
	return ledger_day_put(ledger, &day, err);
}

static bool
put_verdict(const struct plan *plan, struct ledger *ledger, int64_t i, int64_t id,
	    enum direction direction, int32_t today, struct error *err)
{
	struct ledger_verdict verdict = {
		.subject = subject_port(id),
		.direction = direction,
		.profile = PROFILE_EARLY,
		.verdict = day_verdict(i, direction, days_ago(plan, today)),
		.reason = "",
		.from_utc_sec = plan->now_utc_sec - 3 * DAY_SEC,
	};

	if (verdict.verdict == VERDICT_ROUTINE || verdict.verdict == VERDICT_RECURRING) {
		verdict.has_since = true;
		verdict.since_day = today - (i == 0 ? 16 : 4);
		verdict.reason =
		    i == 0 ? "rule A: 21 congested days in this traffic week and the three before "
			     "it; rule C: 24 congested days in 30, and a 95th percentile at or "
			     "above the congested line"
			   : "3 of the last 7 days are congested";
	}
	if (verdict.verdict == VERDICT_INSUFFICIENT) {
		verdict.has_since = verdict.has_stale = verdict.has_stale_since = true;
		verdict.since_day = today - 10;
		verdict.stale_verdict = VERDICT_ROUTINE;
		verdict.stale_since_day = today - 61;
		verdict.reason = "8 valid days in the last 28; upgraded, under observation";
	}
	return ledger_verdict_put(ledger, &verdict, err);
}

/* The verdict that stood before the one in force is in the history, too. */
static bool
put_judgement(const struct plan *plan, struct ledger *ledger, int64_t i, int64_t id,
	      struct error *err)
{
	struct ledger_verdict before = { .subject = subject_port(id),
					 .direction = DIRECTION_OUT,
					 .profile = PROFILE_EARLY,
					 .verdict = VERDICT_INSUFFICIENT,
					 .reason = "3 valid days in the last 28",
					 .from_utc_sec = plan->now_utc_sec - 20 * DAY_SEC };
	int32_t today;

	if (!today_of(plan, i, &today, err) || !ledger_verdict_put(ledger, &before, err))
		return false;
	for (unsigned d = 0; d < DIRECTION_COUNT; d++) {
		enum direction direction = (enum direction)d;

		for (int32_t date = today - JUDGED_DAYS + 1; date <= today; date++)
			if (!put_day(plan, ledger, i, id, direction, date, err))
				return false;
		if (!put_verdict(plan, ledger, i, id, direction, today, err))
			return false;
	}
	return true;
}

/* --- snapshot --- */

static void
fill_live(const struct plan *plan, int64_t i, int64_t id, struct snapshot_port *live)
{
	const struct shape *shape = shape_of(plan, i);
	struct sample sample;

	fill_sample(plan, i, plan->sample_utc_sec, (uint32_t)plan->interval_sec, &sample);
	*live = (struct snapshot_port) {
		.id = id,
		.sampled_utc_sec = plan->sample_utc_sec - (i == 4 ? 1260 : 0),
		.state_since_utc_sec = plan->sample_utc_sec - (i == 2 ? 900 : 6600),
		.state = (uint8_t)shape->state,
		.verdict = i == 0       ? VERDICT_ROUTINE
			   : i == 1     ? VERDICT_RECURRING
			   : i == 4     ? VERDICT_INSUFFICIENT
			   : i < JUDGED ? VERDICT_NONE
					: VERDICT_INSUFFICIENT,
		.reason = (uint8_t)shape->reason,
		.capacity_source = i == 1       ? CAPACITY_CONTRACT
				   : i % 9 == 8 ? CAPACITY_LAG
						: CAPACITY_INTERFACE,
		.quality[QUALITY_RESET] = i == 3,
	};
	memcpy(live->value, sample.value, sizeof(live->value));
	live->capacity_bps = sample.value[COLUMN_CAPACITY_BPS];
	if (shape->reason == UNKNOWN_NO_CAPACITY)
		live->capacity_source = CAPACITY_UNKNOWN;
	live->utilisation[DIRECTION_IN] = utilisation_share(
	    live->value[COLUMN_IN_BPS], live->value[COLUMN_IN_PPS], live->capacity_bps);
	live->utilisation[DIRECTION_OUT] = utilisation_share(
	    live->value[COLUMN_OUT_BPS], live->value[COLUMN_OUT_PPS], live->capacity_bps);
	if (shape->state == STATE_SUSTAINED || shape->state == STATE_SPIKE)
		live->run[i == 1 ? DIRECTION_IN : DIRECTION_OUT] =
		    shape->state == STATE_SUSTAINED ? 2 : 1;
}

static bool
put_snapshot(const struct plan *plan, struct snapshot_port *ports, struct error *err)
{
	struct snapshot_agent agents[2] = {
		{ .exchange = "demo-fra",
		  .name = "edge1",
		  .address = "127.1.0.1:1161",
		  .port_count = 40,
		  .polls_ok = 1234,
		  .rtt_us = 850,
		  .answered_utc_sec = plan->sample_utc_sec },
		{ .exchange = "demo-lon",
		  .name = "edge1",
		  .address = "127.1.0.2:1161",
		  .port_count = 40,
		  .polls_ok = 1200,
		  .polls_failed = 21,
		  .trouble = "no answer within 2 s, 3 tries" },
	};
	struct snapshot snapshot = {
		.round_utc_sec = plan->round_utc_sec,
		.started_utc_sec = plan->round_utc_sec - 40000,
		.interval_sec = (uint32_t)plan->interval_sec,
		.collector_pid = 1,
		.rounds = 666,
		.port_count = (uint32_t)plan->port_count,
		.agent_count = 2,
		.ports = ports,
		.agents = agents,
	};

	return snapshot_write(plan->state_dir, &snapshot, err);
}

/* --- series --- */

static bool
import_history(const struct plan *plan, struct series *series, const char *path, int64_t i,
	       struct error *err)
{
	int64_t last = (plan->sample_utc_sec - 3600) / STEP_SEC * STEP_SEC;
	size_t count = (size_t)(plan->day_count * DAY_SEC / STEP_SEC), accepted;
	struct sample *samples = calloc(count + 1, sizeof(*samples));

	if (samples == NULL)
		return error_set(err, ERR_NOMEM, "seed: out of memory");
	for (size_t k = 0; k < count; k++)
		fill_sample(plan, i, last - (int64_t)(count - 1 - k) * STEP_SEC, STEP_SEC,
			    &samples[k]);
	bool done = count == 0 || series_import(series, path, samples, count, &accepted, err);
	free(samples);
	return done;
}

static bool
append_last_hour(const struct plan *plan, struct series *series, const char *path, int64_t i,
		 struct error *err)
{
	int64_t at = (plan->sample_utc_sec - 3600) / STEP_SEC * STEP_SEC;
	struct sample sample;

	at = at / plan->interval_sec * plan->interval_sec;
	while ((at += plan->interval_sec) <= plan->sample_utc_sec) {
		fill_sample(plan, i, at, (uint32_t)plan->interval_sec, &sample);
		if (!series_append(series, path, &sample, err))
			return false;
	}
	return true;
}

static bool
put_series(const struct plan *plan, struct error *err)
{
	struct series_settings settings = {
		.state_dir = plan->state_dir,
		.interval_sec = (unsigned)plan->interval_sec,
		.step_sec = STEP_SEC,
		.keep_interval_sec = 2 * DAY_SEC,
		.keep_step_sec = 40 * DAY_SEC,
		.keep_hour_sec = 400 * DAY_SEC,
		.keep_day_sec = 3650 * DAY_SEC,
	};
	struct series *series;
	struct names names;
	bool done = series_open(&series, &settings, err);

	if (!done)
		return false;
	for (int64_t i = 0; done && i < plan->series_count && i < plan->port_count; i++) {
		name_port(plan, i, &names);
		done = import_history(plan, series, names.path, i, err) &&
		       append_last_hour(plan, series, names.path, i, err);
	}
	done = done && series_commit(series, err) && series_flush_all(series, err);
	series_close(series);
	return done;
}

/* --- what happened --- */

/* Ids of a fresh ledger count from 1, as the ports do. */
static const struct happening {
	enum alert_kind kind;
	enum alert_scope scope;
	int64_t port_id, age_sec, ended_ago_sec;
	const char *exchange, *agent;
	double peak;
	enum quiet_kind quiet;
	const char *reason; /* of the quiet; NULL: nobody has it */
} happenings[] = {
	{ ALERT_CONGESTION, ALERT_OF_PORT, 2, 9000, 0, "demo-lon", "edge1", 0.957,
	  QUIET_ACKNOWLEDGEMENT, "on it with their NOC" },
	{ ALERT_REDUCED, ALERT_OF_PORT, 7, 7200, 0, "demo-fra", "edge1", NAN, QUIET_SILENCE,
	  "fibre works" },
	{ ALERT_SATURATED, ALERT_OF_PORT, 1, 6600, 0, "demo-fra", "edge1", 0.984, QUIET_KIND_COUNT,
	  NULL },
	{ ALERT_CONGESTION, ALERT_OF_PORT, 1, 5400, 0, "demo-fra", "edge1", 0.984, QUIET_KIND_COUNT,
	  NULL },
	{ ALERT_AGENT_UNREACHABLE, ALERT_OF_AGENT, 0, 1200, 0, "demo-fra", "edge9", NAN,
	  QUIET_KIND_COUNT, NULL },
	{ ALERT_ROUTINE, ALERT_OF_PORT, 1, 1500, 0, "demo-fra", "edge1", NAN, QUIET_KIND_COUNT,
	  NULL },
	{ ALERT_DATA_QUALITY, ALERT_OF_PORT, 10, 3000, 900, "demo-fra", "edge1", NAN,
	  QUIET_KIND_COUNT, NULL },
	{ ALERT_AGENT_UNREACHABLE, ALERT_OF_AGENT, 0, 2400, 2000, "demo-nyc", "edge1", NAN,
	  QUIET_KIND_COUNT, NULL },
};

static bool
put_quiet(const struct plan *plan, struct ledger *ledger, const struct happening *what,
	  int64_t alert_id, struct error *err)
{
	struct ledger_quiet quiet = {
		.kind = what->quiet,
		.alert_id = what->quiet == QUIET_ACKNOWLEDGEMENT ? alert_id : 0,
		.scope = WINDOW_PORT,
		.port_id = what->quiet == QUIET_ACKNOWLEDGEMENT ? 0 : what->port_id,
		.exchange = "",
		.agent = "",
		.interface = "",
		.start_utc_sec = plan->now_utc_sec - 600,
		.end_utc_sec = plan->now_utc_sec + 7200,
		.reason = what->reason,
		.author = "kim",
		.created_utc_sec = plan->now_utc_sec - 600,
	};
	int64_t id;

	return ledger_quiet_add(ledger, &quiet, &id, err);
}

static bool
put_alert(const struct plan *plan, struct ledger *ledger, const struct happening *what,
	  struct error *err)
{
	int64_t ended = what->ended_ago_sec == 0 ? 0 : plan->now_utc_sec - what->ended_ago_sec;
	struct ledger_alert alert = {
		.subject = { .kind = what->kind,
			     .scope = what->scope,
			     .id = what->port_id,
			     .direction = what->port_id == 2 ? DIRECTION_IN : DIRECTION_OUT,
			     .exchange = what->exchange,
			     .agent = what->agent,
			     .asn = what->port_id == 0
					? 0
					: (uint32_t)(FIRST_ASN + what->port_id - 1) },
		.began_utc_sec = plan->now_utc_sec - what->age_sec - 120,
		.noticed_utc_sec = plan->now_utc_sec - what->age_sec,
		.until_utc_sec = ended,
		.ended_utc_sec = ended,
		.peak = what->peak,
	};

	return ledger_alert_put(ledger, &alert, err) &&
	       (what->reason == NULL || put_quiet(plan, ledger, what, alert.id, err));
}

static bool
put_works(const struct plan *plan, struct ledger *ledger, struct error *err)
{
	struct ledger_window window = { .scope = WINDOW_EXCHANGE,
					.exchange = "demo-lon",
					.agent = "",
					.interface = "",
					.start_utc_sec = plan->now_utc_sec - 1800,
					.end_utc_sec = plan->now_utc_sec + 5400,
					.cause = "works",
					.reason = "switch upgrade",
					.author = "kim",
					.created_utc_sec = plan->now_utc_sec - 3600 };
	int64_t id;

	return ledger_window_add(ledger, &window, &id, err);
}

/* The second is withdrawn. */
static bool
put_notes(const struct plan *plan, struct ledger *ledger, struct error *err)
{
	struct ledger_note note = { .port_id = 1,
				    .text = "optic swapped, <b>ticket 4711</b>:\nwatch the errors",
				    .author = "kim",
				    .created_utc_sec = plan->now_utc_sec - 90000 };
	int64_t id;

	if (!ledger_note_add(ledger, &note, &id, err))
		return false;
	note.text =
	    "a-word-without-an-end-that-no-telephone-is-wide-enough-to-show-on-one-line-of-it";
	note.created_utc_sec += 60;
	return ledger_note_add(ledger, &note, &id, err) &&
	       ledger_note_withdraw(ledger, id, plan->now_utc_sec - 600, "ann", err);
}

static bool
put_happenings(const struct plan *plan, struct ledger *ledger, struct error *err)
{
	struct ledger_verdict verdict = { .subject = subject_port(8),
					  .direction = DIRECTION_OUT,
					  .profile = PROFILE_EARLY,
					  .verdict = VERDICT_RECURRING,
					  .reason = "3 of the last 7 days are congested",
					  .from_utc_sec = plan->now_utc_sec - 1700 };

	for (size_t i = 0; i < sizeof(happenings) / sizeof(happenings[0]); i++)
		if (!put_alert(plan, ledger, &happenings[i], err))
			return false;
	return put_works(plan, ledger, err) && put_notes(plan, ledger, err) &&
	       ledger_verdict_put(ledger, &verdict, err) &&
	       ledger_capacity_put(ledger, 9, 10e9, NAN, CAPACITY_INTERFACE,
				   plan->now_utc_sec - 90000, err) &&
	       ledger_capacity_put(ledger, 9, 20e9, NAN, CAPACITY_INTERFACE,
				   plan->now_utc_sec - 2500, err);
}

/* --- the whole --- */

static bool
put_ports(const struct plan *plan, struct ledger *ledger, struct snapshot_port *ports,
	  struct error *err)
{
	int64_t id;

	for (int64_t i = 0; i < plan->port_count; i++) {
		if (!put_port(plan, ledger, i, &id, err))
			return false;
		fill_live(plan, i, id, &ports[i]);
		if ((i < 3 && !put_episodes(plan, ledger, i, id, err)) ||
		    (i < JUDGED && !put_judgement(plan, ledger, i, id, err)))
			return false;
	}
	return true;
}

static bool
seed(const struct plan *plan, struct error *err)
{
	struct snapshot_port *ports = calloc((size_t)plan->port_count + 1, sizeof(*ports));
	struct ledger *ledger = NULL;

	if (ports == NULL)
		return error_set(err, ERR_NOMEM, "seed: out of memory");
	mkdir(plan->state_dir, 0770);
	bool done =
	    ledger_open(&ledger, plan->state_dir, LEDGER_WRITE, err) && ledger_begin(ledger, err) &&
	    put_exchanges(plan, ledger, err) && put_ports(plan, ledger, ports, err) &&
	    (!plan->is_busy || put_happenings(plan, ledger, err)) && ledger_commit(ledger, err) &&
	    put_series(plan, err) && put_snapshot(plan, ports, err);
	ledger_close(ledger);
	free(ports);
	return done;
}

static bool
read_options(struct plan *plan, int argc, char **argv)
{
	const struct {
		const char *name;
		int64_t *value;
	} rows[] = {
		{ "--ports", &plan->port_count },      { "--exchanges", &plan->exchange_count },
		{ "--interval", &plan->interval_sec }, { "--days", &plan->day_count },
		{ "--series", &plan->series_count },   { "--age", &plan->age_sec },
		{ "--silent", &plan->silent_count },   { "--busy", &plan->is_busy },
	};
	uint64_t number;

	if (argc < 2 || argc % 2 != 0)
		return false;
	plan->state_dir = argv[1];
	for (int i = 2; i < argc; i += 2) {
		size_t k = 0;

		while (k < sizeof(rows) / sizeof(rows[0]) && strcmp(rows[k].name, argv[i]) != 0)
			k++;
		if (k == sizeof(rows) / sizeof(rows[0]) ||
		    !units_parse_uint(argv[i + 1], 0, 1000000, &number))
			return false;
		*rows[k].value = (int64_t)number;
	}
	return plan->exchange_count > 0 && plan->interval_sec > 0;
}

int
main(int argc, char **argv)
{
	struct plan plan = { .port_count = 120,
			     .exchange_count = 3,
			     .interval_sec = 60,
			     .day_count = 35,
			     .series_count = 8 };
	struct error err = { 0 };

	if (!read_options(&plan, argc, argv)) {
		fprintf(
		    stderr,
		    "usage: seed STATE_DIR [--ports N] [--exchanges N] [--interval SEC] [--days N] "
		    "[--series N] [--age SEC] [--silent N] [--busy 1]\n");
		return 2;
	}
	plan.now_utc_sec = clock_utc_sec();
	plan.round_utc_sec = plan.now_utc_sec - plan.age_sec;
	plan.sample_utc_sec = plan.round_utc_sec / plan.interval_sec * plan.interval_sec;
	if (!seed(&plan, &err)) {
		fprintf(stderr, "seed: %s\n", err.text);
		return 1;
	}
	printf("ports=%" PRId64 " round=%" PRId64 "\n", plan.port_count, plan.round_utc_sec);
	return 0;
}
