/* episodes.h - lists of episodes as who asks may see them: what is outside their scopes makes no list shorter, and no cursor
 * names it. */
#ifndef WEB_EPISODES_H
#define WEB_EPISODES_H

#include "reply.h"
#include "request.h"

/* Lent for the call.  False: it is not of this list, and does not count. */
typedef bool episodes_on_one(const struct ledger_episode *episode, void *user);

/* Newest first, as many as query->limit says.  *next_id: the cursor for the rest; 0: those were all.  request->ledger must
 * be there. */
bool episodes_each(const struct request *request, const struct ledger_episode_query *query,
		   episodes_on_one *on_one, void *user, int64_t *next_id, struct error *err);

/* Refuses a cursor that names no episode; one that names what is not seen, in the same words.  True when it did. */
bool episodes_cursor_refused(const struct request *request, struct reply *reply);

#endif
