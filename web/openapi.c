/* openapi.c - the document from its parts, and how it is served.  See openapi.h. */
#include "openapi.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/log.h"

#include "openapi_parts.h"
#include "refuse.h"
#include "routes.h"
#include "squeeze.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DIALECT      "https://json-schema.org/draft/2020-12/schema"

/* clang-format off */
static const unsigned char document_json[] = {
#include "openapi/document.json.inc"
};
static const unsigned char status_json[] = {
#include "openapi/status.json.inc"
};
static const unsigned char ports_json[] = {
#include "openapi/ports.json.inc"
};
static const unsigned char judgement_json[] = {
#include "openapi/judgement.json.inc"
};
static const unsigned char history_json[] = {
#include "openapi/history.json.inc"
};
static const unsigned char alerts_json[] = {
#include "openapi/alerts.json.inc"
};
static const unsigned char mail_json[] = {
#include "openapi/mail.json.inc"
};
static const unsigned char reports_json[] = {
#include "openapi/reports.json.inc"
};
static const unsigned char facts_json[] = {
#include "openapi/facts.json.inc"
};
/* clang-format on */

static const struct file {
	const char *name;
	const unsigned char *data;
	size_t len;
} files[] = {
	{ "document.json", document_json, sizeof(document_json) },
	{ "status.json", status_json, sizeof(status_json) },
	{ "ports.json", ports_json, sizeof(ports_json) },
	{ "judgement.json", judgement_json, sizeof(judgement_json) },
	{ "history.json", history_json, sizeof(history_json) },
	{ "alerts.json", alerts_json, sizeof(alerts_json) },
	{ "mail.json", mail_json, sizeof(mail_json) },
	{ "reports.json", reports_json, sizeof(reports_json) },
	{ "facts.json", facts_json, sizeof(facts_json) },
};
_Static_assert(COUNT(files) <= OPENAPI_PARTS_MAX, "room for every file");

bool
openapi_begin(struct openapi *openapi, struct error *err)
{
	*openapi = (struct openapi) { .words = openapi_words_new() };
	for (size_t i = 0; i < COUNT(files); i++) {
		if (!json_parse(&openapi->part[i], (const char *)files[i].data, files[i].len, err))
			return error_wrap(err, "openapi/%s", files[i].name);
		openapi->part_count++;
	}
	return true;
}

void
openapi_end(struct openapi *openapi)
{
	for (size_t i = 0; i < openapi->part_count; i++)
		json_free(openapi->part[i]);
	json_free(openapi->words);
}

const struct json *
openapi_find(const struct openapi *openapi, const char *room, const char *key)
{
	const struct json *found = NULL;

	for (size_t i = 0; i < openapi->part_count && found == NULL; i++)
		found = json_get(json_get(openapi->part[i], room), key);
	return found;
}

/* --- the document --- */

struct putting {
	struct json *out;
	const struct openapi *openapi;
};

static void
on_schema(const char *key, const struct json *schema, void *user)
{
	struct putting *putting = user;

	openapi_form_put(putting->out, key, schema, putting->openapi);
}

static void
put_components(struct json *root, const struct openapi *openapi)
{
	struct json *components = json_put_object(root, "components");
	struct putting putting = { json_put_object(components, "schemas"), openapi };

	for (size_t i = 0; i < openapi->part_count; i++)
		json_each(json_get(openapi->part[i], "schemas"), on_schema, &putting);
	json_each(openapi->words, on_schema, &putting);
	openapi_errors_put(components, openapi);
	json_put_copy(components, "headers", json_get(openapi->part[0], "headers"));
	json_put_copy(components, "securitySchemes", json_get(openapi->part[0], "securitySchemes"));
}

static void
on_info(const char *key, const struct json *value, void *user)
{
	json_put_copy(user, key, value);
}

static char *
print_dup(const struct openapi *openapi, size_t *len)
{
	struct json *root = json_object_new(), *info, *paths;
	size_t route_count;
	const struct route *routes = routes_all(&route_count);
	char *text;

	json_put_text(root, "openapi", "3.1.0");
	json_put_text(root, "jsonSchemaDialect", DIALECT);
	info = json_put_object(root, "info");
	json_put_text(info, "version", IXWATCH_VERSION);
	json_each(json_get(openapi->part[0], "info"), on_info, info);
	json_put_text(json_put_object(json_put_array(root, "servers"), ""), "url", "/");
	json_put_copy(root, "tags", json_get(openapi->part[0], "tags"));
	paths = json_put_object(root, "paths");
	for (size_t i = 0; i < route_count; i++)
		openapi_path_put(paths, &routes[i], openapi);
	put_components(root, openapi);
	text = json_print_dup(root, false, len);
	json_free(root);
	return text;
}

/* --- served: made once, as it lives as long as the program --- */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct {
	char *text, *squeezed; /* NULL: memory ran out */
	size_t len, squeezed_len;
	char etag[ETAG_MAX];
} made;

static void
prepare(void)
{
	struct openapi openapi;
	struct error err = { 0 };

	if (openapi_begin(&openapi, &err))
		made.text = print_dup(&openapi, &made.len);
	else
		log_error("web", "event=openapi_unreadable reason=\"%s\"", err.text);
	openapi_end(&openapi);
	if (made.text == NULL)
		return;
	etag_of(made.etag, made.text, made.len);
	made.squeezed = squeeze_dup(made.text, made.len, &made.squeezed_len);
}

void
openapi_get(const struct request *request, struct reply *reply)
{
	pthread_once(&once, prepare);
	if (made.text == NULL) {
		refuse(request, reply, 503, "no_memory", "memory ran out");
		return;
	}
	reply->status = 200;
	reply->type = "application/json";
	reply->fixed = made.text;
	reply->len = made.len;
	reply->fixed_squeezed = made.squeezed;
	reply->fixed_squeezed_len = made.squeezed_len;
	memcpy(reply->etag, made.etag, sizeof(reply->etag));
}
