/* calendar_recur.c - the occurrences of a recurring event: RRULE and RDATE without EXDATE and what siblings changed.
 *
 * libical walks a rule on the wall clock; each start is then put in its zone by itself, so that a meeting at nine stays
 * at nine.  UNTIL is an instant (RFC 5545, 3.3.10) and is compared as one here. */
#include <string.h>

#include "base/calendar_internal.h"

#define STEP_MAX     200000 /* starts of one rule that are looked at, wanted or not */
#define PROPERTY_MAX 1000   /* rules, or dates, of one event */

struct walk {
	const struct calendar_item *item;
	int64_t from_utc_sec, to_utc_sec;
	calendar_on_start *on_start;
	void *user;
	unsigned count;
	bool more;
};

bool
calendar_recurs(const struct calendar_item *item)
{
	return icalcomponent_get_first_property(item->component, ICAL_RRULE_PROPERTY) != NULL ||
	       icalcomponent_get_first_property(item->component, ICAL_RDATE_PROPERTY) != NULL;
}

/* --- what does not take place --- */

static bool
is_that_start(const struct walk *walk, icalproperty *property, int64_t wall_sec)
{
	const struct calendar_item *item = walk->item;
	struct calendar_stamp stamp;

	if (!calendar_stamp_read(&stamp, &item->frame, property, NULL))
		return false;
	if (stamp.whole_day)
		return stamp.wall_sec == wall_sec - wall_sec % 86400;
	return calendar_utc_sec(&stamp.place, stamp.wall_sec) ==
	       calendar_utc_sec(&item->start.place, wall_sec);
}

static bool
is_excluded(const struct walk *walk, int64_t wall_sec)
{
	icalcomponent *event = walk->item->component;
	icalproperty *at;

	for (at = icalcomponent_get_first_property(event, ICAL_EXDATE_PROPERTY); at != NULL;
	     at = icalcomponent_get_next_property(event, ICAL_EXDATE_PROPERTY))
		if (is_that_start(walk, at, wall_sec))
			return true;
	return false;
}

/* Another event of the same UID stands for that occurrence. */
static bool
is_changed(const struct walk *walk, int64_t wall_sec)
{
	icalcomponent *calendar = walk->item->frame.calendar;
	const char *uid = icalcomponent_get_uid(walk->item->component);
	icalcompiter events = icalcomponent_begin_component(calendar, ICAL_VEVENT_COMPONENT);
	icalcomponent *event;

	for (; uid != NULL && (event = icalcompiter_deref(&events)) != NULL;
	     icalcompiter_next(&events)) {
		const char *other = icalcomponent_get_uid(event);
		icalproperty *id =
		    icalcomponent_get_first_property(event, ICAL_RECURRENCEID_PROPERTY);

		if (id != NULL && other != NULL && strcmp(uid, other) == 0 &&
		    is_that_start(walk, id, wall_sec))
			return true;
	}
	return false;
}

/* --- what does --- */

static bool
offer(struct walk *walk, int64_t wall_sec, struct error *err)
{
	const struct calendar_item *item = walk->item;

	if (calendar_utc_sec(&item->start.place, wall_sec) >= walk->to_utc_sec ||
	    calendar_end_utc_sec(item, wall_sec) <= walk->from_utc_sec ||
	    is_excluded(walk, wall_sec) || is_changed(walk, wall_sec))
		return true;
	if (++walk->count > CALENDAR_OCCURRENCE_MAX)
		return error_set(err, ERR_PARSE, "RRULE: more than %d occurrences in that time",
				 CALENDAR_OCCURRENCE_MAX);
	walk->more = walk->on_start(wall_sec, walk->user);
	return true;
}

/* Whether the rule goes on at that start. */
static bool
is_before_until(const struct walk *walk, struct icaltimetype until, int64_t wall_sec)
{
	if (icaltime_is_null_time(until))
		return true;
	if (until.is_date)
		return wall_sec < calendar_wall_sec(until) + 86400;
	if (!icaltime_is_utc(until))
		return wall_sec <= calendar_wall_sec(until);
	return calendar_utc_sec(&walk->item->start.place, wall_sec) <= calendar_wall_sec(until);
}

