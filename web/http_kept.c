/* http_kept.c - [libmicrohttpd] see http_kept.h.
 *
 * Only answers of shared octets are kept whose headers follow from those octets, their type and their tag: a page of the
 * API asked for again and again.  An entry holds its octets, so that their address names them. */
#include "http_kept.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http_reply.h"

#define ENTRIES 16
#define OCTETS_MAX                                                                                 \
	(256u << 10) /* of one: so much is held at most beyond the cache's own, ENTRIES times */

struct entry {
	struct drawn *octets; /* held; NULL: the place is free */
	const char *type;
	char etag[ETAG_MAX];
	char *link; /* NULL: none.  It repeats the target as this request spelt it. */
	bool is_private, is_squeezed;
	struct MHD_Response *response;
	uint64_t used; /* the largest was used last */
};

struct http_kept {
	uint64_t uses;
	struct entry entries[ENTRIES];
};

struct http_kept *
http_kept_new(void)
{
	return calloc(1, sizeof(struct http_kept));
}

static void
clear(struct entry *entry)
{
	if (entry->response != NULL)
		MHD_destroy_response(entry->response);
	drawn_release(entry->octets);
	free(entry->link);
	*entry = (struct entry) { 0 };
}

void
http_kept_free(struct http_kept *kept)
{
	if (kept == NULL)
		return;
	for (size_t i = 0; i < ENTRIES; i++)
		clear(&kept->entries[i]);
	free(kept);
}

/* No header of it is this request's own. */
static bool
may_keep(const struct reply *reply)
{
	return reply->status == 200 && reply->shared != NULL && reply->len <= OCTETS_MAX &&
	       reply->etag[0] != '\0' && reply->max_age_sec == REPLY_REVALIDATE &&
	       reply->guard == GUARD_PAGE && !reply->is_of_link && !reply->close &&
	       reply->allow == NULL && reply->challenge == NULL && reply->retry_after_sec == 0 &&
	       reply->file_name[0] == '\0' && reply->location[0] == '\0' &&
	       reply->set_cookie[0] == '\0';
}

static bool
same_link(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
is_of(const struct entry *entry, const struct reply *reply)
{
	return entry->octets == reply->shared && entry->type == reply->type &&
	       entry->is_private == reply->is_private && entry->is_squeezed == reply->is_squeezed &&
	       strcmp(entry->etag, reply->etag) == 0 && same_link(entry->link, reply->link);
}

/* The reply's entry, or the place for it: the one not used for longest. */
static struct entry *
find(struct http_kept *kept, const struct reply *reply)
{
	struct entry *oldest = &kept->entries[0];

	for (size_t i = 0; i < ENTRIES; i++) {
		struct entry *entry = &kept->entries[i];

		if (is_of(entry, reply))
			return entry;
		if (entry->used < oldest->used)
			oldest = entry;
	}
	clear(oldest);
	return oldest;
}

struct MHD_Response *
http_kept_get(struct http_kept *kept, struct reply *reply)
{
	if (!may_keep(reply))
		return NULL;
	struct entry *entry = find(kept, reply);
	entry->used = ++kept->uses;
	if (entry->response != NULL)
		return entry->response;
	entry->octets = drawn_hold(reply->shared);
	entry->type = reply->type;
	entry->is_private = reply->is_private;
	entry->is_squeezed = reply->is_squeezed;
	memcpy(entry->etag, reply->etag, sizeof(entry->etag));
	entry->link = reply->link != NULL ? strdup(reply->link) : NULL;
	if (same_link(entry->link, reply->link))
		entry->response = http_reply_make(reply);
	if (entry->response == NULL)
		clear(entry);
	return entry->response;
}
