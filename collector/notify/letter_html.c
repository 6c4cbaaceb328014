/* letter_html.c - a letter's parts set as HTML, for mail readers: tables and styles on each element, since the oldest of them
 * lays out by Word's rules; nothing is fetched.  Colours of the dark scheme stand in a style sheet that such readers do not
 * know, and do not need.
 *
 * Gmail cuts a mail at 102 kB: the cells of a strip, hundreds of them, carry a colour and a character and no more; how they are
 * set, their table and the style sheet say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "notify/letter.h"
#include "notify/letter_page.h"
#include "notify/mime.h"

#define FONT  "font-family:-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;"
#define MONO  "font-family:Menlo,Consolas,'DejaVu Sans Mono','Courier New',monospace;"
#define INK   "color:#1b1f24;"
#define FAINT "color:#57606a;"

static void
put_character(FILE *to, char c)
{
	switch (c) {
	case '&': fputs("&amp;", to); break;
	case '<': fputs("&lt;", to); break;
	case '>': fputs("&gt;", to); break;
	case '"': fputs("&quot;", to); break;
	case '\'': fputs("&#39;", to); break;
	case '\n': fputs("<br>", to); break;
	default: putc(c, to);
	}
}

void
letter_put_escaped(FILE *to, const char *text)
{
	for (; *text != '\0'; text++)
		put_character(to, *text);
}

/* --- rows of the letter --- */

static const struct look {
	const char *tag, *end; /* a heading is one for those who listen, too */
	const char *class, *cell, *style;
} looks[] = {
	[LETTER_PART_TITLE] = { "h1", "h1", "i",
				"padding:4px 0 4px 12px;border-left:6px solid #3b6ea5",
				"font-size:20px;line-height:1.3" },
	[LETTER_PART_LEAD] = { "p", "p", "i", "padding:8px 0 4px 0",
			       "font-size:17px;line-height:1.45" },
	[LETTER_PART_HEADING] = { "h2", "h2", "i", "padding:18px 0 2px 0",
				  "font-size:16px;line-height:1.3" },
	[LETTER_PART_SUBHEADING] = { "h3", "h3", "i", "padding:10px 0 0 0",
				     "font-size:14px;line-height:1.4" },
	[LETTER_PART_PARA] = { "p", "p", "i", "padding:4px 0", "font-size:14px;line-height:1.5" },
	[LETTER_PART_SMALL] = { "p", "p", "f", "padding:4px 0", "font-size:12px;line-height:1.5" },
	[LETTER_PART_ITEM] = { "p", "p", "i", "padding:2px 0 2px 14px",
			       "font-size:14px;line-height:1.5" },
	[LETTER_PART_QUOTE] = { "p", "p", "i",
				"padding:4px 0 4px 12px;border-left:3px solid #9aa4ad",
				"font-size:14px;line-height:1.5;font-style:italic" },
};

static void
put_row_begin(FILE *to, const char *class, const char *style)
{
	fprintf(to, "<tr><td class=\"%s\" style=\"%s\">", class, style);
}

static void
put_row_end(FILE *to)
{
	fputs("</td></tr>\n", to);
}

static void
put_words(FILE *to, const struct letter_part *part)
{
	const struct look *look = &looks[part->kind];

	put_row_begin(to, look->class, look->cell);
	fprintf(to, "<%s class=\"%s\" style=\"margin:0;" FONT "%s%s\">", look->tag, look->class,
		look->class[0] == 'f' ? FAINT : INK, look->style);
	if (part->kind == LETTER_PART_ITEM)
		fputs("- ", to);
	letter_put_escaped(to, part->text);
	fprintf(to, "</%s>", look->end);
	put_row_end(to);
}

static void
put_code(FILE *to, const struct letter_part *part)
{
	put_row_begin(to, "c", "padding:8px;background:#eef2f5");
	fputs("<code class=\"i\" style=\"" MONO INK
	      "font-size:12px;line-height:1.5;word-break:break-all\">",
	      to);
	letter_put_escaped(to, part->text);
	fputs("</code>", to);
	put_row_end(to);
}

static bool
is_address(const char *text)
{
	return strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
}

static void
put_anchor(FILE *to, const char *target, const char *below)
{
	fputs("<a class=\"k\" style=\"color:#0b5cad;word-break:break-all\" href=\"", to);
	letter_put_escaped(to, target);
	letter_put_escaped(to, below);
	fputs("\">", to);
	letter_put_escaped(to, target);
	letter_put_escaped(to, below);
	fputs("</a>", to);
}

