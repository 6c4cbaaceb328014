/* json.c - body of ixwatch/json.h, and the only file that knows jansson (2.14).
 *
 * What is read is jansson's own tree: a `struct json` from json_parse, json_get or json_at is a json_t.  What is being built
 * needs a place for its failure, so json_*_new and json_put_object/array give a small handle instead, tied to its root;
 * the first field tells the two apart.  The only failure is want of memory.
 *
 * Text out is written here: jansson prints 0.93 as 0.93000000000000005.  A number is written with as few digits as read
 * back equal. */
#include <assert.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "ixwatch/json.h"
#include "ixwatch/units.h"

#define PARSE_MAX_OCTETS (64U << 20) /* the facts of an overview of 10,000 connections have 29 MB */
#define HANDLE           0x6a736f6eU /* no json_type: those are 0 to 7 */

struct json {
	unsigned tag; /* HANDLE */
	bool owns;    /* a root; or a tree that was taken and found no place */
	bool failed;  /* of a root: something in the tree is missing */
	json_t *value;
	struct json *parent; /* NULL: a root */
	struct json *next;   /* the handles of a tree, all on its root */
};

/* --- handles --- */

static bool
is_handle(const struct json *json)
{
	unsigned tag;

	memcpy(&tag, json, sizeof(tag));
	return tag == HANDLE;
}

static json_t *
value_of(const struct json *json)
{
	if (json == NULL)
		return NULL;
	return is_handle(json) ? json->value : (json_t *)json;
}

static struct json *
root_of(struct json *handle)
{
	while (handle->parent != NULL)
		handle = handle->parent;
	return handle;
}

static void
fail(struct json *in)
{
	if (in != NULL && is_handle(in))
		root_of(in)->failed = true;
}

static struct json *
handle_new(json_t *value, struct json *parent)
{
	struct json *handle = value != NULL ? calloc(1, sizeof(*handle)) : NULL;

	if (handle == NULL)
		return NULL;
	*handle = (struct json) {
		.tag = HANDLE, .owns = parent == NULL, .value = value, .parent = parent
	};
	return handle;
}

static struct json *
root_new(json_t *value)
{
	struct json *root = handle_new(value, NULL);

	if (root == NULL)
		json_decref(value);
	return root;
}

struct json *
json_object_new(void)
{
	return root_new(json_object());
}

struct json *
json_array_new(void)
{
	return root_new(json_array());
}

void
json_free(struct json *root)
{
	if (root == NULL)
		return;
	if (!is_handle(root)) {
		json_decref((json_t *)root);
		return;
	}
	while (root != NULL) {
		struct json *next = root->next;

		if (root->owns)
			json_decref(root->value);
		free(root);
		root = next;
	}
}

/* --- building --- */

static bool
is_valid_utf8(const char *text, size_t len)
{
	uint32_t character;

	for (size_t at = 0; at < len;) {
		size_t octets = utf8_next(text + at, len - at, &character);

		if (octets == 0)
			return false;
		at += octets;
	}
	return true;
}

/* A copy in which every octet that belongs to no character is U+FFFD. */
static char *
valid_utf8_dup(const char *text, size_t len)
{
	char *copy = malloc(len * UTF8_REPLACEMENT_LEN + 1), *to = copy;
	uint32_t character;

	for (size_t at = 0; copy != NULL && at < len;) {
		size_t octets = utf8_next(text + at, len - at, &character);

		if (octets == 0)
			to = mempcpy(to, UTF8_REPLACEMENT, UTF8_REPLACEMENT_LEN);
		else
			to = mempcpy(to, text + at, octets);
		at += octets == 0 ? 1 : octets;
	}
	if (copy != NULL)
		*to = '\0';
	return copy;
}

static json_t *
text_value(const char *text)
{
	size_t len = strlen(text);

	if (is_valid_utf8(text, len))
		return json_stringn_nocheck(text, len);
	char *valid = valid_utf8_dup(text, len);
	json_t *value = valid != NULL ? json_string_nocheck(valid) : NULL;
	free(valid);
	return value;
}

/* Takes value, which may be NULL. */
static bool
put_member(json_t *object, const char *key, json_t *value)
{
	if (is_valid_utf8(key, strlen(key)))
		return json_object_set_new_nocheck(object, key, value) == 0;
	char *valid = valid_utf8_dup(key, strlen(key));
	if (valid == NULL)
		json_decref(value);
	bool done = valid != NULL && json_object_set_new_nocheck(object, valid, value) == 0;
	free(valid);
	return done;
}

static bool
put(struct json *in, const char *key, json_t *value)
{
	json_t *into = value_of(in);
	bool done;

	if (json_is_array(into)) {
		done = json_array_append_new(into, value) == 0;
	} else if (json_is_object(into)) {
		done = put_member(into, key, value);
	} else {
		json_decref(value);
		done = false;
	}
	if (!done)
		fail(in);
	return done;
}

void
json_put_text(struct json *in, const char *key, const char *text)
{
	put(in, key, text == NULL ? json_null() : text_value(text));
}

