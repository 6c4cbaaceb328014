/* report_actions.c - what is asked of a letter, or beside it: handed to the collector, whose answer is the letter's page
 * again.
 *
 * That who asks sees the letter was checked before; an entry of the registers must be one of its peer's. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/units.h"

#include "action.h"
#include "letter.h"
#include "page_report.h"
#include "refuse.h"

/* --- answers --- */

static void
on_done(const struct request *request, const struct drawn *drawn, void *pending,
	struct reply *reply)
{
	struct letter_open letter;
	struct error err;
	unsigned status;
	struct json *answer = action_answer(drawn, &status, &err);
	char path[REPORT_PATH_MAX], done[REPORT_PATH_MAX + 32];

	(void)pending;
	if (letter_open(&letter, request, reply)) {
		const struct report *report = &letter.row.report;

		if (answer == NULL) {
			page_report_put(request, reply, status, &letter, err.text);
		} else {
			report_path(path, report, report->edition);
			snprintf(done, sizeof(done), "%s&done=%" PRId64, path, report->id);
			reply_redirect(reply, done);
		}
	}
	letter_close(&letter);
	json_free(answer);
}

/* --- requests --- */

static struct json *
begin_op(const char *name)
{
	struct json *op = json_object_new();

	json_put_text(op, "op", name);
	return op;
}

static struct json *
op_of_report(const struct request *request, const char *name)
{
	struct json *op = begin_op(name);

	json_put_int(op, "id", request->params.id);
	return op;
}

static void
put_field(struct json *op, const struct request *request, const char *field)
{
	json_put_text(op, field, action_field(request, field));
}

/* What may be left out is. */
static void
put_given(struct json *op, const struct request *request, const char *field)
{
	if (action_field(request, field)[0] != '\0')
		put_field(op, request, field);
}

static void
ask(const struct request *request, struct reply *reply, struct json *op_take)
{
	action_send(request, reply, op_take, on_done);
}

void
report_approve_post(const struct request *request, struct reply *reply)
{
	ask(request, reply, op_of_report(request, "report-approve"));
}

void
report_hold_post(const struct request *request, struct reply *reply)
{
	struct json *op = op_of_report(request, "report-hold");

	put_field(op, request, "why");
	ask(request, reply, op);
}

void
report_release_post(const struct request *request, struct reply *reply)
{
	ask(request, reply, op_of_report(request, "report-release"));
}

void
report_note_post(const struct request *request, struct reply *reply)
{
	struct json *op = op_of_report(request, "report-note");

	put_field(op, request, "note");
	ask(request, reply, op);
}

void
report_revoke_post(const struct request *request, struct reply *reply)
{
	struct json *op = op_of_report(request, "report-revoke");

	put_field(op, request, "reason");
	ask(request, reply, op);
}

/* --- of its peer --- */

/* An op with the ASN of the letter's peer; NULL: the reply says why not. */
static struct json *
op_of_peer(const struct request *request, struct reply *reply, const char *name)
{
	struct report_row row;
	struct json *op = NULL;

	if (reports_find(&row, request, NULL) && row.is_there && row.report.kind == REPORT_PEER) {
		op = begin_op(name);
		json_put_int(op, "asn", row.report.asn);
	} else {
		refuse(request, reply, 400, "bad_request", "this letter is not a peer's");
	}
	report_row_end(&row);
	return op;
}

/* The letter's page again, with what is wrong with what was sent. */
static void
say_problem(const struct request *request, struct reply *reply, const char *problem)
{
	struct letter_open letter;

	if (letter_open(&letter, request, reply))
		page_report_put(request, reply, 400, &letter, problem);
	letter_close(&letter);
}

void
report_order_post(const struct request *request, struct reply *reply)
{
	struct json *op = op_of_peer(request, reply, "report-order");
	const char *capacity = action_field(request, "capacity");
	double bps;

	if (op == NULL)
		return;
	if (capacity[0] != '\0' && !units_parse_bps(capacity, &bps)) {
		json_free(op);
		say_problem(request, reply, "capacity: must be a rate such as 200G");
		return;
	}
	if (capacity[0] != '\0')
		json_put_number(op, "capacity_bps", bps);
	put_field(op, request, "exchange");
	put_field(op, request, "size");
	put_given(op, request, "ready");
	put_given(op, request, "ticket");
	put_field(op, request, "waiting_on");
	ask(request, reply, op);
}

void
report_dispute_post(const struct request *request, struct reply *reply)
{
	struct json *op = op_of_peer(request, reply, "report-dispute");

	if (op == NULL)
		return;
	put_given(op, request, "exchange");
	put_field(op, request, "text");
	ask(request, reply, op);
}

void
report_optout_post(const struct request *request, struct reply *reply)
{
	struct json *op = op_of_peer(request, reply, "report-optout");

	if (op == NULL)
		return;
	put_field(op, request, "reason");
	ask(request, reply, op);
}

void
report_optin_post(const struct request *request, struct reply *reply)
{
	struct json *op = op_of_peer(request, reply, "report-optin");

	if (op != NULL)
		ask(request, reply, op);
}

/* --- of an entry of the registers --- */

static bool
on_order(const struct report_order *order, void *user)
{
	(void)order;
	*(bool *)user = true;
	return false;
}

static bool
on_dispute(const struct report_dispute *dispute, void *user)
{
	(void)dispute;
	*(bool *)user = true;
	return false;
}

/* Whether the entry that the form names is one of that peer's. */
static bool
is_entry_of(const struct request *request, uint32_t asn, bool is_order, int64_t *entry)
{
	struct report_register_query query = { .asn = asn };
	uint64_t number;
	struct error err;
	bool found = false;

	if (asn == 0 || !units_parse_uint(action_field(request, "entry"), 1, INT64_MAX, &number))
		return false;
	query.id = *entry = (int64_t)number;
	if (is_order)
		ledger_order_each(request->ledger, &query, on_order, &found, &err);
	else
		ledger_dispute_each(request->ledger, &query, on_dispute, &found, &err);
	return found;
}

static void
end_entry(const struct request *request, struct reply *reply, const char *name, bool is_order)
{
	struct report_row row;
	int64_t entry = 0;
	bool is_there = reports_find(&row, request, NULL) && row.is_there &&
			is_entry_of(request, row.report.asn, is_order, &entry);

	report_row_end(&row);
	if (!is_there) {
		refuse(request, reply, 404, "not_found", "this peer has no such entry");
		return;
	}
	struct json *op = begin_op(name);
	json_put_int(op, "id", entry);
	put_field(op, request, "outcome");
	ask(request, reply, op);
}

void
report_order_end_post(const struct request *request, struct reply *reply)
{
	end_entry(request, reply, "report-order-end", true);
}

void
report_dispute_decide_post(const struct request *request, struct reply *reply)
{
	end_entry(request, reply, "report-dispute-decide", false);
}
