/* registrar_request.c - see registrar_parts.h: requests, understood and checked, as far as that goes without a ledger. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/units.h"
#include "registrar_parts.h"

#define DAY_SEC 86400

/* Beyond these a time is a slip of the pen: 2000-01-01 and 2100-01-01. */
#define EARLIEST_UTC_SEC INT64_C(946684800)
#define LATEST_UTC_SEC   INT64_C(4102444800)

#define CONNECTIONS_MAX 10000
#define EDITION_MAX     1000

/* --- single values --- */

/* Valid UTF-8 without control characters. */
static bool
is_clean(const char *text, size_t len)
{
	char clean[REPORT_NOTE_MAX + 8];

	return len < sizeof(clean) &&
	       strncmp(units_clean_text(clean, sizeof(clean), text, len), text, len) == 0 &&
	       clean[len] == '\0';
}

bool
registrar_take_text(const struct json *request, const char *key, size_t min, size_t max,
		    const char **out, struct error *err)
{
	const char *text = json_text(json_get(request, key), "");
	size_t len = strlen(text);

	if (min > 0 && text[strspn(text, " ")] == '\0')
		return error_set(err, ERR_USAGE, "%s: is missing or empty", key);
	if (len > max)
		return error_set(err, ERR_USAGE, "%s: %zu octets, allowed are up to %zu", key, len,
				 max);
	if (!is_clean(text, len))
		return error_set(err, ERR_USAGE,
				 "%s: has control characters or is no UTF-8; allowed is one line "
				 "of plain text",
				 key);
	*out = text;
	return true;
}

bool
registrar_take_author(const struct json *request, const char **author, struct error *err)
{
	return registrar_take_text(request, "author", 1, AUTHOR_MAX, author, err);
}

bool
registrar_take_id(const struct json *request, const char *what, int64_t *id, struct error *err)
{
	return (json_int(json_get(request, "id"), id) && *id > 0) ||
	       error_set(err, ERR_USAGE, "\"id\" must be %s id, a whole number above 0", what);
}

bool
registrar_take_asn(const struct json *request, uint32_t *asn, struct error *err)
{
	int64_t number;

	if (!json_int(json_get(request, "asn"), &number) || number < 1 || number > UINT32_MAX)
		return error_set(err, ERR_USAGE,
				 "\"asn\" must be an AS number, from 1 to 4294967295");
	*asn = (uint32_t)number;
	return true;
}

bool
registrar_take_time(const struct json *request, const char *key, int64_t *utc_sec,
		    struct error *err)
{
	const struct json *value = json_get(request, key);
	const char *text = json_text(value, "");

	if (!json_int(value, utc_sec) && !units_parse_utc(text, utc_sec))
		return error_set(err, ERR_USAGE,
				 "%s \"%.40s\": not a time; allowed: RFC 3339 "
				 "(\"2026-11-23T06:00:00Z\") or Unix seconds",
				 key, text);
	return (*utc_sec >= EARLIEST_UTC_SEC && *utc_sec <= LATEST_UTC_SEC) ||
	       error_set(err, ERR_USAGE, "%s \"%.40s\": allowed are times from 2000 to 2100", key,
			 text);
}

bool
registrar_take_date(const struct json *request, const char *key, int32_t *day, struct error *err)
{
	const char *text = json_text(json_get(request, key), "");
	char instant[40], back[16];
	int64_t utc_sec = 0;

	snprintf(instant, sizeof(instant), "%.11sT00:00:00Z", text);
	if (!units_parse_utc(instant, &utc_sec) || utc_sec < EARLIEST_UTC_SEC ||
	    utc_sec > LATEST_UTC_SEC)
		return error_set(err, ERR_USAGE,
				 "%s \"%.40s\": not a date; allowed: \"2026-11-23\", from 2000 to "
				 "2100",
				 key, text);
	*day = (int32_t)(utc_sec / DAY_SEC);
	return strcmp(units_format_date(back, sizeof(back), *day), text) == 0 ||
	       error_set(err, ERR_USAGE, "%s \"%.40s\": not a date", key, text);
}

