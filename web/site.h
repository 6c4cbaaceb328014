/* site.h - the whole face of the server: the table of routes, and one function that answers a request target.
 *
 * Belongs to the serving thread, but for site_counts. */
#ifndef WEB_SITE_H
#define WEB_SITE_H

#include "ixwatch/error.h"

#include "draw.h"
#include "keeper.h"
#include "reply.h"
#include "request.h"

struct site;

/* Lends keeper and draw. */
bool site_open(struct site **out, const char *state_dir, struct keeper *keeper, struct draw *draw,
	       struct error *err);
void site_close(struct site *site); /* NULL is fine */

/* Answers GET of a raw request target ("/ports/12?x=1").  Always leaves a reply with a status. */
void site_answer(struct site *site, const char *target, struct reply *reply);

/* Answers it with an error instead, in the form that its path asks for. */
void site_refuse(struct site *site, const char *target, struct reply *reply, unsigned status,
		 const char *code, const char *sentence);

/* Whether this Host header (NULL: none was sent) may be answered: a page from elsewhere whose name was made to point
 * here must not read ours.  `address` is the one listened on, as text; is_loopback: nobody else can reach it. */
bool site_knows_host(struct site *site, const char *host, const char *address, bool is_loopback);

#endif
