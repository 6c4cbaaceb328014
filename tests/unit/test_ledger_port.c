/* links: store/ledger.c store/ledger_schema.c store/ledger_schema_1.c store/ledger_schema_2.c store/ledger_schema_3.c store/ledger_schema_4.c store/ledger_schema_5.c store/ledger_exchange.c store/ledger_port.c store/ledger_port_put.c store/ledger_capacity.c store/ledger_episode.c store/ledger_judgement.c store/ledger_audit.c store/db.c store/db_statement.c base/error.c base/model.c base/units.c base/decimal.c base/detector_settings.c */
/* pkgs: sqlite3 */
/* test_ledger_port.c - ports are kept: who they are, whose they were, and their capacity. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger_bench.h"

/* --- ports --- */

static struct port found; /* with texts copied */
static char found_texts[8][128];

static bool
keep_port(const struct port *port, void *user)
{
	const char **const texts[] = { &found.exchange, &found.agent,  &found.interface,
				       &found.alias,    &found.peer,   &found.path,
				       &found.note,     &found.circuit };

	found = *port;
	for (size_t i = 0; i < COUNT(texts); i++) {
		snprintf(found_texts[i], sizeof(found_texts[i]), "%s", *texts[i]);
		*texts[i] = found_texts[i];
	}
	if (user != NULL)
		++*(unsigned *)user;
	return true;
}

static void
a_port_comes_back_as_it_was_put(void **state)
{
	struct bench *bench = *state;
	struct port port = port_of("edge1", "Hu0/0/0/1 \"x\"", "rrd/x.rrd");
	int64_t id;

	port.alias = "Zürich ☂ <b>'\"";
	port.note = "a note";
	port.kind = KIND_PEER_SHARE;
	port.asn = 4294967295u;
	port.contracted_bps = 5e9;
	port.contract_billed = true;
	assert_true(ledger_port_put(bench->ledger, &port, T0, &id, &bench->err));
	assert_true(ledger_port_find(bench->ledger, "demo-fra/edge1/Hu0/0/0/1 \"x\"", keep_port,
				     NULL, &bench->err));
	assert_int_equal(found.id, id);
	assert_string_equal(found.exchange, "demo-fra");
	assert_string_equal(found.agent, "edge1");
	assert_string_equal(found.interface, port.interface);
	assert_string_equal(found.alias, port.alias);
	assert_string_equal(found.peer, port.peer);
	assert_string_equal(found.path, port.path);
	assert_string_equal(found.note, port.note);
	assert_string_equal(found.circuit, port.circuit);
	assert_int_equal(found.asn, port.asn);
	assert_int_equal(found.kind, port.kind);
	assert_true(found.contracted_bps == 5e9);
	assert_true(found.contract_billed);
	assert_int_equal(found.vanished_utc_sec, 0);
}

static void
a_port_without_kind_peer_or_contract_stays_so(void **state)
{
	struct bench *bench = *state;
	struct port port = port_of("edge1", "xe-1", "rrd/x.rrd");
	int64_t id;

	port.kind = KIND_NONE;
	port.asn = 0;
	port.peer = "";
	assert_true(ledger_port_put(bench->ledger, &port, T0, &id, &bench->err));
	assert_true(
	    ledger_port_find(bench->ledger, "demo-fra/edge1/xe-1", keep_port, NULL, &bench->err));
	assert_int_equal(found.kind, KIND_NONE);
	assert_int_equal(found.asn, 0);
	assert_true(isnan(found.contracted_bps));
	assert_int_equal(ask(bench, "SELECT count(*) FROM port WHERE kind IS NULL AND asn IS NULL"),
			 1);
}

static void
the_same_port_keeps_its_id(void **state)
{
	struct bench *bench = *state;
	struct port port = port_of("edge1", "et-0/0/7", "rrd/demo-fra/edge1/et-0%2F0%2F7.rrd");
	int64_t id = 0;

	port.note = "moved to rack 4";
	assert_true(ledger_port_put(bench->ledger, &port, T0 + 60, &id, &bench->err));
	assert_int_equal(id, bench->port_id);
	assert_true(ledger_port_find(bench->ledger, "1", keep_port, NULL, &bench->err));
	assert_string_equal(found.note, "moved to rack 4");
	assert_int_equal(ask(bench, "SELECT count(*) FROM port_history"),
			 1); /* a note is no new owner */
}

static void
the_same_interface_of_another_agent_is_another_port(void **state)
{
	struct bench *bench = *state;
	struct port port = port_of("edge2", "et-0/0/7", "rrd/demo-fra/edge2/et-0%2F0%2F7.rrd");
	int64_t id;

	assert_true(ledger_port_put(bench->ledger, &port, T0, &id, &bench->err));
	assert_int_not_equal(id, bench->port_id);
}

