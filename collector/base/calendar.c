/* calendar.c - see calendar.h: the file, and what each of its events says.
 *
 * libical is forgiving: what it cannot parse it leaves out, so that everything needed is looked for here.  Written for
 * libical 3.0.16. */
#include "base/calendar_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ixwatch/units.h"

#define EVENT_MAX 20000 /* of one file */
#define DEPTH_MAX 8     /* BEGINs in each other */

struct reading {
	const struct calendar_terms *terms;
	calendar_on_event *on_event;
	calendar_on_trouble *on_trouble;
	void *user;
	struct calendar_zones zones;
	const struct zone *floating;
	unsigned event_count;
	bool more;
};

/* An event's own texts, and where its occurrences go. */
struct telling {
	struct reading *reading;
	const struct calendar_item *item;
	char uid[CALENDAR_UID_MAX + 1];
	char summary[CALENDAR_SUMMARY_MAX + 1];
};

/* --- the file --- */

/* The whole file as a terminated text; caller frees. */
static char *
file_dup(const char *path, struct error *err)
{
	FILE *file = fopen(path, "rb");
	char *text = file != NULL ? malloc(CALENDAR_FILE_MAX + 1) : NULL;
	size_t len = text != NULL ? fread(text, 1, CALENDAR_FILE_MAX + 1, file) : 0;

	if (text == NULL || ferror(file)) {
		error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	} else if (len > CALENDAR_FILE_MAX) {
		error_set(err, ERR_PARSE, "%s: larger than %u MiB", path, CALENDAR_FILE_MAX >> 20);
	} else if (memchr(text, '\0', len) != NULL) {
		error_set(err, ERR_PARSE, "%s: has a NUL octet; it is no calendar", path);
	} else {
		text[len] = '\0';
		fclose(file);
		return text;
	}
	if (file != NULL)
		fclose(file);
	free(text);
	return NULL;
}

/* --- texts --- */

/* One clean line: control characters become blanks, blanks around it go. */
static void
put_line(char *dst, size_t size, const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;
	char *line = malloc(len + 1);

	dst[0] = '\0';
	if (line == NULL)
		return;
	for (size_t i = 0; i < len; i++)
		line[i] = (unsigned char)text[i] < ' ' || text[i] == 127 ? ' ' : text[i];
	for (; len > 0 && line[len - 1] == ' '; len--)
		;
	size_t skip = strspn(line, " ");
	if (skip < len)
		units_clean_text(dst, size, line + skip, len - skip);
	free(line);
	for (len = strlen(dst); len > 0 && dst[len - 1] == ' '; len--)
		dst[len - 1] = '\0';
}

static void
put_telling(struct telling *telling, icalcomponent *event)
{
	put_line(telling->summary, sizeof(telling->summary), icalcomponent_get_summary(event));
	put_line(telling->uid, sizeof(telling->uid), icalcomponent_get_uid(event));
}

/* RFC 5545 asks for a UID; without one, summary and start must do. */
static void
make_uid(struct telling *telling)
{
	char at[32];

	if (telling->uid[0] == '\0')
		snprintf(telling->uid, sizeof(telling->uid), "no-uid %s %.300s",
			 units_format_utc(at, sizeof(at), telling->item->start.wall_sec),
			 telling->summary);
}

/* --- what an event says --- */

static bool
read_duration(struct calendar_length *length, icalproperty *property, struct error *err)
{
	struct icaldurationtype duration = icalproperty_get_duration(property);

	if (icaldurationtype_is_bad_duration(duration) || duration.is_neg)
		return error_set(err, ERR_PARSE, "DURATION: not one that can be read");
	length->days = (int64_t)duration.weeks * 7 + duration.days;
	length->sec =
	    (int64_t)duration.hours * 3600 + (int64_t)duration.minutes * 60 + duration.seconds;
	return true;
}

static bool
read_end(struct calendar_item *item, icalproperty *property, struct error *err)
{
	struct calendar_stamp end;

	if (!calendar_stamp_read(&end, &item->frame, property, err))
		return false;
	if (item->start.whole_day && end.whole_day)
		item->length.days = (end.wall_sec - item->start.wall_sec) / 86400;
	else
		item->length.sec = calendar_utc_sec(&end.place, end.wall_sec) -
				   calendar_utc_sec(&item->start.place, item->start.wall_sec);
	return true;
}

