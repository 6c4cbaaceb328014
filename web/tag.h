/* tag.h - entity tags (RFC 9110, 8.8.3) of answers that are for one account alone.
 *
 * Such a tag is made of the answer's own and of who may see what: the account's name, its role, its scopes.  So the tag of
 * one account validates nothing for another, nor for the same one once its rights are others; and it is compared only
 * after the doors were passed. */
#ifndef WEB_TAG_H
#define WEB_TAG_H

#include "auth.h"
#include "reply.h"

/* Remembers for whom the reply is.  Only of a login or a token: what others get in private bears no tag. */
void tag_viewer(struct reply *reply, const struct identity *who);
/* Of a private reply that is whole: its tag becomes its viewer's own, or none. */
void tag_private(struct reply *reply);

#endif
