/* metrics.c - every port's rates, capacity, state and verdict, and the program's own health, as Prometheus text.
 *
 * Base units, and no line at all for what is unknown: unknown is not 0.
 * Source: Prometheus text exposition format 0.0.4; its naming practices. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/outbox.h"

#include "metrics.h"

/* A label's value: backslash, quote and line feed are escaped. */
static void
put_label_text(struct html *text, const char *value)
{
	char one[2] = "";

	for (; *value != '\0'; value++) {
		one[0] = *value;
		if (*value == '\\' || *value == '"')
			html_raw(text, "\\");
		html_raw(text, *value == '\n' ? "\\n" : one);
	}
}

static void
put_label(struct html *text, const char *before, const char *name, const char *value)
{
	html_raw(text, before);
	html_raw(text, name);
	html_raw(text, "=\"");
	put_label_text(text, value);
	html_raw(text, "\"");
}

static void
put_port_labels(struct html *text, const struct port *port)
{
	put_label(text, "{", "exchange", port->exchange);
	put_label(text, ",", "agent", port->agent);
	put_label(text, ",", "interface", port->interface);
	html_put(text, ",asn=");
	html_raw(text, "\"");
	if (port->asn != 0)
		html_put(text, "%u", port->asn);
	html_raw(text, "\"");
}

static void
put_header(struct html *text, const char *name, const char *type, const char *help)
{
	html_raw(text, "# HELP ");
	html_raw(text, name);
	html_raw(text, " ");
	html_raw(text, help);
	html_raw(text, "\n# TYPE ");
	html_raw(text, name);
	html_raw(text, " ");
	html_raw(text, type);
	html_raw(text, "\n");
}

/* --- numbers of ports: one row a metric --- */

static double
column(const struct world_port *port, int which)
{
	return port->live.value[which];
}

static double
utilisation(const struct world_port *port, int direction)
{
	return port->live.utilisation[direction];
}

static double
capacity(const struct world_port *port, int unused)
{
	(void)unused;
	return port->live.capacity_bps;
}

static double
sampled(const struct world_port *port, int unused)
{
	(void)unused;
	return port->live.sampled_utc_sec == 0 ? NAN : (double)port->live.sampled_utc_sec;
}

static double
refresh(const struct world_port *port, int unused)
{
	(void)unused;
	return port->live.refresh_ms == 0 ? NAN : port->live.refresh_ms / 1000.0;
}

static const struct gauge {
	const char *name;
	double (*value)(const struct world_port *port, int which);
	int which;
	const char *help;
} gauges[] = {
	{ "ixwatch_port_in_bits_per_second", column, COLUMN_IN_BPS,
	  "Traffic received on the port, layer 2." },
	{ "ixwatch_port_out_bits_per_second", column, COLUMN_OUT_BPS,
	  "Traffic sent through the port, layer 2." },
	{ "ixwatch_port_in_packets_per_second", column, COLUMN_IN_PPS,
	  "Packets received on the port." },
	{ "ixwatch_port_out_packets_per_second", column, COLUMN_OUT_PPS,
	  "Packets sent through the port." },
	{ "ixwatch_port_in_discards_per_second", column, COLUMN_IN_DISCARDS,
	  "Packets discarded on receipt." },
	{ "ixwatch_port_out_discards_per_second", column, COLUMN_OUT_DISCARDS,
	  "Packets discarded instead of sent." },
	{ "ixwatch_port_in_errors_per_second", column, COLUMN_IN_ERRORS,
	  "Packets received in error." },
	{ "ixwatch_port_out_errors_per_second", column, COLUMN_OUT_ERRORS,
	  "Packets that could not be sent." },
	{ "ixwatch_port_in_utilisation_ratio", utilisation, DIRECTION_IN,
	  "Share of the capacity in use, received." },
	{ "ixwatch_port_out_utilisation_ratio", utilisation, DIRECTION_OUT,
	  "Share of the capacity in use, sent." },
	{ "ixwatch_port_physical_bits_per_second", column, COLUMN_CAPACITY_BPS,
	  "Physical capacity of the port." },
	{ "ixwatch_port_capacity_bits_per_second", capacity, 0,
	  "Capacity of the port after its contract." },
	{ "ixwatch_port_sampled_timestamp_seconds", sampled, 0,
	  "End of the newest known sample, Unix time." },
	{ "ixwatch_port_refresh_seconds", refresh, 0,
	  "How often the agent takes its counters, where it does so in steps." },
};

