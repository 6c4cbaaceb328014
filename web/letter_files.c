/* letter_files.c - the kept files of a letter, for its link and for accounts alike: the letter with its pictures within it,
 * its text, the samples of its week, the facts, one picture.  The words are those of the mail: the note before the letter,
 * the link in its place. */
#include "letter_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/letter_mail.h"

#include "kept.h"
#include "letter.h"
#include "letter_facts.h"
#include "refuse.h"

/* --- opening --- */

static bool
is_readable(const struct request *request, struct reply *reply)
{
	if (request->world->has_ledger && request->ledger != NULL)
		return true;
	refuse(request, reply, 503, "no_data", "the letters cannot be read now; try again later");
	return false;
}

bool
letter_open(struct letter_open *letter, const struct request *request, struct reply *reply)
{
	struct error err;

	*letter = (struct letter_open) { 0 };
	if (!is_readable(request, reply))
		return false;
	if (!reports_find(&letter->row, request, &err)) {
		refuse(request, reply, 503, "ledger", "the letters cannot be read now");
		return false;
	}
	if (!letter->row.is_there || !reports_sees(request, &letter->row.report)) {
		refuse(request, reply, 404, "not_found", "there is no such letter");
		return false;
	}
	if (reports_facts(&letter->facts, request, &letter->row.report, &err))
		return true;
	if (request->is_of_link)
		refuse(request, reply, 404, "not_found", "the letter is not kept here any more");
	else
		refuse(request, reply, 404, "not_found", "%s", err.text);
	return false;
}

void
letter_close(struct letter_open *letter)
{
	json_free(letter->facts);
	report_row_end(&letter->row);
	*letter = (struct letter_open) { 0 };
}

char *
letter_link(char dst[LETTER_LINK_MAX], const struct request *request)
{
	snprintf(dst, LETTER_LINK_MAX, "%s/letters/%s", request->world->base_url,
		 request->who.kind == WHO_LINK ? request->params.slug : "THE-RECIPIENT-S-OWN-LINK");
	return dst;
}

/* --- the words --- */

bool
letter_words(char **text, char **html, const struct letter_open *letter,
	     const struct request *request, struct error *err)
{
	const struct report *report = &letter->row.report;
	const char *language = facts_text(letter->facts, "language");
	char *kept_text = NULL, *kept_html = NULL, link[LETTER_LINK_MAX];
	size_t len;

	*text = *html = NULL;
	bool done = reports_read(&kept_text, &len, request, report, KEPT_TEXT, err) &&
		    reports_read(&kept_html, &len, request, report, KEPT_HTML, err);
	struct letter_cover cover = {
		.language = language[0] == '\0' ? "en" : language,
		.text = kept_text,
		.html = kept_html,
		.note = report->note,
		.link = letter_link(link, request),
	};
	done = done && letter_mail(text, html, &cover, err);
	free(kept_text);
	free(kept_html);
	return done;
}

/* Both, or the reply says why not. */
static bool
took_mail(char **text, char **html, struct letter_open *letter, const struct request *request,
	  struct reply *reply)
{
	struct error err;

	*text = *html = NULL;
	if (!letter_open(letter, request, reply))
		return false;
	if (letter_words(text, html, letter, request, &err))
		return true;
	refuse(request, reply, 404, "not_found", "the letter cannot be shown: %s", err.text);
	return false;
}

struct showing {
	const struct request *request;
	const struct letter_open *letter;
};

/* Proved by its SHA-256, as the picture alone is. */
static bool
on_picture(char **data, size_t *len, const char *name, void *user)
{
	const struct showing *showing = user;
	struct error err;

	return reports_picture(data, len, showing->request, &showing->letter->row.report,
			       showing->letter->facts, name, &err);
}

void
letter_html(const struct request *request, struct reply *reply)
{
	struct letter_open letter;
	struct showing showing = { request, &letter };
	char *text, *html;
	size_t len;

	if (took_mail(&text, &html, &letter, request, reply)) {
		char *whole = kept_inline(html, letter.facts, on_picture, &showing, &len);

		reply_octets(reply, "text/html; charset=utf-8", whole, len);
		reply->guard = GUARD_LETTER;
	}
	free(text);
	free(html);
	letter_close(&letter);
}

void
letter_text(const struct request *request, struct reply *reply)
{
	struct letter_open letter;
	char *text, *html;

	if (took_mail(&text, &html, &letter, request, reply)) {
		reply_octets(reply, "text/plain; charset=utf-8", text, strlen(text));
		text = NULL;
	}
	free(text);
	free(html);
	letter_close(&letter);
}

/* --- what it rests on --- */

static void
send_kept(const struct request *request, struct reply *reply, enum kept_part part, const char *type)
{
	struct letter_open letter;
	struct error err;
	size_t len;

	if (letter_open(&letter, request, reply)) {
		int fd = reports_open(&len, request, &letter.row.report, part, &err);

		if (fd < 0) {
			refuse(request, reply, 404, "not_found", "%s", err.text);
		} else {
			reply_file(reply, type, fd, len);
			kept_save_name(reply->file_name, sizeof(reply->file_name),
				       &letter.row.report, part);
		}
	}
	letter_close(&letter);
}

void
letter_csv(const struct request *request, struct reply *reply)
{
	send_kept(request, reply, KEPT_CSV, "text/csv; charset=utf-8");
}

void
letter_facts_json(const struct request *request, struct reply *reply)
{
	send_kept(request, reply, KEPT_FACTS, "application/json");
}

void
letter_graph(const struct request *request, struct reply *reply)
{
	struct letter_open letter;
	struct error err;
	char *data;
	size_t len;

	if (letter_open(&letter, request, reply)) {
		if (reports_picture(&data, &len, request, &letter.row.report, letter.facts,
				    request->params.name, &err))
			reply_octets(reply, "image/png", data, len);
		else
			refuse(request, reply, 404, "not_found", "%s", err.text);
	}
	letter_close(&letter);
}
