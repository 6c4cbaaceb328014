/* letter_help.c - parts 11 to 13 of a letter: what would help, the least effort first, with our part in it; what is agreed
 * already; and the words of the policy or agreement, with the count of notes that asked. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "notify/letter_tell.h"

/* --- 11 --- */

static void
tell_free_ports(const struct letter_telling *t, const struct letter_connection *c)
{
	for (size_t i = 0; i < c->free_port_count; i++)
		letter_add(t->page, LETTER_PART_ITEM,
			   LETTER_SAY(t->words, "help.free_port",
				      v_words("exchange", letter_place(t, c)),
				      v_name("agent", c->free_ports[i].agent),
				      v_name("interface", c->free_ports[i].interface),
				      v_size("capacity", c->free_ports[i].capacity_bps),
				      v_share("p95", c->free_ports[i].p95)));
}

static void
tell_others(const struct letter_telling *t, const struct letter_connection *c)
{
	for (size_t i = 0; i < c->other_count; i++)
		letter_add(
		    t->page, LETTER_PART_ITEM,
		    LETTER_SAY(t->words, "help.elsewhere", v_words("exchange", letter_place(t, c)),
			       v_name("other", c->others[i].name[0] != '\0' ? c->others[i].name
									    : c->others[i].slug),
			       v_rate("headroom", c->others[i].headroom_bps),
			       v_name("hours", c->others[i].at_local)));
}

/* "2 x 10 Gbit/s" */
static const char *
ports_words(const struct letter_telling *t, const struct letter_connection *c)
{
	if (c->size_members < 2 || !(c->size_member_bps > 0))
		return letter_value_text(t->words, v_size("", c->size_bps));
	return LETTER_SAY(t->words, "help.members", v_int("members", c->size_members),
			  v_size("member", c->size_member_bps), v_size("size", c->size_bps));
}

static void
tell_help(const struct letter_telling *t, const struct letter_connection *c, enum letter_help help)
{
	switch (help) {
	case LETTER_HELP_SPREAD:
		letter_add(
		    t->page, LETTER_PART_ITEM,
		    LETTER_SAY(t->words, "help.spread", v_words("exchange", letter_place(t, c)),
			       v_key("way", letter_way(c->uneven_direction)),
			       v_name("port", c->uneven_port), v_name("other", c->uneven_other),
			       v_share("port_p95", c->uneven_port_p95),
			       v_share("other_p95", c->uneven_other_p95)));
		break;
	case LETTER_HELP_FREE_PORT: tell_free_ports(t, c); break;
	case LETTER_HELP_ELSEWHERE: tell_others(t, c); break;
	case LETTER_HELP_SIZE:
		letter_add(t->page, LETTER_PART_ITEM,
			   LETTER_SAY(t->words, "help.size",
				      v_words("exchange", letter_place(t, c)),
				      v_words("ports", ports_words(t, c))));
		break;
	case LETTER_HELP_COUNT: break;
	}
}

/* Ours is said where something is asked. */
static void
tell_our_part(const struct letter_telling *t, const struct letter_connection *c)
{
	if (t->facts->request && letter_is_asked(t->facts, c))
		letter_add(t->page, LETTER_PART_PARA,
			   LETTER_SAY(t->words, "help.ours",
				      v_words("exchange", letter_place(t, c)),
				      v_key("kind", letter_kind_key(c->kind)),
				      v_name("person", t->facts->person)));
}

/* While something is disputed no advice is given. */
static bool
any_help(const struct letter_telling *t)
{
	enum letter_help help[LETTER_HELP_COUNT];

	for (size_t i = 0; i < t->facts->connection_count; i++)
		if (!t->facts->disputed && letter_helps(telling_at(t, i), help) > 0)

			return true;
	return false;
}

void
letter_tell_help(const struct letter_telling *t)
{
	if (!any_help(t))
		return;
	letter_tell(t, LETTER_PART_HEADING, "help.heading");
	letter_tell(t, LETTER_PART_PARA, "help.what");
	for (size_t i = 0; i < t->facts->connection_count; i++) {
		const struct letter_connection *c = telling_at(t, i);
		enum letter_help help[LETTER_HELP_COUNT];
		size_t count = letter_helps(c, help);

		for (size_t h = 0; h < count; h++)
			tell_help(t, c, help[h]);
	}
	for (size_t i = 0; i < t->facts->connection_count; i++)
		tell_our_part(t, telling_at(t, i));
}

