/* letter_head.c - parts 1 to 3 of a letter: its subject, whose it is, and the one sentence that says it all. */
#include <math.h>
#include <string.h>

#include "ixwatch/units.h"
#include "notify/letter_tell.h"

/* --- the week --- */

const char *
letter_monday(const struct letter_telling *t, bool next)
{
	char text[40];
	int64_t january_4;
	int week;

	/* The week with January 4 is the first (ISO 8601); 1970-01-01 was a Thursday. */
	units_parse_utc(letter_keep(t->words, "%.4s-01-04T00:00:00Z", t->facts->week), &january_4);
	week = (t->facts->week[6] - '0') * 10 + t->facts->week[7] - '0';
	int64_t day = january_4 / 86400;
	day -= ((day + 3) % 7 + 7) % 7;
	units_format_date(text, sizeof(text), (int32_t)(day + (week - 1 + next) * 7));
	return letter_keep(t->words, "%s", text);
}

const char *
letter_day_start(const struct letter_telling *t)
{
	int64_t sec = t->facts->settings.day_start_sec;

	return letter_keep(t->words, "%02d:%02d", (int)(sec / 3600), (int)(sec / 60 % 60));
}

/* --- 1 --- */

static size_t
exchange_count(const struct letter_facts *facts)
{
	size_t count = 0;

	for (size_t i = 0; i < facts->connection_count; i++) {
		size_t before = 0;

		while (before < i &&
		       strcmp(facts->connections[before].slug, facts->connections[i].slug) != 0)
			before++;
		count += before == i;
	}
	return count;
}

static const char *
peer_subject(const struct letter_telling *t)
{
	const struct letter_facts *f = t->facts;

	return LETTER_SAY(t->words, "subject.peer", v_name("peer", f->peer),
			  v_words("asn", letter_keep(t->words, "AS%u", f->asns[0])),
			  v_int("exchanges", (int64_t)exchange_count(f)), v_name("week", f->week),
			  v_key("purpose", f->request ? "request" : "information"),
			  v_flag("corrected", f->edition > 1));
}

const char *
letter_subject(const struct letter_telling *t)
{
	const struct letter_facts *f = t->facts;

	if (f->kind == LETTER_PEER)
		return peer_subject(t);
	if (f->kind == LETTER_EXCHANGE)
		return LETTER_SAY(t->words, "subject.exchange",
				  v_words("exchange", f->connection_count > 0
							  ? letter_place(t, &f->connections[0])
							  : ""),
				  v_int("connections", (int64_t)f->connection_count),
				  v_name("week", f->week), v_flag("corrected", f->edition > 1));
	return LETTER_SAY(t->words, "subject.overview",
			  v_int("exchanges", (int64_t)exchange_count(f)),
			  v_int("connections", (int64_t)f->connection_count),
			  v_name("week", f->week), v_flag("corrected", f->edition > 1));
}

/* --- 2 --- */

static const char *
asns_words(const struct letter_telling *t)
{
	const char *texts[16];
	size_t count = 0;

	for (; count < t->facts->asn_count && count < 16; count++)
		texts[count] = letter_keep(t->words, "AS%u", t->facts->asns[count]);
	return letter_join(t->words, texts, count);
}

static void
tell_from(const struct letter_telling *t)
{
	const struct letter_facts *f = t->facts;

	letter_add(t->page, LETTER_PART_SMALL,
		   LETTER_SAY(t->words, "from",
			      v_words("us", letter_whom(t, f->our_name, f->our_asn)),
			      v_name("peer", f->peer), v_words("asns", asns_words(t)),
			      v_name("week", f->week), v_int("edition", f->edition),
			      v_utc("made", f->made)));
	if (f->edition > 1)
		letter_add(t->page, LETTER_PART_PARA,
			   LETTER_SAY(t->words, "correction",
				      v_text(LETTER_TEXT, "corrects", f->corrects),
				      v_int("edition", f->edition)));
}

/* --- 3 --- */

