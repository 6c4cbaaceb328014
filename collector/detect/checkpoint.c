/* checkpoint.c - a detector to octets and back.
 *
 * "ixDT", a version, a fingerprint of all that the state was judged by, the state, and a hash over everything.  What is
 * read is believed only as far as it makes sense: counts fit what is left, times ascend, days lie where the calendar has
 * them; a blob that fails leaves the detector fresh. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect/coder.h"
#include "detect/detector_private.h"

#define VERSION      1
#define TIME_MAX     (INT64_C(1) << 46)
#define DATE_MAX     (INT64_C(1) << 28)
#define HASH_OCTETS  8
#define SPAN_OCTETS  3 /* the fewest that one can take */
#define LEVEL_OCTETS 9

static const char magic[4] = { 'i', 'x', 'D', 'T' };

static void
code_time(struct coder *c, int64_t *utc_sec)
{
	code_int(c, utc_sec, 0, TIME_MAX);
}

/* A day or DETECTOR_NO_DAY, which goes as one number beyond. */
static void
code_date(struct coder *c, int32_t *date)
{
	int64_t wide = *date == DETECTOR_NO_DAY ? DATE_MAX + 1 : *date;

	code_int(c, &wide, -DATE_MAX, DATE_MAX + 1);
	*date = wide == DATE_MAX + 1 ? DETECTOR_NO_DAY : (int32_t)wide;
}

/* How many follow; each takes at least `octets`, so that no blob asks for more memory than its size. */
static void
code_count(struct coder *c, uint32_t *count, size_t octets)
{
	size_t left = c->is_reading ? (c->size - c->len) / octets : UINT32_MAX;

	code_u32(c, count, (uint32_t)(left < UINT32_MAX ? left : UINT32_MAX));
}

/* Room for what is to be read. */
static void *
take_room(struct coder *c, uint32_t *count, uint32_t *size, size_t each)
{
	void *room;

	if (c->failed || *count == 0)
		return NULL;
	room = calloc(*count, each);
	c->no_memory |= room == NULL;
	*size = room != NULL ? *count : 0;
	return room;
}

/* --- lists --- */

static void
code_spans(struct coder *c, struct span_list *list)
{
	uint32_t count = list->count;
	int64_t before = 0;

	code_count(c, &count, SPAN_OCTETS);
	if (c->is_reading)
		list->span = take_room(c, &count, &list->size, sizeof(*list->span));
	for (uint32_t i = 0; i < count && !c->failed && !c->no_memory; i++) {
		struct span *span = &list->span[i];

		code_time(c, &span->from_utc_sec);
		code_time(c, &span->to_utc_sec);
		code_time(c, &span->since_utc_sec);
		code_check(c,
			   span->from_utc_sec >= before && span->to_utc_sec > span->from_utc_sec);
		before = span->to_utc_sec;
		list->count = i + 1;
	}
}

static void
code_levels(struct coder *c, struct level_queue *queue)
{
	uint32_t count = queue->count;
	int64_t before = -1;

	code_count(c, &count, LEVEL_OCTETS);
	if (c->is_reading)
		queue->level = take_room(c, &count, &queue->size, sizeof(*queue->level));
	for (uint32_t i = 0; i < count && !c->failed && !c->no_memory; i++) {
		struct capacity_level *level = &queue->level[i];

		code_time(c, &level->at_utc_sec);
		code_amount(c, &level->bps);
		code_check(c, level->at_utc_sec > before && level->bps > 0);
		before = level->at_utc_sec;
		queue->count = i + 1;
	}
}

/* --- one direction --- */

static void
code_run(struct coder *c, struct run *run)
{
	code_time(c, &run->start_utc_sec);
	code_time(c, &run->end_utc_sec);
	code_bool(c, &run->open);
	code_bool(c, &run->sustained);
	code_u32(c, &run->not_live_sec, UINT32_MAX / 2);
	code_u32(c, &run->unknown_sec, UINT32_MAX / 2);
	code_u32(c, &run->count, UINT32_MAX / 2);
	code_u32(c, &run->count_all, UINT32_MAX / 2);
	code_amount(c, &run->sum);
	code_amount(c, &run->sum_all);
	code_amount(c, &run->peak);
	code_amount(c, &run->peak_all);
	code_check(c, run->start_utc_sec <= run->end_utc_sec && run->count <= run->count_all);
	code_check(c, !run->open || (run->count > 0 && run->start_utc_sec < run->end_utc_sec));
}

