/* graph.c - makes jobs of requests.
 *
 * A picture's time is cut to the grid (the interval for a day, the step for a week or a month, an hour for a year), so
 * that equal requests within one slot share one picture. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/accounts.h"
#include "ixwatch/units.h"

#include "graph.h"
#include "heat.h"
#include "judgement.h"
#include "page.h"
#include "refuse.h"
#include "sees.h"
#include "sheet.h"
#include "spark.h"

#define SVG_TYPE          "image/svg+xml"
#define TITLE_WHOLE_PX    450
#define STEP_SEC          300
#define DEFAULT_RANGE_SEC 86400
#define PICTURE_MIN_SEC   60
#define NAME_PLAIN        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

struct range {
	int64_t from_utc_sec, to_utc_sec;
};

static int64_t
grid_sec(const struct request *request, int64_t length_sec)
{
	if (length_sec <= 2 * DEFAULT_RANGE_SEC)
		return request->world->interval_sec == 0 ? 1 : request->world->interval_sec;
	return length_sec <= 62 * DEFAULT_RANGE_SEC ? STEP_SEC : 3600;
}

/* Leaves out what the account does not see. */
static void
clip(struct job *job, const struct world_port *port)
{
	int64_t since = port->seen_from_utc_sec;

	job->seen_from_utc_sec = since;
	if (since > job->to_utc_sec)
		since = job->to_utc_sec;
	if (job->from_utc_sec < since)
		job->from_utc_sec = since;
}

/* Of an account that does not see all of it the picture has a name of its own among those kept. */
static void
name_job(struct job *job, const struct request *request, const char *name)
{
	char scopes[ACCOUNT_TEXT_MAX], tag[ETAG_MAX];

	if (job->seen_from_utc_sec == 0) {
		snprintf(job->key, sizeof(job->key), "%s", name);
		return;
	}
	account_scopes_format(scopes, &request->who.scopes);
	etag_of(tag, scopes, strlen(scopes));
	snprintf(job->key, sizeof(job->key), "of %.20s since %" PRId64 " %.70s", tag,
		 job->seen_from_utc_sec, name);
}

/* Nothing of that time is for who asks: as if there were no samples yet.  True when that was said. */
static bool
refused_unseen(const struct request *request, struct reply *reply, struct job *job,
	       const char *type)
{
	if (job->seen_from_utc_sec == 0 || job->to_utc_sec - job->from_utc_sec >= PICTURE_MIN_SEC)
		return false;
	free(job);
	if (!graph_blank(reply, type))
		refuse(request, reply, 404, "not_found",
		       "the port faced another peer then, or nobody can say now whom it faced");
	return true;
}

/* What the query asks for; an open end is now, an open beginning a span before the end.  False when they do not fit. */
static bool
choose_range(const struct request *request, struct range *range)
{
	const struct query *q = &request->query;
	int64_t length_sec = query_span_sec(q->span); /* of a day, unless given */
	int64_t grid = grid_sec(request, length_sec);

	range->to_utc_sec = request->now_utc_sec / grid * grid;
	if ((q->has & ARG_TO) != 0)
		range->to_utc_sec = q->to_utc_sec;
	range->from_utc_sec = range->to_utc_sec - length_sec;
	if ((q->has & ARG_FROM) != 0)
		range->from_utc_sec = q->from_utc_sec;
	return range->from_utc_sec < range->to_utc_sec &&
	       range->to_utc_sec - range->from_utc_sec <= QUERY_RANGE_MAX_SEC;
}

/* A job for that port; NULL when it was refused. */
static struct job *
port_job(const struct request *request, struct reply *reply, const struct world_port **port)
{
	struct job *job;

	if (refuse_without_ledger(request, reply))
		return NULL;
	*port = request->port != NULL ? request->port
				      : world_port_find(request->world, request->params.id);
	if (*port == NULL) {
		refuse(request, reply, 404, "not_found", "there is no port %" PRId64,
		       request->params.id);
		return NULL;
	}
	job = calloc(1, sizeof(*job));
	if (job == NULL)
		return NULL;
	job->port_id = (*port)->port.id;
	snprintf(job->path, sizeof(job->path), "%s", (*port)->port.path);
	return job;
}

