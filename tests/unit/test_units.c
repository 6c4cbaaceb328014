/* links: base/units.c base/decimal.c */
/* test_units.c - numbers with units from and to text, text from outside, and decimals to the last bit. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/decimal.h"
#include "ixwatch/units.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define REFUSED  (-1.0)

enum what { BPS, DURATION, SHARE, UINT, UTC };

static const struct parse_case {
	const char *name;
	enum what what;
	const char *text;
	double want;
} parse_cases[] = {
	{ "a rate in giga", BPS, "5G", 5e9 },
	{ "a rate with a fraction", BPS, "2.5G", 2.5e9 },
	{ "a fraction is exact", BPS, "1.1G", 1100000000.0 },
	{ "a rate in kilo", BPS, "64k", 64000 },
	{ "a rate in mega", BPS, "100M", 1e8 },
	{ "a rate in tera", BPS, "1.6T", 1.6e12 },
	{ "a bare rate is in bit/s", BPS, "64000", 64000 },
	{ "the largest rate", BPS, "1000T", 1e15 },
	{ "a rate above the largest", BPS, "1001T", REFUSED },
	{ "a rate of nothing", BPS, "0", REFUSED },
	{ "a rate of nothing, in giga", BPS, "0.0G", REFUSED },
	{ "a negative rate", BPS, "-5G", REFUSED },
	{ "a signed rate", BPS, "+5G", REFUSED },
	{ "an empty rate", BPS, "", REFUSED },
	{ "a unit without a number", BPS, "G", REFUSED },
	{ "a small letter for giga", BPS, "5g", REFUSED },
	{ "a capital for kilo", BPS, "5K", REFUSED },
	{ "a word behind the unit", BPS, "5Gbit/s", REFUSED },
	{ "a blank before the unit", BPS, "5 G", REFUSED },
	{ "a blank in front", BPS, " 5G", REFUSED },
	{ "a point without digits behind", BPS, "5.G", REFUSED },
	{ "a point without digits in front", BPS, ".5G", REFUSED },
	{ "two points", BPS, "1.2.3G", REFUSED },
	{ "a comma", BPS, "2,5G", REFUSED },
	{ "an exponent", BPS, "1e9", REFUSED },
	{ "a hexadecimal rate", BPS, "0x10", REFUSED },
	{ "not a number", BPS, "nan", REFUSED },
	{ "more digits than a double holds", BPS, "1.0000000000000001G", REFUSED },

	{ "seconds", DURATION, "300s", 300 },
	{ "minutes", DURATION, "30m", 1800 },
	{ "hours", DURATION, "24h", 86400 },
	{ "days", DURATION, "1d", 86400 },
	{ "weeks", DURATION, "2w", 1209600 },
	{ "no time at all", DURATION, "0s", 0 },
	{ "the longest", DURATION, "2147483647s", 2147483647.0 },
	{ "longer than the longest", DURATION, "2147483648s", REFUSED },
	{ "longer than the longest by its unit", DURATION, "3551w", REFUSED },
	{ "a bare number", DURATION, "300", REFUSED },
	{ "a fraction of an hour", DURATION, "1.5h", REFUSED },
	{ "two durations", DURATION, "1h30m", REFUSED },
	{ "a negative duration", DURATION, "-1s", REFUSED },
	{ "an unknown unit", DURATION, "1y", REFUSED },
	{ "a capital unit", DURATION, "1M", REFUSED },
	{ "an empty duration", DURATION, "", REFUSED },
	{ "a number that leaves 64 bits", DURATION, "99999999999999999999s", REFUSED },

	{ "a share", SHARE, "90%", 0.9 },
	{ "a small share is exact", SHARE, "0.1%", 0.001 },
	{ "all of it", SHARE, "100%", 1 },
	{ "none of it", SHARE, "0%", 0 },
	{ "more than all", SHARE, "100.1%", REFUSED },
	{ "a share without its sign", SHARE, "90", REFUSED },
	{ "a share as a fraction", SHARE, "0.9", REFUSED },
	{ "a blank before the sign", SHARE, "90 %", REFUSED },
	{ "two signs", SHARE, "90%%", REFUSED },
	{ "a negative share", SHARE, "-1%", REFUSED },

	{ "a whole number", UINT, "42", 42 },
	{ "the smallest allowed", UINT, "1", 1 },
	{ "below the smallest", UINT, "0", REFUSED },
	{ "the largest allowed", UINT, "4294967295", 4294967295.0 },
	{ "above the largest", UINT, "4294967296", REFUSED },
	{ "beyond 64 bits", UINT, "18446744073709551618", REFUSED },
	{ "a fraction", UINT, "4.2", REFUSED },
	{ "an empty number", UINT, "", REFUSED },
	{ "a sign", UINT, "+4", REFUSED },
	{ "letters", UINT, "4x", REFUSED },

	{ "an instant in UTC", UTC, "2026-11-23T02:10:00Z", 1795399800 },
	{ "an instant with an offset", UTC, "2026-11-23T03:10:00+01:00", 1795399800 },
	{ "an offset of half hours to the west", UTC, "2026-11-22T22:40:00-03:30", 1795399800 },
	{ "small letters", UTC, "2026-11-23t02:10:00z", 1795399800 },
	{ "a fraction of a second is read over", UTC, "2026-11-23T02:10:00.999Z", 1795399800 },
	{ "Unix seconds", UTC, "1795399800", 1795399800 },
	{ "the first instant", UTC, "0", 0 },
	{ "a leap day", UTC, "2024-02-29T00:00:00Z", 1709164800 },
	{ "no leap day", UTC, "2023-02-29T00:00:00Z", REFUSED },
	{ "no leap day in a century", UTC, "2100-02-29T00:00:00Z", REFUSED },
	{ "a leap day in a fourth century", UTC, "2000-02-29T00:00:00Z", 951782400 },
	{ "the 31st of a short month", UTC, "2026-11-31T00:00:00Z", REFUSED },
	{ "a month too many", UTC, "2026-13-01T00:00:00Z", REFUSED },
	{ "hour 24", UTC, "2026-11-23T24:00:00Z", REFUSED },
	{ "second 60", UTC, "2016-12-31T23:59:60Z", REFUSED },
	{ "no zone", UTC, "2026-11-23T02:10:00", REFUSED },
	{ "no time", UTC, "2026-11-23", REFUSED },
	{ "no seconds", UTC, "2026-11-23T02:10Z", REFUSED },
	{ "a blank for the T", UTC, "2026-11-23 02:10:00Z", REFUSED },
	{ "an offset without its colon", UTC, "2026-11-23T02:10:00+0100", REFUSED },
	{ "a point without digits", UTC, "2026-11-23T02:10:00.Z", REFUSED },
	{ "words behind", UTC, "2026-11-23T02:10:00Zulu", REFUSED },
	{ "negative Unix seconds", UTC, "-5", REFUSED },
	{ "Unix seconds past the year 9999", UTC, "253402300800", REFUSED },
	{ "an empty instant", UTC, "", REFUSED },
};

static double
parse(enum what what, const char *text)
{
	double number;
	int64_t sec;
	uint64_t whole;

	switch (what) {
	case BPS: return units_parse_bps(text, &number) ? number : REFUSED;
	case DURATION: return units_parse_duration_sec(text, &sec) ? (double)sec : REFUSED;
	case SHARE: return units_parse_share(text, &number) ? number : REFUSED;
	case UINT: return units_parse_uint(text, 1, UINT32_MAX, &whole) ? (double)whole : REFUSED;
	case UTC: return units_parse_utc(text, &sec) ? (double)sec : REFUSED;
	}
	return REFUSED;
}

static void
check_parse(void **state)
{
	const struct parse_case *c = *state;
	double got = parse(c->what, c->text);

	if (got != c->want)
		fail_msg("\"%s\": %.17g, not %.17g", c->text, got, c->want);
}

static const struct format_case {
	const char *name;
	enum what what;
	double value;
	const char *want;
} format_cases[] = {
	{ "a rate has three digits", BPS, 9.312e9, "9.31 Gbit/s" },
	{ "two before the point", BPS, 1e10, "10.0 Gbit/s" },
	{ "three before the point", BPS, 1e11, "100 Gbit/s" },
	{ "rounding does not make a thousand", BPS, 999.6e6, "1.00 Gbit/s" },
	{ "rounding does not make a fourth digit", BPS, 9.996e9, "10.0 Gbit/s" },
	{ "a rate above all units", BPS, 1e15, "1000 Tbit/s" },
	{ "a few bits", BPS, 512, "512 bit/s" },
	{ "no bits", BPS, 0, "0 bit/s" },
	{ "less than a bit", BPS, 0.25, "0.25 bit/s" },
	{ "an unknown rate", BPS, NAN, "unknown" },
	{ "a share", SHARE, 0.9312, "93.1%" },
	{ "a share above all", SHARE, 1.05, "105.0%" },
	{ "an unknown share", SHARE, NAN, "unknown" },
	{ "hours and minutes", DURATION, 7500, "2 h 05 min" },
	{ "minutes", DURATION, 1800, "30 min" },
	{ "minutes and seconds", DURATION, 90, "1 min 30 s" },
	{ "seconds", DURATION, 59, "59 s" },
	{ "days", DURATION, 273600, "3 d 04 h" },
	{ "a negative one", DURATION, -90, "-1 min 30 s" },
	{ "an instant", UTC, 1795399800, "2026-11-23T02:10:00Z" },
	{ "before 1970", UTC, -1, "1969-12-31T23:59:59Z" },
	{ "a leap day", UTC, 951782400, "2000-02-29T00:00:00Z" },
};

static void
check_format(void **state)
{
	const struct format_case *c = *state;
	char text[64];

	switch (c->what) {
	case BPS: units_format_bps(text, sizeof(text), c->value); break;
	case SHARE: units_format_share(text, sizeof(text), c->value); break;
	case DURATION: units_format_duration(text, sizeof(text), (int64_t)c->value); break;
	default: units_format_utc(text, sizeof(text), (int64_t)c->value); break;
	}
	assert_string_equal(text, c->want);
}

#define FFFD "\xef\xbf\xbd"

static const struct clean_case {
	const char *name;
	const char *src;
	size_t src_len;
	size_t len; /* of the destination; 0: 100 */
	const char *want;
} clean_cases[] = {
	{ "plain text stays", "xe-0/0/1", 8, 0, "xe-0/0/1" },
	{ "UTF-8 stays", "K\xc3\xb6ln \xf0\x9f\x8c\x8d", 10, 0, "K\xc3\xb6ln \xf0\x9f\x8c\x8d" },
	{ "a NUL does not end the text", "a\0b", 3, 0, "a" FFFD "b" },
	{ "controls do not belong", "a\r\n\x1b[0m\x7f", 8, 0, "a" FFFD FFFD FFFD "[0m" FFFD },
	{ "a control of C1 does not belong", "\xc2\x9b", 2, 0, FFFD },
	{ "a turned direction does not belong",
	  "\xe2\x80\xae"
	  "abc",
	  6, 0, FFFD "abc" },
	{ "each stray octet is one", "\xff\xfe", 2, 0, FFFD FFFD },
	{ "a character that was cut short", "a\xe2\x82", 3, 0, "a" FFFD FFFD },
	{ "an overlong slash", "\xc0\xaf", 2, 0, FFFD FFFD },
	{ "a surrogate", "\xed\xa0\x80", 3, 0, FFFD FFFD FFFD },
	{ "beyond Unicode", "\xf4\x90\x80\x80", 4, 0, FFFD FFFD FFFD FFFD },
	{ "cut between characters", "ab\xc3\xb6", 4, 4, "ab" },
	{ "a replacement is not cut either", "ab\xff", 3, 5, "ab" },
	{ "just enough room", "ab\xc3\xb6", 4, 5, "ab\xc3\xb6" },
	{ "room for the end only", "abc", 3, 1, "" },
	{ "nothing", "", 0, 0, "" },
};

