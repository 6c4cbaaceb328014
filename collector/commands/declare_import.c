/* declare_import.c - `ixwatch declare import`: the events of a calendar become declared windows.
 *
 * Each event is one request; what names it (UID and planned start) goes along, so that reading the same file again adds
 * nothing and an event that was moved takes the place of its old window. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "commands/declare_desk.h"
#include "commands/declare_parts.h"
#include "commands/options.h"
#include "declare.h"
#include "ixwatch/clock.h"
#include "ixwatch/units.h"

#define RECUR_AHEAD_SEC (INT64_C(90) * 86400)

struct import {
	const char *file, *scope, *cause, *author;
	const char *timezone; /* NULL: the exchange's */
	bool dry_run;
	struct ledger *ledger; /* read only */
	struct desk *desk;     /* NULL: a dry run */
	unsigned added, replaced, known, passed_over;
	struct error err; /* what ended it */
};

/* --- one event --- */

static struct json *
request_of(const struct import *import, const struct calendar_event *event)
{
	struct json *request = json_object_new();

	json_put_text(request, "op", "declare_add");
	json_put_text(request, "scope", import->scope);
	json_put_int(request, "from", event->start_utc_sec);
	json_put_int(request, "to", event->end_utc_sec);
	json_put_text(request, "cause", import->cause);
	json_put_text(request, "reason", event->summary[0] != '\0' ? event->summary : "(untitled)");
	json_put_text(request, "author", import->author);
	json_put_text(request, "uid", event->uid);
	return request;
}

static void
print_event(const struct calendar_event *event, const char *outcome)
{
	char from[32], to[32];

	printf("%-9s %s to %s  %s\n", outcome,
	       units_format_utc(from, sizeof(from), event->start_utc_sec),
	       units_format_utc(to, sizeof(to), event->end_utc_sec), event->summary);
}

static void
on_trouble(const char *sentence, void *user)
{
	struct import *import = user;

	import->passed_over++;
	fprintf(stderr, "ixwatch declare import: %s: passed over\n", sentence);
}

static void
pass_over(struct import *import, const struct calendar_event *event, const struct error *why)
{
	char sentence[CALENDAR_SUMMARY_MAX + sizeof(why->text) + 64], at[32];

	snprintf(sentence, sizeof(sentence), "event \"%s\" of %s: %s", event->summary,
		 units_format_utc(at, sizeof(at), event->start_utc_sec), why->text);
	on_trouble(sentence, import);
}

static void
count_outcome(struct import *import, const struct calendar_event *event, const char *outcome)
{
	print_event(event, outcome);
	if (strcmp(outcome, "known") == 0)
		import->known++;
	else if (strcmp(outcome, "replaced") == 0)
		import->replaced++;
	else
		import->added++;
}

static bool
ask(struct import *import, const struct calendar_event *event, const struct json *request,
    struct error *err)
{
	struct json *answer = NULL;
	const char *outcome;

	if (import->dry_run) {
		if (!declare_add_foresee(import->ledger, request, &outcome, err))
			return false;
		count_outcome(import, event, outcome);
		return true;
	}
	if (!desk_ask(import->desk, request, &answer, err))
		return false;
	count_outcome(import, event, json_text(json_get(answer, "outcome"), ""));
	json_free(answer);
	return true;
}

/* Scope, cause and author are the same for all: wrong ones are wrong use, told once. */
static bool
check_common(const struct import *import, struct error *err)
{
	struct calendar_event probe = {
		.uid = "-", .summary = "-", .start_utc_sec = 1000000000, .end_utc_sec = 1000000001
	};
	struct json *request = request_of(import, &probe);
	bool fine = declare_add_check(request, err);

	json_free(request);
	return fine;
}

/* An event that makes no window is passed over; trouble with the register ends it all. */
static bool
on_event(const struct calendar_event *event, void *user)
{
	struct import *import = user;
	struct json *request = request_of(import, event);
	struct error why = { 0 };

	if (!declare_add_check(request, &why))
		pass_over(import, event, &why);
	else if (!ask(import, event, request, &why))
		import->err = why;
	json_free(request);
	return import->err.code == ERR_NONE;
}

/* --- the zone of times that name none --- */

struct slug {
	char text[256];
};

static bool
on_port(const struct port *port, void *user)
{
	struct slug *slug = user;

	snprintf(slug->text, sizeof(slug->text), "%s", port->exchange);
	return false;
}

