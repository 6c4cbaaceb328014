/* links: tests/sim/traffic.c tests/sim/demand.c tests/sim/zone.c tests/sim/profile.c tests/sim/build.c tests/sim/world.c tests/sim/names.c tests/sim/complaint.c tests/sim/meter.c tests/sim/past.c */
/* test_sim_traffic.c - the simulator's counters are the integral it promises, and its ports behave as their names say. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>

#include "../sim/hash.h"
#include "../sim/meter.h"
#include "../sim/past.h"

#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))
#define EPOCH     INT64_C(1795392000) /* 2026-11-23T00:00:00Z, a Monday */
#define DAY_SEC   86400
#define DAY_TICKS (DAY_SEC * TICKS_PER_SEC)

static struct world *world;

static int
open_world(void **state)
{
	const struct world_settings settings = {
		3,
		6,
		120,
		1,
		{ EPOCH, EPOCH - 3 * DAY_SEC + 37200, INT64_C(7258118400), 0 },
		9 * DAY_SEC
	};
	struct complaint complaint;

	(void)state;
	return world_new(&world, &settings, &complaint) ? 0 : -1;
}

static int
close_world(void **state)
{
	(void)state;
	world_free(world);
	return 0;
}

/* The first interface of this kind that is no member of a LAG. */
static const struct interface *
port_of(enum profile profile)
{
	for (uint64_t a = 0; a < world->settings.agent_count; a++)
		for (size_t i = 0; i < world->agents[a].interface_count; i++) {
			const struct interface *found = &world->agents[a].interfaces[i];

			if (found->profile == profile && found->lag == NULL)
				return found;
		}
	fail_msg("no port of profile %s", profile_name(profile));
	return NULL;
}

typedef void each(const struct interface *interface, const struct flow *flow);

static void
for_each_flow(each *check)
{
	for (uint64_t a = 0; a < world->settings.agent_count; a++)
		for (size_t i = 0; i < world->agents[a].interface_count; i++)
			for (int d = 0; d < FLOW_DIRECTIONS; d++)
				check(&world->agents[a].interfaces[i],
				      &world->agents[a].interfaces[i].flow[d]);
}

static struct traffic_total
total_since(const struct flow *flow, int64_t from, int64_t to)
{
	struct traffic_cursor cursor;
	struct traffic_total start;

	traffic_cursor_init(&cursor, flow, from);
	start = traffic_total_at(&cursor, flow, from);
	return traffic_difference(traffic_total_at(&cursor, flow, to), start);
}

/* --- the mathematics --- */

/* The rate's own definition, times G, in quanta: a line between nodes and a triangle wave. */
static int64_t
rate_by_definition(const struct traffic_cursor *cursor, int64_t x)
{
	int64_t period = cursor->wave_ticks, y = x % period, quarter = period / 4;
	int64_t wave = y <= quarter ? y : y <= 3 * quarter ? 2 * quarter - y : y - period;

	return cursor->left.quanta * NODE_TICKS + (cursor->right.quanta - cursor->left.quanta) * x +
	       cursor->wave_quanta * wave * (NODE_TICKS / quarter);
}

/* Bends lie on whole ticks, so the trapezium of each tick is exact: 2 octets a quantum and tick, halved by the mean. */
static void
check_integral(const struct interface *interface, const struct flow *flow)
{
	int64_t node = EPOCH / NODE_SEC + (int64_t)(interface->seed % 288);
	struct traffic_cursor cursor;
	struct traffic_total start;
	traffic_parts sum = 0;

	traffic_cursor_init(&cursor, flow, node * NODE_TICKS);
	start = traffic_total_at(&cursor, flow, node * NODE_TICKS);
	for (int64_t x = 0; x < NODE_TICKS; x++) {
		struct traffic_total total = traffic_total_at(&cursor, flow, node * NODE_TICKS + x);

		assert_true(traffic_difference(total, start).octet_parts == sum);
		sum += (traffic_parts)(rate_by_definition(&cursor, x) +
				       rate_by_definition(&cursor, x + 1));
	}
	start = traffic_difference(traffic_total_at(&cursor, flow, (node + 1) * NODE_TICKS), start);
	assert_true(start.octet_parts == sum);
}

static void
counters_are_the_integral_of_the_rate(void **state)
{
	(void)state;
	for_each_flow(check_integral);
}