/* The port and the range, as a job's beginning; NULL when it was refused. */
static struct job *
begin_job(const struct request *request, struct reply *reply, const struct world_port **port)
{
	struct range range;
	struct job *job = port_job(request, reply, port);

	if (job == NULL)
		return NULL;
	if (!choose_range(request, &range)) {
		free(job);
		refuse(request, reply, 400, "bad_query",
		       "\"from\" must be before \"to\" (now, when it is not given), by at most 20 "
		       "years");
		return NULL;
	}
	job->from_utc_sec = range.from_utc_sec;
	job->to_utc_sec = range.to_utc_sec;
	return job;
}

struct banding {
	const struct request *request;
	const struct world_port *port;
	struct job *job;
	enum profile profile; /* by which the port's pages judge */
};

static bool
add_band(const struct ledger_episode *episode, void *user)
{
	const struct banding *banding = user;
	struct job *job = banding->job;

	if (job->band_count == JOB_BANDS_MAX)
		return false;
	if (episode->profile != banding->profile || episode->start_utc_sec < job->seen_from_utc_sec)
		return true;
	job->excused[job->band_count] = episode->excuse != NULL;
	job->bands[job->band_count++] = (struct series_band) {
		.start_utc_sec = episode->start_utc_sec,
		.end_utc_sec = episode->end_utc_sec,
		.direction = episode->direction,
		.kind = episode->kind,
		.excused = episode->excuse != NULL,
	};
	return true;
}

static bool
add_window(const struct ledger_window *window, void *user)
{
	const struct banding *banding = user;
	struct job *job = banding->job;

	if (!sees_window(banding->request, banding->port, window))
		return true;
	if (job->band_count == JOB_BANDS_MAX)
		return false;
	job->bands[job->band_count++] = (struct series_band) {
		.start_utc_sec = window->start_utc_sec,
		.end_utc_sec = window->until_utc_sec,
		.declared = true,
	};
	return true;
}

/* The declared windows that apply to the port, where there is room behind its episodes. */
static void
add_windows(const struct request *request, struct job *job, const struct world_port *port)
{
	struct banding banding = { request, port, job, port->settings.profile };
	struct ledger_window_query query = { .port_id = job->port_id,
					     .from_utc_sec = job->from_utc_sec,
					     .to_utc_sec = job->to_utc_sec };
	struct error err;

	if (request->ledger != NULL)
		ledger_window_each(request->ledger, &query, add_window, &banding, &err);
}

/* The episodes to shade: the sustained ones first, spikes while there is room. */
static void
add_bands(const struct request *request, struct job *job, const struct world_port *port)
{
	struct banding banding = { request, port, job, port->settings.profile };
	struct ledger_episode_query query = {
		.subject = subject_port(job->port_id),
		.from_utc_sec = job->from_utc_sec,
		.to_utc_sec = job->to_utc_sec,
		.kind = EPISODE_SUSTAINED,
		.limit = JOB_BANDS_MAX,
	};
	struct error err;

	if (request->ledger == NULL)
		return;
	ledger_episode_each(request->ledger, &query, add_band, &banding, &err);
	query.kind = EPISODE_SPIKE;
	ledger_episode_each(request->ledger, &query, add_band, &banding, &err);
}

/* As much of it as fits, in whole characters. */
static char *
shorten(char *dst, size_t len, const char *text)
{
	return units_clean_text(dst, len, text, strlen(text));
}

/* Who, and in a picture wide enough also where. */
static void
set_title(struct job *job, const struct world_port *port)
{
	const struct port *p = &port->port;
	const char *exchange = port->exchange == NULL ? p->exchange : port->exchange->name;
	char who[48], where[48], agent[24], interface[32], asn[16] = "";

	if (p->asn != 0)
		snprintf(asn, sizeof(asn), "AS%u ", p->asn);
	shorten(who, sizeof(who), p->asn != 0 ? p->peer : page_port_name(p));
	shorten(where, sizeof(where), exchange);
	shorten(agent, sizeof(agent), p->agent);
	shorten(interface, sizeof(interface), p->interface);
	if (job->width_px >= TITLE_WHOLE_PX)
		snprintf(job->title, sizeof(job->title), "%s%s \xc2\xb7 %s %s %s", asn, who, where,
			 agent, interface);
	else
		snprintf(job->title, sizeof(job->title), "%s%s", asn, who);
	snprintf(job->timezone, sizeof(job->timezone), "%s",
		 port->exchange == NULL ? "UTC" : port->exchange->timezone);
}

