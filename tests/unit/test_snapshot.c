/* links: store/snapshot.c store/snapshot_read.c store/series_crc.c base/error.c */
/* test_snapshot.c - a round as one file: what was written comes back, and what was not is not believed. */
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "ixwatch/snapshot.h"
#include "ledger_scratch.h"
#include "store/series_internal.h"

/* The file's head, as snapshot.c lays it out. */
#define HEAD_LEN       (80 + 8 * SELF_COUNT)
#define HEAD_CRC_AT    12
#define HEAD_SUMMED_AT 16
#define HEAD_COUNTS_AT 36

static int
set_up(void **state)
{
	struct scratch *scratch = calloc(1, sizeof(*scratch));

	scratch_new(scratch);
	*state = scratch;
	return 0;
}

static int
tear_down(void **state)
{
	scratch_free(*state);
	free(*state);
	return 0;
}

static void
assert_says(const struct error *err, enum error_code code, const char *what)
{
	if (err->code != code || strstr(err->text, what) == NULL)
		print_error("[%d] %s\n", err->code, err->text);
	assert_int_equal(err->code, code);
	assert_non_null(strstr(err->text, what));
}

/* Ids from port_count down to 1, every field with something in it. */
static struct snapshot *
snapshot_new(uint32_t port_count, uint32_t agent_count)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));

	snapshot->round_utc_sec = 1795000000;
	snapshot->started_utc_sec = 1794990000;
	snapshot->interval_sec = 60;
	snapshot->collector_pid = 4711;
	snapshot->rounds = 166;
	snapshot->rounds_late = 2;
	snapshot->port_count = port_count;
	snapshot->agent_count = agent_count;
	snapshot->ports = calloc(port_count + 1, sizeof(*snapshot->ports));
	snapshot->agents = calloc(agent_count + 1, sizeof(*snapshot->agents));
	for (uint32_t i = 0; i < port_count; i++) {
		struct snapshot_port *port = &snapshot->ports[i];

		port->id = port_count - i;
		port->sampled_utc_sec = 1795000000 - i % 60;
		for (int column = 0; column < COLUMN_COUNT; column++)
			port->value[column] =
			    (i + (uint32_t)column) % 7 == 0 ? NAN : i * 1e3 + column;
		port->utilisation[DIRECTION_OUT] = 0.93;
		port->utilisation[DIRECTION_IN] = NAN;
		port->state = (uint8_t)(i % STATE_COUNT);
		port->verdict = (uint8_t)(i % VERDICT_COUNT);
		port->capacity_source = (uint8_t)(i % CAPACITY_SOURCE_COUNT);
		port->reason = (uint8_t)(i % UNKNOWN_REASON_COUNT);
		port->run[DIRECTION_OUT] = (uint8_t)(i % 3);
		port->quality[QUALITY_IMPOSSIBLE] = i;
	}
	for (uint32_t i = 0; i < agent_count; i++) {
		snprintf(snapshot->agents[i].name, sizeof(snapshot->agents[i].name), "edge%u", i);
		snprintf(snapshot->agents[i].trouble, sizeof(snapshot->agents[i].trouble),
			 "no answer since 02:10Z");
	}
	return snapshot;
}

static void
write_snapshot(struct scratch *scratch, const struct snapshot *snapshot)
{
	struct error err;

	if (!snapshot_write(scratch->dir, snapshot, &err))
		fail_msg("%s", err.text);
}

static void
refuse(struct scratch *scratch, const char *what)
{
	struct snapshot *read = NULL;
	struct error err = { .code = ERR_NONE };

	assert_false(snapshot_read(scratch->dir, &read, &err));
	assert_null(read);
	assert_says(&err, ERR_PARSE, what);
	assert_says(&err, ERR_PARSE, "/snapshot: ");
}

static void
what_was_written_comes_back_by_id(void **state)
{
	struct scratch *scratch = *state;
	struct snapshot *written = snapshot_new(1000, 3), *read = NULL;
	struct error err;

	write_snapshot(scratch, written);
	assert_true(snapshot_read(scratch->dir, &read, &err));
	assert_int_equal(read->round_utc_sec, written->round_utc_sec);
	assert_int_equal(read->started_utc_sec, written->started_utc_sec);
	assert_int_equal(read->interval_sec, 60);
	assert_int_equal(read->collector_pid, 4711);
	assert_int_equal(read->rounds, 166);
	assert_int_equal(read->rounds_late, 2);
	assert_int_equal(read->port_count, 1000);
	assert_int_equal(read->agent_count, 3);
	for (uint32_t i = 0; i < 1000; i++)
		assert_memory_equal(&read->ports[i], &written->ports[999 - i],
				    sizeof(read->ports[i]));
	assert_memory_equal(read->agents, written->agents, 3 * sizeof(*read->agents));
	assert_int_equal(written->ports[0].id, 1000); /* the caller's are left in their order */
	snapshot_free(read);
	snapshot_free(written);
}

