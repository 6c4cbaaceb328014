/* options.c - see options.h. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "instant.h"
#include "options.h"
#include "traffic.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define DAY_SEC  86400

enum option_type {
	OPTION_FLAG,        /* bool */
	OPTION_UINT,        /* uint64_t, min to max */
	OPTION_INT,         /* int64_t, -max to max */
	OPTION_PERCENT,     /* double, 0..1 */
	OPTION_TEXT,        /* const char *, fit to stand between quotes of a configuration */
	OPTION_DURATION,    /* const char *, "400d" */
	OPTION_SECONDS,     /* int64_t, from "400d" */
	OPTION_INSTANT,     /* int64_t, ticks */
	OPTION_INSTANT_SEC, /* int64_t, seconds */
	OPTION_TIME_OF_DAY, /* int64_t, 1 to 86400 seconds, from "20:30" */
	OPTION_FAULT,       /* one more of the list */
};

struct option {
	const char *name, *argument; /* argument NULL: a flag */
	unsigned commands;
	enum option_type type;
	size_t field; /* in struct options */
	uint64_t min, max;
	const char *help;
};

#define FIELD(f)     offsetof(struct options, f)
#define SPAN         (COMMAND_HISTORY | COMMAND_TRUTH)
#define TEXTS(f)     OPTION_TEXT, FIELD(f), 0, 0
#define DURATIONS(f) OPTION_DURATION, FIELD(f), 0, 0

