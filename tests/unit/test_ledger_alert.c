/* links: store/ledger.c store/ledger_schema.c store/ledger_schema_1.c store/ledger_schema_2.c store/ledger_schema_3.c store/ledger_schema_4.c store/ledger_schema_5.c store/ledger_exchange.c store/ledger_port.c store/ledger_port_put.c store/ledger_connection.c store/ledger_window.c store/ledger_alert.c store/ledger_quiet.c store/db.c store/db_statement.c base/alert_words.c base/error.c base/model.c base/units.c base/decimal.c base/detector_settings.c */
/* pkgs: sqlite3 */
/* test_ledger_alert.c - alerts, where they were told, and what keeps them quiet, as the ledger has them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ixwatch/alert.h"
#include "ledger_scratch.h"

#define T0 INT64_C(1795000000)

struct bench {
	struct scratch scratch;
	struct ledger *ledger;
	struct error err;
	int64_t port_id;
	char text[2048];
};

static int
set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	const struct port port = { .exchange = "x",
				   .agent = "edge1",
				   .interface = "xe-0",
				   .alias = "",
				   .peer = "Example",
				   .asn = 64500,
				   .path = "rrd/x/edge1/xe-0.rrd",
				   .note = "",
				   .circuit = "",
				   .contracted_bps = NAN };

	scratch_new(&bench->scratch);
	assert_true(ledger_open(&bench->ledger, bench->scratch.dir, LEDGER_WRITE, &bench->err));
	assert_true(ledger_exchange_put(bench->ledger, "x", "X", "UTC", &bench->err));
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

static struct ledger_alert
alert_of(const struct bench *bench, enum alert_kind kind, enum alert_scope scope)
{
	return (struct ledger_alert) {
		.subject = { .kind = kind,
			     .scope = scope,
			     .id = scope == ALERT_OF_PORT ? bench->port_id : 0,
			     .direction = DIRECTION_OUT,
			     .exchange = "x",
			     .agent = scope == ALERT_OF_EXCHANGE ? "" : "edge1",
			     .asn = scope == ALERT_OF_PORT ? 64500 : 0 },
		.began_utc_sec = T0,
		.noticed_utc_sec = T0 + 10,
		.peak = NAN,
	};
}

/* "3 saturated port 1 out; " */
static bool
describe(const struct ledger_alert *alert, void *user)
{
	struct bench *bench = user;
	size_t len = strlen(bench->text);

	snprintf(bench->text + len, sizeof(bench->text) - len, "%d %s %s%s%s; ", (int)alert->id,
		 alert_kind_name(alert->subject.kind), alert_scope_name(alert->subject.scope),
		 alert_kind_is_directed(alert->subject.kind) ? " " : "",
		 alert_kind_is_directed(alert->subject.kind)
		     ? model_direction_name(alert->subject.direction)
		     : "");
	return true;
}

static const char *
listed(struct bench *bench, struct ledger_alert_query query)
{
	bench->text[0] = '\0';
	assert_true(ledger_alert_each(bench->ledger, &query, describe, bench, &bench->err));
	return bench->text;
}

static bool
take(const struct ledger_alert *alert, void *user)
{
	struct ledger_alert *out = user;

	*out = *alert;
	out->subject.exchange = out->subject.agent = "";
	return true;
}

