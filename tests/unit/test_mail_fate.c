/* links: notify/fate.c */
/* test_mail_fate.c - what becomes of a mail after an attempt, and when what waits goes as a digest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "notify/fate.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NOW      INT64_C(1795000000)

static const struct fate_case {
	const char *name;
	struct smtp_result result;
	enum mail_fate want;
} fate_cases[] = {
	{ "a code of 2xx after the mail: sent", { true, SMTP_BODY, 250, "" }, MAIL_SENT },
	{ "451 for the recipient: later", { false, SMTP_RECIPIENT, 451, "" }, MAIL_LATER },
	{ "451 after the mail: later", { false, SMTP_BODY, 451, "" }, MAIL_LATER },
	{ "452 at DATA: later", { false, SMTP_DATA, 452, "" }, MAIL_LATER },
	{ "550 for the recipient: refused", { false, SMTP_RECIPIENT, 550, "" }, MAIL_REFUSED },
	{ "554 after the mail: refused", { false, SMTP_BODY, 554, "" }, MAIL_REFUSED },
	{ "the answer is lost: later", { false, SMTP_BODY, 0, "" }, MAIL_LATER },
	{ "silence at the recipient: later", { false, SMTP_RECIPIENT, 0, "" }, MAIL_LATER },
	{ "a code that is none, after the mail: later", { false, SMTP_BODY, 999, "" }, MAIL_LATER },
	{ "nobody listens: no server", { false, SMTP_CONNECTING, 0, "" }, MAIL_NO_SERVER },
	{ "554 as greeting: no server", { false, SMTP_CONNECTING, 554, "" }, MAIL_NO_SERVER },
	{ "535 at the login: no server, the mail waits",
	  { false, SMTP_CONNECTING, 535, "" },
	  MAIL_NO_SERVER },
	{ "550 for our sender: no server, the mail waits",
	  { false, SMTP_SENDER, 550, "" },
	  MAIL_NO_SERVER },
	{ "421 at any time: no server", { false, SMTP_BODY, 421, "" }, MAIL_NO_SERVER },
};

static void
check_fate(void **state)
{
	const struct fate_case *c = *state;

	assert_int_equal(mail_fate(&c->result), c->want);
}

static void
the_wait_doubles_up_to_an_hour(void **state)
{
	static const int64_t want[] = { 60, 120, 240, 480, 960, 1920, 3600, 3600 };

	(void)state;
	for (unsigned i = 0; i < COUNT(want); i++) {
		assert_int_equal(mail_backoff_sec(MAIL_LATER, i + 1), want[i]);
		assert_int_equal(mail_backoff_sec(MAIL_NO_SERVER, i + 1),
				 want[i] < 900 ? want[i] : 900);
	}
	assert_int_equal(mail_backoff_sec(MAIL_LATER, 4000000000u), 3600);
}

static const struct digest_case {
	const char *name;
	struct outbox_backlog backlog;
	unsigned per_hour;
	enum digest_why want;
	unsigned room;
} digest_cases[] = {
	{ "a few that are young go singly",
	  { .gatherable_count = 5, .oldest_due_utc_sec = NOW - 60 },
	  30,
	  DIGEST_NONE,
	  30 },
	{ "several that are late go together",
	  { .gatherable_count = 2, .oldest_due_utc_sec = NOW - 3600 },
	  30,
	  DIGEST_OUTAGE,
	  30 },
	{ "just below an hour is not late",
	  { .gatherable_count = 2, .oldest_due_utc_sec = NOW - 3599 },
	  30,
	  DIGEST_NONE,
	  30 },
	{ "a single late one goes as it is",
	  { .gatherable_count = 1, .oldest_due_utc_sec = NOW - 9999 },
	  30,
	  DIGEST_NONE,
	  30 },
	{ "one that is late beside a waiting digest joins it",
	  { .gatherable_count = 1, .oldest_due_utc_sec = NOW - 9999, .digest_id = 4 },
	  30,
	  DIGEST_OUTAGE,
	  30 },
	{ "a young one does not wait for the digest",
	  { .gatherable_count = 1, .oldest_due_utc_sec = NOW - 9, .digest_id = 4 },
	  30,
	  DIGEST_NONE,
	  30 },
	{ "while the digest is being sent nothing joins it",
	  { .gatherable_count = 3,
	    .oldest_due_utc_sec = NOW - 9999,
	    .digest_id = 4,
	    .digest_in_flight = true },
	  30,
	  DIGEST_NONE,
	  30 },
	{ "beyond the limit all that waits goes together",
	  { .gatherable_count = 1, .oldest_due_utc_sec = NOW, .recent_count = 30 },
	  30,
	  DIGEST_LIMIT,
	  0 },
	{ "and not again within ten minutes",
	  { .gatherable_count = 9,
	    .oldest_due_utc_sec = NOW,
	    .recent_count = 31,
	    .last_digest_utc_sec = NOW - 599 },
	  30,
	  DIGEST_NONE,
	  0 },
	{ "but then",
	  { .gatherable_count = 9,
	    .oldest_due_utc_sec = NOW,
	    .recent_count = 30,
	    .last_digest_utc_sec = NOW - 600 },
	  30,
	  DIGEST_LIMIT,
	  0 },
	{ "beyond the limit, a digest that waits takes what comes",
	  { .gatherable_count = 1,
	    .oldest_due_utc_sec = NOW,
	    .recent_count = 30,
	    .digest_id = 3,
	    .last_digest_utc_sec = NOW - 5 },
	  30,
	  DIGEST_LIMIT,
	  0 },
	{ "nothing waits: nothing is gathered",
	  { .gatherable_count = 0, .recent_count = 99, .digest_id = 3 },
	  30,
	  DIGEST_NONE,
	  0 },
	{ "what is left of the hour",
	  { .gatherable_count = 9, .oldest_due_utc_sec = NOW, .recent_count = 28 },
	  30,
	  DIGEST_NONE,
	  2 },
};

static void
check_digest(void **state)
{
	const struct digest_case *c = *state;

	assert_int_equal(digest_why(&c->backlog, c->per_hour, NOW), c->want);
	assert_int_equal(digest_room(&c->backlog, c->per_hour), c->room);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(fate_cases) + COUNT(digest_cases) + 1];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(fate_cases); i++)
		tests[n++] = (struct CMUnitTest) { fate_cases[i].name, check_fate, NULL, NULL,
						   (void *)&fate_cases[i] };
	for (size_t i = 0; i < COUNT(digest_cases); i++)
		tests[n++] = (struct CMUnitTest) { digest_cases[i].name, check_digest, NULL, NULL,
						   (void *)&digest_cases[i] };
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(the_wait_doubles_up_to_an_hour);
	return _cmocka_run_group_tests("mail fate", tests, n, NULL, NULL);
}
