/* message_cases.h - one mail of each kind, for golden files and for those who look at them. */
#ifndef TESTS_UNIT_MESSAGE_CASES_H
#define TESTS_UNIT_MESSAGE_CASES_H

#include <math.h>

#include "notify/message.h"

#define CASE_BEGAN INT64_C(1795831800) /* Saturday 2026-11-28 02:10 UTC */
#define CASE_NOW   (CASE_BEGAN + 2520)
#define CASES_MANY 12

static const struct message_change case_changes[] = {
	{ CASE_BEGAN - 480, "port et-0/0/9 of AS64500 went down" },
	{ CASE_BEGAN - 300, "capacity fell from 20 Gbit/s to 10 Gbit/s" },
};
static const struct message_room case_rooms[] = {
	{ "fra", "edge2", "et-1/0/3", 0.41, 10e9 },
	{ "ams", "edge1", "et-0/0/2", NAN, 10e9 },
};

static const char *const case_contacts[] = { "noc@as64500.example, +49 69 0000000" };

/* A saturated port about which everything is known. */
static inline struct message_line
case_line(void)
{
	return (struct message_line) {
		.subject = { .kind = ALERT_SATURATED,
			     .scope = ALERT_OF_PORT,
			     .id = 17,
			     .direction = DIRECTION_OUT,
			     .exchange = "fra",
			     .agent = "edge1",
			     .asn = 64500 },
		.what = TOLD_ALERT,
		.alert_id = 12,
		.began_utc_sec = CASE_BEGAN,
		.interface = "et-0/0/7",
		.alias = "AS64500 ExampleNet | 10G",
		.peer = "ExampleNet",
		.kind = KIND_MEMBER,
		.runbook = "call the member's NOC, then open a ticket: wiki/full-port",
		.circuit = "FRA-10293",
		.note = "",
		.contact_count = 1,
		.contacts = case_contacts,
		.now = 0.9814,
		.peak = 0.9923,
		.rate_bps = 9.814e9,
		.capacity_bps = 10e9,
		.capacity_source = CAPACITY_INTERFACE,
		.p95 = 0.91,
		.p95_days = 7,
		.p95_known = 0.998,
		.usual = { .known = true, .days = 4, .clears_utc_sec = CASE_BEGAN + 12000 },
		.changes_known = true,
		.change_count = 2,
		.changes = case_changes,
		.rooms_known = true,
		.room_count = 2,
		.rooms = case_rooms,
		.works = "",
		.reason = "",
	};
}

static inline struct message_facts
case_facts(const struct message_line *lines, size_t count, const struct zone *zone)
{
	return (struct message_facts) {
		.now_utc_sec = CASE_NOW,
		.exchange = "fra",
		.exchange_name = "Demo-IX Frankfurt",
		.zone = zone,
		.base_url = "https://ixwatch.example.net",
		.line_count = count,
		.lines = lines,
		.here = { 12, 1 },
		.everywhere = { 48, 1 },
		.next_utc_sec = CASE_NOW + 86400,
		.ack_url = "",
		.graph = true,
	};
}

/* What most ports are: not much is known. */
static inline void
case_bare(struct message_line *line)
{
	line->alias = line->peer = line->runbook = line->circuit = "";
	line->contact_count = 0;
	line->subject.asn = 0;
	line->kind = KIND_NONE;
	line->now = line->peak = line->rate_bps = line->capacity_bps = line->p95 = NAN;
	line->usual = (struct message_usual) { 0 };
	line->changes_known = line->rooms_known = false;
	line->change_count = line->room_count = 0;
}

static inline void
case_kind(struct message_line *line, enum alert_kind kind, double now, double peak)
{
	line->subject.kind = kind;
	line->now = now;
	line->peak = peak;
}

static inline void
case_over(struct message_line *line)
{
	line->what = TOLD_RECOVERY;
	line->until_utc_sec = CASE_BEGAN + 9000;
}

enum {
	CASE_SATURATED,
	CASE_CONGESTION,
	CASE_LOSS,
	CASE_REDUCED,
	CASE_DOWN,
	CASE_QUALITY,
	CASE_AGENT,
	CASE_EXCHANGE,
	CASE_ROUTINE,
	CASE_RECURRING,
	CASE_REPEAT,
	CASE_ESCALATION,
	CASE_RECOVERY,
	CASE_VERDICT_OVER,
	CASE_UNKNOWN,
	CASE_GROUP,
	CASE_GROUP_OVER,
	CASE_ONE_PORT,
	CASE_COUNT
};