static void
a_round_of_nothing_is_a_snapshot_too(void **state)
{
	struct scratch *scratch = *state;
	const struct snapshot nothing = { .round_utc_sec = 1 };
	struct snapshot *read;
	struct error err;

	write_snapshot(scratch, &nothing);
	assert_true(snapshot_read(scratch->dir, &read, &err));
	assert_int_equal(read->port_count, 0);
	assert_null(snapshot_port_find(read, 1));
	snapshot_free(read);
}

static void
a_port_is_found_by_id(void **state)
{
	struct scratch *scratch = *state;
	struct snapshot *written = snapshot_new(100, 0), *read;
	struct error err;

	for (uint32_t i = 0; i < 100; i++)
		written->ports[i].id *= 10;
	write_snapshot(scratch, written);
	assert_true(snapshot_read(scratch->dir, &read, &err));
	for (int64_t id = 10; id <= 1000; id += 10)
		assert_int_equal(snapshot_port_find(read, id)->id, id);
	assert_null(snapshot_port_find(read, 11));
	assert_null(snapshot_port_find(read, 0));
	assert_null(snapshot_port_find(read, INT64_MAX));
	snapshot_free(read);
	snapshot_free(written);
}

static void
an_id_twice_or_below_one_is_not_written(void **state)
{
	struct scratch *scratch = *state;
	struct snapshot *written = snapshot_new(10, 0);
	struct error err;

	written->ports[3].id = 10;
	assert_false(snapshot_write(scratch->dir, written, &err));
	assert_says(&err, ERR_PARSE, "a port id twice");
	written->ports[3].id = 0;
	assert_false(snapshot_write(scratch->dir, written, &err));
	assert_false(scratch_has(scratch, "snapshot"));
	snapshot_free(written);
}

static void
none_yet_is_not_found(void **state)
{
	struct scratch *scratch = *state;
	struct snapshot *read = NULL;
	struct error err;

	assert_false(snapshot_read(scratch->dir, &read, &err));
	assert_says(&err, ERR_NOT_FOUND, "/snapshot: No such file");
	assert_int_equal(snapshot_stamp(scratch->dir), 0);
}

static void
a_folder_that_is_not_there_is_said(void **state)
{
	struct scratch *scratch = *state;
	struct snapshot *written = snapshot_new(1, 1);
	struct error err;

	assert_false(snapshot_write(scratch_path(scratch, "absent"), written, &err));
	assert_says(&err, ERR_IO, "/absent/snapshot.new: No such file");
	snapshot_free(written);
}

static void
a_stamp_changes_with_each_write_only(void **state)
{
	struct scratch *scratch = *state;
	struct snapshot *written = snapshot_new(10, 1);
	int64_t stamp = 0;

	for (int i = 0; i < 20; i++) {
		write_snapshot(scratch, written);
		assert_int_not_equal(snapshot_stamp(scratch->dir), stamp);
		stamp = snapshot_stamp(scratch->dir);
		assert_int_not_equal(stamp, 0);
		assert_int_equal(snapshot_stamp(scratch->dir), stamp);
	}
	assert_false(scratch_has(scratch, "snapshot.new"));
	snapshot_free(written);
}

static void
a_file_cut_anywhere_or_too_long_is_refused(void **state)
{
	struct scratch *scratch = *state;
	struct snapshot *written = snapshot_new(5, 2);
	unsigned char *data;
	size_t len;

	write_snapshot(scratch, written);
	data = scratch_read(scratch, "snapshot", &len);
	for (size_t cut = 0; cut < len; cut++) {
		scratch_write(scratch, "snapshot", data, cut);
		refuse(scratch, cut < HEAD_LEN ? "ends early" : "its head promises");
	}
	data[len] = 0;
	scratch_write(scratch, "snapshot", data, len + 1);
	refuse(scratch, "its head promises");
	free(data);
	snapshot_free(written);
}