static void
an_alert_is_read_back_as_it_was_put(void **state)
{
	struct bench *bench = *state;
	struct ledger_alert alert = alert_of(bench, ALERT_SATURATED, ALERT_OF_PORT), back = { 0 };
	struct ledger_alert_query query = { .port_id = bench->port_id };

	alert.subject.direction = DIRECTION_IN;
	assert_true(ledger_alert_put(bench->ledger, &alert, &bench->err));
	assert_true(alert.id > 0);
	assert_true(ledger_alert_each(bench->ledger, &query, take, &back, &bench->err));
	assert_true(isnan(back.peak)); /* unknown is not 0 */
	assert_int_equal(back.subject.direction, DIRECTION_IN);
	assert_int_equal(back.subject.id, bench->port_id);
	assert_int_equal(back.subject.asn, 64500);
	assert_int_equal(back.ended_utc_sec, 0);
	alert.peak = 0.99;
	alert.again = 2;
	alert.first_told_utc_sec = alert.last_told_utc_sec = T0 + 20;
	alert.told_count = 1;
	alert.escalated_utc_sec = T0 + 30;
	alert.blind_utc_sec = T0 + 40;
	alert.until_utc_sec = T0 + 50;
	alert.ended_utc_sec = T0 + 60;
	alert.end_told_utc_sec = T0 + 70;
	assert_true(ledger_alert_put(bench->ledger, &alert, &bench->err));
	assert_true(ledger_alert_each(bench->ledger, &query, take, &back, &bench->err));
	assert_true(back.peak == alert.peak);
	assert_int_equal(back.again, alert.again);
	assert_int_equal(back.began_utc_sec, alert.began_utc_sec);
	assert_int_equal(back.noticed_utc_sec, alert.noticed_utc_sec);
	assert_int_equal(back.first_told_utc_sec, alert.first_told_utc_sec);
	assert_int_equal(back.last_told_utc_sec, alert.last_told_utc_sec);
	assert_int_equal(back.told_count, alert.told_count);
	assert_int_equal(back.escalated_utc_sec, alert.escalated_utc_sec);
	assert_int_equal(back.blind_utc_sec, alert.blind_utc_sec);
	assert_int_equal(back.until_utc_sec, alert.until_utc_sec);
	assert_int_equal(back.ended_utc_sec, alert.ended_utc_sec);
	assert_int_equal(back.end_told_utc_sec, alert.end_told_utc_sec);
}

static void
of_one_subject_and_kind_one_is_open(void **state)
{
	struct bench *bench = *state;
	struct ledger_alert first = alert_of(bench, ALERT_CONGESTION, ALERT_OF_PORT), in = first,
			    again = first;

	assert_true(ledger_alert_put(bench->ledger, &first, &bench->err));
	in.subject.direction = DIRECTION_IN; /* another direction is another alert */
	assert_true(ledger_alert_put(bench->ledger, &in, &bench->err));
	assert_false(ledger_alert_put(bench->ledger, &again, &bench->err));
	first.ended_utc_sec = T0 + 60;
	assert_true(ledger_alert_put(bench->ledger, &first, &bench->err));
	assert_true(ledger_alert_put(bench->ledger, &again, &bench->err));
	assert_true(again.id > in.id);
}

static void
an_exchange_that_is_not_there_has_no_alerts(void **state)
{
	struct bench *bench = *state;
	struct ledger_alert alert = alert_of(bench, ALERT_AGENT_UNREACHABLE, ALERT_OF_AGENT);

	alert.subject.exchange = "nowhere";
	assert_false(ledger_alert_put(bench->ledger, &alert, &bench->err));
	assert_int_equal(bench->err.code, ERR_NOT_FOUND);
	assert_int_equal(alert.id, 0);
}

static void
lists_are_of_what_was_asked_for(void **state)
{
	struct bench *bench = *state;
	struct ledger_alert agent = alert_of(bench, ALERT_AGENT_UNREACHABLE, ALERT_OF_AGENT),
			    exchange =
				alert_of(bench, ALERT_EXCHANGE_UNREACHABLE, ALERT_OF_EXCHANGE),
			    loss = alert_of(bench, ALERT_LOSS, ALERT_OF_PORT),
			    full = alert_of(bench, ALERT_SATURATED, ALERT_OF_PORT);

	assert_true(ledger_alert_put(bench->ledger, &agent, &bench->err));
	assert_true(ledger_alert_put(bench->ledger, &exchange, &bench->err));
	assert_true(ledger_alert_put(bench->ledger, &loss, &bench->err));
	assert_true(ledger_alert_put(bench->ledger, &full, &bench->err));
	loss.ended_utc_sec = T0 + 100; /* never told: nothing is owed */
	assert_true(ledger_alert_put(bench->ledger, &loss, &bench->err));
	full.first_told_utc_sec = full.last_told_utc_sec = T0 + 5;
	full.told_count = 1;
	full.ended_utc_sec = T0 + 100; /* its end is to be told */
	assert_true(ledger_alert_put(bench->ledger, &full, &bench->err));
	assert_string_equal(listed(bench, (struct ledger_alert_query) { .limit = 0 }),
			    "4 saturated port out; 3 loss port out; 2 exchange unreachable "
			    "exchange; 1 agent unreachable agent; ");
	assert_string_equal(listed(bench, (struct ledger_alert_query) { .open_only = true }),
			    "2 exchange unreachable exchange; 1 agent unreachable agent; ");
	assert_string_equal(
	    listed(bench, (struct ledger_alert_query) { .unsettled = true }),
	    "4 saturated port out; 2 exchange unreachable exchange; 1 agent unreachable agent; ");
	assert_string_equal(
	    listed(bench, (struct ledger_alert_query) { .unsettled = true,
							.or_ended_after_utc_sec = T0 + 99 }),
	    "4 saturated port out; 3 loss port out; 2 exchange unreachable exchange; 1 agent "
	    "unreachable agent; ");
	assert_string_equal(
	    listed(bench, (struct ledger_alert_query) { .port_id = bench->port_id, .limit = 1 }),
	    "4 saturated port out; ");
	assert_string_equal(
	    listed(bench, (struct ledger_alert_query) { .exchange = "x", .before_id = 3 }),
	    "2 exchange unreachable exchange; 1 agent unreachable agent; ");
	assert_string_equal(listed(bench, (struct ledger_alert_query) { .id = 3 }),
			    "3 loss port out; ");
	assert_string_equal(listed(bench, (struct ledger_alert_query) { .exchange = "y" }), "");
}

