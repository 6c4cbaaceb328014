/* links: web */
/* pkgs: libconfuse jansson glib-2.0 libpcre2-8 libsystemd librrd sqlite3 gnutls libcrypt libmicrohttpd zlib */
/* test_web_may.c - every route with every role and scope: who may ask for it, and for whom what it is about exists.
 *
 * What the table of routes says is said here once more, by hand: a route without a rule here fails, and so does one whose
 * row became more generous than its rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "may.h"
#include "routes.h"
#include "world_scoped.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct rule {
	const char *method, *pattern;
	enum account_role role; /* the least that may */
	enum route_object object;
	bool by_link; /* no role may: a letter's link alone */
} rules[] = {
	{ "GET", "/login", ROLE_NOBODY, OBJECT_NONE },
	{ "POST", "/login", ROLE_NOBODY, OBJECT_NONE },
	{ "GET", "/a/{slug}", ROLE_NOBODY, OBJECT_NONE }, /* the link's token is the authority */
	{ "POST", "/a/{slug}", ROLE_NOBODY, OBJECT_NONE },
	{ "GET", "/healthz", ROLE_NOBODY, OBJECT_NONE },
	{ "GET", "/readyz", ROLE_NOBODY, OBJECT_NONE },
	{ "GET", "/static/{slug}", ROLE_NOBODY, OBJECT_NONE },

	{ "GET", "/", ROLE_VIEWER, OBJECT_WORLD },
	{ "GET", "/exchanges/{slug}", ROLE_VIEWER, OBJECT_EXCHANGE },
	{ "GET", "/peers/{asn}", ROLE_VIEWER, OBJECT_PEER },
	{ "GET", "/ports/{id}", ROLE_VIEWER, OBJECT_PORT },
	{ "GET", "/ports/{id}/days", ROLE_VIEWER, OBJECT_PORT },
	{ "GET", "/api/v1/openapi.json", ROLE_NOBODY, OBJECT_NONE },
	{ "GET", "/alerts/{id}", ROLE_VIEWER, OBJECT_WORLD },
	{ "GET", "/episodes", ROLE_VIEWER, OBJECT_WORLD },
	{ "GET", "/mail", ROLE_VIEWER, OBJECT_HOUSE },
	{ "GET", "/mail/{id}", ROLE_VIEWER, OBJECT_HOUSE },
	{ "GET", "/method", ROLE_VIEWER, OBJECT_WORLD },
	{ "POST", "/logout", ROLE_VIEWER, OBJECT_NONE },
	{ "GET", "/wall", ROLE_VIEWER, OBJECT_WORLD },
	{ "GET", "/graphs/exchanges/{slug}/day.svg", ROLE_VIEWER, OBJECT_EXCHANGE },
	{ "GET", "/graphs/ports/{id}/heat.svg", ROLE_VIEWER, OBJECT_PORT },
	{ "GET", "/graphs/ports/{id}.png", ROLE_VIEWER, OBJECT_PORT },
	{ "GET", "/graphs/ports/{id}.svg", ROLE_VIEWER, OBJECT_PORT },
	{ "GET", "/api/v1/status", ROLE_VIEWER, OBJECT_WORLD },
	{ "GET", "/api/v1/exchanges", ROLE_VIEWER, OBJECT_WORLD },
	{ "GET", "/api/v1/ports", ROLE_VIEWER, OBJECT_WORLD },
	{ "GET", "/api/v1/ports/{id}", ROLE_VIEWER, OBJECT_PORT },
	{ "GET", "/api/v1/ports/{id}/days", ROLE_VIEWER, OBJECT_PORT },
	{ "GET", "/api/v1/ports/{id}/series", ROLE_VIEWER, OBJECT_PORT },
	{ "GET", "/api/v1/ports/{id}/series.csv", ROLE_VIEWER, OBJECT_PORT },
	{ "GET", "/api/v1/ports/{id}/days.csv", ROLE_VIEWER, OBJECT_PORT },
	{ "GET", "/api/v1/ports/{id}/windows", ROLE_VIEWER, OBJECT_PORT },
	{ "GET", "/api/v1/ports.csv", ROLE_VIEWER, OBJECT_WORLD },
	{ "GET", "/api/v1/episodes.csv", ROLE_VIEWER, OBJECT_WORLD },
	{ "GET", "/api/v1/episodes", ROLE_VIEWER, OBJECT_WORLD },
	{ "GET", "/api/v1/alerts", ROLE_VIEWER, OBJECT_WORLD },
	{ "GET", "/api/v1/peers/{asn}", ROLE_VIEWER, OBJECT_PEER },
	{ "GET", "/api/v1/mail", ROLE_VIEWER, OBJECT_HOUSE },
	{ "GET", "/api/v1/mail/{id}", ROLE_VIEWER, OBJECT_HOUSE },
	{ "GET", "/metrics", ROLE_VIEWER, OBJECT_WORLD },

	{ "GET", "/ports/{id}/declare", ROLE_OPERATOR, OBJECT_PORT },
	{ "POST", "/ports/{id}/declare", ROLE_OPERATOR, OBJECT_PORT },
	{ "GET", "/ports/{id}/silence", ROLE_OPERATOR, OBJECT_PORT },
	{ "POST", "/ports/{id}/silence", ROLE_OPERATOR, OBJECT_PORT },
	{ "GET", "/ports/{id}/notes", ROLE_VIEWER, OBJECT_NOTES },
	{ "POST", "/ports/{id}/notes", ROLE_OPERATOR, OBJECT_NOTES },
	{ "POST", "/ports/{id}/notes/withdraw", ROLE_OPERATOR, OBJECT_NOTES },
	{ "GET", "/api/v1/ports/{id}/notes", ROLE_VIEWER, OBJECT_NOTES },
	{ "POST", "/api/v1/ports/{id}/notes", ROLE_OPERATOR, OBJECT_NOTES },
	{ "POST", "/api/v1/ports/{id}/notes/withdraw", ROLE_OPERATOR, OBJECT_NOTES },
	{ "POST", "/alerts/{id}", ROLE_OPERATOR, OBJECT_WORLD },
	{ "POST", "/api/v1/ports/{id}/declare", ROLE_OPERATOR, OBJECT_PORT },
	{ "POST", "/api/v1/ports/{id}/silence", ROLE_OPERATOR, OBJECT_PORT },
	{ "POST", "/api/v1/alerts/{id}/acknowledge", ROLE_OPERATOR, OBJECT_WORLD },
	{ "POST", "/mail/{id}/retry", ROLE_OPERATOR, OBJECT_HOUSE },
	{ "POST", "/mail/{id}/drop", ROLE_OPERATOR, OBJECT_HOUSE },
	{ "POST", "/api/v1/mail/{id}/retry", ROLE_OPERATOR, OBJECT_HOUSE },
	{ "POST", "/api/v1/mail/{id}/drop", ROLE_OPERATOR, OBJECT_HOUSE },

	{ "GET", "/reports", ROLE_VIEWER, OBJECT_WORLD },
	{ "GET", "/reports/{week}/{asn}", ROLE_VIEWER, OBJECT_REPORT },
	{ "GET", "/reports/{week}/exchange/{slug}", ROLE_VIEWER, OBJECT_REPORT },
	{ "GET", "/reports/{week}/overview", ROLE_VIEWER, OBJECT_REPORT },
	{ "GET", "/reports/{id}/letter.html", ROLE_VIEWER, OBJECT_REPORT },
	{ "GET", "/reports/{id}/letter.txt", ROLE_VIEWER, OBJECT_REPORT },
	{ "GET", "/reports/{id}/samples.csv", ROLE_VIEWER, OBJECT_REPORT },
	{ "GET", "/reports/{id}/facts.json", ROLE_VIEWER, OBJECT_REPORT },
	{ "GET", "/reports/{id}/graph/{name}", ROLE_VIEWER, OBJECT_REPORT },
	{ "POST", "/reports/{id}/approve", ROLE_ADMIN, OBJECT_REPORT },
	{ "POST", "/reports/{id}/hold", ROLE_OPERATOR, OBJECT_REPORT },
	{ "POST", "/reports/{id}/release", ROLE_ADMIN, OBJECT_REPORT },
	{ "POST", "/reports/{id}/note", ROLE_OPERATOR, OBJECT_REPORT },
	{ "POST", "/reports/{id}/revoke", ROLE_ADMIN, OBJECT_REPORT },
	{ "POST", "/reports/{id}/order", ROLE_OPERATOR, OBJECT_REPORT },
	{ "POST", "/reports/{id}/order-end", ROLE_OPERATOR, OBJECT_REPORT },
	{ "POST", "/reports/{id}/dispute", ROLE_OPERATOR, OBJECT_REPORT },
	{ "POST", "/reports/{id}/dispute-decide", ROLE_ADMIN, OBJECT_REPORT },
	{ "POST", "/reports/{id}/optout", ROLE_ADMIN, OBJECT_REPORT },
	{ "POST", "/reports/{id}/optin", ROLE_ADMIN, OBJECT_REPORT },
	{ "GET", "/api/v1/reports", ROLE_VIEWER, OBJECT_WORLD },
	{ "GET", "/api/v1/reports/{id}", ROLE_VIEWER, OBJECT_REPORT },

	{ "GET", "/letters/{slug}", .by_link = true, .object = OBJECT_REPORT },
	{ "GET", "/letters/{slug}/method", .by_link = true, .object = OBJECT_REPORT },
	{ "GET", "/letters/{slug}/letter.html", .by_link = true, .object = OBJECT_REPORT },
	{ "GET", "/letters/{slug}/letter.txt", .by_link = true, .object = OBJECT_REPORT },
	{ "GET", "/letters/{slug}/samples.csv", .by_link = true, .object = OBJECT_REPORT },
	{ "GET", "/letters/{slug}/facts.json", .by_link = true, .object = OBJECT_REPORT },
	{ "GET", "/letters/{slug}/graph/{name}", .by_link = true, .object = OBJECT_REPORT },
	{ "GET", "/letters/{slug}/ports/{id}", .by_link = true, .object = OBJECT_PORT },
	{ "GET", "/letters/{slug}/ports/{id}/samples.csv", .by_link = true, .object = OBJECT_PORT },
	{ "GET", "/letters/{slug}/ports/{id}/days", .by_link = true, .object = OBJECT_PORT },
	{ "GET", "/letters/{slug}/ports/{id}/episodes", .by_link = true, .object = OBJECT_PORT },
	{ "GET", "/letters/{slug}/ports/{id}/series", .by_link = true, .object = OBJECT_PORT },
	{ "GET", "/letters/{slug}/ports/{id}/week.png", .by_link = true, .object = OBJECT_PORT },
	{ "GET", "/letters/{slug}/ports/{id}/heat.svg", .by_link = true, .object = OBJECT_PORT },
};

