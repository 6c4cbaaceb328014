/* report_rules.c - see report_rules.h. */
#include "notify/report_rules.h"

#include <string.h>

enum report_permission
report_permission_of(const char *to_peers)
{
	if (strcmp(to_peers, "send") == 0)
		return REPORT_TO_SEND;
	return strcmp(to_peers, "approve") == 0 ? REPORT_TO_APPROVE : REPORT_TO_NEVER;
}

/* --- where it begins --- */

static enum report_state
first_of_overview(const struct report_facts *facts, const char **why)
{
	if (facts->kind == REPORT_EXCHANGE)
		*why = "kept and shown; it is not mailed unless somebody releases it";
	else if (facts->recipient_count == 0)
		*why = "report.coordinator names nobody, nor do alert.coordinator and alert.to";
	else if (!facts->mail_works)
		*why = "no mail is configured (mail.from, or mail.spool)";
	else
		return REPORT_APPROVED;
	return facts->kind == REPORT_EXCHANGE ? REPORT_NOTHING : REPORT_NO_RECIPIENT;
}

/* It may go, as far as the peer is concerned. */
static enum report_state
permitted(const struct report_facts *facts, const char **why)
{
	if (facts->to_peers == REPORT_TO_NEVER) {
		*why = "report.to-peers is \"never\"";
		return REPORT_HELD;
	}
	if (facts->to_peers == REPORT_TO_APPROVE)
		return REPORT_WAITING;
	if (facts->first) {
		*why = "the peer's first letter: somebody has to approve it";
		return REPORT_HELD;
	}
	if (facts->corrects && !facts->corrects_sent) {
		*why = "it corrects what was not sent: somebody has to approve it";
		return REPORT_HELD;
	}
	return REPORT_APPROVED;
}

enum report_state
report_rules_first(const struct report_facts *facts, const char **why)
{
	*why = "";
	if (facts->kind != REPORT_PEER)
		return first_of_overview(facts, why);
	if (facts->opted_out) {
		*why = "the peer wants no letters";
		return REPORT_OPTED_OUT;
	}
	if (facts->wants == PEER_REPORT_NEVER) {
		*why = "the peer's block says report = \"never\"";
		return REPORT_NOTHING;
	}
	if (!facts->corrects_sent && !facts->tells && !facts->asked &&
	    facts->wants != PEER_REPORT_ALL) {
		*why = "all is well, and so it was";
		return REPORT_NOTHING;
	}
	if (facts->recipient_count == 0 || !facts->mail_works) {
		*why = facts->recipient_count == 0
			   ? "no peer block names a report-to for it"
			   : "no mail is configured (mail.from, or mail.spool)";
		return REPORT_NO_RECIPIENT;
	}
	if ((facts->disputed || facts->ordered) && !facts->corrects_sent) {
		*why = facts->disputed ? "something is disputed" : "an upgrade is ordered";
		return REPORT_PAUSED;
	}
	return permitted(facts, why);
}

/* --- what follows --- */

struct step {
	enum report_state next;
	const char *refusal;
};

#define GO(state)                                                                                  \
	{                                                                                          \
		REPORT_##state, NULL                                                               \
	}
#define NO(words)                                                                                  \
	{                                                                                          \
		REPORT_STATE_COUNT, words                                                          \
	}
#define IS_APPROVED  NO("is approved already: its mails are in the outbox")
#define IS_LAPSED    NO("lapsed: it was not approved in time, or a later edition took its place")
#define IS_OPTED_OUT NO("is of a peer that wants no letters; `ixwatch report optin` ends that")
#define IS_STRANDED  NO("has no recipient: the configuration names none")
#define IS_PAUSED    NO("is paused: an order is open, or something is disputed")
#define IS_NOTHING   NO("has nothing to tell; once released it may be approved")

/* Rows: states.  Columns: approve, hold, release; lapse, replace; opt-out, strand, pause, clear. */
/* clang-format off */
static const struct step steps[REPORT_STATE_COUNT][REPORT_EVENT_COUNT] = {
	[REPORT_NOTHING] = { IS_NOTHING, IS_NOTHING, GO(WAITING), GO(NOTHING), GO(LAPSED),
		GO(NOTHING), GO(NOTHING), GO(NOTHING), GO(NOTHING) },
	[REPORT_WAITING] = { GO(APPROVED), GO(HELD), NO("waits already"), GO(LAPSED), GO(LAPSED),
		GO(OPTED_OUT), GO(NO_RECIPIENT), GO(PAUSED), GO(WAITING) },
	[REPORT_HELD] = { GO(APPROVED), NO("is held already"), GO(WAITING), GO(LAPSED), GO(LAPSED),
		GO(OPTED_OUT), GO(HELD), GO(HELD), GO(HELD) },
	[REPORT_APPROVED] = { IS_APPROVED, IS_APPROVED, IS_APPROVED, GO(APPROVED), GO(APPROVED),
		GO(APPROVED), GO(APPROVED), GO(APPROVED), GO(APPROVED) },
	[REPORT_LAPSED] = { IS_LAPSED, IS_LAPSED, IS_LAPSED, GO(LAPSED), GO(LAPSED),
		GO(LAPSED), GO(LAPSED), GO(LAPSED), GO(LAPSED) },
	[REPORT_OPTED_OUT] = { IS_OPTED_OUT, IS_OPTED_OUT, IS_OPTED_OUT, GO(OPTED_OUT), GO(LAPSED),
		GO(OPTED_OUT), GO(OPTED_OUT), GO(OPTED_OUT), GO(WAITING) },
	[REPORT_NO_RECIPIENT] = { IS_STRANDED, IS_STRANDED, IS_STRANDED, GO(NO_RECIPIENT), GO(LAPSED),
		GO(OPTED_OUT), GO(NO_RECIPIENT), GO(PAUSED), GO(WAITING) },
	[REPORT_PAUSED] = { IS_PAUSED, GO(HELD), IS_PAUSED, GO(LAPSED), GO(LAPSED),
		GO(OPTED_OUT), GO(NO_RECIPIENT), GO(PAUSED), GO(WAITING) },
};
/* clang-format on */

const char *
report_rules_next(enum report_state state, enum report_event event, enum report_state *next)
{
	const struct step *step = &steps[state][event];

	if (step->refusal == NULL)
		*next = step->next;
	return step->refusal;
}

bool
report_rules_is_open(enum report_state state)
{
	return state != REPORT_APPROVED && state != REPORT_LAPSED;
}
