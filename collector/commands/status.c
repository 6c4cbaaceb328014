/* status.c - `ixwatch status`: the ports and how they stand, from the ledger and the last snapshot. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/options.h"
#include "ixwatch/capacity.h"
#include "ixwatch/clock.h"
#include "ixwatch/control.h"
#include "ixwatch/json.h"
#include "ixwatch/ledger.h"
#include "ixwatch/ledger_move.h"
#include "ixwatch/port_json.h"
#include "ixwatch/self_watch.h"
#include "ixwatch/snapshot.h"
#include "ixwatch/units.h"

#define ANSWER_TIMEOUT_MS 2000
#define NAME_SIZE         400

struct status {
	const struct config *config;
	struct ledger *ledger;
	struct error *err;
	bool failed;
	const struct snapshot *snapshot; /* NULL: no round was made yet */
	struct json *collector;          /* what it answers; NULL: nothing */
	bool fresh;
	bool as_json;
	uint64_t printed; /* ports, as JSON */
	uint32_t counts[STATE_COUNT];
	uint64_t refused[QUALITY_COUNT];
	struct row *rows; /* as text: kept until all are known */
	size_t row_count;
	FILE *notes; /* as text: about capacities and moves, a line each; NULL: none */
	char *notes_text;
	size_t notes_len;
};

/* A row of the text form, kept until all are known: the worst stand first. */
struct row {
	char *line;
	unsigned severity;
	double fullest;
};

static unsigned
severity_of(enum port_state state)
{
	static const unsigned severity[STATE_COUNT] = {
		[STATE_SUSTAINED] = 0, [STATE_SPIKE] = 1, [STATE_HOT] = 2,
		[STATE_UNKNOWN] = 3,   [STATE_DOWN] = 4,  [STATE_CLEAR] = 5,
	};

	return severity[state];
}

static int
worse_first(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->severity != y->severity)
		return x->severity < y->severity ? -1 : 1;
	return x->fullest > y->fullest ? -1 : x->fullest < y->fullest;
}

/* How many octets printf must pad to, so that `width` characters show. */
static int
padded(const char *text, int width)
{
	int extra = 0;

	for (; *text != '\0'; text++)
		extra += ((unsigned char)*text & 0xc0) == 0x80;
	return width + extra;
}

static char *
row_text(const struct port *port, const struct snapshot_port *now)
{
	char name[400], in[16], out[16], capacity[32], peer[300] = "", *line = NULL;
	const char *verdict = now->verdict == VERDICT_ROUTINE || now->verdict == VERDICT_RECURRING
				  ? model_verdict_name((enum verdict)now->verdict)
				  : "";

	snprintf(name, sizeof(name), "%s/%s/%s", port->exchange, port->agent, port->interface);
	if (port->asn != 0)
		snprintf(peer, sizeof(peer), "AS%u %s", port->asn, port->peer);
	if (asprintf(&line, "%5" PRId64 "  %-10s %-10s in %7s  out %7s  of %-13s %-*s %-*s %s",
		     port->id, model_state_name((enum port_state)now->state), verdict,
		     units_format_share(in, sizeof(in), now->utilisation[DIRECTION_IN]),
		     units_format_share(out, sizeof(out), now->utilisation[DIRECTION_OUT]),
		     units_format_bps(capacity, sizeof(capacity), now->capacity_bps),
		     padded(name, 38), name, padded(peer, 30), peer,
		     snapshot_reason_text((enum unknown_reason)now->reason)) < 0)
		return NULL;
	return line;
}

static void
row_keep(struct status *status, const struct port *port, const struct snapshot_port *now)
{
	struct row *grown = realloc(status->rows, (status->row_count + 1) * sizeof(*grown));

	if (grown == NULL)
		return;
	status->rows = grown;
	grown[status->row_count++] = (struct row) {
		.line = row_text(port, now),
		.severity = severity_of((enum port_state)now->state),
		.fullest = fmax(now->utilisation[DIRECTION_IN], now->utilisation[DIRECTION_OUT]),
	};
}

