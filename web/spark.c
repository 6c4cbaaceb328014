/* spark.c - names of ports in a job, sums of their steps, and the picture. */
#include "spark.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"

#define MISSED_SHARE 0.05 /* of the day's mean: so much may be unknown of a step */
#define EDGE_PX      2.0

/* --- ids: "5*3e8,2,7*2": hexadecimal, each so far behind the one before, so many times in a row --- */

bool
spark_ids_put(char *text, size_t len, const int64_t *ids, size_t count)
{
	int64_t before = 0;
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0, times; i < count; i += times) {
		int64_t step = ids[i] - before;

		for (times = 1; i + times < count && ids[i + times] - ids[i + times - 1] == step;)
			times++;
		used += (size_t)snprintf(text + used, len - used,
					 times == 1 ? "%s%" PRIx64 : "%s%" PRIx64 "*%zx",
					 used == 0 ? "" : ",", (uint64_t)step, times);
		if (used >= len)
			return false;
		before = ids[i + times - 1];
	}
	return true;
}

static bool
append(int64_t **ids, size_t *count, int64_t step, uint64_t times)
{
	int64_t before = *count == 0 ? 0 : (*ids)[*count - 1];
	int64_t *grown;

	if (step <= 0 || times == 0 || times > 1000000 || step > (INT64_C(1) << 40))
		return false;
	grown = realloc(*ids, (*count + times) * sizeof(*grown));
	if (grown == NULL)
		return false;
	*ids = grown;
	for (uint64_t i = 0; i < times; i++)
		grown[(*count)++] = before += step;
	return true;
}

int64_t *
spark_ids_dup(const char *text, size_t *count)
{
	int64_t *ids = calloc(1, sizeof(*ids));

	*count = 0;
	while (ids != NULL && *text != '\0') {
		char *end;
		int64_t step = (int64_t)strtoull(text, &end, 16);
		uint64_t times = *end == '*' ? strtoull(end + 1, &end, 16) : 1;

		if (!append(&ids, count, step, times) || (*end != ',' && *end != '\0')) {
			free(ids);
			return NULL;
		}
		text = *end == ',' ? end + 1 : end;
	}
	return ids;
}

int64_t
spark_end_utc_sec(const struct world *world)
{
	return world->round_utc_sec / SPARK_STEP_SEC * SPARK_STEP_SEC;
}

/* A LAG's traffic not once more; nor a port that is seen for a part of the day only, the rest is another peer's. */
static bool
is_summed(const struct world_port *port, const struct job *job)
{
	return !port->live.in_lag && port->seen_from_utc_sec <= job->from_utc_sec;
}

bool
spark_job(struct job *job, const struct world *world, const struct world_exchange *exchange)
{
	int64_t *ids = calloc(world->port_count + 1, sizeof(*ids));
	size_t count = 0;
	bool fits;

	if (ids == NULL)
		return false;
	job->to_utc_sec = spark_end_utc_sec(world);
	job->from_utc_sec = job->to_utc_sec - SPARK_STEPS * SPARK_STEP_SEC;
	for (size_t i = 0; i < world->port_count; i++)
		if (world->ports[i].exchange == exchange && is_summed(&world->ports[i], job))
			ids[count++] = world->ports[i].port.id;
	fits = spark_ids_put(job->text, sizeof(job->text), ids, count);
	free(ids);
	job->kind = JOB_SPARK;
	return fits;
}

/* --- sums --- */

void
spark_sum_init(struct spark_sum *sum)
{
	*sum = (struct spark_sum) { .mean = { 0, 0 } };
	for (unsigned d = 0; d < DIRECTION_COUNT; d++)
		for (unsigned i = 0; i < SPARK_STEPS; i++)
			sum->known.bps[d][i] = NAN;
}

/* Of the steps that are known; NAN: none is. */
static double
mean_of(const double *bps)
{
	double total = 0;
	unsigned count = 0;

	for (unsigned i = 0; i < SPARK_STEPS; i++) {
		if (isnan(bps[i]))
			continue;
		total += bps[i];
		count++;
	}
	return count == 0 ? NAN : total / count;
}

