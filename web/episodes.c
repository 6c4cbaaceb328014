/* episodes.c - reads on until as many are listed as were asked for. */
#include "episodes.h"

#include <inttypes.h>

#include "refuse.h"
#include "sees.h"

#define TURN_MAX 1000 /* of the ledger; it reads no more of them than are asked for */

struct turn {
	const struct request *request;
	episodes_on_one *on_one;
	void *user;
	unsigned left; /* to be listed still */
	unsigned read_count;
	int64_t read_id, listed_id; /* the last of each */
};

static bool
on_episode(const struct ledger_episode *episode, void *user)
{
	struct turn *turn = user;

	turn->read_count++;
	turn->read_id = episode->id;
	if (!sees_port(turn->request, episode->subject.id) || !turn->on_one(episode, turn->user))
		return true;
	turn->listed_id = episode->id;
	return --turn->left > 0;
}

bool
episodes_each(const struct request *request, const struct ledger_episode_query *query,
	      episodes_on_one *on_one, void *user, int64_t *next_id, struct error *err)
{
	struct ledger_episode_query ask = *query;
	struct turn turn = {
		.request = request, .on_one = on_one, .user = user, .left = query->limit
	};

	ask.limit = TURN_MAX;
	do {
		turn.read_count = 0;
		if (!ledger_episode_each(request->ledger, &ask, on_episode, &turn, err))
			return false;
		ask.before_id = turn.read_id;
	} while (turn.left > 0 && turn.read_count == TURN_MAX);
	*next_id = turn.left == 0 ? turn.listed_id : 0;
	return true;
}

bool
episodes_cursor_refused(const struct request *request, struct reply *reply)
{
	int64_t cursor = request->query.cursor, port_id;
	struct error err = { 0 };

	if (cursor == 0 || request->ledger == NULL)
		return false;
	if (ledger_episode_subject(request->ledger, SUBJECT_PORT, cursor, &port_id, &err)) {
		if (sees_port(request, port_id))
			return false;
	} else if (err.code != ERR_NOT_FOUND) {
		refuse(request, reply, 503, "ledger", "%s", err.text);
		return true;
	}
	refuse(request, reply, 404, "not_found", "there is no episode %" PRId64 " to list on from",
	       cursor);
	return true;
}
