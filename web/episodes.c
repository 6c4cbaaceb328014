/* episodes.c - reads on until as many are listed as were asked for.
 *
 * Of a million episodes all were read for an account of a few quiet ports, which took two seconds in which nobody else was
 * served; so the ledger is asked by its indexes for what the account sees, where it sees little. */
#include "episodes.h"

#include <inttypes.h>
#include <stdio.h>

#include "refuse.h"
#include "sees.h"

#define TURN_MAX 1000 /* of the ledger; it reads no more of them than are asked for */

#define WIDE_TURNS 8 /* of all ports' episodes, before the few are named */
#define FEW        64
#define FEW_ROOM   (FEW * 21 + 3) /* of their ids, with commas and brackets */

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
	if (!sees_port_at(turn->request, episode->subject.id, episode->start_utc_sec) ||
	    !turn->on_one(episode, turn->user))
		return true;
	turn->listed_id = episode->id;
	return --turn->left > 0;
}

/* The ids of all ports that are seen, also of those that moved; NULL when they are too many to be named. */
static const char *
name_few(char dst[FEW_ROOM], const struct world *world)
{
	const char *before = "[";
	size_t used = 0;

	if (world->port_count + world->move_count > FEW)
		return NULL;
	for (size_t i = 0; i < world->port_count; i++, before = ",")
		used += (size_t)snprintf(dst + used, FEW_ROOM - used, "%s%" PRId64, before,
					 world->ports[i].port.id);
	for (size_t i = 0; i < world->move_count; i++, before = ",")
		used += (size_t)snprintf(dst + used, FEW_ROOM - used, "%s%" PRId64, before,
					 world->moves[i].old.id);
	snprintf(dst + used, FEW_ROOM - used, "%s", used == 0 ? "[]" : "]");
	return dst;
}

/* Leaves out of the question what could not be seen anyway: other exchanges at once; other ports once it shows that there
 * are many of theirs in between, for the few then are sorted anew each time. */
static void
narrow(struct ledger_episode_query *query, const struct request *request, unsigned turns,
       char few[FEW_ROOM])
{
	const struct account_scopes *scopes = &request->who.scopes;

	if (scopes->count == 0 || query->subject.id != 0)
		return;
	if (scopes->count == 1 && scopes->scope[0].asn == 0 && query->exchange == NULL)
		query->exchange = scopes->scope[0].exchange;
	if (turns == WIDE_TURNS && query->asn == 0)
		query->subjects = name_few(few, request->world);
}

bool
episodes_each(const struct request *request, const struct ledger_episode_query *query,
	      episodes_on_one *on_one, void *user, int64_t *next_id, struct error *err)
{
	struct ledger_episode_query ask = *query;
	struct turn turn = {
		.request = request, .on_one = on_one, .user = user, .left = query->limit
	};
	char few[FEW_ROOM];
	unsigned turns = 0;

	ask.limit = TURN_MAX;
	do {
		turn.read_count = 0;
		narrow(&ask, request, turns++, few);
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
	int64_t cursor = request->query.cursor, port_id, start_utc_sec;
	struct error err = { 0 };

	if (cursor == 0 || request->ledger == NULL)
		return false;
	if (ledger_episode_subject(request->ledger, SUBJECT_PORT, cursor, &port_id, &start_utc_sec,
				   &err)) {
		if (sees_port_at(request, port_id, start_utc_sec))
			return false;
	} else if (err.code != ERR_NOT_FOUND) {
		refuse(request, reply, 503, "ledger", "%s", err.text);
		return true;
	}
	refuse(request, reply, 404, "not_found", "there is no episode %" PRId64 " to list on from",
	       cursor);
	return true;
}
