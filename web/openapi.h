/* openapi.h - /api/v1/openapi.json: the API's own description, OpenAPI 3.1.
 *
 * One truth each: paths, roles and keys of the query are those of the route table (routes.c) and of query_keys.c, by which
 * requests are checked; words and numbers that come from tables of the program come from those tables; what a field means
 * stands in web/openapi/, a file a room, compiled in.  Put together once, at the first request. */
#ifndef WEB_OPENAPI_H
#define WEB_OPENAPI_H

#include "reply.h"
#include "request.h"

void openapi_get(const struct request *request, struct reply *reply);

#endif