/* clang-format off */
static const struct option options_table[] = {
	/* The world: equal values give an equal world and an equal past. */
	{ "exchanges", "N", COMMAND_ALL, OPTION_UINT, FIELD(world.exchange_count), 1, 1000,
	    "exchanges (3)" },
	{ "agents", "N", COMMAND_ALL, OPTION_UINT, FIELD(world.agent_count), 1, WORLD_MAX_AGENTS,
	    "switches, each an SNMP agent at 127.1.x.y (two an exchange)" },
	{ "ports", "N", COMMAND_ALL, OPTION_UINT, FIELD(world.port_count), 0, 10000000,
	    "ports that face a peer, in all (120)" },
	{ "seed", "N", COMMAND_ALL, OPTION_UINT, FIELD(world.seed), 0, UINT64_MAX, "draws the world (1)" },
	{ "epoch", "TIME", COMMAND_ALL, OPTION_INSTANT_SEC, FIELD(world.story.epoch_utc_sec), 0, 0,
	    "the day the story is told on: events lie before it (last midnight, UTC)" },
	{ "boot-age", "SPAN", COMMAND_ALL, OPTION_SECONDS, FIELD(world.boot_age_sec), 0, 0,
	    "agents booted at most so long before the epoch (9d)" },
	{ "lag-loss", "TIME", COMMAND_ALL, OPTION_INSTANT_SEC, FIELD(world.story.lag_loss_utc_sec), 0, 0,
	    "when a LAG loses a member (3 days before the epoch, at 10:20 UTC)" },
	{ "lag-restore", "TIME", COMMAND_ALL, OPTION_INSTANT_SEC, FIELD(world.story.lag_restore_utc_sec), 0,
	    0, "when it gets it back (never)" },
	{ "far-evening", "HH:MM", COMMAND_ALL, OPTION_TIME_OF_DAY, FIELD(world.story.far_evening_sec), 0, 0,
	    "UTC; a peer is on whose viewers live elsewhere: so late is it when their evening\n"
	    "                           fills its port, for an hour before and after (none is)" },
	{ "now-offset", "SEC", COMMAND_ALL, OPTION_INT, FIELD(now_offset_sec), 0, INT32_MAX,
	    "added to the wall clock (0)" },
	/* Agents. */
	{ "udp-port", "PORT", COMMAND_RUN | COMMAND_CONFIG, OPTION_UINT, FIELD(udp_port), 0, 65535,
	    "of every agent; 0: the system chooses (run: 0, config: 1161)" },
	{ "community", "TEXT", COMMAND_RUN | COMMAND_CONFIG, TEXTS(community), "SNMPv2c community (public)" },
	{ "drop", "PERCENT", COMMAND_RUN, OPTION_PERCENT, FIELD(drop_share), 0, 0,
	    "of the requests are lost (0)" },
	{ "silent", "PERCENT", COMMAND_RUN, OPTION_PERCENT, FIELD(silent_share), 0, 0,
	    "of the agents, evenly spread, never answer (0)" },
	{ "max-size", "OCTETS", COMMAND_RUN, OPTION_UINT, FIELD(max_size), 484, 65507,
	    "largest answer; more is tooBig, GETBULK is cut (1472)" },
	{ "fault", "WHO:WHAT@WHEN", COMMAND_RUN, OPTION_FAULT, FIELD(faults), 0, 0,
	    "demo-fra/edge1:silent@TIME[/TIME], :reboot@TIME, :renumber@TIME (a reboot that\n"
	    "                           moves every ifIndex), demo-fra/edge1/IFNAME:vanish@TIME[/TIME],\n"
	    "                           :down@TIME[/TIME], :detach@TIME[/TIME] (out of its LAG); repeatable" },
	{ "until-stdin-closes", NULL, COMMAND_RUN, OPTION_FLAG, FIELD(until_stdin_closes), 0, 0,
	    "end with standard input, so never outlive a parent" },
	/* The configuration. */
	{ "state-dir", "DIR", COMMAND_CONFIG, TEXTS(state_dir), "where ixwatch keeps its files (ixwatch-demo)" },
	{ "interval", "SPAN", COMMAND_CONFIG, DURATIONS(interval), "between polls (2s)" },
	{ "listen", "ADDRESS:PORT", COMMAND_CONFIG, TEXTS(listen), "of the pages (127.0.0.1:8080)" },
	{ "archive-interval", "SPAN", COMMAND_CONFIG, DURATIONS(archive_interval), "how long polls are kept (1h)" },
	{ "archive-step", "SPAN", COMMAND_CONFIG, DURATIONS(archive_step), "how long 5 minutes are kept (60d)" },
	{ "archive-hour", "SPAN", COMMAND_CONFIG, DURATIONS(archive_hour), "how long hours are kept (400d)" },
	{ "archive-day", "SPAN", COMMAND_CONFIG, DURATIONS(archive_day), "how long days are kept (3650d)" },
	/* The past. */
	{ "exchange", "SLUG", SPAN, TEXTS(exchange), "the port's exchange" },
	{ "agent", "NAME", SPAN, TEXTS(agent), "the port's agent" },
	{ "interface", "IFNAME", SPAN, TEXTS(interface), "the port's ifName" },
	{ "all", NULL, SPAN, OPTION_FLAG, FIELD(all), 0, 0, "every port that faces a peer" },
	{ "dir", "DIR", COMMAND_HISTORY, TEXTS(dir),
	    "where --all puts <exchange>__<agent>__<ifName>.csv, made if need be" },
	{ "from", "TIME", SPAN, OPTION_INSTANT, FIELD(from_ticks), 0, 0,
	    "Unix seconds (history and truth: to 1/100 s), RFC 3339, now, now-35d" },
	{ "to", "TIME", SPAN, OPTION_INSTANT, FIELD(to_ticks), 0, 0, "the same" },
	{ "step", "SECONDS", COMMAND_HISTORY, OPTION_UINT, FIELD(step_sec), 1, DAY_SEC,
	    "of the rows; they end at its multiples (300)" },
};
/* clang-format on */

/* What `run` takes every command takes, so that one list of options serves a whole test. */
static bool
is_taken(const struct option *o, enum command command)
{
	return (o->commands & (command | COMMAND_RUN)) != 0;
}

static const struct option *
find_option(const char *name, size_t len, enum command command)
{
	for (size_t i = 0; i < COUNT(options_table); i++) {
		const struct option *o = &options_table[i];

		if (strlen(o->name) == len && memcmp(o->name, name, len) == 0 &&
		    is_taken(o, command))
			return o;
	}
	return NULL;
}

/* --- values --- */

static bool
parse_uint(uint64_t *number, const struct option *o, const char *text, struct complaint *complaint)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end != '\0' || errno != 0 || *number < o->min ||
	    *number > o->max)
		return complain(complaint,
				"--%s: \"%s\" is no whole number from %" PRIu64 " to %" PRIu64,
				o->name, text, o->min, o->max);
	return true;
}

static bool
parse_int(int64_t *number, const struct option *o, const char *text, struct complaint *complaint)
{
	uint64_t size;

	if (!parse_uint(&size, o, text + (*text == '-'), complaint))
		return false;
	*number = *text == '-' ? -(int64_t)size : (int64_t)size;
	return true;
}

