/* judge_book.c - see judge_book.h. */
#include "judge_book.h"

#include <stdlib.h>
#include <string.h>

#define EXCUSE_DAYS 60 /* an excuse may be given or withdrawn for so long */
#define REASON_SIZE 512
#define GROUP_DAYS  8
#define LATE_DAYS                                                                                  \
	8 /* looked at beyond those that may change: so many days at most went by since the last time */

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
	const uint32_t numbers[] = { (uint32_t)row->direction, (uint32_t)row->day,
				     row->known_samples,       row->congested_samples,
				     row->live_samples,        row->congested_minutes,
				     row->run_minutes,         row->verdict };

	return mark_of(row->state, strlen(row->state),
		       mark_of(numbers, sizeof(numbers), 2166136261u));
}

/* What all days of one writing share. */
struct pen {
	struct judge_book *book;
	struct ledger *ledger;
	struct subject subject;
	enum profile profile;
	struct detector *d;
	int32_t first, today; /* the days at hand */
};

static struct ledger_day
row_of(const struct pen *pen, enum direction direction, int32_t date)
{
	struct detector_day day;

	detector_day_get(pen->d, direction, (size_t)(date - pen->first), &day);
	return day_row(pen->subject, direction, pen->profile, &day);
}

static bool
row_put(const struct pen *pen, const struct ledger_day *row, bool is_written, struct error *err)
{
	return is_written || pen->ledger == NULL || ledger_day_put(pen->ledger, row, err);
}

/* The present day, or the one before. */
static bool
near_write(const struct pen *pen, int32_t date, struct error *err)
{
	for (int i = 0; i < DIRECTION_COUNT; i++) {
		struct ledger_day row = row_of(pen, (enum direction)i, date);
		uint32_t mark = day_mark(&row), *at = &pen->book->near_mark[i][date & 1];

		if (!row_put(pen, &row, pen->book->known && *at == mark, err))
			return false;
		*at = mark;
	}
	return true;
}

static int32_t
group_of(int32_t date)
{
	return (date - ((date % GROUP_DAYS) + GROUP_DAYS) % GROUP_DAYS) / GROUP_DAYS;
}

/* Days before those.  Where their sum is what it was, all that were in it are; one that has joined them since the last
 * time had a mark of its own then. */
static bool
group_write(const struct pen *pen, int32_t group, struct error *err)
{
	struct judge_book *book = pen->book;
	struct ledger_day rows[GROUP_DAYS * DIRECTION_COUNT];
	uint32_t marks[GROUP_DAYS * DIRECTION_COUNT], sum = 0, sum_then = 0;
	uint32_t *at = &book->group_mark[(uint32_t)group % JUDGE_BOOK_GROUPS];
	size_t count = 0;

	for (int32_t date = group * GROUP_DAYS; date < (group + 1) * GROUP_DAYS; date++)
		for (int i = 0; i < DIRECTION_COUNT; i++) {
			if (date < pen->first || date > pen->today - 2)
				continue;
			rows[count] = row_of(pen, (enum direction)i, date);
			marks[count] = day_mark(&rows[count]);
			sum += marks[count];
			sum_then += date <= book->day - 2 ? marks[count] : 0;
			count++;
		}
	for (size_t i = 0; i < count; i++) {
		int32_t date = rows[i].day;
		bool same = date <= book->day - 2
				? sum_then == *at
				: marks[i] == book->near_mark[rows[i].direction][date & 1];

		if (!row_put(pen, &rows[i], book->known && same, err))
			return false;
	}
	*at = sum;
	return true;
}

/* All days at hand, where it is not known what was written; else those that may have changed, in whole groups: what is
 * forgotten is further back. */
static int32_t
first_looked_at(const struct pen *pen)
{
	int32_t date = pen->today - (int32_t)detector_changing_days(pen->d) - LATE_DAYS;

	if (!pen->book->known || pen->today - pen->book->day > LATE_DAYS || date < pen->first)
		return pen->first;
	date = group_of(date) * GROUP_DAYS;
	return date > pen->first ? date : pen->first;
}

static bool
days_write(struct pen *pen, struct error *err)
{
	size_t count = detector_day_count(pen->d);
	struct detector_day today;

	if (count == 0)
		return true;
	detector_day_get(pen->d, DIRECTION_IN, count - 1, &today);
	pen->today = today.day;
	pen->first = today.day - (int32_t)count + 1;
	for (int32_t group = group_of(first_looked_at(pen)); group <= group_of(pen->today - 2);
	     group++)
		if (!group_write(pen, group, err))
			return false;
	for (int32_t date = count > 1 ? pen->today - 1 : pen->today; date <= pen->today; date++)
		if (!near_write(pen, date, err))
			return false;
	pen->book->day = pen->today;
	pen->book->known = true;
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
	struct pen pen = {
		.book = book, .ledger = ledger, .subject = subject, .profile = profile, .d = d
	};
	bool done = days_write(&pen, err);

	for (int i = 0; done && i < DIRECTION_COUNT; i++)
		done = verdict_write(book, ledger, subject, (enum direction)i, profile, d,
				     at_utc_sec, err);
	detector_rest(d);
	if (!done)
		judge_book_forget(book);
	return done;
}

void
judge_book_forget(struct judge_book *book)
{
	*book = (struct judge_book) { .known = false };
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

	detector_rest(d);
	if (done && excusing.failed)
		done = error_set(err, ERR_NOMEM, "excuses: out of memory");
	for (size_t i = 0; done && i < excusing.changed_count; i++)
		if (excusing.changed[i].profile == profile)
			done = ledger_episode_put(ledger, &excusing.changed[i], err);
	free(excusing.changed);
	return done;
}
