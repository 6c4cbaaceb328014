/* site.c - routes, and from a target to a reply. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"

#include "api.h"
#include "assets.h"
#include "graph.h"
#include "metrics.h"
#include "page.h"
#include "refuse.h"
#include "site.h"
#include "uri.h"

#define COUNT(array)    (sizeof(array) / sizeof((array)[0]))
#define PATH_MAX_LEN    1024
#define LEDGER_RETRY_MS 1000
#define KEPT_OCTETS     (16u << 20)

#define ARG_PICTURE (ARG_SPAN | ARG_RANGE | ARG_WIDTH | ARG_HEIGHT | ARG_THEME)
#define ARG_LIST    (ARG_LIMIT | ARG_CURSOR)

static const struct route routes[] = {
	/* what is no row is a 404 */
	/* pattern; query keys allowed (any other: 400); form of answer and errors; handler; kept */
	{ "/", ARG_EXCHANGE | ARG_STATE | ARG_VERDICT | ARG_PAGE, ROUTE_PAGE, page_overview },
	{ "/exchanges/{slug}", 0, ROUTE_PAGE, page_exchange },
	{ "/peers/{asn}", 0, ROUTE_PAGE, page_peer },
	{ "/ports/{id}", 0, ROUTE_PAGE, page_port },
	{ "/ports/{id}/days", ARG_DAYS, ROUTE_PAGE, page_days },
	{ "/episodes", ARG_PORT | ARG_EXCHANGE | ARG_OPEN | ARG_CURSOR, ROUTE_PAGE, page_episodes },
	{ "/mail", ARG_CURSOR, ROUTE_PAGE, page_mail },
	{ "/mail/{id}", 0, ROUTE_PAGE, page_one_mail },
	{ "/method", 0, ROUTE_PAGE, page_method },
	{ "/graphs/ports/{id}/heat.svg", ARG_TO_DAY | ARG_WIDTH | ARG_THEME, ROUTE_IMAGE,
	  graph_heat },
	{ "/graphs/ports/{id}.png", ARG_PICTURE, ROUTE_IMAGE, graph_png },
	{ "/graphs/ports/{id}.svg", ARG_PICTURE, ROUTE_IMAGE, graph_svg },
	{ "/api/v1/status", 0, ROUTE_JSON, api_status },
	{ "/api/v1/exchanges", 0, ROUTE_JSON, api_exchanges, true },
	{ "/api/v1/ports", ARG_LIST | ARG_EXCHANGE | ARG_STATE | ARG_VERDICT | ARG_KIND | ARG_ASN,
	  ROUTE_JSON, api_ports, true },
	{ "/api/v1/ports/{id}", 0, ROUTE_JSON, api_port, true },
	{ "/api/v1/ports/{id}/days", ARG_DAYS, ROUTE_JSON, api_days },
	{ "/api/v1/ports/{id}/series", ARG_RANGE | ARG_STEP, ROUTE_JSON, graph_series },
	{ "/api/v1/episodes", ARG_LIST | ARG_RANGE | ARG_PORT | ARG_EXCHANGE | ARG_KIND | ARG_OPEN,
	  ROUTE_JSON, api_episodes },
	{ "/api/v1/alerts", ARG_LIST | ARG_PORT | ARG_EXCHANGE | ARG_OPEN, ROUTE_JSON, api_alerts },
	{ "/api/v1/peers/{asn}", 0, ROUTE_JSON, api_peer, true },
	{ "/api/v1/mail", ARG_LIST, ROUTE_JSON, api_mail },
	{ "/api/v1/mail/{id}", 0, ROUTE_JSON, api_one_mail },
	{ "/metrics", 0, ROUTE_TEXT, metrics_get },
	{ "/healthz", 0, ROUTE_TEXT, api_healthz },
	{ "/readyz", 0, ROUTE_TEXT, api_readyz },
	{ "/static/{slug}", ARG_VERSION, ROUTE_ASSET, assets_get },
};

struct site {
	char *state_dir;
	struct keeper *keeper;
	struct draw *draw;
	struct ledger *ledger; /* this thread's own */
	int64_t ledger_retry_ms;
	struct request_counts counts;
	struct drawn_cache *kept; /* answers of this world, by generation and target */
};

bool
site_open(struct site **out, const char *state_dir, struct keeper *keeper, struct draw *draw,
	  struct error *err)
{
	struct site *site = calloc(1, sizeof(*site));

	if (site == NULL || (site->state_dir = strdup(state_dir)) == NULL ||
	    (site->kept = drawn_cache_new(KEPT_OCTETS)) == NULL) {
		site_close(site);
		return error_set(err, ERR_NOMEM, "site: out of memory");
	}
	site->keeper = keeper;
	site->draw = draw;
	site->counts.started_utc_sec = clock_utc_sec();
	*out = site;
	return true;
}

void
site_close(struct site *site)
{
	if (site == NULL)
		return;
	ledger_close(site->ledger);
	drawn_cache_free(site->kept);
	free(site->state_dir);
	free(site);
}

/* The ledger, when there is one; looked for at most once a second. */
static struct ledger *
find_ledger(struct site *site, const struct world *world)
{
	struct error err;
	int64_t now_ms = clock_mono_ms();

	if (!world->has_ledger) { /* gone, or replaced: the old one must not be read on */
		ledger_close(site->ledger);
		site->ledger = NULL;
		return NULL;
	}
	if (site->ledger != NULL || now_ms < site->ledger_retry_ms)
		return site->ledger;
	site->ledger_retry_ms = now_ms + LEDGER_RETRY_MS;
	if (!ledger_open(&site->ledger, site->state_dir, LEDGER_READ, &err))
		log_warn("web", "event=ledger_unreadable reason=\"%s\"", err.text);
	return site->ledger;
}

