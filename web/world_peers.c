/* world_peers.c - who receives letters, by the configuration. */
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "world.h"

/* "a@example.net, b@example.net"; NULL when memory ran out. */
static const char *
join(struct arena *arena, const struct config_texts *texts)
{
	size_t len = 1;
	char *joined;

	for (size_t i = 0; i < texts->count; i++)
		len += strlen(texts->text[i]) + 2;
	joined = arena_take(arena, len);
	for (size_t i = 0, used = 0; joined != NULL && i < texts->count; i++)
		used += (size_t)snprintf(joined + used, len - used, "%s%s", i == 0 ? "" : ", ",
					 texts->text[i]);
	return joined;
}

static bool
copy_peer(struct world_peer *peer, struct arena *arena, const struct config_peer *config)
{
	uint32_t *also = arena_take(arena, (config->also_count + 1) * sizeof(*also));

	if (also == NULL)
		return false;
	for (size_t i = 0; i < config->also_count; i++)
		also[i] = config->also[i];
	*peer = (struct world_peer) { .asn = config->asn,
				      .also_count = config->also_count,
				      .also = also,
				      .recipients = join(arena, &config->report_to) };
	return peer->recipients != NULL;
}

bool
world_peers_set(struct world *world, const struct config *config)
{
	world->coordinator = join(world->arena, &config->report.coordinator);
	world->peers = arena_take(world->arena, (config->peer_count + 1) * sizeof(*world->peers));
	if (world->coordinator == NULL || world->peers == NULL)
		return false;
	for (size_t i = 0; i < config->peer_count; i++)
		if (!copy_peer(&world->peers[world->peer_count++], world->arena, &config->peers[i]))
			return false;
	return true;
}

static bool
is_of(const struct world_peer *peer, uint32_t asn)
{
	for (size_t i = 0; i < peer->also_count; i++)
		if (peer->also[i] == asn)
			return true;
	return peer->asn == asn;
}

const char *
world_peer_recipients(const struct world *world, uint32_t asn)
{
	for (size_t i = 0; i < world->peer_count; i++)
		if (is_of(&world->peers[i], asn))
			return world->peers[i].recipients[0] != '\0' ? world->peers[i].recipients
								     : "nobody: report-to is empty";
	return "nobody: the configuration has no such peer";
}
