/* links: unsent.c store/ledger.c store/ledger_schema.c store/ledger_schema_1.c store/ledger_schema_2.c store/ledger_schema_3.c store/ledger_schema_4.c store/ledger_schema_5.c store/ledger_exchange.c store/ledger_alert.c store/ledger_outbox.c store/ledger_outbox_fate.c store/db.c store/db_statement.c base/alert_words.c base/outbox_words.c base/clock.c base/error.c base/model.c base/units.c base/decimal.c base/detector_settings.c */
/* pkgs: sqlite3 */
/* test_unsent.c - when an alert and its end are both kept back: never while something of it may have come, or is open. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ixwatch/alert.h"
#include "ixwatch/outbox.h"
#include "ledger_scratch.h"
#include "unsent.h"

#define NOW        INT64_C(1795000000)
#define NOC        "noc@example.net"
#define MAILS_MAX  4
#define ALERTS_MAX 500

/* Alerts are letters. */
enum fate { WAITS, TRIED, IN_HAND, SENT, REFUSED, DROPPED, IN_DIGEST };
static const struct unsent_case {
	const char *name;
	struct {
		const char *tells;
		enum fate fate;
		bool is_end, is_anothers;
	} mails[MAILS_MAX];
	const char *open;      /* those that are not over */
	const char *asked;     /* whose ends are to be told */
	const char *untouched; /* of these */
	const char *dropped;   /* mails */
	const char *pausing;   /* over, and their ends not told, nor asked for */
} cases[] = {
	{ "both wait: neither is sent", { { "a", WAITS } }, "", "a", "a", "0" },
	{ "its alert was sent", { { "a", SENT } }, "", "a", "", "" },
	{ "its alert is in hand", { { "a", IN_HAND } }, "", "a", "", "" },
	{ "its alert was tried, and may have come", { { "a", TRIED } }, "", "a", "", "" },
	{ "its alert is told by a digest", { { "a", IN_DIGEST } }, "", "a", "", "" },
	{ "its repeat waits too", { { "a", WAITS }, { "a", WAITS } }, "", "a", "a", "01" },
	{ "its repeat waits, the alert was sent",
	  { { "a", SENT }, { "a", WAITS } },
	  "",
	  "a",
	  "",
	  "" },
	{ "what was refused told nothing",
	  { { "a", REFUSED }, { "a", WAITS } },
	  "",
	  "a",
	  "a",
	  "1" },
	{ "nor did what was dropped", { { "a", DROPPED }, { "a", WAITS } }, "", "a", "a", "1" },
	{ "the mail tells another that is open", { { "ab", WAITS } }, "b", "a", "", "" },
	{ "the mail tells two that are over", { { "ab", WAITS } }, "", "ab", "ab", "0" },
	{ "the other is over, but may go on yet", { { "ab", WAITS } }, "", "a", "", "", "b" },
	{ "the end of the other waits already",
	  { { "ab", WAITS }, { "a", WAITS, true } },
	  "",
	  "b",
	  "b",
	  "01" },
	{ "the end of the other was sent",
	  { { "ab", WAITS }, { "a", SENT, true } },
	  "",
	  "b",
	  "",
	  "" },
	{ "another recipient's mail has no say",
	  { { "a", SENT, false, true }, { "a", WAITS } },
	  "",
	  "a",
	  "a",
	  "1" },
	{ "those apart are looked at apart",
	  { { "a", SENT }, { "b", WAITS } },
	  "",
	  "ab",
	  "b",
	  "1" },
	{ "one that was sent keeps all that hangs on it",
	  { { "ab", WAITS }, { "a", SENT }, { "bc", WAITS } },
	  "",
	  "ac",
	  "",
	  "" },
	{ "whichever is asked for first",
	  { { "ab", WAITS }, { "a", SENT }, { "bc", WAITS } },
	  "",
	  "ca",
	  "",
	  "" },
};

