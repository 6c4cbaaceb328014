/* snmp.c - opening and closing, agents, and what the loop calls; see snmp.h and errand.h. */
#include "snmp/snmp.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ixwatch/clock.h"
#include "snmp/errand.h"
#include "snmp/session.h"

#define ALIAS_LEN_GUESS 64 /* octets, until a walk has seen them */

static void
on_refusal(enum session_refusal refusal, void *user)
{
	struct snmp *snmp = user;

	snmp->health.refused_source += refusal == SESSION_REFUSED_SOURCE;
	snmp->health.refused_objects += refusal == SESSION_REFUSED_OBJECTS;
	snmp->health.refused_security += refusal == SESSION_REFUSED_SECURITY;
}

/* One family may be missing on this machine, not both. */
static bool
sessions_open(struct snmp *snmp, const char *persistent_dir, struct error *err)
{
	static const int families[FAMILY_COUNT] = {
		[FAMILY_IPV4] = AF_INET, [FAMILY_IPV6] = AF_INET6
	};
	const struct session_events events = { .on_end = errand_on_end,
					       .on_refusal = on_refusal,
					       .on_malformed = errand_on_malformed,
					       .user = snmp };
	bool any = false;

	for (int i = 0; i < FAMILY_COUNT; i++)
		any |= session_open(&snmp->session[i], families[i], persistent_dir, &events, err);
	return any;
}

bool
snmp_open(struct snmp **out, const char *persistent_dir, struct error *err)
{
	struct snmp *snmp = calloc(1, sizeof(*snmp));

	if (snmp == NULL)
		return error_set(err, ERR_NOMEM, "snmp: out of memory");
	for (int i = 0; i < RING_COUNT; i++)
		TAILQ_INIT(&snmp->ring[i]);
	LIST_INIT(&snmp->asks);
	LIST_INIT(&snmp->agents);
	snmp->random = (uint32_t)clock_utc_ms() ^ (uint32_t)getpid();
	if (!sessions_open(snmp, persistent_dir, err)) {
		snmp_close(snmp);
		return error_wrap(err, "snmp");
	}
	*out = snmp;
	return true;
}

static void
agent_drop_errands(struct snmp_agent *agent)
{
	for (int i = 0; i < ERRAND_COUNT; i++)
		if (agent->errands[i] != NULL)
			errand_drop(agent->errands[i]);
}

static void
agent_detach(struct snmp_agent *agent)
{
	struct ask *ask;

	agent_drop_errands(agent);
	LIST_FOREACH(ask, &agent->snmp->asks, link)
	if (ask->agent == agent) {
		ask->agent = NULL;
		ask->ticket.engine = NULL;
	}
	if (agent->queued)
		TAILQ_REMOVE(&agent->snmp->ring[agent->ring], agent, in_ring);
	agent->queued = false;
	LIST_REMOVE(agent, in_all);
	agent->snmp = NULL;
}

void
snmp_close(struct snmp *snmp)
{
	struct ask *ask;

	if (snmp == NULL)
		return;
	while (!LIST_EMPTY(&snmp->agents))
		agent_detach(LIST_FIRST(&snmp->agents));
	for (int i = 0; i < FAMILY_COUNT; i++)
		session_close(snmp->session[i]);
	while ((ask = LIST_FIRST(&snmp->asks)) != NULL) {
		LIST_REMOVE(ask, link);
		free(ask);
	}
	free(snmp);
}

static int
fd_of(const struct session *session)
{
	return session != NULL ? session_fd(session) : -1;
}

int
snmp_fd_ipv4(const struct snmp *snmp)
{
	return fd_of(snmp->session[FAMILY_IPV4]);
}

int
snmp_fd_ipv6(const struct snmp *snmp)
{
	return fd_of(snmp->session[FAMILY_IPV6]);
}

void
snmp_readable(struct snmp *snmp, int fd)
{
	snmp->telling++;
	for (int i = 0; i < FAMILY_COUNT; i++)
		if (snmp->session[i] != NULL && session_fd(snmp->session[i]) == fd)
			session_readable(snmp->session[i]);
	snmp->telling--;
	errand_pump(snmp);
}

void
snmp_tick(struct snmp *snmp)
{
	snmp->telling++;
	for (int i = 0; i < FAMILY_COUNT; i++)
		if (snmp->session[i] != NULL)
			session_tick(snmp->session[i]);
	errand_tick(snmp);
	snmp->telling--;
	errand_pump(snmp);
}