static const char *const lead_entries[LETTER_LEAD_COUNT] = {
	[LETTER_LEAD_ROUTINE] = "lead.routine",   [LETTER_LEAD_RECURRING] = "lead.recurring",
	[LETTER_LEAD_UPGRADED] = "lead.upgraded", [LETTER_LEAD_INSUFFICIENT] = "lead.insufficient",
	[LETTER_LEAD_UNEVEN] = "lead.uneven",     [LETTER_LEAD_REDUCED] = "lead.reduced",
	[LETTER_LEAD_SEEN] = "lead.seen",         [LETTER_LEAD_EXCUSED] = "lead.excused",
	[LETTER_LEAD_PARTLY] = "lead.partly",     [LETTER_LEAD_WELL] = "lead.well",
};

/* The smallest it was in the week. */
static double
reduced_to(const struct letter_connection *c)
{
	double least = NAN;

	for (size_t i = 0; i < c->reduction_count; i++)
		if (!(least <= c->reductions[i].capacity_bps))
			least = c->reductions[i].capacity_bps;
	return least;
}

/* What can be said of this week: congested, only for short, not, or too little known. */
static const char *
week_key(const struct letter_side *side, const struct letter_minutes *minutes)
{
	if (minutes->counted > 0)
		return "full";
	if (side->figures.minutes_95 > 0)
		return "short";
	return isnan(side->figures.minutes_95) ? "unknown" : "clear";
}

/* Episodes of every excuse but one are told as "other". */
static const char *
excuse_key(const struct letter_side *side)
{
	enum letter_excuse found = LETTER_EXCUSE_NONE;

	for (size_t i = 0; i < side->episode_count; i++) {
		const struct letter_episode *e = &side->episodes[i];

		if (!e->sustained || e->excuse == LETTER_EXCUSE_NONE)
			continue;
		if (found != LETTER_EXCUSE_NONE && found != e->excuse)
			return "other";
		found = e->excuse;
	}
	return found == LETTER_EXCUSE_FLASH      ? "flash"
	       : found == LETTER_EXCUSE_DECLARED ? "declared"
	       : found == LETTER_EXCUSE_REDUCED  ? "reduced"
						 : "other";
}

static void
tell_lead(const struct letter_telling *t)
{
	const struct letter_connection *c = t->focus.connection;

	if (c == NULL) {
		letter_tell(t, LETTER_PART_LEAD, "lead.nothing");
		return;
	}
	const struct letter_side *side = &c->sides[t->focus.direction];
	struct letter_minutes minutes = letter_minutes_of(side);
	const struct letter_value values[] = {
		v_words("exchange", letter_place(t, c)),
		v_key("way", letter_way(t->focus.direction)),
		v_key("kind", letter_kind_key(c->kind)),
		v_minutes("m90", side->figures.minutes_90),
		v_minutes("m95", side->figures.minutes_95),
		v_int("counted", minutes.counted),
		v_int("excused", minutes.excused),
		v_key("excuse", excuse_key(side)),
		v_share("known", letter_known_of_all(t->facts)),
		v_share("known_here", side->figures.known_share),
		v_share("peak", side->figures.peak),
		v_int("connections", (int64_t)t->facts->connection_count),
		v_key("upgrade", c->upgrade == LETTER_UPGRADE_CURED ? "cured" : "watched"),
		v_date("upgrade_date", c->upgrade_date),
		v_size("to", c->upgrade_to_bps),
		v_size("reduced_to", reduced_to(c)),
		v_size("nominal", c->nominal_bps),
		v_name("port", c->uneven_port),
		v_name("other", c->uneven_other),
		v_share("port_p95", c->uneven_port_p95),
		v_share("other_p95", c->uneven_other_p95),
		v_flag("request", t->facts->request),
		v_flag("disputed", t->facts->disputed),
		v_text(LETTER_TEXT, "ordered", c->order_size),
		v_key("week", week_key(side, &minutes)),
		{ 0 },
	};

	letter_add(t->page, LETTER_PART_LEAD,
		   letter_say(t->words, lead_entries[t->focus.lead], values));
}

void
letter_tell_head(const struct letter_telling *t)
{
	const struct letter_facts *f = t->facts;

	letter_add(
	    t->page, LETTER_PART_TITLE,
	    LETTER_SAY(
		t->words, "title.peer",
		v_words("peer", letter_whom(t, f->peer, f->peer[0] == '\0' ? f->asns[0] : 0)),
		v_words("us", letter_whom(t, f->our_name, f->our_name[0] == '\0' ? f->our_asn : 0)),
		v_name("week", f->week)));
	tell_from(t);
	tell_lead(t);
}