static struct scratch scratch;
static struct ledger *ledger;
static struct error err;
static int64_t alerts[26], mails[MAILS_MAX];

static int
set_up(void **state)
{
	(void)state;
	scratch_new(&scratch);
	memset(alerts, 0, sizeof(alerts));
	memset(mails, 0, sizeof(mails));
	assert_true(ledger_open(&ledger, scratch.dir, LEDGER_WRITE, &err));
	assert_true(ledger_exchange_put(ledger, "x", "X", "UTC", &err));
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

/* --- what there is --- */

static int64_t
alert_put(int number, bool is_open, bool is_end_told)
{
	char agent[16];
	struct ledger_alert alert = {
		.subject = { .kind = ALERT_AGENT_UNREACHABLE,
			     .scope = ALERT_OF_AGENT,
			     .exchange = "x",
			     .agent = agent },
		.began_utc_sec = NOW - 600,
		.noticed_utc_sec = NOW - 600,
		.until_utc_sec = is_open ? 0 : NOW - 60,
		.ended_utc_sec = is_open ? 0 : NOW - 60,
		.end_told_utc_sec = is_end_told ? NOW - 30 : 0,
		.peak = NAN,
		.first_told_utc_sec = NOW - 500,
		.last_told_utc_sec = NOW - 500,
		.told_count = 1,
	};

	snprintf(agent, sizeof(agent), "edge%d", number);
	assert_true(ledger_alert_put(ledger, &alert, &err));
	return alert.id;
}

static int64_t
mail_put(enum outbox_kind kind, const char *recipient, int64_t alert_id)
{
	static int count;
	char message_id[32];
	struct outbox_mail mail = { .kind = kind,
				    .recipient = recipient,
				    .message_id = message_id,
				    .subject = "[ix] UNREACHABLE",
				    .text = "what\n",
				    .exchange = "x",
				    .alert_id = alert_id,
				    .created_utc_sec = NOW - 500 };
	int64_t id;

	snprintf(message_id, sizeof(message_id), "<%d@b>", ++count);
	assert_true(ledger_outbox_put(ledger, &mail, &id, &err));
	return id;
}

static void
told_put(int64_t alert_id, int64_t mail_id, const char *recipient, bool is_end)
{
	assert_true(
	    ledger_told_put(ledger,
			    &(struct ledger_told) { .alert_id = alert_id,
						    .what = is_end ? TOLD_RECOVERY : TOLD_ALERT,
						    .recipient = recipient,
						    .at_utc_sec = NOW - 500,
						    .mail_id = mail_id,
						    .message_id = "<m@b>" },
			    &err));
}

static void
fate_give(int64_t id, enum fate fate)
{
	struct outbox_outcome outcome = { .id = id,
					  .state = fate == SENT      ? OUTBOX_SENT
						   : fate == REFUSED ? OUTBOX_FAILED
								     : OUTBOX_WAITING,
					  .at_utc_sec = NOW,
					  .next_utc_sec = NOW + 60,
					  .reply = "so it was" };
	bool claimed;

	if (fate == WAITS)
		return;
	if (fate == DROPPED)
		assert_true(ledger_outbox_drop(ledger, id, NOW, "dropped by kim", &err));
	if (fate == IN_DIGEST)
		assert_true(
		    ledger_outbox_into_digest(ledger, id, mail_put(OUTBOX_DIGEST, NOC, 0), &err));
	if (fate == DROPPED || fate == IN_DIGEST)
		return;
	assert_true(ledger_outbox_claim(ledger, id, NOW, &claimed, &err) && claimed);
	if (fate != IN_HAND)
		assert_true(ledger_outbox_outcome(ledger, &outcome, &err));
}

static bool
is_in(const char *letters, char letter)
{
	return letters != NULL && strchr(letters, letter) != NULL;
}

static void
case_make(const struct unsent_case *c)
{
	for (int m = 0; m < MAILS_MAX && c->mails[m].tells != NULL; m++)
		for (const char *a = c->mails[m].tells; *a != '\0'; a++)
			if (alerts[*a - 'a'] == 0)
				alerts[*a - 'a'] =
				    alert_put(*a, is_in(c->open, *a),
					      !is_in(c->open, *a) && !is_in(c->asked, *a) &&
						  !is_in(c->pausing, *a));
	for (int m = 0; m < MAILS_MAX && c->mails[m].tells != NULL; m++) {
		const char *recipient = c->mails[m].is_anothers ? "boss@example.net" : NOC;

		mails[m] = mail_put(c->mails[m].is_end ? OUTBOX_RECOVERY : OUTBOX_ALERT, recipient,
				    alerts[c->mails[m].tells[0] - 'a']);
		for (const char *a = c->mails[m].tells; *a != '\0'; a++)
			told_put(alerts[*a - 'a'], mails[m], recipient, c->mails[m].is_end);
	}
	for (int m = 0; m < MAILS_MAX && c->mails[m].tells != NULL; m++)
		fate_give(mails[m], c->mails[m].fate);
}

/* --- what becomes of it --- */

struct look {
	enum outbox_state state;
	char reply[64];
};

static bool
on_mail(const struct outbox_mail *mail, void *user)
{
	struct look *look = user;

	look->state = mail->state;
	snprintf(look->reply, sizeof(look->reply), "%s", mail->last_reply);
	return false;
}

static struct look
look_at(int64_t id)
{
	struct outbox_query query = { .id = id, .any_state = true };
	struct look look = { .state = OUTBOX_STATE_COUNT };

	assert_true(ledger_outbox_each(ledger, &query, on_mail, &look, &err));
	return look;
}

static bool
is_dropped_unsent(int64_t id)
{
	struct look look = look_at(id);

	return look.state == OUTBOX_DROPPED && strcmp(look.reply, OUTBOX_OVER_UNSENT) == 0;
}

static void
check_case(void **state)
{
	const struct unsent_case *c = *state;
	size_t count = strlen(c->asked);
	int64_t ids[26], recovery;
	bool untouched[26];
	struct unsent unsent;

	set_up(NULL);
	case_make(c);
	for (size_t i = 0; i < count; i++)
		ids[i] = alerts[c->asked[i] - 'a'];
	assert_true(unsent_find(&unsent, untouched, ids, count, NOC, ledger, &err));
	for (size_t i = 0; i < count; i++)
		assert_int_equal(untouched[i], strchr(c->untouched, c->asked[i]) != NULL);
	assert_int_equal(unsent.count, strlen(c->dropped));
	recovery = mail_put(OUTBOX_RECOVERY, NOC, ids[0]);
	if (c->untouched[0] != '\0') {
		assert_true(unsent_drop(&unsent, recovery, NOW, ledger, &err));
		assert_true(is_dropped_unsent(recovery));
	}
	for (int m = 0; m < MAILS_MAX && mails[m] != 0; m++)
		assert_int_equal(is_dropped_unsent(mails[m]), strchr(c->dropped, '0' + m) != NULL);
	unsent_free(&unsent);
	tear_down(NULL);
}

/* Whatever was given out meanwhile is not dropped behind the mailer's back. */
static void
one_that_was_taken_in_hand_is_an_error(void **state)
{
	const struct unsent_case both_wait = cases[0];
	int64_t recovery;
	bool untouched, claimed;
	struct unsent unsent;

	(void)state;
	case_make(&both_wait);
	assert_true(unsent_find(&unsent, &untouched, &alerts[0], 1, NOC, ledger, &err));
	recovery = mail_put(OUTBOX_RECOVERY, NOC, alerts[0]);
	assert_true(ledger_outbox_claim(ledger, mails[0], NOW, &claimed, &err) && claimed);
	assert_false(unsent_drop(&unsent, recovery, NOW, ledger, &err));
	assert_int_equal(err.code, ERR_DB);
	unsent_free(&unsent);
}

/* --- of a mail, what it told --- */

struct told_ids {
	int64_t id[ALERTS_MAX];
	size_t count;
};

static bool
on_told(const struct ledger_told *told, void *user)
{
	struct told_ids *ids = user;

	ids->id[ids->count++] = told->alert_id;
	return ids->count < ALERTS_MAX;
}

static void
a_mail_told_what_was_put_with_it(void **state)
{
	const struct unsent_case c = {
		.mails = { { "abc", WAITS }, { "ca", WAITS }, { "b", WAITS } }, .open = ""
	};
	struct told_ids ids = { .count = 0 };

	(void)state;
	case_make(&c);
	assert_true(ledger_told_each_of_mail(ledger, mails[1], on_told, &ids, &err));
	assert_int_equal(ids.count, 2);
	assert_int_equal(ids.id[0], alerts[2]);
	assert_int_equal(ids.id[1], alerts[0]);
	ids.count = 0;
	assert_true(ledger_told_each_of_mail(ledger, mails[2] + 1, on_told, &ids, &err));
	assert_int_equal(ids.count, 0);
}

/* A storm: all in one mail, one of them open; then that one is over, too. */
static void
five_hundred_in_one_mail(void **state)
{
	int64_t ids[ALERTS_MAX];
	bool untouched[ALERTS_MAX];
	struct ledger_alert last = { 0 };
	struct unsent unsent;
	int64_t mail;

	(void)state;
	assert_true(ledger_begin(ledger, &err));
	for (int i = 0; i < ALERTS_MAX; i++)
		ids[i] = alert_put(i, i == ALERTS_MAX - 1, false);
	mail = mail_put(OUTBOX_ALERT, NOC, ids[0]);
	for (int i = 0; i < ALERTS_MAX; i++)
		told_put(ids[i], mail, NOC, false);
	assert_true(ledger_commit(ledger, &err));
	assert_true(unsent_find(&unsent, untouched, ids, ALERTS_MAX - 1, NOC, ledger, &err));
	for (int i = 0; i < ALERTS_MAX - 1; i++)
		assert_false(untouched[i]);
	assert_int_equal(unsent.count, 0);
	unsent_free(&unsent);
	last.id = ids[ALERTS_MAX - 1];
	last.subject = (struct alert_subject) { .exchange = "x", .agent = "" };
	last.began_utc_sec = last.noticed_utc_sec = NOW - 600;
	last.until_utc_sec = last.ended_utc_sec = NOW;
	last.first_told_utc_sec = last.last_told_utc_sec = NOW - 500;
	last.told_count = 1;
	last.peak = NAN;
	assert_true(ledger_alert_put(ledger, &last, &err));
	assert_true(unsent_find(&unsent, untouched, ids, ALERTS_MAX, NOC, ledger, &err));
	for (int i = 0; i < ALERTS_MAX; i++)
		assert_true(untouched[i]);
	assert_int_equal(unsent.count, 1);
	assert_int_equal(unsent.mails[0], mail);
	unsent_free(&unsent);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 3];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[n++] = (struct CMUnitTest) { cases[i].name, check_case, NULL, NULL,
						   (void *)&cases[i] };
	tests[n++] =
	    (struct CMUnitTest) { "one that was taken in hand is an error",
				  one_that_was_taken_in_hand_is_an_error, set_up, tear_down, NULL };
	tests[n++] =
	    (struct CMUnitTest) { "a mail told what was put with it",
				  a_mail_told_what_was_put_with_it, set_up, tear_down, NULL };
	tests[n++] = (struct CMUnitTest) { "five hundred in one mail", five_hundred_in_one_mail,
					   set_up, tear_down, NULL };
	return cmocka_run_group_tests_name("unsent", tests, NULL, NULL);
}
