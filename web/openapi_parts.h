/* openapi_parts.h - what the description of the API is put together from. */
#ifndef WEB_OPENAPI_PARTS_H
#define WEB_OPENAPI_PARTS_H

#include "ixwatch/error.h"
#include "ixwatch/json.h"

#include "route.h"

#define OPENAPI_PARTS_MAX 16

struct openapi {
	struct json *part
	    [OPENAPI_PARTS_MAX]; /* the files of web/openapi/, read; the first is document.json */
	size_t part_count;
	struct json *words; /* schemas that the program's tables make, by name */
};

/* Reads the files and makes the words; openapi_end in any case. */
bool openapi_begin(struct openapi *openapi, struct error *err);
void openapi_end(struct openapi *openapi);

/* The member `key` of what the parts have under `room` ("operations", "schemas"); NULL: none has it. */
const struct json *openapi_find(const struct openapi *openapi, const char *room, const char *key);

/* --- openapi_words.c --- */

struct json *openapi_words_new(void);

/* --- openapi_form.c: the short forms of our files, written out ---
 *
 * {"fields": {...}, "with": [NAMES], "optional": [KEYS]} is an object that has these members, those of the named schemas
 * too, all of them but the optional ones always, and no others; {"maybe": NAME} is that schema or null; a "$ref" that
 * does not begin with '#' names a schema. */
void openapi_form_put(struct json *in, const char *key, const struct json *value,
		      const struct openapi *openapi);

/* --- openapi_path.c --- */

/* The path of a row, where the files describe one of its methods. */
void openapi_path_put(struct json *paths, const struct route *route, const struct openapi *openapi);
/* "responses": the errors that many answers share, as JSON and as a page. */
void openapi_errors_put(struct json *components, const struct openapi *openapi);

#endif