void
json_put_number(struct json *in, const char *key, double number)
{
	put(in, key, isfinite(number) ? json_real(number) : json_null());
}

void
json_put_int(struct json *in, const char *key, int64_t number)
{
	put(in, key, json_integer(number));
}

void
json_put_bool(struct json *in, const char *key, bool value)
{
	put(in, key, json_boolean(value));
}

void
json_put_null(struct json *in, const char *key)
{
	put(in, key, json_null());
}

void
json_put_utc(struct json *in, const char *key, int64_t utc_sec)
{
	char text[40];

	json_put_text(in, key, utc_sec == 0 ? NULL : units_format_utc(text, sizeof(text), utc_sec));
}

/* Hangs a handle for a container of the tree on the tree's root. */
static struct json *
put_container(struct json *in, const char *key, json_t *value)
{
	if (!put(in, key, value) || !is_handle(in))
		return NULL;
	struct json *root = root_of(in);
	struct json *handle = handle_new(value, root);
	if (handle == NULL) {
		root->failed = true;
		return NULL;
	}
	handle->next = root->next;
	root->next = handle;
	return handle;
}

struct json *
json_put_object(struct json *in, const char *key)
{
	return put_container(in, key, json_object());
}

struct json *
json_put_array(struct json *in, const char *key)
{
	return put_container(in, key, json_array());
}

/* The handles of the tree that is taken go on living, on their new root. */
static void
adopt(struct json *root, struct json *taken)
{
	struct json *last = taken;

	assert(root != taken);
	while (last->next != NULL)
		last = last->next;
	last->next = root->next;
	root->next = taken;
	taken->parent = root;
	root->failed |= taken->failed;
}

void
json_put_take(struct json *in, const char *key, struct json *value)
{
	if (value == NULL) {
		fail(in);
	} else if (in == NULL || !is_handle(in)) {
		json_free(value);
	} else if (!is_handle(value)) {
		put(in, key, value_of(value));
	} else {
		adopt(root_of(in), value);
		value->owns = !put(in, key, json_incref(value->value));
		if (!value->owns)
			json_decref(value->value); /* the tree holds it now */
	}
}

/* --- printing --- */

struct printer {
	char *text;
	size_t len, size;
	bool pretty, failed;
};

static void
print_octets(struct printer *p, const char *octets, size_t len)
{
	if (p->failed)
		return;
	if (p->size - p->len <= len) {
		size_t size = (p->size + len) * 2;
		char *grown = realloc(p->text, size);

		if (grown == NULL) {
			p->failed = true;
			return;
		}
		p->text = grown;
		p->size = size;
	}
	memcpy(p->text + p->len, octets, len);
	p->len += len;
}

static void
print_new_line(struct printer *p, unsigned depth)
{
	if (!p->pretty)
		return;
	print_octets(p, "\n", 1);
	while (depth-- > 0)
		print_octets(p, "  ", 2);
}

static void
print_escaped(struct printer *p, unsigned char c)
{
	static const char names[] = "\bb\tt\nn\ff\rr\"\"\\\\";
	char escape[8] = { '\\', 0 };

	for (const char *name = names; *name != '\0'; name += 2) {
		if ((unsigned char)name[0] == c) {
			escape[1] = name[1];
			print_octets(p, escape, 2);
			return;
		}
	}
	print_octets(p, escape, (size_t)snprintf(escape, sizeof(escape), "\\u%04x", c));
}

static void
print_text(struct printer *p, const char *text, size_t len)
{
	size_t plain = 0; /* the beginning of what needs no escape */

	print_octets(p, "\"", 1);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		print_octets(p, text + plain, i - plain);
		print_escaped(p, c);
		plain = i + 1;
	}
	print_octets(p, text + plain, len - plain);
	print_octets(p, "\"", 1);
}

static void
print_integer(struct printer *p, int64_t number)
{
	char text[24];

	print_octets(p, text, (size_t)snprintf(text, sizeof(text), "%lld", (long long)number));
}

/* 15 significant digits are enough for what people write, 17 for every double.  Both ways libc's locale is the same, and a
 * decimal comma becomes a point. */
static void
print_real(struct printer *p, double number)
{
	char text[40];

	if (fabs(number) < 1e15 && number == floor(number)) {
		print_integer(p, (int64_t)number);
		return;
	}
	snprintf(text, sizeof(text), "%.15g", number);
	if (strtod(text, NULL) != number)
		snprintf(text, sizeof(text), "%.17g", number);
	char *comma = strchr(text, ',');
	if (comma != NULL)
		*comma = '.';
	print_octets(p, text, strlen(text));
}

static void print_value(struct printer *p, json_t *value, unsigned depth);

static void
print_object(struct printer *p, json_t *object, unsigned depth)
{
	const char *key;
	json_t *member;
	bool first = true;

	print_octets(p, "{", 1);
	json_object_foreach(object, key, member)
	{
		if (!first)
			print_octets(p, ",", 1);
		first = false;
		print_new_line(p, depth + 1);
		print_text(p, key, strlen(key));
		print_octets(p, ": ", p->pretty ? 2 : 1);
		print_value(p, member, depth + 1);
	}
	if (!first)
		print_new_line(p, depth);
	print_octets(p, "}", 1);
}

