/* reply.h - what a handler answers, before HTTP makes octets of it. */
#ifndef WEB_REPLY_H
#define WEB_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "ixwatch/digest.h"
#include "ixwatch/json.h"

#include "drawn.h"
#include "html.h"
#include "job.h"

#define REPLY_REVALIDATE (-1)

/* What a browser may do with a page: one of ours; one of ours that shows a letter in a frame; the letter itself, which
 * comes from outside the pages, shows what is within it, and does nothing. */
enum reply_guard { GUARD_PAGE, GUARD_FRAMING, GUARD_LETTER };

struct request;
struct reply;
struct sheet;

/* Fills the reply once the worker has answered; drawn and pending are lent.  Runs in the serving thread. */
typedef void reply_finish(const struct request *request, const struct drawn *drawn, void *pending,
			  struct reply *reply);

struct reply {
	unsigned status;            /* 0: nothing was said yet */
	const char *type;           /* of the body */
	char *body;                 /* owned; NULL with `fixed` */
	const void *fixed;          /* lives as long as the program */
	struct drawn *shared;       /* held; NULL, or the body instead of both, with its tag */
	int file;                   /* owned; 0, or an open file whose `len` octets are the body */
	const void *fixed_squeezed; /* `fixed` as gzip has it; NULL: not at all */
	size_t fixed_squeezed_len;
	bool is_squeezed;          /* the body is gzip's */
	const struct sheet *sheet; /* what would be JSON becomes this sheet; NULL: it stays JSON */
	char next[CURSOR_MAX];     /* the cursor for the rest of a list; "" */
	char *link;                /* owned; a Link header's value: where it goes on; NULL */
	size_t len;
	char etag[ETAG_MAX]; /* "": none */
	int max_age_sec;     /* REPLY_REVALIDATE: ask each time */
	const char *allow;   /* of a 405 */
	bool close;          /* the connection ends after it */
	struct job *job;     /* owned; a worker's answer is the body, of `type` */
	unsigned fresh_ms;   /* how long that answer may be shown again */
	reply_finish
	    *finish;   /* makes the answer of what the worker said, which is then no picture */
	void *pending; /* owned, overwritten when it goes: what finish needs; NULL */
	size_t pending_len;
	bool
	    is_private; /* for one account: kept by its browser alone, and not even there without a tag */
	bool has_viewer; /* that account is known (tag.h) */
	unsigned char viewer[DIGEST_LEN];
	bool
	    is_of_link; /* its address is a secret: it goes to nobody else, and no search engine keeps it */
	enum reply_guard guard;
	char file_name[128]; /* as it is to be saved: letters, digits, "._-"; "": it is shown */
	unsigned retry_after_sec; /* of a 429 */
	const char *challenge;    /* of a 401: how to show who one is; NULL: no such header */
	char location[1024];      /* of a 303; "" */
	char set_cookie[192];     /* "": none */
};

void reply_init(struct reply *reply);
void reply_free(struct reply *reply);

/* Makes the shared answer the body; takes the hold. */
void reply_share(struct reply *reply, struct drawn *drawn_take);
/* Octets of their own, or of an open file. */
void reply_octets(struct reply *reply, const char *type, char *body_take, size_t len);
void reply_file(struct reply *reply, const char *type, int fd_take, size_t len);

/* Each empties what it is given; running out of memory leaves status 0. */
void reply_html(struct reply *reply, unsigned status, struct html *html);
void reply_json(struct reply *reply, unsigned status, struct json *json_take);
/* Only `part`, which belongs to the tree that is taken. */
void reply_json_part(struct reply *reply, unsigned status, struct json *root_take,
		     const struct json *part);
void reply_text(struct reply *reply, unsigned status, const char *type, struct html *text);

#endif
