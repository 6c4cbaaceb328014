/* links: store/ledger.c store/ledger_schema.c store/ledger_schema_1.c store/ledger_schema_2.c store/ledger_schema_3.c store/ledger_schema_4.c store/ledger_schema_5.c store/ledger_outbox.c store/ledger_outbox_fate.c store/db.c store/db_statement.c base/outbox_words.c base/clock.c base/error.c base/model.c base/units.c base/decimal.c base/detector_settings.c */
/* pkgs: sqlite3 */
/* test_ledger_outbox.c - the outbox: what is put is what is read, in which order it goes, and what may become of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ixwatch/outbox.h"
#include "ledger_scratch.h"

#define NOW INT64_C(1795000000)

static struct scratch scratch;
static struct ledger *ledger;
static struct error err;

static int
set_up(void **state)
{
	(void)state;
	scratch_new(&scratch);
	assert_true(ledger_open(&ledger, scratch.dir, LEDGER_WRITE, &err));
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	ledger_close(ledger);
	scratch_free(&scratch);
	return 0;
}

/* --- helpers --- */

static struct outbox_mail
mail_of(enum outbox_kind kind, const char *recipient, const char *message_id, int64_t created)
{
	return (struct outbox_mail) { .kind = kind,
				      .recipient = recipient,
				      .message_id = message_id,
				      .subject = "[fra] SATURATED",
				      .text = "what\n",
				      .created_utc_sec = created };
}

static int64_t
put(const struct outbox_mail *mail)
{
	int64_t id = 0;

	if (!ledger_outbox_put(ledger, mail, &id, &err))
		fail_msg("%s", err.text);
	return id;
}

static int64_t
put_one(enum outbox_kind kind, const char *recipient, const char *message_id, int64_t created)
{
	struct outbox_mail mail = mail_of(kind, recipient, message_id, created);

	return put(&mail);
}

struct read_ids {
	size_t count;
	int64_t id[16];
};

static bool
on_id(const struct outbox_mail *mail, void *user)
{
	struct read_ids *ids = user;

	ids->id[ids->count++] = mail->id;
	return ids->count < COUNT(ids->id);
}