void
snmp_health_get(const struct snmp *snmp, struct snmp_health *health)
{
	const struct snmp_agent *agent;

	*health = snmp->health;
	for (int i = 0; i < RING_COUNT; i++)
		for (agent = TAILQ_FIRST(&snmp->ring[i]); agent != NULL;
		     agent = TAILQ_NEXT(agent, in_ring))
			health->waiting++;
	health->in_flight = snmp->in_flight[RING_LIVELY] + snmp->in_flight[RING_SUSPECT];
}

/* --- agents --- */

static bool
credentials_check(const char *label, const struct config_snmp *credentials, struct error *err)
{
	bool v3 = credentials->version == SNMP_V3;

	if (v3 && (credentials->user == NULL || credentials->user[0] == '\0'))
		return error_set(err, ERR_CONFIG, "%s: the user of snmp \"%s\" is empty", label,
				 credentials->name);
	if (!v3 && (credentials->community == NULL || credentials->community[0] == '\0'))
		return error_set(err, ERR_CONFIG, "%s: the community of snmp \"%s\" is empty",
				 label, credentials->name);
	if (credentials->timeout_ms == 0)
		return error_set(err, ERR_CONFIG,
				 "%s: the timeout of snmp \"%s\" is 0, at least 1 ms is needed",
				 label, credentials->name);
	return true;
}

static bool
address_check(const struct snmp *snmp, const char *label, const struct sockaddr_storage *address,
	      struct error *err)
{
	bool v6 = address->ss_family == AF_INET6;

	if (!v6 && address->ss_family != AF_INET)
		return error_set(err, ERR_REFUSED, "%s: its address is neither IPv4 nor IPv6",
				 label);
	if (snmp->session[v6 ? FAMILY_IPV6 : FAMILY_IPV4] == NULL)
		return error_set(err, ERR_SNMP, "%s: this machine has no %s socket to ask it with",
				 label, v6 ? "IPv6" : "IPv4");
	return true;
}

bool
snmp_agent_new(struct snmp_agent **out, struct snmp *snmp, const char *label,
	       const struct sockaddr_storage *address, const struct config_snmp *credentials,
	       struct error *err)
{
	struct snmp_agent *agent;

	if (!credentials_check(label, credentials, err) ||
	    !address_check(snmp, label, address, err))
		return false;
	agent = calloc(1, sizeof(*agent));
	if (agent == NULL || (agent->label = strdup(label)) == NULL) {
		free(agent);
		return error_set(err, ERR_NOMEM, "%s: out of memory", label);
	}
	if (credentials->version == SNMP_V3 &&
	    !engine_new(&agent->engine, label, address, credentials, err)) {
		snmp_agent_free(agent);
		return error_wrap(err, "%s", label);
	}
	agent->snmp = snmp;
	agent->address = *address;
	agent->credentials = credentials;
	agent->alias_len_max = ALIAS_LEN_GUESS;
	manners_init(&agent->manners, credentials->max_repetitions);
	agent->manners.envelope_octets = (unsigned)envelope_octets(credentials);
	LIST_INSERT_HEAD(&snmp->agents, agent, in_all);
	*out = agent;
	return true;
}

void
snmp_agent_free(struct snmp_agent *agent)
{
	if (agent == NULL)
		return;
	if (agent->snmp != NULL)
		agent_detach(agent);
	engine_free(agent->engine);
	free(agent->label);
	free(agent->sys_name);
	free(agent->sys_descr);
	free(agent->listed);
	free(agent);
}

uint32_t
snmp_agent_rtt_us(const struct snmp_agent *agent)
{
	return agent->rtt_us;
}

enum poll_failure
snmp_agent_failure(const struct snmp_agent *agent)
{
	return agent->failure;
}

unsigned
snmp_agent_in_flight(const struct snmp_agent *agent)
{
	return agent->in_flight;
}

const char *
snmp_agent_sys_name(const struct snmp_agent *agent)
{
	return agent->sys_name != NULL ? agent->sys_name : "";
}

const char *
snmp_agent_sys_descr(const struct snmp_agent *agent)
{
	return agent->sys_descr != NULL ? agent->sys_descr : "";
}

const char *
snmp_agent_notice(const struct snmp_agent *agent)
{
	return agent != NULL && agent->engine != NULL ? engine_notice(agent->engine) : "";
}

uint32_t
snmp_agent_table_change_ticks(const struct snmp_agent *agent)
{
	return agent->table_change_ticks;
}

bool
snmp_agent_table_moved(const struct snmp_agent *agent)
{
	return agent->table_moved;
}