/* --- who asks --- */

/* What is there for whom: bits of what `things` counts. */
static const struct scope_row {
	const char *scopes;
	unsigned ports, moved, exchanges, peers;
	bool sees_house, is_of_peer;
} scopes[] = {
	{ "", 0x0f, 0x3, 0x7, 0x3, true },
	{ "exchange:fra", 0x03, 0x1, 0x1, 0x3, false },
	{ "asn:64500", 0x05, 0x1, 0x3, 0x1, false, true },
	{ "asn:64500,exchange:ams", 0x0d, 0x3, 0x3, 0x3, false, true },
	{ "exchange:nowhere", 0, 0, 0, 0, false },
	{ "asn:65000", 0, 0, 0, 0, false, true },
};

static const struct identity askers[] = {
	{ .kind = WHO_NOBODY, .role = ROLE_NOBODY },
	{ .kind = WHO_SESSION, .role = ROLE_VIEWER },
	{ .kind = WHO_SESSION, .role = ROLE_OPERATOR },
	{ .kind = WHO_SESSION, .role = ROLE_ADMIN },
	{ .kind = WHO_TOKEN, .role = ROLE_VIEWER },
	{ .kind = WHO_TOKEN, .role = ROLE_OPERATOR },
	{ .kind = WHO_TOKEN, .role = ROLE_ADMIN },
	{ .kind = WHO_OPEN, .role = ROLE_ADMIN },
	{ .kind = WHO_LINK, .role = ROLE_NOBODY },
	{ .kind = WHO_LINK, .role = ROLE_ADMIN }, /* there is none; it would help nobody */
};

