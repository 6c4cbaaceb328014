/* ledger_bench.h - a ledger of its own for each test, with one port in it; for the tests of what it keeps. */
#ifndef TESTS_UNIT_LEDGER_BENCH_H
#define TESTS_UNIT_LEDGER_BENCH_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ixwatch/ledger.h"
#include "ledger_scratch.h"
#include "store/db.h"

#define T0 INT64_C(1795000000) /* an instant of November 2026 */

struct bench {
	struct scratch scratch;
	struct ledger *ledger;
	struct error err;
	int64_t port_id; /* the first port put */
};

static inline struct port
port_of(const char *agent, const char *interface, const char *path)
{
	return (struct port) {
		.exchange = "demo-fra",
		.agent = agent,
		.interface = interface,
		.alias = "AS64500 ExampleNet | 100G",
		.peer = "ExampleNet",
		.path = path,
		.note = "",
		.circuit = "DX-1",
		.asn = 64500,
		.kind = KIND_MEMBER,
		.contracted_bps = NAN,
	};
}

static inline int
set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct port port = port_of("edge1", "et-0/0/7", "rrd/demo-fra/edge1/et-0%2F0%2F7.rrd");

	scratch_new(&bench->scratch);
	assert_true(ledger_open(&bench->ledger, bench->scratch.dir, LEDGER_WRITE, &bench->err));
	assert_true(ledger_exchange_put(bench->ledger, "demo-fra", "Demo-IX Frankfurt",
					"Europe/Berlin", &bench->err));
	assert_true(ledger_port_put(bench->ledger, &port, T0, &bench->port_id, &bench->err));
	*state = bench;
	return 0;
}

static inline int
tear_down(void **state)
{
	struct bench *bench = *state;

	ledger_close(bench->ledger);
	scratch_free(&bench->scratch);
	free(bench);
	return 0;
}

static inline void
assert_says(const struct error *err, enum error_code code, const char *what)
{
	if (err->code != code || strstr(err->text, what) == NULL)
		print_error("[%d] %s\n", err->code, err->text);
	assert_int_equal(err->code, code);
	assert_non_null(strstr(err->text, what));
}

/* What the tables hold, where the ledger itself does not tell: through a connection of its own. */
static inline int64_t
ask(struct bench *bench, const char *sql)
{
	struct db *db = NULL;
	int64_t answer = -1;

	if (!db_open(&db, scratch_path(&bench->scratch, "ixwatch.db"), DB_READ, &bench->err) ||
	    !db_int_of(db, sql, &answer, &bench->err))
		print_error("%s\n", bench->err.text);
	db_close(db);
	return answer;
}

static inline void
change(struct bench *bench, const char *sql)
{
	struct db *db;

	assert_true(
	    db_open(&db, scratch_path(&bench->scratch, "ixwatch.db"), DB_WRITE, &bench->err));
	assert_true(db_exec(db, sql, &bench->err));
	db_close(db);
}

/* Names gathered, each with a space behind it. */
struct names {
	char text[4096];
	unsigned count;
	unsigned enough; /* 0: all */
};

static inline bool
add_name(struct names *names, const char *name)
{
	strncat(names->text, name, sizeof(names->text) - strlen(names->text) - 1);
	strncat(names->text, " ", sizeof(names->text) - strlen(names->text) - 1);
	return ++names->count != names->enough;
}

static inline bool
on_port_name(const struct port *port, void *user)
{
	return add_name(user, port->interface);
}

static inline struct ledger_episode
episode_of(int64_t port_id, int64_t start_utc_sec, int64_t end_utc_sec)
{
	return (struct ledger_episode) {
		.subject = subject_port(port_id),
		.direction = DIRECTION_OUT,
		.profile = PROFILE_EARLY,
		.start_utc_sec = start_utc_sec,
		.end_utc_sec = end_utc_sec,
		.kind = EPISODE_SUSTAINED,
		.peak_utilisation = 0.97,
		.mean_utilisation = NAN,
	};
}

static inline void
put_episode(struct bench *bench, struct ledger_episode episode)
{
	assert_true(ledger_episode_put(bench->ledger, &episode, &bench->err));
}

#define BENCH_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

#endif
