/* links: store/ledger.c store/ledger_schema.c store/ledger_schema_1.c store/ledger_schema_2.c store/ledger_schema_3.c store/ledger_schema_4.c store/ledger_schema_5.c store/ledger_exchange.c store/ledger_port.c store/ledger_port_put.c store/ledger_capacity.c store/ledger_window.c store/ledger_connection.c store/ledger_move.c store/ledger_note.c store/ledger_alert.c store/ledger_quiet.c base/alert_words.c store/ledger_episode.c store/ledger_judgement.c store/ledger_audit.c store/db.c store/db_statement.c base/error.c base/model.c base/units.c base/decimal.c base/detector_settings.c */
/* pkgs: sqlite3 */
/* test_ledger_note.c - notes about ports: what is taken, in which order they are read, and that nothing takes one back out. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ixwatch/ledger.h"
#include "ixwatch/ledger_move.h"
#include "ixwatch/ledger_note.h"
#include "ledger_scratch.h"
#include "store/db.h"

#define T0 INT64_C(1795000000)

struct bench {
	struct scratch scratch;
	struct ledger *ledger;
	struct error err;
	int64_t port_id[2];
	char told[2048];
};

static void
own(struct bench *b, int which, uint32_t asn, int64_t at)
{
	struct port port = { .exchange = "x",
			     .agent = "e1",
			     .interface = which == 0 ? "a" : "b",
			     .path = which == 0 ? "rrd/a.rrd" : "rrd/b.rrd",
			     .alias = "",
			     .peer = "Peer",
			     .note = "",
			     .circuit = "",
			     .asn = asn,
			     .kind = KIND_MEMBER,
			     .contracted_bps = NAN };

	assert_true(ledger_port_put(b->ledger, &port, T0 + at, &b->port_id[which], &b->err));
}

static int
set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	scratch_new(&b->scratch);
	assert_true(ledger_open(&b->ledger, b->scratch.dir, LEDGER_WRITE, &b->err));
	assert_true(ledger_exchange_put(b->ledger, "x", "X", "UTC", &b->err));
	own(b, 0, 64500, 0);
	own(b, 1, 64500, 0);
	*state = b;
	return 0;
}

static int
tear_down(void **state)
{
	struct bench *b = *state;

	ledger_close(b->ledger);
	scratch_free(&b->scratch);
	free(b);
	return 0;
}

static bool
add(struct bench *b, int64_t port_id, const char *text, const char *author, int64_t at, int64_t *id)
{
	struct ledger_note note = {
		.port_id = port_id, .text = text, .author = author, .created_utc_sec = T0 + at
	};

	b->err = (struct error) { 0 };
	return ledger_note_add(b->ledger, &note, id, &b->err);
}

static bool
on_note(const struct ledger_note *note, void *user)
{
	struct bench *b = user;
	size_t len = strlen(b->told);

	snprintf(b->told + len, sizeof(b->told) - len, "%s by %s at %lld%s%s; ", note->text,
		 note->author, (long long)(note->created_utc_sec - T0),
		 note->withdrawn_utc_sec != 0 ? " withdrawn by " : "", note->withdrawn_by);
	return true;
}

static bool
on_number(const struct ledger_note *note, void *user)
{
	struct bench *b = user;
	size_t len = strlen(b->told);

	snprintf(b->told + len, sizeof(b->told) - len, "%lld%s%s%s%s%s; ", (long long)note->id,
		 note->withdrawn_utc_sec != 0 ? " withdrawn" : "",
		 note->port_id == b->port_id[1] ? " on " : "",
		 note->port_id == b->port_id[1] ? note->agent : "",
		 note->port_id == b->port_id[1] ? "/" : "",
		 note->port_id == b->port_id[1] ? note->interface : "");
	return true;
}

static const char *
told_of(struct bench *b, struct ledger_note_query query)
{
	b->told[0] = '\0';
	assert_true(ledger_note_each(b->ledger, &query, on_note, b, &b->err));
	return b->told;
}

static const char *
told(struct bench *b, int64_t port_id)
{
	return told_of(b, (struct ledger_note_query) { .port_id = port_id });
}

static void
what_a_note_may_be(void **state)
{
	static const struct {
		const char *rule, *text, *author;
		size_t repeat; /* the text, so often */
		enum error_code code;
		bool elsewhere; /* of a port that is not there */
	} cases[] = {
		{ "one character", "x", "ann", 1, ERR_NONE, false },
		{ "500 characters", "x", "ann", 500, ERR_NONE, false },
		{ "500 characters of four octets", "\xf0\x9f\x94\xa7", "ann", 500, ERR_NONE,
		  false },
		{ "markup is text", "<script>'; DROP TABLE note; --", "ann", 1, ERR_NONE, false },
		{ "no text", "", "ann", 1, ERR_USAGE, false },
		{ "501 characters", "x", "ann", 501, ERR_USAGE, false },
		{ "501 characters of four octets", "\xf0\x9f\x94\xa7", "ann", 501, ERR_USAGE,
		  false },
		{ "no author", "x", "", 1, ERR_USAGE, false },
		{ "no such port", "x", "ann", 1, ERR_NOT_FOUND, true },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[4 * 501 + 1] = "";
		int64_t id = 0;

		for (size_t n = 0, len = strlen(cases[i].text); n < cases[i].repeat; n++)
			memcpy(text + n * len, cases[i].text, len + 1);
		if (add(b, cases[i].elsewhere ? 4711 : b->port_id[0], text, cases[i].author, 0,
			&id) != (cases[i].code == ERR_NONE) ||
		    b->err.code != cases[i].code || (id != 0) != (cases[i].code == ERR_NONE))
			fail_msg("%s: %s", cases[i].rule, b->err.text);
	}
}

