/* links: tests/sim/answer.c tests/sim/mib.c tests/sim/objects.c tests/sim/ber.c tests/sim/box.c tests/sim/fault.c tests/sim/instant.c tests/sim/traffic.c tests/sim/demand.c tests/sim/zone.c tests/sim/profile.c tests/sim/build.c tests/sim/world.c tests/sim/names.c tests/sim/complaint.c tests/sim/meter.c */
/* test_sim_answer.c - the simulated agent: what it answers to GET, GETNEXT and GETBULK, to faults and to rubbish. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../sim/answer.h"
#include "../sim/ber.h"
#include "../sim/hash.h"

#define COUNT(a)   (sizeof(a) / sizeof((a)[0]))
#define EPOCH      INT64_C(1795392000) /* 2026-11-23T00:00:00Z */
#define NOW        (EPOCH * TICKS_PER_SEC + 4242)
#define MAX_ANSWER 65507
#define MAX_VALUES 2000

static struct world *world;
static struct box boxes[6];
static struct answer_rules rules = { "public", 1472 };

static int
open_world(void **state)
{
	const struct world_settings settings = {
		3, 6, 120, 1, { EPOCH, EPOCH - 3 * 86400, INT64_C(7258118400), 0 }, 9 * 86400
	};
	struct complaint complaint;

	(void)state;
	if (!world_new(&world, &settings, &complaint))
		return -1;
	for (size_t a = 0; a < COUNT(boxes); a++)
		box_init(&boxes[a], &world->agents[a]);
	return 0;
}

static int
close_world(void **state)
{
	(void)state;
	for (size_t a = 0; a < COUNT(boxes); a++)
		box_close(&boxes[a]);
	world_free(world);
	return 0;
}

/* --- a manager --- */

struct name {
	size_t len;
	uint32_t id[20];
};
#define NAME(...)                                                                                  \
	((struct name) { sizeof((uint32_t[]) { __VA_ARGS__ }) / sizeof(uint32_t), { __VA_ARGS__ } })
#define IFX(column, index) NAME(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, column, index)
#define UPTIME             NAME(1, 3, 6, 1, 2, 1, 1, 3, 0)
#define REQUEST_ID         0x12345678

struct value {
	struct oid name;
	uint8_t tag;
	struct ber_in content;
};

struct response {
	size_t len;
	uint8_t octets[MAX_ANSWER];
	int32_t status, index;
	size_t count;
	struct value values[MAX_VALUES];
};
static struct response response;

static size_t
write_request(uint8_t *buffer, size_t size, uint8_t type, const char *community, int32_t second,
	      int32_t third, const struct name *names, size_t count)
{
	struct ber_out out;
	size_t message, pdu, list, pair;

	ber_out_init(&out, buffer, size);
	message = ber_open(&out, BER_SEQUENCE);
	ber_put_int32(&out, 1);
	ber_put_octets(&out, BER_OCTETS, community, strlen(community));
	pdu = ber_open(&out, type);
	ber_put_int32(&out, REQUEST_ID);
	ber_put_int32(&out, second);
	ber_put_int32(&out, third);
	list = ber_open(&out, BER_SEQUENCE);
	for (size_t i = 0; i < count; i++) {
		pair = ber_open(&out, BER_SEQUENCE);
		ber_put_oid(&out, names[i].id, 2, names[i].id + 2, names[i].len - 2);
		ber_put_empty(&out, BER_NULL);
		ber_close(&out, pair);
	}
	ber_close(&out, list);
	ber_close(&out, pdu);
	ber_close(&out, message);
	assert_false(out.overflow);
	return (size_t)(out.at - out.start);
}

