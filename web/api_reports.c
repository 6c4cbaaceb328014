/* api_reports.c - the letters as JSON: the list, newest first, and one of them with the facts that it was made of. */
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "kept.h"
#include "letter.h"
#include "letter_files.h"
#include "refuse.h"
#include "reports.h"

static void
put_text_or_null(struct json *in, const char *key, const char *text)
{
	json_put_text(in, key, text[0] == '\0' ? NULL : text);
}

static bool
put_connection(const struct report_connection *connection, void *user)
{
	struct json *out = json_put_object(user, "");

	json_put_text(out, "exchange", connection->exchange);
	json_put_text(out, "verdict", model_verdict_name(connection->verdict));
	return true;
}

static void
put_mails(struct json *in, const struct report *report)
{
	struct json *mails = json_put_object(in, "mails");

	json_put_int(mails, "put", report->mail_count);
	json_put_int(mails, "sent", report->sent_count);
	json_put_int(mails, "failed", report->failed_count);
}

static bool
put_report(struct json *in, const char *key, const struct request *request,
	   const struct report *report, struct error *err)
{
	struct json *out = json_put_object(in, key);
	char path[REPORT_PATH_MAX];

	json_put_int(out, "id", report->id);
	json_put_text(out, "week", report->week);
	json_put_text(out, "kind", report_kind_name(report->kind));
	if (report->kind == REPORT_PEER)
		json_put_int(out, "asn", report->asn);
	else
		json_put_null(out, "asn");
	put_text_or_null(out, "exchange", report->exchange);
	json_put_int(out, "edition", report->edition);
	json_put_bool(out, "superseded", report->superseded);
	put_text_or_null(out, "corrects", report->corrects);
	put_text_or_null(out, "name", report->name);
	json_put_text(out, "subject", report->subject);
	json_put_text(out, "verdict", model_verdict_name(report->verdict));
	json_put_text(out, "purpose", report->purpose);
	json_put_bool(out, "tells", report->tells);
	json_put_bool(out, "first", report->first);
	json_put_int(out, "notice", report->notice);
	json_put_text(out, "state", report_state_name(report->state));
	put_text_or_null(out, "why", report->why);
	put_text_or_null(out, "note", report->note);
	put_text_or_null(out, "decided_by", report->decided_by);
	json_put_utc(out, "decided_at", report->decided_utc_sec);
	json_put_utc(out, "made_at", report->made_utc_sec);
	json_put_utc(out, "lapses_at", report->lapses_utc_sec);
	json_put_utc(out, "links_revoked_at", report->revoked_utc_sec);
	json_put_text(out, "sha256", report->sha256);
	put_mails(out, report);
	json_put_text(out, "page", report_path(path, report, report->edition));
	return ledger_report_connection_each(request->ledger, report->id, put_connection,
					     json_put_array(out, "connections"), err);
}

/* --- the list --- */

struct listing {
	const struct request *request;
	struct json *list;
	struct error *err;
	unsigned limit, count;
	unsigned read_count; /* of this turn at the ledger */
	int64_t read_id, last_id;
	bool failed;
};

static bool
on_report(const struct report *report, void *user)
{
	struct listing *listing = user;

	listing->read_count++;
	listing->read_id = report->id;
	if (!reports_sees(listing->request, report))
		return true;
	listing->last_id = report->id;
	listing->count++;
	listing->failed = !put_report(listing->list, "", listing->request, report, listing->err);
	return !listing->failed && listing->count < listing->limit;
}

/* As many as were asked for: what is not seen makes no list shorter. */
static bool
read_reports(struct listing *listing, struct report_query query, struct error *err)
{
	do {
		listing->read_count = 0;
		if (!ledger_report_each(listing->request->ledger, &query, on_report, listing, err))
			return false;
		query.before_id = listing->read_id;
	} while (!listing->failed && listing->count < listing->limit &&
		 listing->read_count == query.limit);
	return !listing->failed;
}

static bool
is_readable(const struct request *request, struct reply *reply)
{
	if (refuse_without_ledger(request, reply))
		return false;
	if (request->ledger == NULL)
		refuse(request, reply, 503, "no_data", "the ledger cannot be read now");
	return request->ledger != NULL;
}

void
api_reports(const struct request *request, struct reply *reply)
{
	const struct query *q = &request->query;
	struct report_query query = {
		.week = q->week[0] == '\0' ? NULL : q->week,
		.any_kind = true,
		.asn = q->asn,
		.before_id = q->cursor,
		.limit = q->limit,
	};
	struct error err;

	if (!is_readable(request, reply))
		return;
	query.any_state = !report_state_parse(q->letter_state, &query.state);
	struct json *root = json_object_new();
	struct listing listing = { .request = request,
				   .list = json_put_array(root, "reports"),
				   .err = &err,
				   .limit = query.limit };
	if (!read_reports(&listing, query, &err)) {
		json_free(root);
		refuse(request, reply, 503, "ledger", "%s", err.text);
		return;
	}
	api_put_next(root, listing.count == query.limit ? listing.last_id : 0);
	reply_json(reply, 200, root);
}

/* --- one --- */

static bool
put_file(const struct report_file *file, void *user)
{
	struct json *out = json_put_object(user, "");

	json_put_text(out, "name", file->name);
	json_put_int(out, "octets", file->octets);
	json_put_text(out, "sha256", file->sha256);
	return true;
}

static void
put_links(struct json *in, const struct report *report)
{
	static const char *const files[][2] = { { "html", "letter.html" },
						{ "text", "letter.txt" },
						{ "csv", "samples.csv" },
						{ "json", "facts.json" } };
	struct json *links = json_put_object(in, "links");
	char path[64];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "/reports/%lld/%s", (long long)report->id,
			 files[i][1]);
		json_put_text(links, files[i][0], path);
	}
}

void
api_report(const struct request *request, struct reply *reply)
{
	struct letter_open letter;
	struct error err;

	if (!is_readable(request, reply))
		return;
	if (letter_open(&letter, request, reply)) {
		struct json *root = json_object_new();

		if (put_report(root, "report", request, &letter.row.report, &err) &&
		    ledger_report_file_each(request->ledger, letter.row.report.id, put_file,
					    json_put_array(root, "files"), &err)) {
			put_links(root, &letter.row.report);
			json_put_take(root, "facts", letter.facts);
			letter.facts = NULL;
			reply_json(reply, 200, root);
		} else {
			json_free(root);
			refuse(request, reply, 503, "ledger", "%s", err.text);
		}
	}
	letter_close(&letter);
}