static void
rows_print(struct status *status)
{
	if (status->row_count > 0)
		qsort(status->rows, status->row_count, sizeof(*status->rows), worse_first);
	for (size_t i = 0; i < status->row_count; i++) {
		if (status->rows[i].line != NULL)
			puts(status->rows[i].line);
		free(status->rows[i].line);
	}
	free(status->rows);
}

/* --- capacities --- */

static double
setting_bps(const struct config *config, const struct port *port)
{
	const struct config_exchange *exchange = config_exchange_find(config, port->exchange);
	const struct config_port *block =
	    exchange != NULL ? config_port_find(exchange, port->agent, port->interface) : NULL;

	return block != NULL ? block->capacity_bps : NAN;
}

/* A LAG's members: as JSON, or how many are live and which are not. */
struct lag_seen {
	struct json *list; /* as JSON, once there is one */
	bool as_json;
	unsigned count, live_count;
	char others[160];
};

static bool
on_member(const struct ledger_lag_member *member, void *user)
{
	struct lag_seen *seen = user;
	size_t len = strlen(seen->others);

	seen->count++;
	if (seen->as_json && seen->list == NULL)
		seen->list = json_array_new();
	if (seen->as_json)
		capacity_member_json(seen->list, member);
	else if (member->state == MEMBER_LIVE)
		seen->live_count++;
	else
		snprintf(seen->others + len, sizeof(seen->others) - len, "%s%s is %s",
			 len > 0 ? ", " : "", member->interface,
			 model_member_state_name(member->state));
	return true;
}

static void
note_add(struct status *status, const char *about, const struct port *port, const char *text)
{
	if (status->notes == NULL)
		status->notes = open_memstream(&status->notes_text, &status->notes_len);
	if (status->notes != NULL)
		fprintf(status->notes, "%s %" PRId64 " %s/%s/%s: %s\n", about, port->id,
			port->exchange, port->agent, port->interface, text);
}

static void
notes_add(struct status *status, const struct port *port, const struct capacity_sources *sources,
	  const struct lag_seen *seen)
{
	struct capacity_disagreement found[CAPACITY_DISAGREEMENTS_MAX];
	size_t count = capacity_disagreements(sources, found);
	char text[256];

	if (seen->live_count < seen->count) {
		snprintf(text, sizeof(text), "%u of %u members of the LAG are live; %s",
			 seen->live_count, seen->count, seen->others);
		note_add(status, "capacity", port, text);
	}
	for (size_t i = 0; i < count; i++)
		note_add(status, "capacity", port, found[i].text);
}

/* in: the port as JSON; NULL: as text. */
static void
capacity_tell(struct status *status, struct json *in, const struct port *port,
	      const struct snapshot_port *now)
{
	struct capacity_sources sources =
	    capacity_sources_of(port, now, setting_bps(status->config, port));
	struct lag_seen seen = { .as_json = in != NULL };

	if (!ledger_lag_members_each(status->ledger, port->id, on_member, &seen, status->err)) {
		json_free(seen.list);
		status->failed = true;
	} else if (in == NULL) {
		notes_add(status, port, &sources, &seen);
	} else {
		capacity_lag_json(in, seen.list, now);
		capacity_disagreements_json(in, &sources);
	}
}

/* --- ports that were re-patched --- */

static bool
on_named(const struct port *port, void *user)
{
	char *name = user;

	snprintf(name, NAME_SIZE, "%s/%s/%s", port->exchange, port->agent, port->interface);
	return false;
}

/* in: the port as JSON; NULL: as text. */
static void
way_tell(struct status *status, struct json *in, const struct port *port)
{
	char id[32], name[NAME_SIZE] = "", at[32], text[NAME_SIZE + 64];
	struct ledger_way way;

	if (!ledger_move_of(status->ledger, port->id, &way, status->err)) {
		status->failed = true;
		return;
	}
	if (in != NULL) {
		port_json_way(in, &way);
		return;
	}
	if (way.continues == 0)
		return;
	snprintf(id, sizeof(id), "%" PRId64, way.continues);
	if (!ledger_port_find(status->ledger, id, on_named, name, status->err)) {
		status->failed = true;
		return;
	}
	snprintf(text, sizeof(text), "continues %s from %s on", name,
		 units_format_utc(at, sizeof(at), way.continues_utc_sec));
	note_add(status, "re-patched", port, text);
}

