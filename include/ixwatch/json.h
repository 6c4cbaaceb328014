/* json.h - JSON out and in, over jansson.
 *
 * Out: values are built as a tree with a sticky failure, asked once when it is printed.  NAN becomes null; text is made
 * valid UTF-8.  In: one document, sizes bounded, errors with line and column. */
#ifndef IXWATCH_JSON_H
#define IXWATCH_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/error.h"

struct json; /* a value: object, array, text, number, bool or null.  Freed with its root. */

struct json *
json_object_new(void); /* NULL only when memory ran out; every function here bears a NULL */
struct json *json_array_new(void);
void json_free(struct json *root);

/* Members of an object; key "" appends to an array. */
void json_put_text(struct json *in, const char *key, const char *text); /* NULL text: null */
void json_put_number(struct json *in, const char *key, double number);  /* NAN, infinite: null */
void json_put_int(struct json *in, const char *key, int64_t number);
void json_put_bool(struct json *in, const char *key, bool value);
void json_put_null(struct json *in, const char *key);
void json_put_utc(struct json *in, const char *key, int64_t utc_sec); /* RFC 3339; 0: null */
struct json *json_put_object(struct json *in, const char *key);       /* lent: belongs to `in` */
struct json *json_put_array(struct json *in, const char *key);
void json_put_take(struct json *in, const char *key, struct json *value);

/* The document as one line of text (pretty: indented); NULL when anything failed.  Caller frees; *len may be NULL. */
char *json_print_dup(const struct json *root, bool pretty, size_t *len);

/* Parses one whole document of at most 64 MiB. */
bool json_parse(struct json **out, const char *text, size_t len, struct error *err);
const struct json *json_get(const struct json *object,
			    const char *key);                   /* NULL when absent; lent */
const struct json *json_at(const struct json *array, size_t i); /* NULL past the end; lent */
size_t json_count(const struct json *array);
const char *json_text(const struct json *value, const char *otherwise);
bool json_int(const struct json *value, int64_t *out);
bool json_number(const struct json *value, double *out); /* whole numbers too */
bool json_bool(const struct json *value, bool otherwise);

/* Of a document that is not known beforehand. */
enum json_kind {
	JSON_IS_NONE, /* null; or a NULL */
	JSON_IS_OBJECT,
	JSON_IS_ARRAY,
	JSON_IS_TEXT,
	JSON_IS_NUMBER,
	JSON_IS_BOOL
};
enum json_kind json_kind_of(const struct json *value);
/* The members of an object, in the order they were put; the values of an array, with the key "".  Lent for the call. */
typedef void json_on_member(const char *key, const struct json *value, void *user);
void json_each(const struct json *value, json_on_member *on_member, void *user);
void json_put_copy(struct json *in, const char *key,
		   const struct json *value); /* all that is in it; NULL: null */

#endif