static void
two_ports_cannot_have_one_series(void **state)
{
	struct bench *bench = *state;
	struct port port = port_of("edge1", "et-0/0/8", "rrd/demo-fra/edge1/et-0%2F0%2F7.rrd");
	int64_t id;

	assert_false(ledger_port_put(bench->ledger, &port, T0, &id, &bench->err));
	assert_says(&bench->err, ERR_DB, "port demo-fra/edge1/et-0/0/8: ");
	assert_says(&bench->err, ERR_DB, "UNIQUE constraint failed: port.path");
	assert_int_equal(ask(bench, "SELECT count(*) FROM port"), 1);
}

static void
a_port_of_an_unknown_exchange_is_refused(void **state)
{
	struct bench *bench = *state;
	struct port port = port_of("edge1", "xe-1", "rrd/x.rrd");
	int64_t id;

	port.exchange = "demo-lon";
	assert_false(ledger_port_put(bench->ledger, &port, T0, &id, &bench->err));
	assert_says(&bench->err, ERR_NOT_FOUND, "no exchange demo-lon");
}

static void
an_id_is_never_used_again(void **state)
{
	struct bench *bench = *state;
	struct port port = port_of("edge1", "xe-1", "rrd/x.rrd");
	int64_t id, next;

	assert_true(ledger_port_put(bench->ledger, &port, T0, &id, &bench->err));
	change(bench, "DELETE FROM port_history WHERE port_id = 2; DELETE FROM port WHERE id = 2;");
	assert_true(ledger_port_put(bench->ledger, &port, T0, &next, &bench->err));
	assert_true(next > id);
}

static void
putting_what_stands_already_writes_nothing(void **state)
{
	struct bench *bench = *state;
	struct port port = port_of("edge1", "et-0/0/7", "rrd/demo-fra/edge1/et-0%2F0%2F7.rrd");
	struct ledger_verdict verdict = { .subject = subject_port(bench->port_id),
					  .verdict = VERDICT_NONE,
					  .reason = "",
					  .from_utc_sec = T0 };
	static const char *const slugs[] = { "demo-fra" };
	struct ledger *reader;
	int64_t version, id;

	assert_true(ledger_verdict_put(bench->ledger, &verdict, &bench->err));
	assert_true(ledger_capacity_put(bench->ledger, id = bench->port_id, 1e11, NAN, CAPACITY_LAG,
					T0, &bench->err));
	assert_true(ledger_open(&reader, bench->scratch.dir, LEDGER_READ, &bench->err));
	version = ledger_version(reader);
	assert_true(version != 0);
	assert_true(ledger_begin(bench->ledger, &bench->err));
	assert_true(ledger_exchange_put(bench->ledger, "demo-fra", "Demo-IX Frankfurt",
					"Europe/Berlin", &bench->err));
	assert_true(ledger_exchange_retire_others(bench->ledger, slugs, 1, &bench->err));
	assert_true(ledger_port_put(bench->ledger, &port, T0 + 60, &id, &bench->err));
	assert_true(ledger_port_vanished(bench->ledger, id, 0, &bench->err));
	assert_true(ledger_port_retire(bench->ledger, id, false, &bench->err));
	assert_true(
	    ledger_capacity_put(bench->ledger, id, 1e11, NAN, CAPACITY_LAG, T0 + 60, &bench->err));
	assert_true(ledger_verdict_put(bench->ledger, &verdict, &bench->err));
	assert_true(ledger_commit(bench->ledger, &bench->err));
	assert_int_equal(ledger_version(reader), version);
	port.note = "now it does";
	assert_true(ledger_port_put(bench->ledger, &port, T0 + 60, &id, &bench->err));
	assert_int_not_equal(ledger_version(reader), version);
	ledger_close(reader);
}

