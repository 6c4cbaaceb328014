/* probe.c - see probe.h.  All agents are asked at once; what they say is printed in the order of the configuration. */
#include "commands/probe.h"

#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ixwatch/units.h"
#include "loop.h"
#include "roster.h"
#include "snmp/snmp.h"

#define TICK_MS 20

struct found_port {
	char interface[320], alias[256], peer[256];
	const char *exchange;
	uint32_t asn;
	double capacity_bps;
	unsigned counter_bits;
	uint32_t if_index, lag_if_index;
	bool named;                   /* by a port block */
	const struct found_port *lag; /* a port of which it is a member; NULL */
};

struct probed {
	struct probe *probe;
	const struct roster_agent *roster;
	struct snmp_agent *snmp;
	struct found_port *ports;
	size_t port_count, interface_count;
	char trouble[800];
};

struct probe {
	struct loop *loop;
	struct snmp *snmp;
	struct roster *roster;
	struct probed *agents;
	size_t waiting;
	unsigned trouble_count;
	char dir[64];
};

static void
trouble_add(struct probed *agent, const char *text)
{
	size_t len = strlen(agent->trouble);

	agent->probe->trouble_count++;
	snprintf(agent->trouble + len, sizeof(agent->trouble) - len, "  %s\n", text);
}

static void
port_add(struct probed *agent, const struct interface_row *row, const char *interface,
	 const struct roster_claim *claim)
{
	struct found_port *grown = realloc(agent->ports, (agent->port_count + 1) * sizeof(*grown)),
			  *port;

	if (grown == NULL)
		return;
	agent->ports = grown;
	port = &grown[agent->port_count++];
	*port =
	    (struct found_port) { .exchange = claim->use->exchange->slug,
				  .asn = claim->asn,
				  .capacity_bps = isnan(claim->setting_bps) ? row->speed_bps
									    : claim->setting_bps,
				  .counter_bits = row->counter_bits,
				  .if_index = row->if_index,
				  .lag_if_index = row->lag_if_index,
				  .named = claim->settings != NULL };
	snprintf(port->interface, sizeof(port->interface), "%s", interface);
	snprintf(port->alias, sizeof(port->alias), "%s", row->alias);
	snprintf(port->peer, sizeof(port->peer), "%s", claim->peer);
}

static void
on_row(const struct interface_row *row, void *user)
{
	struct probed *agent = user;
	struct roster_claim claim;
	struct error err = { 0 };
	char interface[320];

	agent->interface_count++;
	roster_interface_name(row, interface, sizeof(interface));
	switch (roster_claim(agent->roster, interface, row->alias, &claim, &err)) {
	case ROSTER_PORT: port_add(agent, row, interface, &claim); break;
	case ROSTER_DISPUTED: trouble_add(agent, err.text); break;
	case ROSTER_NONE: break;
	}
}

static bool
port_listed(const struct probed *agent, const char *exchange, const char *interface)
{
	for (size_t i = 0; i < agent->port_count; i++)
		if (strcmp(agent->ports[i].exchange, exchange) == 0 &&
		    strcmp(agent->ports[i].interface, interface) == 0)
			return true;
	return false;
}

/* A member of a LAG that is a port too: the LAG counts its traffic. */
static void
lags_find(struct probed *agent)
{
	for (size_t i = 0; i < agent->port_count; i++)
		for (size_t k = 0; agent->ports[i].lag_if_index != 0 && k < agent->port_count; k++)
			if (agent->ports[k].if_index == agent->ports[i].lag_if_index)
				agent->ports[i].lag = &agent->ports[k];
}

static bool
is_counted(const struct found_port *port)
{
	return port->lag == NULL || port->named;
}

/* Ports that the file names and the agent does not list. */
static void
named_check(struct probed *agent)
{
	for (size_t i = 0; i < agent->roster->use_count; i++) {
		const struct roster_use *use = &agent->roster->uses[i];

		for (size_t k = 0; k < use->exchange->port_count; k++) {
			const struct config_port *port = &use->exchange->ports[k];
			char text[512];

			if (strcmp(port->agent, use->agent->name) != 0 ||
			    port_listed(agent, use->exchange->slug, port->interface))
				continue;
			snprintf(text, sizeof(text),
				 "%s/%s/%s: the configuration names it, the agent does not list it",
				 use->exchange->slug, port->agent, port->interface);
			trouble_add(agent, text);
		}
	}
}

static void
agent_over(struct probed *agent)
{
	if (--agent->probe->waiting == 0)
		loop_stop(agent->probe->loop);
}

static void
on_walked(enum snmp_outcome outcome, const char *why, uint32_t uptime_ticks, void *user)
{
	struct probed *agent = user;

	(void)uptime_ticks;
	lags_find(agent);
	if (outcome == SNMP_DONE)
		named_check(agent);
	else
		trouble_add(agent, why);
	agent_over(agent);
}

static void
on_address(const struct sockaddr_storage *address, const char *why, void *user)
{
	struct probed *agent = user;
	struct snmp_walk_events events = { on_row, on_walked, agent };
	struct error err = { 0 };

	if (address->ss_family == 0)
		error_set(&err, ERR_SNMP, "cannot look up %s: %s", agent->roster->config->host,
			  why);
	else if (snmp_agent_new(&agent->snmp, agent->probe->snmp, agent->roster->config->name,
				address, agent->roster->config->snmp, &err) &&
		 snmp_walk(agent->snmp, &events, &err))
		return;
	trouble_add(agent, err.text);
	agent_over(agent);
}

