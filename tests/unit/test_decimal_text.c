/* links: base/decimal_text.c */
/* test_decimal_text.c - doubles as text: as the C library says them in 15 digits, or in 17. */
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

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define RANDOM   100000

static void
check(double value)
{
	char want[40], got[DECIMAL_SIZE];
	size_t len;

	snprintf(want, sizeof(want), "%.15g", value);
	if (strtod(want, NULL) != value)
		snprintf(want, sizeof(want), "%.17g", value);
	len = decimal_text(got, value);
	assert_string_equal(got, want);
	assert_int_equal(len, strlen(want));
	assert_true(strtod(got, NULL) == value);
}

static void
the_edges(void **state)
{
	static const double values[] = {
		0,
		-0.0,
		1,
		-1,
		0.1,
		0.5,
		1.5,
		2,
		9.5,
		10,
		99.99999999999999,
		1e9,
		1e10,
		1e14,
		1e15,
		1e16,
		1e17,
		1e22,
		1e300,
		5e-324,
		1e-7,
		123456789.125,
		9e15,
		8.999,
		1.0 / 3,
		2.0 / 3,
		1e14 - 0.015625,
		999999999999999.9,
		99999999999999.98,
		4503599627370496.5,
		9007199254740991.0,
		9007199254740993.0,
		33333333333.333332,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		check(values[i]);
		check(nextafter(values[i], INFINITY));
		check(nextafter(values[i], -INFINITY));
	}
	for (int power = -30; power < 64; power++) {
		check(ldexp(1, power));
		check(nextafter(ldexp(1, power), 0));
	}
}

static uint64_t
next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* What people write, what archives keep, and any double at all. */
static void
a_great_many(void **state)
{
	uint64_t seed = UINT64_C(88172645463325252);

	(void)state;
	for (int i = 0; i < RANDOM; i++) {
		uint64_t bits = next(&seed);
		double any;

		check((double)(bits % 1000000000000u) / (double)(1 + next(&seed) % 300));
		check((double)(bits >> 12) / 1000.0);
		check(ldexp((double)(bits >> 11), -(int)(next(&seed) % 54)));
		memcpy(&any, &bits, sizeof(any));
		if (isfinite(any))
			check(any);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_edges),
		cmocka_unit_test(a_great_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