/* For one slot of the picture's grid, at most a step: history may be filled in behind. */
static unsigned
fresh_ms(const struct request *request, const struct job *job)
{
	int64_t sec = grid_sec(request, job->to_utc_sec - job->from_utc_sec);

	return (unsigned)(sec < STEP_SEC ? sec : STEP_SEC) * 1000;
}

static void
graph(const struct request *request, struct reply *reply, enum series_image image, const char *type)
{
	const struct query *q = &request->query;
	const struct world_port *port;
	struct job *job = begin_job(request, reply, &port);
	char name[JOB_KEY_MAX];

	if (job == NULL)
		return;
	clip(job, port);
	if (refused_unseen(request, reply, job, type))
		return;
	job->kind = JOB_DRAW;
	job->image = image;
	job->width_px = q->width_px;
	job->height_px = q->height_px;
	job->dark = q->dark;
	job->contracted_bps = port->port.contracted_bps;
	set_title(job, port);
	add_bands(request, job, port);
	add_windows(request, job, port);
	snprintf(name, sizeof(name), "draw %s %" PRId64 " %" PRId64 " %" PRId64 " %ux%u %d %d",
		 profile_name(port->settings.profile), job->port_id, job->from_utc_sec,
		 job->to_utc_sec, job->width_px, job->height_px, (int)image, job->dark);
	name_job(job, request, name);
	reply->status = 200;
	reply->type = type;
	reply->job = job;
	reply->fresh_ms = fresh_ms(request, job);
}

void
graph_png(const struct request *request, struct reply *reply)
{
	graph(request, reply, SERIES_PNG, "image/png");
}

void
graph_svg(const struct request *request, struct reply *reply)
{
	graph(request, reply, SERIES_SVG, SVG_TYPE);
}

/* Four weeks that end with a day: today, or the one that is asked for.  What is not settled yet is left for later. */
static void
set_heat_days(const struct request *request, struct job *job, const struct world_port *port)
{
	const struct query *q = &request->query;
	int64_t settled = request->now_utc_sec / STEP_SEC * STEP_SEC - STEP_SEC;
	int32_t last = judgement_date_of(port, request->now_utc_sec);

	if ((q->has & ARG_TO_DAY) != 0)
		last =
		    q->to_day.is_date ? q->to_day.day : judgement_date_of(port, q->to_day.utc_sec);
	job->first_day = last - HEAT_DAYS + 1;
	job->day_start_sec = (int32_t)port->settings.day_start_sec;
	job->from_utc_sec = judgement_begin_utc_sec(port, job->first_day);
	job->to_utc_sec = judgement_begin_utc_sec(port, last + 1);
	if (job->to_utc_sec > settled)
		job->to_utc_sec = settled;
}

/* With more than fit, the last one reaches to the end of the last: rather marked too much than too little. */
static bool
add_other(int64_t from_utc_sec, int64_t to_utc_sec, void *user)
{
	struct job *job = user;

	if (to_utc_sec <= job->from_utc_sec)
		return true;
	if (job->other_count == JOB_OTHERS_MAX)
		job->others[JOB_OTHERS_MAX - 1].to_utc_sec = to_utc_sec;
	else
		job->others[job->other_count++] = (struct job_span) { from_utc_sec, to_utc_sec };
	return true;
}

static bool
add_others(const struct request *request, struct job *job, struct error *err)
{
	return request->ledger == NULL ||
	       ledger_port_others_each(request->ledger, job->port_id, add_other, job, err);
}

void
graph_heat(const struct request *request, struct reply *reply)
{
	const struct query *q = &request->query;
	const struct world_port *port;
	struct job *job = port_job(request, reply, &port);
	char name[JOB_KEY_MAX];
	struct error err;

	if (job == NULL)
		return;
	set_heat_days(request, job, port);
	if (job->from_utc_sec < 0 || job->from_utc_sec >= job->to_utc_sec) {
		free(job);
		refuse(request, reply, 400, "bad_query",
		       "\"to\" must be a day that has begun, in 1970 or later");
		return;
	}
	clip(job, port);
	if (refused_unseen(request, reply, job, SVG_TYPE))
		return;
	job->kind = JOB_HEAT;
	job->width_px = q->width_px;
	job->dark = q->dark;
	job->contracted_bps = port->port.contracted_bps;
	job->contract_billed = port->port.contract_billed;
	job->congested_share = port->settings.congested_share;
	job->clear_share = port->settings.clear_share;
	set_title(job, port);
	add_bands(request, job, port);
	if (!add_others(request, job, &err)) {
		free(job);
		refuse(request, reply, 503, "ledger", "%s", err.text);
		return;
	}
	snprintf(name, sizeof(name), "heat %s %" PRId64 " %" PRId64 " %" PRId32 " %u %d %u",
		 profile_name(port->settings.profile), job->port_id, job->to_utc_sec,
		 job->first_day, job->width_px, job->dark, job->other_count);
	name_job(job, request, name);
	reply->status = 200;
	reply->type = SVG_TYPE;
	reply->job = job;
	reply->fresh_ms = STEP_SEC * 1000;
}

