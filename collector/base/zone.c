/* zone.c - body of ixwatch/zone.h, and the only file that knows GLib.
 *
 * GLib is asked once, when a zone is opened: its rules from 1901 to 2106 become one table of spans of equal offset, in
 * which every question is a binary search.  That takes milliseconds and kilobytes, so all who have one zone open at the
 * same time share its table; it never changes, and only the list of tables is guarded.
 *
 * The wall clock may be set back, so local time is not monotonic; its running maximum ("the latest time this clock has
 * shown so far") is.  A traffic day begins when that maximum reaches its beginning, which is the header's rule word for word,
 * and makes begin(day) <= t < begin(day + 1) hold for every instant, also where a day lasts 0 or 47 hours. */
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ixwatch/zone.h"

#define TABLE_FROM_UTC_SEC (-2177452800LL) /* 1901-01-01 */
#define TABLE_TO_UTC_SEC   4291747200LL    /* 2106-01-01 */
#define UTC_SEC_LIMIT                                                                              \
	(1LL << 46) /* two million years: no sum below overflows, no day leaves 32 bits */

struct span {
	int64_t begin_utc_sec;
	int64_t latest_before_sec; /* the latest local time shown before this span */
	int32_t offset_sec;
	const char *abbreviation; /* lent by glib */
};

struct zone {
	struct zone *next; /* of those that are open */
	char name[64];
	size_t users;
	GTimeZone *glib;
	size_t span_count;
	struct span
	    *spans; /* by begin, ascending; the first has begun always, the last never ends */
};

static struct zone *open_zones;
static GMutex open_zones_lock;

/* Names of zone files only: GLib would also take offsets and POSIX rules, and falls back to UTC in other calls. */
static bool
is_zone_name(const char *name)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";

	return g_ascii_isalpha(name[0]) && strlen(name) < 64 &&
	       name[strspn(name, allowed)] == '\0' && strncmp(name, "right/", 6) != 0 &&
	       strncmp(name, "posix/", 6) != 0;
}

