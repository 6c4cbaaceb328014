/* links: notify/report_rules.c base/report_words.c base/units.c base/decimal.c base/error.c */
/* test_report_rules.c - which weekly letter goes out, which waits, and which may become what. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "notify/report_rules.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* --- where it begins --- */

static const struct first_case {
	const char *rule;
	struct report_facts facts;
	enum report_state want;
} first_cases[] = {
#define PEER .kind = REPORT_PEER, .tells = true, .recipient_count = 1, .mail_works = true
	{ "with `approve` a letter waits",
	  { PEER, .to_peers = REPORT_TO_APPROVE },
	  REPORT_WAITING },
	{ "with `approve` a first one waits, too",
	  { PEER, .to_peers = REPORT_TO_APPROVE, .first = true },
	  REPORT_WAITING },
	{ "with `send` it goes out", { PEER, .to_peers = REPORT_TO_SEND }, REPORT_APPROVED },
	{ "even `send` holds a peer's first letter",
	  { PEER, .to_peers = REPORT_TO_SEND, .first = true },
	  REPORT_HELD },
	{ "with `never` it is held", { PEER, .to_peers = REPORT_TO_NEVER }, REPORT_HELD },
	{ "nothing to tell goes nowhere",
	  { .kind = REPORT_PEER,
	    .to_peers = REPORT_TO_SEND,
	    .recipient_count = 1,
	    .mail_works = true },
	  REPORT_NOTHING },
	{ "unless the peer gets all",
	  { .kind = REPORT_PEER,
	    .to_peers = REPORT_TO_SEND,
	    .wants = PEER_REPORT_ALL,
	    .recipient_count = 1,
	    .mail_works = true },
	  REPORT_APPROVED },
	{ "or somebody asked for all",
	  { .kind = REPORT_PEER,
	    .to_peers = REPORT_TO_APPROVE,
	    .asked = true,
	    .recipient_count = 1,
	    .mail_works = true },
	  REPORT_WAITING },
	{ "a peer that is never written to gets none, whatever is asked",
	  { PEER, .to_peers = REPORT_TO_SEND, .wants = PEER_REPORT_NEVER, .asked = true },
	  REPORT_NOTHING },
	{ "who opted out gets none",
	  { PEER, .to_peers = REPORT_TO_SEND, .opted_out = true },
	  REPORT_OPTED_OUT },
	{ "nor a correction",
	  { PEER, .to_peers = REPORT_TO_SEND, .opted_out = true, .corrects_sent = true },
	  REPORT_OPTED_OUT },
	{ "an opt-out comes before nothing to tell",
	  { .kind = REPORT_PEER, .opted_out = true },
	  REPORT_OPTED_OUT },
	{ "without a recipient it says so",
	  { .kind = REPORT_PEER, .tells = true, .mail_works = true, .to_peers = REPORT_TO_SEND },
	  REPORT_NO_RECIPIENT },
	{ "without mail there is no recipient",
	  { .kind = REPORT_PEER, .tells = true, .recipient_count = 2, .to_peers = REPORT_TO_SEND },
	  REPORT_NO_RECIPIENT },
	{ "a dispute pauses",
	  { PEER, .to_peers = REPORT_TO_SEND, .disputed = true },
	  REPORT_PAUSED },
	{ "an order pauses",
	  { PEER, .to_peers = REPORT_TO_APPROVE, .ordered = true },
	  REPORT_PAUSED },
	{ "a correction of what was sent is not paused",
	  { PEER, .to_peers = REPORT_TO_SEND, .disputed = true, .ordered = true,
	    .corrects_sent = true },
	  REPORT_APPROVED },
	{ "even `send` holds a correction of what was not sent",
	  { PEER, .to_peers = REPORT_TO_SEND, .corrects = true },
	  REPORT_HELD },
	{ "a correction of what was sent goes out with `send`",
	  { PEER, .to_peers = REPORT_TO_SEND, .corrects = true, .corrects_sent = true },
	  REPORT_APPROVED },
	{ "a correction goes out though all is well by now",
	  { .kind = REPORT_PEER,
	    .to_peers = REPORT_TO_SEND,
	    .recipient_count = 1,
	    .mail_works = true,
	    .corrects_sent = true },
	  REPORT_APPROVED },
	{ "a correction waits like any other",
	  { PEER, .to_peers = REPORT_TO_APPROVE, .corrects_sent = true },
	  REPORT_WAITING },
	{ "the overview goes to the coordinator at once",
	  { .kind = REPORT_OVERVIEW,
	    .to_peers = REPORT_TO_NEVER,
	    .recipient_count = 1,
	    .mail_works = true },
	  REPORT_APPROVED },
	{ "unless there is none",
	  { .kind = REPORT_OVERVIEW, .mail_works = true },
	  REPORT_NO_RECIPIENT },
	{ "nor without mail",
	  { .kind = REPORT_OVERVIEW, .recipient_count = 1 },
	  REPORT_NO_RECIPIENT },
	{ "an exchange's is kept and shown",
	  { .kind = REPORT_EXCHANGE,
	    .to_peers = REPORT_TO_SEND,
	    .tells = true,
	    .recipient_count = 1,
	    .mail_works = true },
	  REPORT_NOTHING },
};

