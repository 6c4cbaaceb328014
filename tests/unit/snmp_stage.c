/* snmp_stage.c - see snmp_stage.h. */
#include "snmp_stage.h"

#include <stdarg.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ixwatch/clock.h"

#define RUN_LIMIT_MS 20000

static int
open_family(void **state, int family)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	struct error err = { 0 };

	if (stage == NULL)
		return -1;
	fake_agent_start(&stage->fake, family);
	strcpy(stage->dir, "/tmp/ixwatch-test-snmp-XXXXXX");
	if (mkdtemp(stage->dir) == NULL)
		return -1;
	stage->credentials = (struct config_snmp) {
		.name = "test",
		.version = SNMP_V2C,
		.community = "public",
		.timeout_ms = 100,
		.retries = 2,
		.max_repetitions = 10,
	};
	if (!snmp_open(&stage->snmp, stage->dir, &err) ||
	    !snmp_agent_new(&stage->agent, stage->snmp, "fake", &stage->fake.address,
			    &stage->credentials, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	*state = stage;
	return 0;
}

int
stage_open(void **state)
{
	return open_family(state, AF_INET);
}

int
stage_open_ipv6(void **state)
{
	return open_family(state, AF_INET6);
}

int
stage_close(void **state)
{
	struct stage *stage = *state;
	char inner[96];

	snmp_agent_free(stage->agent);
	snmp_close(stage->snmp);
	fake_agent_stop(&stage->fake);
	snprintf(inner, sizeof(inner), "%s/cert_indexes", stage->dir);
	rmdir(inner);
	rmdir(stage->dir);
	free(stage);
	return 0;
}

void
stage_rows(struct stage *stage, size_t count, unsigned counter_bits)
{
	stage->row_count = count;
	memset(stage->row, 0, sizeof(stage->row));
	for (size_t i = 0; i < count; i++) {
		snprintf(stage->names[i], sizeof(stage->names[i]), "et-0/0/%zu", i + 1);
		stage->rows[i] =
		    (struct snmp_poll_row) { (uint32_t)i + 1, stage->names[i], true, counter_bits };
	}
}

static void
step(struct stage *stage)
{
	struct pollfd fds[] = {
		{ .fd = snmp_fd_ipv4(stage->snmp), .events = POLLIN },
		{ .fd = snmp_fd_ipv6(stage->snmp), .events = POLLIN },
		{ .fd = stage->fake.fd, .events = POLLIN },
	};

	poll(fds, 3, 2);
	fake_agent_serve(&stage->fake);
	for (int i = 0; i < 2; i++)
		if (fds[i].revents != 0)
			snmp_readable(stage->snmp, fds[i].fd);
	snmp_tick(stage->snmp);
}

void
stage_run_until(struct stage *stage, const unsigned *flag, unsigned want, int limit_ms)
{
	int64_t end = clock_mono_ms() + limit_ms;

	while (*flag != want) {
		if (clock_mono_ms() > end)
			fail_msg("it did not come to an end in %d ms", limit_ms);
		step(stage);
	}
}

void
stage_run_for(struct stage *stage, int ms)
{
	int64_t end = clock_mono_ms() + ms;

	while (clock_mono_ms() < end)
		step(stage);
}

static void
on_poll_row(size_t row, enum snmp_row_outcome outcome, const struct counter_read *read,
	    const char *alias, const char *why, void *user)
{
	struct stage *stage = user;
	struct stage_row *to = &stage->row[row];

	assert_in_range(row, 0, stage->row_count - 1);
	assert_non_null(why);
	assert_int_equal(outcome == SNMP_ROW_READ, read != NULL);
	assert_int_equal(outcome == SNMP_ROW_READ, alias != NULL);
	to->told++;
	to->outcome = outcome;
	if (read != NULL)
		to->read = *read;
	snprintf(to->alias, sizeof(to->alias), "%s", alias != NULL ? alias : "");
	snprintf(to->why, sizeof(to->why), "%s", why);
}

static void
on_poll_end(void *user)
{
	struct stage *stage = user;

	stage->poll_ends++;
}

struct snmp_poll_events
stage_poll_events(struct stage *stage)
{
	return (struct snmp_poll_events) { on_poll_row, on_poll_end, stage };
}

void
stage_poll(struct stage *stage)
{
	const struct snmp_poll_events events = stage_poll_events(stage);
	struct error err = { 0 };
	unsigned ends = stage->poll_ends;

	memset(stage->row, 0, sizeof(stage->row));
	if (!snmp_poll(stage->agent, stage->rows, stage->row_count, &events, &err))
		fail_msg("%s", err.text);
	stage_run_until(stage, &stage->poll_ends, ends + 1, RUN_LIMIT_MS);
	for (size_t i = 0; i < stage->row_count; i++)
		assert_int_equal(stage->row[i].told, 1);
}

static void
on_walk_row(const struct interface_row *row, void *user)
{
	struct stage *stage = user;
	struct stage_interface *to = &stage->interface[stage->interface_count++];

	to->if_index = row->if_index;
	snprintf(to->name, sizeof(to->name), "%s", row->name);
	snprintf(to->alias, sizeof(to->alias), "%s", row->alias);
	snprintf(to->descr, sizeof(to->descr), "%s", row->descr);
	to->has_name = row->has_name;
	to->admin_up = row->admin_up;
	to->duplicate_name = row->duplicate_name;
	to->speed_bps = row->speed_bps;
	to->counter_bits = row->counter_bits;
	to->oper = row->oper;
	to->is_lag = row->is_lag;
	to->has_lacp = row->has_lacp;
	to->members_unproven = row->members_unproven;
	to->lag_unknown = row->lag_unknown;
	to->lag_if_index = row->lag_if_index;
}

static void
on_walk_end(enum snmp_outcome outcome, const char *why, uint32_t uptime_ticks, void *user)
{
	struct stage *stage = user;

	stage->walk_ends++;
	stage->outcome = outcome;
	stage->uptime_ticks = uptime_ticks;
	snprintf(stage->why, sizeof(stage->why), "%s", why);
}

struct snmp_walk_events
stage_walk_events(struct stage *stage)
{
	return (struct snmp_walk_events) { on_walk_row, on_walk_end, stage };
}

void
stage_walk(struct stage *stage)
{
	const struct snmp_walk_events events = stage_walk_events(stage);
	struct error err = { 0 };
	unsigned ends = stage->walk_ends;

	stage->interface_count = 0;
	if (!snmp_walk(stage->agent, &events, &err))
		fail_msg("%s", err.text);
	stage_run_until(stage, &stage->walk_ends, ends + 1, RUN_LIMIT_MS);
}

size_t
stage_count(const struct stage *stage, enum snmp_row_outcome outcome)
{
	size_t count = 0;

	for (size_t i = 0; i < stage->row_count; i++)
		count += stage->row[i].told > 0 && stage->row[i].outcome == outcome;
	return count;
}

const struct stage_interface *
stage_interface(const struct stage *stage, uint32_t if_index)
{
	for (size_t i = 0; i < stage->interface_count; i++)
		if (stage->interface[i].if_index == if_index)
			return &stage->interface[i];
	return NULL;
}
