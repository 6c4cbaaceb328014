/* units.c - body of ixwatch/units.h.  Numbers are read by hand and independently of any locale: at most 15 significant
 * digits and a power of ten of at most 10^22 are both exact in a double, so that one multiplication or division gives
 * the nearest double to what was written.  Calendar: proleptic Gregorian; no leap seconds, as in Unix time. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "ixwatch/units.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const double power_of_10[] = { 1,    1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
				      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
				      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "12", "12.5": at least one digit on each side of a point; value = mantissa / 10^decimals.  Leaves *text at what
 * follows. */
struct decimal {
	uint64_t mantissa; /* below 10^15 */
	int decimals;
};

static bool
take_decimal(const char **text, struct decimal *out)
{
	const char *at = *text;
	bool point = false;

	*out = (struct decimal) { 0 };
	for (; is_digit(*at) || (*at == '.' && !point && at > *text && is_digit(at[1])); at++) {
		if (*at == '.') {
			point = true;
			continue;
		}
		out->mantissa = out->mantissa * 10 + (uint64_t)(*at - '0');
		out->decimals += point;
		if (out->mantissa >= 1000000000000000ULL || out->decimals > 15)
			return false;
	}
	bool taken = at > *text;
	*text = at;
	return taken;
}

/* The decimal times 10^exponent. */
static double
scaled(const struct decimal *decimal, int exponent)
{
	int power = exponent - decimal->decimals;
	double mantissa = (double)decimal->mantissa;

	return power < 0 ? mantissa / power_of_10[-power] : mantissa * power_of_10[power];
}

static int
rate_exponent(char unit)
{
	switch (unit) {
	case '\0': return 0;
	case 'k': return 3;
	case 'M': return 6;
	case 'G': return 9;
	case 'T': return 12;
	default: return -1;
	}
}

bool
units_parse_bps(const char *text, double *bps)
{
	struct decimal decimal;

	if (!take_decimal(&text, &decimal))
		return false;
	int exponent = rate_exponent(*text);
	if (exponent < 0 || (*text != '\0' && text[1] != '\0'))
		return false;
	double value = scaled(&decimal, exponent);
	if (!(value > 0 && value <= 1e15))
		return false;
	*bps = value;
	return true;
}

static bool
take_digits(const char **text, uint64_t max, uint64_t *value)
{
	const char *at = *text;
	uint64_t sum = 0;

	for (; is_digit(*at); at++) {
		uint64_t digit = (uint64_t)(*at - '0');

		if (sum > (max - digit) / 10 || digit > max)
			return false;
		sum = sum * 10 + digit;
	}
	bool taken = at > *text;
	*text = at;
	*value = sum;
	return taken;
}

static uint64_t
duration_unit_sec(char unit)
{
	switch (unit) {
	case 's': return 1;
	case 'm': return 60;
	case 'h': return 3600;
	case 'd': return 86400;
	case 'w': return 604800;
	default: return 0;
	}
}

bool
units_parse_duration_sec(const char *text, int64_t *sec)
{
	uint64_t count;

	if (!take_digits(&text, INT32_MAX, &count))
		return false;
	uint64_t unit_sec = duration_unit_sec(*text);
	if (unit_sec == 0 || text[1] != '\0' || count * unit_sec > INT32_MAX)
		return false;
	*sec = (int64_t)(count * unit_sec);
	return true;
}

bool
units_parse_share(const char *text, double *share)
{
	struct decimal decimal;

	if (!take_decimal(&text, &decimal) || strcmp(text, "%") != 0)
		return false;
	double value = scaled(&decimal, -2);
	if (value > 1)
		return false;
	*share = value;
	return true;
}

bool
units_parse_uint(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	uint64_t number;

	if (!take_digits(&text, max, &number) || *text != '\0' || number < min)
		return false;
	*value = number;
	return true;
}

/* Days from 1970-01-01 to a date; years of 365.2425 days that begin in March, in eras of 400. */
static int64_t
days_of_date(int64_t year, int month, int day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - 719468;
}

static void
date_of_days(int64_t days, int64_t *year, int *month, int *day)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t day_of_era = days - era * 146097;
	int64_t year_of_era =
	    (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int day_of_year =
	    (int)(day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100));
	int from_march = (5 * day_of_year + 2) / 153;

	*day = day_of_year - (153 * from_march + 2) / 5 + 1;
	*month = from_march < 10 ? from_march + 3 : from_march - 9;
	*year = year_of_era + era * 400 + (*month <= 2);
}

/* Two or four digits, min..max; leaves *text behind them. */
static bool
take_fixed(const char **text, int digit_count, int min, int max, int *value)
{
	int sum = 0;

	for (int i = 0; i < digit_count; i++) {
		if (!is_digit((*text)[i]))
			return false;
		sum = sum * 10 + ((*text)[i] - '0');
	}
	*text += digit_count;
	*value = sum;
	return sum >= min && sum <= max;
}

static bool
take_char(const char **text, const char *one_of)
{
	if (**text == '\0' || strchr(one_of, **text) == NULL)
		return false;
	++*text;
	return true;
}

static bool
take_date(const char **text, int64_t *days)
{
	int year, month, day, month_of_day;
	int64_t year_of_day;

	if (!take_fixed(text, 4, 0, 9999, &year) || !take_char(text, "-") ||
	    !take_fixed(text, 2, 1, 12, &month) || !take_char(text, "-") ||
	    !take_fixed(text, 2, 1, 31, &day))
		return false;
	int written = day;
	*days = days_of_date(year, month, day);
	date_of_days(*days, &year_of_day, &month_of_day, &day);
	return day == written; /* the 30th of February is another day */
}

