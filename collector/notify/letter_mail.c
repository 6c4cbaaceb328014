/* letter_mail.c - a kept letter as one recipient gets it: the coordinator's note before it, the recipient's own link in its
 * place.  The kept letter itself is never changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/units.h"
#include "notify/letter.h"
#include "notify/letter_page.h"
#include "notify/letter_words.h"

#define NOTE_MAX 8000 /* octets */

/* --- the note: its lines, each clean --- */

typedef void put_line(FILE *to, const char *line);

static void
each_line(FILE *to, const char *note, put_line *put)
{
	char line[NOTE_MAX];
	size_t left = strnlen(note, NOTE_MAX - 1);

	while (left > 0) {
		size_t len = strcspn(note, "\n");

		if (len > left)
			len = left;
		units_clean_text(line, sizeof(line), note,
				 len > 0 && note[len - 1] == '\r' ? len - 1 : len);
		put(to, line);
		note += len;
		left -= len;
		if (left > 0) {
			note++;
			left--;
		}
	}
}

static void
put_text_line(FILE *to, const char *line)
{
	letter_put_wrapped(to, line);
}

static void
put_html_line(FILE *to, const char *line)
{
	letter_put_escaped(to, line);
	fputs("<br>\n", to);
}

/* --- the link --- */

static void
put_link(FILE *to, const char *link, bool html)
{
	if (html)
		letter_put_escaped(to, link);
	else
		fputs(link, to);
}

/* Every LETTER_LINK is the link; without one, `instead` stands where the whole anchor stood. */
static void
put_linked(FILE *to, const char *kept, const char *link, const char *instead, bool html)
{
	const char *what = html && link[0] == '\0' ? LETTER_OWN_BEGIN : LETTER_LINK;

	for (const char *at; (at = strstr(kept, what)) != NULL;) {
		const char *end = what[0] == '<' ? strstr(at, LETTER_OWN_END) : NULL;

		fwrite(kept, 1, (size_t)(at - kept), to);
		put_link(to, link[0] != '\0' ? link : instead, html);
		kept = end != NULL ? end + strlen(LETTER_OWN_END) : at + strlen(what);
		if (link[0] == '\0' && strncmp(kept, LETTER_METHOD, strlen(LETTER_METHOD)) == 0)
			kept += strlen(LETTER_METHOD);
	}
	fputs(kept, to);
}

/* --- both --- */

static char *
mail_text(const char *kept, const char *note, const char *link, const char *instead)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	if (to == NULL)
		return NULL;
	if (note[0] != '\0') {
		each_line(to, note, put_text_line);
		fputs("\n", to);
		for (size_t i = 0; i < LETTER_WIDTH; i++)
			putc('-', to);
		fputs("\n\n", to);
	}
	put_linked(to, kept, link, instead, false);
	if (fclose(to) == 0)
		return text;
	free(text);
	return NULL;
}

static char *
mail_html(const char *kept, const char *note, const char *link, const char *instead)
{
	const char *here = strstr(kept, LETTER_NOTE_HERE);
	char *html = NULL;
	size_t len;
	FILE *to = open_memstream(&html, &len);

	if (to == NULL)
		return NULL;
	if (note[0] != '\0' && here != NULL) {
		fwrite(kept, 1, (size_t)(here - kept), to);
		fputs("<p class=\"i\" style=\"margin:0 0 16px 0;max-width:680px;"
		      "font-family:-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;"
		      "color:#1b1f24;font-size:14px;line-height:1.5\">",
		      to);
		each_line(to, note, put_html_line);
		fputs("</p>\n", to);
		kept = here + strlen(LETTER_NOTE_HERE);
	}
	put_linked(to, kept, link, instead, true);
	if (fclose(to) == 0)
		return html;
	free(html);
	return NULL;
}

bool
letter_mail(char **text, char **html, const struct letter_cover *cover, struct error *err)
{
	struct letter_words *words = NULL;
	const char *instead;

	if (!letter_words_open(&words, cover->language, err))
		return false;
	instead = letter_say(words, "check.no_link", NULL);
	*text = mail_text(cover->text, cover->note, cover->link, instead);
	*html = mail_html(cover->html, cover->note, cover->link, instead);
	letter_words_close(words);
	if (*text != NULL && *html != NULL)
		return true;
	free(*text);
	free(*html);
	*text = *html = NULL;
	return error_set(err, ERR_NOMEM, "letter: out of memory");
}