static bool
parse_percent(double *share, const struct option *o, const char *text, struct complaint *complaint)
{
	char *end;
	double percent = strtod(text, &end);

	if (end == text || (*end != '\0' && strcmp(end, "%") != 0) ||
	    !(percent >= 0.0 && percent <= 100.0))
		return complain(complaint, "--%s: \"%s\" is no percentage from 0 to 100", o->name,
				text);
	*share = percent / 100.0;
	return true;
}

/* Texts end up between double quotes of a configuration. */
static bool
check_text(const struct option *o, const char *text, struct complaint *complaint)
{
	for (const char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || strchr("\"'\\$", *c) != NULL)
			return complain(complaint, "--%s: no control characters, quotes, \\ or $",
					o->name);
	if (*text == '\0' || strlen(text) > 255)
		return complain(complaint, "--%s: from 1 to 255 octets", o->name);
	return true;
}

static bool
parse_duration(int64_t *sec, const struct option *o, const char *text, struct complaint *complaint)
{
	return duration_parse(sec, text) ||
	       complain(complaint,
			"--%s: \"%s\" is no duration; allowed are 90s, 30m, 12h, 400d, 2w", o->name,
			text);
}

static bool
parse_time_of_day(int64_t *sec, const struct option *o, const char *text,
		  struct complaint *complaint)
{
	static const char form[] = "00:00";

	for (size_t i = 0; i < sizeof(form); i++)
		if (form[i] == '0' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
			return complain(complaint,
					"--%s: \"%s\" is no time of day; allowed are "
					"00:00 to 23:59",
					o->name, text);
	*sec = atoi(text) * 3600 + atoi(text + 3) * 60;
	if (*sec >= DAY_SEC || atoi(text + 3) >= 60)
		return complain(complaint,
				"--%s: \"%s\" is no time of day; allowed are 00:00 to "
				"23:59",
				o->name, text);
	if (*sec == 0)
		*sec = DAY_SEC; /* 0: it was not given */
	return true;
}

static bool
add_fault(struct options *options, const char *text, struct complaint *complaint)
{
	if (options->fault_count == OPTIONS_MAX_FAULTS)
		return complain(complaint, "--fault: at most %d of them", OPTIONS_MAX_FAULTS);
	options->faults[options->fault_count++] = text;
	return true;
}

static bool
set_value(struct options *options, const struct option *o, const char *text,
	  struct complaint *complaint)
{
	void *field = (char *)options + o->field;
	char key[64];
	int64_t number;

