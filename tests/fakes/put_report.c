/* put_report.c - puts letters into the ledger of a state directory, all in one transaction, as the collector would; their
 * files are the caller's.
 *
 *   put_report STATE_DIR < LINES
 *
 * A line is a JSON object.  A letter: kind, week, asn, exchange, edition, name, subject, verdict, purpose, tells, sha256,
 * corrects, made, lapses, state, why, decided_by, note, files [{name, octets, sha256}], connections [{exchange, verdict,
 * asks}].  {"revoke": id} or {"revoke_asn": asn, "before": seconds}; {"order": asn, exchange, size}; {"dispute": asn, text}.
 * Prints the ids, one a line. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/json.h"
#include "ixwatch/report.h"

#define LIST_MAX 64

static int64_t
number_of(const struct json *object, const char *key, int64_t otherwise)
{
	int64_t number = otherwise;

	json_int(json_get(object, key), &number);
	return number;
}

static const char *
text_of(const struct json *object, const char *key, const char *otherwise)
{
	return json_text(json_get(object, key), otherwise);
}

static size_t
take_files(struct report_file files[LIST_MAX], const struct json *list)
{
	size_t count = 0;
	const struct json *one;

	while (count < LIST_MAX && (one = json_at(list, count)) != NULL)
		files[count++] = (struct report_file) { .name = text_of(one, "name", ""),
							.octets = number_of(one, "octets", 0),
							.sha256 = text_of(one, "sha256", "") };
	return count;
}

static bool
take_connections(struct report_connection connections[LIST_MAX], size_t *count,
		 const struct json *list)
{
	const struct json *one;

	for (*count = 0; *count < LIST_MAX && (one = json_at(list, *count)) != NULL; ++*count) {
		struct report_connection *c = &connections[*count];

		c->exchange = text_of(one, "exchange", "");
		c->asks = json_bool(json_get(one, "asks"), false);
		if (!model_verdict_parse(text_of(one, "verdict", "none"), &c->verdict))
			return false;
	}
	return true;
}

static bool
put_report(struct ledger *ledger, const struct json *o, int64_t *id, struct error *err)
{
	struct report_file files[LIST_MAX];
	struct report_connection connections[LIST_MAX];
	size_t file_count = take_files(files, json_get(o, "files")), connection_count;
	int64_t now_utc_sec = clock_utc_sec();
	struct report report = {
		.week = text_of(o, "week", ""),
		.asn = (uint32_t)number_of(o, "asn", 0),
		.exchange = text_of(o, "exchange", ""),
		.edition = (unsigned)number_of(o, "edition", 1),
		.name = text_of(o, "name", ""),
		.subject = text_of(o, "subject", "a letter"),
		.purpose = text_of(o, "purpose", "information"),
		.tells = json_bool(json_get(o, "tells"), true),
		.sha256 = text_of(o, "sha256", ""),
		.corrects = text_of(o, "corrects", ""),
		.made_utc_sec = number_of(o, "made", now_utc_sec),
		.lapses_utc_sec = number_of(o, "lapses", now_utc_sec + 4 * 86400),
		.why = text_of(o, "why", ""),
		.note = text_of(o, "note", ""),
		.decided_by = text_of(o, "decided_by", "collector"),
		.decided_utc_sec = now_utc_sec,
	};
	bool is_new;

	if (!report_kind_parse(text_of(o, "kind", "peer"), &report.kind) ||
	    !report_state_parse(text_of(o, "state", "waiting"), &report.state) ||
	    !model_verdict_parse(text_of(o, "verdict", "none"), &report.verdict) ||
	    !report_week_parse(report.week, &report.monday) ||
	    !take_connections(connections, &connection_count, json_get(o, "connections")))
		return error_set(err, ERR_PARSE, "no such kind, state, verdict or week");
	return ledger_report_put(ledger, &report, files, file_count, connections, connection_count,
				 id, &is_new, err) &&
	       (report.note[0] == '\0' || ledger_report_note_set(ledger, *id, report.note, err));
}

static bool
put(struct ledger *ledger, const struct json *o, struct error *err)
{
	int64_t now_utc_sec = clock_utc_sec(), id = 0;
	struct report_revocation revocation = {
		.report_id = number_of(o, "revoke", 0),
		.asn = (uint32_t)number_of(o, "revoke_asn", 0),
		.before_utc_sec = number_of(o, "before", 0),
		.reason = "a test",
		.author = "kim",
		.at_utc_sec = now_utc_sec,
	};
	struct report_order order = {
		.asn = (uint32_t)number_of(o, "order", 0),
		.exchange = text_of(o, "exchange", ""),
		.size = text_of(o, "size", "2 x 100G"),
		.capacity_bps = NAN,
		.ticket = text_of(o, "ticket", ""),
		.author = "kim",
		.created_utc_sec = now_utc_sec,
	};
	struct report_dispute dispute = {
		.asn = (uint32_t)number_of(o, "dispute", 0),
		.exchange = text_of(o, "exchange", ""),
		.text = text_of(o, "text", "the counters differ"),
		.author = "kim",
		.since_utc_sec = now_utc_sec,
	};
	bool done;

	if (revocation.report_id != 0 || revocation.asn != 0)
		done = ledger_revocation_add(ledger, &revocation, &id, err);
	else if (order.asn != 0)
		done = ledger_order_add(ledger, &order, &id, err);
	else if (dispute.asn != 0)
		done = ledger_dispute_add(ledger, &dispute, &id, err);
	else
		done = put_report(ledger, o, &id, err);
	if (done)
		printf("%lld\n", (long long)id);
	return done;
}

static bool
put_all(struct ledger *ledger, struct error *err)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	bool done = ledger_begin(ledger, err);

	while (done && (len = getline(&line, &size, stdin)) > 0) {
		struct json *object = NULL;

		done = json_parse(&object, line, (size_t)len, err) && put(ledger, object, err);
		json_free(object);
	}
	free(line);
	return done && ledger_commit(ledger, err);
}

int
main(int argc, char **argv)
{
	struct ledger *ledger = NULL;
	struct error err = { 0 };

	if (argc != 2) {
		fprintf(stderr, "usage: put_report STATE_DIR < LINES\n");
		return 2;
	}
	bool done = ledger_open(&ledger, argv[1], LEDGER_WRITE, &err) && put_all(ledger, &err);
	ledger_close(ledger);
	if (!done)
		fprintf(stderr, "put_report: %s\n", err.text);
	return done ? 0 : 1;
}