static bool
describe_told(const struct ledger_told *told, void *user)
{
	struct bench *bench = user;
	size_t len = strlen(bench->text);

	snprintf(bench->text + len, sizeof(bench->text) - len, "%s %s %s; ",
		 alert_told_name(told->what), told->recipient, told->message_id);
	return true;
}

static void
where_it_was_told_is_kept_in_order(void **state)
{
	struct bench *bench = *state;
	struct ledger_alert alert = alert_of(bench, ALERT_LOSS, ALERT_OF_PORT);
	struct ledger_told told = { .at_utc_sec = T0, .mail_id = 7, .message_id = "<1@x>" };

	assert_true(ledger_alert_put(bench->ledger, &alert, &bench->err));
	told.alert_id = alert.id;
	told.recipient = "noc@x.example";
	assert_true(ledger_told_put(bench->ledger, &told, &bench->err));
	told.what = TOLD_ESCALATION;
	told.recipient = "boss@x.example";
	told.message_id = "<2@x>";
	assert_true(ledger_told_put(bench->ledger, &told, &bench->err));
	assert_true(ledger_told_each(bench->ledger, alert.id, describe_told, bench, &bench->err));
	assert_string_equal(bench->text,
			    "alert noc@x.example <1@x>; escalation boss@x.example <2@x>; ");
	told.alert_id = 99;
	assert_false(ledger_told_put(bench->ledger, &told, &bench->err));
}

/* --- silences and acknowledgements --- */

static struct ledger_quiet
quiet_of(enum quiet_kind kind, enum window_scope scope)
{
	return (struct ledger_quiet) { .kind = kind,
				       .scope = scope,
				       .exchange = "x",
				       .agent = "edge1",
				       .asn = 64500,
				       .start_utc_sec = T0,
				       .end_utc_sec = T0 + 3600,
				       .reason = "works",
				       .author = "kim",
				       .created_utc_sec = T0 };
}

static bool
describe_quiet(const struct ledger_quiet *quiet, void *user)
{
	struct bench *bench = user;
	size_t len = strlen(bench->text);
	char scope[768];

	snprintf(bench->text + len, sizeof(bench->text) - len, "%d %s %s +%d%s%s; ", (int)quiet->id,
		 quiet_kind_name(quiet->kind), quiet_scope_text(scope, sizeof(scope), quiet),
		 quiet->until_utc_sec != 0 ? (int)(quiet->until_utc_sec - T0) : -1,
		 quiet->ended_utc_sec != 0 ? " by " : "",
		 quiet->ended_utc_sec != 0 ? quiet->ended_by : "");
	return true;
}

static const char *
quiets(struct bench *bench, struct ledger_quiet_query query)
{
	bench->text[0] = '\0';
	assert_true(ledger_quiet_each(bench->ledger, &query, describe_quiet, bench, &bench->err));
	return bench->text;
}