void
spark_sum_add(struct spark_sum *sum, const struct spark *port, unsigned began)
{
	for (unsigned d = 0; d < DIRECTION_COUNT; d++) {
		double mean = mean_of(port->bps[d]);

		if (isnan(mean))
			continue;
		sum->mean[d] += mean;
		for (unsigned i = 0; i < SPARK_STEPS; i++) {
			double bps = port->bps[d][i], *known = &sum->known.bps[d][i];

			if (!isnan(bps))
				*known = isnan(*known) ? bps : *known + bps;
			else if (i >= began)
				sum->missed.bps[d][i] += mean;
		}
	}
}

struct spark
spark_sum_whole(const struct spark_sum *sum)
{
	struct spark whole = sum->known;

	for (unsigned d = 0; d < DIRECTION_COUNT; d++)
		for (unsigned i = 0; i < SPARK_STEPS; i++)
			if (sum->missed.bps[d][i] > MISSED_SHARE * sum->mean[d])
				whole.bps[d][i] = NAN;
	return whole;
}

/* --- in the worker --- */

struct drawing {
	const char *state_dir;
	const struct job *job;
	int64_t *ids;
	size_t count;
	struct spark_sum sum;
};

static int
by_number(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return (a > b) - (a < b);
}

/* Rows of the day's grid as steps; what the series does not have is unknown. */
static struct spark
steps_of(const struct job *job, const struct series_rows *rows)
{
	struct spark port;

	for (unsigned i = 0; i < SPARK_STEPS; i++)
		port.bps[DIRECTION_IN][i] = port.bps[DIRECTION_OUT][i] = NAN;
	for (size_t i = 0; i < rows->row_count; i++) {
		int64_t begin = rows->start_utc_sec + (int64_t)i * rows->step_sec;
		int64_t step = (begin - job->from_utc_sec) / SPARK_STEP_SEC;
		const double *value = rows->value + i * COLUMN_COUNT;

		if (begin < job->from_utc_sec || step >= SPARK_STEPS)
			continue;
		port.bps[DIRECTION_IN][step] = value[COLUMN_IN_BPS];
		port.bps[DIRECTION_OUT][step] = value[COLUMN_OUT_BPS];
	}
	return port;
}

/* Where a day that begins unknown began to be measured. */
static unsigned
first_step(const struct drawing *drawing, const char *path, const struct spark *port)
{
	const struct job *job = drawing->job;
	int64_t first_utc_sec, last_utc_sec;
	struct error err;

	if (!isnan(port->bps[DIRECTION_IN][0]) ||
	    !series_extent(drawing->state_dir, path, &first_utc_sec, &last_utc_sec, &err) ||
	    first_utc_sec <= job->from_utc_sec)
		return 0;
	return first_utc_sec >= job->to_utc_sec
		   ? SPARK_STEPS
		   : (unsigned)((first_utc_sec - job->from_utc_sec) / SPARK_STEP_SEC) + 1;
}

/* A series that cannot be read is unknown all day. */
static bool
on_port(const struct port *port, void *user)
{
	struct drawing *drawing = user;
	const struct job *job = drawing->job;
	struct series_rows rows = { 0 };
	struct error err;

	if (bsearch(&port->id, drawing->ids, drawing->count, sizeof(port->id), by_number) == NULL ||
	    !series_read(drawing->state_dir, port->path, job->from_utc_sec, job->to_utc_sec,
			 SPARK_STEP_SEC, SPARK_STEPS + 1, &rows, &err))
		return true;
	struct spark steps = steps_of(job, &rows);
	series_rows_free(&rows);
	spark_sum_add(&drawing->sum, &steps, first_step(drawing, port->path, &steps));
	return true;
}

bool
spark_draw(const char *state_dir, const struct job *job, char **data, size_t *len,
	   struct error *err)
{
	struct drawing drawing = { .state_dir = state_dir, .job = job };
	struct ledger *ledger;
	struct spark whole;

