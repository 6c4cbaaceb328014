/* links: snmp/varbind.c snmp/answer.c snmp/session.c snmp/session_in.c snmp/session_out.c snmp/request.c snmp/reply.c snmp/envelope.c snmp/engine.c snmp/usm_keys.c snmp/report.c base/log.c base/log_body.c snmp/manners.c snmp/errand.c snmp/snmp.c snmp/ifmib.c snmp/poll.c snmp/poll_span.c snmp/bulk.c snmp/walk_rows.c snmp/lane.c snmp/walk.c snmp/walk_lanes.c snmp/walk_fill.c snmp/walk_lag.c snmp/lag.c base/error.c base/clock.c base/units.c tests/fakes/snmp_agent.c tests/unit/snmp_stage.c */
/* pkgs: netsnmp */
/* test_snmp_poll.c - rounds of counters against an agent that misbehaves in every known way. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "snmp/errand.h"
#include "snmp_stage.h"

#define COUNT(array)   (sizeof(array) / sizeof((array)[0]))
#define VARBINDS_A_ROW 17

static struct snmp_health
health(const struct stage *stage)
{
	struct snmp_health h;

	snmp_health_get(stage->snmp, &h);
	return h;
}

static void
every_row_is_read_in_few_requests(void **state)
{
	struct stage *stage = *state;
	int64_t before = clock_mono_ms(), now;

	fake_agent_add_interfaces(&stage->fake, 48);
	stage_rows(stage, 48, 64);
	stage_poll(stage);
	now = clock_mono_ms();
	assert_int_equal(stage_count(stage, SNMP_ROW_READ), 48);
	for (size_t i = 0; i < 48; i++) {
		const struct counter_read *read = &stage->row[i].read;

		assert_int_equal(read->has, (1u << READING_COUNT) - 1);
		assert_int_equal(read->counter[READING_IN_OCTETS], (i + 1) * 1000 + 6);
		assert_int_equal(read->counter[READING_OUT_OCTETS], (i + 1) * 1000 + 10);
		assert_int_equal(read->counter[READING_OUT_DISCARDS], (i + 1) * 1000 + 19);
		assert_int_equal(read->uptime_ticks, 123456);
		assert_in_range(read->at_mono_ms, before, now);
		assert_true(llabs(read->at_utc_ms - clock_utc_ms()) < 5000);
	}
	assert_string_equal(stage->row[0].alias, "AS64501 Peer 1");
	assert_true(stage->fake.octets_max <= 1400);
	assert_true(stage->fake.requests <= 48 / 2);
	assert_int_equal(health(stage).answers, stage->fake.requests);
	assert_int_equal(health(stage).in_flight, 0);
	assert_true(snmp_agent_rtt_us(stage->agent) > 0);
}

static void
numbers_set(struct stage *stage, uint64_t number)
{
	for (size_t i = 0; i < stage->fake.object_count; i++)
		if (stage->fake.objects[i].type == SNMP_TYPE_COUNTER64)
			stage->fake.objects[i].number = number;
}

/* The first round takes the longest numbers for granted; the next ones what came, and an octet more for each. */
static void
rows_are_packed_by_what_came(void **state)
{
	static const struct {
		uint64_t number;
		unsigned requests; /* of the round after one with this number */
	} rounds[] = {
		{ 1000, 16 },
		{ 255999, 16 },     /* an octet longer, as allowed for */
		{ UINT64_MAX, 24 }, /* this round's answers were longer than wanted, once */
		{ 1000, 16 },
	};
	struct stage *stage = *state;

	fake_agent_add_interfaces(&stage->fake, 48);
	stage_rows(stage, 48, 64);
	for (size_t i = 0; i < COUNT(rounds); i++) {
		bool leap = rounds[i].number == UINT64_MAX;

		numbers_set(stage, rounds[i].number);
		stage_poll(stage);
		assert_int_equal(stage_count(stage, SNMP_ROW_READ), 48);
		assert_true(stage->fake.octets_max <= (leap ? 1500 : 1400));
		stage->fake.requests = 0;
		stage_poll(stage);
		assert_int_equal(stage->fake.requests, rounds[i].requests);
		assert_int_equal(stage_count(stage, SNMP_ROW_READ), 48);
		stage->fake.octets_max = 0;
	}
}

