/* links: notify/digest.c notify/sent_journal.c notify/spool.c base/outbox_words.c base/clock.c base/error.c base/units.c base/decimal.c */
/* test_mailer_parts.c - digest and sign of life in words, the spool's files, the journal that survives its writer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger_scratch.h"
#include "notify/digest.h"
#include "notify/sent_journal.h"
#include "notify/spool.h"

#define NOW INT64_C(1795000000)

static struct scratch scratch;
static struct error err;

static int
set_up(void **state)
{
	(void)state;
	scratch_new(&scratch);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	scratch_free(&scratch);
	return 0;
}

/* --- digests --- */

static const struct digest_line lines[] = {
	{ 7, OUTBOX_ALERT, NOW - 7200, false, (char *)"[fra] LOSS 2% out AS64501" },
	{ 8, OUTBOX_ALERT, NOW - 7000, true, (char *)"[fra] SATURATED 98% out AS64500" },
	{ 9, OUTBOX_RECOVERY, NOW - 6000, false, (char *)"[fra] clear AS64501" },
};

static void
what_is_open_comes_first_and_everything_is_listed(void **state)
{
	struct digest digest;
	const char *open, *all;

	(void)state;
	assert_true(digest_make(&digest, DIGEST_OUTAGE, 30, lines, COUNT(lines), &err));
	assert_string_equal(digest.subject,
			    "[digest] 1 open of 3 mails; [fra] SATURATED 98% out AS64500");
	open = strstr(digest.text, "Still open, as far as was told (1):");
	all = strstr(digest.text, "Everything, oldest first (3):");
	assert_non_null(open);
	assert_true(open < all);
	assert_true(strstr(open, "SATURATED") < all);
	assert_true(strstr(open, "LOSS") > all);
	for (size_t i = 0; i < COUNT(lines); i++)
		assert_non_null(strstr(all, lines[i].subject));
	assert_non_null(strstr(all, "(mail 9)"));
	assert_non_null(strstr(digest.text, "waited for more than an hour"));
	digest_free(&digest);
}

static void
a_digest_in_which_all_is_over_says_so(void **state)
{
	struct digest digest;

	(void)state;
	assert_true(digest_make(&digest, DIGEST_LIMIT, 30, lines, 1, &err));
	assert_string_equal(digest.subject, "[digest] 0 open of 1 mails");
	assert_non_null(strstr(digest.text, "nothing is open any more"));
	assert_non_null(strstr(digest.text, "More than 30 mails within an hour"));
	digest_free(&digest);
}

/* No mail of its own will ever say it. */
static void
a_digest_lists_what_was_over_before_it_was_sent(void **state)
{
	struct digest_line both[] = {
		{ 7, OUTBOX_ALERT, NOW - 8000, false, (char *)"[fra] LOSS 1.2% in AS64502", true },
		{ 9, OUTBOX_RECOVERY, NOW - 6000, false, (char *)"[fra] OVER LOSS AS64502", true },
		{ 10, OUTBOX_ALERT, NOW - 5000, true, (char *)"[fra] SATURATED AS64501" },
	};
	struct digest digest;

	(void)state;
	assert_true(digest_make(&digest, DIGEST_OUTAGE, 30, both, 2, &err));
	assert_non_null(strstr(digest.text, "Nothing of this could be mailed while it held"));
	assert_non_null(strstr(digest.text, "Began and ended before any mail of it left (2):"));
	assert_null(strstr(digest.text, "waited"));
	digest_free(&digest);
	assert_true(digest_make(&digest, DIGEST_OUTAGE, 30, both, 3, &err));
	assert_non_null(strstr(digest.text, "1 mail waited"));
	assert_true(strstr(digest.text, "Still open") < strstr(digest.text, "Began and ended"));
	assert_true(strstr(digest.text, "Began and ended") < strstr(digest.text, "Everything"));
	digest_free(&digest);
}

static void
a_sign_of_life_says_what_is_watched_late_and_open(void **state)
{
	const char *open[] = { "ExampleNet fra/edge1/xe-0/0/0 out since ..." };
	struct life_facts facts = { .at_utc_sec = NOW,
				    .zone_time = "2026-11-18 14:26 CET",
				    .port_count = 120,
				    .agent_count = 6,
				    .silent_agent_count = 1,
				    .rounds = 5000,
				    .rounds_late = 3,
				    .round_utc_sec = NOW,
				    .mails_sent = 12,
				    .mails_waiting = 2,
				    .mails_failed = 1,
				    .open = open,
				    .open_count = 1 };
	struct digest digest;

	(void)state;
	assert_true(life_make(&digest, &facts, &err));
	assert_string_equal(digest.subject, "[ixwatch] alive: 120 ports, 1 open, 1 agents silent");
	assert_non_null(strstr(digest.text, "120 ports on 6 agents; it is 2026-11-18 14:26 CET"));
	assert_non_null(strstr(digest.text, "3 of 5000"));
	assert_non_null(strstr(digest.text, "2, 1\n"));
	assert_non_null(strstr(digest.text, open[0]));
	digest_free(&digest);
	facts.open_count = 0;
	facts.round_utc_sec = 0;
	assert_true(life_make(&digest, &facts, &err));
	assert_non_null(strstr(digest.text, "none yet"));
	assert_non_null(strstr(digest.text, "Open now: nothing"));
	digest_free(&digest);
}

