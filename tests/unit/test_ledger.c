/* links: store/ledger.c store/ledger_schema.c store/ledger_schema_1.c store/ledger_schema_2.c store/ledger_schema_3.c store/ledger_schema_4.c store/ledger_schema_5.c store/ledger_exchange.c store/ledger_port.c store/ledger_port_put.c store/ledger_capacity.c store/ledger_episode.c store/ledger_judgement.c store/ledger_audit.c store/db.c store/db_statement.c base/error.c base/model.c base/units.c base/decimal.c base/detector_settings.c */
/* pkgs: sqlite3 */
/* test_ledger.c - what happened is kept: ports and whose they were, capacity, episodes, checkpoints, days, verdicts. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

static struct port
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

static int
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

static int
tear_down(void **state)
{
	struct bench *bench = *state;

	ledger_close(bench->ledger);
	scratch_free(&bench->scratch);
	free(bench);
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

/* What the tables hold, where the ledger itself does not tell: through a connection of its own. */
static int64_t
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

static void
change(struct bench *bench, const char *sql)
{
	struct db *db;

	assert_true(
	    db_open(&db, scratch_path(&bench->scratch, "ixwatch.db"), DB_WRITE, &bench->err));
	assert_true(db_exec(db, sql, &bench->err));
	db_close(db);
}

/* --- exchanges --- */

struct names {
	char text[4096];
	unsigned count;
	unsigned enough; /* 0: all */
};

static bool
add_name(struct names *names, const char *name)
{
	strncat(names->text, name, sizeof(names->text) - strlen(names->text) - 1);
	strncat(names->text, " ", sizeof(names->text) - strlen(names->text) - 1);
	return ++names->count != names->enough;
}

static bool
on_exchange(const struct ledger_exchange *exchange, void *user)
{
	return add_name(user, exchange->slug);
}

static void
exchanges_no_longer_configured_are_listed_no_more_and_may_come_back(void **state)
{
	static const char *const configured[] = { "demo-ams" };
	struct bench *bench = *state;
	struct names names = { .count = 0 }, after = { .count = 0 }, again = { .count = 0 };

	assert_true(ledger_exchange_put(bench->ledger, "demo-ams", "Demo-IX Amsterdam",
					"Europe/Amsterdam", &bench->err));
	assert_true(ledger_exchange_each(bench->ledger, on_exchange, &names, &bench->err));
	assert_string_equal(names.text, "demo-ams demo-fra ");
	assert_true(ledger_exchange_retire_others(bench->ledger, configured, 1, &bench->err));
	assert_true(ledger_exchange_each(bench->ledger, on_exchange, &after, &bench->err));
	assert_string_equal(after.text, "demo-ams ");
	assert_true(ledger_exchange_put(bench->ledger, "demo-fra", "Demo-IX Frankfurt",
					"Europe/Berlin", &bench->err));
	assert_true(ledger_exchange_each(bench->ledger, on_exchange, &again, &bench->err));
	assert_string_equal(again.text, "demo-ams demo-fra ");
}

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

