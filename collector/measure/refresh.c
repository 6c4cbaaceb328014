/* refresh.c - see refresh.h. */
#include "measure/refresh.h"

#include <string.h>

#define GAPS_ENOUGH    6
#define LONG_ENOUGH_MS 70000 /* then two gaps are: the period is long */
#define GAPS_LEAST     2
#define WAIT_SHARE     8 /* of the time it has stood still: for how long to wait */

#define WITNESS                                                                                    \
	(1u << READING_IN_OCTETS | 1u << READING_OUT_OCTETS | 1u << READING_IN_UCAST |             \
	 1u << READING_OUT_UCAST)

void
refresh_begin(struct refresh *refresh)
{
	uint32_t period_ms = refresh->period_ms;

	memset(refresh, 0, sizeof(*refresh));
	refresh->period_ms = period_ms;
}

static double
packets_of(const struct counter_read *read)
{
	return (double)read->counter[READING_IN_UCAST] + (double)read->counter[READING_OUT_UCAST];
}

static bool
moved(const struct counter_read *old, const struct counter_read *now)
{
	return old->counter[READING_IN_OCTETS] != now->counter[READING_IN_OCTETS] ||
	       old->counter[READING_OUT_OCTETS] != now->counter[READING_OUT_OCTETS];
}

static void
change_note(struct refresh *refresh, const struct counter_read *now)
{
	int64_t gap_ms = now->at_mono_ms - refresh->last_change_ms;

	if (refresh->change_count++ == 0) {
		refresh->first_change_ms = now->at_mono_ms;
	} else {
		refresh->packets += packets_of(now) - packets_of(&refresh->last);
		if (refresh->least_gap_ms == 0 || gap_ms < refresh->least_gap_ms)
			refresh->least_gap_ms = gap_ms;
		if (gap_ms > refresh->most_gap_ms)
			refresh->most_gap_ms = gap_ms;
	}
	refresh->last_change_ms = now->at_mono_ms;
}

static enum refresh_found
conclude(struct refresh *refresh)
{
	unsigned gaps = refresh->change_count > 0 ? refresh->change_count - 1 : 0;
	int64_t span_ms = refresh->last_change_ms - refresh->first_change_ms;
	int64_t period_ms;

	if (gaps < GAPS_LEAST || refresh->packets * 1000.0 < REFRESH_BUSY_PPS / 2 * (double)span_ms)
		return REFRESH_UNCLEAR;
	if (refresh->same_count == 0) {
		refresh->period_ms = 0;
		return REFRESH_NONE;
	}
	/* Each gap is seen to within one wait. */
	period_ms = span_ms / gaps;
	if (refresh->least_gap_ms * 5 < period_ms * 2 || refresh->most_gap_ms > period_ms * 2)
		return REFRESH_UNCLEAR;
	refresh->period_ms = (uint32_t)period_ms;
	return REFRESH_PERIOD;
}

static bool
has_seen_enough(const struct refresh *refresh)
{
	int64_t looked_ms = refresh->last.at_mono_ms - refresh->begun_ms;

	return refresh->change_count > GAPS_ENOUGH || looked_ms > REFRESH_LOOK_MAX_MS ||
	       (looked_ms > LONG_ENOUGH_MS && refresh->change_count > GAPS_LEAST);
}

/* Counters that fell are of another life. */
static bool
fell(const struct counter_read *old, const struct counter_read *now)
{
	return now->counter[READING_IN_OCTETS] < old->counter[READING_IN_OCTETS] ||
	       now->counter[READING_OUT_OCTETS] < old->counter[READING_OUT_OCTETS] ||
	       packets_of(now) < packets_of(old);
}

enum refresh_found
refresh_feed(struct refresh *refresh, const struct counter_read *read)
{
	if ((read->has & WITNESS) != WITNESS || (refresh->has_last && fell(&refresh->last, read)))
		return REFRESH_UNCLEAR;
	if (!refresh->has_last) {
		refresh->begun_ms = refresh->last_change_ms = read->at_mono_ms;
		refresh->has_last = true;
	} else if (moved(&refresh->last, read)) {
		change_note(refresh, read);
	} else if (refresh->change_count > 0) {
		refresh->same_count++;
	}
	refresh->last = *read;
	return has_seen_enough(refresh) ? conclude(refresh) : REFRESH_LOOKING;
}

int64_t
refresh_wait_ms(const struct refresh *refresh)
{
	int64_t still_ms =
	    refresh->has_last ? refresh->last.at_mono_ms - refresh->last_change_ms : 0;

	return still_ms / WAIT_SHARE > REFRESH_LOOK_MS ? still_ms / WAIT_SHARE : REFRESH_LOOK_MS;
}
