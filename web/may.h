/* may.h - whether somebody may: the one decision before every handler, by the row of the route, by who asks, and by the
 * world as they see it.  Pure.  What a row does not say is allowed to nobody. */
#ifndef WEB_MAY_H
#define WEB_MAY_H

#include <stdbool.h>

#include "auth.h"
#include "route.h"
#include "world.h"

enum may {
	MAY,
	MAY_KNOWN, /* not before it is known who they are */
	MAY_NOT,   /* not in their role */
	MAY_ABSENT /* what they ask for does not exist; for them */
};

/* world: what is within their scopes. */
enum may may_pass(const struct route *route, bool is_post, const struct identity *who,
		  const struct world *world, const struct route_params *params);

#endif