static void
code_capacity(struct coder *c, struct capacity_track *track)
{
	code_double(c, &track->present_bps);
	code_double(c, &track->nominal_bps);
	code_bool(c, &track->by_setting);
	code_bool(c, &track->reduced);
	code_time(c, &track->reduction_utc_sec);
	code_time(c, &track->reduced_until_utc_sec);
	code_levels(c, &track->held);
	code_levels(c, &track->best);
	code_check(c, isnan(track->present_bps) ||
			  (isfinite(track->present_bps) && track->present_bps > 0));
	code_check(c, isnan(track->nominal_bps) ||
			  (isfinite(track->nominal_bps) && track->nominal_bps > 0));
	code_check(c, isnan(track->present_bps) == (track->held.count == 0));
}

static void
code_tenure(struct coder *c, struct tenure *tenure)
{
	CODE_AS_UINT(c, tenure->verdict, VERDICT_COUNT - 1);
	CODE_AS_UINT(c, tenure->stale_verdict, VERDICT_COUNT - 1);
	CODE_AS_UINT(c, tenure->epoch_verdict, VERDICT_COUNT - 1);
	code_bool(c, &tenure->stale);
	code_bool(c, &tenure->cured);
	code_date(c, &tenure->since);
	code_date(c, &tenure->stale_since);
	code_date(c, &tenure->b_met);
	code_date(c, &tenure->weekday_met);
	CODE_AS_UINT(c, tenure->rules, UINT8_MAX);
}

static void
code_last(struct coder *c, struct detector_sample *last)
{
	code_time(c, &last->start_utc_sec);
	code_double(c, &last->utilisation);
	code_double(c, &last->capacity_bps);
	code_bool(c, &last->layer2);
	code_bool(c, &last->congested);
	code_bool(c, &last->live);
}

static void
code_course(struct coder *c, struct course *course)
{
	code_last(c, &course->last);
	code_run(c, &course->run);
	code_capacity(c, &course->capacity);
	code_u32(c, &course->flags.full_sec, UINT32_MAX / 2);
	code_u32(c, &course->flags.lossy_sec, UINT32_MAX / 2);
	code_bool(c, &course->flags.microburst);
	code_spans(c, &course->reductions);
	code_spans(c, &course->sustained);
	day_list_code(c, &course->days);
	code_time(c, &course->run_until_utc_sec);
	code_time(c, &course->sustained_until_utc_sec);
	code_date(c, &course->epoch);
	code_date(c, &course->epoch_next);
	code_tenure(c, &course->before);
	code_bool(c, &course->has_before);
}

/* --- the whole --- */

static void
code_sums(struct coder *c, struct slot_sums *sums)
{
	code_amount(c, &sums->bps);
	code_amount(c, &sums->pps);
	code_amount(c, &sums->discards);
	code_amount(c, &sums->capacity_bps);
	code_amount(c, &sums->any_capacity_bps);
	code_u32(c, &sums->known_count, UINT32_MAX / 2);
	code_u32(c, &sums->pps_count, UINT32_MAX / 2);
	code_u32(c, &sums->discard_count, UINT32_MAX / 2);
	code_u32(c, &sums->any_capacity_count, UINT32_MAX / 2);
}

static void
code_detector(struct coder *c, struct detector *d)
{
	code_time(c, &d->frame.until_utc_sec);
	code_time(c, &d->building_utc_sec);
	code_time(c, &d->slot_until_utc_sec);
	code_bool(c, &d->is_building);
	for (int i = 0; i < DIRECTION_COUNT; i++) {
		code_sums(c, &d->sums[i]);
		code_course(c, &d->course[i]);
	}
}

