/* truth.c - `truth`: exact means between two instants, as JSON. */
#include <inttypes.h>
#include <stdio.h>

#include "commands.h"
#include "past.h"

/* A full double, so that nothing is lost on the way. */
static void
print_rate(const char *name, double value)
{
	printf(", \"%s\": %.17g", name, value);
}

static void
print_means(const struct options *options, const char *exchange, const char *agent,
	    const struct interface *interface)
{
	struct past past;
	struct past_means means;

	past_init(&past, interface, options->from_ticks);
	means = past_between(&past, options->from_ticks, options->to_ticks);
	printf("{\"exchange\": \"%s\", \"agent\": \"%s\", \"interface\": \"%s\"", exchange, agent,
	       interface->name);
	print_rate("from_utc_sec", (double)options->from_ticks / TICKS_PER_SEC);
	print_rate("to_utc_sec", (double)options->to_ticks / TICKS_PER_SEC);
	print_rate("in_octets", means.octets[FLOW_IN]);
	print_rate("out_octets", means.octets[FLOW_OUT]);
	print_rate("in_bps", means.bps[FLOW_IN]);
	print_rate("out_bps", means.bps[FLOW_OUT]);
	print_rate("in_pps", means.pps[FLOW_IN]);
	print_rate("out_pps", means.pps[FLOW_OUT]);
	print_rate("in_discards_pps", means.discards_pps[FLOW_IN]);
	print_rate("out_discards_pps", means.discards_pps[FLOW_OUT]);
	print_rate("in_errors_pps", means.errors_in_pps);
	print_rate("out_errors_pps", 0.0);
	if (means.capacity_bps > 0.0)
		print_rate("capacity_bps", means.capacity_bps);
	else
		printf(", \"capacity_bps\": null");
	printf("}");
}

/* user of print_one. */
struct printing {
	const struct options *options;
	bool any;
};

static bool
print_one(const struct agent *agent, const struct interface *interface, void *user,
	  struct complaint *complaint)
{
	struct printing *printing = user;

	(void)complaint;
	printf(printing->any ? ",\n" : "[");
	printing->any = true;
	print_means(printing->options, agent->exchange->slug, agent->name, interface);
	return true;
}

bool
command_truth(const struct options *options, struct world *world, struct complaint *complaint)
{
	struct printing printing = { options, false };
	const struct interface *interface;

	if (options->all) {
		visit_ports(world, print_one, &printing, complaint);
		printf(printing.any ? "]\n" : "[]\n");
		return true;
	}
	interface = chosen_interface(options, world, complaint);
	if (interface == NULL)
		return false;
	print_means(options, options->exchange, options->agent, interface);
	printf("\n");
	return true;
}