static void
put_link(FILE *to, const struct letter_part *part)
{
	put_row_begin(to, "i", "padding:4px 0;" FONT INK "font-size:14px;line-height:1.5");
	letter_put_escaped(to, part->text);
	fputs("<br>", to);
	if (part->kind == LETTER_PART_OWN) {
		fputs(LETTER_OWN_BEGIN, to);
		put_anchor(to, LETTER_LINK, part->target);
		fputs(LETTER_OWN_END, to);
	} else if (is_address(part->target)) {
		put_anchor(to, part->target, "");
	} else {
		letter_put_escaped(to, part->target);
	}
	put_row_end(to);
}

/* Curves are drawn on a clear ground, for a light one. */
static void
put_picture(FILE *to, const struct letter_part *part)
{
	fprintf(to, "<!--cid:%s-->", part->target);
	put_row_begin(to, "i", "padding:8px 0");
	fprintf(
	    to,
	    "<img src=\"cid:%s\" width=\"600\" style=\"display:block;width:100%%;max-width:600px;"
	    "height:auto;background:#ffffff;border:0\" alt=\"",
	    part->target);
	letter_put_escaped(to, part->text);
	fputs("\">", to);
	put_row_end(to);
	fprintf(to, "<!--/cid:%s-->", part->target);
}

/* --- figures --- */

static void
put_cell(FILE *to, const struct letter_table_row *row, size_t column, bool head)
{
	const char *tag = head || column == 0 ? "th" : "td";

	fprintf(to,
		"<%s%s class=\"%s\" align=\"%s\" valign=\"%s\" style=\"" FONT
		"%sfont-size:12px;line-height:1.35;"
		"font-weight:normal;padding:2px 0 2px %s\">",
		tag,
		head          ? " scope=\"col\""
		: column == 0 ? " scope=\"row\""
			      : "",
		head || row->faint ? "f" : "i", column == 0 ? "left" : "right",
		head ? "bottom" : "top", head || row->faint ? FAINT : INK,
		column == 0 ? "8px" : "6px");
	letter_put_escaped(to, row->cell[column] != NULL ? row->cell[column] : "");
	fprintf(to, "</%s>", tag);
}

static void
put_table_row(FILE *to, const struct letter_table *table, size_t r)
{
	const struct letter_table_row *row = &table->rows[r];

	fputs("<tr>", to);
	if (row->wide) {
		fprintf(to,
			"<th class=\"i\" scope=\"rowgroup\" colspan=\"%zu\" align=\"left\" "
			"style=\"" FONT INK "font-size:14px;line-height:1.4;padding:8px 0 2px 0;"
			"border-top:1px solid #9aa4ad\">",
			table->column_count);
		letter_put_escaped(to, row->cell[0]);
		fputs("</th>", to);
	} else {
		for (size_t c = 0; c < table->column_count; c++)
			put_cell(to, row, c, r == 0);
	}
	fputs("</tr>\n", to);
}

static void
put_table(FILE *to, const struct letter_table *table)
{
	put_row_begin(to, "i", "padding:6px 0");
	fputs("<table class=\"t\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" width=\"100%\" "
	      "style=\"border-collapse:collapse\">\n",
	      to);
	for (size_t r = 0; r < table->row_count; r++)
		put_table_row(to, table, r);
	fputs("</table>", to);
	put_row_end(to);
}

/* --- strips --- */

/* Grounds by character: a full hour is dark, one that does not count is blue and hatched, an unknown one grey and asked. */
static const char *
ground_of(char c)
{
	switch (c) {
	case '.': return "#edf1f4";
	case ':': return "#d3e2ec";
	case 'o': return "#f4d98a";
	case '8': return "#f0a863";
	case '@': return "#e8715c";
	case '/': return "#b7c4ee";
	case '?': return "#c4c9ce";
	default: return NULL;
	}
}

static void
put_strip_cell(FILE *to, char c, bool head)
{
	const char *ground = head ? NULL : ground_of(c);

	if (ground != NULL)
		fprintf(to, "<td bgcolor=\"%s\">%c</td>", ground, c);
	else
		fputs("<td></td>", to);
}

/* The head names hours: two digits over two columns or more. */
static void
put_strip_head(FILE *to, const struct letter_strip *strip)
{
	const char *cells = strip->head.cells;

	for (size_t h = 0; h < strip->hour_count;) {
		size_t wide = 1;

		while (h + wide < strip->hour_count &&
		       (cells[h + wide] == ' ' || (cells[h] != ' ' && wide == 1)))
			wide++;
		fprintf(to, "<td colspan=\"%zu\" align=\"left\" class=\"f\">%.*s</td>", wide,
			cells[h] == ' ' ? 0 : 2, cells + h);
		h += wide;
	}
}

