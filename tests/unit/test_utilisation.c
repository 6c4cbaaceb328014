/* links: measure/utilisation.c */
/* test_utilisation.c - how full a direction is, on the wire. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "ixwatch/utilisation.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define GIGA     1e9

static const struct share_case {
	const char *name;
	double bps, pps, capacity_bps;
	bool fit;
	double want_wire_bps, want_share; /* NAN: unknown */
} cases[] = {
	/* 10 Gbit/s hold 14,880,952 frames of 64 octets a second: 84 octets each on the wire */
	{ "a port full of 64-octet frames is full", 64 * 8 * 14880952.380952381, 14880952.380952381,
	  10 * GIGA, true, 10 * GIGA, 1 },
	{ "1,500-octet packets in 1,518-octet frames are full at 98.7% of layer 2",
	  1518 * 8 * 812743.823146944, 812743.823146944, 10 * GIGA, true, 10 * GIGA, 1 },
	{ "an idle direction fits and is empty", 0, 0, GIGA, true, 0, 0 },
	{ "60 octets a packet fit: the frame without its FCS", 480, 1, 1000, true, 640, 0.64 },
	{ "59 octets a packet do not", 472, 1, 1000, false, 472, 0.472 },
	{ "9,216 octets a packet fit", 73728, 1, 100000, true, 73888, 0.73888 },
	{ "9,217 octets a packet do not", 73736, 1, 100000, false, 73736, 0.73736 },
	{ "unknown packets: layer 2", 900, NAN, 1000, false, 900, 0.9 },
	{ "octets without packets: layer 2", 900, 0, 1000, false, 900, 0.9 },
	{ "packets without octets: layer 2", 0, 5, 1000, false, 0, 0 },
	{ "unknown octets are unknown, not idle", NAN, 100, 1000, false, NAN, NAN },
	{ "an unknown capacity is unknown", 900, NAN, NAN, false, 900, NAN },
	{ "a capacity of 0 is unknown", 900, NAN, 0, false, 900, NAN },
	{ "idle on an unknown capacity is unknown", 0, 0, NAN, true, 0, NAN },
	{ "against a smaller contract it exceeds 1", 1500, NAN, 1000, false, 1500, 1.5 },
};

static bool
same(double got, double want)
{
	return isnan(want) ? isnan(got) : fabs(got - want) <= 1e-9 * fabs(want);
}

static void
check_case(void **state)
{
	const struct share_case *c = *state;

	assert_int_equal(utilisation_packets_fit(c->bps, c->pps), c->fit);
	assert_true(same(utilisation_wire_bps(c->bps, c->pps), c->want_wire_bps));
	assert_true(same(utilisation_share(c->bps, c->pps, c->capacity_bps), c->want_share));
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases)];

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i] = (struct CMUnitTest) { cases[i].name, check_case, NULL, NULL,
						 (void *)&cases[i] };
	return cmocka_run_group_tests_name("utilisation", tests, NULL, NULL);
}
