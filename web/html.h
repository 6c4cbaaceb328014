/* html.h - writes a page.  What is put in is escaped unless it is a literal of our own.
 *
 * The buffer grows by itself; a failure is sticky and is asked once, when the text is taken. */
#ifndef WEB_HTML_H
#define WEB_HTML_H

#include <stdbool.h>
#include <stddef.h>

struct html {
	char *data; /* not terminated before html_take */
	size_t len, size;
	bool failed; /* memory ran out: everything after that is dropped */
};

void html_init(struct html *html);
void html_free(struct html *html);

/* Markup of our own, as it is. */
void html_raw(struct html *html, const char *literal);

/* A part of such markup. */
void html_raw_part(struct html *html, const char *markup, size_t len);

/* Text from anywhere, fit for element content and for double-quoted attributes. */
void html_text(struct html *html, const char *text);

/* One segment of a path in an href: everything but [A-Za-z0-9._~-] percent-encoded. */
void html_segment(struct html *html, const char *text);

/* Markup of our own with values in it: every %s is escaped like html_text, numbers are as printf writes them.
 * Knows %s %d %u %ld %lu %lld %llu %zu %f %g with flags, width and precision, and %%. */
void html_put(struct html *html, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The text (terminated; caller frees) and its length; NULL when memory ran out.  The writer is empty afterwards. */
char *html_take(struct html *html, size_t *len);

#endif
