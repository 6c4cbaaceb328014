/* openapi_form.c - see openapi_parts.h. */
#include <stdio.h>
#include <string.h>

#include "openapi_parts.h"

#define REF_MAX   128
#define WITH_DEEP 4 /* a schema with a schema with a schema */

struct forming {
	struct json *out;
	const struct openapi *openapi;
	const struct json *optional; /* of an object: the keys that may be absent */
	unsigned depth;
};

static const struct json *
schema_find(const struct openapi *openapi, const char *name)
{
	const struct json *made = json_get(openapi->words, name);

	return made != NULL ? made : openapi_find(openapi, "schemas", name);
}

static void
put_ref(struct json *in, const char *name)
{
	char ref[REF_MAX];

	snprintf(ref, sizeof(ref), "%s%s", name[0] == '#' ? "" : "#/components/schemas/", name);
	json_put_text(in, "$ref", ref);
}

/* --- an object's members --- */

typedef void on_schema(const struct json *schema, struct forming *forming);

/* Those of the schemas that it is with, before its own. */
static void
each_with(const struct json *schema, struct forming *forming, on_schema *on)
{
	const struct json *with = json_get(schema, "with");

	for (size_t i = 0; i < json_count(with) && forming->depth < WITH_DEEP; i++) {
		struct forming inner = *forming;

		inner.depth++;
		each_with(schema_find(forming->openapi, json_text(json_at(with, i), "")), &inner,
			  on);
	}
	on(schema, forming);
}

static void
on_property(const char *key, const struct json *value, void *user)
{
	struct forming *forming = user;

	openapi_form_put(forming->out, key, value, forming->openapi);
}

static void
put_properties(const struct json *schema, struct forming *forming)
{
	json_each(json_get(schema, "fields"), on_property, forming);
}

static bool
is_among(const struct json *list, const char *word)
{
	for (size_t i = 0; i < json_count(list); i++)
		if (strcmp(json_text(json_at(list, i), ""), word) == 0)
			return true;
	return false;
}

static void
on_key(const char *key, const struct json *value, void *user)
{
	struct forming *forming = user;

	(void)value;
	if (!is_among(forming->optional, key))
		json_put_text(forming->out, "", key);
}

static void
put_required(const struct json *schema, struct forming *forming)
{
	forming->optional = json_get(schema, "optional");
	json_each(json_get(schema, "fields"), on_key, forming);
}

static void
put_members(struct json *out, const struct json *schema, const struct openapi *openapi)
{
	struct forming properties = { .out = json_put_object(out, "properties"),
				      .openapi = openapi };
	struct forming required = { .openapi = openapi };

	each_with(schema, &properties, put_properties);
	required.out = json_put_array(out, "required");
	each_with(schema, &required, put_required);
	json_put_bool(out, "additionalProperties", false);
}

/* --- any value --- */

static bool
is_short(const char *key)
{
	return strcmp(key, "fields") == 0 || strcmp(key, "with") == 0 ||
	       strcmp(key, "optional") == 0 || strcmp(key, "maybe") == 0;
}

static void
on_member(const char *key, const struct json *value, void *user)
{
	struct forming *forming = user;

	if (is_short(key))
		return;
	if (strcmp(key, "$ref") == 0)
		put_ref(forming->out, json_text(value, ""));
	else
		openapi_form_put(forming->out, key, value, forming->openapi);
}

static void
put_object(struct json *out, const struct json *value, const struct openapi *openapi)
{
	struct forming forming = { .out = out, .openapi = openapi };
	const char *maybe = json_text(json_get(value, "maybe"), NULL);
	bool has_members = json_get(value, "fields") != NULL || json_get(value, "with") != NULL;

	if (has_members && json_get(value, "type") == NULL)
		json_put_text(out, "type", "object");
	json_each(value, on_member, &forming);
	if (has_members)
		put_members(out, value, openapi);
	if (maybe != NULL) {
		struct json *either = json_put_array(out, "anyOf");

		put_ref(json_put_object(either, ""), maybe);
		json_put_text(json_put_object(either, ""), "type", "null");
	}
}

void
openapi_form_put(struct json *in, const char *key, const struct json *value,
		 const struct openapi *openapi)
{
	struct forming forming = { .openapi = openapi };

	if (json_kind_of(value) == JSON_IS_OBJECT) {
		put_object(json_put_object(in, key), value, openapi);
	} else if (json_kind_of(value) == JSON_IS_ARRAY) {
		forming.out = json_put_array(in, key);
		json_each(value, on_property, &forming);
	} else {
		json_put_copy(in, key, value);
	}
}