static void
put_gauge(struct html *text, const struct world *world, const struct gauge *gauge)
{
	put_header(text, gauge->name, "gauge", gauge->help);
	for (size_t i = 0; i < world->port_count; i++) {
		double value = gauge->value(&world->ports[i], gauge->which);

		if (isnan(value))
			continue;
		html_raw(text, gauge->name);
		put_port_labels(text, &world->ports[i].port);
		html_put(text, "} %.17g\n", value);
	}
}

/* One line a port and possible value: 1 for the one that holds. */
static void
put_set(struct html *text, const struct world *world, const char *name, const char *label,
	unsigned count, const char *(*value_name)(unsigned value),
	unsigned (*value_of)(const struct world_port *port))
{
	for (size_t i = 0; i < world->port_count; i++) {
		for (unsigned value = 0; value < count; value++) {
			html_raw(text, name);
			put_port_labels(text, &world->ports[i].port);
			put_label(text, ",", label, value_name(value));
			html_raw(text, value_of(&world->ports[i]) == value ? "} 1\n" : "} 0\n");
		}
	}
}

static const char *
state_name(unsigned value)
{
	return model_state_name((enum port_state)value);
}

static unsigned
state_of(const struct world_port *port)
{
	return port->live.state;
}

static const char *
verdict_name(unsigned value)
{
	return model_verdict_name((enum verdict)value);
}

static unsigned
verdict_of(const struct world_port *port)
{
	return port->live.verdict;
}

/* Nothing refused is no line: most ports have none of any reason, and there may be a hundred thousand. */
static void
put_quality(struct html *text, const struct world *world)
{
	static const char name[] = "ixwatch_port_refused_total";

	put_header(text, name, "counter",
		   "Pairs of reads or slots that proved nothing since the collector's start, by "
		   "reason; none is no line.");
	for (size_t i = 0; i < world->port_count; i++)
		for (unsigned q = 0; q < QUALITY_COUNT; q++) {
			if (world->ports[i].live.quality[q] == 0)
				continue;
			html_raw(text, name);
			put_port_labels(text, &world->ports[i].port);
			put_label(text, ",", "reason", model_quality_name((enum quality_reason)q));
			html_put(text, "} %u\n", world->ports[i].live.quality[q]);
		}
}

/* Where a peer has several ports at an exchange; a port alone says the same of itself. */
static void
put_connections(struct html *text, const struct world *world)
{
	static const char name[] = "ixwatch_connection_verdict";

	put_header(text, name, "gauge",
		   "The verdict on all ports of a peer at an exchange, where it has several: 1 for "
		   "the one that holds.");
	for (size_t i = 0; i < world->connection_count; i++) {
		const struct world_port *whole = &world->connections[i].whole;
		char asn[16];

		snprintf(asn, sizeof(asn), "%u", whole->port.asn);
		for (unsigned v = 0; v < VERDICT_COUNT && whole->subject.kind == SUBJECT_CONNECTION;
		     v++) {
			html_raw(text, name);
			put_label(text, "{", "exchange", whole->port.exchange);
			put_label(text, ",", "asn", asn);
			put_label(text, ",", "verdict", verdict_name(v));
			html_put(text, "} %d\n", whole->live.verdict == v);
		}
	}
}

/* --- the program's own health --- */

static void
put_number(struct html *text, const char *name, const char *type, const char *help, double value)
{
	put_header(text, name, type, help);
	html_raw(text, name);
	html_put(text, " %.17g\n", value);
}

/* Of the lines of one metric, which stand together, only the first has a head. */
static bool
is_first(const struct self_row *rows, size_t i)
{
	return i == 0 || strcmp(rows[i].metric, rows[i - 1].metric) != 0;
}