static void
read_response(void)
{
	struct ber_in in = { response.octets, response.octets + response.len }, message, community,
		      pdu, list;
	int32_t version, id;

	assert_true(ber_take(&in, BER_SEQUENCE, &message) && in.at == in.end);
	assert_true(ber_take_int32(&message, &version) && version == 1);
	assert_true(ber_take(&message, BER_OCTETS, &community));
	assert_memory_equal(community.at, "public", 6);
	assert_true(ber_take(&message, BER_RESPONSE, &pdu) && message.at == message.end);
	assert_true(ber_take_int32(&pdu, &id) && id == REQUEST_ID);
	assert_true(ber_take_int32(&pdu, &response.status) &&
		    ber_take_int32(&pdu, &response.index));
	assert_true(ber_take(&pdu, BER_SEQUENCE, &list) && pdu.at == pdu.end);
	for (response.count = 0; list.at < list.end; response.count++) {
		struct value *value = &response.values[response.count];
		struct ber_in pair;

		assert_in_range(response.count, 0, MAX_VALUES - 1);
		assert_true(ber_take(&list, BER_SEQUENCE, &pair) &&
			    ber_take_oid(&pair, &value->name));
		assert_true(ber_take_any(&pair, &value->tag, &value->content) &&
			    pair.at == pair.end);
	}
}

/* Asks agent 0 at NOW. */
static void
ask(uint8_t type, int32_t second, int32_t third, const struct name *names, size_t count)
{
	static uint8_t request[MAX_ANSWER];
	size_t len =
	    write_request(request, sizeof(request), type, "public", second, third, names, count);

	assert_true(box_at(&boxes[0], NOW));
	response.len = answer(&boxes[0], &rules, request, len, response.octets);
	assert_in_range(response.len, 1, rules.max_size);
	read_response();
}

static uint64_t
number(const struct value *value)
{
	uint64_t n = 0;

	for (const uint8_t *at = value->content.at; at < value->content.end; at++)
		n = n << 8 | *at;
	return n;
}

static bool
text_is(const struct value *value, const char *text)
{
	size_t len = (size_t)(value->content.end - value->content.at);

	return value->tag == BER_OCTETS && len == strlen(text) &&
	       memcmp(value->content.at, text, len) == 0;
}

static bool
name_is(const struct value *value, const struct name *name)
{
	return value->name.len == name->len &&
	       memcmp(value->name.id, name->id, name->len * sizeof(name->id[0])) == 0;
}

static const struct interface *
first_port(void)
{
	return &world->agents[0].interfaces[2];
}

/* --- GET --- */

static void
get_answers_what_was_asked_in_order(void **state)
{
	const struct interface *port = first_port();
	const struct name names[] = { UPTIME,
				      IFX(1, port->if_index),
				      IFX(6, port->if_index),
				      IFX(10, port->if_index),
				      IFX(15, port->if_index),
				      IFX(18, port->if_index) };
	struct meter meter;
	const struct meter_reading *truth;

	(void)state;
	ask(BER_GET, 0, 0, names, COUNT(names));
	assert_int_equal(response.count, COUNT(names));
	for (size_t i = 0; i < COUNT(names); i++)
		assert_true(name_is(&response.values[i], &names[i]));
	meter_init(&meter, port);
	truth = meter_read(&meter, world->agents[0].boot_ticks, NOW);
	assert_int_equal(response.values[0].tag, BER_TICKS);
	assert_int_equal(number(&response.values[0]), NOW - world->agents[0].boot_ticks);
	assert_true(text_is(&response.values[1], port->name));
	assert_int_equal(response.values[2].tag, BER_COUNTER64);
	assert_int_equal(number(&response.values[2]), truth->direction[FLOW_IN].octets);
	assert_int_equal(number(&response.values[3]), truth->direction[FLOW_OUT].octets);
	assert_int_equal(number(&response.values[4]), port->nominal_bps / 1000000);
	assert_true(text_is(&response.values[5], port->alias));
}

static void
get_tells_a_missing_row_from_a_missing_object(void **state)
{
	const struct name names[] = { IFX(6, 99999), NAME(1, 3, 6, 1, 2, 1, 99, 0),
				      NAME(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6),
				      NAME(1, 3, 6, 1, 2, 1, 1, 3, 0, 0), NAME(1, 3) };
	static const uint8_t want[] = { BER_NO_INSTANCE, BER_NO_OBJECT, BER_NO_INSTANCE,
					BER_NO_INSTANCE, BER_NO_OBJECT };

	(void)state;
	ask(BER_GET, 0, 0, names, COUNT(names));
	assert_int_equal(response.status, 0);
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_int_equal(response.values[i].tag, want[i]);
		assert_true(name_is(&response.values[i], &names[i]));
	}
}