static void
assert_due(int64_t now, size_t count, const int64_t *want)
{
	struct read_ids got = { 0 };

	assert_true(ledger_outbox_due(ledger, now, 0, on_id, &got, &err));
	assert_int_equal(got.count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(got.id[i], want[i]);
}

struct kept {
	struct outbox_mail mail;
	char recipient[300], message_id[300], in_reply_to[300], references[300], subject[300],
	    text[300], html[300], exchange[64], last_reply[300];
	unsigned count;
};

static bool
on_kept(const struct outbox_mail *mail, void *user)
{
	struct kept *kept = user;

	kept->mail = *mail;
#define KEEP(field) snprintf(kept->field, sizeof(kept->field), "%s", mail->field)
	KEEP(recipient);
	KEEP(message_id);
	KEEP(in_reply_to);
	KEEP(references);
	KEEP(subject);
	KEEP(text);
	KEEP(html);
	KEEP(exchange);
	KEEP(last_reply);
	kept->count++;
	return true;
}

static struct kept
read_one(int64_t id)
{
	struct outbox_query query = { .id = id, .any_state = true };
	struct kept kept = { .count = 0 };

	assert_true(ledger_outbox_each(ledger, &query, on_kept, &kept, &err));
	assert_int_equal(kept.count, 1);
	return kept;
}

static bool
claim(int64_t id)
{
	bool claimed = false;

	assert_true(ledger_outbox_claim(ledger, id, NOW, &claimed, &err));
	return claimed;
}

static void
outcome(int64_t id, enum outbox_state state, int64_t next, int code, const char *reply)
{
	struct outbox_outcome what = { .id = id,
				       .state = state,
				       .at_utc_sec = NOW + 1,
				       .next_utc_sec = next,
				       .code = code,
				       .reply = reply };

	assert_true(ledger_outbox_outcome(ledger, &what, &err));
}

/* --- put and read --- */

static void
every_field_comes_back(void **state)
{
	struct outbox_mail mail = {
		.kind = OUTBOX_RECOVERY,
		.recipient = "noc@example.net",
		.message_id = "<b@example.net>",
		.in_reply_to = "<a@example.net>",
		.references = "<0@example.net> <a@example.net>",
		.subject = "clear \xc3\xa9",
		.text = "text\n",
		.html = "<p>",
		.picture = { 7, DIRECTION_OUT, NOW - 10, NOW },
		.exchange = "fra",
		.alert_id = 5,
		.created_utc_sec = NOW,
		.due_utc_sec = NOW + 60,
		.give_up_utc_sec = NOW + 99,
	};
	struct kept kept;

	(void)state;
	kept = read_one(put(&mail));
	assert_int_equal(kept.mail.kind, OUTBOX_RECOVERY);
	assert_int_equal(kept.mail.state, OUTBOX_WAITING);
	assert_string_equal(kept.recipient, "noc@example.net");
	assert_string_equal(kept.message_id, "<b@example.net>");
	assert_string_equal(kept.in_reply_to, "<a@example.net>");
	assert_string_equal(kept.references, "<0@example.net> <a@example.net>");
	assert_string_equal(kept.subject, "clear \xc3\xa9");
	assert_string_equal(kept.text, "text\n");
	assert_string_equal(kept.html, "<p>");
	assert_string_equal(kept.exchange, "fra");
	assert_int_equal(kept.mail.picture.port_id, 7);
	assert_int_equal(kept.mail.picture.direction, DIRECTION_OUT);
	assert_int_equal(kept.mail.picture.from_utc_sec, NOW - 10);
	assert_int_equal(kept.mail.picture.to_utc_sec, NOW);
	assert_int_equal(kept.mail.alert_id, 5);
	assert_int_equal(kept.mail.due_utc_sec, NOW + 60);
	assert_int_equal(kept.mail.next_utc_sec, NOW + 60);
	assert_int_equal(kept.mail.give_up_utc_sec, NOW + 99);
	assert_int_equal(kept.mail.attempts, 0);
	assert_int_equal(kept.mail.sent_utc_sec, 0);
}

static void
a_subject_is_one_line_of_utf8(void **state)
{
	struct outbox_mail mail = mail_of(OUTBOX_ALERT, "noc@example.net", "<a@b>", NOW);

	(void)state;
	mail.subject = "a\r\nBcc: x@y\xff\xe2\x80\xa8z";
	assert_string_equal(read_one(put(&mail)).subject, "a  Bcc: x@y\xef\xbf\xbd z");
}

static const char *const hostile_recipients[] = {
	"",
	"noc",
	"noc@",
	"@example.net",
	"a@b@c",
	"noc@example.net\r\nRCPT TO:<evil@example.org>",
	"<noc@example.net>",
	"noc@example.net, evil@example.org",
	"noc @example.net",
	"\xc3\xa9@example.net",
	"\"a b\"@example.net",
	"-oQ/tmp@example.net",
	"noc@example.net\n",
};

static void
a_recipient_that_is_no_address_fails_at_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hostile_recipients); i++) {
		char id[64];
		int64_t mail;

		snprintf(id, sizeof(id), "<%zu@example.net>", i);
		mail = put_one(OUTBOX_ALERT, hostile_recipients[i], id, NOW);
		assert_int_equal(read_one(mail).mail.state, OUTBOX_FAILED);
		assert_false(ledger_outbox_retry(ledger, mail, NOW, &err));
		assert_int_equal(err.code, ERR_REFUSED);
	}
	assert_due(NOW + 10, 0, NULL);
}

static void
a_message_id_is_used_once(void **state)
{
	struct outbox_mail mail = mail_of(OUTBOX_ALERT, "noc@example.net", "<a@b>", NOW);
	int64_t id;

	(void)state;
	put(&mail);
	assert_false(ledger_outbox_put(ledger, &mail, &id, &err));
	assert_int_equal(err.code, ERR_REFUSED);
	mail.message_id = "<a@b>\r\nBcc: x";
	assert_false(ledger_outbox_put(ledger, &mail, &id, &err));
	assert_int_equal(err.code, ERR_USAGE);
}

static void
message_ids_differ_and_name_the_sender_s_domain(void **state)
{
	char a[OUTBOX_MESSAGE_ID_SIZE], b[OUTBOX_MESSAGE_ID_SIZE];

	(void)state;
	outbox_message_id(a, "peering@example.net");
	outbox_message_id(b, "peering@example.net");
	assert_string_not_equal(a, b);
	assert_non_null(strstr(a, "@example.net>"));
	assert_non_null(strstr(outbox_message_id(a, ""), "@ixwatch.invalid>"));
}

