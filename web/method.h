/* method.h - the words of the method page.  Numbers stand in them as {key}: the page puts in what is in force. */
#ifndef WEB_METHOD_H
#define WEB_METHOD_H

#include <stddef.h>

/* Markup of our own, in which {congested} is the setting of that name, by both profiles where they differ; {interval},
 * {pages} and {reports} are the time between polls and the two profiles in use. */
struct method_section {
	const char *id, *title;
	const char *text;
};
const struct method_section *method_section_at(size_t i); /* NULL past the last */

/* How is read what could be read in two ways; NULL past the last. */
const char *method_reading_at(size_t i);

#endif
