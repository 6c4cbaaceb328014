/* select.h - the ports a request asks for. */
#ifndef WEB_SELECT_H
#define WEB_SELECT_H

#include "request.h"

/* Whether the port fits the query's exchange, agent, state, verdict, kind, ASN and text, as far as they are given. */
bool select_port(const struct query *query, const struct world_port *port);

/* Those that fit, worst first, from `skip` on, at most `max`; *total counts them all.  The array is the caller's to free;
 * NULL when memory ran out. */
const struct world_port **select_worst(const struct world *world, const struct query *query,
				       size_t skip, size_t max, size_t *count, size_t *total);

/* The same in the order of the query's `sort`; what is unknown comes last. */
const struct world_port **select_sorted(const struct world *world, const struct query *query,
					size_t skip, size_t max, size_t *count, size_t *total);

/* Refuses an exchange that does not exist; true when it did. */
bool select_refused(const struct request *request, struct reply *reply);

#endif