bool
registrar_take_lines(const struct json *request, const char *key, char **out, struct error *err)
{
	const char *text = json_text(json_get(request, key), NULL);
	size_t len = text != NULL ? strlen(text) : 0, used = 0;
	char *lines;

	if (text == NULL)
		return error_set(err, ERR_USAGE, "\"%s\" must be a text", key);
	if (len > REPORT_NOTE_MAX)
		return error_set(err, ERR_USAGE, "%s: %zu octets, allowed are up to %d", key, len,
				 REPORT_NOTE_MAX);
	lines = malloc(len + 1);
	if (lines == NULL)
		return error_set(err, ERR_NOMEM, "%s: out of memory", key);
	for (const char *line = text; line != NULL;) {
		const char *end = strchr(line, '\n');
		size_t line_len = end != NULL ? (size_t)(end - line) : strlen(line);

		if (end != NULL && line_len > 0 && line[line_len - 1] == '\r')
			line_len--;
		if (!is_clean(line, line_len)) {
			free(lines);
			return error_set(err, ERR_USAGE,
					 "%s: has control characters or is no UTF-8; allowed are "
					 "lines of plain text",
					 key);
		}
		memcpy(lines + used, line, line_len);
		used += line_len;
		if (end != NULL)
			lines[used++] = '\n';
		line = end != NULL ? end + 1 : NULL;
	}
	lines[used] = '\0';
	*out = lines;
	return true;
}

/* --- a report --- */

static bool
take_key(struct report *report, const struct json *request, struct error *err)
{
	const char *kind = json_text(json_get(request, "kind"), "");
	int64_t edition = 0;

	report->asn = 0;
	report->exchange = "";
	if (!report_kind_parse(kind, &report->kind))
		return error_set(err, ERR_USAGE,
				 "kind \"%.40s\": allowed: peer, exchange, overview", kind);
	report->week = json_text(json_get(request, "week"), "");
	if (!report_week_parse(report->week, &report->monday))
		return error_set(err, ERR_USAGE, "week \"%.40s\": allowed: such as 2026-W47",
				 report->week);
	if (!json_int(json_get(request, "edition"), &edition) || edition < 1 ||
	    edition > EDITION_MAX)
		return error_set(err, ERR_USAGE, "\"edition\" must be a whole number from 1 to %d",
				 EDITION_MAX);
	report->edition = (unsigned)edition;
	if (report->kind == REPORT_PEER)
		return registrar_take_asn(request, &report->asn, err);
	return report->kind == REPORT_OVERVIEW ||
	       registrar_take_text(request, "exchange", 1, 63, &report->exchange, err);
}

static bool
take_verdict(const struct json *in, enum verdict *verdict, struct error *err)
{
	const char *text = json_text(json_get(in, "verdict"), "");

	return model_verdict_parse(text, verdict) ||
	       error_set(err, ERR_USAGE,
			 "verdict \"%.40s\": allowed: none, recurring, routine, insufficient data",
			 text);
}

static bool
take_sha256(const struct json *in, const char **hex, struct error *err)
{
	unsigned char digest[DIGEST_LEN];

	*hex = json_text(json_get(in, "sha256"), "");
	return digest_parse(digest, *hex) ||
	       error_set(err, ERR_USAGE, "\"sha256\" must be 64 hexadecimal digits");
}

static bool
take_words(struct report *report, const struct json *request, struct error *err)
{
	const char *purpose = json_text(json_get(request, "purpose"), "");

	report->corrects = "";
	if (strcmp(purpose, "information") != 0 && strcmp(purpose, "request") != 0)
		return error_set(err, ERR_USAGE, "purpose \"%.40s\": allowed: information, request",
				 purpose);
	report->purpose = purpose;
	if (report->edition > 1 &&
	    !registrar_take_text(request, "corrects", 1, REPORT_TEXT_MAX, &report->corrects, err))
		return false;
	if (report->edition == 1 && json_text(json_get(request, "corrects"), "")[0] != '\0')
		return error_set(err, ERR_USAGE, "corrects: a first edition corrects nothing");
	return registrar_take_text(request, "name", 0, REPORT_TEXT_MAX, &report->name, err) &&
	       registrar_take_text(request, "subject", 1, REPORT_TEXT_MAX, &report->subject, err);
}

/* How large a file of a report may be, by its ending; whatever else is none of ours. */
static const struct file_form {
	const char *ending;
	int64_t octets_max;
	bool once; /* exactly one of it is in every report */
} file_forms[] = {
	{ ".txt", 1 << 20, true },   { ".html", 4 << 20, true }, { ".csv", 64 << 20, true },
	{ ".json", 64 << 20, true }, { ".png", 2 << 20, false },
};