static void
it_stands_or_falls_with_the_caller_s_transaction(void **state)
{
	(void)state;
	assert_true(ledger_begin(ledger, &err));
	put_one(OUTBOX_ALERT, "noc@example.net", "<a@b>", NOW);
	ledger_rollback(ledger);
	assert_due(NOW, 0, NULL);
}

/* --- order --- */

static void
alerts_go_before_digests_before_the_rest_oldest_first(void **state)
{
	int64_t report = put_one(OUTBOX_REPORT, "p@example.net", "<1@b>", NOW - 100);
	int64_t digest = put_one(OUTBOX_DIGEST, "noc@example.net", "<2@b>", NOW - 90);
	int64_t young = put_one(OUTBOX_ALERT, "noc@example.net", "<3@b>", NOW - 10);
	int64_t old = put_one(OUTBOX_ALERT, "noc@example.net", "<4@b>", NOW - 20);
	int64_t later = put_one(OUTBOX_ALERT, "noc@example.net", "<5@b>", NOW + 20);

	(void)state;
	assert_due(NOW, 4, (int64_t[]) { old, young, digest, report });
	assert_due(NOW + 20, 5, (int64_t[]) { old, young, later, digest, report });
}

static void
an_answer_waits_behind_what_it_answers(void **state)
{
	int64_t alert = put_one(OUTBOX_ALERT, "noc@example.net", "<1@b>", NOW - 100);
	struct outbox_mail mail = mail_of(OUTBOX_RECOVERY, "noc@example.net", "<2@b>", NOW - 50);
	int64_t recovery;

	(void)state;
	mail.in_reply_to = "<1@b>";
	recovery = put(&mail);
	assert_due(NOW, 2, (int64_t[]) { alert, recovery });
	assert_true(claim(alert));
	assert_due(NOW, 0, NULL);
	outcome(alert, OUTBOX_WAITING, NOW + 60, 451, "later");
	assert_due(NOW, 0, NULL);
	assert_due(NOW + 60, 2, (int64_t[]) { alert, recovery });
	assert_true(claim(alert));
	outcome(alert, OUTBOX_SENT, 0, 250, "queued");
	assert_due(NOW, 1, &recovery);
}

/* --- fates --- */

static void
only_what_nobody_tried_is_dropped_unsent(void **state)
{
	int64_t fresh = put_one(OUTBOX_ALERT, "noc@example.net", "<1@b>", NOW);
	int64_t tried = put_one(OUTBOX_ALERT, "noc@example.net", "<2@b>", NOW);
	bool dropped;

	(void)state;
	assert_true(claim(tried));
	assert_true(ledger_outbox_drop_unsent(ledger, tried, NOW, &dropped, &err));
	assert_false(dropped);
	outcome(tried, OUTBOX_WAITING, NOW + 60, 0, "no answer");
	assert_true(ledger_outbox_drop_unsent(ledger, tried, NOW, &dropped, &err));
	assert_false(dropped);
	assert_true(ledger_outbox_drop_unsent(ledger, fresh, NOW, &dropped, &err));
	assert_true(dropped);
	assert_string_equal(read_one(fresh).last_reply, OUTBOX_OVER_UNSENT);
	assert_false(claim(fresh));
}

static bool
on_backlog_count(const struct outbox_backlog *backlog, void *user)
{
	*(uint32_t *)user += backlog->gatherable_count;
	return true;
}

static uint32_t
backlog_count(void)
{
	uint32_t count = 0;

	assert_true(ledger_outbox_backlogs(ledger, NOW, on_backlog_count, &count, &err));
	return count;
}

