/* openapi_words.c - schemas that tables of the program make: words, and numbers by name. */
#include <string.h>

#include "ixwatch/advice.h"
#include "ixwatch/alert.h"
#include "ixwatch/detector_settings.h"
#include "ixwatch/outbox.h"
#include "ixwatch/report.h"
#include "ixwatch/self_watch.h"
#include "ixwatch/snapshot.h"

#include "judgement.h"
#include "openapi_parts.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- words: each function gives one of them, "" or NULL for none --- */

#define WORD(what, name, type)                                                                     \
	static const char *word_##what(unsigned i)                                                 \
	{                                                                                          \
		return name((type)i);                                                              \
	}
WORD(direction, model_direction_name, enum direction)
WORD(kind, model_kind_name, enum port_kind)
WORD(state, model_state_name, enum port_state)
WORD(verdict, model_verdict_name, enum verdict)
WORD(episode_kind, model_episode_kind_name, enum episode_kind)
WORD(capacity_source, model_capacity_source_name, enum capacity_source)
WORD(member_state, model_member_state_name, enum member_state)
WORD(quality, model_quality_name, enum quality_reason)
WORD(profile, profile_name, enum profile)
WORD(trend, advice_trend_name, enum advice_trend)
WORD(alert_kind, alert_kind_name, enum alert_kind)
WORD(severity, alert_severity_name, enum alert_severity)
WORD(alert_scope, alert_scope_name, enum alert_scope)
WORD(window_scope, window_scope_name, enum window_scope)
WORD(mail_kind, outbox_kind_name, enum outbox_kind)
WORD(mail_state, outbox_state_name, enum outbox_state)
WORD(report_kind, report_kind_name, enum report_kind)
WORD(report_state, report_state_name, enum report_state)
WORD(day_peer, day_peer_name, enum day_peer)
WORD(failure, poll_failure_name, enum poll_failure)

static const char *
word_flag(unsigned i)
{
	return snapshot_flag_name(1u << i);
}

static const char *
word_day(unsigned i)
{
	return day_word_at(i) == NULL ? "" : day_word_at(i)->name;
}

/* Those of a file, and what stands behind the means of a row (worker.c). */
static const char *
word_column(unsigned i)
{
	return i < COLUMN_COUNT    ? model_column_name((enum column)i)
	       : i == COLUMN_COUNT ? "in_bps_max"
				   : "out_bps_max";
}

static const struct words {
	const char *schema;
	const char *(*word)(unsigned i);
	unsigned count;
	const char *means;
} all_words[] = {
	{ "Direction", word_direction, DIRECTION_COUNT,
	  "Seen from the polled box: in is what it receives, out what it sends." },
	{ "PortKind", word_kind, KIND_COUNT, "Whom the congestion of a port concerns." },
	{ "PortState", word_state, STATE_COUNT,
	  "How a port stands now: the first that fits. sustained: an open run of at least "
	  "`sustain`; spike: a shorter one; hot: close to it." },
	{ "Verdict", word_verdict, VERDICT_COUNT, "The graver first." },
	{ "EpisodeKind", word_episode_kind, EPISODE_KIND_COUNT,
	  "sustained: at least as long as `sustain`." },
	{ "CapacitySource", word_capacity_source, CAPACITY_SOURCE_COUNT,
	  "Where a capacity comes from." },
	{ "MemberState", word_member_state, MEMBER_STATE_COUNT,
	  "detached: up, but LACP lets it carry nothing." },
	{ "PortFlag", word_flag, 4,
	  "saturated: full, or discarding, for ten minutes; loss: discarding for `sustain`; "
	  "microburst: discards at little traffic; hot: its peaks are close to congestion." },
	{ "Profile", word_profile, PROFILE_COUNT, "A set of numbers that is judged by." },
	{ "Trend", word_trend, ADVICE_TREND_COUNT, "Of the weekly 95th percentile." },
	{ "DayState", word_day, 0, "The final judgement of a traffic day." },
	{ "DayPeer", word_day_peer, DAY_OF_FORMER + 1, "Whose a day was." },
	{ "AlertKind", word_alert_kind, ALERT_KIND_COUNT, "The worst first." },
	{ "AlertSeverity", word_severity, ALERT_SEVERITY_COUNT,
	  "critical: traffic is lost, or nothing is known." },
	{ "AlertScope", word_alert_scope, ALERT_SCOPE_COUNT, "What an alert is about." },
	{ "WindowScope", word_window_scope, WINDOW_SCOPE_COUNT, "What a window is declared for." },
	{ "MailKind", word_mail_kind, OUTBOX_KIND_COUNT, "What a mail tells." },
	{ "MailState", word_mail_state, OUTBOX_STATE_COUNT, "What became of a mail." },
	{ "ReportKind", word_report_kind, REPORT_KIND_COUNT, "About what a letter is." },
	{ "ReportState", word_report_state, REPORT_STATE_COUNT, "What became of a letter." },
	{ "SeriesColumn", word_column, COLUMN_COUNT + 2,
	  "_bps bit/s, _pps, discards and errors packets/s; oper: the share of the time in which "
	  "the port was up; _max: the greatest within a row." },
};

