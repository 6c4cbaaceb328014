/* request.h - what a handler gets: one world, the checked query, the parts of the path. */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include <stdint.h>

#include "ixwatch/ledger.h"

#include "ixwatch/json.h"

#include "auth.h"
#include "draw.h"
#include "form.h"
#include "query.h"
#include "route.h"
#include "world.h"

/* Counted by the server since its start. */
struct request_counts {
	uint64_t requests, errors;
	int64_t started_utc_sec;
};

struct request {
	const struct world *world; /* held for the request: what the account may see of it */
	const char *state_dir;
	const struct world_port
	    *port; /* in place of the world's, where it is shown by other numbers; NULL */
	struct ledger *ledger; /* the serving thread's own; NULL: there is none (yet) */
	struct draw *draw;     /* for its health */
	struct request_counts counts;
	struct query query;
	struct route_params params;
	enum route_type type;
	int64_t now_utc_sec;
	struct auth *auth;
	struct identity who;
	const struct visit *visit;
	bool is_of_link;         /* what a letter's link may open: its pages lead nowhere else */
	const struct form *form; /* of a POST from a page; else NULL */
	const struct json *body; /* of a POST from a program; else NULL */
};

#endif