	drawing.ids = spark_ids_dup(job->text, &drawing.count);
	if (drawing.ids == NULL)
		return error_set(err, ERR_PARSE, "a job of no ports");
	spark_sum_init(&drawing.sum);
	bool done = ledger_open(&ledger, state_dir, LEDGER_READ, err);
	if (done) {
		done = ledger_port_each(ledger, on_port, &drawing, err);
		ledger_close(ledger);
	}
	free(drawing.ids);
	if (!done)
		return false;
	whole = spark_sum_whole(&drawing.sum);
	return spark_picture(&whole, job->dark, data, len, err);
}

/* --- the picture: colours are attributes, not styles, which the security policy does not allow --- */

static const struct look {
	const char *colour[DIRECTION_COUNT], *muted;
} looks[2] = {
	{ { "#1a7340", "#2563b8" }, "#57606c" },
	{ { "#6fd398", "#79b4ff" }, "#a0abb8" },
};

static double
highest(const struct spark *spark)
{
	double top = 0;

	for (unsigned d = 0; d < DIRECTION_COUNT; d++)
		for (unsigned i = 0; i < SPARK_STEPS; i++)
			if (spark->bps[d][i] > top)
				top = spark->bps[d][i];
	return top;
}

/* Steps as the middle of each; a lone one is a dash. */
static void
put_curve(struct html *svg, const double *bps, double top, const char *colour)
{
	double px = (double)SPARK_WIDTH_PX / SPARK_STEPS;
	double height = SPARK_HEIGHT_PX - 2 * EDGE_PX;
	bool drawing = false;

	html_raw(svg, "<path d=\"");
	for (unsigned i = 0; i < SPARK_STEPS; i++) {
		double y = EDGE_PX + height * (1 - (top > 0 ? bps[i] / top : 0));

		if (isnan(bps[i])) {
			drawing = false;
			continue;
		}
		if (!drawing)
			html_put(svg, "M%.1f %.1fh%.1f", i * px, y, px / 2);
		else
			html_put(svg, "L%.1f %.1f", (i + 0.5) * px, y);
		drawing = true;
	}
	html_put(svg,
		 "\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.6\" stroke-linejoin=\"round\" "
		 "vector-effect=\"non-scaling-stroke\"/>\n",
		 colour);
}

static bool
is_empty(const struct spark *spark)
{
	for (unsigned d = 0; d < DIRECTION_COUNT; d++)
		for (unsigned i = 0; i < SPARK_STEPS; i++)
			if (!isnan(spark->bps[d][i]))
				return false;
	return true;
}

bool
spark_picture(const struct spark *spark, bool dark, char **data, size_t *len, struct error *err)
{
	const struct look *look = &looks[dark];
	double top = highest(spark);
	struct html svg;

	html_init(&svg);
	html_put(&svg,
		 "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
		 "viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\">\n<title>in and out, the last "
		 "24 hours</title>\n"
		 "<path d=\"M0 %.1fh%d\" stroke=\"%s\" stroke-opacity=\".35\" "
		 "vector-effect=\"non-scaling-stroke\"/>\n",
		 SPARK_WIDTH_PX, SPARK_HEIGHT_PX, SPARK_WIDTH_PX, SPARK_HEIGHT_PX,
		 SPARK_HEIGHT_PX - .5, SPARK_WIDTH_PX, look->muted);
	if (is_empty(spark))
		html_put(&svg,
			 "<text x=\"0\" y=\"28\" font-family=\"sans-serif\" font-size=\"12\" "
			 "fill=\"%s\">no samples of the last day</text>\n",
			 look->muted);
	for (unsigned d = 0; d < DIRECTION_COUNT; d++)
		put_curve(&svg, spark->bps[d], top, look->colour[d]);
	html_raw(&svg, "</svg>\n");
	*data = html_take(&svg, len);
	return *data != NULL || error_set(err, ERR_NOMEM, "spark: out of memory");
}
