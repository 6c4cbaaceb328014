/* still_snmp.c - agents that answer at once: 100 interfaces each, whose counters follow a day's course that some of them
 * carry over 90% of 10 Gbit/s in the evening. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "snmp/snmp.h"
#include "still_loop.h"

#define PORTS_AN_AGENT 100
#define SPEED_BPS      10e9
#define IN_SHARE       0.4 /* of what it sends, a port receives */
#define FRAME_OCTETS   900
#define DAY_MS         86400000.0

struct port_course {
	double share_mean, share_swing, phase;
	double octets[2]; /* in, out; kept as whole as a double can */
	int64_t until_mono_ms;
};

struct snmp_agent {
	struct snmp *snmp;
	struct snmp_agent *next;
	struct port_course course[PORTS_AN_AGENT];
	bool walking, polling;
	struct snmp_walk_events walk;
	const struct snmp_poll_row *rows;
	size_t row_count;
	struct snmp_poll_events poll;
};

struct snmp {
	struct snmp_agent *agents;
	uint32_t random;
	uint64_t requests;
};

static struct snmp *the_only; /* whom still_snmp_answer asks */

static double
random_next(struct snmp *snmp)
{
	snmp->random = snmp->random * 1664525u + 1013904223u;
	return (snmp->random >> 8) / 16777216.0;
}

