/* report_facts.h - the facts of a letter, gathered: one JSON document, as notify/letter.h says. */
#ifndef COLLECTOR_REPORT_FACTS_H
#define COLLECTOR_REPORT_FACTS_H

#include "ixwatch/json.h"
#include "report_connection.h"

/* What a letter is about, beside the week. */
struct report_edition {
	const char *week;
	int32_t monday;
	unsigned edition;
	const char *corrects; /* NULL: edition 1 */
};

/* Called with each connection of a peer while its history is at hand, for its picture; `out` is the connection in the facts. */
typedef bool report_on_view(const struct report_view *view,
			    const struct peer_connection *connection, struct json *out, void *user,
			    struct error *err);

/* A peer's.  *facts NULL: nothing of it was known before the week's end.  The caller frees both. */
bool report_facts_of_peer(struct json **facts, char **csv, const struct report_house *house,
			  const struct report_peer *peer, const struct report_edition *edition,
			  report_on_view *on_view, void *user, struct error *err);

/* Of an exchange (slug), or of everything (NULL): connections of peers' letters, each as report_facts_reduced_put leaves it. */
struct json *report_facts_of_many(const struct report_house *house, const char *exchange,
				  const struct report_edition *edition,
				  struct json *connections_take);

/* A connection as letters about many parties have it: without days, hours, episodes and picture, and without what is between
 * us and one of them: contract and circuit. */
void report_facts_reduced_put(struct json *list, const struct json *connection);

/* The gravest verdict of a document's connections, both directions; at one exchange, or (NULL) of all. */
enum verdict report_facts_verdict_at(const struct json *facts, const char *exchange);

#endif