static bool
read_length(struct calendar_item *item, struct error *err)
{
	icalcomponent *event = item->component;
	icalproperty *end = icalcomponent_get_first_property(event, ICAL_DTEND_PROPERTY);
	icalproperty *duration = icalcomponent_get_first_property(event, ICAL_DURATION_PROPERTY);
	bool done = true;

	if (end != NULL)
		done = read_end(item, end, err);
	else if (duration != NULL)
		done = read_duration(&item->length, duration, err);
	else if (item->start.whole_day)
		item->length.days = 1;
	else
		return error_set(err, ERR_PARSE, "has neither DTEND nor DURATION");
	if (done && (item->length.days < 0 || item->length.sec < 0 ||
		     item->length.days + item->length.sec == 0))
		return error_set(err, ERR_PARSE, "its end is not after its start");
	return done;
}

static bool
read_item(struct calendar_item *item, struct error *err)
{
	icalproperty *start =
	    icalcomponent_get_first_property(item->component, ICAL_DTSTART_PROPERTY);

	if (start == NULL)
		return error_set(err, ERR_PARSE, "has no DTSTART that can be read");
	return calendar_stamp_read(&item->start, &item->frame, start, err) &&
	       read_length(item, err);
}

/* --- told --- */

static void
tell(struct telling *telling, const char *uid, int64_t wall_sec)
{
	const struct calendar_item *item = telling->item;
	struct reading *reading = telling->reading;
	struct calendar_event event = {
		.uid = uid,
		.summary = telling->summary,
		.start_utc_sec = calendar_utc_sec(&item->start.place, wall_sec),
		.end_utc_sec = calendar_end_utc_sec(item, wall_sec),
	};

	if (event.start_utc_sec < event.end_utc_sec)
		reading->more = reading->on_event(&event, reading->user);
}

/* An occurrence is named by the start it was planned for. */
static void
tell_planned(struct telling *telling, int64_t planned_utc_sec, int64_t wall_sec)
{
	char uid[CALENDAR_UID_MAX + 40], at[32];

	snprintf(uid, sizeof(uid), "%s/%s", telling->uid,
		 units_format_utc(at, sizeof(at), planned_utc_sec));
	tell(telling, uid, wall_sec);
}

static bool
on_start(int64_t wall_sec, void *user)
{
	struct telling *telling = user;

	tell_planned(telling, calendar_utc_sec(&telling->item->start.place, wall_sec), wall_sec);
	return telling->reading->more;
}

/* One occurrence that takes place otherwise than planned. */
static bool
tell_changed(struct telling *telling, icalproperty *id, struct error *err)
{
	const struct calendar_item *item = telling->item;
	const struct calendar_terms *terms = telling->reading->terms;
	int64_t wall_sec = item->start.wall_sec;
	struct calendar_stamp planned;

	if (icalproperty_get_first_parameter(id, ICAL_RANGE_PARAMETER) != NULL)
		return error_set(err, ERR_PARSE,
				 "RECURRENCE-ID: RANGE; allowed are single occurrences");
	if (!calendar_stamp_read(&planned, &item->frame, id, err))
		return false;
	if (calendar_utc_sec(&item->start.place, wall_sec) < terms->to_utc_sec &&
	    calendar_end_utc_sec(item, wall_sec) > terms->from_utc_sec)
		tell_planned(telling, calendar_utc_sec(&planned.place, planned.wall_sec), wall_sec);
	return true;
}

static bool
tell_all(struct telling *telling, struct error *err)
{
	const struct calendar_item *item = telling->item;
	const struct calendar_terms *terms = telling->reading->terms;
	icalproperty *id =
	    icalcomponent_get_first_property(item->component, ICAL_RECURRENCEID_PROPERTY);

	make_uid(telling);
	if (id != NULL)
		return tell_changed(telling, id, err);
	if (calendar_recurs(item))
		return calendar_recur_each(item, terms->from_utc_sec, terms->to_utc_sec, on_start,
					   telling, err);
	tell(telling, telling->uid, item->start.wall_sec);
	return true;
}