/* What was over unsent is the next digest's, once; what a person dropped is nobody's. */
static void
what_was_over_unsent_is_gathered_once(void **state)
{
	int64_t over = put_one(OUTBOX_ALERT, "noc@example.net", "<1@b>", NOW);
	int64_t dropped_by_kim = put_one(OUTBOX_ALERT, "noc@example.net", "<2@b>", NOW), digest;
	bool dropped;

	(void)state;
	assert_true(ledger_outbox_drop_unsent(ledger, over, NOW, &dropped, &err) && dropped);
	assert_true(ledger_outbox_drop(ledger, dropped_by_kim, NOW, "dropped by kim", &err));
	assert_int_equal(backlog_count(), 1);
	digest = put_one(OUTBOX_DIGEST, "noc@example.net", "<3@b>", NOW);
	assert_true(ledger_outbox_into_digest(ledger, over, digest, &err));
	assert_true(ledger_outbox_into_digest(ledger, dropped_by_kim, digest, &err));
	assert_int_equal(read_one(over).mail.state, OUTBOX_IN_DIGEST);
	assert_true(outbox_is_over_unsent(
	    &(struct outbox_mail) { .state = OUTBOX_IN_DIGEST, .last_reply = OUTBOX_OVER_UNSENT }));
	assert_int_equal(read_one(dropped_by_kim).mail.state, OUTBOX_DROPPED);
	assert_int_equal(backlog_count(), 0);
}

static void
the_next_id_is_known_before(void **state)
{
	int64_t next;

	(void)state;
	for (int i = 0; i < 3; i++) {
		char message_id[16];

		snprintf(message_id, sizeof(message_id), "<%d@b>", i);
		assert_true(ledger_outbox_next_id(ledger, &next, &err));
		assert_int_equal(put_one(OUTBOX_ALERT, "noc@example.net", message_id, NOW), next);
	}
	assert_true(ledger_outbox_drop(ledger, next, NOW, "x", &err));
	assert_true(ledger_outbox_tidy(ledger, NOW + 1, &err));
	assert_true(ledger_outbox_next_id(ledger, &next, &err));
	assert_int_equal(put_one(OUTBOX_ALERT, "noc@example.net", "<9@b>", NOW), next);
}

static void
what_is_sent_stays_sent(void **state)
{
	int64_t id = put_one(OUTBOX_ALERT, "noc@example.net", "<1@b>", NOW);

	(void)state;
	assert_true(claim(id));
	assert_false(claim(id));
	outcome(id, OUTBOX_SENT, 0, 250, "queued as 1");
	outcome(id, OUTBOX_SENT, 0, 250, "again");
	outcome(id, OUTBOX_WAITING, NOW + 60, 451, "later");
	outcome(id, OUTBOX_FAILED, 0, 550, "no");
	assert_int_equal(read_one(id).mail.state, OUTBOX_SENT);
	assert_int_equal(read_one(id).mail.sent_utc_sec, NOW + 1);
	assert_string_equal(read_one(id).last_reply, "queued as 1");
	assert_false(ledger_outbox_retry(ledger, id, NOW, &err));
	assert_false(ledger_outbox_drop(ledger, id, NOW, "no", &err));
	assert_int_equal(err.code, ERR_REFUSED);
}

static void
one_dropped_in_vain_is_sent(void **state)
{
	int64_t id = put_one(OUTBOX_ALERT, "noc@example.net", "<1@b>", NOW);

	(void)state;
	assert_true(ledger_outbox_drop(ledger, id, NOW, "no", &err));
	outcome(id, OUTBOX_SENT, 0, 250, "queued");
	assert_int_equal(read_one(id).mail.state, OUTBOX_SENT);
}

static void
a_refused_one_is_shown_and_may_be_retried(void **state)
{
	int64_t id = put_one(OUTBOX_ALERT, "noc@example.net", "<1@b>", NOW);

	(void)state;
	assert_true(claim(id));
	outcome(id, OUTBOX_FAILED, 0, 550, "no such user");
	assert_int_equal(read_one(id).mail.state, OUTBOX_FAILED);
	assert_int_equal(read_one(id).mail.last_code, 550);
	assert_due(NOW + 100000, 0, NULL);
	assert_true(ledger_outbox_retry(ledger, id, NOW + 200, &err));
	assert_due(NOW + 200, 1, &id);
	assert_int_equal(read_one(id).mail.attempts, 1);
}

static void
a_released_one_was_not_tried(void **state)
{
	int64_t id = put_one(OUTBOX_ALERT, "noc@example.net", "<1@b>", NOW);

	(void)state;
	assert_true(claim(id));
	assert_true(ledger_outbox_release(ledger, id, &err));
	assert_true(ledger_outbox_release(ledger, id, &err));
	assert_int_equal(read_one(id).mail.attempts, 0);
	assert_due(NOW, 1, &id);
}

