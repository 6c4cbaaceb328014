/* instant.c - see instant.h. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "instant.h"
#include "zone.h"

#define TICKS_PER_SEC 100
#define LATEST_SEC    INT64_C(7258118400) /* 2200-01-01 */

int64_t
instant_now_ticks(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * TICKS_PER_SEC + now.tv_nsec / 10000000;
}

/* `count` digits, no sign; moves on. */
static bool
take_digits(const char **text, int count, int64_t *value)
{
	for (*value = 0; count > 0; count--, (*text)++) {
		if (!isdigit((unsigned char)**text))
			return false;
		*value = *value * 10 + (**text - '0');
	}
	return true;
}

static bool
take_char(const char **text, char c)
{
	return **text == c && (*text)++;
}

/* ".25": hundredths; none is 0. */
static bool
take_fraction(const char **text, int64_t *ticks)
{
	int64_t scale = TICKS_PER_SEC / 10;

	*ticks = 0;
	if (!take_char(text, '.'))
		return true;
	if (!isdigit((unsigned char)**text))
		return false;
	for (; isdigit((unsigned char)**text); (*text)++, scale /= 10)
		*ticks += (**text - '0') * scale;
	return true;
}

static bool
parse_unix(const char *text, int64_t *ticks)
{
	int64_t sec, fraction;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	sec = strtoll(text, &end, 10);
	text = end;
	if (sec > LATEST_SEC || !take_fraction(&text, &fraction) || *text != '\0')
		return false;
	*ticks = sec * TICKS_PER_SEC + fraction;
	return true;
}

static bool
take_offset(const char **text, int64_t *offset_sec)
{
	int64_t hours, minutes;
	int sign = **text == '-' ? -1 : 1;

	*offset_sec = 0;
	if (take_char(text, 'Z'))
		return true;
	if (!take_char(text, '+') && !take_char(text, '-'))
		return false;
	if (!take_digits(text, 2, &hours) || !take_char(text, ':') ||
	    !take_digits(text, 2, &minutes))
		return false;
	*offset_sec = sign * (hours * 3600 + minutes * 60);
	return hours < 24 && minutes < 60;
}

static bool
parse_rfc3339(const char *t, int64_t *ticks)
{
	int64_t year, month, day, hour, minute, second, fraction, offset;

	if (!take_digits(&t, 4, &year) || !take_char(&t, '-') || !take_digits(&t, 2, &month) ||
	    !take_char(&t, '-') || !take_digits(&t, 2, &day) || !take_char(&t, 'T') ||
	    !take_digits(&t, 2, &hour) || !take_char(&t, ':') || !take_digits(&t, 2, &minute) ||
	    !take_char(&t, ':') || !take_digits(&t, 2, &second) || !take_fraction(&t, &fraction) ||
	    !take_offset(&t, &offset) || *t != '\0')
		return false;
	if (year < 1970 || year > 2199 || month < 1 || month > 12 || day < 1 || day > 31 ||
	    hour > 23 || minute > 59 || second > 59)
		return false;
	second += calendar_days(year, (unsigned)month, (unsigned)day) * 86400 + hour * 3600 +
		  minute * 60 - offset;
	*ticks = second * TICKS_PER_SEC + fraction;
	return true;
}

static bool
parse_now(const char *text, int64_t now_ticks, int64_t *ticks)
{
	int64_t sec = 0;

	if (strncmp(text, "now", 3) != 0)
		return false;
	if (text[3] != '\0' &&
	    ((text[3] != '-' && text[3] != '+') || !duration_parse(&sec, text + 4)))
		return false;
	*ticks = now_ticks + (text[3] == '-' ? -sec : sec) * TICKS_PER_SEC;
	return true;
}

bool
instant_parse(int64_t *ticks, const char *key, const char *text, int64_t now_ticks,
	      struct complaint *complaint)
{
	if (parse_now(text, now_ticks, ticks) || parse_unix(text, ticks) ||
	    parse_rfc3339(text, ticks))
		return true;
	return complain(complaint,
			"%s: \"%s\" is no instant; allowed are Unix seconds, RFC 3339, and "
			"\"now\", \"now-35d\"",
			key, text);
}

bool
duration_parse(int64_t *sec, const char *text)
{
	static const struct unit {
		char letter;
		int64_t sec;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
	int64_t count;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	count = strtoll(text, &end, 10);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (end[0] == units[i].letter && end[1] == '\0' &&
		    count <= INT32_MAX / units[i].sec) {
			*sec = count * units[i].sec;
			return true;
		}
	return false;
}
