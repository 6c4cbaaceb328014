/* world_moves.c - ports that were re-patched: where they went, and whose past they continue. */
#include <stdlib.h>

#include "arena.h"
#include "world.h"

struct reading {
	struct world *world;
	size_t room;
	bool failed;
};

static bool
on_move(const struct ledger_move *move, const struct port *old, void *user)
{
	struct reading *reading = user;
	struct world *world = reading->world;
	struct world_move *moves = world->moves;

	if (move->done_utc_sec == 0)
		return true;
	if (world->move_count == reading->room) {
		reading->room = reading->room * 2 + 16;
		moves = realloc(moves, reading->room * sizeof(*moves));
		reading->failed = moves == NULL;
		if (reading->failed)
			return false;
		world->moves = moves;
	}
	moves[world->move_count] = (struct world_move) { .new_id = move->new_id,
							 .at_utc_sec = move->at_utc_sec,
							 .seen_until_utc_sec = INT64_MAX,
							 .old = *old };
	reading->failed = !world_copy_texts(world->arena, &moves[world->move_count].old);
	world->move_count++;
	return !reading->failed;
}

bool
world_moves_set(struct world *world, struct ledger *ledger, struct error *err)
{
	struct reading reading = { .world = world };

	if (ledger == NULL)
		return true;
	if (!ledger_move_each(ledger, on_move, &reading, err))
		return false;
	if (reading.failed)
		return error_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < world->move_count; i++) {
		const struct world_move *move = &world->moves[i];
		struct world_port *from = (struct world_port *)world_port_find(world, move->old.id),
				  *to = (struct world_port *)world_port_find(world, move->new_id);

		if (from != NULL) {
			from->way.moved_to = move->new_id;
			from->way.moved_utc_sec = move->at_utc_sec;
		}
		if (to != NULL) {
			to->way.continues = move->old.id;
			to->way.continues_utc_sec = move->at_utc_sec;
			to->took_over_utc_sec = move->at_utc_sec;
		}
	}
	return true;
}

static int
by_old_id(const void *key, const void *element)
{
	int64_t id = *(const int64_t *)key;
	const struct world_move *move = element;

	return id < move->old.id ? -1 : id > move->old.id;
}

const struct world_move *
world_move_find(const struct world *world, int64_t old_id)
{
	return world->move_count > 0 ? bsearch(&old_id, world->moves, world->move_count,
					       sizeof(*world->moves), by_old_id)
				     : NULL;
}