static void
a_silence_has_a_scope_that_is_there(void **state)
{
	struct bench *bench = *state;
	struct ledger_quiet quiet;
	int64_t id;

	for (int scope = 0; scope < WINDOW_SCOPE_COUNT; scope++) {
		quiet = quiet_of(QUIET_SILENCE, (enum window_scope)scope);
		quiet.port_id = bench->port_id;
		assert_true(ledger_quiet_add(bench->ledger, &quiet, &id, &bench->err));
		quiet.port_id = 99;
		quiet.asn = 1;
		quiet.exchange = "y";
		assert_false(ledger_quiet_add(bench->ledger, &quiet, &id, &bench->err));
		assert_int_equal(bench->err.code, ERR_NOT_FOUND);
	}
	assert_string_equal(quiets(bench, (struct ledger_quiet_query) { .any_kind = true }),
			    "1 silence port:x/edge1/xe-0 +3600; 2 silence peer:64500 +3600; "
			    "3 silence agent:x/edge1 +3600; 4 silence exchange:x +3600; ");
}

static void
a_silence_has_an_end_and_not_a_distant_one(void **state)
{
	struct bench *bench = *state;
	struct ledger_quiet quiet = quiet_of(QUIET_SILENCE, WINDOW_EXCHANGE);
	int64_t id;

	quiet.end_utc_sec = 0;
	assert_false(ledger_quiet_add(bench->ledger, &quiet, &id, &bench->err));
	quiet.end_utc_sec = T0;
	assert_false(ledger_quiet_add(bench->ledger, &quiet, &id, &bench->err));
	quiet.end_utc_sec = T0 + LEDGER_SILENCE_MAX_SEC + 1;
	assert_false(ledger_quiet_add(bench->ledger, &quiet, &id, &bench->err));
	assert_int_equal(bench->err.code, ERR_USAGE);
	quiet.end_utc_sec = T0 + LEDGER_SILENCE_MAX_SEC;
	assert_true(ledger_quiet_add(bench->ledger, &quiet, &id, &bench->err));
}

static void
it_is_ended_early_once_and_stays_in_the_register(void **state)
{
	struct bench *bench = *state;
	struct ledger_quiet quiet = quiet_of(QUIET_SILENCE, WINDOW_EXCHANGE);
	int64_t id;

	assert_true(ledger_quiet_add(bench->ledger, &quiet, &id, &bench->err));
	assert_false(ledger_quiet_end(bench->ledger, QUIET_ACKNOWLEDGEMENT, id, T0 + 60, "lee",
				      &bench->err));
	assert_int_equal(bench->err.code, ERR_NOT_FOUND);
	assert_true(
	    ledger_quiet_end(bench->ledger, QUIET_SILENCE, id, T0 + 60, "lee", &bench->err));
	assert_false(
	    ledger_quiet_end(bench->ledger, QUIET_SILENCE, id, T0 + 61, "lee", &bench->err));
	assert_int_equal(bench->err.code, ERR_REFUSED);
	assert_string_equal(quiets(bench, (struct ledger_quiet_query) { .any_kind = true }),
			    "1 silence exchange:x +60 by lee; ");
	assert_string_equal(quiets(bench, (struct ledger_quiet_query) { .any_kind = true,
									.after_utc_sec = T0 + 60 }),
			    "");
}

static void
an_acknowledgement_may_be_of_one_open_alert_and_lasts_as_long(void **state)
{
	struct bench *bench = *state;
	struct ledger_alert alert = alert_of(bench, ALERT_LOSS, ALERT_OF_PORT);
	struct ledger_quiet quiet = quiet_of(QUIET_ACKNOWLEDGEMENT, WINDOW_PORT);
	struct ledger_quiet_query now = { .any_kind = true, .after_utc_sec = T0 + 7200 };
	int64_t id;

	quiet.end_utc_sec = 0;
	quiet.alert_id = 1;
	assert_false(ledger_quiet_add(bench->ledger, &quiet, &id, &bench->err));
	assert_int_equal(bench->err.code, ERR_NOT_FOUND);
	assert_true(ledger_alert_put(bench->ledger, &alert, &bench->err));
	assert_true(ledger_quiet_add(bench->ledger, &quiet, &id, &bench->err));
	assert_string_equal(quiets(bench, now), "1 acknowledgement alert:1 +-1; ");
	alert.ended_utc_sec = T0 + 100;
	assert_true(ledger_alert_put(bench->ledger, &alert, &bench->err));
	assert_string_equal(quiets(bench, now), "");
	assert_false(ledger_quiet_add(bench->ledger, &quiet, &id, &bench->err));
}

/* --- whom it concerns --- */

