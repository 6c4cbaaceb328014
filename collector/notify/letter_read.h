/* letter_read.h - members of JSON as plain values, each checked; a failure is remembered, and asked once.  Pure; for the files
 * of letter_facts.h. */
#ifndef COLLECTOR_NOTIFY_LETTER_READ_H
#define COLLECTOR_NOTIFY_LETTER_READ_H

#include "notify/letter_facts.h"

/* Where in the document: "connections[0].directions.out". */
struct letter_where {
	const struct letter_where *in; /* NULL: the document */
	const char *key;
	size_t index; /* of an array's element; LETTER_NO_INDEX else */
};
#define LETTER_NO_INDEX SIZE_MAX

struct letter_reader {
	struct letter_facts *facts;
	struct error *err;
	bool failed;
};

/* Remembers the first of them; code is ERR_PARSE or ERR_REFUSED. */
void letter_read_fail(struct letter_reader *r, enum error_code code,
		      const struct letter_where *where, const char *key, const char *what);

/* Zeroed, of the facts' life; NULL for none, or when memory ran out. */
void *letter_read_alloc(struct letter_reader *r, size_t count, size_t size);

/* Absent and null are "", NAN, otherwise; of another type is a failure. */
const char *letter_read_text(struct letter_reader *r, const struct letter_where *where,
			     const struct json *in, const char *key);
const char *letter_read_date(struct letter_reader *r, const struct letter_where *where,
			     const struct json *in, const char *key); /* or "" */
const char *letter_read_utc(struct letter_reader *r, const struct letter_where *where,
			    const struct json *in, const char *key); /* or "" */
double letter_read_number(struct letter_reader *r, const struct letter_where *where,
			  const struct json *in, const char *key, double max); /* 0..max or NAN */
int64_t letter_read_int(struct letter_reader *r, const struct letter_where *where,
			const struct json *in, const char *key, int64_t min, int64_t max,
			int64_t otherwise);
bool letter_read_bool(struct letter_reader *r, const struct letter_where *where,
		      const struct json *in, const char *key);
/* Its place among names[0..count), otherwise where it is absent (-1: it must be there). */
int letter_read_word(struct letter_reader *r, const struct letter_where *where,
		     const struct json *in, const char *key, const char *const *names, size_t count,
		     int otherwise);
enum verdict letter_read_verdict(struct letter_reader *r, const struct letter_where *where,
				 const struct json *in, const char *key, bool *is_there);
/* How many the array has; more than max is a failure. */
size_t letter_read_count(struct letter_reader *r, const struct letter_where *where,
			 const struct json *in, const char *key, size_t max);

/* letter_read_side.c */
void letter_read_figures(struct letter_reader *r, const struct letter_where *where,
			 const struct json *in, struct letter_figures *figures);
void letter_read_side(struct letter_reader *r, const struct letter_where *where,
		      const struct json *in, struct letter_side *side);

/* letter_read_connection.c */
void letter_read_connection(struct letter_reader *r, const struct letter_where *where,
			    const struct json *in, struct letter_connection *connection);

#endif