static void
check_first(void **state)
{
	const struct first_case *c = *state;
	const char *why = NULL;
	enum report_state got = report_rules_first(&c->facts, &why);

	if (got != c->want)
		fail_msg("%s", report_state_name(got));
	assert_non_null(why);
	/* What does not simply wait or go has a reason. */
	assert_true((why[0] != '\0') == (got != REPORT_WAITING && got != REPORT_APPROVED));
}

/* No combination of facts lets a letter out that one of them forbids. */
static void
whatever_the_facts_nothing_leaves_that_may_not(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 1u << 8; bits++)
		for (int permission = REPORT_TO_NEVER; permission <= REPORT_TO_SEND; permission++)
			for (int wants = PEER_REPORT_CHANGES; wants <= PEER_REPORT_NEVER; wants++) {
				struct report_facts facts = {
					.kind = REPORT_PEER,
					.to_peers = (enum report_permission)permission,
					.wants = (enum config_peer_report)wants,
					.tells = bits & 1,
					.asked = bits & 2,
					.first = bits & 4,
					.recipient_count = bits & 8 ? 1 : 0,
					.mail_works = bits & 16,
					.opted_out = bits & 32,
					.disputed = bits & 64,
					.ordered = bits & 128,
				};
				const char *why;
				if (report_rules_first(&facts, &why) != REPORT_APPROVED)
					continue;
				assert_int_equal(permission, REPORT_TO_SEND);
				assert_int_not_equal(wants, PEER_REPORT_NEVER);
				assert_false(facts.first || facts.opted_out || facts.disputed ||
					     facts.ordered);
				assert_true(facts.recipient_count > 0 && facts.mail_works);
				assert_true(facts.tells || facts.asked || wants == PEER_REPORT_ALL);
			}
}

/* --- what follows --- */

#define NO ((int)REPORT_STATE_COUNT)
static const struct next_case {
	const char *rule;
	enum report_state state;
	enum report_event event;
	int want; /* NO: refused */
	const char *words;
} next_cases[] = {
	{ "what waits may be approved", REPORT_WAITING, REPORT_EVENT_APPROVE, REPORT_APPROVED,
	  NULL },
	{ "what is held may be approved", REPORT_HELD, REPORT_EVENT_APPROVE, REPORT_APPROVED,
	  NULL },
	{ "what is approved is not approved again", REPORT_APPROVED, REPORT_EVENT_APPROVE, NO,
	  "approved already" },
	{ "what is approved is held no more", REPORT_APPROVED, REPORT_EVENT_HOLD, NO,
	  "in the outbox" },
	{ "what is approved is not released", REPORT_APPROVED, REPORT_EVENT_RELEASE, NO,
	  "approved" },
	{ "what lapsed stays so", REPORT_LAPSED, REPORT_EVENT_APPROVE, NO, "lapsed" },
	{ "what lapsed is not released", REPORT_LAPSED, REPORT_EVENT_RELEASE, NO, "lapsed" },
	{ "with nothing to tell it is not approved by accident", REPORT_NOTHING,
	  REPORT_EVENT_APPROVE, NO, "nothing to tell" },
	{ "with nothing to tell it may be released", REPORT_NOTHING, REPORT_EVENT_RELEASE,
	  REPORT_WAITING, NULL },
	{ "who opted out is not written to", REPORT_OPTED_OUT, REPORT_EVENT_APPROVE, NO,
	  "no letters" },
	{ "nor by way of releasing", REPORT_OPTED_OUT, REPORT_EVENT_RELEASE, NO, "no letters" },
	{ "without a recipient it is not approved", REPORT_NO_RECIPIENT, REPORT_EVENT_APPROVE, NO,
	  "no recipient" },
	{ "what is paused is not approved", REPORT_PAUSED, REPORT_EVENT_APPROVE, NO, "paused" },
	{ "nor released", REPORT_PAUSED, REPORT_EVENT_RELEASE, NO, "paused" },
	{ "what is paused may be held", REPORT_PAUSED, REPORT_EVENT_HOLD, REPORT_HELD, NULL },
	{ "what waits may be held", REPORT_WAITING, REPORT_EVENT_HOLD, REPORT_HELD, NULL },
	{ "what is held is released", REPORT_HELD, REPORT_EVENT_RELEASE, REPORT_WAITING, NULL },
	{ "what waits is not released", REPORT_WAITING, REPORT_EVENT_RELEASE, NO, "waits already" },
	{ "what waits lapses", REPORT_WAITING, REPORT_EVENT_LAPSE, REPORT_LAPSED, NULL },
	{ "what is held lapses", REPORT_HELD, REPORT_EVENT_LAPSE, REPORT_LAPSED, NULL },
	{ "what is paused lapses", REPORT_PAUSED, REPORT_EVENT_LAPSE, REPORT_LAPSED, NULL },
	{ "what was sent does not", REPORT_APPROVED, REPORT_EVENT_LAPSE, REPORT_APPROVED, NULL },
	{ "what has no recipient does not", REPORT_NO_RECIPIENT, REPORT_EVENT_LAPSE,
	  REPORT_NO_RECIPIENT, NULL },
	{ "what has nothing to tell does not", REPORT_NOTHING, REPORT_EVENT_LAPSE, REPORT_NOTHING,
	  NULL },
	{ "a later edition takes the place of what waits", REPORT_WAITING, REPORT_EVENT_REPLACE,
	  REPORT_LAPSED, NULL },
	{ "a later edition leaves what was sent as it is", REPORT_APPROVED, REPORT_EVENT_REPLACE,
	  REPORT_APPROVED, NULL },
	{ "an order pauses what waits", REPORT_WAITING, REPORT_EVENT_PAUSE, REPORT_PAUSED, NULL },
	{ "what is held stays so", REPORT_HELD, REPORT_EVENT_PAUSE, REPORT_HELD, NULL },
	{ "with the order's end it waits again", REPORT_PAUSED, REPORT_EVENT_CLEAR, REPORT_WAITING,
	  NULL },
	{ "who opts out gets what waits no more", REPORT_WAITING, REPORT_EVENT_OPT_OUT,
	  REPORT_OPTED_OUT, NULL },
	{ "nor what is held", REPORT_HELD, REPORT_EVENT_OPT_OUT, REPORT_OPTED_OUT, NULL },
	{ "who opts in gets it", REPORT_OPTED_OUT, REPORT_EVENT_CLEAR, REPORT_WAITING, NULL },
	{ "a recipient that comes lets it wait", REPORT_NO_RECIPIENT, REPORT_EVENT_CLEAR,
	  REPORT_WAITING, NULL },
	{ "a recipient that goes strands it", REPORT_WAITING, REPORT_EVENT_STRAND,
	  REPORT_NO_RECIPIENT, NULL },
};