static void
they_are_read_newest_first_and_of_their_port(void **state)
{
	struct bench *b = *state;
	int64_t id;

	assert_true(add(b, b->port_id[0], "first", "ann", 0, &id));
	assert_true(add(b, b->port_id[0], "second", "ann", 10, &id));
	assert_true(add(b, b->port_id[0], "third", "bob", 20, &id));
	assert_true(add(b, b->port_id[0], "fourth", "ann", 20, &id));
	assert_true(add(b, b->port_id[1], "other", "ann", 30, &id));
	assert_string_equal(told(b, b->port_id[0]),
			    "fourth by ann at 20; third by bob at 20; second by ann at 10; "
			    "first by ann at 0; ");
	assert_string_equal(told(b, b->port_id[1]), "other by ann at 30; ");
}

static void
a_list_is_what_was_asked_for(void **state)
{
	static const struct {
		const char *rule;
		struct ledger_note_query query;
		const char *want;
	} cases[] = {
		{ "of all ports", { .limit = 2 }, "5 on e1/b; 4; " },
		{ "of one port", { .port_id = 1, .limit = 2 }, "4; 3 withdrawn; " },
		{ "the rest of it", { .port_id = 1, .limit = 2, .before_id = 3 }, "2; 1; " },
		{ "what stands", { .port_id = 1, .standing_only = true }, "4; 2; 1; " },
		{ "the last that stands",
		  { .port_id = 1, .standing_only = true, .before_id = 4, .limit = 1 },
		  "2; " },
		{ "one", { .id = 3 }, "3 withdrawn; " },
		{ "one, if it is of that port", { .id = 3, .port_id = 2 }, "" },
		{ "of a port that is not there", { .port_id = 4711 }, "" },
	};
	struct bench *b = *state;
	int64_t id;

	for (int i = 1; i <= 5; i++)
		assert_true(
		    add(b, b->port_id[i == 5], "x", "ann", 10 - i, &id)); /* the clock went back */
	assert_true(ledger_note_withdraw(b->ledger, 3, T0 + 20, "bob", &b->err));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ledger_note_query query = cases[i].query;

		b->told[0] = '\0';
		assert_true(ledger_note_each(b->ledger, &query, on_number, b, &b->err));
		if (strcmp(b->told, cases[i].want) != 0)
			fail_msg("%s: \"%s\"", cases[i].rule, b->told);
	}
}

static void
one_is_withdrawn_once_and_stays(void **state)
{
	struct bench *b = *state;
	int64_t id;

	assert_true(add(b, b->port_id[0], "wrong", "ann", 0, &id));
	assert_true(ledger_note_withdraw(b->ledger, id, T0 + 5, "bob", &b->err));
	assert_string_equal(told(b, b->port_id[0]), "wrong by ann at 0 withdrawn by bob; ");
	assert_false(ledger_note_withdraw(b->ledger, id, T0 + 6, "eve", &b->err));
	assert_int_equal(b->err.code, ERR_REFUSED);
	assert_false(ledger_note_withdraw(b->ledger, id + 1, T0 + 6, "eve", &b->err));
	assert_int_equal(b->err.code, ERR_NOT_FOUND);
	assert_string_equal(told(b, b->port_id[0]), "wrong by ann at 0 withdrawn by bob; ");
}