/* --- what there is --- */

/* Ports 1 fra AS64500, 2 fra AS64501, 3 ams AS64500, 4 ams AS64501; 9 and 10 moved, of fra AS64500 and ams AS64501; no port
 * at lon. */
static struct world_exchange exchanges[] = { { .slug = "ams" },
					     { .slug = "fra" },
					     { .slug = "lon" } };
static struct world_port ports[] = {
	{ .port = { .id = 1, .exchange = "fra", .asn = 64500 }, .exchange = &exchanges[1] },
	{ .port = { .id = 2, .exchange = "fra", .asn = 64501 }, .exchange = &exchanges[1] },
	{ .port = { .id = 3, .exchange = "ams", .asn = 64500 }, .exchange = &exchanges[0] },
	{ .port = { .id = 4, .exchange = "ams", .asn = 64501 }, .exchange = &exchanges[0] },
};
static struct world_move moves[] = {
	{ .new_id = 1, .old = { .id = 9, .exchange = "fra", .asn = 64500 } },
	{ .new_id = 4, .old = { .id = 10, .exchange = "ams", .asn = 64501 } },
};
static const struct world_port *worst[] = { &ports[0], &ports[1], &ports[2], &ports[3] };
static const struct world whole = {
	.has_ledger = true,
	.exchanges = exchanges,
	.exchange_count = COUNT(exchanges),
	.ports = ports,
	.port_count = COUNT(ports),
	.worst = worst,
	.moves = moves,
	.move_count = COUNT(moves),
};