static const char *const case_names[CASE_COUNT] = {
	"saturated",
	"congestion",
	"loss",
	"reduced",
	"down",
	"data-quality",
	"agent-unreachable",
	"exchange-unreachable",
	"routine",
	"recurring",
	"repeat",
	"escalation",
	"recovery",
	"verdict-over",
	"unknown",
	"group",
	"group-over",
	"one-port",
};

/* The case's lines, CASES_MANY at most, and its facts. */
static inline struct message_facts
case_make(int which, struct message_line lines[CASES_MANY], const struct zone *zone)
{
	struct message_line *line = &lines[0];
	struct message_facts facts;

	for (size_t i = 0; i < CASES_MANY; i++)
		lines[i] = case_line();
	facts = case_facts(lines, 1, zone);
	switch (which) {
	case CASE_CONGESTION:
		case_kind(line, ALERT_CONGESTION, 0.931, 0.957);
		line->rate_bps = 9.31e9;
		line->subject.direction = DIRECTION_IN;
		line->kind = KIND_PNI;
		line->usual.days = 1;
		line->usual.clears_utc_sec = 0;
		line->change_count = 0;
		line->works = "works until 04:00Z (fibre at Kleyer 90)";
		break;
	case CASE_LOSS: case_kind(line, ALERT_LOSS, 0.023, 0.041); break;
	case CASE_REDUCED: case_kind(line, ALERT_REDUCED, 0.5, 0.5); break;
	case CASE_DOWN:
		case_kind(line, ALERT_REDUCED, 1, 1);
		line->capacity_bps = NAN;
		break;
	case CASE_QUALITY: case_kind(line, ALERT_DATA_QUALITY, 0.62, 0.62); break;
	case CASE_AGENT:
	case CASE_EXCHANGE:
		case_bare(line);
		line->subject.kind =
		    which == CASE_AGENT ? ALERT_AGENT_UNREACHABLE : ALERT_EXCHANGE_UNREACHABLE;
		line->subject.scope = which == CASE_AGENT ? ALERT_OF_AGENT : ALERT_OF_EXCHANGE;
		line->subject.id = 0;
		line->interface = "";
		line->port_count = which == CASE_AGENT ? 500 : 0;
		facts.here = (struct message_reach) { 500, 500 };
		facts.graph = false;
		break;
	case CASE_ROUTINE:
	case CASE_RECURRING:
	case CASE_VERDICT_OVER:
		case_kind(line, which == CASE_RECURRING ? ALERT_RECURRING : ALERT_ROUTINE, 0.91,
			  0.99);
		line->began_utc_sec = CASE_BEGAN - 3 * 86400;
		line->reason = "congested on 5 of 7 days, at the same hours";
		facts.next_utc_sec = 0;
		if (which == CASE_VERDICT_OVER)
			case_over(line);
		break;
	case CASE_REPEAT:
		line->what = TOLD_REPEAT;
		line->began_utc_sec = CASE_BEGAN - 2 * 86400;
		break;
	case CASE_ESCALATION:
		line->what = TOLD_ESCALATION;
		facts.ack_url = "https://ixwatch.example.net/a/abc";
		break;
	case CASE_RECOVERY:
		case_over(line);
		facts.now_utc_sec = CASE_BEGAN + 9300;
		facts.here.affected_count = facts.everywhere.affected_count = 0;
		break;
	case CASE_UNKNOWN:
		case_bare(line);
		facts.here = facts.everywhere = (struct message_reach) { 0 };
		facts.zone = NULL;
		facts.next_utc_sec = 0;
		break;
	case CASE_GROUP:
	case CASE_GROUP_OVER:
		facts.line_count = CASES_MANY;
		if (which == CASE_GROUP)
			facts.ack_url = "https://ixwatch.example.net/a/"
					"AQMAAAAAajpQWgAAAAAAAAAHbm9jQGV4YW1wbGUubmV0"
					"HkY2qC1b8kq9x3mN5tV0uW7zR4sE6dG2jL8pQ1oI3yU";
		facts.here.affected_count = facts.everywhere.affected_count = 12;
		for (size_t i = 0; i < CASES_MANY; i++) {
			lines[i].subject.id = 17 + (int64_t)i;
			lines[i].subject.asn = 64500 + (unsigned)i;
			if (i >= 3)
				case_kind(&lines[i], ALERT_CONGESTION, 0.93, 0.96);
			if (which == CASE_GROUP_OVER)
				case_over(&lines[i]);
		}
		break;
	case CASE_ONE_PORT:
		facts.line_count = 2;
		case_kind(&lines[1], ALERT_CONGESTION, 0.9814, 0.9923);
		lines[1].began_utc_sec -= 1800;
		break;
	default: break;
	}
	return facts;
}

#endif
