/* report_agreed.c - see report_agreed.h. */
#include "report_agreed.h"

#include "ixwatch/units.h"
#include "report_side.h"

struct agreed {
	struct json *out;
	bool found;
	const char *exchange; /* of a dispute: the one that is looked for */
};

static void
put_day_of(struct json *out, const char *key, int64_t utc_sec)
{
	char text[32];

	json_put_text(out, key, units_format_date(text, sizeof(text), (int32_t)(utc_sec / 86400)));
}

static bool
on_order(const struct report_order *order, void *user)
{
	struct agreed *agreed = user;
	struct json *out = json_put_object(agreed->out, "order");

	agreed->found = true;
	json_put_text(out, "size", order->size);
	report_put_date(out, "ready_date",
			order->has_ready_day ? order->ready_day : DETECTOR_NO_DAY);
	json_put_text(out, "ticket", order->ticket);
	json_put_text(out, "waiting_on", report_waiting_on_name(order->waiting_on));
	put_day_of(out, "since", order->created_utc_sec);
	return false;
}

static bool
on_dispute(const struct report_dispute *dispute, void *user)
{
	struct agreed *agreed = user;
	struct json *out;

	if (agreed->found)
		return true;
	agreed->found = true;
	out = json_put_object(agreed->out, "dispute");
	put_day_of(out, "since", dispute->since_utc_sec);
	json_put_text(out, "text", dispute->text);
	return true;
}

bool
report_agreed_put(struct json *connection, const struct report_house *house, uint32_t asn,
		  const char *exchange, struct report_case *found, struct error *err)
{
	const struct report_register_query query = { .asn = asn,
						     .exchange = exchange,
						     .open_only = true };
	struct agreed agreed = { .out = connection };
	struct json *out;

	*found = (struct report_case) { 0 };
	if (!ledger_order_each(house->ledger, &query, on_order, &agreed, err) ||
	    !ledger_case_get(house->ledger, asn, exchange, found, err))
		return false;
	if (!agreed.found)
		json_put_null(connection, "order");
	if (found->id == 0 || found->closed_week[0] != '\0') {
		found->id = 0;
		json_put_null(connection, "case");
		return true;
	}
	out = json_put_object(connection, "case");
	json_put_int(out, "notices", found->notices);
	json_put_text(out, "opened_week", found->opened_week);
	json_put_int(out, "clean_weeks", found->clean_weeks);
	return true;
}

bool
report_agreed_dispute(struct json *facts, const struct report_house *house, uint32_t asn,
		      struct error *err)
{
	const struct report_register_query query = { .asn = asn, .open_only = true };
	struct agreed agreed = { .out = facts };

	if (!ledger_dispute_each(house->ledger, &query, on_dispute, &agreed, err))
		return false;
	if (!agreed.found)
		json_put_null(facts, "dispute");
	return true;
}
