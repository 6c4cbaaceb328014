/* report_list.c - `ixwatch report list`: the letters and how they stand, and the registers beside them; read from the
 * ledger, which nobody has to be asked for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/options.h"
#include "commands/report_ask.h"
#include "commands/report_part.h"
#include "ixwatch/json.h"
#include "ixwatch/report.h"
#include "ixwatch/units.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LIMIT_MAX    10000

struct listing {
	struct json *list; /* NULL: text */
	size_t count;
};

/* "" is null. */
static void
put_text(struct json *in, const char *key, const char *text)
{
	json_put_text(in, key, text[0] != '\0' ? text : NULL);
}

static const char *
date_text(char dst[40], int64_t utc_sec)
{
	return utc_sec != 0 ? units_format_utc(dst, 40, utc_sec) : "";
}

/* --- reports --- */

static void
report_put(struct json *out, const struct report *report)
{
	struct json *mails;

	json_put_int(out, "id", report->id);
	json_put_text(out, "week", report->week);
	json_put_text(out, "kind", report_kind_name(report->kind));
	if (report->asn != 0)
		json_put_int(out, "asn", report->asn);
	else
		json_put_null(out, "asn");
	put_text(out, "exchange", report->exchange);
	json_put_int(out, "edition", report->edition);
	json_put_bool(out, "superseded", report->superseded);
	put_text(out, "corrects", report->corrects);
	put_text(out, "name", report->name);
	json_put_text(out, "subject", report->subject);
	json_put_text(out, "verdict", model_verdict_name(report->verdict));
	json_put_text(out, "purpose", report->purpose);
	json_put_bool(out, "tells", report->tells);
	json_put_bool(out, "first", report->first);
	json_put_int(out, "notice", report->notice);
	json_put_text(out, "state", report_state_name(report->state));
	put_text(out, "why", report->why);
	put_text(out, "note", report->note);
	json_put_text(out, "decided_by", report->decided_by);
	json_put_utc(out, "decided_at", report->decided_utc_sec);
	json_put_utc(out, "made_at", report->made_utc_sec);
	json_put_utc(out, "lapses_at", report->lapses_utc_sec);
	json_put_utc(out, "links_revoked_at", report->revoked_utc_sec);
	json_put_text(out, "sha256", report->sha256);
	mails = json_put_object(out, "mails");
	json_put_int(mails, "put", report->mail_count);
	json_put_int(mails, "sent", report->sent_count);
	json_put_int(mails, "failed", report->failed_count);
}

static void
report_print_row(const struct report *report)
{
	char whose[80], at[40];

	if (report->kind == REPORT_PEER)
		snprintf(whose, sizeof(whose), "AS%u", report->asn);
	else
		snprintf(whose, sizeof(whose), "%.70s",
			 report->kind == REPORT_EXCHANGE ? report->exchange : "overview");
	printf("%6lld  %s  %-12s  %-15s  %-17s  %s%s\n", (long long)report->id, report->week, whose,
	       report_state_name(report->state), model_verdict_name(report->verdict), report->name,
	       report->edition > 1 ? " (a correction)" : "");
	if (report->state == REPORT_APPROVED)
		printf("        by %s; %u mails, %u sent, %u failed\n", report->decided_by,
		       report->mail_count, report->sent_count, report->failed_count);
	else if (report->state == REPORT_WAITING || report->state == REPORT_HELD)
		printf("        lapses %s%s%s\n", date_text(at, report->lapses_utc_sec),
		       report->why[0] != '\0' ? "; " : "", report->why);
	else if (report->why[0] != '\0')
		printf("        %s\n", report->why);
}

static bool
on_report(const struct report *report, void *user)
{
	struct listing *listing = user;

	listing->count++;
	if (listing->list != NULL)
		report_put(json_put_object(listing->list, ""), report);
	else
		report_print_row(report);
	return true;
}

/* --- registers --- */

static bool
on_order(const struct report_order *order, void *user)
{
	struct listing *listing = user;
	struct json *out;
	char date[16] = "", at[40], ended[40];

	listing->count++;
	if (order->has_ready_day)
		units_format_date(date, sizeof(date), order->ready_day);
	if (listing->list == NULL) {
		printf("%6lld  AS%u at %s: %s, waiting on %s%s%s%s%s; %s, %s\n",
		       (long long)order->id, order->asn, order->exchange, order->size,
		       report_waiting_on_name(order->waiting_on), date[0] != '\0' ? ", ready " : "",
		       date, order->ticket[0] != '\0' ? ", " : "", order->ticket, order->author,
		       date_text(at, order->created_utc_sec));
		if (order->ended_utc_sec != 0)
			printf("        ended %s by %s: %s\n",
			       date_text(ended, order->ended_utc_sec), order->ended_by,
			       order->outcome);
		return true;
	}
	out = json_put_object(listing->list, "");
	json_put_int(out, "id", order->id);
	json_put_int(out, "asn", order->asn);
	json_put_text(out, "exchange", order->exchange);
	json_put_text(out, "size", order->size);
	json_put_number(out, "capacity_bps", order->capacity_bps);
	put_text(out, "ready", date);
	put_text(out, "ticket", order->ticket);
	json_put_text(out, "waiting_on", report_waiting_on_name(order->waiting_on));
	json_put_text(out, "author", order->author);
	json_put_utc(out, "created_at", order->created_utc_sec);
	json_put_utc(out, "ended_at", order->ended_utc_sec);
	put_text(out, "ended_by", order->ended_by);
	put_text(out, "outcome", order->outcome);
	return true;
}