static void
check_next(void **state)
{
	const struct next_case *c = *state;
	enum report_state next = REPORT_STATE_COUNT;
	const char *refusal = report_rules_next(c->state, c->event, &next);

	assert_int_equal(next, c->want);
	assert_true((refusal != NULL) == (c->want == NO));
	if (c->words != NULL)
		assert_non_null(strstr(refusal, c->words));
}

static void
every_step_is_known_and_only_people_are_refused(void **state)
{
	(void)state;
	for (int s = 0; s < REPORT_STATE_COUNT; s++)
		for (int e = 0; e < REPORT_EVENT_COUNT; e++) {
			enum report_state next = REPORT_STATE_COUNT;
			const char *refusal =
			    report_rules_next((enum report_state)s, (enum report_event)e, &next);

			if (refusal == NULL)
				assert_true(next < REPORT_STATE_COUNT);
			else
				assert_true(e <= REPORT_EVENT_RELEASE && strlen(refusal) > 5);
			/* Approval alone sends; and what is decided for good stays. */
			if (refusal == NULL && next == REPORT_APPROVED && s != REPORT_APPROVED)
				assert_int_equal(e, REPORT_EVENT_APPROVE);
			if (refusal == NULL && !report_rules_is_open((enum report_state)s))
				assert_int_equal((int)next, s);
		}
}

static void
a_word_that_is_none_permits_nothing(void **state)
{
	(void)state;
	assert_int_equal(report_permission_of("send"), REPORT_TO_SEND);
	assert_int_equal(report_permission_of("approve"), REPORT_TO_APPROVE);
	assert_int_equal(report_permission_of("never"), REPORT_TO_NEVER);
	assert_int_equal(report_permission_of("Send"), REPORT_TO_NEVER);
	assert_int_equal(report_permission_of(""), REPORT_TO_NEVER);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(first_cases) + COUNT(next_cases) + 3] = {
		cmocka_unit_test(whatever_the_facts_nothing_leaves_that_may_not),
		cmocka_unit_test(every_step_is_known_and_only_people_are_refused),
		cmocka_unit_test(a_word_that_is_none_permits_nothing),
	};

	for (size_t i = 0; i < COUNT(first_cases); i++)
		tests[3 + i] = (struct CMUnitTest) { first_cases[i].rule, check_first, NULL, NULL,
						     (void *)(uintptr_t)&first_cases[i] };
	for (size_t i = 0; i < COUNT(next_cases); i++)
		tests[3 + COUNT(first_cases) + i] =
		    (struct CMUnitTest) { next_cases[i].rule, check_next, NULL, NULL,
					  (void *)(uintptr_t)&next_cases[i] };
	return cmocka_run_group_tests_name("report_rules", tests, NULL, NULL);
}
