/* mime.h - a mail as octets: what goes over the wire after DATA, and what lies in an .eml file (RFC 5322, 2045, 2046, 2047,
 * 2387, 3834).  Pure.
 *
 * Texts from outside cannot make a header, a recipient or a part of their own: controls become spaces in a header and are
 * left out of a body, what is not ASCII is encoded, what is no UTF-8 becomes U+FFFD.  The same mail gives the same octets. */
#ifndef COLLECTOR_NOTIFY_MIME_H
#define COLLECTOR_NOTIFY_MIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/error.h"

/* What is carried beside the words. */
struct mime_part {
	const char *type;       /* "image/png"; a token, a slash, a token */
	const char *name;       /* of the file it is saved as; "" none */
	const char *content_id; /* the HTML shows it as cid:...; "" where nothing does */
	const void *octets;
	size_t len;
};

/* Texts are UTF-8, lent, and never NULL: "" where there is none. */
struct mime_mail {
	int64_t date_utc_sec;
	const char *from, *to, *reply_to; /* bare addresses: "noc@example.net" */
	const char *from_name;
	const char *message_id, *in_reply_to; /* "<unique@domain>" */
	const char *references;               /* several, blanks between; "": in_reply_to */
	const char *subject;
	const char *text; /* lines end with LF or CR LF */
	const char *html;
	size_t picture_count;
	const struct mime_part *pictures; /* beside the HTML; left out where there is no HTML */
	size_t attachment_count;
	const struct mime_part *attachments;
};

/* Around what an HTML text says of one picture: without that picture in the mail, all between is left out, so that nobody
 * sees a broken one. */
#define MIME_PICTURE_BEGIN(content_id) "<!--cid:" content_id "-->"
#define MIME_PICTURE_END(content_id)   "<!--/cid:" content_id "-->"

#define MIME_LINE_MAX 76 /* octets of a line without its CR LF */
#define MIME_WORD_MAX 75 /* of an encoded-word */

/* The whole mail in *out (caller frees), CR LF at the end of each line.  ERR_REFUSED: from or to is no address, or a part's
 * type is none; reply_to and ids that are none are left out. */
bool mime_write(char **out, size_t *len, const struct mime_mail *mail, struct error *err);

#endif