/* Whatever was asked before, in whatever order. */
static void
check_order(const struct interface *interface, const struct flow *flow)
{
	int64_t origin = (EPOCH - 2 * DAY_SEC) * TICKS_PER_SEC + 12345;
	struct traffic_cursor roaming;

	traffic_cursor_init(&roaming, flow, origin);
	for (uint64_t i = 0; i < 8; i++) {
		int64_t at =
		    origin + (int64_t)(hash_draw(interface->seed, i) % (4 * (uint64_t)DAY_TICKS));
		struct traffic_cursor fresh;

		traffic_cursor_init(&fresh, flow, origin);
		assert_true(traffic_total_at(&roaming, flow, at).octet_parts ==
			    traffic_total_at(&fresh, flow, at).octet_parts);
		assert_true(traffic_total_at(&roaming, flow, at).drop_parts ==
			    traffic_total_at(&fresh, flow, at).drop_parts);
	}
}

static void
an_instant_has_one_answer_whatever_was_asked_before(void **state)
{
	(void)state;
	for_each_flow(check_order);
}

/* Steps of 0.37 s: never a fall, and never more than the line carries at layer 1. */
static void
check_line(const struct interface *interface, const struct flow *flow)
{
	int64_t at = (EPOCH + (int64_t)(interface->seed % DAY_SEC)) * TICKS_PER_SEC;
	struct traffic_cursor cursor;
	struct traffic_total last;

	traffic_cursor_init(&cursor, flow, at);
	last = traffic_total_at(&cursor, flow, at);
	for (int i = 0; i < 3000; i++) {
		struct traffic_total total = traffic_total_at(&cursor, flow, at += 37);
		double octets = traffic_octets(traffic_difference(total, last));
		double wire_bps =
		    octets * 8.0 * (flow->packet_octets + 20) / flow->packet_octets / 0.37;

		assert_true(total.octet_parts >= last.octet_parts);
		assert_true(total.drop_parts >= last.drop_parts);
		assert_true(wire_bps <= (double)interface->nominal_bps);
		last = total;
	}
}

static void
counters_never_fall_and_lines_never_carry_more_than_they_can(void **state)
{
	(void)state;
	for_each_flow(check_line);
}

static void
check_lag(const struct interface *lag)
{
	int64_t from = (EPOCH - 4 * DAY_SEC) * TICKS_PER_SEC;
	const struct interface *member = lag;

	while (member->lag != lag)
		member--; /* members stand before their LAG, one beside the other */
	for (uint64_t i = 0; i < 500; i++) {
		int64_t to = from + (int64_t)(hash_draw(7, i) % (3 * (uint64_t)DAY_TICKS));

		for (int d = 0; d < FLOW_DIRECTIONS; d++) {
			struct traffic_total whole = total_since(&lag->flow[d], from, to);
			struct traffic_total one = total_since(&member[0].flow[d], from, to);
			struct traffic_total other = total_since(&member[-1].flow[d], from, to);

			assert_true(whole.octet_parts == one.octet_parts + other.octet_parts);
			assert_true(whole.drop_parts == one.drop_parts + other.drop_parts);
		}
	}
}

static void
members_add_up_to_their_lag_at_every_tick(void **state)
{
	(void)state;
	check_lag(port_of(PROFILE_LAG));
	check_lag(port_of(PROFILE_LAG_LOSS));
}

static void
a_meter_starts_at_zero_and_starts_anew_with_a_boot(void **state)
{
	const struct interface *port = port_of(PROFILE_EVENING_FULL);
	int64_t boot = (EPOCH - DAY_SEC) * TICKS_PER_SEC + 77, second = boot + DAY_TICKS + 13;
	struct meter meter;
	uint64_t before;

	(void)state;
	meter_init(&meter, port);
	assert_int_equal(meter_read(&meter, boot, boot)->direction[FLOW_OUT].octets, 0);
	before = meter_read(&meter, boot, second)->direction[FLOW_OUT].octets;
	assert_true(before > UINT64_C(10000000000));
	assert_int_equal(meter_read(&meter, second, second)->direction[FLOW_OUT].octets, 0);
	assert_int_equal(
	    meter_read(&meter, second, second + 100)->direction[FLOW_OUT].octets,
	    (uint64_t)(total_since(&port->flow[FLOW_OUT], second, second + 100).octet_parts /
		       OCTET_PARTS));
}