static void
get_that_does_not_fit_is_too_big(void **state)
{
	struct name names[100];

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		names[i] = IFX(18, first_port()->if_index);
	ask(BER_GET, 0, 0, names, COUNT(names));
	assert_int_equal(response.status, 1);
	assert_int_equal(response.count, 0);
	rules.max_size = MAX_ANSWER;
	ask(BER_GET, 0, 0, names, COUNT(names));
	rules.max_size = 1472;
	assert_int_equal(response.status, 0);
	assert_int_equal(response.count, COUNT(names));
}

static void
more_varbinds_than_served_are_too_big(void **state)
{
	static struct name names[ANSWER_MAX_VARBINDS + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		names[i] = UPTIME;
	rules.max_size = MAX_ANSWER;
	ask(BER_GET, 0, 0, names, COUNT(names));
	assert_int_equal(response.status, 1);
	ask(BER_GETBULK, 0, 0, names, COUNT(names));
	assert_int_equal(response.status, 1);
	ask(BER_GET, 0, 0, names, COUNT(names) - 1);
	rules.max_size = 1472;
	assert_int_equal(response.status, 0);
}

static void
set_is_refused(void **state)
{
	const struct name names[] = { NAME(1, 3, 6, 1, 2, 1, 1, 5, 0) };

	(void)state;
	ask(BER_SET, 0, 0, names, 1);
	assert_int_equal(response.status, 6);
	assert_int_equal(response.index, 1);
	assert_int_equal(response.count, 1);
}

/* --- GETNEXT, GETBULK --- */

static struct name
name_of(const struct value *value)
{
	struct name name = { .len = value->name.len };

	assert_in_range(name.len, 2, COUNT(name.id));
	memcpy(name.id, value->name.id, name.len * sizeof(name.id[0]));
	return name;
}

static int
compare(const struct name *a, const struct name *b)
{
	for (size_t i = 0; i < a->len && i < b->len; i++)
		if (a->id[i] != b->id[i])
			return a->id[i] < b->id[i] ? -1 : 1;
	return (a->len > b->len) - (a->len < b->len);
}

/* Every instance of agent 0, by GETNEXT. */
static struct name walked[MAX_VALUES];
static size_t walked_count;

static void
walk(void)
{
	struct name at = NAME(1, 0);

	for (walked_count = 0;; walked_count++) {
		ask(BER_GETNEXT, 0, 0, &at, 1);
		assert_int_equal(response.count, 1);
		if (response.values[0].tag == BER_END_OF_VIEW)
			break;
		assert_in_range(walked_count, 0, MAX_VALUES - 1);
		walked[walked_count] = name_of(&response.values[0]);
		assert_true(compare(&at, &walked[walked_count]) < 0);
		at = walked[walked_count];
	}
	assert_true(name_is(&response.values[0], &at));
}

static void
getnext_walks_everything_in_order(void **state)
{
	(void)state;
	walk();
	/* 18 columns of ifTable and 19 of ifXTable for each interface; no column is missing. */
	assert_true(walked_count > 37 * world->agents[0].interface_count);
}

static void
what_getnext_finds_get_finds_too(void **state)
{
	(void)state;
	walk();
	for (size_t i = 0; i < walked_count; i++) {
		ask(BER_GET, 0, 0, &walked[i], 1);
		assert_true(response.values[0].tag < BER_NO_OBJECT);
	}
}

/* The successor of names between instances: cut off, and with something behind. */
static void
getnext_of_a_name_that_does_not_exist_is_the_next_that_does(void **state)
{
	(void)state;
	walk();
	for (size_t i = 0; i + 1 < walked_count; i++) {
		struct name longer = walked[i], shorter = walked[i + 1];

		longer.id[longer.len++] = (uint32_t)i % 3;
		ask(BER_GETNEXT, 0, 0, &longer, 1);
		assert_true(name_is(&response.values[0], &walked[i + 1]));
		shorter.len--;
		if (compare(&shorter, &walked[i]) <= 0)
			continue;
		ask(BER_GETNEXT, 0, 0, &shorter, 1);
		assert_true(name_is(&response.values[0], &walked[i + 1]));
	}
}

static void
getbulk_is_so_many_getnexts(void **state)
{
	const struct name names[] = { NAME(1, 3, 6, 1, 2, 1, 1, 3),
				      NAME(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1),
				      NAME(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6) };
	const uint32_t base = world->agents[0].interfaces[0].if_index;

	(void)state;
	ask(BER_GETBULK, 1, 4, names, COUNT(names));
	assert_int_equal(response.count, 1 + 2 * 4);
	assert_true(name_is(&response.values[0], &UPTIME));
	for (uint32_t r = 0; r < 4; r++) {
		assert_true(name_is(&response.values[1 + 2 * r], &IFX(1, base + r)));
		assert_true(name_is(&response.values[2 + 2 * r], &IFX(6, base + r)));
	}
}

static void
getbulk_walks_the_same_as_getnext(void **state)
{
	struct name at = NAME(1, 0);
	size_t n = 0;

	(void)state;
	walk();
	for (;;) {
		ask(BER_GETBULK, 0, 1000, &at, 1);
		assert_in_range(response.count, 1, 1000);
		for (size_t i = 0; i < response.count && response.values[i].tag != BER_END_OF_VIEW;
		     i++)
			assert_true(name_is(&response.values[i], &walked[n++]));
		if (response.values[response.count - 1].tag == BER_END_OF_VIEW)
			break;
		at = name_of(&response.values[response.count - 1]);
	}
	assert_int_equal(n, walked_count);
	assert_true(name_is(&response.values[response.count - 1], &walked[n - 1]));
}

static void
getbulk_stops_when_every_column_has_ended(void **state)
{
	const struct name names[] = { NAME(1, 3, 6, 1, 2, 1, 31, 1, 6), NAME(2, 5) };

	(void)state;
	ask(BER_GETBULK, 0, 100, names, COUNT(names));
	/* One value and one end; then a round of two ends. */
	assert_int_equal(response.count, 4);
	assert_int_equal(response.values[0].tag, BER_TICKS);
	for (size_t i = 1; i < 4; i++)
		assert_int_equal(response.values[i].tag, BER_END_OF_VIEW);
	assert_true(name_is(&response.values[1], &names[1]));
	assert_true(name_is(&response.values[2], &NAME(1, 3, 6, 1, 2, 1, 31, 1, 6, 0)));
}

static void
getbulk_with_nothing_to_repeat_answers_its_non_repeaters(void **state)
{
	const struct name names[] = { NAME(1, 3, 6, 1, 2, 1, 1, 3), NAME(1, 3, 6, 1, 2, 1, 1, 5) };

	(void)state;
	ask(BER_GETBULK, 1, 0, names, 2);
	assert_int_equal(response.count, 1);
	ask(BER_GETBULK, 5, 7, names, 2);
	assert_int_equal(response.count, 2);
	ask(BER_GETBULK, -1, -1, names, 2);
	assert_int_equal(response.count, 0);
}

/* --- tables --- */

static void
a_lag_names_its_members(void **state)
{
	const struct agent *agent = &world->agents[0];
	const struct interface *lag = &agent->interfaces[agent->interface_count - 1];
	const struct interface *member = agent->interfaces;

	(void)state;
	while (member->lag != lag)
		member++;
	const struct name names[] = {
		NAME(1, 2, 840, 10006, 300, 43, 1, 2, 1, 1, 12, member->if_index),
		NAME(1, 2, 840, 10006, 300, 43, 1, 2, 1, 1, 13, member->if_index),
		NAME(1, 2, 840, 10006, 300, 43, 1, 2, 1, 1, 13, member[1].if_index),
		NAME(1, 3, 6, 1, 2, 1, 31, 1, 2, 1, 3, lag->if_index, member->if_index),
		NAME(1, 3, 6, 1, 2, 1, 2, 2, 1, 8, member[1].if_index),
		IFX(15, lag->if_index),
		NAME(1, 3, 6, 1, 2, 1, 31, 1, 2, 1, 3, 0, member->if_index),
	};

	ask(BER_GET, 0, 0, names, COUNT(names));
	assert_int_equal(lag->profile, PROFILE_LAG_LOSS);
	assert_int_equal(number(&response.values[0]), lag->if_index);
	assert_int_equal(number(&response.values[1]), lag->if_index);
	assert_int_equal(number(&response.values[2]), 0); /* the lost one is attached to nothing */
	assert_int_equal(number(&response.values[3]), 1);
	assert_int_equal(number(&response.values[4]), 2); /* down */
	assert_int_equal(number(&response.values[5]), 10000);
	assert_int_equal(response.values[6].tag, BER_NO_INSTANCE);
}

static void
old_counters_are_the_low_32_bits_of_the_new(void **state)
{
	uint32_t index = first_port()->if_index;
	const struct name names[] = { IFX(6, index), NAME(1, 3, 6, 1, 2, 1, 2, 2, 1, 10, index),
				      NAME(1, 3, 6, 1, 2, 1, 2, 2, 1, 5, index) };

	(void)state;
	ask(BER_GET, 0, 0, names, COUNT(names));
	assert_true(number(&response.values[0]) > UINT32_MAX);
	assert_int_equal(response.values[1].tag, BER_COUNTER32);
	assert_int_equal(number(&response.values[1]), number(&response.values[0]) & UINT32_MAX);
	assert_int_equal(number(&response.values[2]), UINT32_MAX); /* ifSpeed of 10G saturates */
}

/* --- silence --- */

static size_t
answer_len(const uint8_t *request, size_t len)
{
	assert_true(box_at(&boxes[1], NOW));
	return answer(&boxes[1], &rules, request, len, response.octets);
}

static void
what_is_not_ours_is_met_with_silence(void **state)
{
	const struct name name = UPTIME;
	uint8_t request[200];
	size_t len = write_request(request, sizeof(request), BER_GET, "public", 0, 0, &name, 1);

	(void)state;
	assert_true(answer_len(request, len) > 0);
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(answer_len(request, cut), 0);
	request[4] = 0; /* version 1 */
	assert_int_equal(answer_len(request, len), 0);
	request[4] = 3; /* version 3 */
	assert_int_equal(answer_len(request, len), 0);
	len = write_request(request, sizeof(request), BER_GET, "publi", 0, 0, &name, 1);
	assert_int_equal(answer_len(request, len), 0);
	len = write_request(request, sizeof(request), BER_GET, "public1", 0, 0, &name, 1);
	assert_int_equal(answer_len(request, len), 0);
	len = write_request(request, sizeof(request), BER_RESPONSE, "public", 0, 0, &name, 1);
	assert_int_equal(answer_len(request, len), 0);
	len = write_request(request, sizeof(request), 0xa7, "public", 0, 0, &name, 1); /* a trap */
	assert_int_equal(answer_len(request, len), 0);
}

/* Octets changed, cut out, put in; with sanitizers this is the test that nothing is read or written beside. */
static size_t
mutate(uint8_t *octets, size_t len, size_t size, uint64_t seed)
{
	uint64_t times = 1 + hash_draw(seed, 0) % 6;

	for (uint64_t i = 1; i <= times; i++) {
		uint64_t draw = hash_draw(seed, i), at = draw % len;

		switch (draw >> 40 & 3) {
		case 0: octets[at] = (uint8_t)(draw >> 32); break;
		case 1: octets[at] ^= (uint8_t)(1u << (draw >> 32 & 7)); break;
		case 2:
			if (len > 2) {
				memmove(octets + at, octets + at + 1, len - at - 1);
				len--;
			}
			break;
		default:
			if (len < size) {
				memmove(octets + at + 1, octets + at, len - at);
				octets[at] = (uint8_t)(draw >> 32);
				len++;
			}
		}
	}
	return len;
}

static void
mutated_requests_never_get_more_than_an_answer(void **state)
{
	static const uint8_t types[] = { BER_GET, BER_GETNEXT, BER_GETBULK, BER_SET };
	const struct name names[] = { UPTIME, IFX(1, 2), IFX(6, 2),
				      NAME(1, 3, 6, 1, 2, 1, 31, 1, 2, 1, 3, 0, 5),
				      NAME(1, 2, 840, 10006, 300, 43, 1, 2, 1, 1, 21, 3) };
	size_t answered = 0;

	(void)state;
	for (uint64_t i = 0; i < 200000; i++) {
		uint8_t request[300];
		size_t len =
		    write_request(request, 250, types[i % COUNT(types)], "public", (int32_t)(i % 3),
				  (int32_t)(i % 40), names, COUNT(names));
		/* Of exact size, so that a sanitizer sees a read behind the end. */
		uint8_t *exact, *reply = malloc(rules.max_size);

		len = mutate(request, len, sizeof(request), i);
		exact = malloc(len);
		assert_true(exact != NULL && reply != NULL && box_at(&boxes[1], NOW));
		memcpy(exact, request, len);
		len = answer(&boxes[1], &rules, exact, len, reply);
		assert_in_range(len, 0, rules.max_size);
		answered += len > 0;
		free(exact);
		free(reply);
	}
	assert_in_range(answered, 1000, 200000);
}

/* --- faults --- */

static bool
add_fault(struct box *box, const char *text)
{
	struct complaint complaint = { "" };

	return box_fault_add(box, world, text, NOW, &complaint);
}

static void
a_silent_agent_speaks_again(void **state)
{
	(void)state;
	assert_true(add_fault(boxes, "demo-nyc/edge1:silent@now+10s/now+20s"));
	assert_true(box_at(&boxes[2], NOW + 999));
	assert_false(box_at(&boxes[2], NOW + 1000));
	assert_false(box_at(&boxes[2], NOW + 1999));
	assert_true(box_at(&boxes[2], NOW + 2000));
}

static void
a_reboot_starts_clock_and_counters_at_zero(void **state)
{
	struct box *box = &boxes[3]; /* demo-fra/edge2 */

	(void)state;
	assert_true(add_fault(boxes, "demo-fra/edge2:reboot@now+5s"));
	assert_true(box_at(box, NOW));
	assert_true(box_uptime_ticks(box) > 8640000 / 24);
	assert_true(box_at(box, NOW + 500));
	assert_int_equal(box_uptime_ticks(box), 0);
	assert_int_equal(box_read(box, 2)->direction[FLOW_OUT].octets, 0);
	assert_true(box_at(box, NOW + 600));
	assert_int_equal(box_uptime_ticks(box), 100);
	assert_true(box_read(box, 2)->direction[FLOW_OUT].octets > 0);
}

static void
a_renumbered_agent_has_the_same_ports_under_other_numbers(void **state)
{
	struct box *box = &boxes[4]; /* demo-lon/edge2 */
	const struct agent *agent = &world->agents[4];
	size_t last = agent->interface_count - 1;

	(void)state;
	assert_true(add_fault(boxes, "demo-lon/edge2:renumber@now+5s"));
	assert_true(box_at(box, NOW));
	assert_int_equal(box_if_index(box, 2), agent->interfaces[2].if_index);
	assert_true(box_at(box, NOW + 501));
	assert_int_equal(box_uptime_ticks(box), 1);
	assert_int_equal(box_if_index(box, 2), agent->interfaces[last - 2].if_index);
	assert_int_equal(box->tables[TABLE_INTERFACES].row[0].interface, last);
	assert_int_equal(box->tables[TABLE_INTERFACES].row[0].index[0],
			 agent->interfaces[0].if_index);
}

static void
a_vanished_interface_is_in_no_table(void **state)
{
	struct box *box = &boxes[5]; /* demo-nyc/edge2 */
	char text[128];
	size_t before;

	(void)state;
	snprintf(text, sizeof(text), "demo-nyc/edge2/%s:vanish@now+5s/now+9s",
		 world->agents[5].interfaces[2].name);
	assert_true(add_fault(boxes, text));
	assert_true(box_at(box, NOW));
	before = box->tables[TABLE_INTERFACES].count;
	assert_true(box_at(box, NOW + 500));
	assert_int_equal(box->tables[TABLE_INTERFACES].count, before - 1);
	assert_int_equal(box_uptime_at(box, box->tables_from_ticks), box_uptime_ticks(box));
	assert_true(box_at(box, NOW + 900));
	assert_int_equal(box->tables[TABLE_INTERFACES].count, before);
}

/* Down it is detached too; the LAG goes on saying the speed of both. */
static void
a_member_leaves_its_lag_for_a_while(void **state)
{
	struct box *box = NULL;
	const struct agent *agent = NULL;
	size_t member = 0, lag;
	char text[128];

	(void)state;
	for (uint64_t a = 0; agent == NULL && a < world->settings.agent_count; a++)
		for (size_t i = 0; i < world->agents[a].interface_count; i++)
			if (world->agents[a].interfaces[i].lag != NULL &&
			    world->agents[a].interfaces[i].profile == PROFILE_LAG) {
				agent = &world->agents[a];
				box = &boxes[a];
				member = i;
			}
	assert_non_null(agent);
	lag = (size_t)(agent->interfaces[member].lag - agent->interfaces);
	snprintf(text, sizeof(text), "%s/%s/%s:down@now+50s/now+60s", agent->exchange->slug,
		 agent->name, agent->interfaces[member].name);
	assert_true(add_fault(boxes, text));
	snprintf(text, sizeof(text), "%s/%s/%s:detach@now+70s/now+80s", agent->exchange->slug,
		 agent->name, agent->interfaces[member].name);
	assert_true(add_fault(boxes, text));
	for (int sec = 45; sec < 90; sec += 10) {
		assert_true(box_at(box, NOW + sec * 100));
		assert_int_equal(box_up(box, member), sec != 55);
		assert_int_equal(box_attached(box, member), sec != 55 && sec != 75);
		assert_true(box_up(box, lag));
		assert_int_equal(interface_speed_bps(&agent->interfaces[lag], NOW / 100 + sec),
				 agent->interfaces[lag].nominal_bps);
	}
}

static void
a_fault_that_makes_no_sense_is_refused(void **state)
{
	static const char *const texts[] = { "",
					     "demo-fra/edge1",
					     "demo-fra/edge1:reboot",
					     "demo-fra:reboot@now",
					     "demo-fra/edge9:reboot@now",
					     "demo-fra/edge1:dance@now",
					     "demo-fra/edge1:reboot@noon",
					     "demo-fra/edge1/nothing:vanish@now",
					     "demo-fra/edge1:vanish@now",
					     "demo-fra/edge1/lo0:reboot@now",
					     "demo-fra/edge1:down@now",
					     "demo-fra/edge1/lo0:detach@now" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_false(add_fault(boxes, texts[i]));
}

#define TEST(f)                                                                                    \
	{                                                                                          \
#f, f, NULL, NULL, NULL                                                            \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(get_answers_what_was_asked_in_order),
		TEST(get_tells_a_missing_row_from_a_missing_object),
		TEST(get_that_does_not_fit_is_too_big),
		TEST(more_varbinds_than_served_are_too_big),
		TEST(set_is_refused),
		TEST(getnext_walks_everything_in_order),
		TEST(what_getnext_finds_get_finds_too),
		TEST(getnext_of_a_name_that_does_not_exist_is_the_next_that_does),
		TEST(getbulk_is_so_many_getnexts),
		TEST(getbulk_walks_the_same_as_getnext),
		TEST(getbulk_stops_when_every_column_has_ended),
		TEST(getbulk_with_nothing_to_repeat_answers_its_non_repeaters),
		TEST(a_lag_names_its_members),
		TEST(old_counters_are_the_low_32_bits_of_the_new),
		TEST(what_is_not_ours_is_met_with_silence),
		TEST(mutated_requests_never_get_more_than_an_answer),
		TEST(a_silent_agent_speaks_again),
		TEST(a_reboot_starts_clock_and_counters_at_zero),
		TEST(a_renumbered_agent_has_the_same_ports_under_other_numbers),
		TEST(a_vanished_interface_is_in_no_table),
		TEST(a_member_leaves_its_lag_for_a_while),
		TEST(a_fault_that_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests_name("sim answer", tests, open_world, close_world);
}
