/* judge_book.c - see judge_book.h. */
#include "judge_book.h"

#include <stdlib.h>
#include <string.h>

#define EXCUSE_DAYS 60 /* an excuse may be given or withdrawn for so long */
#define REASON_SIZE 512

static uint32_t
mark_of(const void *data, size_t len, uint32_t mark)
{
	const unsigned char *octets = data;

	for (size_t i = 0; i < len; i++)
		mark = (mark ^ octets[i]) * 16777619u;
	return mark | 1; /* never that of nothing written */
}

/* Below, a ledger that is NULL takes everything as written. */

/* --- traffic days --- */

static struct ledger_day
day_row(struct subject subject, enum direction direction, enum profile profile,
	const struct detector_day *day)
{
	return (struct ledger_day) {
		.subject = subject,
		.direction = direction,
		.profile = profile,
		.day = day->day,
		.possible_samples = day->possible_samples,
		.known_samples = day->known_samples,
		.congested_samples = day->congested_samples,
		.live_samples = day->live_samples,
		.congested_minutes = (uint32_t)(day->congested_sec / 60),
		.run_minutes = (uint32_t)(day->run_sec / 60),
		.state = detector_day_state_name(day->state),
		.verdict = day->verdict,
	};
}

static uint32_t
day_mark(const struct ledger_day *row)
{
	const uint32_t numbers[] = {
		(uint32_t)row->day, row->known_samples,     row->congested_samples,
		row->live_samples,  row->congested_minutes, row->run_minutes,
		row->verdict
	};

	return mark_of(row->state, strlen(row->state),
		       mark_of(numbers, sizeof(numbers), 2166136261u));
}

/* Room for count days; what there was is forgotten, and written once more. */
static bool
days_reserve(struct judge_book *book, size_t count, struct error *err)
{
	uint32_t size = book->day_size > 0 ? book->day_size : 1;
	uint32_t *mark;

	while (size < count)
		size *= 2;
	if (size == book->day_size)
		return true;
	mark = calloc((size_t)size * DIRECTION_COUNT, sizeof(*mark));
	if (mark == NULL)
		return error_set(err, ERR_NOMEM, "days: out of memory");
	free(book->day_mark);
	book->day_mark = mark;
	book->day_size = size;
	return true;
}

static bool
days_write(struct judge_book *book, struct ledger *ledger, struct subject subject,
	   enum direction direction, enum profile profile, struct detector *d, struct error *err)
{
	size_t count = detector_day_count(d);

	if (!days_reserve(book, count, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct detector_day day;
		struct ledger_day row;
		uint32_t mark, *at;

		detector_day_get(d, direction, i, &day);
		row = day_row(subject, direction, profile, &day);
		mark = day_mark(&row);
		at = &book->day_mark[(uint32_t)direction * book->day_size +
				     (uint32_t)day.day % book->day_size];
		if (*at == mark)
			continue;
		if (ledger != NULL && !ledger_day_put(ledger, &row, err))
			return false;
		*at = mark;
	}
	return true;
}

/* --- the verdict in force --- */

static bool
verdict_write(struct judge_book *book, struct ledger *ledger, struct subject subject,
	      enum direction direction, enum profile profile, struct detector *d,
	      int64_t at_utc_sec, struct error *err)
{
	char reason[REASON_SIZE];
	struct detector_standing standing;
	struct ledger_verdict row;
	uint32_t mark;

	detector_standing_get(d, direction, &standing);
	row = (struct ledger_verdict) {
		.subject = subject,
		.direction = direction,
		.profile = profile,
		.verdict = standing.verdict,
		.has_since = standing.verdict_since != DETECTOR_NO_DAY,
		.since_day = standing.verdict_since,
		.has_stale = standing.stale,
		.stale_verdict = standing.stale_verdict,
		.has_stale_since = standing.stale && standing.stale_since != DETECTOR_NO_DAY,
		.stale_since_day = standing.stale_since,
		.reason = detector_reason(d, direction, reason, sizeof(reason)),
		.from_utc_sec = at_utc_sec,
	};
	const int32_t numbers[] = { (int32_t)row.verdict, row.since_day, row.has_stale,
				    (int32_t)row.stale_verdict, row.stale_since_day };
	mark =
	    mark_of(row.reason, strlen(row.reason), mark_of(numbers, sizeof(numbers), 2166136261u));
	if (mark == book->verdict_mark[direction])
		return true;
	if (ledger != NULL && !ledger_verdict_put(ledger, &row, err))
		return false;
	book->verdict_mark[direction] = mark;
	return true;
}

bool
judge_book_write(struct judge_book *book, struct ledger *ledger, struct subject subject,
		 enum profile profile, struct detector *d, int64_t at_utc_sec, struct error *err)
{
	for (int i = 0; i < DIRECTION_COUNT; i++)
		if (!days_write(book, ledger, subject, (enum direction)i, profile, d, err) ||
		    !verdict_write(book, ledger, subject, (enum direction)i, profile, d, at_utc_sec,
				   err))
			return false;
	return true;
}

void
judge_book_forget(struct judge_book *book)
{
	free(book->day_mark);
	*book = (struct judge_book) { .day_mark = NULL };
}

void
judge_book_prime(struct judge_book *book, enum profile profile, struct detector *d)
{
	judge_book_forget(book);
	judge_book_write(book, NULL, subject_port(0), profile, d, 0, NULL);
}

/* --- excuses --- */

struct excusing {
	struct detector *d;
	struct ledger_episode *changed; /* excuses are names from tables, so the copies stay good */
	size_t changed_count;
	bool failed;
};

static bool
on_episode(const struct ledger_episode *episode, void *user)
{
	struct excusing *excusing = user;
	struct detector_episode asked = {
		.direction = episode->direction,
		.kind = episode->kind,
		.open = episode->open,
		.start_utc_sec = episode->start_utc_sec,
		.end_utc_sec = episode->end_utc_sec,
		.peak_utilisation = episode->peak_utilisation,
		.mean_utilisation = episode->mean_utilisation,
	};
	const char *excuse = detector_excuse_name(detector_excuse_of(excusing->d, &asked));
	struct ledger_episode *grown;

	if ((excuse == NULL) == (episode->excuse == NULL) &&
	    (excuse == NULL || strcmp(excuse, episode->excuse) == 0))
		return true;
	grown = realloc(excusing->changed, (excusing->changed_count + 1) * sizeof(*grown));
	excusing->failed = grown == NULL;
	if (grown == NULL)
		return false;
	excusing->changed = grown;
	grown[excusing->changed_count] = *episode;
	grown[excusing->changed_count++].excuse = excuse;
	return true;
}

bool
judge_book_excuse(struct ledger *ledger, struct subject subject, enum profile profile,
		  struct detector *d, int64_t at_utc_sec, struct error *err)
{
	struct ledger_episode_query query = { .subject = subject,
					      .from_utc_sec =
						  at_utc_sec - EXCUSE_DAYS * INT64_C(86400),
					      .any_kind = true,
					      .limit = 1000 };
	struct excusing excusing = { .d = d };
	bool done = ledger_episode_each(ledger, &query, on_episode, &excusing, err);

	if (done && excusing.failed)
		done = error_set(err, ERR_NOMEM, "excuses: out of memory");
	for (size_t i = 0; done && i < excusing.changed_count; i++)
		if (excusing.changed[i].profile == profile)
			done = ledger_episode_put(ledger, &excusing.changed[i], err);
	free(excusing.changed);
	return done;
}