static void
packets_are_the_octets_over_the_mean_frame(void **state)
{
	const struct interface *port = port_of(PROFILE_SMALL_FRAMES);
	int64_t boot = EPOCH * TICKS_PER_SEC;
	struct meter meter;
	const struct traffic_counters *c;

	(void)state;
	meter_init(&meter, port);
	c = &meter_read(&meter, boot, boot + DAY_TICKS)->direction[FLOW_OUT];
	assert_int_equal(port->flow[FLOW_OUT].packet_octets, 64);
	assert_in_range(c->octets / 64 - (c->ucast + c->multicast + c->broadcast), 0, 3);
	assert_true(c->multicast > c->broadcast && c->broadcast > 0);
}

/* --- the characters --- */

/* Layer-1 utilisation of the 300 s that begin at an instant. */
static double
utilisation(struct past *past, int d, int64_t from_sec)
{
	struct past_means m =
	    past_between(past, from_sec * TICKS_PER_SEC, (from_sec + 300) * TICKS_PER_SEC);

	return (m.bps[d] + 160.0 * m.pps[d]) / m.capacity_bps;
}

/* The day that begins `ago` days before the epoch's, at 6 local time (UTC is near enough: London). */
struct day {
	double peak, sum;
	int full_minutes;          /* at or above 97 % */
	int hot_minutes;           /* at or above 90 % */
	int first_full, last_full; /* steps since 6 */
};

static struct day
day_of(const struct interface *port, int d, int ago)
{
	int64_t from =
	    EPOCH - (int64_t)ago * DAY_SEC + 6 * 3600 - zone_offset_sec(port->flow[d].zone, EPOCH);
	struct day day = { .first_full = -1 };
	struct past past;

	past_init(&past, port, from * TICKS_PER_SEC);
	for (int i = 0; i < 288; i++) {
		double u = utilisation(&past, d, from + i * 300);

		day.peak = u > day.peak ? u : day.peak;
		day.sum += u;
		day.hot_minutes += u >= 0.90 ? 5 : 0;
		day.full_minutes += u >= 0.97 ? 5 : 0;
		if (u >= 0.97) {
			day.first_full = day.first_full < 0 ? i : day.first_full;
			day.last_full = i;
		}
	}
	return day;
}

static void
an_evening_full_port_fills_for_hours_every_working_evening(void **state)
{
	const struct interface *port = port_of(PROFILE_EVENING_FULL);

	(void)state;
	for (int ago = 1; ago <= 35; ago++) {
		struct day day = day_of(port, FLOW_OUT, ago);
		bool weekend = ago % 7 == 2 || ago % 7 == 3; /* Saturday, Friday */

		assert_true(day.peak <= 0.9905);
		assert_true(day.hot_minutes >= (weekend ? 60 : 180));
		assert_true(day.full_minutes <= 270);
		if (weekend)
			continue;
		assert_true(day.peak >= 0.97);
		assert_true(day.full_minutes >= 90);
		assert_true(day.first_full >= (17 - 6) * 12);
	}
}

static void
a_port_that_is_full_discards_and_others_do_not(void **state)
{
	struct past full, ordinary;
	struct past_means evening, night, other;
	int64_t day = (EPOCH - 4 * DAY_SEC) * TICKS_PER_SEC; /* a Thursday */
	const int hour = 3600 * TICKS_PER_SEC;

	(void)state;
	past_init(&full, port_of(PROFILE_EVENING_FULL), day);
	past_init(&ordinary, port_of(PROFILE_ORDINARY), day);
	night = past_between(&full, day + 3 * hour, day + 4 * hour);
	evening = past_between(&full, day + 19 * hour, day + 21 * hour);
	other = past_between(&ordinary, day, day + 24 * hour);
	assert_true(night.discards_pps[FLOW_OUT] == 0.0);
	assert_true(evening.discards_pps[FLOW_OUT] >
		    0.001 * (evening.pps[FLOW_OUT] + evening.discards_pps[FLOW_OUT]));
	assert_true(other.discards_pps[FLOW_OUT] == 0.0);
}

