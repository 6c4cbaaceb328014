/* facts.c - see facts.h. */
#include "notify/facts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/units.h"

#define EPISODES_MAX 200
#define ENTRIES_MAX  16 /* of the capacity ledger, the newest */
#define DAYS_BEFORE  (MESSAGE_USUAL_DAYS - 1)

/* --- usual --- */

/* Day 0 is the first of those looked at, the last one is the alert's own. */
struct habit {
	const struct facts_ask *ask;
	int32_t first_day;
	bool has[MESSAGE_USUAL_DAYS];
	int64_t end_sec[MESSAGE_USUAL_DAYS]; /* of the last one that day, since the day began */
	unsigned known_days;
};

static int64_t
day_begin(const struct facts_ask *ask, int32_t day)
{
	return zone_day_begin_utc_sec(ask->zone, day, ask->day_start_sec);
}

/* Of one that begins on the alert's own day nothing can be said but that it is there. */
static bool
on_episode(const struct ledger_episode *episode, void *user)
{
	struct habit *habit = user;
	const struct facts_ask *ask = habit->ask;
	int32_t day = zone_day_of(ask->zone, episode->start_utc_sec, ask->day_start_sec);
	int32_t i = day - habit->first_day;
	int64_t end_sec = episode->end_utc_sec - day_begin(ask, day);

	if (episode->direction != ask->direction || episode->profile != ask->profile || i < 0 ||
	    i >= DAYS_BEFORE || episode->open)
		return true;
	habit->has[i] = true;
	if (end_sec > habit->end_sec[i])
		habit->end_sec[i] = end_sec;
	return true;
}

static bool
on_day(const struct ledger_day *day, void *user)
{
	struct habit *habit = user;

	habit->known_days +=
	    day->possible_samples > 0 && day->known_samples * UINT64_C(2) >= day->possible_samples;
	return true;
}

static int
compare_sec(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return (a > b) - (a < b);
}

/* The middle one of the days before; where it is past already, nothing can be said. */
static int64_t
clears_at(const struct habit *habit)
{
	const struct facts_ask *ask = habit->ask;
	int64_t ends[MESSAGE_USUAL_DAYS], at_utc_sec;
	size_t count = 0;

	for (int i = 0; i < DAYS_BEFORE; i++)
		if (habit->has[i])
			ends[count++] = habit->end_sec[i];
	if (count == 0)
		return 0;
	qsort(ends, count, sizeof(ends[0]), compare_sec);
	at_utc_sec = day_begin(ask, habit->first_day + DAYS_BEFORE) + ends[count / 2];
	return at_utc_sec > ask->now_utc_sec ? at_utc_sec : 0;
}

bool
facts_usual(const struct facts_ask *ask, struct message_usual *usual, struct error *err)
{
	struct habit habit = { .ask = ask };
	struct ledger_episode_query query = { .subject = subject_port(ask->port_id),
					      .kind = EPISODE_SUSTAINED,
					      .to_utc_sec = ask->began_utc_sec,
					      .limit = EPISODES_MAX };
	int32_t today = zone_day_of(ask->zone, ask->began_utc_sec, ask->day_start_sec);

	*usual = (struct message_usual) { .days = 1 };
	habit.first_day = today - DAYS_BEFORE;
	query.from_utc_sec = day_begin(ask, habit.first_day);
	if (!ledger_episode_each(ask->ledger, &query, on_episode, &habit, err) ||
	    !ledger_day_each(ask->ledger, query.subject, ask->direction, ask->profile,
			     habit.first_day, today - 1, on_day, &habit, err))
		return false;
	for (int i = 0; i < DAYS_BEFORE; i++)
		usual->days += habit.has[i];
	usual->known = usual->days > 1 || habit.known_days >= FACTS_KNOWN_DAYS;
	usual->clears_utc_sec = clears_at(&habit);
	return true;
}

/* --- changes --- */

void
facts_change_add(struct facts_changes *changes, int64_t at_utc_sec, const char *text)
{
	size_t i = changes->count < FACTS_CHANGES_MAX ? changes->count++ : FACTS_CHANGES_MAX - 1;

	if (i == FACTS_CHANGES_MAX - 1 && changes->count == FACTS_CHANGES_MAX &&
	    changes->change[i].text != NULL && changes->change[i].at_utc_sec <= at_utc_sec)
		return;
	for (; i > 0 && changes->change[i - 1].at_utc_sec > at_utc_sec; i--) {
		changes->change[i].at_utc_sec = changes->change[i - 1].at_utc_sec;
		memcpy(changes->text[i], changes->text[i - 1], FACTS_CHANGE_SIZE);
		changes->change[i].text = changes->text[i];
	}
	changes->change[i].at_utc_sec = at_utc_sec;
	units_clean_text(changes->text[i], FACTS_CHANGE_SIZE, text, strlen(text));
	changes->change[i].text = changes->text[i];
}

