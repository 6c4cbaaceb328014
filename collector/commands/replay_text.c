/* replay_text.c - what a replay came to, for a person to read aloud: the verdicts with their reasons, a calendar of days
 * as letters, then the episodes; see replay.h. */
#include <math.h>
#include <string.h>

#include "commands/replay.h"
#include "ixwatch/units.h"

#define WEEKS_28_DAYS  28
#define REASON_MAX     1024
#define REASON_BETWEEN "; "

/* "2026-11-23", or `otherwise`. */
static const char *
date_text(char dst[32], int32_t day, const char *otherwise)
{
	return day == DETECTOR_NO_DAY ? otherwise : units_format_date(dst, 32, day);
}

/* "routine since 2026-11-05". */
static void
print_verdict(enum verdict verdict, int32_t since, FILE *to)
{
	char date[32];

	fprintf(to, "%s%s%s", model_verdict_name(verdict),
		since == DETECTOR_NO_DAY ? ", so from the start" : " since ",
		date_text(date, since, ""));
}

/* --- the head: what was judged, and by what --- */

static void
print_name(const struct replay *replay, FILE *to)
{
	const struct port *port = replay->input->port;
	const char *kind = port != NULL ? model_kind_name(port->kind) : "";

	fputs(replay->input->name, to);
	if (port != NULL) {
		fprintf(to, " (%s %lld", model_subject_name(replay->input->subject.kind),
			(long long)replay->input->subject.id);
		if (port->asn != 0)
			fprintf(to, ", AS%u%s%s", port->asn, port->peer[0] ? " " : "", port->peer);
		fprintf(to, "%s%s)", kind[0] ? ", " : "", kind);
	}
	fprintf(to, ": %s\n", model_verdict_name(replay_verdict(replay)));
}

/* The profile of the pages says what the NOC sees; a peer is told by that of the reports. */
static void
print_told(const struct replay *replay, FILE *to)
{
	const struct replay_question *question = replay->question;
	const struct port *port = replay->input->port;

	if (port == NULL)
		return;
	fprintf(
	    to, "  who is told:  %s\n",
	    replay_told(port->kind, replay_verdict(replay), question->to_noc, question->to_peer));
	if (!question->to_peer && replay_leaves_the_house(port->kind))
		fprintf(to,
			"                (what leaves the house is judged by the profile of "
			"the reports: --profile %s)\n",
			profile_name(question->settings.profile == PROFILE_EARLY ? PROFILE_PROOF
										 : PROFILE_EARLY));
}

static void
print_settings(const struct replay *replay, FILE *to)
{
	const struct detector_settings *settings = &replay->question->settings;
	char congested[16], clear[16], sustain[24], day[24], name[24];

	fprintf(to,
		"  judged by:    profile %s: congested from %s, clear below %s; an episode lasts "
		"%s, a congested day has %s\n",
		profile_name(settings->profile),
		units_format_share(congested, sizeof(congested), settings->congested_share),
		units_format_share(clear, sizeof(clear), settings->clear_share),
		units_format_duration(sustain, sizeof(sustain), settings->sustain_sec),
		units_format_duration(day, sizeof(day), settings->congested_day_sec));
	fprintf(to, "  days:         from %02d:%02d %s; samples of %s\n",
		(int)(settings->day_start_sec / 3600), (int)(settings->day_start_sec / 60 % 60),
		replay->question->timezone,
		units_format_duration(name, sizeof(name), replay->step_sec));
}

static void
print_terms(const struct replay *replay, FILE *to)
{
	const struct detector_terms *terms = &replay->question->terms;
	char bps[32];

	if (!isnan(terms->contracted_bps))
		fprintf(to, "  contract:     %s, %s\n",
			units_format_bps(bps, sizeof(bps), terms->contracted_bps),
			terms->contract_billed ? "billed: above it is an invoice, not congestion"
					       : "policed");
	if (!isnan(terms->nominal_capacity_bps))
		fprintf(to, "  nominal:      %s, as set\n",
			units_format_bps(bps, sizeof(bps), terms->nominal_capacity_bps));
}

static void
print_reach(const struct replay *replay, FILE *to)
{
	const struct zone *zone = replay->question->zone;
	int64_t end_utc_sec = replay_end_utc_sec(replay);
	char from[40], until[40], share[16];

	if (replay->step_count == 0) {
		fprintf(to, "  samples:      none are kept\n");
		return;
	}
	fprintf(to, "  samples:      reach back to %s, and to %s: %zu days, %s of them known\n",
		zone_format(zone, from, sizeof(from), replay->start_utc_sec),
		zone_format(zone, until, sizeof(until), end_utc_sec),
		detector_day_count(replay->detector),
		units_format_share(share, sizeof(share), replay_known_share(replay)));
}