static void
a_flash_event_fills_its_days_and_no_other(void **state)
{
	static const struct {
		enum profile profile;
		int first_ago, last_ago;
	} events[] = { { PROFILE_FLASH_DAYS, 6, 5 }, { PROFILE_FLASH_EVENING, 3, 3 } };

	(void)state;
	for (size_t e = 0; e < COUNT(events); e++)
		for (int ago = 1; ago <= 30; ago++) {
			struct day day = day_of(port_of(events[e].profile), FLOW_OUT, ago);
			bool in = ago <= events[e].first_ago && ago >= events[e].last_ago;

			assert_true(in ? day.hot_minutes >= 60 : day.peak < 0.70);
		}
}

static void
spikes_last_ten_to_twenty_minutes_on_some_days(void **state)
{
	const struct interface *port = port_of(PROFILE_SPIKES);
	int days = 0;

	(void)state;
	for (int ago = 1; ago <= 28; ago++) {
		struct day day = day_of(port, FLOW_OUT, ago);

		assert_true(day.hot_minutes == 0 ||
			    (day.hot_minutes >= 10 && day.hot_minutes <= 20));
		days += day.hot_minutes > 0;
	}
	assert_in_range(days, 7, 19);
}

static void
ordinary_ports_peak_between_5_and_75_percent(void **state)
{
	(void)state;
	for (uint64_t a = 0; a < world->settings.agent_count; a++)
		for (size_t i = 0; i < world->agents[a].interface_count; i++) {
			const struct interface *port = &world->agents[a].interfaces[i];
			double in, out;

			if (port->profile != PROFILE_ORDINARY && port->profile != PROFILE_HEAVY)
				continue;
			in = day_of(port, FLOW_IN, 1).peak;
			out = day_of(port, FLOW_OUT, 1).peak;
			assert_true((in > out ? in : out) >= 0.04);
			assert_true((in > out ? in : out) <= 0.75);
		}
}

static void
nights_are_low_and_evenings_are_high(void **state)
{
	const struct interface *port = port_of(PROFILE_HEAVY);
	int64_t local = EPOCH - 4 * DAY_SEC - zone_offset_sec(port->flow[FLOW_OUT].zone, EPOCH);
	double hours[24], low = 1, high = 0;
	struct past past;

	(void)state;
	past_init(&past, port, local * TICKS_PER_SEC);
	for (int h = 0; h < 24; h++) {
		hours[h] = 0;
		for (int s = 0; s < 12; s++)
			hours[h] += utilisation(&past, FLOW_OUT, local + h * 3600 + s * 300) / 12;
		low = hours[h] < low ? hours[h] : low;
		high = hours[h] > high ? hours[h] : high;
	}
	assert_true(low == hours[4] || low == hours[5]);
	assert_true(high == hours[20] || high == hours[21] || high == hours[19]);
	assert_true(low < 0.35 * high);
}

static void
a_lag_that_loses_a_member_halves(void **state)
{
	const struct interface *lag = port_of(PROFILE_LAG_LOSS);
	int64_t loss = world->settings.story.lag_loss_utc_sec;
	struct past past;
	struct past_means m;

	(void)state;
	assert_int_equal(interface_speed_bps(lag, loss - 1), UINT64_C(20000000000));
	assert_int_equal(interface_speed_bps(lag, loss), UINT64_C(10000000000));
	assert_true(interface_up(lag, loss));
	past_init(&past, lag, (loss - 300) * TICKS_PER_SEC);
	m = past_between(&past, (loss - 100) * TICKS_PER_SEC, (loss + 300) * TICKS_PER_SEC);
	assert_float_equal(m.capacity_bps, 12.5e9, 1.0);
	assert_true(day_of(lag, FLOW_OUT, 4).peak < 0.65);
	assert_true(day_of(lag, FLOW_OUT, 1).hot_minutes >= 60);
}

static void
a_link_that_is_down_carries_nothing(void **state)
{
	const struct interface *port = port_of(PROFILE_LINK_DOWN);

	(void)state;
	assert_false(interface_up(port, EPOCH));
	assert_true(total_since(&port->flow[FLOW_OUT], (EPOCH - 30 * DAY_SEC) * TICKS_PER_SEC,
				EPOCH * TICKS_PER_SEC)
			.octet_parts == 0);
}