static const struct thing {
	struct route_params params;
	unsigned port, moved, exchange, peer; /* its bit in the row of a scope; 0: there is none */
} things[] = {
	{ { .id = 1, .slug = "fra", .asn = 64500 }, 0x1, 0, 0x1, 0x1 },
	{ { .id = 2, .slug = "ams", .asn = 64501 }, 0x2, 0, 0x2, 0x2 },
	{ { .id = 3, .slug = "lon", .asn = 65000 }, 0x4, 0, 0x4, 0 },
	{ { .id = 4, .slug = "", .asn = 0 }, 0x8, 0, 0, 0 },
	{ { .id = 9, .slug = "nowhere", .asn = UINT32_MAX }, 0, 0x1, 0, 0 },
	{ { .id = 10, .slug = "FRA", .asn = 1 }, 0, 0x2, 0, 0 },
	{ { .id = 999, .slug = "fra/", .asn = 64502 }, 0, 0, 0, 0 },
};

static bool
exists(const struct rule *rule, const struct scope_row *row, const struct thing *thing)
{
	bool is_post = strcmp(rule->method, "POST") == 0;

	switch (rule->object) {
	case OBJECT_NONE:
	case OBJECT_REPORT: /* a letter: asked of the ledger, next */
	case OBJECT_WORLD: return true;
	case OBJECT_HOUSE: return row->sees_house;
	case OBJECT_NOTES:
		if (row->is_of_peer)
			return false;
		/* fall through */
	case OBJECT_PORT: /* nothing is done to one that moved */
		return (row->ports & thing->port) != 0 ||
		       (!is_post && (row->moved & thing->moved) != 0);
	case OBJECT_EXCHANGE: return (row->exchanges & thing->exchange) != 0;
	case OBJECT_PEER: return (row->peers & thing->peer) != 0;
	default: fail_msg("a rule without an object"); return false;
	}
}

