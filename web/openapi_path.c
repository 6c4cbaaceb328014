/* openapi_path.c - a row of the route table as a path: its parameters from the table of keys, who may ask, every answer. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "openapi_parts.h"
#include "query.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NAME_MAX_LEN 320

/* --- parameters --- */

static void
put_bounds(struct json *schema, const char *type, const char *low, int64_t min, const char *high,
	   int64_t max)
{
	json_put_text(schema, "type", type);
	json_put_int(schema, low, min);
	json_put_int(schema, high, max);
}

static void
put_choice(struct json *choices, const char *format)
{
	struct json *choice = json_put_object(choices, "");

	json_put_text(choice, "type", "string");
	if (format != NULL)
		json_put_text(choice, "format", format);
}

/* Unix seconds or RFC 3339, and what else the form lets pass. */
static void
put_time_schema(struct json *schema, const struct query_key *key)
{
	struct json *choices = json_put_array(schema, "anyOf");

	put_bounds(json_put_object(choices, ""), "integer", "minimum", key->min, "maximum",
		   key->max);
	if (key->form == QUERY_DAY)
		put_choice(choices, "date");
	put_choice(choices, key->form == QUERY_DURATION ? NULL : "date-time");
}

static void
put_words(struct json *schema, const struct query_key *key)
{
	struct json *list = json_put_array(schema, "enum");

	for (unsigned i = 0; key->word(i) != NULL; i++)
		json_put_text(list, "", key->word(i));
	if (key->may_be_empty)
		json_put_text(list, "", "");
}

static void
put_standard(struct json *schema, const struct query_key *key)
{
	int64_t number = 0;

	if (key->standard == NULL)
		return;
	if (key->form == QUERY_BOOL)
		json_put_bool(schema, "default", strcmp(key->standard, "true") == 0);
	else if (key->form != QUERY_WHOLE)
		json_put_text(schema, "default", key->standard);
	else if (sscanf(key->standard, "%" SCNd64, &number) == 1)
		json_put_int(schema, "default", number);
}

static void
put_key_schema(struct json *schema, const struct query_key *key)
{
	switch (key->form) {
	case QUERY_WORD:
		json_put_text(schema, "type", "string");
		put_words(schema, key);
		break;
	case QUERY_BOOL: json_put_text(schema, "type", "boolean"); break;
	case QUERY_WHOLE:
		put_bounds(schema, "integer", "minimum", key->min, "maximum", key->max);
		break;
	case QUERY_TEXT:
		put_bounds(schema, "string", "minLength", key->min, "maxLength", key->max);
		break;
	case QUERY_WEEK:
		json_put_text(schema, "type", "string");
		json_put_text(schema, "pattern", "^([0-9]{4}-W[0-9]{2})?$");
		break;
	default: put_time_schema(schema, key);
	}
	put_standard(schema, key);
}

static struct json *
put_parameter(struct json *list, const char *in, const char *name, const char *means)
{
	struct json *parameter = json_put_object(list, "");

	json_put_text(parameter, "name", name);
	json_put_text(parameter, "in", in);
	json_put_bool(parameter, "required", strcmp(in, "path") == 0);
	json_put_text(parameter, "description", means);
	return json_put_object(parameter, "schema");
}

static const struct place {
	const char *name, *means;
	int64_t max; /* of a number from 1; 0: it is text */
} places[] = {
	{ "id", "The id of what is asked for.", INT64_MAX },
	{ "asn", "The peer's AS number.", UINT32_MAX },
	{ "slug", "The short name of the exchange.", 0 },
	{ "name", "The name of a file.", 0 },
};

static void
put_places(struct json *list, const char *pattern)
{
	char braced[16];

	for (size_t i = 0; i < COUNT(places); i++) {
		snprintf(braced, sizeof(braced), "{%s}", places[i].name);
		if (strstr(pattern, braced) == NULL)
			continue;
		struct json *schema = put_parameter(list, "path", places[i].name, places[i].means);
		if (places[i].max > 0)
			put_bounds(schema, "integer", "minimum", 1, "maximum", places[i].max);
		else
			json_put_text(schema, "type", "string");
	}
}

