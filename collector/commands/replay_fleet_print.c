/* replay_fleet_print.c - the table of `ixwatch replay --all`, as text and as JSON; see replay_fleet.h. */
#include <string.h>

#include "commands/replay_fleet.h"
#include "ixwatch/json.h"
#include "ixwatch/units.h"

#define NAME_WIDTH    36
#define PEER_WIDTH    26
#define VERDICT_WIDTH 17
#define TOLD_WIDTH    13

/* --- columns --- */

/* Text cut and filled to a width of characters: a name in UTF-8 has more octets than that. */
static void
print_cell(const char *text, unsigned width, FILE *to)
{
	unsigned shown = 0;

	for (; *text != '\0'; text++) {
		bool begins = ((unsigned char)*text & 0xc0) != 0x80;

		if (begins && shown == width)
			break;
		shown += begins;
		fputc(*text, to);
	}
	fprintf(to, "%*s  ", (int)(width - shown), "");
}

static void
print_heading(const struct fleet *fleet, FILE *to)
{
	fputs("      id  ", to);
	print_cell("port", NAME_WIDTH, to);
	print_cell("peer", PEER_WIDTH, to);
	print_cell(fleet->compares ? "verdict now" : "verdict", VERDICT_WIDTH, to);
	if (fleet->compares)
		print_cell("verdict then", VERDICT_WIDTH, to);
	print_cell("since", 10, to);
	fputs("dir  days   p95     ", to);
	print_cell(fleet->compares ? "told then" : "who is told", TOLD_WIDTH, to);
	fputc('\n', to);
}

static void
print_outcome(const struct fleet_row *row, FILE *to)
{
	const struct fleet_outcome *then = &row->then;
	char since[32] = "the start", share[16];

	if (then->since != DETECTOR_NO_DAY)
		units_format_date(since, sizeof(since), then->since);
	print_cell(since, 10, to);
	fprintf(to, "%-4s %4u   %-7s ", model_direction_name(then->direction),
		then->congested_days_28,
		units_format_share(share, sizeof(share), then->p95_utilisation));
	fputs(then->told, to);
}

static void
print_row(const struct fleet *fleet, const struct fleet_row *row, FILE *to)
{
	const struct port *port = &row->port->port;
	char peer[300] = "";

	if (port->asn != 0)
		snprintf(peer, sizeof(peer), "AS%u %s", port->asn, port->peer);
	if (row->port->source.subject.kind == SUBJECT_PORT)
		fprintf(to, "%s %6lld  ", fleet_row_changed(row) ? "*" : " ", (long long)port->id);
	else
		fprintf(to, "%s %6s  ", fleet_row_changed(row) ? "*" : " ", "");
	print_cell(row->port->name, NAME_WIDTH, to);
	print_cell(peer, PEER_WIDTH, to);
	if (row->trouble[0] != '\0') {
		fprintf(to, "not replayed: %s\n", row->trouble);
		return;
	}
	print_cell(model_verdict_name(row->now.verdict), VERDICT_WIDTH, to);
	if (fleet->compares)
		print_cell(model_verdict_name(row->then.verdict), VERDICT_WIDTH, to);
	print_outcome(row, to);
	fputc('\n', to);
}

/* --- the sum --- */

static void
print_counts(const char *name, const unsigned counts[VERDICT_COUNT], FILE *to)
{
	const char *between = "";

	fprintf(to, "%s", name);
	for (int v = 0; v < VERDICT_COUNT; v++) {
		if (counts[v] == 0)
			continue;
		fprintf(to, "%s%u %s", between, counts[v], model_verdict_name((enum verdict)v));
		between = ", ";
	}
	fputc('\n', to);
}

static void
print_moves(const struct fleet *fleet, FILE *to)
{
	fprintf(to, "changed: %zu\n", fleet->changed_count);
	for (int now = 0; now < VERDICT_COUNT; now++)
		for (int then = 0; then < VERDICT_COUNT; then++)
			if (now != then && fleet->moved_count[now][then] > 0)
				fprintf(to, "  * %u from %s to %s\n", fleet->moved_count[now][then],
					model_verdict_name((enum verdict)now),
					model_verdict_name((enum verdict)then));
}

/* What "then" means. */
static void
print_asked(const struct fleet *fleet, FILE *to)
{
	const struct replay_plan *plan = fleet->plan;
	char text[32];

	if (!fleet->compares)
		return;
	fputs("then:", to);
	if (plan->has_profile)
		fprintf(to, " --profile %s", profile_name(plan->profile));
	for (size_t i = 0; i < plan->set_count; i++)
		fprintf(to, " --set %s", plan->sets[i]);
	if (plan->window_count > 0)
		fprintf(to, " --declare (%zu)", plan->window_count);
	if (plan->until_utc_sec != INT64_MAX)
		fprintf(to, " --until %s",
			units_format_utc(text, sizeof(text), plan->until_utc_sec));
	fputs("; now: the configuration's own settings, to the last sample\n\n", to);
}