/* All numbers that the state depends on, in one. */
static uint64_t
fingerprint(const struct detector *d)
{
	const struct detector_settings *s = d->frame.settings;
	double numbers[] = {
		VERSION,
		s->congested_share,
		s->clear_share,
		s->discard_floor_share,
		s->discard_share,
		(double)s->clear_hold_sec,
		(double)s->bridge_sec,
		(double)s->sustain_sec,
		(double)d->frame.step_sec,
		(double)s->day_start_sec,
		(double)s->congested_day_sec,
		s->valid_share,
		s->flash_span_days,
		s->flash_baseline_share,
		s->flash_count,
		d->interval_sec,
	};

	return coder_hash(CODER_HASH_START, numbers, sizeof(numbers));
}

/* A fixed width, so that the hash can be found from the end. */
static void
code_hash(struct coder *c, uint64_t *hash)
{
	double same_bits;

	memcpy(&same_bits, hash, sizeof(same_bits));
	code_double(c, &same_bits);
	memcpy(hash, &same_bits, sizeof(same_bits));
}

/* "ixDT", version and fingerprint; in reading, whether they are ours. */
static bool
code_head(struct coder *c, const struct detector *d)
{
	uint64_t head = VERSION, print = fingerprint(d), our_head, our_print = print;

	memcpy((char *)&head + 4, magic, sizeof(magic));
	our_head = head;
	code_hash(c, &head);
	code_hash(c, &print);
	return head == our_head && print == our_print;
}

/* The copy's days are opened; the original's may stay closed. */
static void
forget_opened(struct detector *same, const struct detector *d)
{
	for (int i = 0; i < DIRECTION_COUNT; i++)
		if (same->course[i].days.day != d->course[i].days.day)
			free(same->course[i].days.day);
}

static bool
open_days(struct detector *same, const struct detector *d)
{
	for (int i = 0; i < DIRECTION_COUNT; i++) {
		if (!day_list_open(&same->course[i].days)) {
			forget_opened(same, d);
			return false;
		}
	}
	return true;
}

bool
detector_save(const struct detector *d, void **blob, size_t *len, struct error *err)
{
	struct coder c = { 0 };
	struct detector same = *d; /* writing puts back what it took */
	uint64_t hash;

	if (!open_days(&same, d))
		return error_set(err, ERR_NOMEM, "checkpoint: out of memory");
	code_head(&c, d);
	code_detector(&c, &same);
	forget_opened(&same, d);
	hash = coder_hash(CODER_HASH_START, c.data, c.len);
	code_hash(&c, &hash);
	if (c.no_memory) {
		free(c.data);
		return error_set(err, ERR_NOMEM, "checkpoint: out of memory");
	}
	*blob = c.data;
	*len = c.len;
	return true;
}

/* --- reading --- */

/* The hash first: a blob that was cut or damaged by chance ends here. */
static bool
is_whole(const void *blob, size_t len)
{
	uint64_t said = 0, hash;
	struct coder c = { .is_reading = true, .data = (uint8_t *)blob, .size = len };

	if (len < 3 * HASH_OCTETS)
		return false;
	hash = coder_hash(CODER_HASH_START, blob, len - HASH_OCTETS);
	c.len = len - HASH_OCTETS;
	code_hash(&c, &said);
	return said == hash;
}

bool
detector_load(struct detector *d, const void *blob, size_t len, struct error *err)
{
	struct coder c = { .is_reading = true, .data = (uint8_t *)blob, .size = len - HASH_OCTETS };

	if (!is_whole(blob, len))
		return error_set(err, ERR_PARSE, "checkpoint: %zu octets, cut or damaged", len);
	if (!code_head(&c, d))
		return error_set(err, ERR_REFUSED,
				 "checkpoint: made by another version or under other settings");
	detector_reset(d);
	code_detector(&c, d);
	d->course[0].dirty = d->course[1].dirty = true;
	if (!c.failed && !c.no_memory && c.len == c.size && checkpoint_makes_sense(d)) {
		detector_rest(d);
		return true;
	}
	detector_reset(d);
	if (c.no_memory)
		return error_set(err, ERR_NOMEM, "checkpoint: out of memory");
	return error_set(err, ERR_PARSE, "checkpoint: %zu octets that make no sense", len);
}