static bool
on_port_name(const struct port *port, void *user)
{
	return add_name(user, port->interface);
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

/* --- episodes --- */

static struct ledger_episode
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

static void
put_episode(struct bench *bench, struct ledger_episode episode)
{
	assert_true(ledger_episode_put(bench->ledger, &episode, &bench->err));
}

struct episodes {
	struct ledger_episode entry[16];
	char excuse[16][32];
	unsigned count;
};

static bool
on_episode(const struct ledger_episode *episode, void *user)
{
	struct episodes *all = user;

	all->entry[all->count] = *episode;
	snprintf(all->excuse[all->count], 32, "%s", episode->excuse != NULL ? episode->excuse : "");
	return ++all->count < COUNT(all->entry);
}

static void
an_open_episode_grows_and_keeps_its_id(void **state)
{
	struct bench *bench = *state;
	struct ledger_episode episode = episode_of(bench->port_id, T0, T0 + 300);
	const struct ledger_episode_query query = { .any_kind = true, .limit = 10 };
	struct episodes before = { .count = 0 }, after = { .count = 0 };

	episode.open = true;
	episode.kind = EPISODE_SPIKE;
	put_episode(bench, episode);
	assert_true(ledger_episode_each(bench->ledger, &query, on_episode, &before, &bench->err));
	for (int i = 2; i <= 12; i++) {
		episode.end_utc_sec = T0 + i * 300;
		episode.kind = i >= 6 ? EPISODE_SUSTAINED : EPISODE_SPIKE;
		put_episode(bench, episode);
	}
	episode.open = false;
	episode.excuse = "flash";
	put_episode(bench, episode);
	put_episode(bench, episode_of(bench->port_id, T0 + 7200, T0 + 9000));
	assert_true(ledger_episode_each(bench->ledger, &query, on_episode, &after, &bench->err));
	assert_int_equal(after.count, 2);
	assert_int_equal(after.entry[1].id, before.entry[0].id);
	assert_int_equal(after.entry[0].id, before.entry[0].id + 1);
	assert_int_equal(after.entry[1].end_utc_sec, T0 + 3600);
	assert_int_equal(after.entry[1].kind, EPISODE_SUSTAINED);
	assert_false(after.entry[1].open);
	assert_string_equal(after.excuse[1], "flash");
	assert_string_equal(after.excuse[0], "");
	assert_true(after.entry[1].peak_utilisation == 0.97);
	assert_true(isnan(after.entry[1].mean_utilisation));
	assert_int_equal(after.entry[1].direction, DIRECTION_OUT);
	assert_int_equal(after.entry[1].profile, PROFILE_EARLY);
}

static void
both_directions_and_profiles_have_episodes_of_their_own(void **state)
{
	struct bench *bench = *state;
	struct ledger_episode episode = episode_of(bench->port_id, T0, T0 + 300);
	const struct ledger_episode_query query = { .any_kind = true, .limit = 10 };
	struct episodes all = { .count = 0 };

	for (int i = 0; i < 8; i++) {
		episode.direction = (enum direction)(i & 1);
		episode.profile = (enum profile)(i >> 1 & 1);
		put_episode(bench, episode);
	}
	assert_true(ledger_episode_each(bench->ledger, &query, on_episode, &all, &bench->err));
	assert_int_equal(all.count, 4);
}

static void
superseded_episodes_are_kept_but_listed_no_more(void **state)
{
	struct bench *bench = *state;
	const struct ledger_episode_query query = { .any_kind = true, .limit = 10 };
	struct episodes all = { .count = 0 };

	put_episode(bench, episode_of(bench->port_id, T0, T0 + 300));
	put_episode(bench, episode_of(bench->port_id, T0 + 3600, T0 + 3900));
	put_episode(bench, episode_of(bench->port_id, T0 + 7200, T0 + 7500));
	assert_true(ledger_episode_supersede(bench->ledger, subject_port(bench->port_id), T0 + 3600,
					     &bench->err));
	put_episode(bench, episode_of(bench->port_id, T0 + 3600,
				      T0 + 4800)); /* the same start, judged anew */
	assert_true(ledger_episode_each(bench->ledger, &query, on_episode, &all, &bench->err));
	assert_int_equal(all.count, 2);
	assert_int_equal(all.entry[0].start_utc_sec, T0 + 3600);
	assert_int_equal(all.entry[0].end_utc_sec, T0 + 4800);
	assert_int_equal(all.entry[1].start_utc_sec, T0);
	assert_int_equal(ask(bench, "SELECT count(*) FROM episode WHERE superseded = 1"), 2);
	/* Whose they were is known of all; a list may go on from one that was taken back. */
	for (int64_t id = 1; id <= 4; id++) {
		int64_t port_id = 0;

		assert_true(
		    ledger_episode_subject(bench->ledger, SUBJECT_PORT, id, &port_id, &bench->err));
		assert_int_equal(port_id, bench->port_id);
	}
	assert_false(
	    ledger_episode_subject(bench->ledger, SUBJECT_PORT, 5, &(int64_t) { 0 }, &bench->err));
	assert_says(&bench->err, ERR_NOT_FOUND, "no episode 5");
}

static void
an_episode_of_an_unknown_port_or_that_ends_before_it_starts_is_refused(void **state)
{
	struct bench *bench = *state;
	struct ledger_episode episode = episode_of(99, T0, T0 + 300);

	assert_false(ledger_episode_put(bench->ledger, &episode, &bench->err));
	assert_says(&bench->err, ERR_NOT_FOUND, "episode of port 99");
	episode = episode_of(bench->port_id, T0, T0 - 300);
	assert_false(ledger_episode_put(bench->ledger, &episode, &bench->err));
	assert_says(&bench->err, ERR_DB, "CHECK constraint failed");
}

/* Four episodes, numbered in order of their putting:
 * 1 port A [0, 300) sustained    2 port B [600, 900) spike    3 port A [600, 1200) open, sustained
 * 4 port C (another exchange) [1500, 1800) open, spike */
static const struct query_case {
	const char *name;
	struct ledger_episode_query query;
	const char *want; /* ids, in order */
} query_cases[] = {
	{ "all are listed newest start first, ties by id",
	  { .any_kind = true, .limit = 10 },
	  "4 3 2 1 " },
	{ "a limit cuts the list", { .any_kind = true, .limit = 2 }, "4 3 " },
	{ "a cursor goes on behind its episode, through a tie",
	  { .any_kind = true, .before_id = 3, .limit = 10 },
	  "2 1 " },
	{ "a cursor at the oldest leaves nothing",
	  { .any_kind = true, .before_id = 1, .limit = 10 },
	  "" },
	{ "one port's", { .any_kind = true, .subject = { SUBJECT_PORT, 1 }, .limit = 10 }, "3 1 " },
	{ "one port's open ones",
	  { .any_kind = true, .subject = { SUBJECT_PORT, 1 }, .open_only = true, .limit = 10 },
	  "3 " },
	{ "some ports'", { .any_kind = true, .subjects = "[3,1,99]", .limit = 10 }, "4 3 1 " },
	{ "some ports' behind a cursor that is none of theirs",
	  { .any_kind = true, .subjects = "[1]", .before_id = 4, .limit = 10 },
	  "3 1 " },
	{ "some ports' open ones at an exchange",
	  { .any_kind = true,
	    .subjects = "[1,2,3]",
	    .open_only = true,
	    .exchange = "demo-fra",
	    .limit = 10 },
	  "3 " },
	{ "of no ports there are none", { .any_kind = true, .subjects = "[]", .limit = 10 }, "" },
	{ "an exchange's", { .any_kind = true, .exchange = "demo-ams", .limit = 10 }, "4 " },
	{ "an exchange and a port elsewhere have none",
	  { .any_kind = true, .exchange = "demo-ams", .subject = { SUBJECT_PORT, 1 }, .limit = 10 },
	  "" },
	{ "an unknown exchange has none",
	  { .any_kind = true, .exchange = "x' OR '1", .limit = 10 },
	  "" },
	{ "open ones", { .any_kind = true, .open_only = true, .limit = 10 }, "4 3 " },
	{ "open ones of an exchange",
	  { .any_kind = true, .open_only = true, .exchange = "demo-fra", .limit = 10 },
	  "3 " },
	{ "spikes", { .kind = EPISODE_SPIKE, .limit = 10 }, "4 2 " },
	{ "sustained ones of a port",
	  { .kind = EPISODE_SUSTAINED, .subject = { SUBJECT_PORT, 2 }, .limit = 10 },
	  "" },
	{ "one that ended when the window begins is outside",
	  { .any_kind = true, .from_utc_sec = T0 + 300, .limit = 10 },
	  "4 3 2 " },
	{ "a longer one reaches into the window",
	  { .any_kind = true, .from_utc_sec = T0 + 900, .limit = 10 },
	  "4 3 " },
	{ "one that starts when the window ends is outside",
	  { .any_kind = true, .to_utc_sec = T0 + 1500, .limit = 10 },
	  "3 2 1 " },
	{ "window and kind and exchange together",
	  { .kind = EPISODE_SUSTAINED,
	    .exchange = "demo-fra",
	    .from_utc_sec = T0 + 1,
	    .to_utc_sec = T0 + 600,
	    .limit = 10 },
	  "1 " },
};

static bool
on_episode_id(const struct ledger_episode *episode, void *user)
{
	char id[24];

	snprintf(id, sizeof(id), "%lld", (long long)episode->id);
	return add_name(user, id);
}

static void
fill_for_queries(struct bench *bench)
{
	struct port ports[] = { port_of("edge1", "b", "rrd/1"), port_of("edge9", "c", "rrd/2") };
	int64_t b, c;

	assert_true(ledger_exchange_put(bench->ledger, "demo-ams", "Demo-IX Amsterdam",
					"Europe/Amsterdam", &bench->err));
	ports[1].exchange = "demo-ams";
	assert_true(ledger_port_put(bench->ledger, &ports[0], T0, &b, &bench->err));
	assert_true(ledger_port_put(bench->ledger, &ports[1], T0, &c, &bench->err));
	struct ledger_episode episodes[] = { episode_of(bench->port_id, T0, T0 + 300),
					     episode_of(b, T0 + 600, T0 + 900),
					     episode_of(bench->port_id, T0 + 600, T0 + 1200),
					     episode_of(c, T0 + 1500, T0 + 1800) };
	episodes[1].kind = episodes[3].kind = EPISODE_SPIKE;
	episodes[2].open = episodes[3].open = true;
	for (size_t i = 0; i < COUNT(episodes); i++)
		put_episode(bench, episodes[i]);
}

static void
check_query(void **state)
{
	const struct query_case *test = *state;
	struct names names = { .count = 0 };
	struct error err;
	void *own;
	bool done;

	set_up(&own);
	fill_for_queries(own);
	done = ledger_episode_each(((struct bench *)own)->ledger, &test->query, on_episode_id,
				   &names, &err);
	tear_down(&own);
	assert_true(done);
	assert_string_equal(names.text, test->want);
}

static void
a_list_without_a_limit_or_from_an_unknown_cursor_is_refused(void **state)
{
	struct bench *bench = *state;
	struct ledger_episode_query query = { .any_kind = true, .limit = 0 };
	struct episodes all = { .count = 0 };

	assert_false(ledger_episode_each(bench->ledger, &query, on_episode, &all, &bench->err));
	assert_says(&bench->err, ERR_USAGE, "1 to 1000");
	query.limit = 1001;
	assert_false(ledger_episode_each(bench->ledger, &query, on_episode, &all, &bench->err));
	assert_says(&bench->err, ERR_USAGE, "1 to 1000");
	query = (struct ledger_episode_query) { .any_kind = true, .limit = 1, .before_id = 4711 };
	assert_false(ledger_episode_each(bench->ledger, &query, on_episode, &all, &bench->err));
	assert_says(&bench->err, ERR_NOT_FOUND, "no episode 4711");
}

/* --- checkpoints --- */

static void
a_checkpoint_replaces_the_one_before(void **state)
{
	struct bench *bench = *state;
	int64_t until_utc_sec = 1;
	void *saved = bench;
	size_t len = 1;

	assert_true(ledger_checkpoint_get(bench->ledger, subject_port(bench->port_id),
					  JUDGED_FOR_PAGES, &until_utc_sec, &saved, &len,
					  &bench->err));
	assert_int_equal(until_utc_sec, 0);
	assert_null(saved);
	assert_int_equal(len, 0);
	assert_true(ledger_checkpoint_put(bench->ledger, subject_port(bench->port_id),
					  JUDGED_FOR_PAGES, T0, "old", 4, &bench->err));
	assert_true(ledger_checkpoint_put(bench->ledger, subject_port(bench->port_id),
					  JUDGED_FOR_PAGES, T0 + 300, "n\0ew\xff", 5, &bench->err));
	assert_true(ledger_checkpoint_get(bench->ledger, subject_port(bench->port_id),
					  JUDGED_FOR_PAGES, &until_utc_sec, &saved, &len,
					  &bench->err));
	assert_int_equal(until_utc_sec, T0 + 300);
	assert_int_equal(len, 5);
	assert_memory_equal(saved, "n\0ew\xff", 5);
	free(saved);
	assert_true(ledger_checkpoint_put(bench->ledger, subject_port(bench->port_id),
					  JUDGED_FOR_PAGES, T0 + 600, NULL, 0, &bench->err));
	assert_true(ledger_checkpoint_get(bench->ledger, subject_port(bench->port_id),
					  JUDGED_FOR_PAGES, &until_utc_sec, &saved, &len,
					  &bench->err));
	assert_int_equal(until_utc_sec, T0 + 600);
	assert_int_equal(len, 0);
	free(saved);
	assert_false(ledger_checkpoint_put(bench->ledger, subject_port(99), JUDGED_FOR_PAGES, T0,
					   "x", 1, &bench->err));
	assert_says(&bench->err, ERR_NOT_FOUND, "checkpoint of port 99");
}

/* --- days and verdicts --- */

struct days {
	struct ledger_day entry[8];
	char state[8][32];
	unsigned count;
};

static bool
on_day(const struct ledger_day *day, void *user)
{
	struct days *all = user;

	all->entry[all->count] = *day;
	snprintf(all->state[all->count], 32, "%s", day->state);
	return ++all->count < COUNT(all->entry);
}

static void
a_day_judged_anew_replaces_the_old_judgement(void **state)
{
	struct bench *bench = *state;
	struct ledger_day day = { .subject = subject_port(bench->port_id),
				  .direction = DIRECTION_OUT,
				  .profile = PROFILE_PROOF,
				  .possible_samples = 300,
				  .known_samples = 288,
				  .congested_samples = 20,
				  .live_samples = 22,
				  .congested_minutes = 110,
				  .run_minutes = 120,
				  .state = "congested",
				  .verdict = VERDICT_INSUFFICIENT };
	struct days all = { .count = 0 };

	for (day.day = 20770; day.day < 20775; day.day++)
		assert_true(ledger_day_put(bench->ledger, &day, &bench->err));
	day.day = 20772;
	day.state = "flash";
	day.verdict = VERDICT_RECURRING;
	assert_true(ledger_day_put(bench->ledger, &day, &bench->err));
	assert_true(ledger_day_each(bench->ledger, subject_port(bench->port_id), DIRECTION_OUT,
				    PROFILE_PROOF, 20771, 20773, on_day, &all, &bench->err));
	assert_int_equal(all.count, 3);
	assert_int_equal(all.entry[0].day, 20771);
	assert_string_equal(all.state[0], "congested");
	assert_string_equal(all.state[1], "flash");
	assert_int_equal(all.entry[1].verdict, VERDICT_RECURRING);
	assert_int_equal(all.entry[1].run_minutes, 120);
	assert_int_equal(all.entry[2].known_samples, 288);
	all.count = 0;
	assert_true(ledger_day_each(bench->ledger, subject_port(bench->port_id), DIRECTION_IN,
				    PROFILE_PROOF, 0, INT32_MAX, on_day, &all, &bench->err));
	assert_int_equal(all.count, 0);
	day.known_samples = 301;
	assert_false(ledger_day_put(bench->ledger, &day, &bench->err));
	assert_says(&bench->err, ERR_DB, "traffic day of port 1");
}

struct verdicts {
	struct ledger_verdict entry[8];
	char reason[8][64];
	unsigned count;
};

static bool
on_verdict(const struct ledger_verdict *verdict, void *user)
{
	struct verdicts *all = user;

	all->entry[all->count] = *verdict;
	snprintf(all->reason[all->count], 64, "%s", verdict->reason);
	return ++all->count < COUNT(all->entry);
}

static void
another_verdict_closes_the_one_in_force(void **state)
{
	struct bench *bench = *state;
	struct ledger_verdict verdict = { .subject = subject_port(bench->port_id),
					  .direction = DIRECTION_OUT,
					  .profile = PROFILE_EARLY,
					  .verdict = VERDICT_INSUFFICIENT,
					  .reason = "4 valid days of 28",
					  .from_utc_sec = T0 };
	struct verdicts now = { .count = 0 }, all = { .count = 0 };

	assert_true(ledger_verdict_put(bench->ledger, &verdict, &bench->err));
	verdict.reason = "5 valid days of 28"; /* the same judgement, told with newer days */
	verdict.has_stale = verdict.has_stale_since = true;
	verdict.stale_verdict = VERDICT_RECURRING;
	verdict.stale_since_day = 20700;
	verdict.from_utc_sec = T0 + 86400;
	assert_true(ledger_verdict_put(bench->ledger, &verdict, &bench->err));
	verdict = (struct ledger_verdict) { .subject = subject_port(bench->port_id),
					    .direction = DIRECTION_OUT,
					    .profile = PROFILE_EARLY,
					    .verdict = VERDICT_ROUTINE,
					    .has_since = true,
					    .since_day = 20775,
					    .reason = "rule A",
					    .from_utc_sec = T0 + 172800 };
	assert_true(ledger_verdict_put(bench->ledger, &verdict, &bench->err));
	verdict.direction = DIRECTION_IN;
	verdict.verdict = VERDICT_NONE;
	assert_true(ledger_verdict_put(bench->ledger, &verdict, &bench->err));
	assert_true(
	    ledger_verdict_each(bench->ledger, SUBJECT_PORT, on_verdict, &now, &bench->err));
	assert_int_equal(now.count, 2);
	assert_int_equal(now.entry[0].direction, DIRECTION_IN);
	assert_int_equal(now.entry[1].verdict, VERDICT_ROUTINE);
	assert_true(now.entry[1].has_since);
	assert_int_equal(now.entry[1].since_day, 20775);
	assert_false(now.entry[1].has_stale);
	assert_int_equal(now.entry[1].to_utc_sec, 0);
	assert_true(ledger_verdict_history(bench->ledger, subject_port(bench->port_id), on_verdict,
					   &all, &bench->err));
	assert_int_equal(all.count, 3);
	assert_int_equal(all.entry[2].verdict, VERDICT_INSUFFICIENT);
	assert_string_equal(all.reason[2], "5 valid days of 28");
	assert_false(all.entry[2].has_since);
	assert_true(all.entry[2].has_stale && all.entry[2].has_stale_since);
	assert_int_equal(all.entry[2].stale_verdict, VERDICT_RECURRING);
	assert_int_equal(all.entry[2].stale_since_day, 20700);
	assert_int_equal(all.entry[2].from_utc_sec, T0);
	assert_int_equal(all.entry[2].to_utc_sec, T0 + 172800);
}

/* --- who did what --- */

static void
deeds_and_imports_are_written_down(void **state)
{
	struct bench *bench = *state;
	const struct ledger_import import = { .actor = "cli",
					      .what = "backfill",
					      .source = "/home/a/b.csv",
					      .port_id = bench->port_id,
					      .started_utc_sec = T0,
					      .ended_utc_sec = T0 + 2,
					      .from_utc_sec = T0 - 86400,
					      .to_utc_sec = T0,
					      .read_count = 288,
					      .accepted_count = 280,
					      .trouble = "" };

	assert_true(ledger_audit(bench->ledger, T0, "cli", "backfill", bench->port_id, "288 rows",
				 &bench->err));
	assert_true(ledger_audit(bench->ledger, T0, "collector", "start", 0, "", &bench->err));
	assert_true(ledger_import_put(bench->ledger, &import, &bench->err));
	assert_int_equal(ask(bench, "SELECT count(*) FROM audit WHERE port_id IS NULL"), 1);
	assert_int_equal(ask(bench, "SELECT accepted_count FROM import_run WHERE port_id = 1"),
			 280);
	assert_false(ledger_audit(bench->ledger, T0, "cli", "backfill", 99, "", &bench->err));
	assert_says(&bench->err, ERR_NOT_FOUND, "audit log");
}

/* --- transactions --- */

static void
writes_between_begin_and_commit_stand_or_fall_together(void **state)
{
	struct bench *bench = *state;
	struct ledger_episode bad = episode_of(99, T0, T0 + 300);

	assert_true(ledger_begin(bench->ledger, &bench->err));
	put_episode(bench, episode_of(bench->port_id, T0, T0 + 300));
	ledger_rollback(bench->ledger);
	assert_int_equal(ask(bench, "SELECT count(*) FROM episode"), 0);
	assert_true(ledger_begin(bench->ledger, &bench->err));
	put_episode(bench, episode_of(bench->port_id, T0, T0 + 300));
	assert_false(ledger_episode_put(bench->ledger, &bad, &bench->err));
	assert_false(ledger_commit(bench->ledger, &bench->err));
	assert_says(&bench->err, ERR_NOT_FOUND, "ledger: nothing was written: ");
	assert_int_equal(ask(bench, "SELECT count(*) FROM episode"), 0);
	assert_true(ledger_begin(bench->ledger, &bench->err));
	put_episode(bench, episode_of(bench->port_id, T0, T0 + 300));
	assert_true(ledger_commit(bench->ledger, &bench->err));
	assert_int_equal(ask(bench, "SELECT count(*) FROM episode"), 1);
}

struct writer {
	struct bench *bench;
	unsigned calls;
};

static bool
retire_each(const struct port *port, void *user)
{
	struct writer *writer = user;

	writer->calls++;
	return ledger_port_retire(writer->bench->ledger, port->id, true, &writer->bench->err);
}

static void
a_callback_may_write(void **state)
{
	struct bench *bench = *state;
	struct writer writer = { .bench = bench };
	struct port port = port_of("edge1", "xe-1", "rrd/x.rrd");
	struct names names = { .count = 0 };
	int64_t id;

	assert_true(ledger_port_put(bench->ledger, &port, T0, &id, &bench->err));
	assert_true(ledger_port_each(bench->ledger, retire_each, &writer, &bench->err));
	assert_int_equal(writer.calls, 2);
	assert_true(ledger_port_each(bench->ledger, on_port_name, &names, &bench->err));
	assert_int_equal(names.count, 0);
}

static void
a_version_changes_with_others_commits_only(void **state)
{
	struct bench *bench = *state;
	struct ledger *reader;
	int64_t before;

	assert_true(ledger_open(&reader, bench->scratch.dir, LEDGER_READ, &bench->err));
	before = ledger_version(reader);
	assert_int_equal(ledger_version(reader), before);
	assert_true(ledger_audit(bench->ledger, T0, "cli", "x", 0, "", &bench->err));
	assert_int_not_equal(ledger_version(reader), before);
	before = ledger_version(bench->ledger);
	assert_true(ledger_audit(bench->ledger, T0, "cli", "x", 0, "", &bench->err));
	assert_int_equal(ledger_version(bench->ledger), before);
	ledger_close(reader);
}

static void
the_log_is_brought_back_to_size(void **state)
{
	struct bench *bench = *state;
	struct stat status;

	assert_true(ledger_audit(bench->ledger, T0, "cli", "x", 0, "", &bench->err));
	assert_int_equal(stat(scratch_path(&bench->scratch, "ixwatch.db-wal"), &status), 0);
	assert_true(status.st_size > 0);
	assert_true(ledger_tidy(bench->ledger, &bench->err));
	assert_int_equal(stat(scratch_path(&bench->scratch, "ixwatch.db-wal"), &status), 0);
	assert_int_equal(status.st_size, 0);
}

#define BENCH_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

static const struct CMUnitTest bench_tests[] = {
	BENCH_TEST(exchanges_no_longer_configured_are_listed_no_more_and_may_come_back),
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
	BENCH_TEST(an_open_episode_grows_and_keeps_its_id),
	BENCH_TEST(both_directions_and_profiles_have_episodes_of_their_own),
	BENCH_TEST(superseded_episodes_are_kept_but_listed_no_more),
	BENCH_TEST(an_episode_of_an_unknown_port_or_that_ends_before_it_starts_is_refused),
	BENCH_TEST(a_list_without_a_limit_or_from_an_unknown_cursor_is_refused),
	BENCH_TEST(a_checkpoint_replaces_the_one_before),
	BENCH_TEST(a_day_judged_anew_replaces_the_old_judgement),
	BENCH_TEST(another_verdict_closes_the_one_in_force),
	BENCH_TEST(deeds_and_imports_are_written_down),
	BENCH_TEST(writes_between_begin_and_commit_stand_or_fall_together),
	BENCH_TEST(a_callback_may_write),
	BENCH_TEST(a_version_changes_with_others_commits_only),
	BENCH_TEST(the_log_is_brought_back_to_size),
};

int
main(void)
{
	struct CMUnitTest tests[COUNT(query_cases)];

	for (size_t i = 0; i < COUNT(query_cases); i++)
		tests[i] = (struct CMUnitTest) { query_cases[i].name, check_query, NULL, NULL,
						 (void *)&query_cases[i] };
	return cmocka_run_group_tests_name("ledger", bench_tests, NULL, NULL) +
	       cmocka_run_group_tests_name("episode lists", tests, NULL, NULL);
}