static void
print_reach(const struct fleet *fleet, FILE *to)
{
	int64_t from_utc_sec = 0, to_utc_sec = 0;
	char from[32], until[32];

	for (size_t i = 0; i < fleet->count; i++) {
		const struct fleet_row *row = &fleet->rows[i];

		if (row->from_utc_sec > 0 &&
		    (from_utc_sec == 0 || row->from_utc_sec < from_utc_sec))
			from_utc_sec = row->from_utc_sec;
		to_utc_sec = row->to_utc_sec > to_utc_sec ? row->to_utc_sec : to_utc_sec;
	}
	if (from_utc_sec > 0)
		fprintf(to, "samples reach back to %s at most, and to %s\n",
			units_format_utc(from, sizeof(from), from_utc_sec),
			units_format_utc(until, sizeof(until), to_utc_sec));
}

void
fleet_print_text(const struct fleet *fleet, FILE *to)
{
	char name[64];

	print_asked(fleet, to);
	print_heading(fleet, to);
	for (size_t i = 0; i < fleet->count; i++) {
		if (i == fleet->port_count)
			fprintf(to, "\nconnections: all ports of a peer at an exchange, where it "
				    "has several\n");
		print_row(fleet, &fleet->rows[i], to);
	}
	fprintf(to, "\ndays: congested days of the last 28; dir: the direction that decides\n");
	print_reach(fleet, to);
	snprintf(name, sizeof(name), "%zu ports%s: ", fleet->port_count - fleet->failed_count,
		 fleet->compares ? " now" : "");
	print_counts(name, fleet->now_count, to);
	if (fleet->compares) {
		snprintf(name, sizeof(name),
			 "%zu ports then: ", fleet->port_count - fleet->failed_count);
		print_counts(name, fleet->then_count, to);
		print_moves(fleet, to);
	}
}

/* --- JSON --- */

static void
put_outcome(struct json *row, const char *key, const struct fleet_outcome *outcome)
{
	struct json *out = json_put_object(row, key);
	char since[32];

	json_put_text(out, "verdict", model_verdict_name(outcome->verdict));
	json_put_text(out, "verdict_since",
		      outcome->since == DETECTOR_NO_DAY
			  ? NULL
			  : units_format_date(since, sizeof(since), outcome->since));
	json_put_text(out, "direction", model_direction_name(outcome->direction));
	json_put_int(out, "congested_days_28", outcome->congested_days_28);
	json_put_number(out, "p95_utilisation", outcome->p95_utilisation);
	json_put_text(out, "told", outcome->told);
}

static void
put_row(struct json *list, const struct fleet_row *row)
{
	struct json *out = json_put_object(list, "");

	replay_json_put_port(out, row->port->source.subject, &row->port->port);
	if (row->trouble[0] != '\0') {
		json_put_text(out, "error", row->trouble);
		return;
	}
	json_put_text(out, "profile", profile_name(row->profile));
	json_put_utc(out, "samples_from", row->from_utc_sec);
	json_put_utc(out, "samples_to", row->to_utc_sec);
	json_put_bool(out, "changed", fleet_row_changed(row));
	put_outcome(out, "now", &row->now);
	put_outcome(out, "then", &row->then);
}

static void
put_counts(struct json *in, const char *key, const unsigned counts[VERDICT_COUNT])
{
	struct json *out = json_put_object(in, key);

	for (int v = 0; v < VERDICT_COUNT; v++)
		json_put_int(out, model_verdict_name((enum verdict)v), counts[v]);
}

struct json *
fleet_json_new(const struct fleet *fleet)
{
	struct json *out = json_object_new(), *list = json_put_array(out, "ports"), *counts;

	for (size_t i = 0; i < fleet->port_count; i++)
		put_row(list, &fleet->rows[i]);
	list = json_put_array(out, "connections");
	for (size_t i = fleet->port_count; i < fleet->count; i++)
		put_row(list, &fleet->rows[i]);
	counts = json_put_object(out, "counts");
	put_counts(counts, "now", fleet->now_count);
	put_counts(counts, "then", fleet->then_count);
	json_put_int(counts, "changed", (int64_t)fleet->changed_count);
	json_put_int(counts, "failed", (int64_t)fleet->failed_count);
	return out;
}
