/* links: store/ledger.c store/ledger_schema.c store/ledger_schema_1.c store/ledger_schema_2.c store/ledger_schema_3.c store/ledger_schema_4.c store/ledger_schema_5.c store/ledger_exchange.c store/ledger_report.c store/ledger_report_case.c store/ledger_report_mail.c store/ledger_report_register.c store/ledger_outbox.c store/ledger_outbox_fate.c store/db.c store/db_statement.c base/report_words.c base/outbox_words.c base/clock.c base/error.c base/model.c base/units.c base/decimal.c base/detector_settings.c */
/* pkgs: sqlite3 */
/* test_ledger_report_mail.c - mails of a report: they outlive the outbox, their failures are told once. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "ledger_report_bench.h"

/* --- mails --- */

static int64_t
put_mail(struct bench *bench, int64_t report_id, const char *message_id, const char *recipient)
{
	struct outbox_mail mail = { .kind = OUTBOX_REPORT,
				    .recipient = recipient,
				    .message_id = message_id,
				    .subject = "s",
				    .text = "t",
				    .report_id = report_id,
				    .created_utc_sec = T0 };
	int64_t id;

	assert_true(ledger_outbox_put(bench->ledger, &mail, &id, &bench->err));
	assert_true(ledger_report_mail_put(bench->ledger, report_id, recipient, message_id, id, T0,
					   &bench->err));
	return id;
}

static bool
on_mail(const struct report_mail *mail, void *user)
{
	struct counted *counted = user;

	counted->count++;
	counted->newest = mail->mail_id;
	snprintf(counted->text, sizeof(counted->text), "%s %s %s", mail->recipient,
		 mail->message_id, mail->is_kept ? outbox_state_name(mail->state) : "gone");
	return true;
}

static bool
on_outbox(const struct outbox_mail *mail, void *user)
{
	*(int64_t *)user = mail->report_id;
	return true;
}

static void
mails_of_a_report_outlive_the_outbox_and_failures_are_told_once(void **state)
{
	struct bench *bench = *state;
	struct report report = letter(64500, W47, 1);
	int64_t id = put(bench, &report), report_id = 0;
	int64_t one = put_mail(bench, id, "<1@x>", "a@example.net"),
		two = put_mail(bench, id, "<2@x>", "b@example.net");
	struct outbox_query query = { .id = two, .any_state = true };
	struct outbox_outcome failed = {
		.id = one, .state = OUTBOX_FAILED, .at_utc_sec = T0, .reply = "no such user"
	};
	struct counted counted = { .count = 0 };

	assert_true(ledger_outbox_each(bench->ledger, &query, on_outbox, &report_id, &bench->err));
	assert_int_equal(report_id, id);
	assert_false(ledger_report_mail_put(bench->ledger, id, "a@example.net", "<3@x>", 99, T0,
					    &bench->err)); /* once to each */
	assert_true(ledger_outbox_outcome(bench->ledger, &failed, &bench->err));
	assert_true(
	    ledger_report_mail_each(bench->ledger, 0, true, on_mail, &counted, &bench->err));
	assert_int_equal(counted.count, 1);
	assert_int_equal(counted.newest, one);
	assert_string_equal(counted.text, "a@example.net <1@x> failed");
	assert_int_equal(get(bench, id).report.mail_count, 2);
	assert_int_equal(get(bench, id).report.failed_count, 1);
	assert_int_equal(get(bench, id).report.sent_count, 0);
	assert_true(ledger_report_mail_told(bench->ledger, one, T0 + 1, &bench->err));
	counted.count = 0;
	assert_true(
	    ledger_report_mail_each(bench->ledger, 0, true, on_mail, &counted, &bench->err));
	assert_int_equal(counted.count, 0);
	assert_true(ledger_outbox_tidy(bench->ledger, T0 + 100, &bench->err));
	assert_true(
	    ledger_report_mail_each(bench->ledger, id, false, on_mail, &counted, &bench->err));
	assert_int_equal(counted.count, 2);
	counted.count = 0;
	assert_true(
	    ledger_report_mail_each(bench->ledger, 0, false, on_mail, &counted, &bench->err));
	assert_int_equal(counted.count, 2);
	assert_string_equal(counted.text, "b@example.net <2@x> waiting");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(mails_of_a_report_outlive_the_outbox_and_failures_are_told_once),
	};

	return cmocka_run_group_tests_name("ledger_report_mail", tests, NULL, NULL);
}
