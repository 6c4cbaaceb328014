/* digest.c - see digest.h. */
#include "notify/digest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/units.h"

/* "2026-11-28 02:10Z": to the minute. */
static const char *
minute_of(char dst[40], int64_t utc_sec)
{
	units_format_utc(dst, 40, utc_sec);
	dst[10] = ' ';
	dst[16] = 'Z';
	dst[17] = '\0';
	return dst;
}

static void
put_line(FILE *to, const struct digest_line *line)
{
	char at[40];

	fprintf(to, "  %s  %-8s  %s  (mail %" PRId64 ")\n", minute_of(at, line->created_utc_sec),
		outbox_kind_name(line->kind), line->subject, line->id);
}

static void
put_why(FILE *to, enum digest_why why, unsigned per_hour, size_t count, size_t over_count)
{
	if (over_count == count)
		fputs("Nothing of this could be mailed while it held, and now it is over.\n", to);
	else if (why == DIGEST_OUTAGE)
		fprintf(to,
			"%zu mail%s waited for more than an hour, since mail could not be "
			"delivered.\nThis one stands for all of them.\n",
			count - over_count, count - over_count == 1 ? "" : "s");
	else
		fprintf(to,
			"More than %u mails within an hour: what came beyond is gathered here, "
			"%zu in all.\n",
			per_hour, count);
}

static void
put_over(FILE *to, const struct digest_line *lines, size_t count, size_t over_count)
{
	if (over_count == 0)
		return;
	fprintf(to, "\nBegan and ended before any mail of it left (%zu):\n", over_count);
	for (size_t i = 0; i < count; i++)
		if (lines[i].over)
			put_line(to, &lines[i]);
}

static void
put_lines(FILE *to, const struct digest_line *lines, size_t count, size_t open_count,
	  size_t over_count)
{
	if (open_count > 0)
		fprintf(to, "\nStill open, as far as was told (%zu):\n", open_count);
	for (size_t i = 0; i < count; i++)
		if (lines[i].open)
			put_line(to, &lines[i]);
	if (open_count == 0)
		fputs("\nOf what they told, nothing is open any more.\n", to);
	put_over(to, lines, count, over_count);
	fprintf(to, "\nEverything, oldest first (%zu):\n", count);
	for (size_t i = 0; i < count; i++)
		put_line(to, &lines[i]);
	fputs("\nThe text of each is on the page /mail, and shown by: ixwatch outbox show ID\n",
	      to);
}

static size_t
open_count_of(const struct digest_line *lines, size_t count)
{
	size_t open_count = 0;

	for (size_t i = 0; i < count; i++)
		open_count += lines[i].open;
	return open_count;
}

static size_t
over_count_of(const struct digest_line *lines, size_t count)
{
	size_t over_count = 0;

	for (size_t i = 0; i < count; i++)
		over_count += lines[i].over;
	return over_count;
}

static const char *
worst_of(const struct digest_line *lines, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (lines[i].open)
			return lines[i].subject;
	return NULL;
}

/* Writes into memory; both texts, or none. */
static bool
finish(struct digest *out, FILE *to, const char *subject, struct error *err)
{
	bool failed = to == NULL || ferror(to) != 0;

	if (to != NULL)
		failed = fclose(to) != 0 || failed;
	out->subject = strdup(subject);
	if (!failed && out->subject != NULL)
		return true;
	digest_free(out);
	return error_set(err, ERR_NOMEM, "digest: out of memory");
}

bool
digest_make(struct digest *out, enum digest_why why, unsigned per_hour,
	    const struct digest_line *lines, size_t count, struct error *err)
{
	size_t len, open_count = open_count_of(lines, count);
	size_t over_count = over_count_of(lines, count);
	const char *worst = worst_of(lines, count);
	char subject[300];
	FILE *to;

	*out = (struct digest) { NULL, NULL };
	to = open_memstream(&out->text, &len);
	snprintf(subject, sizeof(subject), "[digest] %zu open of %zu mails%s%.200s", open_count,
		 count, worst != NULL ? "; " : "", worst != NULL ? worst : "");
	if (to != NULL) {
		put_why(to, why, per_hour, count, over_count);
		put_lines(to, lines, count, open_count, over_count);
	}
	return finish(out, to, subject, err);
}

void
digest_free(struct digest *digest)
{
	free(digest->subject);
	free(digest->text);
	*digest = (struct digest) { NULL, NULL };
}

/* --- the sign of life --- */

static void
put_life(FILE *to, const struct life_facts *facts)
{
	char at[40];

	fprintf(to, "ixwatch watches %" PRIu32 " ports on %" PRIu32 " agents%s%s.\n",
		facts->port_count, facts->agent_count,
		facts->zone_time[0] != '\0' ? "; it is " : "", facts->zone_time);
	fprintf(to, "  agents that do not answer   %" PRIu32 "\n", facts->silent_agent_count);
	fprintf(to, "  last round                  %s\n",
		facts->round_utc_sec != 0 ? minute_of(at, facts->round_utc_sec) : "none yet");
	fprintf(to, "  rounds late, since start    %" PRIu32 " of %" PRIu32 "\n",
		facts->rounds_late, facts->rounds);
	fprintf(to, "  mails sent in the last day  %" PRId64 "\n", facts->mails_sent);
	fprintf(to, "  mails waiting, failed       %" PRId64 ", %" PRId64 "\n",
		facts->mails_waiting, facts->mails_failed);
	if (facts->open_count == 0)
		fputs("\nOpen now: nothing\n", to);
	else
		fprintf(to, "\nOpen now: %zu\n", facts->open_count);
	for (size_t i = 0; i < facts->open_count; i++)
		fprintf(to, "  %s\n", facts->open[i]);
	fputs("\nThis mail comes once a day. A day without it is a reason to look.\n", to);
}

bool
life_make(struct digest *out, const struct life_facts *facts, struct error *err)
{
	char subject[200];
	size_t len;
	FILE *to;

	*out = (struct digest) { NULL, NULL };
	to = open_memstream(&out->text, &len);
	snprintf(subject, sizeof(subject),
		 "[ixwatch] alive: %" PRIu32 " ports, %zu open, %" PRIu32 " agents silent",
		 facts->port_count, facts->open_count, facts->silent_agent_count);
	if (to != NULL)
		put_life(to, facts);
	return finish(out, to, subject, err);
}
