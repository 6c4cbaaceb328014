/* route.h - the face of the server is a table: what is no row is a 404.
 *
 * A pattern is literal but for {id} and {asn} (whole numbers from 1) and {slug} (text without '/'). */
#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct request;
struct reply;

/* What a route answers with: its errors come in the same form. */
enum route_type { ROUTE_PAGE, ROUTE_JSON, ROUTE_IMAGE, ROUTE_TEXT, ROUTE_ASSET };

/* Fills the reply; an error is filled in by reply_error. */
typedef void route_handler(const struct request *request, struct reply *reply);

struct route {
	const char *pattern;
	unsigned args; /* of enum query_arg: the query keys allowed (any other: 400) */
	enum route_type type;
	route_handler *handler;
	bool is_kept; /* its answer follows from world and target alone: made once a world */
};

#define ROUTE_SLUG_MAX 128

struct route_params {
	int64_t id;
	uint32_t asn;
	char slug[ROUTE_SLUG_MAX];
};

/* The row that fits the decoded path, or NULL. */
const struct route *route_find(const struct route *routes, size_t route_count, const char *path,
			       struct route_params *params);

/* The form in which errors of a path are said that is no row: JSON below /api/, else a page. */
enum route_type route_type_of_path(const char *path);

#endif