static const struct file_form *
form_of(const char *name)
{
	for (size_t i = 0; i < COUNT(file_forms); i++) {
		size_t len = strlen(name), ending = strlen(file_forms[i].ending);

		if (len > ending && strcmp(name + len - ending, file_forms[i].ending) == 0)
			return &file_forms[i];
	}
	return NULL;
}

static bool
take_file(struct report_file *file, const struct json *in, unsigned seen[COUNT(file_forms)],
	  struct error *err)
{
	const struct file_form *form;

	file->name = json_text(json_get(in, "name"), "");
	form = form_of(file->name);
	if (!report_file_name_ok(file->name) || form == NULL)
		return error_set(err, ERR_USAGE, "files: \"%.120s\" is no name of a report's file",
				 file->name);
	seen[form - file_forms]++;
	if (!json_int(json_get(in, "octets"), &file->octets) || file->octets < 0 ||
	    file->octets > form->octets_max)
		return error_set(err, ERR_USAGE, "files: %s: \"octets\" must be from 0 to %" PRId64,
				 file->name, form->octets_max);
	return take_sha256(in, &file->sha256, err) || error_wrap(err, "files: %s", file->name);
}

static bool
take_files(struct registration *out, const struct json *request, struct error *err)
{
	const struct json *files = json_get(request, "files");
	unsigned seen[COUNT(file_forms)] = { 0 };

	out->file_count = json_count(files);
	if (out->file_count > REPORT_FILES_MAX)
		return error_set(err, ERR_USAGE, "files: %zu, allowed are up to %d",
				 out->file_count, REPORT_FILES_MAX);
	for (size_t i = 0; i < out->file_count; i++) {
		if (!take_file(&out->files[i], json_at(files, i), seen, err))
			return false;
		for (size_t k = 0; k < i; k++)
			if (strcmp(out->files[k].name, out->files[i].name) == 0)
				return error_set(err, ERR_USAGE, "files: %s is there twice",
						 out->files[i].name);
	}
	for (size_t i = 0; i < COUNT(file_forms); i++)
		if (file_forms[i].once && seen[i] != 1)
			return error_set(err, ERR_USAGE, "files: there must be one %s, not %u",
					 file_forms[i].ending, seen[i]);
	return true;
}

/* The gravest of an exchange's verdicts is its. */
static bool
take_connection(struct registration *out, const struct json *in, struct error *err)
{
	struct report_connection one = { .exchange = "" };

	if (!registrar_take_text(in, "exchange", 1, 63, &one.exchange, err) ||
	    !take_verdict(in, &one.verdict, err))
		return error_wrap(err, "connections");
	for (size_t i = 0; i < out->connection_count; i++) {
		struct report_connection *other = &out->connections[i];

		if (strcmp(other->exchange, one.exchange) != 0)
			continue;
		if (one.verdict < other->verdict)
			other->verdict = one.verdict;
		return true;
	}
	out->connections[out->connection_count++] = one;
	return true;
}

static bool
take_connections(struct registration *out, const struct json *request, struct error *err)
{
	const struct json *connections = json_get(request, "connections");
	size_t count = json_count(connections);

	if (count > CONNECTIONS_MAX)
		return error_set(err, ERR_USAGE, "connections: %zu, allowed are up to %d", count,
				 CONNECTIONS_MAX);
	out->connections = calloc(count + 1, sizeof(*out->connections));
	if (out->connections == NULL)
		return error_set(err, ERR_NOMEM, "report: out of memory");
	for (size_t i = 0; i < count; i++)
		if (!take_connection(out, json_at(connections, i), err))
			return false;
	return true;
}

bool
registration_take(struct registration *out, const struct json *request, struct error *err)
{
	struct report *report = &out->report;

	*out = (struct registration) { .asked = json_bool(json_get(request, "all"), false) };
	report->tells = json_bool(json_get(request, "tells"), false);
	report->why = report->note = "";
	report->decided_by = REGISTRAR_AUTHOR;
	if (take_key(report, request, err) && take_words(report, request, err) &&
	    take_verdict(request, &report->verdict, err) &&
	    take_sha256(request, &report->sha256, err) &&
	    registrar_take_time(request, "made", &report->made_utc_sec, err) &&
	    take_files(out, request, err) && take_connections(out, request, err))
		return true;
	registration_end(out);
	return error_wrap(err, "report-register");
}

void
registration_end(struct registration *registration)
{
	free(registration->connections);
	registration->connections = NULL;
}

/* --- whole requests --- */

