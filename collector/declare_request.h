/* declare_request.h - the requests of declare.h as values; see there for what they may say. */
#ifndef COLLECTOR_DECLARE_REQUEST_H
#define COLLECTOR_DECLARE_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/error.h"
#include "ixwatch/json.h"
#include "ixwatch/ledger.h"

/* A request to add, understood; texts are lent from the request, or lie in `names`. */
struct declaration {
	struct ledger_window window;
	const char *port_name; /* of scope port: still to be found */
	char names[512];
};

/* A request to end a window. */
struct ending {
	int64_t id, until_utc_sec;
	const char *who;
};

/* ERR_USAGE with what is wrong and what is allowed.  The request must outlive what came of it. */
bool declare_parse_add(const struct json *request, struct declaration *out, struct error *err);
bool declare_parse_end(const struct json *request, struct ending *out, struct error *err);

/* The parts of a request that others have, too. */
/* Clean text of 1..max octets under the key. */
bool declare_take_text(const struct json *request, const char *key, size_t max, const char **out,
		       struct error *err);
bool declare_take_time(const struct json *request, const char *key, int64_t *utc_sec,
		       struct error *err);
/* Scope and port_name. */
bool declare_take_scope(const struct json *request, struct declaration *out, struct error *err);

#endif
