/* facts.c - see facts.h. */
#include "notify/facts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/units.h"
#include "notify/usual.h"

#define EPISODES_MAX 200
#define ENTRIES_MAX  16                   /* of the capacity ledger, the newest */
#define EPISODES_SEC (INT64_C(9) * 86400) /* before its beginning: more than is looked at */
#define DAYS_BEFORE  (MESSAGE_USUAL_DAYS - 1)

/* --- usual --- */

struct past {
	const struct facts_ask *ask;
	struct usual_day days[DAYS_BEFORE];
	struct usual_span spans[EPISODES_MAX];
	size_t day_count, span_count;
};

static bool
on_episode(const struct ledger_episode *episode, void *user)
{
	struct past *past = user;

	if (episode->direction == past->ask->direction && episode->profile == past->ask->profile &&
	    past->span_count < EPISODES_MAX)
		past->spans[past->span_count++] =
		    (struct usual_span) { .start_utc_sec = episode->start_utc_sec,
					  .end_utc_sec = episode->end_utc_sec,
					  .open = episode->open };
	return past->span_count < EPISODES_MAX;
}

static bool
on_day(const struct ledger_day *day, void *user)
{
	struct past *past = user;

	past->days[past->day_count++] = (struct usual_day) {
		.day = day->day,
		.known = day->possible_samples > 0 &&
			 day->known_samples >= past->ask->valid_share * day->possible_samples,
	};
	return past->day_count < DAYS_BEFORE;
}

bool
facts_usual(const struct facts_ask *ask, struct message_usual *usual, struct error *err)
{
	struct past past = { .ask = ask };
	struct ledger_episode_query query = { .subject = subject_port(ask->port_id),
					      .kind = EPISODE_SUSTAINED,
					      .from_utc_sec = ask->began_utc_sec - EPISODES_SEC,
					      .to_utc_sec = ask->began_utc_sec,
					      .limit = 1000 };
	int32_t today = zone_day_of(ask->zone, ask->now_utc_sec, ask->day_start_sec);

	if (!ledger_episode_each(ask->ledger, &query, on_episode, &past, err) ||
	    !ledger_day_each(ask->ledger, query.subject, ask->direction, ask->profile,
			     today - DAYS_BEFORE, today - 1, on_day, &past, err))
		return false;
	*usual = usual_of(&(struct usual_past) { .zone = ask->zone,
						 .day_start_sec = ask->day_start_sec,
						 .day_count = past.day_count,
						 .days = past.days,
						 .span_count = past.span_count,
						 .spans = past.spans },
			  ask->began_utc_sec, ask->now_utc_sec);
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

/* How members stand from then on; each is a change once it is seen that it stood otherwise before. */
#define MEMBERS_MAX 16
struct member_changes {
	const struct facts_ask *ask;
	struct member_change {
		char interface[81];
		enum member_state state;
		int64_t at_utc_sec;
		bool has_before;
	} list[MEMBERS_MAX];
	size_t count;
};

/* Newest first. */
static bool
on_member(const struct ledger_lag_member *member, void *user)
{
	struct member_changes *reading = user;
	struct member_change change = { .state = member->state,
					.at_utc_sec = member->from_utc_sec };
	bool some_new = false;

	snprintf(change.interface, sizeof(change.interface), "%s", member->interface);
	for (size_t i = 0; i < reading->count; i++) {
		reading->list[i].has_before |=
		    strcmp(reading->list[i].interface, change.interface) == 0;
		some_new |= !reading->list[i].has_before;
	}
	if (is_near(reading->ask, member->from_utc_sec) && reading->count < MEMBERS_MAX) {
		reading->list[reading->count++] = change;
		return true;
	}
	return some_new || member->from_utc_sec >= reading->ask->began_utc_sec - FACTS_NEAR_SEC;
}

static bool
member_changes(const struct facts_ask *ask, struct facts_changes *changes, struct error *err)
{
	static const char *const words[MEMBER_STATE_COUNT] = {
		[MEMBER_UNKNOWN] = "is unknown",
		[MEMBER_LIVE] = "came up",
		[MEMBER_DOWN] = "went down",
		[MEMBER_DETACHED] = "was detached by LACP",
	};
	struct member_changes reading = { .ask = ask };
	char text[FACTS_CHANGE_SIZE];

	if (!ledger_lag_members_history(ask->ledger, ask->port_id, on_member, &reading, err))
		return false;
	for (size_t i = 0; i < reading.count; i++) {
		const struct member_change *change = &reading.list[i];

		snprintf(text, sizeof(text), "member %s %s", change->interface,
			 words[change->state]);
		if (change->has_before)
			facts_change_add(changes, change->at_utc_sec, text);
	}
	return true;
}

bool
facts_changes(const struct facts_ask *ask, struct facts_changes *changes, struct error *err)
{
	struct sought sought = { .ask = ask, .changes = changes, .newer_bps = NAN };

	return ledger_capacity_newest(ask->ledger, ask->port_id, ENTRIES_MAX, on_capacity, &sought,
				      err) &&
	       member_changes(ask, changes, err);
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