static void
what_a_dead_mailer_held_is_tried_again(void **state)
{
	int64_t held = put_one(OUTBOX_ALERT, "noc@example.net", "<1@b>", NOW);
	int64_t other = put_one(OUTBOX_ALERT, "noc@example.net", "<2@b>", NOW);

	(void)state;
	assert_true(claim(held));
	assert_true(ledger_outbox_interrupted(ledger, NOW + 5, &err));
	assert_int_equal(read_one(held).mail.interrupted, 1);
	assert_int_equal(read_one(held).mail.attempts, 1);
	assert_int_equal(read_one(other).mail.interrupted, 0);
	assert_due(NOW + 5, 2, (int64_t[]) { held, other });
}

static void
after_its_patience_a_mail_is_given_up(void **state)
{
	int64_t id = put_one(OUTBOX_ALERT, "noc@example.net", "<1@b>", NOW);
	int64_t count;

	(void)state;
	assert_true(claim(id));
	outcome(id, OUTBOX_WAITING, NOW + 60, 451, "later");
	assert_true(ledger_outbox_give_up(ledger, NOW + OUTBOX_PATIENCE_SEC - 1, &count, &err));
	assert_int_equal(count, 0);
	assert_true(ledger_outbox_give_up(ledger, NOW + OUTBOX_PATIENCE_SEC, &count, &err));
	assert_int_equal(count, 1);
	assert_int_equal(read_one(id).mail.state, OUTBOX_FAILED);
	assert_string_equal(read_one(id).last_reply, "given up; last: later");
}

/* --- digests --- */

struct backlogs {
	size_t count;
	struct outbox_backlog of[4];
};

static bool
on_backlog(const struct outbox_backlog *backlog, void *user)
{
	struct backlogs *backlogs = user;

	backlogs->of[backlogs->count++] = *backlog;
	return true;
}

static void
a_backlog_counts_what_a_digest_can_tell(void **state)
{
	int64_t sent = put_one(OUTBOX_ALERT, "a@example.net", "<0@b>", NOW - 9);
	struct backlogs got = { 0 };
	int64_t digest;

	(void)state;
	put_one(OUTBOX_ALERT, "a@example.net", "<1@b>", NOW - 100);
	put_one(OUTBOX_RECOVERY, "a@example.net", "<2@b>", NOW - 50);
	put_one(OUTBOX_ALERT, "a@example.net", "<3@b>", NOW + 500);
	put_one(OUTBOX_REPORT, "b@example.net", "<4@b>", NOW - 50);
	put_one(OUTBOX_ALERT, "c@example.net", "<5@b>", NOW - 5);
	digest = put_one(OUTBOX_DIGEST, "a@example.net", "<6@b>", NOW - 60);
	assert_true(claim(sent));
	outcome(sent, OUTBOX_SENT, 0, 250, "ok");
	assert_true(ledger_outbox_backlogs(ledger, NOW, on_backlog, &got, &err));
	assert_int_equal(got.count, 2);
	assert_int_equal(got.of[0].gatherable_count, 2);
	assert_int_equal(got.of[0].oldest_due_utc_sec, NOW - 100);
	assert_int_equal(got.of[0].digest_id, digest);
	assert_int_equal(got.of[0].recent_count, 1);
	assert_int_equal(got.of[0].last_digest_utc_sec, NOW - 60);
	assert_int_equal(got.of[1].gatherable_count, 1);
	assert_int_equal(got.of[1].digest_id, 0);
	assert_int_equal(got.of[1].last_digest_utc_sec, 0);
}

static void
each_row_says_in_which_digest_it_is(void **state)
{
	int64_t a = put_one(OUTBOX_ALERT, "a@example.net", "<1@b>", NOW - 100);
	int64_t held = put_one(OUTBOX_ALERT, "a@example.net", "<2@b>", NOW - 90);
	int64_t digest = put_one(OUTBOX_DIGEST, "a@example.net", "<3@b>", NOW);
	struct outbox_query query = { .any_state = true, .digest_id = digest };
	struct read_ids listed = { 0 };

	(void)state;
	assert_true(claim(held));
	assert_true(ledger_outbox_into_digest(ledger, a, digest, &err));
	assert_true(ledger_outbox_into_digest(ledger, held, digest, &err));
	assert_true(ledger_outbox_each(ledger, &query, on_id, &listed, &err));
	assert_int_equal(listed.count, 1);
	assert_int_equal(listed.id[0], a);
	assert_int_equal(read_one(a).mail.state, OUTBOX_IN_DIGEST);
	assert_int_equal(read_one(held).mail.state, OUTBOX_WAITING);
}