static void
put_words(struct json *out, const struct words *words)
{
	struct json *schema = json_put_object(out, words->schema), *list;
	const char *word;

	json_put_text(schema, "type", "string");
	list = json_put_array(schema, "enum");
	for (unsigned i = 0; words->count == 0 || i < words->count; i++) {
		word = words->word(i);
		if (word[0] != '\0')
			json_put_text(list, "", word);
		else if (words->count == 0)
			break;
	}
	json_put_text(schema, "description", words->means);
}

/* --- a number each --- */

static const struct counts {
	const char *schema;
	const char *(*word)(unsigned i);
	unsigned count;
	bool is_optional;
	const char *means;
} all_counts[] = {
	{ "StateCounts", word_state, STATE_COUNT, false, "How many ports are in which state." },
	{ "VerdictCounts", word_verdict, VERDICT_COUNT, false, "How many have which verdict." },
	{ "MailCounts", word_mail_state, OUTBOX_STATE_COUNT, false,
	  "How many are in which state." },
	{ "DataQuality", word_quality, QUALITY_COUNT, false,
	  "Stretches of time that could not be measured since the collector's start, by reason." },
	{ "PollFailures", word_failure, POLL_FAILURE_COUNT, false,
	  "Failed polls since the collector's start, by what was wrong last." },
	{ "SomePollFailures", word_failure, POLL_FAILURE_COUNT, true,
	  "The same of one agent; only the reasons that there were." },
};

static void
put_counts(struct json *out, const struct counts *counts)
{
	struct json *schema = json_put_object(out, counts->schema), *fields, *optional;

	json_put_text(schema, "description", counts->means);
	fields = json_put_object(schema, "fields");
	for (unsigned i = 0; i < counts->count; i++)
		json_put_text(json_put_object(fields, counts->word(i)), "$ref", "Count");
	optional = json_put_array(schema, "optional");
	for (unsigned i = 0; counts->is_optional && i < counts->count; i++)
		json_put_text(optional, "", counts->word(i));
}

static void
put_numbers(struct json *out, const char *name, const struct self_row *rows, size_t count)
{
	struct json *fields = json_put_object(json_put_object(out, name), "fields");

	for (size_t i = 0; i < count; i++) {
		struct json *field = json_put_object(fields, rows[i].key);
		struct json *types = json_put_array(field, "type");

		json_put_text(types, "", "number");
		json_put_text(types, "", "null");
		json_put_int(field, "minimum", 0);
		json_put_text(field, "description", rows[i].help);
	}
}

struct json *
openapi_words_new(void)
{
	struct json *out = json_object_new();

	for (size_t i = 0; i < COUNT(all_words); i++)
		put_words(out, &all_words[i]);
	for (size_t i = 0; i < COUNT(all_counts); i++)
		put_counts(out, &all_counts[i]);
	put_numbers(out, "CollectorNumbers", self_rows, SELF_COUNT);
	put_numbers(out, "AgentNumbers", self_agent_rows, SELF_AGENT_COUNT);
	return out;
}