static void
put_parameters(struct json *operation, const struct route *route)
{
	struct json *list = json_put_array(operation, "parameters");
	const struct query_key *key;

	put_places(list, route->pattern);
	for (size_t i = 0; (key = query_key_at(i)) != NULL; i++)
		if ((route->args & key->arg) != 0)
			put_key_schema(put_parameter(list, "query", key->name, key->means), key);
}

/* --- who may --- */

static void
put_way_in(struct json *list, const char *first, const char *second)
{
	struct json *way = json_put_object(list, "");

	json_put_array(way, first);
	if (second != NULL)
		json_put_array(way, second);
}

static void
put_security(struct json *operation, enum route_need need, bool is_post)
{
	struct json *list = json_put_array(operation, "security");

	json_put_text(operation, "x-role", route_need_name(need));
	if (need == NEED_NOTHING)
		return;
	put_way_in(list, "token", NULL);
	put_way_in(list, "session", is_post ? "csrf" : NULL);
}

/* --- answers --- */

static void
put_headers(struct json *response, const struct json *names)
{
	struct json *headers;
	char ref[NAME_MAX_LEN];

	if (json_count(names) == 0)
		return;
	headers = json_put_object(response, "headers");
	for (size_t i = 0; i < json_count(names); i++) {
		const char *name = json_text(json_at(names, i), "");

		snprintf(ref, sizeof(ref), "#/components/headers/%s", name);
		json_put_text(json_put_object(headers, name), "$ref", ref);
	}
}

/* {"text/csv": SCHEMA} */
struct answering {
	struct json *content;
	const struct openapi *openapi;
};

static void
on_answer(const char *type, const struct json *schema, void *user)
{
	struct answering *answering = user;

	openapi_form_put(json_put_object(answering->content, type), "schema", schema,
			 answering->openapi);
}

static bool
has_header(const struct json *told, const char *name)
{
	const struct json *names = json_get(told, "headers");

	for (size_t i = 0; i < json_count(names); i++)
		if (strcmp(json_text(json_at(names, i), ""), name) == 0)
			return true;
	return false;
}

static void
put_good_answer(struct json *responses, const struct json *told, const struct openapi *openapi)
{
	struct json *good = json_put_object(responses, "200"), *known;
	struct answering answering = { .openapi = openapi };

	json_put_text(good, "description",
		      json_text(json_get(told, "says"), "What was asked for."));
	put_headers(good, json_get(told, "headers"));
	answering.content = json_put_object(good, "content");
	json_each(json_get(told, "answer"), on_answer, &answering);
	if (!has_header(told, "ETag"))
		return;
	known = json_put_object(responses, "304");
	json_put_text(known, "description", "If-None-Match names the version that there is.");
	json_put_text(json_put_object(json_put_object(known, "headers"), "ETag"), "$ref",
		      "#/components/headers/ETag");
}

/* Whether such a path answers with that error. */
static bool
can_fail(const struct route *route, bool is_post, unsigned status)
{
	enum route_need need = is_post ? route->post_need : route->need;

	switch (status) {
	case 403: return is_post || need > NEED_VIEWER;
	case 404:
		return strchr(route->pattern, '{') != NULL || (route->args & ARG_EXCHANGE) != 0 ||
		       route->object == OBJECT_HOUSE;
	case 411:
	case 413: return is_post;
	case 503: return need != NEED_NOTHING;
	default: return true;
	}
}

static bool
has_json_errors(const struct route *route)
{
	return route->type == ROUTE_JSON;
}

struct failing {
	struct json *responses;
	const struct route *route;
	bool is_post;
	const struct json *told; /* "responses" of the operation itself */
};