static void
every_bit_that_flips_is_noticed(void **state)
{
	struct scratch *scratch = *state;
	struct snapshot *written = snapshot_new(3, 1);
	unsigned char *data;
	size_t len;

	write_snapshot(scratch, written);
	data = scratch_read(scratch, "snapshot", &len);
	for (size_t bit = 0; bit < len * 8; bit++) {
		data[bit / 8] ^= (unsigned char)(1 << bit % 8);
		scratch_overwrite(scratch, "snapshot", (off_t)(bit / 8), &data[bit / 8], 1);
		refuse(scratch, "");
		data[bit / 8] ^= (unsigned char)(1 << bit % 8);
		scratch_overwrite(scratch, "snapshot", (off_t)(bit / 8), &data[bit / 8], 1);
	}
	free(data);
	snapshot_free(written);
}

/* Files whose sums fit, but whose writer lied. */
static void
lie_state(struct snapshot *s)
{
	s->ports[1].state = STATE_COUNT;
}
static void
lie_verdict(struct snapshot *s)
{
	s->ports[1].verdict = 255;
}
static void
lie_source(struct snapshot *s)
{
	s->ports[1].capacity_source = CAPACITY_SOURCE_COUNT;
}
static void
lie_time(struct snapshot *s)
{
	s->ports[1].time_is_ours = 2;
}
static void
lie_reason(struct snapshot *s)
{
	s->ports[1].reason = UNKNOWN_REASON_COUNT;
}
static void
lie_run(struct snapshot *s)
{
	s->ports[1].run[1] = 3;
}
static void
lie_layer(struct snapshot *s)
{
	s->ports[1].layer2[0] = 2;
}
static void
lie_name(struct snapshot *s)
{
	memset(s->agents[0].name, 'x', sizeof(s->agents[0].name));
}
static void
lie_trouble(struct snapshot *s)
{
	memset(s->agents[0].trouble, 'x', sizeof(s->agents[0].trouble));
}

static const struct lie_case {
	const char *name;
	void (*tell)(struct snapshot *snapshot);
	const char *what;
} lie_cases[] = {
	{ "a state that is none", lie_state, "none of its kind" },
	{ "a verdict that is none", lie_verdict, "none of its kind" },
	{ "a source that is none", lie_source, "none of its kind" },
	{ "a clock that is nobody's", lie_time, "none of its kind" },
	{ "a reason that is none", lie_reason, "none of its kind" },
	{ "a run that is none", lie_run, "none of its kind" },
	{ "a layer that is none", lie_layer, "none of its kind" },
	{ "an agent's name without end", lie_name, "a text without end" },
	{ "an agent's trouble without end", lie_trouble, "a text without end" },
};

static void
values_that_are_none_are_refused_even_when_the_sums_fit(void **state)
{
	struct scratch *scratch = *state;

	for (size_t i = 0; i < COUNT(lie_cases); i++) {
		struct snapshot *written = snapshot_new(3, 1);

		lie_cases[i].tell(written);
		write_snapshot(scratch, written);
		refuse(scratch, lie_cases[i].what);
		snapshot_free(written);
	}
}

/* The sums are no secret: here the head's is made to fit. */
static void
counts_beyond_the_file_are_refused_before_anything_is_read(void **state)
{
	static const uint32_t counts[][2] = {
		{ UINT32_MAX, UINT32_MAX }, { UINT32_MAX, 0 }, { 0, UINT32_MAX }, { 0, 0 }, { 4, 1 }
	};
	struct scratch *scratch = *state;
	struct snapshot *written = snapshot_new(3, 1);
	unsigned char *data;
	uint32_t crc;
	size_t len;

	write_snapshot(scratch, written);
	data = scratch_read(scratch, "snapshot", &len);
	for (size_t i = 0; i < COUNT(counts); i++) {
		memcpy(data + HEAD_COUNTS_AT, counts[i], 8); /* ports, agents */
		crc = series_crc(data + HEAD_SUMMED_AT, HEAD_LEN - HEAD_SUMMED_AT);
		memcpy(data + HEAD_CRC_AT, &crc, 4);
		scratch_write(scratch, "snapshot", data, len);
		refuse(scratch, "its head promises");
	}
	free(data);
	snapshot_free(written);
}