static bool
on_dispute(const struct report_dispute *dispute, void *user)
{
	struct listing *listing = user;
	struct json *out;
	char at[40], ended[40];

	listing->count++;
	if (listing->list == NULL) {
		printf("%6lld  AS%u%s%s: %s; %s, %s\n", (long long)dispute->id, dispute->asn,
		       dispute->exchange[0] != '\0' ? " at " : "", dispute->exchange, dispute->text,
		       dispute->author, date_text(at, dispute->since_utc_sec));
		if (dispute->decided_utc_sec != 0)
			printf("        decided %s by %s: %s\n",
			       date_text(ended, dispute->decided_utc_sec), dispute->decided_by,
			       dispute->outcome);
		return true;
	}
	out = json_put_object(listing->list, "");
	json_put_int(out, "id", dispute->id);
	json_put_int(out, "asn", dispute->asn);
	put_text(out, "exchange", dispute->exchange);
	json_put_text(out, "text", dispute->text);
	json_put_text(out, "author", dispute->author);
	json_put_utc(out, "since", dispute->since_utc_sec);
	json_put_utc(out, "decided_at", dispute->decided_utc_sec);
	put_text(out, "decided_by", dispute->decided_by);
	put_text(out, "outcome", dispute->outcome);
	return true;
}

static bool
on_optout(const struct report_optout *optout, void *user)
{
	struct listing *listing = user;
	struct json *out;
	char at[40], ended[40];

	listing->count++;
	if (listing->list == NULL) {
		printf("%6lld  AS%u: %s; %s, %s\n", (long long)optout->id, optout->asn,
		       optout->reason, optout->author, date_text(at, optout->since_utc_sec));
		if (optout->ended_utc_sec != 0)
			printf("        ended %s by %s\n", date_text(ended, optout->ended_utc_sec),
			       optout->ended_by);
		return true;
	}
	out = json_put_object(listing->list, "");
	json_put_int(out, "id", optout->id);
	json_put_int(out, "asn", optout->asn);
	json_put_text(out, "reason", optout->reason);
	json_put_text(out, "author", optout->author);
	json_put_utc(out, "since", optout->since_utc_sec);
	json_put_utc(out, "ended_at", optout->ended_utc_sec);
	put_text(out, "ended_by", optout->ended_by);
	return true;
}

static bool
on_revocation(const struct report_revocation *revocation, void *user)
{
	struct listing *listing = user;
	struct json *out;
	char at[40], before[40], whose[80];

	listing->count++;
	if (revocation->asn != 0)
		snprintf(whose, sizeof(whose), "AS%u, made before %s", revocation->asn,
			 date_text(before, revocation->before_utc_sec));
	else
		snprintf(whose, sizeof(whose), "report %lld", (long long)revocation->report_id);
	if (listing->list == NULL) {
		printf("%6lld  %s: %s; %s, %s\n", (long long)revocation->id, whose,
		       revocation->reason, revocation->author,
		       date_text(at, revocation->at_utc_sec));
		return true;
	}
	out = json_put_object(listing->list, "");
	json_put_int(out, "id", revocation->id);
	if (revocation->asn != 0)
		json_put_int(out, "asn", revocation->asn);
	else
		json_put_int(out, "report", revocation->report_id);
	json_put_utc(out, "before", revocation->before_utc_sec);
	json_put_text(out, "reason", revocation->reason);
	json_put_text(out, "author", revocation->author);
	json_put_utc(out, "at", revocation->at_utc_sec);
	return true;
}

/* --- what is asked --- */

struct asked {
	struct report_query reports;
	struct report_register_query registers;
};

static bool
list_reports(struct ledger *ledger, const struct asked *asked, struct listing *listing,
	     struct error *err)
{
	return ledger_report_each(ledger, &asked->reports, on_report, listing, err);
}

static bool
list_orders(struct ledger *ledger, const struct asked *asked, struct listing *listing,
	    struct error *err)
{
	return ledger_order_each(ledger, &asked->registers, on_order, listing, err);
}

static bool
list_disputes(struct ledger *ledger, const struct asked *asked, struct listing *listing,
	      struct error *err)
{
	return ledger_dispute_each(ledger, &asked->registers, on_dispute, listing, err);
}

static bool
list_optouts(struct ledger *ledger, const struct asked *asked, struct listing *listing,
	     struct error *err)
{
	return ledger_optout_each(ledger, &asked->registers, on_optout, listing, err);
}

