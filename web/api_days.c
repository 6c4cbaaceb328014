/* api_days.c - why a port is judged as it is: the verdicts in force, and the traffic days behind them.  Names are those
 * of `ixwatch replay --format json`. */
#include <inttypes.h>

#include "ixwatch/units.h"

#include "api.h"
#include "judgement.h"
#include "refuse.h"

#define DAYS_MAX 1000

static const enum direction directions[] = { DIRECTION_OUT, DIRECTION_IN }; /* as replay has them */

static void
put_date(struct json *in, const char *key, bool has, int32_t date)
{
	char text[32];

	json_put_text(in, key, has ? units_format_date(text, sizeof(text), date) : NULL);
}

/* What was not judged yet is insufficient data, without a reason. */
static void
put_side(struct json *in, const char *key, const struct judgement_side *side)
{
	const struct ledger_verdict *v = &side->verdict;
	enum verdict verdict = side->is_judged ? v->verdict : VERDICT_INSUFFICIENT;
	struct json *out = json_put_object(in, key);

	json_put_text(out, "verdict", model_verdict_name(verdict));
	put_date(out, "verdict_since", v->has_since, v->since_day);
	json_put_text(out, "stale_verdict",
		      v->has_stale ? model_verdict_name(v->stale_verdict) : NULL);
	put_date(out, "stale_since", v->has_stale_since, v->stale_since_day);
	json_put_text(out, "reason",
		      side->is_judged && side->reason[0] != '\0' ? side->reason : NULL);
}

static bool
put_judgement(struct json *in, const char *key, struct ledger *ledger,
	      const struct world_port *port, enum profile profile, struct error *err)
{
	struct judgement judgement;
	bool done = judgement_read(&judgement, ledger, port, profile, err);

	if (done) {
		struct json *out = json_put_object(in, key);
		json_put_text(out, "profile", profile_name(profile));
		struct json *both = json_put_object(out, "directions");
		for (unsigned i = 0; i < DIRECTION_COUNT; i++)
			put_side(both, model_direction_name(directions[i]),
				 &judgement.side[directions[i]]);
	}
	judgement_end(&judgement);
	return done;
}

bool
api_put_judgement(struct json *in, struct ledger *ledger, const struct world_port *port,
		  enum profile reports, struct error *err)
{
	enum profile pages = port->settings.profile;

	if (!put_judgement(in, "judgement", ledger, port, pages, err))
		return false;
	if (judgement_is_reported(port) && reports != pages)
		return put_judgement(in, "judgement_for_reports", ledger, port, reports, err);
	json_put_null(in, "judgement_for_reports");
	return true;
}

static bool
put_day(const struct judged_day *day, void *user)
{
	struct json *out = json_put_object(user, "");

	put_date(out, "date", true, day->date);
	json_put_bool(out, "valid", day->is_valid);
	json_put_number(out, "known_share", day->known_share);
	json_put_int(out, "congested_minutes", day->day.congested_minutes);
	json_put_text(out, "state", day->day.state);
	json_put_text(out, "verdict", model_verdict_name(day->day.verdict));
	json_put_text(out, "peer_then", day_peer_name(day->peer));
	return true;
}

static bool
put_days(struct json *root, const struct request *request, const struct world_port *port,
	 int32_t first, int32_t last, struct error *err)
{
	struct json *both = json_put_object(root, "directions");

	for (unsigned i = 0; i < DIRECTION_COUNT; i++) {
		struct json *side = json_put_object(both, model_direction_name(directions[i]));

		if (!judgement_each_day(request->ledger, port, directions[i], first, last, put_day,
					json_put_array(side, "days"), err))
			return false;
	}
	return true;
}

bool
days_chosen(const struct request *request, struct reply *reply, const struct world_port *port,
	    int32_t *first, int32_t *last)
{
	const struct query *q = &request->query;

	*last = judgement_date_of(port, request->now_utc_sec);
	if ((q->has & ARG_TO_DAY) != 0)
		*last =
		    q->to_day.is_date ? q->to_day.day : judgement_date_of(port, q->to_day.utc_sec);
	*first = *last - JUDGEMENT_DAYS + 1;
	if ((q->has & ARG_FROM_DAY) != 0)
		*first = q->from_day.is_date ? q->from_day.day
					     : judgement_date_of(port, q->from_day.utc_sec);
	if (*first <= *last && *last - *first < DAYS_MAX)
		return true;
	refuse(request, reply, 400, "bad_query",
	       "\"from\" must not be after \"to\" (today, when it is not given), and at most %d "
	       "days may be asked for",
	       DAYS_MAX);
	return false;
}

void
api_days(const struct request *request, struct reply *reply)
{
	const struct world_port *port;
	int32_t first, last;
	struct error err;

	if (refuse_without_ledger(request, reply))
		return;
	port = world_port_find(request->world, request->params.id);
	if (port == NULL) {
		refuse(request, reply, 404, "not_found", "there is no port %" PRId64,
		       request->params.id);
		return;
	}
	if (!days_chosen(request, reply, port, &first, &last))
		return;
	struct json *root = json_object_new();
	json_put_int(root, "port", port->port.id);
	json_put_text(root, "profile", profile_name(port->settings.profile));
	json_put_text(root, "timezone", port->exchange == NULL ? "UTC" : port->exchange->timezone);
	put_date(root, "from", true, first);
	put_date(root, "to", true, last);
	if (put_days(root, request, port, first, last, &err)) {
		reply_json(reply, 200, root);
		return;
	}
	json_free(root);
	refuse(request, reply, 503, "ledger", "%s", err.text);
}
