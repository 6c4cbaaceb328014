/* replay_json.c - what a replay came to, in the normative form; see replay.h. */
#include "commands/replay.h"
#include "ixwatch/json.h"
#include "ixwatch/units.h"

#define REASON_MAX 1024

static void
put_date(struct json *in, const char *key, int32_t day)
{
	char text[32];

	if (day == DETECTOR_NO_DAY)
		json_put_null(in, key);
	else
		json_put_text(in, key, units_format_date(text, sizeof(text), day));
}

/* Whole where it is. */
static void
put_minutes(struct json *in, const char *key, int64_t sec)
{
	if (sec % 60 == 0)
		json_put_int(in, key, sec / 60);
	else
		json_put_number(in, key, (double)sec / 60);
}

static void
put_episode(struct json *list, const struct replay *replay, const struct detector_episode *episode)
{
	struct json *out = json_put_object(list, "");

	json_put_utc(out, "start", episode->start_utc_sec);
	json_put_utc(out, "end", episode->end_utc_sec);
	put_minutes(out, "minutes", episode->end_utc_sec - episode->start_utc_sec);
	json_put_text(out, "kind", model_episode_kind_name(episode->kind));
	json_put_text(out, "excuse",
		      detector_excuse_name(detector_excuse_of(replay->detector, episode)));
	json_put_number(out, "peak_utilisation", episode->peak_utilisation);
	json_put_number(out, "mean_utilisation", episode->mean_utilisation);
}

static void
put_day(struct json *list, const struct detector_day *day)
{
	struct json *out = json_put_object(list, "");

	put_date(out, "date", day->day);
	json_put_bool(out, "valid", day->valid);
	json_put_number(out, "known_share", day->known_share);
	put_minutes(out, "congested_minutes", day->congested_sec);
	json_put_text(out, "state", detector_day_state_name(day->state));
	json_put_text(out, "verdict", model_verdict_name(day->verdict));
}

static void
put_standing(struct json *out, const struct detector_standing *standing)
{
	json_put_text(out, "verdict", model_verdict_name(standing->verdict));
	put_date(out, "verdict_since", standing->verdict_since);
	json_put_text(out, "stale_verdict",
		      standing->stale ? model_verdict_name(standing->stale_verdict) : NULL);
	put_date(out, "stale_since", standing->stale ? standing->stale_since : DETECTOR_NO_DAY);
}

/* Of a port's own history only: what a file's document is made of is fixed. */
static void
put_reason(struct json *out, const struct replay *replay, enum direction direction)
{
	char reason[REASON_MAX];

	if (replay->input->port == NULL)
		return;
	detector_reason(replay->detector, direction, reason, sizeof(reason));
	json_put_text(out, "reason", reason);
}

static void
put_direction(struct json *in, const struct replay *replay, enum direction direction)
{
	const struct replay_course *course = &replay->course[direction];
	struct json *out = json_put_object(in, model_direction_name(direction)), *list;
	size_t day_count = detector_day_count(replay->detector);
	struct detector_standing standing;
	struct detector_day day;

	detector_standing_get(replay->detector, direction, &standing);
	put_standing(out, &standing);
	put_reason(out, replay, direction);
	json_put_number(out, "p95_utilisation", course->p95_utilisation);
	list = json_put_array(out, "episodes");
	for (size_t i = 0; i < course->episode_count; i++)
		put_episode(list, replay, &course->episodes[i]);
	list = json_put_array(out, "days");
	for (size_t i = 0; i < day_count; i++) {
		detector_day_get(replay->detector, direction, i, &day);
		put_day(list, &day);
	}
}

void
replay_json_put_port(struct json *in, struct subject subject, const struct port *port)
{
	json_put_int(in, "id", subject.id);
	json_put_text(in, "exchange", port->exchange);
	if (subject.kind == SUBJECT_PORT) {
		json_put_text(in, "agent", port->agent);
		json_put_text(in, "interface", port->interface);
	}
	json_put_text(in, "kind", port->kind != KIND_NONE ? model_kind_name(port->kind) : NULL);
	if (port->asn != 0)
		json_put_int(in, "asn", port->asn);
	else
		json_put_null(in, "asn");
	json_put_text(in, "peer", port->peer[0] != '\0' ? port->peer : NULL);
}

/* Which port, how far back its samples reach, and who would be told. */
static void
put_port(struct json *out, const struct replay *replay)
{
	const struct port *port = replay->input->port;
	bool any = replay->step_count > 0;

	replay_json_put_port(json_put_object(out, model_subject_name(replay->input->subject.kind)),
			     replay->input->subject, port);
	json_put_utc(out, "samples_from", any ? replay->start_utc_sec : 0);
	json_put_utc(out, "samples_to", any ? replay_end_utc_sec(replay) : 0);
	json_put_number(out, "known_share", replay_known_share(replay));
	json_put_text(out, "told",
		      replay_told(port->kind, replay_verdict(replay), replay->question->to_noc,
				  replay->question->to_peer));
}

static void
put_advice(struct json *out, const struct replay *replay)
{
	struct json *both = json_put_object(out, "advice");

	advice_json_put(both, model_direction_name(DIRECTION_OUT), &replay->advice[DIRECTION_OUT]);
	advice_json_put(both, model_direction_name(DIRECTION_IN), &replay->advice[DIRECTION_IN]);
}

struct json *
replay_json_new(const struct replay *replay)
{
	struct json *out = json_object_new(), *directions;

	json_put_text(out, "profile", profile_name(replay->question->settings.profile));
	json_put_int(out, "step_sec", replay->step_sec);
	json_put_text(out, "timezone", replay->question->timezone);
	json_put_text(out, "verdict", model_verdict_name(replay_verdict(replay)));
	if (replay->input->port != NULL)
		put_port(out, replay);
	directions = json_put_object(out, "directions");
	if (replay->input->has[DIRECTION_OUT])
		put_direction(directions, replay, DIRECTION_OUT);
	if (replay->input->has[DIRECTION_IN])
		put_direction(directions, replay, DIRECTION_IN);
	if (replay->advised)
		put_advice(out, replay);
	return out;
}