/* A request that holds a world; end_request gives it back. */
static void
begin_request(struct site *site, struct request *request)
{
	*request = (struct request) {
		.world = keeper_hold(site->keeper),
		.draw = site->draw,
		.now_utc_sec = clock_utc_sec(),
	};
	request->ledger = find_ledger(site, request->world);
	site->counts.requests++;
	request->counts = site->counts;
}

static const char no_memory_text[] = "memory ran out\n";

/* Memory is the only reason for a handler to say nothing. */
static void
end_request(struct site *site, const struct request *request, struct reply *reply)
{
	keeper_release(site->keeper, request->world);
	if (reply->status == 0) {
		reply_free(reply);
		reply->status = 503;
		reply->type = "text/plain; charset=utf-8";
		reply->fixed = no_memory_text;
		reply->len = sizeof(no_memory_text) - 1;
	}
	site->counts.errors += reply->status >= 400;
}

static void
answer_route(const struct route *route, const char *query, struct request *request,
	     struct reply *reply)
{
	struct error err;

	request->type = route->type;
	if (query_parse(&request->query, query, route->args, &err))
		route->handler(request, reply);
	else
		refuse(request, reply, 400, "bad_query", "%s", err.text);
}

/* The answer's octets, shared with the cache from now on. */
static void
keep(struct site *site, const char *key, struct reply *reply)
{
	struct drawn *drawn = reply->status == 200 ? drawn_new(reply->len) : NULL;

	if (drawn == NULL)
		return;
	memcpy(drawn->data, reply->body, reply->len);
	drawn->ok = true;
	drawn->expires_mono_ms = INT64_MAX;
	etag_of(drawn->etag, drawn->data, drawn->len);
	drawn_cache_put(site->kept, key, drawn);
	free(reply->body);
	reply->body = NULL;
	reply_share(reply, drawn);
}

/* The same world and target have the same answer. */
static void
answer_kept(struct site *site, const struct route *route, const char *target, const char *query,
	    struct request *request, struct reply *reply)
{
	char key[JOB_KEY_MAX];
	int len = snprintf(key, sizeof(key), "%" PRIu64 " %s", request->world->generation, target);
	struct drawn *drawn = len < (int)sizeof(key) ? drawn_cache_find(site->kept, key, 0) : NULL;

	if (drawn == NULL) {
		answer_route(route, query, request, reply);
		if (len < (int)sizeof(key))
			keep(site, key, reply);
		return;
	}
	reply->status = 200;
	reply->type = "application/json";
	reply_share(reply, drawn);
}

void
site_answer(struct site *site, const char *target, struct reply *reply)
{
	const struct route *route = NULL;
	struct request request;
	char path[PATH_MAX_LEN];
	const char *query = NULL;

	begin_request(site, &request);
	request.type = route_type_of_path(target);
	if (uri_path(path, sizeof(path), target, &query))
		route = route_find(routes, COUNT(routes), path, &request.params);
	if (route != NULL && route->is_kept)
		answer_kept(site, route, target, query, &request, reply);
	else if (route != NULL)
		answer_route(route, query, &request, reply);
	else
		refuse(&request, reply, 404, "not_found", "there is no such page");
	end_request(site, &request, reply);
}

void
site_refuse(struct site *site, const char *target, struct reply *reply, unsigned status,
	    const char *code, const char *sentence)
{
	struct request request;

	begin_request(site, &request);
	request.type = route_type_of_path(target);
	refuse(&request, reply, status, code, "%s", sentence);
	end_request(site, &request, reply);
}

/* --- the Host header --- */

/* The host without its port: "[::1]:80" -> "[::1]". */
static bool
strip_port(char *dst, size_t len, const char *host)
{
	size_t host_len =
	    host[0] == '[' ? strcspn(host, "]") + (strchr(host, ']') != NULL) : strcspn(host, ":");

	if (host_len == 0 || host_len >= len)
		return false;
	memcpy(dst, host, host_len);
	dst[host_len] = '\0';
	const char *port = host + host_len;
	return *port == '\0' ||
	       (*port == ':' && strspn(port + 1, "0123456789") == strlen(port + 1));
}

static bool
is_address(const char *host)
{
	unsigned char octets[16];
	char inner[64];
	size_t len = strlen(host);

	if (inet_pton(AF_INET, host, octets) == 1)
		return true;
	if (host[0] != '[' || len < 3 || len - 2 >= sizeof(inner))
		return false;
	memcpy(inner, host + 1, len - 2);
	inner[len - 2] = '\0';
	return inet_pton(AF_INET6, inner, octets) == 1;
}

bool
site_knows_host(struct site *site, const char *host, const char *address, bool is_loopback)
{
	char name[256];

	if (host == NULL)
		return true; /* HTTP/1.0: no browser */
	if (!strip_port(name, sizeof(name), host))
		return false;
	if (strcasecmp(name, "localhost") == 0 || strcmp(name, "127.0.0.1") == 0 ||
	    strcmp(name, "[::1]") == 0 || strcmp(name, address) == 0)
		return true;
	if (!is_loopback && is_address(name))
		return true;
	const struct world *world = keeper_hold(site->keeper);
	bool known = world->base_host[0] != '\0' && strcasecmp(name, world->base_host) == 0;
	keeper_release(site->keeper, world);
	return known;
}