static void
check_clean(void **state)
{
	const struct clean_case *c = *state;
	char dst[100];

	assert_ptr_equal(
	    units_clean_text(dst, c->len != 0 ? c->len : sizeof(dst), c->src, c->src_len), dst);
	assert_string_equal(dst, c->want);
}

static void
every_day_of_a_thousand_years_reads_back(void **state)
{
	char date[32], instant[48];
	int64_t utc_sec;

	(void)state;
	for (int32_t day = -200000; day < 200000; day++) {
		units_format_date(date, sizeof(date), day);
		snprintf(instant, sizeof(instant), "%sT12:34:56Z", date);
		assert_true(units_parse_utc(instant, &utc_sec));
		assert_int_equal(utc_sec, (int64_t)day * 86400 + 45296);
	}
}

static void
a_short_buffer_is_terminated(void **state)
{
	char text[4];

	(void)state;
	assert_string_equal(units_format_utc(text, sizeof(text), 0), "197");
	assert_string_equal(units_format_bps(text, sizeof(text), 1e9), "1.0");
}

/* --- decimals --- */

static const struct decimal_case {
	const char *name;
	const char *text;
	bool taken;
} decimal_cases[] = {
	{ "a whole number", "12", true },
	{ "a point within", "12.5", true },
	{ "a point in front", ".5", true },
	{ "a point behind", "5.", true },
	{ "an exponent", "9.31e9", true },
	{ "a capital exponent", "1E-3", true },
	{ "an exponent with its sign", "1e+3", true },
	{ "a minus", "-1.5", true },
	{ "nineteen digits", "1234567890.123456789", true },
	{ "twenty digits", "1234567890.1234567891", true },
	{ "thirty zeros", "0.000000000000000000000000000001", true },
	{ "the smallest of all", "4.9e-324", true },
	{ "a midpoint between two doubles", "9007199254740993", true },
	{ "a midpoint and a little", "9007199254740993.0000000000000000000001", true },
	{ "a half of the last bit, divided", "4503599627370497.5", true },
	{ "too large", "1e999", true },
	{ "an exponent beyond all", "1e99999999999999999999", true },
	{ "nothing", "", false },
	{ "a point", ".", false },
	{ "a minus alone", "-", false },
	{ "a plus", "+1", false },
	{ "an exponent alone", "e5", false },
	{ "an exponent without digits", "1e", false },
	{ "an exponent with a sign only", "1e+", false },
	{ "two points", "1.2.3", false },
	{ "a blank in front", " 1", false },
	{ "a blank behind", "1 ", false },
	{ "hexadecimal", "0x1p3", false },
	{ "not a number", "nan", false },
	{ "infinite", "inf", false },
	{ "a comma", "1,5", false },
};

