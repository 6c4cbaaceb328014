/* site.h - the whole face of the server: one function that answers a visit, and the one check before every answer.
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

/* Lends keeper, draw and auth. */
bool site_open(struct site **out, const char *state_dir, struct keeper *keeper, struct draw *draw,
	       struct auth *auth, struct error *err);
void site_close(struct site *site); /* NULL is fine */

/* Answers a visit, once who it is was asked and whether they may.  Leaves a reply with a status, or with a job: then
 * site_finish is to be called with what the worker said, when the reply has `finish`. */
void site_answer(struct site *site, const struct visit *visit, struct reply *reply);
void site_finish(struct site *site, const struct visit *visit, const struct drawn *drawn,
		 struct reply *reply);

/* Answers it with an error instead, in the form that its path asks for. */
void site_refuse(struct site *site, const struct visit *visit, struct reply *reply, unsigned status,
		 const char *code, const char *sentence);

/* The methods of a target, as an Allow header has them; those of a path that is none, too. */
const char *site_allows(const char *target);

/* Whether this Host header (NULL: none was sent) may be answered: a page from elsewhere whose name was made to point
 * here must not read ours.  `address` is the one listened on, as text; is_loopback: nobody else can reach it. */
bool site_knows_host(struct site *site, const char *host, const char *address, bool is_loopback);

#endif
