/* graph.h - routes whose answers are made by a worker: pictures, and stretches of a series. */
#ifndef WEB_GRAPH_H
#define WEB_GRAPH_H

#include "reply.h"
#include "request.h"

void graph_png(const struct request *request, struct reply *reply);
void graph_svg(const struct request *request, struct reply *reply);
/* Four weeks, hour by day. */
void graph_heat(const struct request *request, struct reply *reply);
/* In place of a picture of which there are no samples yet: a drawn one that says so, where the type lets it be
 * drawn.  False: it is left as it is. */
bool graph_blank(struct reply *reply, const char *type);

void graph_series(const struct request *request,
		  struct reply *reply); /* /api/v1/ports/{id}/series */
void graph_series_csv(const struct request *request, struct reply *reply);

/* The traffic of an exchange, of a day, as small as a line of text. */
void graph_exchange(const struct request *request, struct reply *reply);

#endif
