/* links: web/route.c web/query.c web/query_keys.c web/form.c web/uri.c web/next.c web/html.c web/headers.c web/client.c web/listen.c base/report_words.c base/units.c base/model.c base/error.c */
/* fuzz_web.c - what a request brings, before anything of it is believed: its target against routes and against every key, the
 * body of a form, headers, whom a proxy names, and the target back again where a list goes on.
 *
 * What must hold is checked by must(): a route's parameters make the path again, what is read of a query is within its
 * bounds, what is refused is told without controls, and the fields of a form, written down, are read as the same. */
#include <arpa/inet.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "form.h"
#include "headers.h"
#include "next.h"
#include "query.h"
#include "route.h"
#include "uri.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static bool
is_clean(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

/* --- the target --- */

/* Each shape of the server's own table. */
static const struct route shapes[] = {
	{ .pattern = "/" },
	{ .pattern = "/ports/{id}" },
	{ .pattern = "/ports/{id}/days" },
	{ .pattern = "/graphs/ports/{id}.png" },
	{ .pattern = "/graphs/ports/{id}/heat.svg" },
	{ .pattern = "/graphs/exchanges/{slug}/day.svg" },
	{ .pattern = "/peers/{asn}" },
	{ .pattern = "/exchanges/{slug}" },
	{ .pattern = "/reports/{week}/{asn}" },
	{ .pattern = "/reports/{week}/exchange/{slug}" },
	{ .pattern = "/reports/{week}/overview" },
	{ .pattern = "/reports/{id}/graph/{name}" },
	{ .pattern = "/letters/{slug}" },
	{ .pattern = "/letters/{slug}/ports/{id}/samples.csv" },
	{ .pattern = "/letters/{slug}/graph/{name}" },
	{ .pattern = "/static/{slug}" },
};

static void
put_param(FILE *to, const char *name, const struct route_params *params)
{
	if (strncmp(name, "{id}", 4) == 0)
		fprintf(to, "%lld", (long long)params->id);
	else if (strncmp(name, "{asn}", 5) == 0)
		fprintf(to, "%u", params->asn);
	else
		fputs(strncmp(name, "{slug}", 6) == 0   ? params->slug
		      : strncmp(name, "{week}", 6) == 0 ? params->week
							: params->name,
		      to);
}

/* What matched is the pattern with its parameters, and nothing else. */
static void
check_route(const char *path)
{
	char made[4096] = "";
	struct route_params params;
	const struct route *route = route_find(shapes, COUNT(shapes), path, &params);
	FILE *to = fmemopen(made, sizeof(made), "w");

	must(to != NULL);
	for (const char *c = route == NULL ? "" : route->pattern; *c != '\0'; c++)
		if (*c == '{') {
			put_param(to, c, &params);
			c = strchr(c, '}');
		} else {
			putc(*c, to);
		}
	fclose(to);
	must(route == NULL || strcmp(made, path) == 0);
	must(route_type_of_path(path) == ROUTE_JSON || strncmp(path, "/api/", 5) != 0);
}

static void
check_bounds(const struct query *q)
{
	must(q->limit >= 1 && q->limit <= QUERY_LIMIT_MAX && q->cursor >= 0 && q->page >= 1);
	must(q->span < SPAN_COUNT && q->sort < SORT_COUNT && q->step_sec >= 0);
	must(q->width_px >= 1 && q->width_px <= 10000 && q->height_px >= 1 &&
	     q->height_px <= 10000);
	must((q->has & ARG_RANGE) != ARG_RANGE || q->from_utc_sec < q->to_utc_sec);
	must(is_clean(q->exchange) && is_clean(q->kind) && is_clean(q->next) && is_clean(q->week) &&
	     is_clean(q->text) && is_clean(q->agent) && is_clean(q->letter_state));
}

/* Keys of one name are of different routes: of such, one or the other is allowed. */
static void
check_query(const char *text, unsigned allowed)
{
	struct query query;
	struct error err = { 0 };

	if (query_parse(&query, text, allowed, &err)) {
		check_bounds(&query);
		must((query.has & ~allowed) == 0);
	} else {
		must(err.text[0] != '\0' && is_clean(err.text));
	}
}

static void
check_target(const char *target)
{
	const unsigned readings = ARG_DAYS | ARG_LETTER_STATE | ARG_EPISODE_KIND;
	char path[1024], *link = next_link_dup(target, "117");
	const char *query;

	must(link == NULL || (strlen(link) <= NEXT_LINK_MAX && is_clean(link) && link[0] == '<'));
	free(link);
	if (!uri_path(path, sizeof(path), target, &query))
		return;
	must(path[0] == '/' && is_clean(path));
	check_route(path);
	for (unsigned form = 0; form <= ARG_FORM; form += ARG_FORM) {
		check_query(query, ~(readings | ARG_FORM) | form);
		check_query(query, readings | form);
	}
	check_query(query, 0);
}

/* --- the body --- */

static void
put_escaped(FILE *to, const char *text)
{
	for (; *text != '\0'; text++)
		fprintf(to, "%%%02X", (unsigned char)*text);
}

static void
check_form(const char *body, size_t len)
{
	static struct form form, again;
	char *written = NULL;
	size_t written_len;
	FILE *to;

	if (!form_parse(&form, body, len))
		return;
	must(form.count <= FORM_FIELDS_MAX);
	to = open_memstream(&written, &written_len);
	must(to != NULL);
	for (size_t i = 0; i < form.count; i++) {
		must(strcmp(form_get(&form, form.fields[i].name), form.fields[i].value) == 0);
		must(is_clean(form.fields[i].name));
		must(is_clean(form.fields[i].value) ||
		     strcmp(form.fields[i].name, FORM_LINES) == 0);
		fputs(i > 0 ? "&" : "", to);
		put_escaped(to, form.fields[i].name);
		putc('=', to);
		put_escaped(to, form.fields[i].value);
	}
	fclose(to);
	must(written_len > FORM_OCTETS_MAX || form_parse(&again, written, written_len));
	for (size_t i = 0; i < form.count && written_len <= FORM_OCTETS_MAX; i++)
		must(strcmp(form.fields[i].name, again.fields[i].name) == 0 &&
		     strcmp(form.fields[i].value, again.fields[i].value) == 0);
	free(written);
}

/* --- the headers --- */

static void
check_forwarded(const char *text)
{
	char address[VISIT_ADDRESS_MAX] = "192.0.2.1", network[VISIT_ADDRESS_MAX];
	unsigned char unused[16];

	client_of_proxy(address, text);
	must(inet_pton(AF_INET, address, unused) == 1 || inet_pton(AF_INET6, address, unused) == 1);
	client_network(network, address);
	must(inet_pton(AF_INET, network, unused) == 1 || inet_pton(AF_INET6, network, unused) == 1);
}

/* Lines "name: value" of the text, which is taken apart. */
static void
check_headers(char *text)
{
	struct headers headers = { 0 };

	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		char *colon = strchr(line, ':');

		if (colon != NULL)
			*colon = '\0';
		headers_take(&headers, line, colon == NULL ? NULL : colon + 1);
		if (headers.forwarded != NULL)
			check_forwarded(headers.forwarded);
	}
	const char *wrong = headers_wrong(&headers);
	must(wrong == NULL || wrong[0] != '\0');
	must(wrong != NULL || (headers.lengths <= 1 && headers.hosts <= 1 &&
			       (headers.lengths == 0 || headers.encodings == 0)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	char *text = malloc(len + 1);

	must(text != NULL);
	memcpy(text, octets, len);
	text[len] = '\0';
	check_target(text);
	check_form((const char *)octets, len);
	check_forwarded(text);
	check_headers(text);
	free(text);
	return 0;
}