/* --- as JSON: the head, then port by port, so that what is held does not grow with them --- */

/* A document of one port: what is between these is that port as it stands in the document of all. */
#define ONE_BEGIN "{\n  \"ports\": ["
#define ONE_END   "\n  ]\n}"
#define NONE_END  "]\n}" /* of the document without a port */

static void
port_print(struct status *status, const struct port *port, const struct snapshot_port *now)
{
	struct json *root = json_object_new();
	struct json *object = port_json_put(json_put_array(root, "ports"), "", port, now);
	size_t len, begin = sizeof(ONE_BEGIN) - 1, end = sizeof(ONE_END) - 1;
	char *text;

	capacity_tell(status, object, port, now);
	way_tell(status, object, port);
	text = status->failed ? NULL : json_print_dup(root, true, &len);
	json_free(root);
	if (text == NULL && !status->failed)
		status->failed = !error_set(status->err, ERR_NOMEM, "out of memory");
	if (text == NULL)
		return;
	if (status->printed++ > 0)
		putchar(',');
	fwrite(text + begin, 1, len - begin - end, stdout);
	free(text);
}

static bool
on_port(const struct port *port, void *user)
{
	struct status *status = user;
	const struct snapshot_port *view =
	    status->snapshot != NULL ? snapshot_port_find(status->snapshot, port->id) : NULL;
	struct snapshot_port held;
	const struct snapshot_port *now = snapshot_port_now(view, status->fresh, &held);

	status->counts[now->state]++;
	for (int q = 0; q < QUALITY_COUNT; q++)
		status->refused[q] += now->quality[q];
	if (status->as_json) {
		port_print(status, port, now);
		return !status->failed;
	}
	row_keep(status, port, now);
	capacity_tell(status, NULL, port, now);
	way_tell(status, NULL, port);
	return !status->failed;
}

static void
print_sum(const struct status *status)
{
	char at[32];

	printf("\n");
	for (int s = 0; s < STATE_COUNT; s++)
		if (status->counts[s] > 0)
			printf("%u %s  ", status->counts[s], model_state_name((enum port_state)s));
	if (status->snapshot == NULL)
		printf("\nno round was made yet\n");
	else
		printf("\nlast round %s%s\n",
		       units_format_utc(at, sizeof(at), status->snapshot->round_utc_sec),
		       status->fresh ? "" : ": the collector is not running, or is stuck");
}

/* What only the collector knows; NULL when none answers. */
static struct json *
collector_ask(const char *state_dir)
{
	struct json *request = json_object_new(), *answer = NULL;

	json_put_text(request, "op", "status");
	if (!control_ask(state_dir, request, ANSWER_TIMEOUT_MS, &answer, NULL))
		answer = NULL;
	json_free(request);
	return answer;
}

static void
print_collector(const struct json *answer)
{
	const char *trouble = json_text(json_get(answer, "config_trouble"), "");
	const char *reports = json_text(json_get(json_get(answer, "reports"), "trouble"), "");
	int64_t aside = 0;

	if (trouble[0] != '\0')
		printf("configuration not taken: %s\n", trouble);
	if (reports[0] != '\0')
		printf("weekly letters: %s\n", reports);
	json_int(json_get(answer, "series_set_aside"), &aside);
	if (aside > 0)
		printf("%" PRId64 " damaged series set aside since the start: the log says which\n",
		       aside);
}

