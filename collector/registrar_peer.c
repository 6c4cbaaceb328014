/* registrar_peer.c - what somebody says about a peer: an order, a dispute, no more letters, links that are not to open any
 * more; and what follows for letters that wait. */
#include <inttypes.h>
#include <math.h>

#include "ixwatch/clock.h"
#include "registrar_parts.h"

/* Somebody the configuration or the ledger knows: a slip of the finger shall not stand in the register. */
static bool
peer_take(struct judge_house *house, const struct json *request, uint32_t *asn, struct error *err)
{
	if (!registrar_take_asn(request, asn, err))
		return false;
	*asn = registrar_asn(house->config, *asn);
	if (config_peer_find(house->config, *asn) != NULL ||
	    ledger_window_scope_check(house->ledger,
				      &(struct ledger_window) { .scope = WINDOW_PEER,
								.asn = *asn,
								.exchange = "",
								.agent = "",
								.interface = "" },
				      err))
		return true;
	return err->code != ERR_NOT_FOUND
		   ? false
		   : error_set(err, ERR_NOT_FOUND,
			       "AS%" PRIu32
			       " is no peer: no peer block and no port of the ledger has it",
			       *asn);
}

/* What is noted is audited, and letters that wait follow it; their ids under `key`. */
static bool
noted(struct judge_house *house, const struct json *request, struct json *answer, const char *key,
      uint32_t asn, int64_t id, int64_t now_utc_sec, const char *detail, struct error *err)
{
	bool changed;

	json_put_int(answer, "id", id);
	return registrar_audit(house, now_utc_sec, json_text(json_get(request, "author"), ""),
			       json_text(json_get(request, "op"), ""), err,
			       "AS%" PRIu32 ": %" PRId64 ", %s", asn, id, detail) &&
	       (standing_refresh_all(house, asn, now_utc_sec, json_put_array(answer, key), &changed,
				     err) ||
		registrar_take_back(house, err));
}

/* --- orders --- */

bool
registrar_order(struct judge_house *house, const struct json *request, struct json *answer,
		struct error *err)
{
	struct report_order order = { .capacity_bps = NAN, .created_utc_sec = clock_utc_sec() };
	int64_t id;

	if (!registrar_order_check(request, err) || !peer_take(house, request, &order.asn, err))
		return false;
	order.exchange = json_text(json_get(request, "exchange"), "");
	order.size = json_text(json_get(request, "size"), "");
	order.ticket = json_text(json_get(request, "ticket"), "");
	order.author = json_text(json_get(request, "author"), "");
	json_number(json_get(request, "capacity_bps"), &order.capacity_bps);
	order.has_ready_day = json_get(request, "ready") != NULL;
	if (order.has_ready_day && !registrar_take_date(request, "ready", &order.ready_day, err))
		return false;
	report_waiting_on_parse(json_text(json_get(request, "waiting_on"), ""), &order.waiting_on);
	if (!judge_house_begin(house, err))
		return false;
	if (!ledger_order_add(house->ledger, &order, &id, err))
		return registrar_keep_trouble(house, err);
	return noted(house, request, answer, "paused", order.asn, id, order.created_utc_sec,
		     order.size, err);
}

struct whose {
	uint32_t asn;
};

static bool
on_order(const struct report_order *order, void *user)
{
	((struct whose *)user)->asn = order->asn;
	return false;
}

bool
registrar_order_end(struct judge_house *house, const struct json *request, struct json *answer,
		    struct error *err)
{
	struct report_register_query query = { .id = 0 };
	const char *author, *outcome = json_text(json_get(request, "outcome"), "");
	int64_t now = clock_utc_sec();
	struct whose whose = { 0 };

	if (!registrar_outcome_check(request, err) ||
	    !registrar_take_id(request, "an order's", &query.id, err) ||
	    !registrar_take_author(request, &author, err) || !judge_house_begin(house, err))
		return false;
	if (!ledger_order_each(house->ledger, &query, on_order, &whose, err) ||
	    !ledger_order_end(house->ledger, query.id, now, author, outcome, err))
		return registrar_keep_trouble(house, err);
	return noted(house, request, answer, "resumed", whose.asn, query.id, now, outcome, err);
}

/* --- disputes --- */

bool
registrar_dispute(struct judge_house *house, const struct json *request, struct json *answer,
		  struct error *err)
{
	struct report_dispute dispute = { .since_utc_sec = clock_utc_sec() };
	int64_t id;

