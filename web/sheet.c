/* sheet.c - cells, rows, and what stands in each sheet. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/units.h"

#include "api.h"
#include "sheet.h"

/* --- cells --- */

/* Quoted where a comma, a quote or a line end is in it; a quote is doubled (RFC 4180, 2.6 and 2.7). */
void
sheet_text(struct html *out, const char *text)
{
	char octet[3] = "";
	bool is_formula = text[0] != '\0' && strchr("=+-@\t\r\n", text[0]) != NULL;
	bool is_quoted = strpbrk(text, ",\"\r\n") != NULL;

	html_raw(out, is_quoted ? "\"" : "");
	html_raw(out, is_formula ? "'" : "");
	for (const char *c = text; *c != '\0'; c++) {
		octet[0] = *c;
		octet[1] = *c == '"' ? '"' : '\0';
		html_raw(out, octet);
	}
	html_raw(out, is_quoted ? "\"" : "");
}

/* With as many digits as it takes to be the same number again. */
void
sheet_number(struct html *out, double number)
{
	char text[32];

	if (!isfinite(number))
		return;
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	html_raw(out, text);
}

void
sheet_utc(struct html *out, int64_t utc_sec)
{
	char text[40];

	html_raw(out, units_format_utc(text, sizeof(text), utc_sec));
}

static void
put_words(struct html *out, const struct json *list)
{
	struct html words;
	size_t len;
	char *text;

	html_init(&words);
	for (size_t i = 0; i < json_count(list); i++) {
		html_raw(&words, i > 0 ? " " : "");
		html_raw(&words, json_text(json_at(list, i), ""));
	}
	text = html_take(&words, &len);
	sheet_text(out, text == NULL ? "" : text);
	free(text);
}

void
sheet_value(struct html *out, const struct json *value)
{
	const char *text = json_text(value, NULL);
	char digits[24];
	int64_t whole;
	double number;

	if (text != NULL) {
		sheet_text(out, text);
	} else if (json_int(value, &whole)) {
		snprintf(digits, sizeof(digits), "%lld", (long long)whole);
		html_raw(out, digits);
	} else if (json_number(value, &number)) {
		sheet_number(out, number);
	} else if (json_bool(value, false) == json_bool(value, true)) {
		html_raw(out, json_bool(value, false) ? "true" : "false");
	} else if (json_count(value) > 0) {
		put_words(out, value);
	}
}

/* --- rows --- */

static void
put_rows(struct html *out, const struct sheet *sheet, const struct json *list, const char *first)
{
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *row = json_at(list, i);

		html_raw(out, first);
		for (size_t c = 0; sheet->columns[c] != NULL; c++) {
			html_raw(out, c > 0 ? "," : "");
			sheet_value(out, json_get(row, sheet->columns[c]));
		}
		html_raw(out, SHEET_END);
	}
}

char *
sheet_print_dup(const struct sheet *sheet, const struct json *root, size_t *len)
{
	const struct json *both = json_get(root, "directions");
	struct html out;

	html_init(&out);
	html_raw(&out, sheet->by_direction ? "direction," : "");
	for (size_t c = 0; sheet->columns[c] != NULL; c++) {
		html_raw(&out, c > 0 ? "," : "");
		html_raw(&out, sheet->columns[c]);
	}
	html_raw(&out, SHEET_END);
	if (sheet->by_direction) {
		put_rows(&out, sheet, json_get(json_get(both, "out"), sheet->list), "out,");
		put_rows(&out, sheet, json_get(json_get(both, "in"), sheet->list), "in,");
	} else {
		put_rows(&out, sheet, json_get(root, sheet->list), "");
	}
	return html_take(&out, len);
}

/* --- the sheets --- */

static const char *const port_columns[] = {
	"id",
	"exchange",
	"agent",
	"interface",
	"alias",
	"kind",
	"asn",
	"peer",
	"capacity_bps",
	"physical_bps",
	"contracted_bps",
	"capacity_source",
	"in_bps",
	"out_bps",
	"in_pps",
	"out_pps",
	"in_discards",
	"out_discards",
	"in_errors",
	"out_errors",
	"in_utilisation",
	"out_utilisation",
	"state",
	"state_since",
	"unknown_because",
	"in_flags",
	"out_flags",
	"verdict",
	"sampled_at",
	"time",
	"refresh_sec",
	"vanished_at",
	"moved_to",
	"continues",
	NULL,
};
static const char *const episode_columns[] = {
	"id",
	"port",
	"exchange",
	"agent",
	"interface",
	"asn",
	"peer",
	"direction",
	"profile",
	"start",
	"end",
	"open",
	"minutes",
	"kind",
	"excuse",
	"peak_utilisation",
	"mean_utilisation",
	NULL,
};
static const char *const day_columns[] = {
	"date", "valid", "known_share", "congested_minutes", "state", "verdict", "peer_then", NULL,
};

static const struct sheet ports = { "ports", false, port_columns };
static const struct sheet episodes = { "episodes", false, episode_columns };
static const struct sheet days = { "days", true, day_columns };

/* As somebody saves it, and sends it on: of what, and when it was taken.  "episodes_demo-fra_AS64500_2026-11-28T1810Z.csv" */
static void
name_file(struct reply *reply, const struct request *request)
{
	const struct query *query = &request->query;
	char exchange[QUERY_NAME_MAX + 1] = "", asn[16] = "", port[24] = "", utc[40];
	int64_t id = reply->sheet == &days ? request->params.id : query->port_id;

	if ((query->has & ARG_EXCHANGE) != 0)
		snprintf(exchange, sizeof(exchange), "_%s", query->exchange);
	if ((query->has & ARG_ASN) != 0)
		snprintf(asn, sizeof(asn), "_AS%u", query->asn);
	if (id != 0)
		snprintf(port, sizeof(port), "_port-%" PRId64, id);
	units_format_utc(utc, sizeof(utc), clock_utc_sec());
	snprintf(reply->file_name, sizeof(reply->file_name), "%s%s%s%s_%.13s%.2sZ.csv",
		 reply->sheet->list, exchange, asn, port, utc, utc + 14);
}

void
sheet_ports(const struct request *request, struct reply *reply)
{
	reply->sheet = &ports;
	name_file(reply, request);
	api_ports(request, reply);
}

void
sheet_episodes(const struct request *request, struct reply *reply)
{
	reply->sheet = &episodes;
	name_file(reply, request);
	api_episodes(request, reply);
}

void
sheet_days(const struct request *request, struct reply *reply)
{
	reply->sheet = &days;
	name_file(reply, request);
	api_days(request, reply);
}