static void
put_self(struct html *text, const struct snapshot *snapshot, bool fresh)
{
	for (size_t n = 0; n < SELF_COUNT; n++) {
		const struct self_row *row = &self_rows[n];
		double value = self_number_now(snapshot, (enum self_number)n, fresh);

		if (is_first(self_rows, n))
			put_header(text, row->metric, row->counter ? "counter" : "gauge",
				   row->help);
		if (isnan(value))
			continue;
		html_raw(text, row->metric);
		if (row->reason != NULL) {
			put_label(text, "{", "reason", row->reason);
			html_raw(text, "}");
		}
		html_put(text, " %.17g\n", value);
	}
}

static void
put_agent_labels(struct html *text, const char *name, const struct snapshot_agent *agent)
{
	html_raw(text, name);
	put_label(text, "{", "exchange", agent->exchange);
	put_label(text, ",", "agent", agent->name);
}

static void
put_agents_self(struct html *text, const struct snapshot *snapshot, bool fresh)
{
	for (int n = 0; n < SELF_AGENT_COUNT; n++) {
		const struct self_row *row = &self_agent_rows[n];

		put_header(text, row->metric, row->counter ? "counter" : "gauge", row->help);
		for (uint32_t i = 0; i < snapshot->agent_count; i++) {
			const struct snapshot_agent *agent = &snapshot->agents[i];
			double value =
			    self_agent_number_now(agent, (enum self_agent_number)n, fresh);

			if (isnan(value))
				continue;
			put_agent_labels(text, row->metric, agent);
			html_put(text, "} %.17g\n", value);
		}
	}
}

/* Of an agent, a reason that there never was is no line: twelve reasons, a thousand agents. */
static void
put_failures(struct html *text, const struct snapshot *snapshot)
{
	static const char all[] = "ixwatch_collector_polls_failed_total",
			  one[] = "ixwatch_agent_polls_failed_total";

	put_header(text, all, "counter",
		   "Polls that failed since the collector's start, by reason.");
	for (unsigned f = 0; f < POLL_FAILURE_COUNT; f++) {
		html_raw(text, all);
		put_label(text, "{", "reason", poll_failure_name((enum poll_failure)f));
		html_put(text, "} %lu\n", self_polls_failed(snapshot, (enum poll_failure)f));
	}
	put_header(
	    text, one, "counter",
	    "Polls of an agent that failed since the collector's start, by reason; none is no "
	    "line.");
	for (uint32_t i = 0; i < snapshot->agent_count; i++)
		for (unsigned f = 0; f < POLL_FAILURE_COUNT; f++) {
			const struct snapshot_agent *agent = &snapshot->agents[i];

			if (agent->failed[f] == 0)
				continue;
			put_agent_labels(text, one, agent);
			put_label(text, ",", "reason", poll_failure_name((enum poll_failure)f));
			html_put(text, "} %u\n", agent->failed[f]);
		}
}

static void
put_agents(struct html *text, const struct snapshot *snapshot)
{
	static const char name[] = "ixwatch_agent_polls_total";

	put_header(text, name, "counter",
		   "Polls of an agent since the collector's start, by result.");
	for (uint32_t i = 0; i < snapshot->agent_count; i++) {
		const struct snapshot_agent *agent = &snapshot->agents[i];

		for (unsigned ok = 0; ok < 2; ok++) {
			put_agent_labels(text, name, agent);
			put_label(text, ",", "result", ok ? "ok" : "failed");
			html_put(text, "} %u\n", ok ? agent->polls_ok : agent->polls_failed);
		}
	}
}

