/* report_words.c - words of the weekly reports, the names of weeks, and which names a file of a report may have. */
#include <stdio.h>
#include <string.h>

#include "ixwatch/report.h"
#include "ixwatch/units.h"

#define DAY_SEC 86400

static const char *const kind_names[REPORT_KIND_COUNT] = {
	[REPORT_PEER] = "peer",
	[REPORT_EXCHANGE] = "exchange",
	[REPORT_OVERVIEW] = "overview",
};

static const char *const state_names[REPORT_STATE_COUNT] = {
	[REPORT_NOTHING] = "nothing to tell",
	[REPORT_WAITING] = "waiting",
	[REPORT_HELD] = "held",
	[REPORT_APPROVED] = "approved",
	[REPORT_LAPSED] = "lapsed",
	[REPORT_OPTED_OUT] = "opted out",
	[REPORT_NO_RECIPIENT] = "no recipient",
	[REPORT_PAUSED] = "paused",
};

static const char *const waiting_on_names[WAITING_ON_COUNT] = {
	[WAITING_ON_PEER] = "peer",
	[WAITING_ON_US] = "us",
	[WAITING_ON_EXCHANGE] = "exchange",
};

static bool
word_find(const char *const *names, int count, const char *name, int *index)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0) {
			*index = i;
			return true;
		}
	return false;
}

const char *
report_kind_name(enum report_kind kind)
{
	return kind_names[kind];
}

bool
report_kind_parse(const char *name, enum report_kind *kind)
{
	int index = 0;
	bool known = word_find(kind_names, REPORT_KIND_COUNT, name, &index);

	if (known)
		*kind = (enum report_kind)index;
	return known;
}

const char *
report_state_name(enum report_state state)
{
	return state_names[state];
}

bool
report_state_parse(const char *name, enum report_state *state)
{
	int index = 0;
	bool known = word_find(state_names, REPORT_STATE_COUNT, name, &index);

	if (known)
		*state = (enum report_state)index;
	return known;
}

const char *
report_waiting_on_name(enum report_waiting_on on)
{
	return waiting_on_names[on];
}

bool
report_waiting_on_parse(const char *name, enum report_waiting_on *on)
{
	int index = 0;
	bool known = word_find(waiting_on_names, WAITING_ON_COUNT, name, &index);

	if (known)
		*on = (enum report_waiting_on)index;
	return known;
}

/* --- weeks: ISO 8601, 3.1.1.23: week 1 is the one with 4 January; a week belongs to the year of its Thursday --- */

/* Day 0 was a Thursday. */
static int32_t
monday_of(int32_t day)
{
	return day - ((day + 3) % 7 + 7) % 7;
}

/* The day number of a date of that year ("01-04"); false for a year that is none. */
static bool
day_of(const char *year, const char *date, int32_t *day)
{
	char text[40];
	int64_t utc_sec;

	snprintf(text, sizeof(text), "%.4s-%sT00:00:00Z", year, date);
	if (!units_parse_utc(text, &utc_sec))
		return false;
	*day = (int32_t)(utc_sec / DAY_SEC);
	return true;
}

char *
report_week_name(char dst[REPORT_WEEK_SIZE], int32_t monday)
{
	int32_t thursday = monday_of(monday) + 3, new_year = thursday;
	char date[16];

	units_format_date(date, sizeof(date), thursday);
	day_of(date, "01-01", &new_year);
	snprintf(dst, REPORT_WEEK_SIZE, "%.4s-W%02u", date,
		 (unsigned)(thursday - new_year) / 7 % 53 + 1);
	return dst;
}

bool
report_week_parse(const char *name, int32_t *monday)
{
	static const char form[] = "0000-W00";
	char back[REPORT_WEEK_SIZE];
	int32_t fourth;

	if (strlen(name) != strlen(form))
		return false;
	for (size_t i = 0; form[i] != '\0'; i++)
		if (form[i] == '0' ? name[i] < '0' || name[i] > '9' : name[i] != form[i])
			return false;
	if (!day_of(name, "01-04", &fourth))
		return false;
	int32_t found = monday_of(fourth) + 7 * ((name[6] - '0') * 10 + name[7] - '0' - 1);
	if (strcmp(report_week_name(back, found), name) != 0)
		return false; /* no week 0, nor 53 in a year of 52 */
	*monday = found;
	return true;
}

bool
report_file_name_ok(const char *name)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t len = strlen(name);

	return len > 0 && len <= 120 && name[0] != '.' && strspn(name, allowed) == len;
}
