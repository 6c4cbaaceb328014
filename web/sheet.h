/* sheet.h - lists of the API as CSV (RFC 4180): the same rows, by the same handlers and the same checks.
 *
 * A header row names the columns as the JSON fields are named, units in the names.  Unknown is an empty cell, times are
 * RFC 3339.  Texts from outside are made harmless for spreadsheets, which take a cell that begins with = + - or @ for a
 * formula and run it: such a text, and one that begins with a tab or a line end, is given an apostrophe in front.
 * Numbers are the program's own, and never are. */
#ifndef WEB_SHEET_H
#define WEB_SHEET_H

#include <stddef.h>
#include <stdint.h>

#include "ixwatch/json.h"

#include "html.h"
#include "reply.h"
#include "request.h"

#define SHEET_TYPE "text/csv; charset=utf-8; header=present"
#define SHEET_END  "\r\n"

struct sheet {
	const char *list;  /* the member that has the rows */
	bool by_direction; /* below "directions": the list of each, named in a first column */
	const char *const *columns; /* members of a row; NULL ends them */
};

/* One cell each. */
void sheet_text(struct html *out, const char *text);
void sheet_number(struct html *out, double number); /* NAN, infinite: empty */
void sheet_utc(struct html *out, int64_t utc_sec);
/* Text, number, truth value or null; a list of texts with blanks between.  Anything else is left empty. */
void sheet_value(struct html *out, const struct json *value);

/* The whole answer as a sheet; NULL when memory ran out.  Caller frees. */
char *sheet_print_dup(const struct sheet *sheet, const struct json *root, size_t *len);

/* Routes: as their JSON, whose errors are JSON here too.  Where a list goes on, the headers X-Next-Cursor
 * and Link say with which cursor, as they do beside JSON. */
void sheet_ports(const struct request *request, struct reply *reply);
void sheet_episodes(const struct request *request, struct reply *reply);
void sheet_days(const struct request *request, struct reply *reply);

#endif