static const struct fits_case {
	const char *name;
	enum quiet_kind kind;
	enum window_scope scope;
	int64_t alert_id, port_id;
	const char *exchange, *agent;
	uint32_t asn;
	int at_sec; /* after T0; it holds for an hour from then */
	bool fits;
} fits_cases[] = {
	{ "a port's own", QUIET_SILENCE, WINDOW_PORT, 0, 5, "", "", 0, 10, true },
	{ "not another's", QUIET_SILENCE, WINDOW_PORT, 0, 6, "", "", 0, 10, false },
	{ "its peer's", QUIET_SILENCE, WINDOW_PEER, 0, 0, "", "", 64500, 10, true },
	{ "not another peer's", QUIET_SILENCE, WINDOW_PEER, 0, 0, "", "", 64501, 10, false },
	{ "its agent's", QUIET_SILENCE, WINDOW_AGENT, 0, 0, "x", "edge1", 0, 10, true },
	{ "not that of the same name elsewhere", QUIET_SILENCE, WINDOW_AGENT, 0, 0, "y", "edge1", 0,
	  10, false },
	{ "its exchange's", QUIET_SILENCE, WINDOW_EXCHANGE, 0, 0, "x", "", 0, 10, true },
	{ "not another exchange's", QUIET_SILENCE, WINDOW_EXCHANGE, 0, 0, "y", "", 0, 10, false },
	{ "not before it begins", QUIET_SILENCE, WINDOW_EXCHANGE, 0, 0, "x", "", 0, -1, false },
	{ "not when it is over", QUIET_SILENCE, WINDOW_EXCHANGE, 0, 0, "x", "", 0, 3600, false },
	{ "an alert's own", QUIET_ACKNOWLEDGEMENT, WINDOW_PORT, 8, 0, "", "", 0, 10, true },
	{ "not another alert's", QUIET_ACKNOWLEDGEMENT, WINDOW_PORT, 9, 0, "", "", 0, 10, false },
};

static void
check_fits(void **state)
{
	const struct fits_case *c = *state;
	struct ledger_quiet quiet = { .kind = c->kind,
				      .alert_id = c->alert_id,
				      .scope = c->scope,
				      .port_id = c->port_id,
				      .asn = c->asn,
				      .exchange = c->exchange,
				      .agent = c->agent,
				      .start_utc_sec = T0,
				      .until_utc_sec = T0 + 3600,
				      .created_utc_sec = T0 };
	struct alert_subject subject = { .kind = ALERT_LOSS,
					 .scope = ALERT_OF_PORT,
					 .id = 5,
					 .exchange = "x",
					 .agent = "edge1",
					 .asn = 64500 };

	assert_int_equal(quiet_fits(&quiet, &subject, 8, T0 - 60, T0 + c->at_sec), c->fits);
	/* What began after it was acknowledged is another matter; a silence is for what comes. */
	assert_int_equal(quiet_fits(&quiet, &subject, 8, T0 + 5, T0 + c->at_sec),
			 c->fits && c->kind == QUIET_SILENCE);
}

static void
a_port_without_a_peer_is_nobodys(void **state)
{
	struct ledger_quiet quiet = { .scope = WINDOW_PEER, .exchange = "", .agent = "" };
	struct alert_subject subject = { .scope = ALERT_OF_PORT, .exchange = "x", .agent = "a" };

	(void)state;
	assert_false(quiet_fits(&quiet, &subject, 1, T0, T0));
}

int
main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test_setup_teardown(an_alert_is_read_back_as_it_was_put, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(of_one_subject_and_kind_one_is_open, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_exchange_that_is_not_there_has_no_alerts, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(lists_are_of_what_was_asked_for, set_up, tear_down),
		cmocka_unit_test_setup_teardown(where_it_was_told_is_kept_in_order, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_silence_has_a_scope_that_is_there, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_silence_has_an_end_and_not_a_distant_one, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(it_is_ended_early_once_and_stays_in_the_register,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    an_acknowledgement_may_be_of_one_open_alert_and_lasts_as_long, set_up,
		    tear_down),
		cmocka_unit_test(a_port_without_a_peer_is_nobodys),
	};
	struct CMUnitTest tests[COUNT(fits_cases) + COUNT(others)];

	for (size_t i = 0; i < COUNT(fits_cases); i++)
		tests[i] = (struct CMUnitTest) { fits_cases[i].name, check_fits, NULL, NULL,
						 (void *)&fits_cases[i] };
	memcpy(&tests[COUNT(fits_cases)], others, sizeof(others));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