static void
a_new_owner_closes_the_entry_of_the_old(void **state)
{
	struct bench *bench = *state;
	struct port port = port_of("edge1", "et-0/0/7", "rrd/demo-fra/edge1/et-0%2F0%2F7.rrd");
	int64_t id;

	port.alias = "AS64501 OtherNet";
	port.peer = "OtherNet";
	port.asn = 64501;
	assert_true(ledger_port_put(bench->ledger, &port, T0 + 3600, &id, &bench->err));
	port.kind = KIND_PNI;
	assert_true(ledger_port_put(bench->ledger, &port, T0 + 3600, &id,
				    &bench->err)); /* in the same second */
	assert_int_equal(ask(bench, "SELECT count(*) FROM port_history"), 2);
	assert_int_equal(
	    ask(bench, "SELECT to_utc_sec - from_utc_sec FROM port_history WHERE asn = 64500"),
	    3600);
	assert_int_equal(ask(bench, "SELECT count(*) FROM port_history WHERE asn = 64501 AND kind "
				    "= 'pni' AND to_utc_sec IS NULL"
				    " AND from_utc_sec = 1795003600"),
			 1);
	port.kind = KIND_MEMBER;
	assert_true(ledger_port_put(bench->ledger, &port, T0 - 60, &id,
				    &bench->err)); /* the clock was set back */
	assert_int_equal(ask(bench, "SELECT count(*) FROM port_history WHERE kind = 'member'"), 2);
	assert_int_equal(
	    ask(bench, "SELECT count(*) FROM peer WHERE name IN ('ExampleNet', 'OtherNet')"), 2);
}

static void
ports_are_listed_by_exchange_agent_interface(void **state)
{
	struct bench *bench = *state;
	struct port ports[] = { port_of("edge1", "b", "rrd/1"), port_of("edge0", "z", "rrd/2"),
				port_of("edge1", "a", "rrd/3"), port_of("edge1", "m", "rrd/4") };
	struct names names = { .count = 0 }, two = { .enough = 2 };
	int64_t id;

	assert_true(ledger_exchange_put(bench->ledger, "demo-ams", "Demo-IX Amsterdam",
					"Europe/Amsterdam", &bench->err));
	ports[3].exchange = "demo-ams";
	for (size_t i = 0; i < COUNT(ports); i++)
		assert_true(ledger_port_put(bench->ledger, &ports[i], T0, &id, &bench->err));
	assert_true(ledger_port_each(bench->ledger, on_port_name, &names, &bench->err));
	assert_string_equal(names.text, "m z a b et-0/0/7 ");
	assert_true(ledger_port_each(bench->ledger, on_port_name, &two, &bench->err));
	assert_string_equal(two.text, "m z ");
}

static void
retired_ports_are_found_but_not_listed(void **state)
{
	static const char *const none[] = { "" };
	struct bench *bench = *state;
	struct port port = port_of("edge1", "et-0/0/7", "rrd/demo-fra/edge1/et-0%2F0%2F7.rrd");
	struct names names = { .count = 0 };
	int64_t id;

	assert_true(ledger_port_retire(bench->ledger, bench->port_id, true, &bench->err));
	assert_true(ledger_port_each(bench->ledger, on_port_name, &names, &bench->err));
	assert_int_equal(names.count, 0);
	assert_true(ledger_port_find(bench->ledger, "demo-fra/edge1/et-0/0/7", keep_port, NULL,
				     &bench->err));
	assert_int_equal(found.id, bench->port_id);
	assert_true(
	    ledger_port_put(bench->ledger, &port, T0 + 1, &id, &bench->err)); /* configured again */
	assert_true(ledger_port_each(bench->ledger, on_port_name, &names, &bench->err));
	assert_int_equal(names.count, 1);
	assert_true(ledger_exchange_retire_others(bench->ledger, none, 0, &bench->err));
	assert_true(ledger_port_each(bench->ledger, on_port_name, &names, &bench->err));
	assert_int_equal(names.count, 1);
}

static void
a_vanished_port_says_since_when_and_may_come_back(void **state)
{
	struct bench *bench = *state;
	struct port port = port_of("edge1", "et-0/0/7", "rrd/demo-fra/edge1/et-0%2F0%2F7.rrd");
	int64_t id;

	assert_true(ledger_port_vanished(bench->ledger, bench->port_id, T0 + 300, &bench->err));
	port.note = "put while it is gone";
	assert_true(ledger_port_put(bench->ledger, &port, T0 + 360, &id, &bench->err));
	assert_true(ledger_port_find(bench->ledger, "1", keep_port, NULL, &bench->err));
	assert_int_equal(found.vanished_utc_sec, T0 + 300);
	assert_true(ledger_port_vanished(bench->ledger, bench->port_id, 0, &bench->err));
	assert_true(ledger_port_find(bench->ledger, "1", keep_port, NULL, &bench->err));
	assert_int_equal(found.vanished_utc_sec, 0);
	assert_false(ledger_port_vanished(bench->ledger, 99, T0, &bench->err));
	assert_says(&bench->err, ERR_NOT_FOUND, "no port 99");
	assert_false(ledger_port_retire(bench->ledger, 99, true, &bench->err));
	assert_says(&bench->err, ERR_NOT_FOUND, "no port 99");
}

