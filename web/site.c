/* site.c - routes, and from a target to a reply. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"

#include "action.h"
#include "html.h"
#include "letter_gate.h"
#include "may.h"
#include "next.h"
#include "refuse.h"
#include "reports.h"
#include "routes.h"
#include "site.h"
#include "tag.h"
#include "uri.h"
#include "world_past.h"
#include "world_scoped.h"

#define PATH_MAX_LEN    1024
#define LEDGER_RETRY_MS 1000
#define NEXT_LEN        256 /* longer ones begin at the overview after the login */
#define KEPT_OCTETS     (16u << 20)
#define VIEWS           16 /* worlds of scoped accounts, kept as long as the whole one is */

/* The world as accounts of these scopes see it. */
struct view {
	char scopes[ACCOUNT_TEXT_MAX + 16]; /* and the kinds; "": the place is free */
	const struct world *base;           /* held */
	struct world *world;
	bool is_whole; /* the ledger could say from when on its ports are seen */
	uint64_t used; /* the largest was used last */
};

struct site {
	char *state_dir;
	struct keeper *keeper;
	struct draw *draw;
	struct auth *auth;
	struct letter_gate *letter_gate;
	struct view views[VIEWS];
	uint64_t view_uses, desk_jobs;
	struct ledger *ledger; /* this thread's own */
	int64_t ledger_retry_ms;
	struct request_counts counts;
	struct drawn_cache *kept; /* answers of this world, by generation and target */
};

bool
site_open(struct site **out, const char *state_dir, struct keeper *keeper, struct draw *draw,
	  struct auth *auth, struct error *err)
{
	struct site *site = calloc(1, sizeof(*site));

	if (site == NULL || (site->state_dir = strdup(state_dir)) == NULL ||
	    (site->kept = drawn_cache_new(KEPT_OCTETS)) == NULL ||
	    (site->letter_gate = letter_gate_new()) == NULL) {
		site_close(site);
		return error_set(err, ERR_NOMEM, "site: out of memory");
	}
	site->keeper = keeper;
	site->draw = draw;
	site->auth = auth;
	site->counts.started_utc_sec = clock_utc_sec();
	*out = site;
	return true;
}

static void
drop_view(struct site *site, struct view *view)
{
	if (view->world == NULL)
		return;
	world_scoped_free(view->world);
	keeper_release(site->keeper, view->base);
	*view = (struct view) { 0 };
}

