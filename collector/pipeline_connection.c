/* pipeline_connection.c - one connection live: the steps of its ports summed as they come in, and judged.
 *
 * A step is summed when every port has delivered its last slot, or when none can come any more: the meter pairs reads at
 * most three intervals apart.  Until then its parts wait in a ring. */
#include "pipeline_connection.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/connection_sum.h"
#include "ixwatch/log.h"

/* --- parts --- */

static int64_t
align(int64_t utc_sec, unsigned step_sec)
{
	return utc_sec - utc_sec % step_sec;
}

static struct part **
step_at(struct watched_connection *c, int64_t start_utc_sec)
{
	return &c->steps[(start_utc_sec / c->step_sec) % c->ring_steps];
}

void
connection_steps_forget(struct watched_connection *c)
{
	for (size_t k = 0; k < RING_STEPS_MAX; k++) {
		free(c->steps[k]);
		c->steps[k] = NULL;
	}
}

static void
part_add(struct part *part, int64_t start_utc_sec, const double value[COLUMN_COUNT])
{
	if (part->start_utc_sec != start_utc_sec)
		*part = (struct part) { .start_utc_sec = start_utc_sec };
	for (int i = 0; i < COLUMN_COUNT; i++)
		if (!isnan(value[i])) {
			part->sum[i] += value[i];
			part->count[i]++;
		}
}

/* As the archive makes a step of slots: known when at least half of them are. */
static void
part_mean(const struct part *part, unsigned slot_count, double value[COLUMN_COUNT])
{
	for (int i = 0; i < COLUMN_COUNT; i++)
		value[i] = part->count[i] > 0 && 2u * part->count[i] >= slot_count
			       ? part->sum[i] / part->count[i]
			       : NAN;
}

/* --- steps --- */

struct seat *
connection_seat(const struct watched_connection *c, int64_t port_id)
{
	for (size_t i = 0; i < c->seat_count; i++)
		if (c->seats[i].port->port.id == port_id)
			return &c->seats[i];
	return NULL;
}

/* Mostly the members of the judgement lie as the seats do. */
static const struct seat *
member_seat(const struct watched_connection *c, size_t i, int64_t port_id)
{
	if (i < c->seat_count && c->seats[i].port->port.id == port_id)
		return &c->seats[i];
	return connection_seat(c, port_id);
}

static void
member_sum(struct watched_connection *c, size_t i, const struct judge_member *member,
	   struct connection_sum *sum)
{
	const struct seat *seat = member_seat(c, i, member->port_id);
	const struct part *step = *step_at(c, c->next_utc_sec);
	const struct part *part = seat != NULL && step != NULL ? &step[seat - c->seats] : NULL;
	unsigned interval_sec = c->pipeline->config->interval_sec;
	double value[COLUMN_COUNT];

	if (part == NULL || part->start_utc_sec != c->next_utc_sec) {
		connection_sum_add_unknown(sum);
		return;
	}
	part_mean(part, c->step_sec / interval_sec, value);
	connection_sum_add(sum, value, judge_member_limit_bps(member, c->next_utc_sec));
}

static void
step_judge(struct watched_connection *c)
{
	const struct judge_source *source = judge_source_get(c->judge);
	int64_t end_utc_sec = c->next_utc_sec + c->step_sec;
	struct sample sample = { .end_utc_sec = end_utc_sec, .step_sec = c->step_sec };
	struct connection_sum sum;

	connection_sum_init(&sum);
	for (size_t i = 0; i < source->member_count; i++)
		if (judge_member_counts(&source->members[i], c->next_utc_sec, end_utc_sec))
			member_sum(c, i, &source->members[i], &sum);
	memcpy(sample.value, sum.value, sizeof(sample.value));
	if (!c->lost) /* one that is lost finds it in the series when it is recalled */
		judge_step(c->judge, &sample, sum.limited ? sum.limit_bps : NAN);
	free(*step_at(c, c->next_utc_sec));
	*step_at(c, c->next_utc_sec) = NULL;
	c->next_utc_sec = end_utc_sec;
}

static bool
step_is_whole(const struct watched_connection *c)
{
	for (size_t i = 0; i < c->seat_count; i++)
		if (c->seats[i].slot_until_utc_sec < c->next_utc_sec + c->step_sec)
			return false;
	return true;
}

static bool
has_parts(const struct watched_connection *c)
{
	for (size_t k = 0; k < c->ring_steps; k++)
		for (size_t i = 0; c->steps[k] != NULL && i < c->seat_count; i++)
			if (c->steps[k][i].start_utc_sec >= c->next_utc_sec)
				return true;
	return false;
}

void
connection_steps_judge(struct watched_connection *c, int64_t final_utc_sec)
{
	while (c->next_utc_sec != 0 &&
	       (c->next_utc_sec + c->step_sec <= final_utc_sec || step_is_whole(c)) && has_parts(c))
		step_judge(c);
}