static void
check_decimal(void **state)
{
	const struct decimal_case *c = *state;
	double got = 0, want = strtod(c->text, NULL);

	assert_int_equal(decimal_parse(c->text, strlen(c->text), &got), c->taken);
	if (c->taken)
		assert_memory_equal(&got, &want, sizeof(got));
}

/* xorshift64*: the same numbers on every run. */
static uint64_t
next_random(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * 2685821657736338717ULL;
}

static void
decimals_are_the_nearest_doubles(void **state)
{
	uint64_t seed = 42;
	char text[64];

	(void)state;
	for (int i = 0; i < 400000; i++) {
		uint64_t bits = next_random(&seed);
		double number = ldexp((double)(bits >> 11), (int)(bits % 100) - 80), got, want;
		int digits = 1 + (int)(next_random(&seed) % 20);

		snprintf(text, sizeof(text), i % 2 == 0 ? "%.*g" : "%.*f", digits, number);
		want = strtod(text, NULL);
		assert_true(decimal_parse(text, strlen(text), &got));
		if (got != want)
			fail_msg("%s: %a, not %a", text, got, want);
	}
}

int
main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(every_day_of_a_thousand_years_reads_back),
		cmocka_unit_test(a_short_buffer_is_terminated),
		cmocka_unit_test(decimals_are_the_nearest_doubles),
	};
	struct CMUnitTest parses[COUNT(parse_cases)], formats[COUNT(format_cases)],
	    cleans[COUNT(clean_cases)], decimals[COUNT(decimal_cases)];

	for (size_t i = 0; i < COUNT(parse_cases); i++)
		parses[i] = (struct CMUnitTest) { parse_cases[i].name, check_parse, NULL, NULL,
						  (void *)&parse_cases[i] };
	for (size_t i = 0; i < COUNT(format_cases); i++)
		formats[i] = (struct CMUnitTest) { format_cases[i].name, check_format, NULL, NULL,
						   (void *)&format_cases[i] };
	for (size_t i = 0; i < COUNT(clean_cases); i++)
		cleans[i] = (struct CMUnitTest) { clean_cases[i].name, check_clean, NULL, NULL,
						  (void *)&clean_cases[i] };
	for (size_t i = 0; i < COUNT(decimal_cases); i++)
		decimals[i] = (struct CMUnitTest) { decimal_cases[i].name, check_decimal, NULL,
						    NULL, (void *)&decimal_cases[i] };
	return cmocka_run_group_tests_name("parse", parses, NULL, NULL) +
	       cmocka_run_group_tests_name("format", formats, NULL, NULL) +
	       cmocka_run_group_tests_name("clean text", cleans, NULL, NULL) +
	       cmocka_run_group_tests_name("decimal", decimals, NULL, NULL) +
	       cmocka_run_group_tests_name("units", others, NULL, NULL);
}
