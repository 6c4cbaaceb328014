/* links: store/ledger.c store/ledger_schema.c store/ledger_schema_1.c store/ledger_schema_2.c store/ledger_schema_3.c store/ledger_schema_4.c store/ledger_schema_5.c store/ledger_exchange.c store/ledger_port.c store/ledger_port_put.c store/ledger_capacity.c store/ledger_judgement.c store/ledger_connection.c store/ledger_change.c store/db.c store/db_statement.c base/error.c base/model.c base/units.c base/decimal.c base/detector_settings.c */
/* pkgs: sqlite3 */
/* test_ledger_change.c - what changed of late: with what was before, and not what only began or was said anew. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ixwatch/ledger_change.h"

#include "ledger_scratch.h"

struct bench {
	struct scratch scratch;
	struct ledger *ledger;
	struct error err;
	int64_t port, connection;
	char text[512];
};

static int
begin(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct port port = { .exchange = "x",
			     .agent = "e1",
			     .interface = "a",
			     .alias = "",
			     .peer = "Peer",
			     .path = "rrd/x/e1/a.rrd",
			     .note = "",
			     .circuit = "",
			     .asn = 64500,
			     .kind = KIND_MEMBER,
			     .contracted_bps = NAN };

	scratch_new(&b->scratch);
	assert_true(ledger_open(&b->ledger, b->scratch.dir, LEDGER_WRITE, &b->err));
	assert_true(ledger_exchange_put(b->ledger, "x", "X", "UTC", &b->err));
	assert_true(ledger_port_put(b->ledger, &port, 100, &b->port, &b->err));
	assert_true(ledger_connection_put(b->ledger, "x", 64500, &b->connection, &b->err));
	*state = b;
	return 0;
}

static int
end(void **state)
{
	struct bench *b = *state;

	ledger_close(b->ledger);
	scratch_free(&b->scratch);
	free(b);
	return 0;
}

static bool
note(const struct ledger_change *c, void *user)
{
	struct bench *b = user;
	size_t used = strlen(b->text);

	if (c->kind == CHANGE_OF_CONNECTION_VERDICT)
		used += (size_t)snprintf(b->text + used, sizeof(b->text) - used, "%s/AS%u %lld ",
					 c->exchange, c->asn, (long long)c->connection_id);
	assert_int_equal(c->port_id, c->kind == CHANGE_OF_CONNECTION_VERDICT ? 0 : b->port);
	if (c->kind != CHANGE_OF_CAPACITY)
		snprintf(b->text + used, sizeof(b->text) - used, "%lld %s %s: %s -> %s\n",
			 (long long)c->at_utc_sec, model_direction_name(c->direction),
			 c->profile == PROFILE_EARLY ? "early" : "proof",
			 model_verdict_name(c->verdict_before), model_verdict_name(c->verdict));
	else
		snprintf(b->text + used, sizeof(b->text) - used, "%lld: %g -> %g, %g -> %g\n",
			 (long long)c->at_utc_sec, c->physical_before_bps, c->physical_bps,
			 c->contracted_before_bps, c->contracted_bps);
	return true;
}

static const char *
changes(struct bench *b, enum ledger_change_kind kind, int64_t from)
{
	b->text[0] = '\0';
	assert_true(ledger_change_each(b->ledger, kind, from, note, b, &b->err));
	return b->text;
}

static void
put_verdict_of(struct bench *b, struct subject subject, enum direction direction,
	       enum profile profile, enum verdict verdict, int32_t since, int64_t at)
{
	struct ledger_verdict v = { .subject = subject,
				    .direction = direction,
				    .profile = profile,
				    .verdict = verdict,
				    .has_since = true,
				    .since_day = since,
				    .reason = "",
				    .from_utc_sec = at };

	assert_true(ledger_verdict_put(b->ledger, &v, &b->err));
}

static void
put_verdict(struct bench *b, enum direction direction, enum profile profile, enum verdict verdict,
	    int32_t since, int64_t at)
{
	put_verdict_of(b, subject_port(b->port), direction, profile, verdict, since, at);
}

static void
test_verdicts_with_the_one_before(void **state)
{
	struct bench *b = *state;

	put_verdict(b, DIRECTION_OUT, PROFILE_EARLY, VERDICT_INSUFFICIENT, 1, 1000);
	put_verdict(b, DIRECTION_OUT, PROFILE_PROOF, VERDICT_INSUFFICIENT, 1, 1000);
	assert_string_equal(changes(b, CHANGE_OF_VERDICT, 0), ""); /* a beginning */
	put_verdict(b, DIRECTION_OUT, PROFILE_EARLY, VERDICT_NONE, 2, 1002);
	put_verdict(b, DIRECTION_IN, PROFILE_EARLY, VERDICT_NONE, 2, 2000);
	assert_string_equal(changes(b, CHANGE_OF_VERDICT, 0), ""); /* the same beginning */
	put_verdict(b, DIRECTION_OUT, PROFILE_EARLY, VERDICT_NONE, 3,
		    2500); /* another since alone */
	put_verdict(b, DIRECTION_OUT, PROFILE_EARLY, VERDICT_ROUTINE, 4, 3000);
	put_verdict(b, DIRECTION_OUT, PROFILE_PROOF, VERDICT_RECURRING, 4, 87400);
	assert_string_equal(changes(b, CHANGE_OF_VERDICT, 0),
			    "87400 out proof: insufficient data -> recurring\n"
			    "3000 out early: none -> routine\n");
	assert_string_equal(changes(b, CHANGE_OF_VERDICT, 3001),
			    "87400 out proof: insufficient data -> recurring\n");
	assert_string_equal(changes(b, CHANGE_OF_VERDICT, 87401), "");
}