	if (!registrar_dispute_check(request, err) || !peer_take(house, request, &dispute.asn, err))
		return false;
	dispute.exchange = json_text(json_get(request, "exchange"), "");
	dispute.text = json_text(json_get(request, "text"), "");
	dispute.author = json_text(json_get(request, "author"), "");
	if (!judge_house_begin(house, err))
		return false;
	if (!ledger_dispute_add(house->ledger, &dispute, &id, err))
		return registrar_keep_trouble(house, err);
	return noted(house, request, answer, "paused", dispute.asn, id, dispute.since_utc_sec,
		     dispute.text, err);
}

static bool
on_dispute(const struct report_dispute *dispute, void *user)
{
	((struct whose *)user)->asn = dispute->asn;
	return false;
}

bool
registrar_dispute_decide(struct judge_house *house, const struct json *request, struct json *answer,
			 struct error *err)
{
	struct report_register_query query = { .id = 0 };
	const char *author, *outcome = json_text(json_get(request, "outcome"), "");
	int64_t now = clock_utc_sec();
	struct whose whose = { 0 };

	if (!registrar_outcome_check(request, err) ||
	    !registrar_take_id(request, "a dispute's", &query.id, err) ||
	    !registrar_take_author(request, &author, err) || !judge_house_begin(house, err))
		return false;
	if (!ledger_dispute_each(house->ledger, &query, on_dispute, &whose, err) ||
	    !ledger_dispute_decide(house->ledger, query.id, now, author, outcome, err))
		return registrar_keep_trouble(house, err);
	return noted(house, request, answer, "resumed", whose.asn, query.id, now, outcome, err);
}

/* --- opt-outs --- */

bool
registrar_optout(struct judge_house *house, const struct json *request, struct json *answer,
		 struct error *err)
{
	struct report_optout optout = { .since_utc_sec = clock_utc_sec() };
	int64_t id;

	if (!registrar_optout_check(request, err) || !peer_take(house, request, &optout.asn, err))
		return false;
	optout.reason = json_text(json_get(request, "reason"), "");
	optout.author = json_text(json_get(request, "author"), "");
	if (!judge_house_begin(house, err))
		return false;
	if (!ledger_optout_add(house->ledger, &optout, &id, err))
		return registrar_keep_trouble(house, err);
	return noted(house, request, answer, "reports", optout.asn, id, optout.since_utc_sec,
		     optout.reason, err);
}

bool
registrar_optin(struct judge_house *house, const struct json *request, struct json *answer,
		struct error *err)
{
	int64_t now = clock_utc_sec(), id;
	const char *author;
	uint32_t asn;

	if (!registrar_take_asn(request, &asn, err) ||
	    !registrar_take_author(request, &author, err) || !judge_house_begin(house, err))
		return false;
	asn = registrar_asn(house->config, asn);
	if (!ledger_optout_end(house->ledger, asn, now, author, &id, err))
		return registrar_keep_trouble(house, err);
	return noted(house, request, answer, "reports", asn, id, now, "gets letters again", err);
}

/* --- links --- */

bool
registrar_revoke(struct judge_house *house, const struct json *request, struct json *answer,
		 struct error *err)
{
	struct report_revocation revocation = { .at_utc_sec = clock_utc_sec() };
	int64_t id;

	if (!registrar_revoke_check(request, err))
		return false;
	revocation.before_utc_sec = revocation.at_utc_sec + 1;
	json_int(json_get(request, "id"), &revocation.report_id);
	if ((json_get(request, "asn") != NULL &&
	     !peer_take(house, request, &revocation.asn, err)) ||
	    (json_get(request, "before") != NULL &&
	     !registrar_take_time(request, "before", &revocation.before_utc_sec, err)))
		return false;
	revocation.reason = json_text(json_get(request, "reason"), "");
	revocation.author = json_text(json_get(request, "author"), "");
	if (!judge_house_begin(house, err))
		return false;
	if (!ledger_revocation_add(house->ledger, &revocation, &id, err))
		return registrar_keep_trouble(house, err);
	json_put_int(answer, "id", id);
	return revocation.asn != 0
		   ? registrar_audit(house, revocation.at_utc_sec, revocation.author,
				     "report-revoke", err, "links of AS%" PRIu32 ": %s",
				     revocation.asn, revocation.reason)
		   : registrar_audit(house, revocation.at_utc_sec, revocation.author,
				     "report-revoke", err, "links of report %" PRId64 ": %s",
				     revocation.report_id, revocation.reason);
}
