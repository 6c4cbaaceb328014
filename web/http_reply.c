/* http_reply.c - [libmicrohttpd] a reply as a response: its octets, and the headers that none goes without. */
#include <stdint.h>
#include <stdio.h>

#include "ixwatch/log.h"

#include "http_reply.h"
#include "squeeze.h"

#define POLICY_OF_PAGES                                                                            \
	"default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src "    \
	"'self'; "                                                                                 \
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

static const char *const policies[] = {
	[GUARD_PAGE] = POLICY_OF_PAGES,
	[GUARD_FRAMING] = POLICY_OF_PAGES "; frame-src 'self'",
	[GUARD_LETTER] = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri "
			 "'none'; form-action 'none'; frame-ancestors 'self'; sandbox",
};

static const struct security_header {
	const char *name, *value;
} security_headers[] = {
	{ "X-Content-Type-Options", "nosniff" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
};

static void
add_header(struct MHD_Response *response, const char *name, const char *value)
{
	if (MHD_add_response_header(response, name, value) != MHD_YES)
		log_error("web", "event=header_refused name=%s", name);
}

/* What a browser does with it, and whom it tells. */
static void
add_guards(struct MHD_Response *response, const struct reply *reply)
{
	char disposition[sizeof(reply->file_name) + 32];

	add_header(response, "Content-Security-Policy", policies[reply->guard]);
	add_header(response, "X-Frame-Options",
		   reply->guard == GUARD_LETTER ? "SAMEORIGIN" : "DENY");
	add_header(response, "Referrer-Policy", reply->is_of_link ? "no-referrer" : "same-origin");
	if (reply->is_of_link)
		add_header(response, "X-Robots-Tag", "noindex, nofollow, noarchive");
	if (reply->file_name[0] == '\0' || reply->status != 200) /* what went wrong is shown */
		return;
	snprintf(disposition, sizeof(disposition), "attachment; filename=\"%s\"", reply->file_name);
	add_header(response, "Content-Disposition", disposition);
}

/* Who may keep it, for how long, and what it depends on beside its address.  What is for one account is asked for each
 * time: its rights may be others by then. */
static void
add_keeping(struct MHD_Response *response, const struct reply *reply)
{
	bool is_tagged = reply->etag[0] != '\0', is_of_type = squeeze_is_of_type(reply);
	char cache[64] = "private, no-cache";

	if (is_tagged)
		add_header(response, MHD_HTTP_HEADER_ETAG, reply->etag);
	if (is_tagged && reply->is_private)
		add_header(response, MHD_HTTP_HEADER_VARY,
			   is_of_type ? "Accept-Encoding, Cookie, Authorization"
				      : "Cookie, Authorization");
	else if (is_of_type)
		add_header(response, MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT_ENCODING);
	if (reply->max_age_sec != REPLY_REVALIDATE && !reply->is_private)
		snprintf(cache, sizeof(cache), "private, max-age=%d", reply->max_age_sec);
	add_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
		   reply->is_private && !is_tagged                ? "private, no-store"
		   : reply->status >= 303 && reply->status != 304 ? "no-store"
								  : cache);
}

static void
add_headers(struct MHD_Response *response, const struct reply *reply)
{
	char number[16];

	add_guards(response, reply);
	add_keeping(response, reply);
	for (size_t i = 0; i < sizeof(security_headers) / sizeof(security_headers[0]); i++)
		add_header(response, security_headers[i].name, security_headers[i].value);
	if (reply->type != NULL)
		add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->type);
	if (reply->is_squeezed)
		add_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
	if (reply->next[0] != '\0')
		add_header(response, "X-Next-Cursor", reply->next);
	if (reply->link != NULL)
		add_header(response, MHD_HTTP_HEADER_LINK, reply->link);
	if (reply->location[0] != '\0')
		add_header(response, MHD_HTTP_HEADER_LOCATION, reply->location);
	if (reply->set_cookie[0] != '\0')
		add_header(response, MHD_HTTP_HEADER_SET_COOKIE, reply->set_cookie);
	if (reply->challenge != NULL)
		add_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, reply->challenge);
	if (reply->retry_after_sec > 0) {
		snprintf(number, sizeof(number), "%u", reply->retry_after_sec);
		add_header(response, MHD_HTTP_HEADER_RETRY_AFTER, number);
	}
	if (reply->allow != NULL)
		add_header(response, MHD_HTTP_HEADER_ALLOW, reply->allow);
	if (reply->close)
		add_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
}

static void
release_drawn(void *user)
{
	drawn_release(user);
}

/* The octets of the reply; whoever owned them, the response does now. */
static struct MHD_Response *
make_response(struct reply *reply)
{
	struct drawn *shared = reply->shared;
	char *body = reply->body;
	int file = reply->file;

	reply->shared = NULL;
	reply->file = 0;
	if (file > 0) /* the library reads and closes it */
		return MHD_create_response_from_fd64(reply->len, file);
	if (shared != NULL)
		return MHD_create_response_from_buffer_with_free_callback_cls(
		    shared->len, shared->data, release_drawn, shared);
	if (reply->fixed != NULL)
		return MHD_create_response_from_buffer(reply->len, (void *)(uintptr_t)reply->fixed,
						       MHD_RESPMEM_PERSISTENT);
	reply->body = NULL;
	return MHD_create_response_from_buffer(reply->len, body, MHD_RESPMEM_MUST_FREE);
}

struct MHD_Response *
http_reply_make(struct reply *reply)
{
	struct MHD_Response *response = make_response(reply);

	if (response != NULL)
		add_headers(response, reply);
	return response;
}
