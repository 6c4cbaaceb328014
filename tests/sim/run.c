/* run.c - `run`: the agents themselves. */
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "server.h"
#include "traffic.h"

static struct box *
boxes_new(const struct world *world)
{
	struct box *boxes = calloc(world->settings.agent_count, sizeof(*boxes));

	for (uint64_t a = 0; boxes != NULL && a < world->settings.agent_count; a++)
		box_init(&boxes[a], &world->agents[a]);
	return boxes;
}

static void
boxes_free(struct box *boxes, const struct world *world)
{
	for (uint64_t a = 0; boxes != NULL && a < world->settings.agent_count; a++)
		box_close(&boxes[a]);
	free(boxes);
}

static bool
add_faults(struct box *boxes, const struct options *options, const struct world *world,
	   struct complaint *complaint)
{
	for (size_t i = 0; i < options->fault_count; i++)
		if (!box_fault_add(boxes, world, options->faults[i], options->now_ticks, complaint))
			return false;
	return true;
}

static bool
serve(const struct options *options, const struct world *world, struct box *boxes,
      struct complaint *complaint)
{
	const struct server_settings settings = {
		.udp_port = (uint16_t)options->udp_port,
		.drop_share = options->drop_share,
		.silent_share = options->silent_share,
		.seed = options->world.seed,
		.offset_ticks = options->now_offset_sec * TICKS_PER_SEC,
		.until_stdin_closes = options->until_stdin_closes,
		.rules = { options->community, options->max_size },
	};
	struct server *server;
	bool ok;

	if (!server_open(&server, &settings, world, boxes, complaint))
		return false;
	printf("ready udp-port=%u\n", server_port(server));
	fflush(stdout);
	ok = server_run(server, complaint);
	server_close(server);
	return ok;
}

bool
command_run(const struct options *options, struct world *world, struct complaint *complaint)
{
	struct box *boxes = boxes_new(world);
	bool ok = boxes != NULL || complain(complaint, "out of memory");

	ok = ok && add_faults(boxes, options, world, complaint) &&
	     serve(options, world, boxes, complaint);
	boxes_free(boxes, world);
	return ok;
}