/* A round that was not answered whole may have missed the long rows. */
static void
what_came_of_some_rows_is_no_measure_for_all(void **state)
{
	struct manners manners;

	(void)state;
	manners_init(&manners, 10);
	manners_row_spare(&manners, 60, MANNERS_PARTLY);
	assert_int_equal(manners.row_spare_octets, 0);
	manners_row_spare(&manners, 60, MANNERS_CLEAN);
	manners_row_spare(&manners, 70, MANNERS_PARTLY);
	assert_int_equal(manners.row_spare_octets, 60);
	manners_row_spare(&manners, 50, MANNERS_PARTLY);
	assert_int_equal(manners.row_spare_octets, 50);
}

static void
a_round_of_no_rows_asks_whether_it_answers(void **state)
{
	struct stage *stage = *state;

	fake_agent_add_interfaces(&stage->fake, 1);
	stage_rows(stage, 0, 64);
	stage_poll(stage);
	assert_int_equal(stage->fake.requests, 1);
	assert_int_equal(health(stage).answers, 1);
}

/* Whatever is wrong with the answers, no row is read from them. */
static const struct fault_case {
	const char *name;
	struct fake_faults faults;
	enum snmp_row_outcome outcome;
	const char *why;
} faults[] = {
	{ "a silent agent is silent", { .silent = true }, SNMP_ROW_SILENT, "no answer in 3 tries" },
	{ "an answer from another port is refused",
	  { .other_port = true },
	  SNMP_ROW_REFUSED,
	  "another source" },
	{ "an answer with another number is none",
	  { .other_request_id = true },
	  SNMP_ROW_SILENT,
	  "no answer" },
	{ "an answer with other objects is refused",
	  { .other_objects = true },
	  SNMP_ROW_REFUSED,
	  "other objects" },
	{ "objects in another order are refused",
	  { .swap_objects = true },
	  SNMP_ROW_REFUSED,
	  "other objects" },
	{ "an object too many is refused",
	  { .one_object_more = true },
	  SNMP_ROW_REFUSED,
	  "more objects" },
	{ "an object too few is refused",
	  { .one_object_less = true },
	  SNMP_ROW_REFUSED,
	  "fewer objects" },
	{ "a report is no answer", { .is_report = true }, SNMP_ROW_REFUSED, "is no response" },
	{ "an error is named", { .error_status = 16 }, SNMP_ROW_REFUSED, "authorizationError" },
	{ "an error nobody knows is an error",
	  { .error_status = 99 },
	  SNMP_ROW_REFUSED,
	  "unknown error" },
	{ "an agent that cannot answer one row is refused",
	  { .too_big_above = 10 },
	  SNMP_ROW_REFUSED,
	  "tooBig" },
};