static void
what_names_no_port_is_not_found_and_said(void **state)
{
	static const char *const names[] = { "",
					     "2",
					     "0",
					     "-1",
					     "1.0",
					     "99999999999999999999",
					     "edge1/et-0/0/7",
					     "demo-fra/edge1/",
					     "demo-fra",
					     "demo-fra/edge1",
					     "demo-fra/edge1/et-0/0/9",
					     "Demo-fra/edge1/et-0/0/7",
					     "%",
					     "1 OR 1=1",
					     "///" };
	struct bench *bench = *state;
	char long_name[3000];
	unsigned calls = 0;

	for (size_t i = 0; i < COUNT(names); i++) {
		assert_false(
		    ledger_port_find(bench->ledger, names[i], keep_port, &calls, &bench->err));
		assert_says(&bench->err, ERR_NOT_FOUND, names[i]);
	}
	memset(long_name, 'x', sizeof(long_name));
	long_name[sizeof(long_name) - 1] = '\0';
	assert_false(ledger_port_find(bench->ledger, long_name, keep_port, &calls, &bench->err));
	assert_says(&bench->err, ERR_NOT_FOUND, "exchange/agent/ifName");
	assert_int_equal(calls, 0);
}

/* --- capacity --- */

struct capacities {
	struct ledger_capacity entry[8];
	unsigned count;
};

static bool
on_capacity(const struct ledger_capacity *capacity, void *user)
{
	struct capacities *all = user;

	all->entry[all->count++] = *capacity;
	return all->count < COUNT(all->entry);
}

static void
capacity_is_kept_with_its_source_and_dates(void **state)
{
	struct bench *bench = *state;
	struct capacities all = { .count = 0 };
	int64_t id = bench->port_id;

	assert_true(
	    ledger_capacity_put(bench->ledger, id, 1e11, NAN, CAPACITY_LAG, T0, &bench->err));
	assert_true(
	    ledger_capacity_put(bench->ledger, id, 1e11, NAN, CAPACITY_LAG, T0 + 60, &bench->err));
	assert_true(ledger_capacity_put(bench->ledger, id, 1e11, 5e10, CAPACITY_CONTRACT, T0 + 120,
					&bench->err));
	assert_true(ledger_capacity_put(bench->ledger, id, NAN, 5e10, CAPACITY_UNKNOWN, T0 + 180,
					&bench->err));
	assert_true(ledger_capacity_put(bench->ledger, id, 8e10, 5e10, CAPACITY_CONTRACT, T0 + 180,
					&bench->err));
	assert_true(ledger_capacity_put(bench->ledger, id, 9e10, 5e10, CAPACITY_CONTRACT, T0 + 90,
					&bench->err));
	assert_true(ledger_capacity_each(bench->ledger, id, on_capacity, &all, &bench->err));
	assert_int_equal(all.count, 3);
	assert_int_equal(all.entry[0].from_utc_sec, T0);
	assert_true(all.entry[0].physical_bps == 1e11 && isnan(all.entry[0].contracted_bps));
	assert_int_equal(all.entry[0].source, CAPACITY_LAG);
	assert_int_equal(all.entry[1].from_utc_sec, T0 + 120);
	assert_true(all.entry[1].contracted_bps == 5e10);
	assert_int_equal(all.entry[2].from_utc_sec, T0 + 180);
	assert_true(all.entry[2].physical_bps == 9e10);
	assert_false(
	    ledger_capacity_put(bench->ledger, 99, 1e11, NAN, CAPACITY_LAG, T0, &bench->err));
	assert_says(&bench->err, ERR_NOT_FOUND, "capacity of port 99");
}

static const struct CMUnitTest bench_tests[] = {
	BENCH_TEST(a_port_comes_back_as_it_was_put),
	BENCH_TEST(a_port_without_kind_peer_or_contract_stays_so),
	BENCH_TEST(the_same_port_keeps_its_id),
	BENCH_TEST(the_same_interface_of_another_agent_is_another_port),
	BENCH_TEST(two_ports_cannot_have_one_series),
	BENCH_TEST(a_port_of_an_unknown_exchange_is_refused),
	BENCH_TEST(an_id_is_never_used_again),
	BENCH_TEST(putting_what_stands_already_writes_nothing),
	BENCH_TEST(a_new_owner_closes_the_entry_of_the_old),
	BENCH_TEST(ports_are_listed_by_exchange_agent_interface),
	BENCH_TEST(retired_ports_are_found_but_not_listed),
	BENCH_TEST(a_vanished_port_says_since_when_and_may_come_back),
	BENCH_TEST(what_names_no_port_is_not_found_and_said),
	BENCH_TEST(capacity_is_kept_with_its_source_and_dates),
};

int
main(void)
{
	return cmocka_run_group_tests_name("ledger: ports", bench_tests, NULL, NULL);
}
