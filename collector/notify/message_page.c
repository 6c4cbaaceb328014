/* message_page.c - see message_page.h.
 *
 * The HTML is for mail readers, and so for the least of them.  Outlook lays out by Word's rules: tables with their widths
 * as attributes, no width that is a maximum (so it gets a table of its own around, which others take for a comment), no
 * padding of what is not a cell.  Gmail may throw the style sheet away, and body is a box among others there: every
 * element has its whole style on itself, and the ground's colour is a table's.  Nothing is fetched.  What the style sheet
 * has is the dark scheme alone.  tests/integration/test_mails.py holds all of it to a list of what may be. */
#include "notify/message_page.h"

#include <stdlib.h>
#include <string.h>

#include "ixwatch/units.h"
#include "notify/message.h"
#include "notify/mime.h"

#define TEXT_WIDTH  78
#define LABEL_WIDTH 10
#define ELLIPSIS    "\xe2\x80\xa6"

#define FONT  "font-family:'Segoe UI',Helvetica,Arial,sans-serif;"
#define INK   "color:#1b1f24;"
#define FAINT "color:#57606a;"
#define TABLE "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\""

/* For Word alone. */
#define WORD_BEGIN "<!--[if mso]>" TABLE " width=\"680\"><tr><td><![endif]-->\n"
#define WORD_END   "<!--[if mso]></td></tr></table><![endif]-->\n"

/* --- text from outside --- */