	snprintf(key, sizeof(key), "--%s", o->name);
	switch (o->type) {
	case OPTION_FLAG: *(bool *)field = true; return true;
	case OPTION_UINT: return parse_uint(field, o, text, complaint);
	case OPTION_INT: return parse_int(field, o, text, complaint);
	case OPTION_PERCENT: return parse_percent(field, o, text, complaint);
	case OPTION_SECONDS: return parse_duration(field, o, text, complaint);
	case OPTION_TIME_OF_DAY: return parse_time_of_day(field, o, text, complaint);
	case OPTION_FAULT: return add_fault(options, text, complaint);
	case OPTION_INSTANT: return instant_parse(field, key, text, options->now_ticks, complaint);
	case OPTION_INSTANT_SEC:
		if (!instant_parse(&number, key, text, options->now_ticks, complaint))
			return false;
		*(int64_t *)field = floor_div(number, TICKS_PER_SEC);
		return true;
	case OPTION_DURATION:
		if (!parse_duration(&number, o, text, complaint))
			return false;
		break;
	case OPTION_TEXT:
		if (!check_text(o, text, complaint))
			return false;
		break;
	}
	*(const char **)field = text;
	return true;
}

/* --- the line --- */

#define UNSET INT64_MIN

static void
set_defaults(struct options *options, enum command command)
{
	*options = (struct options) {
		.world = { .exchange_count = 3,
			   .port_count = 120,
			   .seed = 1,
			   .boot_age_sec = 9 * DAY_SEC },
		.udp_port = command == COMMAND_CONFIG ? 1161 : 0,
		.community = "public",
		.max_size = 1472,
		.state_dir = "ixwatch-demo",
		.interval = "2s",
		.listen = "127.0.0.1:8080",
		.archive_interval = "1h",
		.archive_step = "60d",
		.archive_hour = "400d",
		.archive_day = "3650d",
		.from_ticks = UNSET,
		.to_ticks = UNSET,
		.step_sec = 300,
	};
	options->world.story = (struct story) { UNSET, UNSET, UNSET, 0 };
}

/* Defaults that hang on other options. */
static void
complete(struct options *options)
{
	struct story *story = &options->world.story;
	int64_t today = floor_div(options->now_ticks, DAY_SEC * TICKS_PER_SEC) * DAY_SEC;

	if (options->world.agent_count == 0)
		options->world.agent_count = 2 * options->world.exchange_count;
	if (story->epoch_utc_sec == UNSET)
		story->epoch_utc_sec = today;
	if (story->lag_loss_utc_sec == UNSET)
		story->lag_loss_utc_sec = story->epoch_utc_sec - 3 * DAY_SEC + 37200;
	if (story->lag_restore_utc_sec == UNSET)
		story->lag_restore_utc_sec = INT64_C(7258118400); /* 2200-01-01 */
}

/* An option and its value, "--name value" or "--name=value"; steps *i over what it took. */
static bool
take_option(const struct option **o, const char **value, enum command command, int argc,
	    char **argv, int *i, struct complaint *complaint)
{
	const char *name = argv[*i] + 2, *equals = strchr(argv[*i], '=');
	size_t len = equals != NULL ? (size_t)(equals - name) : strlen(argv[*i]) - 2;

	*o = strncmp(argv[*i], "--", 2) == 0 ? find_option(name, len, command) : NULL;
	if (*o == NULL)
		return complain(complaint, "\"%s\" is no option of this command; see --help",
				argv[*i]);
	*value = equals != NULL ? equals + 1 : NULL;
	if ((*o)->argument == NULL)
		return equals == NULL || complain(complaint, "--%s takes no value", (*o)->name);
	if (*value == NULL && *i + 1 < argc)
		*value = argv[++*i];
	return *value != NULL ||
	       complain(complaint, "--%s needs a value: %s", (*o)->name, (*o)->argument);
}

/* "now" in other options depends on --now-offset: that one is read first. */
static bool
parse_pass(struct options *options, enum command command, bool offset_only, int argc, char **argv,
	   struct complaint *complaint)
{
	for (int i = 0; i < argc; i++) {
		const struct option *o;
		const char *value;

		if (!take_option(&o, &value, command, argc, argv, &i, complaint))
			return false;
		if ((o->field == FIELD(now_offset_sec)) == offset_only &&
		    !set_value(options, o, value, complaint))
			return false;
	}
	return true;
}

/* history and truth: of which port, and from when to when. */
static bool
check_span(const struct options *options, enum command command, struct complaint *complaint)
{
	bool port =
	    options->exchange != NULL && options->agent != NULL && options->interface != NULL;

	if (!options->all && !port)
		return complain(complaint, "needs --exchange, --agent and --interface, or --all");
	if (command == COMMAND_HISTORY && options->all && options->dir == NULL)
		return complain(complaint, "--all needs --dir");
	if (options->from_ticks == UNSET || options->to_ticks == UNSET)
		return complain(complaint, "needs --from and --to");
	if (options->from_ticks >= options->to_ticks)
		return complain(complaint, "--from must lie before --to");
	return true;
}

bool
options_parse(struct options *options, enum command command, int argc, char **argv,
	      bool *asked_help, struct complaint *complaint)
{
	set_defaults(options, command);
	*asked_help = false;
	for (int i = 0; i < argc; i++)
		*asked_help = *asked_help || strcmp(argv[i], "--help") == 0;
	if (*asked_help)
		return true;
	if (!parse_pass(options, command, true, argc, argv, complaint))
		return false;
	options->now_ticks = instant_now_ticks() + options->now_offset_sec * TICKS_PER_SEC;
	if (!parse_pass(options, command, false, argc, argv, complaint))
		return false;
	complete(options);
	return (command & SPAN) == 0 || check_span(options, command, complaint);
}

void
options_print_help(enum command command)
{
	char left[64];

	for (size_t i = 0; i < COUNT(options_table); i++) {
		const struct option *o = &options_table[i];

		if ((o->commands & command) == 0)
			continue;
		snprintf(left, sizeof(left), "--%s %s", o->name,
			 o->argument != NULL ? o->argument : "");
		printf("  %-24s %s\n", left, o->help);
	}
}