static void
put_strip_row(FILE *to, const struct letter_strip *strip, const struct letter_strip_row *row,
	      bool head)
{
	fputs("<tr><td class=\"f l\" align=\"left\">", to);
	letter_put_escaped(to, row->label);
	fputs("</td>", to);
	if (head)
		put_strip_head(to, strip);
	for (size_t h = 0; !head && h < strip->hour_count; h++)
		put_strip_cell(to, row->cells[h], head);
	for (size_t i = 0; i < LETTER_TAILS; i++) {
		fputs("<td class=\"i r\" align=\"right\">", to);
		letter_put_escaped(to, row->tail[i]);
		fputs("</td>", to);
	}
	fputs("</tr>\n", to);
}

static void
put_strip(FILE *to, const struct letter_strip *strip)
{
	put_row_begin(to, "i", "padding:4px 0");
	fputs("<table class=\"h\" cellpadding=\"0\" cellspacing=\"1\" border=\"0\" width=\"100%\" "
	      "style=\"" MONO
	      "color:#1b1f24;font-size:10px;line-height:12px;text-align:center\">\n",
	      to);
	put_strip_row(to, strip, &strip->head, true);
	for (size_t i = 0; i < LETTER_DAYS; i++)
		put_strip_row(to, strip, &strip->rows[i], false);
	fputs("</table>", to);
	put_row_end(to);
}

/* --- the whole --- */

static void
put_part(FILE *to, const struct letter_part *part)
{
	switch (part->kind) {
	case LETTER_PART_CODE: put_code(to, part); break;
	case LETTER_PART_LINK:
	case LETTER_PART_OWN: put_link(to, part); break;
	case LETTER_PART_PICTURE: put_picture(to, part); break;
	case LETTER_PART_TABLE:
		if (part->table != NULL)
			put_table(to, part->table);
		break;
	case LETTER_PART_STRIP:
		if (part->strip != NULL)
			put_strip(to, part->strip);
		break;
	default: put_words(to, part); break;
	}
}

static void
put_head(FILE *to, const struct letter_page *page)
{
	fputs("<!DOCTYPE html>\n<html lang=\"", to);
	letter_put_escaped(to, page->language);
	fputs("\"><head><meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n"
	      "<meta name=\"supported-color-schemes\" content=\"light dark\">\n<title>",
	      to);
	letter_put_escaped(to, page->title);
	fputs("</title>\n"
	      "<style>:root{color-scheme:light dark}\n"
	      ".h td{" MONO "font-size:10px;line-height:12px;text-align:center;padding:0}\n"
	      ".h td.l,.h td.r{white-space:nowrap;padding:0 2px;text-align:left}.h "
	      "td.r{text-align:right}\n"
	      "@media (max-width:480px){.h td{font-size:8px!important}"
	      ".t td,.t th{font-size:11px!important}}\n"
	      "@media (prefers-color-scheme:dark){.b{background:#14171a!important}"
	      ".i{color:#e6e8ea!important}.f{color:#9aa4ad!important}.k{color:#7fb8f5!important}"
	      ".c{background:#262b30!important}"
	      ".h td[bgcolor='#edf1f4']{background:#2b3238!important;color:#9aa4ad!important}"
	      ".h "
	      "td[bgcolor='#d3e2ec']{background:#3a5063!important;color:#e6e8ea!important}}</"
	      "style></head>\n"
	      "<body class=\"b\" "
	      "style=\"margin:0;padding:12px;background:#ffffff\">\n" LETTER_NOTE_HERE
	      /* Word knows no max-width. */
	      "<!--[if mso]><table width=\"680\"><tr><td><![endif]-->\n"
	      "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" "
	      "width=\"100%\" style=\"max-width:680px;border-collapse:collapse\">\n",
	      to);
}

char *
letter_page_html(const struct letter_page *page)
{
	char *html = NULL;
	size_t len;
	FILE *to = page->failed ? NULL : open_memstream(&html, &len);

	if (to == NULL)
		return NULL;
	put_head(to, page);
	for (size_t i = 0; i < page->count; i++)
		put_part(to, &page->parts[i]);
	fputs("</table>\n<!--[if mso]></td></tr></table><![endif]-->\n</body></html>\n", to);
	if (fclose(to) == 0)
		return html;
	free(html);
	return NULL;
}