bool
snmp_open(struct snmp **out, const char *persistent_dir, struct error *err)
{
	(void)persistent_dir;
	*out = the_only = calloc(1, sizeof(**out));
	if (*out == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	the_only->random = 21;
	return true;
}

void
snmp_close(struct snmp *snmp)
{
	the_only = NULL;
	free(snmp);
}

int
snmp_fd_ipv4(const struct snmp *snmp)
{
	(void)snmp;
	return -1;
}

int
snmp_fd_ipv6(const struct snmp *snmp)
{
	(void)snmp;
	return -1;
}

void
snmp_readable(struct snmp *snmp, int fd)
{
	(void)snmp, (void)fd;
}

void
snmp_tick(struct snmp *snmp)
{
	(void)snmp;
}

void
snmp_health_get(const struct snmp *snmp, struct snmp_health *health)
{
	*health = (struct snmp_health) { .requests = snmp->requests, .answers = snmp->requests };
}

bool
snmp_agent_new(struct snmp_agent **out, struct snmp *snmp, const char *label,
	       const struct sockaddr_storage *address, const struct config_snmp *credentials,
	       struct error *err)
{
	struct snmp_agent *agent = calloc(1, sizeof(*agent));

	(void)label, (void)address, (void)credentials;
	if (agent == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	for (int i = 0; i < PORTS_AN_AGENT; i++)
		agent->course[i] = (struct port_course) {
			.share_mean = 0.1 + 0.6 * random_next(snmp),
			.share_swing = 0.1 + 0.25 * random_next(snmp),
			.phase = random_next(snmp),
			.until_mono_ms = clock_mono_ms(),
		};
	agent->snmp = snmp;
	agent->next = snmp->agents;
	snmp->agents = agent;
	*out = agent;
	return true;
}

void
snmp_agent_free(struct snmp_agent *agent)
{
	struct snmp_agent **at;

	if (agent == NULL)
		return;
	for (at = &agent->snmp->agents; *at != agent;)
		at = &(*at)->next;
	*at = agent->next;
	free(agent);
}

uint32_t
snmp_agent_rtt_us(const struct snmp_agent *agent)
{
	(void)agent;
	return 1000;
}

enum poll_failure
snmp_agent_failure(const struct snmp_agent *agent)
{
	(void)agent;
	return POLL_FAILED_OTHER;
}

unsigned
snmp_agent_in_flight(const struct snmp_agent *agent)
{
	return agent->walking + agent->polling;
}

size_t
snmp_agent_rows_waiting(const struct snmp_agent *agent)
{
	return agent->polling ? agent->row_count : 0;
}

const char *
snmp_agent_notice(const struct snmp_agent *agent)
{
	(void)agent;
	return "";
}

bool
snmp_agent_table_moved(const struct snmp_agent *agent)
{
	(void)agent;
	return false;
}

bool
snmp_walk(struct snmp_agent *agent, const struct snmp_walk_events *events, struct error *err)
{
	if (agent->walking)
		return error_set(err, ERR_REFUSED, "it is being walked already");
	agent->walk = *events;
	agent->walking = true;
	return true;
}

bool
snmp_poll(struct snmp_agent *agent, const struct snmp_poll_row *rows, size_t row_count,
	  const struct snmp_poll_events *events, struct error *err)
{
	if (agent->polling)
		return error_set(err, ERR_REFUSED, "the round before is still going on");
	agent->rows = rows;
	agent->row_count = row_count;
	agent->poll = *events;
	agent->polling = true;
	return true;
}

/* --- answers --- */

static uint32_t
ticks_now(void)
{
	return (uint32_t)(clock_mono_ms() / 10);
}

static void
walk_answer(struct snmp_agent *agent)
{
	char name[32], alias[64];

	agent->walking = false;
	agent->snmp->requests++;
	for (unsigned i = 1; i <= PORTS_AN_AGENT; i++) {
		struct interface_row row = { .if_index = i,
					     .name = name,
					     .has_name = true,
					     .alias = alias,
					     .descr = "",
					     .type = 6,
					     .speed_bps = SPEED_BPS,
					     .oper = READING_OPER_UP,
					     .admin_up = true,
					     .counter_bits = 64 };

		snprintf(name, sizeof(name), "et-0/0/%u", i);
		snprintf(alias, sizeof(alias), "AS%u Peer %u", 64500 + i, i);
		agent->walk.on_row(&row, agent->walk.user);
	}
	agent->walk.on_end(SNMP_DONE, "", ticks_now(), agent->walk.user);
}

/* The share of out; in has IN_SHARE of that.  noise: -0.5..0.5. */
static double
share_at(const struct port_course *course, int64_t utc_ms, double noise)
{
	double day = (double)utc_ms / DAY_MS + course->phase * 0.2;
	double share =
	    course->share_mean + course->share_swing * sin(2 * M_PI * day) + 0.02 * noise;

	return share < 0.01 ? 0.01 : share > 0.98 ? 0.98 : share;
}

/* What passed since it was read last, at the rate of now. */
static void
course_go_on(struct snmp *snmp, struct port_course *course)
{
	int64_t now_mono_ms = clock_mono_ms();
	double share = share_at(course, clock_utc_ms(), random_next(snmp) - 0.5);
	double sec = (double)(now_mono_ms - course->until_mono_ms) / 1000.0;

	course->octets[0] += floor(share * IN_SHARE * SPEED_BPS / 8 * sec);
	course->octets[1] += floor(share * SPEED_BPS / 8 * sec);
	course->until_mono_ms = now_mono_ms;
}

void
still_snmp_step(struct snmp_agent *agent, unsigned if_index, struct sample *step)
{
	const struct port_course *course = &agent->course[(if_index - 1) % PORTS_AN_AGENT];
	double noise = 0; /* as smooth as the mean of a step's polls, one a minute */

	for (unsigned sec = 0; sec < step->step_sec; sec += 60)
		noise += (random_next(agent->snmp) - 0.5) * 60 / step->step_sec;
	double share = share_at(course, step->end_utc_sec * 1000, noise);
	for (int c = 0; c < COLUMN_COUNT; c++)
		step->value[c] = 0;
	step->value[COLUMN_IN_BPS] = share * IN_SHARE * SPEED_BPS;
	step->value[COLUMN_OUT_BPS] = share * SPEED_BPS;
	step->value[COLUMN_IN_PPS] = step->value[COLUMN_IN_BPS] / 8 / FRAME_OCTETS;
	step->value[COLUMN_OUT_PPS] = step->value[COLUMN_OUT_BPS] / 8 / FRAME_OCTETS;
	step->value[COLUMN_CAPACITY_BPS] = SPEED_BPS;
	step->value[COLUMN_OPER] = 1;
}

static void
row_answer(struct snmp_agent *agent, size_t i)
{
	unsigned number = agent->rows[i].if_index;
	struct port_course *course = &agent->course[(number - 1) % PORTS_AN_AGENT];
	struct counter_read read = { .at_mono_ms = clock_mono_ms(),
				     .at_utc_ms = clock_utc_ms(),
				     .at_slack_ms = 1,
				     .uptime_ticks = ticks_now(),
				     .has = (1u << READING_COUNT) - 1,
				     .oper = READING_OPER_UP,
				     .speed_bps = SPEED_BPS };
	char alias[64];

	course_go_on(agent->snmp, course);
	for (int d = 0; d < 2; d++) {
		read.counter[READING_IN_OCTETS + d] = (uint64_t)course->octets[d];
		read.counter[d == 0 ? READING_IN_UCAST : READING_OUT_UCAST] =
		    (uint64_t)(course->octets[d] / FRAME_OCTETS);
	}
	snprintf(alias, sizeof(alias), "AS%u Peer %u", 64500 + number, number);
	agent->poll.on_row(i, SNMP_ROW_READ, &read, alias, "", agent->poll.user);
}

static void
poll_answer(struct snmp_agent *agent)
{
	agent->snmp->requests++;
	for (size_t i = 0; i < agent->row_count; i++)
		row_answer(agent, i);
	agent->polling = false;
	agent->poll.on_end(agent->poll.user);
}

void
still_snmp_answer(void)
{
	bool any = the_only != NULL;

	while (any) {
		any = false;
		for (struct snmp_agent *a = the_only->agents; a != NULL; a = a->next) {
			any |= a->walking || a->polling;
			if (a->walking)
				walk_answer(a);
			if (a->polling)
				poll_answer(a);
		}
	}
}