static bool
walk_rule(struct walk *walk, icalrecur_iterator *starts, struct icaltimetype until,
	  struct error *err)
{
	for (unsigned step = 0; walk->more; step++) {
		struct icaltimetype time = icalrecur_iterator_next(starts);
		int64_t wall_sec = calendar_wall_sec(time);

		if (icaltime_is_null_time(time) || !is_before_until(walk, until, wall_sec) ||
		    wall_sec >= walk->to_utc_sec + 2 * 86400)
			return true; /* past the last one wanted, in whatever zone */
		if (step == STEP_MAX)
			return error_set(err, ERR_PARSE,
					 "RRULE: more than %d occurrences before the time asked "
					 "for; let it begin later",
					 STEP_MAX);
		if (!offer(walk, wall_sec, err))
			return false;
	}
	return true;
}

/* A rule by the second or minute is no plan of anybody's, and its walk need not end. */
static bool
rule_each(struct walk *walk, icalproperty *property, struct error *err)
{
	struct icalrecurrencetype rule = icalproperty_get_rrule(property);
	struct icaltimetype until = rule.until, start;
	icalrecur_iterator *starts;
	bool done;

	if (rule.freq < ICAL_DAILY_RECURRENCE || rule.freq > ICAL_YEARLY_RECURRENCE)
		return error_set(err, ERR_PARSE,
				 "RRULE: allowed are FREQ=DAILY, WEEKLY, MONTHLY and YEARLY");
	rule.until = icaltime_null_time();
	start = icaltime_from_timet_with_zone(walk->item->start.wall_sec,
					      walk->item->start.whole_day, NULL);
	starts = icalrecur_iterator_new(rule, start);
	if (starts == NULL)
		return error_set(err, ERR_PARSE, "RRULE: a rule that makes no sense");
	done = walk_rule(walk, starts, until, err);
	icalrecur_iterator_free(starts);
	return done;
}

static bool
rdate_each(struct walk *walk, icalproperty *property, struct error *err)
{
	const struct calendar_place *place = &walk->item->start.place;
	struct calendar_stamp stamp;
	int64_t wall_sec, utc_sec;

	if (!icalperiodtype_is_null_period(icalproperty_get_rdate(property).period))
		return error_set(err, ERR_PARSE, "RDATE: a period; allowed are times");
	if (!calendar_stamp_read(&stamp, &walk->item->frame, property, err))
		return false;
	/* On the event's own wall: what it shows then. */
	utc_sec = calendar_utc_sec(&stamp.place, stamp.wall_sec);
	wall_sec = utc_sec + (walk->item->start.wall_sec -
			      calendar_utc_sec(place, walk->item->start.wall_sec));
	wall_sec += utc_sec - calendar_utc_sec(place, wall_sec);
	return offer(walk, wall_sec, err);
}

/* libical goes through an event's properties by one mark of its own, which looking for others would move. */
struct property_list {
	icalproperty *property[PROPERTY_MAX];
	size_t count;
};

static bool
collect(struct property_list *list, icalcomponent *event, icalproperty_kind kind, struct error *err)
{
	icalproperty *at;

	list->count = 0;
	for (at = icalcomponent_get_first_property(event, kind); at != NULL;
	     at = icalcomponent_get_next_property(event, kind)) {
		if (list->count == PROPERTY_MAX)
			return error_set(err, ERR_PARSE, "more than %d of %s", PROPERTY_MAX,
					 icalproperty_kind_to_string(kind));
		list->property[list->count++] = at;
	}
	return true;
}

bool
calendar_recur_each(const struct calendar_item *item, int64_t from_utc_sec, int64_t to_utc_sec,
		    calendar_on_start *on_start, void *user, struct error *err)
{
	struct walk walk = { item, from_utc_sec, to_utc_sec, on_start, user, .more = true };
	struct property_list rules, dates;

	if (!collect(&rules, item->component, ICAL_RRULE_PROPERTY, err) ||
	    !collect(&dates, item->component, ICAL_RDATE_PROPERTY, err))
		return false;
	for (size_t i = 0; i < rules.count && walk.more; i++)
		if (!rule_each(&walk, rules.property[i], err))
			return false;
	/* Without a rule the event's own start is the first of the dates. */
	if (rules.count == 0 && !offer(&walk, item->start.wall_sec, err))
		return false;
	for (size_t i = 0; i < dates.count && walk.more; i++)
		if (!rdate_each(&walk, dates.property[i], err))
			return false;
	return true;
}
