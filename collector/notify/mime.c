/* mime.c - see mime.h.
 *
 * The tree, each layer only where it is needed: mixed(alternative(text, related(HTML, pictures)), attachments).  The
 * boundaries have "=_" in them, which neither quoted-printable nor base64 can bring forth: they need no chance. */
#include "notify/mime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mail_address.h"
#include "notify/mime_encode.h"

#define MIXED       "ixwatch=_mixed"
#define ALTERNATIVE "ixwatch=_alternative"
#define RELATED     "ixwatch=_related"
#define ID_MAX      900 /* a line of a header has at most 998 (RFC 5322, 2.1.1) */

static const char token_characters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-";

/* --- header --- */

static void
put_date(FILE *to, int64_t utc_sec)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t at = (time_t)utc_sec;
	struct tm tm;

	if (gmtime_r(&at, &tm) != NULL)
		fprintf(to, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday],
			tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
			tm.tm_sec);
}

static bool
is_message_id(const char *text, size_t len)
{
	size_t at_count = 0;

	if (len < 5 || len > ID_MAX || text[0] != '<' || text[len - 1] != '>')
		return false;
	for (size_t i = 1; i + 1 < len; i++) {
		if (text[i] <= ' ' || text[i] >= 0x7f || text[i] == '<' || text[i] == '>')
			return false;
		at_count += text[i] == '@';
	}
	return at_count == 1 && text[1] != '@' && text[len - 2] != '@';
}

/* One a line, at most `max` of them: only what can be one gets into the header. */
static void
put_ids(FILE *to, const char *name, const char *ids, size_t max)
{
	size_t count = 0;

	while (*ids != '\0' && count < max) {
		size_t len = strcspn(ids, " \t\r\n");

		if (is_message_id(ids, len)) {
			fprintf(to, "%s %.*s", count == 0 ? name : "\r\n", (int)len, ids);
			count++;
		}
		ids += len;
		ids += strspn(ids, " \t\r\n");
	}
	if (count > 0)
		fputs("\r\n", to);
}

static void
put_from(FILE *to, const struct mime_mail *mail)
{
	fputs("From: ", to);
	if (mail->from_name[0] != '\0') {
		mime_put_phrase(to, mail->from_name, strlen("From: "));
		fputs("\r\n ", to);
	}
	fprintf(to, "<%s>\r\n", mail->from);
}

static void
put_header(FILE *to, const struct mime_mail *mail)
{
	put_date(to, mail->date_utc_sec);
	put_from(to, mail);
	fprintf(to, "To: <%s>\r\n", mail->to);
	if (mail_address_ok(mail->reply_to))
		fprintf(to, "Reply-To: <%s>\r\n", mail->reply_to);
	fputs("Subject: ", to);
	mime_put_unstructured(to, mail->subject, strlen("Subject: "));
	fputs("\r\n", to);
	put_ids(to, "Message-ID:", mail->message_id, 1);
	put_ids(to, "In-Reply-To:", mail->in_reply_to, 1);
	put_ids(to,
		"References:", mail->references[0] != '\0' ? mail->references : mail->in_reply_to,
		100);
	/* RFC 3834: no out-of-office answers to a machine; the second is what Exchange heeds. */
	fputs("Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n"
	      "MIME-Version: 1.0\r\n",
	      to);
}

/* --- parts --- */

static void
put_multipart(FILE *to, const char *subtype, const char *boundary)
{
	fprintf(to, "Content-Type: multipart/%s;\r\n boundary=\"%s\"\r\n\r\n--%s\r\n", subtype,
		boundary, boundary);
}

/* The line end before it is its own, not the part's (RFC 2046, 5.1.1). */
static void
put_boundary(FILE *to, const char *boundary, const char *end)
{
	fprintf(to, "\r\n--%s%s\r\n", boundary, end);
}

static void
put_text_type(FILE *to, const char *subtype)
{
	fprintf(to,
		"Content-Type: text/%s; charset=utf-8\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n\r\n",
		subtype);
}

/* A name in a header's parameter: what is no token character becomes "_". */
static void
put_token(FILE *to, const char *text)
{
	for (size_t i = 0; i < 60 && text[i] != '\0'; i++)
		putc(strchr(token_characters, text[i]) != NULL ? text[i] : '_', to);
}

static void
put_part(FILE *to, const struct mime_part *part, bool inlined)
{
	fprintf(to, "Content-Type: %s\r\nContent-Transfer-Encoding: base64\r\n", part->type);
	if (part->content_id[0] != '\0') {
		fputs("Content-ID: <", to);
		put_token(to, part->content_id);
		fputs(">\r\n", to);
	}
	fprintf(to, "Content-Disposition: %s", inlined ? "inline" : "attachment");
	if (part->name[0] != '\0') {
		fputs("; filename=\"", to);
		put_token(to, part->name);
		fputs("\"", to);
	}
	fputs("\r\n\r\n", to);
	mime_put_base64(to, part->octets, part->len);
}

/* --- HTML, without what it says of pictures that are not there --- */