static void
put_collector(struct json *root, const struct json *answer)
{
	const char *trouble = json_text(json_get(answer, "config_trouble"), "");
	int64_t aside = 0;

	json_put_text(root, "config_trouble", trouble[0] != '\0' ? trouble : NULL);
	json_put_copy(root, "reports", json_get(answer, "reports"));
	if (json_int(json_get(answer, "series_set_aside"), &aside))
		json_put_int(root, "series_set_aside", aside);
	else
		json_put_null(root, "series_set_aside");
}

static void
print_refused(const struct status *status)
{
	bool any = false;

	for (int q = 0; q < QUALITY_COUNT; q++)
		if (status->refused[q] > 0) {
			printf("%s %s %" PRIu64, any ? "," : "refused since the start:",
			       model_quality_name((enum quality_reason)q), status->refused[q]);
			any = true;
		}
	if (any)
		printf("\n");
}

/* Only what there was. */
static void
print_failures(const struct snapshot *snapshot)
{
	bool any = false;

	for (int f = 0; f < POLL_FAILURE_COUNT; f++) {
		unsigned long count = self_polls_failed(snapshot, (enum poll_failure)f);

		if (count == 0)
			continue;
		printf("%s %s %lu", any ? "," : "polls failed since the start:",
		       poll_failure_name((enum poll_failure)f), count);
		any = true;
	}
	if (any)
		printf("\n");
}

static void
print_self(const struct snapshot *snapshot, bool fresh)
{
	const double *self = snapshot->self;

	print_failures(snapshot);
	if (self[SELF_ROUNDS_LATE] > 0)
		printf("%.0f rounds of agents late since the start, the latest by %.1f s\n",
		       self[SELF_ROUNDS_LATE], self[SELF_LATE_SEC]);
	if (fresh)
		printf("collector: %.0f requests in flight, %.0f samples on their way into %.0f "
		       "files, %.1f MB of memory, %.1f s of CPU, %.1f GB of disk free\n",
		       self[SELF_REQUESTS_IN_FLIGHT], self[SELF_SERIES_PENDING],
		       self[SELF_SERIES_FILES_WAITING], self[SELF_RESIDENT_OCTETS] / 1e6,
		       self[SELF_CPU_SEC], self[SELF_DISK_FREE_OCTETS] / 1e9);
}

static void
print_agents(const struct snapshot *snapshot)
{
	for (uint32_t i = 0; i < snapshot->agent_count; i++)
		if (snapshot->agents[i].trouble[0] != '\0')
			printf("agent %s/%s %s: %s\n", snapshot->agents[i].exchange,
			       snapshot->agents[i].name, snapshot->agents[i].address,
			       snapshot->agents[i].trouble);
	for (uint32_t i = 0; i < snapshot->agent_count; i++) {
		const struct snapshot_agent *agent = &snapshot->agents[i];

		if (agent->refresh_ms > 0)
			printf("agent %s/%s %s: takes its counters every %.1f s\n", agent->exchange,
			       agent->name, agent->address, agent->refresh_ms / 1000.0);
		if (agent->time_is_ours)
			printf("agent %s/%s %s: its sysUpTime is missing or does not keep time; "
			       "ours does\n",
			       agent->exchange, agent->name, agent->address);
	}
}

static void
put_agents(struct json *root, const struct snapshot *snapshot, bool fresh)
{
	struct json *agents = json_put_array(root, "agents");

	for (uint32_t i = 0; snapshot != NULL && i < snapshot->agent_count; i++) {
		const struct snapshot_agent *agent = &snapshot->agents[i];
		struct json *object = json_put_object(agents, "");

		json_put_text(object, "exchange", agent->exchange);
		json_put_text(object, "name", agent->name);
		json_put_text(object, "address", agent->address);
		json_put_utc(object, "answered_at", agent->answered_utc_sec);
		json_put_int(object, "ports", agent->port_count);
		json_put_text(object, "time", agent->time_is_ours ? "ours" : "agent");
		json_put_number(object, "refresh_sec",
				agent->refresh_ms > 0 ? agent->refresh_ms / 1000.0 : NAN);
		json_put_text(object, "trouble", agent->trouble[0] != '\0' ? agent->trouble : NULL);
		json_put_int(object, "polls_ok", agent->polls_ok);
		json_put_int(object, "polls_failed", agent->polls_failed);
		self_watch_agent_json(object, agent, fresh);
	}
}