static bool
list_revocations(struct ledger *ledger, const struct asked *asked, struct listing *listing,
		 struct error *err)
{
	return ledger_revocation_each(ledger, &asked->registers, on_revocation, listing, err);
}

static const struct list_form {
	const char *name;
	bool (*list)(struct ledger *ledger, const struct asked *asked, struct listing *listing,
		     struct error *err);
} forms[] = {
	{ "reports", list_reports },         { "orders", list_orders },
	{ "disputes", list_disputes },       { "optouts", list_optouts },
	{ "revocations", list_revocations },
};

static const struct list_form *
form_find(const char *name)
{
	for (size_t i = 0; i < COUNT(forms); i++)
		if (strcmp(forms[i].name, name) == 0)
			return &forms[i];
	fprintf(stderr,
		"ixwatch report list: --register \"%.40s\": allowed: reports, orders, disputes, "
		"optouts, revocations\n",
		name);
	return NULL;
}

static bool
print_json(const struct json *root, struct error *err)
{
	char *text = json_print_dup(root, true, NULL);

	if (text == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	puts(text);
	free(text);
	return true;
}

static int
run(const struct option_set *set, const struct list_form *form, struct asked *asked, bool as_json)
{
	struct config *config = options_config(set->config_file);
	const struct config_peer *peer;
	struct json *root = as_json ? json_object_new() : NULL;
	struct listing listing = { .list = as_json ? json_put_array(root, form->name) : NULL };
	struct ledger *ledger = NULL;
	struct error err = { 0 };
	bool done;

	if (config == NULL) {
		json_free(root);
		return 2;
	}
	config_drop_secrets(config);
	peer = config_peer_find(config, asked->registers.asn);
	if (peer != NULL)
		asked->registers.asn = asked->reports.asn = peer->asn;
	done = ledger_open(&ledger, config->state_dir, LEDGER_READ, &err) &&
	       form->list(ledger, asked, &listing, &err) && (!as_json || print_json(root, &err));
	if (done && !as_json && listing.count == 0)
		puts("none");
	ledger_close(ledger);
	json_free(root);
	config_free(config);
	return done ? 0 : options_fail("report list", &err);
}

static bool
state_parse(const char *text, struct report_query *query)
{
	query->any_state = text == NULL;
	if (text == NULL || report_state_parse(text, &query->state))
		return true;
	fprintf(stderr, "ixwatch report list: --state \"%.40s\": allowed:", text);
	for (int i = 0; i < REPORT_STATE_COUNT; i++)
		fprintf(stderr, "%s %s", i > 0 ? "," : "", report_state_name((enum report_state)i));
	fputs("\n", stderr);
	return false;
}

static bool
week_ok(const char *week)
{
	int32_t monday;

	if (week == NULL || report_week_parse(week, &monday))
		return true;
	fprintf(stderr, "ixwatch report list: --week \"%.40s\": allowed: such as 2026-W47\n", week);
	return false;
}

int
report_command_list(int argc, char **argv)
{
	const char *week = NULL, *peer = NULL, *state = NULL, *what = "reports",
		   *limit_text = "100", *format = "text";
	bool open_only = false;
	const struct option_row rows[] = {
		{ "week", "WEEK", &week, NULL, "of that week, such as 2026-W47" },
		{ "peer", "ASN", &peer, NULL, "of that peer" },
		{ "state", "STATE", &state, NULL,
		  "waiting, held, approved, lapsed, paused, \"nothing to tell\", \"opted out\" or "
		  "\"no recipient\"" },
		{ "register", "REGISTER", &what, NULL,
		  "reports (default), orders, disputes, optouts or revocations" },
		{ "open", NULL, NULL, &open_only, "of a register: what is not ended" },
		{ "limit", "N", &limit_text, NULL, "at most so many reports (default 100)" },
		{ "format", "FORMAT", &format, NULL, "text (default) or json" },
	};
	struct option_set set = { .command = "report list",
				  .arguments = "[--week WEEK] [--peer ASN] [--state STATE]",
				  .about =
				      "The weekly reports and how they stand, newest first; or "
				      "what was said of peers: orders, disputes,\nopt-outs, "
				      "revoked links.",
				  .rows = rows,
				  .row_count = COUNT(rows) };
	struct asked asked = { .reports = { .any_kind = true } };
	const struct list_form *form;
	uint64_t limit;
	uint32_t asn = 0;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (!week_ok(week) || !state_parse(state, &asked.reports) ||
	    (peer != NULL && !report_asn_parse("report list", peer, &asn)) ||
	    (form = form_find(what)) == NULL || !report_format_ok("report list", format))
		return 2;
	if (!units_parse_uint(limit_text, 1, LIMIT_MAX, &limit)) {
		fprintf(stderr, "ixwatch report list: --limit \"%.40s\": allowed: 1 to %d\n",
			limit_text, LIMIT_MAX);
		return 2;
	}
	asked.reports.week = week;
	asked.reports.limit = (unsigned)limit;
	asked.reports.asn = asked.registers.asn = asn;
	asked.registers.open_only = open_only;
	return run(&set, form, &asked, strcmp(format, "json") == 0);
}