static void
trouble(struct telling *telling, const struct error *why)
{
	struct reading *reading = telling->reading;
	char sentence[CALENDAR_SUMMARY_MAX + sizeof(why->text) + 64];

	snprintf(sentence, sizeof(sentence), "event %u \"%s\": %s", reading->event_count,
		 telling->summary, why->text);
	if (reading->on_trouble != NULL)
		reading->on_trouble(sentence, reading->user);
}

/* Cut short, two events could become one. */
static bool
uid_fits(icalcomponent *event, struct error *err)
{
	const char *uid = icalcomponent_get_uid(event);

	return uid == NULL || strlen(uid) <= CALENDAR_UID_MAX ||
	       error_set(err, ERR_PARSE, "UID: longer than %d octets", CALENDAR_UID_MAX);
}

static void
read_event(struct reading *reading, icalcomponent *calendar, icalcomponent *event)
{
	struct calendar_item item = {
		.component = event,
		.frame = { &reading->zones, reading->floating, calendar },
	};
	struct telling telling = { .reading = reading, .item = &item };
	struct error err = { 0 };

	reading->event_count++;
	put_telling(&telling, event);
	if (icalcomponent_get_status(event) == ICAL_STATUS_CANCELLED)
		return;
	if (uid_fits(event, &err) && read_item(&item, &err) && tell_all(&telling, &err))
		return;
	trouble(&telling, &err);
}

/* Events lie in calendars; several calendars in one file lie in a component of libical's own. */
static bool
read_component(struct reading *reading, icalcomponent *component, struct error *err)
{
	icalcompiter at = icalcomponent_begin_component(component, ICAL_ANY_COMPONENT);
	icalcomponent *inner;

	for (; reading->more && (inner = icalcompiter_deref(&at)) != NULL; icalcompiter_next(&at)) {
		icalcomponent_kind kind = icalcomponent_isa(inner);

		if (kind == ICAL_VCALENDAR_COMPONENT && !read_component(reading, inner, err))
			return false;
		if (kind != ICAL_VEVENT_COMPONENT)
			continue;
		if (reading->event_count == EVENT_MAX)
			return error_set(err, ERR_PARSE, "more than %d events", EVENT_MAX);
		read_event(reading, component, inner);
	}
	return true;
}

/* libical complains of an END too many on standard error, and follows BEGINs down without a bound. */
static bool
check_nesting(const char *text, struct error *err)
{
	long depth = 0;

	for (unsigned line = 1; text != NULL; line++) {
		if (strncasecmp(text, "BEGIN:", 6) == 0 && ++depth > DEPTH_MAX)
			return error_set(err, ERR_PARSE,
					 "line %u: more than %d BEGINs in each other", line,
					 DEPTH_MAX);
		if (strncasecmp(text, "END:", 4) == 0 && --depth < 0)
			return error_set(err, ERR_PARSE, "line %u: END without its BEGIN", line);
		text = strchr(text, '\n');
		if (text != NULL)
			text++;
	}
	return true;
}

static bool
read_text(struct reading *reading, const char *text, struct error *err)
{
	icalcomponent *root;
	bool done;

	if (!check_nesting(text, err))
		return false;
	root = icalparser_parse_string(text);
	if (root == NULL)
		return error_set(err, ERR_PARSE, "is no iCalendar file");
	done = read_component(reading, root, err);
	icalcomponent_free(root);
	if (done && reading->event_count == 0)
		return error_set(err, ERR_PARSE, "is no iCalendar file, or one without a VEVENT");
	return done;
}

bool
calendar_read(const char *file, const struct calendar_terms *terms, calendar_on_event *on_event,
	      calendar_on_trouble *on_trouble, void *user, struct error *err)
{
	struct reading reading = { terms, on_event, on_trouble, user, .more = true };
	char *text;
	bool done;

	icalerror_set_errors_are_fatal(0);
	if (!calendar_zone_get(&reading.zones, terms->zone, &reading.floating, err))
		return false;
	text = file_dup(file, err);
	done = text != NULL &&
	       (read_text(&reading, strncmp(text, "\xEF\xBB\xBF", 3) == 0 ? text + 3 : text, err) ||
		error_wrap(err, "%s", file));
	free(text);
	calendar_zones_free(&reading.zones);
	icalmemory_free_ring();
	return done;
}