static bool
status_json(struct ledger *ledger, struct status *status, struct error *err)
{
	struct json *root = json_object_new();
	size_t len;
	char *text;

	if (status->snapshot != NULL)
		json_put_utc(root, "round_at", status->snapshot->round_utc_sec);
	else
		json_put_null(root, "round_at");
	json_put_bool(root, "collector_running", status->fresh);
	put_collector(root, status->collector);
	if (status->snapshot != NULL)
		self_watch_json(json_put_object(root, "collector"), status->snapshot,
				status->fresh);
	else
		json_put_null(root, "collector");
	put_agents(root, status->snapshot, status->fresh);
	json_put_array(root, "ports");
	text = json_print_dup(root, true, &len);
	json_free(root);
	if (text == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	fwrite(text, 1, len - (sizeof(NONE_END) - 1), stdout);
	free(text);
	if (!ledger_port_each(ledger, on_port, status, err) || status->failed)
		return false; /* what was printed is no whole document */
	puts(status->printed > 0 ? ONE_END : NONE_END);
	return true;
}

static bool
status_text(struct ledger *ledger, struct status *status, struct error *err)
{
	bool done = ledger_port_each(ledger, on_port, status, err) && !status->failed;

	rows_print(status);
	if (status->notes != NULL && fclose(status->notes) == 0 && done)
		fputs(status->notes_text, stdout);
	free(status->notes_text);
	if (!done)
		return false;
	if (status->snapshot != NULL)
		print_agents(status->snapshot);
	print_collector(status->collector);
	print_sum(status);
	print_refused(status);
	if (status->snapshot != NULL)
		print_self(status->snapshot, status->fresh);
	return true;
}

static bool
status_print(const struct config *config, bool as_json, struct error *err)
{
	struct snapshot *snapshot = NULL;
	struct ledger *ledger = NULL;
	struct status status = { 0 };
	bool done;

	if (!ledger_open(&ledger, config->state_dir, LEDGER_READ, err)) {
		if (err->code == ERR_NOT_FOUND)
			error_set(err, ERR_NOT_FOUND, "%s: no collector has run here yet",
				  config->state_dir);
		return false;
	}
	if (!snapshot_read(config->state_dir, &snapshot, err) && err->code != ERR_NOT_FOUND) {
		ledger_close(ledger);
		return false;
	}
	status.snapshot = snapshot;
	status.config = config;
	status.ledger = ledger;
	status.err = err;
	status.fresh = snapshot_is_fresh(snapshot, clock_utc_sec());
	status.collector = collector_ask(config->state_dir);
	status.as_json = as_json;
	done = as_json ? status_json(ledger, &status, err) : status_text(ledger, &status, err);
	json_free(status.collector);
	snapshot_free(snapshot);
	ledger_close(ledger);
	return done;
}

int
command_status(int argc, char **argv)
{
	const char *format = "text";
	const struct option_row rows[] = {
		{ "format", "text|json", &format, NULL, "json prints JSON and nothing else" },
	};
	struct option_set set = {
		.command = "status",
		.arguments = "",
		.about = "The ports and how they stand, whether or not a collector runs.",
		.rows = rows,
		.row_count = sizeof(rows) / sizeof(rows[0])
	};
	struct error err = { 0 };
	struct config *config;
	bool done;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (strcmp(format, "text") != 0 && strcmp(format, "json") != 0) {
		error_set(&err, ERR_USAGE, "--format %s: text or json is allowed", format);
		return options_fail("status", &err);
	}
	config = options_config(set.config_file);
	if (config == NULL)
		return 2;
	config_drop_secrets(config);
	done = status_print(config, strcmp(format, "json") == 0, &err);
	config_free(config);
	return done ? 0 : options_fail("status", &err);
}
