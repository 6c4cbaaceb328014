/* drawn.h - what a worker answered, shared by the connections that wait for it and the cache that keeps it. */
#ifndef WEB_DRAWN_H
#define WEB_DRAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "job.h"

#define ETAG_MAX   24
#define CURSOR_MAX 24

/* Immutable once it is shared.  Ends with the last drawn_release. */
struct drawn {
	bool ok;                 /* else `data` is a sentence that says why not */
	unsigned status;         /* of the HTTP answer */
	int64_t expires_mono_ms; /* until then it may be shown again */
	char etag[ETAG_MAX];     /* quoted */
	char next[CURSOR_MAX];   /* the cursor for the rest of a list; "": that was all */
	size_t len;
	char *data; /* terminated, beyond len */
	struct drawn *
	    squeezed; /* the same octets made fewer (squeeze.h): the serving thread's; NULL: not yet */
};

struct drawn *drawn_new(size_t len); /* NULL when memory ran out; one holder */
struct drawn *drawn_failure(unsigned status,
			    const char *sentence); /* never NULL: falls back to a static one */
struct drawn *drawn_hold(struct drawn *drawn);
void drawn_release(struct drawn *drawn); /* NULL is fine */

/* An entity tag of these octets: a hash, quoted. */
void etag_of(char etag[ETAG_MAX], const void *data, size_t len);
/* Whether an If-None-Match header (may be NULL) names the tag. */
bool etag_matches(const char *if_none_match, const char *etag);

/* The newest answers by key; bounded by number and octets.  Not locked: the owner does. */
struct drawn_cache;
struct drawn_cache *drawn_cache_new(size_t octets_max);
void drawn_cache_free(struct drawn_cache *cache);
/* Held for the caller, or NULL. */
struct drawn *drawn_cache_find(struct drawn_cache *cache, const char *key, int64_t now_mono_ms);
void drawn_cache_put(struct drawn_cache *cache, const char *key, struct drawn *drawn);

#endif