static void
put_error_ref(const char *key, const struct json *error, void *user)
{
	struct failing *failing = user;
	char status[16], ref[NAME_MAX_LEN];
	int64_t number = 0;

	(void)key;
	json_int(json_get(error, "status"), &number);
	snprintf(status, sizeof(status), "%lld", (long long)number);
	if (!can_fail(failing->route, failing->is_post, (unsigned)number) ||
	    json_get(failing->told, status) != NULL)
		return;
	snprintf(ref, sizeof(ref), "#/components/responses/Error%s%s", status,
		 has_json_errors(failing->route) ? "" : "Page");
	json_put_text(json_put_object(failing->responses, status), "$ref", ref);
}

static void
put_own(const char *status, const struct json *response, void *user)
{
	struct answering *answering = user;

	openapi_form_put(answering->content, status, response, answering->openapi);
}

static void
put_responses(struct json *operation, const struct route *route, bool is_post,
	      const struct json *told, const struct openapi *openapi)
{
	struct failing failing = { .responses = json_put_object(operation, "responses"),
				   .route = route,
				   .is_post = is_post,
				   .told = json_get(told, "responses") };
	struct answering own = { failing.responses, openapi };

	put_good_answer(failing.responses, told, openapi);
	json_each(failing.told, put_own, &own);
	json_each(json_get(openapi->part[0], "errors"), put_error_ref, &failing);
}

/* --- operations --- */

static void
put_body(struct json *operation, const struct json *schema, const struct openapi *openapi)
{
	struct json *body = json_put_object(operation, "requestBody");

	json_put_bool(body, "required", true);
	openapi_form_put(json_put_object(json_put_object(body, "content"), "application/json"),
			 "schema", schema, openapi);
}

static void
put_operation(struct json **path, struct json *paths, const struct route *route, bool is_post,
	      const struct openapi *openapi)
{
	static const char *const copied[] = { "operationId", "tags", "summary", "description" };
	char name[NAME_MAX_LEN];
	const struct json *told;
	struct json *operation;

	snprintf(name, sizeof(name), "%s %s", is_post ? "POST" : "GET", route->pattern);
	told = openapi_find(openapi, "operations", name);
	if (told == NULL)
		return;
	if (*path == NULL)
		*path = json_put_object(paths, route->pattern);
	operation = json_put_object(*path, is_post ? "post" : "get");
	for (size_t i = 0; i < COUNT(copied); i++)
		if (json_get(told, copied[i]) != NULL)
			json_put_copy(operation, copied[i], json_get(told, copied[i]));
	put_parameters(operation, route);
	put_security(operation, is_post ? route->post_need : route->need, is_post);
	if (json_get(told, "body") != NULL)
		put_body(operation, json_get(told, "body"), openapi);
	put_responses(operation, route, is_post, told, openapi);
}

void
openapi_path_put(struct json *paths, const struct route *route, const struct openapi *openapi)
{
	struct json *path = NULL;

	if (route->handler != NULL)
		put_operation(&path, paths, route, false, openapi);
	if (route->post != NULL)
		put_operation(&path, paths, route, true, openapi);
}

/* --- errors --- */

static void
put_error(const char *key, const struct json *error, void *user)
{
	static const char *const ends[] = { "", "Page" };
	char name[NAME_MAX_LEN];
	int64_t status = 0;

	(void)key;
	json_int(json_get(error, "status"), &status);
	for (size_t i = 0; i < COUNT(ends); i++) {
		struct json *response, *content;

		snprintf(name, sizeof(name), "Error%lld%s", (long long)status, ends[i]);
		response = json_put_object(user, name);
		json_put_copy(response, "description", json_get(error, "says"));
		put_headers(response, json_get(error, "headers"));
		content = json_put_object(response, "content");
		if (i == 0)
			json_put_text(
			    json_put_object(json_put_object(content, "application/json"), "schema"),
			    "$ref", "#/components/schemas/Error");
		else
			json_put_text(
			    json_put_object(json_put_object(content, "text/html; charset=utf-8"),
					    "schema"),
			    "type", "string");
	}
}

void
openapi_errors_put(struct json *components, const struct openapi *openapi)
{
	json_each(json_get(openapi->part[0], "errors"), put_error,
		  json_put_object(components, "responses"));
}