/* Whether the system has a zone file of that name.  Without any zone files there is still UTC. */
static bool
is_known(const char *name)
{
	const char *dir = getenv("TZDIR");
	char path[4096], magic[4];

	if (strcmp(name, "UTC") == 0)
		return true;
	snprintf(path, sizeof(path), "%s/%s", dir != NULL ? dir : "/usr/share/zoneinfo", name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;
	ssize_t got = read(fd, magic, sizeof(magic)); /* a directory fails here */
	close(fd);
	return got == (ssize_t)sizeof(magic) && memcmp(magic, "TZif", 4) == 0;
}

static int
interval_at(const struct zone *zone, int64_t utc_sec)
{
	return g_time_zone_find_interval(zone->glib, G_TIME_TYPE_UNIVERSAL, utc_sec);
}

static bool
add_span(struct zone *zone, int64_t begin_utc_sec, int interval)
{
	struct span *grown = realloc(zone->spans, (zone->span_count + 1) * sizeof(*grown));

	if (grown == NULL)
		return false;
	zone->spans = grown;
	grown[zone->span_count++] = (struct span) {
		.begin_utc_sec = begin_utc_sec,
		.offset_sec = g_time_zone_get_offset(zone->glib, interval),
		.abbreviation = g_time_zone_get_abbreviation(zone->glib, interval),
	};
	return true;
}

/* The first instant after `after` that lies in another interval than `after` does; `until` when there is none. */
static int64_t
next_change(const struct zone *zone, int64_t after, int64_t until)
{
	int interval = interval_at(zone, after);
	int64_t changed = until;

	if (interval_at(zone, until) == interval)
		return until;
	while (changed - after > 1) {
		int64_t middle = after + (changed - after) / 2;

		if (interval_at(zone, middle) == interval)
			after = middle;
		else
			changed = middle;
	}
	return changed;
}

static bool
fill_table(struct zone *zone)
{
	int64_t at = TABLE_FROM_UTC_SEC;

	if (!add_span(zone, -UTC_SEC_LIMIT, interval_at(zone, at)))
		return false;
	while ((at = next_change(zone, at, TABLE_TO_UTC_SEC)) < TABLE_TO_UTC_SEC) {
		if (!add_span(zone, at, interval_at(zone, at)))
			return false;
	}
	return true;
}

static int64_t
larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The latest local time shown before span i, for i in 0..span_count. */
static void
fill_latest(struct zone *zone)
{
	zone->spans[0].latest_before_sec = INT64_MIN;
	for (size_t i = 1; i < zone->span_count; i++) {
		const struct span *before = &zone->spans[i - 1];

		zone->spans[i].latest_before_sec =
		    larger(before->latest_before_sec,
			   zone->spans[i].begin_utc_sec - 1 + before->offset_sec);
	}
}

static void
zone_free(struct zone *zone)
{
	free(zone->spans);
	if (zone->glib != NULL)
		g_time_zone_unref(zone->glib);
	free(zone);
}

static bool
zone_make(struct zone **out, const char *name, struct error *err)
{
	struct zone *zone;

	if (!is_zone_name(name) || !is_known(name))
		return error_set(err, ERR_PARSE,
				 "timezone \"%.64s\": not a zone this system knows; "
				 "write an IANA name such as \"Europe/Berlin\" or \"UTC\"",
				 name);
	zone = calloc(1, sizeof(*zone));
	if (zone == NULL)
		return error_set(err, ERR_NOMEM, "timezone \"%s\": out of memory", name);
	snprintf(zone->name, sizeof(zone->name), "%s", name);
	zone->glib =
	    strcmp(name, "UTC") == 0 ? g_time_zone_new_utc() : g_time_zone_new_identifier(name);
	if (zone->glib == NULL) {
		error_set(err, ERR_PARSE, "timezone \"%s\": its zone file cannot be read", name);
		goto fail;
	}
	if (!fill_table(zone)) {
		error_set(err, ERR_NOMEM, "timezone \"%s\": out of memory", name);
		goto fail;
	}
	fill_latest(zone);
	*out = zone;
	return true;
fail:
	zone_free(zone);
	return false;
}

static struct zone *
open_zone_find(const char *name)
{
	struct zone *zone = open_zones;

	while (zone != NULL && strcmp(zone->name, name) != 0)
		zone = zone->next;
	return zone;
}

bool
zone_open(struct zone **out, const char *name, struct error *err)
{
	struct zone *zone;

	g_mutex_lock(&open_zones_lock);
	zone = open_zone_find(name);
	if (zone == NULL && zone_make(&zone, name, err)) {
		zone->next = open_zones;
		open_zones = zone;
	}
	if (zone != NULL)
		zone->users++;
	g_mutex_unlock(&open_zones_lock);
	if (zone == NULL)
		return false;
	*out = zone;
	return true;
}

void
zone_close(struct zone *zone)
{
	struct zone **at = &open_zones;

	if (zone == NULL)
		return;
	g_mutex_lock(&open_zones_lock);
	if (--zone->users == 0) {
		while (*at != zone)
			at = &(*at)->next;
		*at = zone->next;
		zone_free(zone);
	}
	g_mutex_unlock(&open_zones_lock);
}

static int64_t
clamp(int64_t sec)
{
	return sec < -UTC_SEC_LIMIT ? -UTC_SEC_LIMIT : sec > UTC_SEC_LIMIT ? UTC_SEC_LIMIT : sec;
}

static const struct span *
span_at(const struct zone *zone, int64_t utc_sec)
{
	size_t low = 0, high = zone->span_count; /* spans[low] has begun, spans[high] has not */

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (zone->spans[middle].begin_utc_sec <= utc_sec)
			low = middle;
		else
			high = middle;
	}
	return &zone->spans[low];
}

int32_t
zone_offset_sec(const struct zone *zone, int64_t utc_sec)
{
	return span_at(zone, utc_sec)->offset_sec;
}

int64_t
zone_day_begin_utc_sec(const struct zone *zone, int32_t day, int32_t day_start_sec)
{
	int64_t wanted_sec = (int64_t)day * 86400 + day_start_sec;
	size_t low = 0,
	       high = zone->span_count; /* the last span before which `wanted` has not been shown */

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (zone->spans[middle].latest_before_sec < wanted_sec)
			low = middle;
		else
			high = middle;
	}
	return larger(zone->spans[low].begin_utc_sec, wanted_sec - zone->spans[low].offset_sec);
}

int32_t
zone_day_of(const struct zone *zone, int64_t utc_sec, int32_t day_start_sec)
{
	int64_t at = clamp(utc_sec);
	const struct span *span = span_at(zone, at);
	int64_t since_sec = larger(at + span->offset_sec, span->latest_before_sec) - day_start_sec;

	return (int32_t)(since_sec / 86400 - (since_sec % 86400 < 0));
}

char *
zone_format(const struct zone *zone, char *dst, size_t len, int64_t utc_sec)
{
	int64_t at = clamp(utc_sec);
	const struct span *span = span_at(zone, at);
	time_t local = (time_t)(at + span->offset_sec);
	char text[40] = "";
	struct tm tm;

	if (gmtime_r(&local, &tm) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm);
	snprintf(dst, len, "%s %s", text, span->abbreviation);
	return dst;
}