static void
test_insufficient_data_is_a_beginning_for_a_day(void **state)
{
	struct bench *b = *state;

	put_verdict(b, DIRECTION_OUT, PROFILE_EARLY, VERDICT_INSUFFICIENT, 1, 1000);
	put_verdict(b, DIRECTION_OUT, PROFILE_EARLY, VERDICT_RECURRING, 2, 87399);
	assert_string_equal(changes(b, CHANGE_OF_VERDICT, 0), "");
	put_verdict(b, DIRECTION_OUT, PROFILE_EARLY, VERDICT_INSUFFICIENT, 3, 90000);
	put_verdict(b, DIRECTION_OUT, PROFILE_EARLY, VERDICT_RECURRING, 3, 90005);
	assert_string_equal(changes(b, CHANGE_OF_VERDICT, 0),
			    "90005 out early: insufficient data -> recurring\n"
			    "90000 out early: recurring -> insufficient data\n");
}

/* By the rules of a port's; and neither's are the other's, though their ids are the same. */
static void
test_verdicts_of_connections(void **state)
{
	struct bench *b = *state;
	struct subject whole = subject_connection(b->connection);

	assert_int_equal(b->connection, b->port);
	put_verdict_of(b, whole, DIRECTION_OUT, PROFILE_EARLY, VERDICT_INSUFFICIENT, 1, 1000);
	put_verdict(b, DIRECTION_OUT, PROFILE_EARLY, VERDICT_ROUTINE, 1, 1000);
	put_verdict_of(b, whole, DIRECTION_OUT, PROFILE_EARLY, VERDICT_NONE, 2, 2000);
	assert_string_equal(changes(b, CHANGE_OF_CONNECTION_VERDICT, 0), ""); /* a beginning */
	put_verdict_of(b, whole, DIRECTION_OUT, PROFILE_EARLY, VERDICT_NONE, 3, 2500);
	put_verdict_of(b, whole, DIRECTION_OUT, PROFILE_EARLY, VERDICT_ROUTINE, 4, 3000);
	put_verdict_of(b, whole, DIRECTION_IN, PROFILE_EARLY, VERDICT_RECURRING, 4, 3000);
	put_verdict_of(b, whole, DIRECTION_OUT, PROFILE_EARLY, VERDICT_NONE, 5, 90000);
	assert_string_equal(changes(b, CHANGE_OF_CONNECTION_VERDICT, 0),
			    "x/AS64500 1 90000 out early: routine -> none\n"
			    "x/AS64500 1 3000 out early: none -> routine\n");
	assert_string_equal(changes(b, CHANGE_OF_CONNECTION_VERDICT, 3001),
			    "x/AS64500 1 90000 out early: routine -> none\n");
	assert_string_equal(changes(b, CHANGE_OF_VERDICT, 0), "");
}

static void
test_capacities_with_the_one_before(void **state)
{
	struct bench *b = *state;

	assert_true(
	    ledger_capacity_put(b->ledger, b->port, 1e10, NAN, CAPACITY_INTERFACE, 1000, &b->err));
	assert_string_equal(changes(b, CHANGE_OF_CAPACITY, 0), ""); /* a beginning */
	assert_true(ledger_capacity_put(b->ledger, b->port, 1e10, NAN, CAPACITY_SETTING, 1500,
					&b->err)); /* another source alone */
	assert_true(
	    ledger_capacity_put(b->ledger, b->port, 2e10, NAN, CAPACITY_SETTING, 2000, &b->err));
	assert_true(
	    ledger_capacity_put(b->ledger, b->port, 2e10, 5e9, CAPACITY_CONTRACT, 3000, &b->err));
	assert_true(
	    ledger_capacity_put(b->ledger, b->port, NAN, 5e9, CAPACITY_CONTRACT, 4000, &b->err));
	assert_string_equal(changes(b, CHANGE_OF_CAPACITY, 0),
			    "4000: 2e+10 -> nan, 5e+09 -> 5e+09\n"
			    "3000: 2e+10 -> 2e+10, nan -> 5e+09\n"
			    "2000: 1e+10 -> 2e+10, nan -> nan\n");
	assert_string_equal(changes(b, CHANGE_OF_CAPACITY, 3500),
			    "4000: 2e+10 -> nan, 5e+09 -> 5e+09\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_verdicts_with_the_one_before, begin, end),
		cmocka_unit_test_setup_teardown(test_insufficient_data_is_a_beginning_for_a_day,
						begin, end),
		cmocka_unit_test_setup_teardown(test_verdicts_of_connections, begin, end),
		cmocka_unit_test_setup_teardown(test_capacities_with_the_one_before, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