static void
put_collector(struct html *text, const struct world *world)
{
	const struct snapshot *snapshot = world->snapshot;

	put_number(text, "ixwatch_collector_up", "gauge",
		   "Whether the last round is younger than three intervals.", !world->stale);
	if (snapshot == NULL)
		return;
	put_number(text, "ixwatch_collector_last_round_timestamp_seconds", "gauge",
		   "When the last round ended.", (double)snapshot->round_utc_sec);
	put_number(text, "ixwatch_collector_interval_seconds", "gauge", "Time between two rounds.",
		   snapshot->interval_sec);
	put_number(text, "ixwatch_collector_rounds_total", "counter",
		   "Rounds since the collector's start.", snapshot->rounds);
	put_number(text, "ixwatch_collector_rounds_late_total", "counter",
		   "Rounds that began late.", snapshot->rounds_late);
	put_self(text, snapshot, !world->stale);
	put_agents(text, snapshot);
	put_agents_self(text, snapshot, !world->stale);
	put_failures(text, snapshot);
}

static void
put_outbox(struct html *text, const struct request *request)
{
	static const char name[] = "ixwatch_outbox_mails";
	struct outbox_summary summary;
	int64_t oldest;

	if (request->ledger == NULL ||
	    !ledger_outbox_summary(request->ledger, request->now_utc_sec, &summary, NULL))
		return;
	oldest = summary.oldest_due_utc_sec;
	put_header(text, name, "gauge", "Mails of the outbox, by state; the last 90 days.");
	for (unsigned state = 0; state < OUTBOX_STATE_COUNT; state++) {
		html_raw(text, name);
		put_label(text, "{", "state", outbox_state_name((enum outbox_state)state));
		html_put(text, "} %lld\n", (long long)summary.count[state]);
	}
	put_number(text, "ixwatch_outbox_oldest_due_seconds", "gauge",
		   "How long the oldest mail has been due that waits; 0: none is.",
		   oldest != 0 && oldest < request->now_utc_sec
		       ? (double)(request->now_utc_sec - oldest)
		       : 0);
	put_number(text, "ixwatch_outbox_last_sent_timestamp_seconds", "gauge",
		   "When a mail was sent last; 0: never.", (double)summary.last_sent_utc_sec);
}

static void
put_web(struct html *text, const struct request *request)
{
	struct draw_health draw;

	draw_health_get(request->draw, &draw);
	put_number(text, "ixwatch_web_requests_total", "counter", "Requests answered.",
		   (double)request->counts.requests);
	put_number(text, "ixwatch_web_errors_total", "counter",
		   "Requests answered with a status of 400 or more.",
		   (double)request->counts.errors);
	put_number(text, "ixwatch_web_start_timestamp_seconds", "gauge",
		   "When the web server was started.", (double)request->counts.started_utc_sec);
	put_number(text, "ixwatch_web_pictures_total", "counter", "Pictures and series made.",
		   (double)draw.answered);
	put_number(text, "ixwatch_web_pictures_cached_total", "counter", "Pictures shown again.",
		   (double)draw.from_cache);
	put_number(text, "ixwatch_web_pictures_failed_total", "counter",
		   "Pictures that could not be made.", (double)draw.failed);
	put_number(text, "ixwatch_web_worker_starts_total", "counter", "Graph workers started.",
		   (double)draw.worker_starts);
}

void
metrics_get(const struct request *request, struct reply *reply)
{
	const struct world *world = request->world;
	struct html text;

	html_init(&text);
	put_header(&text, "ixwatch_build_info", "gauge", "The version of the program.");
	html_raw(&text, "ixwatch_build_info{version=\"" IXWATCH_VERSION "\"} 1\n");
	for (size_t i = 0; i < sizeof(gauges) / sizeof(gauges[0]); i++)
		put_gauge(&text, world, &gauges[i]);
	put_header(&text, "ixwatch_port_state", "gauge",
		   "How the port stands: 1 for the state that holds.");
	put_set(&text, world, "ixwatch_port_state", "state", STATE_COUNT, state_name, state_of);
	put_header(&text, "ixwatch_port_verdict", "gauge",
		   "The verdict on the port: 1 for the one that holds.");
	put_set(&text, world, "ixwatch_port_verdict", "verdict", VERDICT_COUNT, verdict_name,
		verdict_of);
	put_connections(&text, world);
	put_quality(&text, world);
	put_collector(&text, world);
	put_outbox(&text, request);
	put_web(&text, request);
	reply_text(reply, 200, "text/plain; version=0.0.4; charset=utf-8", &text);
}