/* Room in the ring: after a time without samples the steps before it are judged as they are, and that time is none. */
static void
ring_reach(struct watched_connection *c, int64_t start_utc_sec)
{
	if (c->next_utc_sec == 0)
		c->next_utc_sec = start_utc_sec;
	if (start_utc_sec < c->next_utc_sec + (int64_t)c->ring_steps * c->step_sec)
		return;
	connection_steps_judge(c, start_utc_sec);
	if (start_utc_sec >= c->next_utc_sec + (int64_t)c->ring_steps * c->step_sec)
		c->next_utc_sec = start_utc_sec;
}

static void
seat_take(struct watched_connection *c, struct seat *seat, int64_t end_utc_sec, uint32_t slot_sec,
	  const double value[COLUMN_COUNT])
{
	int64_t start_utc_sec = align(end_utc_sec - slot_sec, c->step_sec);
	struct part **step;

	ring_reach(c, start_utc_sec);
	seat->slot_until_utc_sec = end_utc_sec;
	if (start_utc_sec < c->next_utc_sec)
		return;
	step = step_at(c, start_utc_sec);
	if (*step == NULL)
		*step = calloc(c->seat_count, sizeof(**step)); /* NULL: what comes is unknown */
	if (*step != NULL)
		part_add(&(*step)[seat - c->seats], start_utc_sec, value);
}

void
connection_slot(struct watched_port *port, const struct sample *slot)
{
	struct watched_connection *c = port->connection;

	if (c->judge == NULL)
		return;
	seat_take(c, &c->seats[port->seat], slot->end_utc_sec, slot->step_sec, slot->value);
	if (slot->end_utc_sec >=
	    c->next_utc_sec + c->step_sec) /* it may be the last that was awaited */
		connection_steps_judge(c, 0);
}

/* --- judges --- */

bool
connection_discards_trusted(const struct watched_connection *c)
{
	for (size_t i = 0; i < c->seat_count; i++)
		if (!c->seats[i].port->use->agent->discards_trusted)
			return false;
	return c->seat_count > 0;
}

/* What the port's series holds of steps that are not judged yet. */
static void
seat_prime(struct watched_connection *c, struct seat *seat)
{
	const struct config *config = c->pipeline->config;
	struct series_rows rows = { 0 };
	int64_t first, last, from = c->next_utc_sec;

	for (size_t k = 0; k < c->ring_steps; k++)
		if (c->steps[k] != NULL)
			c->steps[k][seat - c->seats] = (struct part) { 0 };
	seat->slot_until_utc_sec = 0;
	if (!series_extent(config->state_dir, seat->port->port.path, &first, &last, NULL) ||
	    last == 0)
		return;
	if (from < align(last, c->step_sec) - (int64_t)(c->ring_steps - 2) * c->step_sec)
		from = align(last, c->step_sec) - (int64_t)(c->ring_steps - 2) * c->step_sec;
	if (!series_read(config->state_dir, seat->port->port.path, from, last, config->interval_sec,
			 1024, &rows, NULL))
		return;
	for (size_t i = 0; rows.step_sec == config->interval_sec && i < rows.row_count; i++)
		seat_take(c, seat, rows.start_utc_sec + (int64_t)(i + 1) * rows.step_sec,
			  rows.step_sec, rows.value + i * COLUMN_COUNT);
	series_rows_free(&rows);
}

int64_t
connection_history_until(const struct watched_connection *c)
{
	int64_t interval_sec = c->pipeline->config->interval_sec;

	if (c->next_utc_sec != 0)
		return c->next_utc_sec;
	return align(pipeline_utc_ms(c->pipeline) / 1000 - LATEST_INTERVALS * interval_sec,
		     c->step_sec);
}

bool
connection_judge_make(struct watched_connection *c, bool anew, struct error *err)
{
	struct judge *judge = NULL;

	if (!judge_new_connection(&judge, &c->pipeline->house, JUDGED_FOR_PAGES, c->id, c->exchange,
				  connection_discards_trusted(c), err))
		return false;
	c->step_sec = detector_step_sec(judge_detector(judge));
	judge_history_ends(judge, connection_history_until(c));
	if (!(anew ? judge_anew(judge, err) : judge_recall(judge, err))) {
		judge_free(judge);
		return false;
	}
	judge_free(c->judge);
	c->judge = judge;
	c->looked_utc_sec = 0;
	if (c->next_utc_sec == 0) {
		c->next_utc_sec = detector_until_utc_sec(judge_detector(judge));
		for (size_t i = 0; i < c->seat_count; i++)
			seat_prime(c, &c->seats[i]);
	}
	return true;
}

void
connection_tell_lost(struct watched_connection *c, const struct error *why)
{
	if (!c->lost)
		log_error("connection", "event=not-judged exchange=%s asn=%u reason=\"%s\"",
			  c->exchange->slug, c->asn, why->text);
	c->lost = true;
}

void
connection_recall(struct watched_connection *c)
{
	struct error err = { 0 };
	bool done;

	if (c->judge == NULL) {
		done = connection_judge_make(c, false, &err);
	} else {
		judge_history_ends(c->judge, connection_history_until(c));
		done = judge_recall(c->judge, &err);
	}
	if (!done)
		connection_tell_lost(c, &err);
	c->lost = !done;
	c->looked_utc_sec = 0;
}