static void
old_rows_are_removed_with_what_they_list(void **state)
{
	int64_t a = put_one(OUTBOX_ALERT, "a@example.net", "<1@b>", NOW - 100);
	int64_t waiting = put_one(OUTBOX_ALERT, "a@example.net", "<2@b>", NOW - 100);
	int64_t digest = put_one(OUTBOX_DIGEST, "a@example.net", "<3@b>", NOW);
	struct outbox_query query = { .any_state = true };
	struct read_ids left = { 0 };

	(void)state;
	assert_true(ledger_outbox_into_digest(ledger, a, digest, &err));
	assert_true(ledger_outbox_tidy(ledger, NOW + 1000, &err));
	assert_int_equal(read_one(a).mail.digest_id, digest); /* its digest is not sent yet */
	assert_true(claim(digest));
	outcome(digest, OUTBOX_SENT, 0, 250, "ok");
	assert_true(ledger_outbox_tidy(ledger, NOW + 1000, &err));
	assert_true(ledger_outbox_each(ledger, &query, on_id, &left, &err));
	assert_int_equal(left.count, 1);
	assert_int_equal(left.id[0], waiting);
}

static void
the_summary_counts_states_and_says_how_old_the_oldest_is(void **state)
{
	struct outbox_summary summary;
	int64_t sent = put_one(OUTBOX_ALERT, "a@example.net", "<1@b>", NOW - 100), count, newest;

	(void)state;
	put_one(OUTBOX_ALERT, "a@example.net", "<2@b>", NOW - 70);
	put_one(OUTBOX_ALERT, "a@example.net", "<3@b>", NOW + 70);
	assert_true(claim(sent));
	outcome(sent, OUTBOX_SENT, 0, 250, "ok");
	assert_true(ledger_outbox_summary(ledger, NOW, &summary, &err));
	assert_int_equal(summary.count[OUTBOX_WAITING], 2);
	assert_int_equal(summary.count[OUTBOX_SENT], 1);
	assert_int_equal(summary.oldest_due_utc_sec, NOW - 70);
	assert_int_equal(summary.last_sent_utc_sec, NOW + 1);
	assert_true(ledger_outbox_sent_since(ledger, NOW + 1, &count, &err));
	assert_int_equal(count, 1);
	assert_true(ledger_outbox_newest(ledger, OUTBOX_ALERT, &newest, &err));
	assert_int_equal(newest, NOW + 70);
	assert_true(ledger_outbox_newest(ledger, OUTBOX_SIGN_OF_LIFE, &newest, &err));
	assert_int_equal(newest, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_field_comes_back),
		TEST(a_subject_is_one_line_of_utf8),
		TEST(a_recipient_that_is_no_address_fails_at_once),
		TEST(a_message_id_is_used_once),
		TEST(message_ids_differ_and_name_the_sender_s_domain),
		TEST(it_stands_or_falls_with_the_caller_s_transaction),
		TEST(alerts_go_before_digests_before_the_rest_oldest_first),
		TEST(an_answer_waits_behind_what_it_answers),
		TEST(only_what_nobody_tried_is_dropped_unsent),
		TEST(what_was_over_unsent_is_gathered_once),
		TEST(the_next_id_is_known_before),
		TEST(what_is_sent_stays_sent),
		TEST(one_dropped_in_vain_is_sent),
		TEST(a_refused_one_is_shown_and_may_be_retried),
		TEST(a_released_one_was_not_tried),
		TEST(what_a_dead_mailer_held_is_tried_again),
		TEST(after_its_patience_a_mail_is_given_up),
		TEST(a_backlog_counts_what_a_digest_can_tell),
		TEST(each_row_says_in_which_digest_it_is),
		TEST(old_rows_are_removed_with_what_they_list),
		TEST(the_summary_counts_states_and_says_how_old_the_oldest_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
