/* octets.c - see octets.h. */
#include "notify/octets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/utf8.h"

#define LINE_MAX_LEN 76 /* of encoded text (RFC 2045, 6.7 and 6.8) */
#define WORD_OCTETS  42 /* of an encoded-word: 75 characters in all (RFC 2047, 2) */

/* --- encodings --- */

static void
put_base64(FILE *to, const unsigned char *data, size_t len, size_t line_len)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t column = 0;

	for (size_t i = 0; i < len; i += 3) {
		unsigned long bits = (unsigned long)data[i] << 16;

		if (i + 1 < len)
			bits |= (unsigned long)data[i + 1] << 8;
		if (i + 2 < len)
			bits |= data[i + 2];
		putc(digits[bits >> 18], to);
		putc(digits[bits >> 12 & 63], to);
		putc(i + 1 < len ? digits[bits >> 6 & 63] : '=', to);
		putc(i + 2 < len ? digits[bits & 63] : '=', to);
		column += 4;
		if (line_len != 0 && column >= line_len) {
			fputs("\r\n", to);
			column = 0;
		}
	}
	if (line_len != 0 && column > 0)
		fputs("\r\n", to);
}

/* Whether it may stand as it is; blanks at a line's end are lost on the way. */
static bool
is_plain(unsigned char c, bool at_end)
{
	return (c > ' ' && c < 0x7f && c != '=') || ((c == ' ' || c == '\t') && !at_end);
}

static void
put_quoted_printable(FILE *to, const char *text)
{
	size_t column = 0;

	for (const char *c = text; *c != '\0'; c++) {
		bool at_end = c[1] == '\0' || c[1] == '\n' || (c[1] == '\r' && c[2] == '\n');
		bool plain = is_plain((unsigned char)*c, at_end);

		if (*c == '\n' || (*c == '\r' && c[1] == '\n')) {
			c += *c == '\r';
			fputs("\r\n", to);
			column = 0;
			continue;
		}
		if (column + (plain ? 1 : 3) > LINE_MAX_LEN - 1) {
			fputs("=\r\n", to);
			column = 0;
		}
		if (plain)
			putc(*c, to);
		else
			fprintf(to, "=%02X", (unsigned char)*c);
		column += plain ? 1 : 3;
	}
	fputs("\r\n", to);
}

static bool
is_ascii_line(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || (unsigned char)*text > '~')
			return false;
	return true;
}