/* --- the walk --- */

static const struct rule *
rule_of(const char *method, const char *pattern)
{
	for (size_t i = 0; i < COUNT(rules); i++)
		if (strcmp(rules[i].method, method) == 0 && strcmp(rules[i].pattern, pattern) == 0)
			return &rules[i];
	fail_msg("%s %s has no rule here: say who may ask for it, and what it touches", method,
		 pattern);
	return NULL;
}

static bool
is_enough(const struct rule *rule, const struct identity *who)
{
	return rule->by_link == (who->kind == WHO_LINK) &&
	       (rule->by_link || who->role >= rule->role);
}

static unsigned
check(const struct route *route, const struct rule *rule, struct identity who,
      const struct scope_row *row, const struct world *world)
{
	bool is_post = strcmp(rule->method, "POST") == 0;

	for (size_t i = 0; i < COUNT(things); i++) {
		enum may want = !is_enough(rule, &who)
				    ? (who.kind == WHO_NOBODY ? MAY_KNOWN : MAY_NOT)
				: exists(rule, row, &things[i]) ? MAY
								: MAY_ABSENT;
		enum may got = may_pass(route, is_post, &who, world, &things[i].params);

		if (got != want)
			fail_msg("%s %s by kind %d, role %s, scopes \"%s\", thing %zu: %d, not %d",
				 rule->method, rule->pattern, who.kind, account_role_name(who.role),
				 row->scopes, i, got, want);
	}
	return COUNT(things);
}

static unsigned
check_all(const struct route *route, const char *method)
{
	const struct rule *rule = rule_of(method, route->pattern);
	struct error err;
	unsigned count = 0;

	for (size_t i = 0; i < COUNT(scopes); i++) {
		struct account_scopes parsed;
		struct world_past past = {
			.scopes = &parsed
		}; /* who may ask for what rests on no past */
		struct world *world;

		assert_true(account_scopes_parse(scopes[i].scopes, &parsed, &err));
		world = world_scoped_new(&whole, 0, &past);
		assert_non_null(world);
		for (size_t k = 0; k < COUNT(askers); k++) {
			struct identity who = askers[k];

			who.scopes = parsed;
			count += check(route, rule, who, &scopes[i], world);
		}
		world_scoped_free(world);
	}
	return count;
}

static void
test_every_route_by_every_role_and_scope(void **state)
{
	size_t route_count, asked = 0;
	const struct route *routes = routes_all(&route_count);
	unsigned decisions = 0;

	(void)state;
	for (size_t i = 0; i < route_count; i++) {
		if (routes[i].handler == NULL && routes[i].post == NULL)
			fail_msg("%s answers nothing", routes[i].pattern);
		if (routes[i].handler != NULL && ++asked > 0)
			decisions += check_all(&routes[i], "GET");
		if (routes[i].post != NULL && ++asked > 0)
			decisions += check_all(&routes[i], "POST");
	}
	if (asked != COUNT(rules))
		fail_msg("%zu rules for %zu routes: one of them is no more", COUNT(rules), asked);
	print_message("%zu routes, %u decisions\n", asked, decisions);
}

/* --- kinds of port --- */