/* The exchange at which a scope lies; "" when it lies at none, or is no scope. */
static bool
exchange_of(struct slug *slug, struct ledger *ledger, const char *scope, struct error *err)
{
	const char *value = strchr(scope, ':');

	slug->text[0] = '\0';
	if (strncmp(scope, "port:", 5) == 0)
		return ledger_port_find(ledger, value + 1, on_port, slug, err);
	if (strncmp(scope, "agent:", 6) == 0 || strncmp(scope, "exchange:", 9) == 0)
		snprintf(slug->text, sizeof(slug->text), "%.*s", (int)strcspn(value + 1, "/"),
			 value + 1);
	return true;
}

/* What was asked for; else the exchange's; else UTC. */
static bool
settle_zone(struct import *import, const struct config *config, struct error *err)
{
	const struct config_exchange *exchange;
	struct slug slug;

	if (import->timezone != NULL)
		return true;
	if (!exchange_of(&slug, import->ledger, import->scope, err))
		return false;
	exchange = config_exchange_find(config, slug.text);
	import->timezone = exchange != NULL ? exchange->timezone : "UTC";
	return true;
}

/* --- the whole --- */

static bool
read_file(struct import *import, struct error *err)
{
	struct calendar_terms terms = {
		.zone = import->timezone,
		.from_utc_sec = clock_utc_sec(),
		.to_utc_sec = clock_utc_sec() + RECUR_AHEAD_SEC,
	};

	if (!calendar_read(import->file, &terms, on_event, on_trouble, import, err))
		return false;
	return import->err.code == ERR_NONE ||
	       error_set(err, import->err.code, "%s", import->err.text);
}

/* The ledger is only read, for names and for a dry run; what is to be written goes over the desk. */
static bool
run(struct import *import, const struct config *config, struct error *err)
{
	bool done = check_common(import, err) &&
		    (import->dry_run || desk_open(&import->desk, config, err)) &&
		    ledger_open(&import->ledger, config->state_dir, LEDGER_READ, err) &&
		    settle_zone(import, config, err) && read_file(import, err) &&
		    (import->dry_run || desk_finish(import->desk, err));

	ledger_close(import->ledger);
	desk_close(import->desk);
	return done;
}

static void
print_sum(const struct import *import)
{
	printf("%s%u added, %u replaced, %u known already, %u passed over\n",
	       import->dry_run ? "dry run, nothing is changed: " : "", import->added,
	       import->replaced, import->known, import->passed_over);
}

static int
import_with(struct import *import, const char *config_file)
{
	struct config *config = options_config(config_file);
	struct error err = { 0 };
	bool done;

	if (config == NULL)
		return 2;
	config_drop_secrets(config);
	done = run(import, config, &err);
	if (done)
		print_sum(import);
	config_free(config);
	if (!done)
		return options_fail("declare import", &err);
	return import->passed_over > 0 ? 1 : 0;
}

int
declare_command_import(int argc, char **argv)
{
	struct import import = { .author = desk_login_name() };
	const char *words[1];
	const struct option_row rows[] = {
		{ "scope", "SCOPE", &import.scope, NULL,
		  "port:PORT, peer:ASN, agent:EXCHANGE/AGENT or exchange:SLUG" },
		{ "cause", "CAUSE", &import.cause, NULL,
		  "event, works, attack, failover, exchange or ours" },
		{ "timezone", "ZONE", &import.timezone, NULL,
		  "of times that name none (default: the exchange's, else UTC)" },
		{ "author", "NAME", &import.author, NULL, "who says so (default: the login name)" },
		{ "dry-run", NULL, NULL, &import.dry_run, "say what would be done" },
	};
	struct option_set set = {
		.command = "declare import",
		.arguments = "FILE.ics --scope SCOPE --cause CAUSE",
		.about =
		    "Declares the events of an iCalendar file, their summary as the reason; "
		    "recurring ones within the next\n90 days. The same file again adds nothing; an "
		    "event that was moved replaces its window. An event that\nmakes no window is "
		    "told and passed over: exit status 1.",
		.rows = rows,
		.row_count = sizeof(rows) / sizeof(rows[0]),
		.words = words,
		.word_max = 1,
	};

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (set.word_count != 1 || import.scope == NULL || import.cause == NULL) {
		fprintf(stderr, "ixwatch declare import: needs FILE.ics, --scope and --cause (see "
				"ixwatch declare import --help)\n");
		return 2;
	}
	import.file = words[0];
	return import_with(&import, set.config_file);
}