static void
the_file_itself_lets_none_be_changed_or_deleted(void **state)
{
	static const char *const attempts[] = {
		"DELETE FROM note",
		"UPDATE note SET text = 'other'",
		"UPDATE note SET author = 'eve'",
		"UPDATE note SET created_utc_sec = 1",
		"UPDATE note SET port_id = 2",
		"UPDATE note SET withdrawn_utc_sec = NULL, withdrawn_by = NULL WHERE id = 2",
	};
	struct bench *b = *state;
	struct db *db = NULL;
	int64_t id;

	assert_true(add(b, b->port_id[0], "first", "ann", 0, &id));
	assert_true(add(b, b->port_id[0], "second", "ann", 1, &id));
	assert_true(ledger_note_withdraw(b->ledger, id, T0 + 5, "bob", &b->err));
	ledger_close(b->ledger); /* it has the file alone */
	assert_true(db_open(&db, scratch_path(&b->scratch, "ixwatch.db"), DB_WRITE, &b->err));
	for (size_t i = 0; i < COUNT(attempts); i++)
		if (db_exec(db, attempts[i], &b->err))
			fail_msg("done: %s", attempts[i]);
	db_close(db);
	assert_true(ledger_open(&b->ledger, b->scratch.dir, LEDGER_WRITE, &b->err));
	assert_string_equal(told(b, b->port_id[0]),
			    "second by ann at 1 withdrawn by bob; first by ann at 0; ");
}

static void
those_of_before_a_move_are_the_new_ports_too(void **state)
{
	struct bench *b = *state;
	struct ledger_move move = { .old_id = b->port_id[0],
				    .new_id = b->port_id[1],
				    .at_utc_sec = T0 + 100000,
				    .actor = "ann",
				    .reason = "re-patched",
				    .moved_utc_sec = T0 + 100000 };
	int64_t id;

	assert_true(add(b, b->port_id[0], "before", "ann", 10, &id));
	own(b, 0, 64501, 100000); /* another peer came to where it was */
	assert_true(add(b, b->port_id[0], "after", "ann", 100000, &id));
	assert_true(add(b, b->port_id[1], "new", "ann", 100001, &id));
	assert_true(ledger_move_put(b->ledger, &move, &b->err));
	assert_string_equal(told(b, b->port_id[1]), "new by ann at 100001; ");
	assert_true(ledger_move_done(b->ledger, move.old_id, T0 + 100001, &b->err));
	assert_string_equal(told(b, b->port_id[1]), "new by ann at 100001; before by ann at 10; ");
	assert_string_equal(told(b, b->port_id[0]),
			    "after by ann at 100000; before by ann at 10; ");
}

/* Somebody finds the port down, and says where it was re-patched to; only then the move is entered. */
static void
all_of_a_port_that_is_nobodys_since_are_the_new_ports(void **state)
{
	struct bench *b = *state;
	struct ledger_move move = { .old_id = b->port_id[0],
				    .new_id = b->port_id[1],
				    .at_utc_sec = T0 + 100000,
				    .actor = "ann",
				    .reason = "re-patched",
				    .moved_utc_sec = T0 + 100020 };
	int64_t id;

	assert_true(add(b, b->port_id[0], "before", "ann", 10, &id));
	assert_true(add(b, b->port_id[0], "goes to b", "ann", 100010, &id));
	assert_true(ledger_move_put(b->ledger, &move, &b->err));
	assert_true(ledger_move_done(b->ledger, move.old_id, T0 + 100021, &b->err));
	assert_string_equal(told(b, b->port_id[1]),
			    "goes to b by ann at 100010; before by ann at 10; ");
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(what_a_note_may_be),
		BENCH_TEST(they_are_read_newest_first_and_of_their_port),
		BENCH_TEST(a_list_is_what_was_asked_for),
		BENCH_TEST(one_is_withdrawn_once_and_stays),
		BENCH_TEST(those_of_before_a_move_are_the_new_ports_too),
		BENCH_TEST(all_of_a_port_that_is_nobodys_since_are_the_new_ports),
		BENCH_TEST(the_file_itself_lets_none_be_changed_or_deleted),
	};

	return cmocka_run_group_tests_name("ledger_note", tests, NULL, NULL);
}