static void
check_fault(void **state)
{
	struct stage *stage = *state;
	const struct fault_case *c = NULL;

	for (size_t i = 0; i < COUNT(faults);
	     i++) /* the stage's setup cannot be told which case it is */
		if (strcmp(faults[i].name, stage->why) == 0)
			c = &faults[i];
	assert_non_null(c);
	fake_agent_add_interfaces(&stage->fake, 6);
	stage->fake.faults = c->faults;
	stage_rows(stage, 6, 64);
	stage_poll(stage);
	assert_int_equal(stage_count(stage, c->outcome), 6);
	for (size_t i = 0; i < 6; i++)
		if (strstr(stage->row[i].why, c->why) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", stage->row[i].why, c->why);
	assert_int_equal(health(stage).in_flight, 0);
}

static int
open_fault(void **state)
{
	const struct fault_case *c = *state;

	if (stage_open(state) != 0)
		return -1;
	strcpy(((struct stage *)*state)->why, c->name);
	return 0;
}

static void
a_wrong_community_is_silence(void **state)
{
	struct stage *stage = *state;

	fake_agent_add_interfaces(&stage->fake, 3);
	strcpy(stage->fake.community, "secret");
	stage_rows(stage, 3, 64);
	stage_poll(stage);
	assert_int_equal(stage_count(stage, SNMP_ROW_SILENT), 3);
	assert_int_equal(health(stage).timeouts, 3);
	assert_int_equal(health(stage).retries, 2);
}

static void
a_dead_agent_is_not_asked_for_the_rest(void **state)
{
	struct stage *stage = *state;
	int64_t before = clock_mono_ms();

	stage->fake.faults.silent = true;
	stage_rows(stage, 1000, 64);
	stage_poll(stage);
	assert_int_equal(stage_count(stage, SNMP_ROW_SILENT), 1000);
	assert_true(clock_mono_ms() - before < 1500); /* 100 + 150 + 225 ms and jitter */
	assert_int_equal(stage->fake.requests, 3);
}

static void
an_agent_that_dies_midway_keeps_what_it_said(void **state)
{
	struct stage *stage = *state;

	fake_agent_add_interfaces(&stage->fake, 40);
	stage->fake.faults.silent_from = 6;
	stage_rows(stage, 40, 64);
	stage_poll(stage);
	assert_true(stage_count(stage, SNMP_ROW_READ) >= 5);
	assert_int_equal(stage_count(stage, SNMP_ROW_READ) + stage_count(stage, SNMP_ROW_SILENT),
			 40);
}

#define FORGED_ANSWERS      10000
#define FORGED_ANSWERS_IPV6 2000

/* Whoever answers first is not whom we asked, or speaks of something else: none of his numbers is taken. */
static void
forged_answers_change_nothing(void **state)
{
	struct stage *stage = *state;
	bool v6 = stage->fake.address.ss_family == AF_INET6;
	size_t accepted = 0;

	fake_agent_add_interfaces(&stage->fake, 100);
	stage->fake.faults.forged_before = true;
	stage_rows(stage, 100, 64);
	while (stage->fake.forged < (v6 ? FORGED_ANSWERS_IPV6 : FORGED_ANSWERS)) {
		stage_poll(stage);
		assert_int_equal(stage_count(stage, SNMP_ROW_READ), 100);
		for (size_t i = 0; i < 100; i++)
			accepted +=
			    stage->row[i].read.counter[READING_IN_OCTETS] != (i + 1) * 1000 + 6;
	}
	print_message("%zu of %u forged answers accepted\n", accepted, stage->fake.forged);
	assert_int_equal(accepted, 0);
	assert_int_equal(health(stage).refused_source, stage->fake.requests);
	assert_int_equal(health(stage).refused_objects, stage->fake.requests);
	assert_int_equal(health(stage).answers, stage->fake.requests);
}

static void
too_big_is_halved_and_remembered(void **state)
{
	struct stage *stage = *state;

	fake_agent_add_interfaces(&stage->fake, 12);
	stage->fake.faults.too_big_above = 1 + VARBINDS_A_ROW;
	stage_rows(stage, 12, 64);
	stage_poll(stage);
	assert_int_equal(stage_count(stage, SNMP_ROW_READ), 12);
	stage->fake.requests = 0;
	stage_poll(stage);
	assert_int_equal(stage_count(stage, SNMP_ROW_READ), 12);
	assert_int_equal(stage->fake.requests, 12); /* one row each, none too big */
}

static void
silence_at_size_is_halved_within_three_rounds(void **state)
{
	struct stage *stage = *state;
	int rounds = 0;

	fake_agent_add_interfaces(&stage->fake, 12);
	stage->fake.faults.too_big_above = 2 * VARBINDS_A_ROW;
	stage->fake.faults.silent_above = 1 + VARBINDS_A_ROW;
	stage_rows(stage, 12, 64);
	do {
		stage_poll(stage);
	} while (++rounds < 3 && stage_count(stage, SNMP_ROW_READ) < 12);
	assert_int_equal(stage_count(stage, SNMP_ROW_READ), 12);
	stage->fake.requests = 0;
	stage_poll(stage);
	assert_int_equal(stage->fake.requests, 12);
}

static void
without_retries_silence_at_size_is_learned_too(void **state)
{
	struct stage *stage = *state;
	int rounds = 0;

	stage->credentials.retries = 0;
	fake_agent_add_interfaces(&stage->fake, 12);
	stage->fake.faults.silent_above = 1 + VARBINDS_A_ROW;
	stage_rows(stage, 12, 64);
	do {
		stage_poll(stage);
	} while (++rounds < 3 && stage_count(stage, SNMP_ROW_READ) < 12);
	assert_int_equal(stage_count(stage, SNMP_ROW_READ), 12);
}

static void
one_bad_row_does_not_spoil_its_neighbours(void **state)
{
	struct stage *stage = *state;

	fake_agent_add_interfaces(&stage->fake, 12);
	stage->fake.faults.error_if_asks_for = 5;
	stage_rows(stage, 12, 64);
	stage_poll(stage);
	assert_int_equal(stage_count(stage, SNMP_ROW_READ), 11);
	assert_int_equal(stage->row[4].outcome, SNMP_ROW_REFUSED);
	assert_non_null(strstr(stage->row[4].why, "genErr"));
}

static void
rows_that_moved_vanished_or_lie_are_told_apart(void **state)
{
	struct stage *stage = *state;

	fake_agent_add_interfaces(&stage->fake, 6);
	strcpy(fake_agent_find(&stage->fake, "1.3.6.1.2.1.31.1.1.1.1.2")->text, "et-0/0/9");
	fake_agent_remove(&stage->fake, "1.3.6.1.2.1.31.1.1.1.1.3");
	fake_agent_find(&stage->fake, "1.3.6.1.2.1.31.1.1.1.6.4")->type = 0x42;
	fake_agent_remove(&stage->fake, "1.3.6.1.2.1.31.1.1.1.9.5");
	stage_rows(stage, 6, 64);
	stage_poll(stage);
	assert_int_equal(stage->row[0].outcome, SNMP_ROW_READ);
	assert_int_equal(stage->row[1].outcome, SNMP_ROW_MOVED);
	assert_int_equal(stage->row[2].outcome, SNMP_ROW_GONE);
	assert_int_equal(stage->row[3].outcome, SNMP_ROW_REFUSED);
	assert_string_equal(stage->row[3].why, "ifHCInOctets.4 is Gauge32 where Counter64 belongs");
	assert_int_equal(stage->row[4].outcome, SNMP_ROW_READ);
	assert_int_equal(stage->row[4].read.has,
			 ((1u << READING_COUNT) - 1) & ~(1u << READING_IN_BROADCAST));
	assert_int_equal(stage->row[5].outcome, SNMP_ROW_READ);
	assert_int_equal(health(stage).refused_type, 1);
}

static void
rows_of_32_bits_are_read_from_the_old_columns(void **state)
{
	struct stage *stage = *state;

	fake_agent_add_interfaces(&stage->fake, 4);
	stage_rows(stage, 4, 32);
	stage->rows[3].has_name = false;
	stage_poll(stage);
	assert_int_equal(stage_count(stage, SNMP_ROW_READ), 4);
	assert_int_equal(stage->row[0].read.counter[READING_IN_OCTETS], 1010);
	assert_int_equal(stage->row[0].read.counter[READING_IN_MULTICAST], 1002);
	assert_int_equal(stage->row[3].read.counter[READING_IN_MULTICAST], 4012);
	assert_int_equal(stage->row[3].read.has, (1u << READING_COUNT) - 1);
}

static void
an_agent_without_uptime_gets_our_clock(void **state)
{
	struct stage *stage = *state;
	uint32_t now;

	fake_agent_add_interfaces(&stage->fake, 1);
	fake_agent_remove(&stage->fake, "1.3.6.1.2.1.1.3.0");
	stage_rows(stage, 1, 64);
	stage_poll(stage);
	now = (uint32_t)(clock_mono_ms() / 10);
	assert_int_equal(stage->row[0].outcome, SNMP_ROW_READ);
	assert_in_range(stage->row[0].read.uptime_ticks, now - 500, now);
}

/* Three tries at 30% loss: 2.7% of the requests fail, and chance has its part in 900. */
static void
a_third_of_the_packets_may_be_lost(void **state)
{
	struct stage *stage = *state;
	size_t read = 0;

	stage->credentials.timeout_ms = 20;
	fake_agent_add_interfaces(&stage->fake, 60);
	stage->fake.faults.drop_percent = 30;
	stage_rows(stage, 60, 64);
	for (int round = 0; round < 15; round++) {
		stage_poll(stage);
		read += stage_count(stage, SNMP_ROW_READ);
	}
	print_message("%zu of 900 rows read\n", read);
	assert_true(read >= 60 * 15 * 95 / 100);
	assert_int_equal(health(stage).in_flight, 0);
}

/* What belongs to a round that is over is not taken for the next one's. */
static void
an_answer_of_the_round_before_is_dropped(void **state)
{
	struct stage *stage = *state;

	fake_agent_add_interfaces(&stage->fake, 2);
	stage->fake.faults.hold = true;
	stage_rows(stage, 2, 64);
	stage_poll(stage);
	assert_int_equal(stage_count(stage, SNMP_ROW_SILENT), 2);
	stage->fake.faults.hold = false;
	for (unsigned i = 1; i <= 2; i++) {
		char oid[64];

		snprintf(oid, sizeof(oid), "1.3.6.1.2.1.31.1.1.1.6.%u", i);
		fake_agent_find(&stage->fake, oid)->number += 77;
	}
	fake_agent_release(&stage->fake);
	stage_poll(stage); /* the late answer arrives in the midst of this round */
	assert_int_equal(stage_count(stage, SNMP_ROW_READ), 2);
	assert_int_equal(stage->row[0].read.counter[READING_IN_OCTETS], 1006 + 77);
	assert_int_equal(stage->row[1].read.counter[READING_IN_OCTETS], 2006 + 77);
	assert_int_equal(health(stage).late, 1);
}

/* A counter of nine octets is no Counter64: net-snmp drops the whole datagram, and we say so. */
static void
a_counter_of_nine_octets_is_refused_and_named(void **state)
{
	struct stage *stage = *state;
	struct fake_object *object;

	fake_agent_add_interfaces(&stage->fake, 6);
	object = fake_agent_find(&stage->fake, "1.3.6.1.2.1.31.1.1.1.6.4");
	object->raw = true;
	object->text_len = 9;
	memcpy(object->text, "\x01\x02\x03\x04\x05\x06\x07\x08\x09", 9);
	stage_rows(stage, 6, 64);
	for (int round = 0; round < 2; round++)
		stage_poll(stage);
	assert_int_equal(stage->row[3].outcome, SNMP_ROW_REFUSED);
	assert_non_null(strstr(stage->row[3].why, "octets that are no SNMP message"));
	assert_int_equal(stage_count(stage, SNMP_ROW_READ), 5);
	assert_true(health(stage).refused_malformed > 0);
}

static void
one_round_at_a_time(void **state)
{
	struct stage *stage = *state;
	const struct snmp_poll_events events = stage_poll_events(stage);
	struct error err = { 0 };

	fake_agent_add_interfaces(&stage->fake, 2);
	stage_rows(stage, 2, 64);
	assert_true(snmp_poll(stage->agent, stage->rows, 2, &events, &err));
	assert_false(snmp_poll(stage->agent, stage->rows, 2, &events, &err));
	assert_int_equal(err.code, ERR_REFUSED);
	stage_run_until(stage, &stage->poll_ends, 1, 5000);
}

static void
a_freed_agent_is_never_heard_of_again(void **state)
{
	struct stage *stage = *state;
	const struct snmp_poll_events events = stage_poll_events(stage);
	const struct snmp_walk_events walk = stage_walk_events(stage);
	struct error err = { 0 };

	fake_agent_add_interfaces(&stage->fake, 8);
	stage_rows(stage, 8, 64);
	assert_true(snmp_poll(stage->agent, stage->rows, 8, &events, &err));
	assert_true(snmp_walk(stage->agent, &walk, &err));
	snmp_agent_free(stage->agent);
	stage->agent = NULL;
	stage_run_for(stage, 300);
	assert_true(stage->fake.requests > 0);
	assert_int_equal(stage->poll_ends + stage->walk_ends, 0);
	assert_int_equal(stage_count(stage, SNMP_ROW_READ), 0);
	assert_int_equal(health(stage).in_flight, 0);
}

static void
closing_ends_everything(void **state)
{
	struct stage *stage = *state;
	const struct snmp_poll_events events = stage_poll_events(stage);
	struct error err = { 0 };

	stage_rows(stage, 8, 64);
	assert_true(snmp_poll(stage->agent, stage->rows, 8, &events, &err));
	snmp_close(stage->snmp);
	stage->snmp = NULL;
	assert_false(snmp_poll(stage->agent, stage->rows, 8, &events, &err));
	assert_int_equal(stage->poll_ends, 0);
}

/* --- callbacks that act --- */

static void
free_on_row(size_t row, enum snmp_row_outcome outcome, const struct counter_read *read,
	    const char *alias, const char *why, void *user)
{
	struct stage *stage = user;

	(void)row, (void)outcome, (void)read, (void)alias, (void)why;
	stage->poll_ends++;
	snmp_agent_free(stage->agent);
	stage->agent = NULL;
}

static void
never(void *user)
{
	(void)user;
	fail_msg("the round ended though its agent was freed");
}

static void
the_agent_may_be_freed_by_a_row(void **state)
{
	struct stage *stage = *state;
	const struct snmp_poll_events events = { free_on_row, never, stage };
	struct error err = { 0 };

	fake_agent_add_interfaces(&stage->fake, 20);
	stage_rows(stage, 20, 64);
	assert_true(snmp_poll(stage->agent, stage->rows, 20, &events, &err));
	stage_run_until(stage, &stage->poll_ends, 1, 5000);
	stage_run_for(stage, 200);
	assert_int_equal(stage->poll_ends, 1);
}

static void
the_agent_may_be_freed_by_a_row_of_silence(void **state)
{
	struct stage *stage = *state;

	stage->fake.faults.silent = true;
	the_agent_may_be_freed_by_a_row(state);
}

static void
again_on_end(void *user)
{
	struct stage *stage = user;
	const struct snmp_poll_events events = { stage_poll_events(stage).on_row, again_on_end,
						 stage };
	const struct snmp_walk_events walk = stage_walk_events(stage);
	struct error err = { 0 };

	if (++stage->poll_ends == 5)
		assert_true(snmp_walk(stage->agent, &walk, &err));
	else if (stage->poll_ends < 5)
		assert_true(snmp_poll(stage->agent, stage->rows, stage->row_count, &events, &err));
}

static void
the_end_of_a_round_may_begin_the_next(void **state)
{
	struct stage *stage = *state;
	const struct snmp_poll_events events = { stage_poll_events(stage).on_row, again_on_end,
						 stage };
	struct error err = { 0 };

	fake_agent_add_interfaces(&stage->fake, 20);
	stage_rows(stage, 20, 64);
	assert_true(snmp_poll(stage->agent, stage->rows, 20, &events, &err));
	stage_run_until(stage, &stage->walk_ends, 1, 5000);
	assert_int_equal(stage->poll_ends, 5);
	assert_int_equal(stage->row[7].told, 5);
	assert_int_equal(stage->interface_count, 20);
}

/* --- who is refused as an agent --- */

static void
credentials_that_name_nobody_are_refused(void **state)
{
	struct stage *stage = *state;
	struct snmp_agent *agent = NULL;
	struct config_snmp v3 = stage->credentials;
	struct error err = { 0 };

	v3.version = SNMP_V3;
	assert_false(snmp_agent_new(&agent, stage->snmp, "edge1", &stage->fake.address, &v3, &err));
	assert_int_equal(err.code, ERR_CONFIG);
	assert_non_null(strstr(err.text, "edge1: the user"));
	v3.user = "mon";
	v3.level = SNMP_LEVEL_AUTH;
	v3.auth = "SHA-256";
	v3.auth_secret = "short";
	assert_false(snmp_agent_new(&agent, stage->snmp, "edge1", &stage->fake.address, &v3, &err));
	assert_non_null(strstr(err.text, "auth secret"));
	assert_null(strstr(err.text, "short"));
	v3 = stage->credentials;
	v3.community = "";
	assert_false(snmp_agent_new(&agent, stage->snmp, "edge1", &stage->fake.address, &v3, &err));
	assert_non_null(strstr(err.text, "community"));
	assert_null(agent);
}

static void
an_address_that_was_not_resolved_is_refused(void **state)
{
	struct stage *stage = *state;
	struct snmp_agent *agent = NULL;
	struct sockaddr_storage none = { .ss_family = AF_UNSPEC };
	struct error err = { 0 };

	assert_false(
	    snmp_agent_new(&agent, stage->snmp, "edge1", &none, &stage->credentials, &err));
	assert_non_null(strstr(err.text, "neither IPv4 nor IPv6"));
}

/* --- many octets gone wrong --- */

#define MUTATION_SEEDS 2000

/* More of them where there is time (make soak). */
static unsigned
mutation_seeds(void)
{
	const char *text = getenv("IXWATCH_TEST_MUTATIONS");

	return text != NULL ? (unsigned)strtoul(text, NULL, 10) : MUTATION_SEEDS;
}

static void
answers_with_octets_gone_wrong_do_no_harm(void **state)
{
	struct stage *stage = *state;
	unsigned seeds = mutation_seeds();
	size_t read = 0;

	stage->credentials.timeout_ms = 2;
	stage->credentials.retries = 0;
	fake_agent_add_interfaces(&stage->fake, 2);
	stage_walk(stage); /* so that GETBULK has its turns */
	stage_rows(stage, 2, 64);
	for (unsigned seed = 0; seed < seeds; seed++) {
		stage->agent->manners.way_rounds = seed % 2;
		stage->agent->manners.rows_max = MANNERS_ROWS_MAX;
		stage->fake.random = seed * 7919 + 1;
		stage->fake.faults.mutations = 1 + seed % 6;
		stage_poll(stage);
		read += stage_count(stage, SNMP_ROW_READ);
	}
	print_message("%u mutated answers to counters, %u of them to GETBULK\n", seeds,
		      stage->fake.bulk_requests);
	assert_true(read > 0 && read < 2 * seeds); /* some octets were values, others not */
	assert_int_equal(health(stage).in_flight, 0);
}

static void
walks_with_octets_gone_wrong_do_no_harm(void **state)
{
	struct stage *stage = *state;

	stage->credentials.timeout_ms = 2;
	stage->credentials.retries = 0;
	fake_agent_add_interfaces(&stage->fake, 5);
	for (unsigned seed = 0; seed < mutation_seeds() / 4; seed++) {
		stage->fake.random = seed * 104729 + 1;
		stage->fake.faults.mutations = 1 + seed % 3;
		stage_walk(stage);
	}
	assert_int_equal(health(stage).in_flight, 0);
}

#define STAGED(test)                                                                               \
	{                                                                                          \
#test, test, stage_open, stage_close, NULL                                         \
	}

int
main(void)
{
	const struct CMUnitTest staged[] = {
		STAGED(every_row_is_read_in_few_requests),
		STAGED(rows_are_packed_by_what_came),
		cmocka_unit_test(what_came_of_some_rows_is_no_measure_for_all),
		{ "the same over IPv6", every_row_is_read_in_few_requests, stage_open_ipv6,
		  stage_close, NULL },
		{ "forged answers over IPv6 change nothing", forged_answers_change_nothing,
		  stage_open_ipv6, stage_close, NULL },
		STAGED(a_round_of_no_rows_asks_whether_it_answers),
		STAGED(a_wrong_community_is_silence),
		STAGED(a_dead_agent_is_not_asked_for_the_rest),
		STAGED(an_agent_that_dies_midway_keeps_what_it_said),
		STAGED(forged_answers_change_nothing),
		STAGED(too_big_is_halved_and_remembered),
		STAGED(silence_at_size_is_halved_within_three_rounds),
		STAGED(without_retries_silence_at_size_is_learned_too),
		STAGED(one_bad_row_does_not_spoil_its_neighbours),
		STAGED(rows_that_moved_vanished_or_lie_are_told_apart),
		STAGED(rows_of_32_bits_are_read_from_the_old_columns),
		STAGED(an_agent_without_uptime_gets_our_clock),
		STAGED(a_third_of_the_packets_may_be_lost),
		STAGED(an_answer_of_the_round_before_is_dropped),
		STAGED(a_counter_of_nine_octets_is_refused_and_named),
		STAGED(one_round_at_a_time),
		STAGED(a_freed_agent_is_never_heard_of_again),
		STAGED(closing_ends_everything),
		STAGED(the_agent_may_be_freed_by_a_row),
		STAGED(the_agent_may_be_freed_by_a_row_of_silence),
		STAGED(the_end_of_a_round_may_begin_the_next),
		STAGED(credentials_that_name_nobody_are_refused),
		STAGED(an_address_that_was_not_resolved_is_refused),
		STAGED(answers_with_octets_gone_wrong_do_no_harm),
		STAGED(walks_with_octets_gone_wrong_do_no_harm),
	};
	struct CMUnitTest tests[COUNT(staged) + COUNT(faults)];
	size_t n = 0;

	for (; n < COUNT(staged); n++)
		tests[n] = staged[n];
	for (size_t i = 0; i < COUNT(faults); i++)
		tests[n++] = (struct CMUnitTest) { faults[i].name, check_fault, open_fault,
						   stage_close, (void *)&faults[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
