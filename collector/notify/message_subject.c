/* message_subject.c - see message_subject.h.
 *
 * "[ix] SATURATED 98% out FRA AS64500 ExampleNet since 02:10Z".  Where it is too long, the name is cut; then it goes, then
 * "since".  An AS number is whole, or not there: half of one is another's. */
#include "notify/message_subject.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/units.h"
#include "notify/message_page.h"
#include "notify/message_words.h"

#define SAME_DAY_SEC (INT64_C(20) * 3600) /* older: the date says more than the time */
#define NAME_LEAST   4                    /* characters of a name worth showing */
#define PLACE_MAX    20
#define COUNTED_MAX  2000 /* lines of which it is found out which are of one port */

/* "02:10Z", or "26 Nov". */
static char *
short_time(char dst[16], int64_t utc_sec, int64_t now_utc_sec)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	char utc[40];
	int month;

	units_format_utc(utc, sizeof(utc), utc_sec);
	month = (utc[5] - '0') * 10 + utc[6] - '0';
	if (now_utc_sec - utc_sec < SAME_DAY_SEC || month < 1 || month > 12)
		snprintf(dst, 16, "%.5sZ", utc + 11);
	else
		snprintf(dst, 16, "%d %s", (utc[8] - '0') * 10 + utc[9] - '0', months[month - 1]);
	return dst;
}