static size_t
width_of(const char *text, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

size_t
message_width(const char *text)
{
	return width_of(text, strlen(text));
}

/* Octets of the first `count` characters. */
static size_t
octets_of(const char *text, size_t count)
{
	size_t at = 0;

	for (; text[at] != '\0'; at++)
		if (((unsigned char)text[at] & 0xc0) != 0x80 && count-- == 0)
			break;
	return at;
}

char *
message_clean(char *dst, size_t len, const char *text, size_t max_characters)
{
	units_clean_text(dst, len, text, strlen(text));
	if (message_width(dst) > max_characters) {
		size_t cut = max_characters > 0 ? octets_of(dst, max_characters - 1) : 0;

		while (cut > 0 && dst[cut - 1] == ' ')
			cut--;
		if (max_characters > 0 && cut + sizeof(ELLIPSIS) <= len)
			memcpy(dst + cut, ELLIPSIS, sizeof(ELLIPSIS));
		else
			dst[cut] = '\0';
	}
	return dst;
}

/* --- rows --- */

bool
message_page_open(struct message_page *page)
{
	memset(page, 0, sizeof(*page));
	page->colour = "#57606a";
	page->ink = open_memstream(&page->values, &page->values_len);
	return page->ink != NULL;
}

void
message_page_close(struct message_page *page)
{
	if (page->ink != NULL)
		fclose(page->ink);
	free(page->values);
	memset(page, 0, sizeof(*page));
}

FILE *
message_page_row(struct message_page *page, enum message_row_kind kind, const char *label)
{
	putc('\0', page->ink);
	if (page->row_count < MESSAGE_ROWS_MAX) {
		page->row[page->row_count].kind = kind;
		page->row[page->row_count].label = label;
		page->row[page->row_count].at = (size_t)ftello(page->ink);
		page->row_count++;
	}
	return page->ink;
}

/* The values, from here on lent. */
static bool
page_settle(struct message_page *page)
{
	putc('\0', page->ink);
	page->failed |= fflush(page->ink) != 0 || ferror(page->ink) != 0;
	return !page->failed;
}

/* --- set as text --- */

/* Words wrapped behind an indent, the first line standing at `column` already.  What has no blank is not broken. */
static void
put_wrapped(FILE *to, const char *text, size_t column, size_t indent)
{
	bool first = true;

	while (*text != '\0') {
		size_t len = strcspn(text, " "), width = width_of(text, len);

		if (len == 0) {
			text++;
			continue;
		}
		if (!first && column + 1 + width > TEXT_WIDTH) {
			fprintf(to, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			putc(' ', to);
			column++;
		}
		fwrite(text, 1, len, to);
		column += width;
		text += len;
		first = false;
	}
	putc('\n', to);
}

static void
put_text_row(FILE *to, const struct message_page *page, size_t i)
{
	const char *value = page->values + page->row[i].at;

	switch (page->row[i].kind) {
	case MESSAGE_TITLE: put_wrapped(to, value, 0, 2); break;
	case MESSAGE_FACT:
		fprintf(to, "%-*s", LABEL_WIDTH, page->row[i].label);
		put_wrapped(to, value, LABEL_WIDTH, LABEL_WIDTH);
		break;
	case MESSAGE_LINK:
	case MESSAGE_BUTTON: fprintf(to, "%-*s%s\n", LABEL_WIDTH, page->row[i].label, value); break;
	case MESSAGE_PICTURE: break;
	case MESSAGE_ITEM:
		putc('\n', to);
		put_wrapped(to, value, 0, 4);
		break;
	case MESSAGE_ITEM_FACT:
		fputs("    ", to);
		put_wrapped(to, value, 4, 4);
		break;
	case MESSAGE_ITEM_LINK: fprintf(to, "    %s\n", value); break;
	case MESSAGE_NOTE:
		putc('\n', to);
		put_wrapped(to, value, 0, 0);
		break;
	}
}

/* --- set as HTML --- */

static void
put_escaped(FILE *to, const char *text)
{
	for (; *text != '\0'; text++)
		switch (*text) {
		case '&': fputs("&amp;", to); break;
		case '<': fputs("&lt;", to); break;
		case '>': fputs("&gt;", to); break;
		case '"': fputs("&quot;", to); break;
		case '\'': fputs("&#39;", to); break;
		default: putc(*text, to);
		}
}

static bool
is_link(const char *address)
{
	return strncmp(address, "http://", 7) == 0 || strncmp(address, "https://", 8) == 0;
}

static void
put_link(FILE *to, const char *address)
{
	if (is_link(address)) {
		fputs("<a class=\"k\" style=\"" FONT "color:#0b5cad;word-break:break-all\" href=\"",
		      to);
		put_escaped(to, address);
		fputs("\">", to);
		put_escaped(to, address);
		fputs("</a>", to);
	} else {
		put_escaped(to, address);
	}
}

/* Room above: below a title, more of it.  Label and value stand on one line, though of two sizes. */
static void
put_label(FILE *to, const char *label, bool is_below_title)
{
	int above_px = is_below_title ? 10 : 3;

	fprintf(
	    to,
	    "<tr><td class=\"f\" valign=\"top\" style=\"" FONT FAINT
	    "font-size:13px;line-height:20px;padding:%dpx 12px 3px 0;white-space:nowrap\">%s</td>"
	    "<td class=\"i\" valign=\"top\" style=\"" FONT INK
	    "font-size:14px;line-height:20px;padding:%dpx 0 3px 0\">",
	    above_px, label, above_px);
}

static void
put_wide(FILE *to, const char *style)
{
	fprintf(to,
		"<tr><td class=\"i\" colspan=\"2\" valign=\"top\" style=\"" FONT INK
		"font-size:14px;line-height:1.4;%s\">",
		style);
}

/* As large as a thumb.  Word does not pad a link, but the cell around it. */
static void
put_button(FILE *to, const char *address)
{
	if (!is_link(address)) {
		put_escaped(to, address);
		return;
	}
	fputs(TABLE "><tr><td bgcolor=\"#0b5cad\" style=\"" FONT
		    "background-color:#0b5cad;color:#ffffff;mso-padding-alt:11px 18px\">"
		    "<a style=\"" FONT "display:block;padding:11px 18px;background-color:#0b5cad;"
		    "color:#ffffff;font-size:16px;line-height:22px;font-weight:bold;"
		    "text-decoration:none\" href=\"",
	      to);
	put_escaped(to, address);
	fputs("\">" MESSAGE_BUTTON_WORD "</a></td></tr></table>", to);
}

/* The curves are drawn on a clear ground, for a light one. */
static void
put_picture(FILE *to, const char *instead)
{
	fputs(MIME_PICTURE_BEGIN(MESSAGE_GRAPH), to);
	put_wide(to, "padding:10px 0");
	fputs("<img src=\"cid:" MESSAGE_GRAPH "\" width=\"600\" style=\"display:block;width:100%;"
	      "max-width:600px;height:auto;background-color:#ffffff;border:0\" alt=\"",
	      to);
	put_escaped(to, instead);
	fputs("\"></td></tr>\n" MIME_PICTURE_END(MESSAGE_GRAPH), to);
}

static void
put_html_row(FILE *to, const struct message_page *page, size_t i)
{
	const char *value = page->values + page->row[i].at;

	switch (page->row[i].kind) {
	case MESSAGE_PICTURE: put_picture(to, value); return;
	case MESSAGE_TITLE:
		fprintf(to,
			"<tr><td class=\"i\" colspan=\"2\" style=\"" FONT INK
			"font-size:18px;font-weight:bold;line-height:1.3;padding:4px 0 4px 10px;"
			"border-left:6px solid %s\">",
			page->colour);
		break;
	case MESSAGE_FACT:
	case MESSAGE_BUTTON:
	case MESSAGE_LINK:
		put_label(to, page->row[i].label, i > 0 && page->row[i - 1].kind == MESSAGE_TITLE);
		break;
	case MESSAGE_ITEM: put_wide(to, "font-weight:bold;padding:10px 0 0 0"); break;
	case MESSAGE_NOTE: put_wide(to, "padding:10px 0 0 0"); break;
	default: put_wide(to, "padding:0 0 0 16px"); break;
	}
	if (page->row[i].kind == MESSAGE_LINK || page->row[i].kind == MESSAGE_ITEM_LINK)
		put_link(to, value);
	else if (page->row[i].kind == MESSAGE_BUTTON)
		put_button(to, value);
	else
		put_escaped(to, value);
	fputs("</td></tr>\n", to);
}

static const char html_begin[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<meta name=\"supported-color-schemes\" content=\"light dark\">\n"
    "<title>ixwatch</title>\n"
    "<style>:root{color-scheme:light dark}\n"
    "@media "
    "(prefers-color-scheme:dark){.b{background-color:#14171a!important}.i{color:#e6e8ea!important}"
    ".f{color:#9aa4ad!important}.k{color:#7fb8f5!important}}</style></head>\n"
    "<body class=\"b\" style=\"margin:0;padding:0;background-color:#ffffff\">\n" TABLE
    " class=\"b\" width=\"100%\" bgcolor=\"#ffffff\" style=\"background-color:#ffffff\"><tr>"
    "<td style=\"" FONT INK "padding:12px\">\n" WORD_BEGIN TABLE
    " width=\"100%\" style=\"max-width:680px;border-collapse:collapse\">\n";

static const char html_end[] = "</table>\n" WORD_END "</td></tr></table>\n</body></html>\n";

/* --- both --- */

static char *
page_set(struct message_page *page, void put_row(FILE *, const struct message_page *, size_t),
	 const char *begin, const char *end)
{
	char *set = NULL;
	size_t len;
	FILE *to;

	if (!page_settle(page))
		return NULL;
	to = open_memstream(&set, &len);
	if (to == NULL)
		return NULL;
	fputs(begin, to);
	for (size_t i = 0; i < page->row_count; i++)
		put_row(to, page, i);
	fputs(end, to);
	if (fclose(to) == 0)
		return set;
	free(set);
	return NULL;
}

char *
message_page_text(struct message_page *page)
{
	return page_set(page, put_text_row, "", "");
}

char *
message_page_html(struct message_page *page)
{
	return page_set(page, put_html_row, html_begin, html_end);
}