static void
print_array(struct printer *p, json_t *array, unsigned depth)
{
	size_t count = json_array_size(array);

	print_octets(p, "[", 1);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			print_octets(p, ",", 1);
		print_new_line(p, depth + 1);
		print_value(p, json_array_get(array, i), depth + 1);
	}
	if (count > 0)
		print_new_line(p, depth);
	print_octets(p, "]", 1);
}

static void
print_value(struct printer *p, json_t *value, unsigned depth)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT: print_object(p, value, depth); break;
	case JSON_ARRAY: print_array(p, value, depth); break;
	case JSON_STRING: print_text(p, json_string_value(value), json_string_length(value)); break;
	case JSON_INTEGER: print_integer(p, json_integer_value(value)); break;
	case JSON_REAL: print_real(p, json_real_value(value)); break;
	case JSON_TRUE: print_octets(p, "true", 4); break;
	case JSON_FALSE: print_octets(p, "false", 5); break;
	case JSON_NULL: print_octets(p, "null", 4); break;
	}
}

char *
json_print_dup(const struct json *root, bool pretty, size_t *len)
{
	struct printer p = { .pretty = pretty };

	if (root == NULL || (is_handle(root) && root_of((struct json *)root)->failed))
		return NULL;
	print_value(&p, value_of(root), 0);
	print_octets(&p, "", 1);
	if (p.failed) {
		free(p.text);
		return NULL;
	}
	if (len != NULL)
		*len = p.len - 1;
	return p.text;
}

/* --- reading --- */

bool
json_parse(struct json **out, const char *text, size_t len, struct error *err)
{
	char reason[256];
	json_error_t why = { 0 };

	if (len > PARSE_MAX_OCTETS)
		return error_set(err, ERR_PARSE, "JSON of %zu octets; at most %u are read", len,
				 PARSE_MAX_OCTETS);
	json_t *value = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	if (value == NULL && why.text[0] == '\0') /* jansson says nothing then */
		return error_set(err, ERR_NOMEM, "JSON: out of memory");
	if (value == NULL)
		return error_set(
		    err, ERR_PARSE, "JSON, line %d, column %d: %s", why.line, why.column,
		    units_clean_text(reason, sizeof(reason), why.text, strlen(why.text)));
	*out = (struct json *)value;
	return true;
}

const struct json *
json_get(const struct json *object, const char *key)
{
	return (const struct json *)json_object_get(value_of(object), key);
}

const struct json *
json_at(const struct json *array, size_t i)
{
	return (const struct json *)json_array_get(value_of(array), i);
}

size_t
json_count(const struct json *array)
{
	return json_array_size(value_of(array));
}

const char *
json_text(const struct json *value, const char *otherwise)
{
	const char *text = json_string_value(value_of(value));

	return text != NULL ? text : otherwise;
}

bool
json_int(const struct json *value, int64_t *out)
{
	json_t *number = value_of(value);
	double real = json_real_value(number);

	if (json_is_integer(number))
		*out = json_integer_value(number);
	else if (json_is_real(number) && fabs(real) <= 9007199254740992.0 && real == floor(real))
		*out = (int64_t)real;
	else
		return false;
	return true;
}

bool
json_number(const struct json *value, double *out)
{
	if (!json_is_number(value_of(value)))
		return false;
	*out = json_number_value(value_of(value));
	return true;
}

bool
json_bool(const struct json *value, bool otherwise)
{
	json_t *truth = value_of(value);

	return json_is_boolean(truth) ? json_is_true(truth) : otherwise;
}

/* --- what is not known beforehand --- */

enum json_kind
json_kind_of(const struct json *value)
{
	const json_t *found = value_of(value);

	switch (found == NULL ? JSON_NULL : json_typeof(found)) {
	case JSON_OBJECT: return JSON_IS_OBJECT;
	case JSON_ARRAY: return JSON_IS_ARRAY;
	case JSON_STRING: return JSON_IS_TEXT;
	case JSON_INTEGER:
	case JSON_REAL: return JSON_IS_NUMBER;
	case JSON_TRUE:
	case JSON_FALSE: return JSON_IS_BOOL;
	case JSON_NULL: break;
	}
	return JSON_IS_NONE;
}

void
json_each(const struct json *value, json_on_member *on_member, void *user)
{
	json_t *of = value_of(value), *member;
	const char *key;

	json_object_foreach(of, key, member)
	{
		on_member(key, (const struct json *)member, user);
	}
	for (size_t i = 0; i < json_array_size(of); i++)
		on_member("", (const struct json *)json_array_get(of, i), user);
}

void
json_put_copy(struct json *in, const char *key, const struct json *value)
{
	put(in, key, value == NULL ? json_null() : json_deep_copy(value_of(value)));
}