/* The exchange, as it is called on a corridor. */
static char *
place_of(char *dst, size_t len, const char *slug, size_t max)
{
	message_clean(dst, len, slug, max);
	for (char *c = dst; *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
	return dst;
}

static const char *
prefix_of(const struct message_line *line)
{
	bool verdict = alert_kind_audience(line->subject.kind) == ALERT_FOR_COORDINATOR;

	switch (line->what) {
	case TOLD_RECOVERY: return verdict ? "NO LONGER " : "OVER ";
	case TOLD_REPEAT: return "STILL ";
	case TOLD_ESCALATION: return "UNACKED ";
	default: return "";
	}
}

/* --- several --- */

static bool
is_of_same(const struct message_line *a, const struct message_line *b)
{
	return a->subject.scope == b->subject.scope && a->subject.id == b->subject.id &&
	       strcmp(a->subject.agent, b->subject.agent) == 0;
}

bool
message_is_of_one(const struct message_facts *facts)
{
	for (size_t i = 1; i < facts->line_count; i++)
		if (!is_of_same(&facts->lines[0], &facts->lines[i]))
			return false;
	return true;
}

char *
message_count(char *dst, size_t len, const struct message_facts *facts)
{
	enum alert_scope scope = facts->lines[0].subject.scope;
	const char *word = facts->line_count > COUNTED_MAX ? "alerts"
			   : scope == ALERT_OF_PORT        ? "ports"
			   : scope == ALERT_OF_AGENT       ? "agents"
							   : "alerts";
	size_t count = facts->line_count;

	for (size_t i = 1; i < facts->line_count && facts->line_count <= COUNTED_MAX; i++) {
		bool again = false;

		if (facts->lines[i].subject.scope != scope)
			word = "alerts";
		for (size_t k = 0; k < i && !again; k++)
			again = is_of_same(&facts->lines[k], &facts->lines[i]);
		count -= again;
	}
	if (strcmp(word, "alerts") == 0)
		count = facts->line_count;
	if (count == 1)
		snprintf(dst, len, "1 %.*s", (int)strlen(word) - 1, word);
	else
		snprintf(dst, len, "%zu %s", count, word);
	return dst;
}

char *
message_tally(char *dst, size_t len, const struct message_facts *facts, size_t max)
{
	size_t used = 0;

	dst[0] = '\0';
	for (size_t i = 0; i < facts->line_count; i++) {
		const char *shout = message_shout(&facts->lines[i]);
		size_t count = 0, first = 0;
		char piece[64];

		while (strcmp(message_shout(&facts->lines[first]), shout) != 0)
			first++;
		if (first < i)
			continue;
		for (size_t k = i; k < facts->line_count; k++)
			count += strcmp(message_shout(&facts->lines[k]), shout) == 0;
		snprintf(piece, sizeof(piece), "%s%zu %s", used > 0 ? ", " : "", count, shout);
		if (used + strlen(piece) > max || used + strlen(piece) + 8 > len) {
			snprintf(dst + used, len - used, used + 6 <= max ? ", more" : "");
			return dst;
		}
		memcpy(dst + used, piece, strlen(piece) + 1);
		used += strlen(piece);
	}
	return dst;
}

static int64_t
earliest(const struct message_facts *facts)
{
	int64_t began_utc_sec = facts->lines[0].began_utc_sec;

	for (size_t i = 1; i < facts->line_count; i++)
		if (facts->lines[i].began_utc_sec < began_utc_sec)
			began_utc_sec = facts->lines[i].began_utc_sec;
	return began_utc_sec;
}

/* "[ix] 12 ports FRA: 3 SATURATED, 9 CONGESTED since 02:10Z" */
static char *
subject_of_many(char dst[MESSAGE_SUBJECT_SIZE], const struct message_facts *facts)
{
	char count[40], place[PLACE_MAX * 4 + 8], at[16], tally[MESSAGE_SUBJECT_MAX + 8], tail[32];
	size_t used;

	message_count(count, sizeof(count), facts);
	place_of(place, sizeof(place), facts->exchange, PLACE_MAX);
	if (facts->lines[0].what == TOLD_RECOVERY)
		tail[0] = '\0';
	else
		snprintf(tail, sizeof(tail), " since %s",
			 short_time(at, earliest(facts), facts->now_utc_sec));
	used = strlen("[ix]  : ") + strlen(prefix_of(&facts->lines[0])) + strlen(count) +
	       message_width(place) + strlen(tail);
	if (used > MESSAGE_SUBJECT_MAX) {
		used -= strlen(tail);
		tail[0] = '\0';
	}
	message_tally(tally, sizeof(tally), facts,
		      used < MESSAGE_SUBJECT_MAX ? MESSAGE_SUBJECT_MAX - used : 0);
	snprintf(dst, MESSAGE_SUBJECT_SIZE, "[ix] %s%s %s%s%s%s", prefix_of(&facts->lines[0]),
		 count, place, tally[0] != '\0' ? ": " : "", tally, tail);
	return dst;
}

/* --- one --- */

struct subject_parts {
	char head[80], place[PLACE_MAX * 4 + 8], id[64], name[MESSAGE_NAME_SIZE], tail[40],
	    short_tail[40];
};

/* Who it is: the AS number, and the name, which may be cut; or, where neither is known, the port. */
static void
parts_of_whom(struct subject_parts *parts, const struct message_line *line)
{
	parts->id[0] = parts->name[0] = '\0';
	if (line->subject.asn != 0)
		snprintf(parts->id, sizeof(parts->id), " AS%" PRIu32, line->subject.asn);
	if (line->subject.scope == ALERT_OF_PORT && line->peer[0] != '\0')
		message_clean(parts->name, sizeof(parts->name), line->peer, MESSAGE_NAME_MAX);
	else if (line->subject.scope == ALERT_OF_AGENT)
		message_clean(parts->name, sizeof(parts->name), line->subject.agent,
			      MESSAGE_NAME_MAX);
	else if (line->subject.scope == ALERT_OF_PORT && line->subject.asn == 0) {
		char agent[MESSAGE_NAME_SIZE / 2], interface[MESSAGE_NAME_SIZE / 2];

		message_clean(agent, sizeof(agent), line->subject.agent, MESSAGE_NAME_MAX / 2 - 1);
		message_clean(interface, sizeof(interface), line->interface,
			      MESSAGE_NAME_MAX / 2 - 1);
		snprintf(parts->name, sizeof(parts->name), "%s/%s", agent, interface);
	}
}

static void
parts_of_time(struct subject_parts *parts, const struct message_line *line, int64_t now_utc_sec)
{
	char from[16], to[16];

	short_time(from, line->began_utc_sec, now_utc_sec);
	if (line->what != TOLD_RECOVERY) {
		snprintf(parts->tail, sizeof(parts->tail), " since %s", from);
		snprintf(parts->short_tail, sizeof(parts->short_tail), " %s", from);
	} else {
		short_time(to, line->until_utc_sec, now_utc_sec);
		snprintf(parts->tail, sizeof(parts->tail), " %s-%s", from, to);
		snprintf(parts->short_tail, sizeof(parts->short_tail), " %s", to);
	}
}

static char *
subject_of_one(char dst[MESSAGE_SUBJECT_SIZE], const struct message_facts *facts)
{
	const struct message_line *line = &facts->lines[0];
	struct subject_parts parts;
	char headline[64], cut[MESSAGE_NAME_SIZE];
	const char *tail = parts.tail;
	size_t used;

	snprintf(parts.head, sizeof(parts.head), "[ix] %s%s ", prefix_of(line),
		 message_headline(headline, sizeof(headline), line));
	place_of(parts.place, sizeof(parts.place), line->subject.exchange, PLACE_MAX);
	parts_of_whom(&parts, line);
	parts_of_time(&parts, line, facts->now_utc_sec);
	used = strlen(parts.head) + message_width(parts.place) + strlen(parts.id);
	if (used + strlen(tail) > MESSAGE_SUBJECT_MAX)
		tail = parts.short_tail;
	if (used + strlen(tail) > MESSAGE_SUBJECT_MAX)
		tail = "";
	used += strlen(tail);
	if (used > MESSAGE_SUBJECT_MAX) { /* long words, a long number and a long place */
		size_t width = message_width(parts.place);

		place_of(parts.place, sizeof(parts.place), line->subject.exchange,
			 width - (used - MESSAGE_SUBJECT_MAX));
		used = MESSAGE_SUBJECT_MAX;
	}
	cut[0] = '\0';
	if (used + 1 + NAME_LEAST <= MESSAGE_SUBJECT_MAX)
		message_clean(cut, sizeof(cut), parts.name, MESSAGE_SUBJECT_MAX - used - 1);
	snprintf(dst, MESSAGE_SUBJECT_SIZE, "%s%s%s%s%s%s", parts.head, parts.place, parts.id,
		 cut[0] != '\0' ? " " : "", cut, tail);
	return dst;
}

char *
message_subject(char dst[MESSAGE_SUBJECT_SIZE], const struct message_facts *facts)
{
	return message_is_of_one(facts) ? subject_of_one(dst, facts) : subject_of_many(dst, facts);
}
