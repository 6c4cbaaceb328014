/* letter_tell.h - the parts of a letter, each told by a function of its own: it chooses what is said, the words say it.  For
 * letter.c and the files that tell. */
#ifndef COLLECTOR_NOTIFY_LETTER_TELL_H
#define COLLECTOR_NOTIFY_LETTER_TELL_H

#include "notify/letter_decide.h"
#include "notify/letter_page.h"
#include "notify/letter_words.h"

struct letter_telling {
	const struct letter_facts *facts;
	struct letter_words *words;
	struct letter_page *page;
	const size_t *order; /* of connections, the worst first */
	struct letter_focus focus;
	const char *title;
};

/* The i-th connection, the worst first. */
static inline const struct letter_connection *
telling_at(const struct letter_telling *t, size_t i)
{
	return &t->facts->connections[t->order[i]];
}

/* Alternatives by name. */
const char *letter_way(enum direction direction); /* "out", "in" */
const char *letter_kind_key(enum port_kind kind); /* "member", "pni", "reseller" */
const char *
letter_verdict_key(enum verdict verdict); /* "none", "recurring", "routine", "insufficient" */
const char *letter_flag_key(bool flag);   /* "yes", "no" */

/* "Demo-IX Frankfurt" */
const char *letter_place(const struct letter_telling *t, const struct letter_connection *c);
/* "ExampleNet (AS64500)", "AS64500" */
const char *letter_whom(const struct letter_telling *t, const char *name, uint32_t asn);
/* Its verdict, said. */
const char *letter_verdict_words(const struct letter_telling *t, enum verdict verdict);
/* "we saw 0.31% of the packets dropped": share of them, measured as the direction's are. */
const char *letter_drops_words(const struct letter_telling *t, const struct letter_figures *figures,
			       double share);
/* The Monday on which the letter's week begins, or the one after it: "2026-11-16". */
const char *letter_monday(const struct letter_telling *t, bool next);
/* "06:00" */
const char *letter_day_start(const struct letter_telling *t);
/* One sentence with no values, as a part. */
void letter_tell(const struct letter_telling *t, enum letter_part_kind kind, const char *entry);

/* letter_head.c: 1 to 3 */
const char *letter_subject(const struct letter_telling *t);
void letter_tell_head(const struct letter_telling *t);
/* letter_measure.c: 4 and 5 */
void letter_tell_measured(const struct letter_telling *t);
void letter_tell_figures(const struct letter_telling *t);
/* The table of figures: its head, and the rows of a connection. */
struct letter_table *letter_figures_begin(const struct letter_telling *t);
void letter_figures_add(const struct letter_telling *t, struct letter_table *table,
			const struct letter_connection *c);
/* letter_strip.c: 6 */
void letter_tell_weeks(const struct letter_telling *t);
/* letter_episodes.c: 7 and 8 */
void letter_tell_episodes(const struct letter_telling *t);
void letter_tell_excused(const struct letter_telling *t);
/* letter_why.c: 9 and 10 */
void letter_tell_why(const struct letter_telling *t);
void letter_tell_unknown(const struct letter_telling *t);
/* letter_help.c: 11 to 13 */
void letter_tell_help(const struct letter_telling *t);
void letter_tell_agreed(const struct letter_telling *t);
void letter_tell_policy(const struct letter_telling *t);
/* letter_foot.c: 14 and 15 */
void letter_tell_check(const struct letter_telling *t);
void letter_tell_person(const struct letter_telling *t);
/* letter_coordinator.c: letters of an exchange, and the overview */
void letter_tell_coordinator(const struct letter_telling *t);

#endif