static void
a_port_without_speed_has_no_capacity(void **state)
{
	struct past past;

	(void)state;
	past_init(&past, port_of(PROFILE_SPEEDLESS), EPOCH * TICKS_PER_SEC);
	assert_true(
	    past_between(&past, EPOCH * TICKS_PER_SEC, (EPOCH + 60) * TICKS_PER_SEC).capacity_bps ==
	    0.0);
}

static void
small_frames_fill_layer_1_first(void **state)
{
	const struct interface *port = port_of(PROFILE_SMALL_FRAMES);
	struct day day = day_of(port, FLOW_OUT, 1);

	(void)state;
	assert_true(day.peak > 0.85);
	assert_true(day.peak * 64 / 84 < 0.76);
}

static void
a_contract_is_used_up_where_the_line_is_half_empty(void **state)
{
	const struct interface *port = port_of(PROFILE_CONTRACT);
	double peak = day_of(port, FLOW_OUT, 1).peak * (double)port->nominal_bps;

	(void)state;
	assert_int_equal(port->contracted_bps, UINT64_C(5000000000));
	assert_true(peak > 0.9 * 5e9 && peak < 1.1 * 5e9);
}

/* At whatever hour the story has it, in whatever zone the exchange is, on every day of the week. */
static void
a_far_peer_is_full_when_its_viewers_have_evening(void **state)
{
	(void)state;
	for (int hour = 0; hour < 24; hour++) {
		struct world_settings settings = world->settings;
		struct complaint complaint;
		struct world *far;
		const struct agent *agent;
		const struct interface *port = NULL;

		settings.exchange_count = settings.agent_count = 1 + (uint64_t)hour % 7;
		settings.story.far_evening_sec = hour == 0 ? DAY_SEC : hour * 3600;
		assert_true(world_new(&far, &settings, &complaint));
		agent = &far->agents[PORT_FAR_EVENING % settings.agent_count];
		for (size_t i = 0; i < agent->interface_count; i++)
			if (agent->interfaces[i].profile == PROFILE_FAR_EVENING)
				port = &agent->interfaces[i];
		assert_non_null(port);
		for (int ago = 0; ago < 35; ago++) {
			int64_t at = EPOCH - (int64_t)ago * DAY_SEC + hour * 3600;
			struct past past;

			past_init(&past, port, (at - 4500) * TICKS_PER_SEC);
			for (int64_t t = at - 3600; t <= at + 3600; t += 300)
				assert_true(utilisation(&past, FLOW_OUT, t) >= 0.965);
			assert_true(utilisation(&past, FLOW_OUT, at + 8 * 3600) < 0.65);
		}
		world_free(far);
	}
	assert_int_equal(world->settings.story.far_evening_sec, 0);
	for (uint64_t a = 0; a < world->settings.agent_count; a++)
		for (size_t i = 0; i < world->agents[a].interface_count; i++)
			assert_int_not_equal(world->agents[a].interfaces[i].profile,
					     PROFILE_FAR_EVENING);
}

#define TEST(f)                                                                                    \
	{                                                                                          \
#f, f, NULL, NULL, NULL                                                            \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(counters_are_the_integral_of_the_rate),
		TEST(an_instant_has_one_answer_whatever_was_asked_before),
		TEST(counters_never_fall_and_lines_never_carry_more_than_they_can),
		TEST(members_add_up_to_their_lag_at_every_tick),
		TEST(a_meter_starts_at_zero_and_starts_anew_with_a_boot),
		TEST(packets_are_the_octets_over_the_mean_frame),
		TEST(an_evening_full_port_fills_for_hours_every_working_evening),
		TEST(a_port_that_is_full_discards_and_others_do_not),
		TEST(a_flash_event_fills_its_days_and_no_other),
		TEST(spikes_last_ten_to_twenty_minutes_on_some_days),
		TEST(ordinary_ports_peak_between_5_and_75_percent),
		TEST(nights_are_low_and_evenings_are_high),
		TEST(a_lag_that_loses_a_member_halves),
		TEST(a_link_that_is_down_carries_nothing),
		TEST(a_port_without_speed_has_no_capacity),
		TEST(small_frames_fill_layer_1_first),
		TEST(a_contract_is_used_up_where_the_line_is_half_empty),
		TEST(a_far_peer_is_full_when_its_viewers_have_evening),
	};

	return cmocka_run_group_tests_name("sim traffic", tests, open_world, close_world);
}