static void
agent_ask(struct probed *agent)
{
	const struct config_agent *config = agent->roster->config;
	struct error err = { 0 };

	if (config->address.ss_family != 0)
		on_address(&config->address, "", agent);
	else if (loop_resolve(agent->probe->loop, config->host, config->port, 0, on_address, agent,
			      &err) == NULL)
		on_address(&(struct sockaddr_storage) { 0 }, err.text, agent);
}

static void
print_port(const struct found_port *port)
{
	char capacity[32], asn[16] = "-";

	if (!is_counted(port)) {
		printf("  %-12s %-24s member of %s, which counts its traffic: no port of its own\n",
		       port->exchange, port->interface, port->lag->interface);
		return;
	}
	if (port->asn != 0)
		snprintf(asn, sizeof(asn), "AS%u", port->asn);
	printf("  %-12s %-24s %-12s %-24.24s %-14s %u-bit counters%s%s\n", port->exchange,
	       port->interface, asn, port->peer,
	       units_format_bps(capacity, sizeof(capacity), port->capacity_bps), port->counter_bits,
	       port->lag != NULL ? ", beside its LAG " : "",
	       port->lag != NULL ? port->lag->interface : "");
}

static size_t
counted(const struct probed *agent)
{
	size_t count = 0;

	for (size_t i = 0; i < agent->port_count; i++)
		count += is_counted(&agent->ports[i]);
	return count;
}

static void
print_agent(struct probed *agent)
{
	if (snmp_agent_notice(agent->snmp)[0] != '\0')
		trouble_add(agent, snmp_agent_notice(agent->snmp));
	printf("%s %s: ", agent->roster->config->name, agent->roster->config->address_text);
	if (agent->interface_count == 0 && agent->trouble[0] != '\0')
		printf("trouble\n");
	else
		printf("%zu interfaces, %zu ports\n", agent->interface_count, counted(agent));
	for (size_t i = 0; i < agent->port_count; i++)
		print_port(&agent->ports[i]);
	if (agent->trouble[0] != '\0')
		fputs(agent->trouble, stdout);
}

static void
on_tick(void *user)
{
	snmp_tick(((struct probe *)user)->snmp);
}

static void
on_readable_ipv4(void *user)
{
	struct probe *probe = user;

	snmp_readable(probe->snmp, snmp_fd_ipv4(probe->snmp));
}

static void
on_readable_ipv6(void *user)
{
	struct probe *probe = user;

	snmp_readable(probe->snmp, snmp_fd_ipv6(probe->snmp));
}

static bool
probe_open(struct probe *probe, const struct config *config, struct error *err)
{
	strcpy(probe->dir, "/tmp/ixwatch-probe-XXXXXX");
	if (mkdtemp(probe->dir) == NULL)
		return error_set(err, ERR_IO, "%s: cannot be made", probe->dir);
	if (!loop_new(&probe->loop, err) || !roster_new(&probe->roster, config, err) ||
	    !snmp_open(&probe->snmp, probe->dir, err))
		return false;
	probe->agents = calloc(probe->roster->agent_count + 1, sizeof(*probe->agents));
	if (probe->agents == NULL ||
	    loop_timer_start(probe->loop, TICK_MS, TICK_MS, on_tick, probe) == NULL)
		return error_set(err, ERR_NOMEM, "probe: out of memory");
	if (snmp_fd_ipv4(probe->snmp) >= 0 &&
	    loop_watch_start(probe->loop, snmp_fd_ipv4(probe->snmp), on_readable_ipv4, probe,
			     err) == NULL)
		return false;
	return snmp_fd_ipv6(probe->snmp) < 0 ||
	       loop_watch_start(probe->loop, snmp_fd_ipv6(probe->snmp), on_readable_ipv6, probe,
				err) != NULL;
}

/* net-snmp leaves folders of its own in it. */
static int
remove_entry(const char *path, const struct stat *stat, int type, struct FTW *at)
{
	(void)stat, (void)type, (void)at;
	return remove(path);
}

static void
probe_close(struct probe *probe)
{
	for (size_t i = 0; probe->agents != NULL && i < probe->roster->agent_count; i++) {
		snmp_agent_free(probe->agents[i].snmp);
		free(probe->agents[i].ports);
	}
	free(probe->agents);
	loop_free(probe->loop); /* before the sockets it watches */
	snmp_close(probe->snmp);
	roster_free(probe->roster);
	if (probe->dir[0] != '\0')
		nftw(probe->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

bool
probe_agents(const struct config *config, unsigned *trouble_count, struct error *err)
{
	struct probe probe = { .trouble_count = 0 };
	bool opened = probe_open(&probe, config, err);

	if (opened && probe.roster->agent_count > 0) {
		probe.waiting = probe.roster->agent_count;
		for (size_t i = 0; i < probe.roster->agent_count; i++) {
			probe.agents[i].probe = &probe;
			probe.agents[i].roster = &probe.roster->agents[i];
		}
		for (size_t i = 0; i < probe.roster->agent_count; i++)
			agent_ask(&probe.agents[i]);
		if (probe.waiting > 0)
			loop_run(probe.loop);
		for (size_t i = 0; i < probe.roster->agent_count; i++)
			print_agent(&probe.agents[i]);
	}
	*trouble_count = probe.trouble_count;
	probe_close(&probe);
	return opened;
}
