/* squeeze.h - answers made smaller on their way, with gzip.
 *
 * Of texts only (pictures are small already), from a kilobyte on, up to a bound, at the level that costs least: see
 * squeeze.c for the figures.  Only of answers that went well: an error repeats what was asked beside the secret of a form,
 * and the length of the two squeezed together would tell who listens something of the secret (BREACH). */
#ifndef WEB_SQUEEZE_H
#define WEB_SQUEEZE_H

#include <stdbool.h>

#include "reply.h"

/* Whether answers of this kind come in two forms: then all of them say so (Vary). */
bool squeeze_is_of_type(const struct reply *reply);

/* Whether this one is worth it; what is sent from a file is not. */
bool squeeze_fits(const struct reply *reply);

/* Its entity tag from now on: the two forms are different octets (RFC 9110, 8.8.3.3). */
void squeeze_tag(struct reply *reply);

/* The body, squeezed; of what is kept, or lives as long as the program, only once.  Runs in the serving thread alone.
 * When it cannot be done the reply is as it was before the tag. */
void squeeze(struct reply *reply);

/* Octets of these; NULL when memory ran out or they would not be fewer.  Caller frees. */
char *squeeze_dup(const void *data, size_t len, size_t *squeezed_len);

#endif