bool
registrar_register_check(const struct json *request, struct error *err)
{
	struct registration *registration = malloc(sizeof(*registration));
	bool good;

	if (registration == NULL)
		return error_set(err, ERR_NOMEM, "report-register: out of memory");
	good = registration_take(registration, request, err);
	if (good)
		registration_end(registration);
	free(registration);
	return good;
}

bool
registrar_id_check(const struct json *request, struct error *err)
{
	const char *author;
	int64_t id;

	return registrar_take_id(request, "a report's", &id, err) &&
	       registrar_take_author(request, &author, err);
}

bool
registrar_hold_check(const struct json *request, struct error *err)
{
	const char *why;

	return registrar_id_check(request, err) &&
	       registrar_take_text(request, "why", 1, REPORT_TEXT_MAX, &why, err);
}

bool
registrar_note_check(const struct json *request, struct error *err)
{
	char *note = NULL;
	bool good =
	    registrar_id_check(request, err) && registrar_take_lines(request, "note", &note, err);

	free(note);
	return good;
}

bool
registrar_order_check(const struct json *request, struct error *err)
{
	const char *text, *on = json_text(json_get(request, "waiting_on"), "");
	enum report_waiting_on waiting_on;
	double capacity_bps = 1;
	uint32_t asn;
	int32_t day;

	if (!registrar_take_asn(request, &asn, err) ||
	    !registrar_take_text(request, "exchange", 1, 63, &text, err) ||
	    !registrar_take_text(request, "size", 1, REPORT_TEXT_MAX, &text, err) ||
	    !registrar_take_text(request, "ticket", 0, REPORT_TEXT_MAX, &text, err) ||
	    (json_get(request, "ready") != NULL &&
	     !registrar_take_date(request, "ready", &day, err)) ||
	    !registrar_take_author(request, &text, err))
		return false;
	if (json_get(request, "capacity_bps") != NULL &&
	    (!json_number(json_get(request, "capacity_bps"), &capacity_bps) ||
	     !(capacity_bps > 0 && capacity_bps <= 1e18)))
		return error_set(err, ERR_USAGE, "\"capacity_bps\" must be a rate in bit/s");
	return report_waiting_on_parse(on, &waiting_on) ||
	       error_set(err, ERR_USAGE, "waiting_on \"%.40s\": allowed: peer, us, exchange", on);
}

bool
registrar_outcome_check(const struct json *request, struct error *err)
{
	const char *text;
	int64_t id;

	return registrar_take_id(request, "an order's or a dispute's", &id, err) &&
	       registrar_take_text(request, "outcome", 1, REPORT_TEXT_MAX, &text, err) &&
	       registrar_take_author(request, &text, err);
}

bool
registrar_dispute_check(const struct json *request, struct error *err)
{
	const char *text;
	uint32_t asn;

	return registrar_take_asn(request, &asn, err) &&
	       registrar_take_text(request, "exchange", 0, 63, &text, err) &&
	       registrar_take_text(request, "text", 1, REPORT_TEXT_MAX, &text, err) &&
	       registrar_take_author(request, &text, err);
}

bool
registrar_optout_check(const struct json *request, struct error *err)
{
	const char *text;
	uint32_t asn;

	return registrar_take_asn(request, &asn, err) &&
	       registrar_take_text(request, "reason", 1, REPORT_TEXT_MAX, &text, err) &&
	       registrar_take_author(request, &text, err);
}

bool
registrar_optin_check(const struct json *request, struct error *err)
{
	const char *text;
	uint32_t asn;

	return registrar_take_asn(request, &asn, err) && registrar_take_author(request, &text, err);
}

bool
registrar_revoke_check(const struct json *request, struct error *err)
{
	bool has_id = json_get(request, "id") != NULL, has_asn = json_get(request, "asn") != NULL;
	const char *text;
	int64_t id;
	uint32_t asn;

	if (has_id == has_asn)
		return error_set(err, ERR_USAGE, "one of \"id\" and \"asn\" must be given");
	if (has_id && json_get(request, "before") != NULL)
		return error_set(err, ERR_USAGE, "before: goes with asn");
	if ((has_id && !registrar_take_id(request, "a report's", &id, err)) ||
	    (has_asn && !registrar_take_asn(request, &asn, err)) ||
	    (json_get(request, "before") != NULL &&
	     !registrar_take_time(request, "before", &id, err)))
		return false;
	return registrar_take_text(request, "reason", 1, REPORT_TEXT_MAX, &text, err) &&
	       registrar_take_author(request, &text, err);
}