static bool
has_picture(const struct mime_mail *mail, const char *id, size_t len)
{
	for (size_t i = 0; i < mail->picture_count; i++)
		if (strlen(mail->pictures[i].content_id) == len &&
		    memcmp(mail->pictures[i].content_id, id, len) == 0)
			return true;
	return false;
}

/* Past the end of what begins at "<!--cid:ID-->", or NULL when that picture is there. */
static const char *
absent_end(const struct mime_mail *mail, const char *begin)
{
	static const char open[] = "<!--cid:", close[] = "<!--/cid:";
	const char *id = begin + strlen(open);
	size_t len = strcspn(id, "-<>");

	if (strncmp(id + len, "-->", 3) != 0 || has_picture(mail, id, len))
		return NULL;
	for (const char *at = strstr(id, close); at != NULL; at = strstr(at + 1, close)) {
		const char *end = at + strlen(close);

		if (strncmp(end, id, len) == 0 && strncmp(end + len, "-->", 3) == 0)
			return end + len + 3;
	}
	return NULL;
}

/* NULL: memory ran out. */
static char *
html_dup(const struct mime_mail *mail)
{
	char *html = malloc(strlen(mail->html) + 1), *put = html;
	const char *from = mail->html;

	if (html == NULL)
		return NULL;
	while (*from != '\0') {
		const char *end = strncmp(from, "<!--cid:", 8) == 0 ? absent_end(mail, from) : NULL;

		if (end != NULL)
			from = end;
		else
			*put++ = *from++;
	}
	*put = '\0';
	return html;
}

/* --- the tree --- */

static bool
put_html(FILE *to, const struct mime_mail *mail)
{
	char *html = html_dup(mail);

	if (html == NULL)
		return false;
	if (mail->picture_count > 0)
		put_multipart(to, "related; type=\"text/html\"", RELATED);
	put_text_type(to, "html");
	mime_put_quoted_printable(to, html, strlen(html));
	free(html);
	for (size_t i = 0; i < mail->picture_count; i++) {
		put_boundary(to, RELATED, "");
		put_part(to, &mail->pictures[i], true);
	}
	if (mail->picture_count > 0)
		put_boundary(to, RELATED, "--");
	return true;
}

static bool
put_words_part(FILE *to, const struct mime_mail *mail)
{
	bool has_html = mail->html[0] != '\0', done = true;

	if (has_html)
		put_multipart(to, "alternative", ALTERNATIVE);
	put_text_type(to, "plain");
	mime_put_quoted_printable(to, mail->text, strlen(mail->text));
	if (has_html) {
		put_boundary(to, ALTERNATIVE, "");
		done = put_html(to, mail);
		put_boundary(to, ALTERNATIVE, "--");
	}
	return done;
}

static bool
put_body(FILE *to, const struct mime_mail *mail)
{
	bool done;

	if (mail->attachment_count > 0)
		put_multipart(to, "mixed", MIXED);
	done = put_words_part(to, mail);
	for (size_t i = 0; i < mail->attachment_count; i++) {
		put_boundary(to, MIXED, "");
		put_part(to, &mail->attachments[i], false);
	}
	if (mail->attachment_count > 0)
		put_boundary(to, MIXED, "--");
	return done;
}

/* --- what is no mail --- */

static bool
part_check(const struct mime_part *part, struct error *err)
{
	size_t top = strspn(part->type, token_characters), sub;

	sub = part->type[top] == '/' ? strspn(part->type + top + 1, token_characters) : 0;
	return (top > 0 && sub > 0 && part->type[top + 1 + sub] == '\0' && top + sub < 100) ||
	       error_set(err, ERR_REFUSED, "mail: \"%.40s\" is no type of a part", part->type);
}

static bool
mail_check(const struct mime_mail *mail, struct error *err)
{
	if (!mail_address_ok(mail->from))
		return error_set(err, ERR_REFUSED, "mail: the sender \"%.254s\" is no address",
				 mail->from);
	if (!mail_address_ok(mail->to))
		return error_set(err, ERR_REFUSED, "mail: the recipient \"%.254s\" is no address",
				 mail->to);
	for (size_t i = 0; i < mail->picture_count; i++)
		if (!part_check(&mail->pictures[i], err))
			return false;
	for (size_t i = 0; i < mail->attachment_count; i++)
		if (!part_check(&mail->attachments[i], err))
			return false;
	return true;
}

bool
mime_write(char **out, size_t *len, const struct mime_mail *mail, struct error *err)
{
	char *octets = NULL;
	FILE *to;
	bool done;

	if (!mail_check(mail, err))
		return false;
	to = open_memstream(&octets, len);
	if (to == NULL)
		return error_set(err, ERR_NOMEM, "mail: out of memory");
	put_header(to, mail);
	done = put_body(to, mail) && ferror(to) == 0;
	if (fclose(to) != 0 || !done) {
		free(octets);
		return error_set(err, ERR_NOMEM, "mail: out of memory");
	}
	*out = octets;
	return true;
}
