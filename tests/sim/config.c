/* config.c - `config`: a configuration of ixwatch for this world. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"

#define GIGA UINT64_C(1000000000)

/* Where the system chooses the port, the address to link to is not known yet. */
static void
print_web(const char *listen)
{
	const char *port = strrchr(listen, ':');

	printf("web { listen = \"%s\"", listen);
	if (port != NULL && strcmp(port, ":0") != 0)
		printf("   base-url = \"http://%s\"", listen);
	printf(" }\n");
}

static void
print_head(const struct options *o)
{
	printf("# ixwatch: the simulated exchanges of ixwatch-sim.\n"
	       "state-dir = \"%s\"\n"
	       "our-asn   = %d\n"
	       "interval  = \"%s\"\n\n",
	       o->state_dir, OUR_ASN, o->interval);
	printf("snmp demo {\n\tversion = \"2c\"\n\tcommunity = \"%s\"\n"
	       "\ttimeout = \"1s\"   retries = 2   max-repetitions = 25\n}\n\n",
	       o->community);
	printf("archive { interval = \"%s\"   step = \"%s\"   hour = \"%s\"   day = \"%s\" }\n\n",
	       o->archive_interval, o->archive_step, o->archive_hour, o->archive_day);
	print_web(o->listen);
}

static void
print_agent(const struct options *o, const struct agent *agent)
{
	char address[ADDRESS_TEXT];

	printf("\tagent %s {\n"
	       "\t\taddress = \"%s:%" PRIu64 "\"   snmp = \"demo\"   discards = \"trusted\"\n"
	       "\t\tmatch = 'AS(?<asn>[0-9]+) +(?<peer>[^|]+)'\n"
	       "\t}\n",
	       agent->name, address_format(address, agent->address), o->udp_port);
}

/* What the box cannot say: contracts. */
static void
print_contracts(const struct agent *agent)
{
	for (size_t i = 0; i < agent->interface_count; i++)
		if (agent->interfaces[i].contracted_bps != 0)
			printf("\tport \"%s/%s\" { contracted = \"%" PRIu64 "G\" }\n", agent->name,
			       agent->interfaces[i].name,
			       agent->interfaces[i].contracted_bps / GIGA);
}

bool
command_config(const struct options *options, struct world *world, struct complaint *complaint)
{
	(void)complaint;
	print_head(options);
	for (uint64_t e = 0; e < world->settings.exchange_count; e++) {
		const struct exchange *exchange = &world->exchanges[e];

		printf("\nexchange %s {\n\tname = \"%s\"   timezone = \"%s\"   kind = \"member\"\n",
		       exchange->slug, exchange->name, exchange->zone.name);
		for (uint64_t a = e; a < world->settings.agent_count;
		     a += world->settings.exchange_count) {
			print_agent(options, &world->agents[a]);
			print_contracts(&world->agents[a]);
		}
		printf("}\n");
	}
	return true;
}