static const char blank_svg[] =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"607\" height=\"285\" viewBox=\"0 0 607 "
    "285\">"
    "<text x=\"303\" y=\"146\" text-anchor=\"middle\" font-family=\"sans-serif\" font-size=\"16\" "
    "fill=\"#7a8491\">no samples yet</text></svg>\n";

bool
graph_blank(struct reply *reply, const char *type)
{
	if (strcmp(type, SVG_TYPE) != 0)
		return false;
	reply->status = 200;
	reply->type = SVG_TYPE;
	reply->fixed = blank_svg;
	reply->len = sizeof(blank_svg) - 1;
	return true;
}

static void
put_plain(char *dst, size_t size, const char *text)
{
	size_t len = strlen(dst);

	for (; *text != '\0' && len + 1 < size; text++)
		dst[len++] = strchr(NAME_PLAIN, *text) != NULL ? *text : '-';
	dst[len] = '\0';
}

/* As somebody saves it, and sends it on: whose samples, and of when.  "demo-lon_edge1_Ethernet4-1_2026-11-21_2026-11-28.csv" */
static void
name_sheet(struct reply *reply, const struct port *port, const struct job *job)
{
	const char *const parts[] = { port->exchange, port->agent, port->interface };
	char stem[72] = "", from[40], to[40];

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		put_plain(stem, sizeof(stem), i == 0 ? "" : "_");
		put_plain(stem, sizeof(stem), parts[i]);
	}
	units_format_utc(from, sizeof(from), job->from_utc_sec);
	units_format_utc(to, sizeof(to), job->to_utc_sec);
	snprintf(reply->file_name, sizeof(reply->file_name), "%s_%.10s_%.10s.csv", stem, from, to);
}

static void
series(const struct request *request, struct reply *reply, bool as_sheet)
{
	const struct world_port *port;
	struct job *job = begin_job(request, reply, &port);
	char name[JOB_KEY_MAX];

	if (job == NULL)
		return;
	clip(job, port);
	job->kind = JOB_SERIES;
	job->step_sec = (uint32_t)request->query.step_sec;
	job->as_sheet = as_sheet;
	snprintf(name, sizeof(name), "series %" PRId64 " %" PRId64 " %" PRId64 " %u%s",
		 job->port_id, job->from_utc_sec, job->to_utc_sec, job->step_sec,
		 as_sheet ? " csv" : "");
	name_job(job, request, name);
	reply->status = 200;
	reply->type = as_sheet ? SHEET_TYPE : "application/json";
	reply->job = job;
	if (as_sheet)
		name_sheet(reply, &port->port, job);
}

void
graph_series(const struct request *request, struct reply *reply)
{
	series(request, reply, false);
}

void
graph_series_csv(const struct request *request, struct reply *reply)
{
	series(request, reply, true);
}

/* The key says whose ports are in the sum: accounts of different scopes see different ones. */
void
graph_exchange(const struct request *request, struct reply *reply)
{
	const struct world_exchange *exchange;
	char ports[ETAG_MAX];
	struct job *job;

	if (refuse_without_ledger(request, reply))
		return;
	exchange = world_exchange_find(request->world, request->params.slug);
	job = exchange == NULL ? NULL : calloc(1, sizeof(*job));
	if (job == NULL)
		return;
	if (!spark_job(job, request->world, exchange)) {
		free(job);
		refuse(request, reply, 503, "not_drawn", "too many ports for one picture");
		return;
	}
	etag_of(ports, job->text, strlen(job->text));
	job->dark = request->query.dark;
	snprintf(job->key, sizeof(job->key), "spark %.64s %" PRId64 " %d %s", exchange->slug,
		 job->to_utc_sec, job->dark, ports);
	reply->status = 200;
	reply->type = SVG_TYPE;
	reply->job = job;
	reply->fresh_ms = STEP_SEC * 1000;
}