/* --- 12 --- */

static const char *
waiting_key(enum letter_waiting waiting)
{
	return waiting == LETTER_WAITING_US     ? "us"
	       : waiting == LETTER_WAITING_PEER ? "peer"
						: "exchange";
}

static void
tell_order(const struct letter_telling *t, const struct letter_connection *c)
{
	if (c->ordered)
		letter_add(
		    t->page, LETTER_PART_ITEM,
		    LETTER_SAY(t->words, "agreed.order", v_words("exchange", letter_place(t, c)),
			       v_text(LETTER_TEXT, "size", c->order_size),
			       v_date("ready", c->order_ready), v_name("ticket", c->order_ticket),
			       v_date("since", c->order_since),
			       v_key("waiting", waiting_key(c->order_waiting))));
}

/* A case is told of when it goes well. */
static bool
is_closing(const struct letter_connection *c)
{
	return c->has_case && c->case_notices > 0 && c->case_clean_weeks > 0;
}

static void
tell_case(const struct letter_telling *t, const struct letter_connection *c)
{
	if (is_closing(c))
		letter_add(
		    t->page, LETTER_PART_ITEM,
		    LETTER_SAY(t->words, "agreed.case", v_words("exchange", letter_place(t, c)),
			       v_int("notices", c->case_notices), v_name("opened", c->case_opened),
			       v_int("clean", c->case_clean_weeks)));
}

void
letter_tell_agreed(const struct letter_telling *t)
{
	const struct letter_facts *f = t->facts;
	bool any = f->disputed;

	for (size_t i = 0; i < f->connection_count; i++)
		any |= f->connections[i].ordered || is_closing(&f->connections[i]);
	if (!any)
		return;
	letter_tell(t, LETTER_PART_HEADING, "agreed.heading");
	if (f->disputed)
		letter_add(t->page, LETTER_PART_ITEM,
			   LETTER_SAY(t->words, "agreed.dispute", v_date("since", f->dispute_since),
				      v_text(LETTER_TEXT, "text", f->dispute_text)));
	for (size_t i = 0; i < f->connection_count; i++) {
		tell_order(t, telling_at(t, i));
		tell_case(t, telling_at(t, i));
	}
}

/* --- 13 --- */

/* What is agreed is quoted where it has to do with the letter; the same words once. */
static bool
is_quoted(const struct letter_telling *t, size_t i)
{
	const struct letter_connection *c = telling_at(t, i);
	enum verdict verdict = letter_connection_verdict(c);

	if (c->policy[0] == '\0' || (verdict != VERDICT_ROUTINE && verdict != VERDICT_RECURRING))
		return false;
	for (size_t before = 0; before < i; before++)
		if (strcmp(telling_at(t, before)->policy, c->policy) == 0 && is_quoted(t, before))
			return false;
	return true;
}

void
letter_tell_policy(const struct letter_telling *t)
{
	const struct letter_facts *f = t->facts;
	bool notice = f->request && f->notice > 0, begun = false;

	for (size_t i = 0; i < f->connection_count; i++) {
		if (!is_quoted(t, i))
			continue;
		if (!begun)
			letter_tell(t, LETTER_PART_HEADING, "policy.heading");
		begun = true;
		letter_add(t->page, LETTER_PART_PARA,
			   LETTER_SAY(t->words, "policy.of",
				      v_words("exchange", letter_place(t, telling_at(t, i)))));
		letter_add(t->page, LETTER_PART_QUOTE,
			   letter_clean(t->words, telling_at(t, i)->policy, LETTER_POLICY_MAX));
	}
	if (notice && !begun)
		letter_tell(t, LETTER_PART_HEADING, "policy.notice_heading");
	if (notice)
		letter_add(t->page, LETTER_PART_PARA,
			   LETTER_SAY(t->words, "policy.notice", v_int("number", f->notice),
				      v_key("which", f->notice == 1   ? "first"
						     : f->notice == 2 ? "second"
						     : f->notice == 3 ? "third"
								      : "later"),
				      v_name("first_week", f->notice_first_week)));
}