/* Without a capacity nothing is known, whatever was counted. */
static void
print_capacity(const struct replay *replay, FILE *to)
{
	const struct replay_input *input = replay->input;

	for (size_t row = 0; row < input->row_count; row++)
		if (input->value[row * COLUMN_COUNT + COLUMN_CAPACITY_BPS] > 0)
			return;
	if (input->row_count > 0)
		fprintf(to, "  capacity:     never known, so nothing can be judged; --capacity BPS "
			    "asks what one would have said\n");
}

static void
print_windows(const struct replay *replay, FILE *to)
{
	char span[96];

	for (size_t i = 0; i < replay->question->window_count; i++) {
		const struct detector_window *window = &replay->question->windows[i];
		const char *text = replay->question->window_texts[i];

		if (window->end_utc_sec <= replay->start_utc_sec ||
		    window->start_utc_sec >= replay_end_utc_sec(replay))
			continue;
		fprintf(to, "  declared:     %s, %s%s%s\n",
			replay_span_text(replay->question->zone, span, sizeof(span),
					 window->start_utc_sec, window->end_utc_sec),
			detector_cause_name(window->cause), text[0] ? ": " : "", text);
	}
}

/* --- a direction: how it stands and why --- */

/* A reason a line. */
static void
print_reasons(const struct replay *replay, enum direction direction, FILE *to)
{
	char reason[REASON_MAX], *at = reason;

	detector_reason(replay->detector, direction, reason, sizeof(reason));
	while (*at != '\0') {
		char *end = strstr(at, REASON_BETWEEN);

		fprintf(to, "  because:      %.*s\n",
			end != NULL ? (int)(end - at) : (int)strlen(at), at);
		at = end != NULL ? end + strlen(REASON_BETWEEN) : at + strlen(at);
	}
}

/* What the days of the last four weeks were. */
static void
print_days(const struct replay *replay, enum direction direction, FILE *to)
{
	struct detector_standing standing;
	const char *between = "";
	unsigned days = 0;

	detector_standing_get(replay->detector, direction, &standing);
	fprintf(to, "  last 28 days: ");
	for (int state = 0; state < DAY_STATE_COUNT; state++) {
		unsigned found =
		    replay_state_days(replay, direction, (enum detector_day_state)state);

		if (found > 0)
			fprintf(to, "%s%u %s", between, found,
				detector_day_state_name((enum detector_day_state)state));
		between = found > 0 ? ", " : between;
		days += found;
	}
	if (days < WEEKS_28_DAYS)
		fprintf(to, "%s%u before the first sample", between, WEEKS_28_DAYS - days);
	fprintf(to, "; %u of them valid\n", standing.valid_days_28);
}

static void
print_standing(const struct replay *replay, enum direction direction, FILE *to)
{
	struct detector_standing standing;
	char date[32], share[16];

	detector_standing_get(replay->detector, direction, &standing);
	print_verdict(standing.verdict, standing.verdict_since, to);
	fputc('\n', to);
	print_reasons(replay, direction, to);
	if (standing.stale) {
		fprintf(to, "  before that:  ");
		print_verdict(standing.stale_verdict, standing.stale_since, to);
		fprintf(to, "; too old to be held against anybody\n");
	}
	if (standing.epoch != DETECTOR_NO_DAY)
		fprintf(to, "  capacity:     grew; days count from %s on\n",
			date_text(date, standing.epoch, ""));
	print_days(replay, direction, to);
	fprintf(
	    to, "  95th percentile of the last 30 days: %s\n",
	    units_format_share(share, sizeof(share), replay->course[direction].p95_utilisation));
}

static void
print_sentence(const char *about, const char *sentence, void *user)
{
	char label[16];

	snprintf(label, sizeof(label), "%s:", about);
	fprintf((FILE *)user, "  %-14s%s\n", label, sentence);
}

static void
print_direction(const struct replay *replay, enum direction direction, FILE *to)
{
	if (!replay->input->has[direction])
		return;
	fprintf(to, "\n%s: ",
		direction == DIRECTION_OUT ? "out, what the box sends" : "in, what it receives");
	print_standing(replay, direction, to);
	if (replay->advised)
		advice_tell(&replay->advice[direction], replay->input->subject.kind, print_sentence,
			    to);
	replay_print_calendar(replay, direction, to);
	replay_print_episodes(replay, direction, to);
}

void
replay_print_text(const struct replay *replay, FILE *to)
{
	print_name(replay, to);
	print_told(replay, to);
	print_settings(replay, to);
	print_terms(replay, to);
	print_reach(replay, to);
	print_capacity(replay, to);
	print_windows(replay, to);
	if (replay->step_count == 0)
		return;
	print_direction(replay, DIRECTION_OUT, to);
	print_direction(replay, DIRECTION_IN, to);
	replay_print_legend(to);
}