/* Encoded-words of whole characters; what is no UTF-8 becomes U+FFFD, controls become spaces. */
static void
put_words(FILE *to, const char *text)
{
	size_t left = strlen(text);

	for (bool first = true; left > 0; first = false) {
		unsigned char word[WORD_OCTETS + 4];
		size_t used = 0;

		while (left > 0 && used + 4 <= WORD_OCTETS) {
			uint32_t c;
			size_t step = utf8_next(text, left, &c);

			if (step == 0) {
				memcpy(word + used, UTF8_REPLACEMENT, UTF8_REPLACEMENT_LEN);
				used += UTF8_REPLACEMENT_LEN;
				step = 1;
			} else if (utf8_is_control(c)) {
				word[used++] = ' ';
			} else {
				memcpy(word + used, text, step);
				used += step;
			}
			text += step;
			left -= step;
		}
		fputs(first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?", to);
		put_base64(to, word, used, 0);
		fputs("?=", to);
	}
}

/* "=?" in it would be read as an encoded-word. */
static void
put_subject(FILE *to, const char *subject)
{
	fputs("Subject: ", to);
	if (is_ascii_line(subject) && strlen(subject) <= 900 && strstr(subject, "=?") == NULL)
		fputs(subject, to);
	else
		put_words(to, subject);
	fputs("\r\n", to);
}

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

/* Message-IDs, one a line: only what can be one gets into the header. */
static void
put_ids(FILE *to, const char *name, const char *ids)
{
	bool any = false;

	for (const char *at = ids; *at != '\0';) {
		size_t len = strcspn(at, " \t\r\n");
		bool good = len > 2 && at[0] == '<' && at[len - 1] == '>';

		for (size_t i = 0; i < len; i++)
			good = good && at[i] > ' ' && at[i] < 0x7f;
		if (good) {
			fputs(any ? "\r\n " : name, to);
			fputs(any ? "" : ": ", to);
			fwrite(at, 1, len, to);
			any = true;
		}
		at += len;
		at += strspn(at, " \t\r\n");
	}
	if (any)
		fputs("\r\n", to);
}

static void
put_header(FILE *to, const struct outbox_mail *mail, const struct octets_frame *frame)
{
	put_date(to, frame->date_utc_sec);
	fprintf(to, "From: ixwatch <%s>\r\nTo: <%s>\r\n", frame->from, mail->recipient);
	if (frame->reply_to[0] != '\0')
		fprintf(to, "Reply-To: <%s>\r\n", frame->reply_to);
	put_subject(to, mail->subject);
	put_ids(to, "Message-ID", mail->message_id);
	put_ids(to, "In-Reply-To", mail->in_reply_to);
	put_ids(to, "References",
		mail->references[0] != '\0' ? mail->references : mail->in_reply_to);
	fputs("Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n"
	      "MIME-Version: 1.0\r\n",
	      to);
}

/* --- parts --- */

#define MIXED       "ixwatch-=_mixed"
#define ALTERNATIVE "ixwatch-=_alternative"
#define RELATED     "ixwatch-=_related"

/* "=_" never stands in quoted-printable or base64: the boundaries need no chance. */
static void
begin_multipart(FILE *to, const char *type, const char *boundary)
{
	fprintf(to, "Content-Type: %s; boundary=\"%s\"\r\n\r\n", type, boundary);
}

static void
put_text_part(FILE *to, const char *type, const char *text)
{
	fprintf(to,
		"Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: "
		"quoted-printable\r\n\r\n",
		type);
	put_quoted_printable(to, text);
}

static void
put_picture_part(FILE *to, const struct octets_frame *frame)
{
	fputs("Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
	      "Content-ID: <graph>\r\nContent-Disposition: inline; filename=\"graph.png\"\r\n\r\n",
	      to);
	put_base64(to, frame->picture, frame->picture_len, LINE_MAX_LEN);
}

static void
put_html(FILE *to, const struct outbox_mail *mail, const struct octets_frame *frame)
{
	if (frame->picture == NULL) {
		put_text_part(to, "text/html", mail->html);
		return;
	}
	begin_multipart(to, "multipart/related; type=\"text/html\"", RELATED);
	fputs("--" RELATED "\r\n", to);
	put_text_part(to, "text/html", mail->html);
	fputs("--" RELATED "\r\n", to);
	put_picture_part(to, frame);
	fputs("--" RELATED "--\r\n", to);
}

static void
put_body(FILE *to, const struct outbox_mail *mail, const struct octets_frame *frame)
{
	if (mail->html[0] != '\0') {
		begin_multipart(to, "multipart/alternative", ALTERNATIVE);
		fputs("--" ALTERNATIVE "\r\n", to);
		put_text_part(to, "text/plain", mail->text);
		fputs("--" ALTERNATIVE "\r\n", to);
		put_html(to, mail, frame);
		fputs("--" ALTERNATIVE "--\r\n", to);
	} else if (frame->picture != NULL) {
		begin_multipart(to, "multipart/mixed", MIXED);
		fputs("--" MIXED "\r\n", to);
		put_text_part(to, "text/plain", mail->text);
		fputs("--" MIXED "\r\n", to);
		put_picture_part(to, frame);
		fputs("--" MIXED "--\r\n", to);
	} else {
		put_text_part(to, "text/plain", mail->text);
	}
}

bool
octets_make(char **out, size_t *len, const struct outbox_mail *mail,
	    const struct octets_frame *frame, struct error *err)
{
	FILE *to;
	bool failed;

	*out = NULL;
	to = open_memstream(out, len);
	if (to == NULL)
		return error_set(err, ERR_NOMEM, "mail: out of memory");
	put_header(to, mail, frame);
	put_body(to, mail, frame);
	failed = ferror(to) != 0;
	if (fclose(to) == 0 && !failed)
		return true;
	free(*out);
	*out = NULL;
	return error_set(err, ERR_NOMEM, "mail: out of memory");
}