static void
test_of_the_ports_within_only_those_of_the_kinds_are_there(void **state)
{
	static struct world_port kinds[KIND_COUNT];
	static const struct world_port *order[KIND_COUNT];
	struct world world = whole, *seen;
	struct account_scopes parsed;
	struct world_past past = { .scopes = &parsed };
	struct error err;

	(void)state;
	for (unsigned i = 0; i < KIND_COUNT; i++) {
		kinds[i].port = (struct port) {
			.id = i + 1, .exchange = "fra", .asn = 64500, .kind = (enum port_kind)i
		};
		kinds[i].exchange = &exchanges[1];
		order[i] = &kinds[i];
	}
	world.ports = kinds;
	world.port_count = KIND_COUNT;
	world.worst = order;
	assert_true(account_scopes_parse("asn:64500", &parsed, &err));
	seen = world_scoped_new(&world, 1u << KIND_MEMBER | 1u << KIND_PNI, &past);
	assert_non_null(seen);
	assert_int_equal(seen->port_count, 2);
	for (unsigned i = 0; i < KIND_COUNT; i++)
		assert_int_equal(world_port_find(seen, i + 1) != NULL,
				 i == KIND_MEMBER || i == KIND_PNI);
	assert_int_equal(seen->move_count, 0); /* its kind is none of them */
	world_scoped_free(seen);
	seen = world_scoped_new(&world, 1u << KIND_CORE, &past);
	assert_non_null(seen);
	assert_int_equal(seen->port_count, 1);
	assert_int_equal(seen->exchange_count, 1);
	world_scoped_free(seen);
}

/* --- deny by default --- */

static void
handle(const struct request *request, struct reply *reply)
{
	(void)request, (void)reply;
}

static void
test_what_a_row_does_not_say_is_allowed_to_nobody(void **state)
{
	static const struct route rows[] = {
		{ "/unsaid", 0, ROUTE_PAGE, handle, NEED_UNSAID, OBJECT_WORLD },
		{ "/unsaid", 0, ROUTE_PAGE, handle, NEED_NOTHING, OBJECT_UNSAID },
		{ "/unsaid", 0, ROUTE_PAGE, handle },
		{ "/unsaid", 0, ROUTE_PAGE, NULL, NEED_NOTHING, OBJECT_NONE },
		{ "/unsaid", 0, ROUTE_PAGE, handle, NEED_ADMIN, OBJECT_COUNT },
	};
	/* A role for GET is none for POST. */
	static const struct route posts[] = {
		{ "/unsaid", 0, ROUTE_PAGE, handle, NEED_NOTHING, OBJECT_NONE, .post = handle },
		{ "/unsaid", 0, ROUTE_PAGE, handle, NEED_NOTHING, OBJECT_NONE,
		  .post_need = NEED_NOTHING },
	};
	struct route_params params = { .id = 1 };

	(void)state;
	for (size_t k = 0; k < COUNT(askers); k++) {
		for (size_t i = 0; i < COUNT(rows); i++)
			assert_int_not_equal(may_pass(&rows[i], false, &askers[k], &whole, &params),
					     MAY);
		for (size_t i = 0; i < COUNT(posts); i++)
			assert_int_not_equal(may_pass(&posts[i], true, &askers[k], &whole, &params),
					     MAY);
	}
}

/* Its handlers say that there is no data yet, to who may hear it. */
static void
test_before_there_is_a_ledger_roles_hold_all_the_same(void **state)
{
	const struct world empty = { .has_ledger = false };
	struct route_params params = { .id = 1, .slug = "fra", .asn = 64500 };
	size_t route_count;
	const struct route *routes = routes_all(&route_count);

	(void)state;
	for (size_t i = 0; i < route_count; i++) {
		const struct rule *rule;

		if (routes[i].handler == NULL)
			continue;
		rule = rule_of("GET", routes[i].pattern);
		for (size_t k = 0; k < COUNT(askers); k++)
			assert_int_equal(may_pass(&routes[i], false, &askers[k], &empty, &params),
					 is_enough(rule, &askers[k])    ? MAY
					 : askers[k].kind == WHO_NOBODY ? MAY_KNOWN
									: MAY_NOT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_route_by_every_role_and_scope),
		cmocka_unit_test(test_of_the_ports_within_only_those_of_the_kinds_are_there),
		cmocka_unit_test(test_what_a_row_does_not_say_is_allowed_to_nobody),
		cmocka_unit_test(test_before_there_is_a_ledger_roles_hold_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