/* --- the spool --- */

static void
a_mail_is_a_whole_file_and_the_same_one_again_is_one(void **state)
{
	char dir[300];
	unsigned char *data;
	size_t len;

	(void)state;
	snprintf(dir, sizeof(dir), "%s/mail", scratch.dir);
	assert_true(spool_put(dir, NOW, 12, "a\r\n", 3, &err));
	assert_true(spool_put(dir, NOW, 12, "bc\r\n", 4, &err));
	data = scratch_read(&scratch, "mail/20261118T110640Z-12.eml", &len);
	assert_int_equal(len, 4);
	assert_memory_equal(data, "bc\r\n", 4);
	free(data);
	assert_false(scratch_has(&scratch, "mail/.ixwatch-new.eml"));
}

static void
a_spool_that_cannot_be_is_said(void **state)
{
	char dir[300];

	(void)state;
	scratch_write(&scratch, "file", "", 0);
	snprintf(dir, sizeof(dir), "%s/file", scratch.dir);
	assert_false(spool_put(dir, NOW, 1, "a", 1, &err));
	assert_non_null(strstr(err.text, "/file"));
	snprintf(dir, sizeof(dir), "%s/no/such", scratch.dir);
	assert_false(spool_put(dir, NOW, 1, "a", 1, &err));
}

/* --- the journal --- */

struct entries {
	size_t count;
	int64_t id[8];
	char reply[8][600];
};

static void
on_entry(const struct sent_entry *entry, void *user)
{
	struct entries *entries = user;

	entries->id[entries->count] = entry->id;
	snprintf(entries->reply[entries->count++], 600, "%s", entry->reply);
}

static struct sent_journal *
journal_open(struct entries *entries)
{
	struct sent_journal *journal = NULL;

	*entries = (struct entries) { .count = 0 };
	assert_true(sent_journal_open(&journal, scratch.dir, on_entry, entries, &err));
	return journal;
}

static void
what_was_sent_is_known_after_a_death(void **state)
{
	struct entries entries;
	struct sent_journal *journal = journal_open(&entries);
	char long_reply[700];

	(void)state;
	memset(long_reply, 'x', sizeof(long_reply));
	long_reply[sizeof(long_reply) - 1] = '\0';
	assert_int_equal(entries.count, 0);
	assert_true(sent_journal_add(
	    journal, &(struct sent_entry) { 5, NOW, 250, "250 ok\nsent 9 9 9 forged" }, &err));
	assert_true(sent_journal_add(journal, &(struct sent_entry) { 6, NOW, 250, "" }, &err));
	assert_true(
	    sent_journal_add(journal, &(struct sent_entry) { 7, NOW, 250, long_reply }, &err));
	sent_journal_close(journal);
	journal = journal_open(&entries);
	assert_int_equal(entries.count, 3);
	assert_int_equal(entries.id[0], 5);
	assert_string_equal(entries.reply[0], "250 ok sent 9 9 9 forged");
	assert_int_equal(entries.id[1], 6);
	assert_int_equal(entries.id[2], 7);
	assert_int_equal(strlen(entries.reply[2]), 500);
	assert_true(sent_journal_empty(journal, &err));
	sent_journal_close(journal);
	sent_journal_close(journal_open(&entries));
	assert_int_equal(entries.count, 0);
}

static const struct torn_case {
	const char *name, *text;
	size_t count;
} torn_cases[] = {
	{ "an end that was cut off was never acknowledged", "sent 1 2 250 ok\nsent 2 3 25", 1 },
	{ "octets that are no line are left out",
	  "sent 1 2 250 ok\n\x01\x02garbage\nsent 3 4 250 ok\n", 2 },
	{ "ids are above 0", "sent 0 2 250 ok\nsent -4 2 250 ok\n", 0 },
	{ "an empty one is fine", "", 0 },
};

static void
check_torn(void **state)
{
	const struct torn_case *c = *state;
	struct entries entries;

	scratch_new(&scratch);
	scratch_write(&scratch, "mailer.journal", c->text, strlen(c->text));
	sent_journal_close(journal_open(&entries));
	assert_int_equal(entries.count, c->count);
	scratch_free(&scratch);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	struct CMUnitTest tests[7 + COUNT(torn_cases)] = {
		TEST(what_is_open_comes_first_and_everything_is_listed),
		TEST(a_digest_in_which_all_is_over_says_so),
		TEST(a_digest_lists_what_was_over_before_it_was_sent),
		TEST(a_sign_of_life_says_what_is_watched_late_and_open),
		TEST(a_mail_is_a_whole_file_and_the_same_one_again_is_one),
		TEST(a_spool_that_cannot_be_is_said),
		TEST(what_was_sent_is_known_after_a_death),
	};

	for (size_t i = 0; i < COUNT(torn_cases); i++)
		tests[6 + i] = (struct CMUnitTest) { torn_cases[i].name, check_torn, NULL, NULL,
						     (void *)&torn_cases[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