static bool
take_time(const char **text, int *second_of_day)
{
	int hour, minute, second;

	if (!take_fixed(text, 2, 0, 23, &hour) || !take_char(text, ":") ||
	    !take_fixed(text, 2, 0, 59, &minute) || !take_char(text, ":") ||
	    !take_fixed(text, 2, 0, 59, &second))
		return false;
	*second_of_day = hour * 3600 + minute * 60 + second;
	if (!take_char(text, "."))
		return true;
	const char *fraction = *text; /* read over: instants are whole seconds */
	while (is_digit(**text))
		++*text;
	return *text > fraction;
}

static bool
take_offset(const char **text, int *offset_sec)
{
	int hour, minute, sign = **text == '-' ? -1 : 1;

	*offset_sec = 0;
	if (take_char(text, "Zz"))
		return true;
	if (!take_char(text, "+-") || !take_fixed(text, 2, 0, 23, &hour) || !take_char(text, ":") ||
	    !take_fixed(text, 2, 0, 59, &minute))
		return false;
	*offset_sec = sign * (hour * 3600 + minute * 60);
	return true;
}

bool
units_parse_utc(const char *text, int64_t *utc_sec)
{
	int64_t days;
	int second_of_day, offset_sec;
	uint64_t unix_sec;

	if (strlen(text) <= 12 && units_parse_uint(text, 0, 253402300799ULL, &unix_sec)) {
		*utc_sec = (int64_t)unix_sec;
		return true;
	}
	if (!take_date(&text, &days) || !take_char(&text, "Tt") ||
	    !take_time(&text, &second_of_day) || !take_offset(&text, &offset_sec) || *text != '\0')
		return false;
	*utc_sec = days * 86400 + second_of_day - offset_sec;
	return true;
}

char *
units_format_bps(char *dst, size_t len, double bps)
{
	static const char *const units[] = { "bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s" };
	double value = bps;
	size_t unit = 0;

	if (!isfinite(bps)) {
		snprintf(dst, len, "unknown");
		return dst;
	}
	for (; fabs(value) >= 999.5 && unit + 1 < COUNT(units); unit++)
		value /= 1000;
	double size = fabs(value);
	int decimals = size >= 99.95 || (unit == 0 && size == floor(size)) ? 0
		       : size >= 9.995                                     ? 1
									   : 2;
	snprintf(dst, len, "%.*f %s", decimals, value, units[unit]);
	return dst;
}

char *
units_format_share(char *dst, size_t len, double share)
{
	if (!isfinite(share))
		snprintf(dst, len, "unknown");
	else
		snprintf(dst, len, "%.1f%%", share * 100);
	return dst;
}

char *
units_format_duration(char *dst, size_t len, int64_t sec)
{
	const char *sign = sec < 0 ? "-" : "";
	uint64_t size = sec < 0 ? 0 - (uint64_t)sec : (uint64_t)sec;
	unsigned long long day = size / 86400, hour = size / 3600, minute = size / 60,
			   second = size;

	if (day > 0)
		snprintf(dst, len, "%s%llu d %02llu h", sign, day, hour % 24);
	else if (hour > 0)
		snprintf(dst, len, "%s%llu h %02llu min", sign, hour, minute % 60);
	else if (minute > 0 && second % 60 != 0)
		snprintf(dst, len, "%s%llu min %02llu s", sign, minute, second % 60);
	else if (minute > 0)
		snprintf(dst, len, "%s%llu min", sign, minute);
	else
		snprintf(dst, len, "%s%llu s", sign, second);
	return dst;
}

char *
units_format_utc(char *dst, size_t len, int64_t utc_sec)
{
	int64_t days = utc_sec / 86400 - (utc_sec % 86400 < 0);
	int second = (int)(utc_sec - days * 86400);
	int64_t year;
	int month, day;

	date_of_days(days, &year, &month, &day);
	snprintf(dst, len, "%04lld-%02d-%02dT%02d:%02d:%02dZ", (long long)year, month, day,
		 second / 3600, second / 60 % 60, second % 60);
	return dst;
}

char *
units_format_date(char *dst, size_t len, int32_t day)
{
	int64_t year;
	int month, day_of_month;

	date_of_days(day, &year, &month, &day_of_month);
	snprintf(dst, len, "%04lld-%02d-%02d", (long long)year, month, day_of_month);
	return dst;
}

char *
units_clean_text(char *dst, size_t len, const void *src, size_t src_len)
{
	const char *from = src;
	size_t used = 0;

	if (len == 0)
		return dst;
	while (src_len > 0) {
		uint32_t character;
		size_t octets = utf8_next(from, src_len, &character);
		bool fits_in = octets > 0 && !utf8_is_control(character);
		const char *put = fits_in ? from : UTF8_REPLACEMENT;
		size_t put_len = fits_in ? octets : UTF8_REPLACEMENT_LEN;

		if (used + put_len >= len)
			break;
		memcpy(dst + used, put, put_len);
		used += put_len;
		from += octets == 0 ? 1 : octets;
		src_len -= octets == 0 ? 1 : octets;
	}
	dst[used] = '\0';
	return dst;
}