struct sought {
	const struct facts_ask *ask;
	struct facts_changes *changes;
	double newer_bps; /* of the entry listed before; NAN */
	int64_t newer_utc_sec;
};

static bool
is_near(const struct facts_ask *ask, int64_t at_utc_sec)
{
	return at_utc_sec != 0 && llabs(at_utc_sec - ask->began_utc_sec) <= FACTS_NEAR_SEC;
}

static double
limit_of(const struct ledger_capacity *capacity)
{
	return capacity->source == CAPACITY_CONTRACT
		   ? model_capacity_bps(capacity->physical_bps, capacity->contracted_bps, false)
		   : capacity->physical_bps;
}

/* Newest first: each entry says from what the one after it changed. */
static bool
on_capacity(const struct ledger_capacity *capacity, void *user)
{
	struct sought *sought = user;
	double bps = limit_of(capacity);
	char text[FACTS_CHANGE_SIZE], from[40], to[40];

	if (is_near(sought->ask, sought->newer_utc_sec) && bps != sought->newer_bps) {
		snprintf(text, sizeof(text), "capacity %s from %s to %s",
			 sought->newer_bps < bps ? "fell" : "rose",
			 units_format_bps(from, sizeof(from), bps),
			 units_format_bps(to, sizeof(to), sought->newer_bps));
		facts_change_add(sought->changes, sought->newer_utc_sec, text);
	}
	sought->newer_bps = bps;
	sought->newer_utc_sec = capacity->from_utc_sec;
	return true;
}

/* How it stands from then on; one whose entry ended, and began anew at that moment, is told by the new one. */
static bool
on_member(const struct ledger_lag_member *member, void *user)
{
	static const char *const words[MEMBER_STATE_COUNT] = {
		[MEMBER_UNKNOWN] = "is unknown",
		[MEMBER_LIVE] = "came up",
		[MEMBER_DOWN] = "went down",
		[MEMBER_DETACHED] = "was detached by LACP",
	};
	struct sought *sought = user;
	char text[FACTS_CHANGE_SIZE];

	if (!is_near(sought->ask, member->from_utc_sec))
		return true;
	snprintf(text, sizeof(text), "member %.80s %s", member->interface, words[member->state]);
	facts_change_add(sought->changes, member->from_utc_sec, text);
	return true;
}

bool
facts_changes(const struct facts_ask *ask, struct facts_changes *changes, struct error *err)
{
	struct sought sought = { .ask = ask, .changes = changes, .newer_bps = NAN };

	return ledger_capacity_newest(ask->ledger, ask->port_id, ENTRIES_MAX, on_capacity, &sought,
				      err) &&
	       ledger_lag_members_history(ask->ledger, ask->port_id, on_member, &sought, err);
}

/* --- declared --- */

struct works {
	char *dst;
	size_t len, used;
};

/* Each whole, or not at all. */
static bool
on_window(const struct ledger_window *window, void *user)
{
	struct works *works = user;
	char piece[200], reason[120], until[40];
	size_t len;

	units_clean_text(reason, sizeof(reason), window->reason, strlen(window->reason));
	units_format_utc(until, sizeof(until), window->until_utc_sec);
	len = (size_t)snprintf(piece, sizeof(piece), "%s%.20s until %.10s %.5sZ%s%s%s",
			       works->used > 0 ? "; " : "", window->cause, until, until + 11,
			       reason[0] != '\0' ? " (" : "", reason, reason[0] != '\0' ? ")" : "");
	if (len >= sizeof(piece) || works->used + len >= works->len)
		return true;
	memcpy(works->dst + works->used, piece, len + 1);
	works->used += len;
	return true;
}

bool
facts_works(const struct facts_ask *ask, char *dst, size_t len, struct error *err)
{
	struct works works = { .dst = dst, .len = len };
	struct ledger_window_query query = { .port_id = ask->port_id,
					     .from_utc_sec = ask->now_utc_sec,
					     .to_utc_sec = ask->now_utc_sec + 1 };

	dst[0] = '\0';
	return ledger_window_each(ask->ledger, &query, on_window, &works, err);
}