static void
another_builds_file_and_noise_are_refused(void **state)
{
	struct scratch *scratch = *state;
	struct snapshot *written = snapshot_new(3, 1);
	unsigned char noise[4096];
	unsigned seed = 7;

	write_snapshot(scratch, written);
	scratch_overwrite(scratch, "snapshot", 8, "\xff\0\0\0", 4);
	refuse(scratch, "written by another version of ixwatch (format 255");
	for (int i = 0; i < 200; i++) {
		for (size_t at = 0; at < sizeof(noise); at++)
			noise[at] = (unsigned char)rand_r(&seed);
		scratch_write(scratch, "snapshot", noise, (size_t)rand_r(&seed) % sizeof(noise));
		refuse(scratch, "");
	}
	unlink(scratch_path(scratch, "snapshot"));
	assert_int_equal(mkdir(scratch_path(scratch, "snapshot"), 0755), 0);
	refuse(scratch, "is not a file");
	snapshot_free(written);
}

/* A reader sees a whole round or the one before: whatever moment the writer is killed at. */
static void
a_killed_writer_leaves_a_whole_round(void **state)
{
	struct scratch *scratch = *state;
	struct snapshot *written = snapshot_new(2000, 10), *read;
	struct error err;
	unsigned seed = 3;

	write_snapshot(scratch, written);
	for (int i = 0; i < 20; i++) {
		pid_t child = fork();
		int status;

		if (child == 0) {
			for (;;)
				if (written->rounds++, !snapshot_write(scratch->dir, written, &err))
					_exit(1);
		}
		for (int reads = 0; reads < 10; reads++) {
			assert_true(snapshot_read(scratch->dir, &read, &err));
			snapshot_free(read);
		}
		usleep((unsigned)rand_r(&seed) % 3000);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		assert_true(snapshot_read(scratch->dir, &read, &err));
		assert_int_equal(read->port_count, 2000);
		snapshot_free(read);
	}
	snapshot_free(written);
}

static void
a_hundred_thousand_ports_are_quick(void **state)
{
	struct scratch *scratch = *state;
	struct snapshot *written = snapshot_new(100000, 5000), *read;
	struct error err;
	double write_ms = 1e9, read_ms = 1e9, start_ms;

	for (uint32_t i = 0; i < written->port_count; i++)
		written->ports[i].id = i + 1;
	for (int i = 0; i < 5; i++) {
		start_ms = scratch_now_ms();
		write_snapshot(scratch, written);
		write_ms = fmin(write_ms, scratch_now_ms() - start_ms);
		start_ms = scratch_now_ms();
		assert_true(snapshot_read(scratch->dir, &read, &err));
		read_ms = fmin(read_ms, scratch_now_ms() - start_ms);
		snapshot_free(read);
	}
	print_message("100,000 ports, 5,000 agents: written in %.1f ms, read in %.1f ms\n",
		      write_ms, read_ms);
	snapshot_free(written);
}

static void
every_reason_has_words_for_the_page(void **state)
{
	(void)state;
	assert_string_equal(snapshot_reason_text(UNKNOWN_NOT), "");
	for (int i = UNKNOWN_NOT + 1; i < UNKNOWN_REASON_COUNT; i++)
		assert_true(strlen(snapshot_reason_text((enum unknown_reason)i)) > 10);
	assert_string_equal(snapshot_reason_text(UNKNOWN_REASON_COUNT), "");
}

#define SNAPSHOT_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SNAPSHOT_TEST(what_was_written_comes_back_by_id),
		SNAPSHOT_TEST(a_round_of_nothing_is_a_snapshot_too),
		SNAPSHOT_TEST(a_port_is_found_by_id),
		SNAPSHOT_TEST(an_id_twice_or_below_one_is_not_written),
		SNAPSHOT_TEST(none_yet_is_not_found),
		SNAPSHOT_TEST(a_folder_that_is_not_there_is_said),
		SNAPSHOT_TEST(a_stamp_changes_with_each_write_only),
		SNAPSHOT_TEST(a_file_cut_anywhere_or_too_long_is_refused),
		SNAPSHOT_TEST(every_bit_that_flips_is_noticed),
		SNAPSHOT_TEST(values_that_are_none_are_refused_even_when_the_sums_fit),
		SNAPSHOT_TEST(counts_beyond_the_file_are_refused_before_anything_is_read),
		SNAPSHOT_TEST(another_builds_file_and_noise_are_refused),
		SNAPSHOT_TEST(a_killed_writer_leaves_a_whole_round),
		SNAPSHOT_TEST(a_hundred_thousand_ports_are_quick),
		SNAPSHOT_TEST(every_reason_has_words_for_the_page),
	};

	return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