void
site_close(struct site *site)
{
	if (site == NULL)
		return;
	for (size_t i = 0; i < VIEWS; i++)
		drop_view(site, &site->views[i]);
	ledger_close(site->ledger);
	drawn_cache_free(site->kept);
	letter_gate_free(site->letter_gate);
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

/* --- what an account sees --- */

/* Worlds that are not the current one are let go: they are large. */
static void
drop_old_views(struct site *site, const struct world *current)
{
	for (size_t i = 0; i < VIEWS; i++)
		if (site->views[i].world != NULL && site->views[i].base != current)
			drop_view(site, &site->views[i]);
}

/* The view of these scopes, or the place where it may be made: the one not used for longest. */
static struct view *
find_view(struct site *site, const char *scopes)
{
	struct view *oldest = &site->views[0];

	for (size_t i = 0; i < VIEWS; i++) {
		if (strcmp(site->views[i].scopes, scopes) == 0)
			return &site->views[i];
		if (site->views[i].used < oldest->used)
			oldest = &site->views[i];
	}
	drop_view(site, oldest);
	return oldest;
}

/* What the ledger cannot say now is asked again with the next request. */
static bool
make_view(struct site *site, struct view *view, const struct world *whole,
	  const struct identity *who)
{
	struct world_past past = { .scopes = &who->scopes, .ledger = site->ledger };

	view->world = world_scoped_new(whole, who->kinds, &past);
	if (view->world == NULL)
		return false;
	view->is_whole = !past.failed;
	if (past.failed && site->ledger != NULL)
		log_warn("web", "event=pasts_unknown reason=\"%s\"", past.err.text);
	keeper_hold_too(site->keeper, whole);
	view->base = whole;
	return true;
}

/* The world that the request may see of the whole one, which it holds; NULL when memory ran out. */
static const struct world *
view_of(struct site *site, const struct world *whole, const struct identity *who, bool *is_whole)
{
	char scopes[ACCOUNT_TEXT_MAX], name[sizeof(((struct view *)0)->scopes)];
	struct view *view;

	drop_old_views(site, whole);
	*is_whole = true;
	if (who->kind == WHO_LINK && who->scopes.count == 0)
		return NULL; /* it could not be: without a scope it would see everything */
	if (who->scopes.count == 0 && who->kinds == 0)
		return whole;
	snprintf(name, sizeof(name), "%x %s", who->kinds,
		 account_scopes_format(scopes, &who->scopes));
	view = find_view(site, name);
	if (view->world != NULL && !view->is_whole)
		drop_view(site, view);
	if (view->world == NULL && !make_view(site, view, whole, who))
		return NULL;
	memcpy(view->scopes, name, sizeof(name));
	view->used = ++site->view_uses;
	*is_whole = view->is_whole;
	return view->world;
}

/* --- a request, from beginning to end --- */

/* What is asked, with what belongs to it; end gives it back. */
struct asking {
	struct site *site;
	const struct visit *visit;
	struct reply *reply;
	const struct world *whole; /* held */
	bool is_whole;             /* request.world has all that it may have */
	struct request request;
	const struct route *route; /* NULL: there is none */
	const char *query;
	struct form *form; /* NULL: none came */
	struct json *body;
};

static void
begin(struct asking *asking, struct site *site, const struct visit *visit, struct reply *reply)
{
	size_t route_count;
	const struct route *routes = routes_all(&route_count);
	char path[PATH_MAX_LEN];

	*asking = (struct asking) { .site = site, .visit = visit, .reply = reply };
	asking->whole = keeper_hold(site->keeper);
	asking->request = (struct request) {
		.world = asking->whole,
		.state_dir = site->state_dir,
		.draw = site->draw,
		.now_utc_sec = clock_utc_sec(),
		.auth = site->auth,
		.visit = visit,
		.type = route_type_of_path(visit->target),
	};
	asking->request.ledger = find_ledger(site, asking->whole);
	asking->request.counts = site->counts;
	if (uri_path(path, sizeof(path), visit->target, &asking->query))
		asking->route = route_find(routes, route_count, path, &asking->request.params);
	if (asking->route != NULL)
		asking->request.type = asking->route->type;
	asking->request.is_of_link = letter_gate_is_target(visit->target);
	reply->is_of_link = asking->request.is_of_link;
}

static const char no_memory_text[] = "memory ran out\n";
static const char no_memory_json[] =
    "{\"error\":{\"code\":\"no_memory\",\"message\":\"memory ran out\"}}";

static void
answer_no_memory(struct reply *reply, bool is_json)
{
	reply_free(reply);
	reply->status = 503;
	reply->type = is_json ? "application/json" : "text/plain; charset=utf-8";
	reply->fixed = is_json ? no_memory_json : no_memory_text;
	reply->len = strlen(reply->fixed);
}

/* Memory is the only reason for a handler to say nothing. */
static void
end(struct asking *asking)
{
	struct reply *reply = asking->reply;

	keeper_release(asking->site->keeper, asking->whole);
	json_free(asking->body);
	if (asking->form != NULL)
		explicit_bzero(asking->form,
			       sizeof(*asking->form)); /* there may be a password in it */
	free(asking->form);
	if (reply->status == 0 && reply->job == NULL)
		answer_no_memory(reply, asking->request.type == ROUTE_JSON);
	if (reply->next[0] != '\0')
		reply->link = next_link_dup(asking->visit->target, reply->next);
	asking->site->counts.errors += reply->status >= 400;
}

static void
refuse_asking(struct asking *asking, unsigned status, const char *code, const char *sentence)
{
	refuse(&asking->request, asking->reply, status, code, "%s", sentence);
}

/* --- the one check before every handler --- */

/* A page is asked for by a person: the way to it leads over the login, and back. */
static void
send_to_login(struct asking *asking)
{
	struct html html;
	size_t len;
	char *path;

	html_init(&html);
	html_raw(&html, "/login?next=");
	html_segment(&html, asking->visit->target);
	path = html_take(&html, &len);
	reply_redirect(asking->reply,
		       path == NULL || strlen(asking->visit->target) >= NEXT_LEN ? "/login" : path);
	free(path);
}

static void
refuse_nobody(struct asking *asking)
{
	if (asking->route->type == ROUTE_PAGE && !asking->visit->is_post) {
		send_to_login(asking);
		return;
	}
	refuse_asking(asking, 401, "login_needed",
		      "a login is needed, or a token in an Authorization header: Bearer TOKEN");
	asking->reply->challenge = "Bearer";
}

/* Whether the link opens its letter; the reply says why not. */
static bool
has_link(struct asking *asking)
{
	struct reply *reply = asking->reply;
	struct letter_pass pass;

	letter_gate_identify(asking->site->letter_gate, &asking->request, &asking->request.who,
			     &pass);
	reply->is_private = true;
	reply->retry_after_sec = pass.wait_sec;
	if (pass.status == 303)
		reply_redirect(reply, pass.elsewhere);
	else if (pass.status != 0)
		refuse_asking(asking, pass.status, letter_gate_code(pass.status), pass.err.text);
	return pass.status == 0;
}

/* Whether who asks is somebody; the reply says why not. */
static bool
is_known(struct asking *asking)
{
	if (asking->route != NULL && asking->route->need == NEED_LINK)
		return has_link(asking);
	unsigned wait_sec, status = auth_identify(asking->site->auth, asking->visit,
						  &asking->request.who, &wait_sec);
	char sentence[96];

	asking->reply->is_private = auth_is_guarded(asking->site->auth) &&
				    !(asking->route != NULL && asking->route->is_public);
	tag_viewer(asking->reply, &asking->request.who);
	if (status == 0)
		return true;
	snprintf(sentence, sizeof(sentence), "there were too many attempts; try again in %u s",
		 wait_sec);
	asking->reply->retry_after_sec = wait_sec;
	if (status == 429) {
		refuse_asking(asking, 429, "too_many_attempts", sentence);
		return false;
	}
	refuse_asking(asking, 401, "bad_token", "the token is none, or has expired");
	asking->reply->challenge = "Bearer error=\"invalid_token\""; /* RFC 6750, 3.1 */
	return false;
}

/* In the same words, whether it is nowhere or outside the account's scopes. */
static void
refuse_absent(struct asking *asking)
{
	const struct request *request = &asking->request;

	switch (asking->route->object) {
	case OBJECT_PORT:
		refuse(request, asking->reply, 404, "not_found", "there is no port %" PRId64,
		       request->params.id);
		break;
	case OBJECT_EXCHANGE:
		refuse(request, asking->reply, 404, "not_found", "there is no exchange \"%s\"",
		       request->params.slug);
		break;
	case OBJECT_PEER:
		refuse(request, asking->reply, 404, "not_found", "no port faces AS%u",
		       request->params.asn);
		break;
	case OBJECT_REPORT:
		refuse_asking(asking, 404, "not_found", "there is no such letter");
		break;
	default: refuse_asking(asking, 404, "not_found", "there is no such page");
	}
}

static bool
is_allowed(struct asking *asking)
{
	switch (may_pass(asking->route, asking->visit->is_post, &asking->request.who,
			 asking->request.world, &asking->request.params)) {
	case MAY:
		if (asking->route->object != OBJECT_REPORT || reports_has(&asking->request))
			return true;
		refuse_absent(asking);
		break;
	case MAY_KNOWN: refuse_nobody(asking); break;
	case MAY_NOT:
		refuse_asking(asking, 403, "forbidden", "this account's role does not allow it");
		break;
	case MAY_ABSENT: refuse_absent(asking); break;
	}
	return false;
}

/* Who it is, whether their role allows it, and whether what they ask for exists for them. */
static bool
came_in(struct asking *asking)
{
	if (!is_known(asking))
		return false;
	asking->request.world =
	    view_of(asking->site, asking->whole, &asking->request.who, &asking->is_whole);
	if (asking->request.world == NULL) {
		asking->request.world = asking->whole; /* for end: nothing is said of it */
		return false;
	}
	if (asking->route != NULL)
		return is_allowed(asking);
	refuse_asking(asking, 404, "not_found", "there is no such page");
	return false;
}

/* --- POST: what came along, and that it comes from a page of ours --- */

/* "https://noc.example.net/x" and "noc.example.net:443": the same host? */
static bool
is_of_host(const char *url, const char *host)
{
	const char *at = strstr(url, "://");
	size_t len;

	if (at == NULL || host == NULL)
		return false;
	at += 3;
	len = strcspn(at, "/?#");
	return strlen(host) == len && strncasecmp(at, host, len) == 0;
}

static bool
is_of_base(const char *url, const char *base_host)
{
	const char *at = strstr(url, "://");
	size_t len = strlen(base_host);

	return at != NULL && len > 0 && strncasecmp(at + 3, base_host, len) == 0 &&
	       strchr(":/?#", at[3 + len]) != NULL; /* also the end of the text */
}

/* A browser always says where a POST comes from; what says nothing is no browser, and has to have the form's token. */
static bool
comes_from_here(const struct asking *asking)
{
	const struct visit *visit = asking->visit;
	const char *from = visit->origin != NULL ? visit->origin : visit->referer;

	return from == NULL || is_of_host(from, visit->host) ||
	       is_of_base(from, asking->whole->base_host);
}

static bool
has_type(const char *header, const char *type)
{
	size_t len = strlen(type);

	return header != NULL && strncasecmp(header, type, len) == 0 &&
	       strchr("; ", header[len]) != NULL;
}

static bool
has_form_token(const struct asking *asking, const char *given)
{
	unsigned char have[DIGEST_LEN], want[DIGEST_LEN];

	return given != NULL && digest_parse(have, given) &&
	       digest_parse(want, asking->request.who.form_token) && digest_equal(have, want);
}

/* A program's: JSON, which no form of another site can send.  One with a login's cookie shows the token, too. */
static const char *
take_json(struct asking *asking)
{
	struct error err;

	if (!has_type(asking->visit->content_type, "application/json"))
		return "its Content-Type must be application/json";
	if (asking->request.who.kind == WHO_SESSION &&
	    !has_form_token(asking, asking->visit->form_token))
		return "its X-CSRF-Token must be the token of a form of this session";
	if (!json_parse(&asking->body, asking->visit->body, asking->visit->body_len, &err))
		return "its body is no JSON";
	asking->request.body = asking->body;
	return NULL;
}

static const char *
take_form(struct asking *asking)
{
	if (!has_type(asking->visit->content_type, "application/x-www-form-urlencoded"))
		return "its Content-Type must be application/x-www-form-urlencoded";
	asking->form = calloc(1, sizeof(*asking->form));
	if (asking->form == NULL ||
	    !form_parse(asking->form, asking->visit->body, asking->visit->body_len))
		return "the form cannot be read";
	asking->request.form = asking->form;
	if (asking->request.who.kind != WHO_TOKEN &&
	    !has_form_token(asking, form_get(asking->form, "token")))
		return "the form is too old, or of another login; open its page again";
	return NULL;
}

/* Whether the body is good; the reply says why not. */
static bool
took_body(struct asking *asking)
{
	const char *wrong =
	    asking->route->type == ROUTE_JSON ? take_json(asking) : take_form(asking);

	if (wrong == NULL)
		return true;
	refuse_asking(asking, 400, "bad_request", wrong);
	return false;
}

/* --- answers --- */

static bool
took_query(struct asking *asking)
{
	struct error err;

	if (query_parse(&asking->request.query, asking->query, asking->route->args, &err))
		return true;
	refuse(&asking->request, asking->reply, 400, "bad_query", "%s", err.text);
	return false;
}

static void
answer_get(struct asking *asking)
{
	if (took_query(asking))
		asking->route->handler(&asking->request, asking->reply);
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
	memcpy(drawn->next, reply->next, sizeof(drawn->next));
	drawn_cache_put(site->kept, key, drawn);
	free(reply->body);
	reply->body = NULL;
	reply_share(reply, drawn);
}

/* Of the same world and target, for the same scopes.  False: it does not fit. */
static bool
make_key(const struct asking *asking, char key[JOB_KEY_MAX])
{
	char scopes[ACCOUNT_TEXT_MAX];

	account_scopes_format(scopes, &asking->request.who.scopes);
	return snprintf(key, JOB_KEY_MAX, "%" PRIu64 " %s %s", asking->whole->generation, scopes,
			asking->visit->target) < JOB_KEY_MAX;
}

/* The same world and target have the same answer. */
static void
answer_kept(struct asking *asking)
{
	struct site *site = asking->site;
	struct reply *reply = asking->reply;
	char key[JOB_KEY_MAX];
	bool fits = asking->is_whole && make_key(asking, key);
	struct drawn *drawn = fits ? drawn_cache_find(site->kept, key, 0) : NULL;

	if (drawn == NULL) {
		answer_get(asking);
		if (fits)
			keep(site, key, reply);
		return;
	}
	reply->status = 200;
	reply->type = "application/json";
	reply_share(reply, drawn);
}

static void
answer_post(struct asking *asking)
{
	struct reply *reply = asking->reply;

	if (!took_query(asking) || !took_body(asking))
		return;
	asking->route->post(&asking->request, reply);
	if (reply->job != NULL) /* no two are alike: none may become one with another */
		snprintf(reply->job->key, sizeof(reply->job->key), "desk %" PRIu64,
			 ++asking->site->desk_jobs);
}

void
site_answer(struct site *site, const struct visit *visit, struct reply *reply)
{
	struct asking asking;

	site->counts.requests++;
	begin(&asking, site, visit, reply);
	if (visit->is_post && !comes_from_here(&asking))
		refuse_asking(&asking, 403, "foreign_origin",
			      "this request comes from a page of another server");
	else if (!came_in(&asking))
		(void)0; /* the reply says why */
	else if (visit->is_post)
		answer_post(&asking);
	else if (asking.route->is_kept)
		answer_kept(&asking);
	else
		answer_get(&asking);
	end(&asking);
}

/* What was allowed when it was asked may be so no more: an account can go while its worker works. */
void
site_finish(struct site *site, const struct visit *visit, const struct drawn *drawn,
	    struct reply *reply)
{
	reply_finish *finish = reply->finish;
	struct asking asking;

	reply->finish = NULL;
	begin(&asking, site, visit, reply);
	if (came_in(&asking) && took_query(&asking) && took_body(&asking))
		finish(&asking.request, drawn, reply->pending, reply);
	end(&asking);
}

void
site_refuse(struct site *site, const struct visit *visit, struct reply *reply, unsigned status,
	    const char *code, const char *sentence)
{
	struct asking asking;

	site->counts.requests++;
	begin(&asking, site, visit, reply);
	refuse_asking(&asking, status, code, sentence);
	end(&asking);
}

const char *
site_allows(const char *target)
{
	size_t route_count;
	const struct route *routes = routes_all(&route_count), *route = NULL;
	struct route_params params;
	char path[PATH_MAX_LEN];
	const char *query;

	if (uri_path(path, sizeof(path), target, &query))
		route = route_find(routes, route_count, path, &params);
	if (route == NULL || route->post == NULL)
		return "GET, HEAD";
	return route->handler == NULL ? "POST" : "GET, HEAD, POST";
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
