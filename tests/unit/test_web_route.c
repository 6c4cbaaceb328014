/* links: web/route.c web/uri.c base/units.c base/error.c */
/* test_web_route.c - which row of the table a request target is, and that everything else is none. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "route.h"
#include "uri.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct route routes[] = {
	{ "/", 0, ROUTE_PAGE, NULL },
	{ "/exchanges/{slug}", 0, ROUTE_PAGE, NULL },
	{ "/peers/{asn}", 0, ROUTE_PAGE, NULL },
	{ "/ports/{id}", 0, ROUTE_PAGE, NULL },
	{ "/graphs/ports/{id}.png", 0, ROUTE_IMAGE, NULL },
	{ "/graphs/ports/{id}.svg", 0, ROUTE_IMAGE, NULL },
	{ "/api/v1/ports", 0, ROUTE_JSON, NULL },
	{ "/api/v1/ports/{id}", 0, ROUTE_JSON, NULL },
	{ "/api/v1/ports/{id}/series", 0, ROUTE_JSON, NULL },
	{ "/reports/{week}/{asn}", 0, ROUTE_PAGE, NULL },
	{ "/reports/{week}/overview", 0, ROUTE_PAGE, NULL },
	{ "/reports/{id}/graph/{name}", 0, ROUTE_IMAGE, NULL },
	{ "/letters/{slug}/ports/{id}/days", 0, ROUTE_JSON, NULL },
};

static const struct route_case {
	const char *name;
	const char *target;
	const char *pattern; /* NULL: no row */
	int64_t id;
	uint32_t asn;
	const char *slug;
	const char *query;
} cases[] = {
	{ "the root", "/", "/", 0, 0, NULL, NULL },
	{ "the root with an empty query", "/?", "/", 0, 0, NULL, "" },
	{ "a query is split off", "/?state=hot", "/", 0, 0, NULL, "state=hot" },
	{ "an id is a number", "/ports/12", "/ports/{id}", 12, 0, NULL, NULL },
	{ "the largest id", "/ports/9223372036854775807", "/ports/{id}", INT64_MAX, 0, NULL, NULL },
	{ "an id beyond 63 bits is none", "/ports/9223372036854775808", NULL, 0, 0, NULL, NULL },
	{ "an id of 0 is none", "/ports/0", NULL, 0, 0, NULL, NULL },
	{ "an id with a zero in front is none", "/ports/012", NULL, 0, 0, NULL, NULL },
	{ "an id with a sign is none", "/ports/-1", NULL, 0, 0, NULL, NULL },
	{ "a name is no id", "/ports/abc", NULL, 0, 0, NULL, NULL },
	{ "an empty id is none", "/ports/", NULL, 0, 0, NULL, NULL },
	{ "a slash behind is another path", "/ports/12/", NULL, 0, 0, NULL, NULL },
	{ "two slashes are another path", "//ports/12", NULL, 0, 0, NULL, NULL },
	{ "a picture's ending is not part of the id", "/graphs/ports/7.png",
	  "/graphs/ports/{id}.png", 7, 0, NULL, NULL },
	{ "the other picture", "/graphs/ports/7.svg", "/graphs/ports/{id}.svg", 7, 0, NULL, NULL },
	{ "a picture of another kind is none", "/graphs/ports/7.gif", NULL, 0, 0, NULL, NULL },
	{ "two endings are none", "/graphs/ports/7.png.png", NULL, 0, 0, NULL, NULL },
	{ "a segment behind the id", "/api/v1/ports/7/series", "/api/v1/ports/{id}/series", 7, 0,
	  NULL, NULL },
	{ "an unknown segment behind the id", "/api/v1/ports/7/x", NULL, 0, 0, NULL, NULL },
	{ "an ASN", "/peers/4294967295", "/peers/{asn}", 0, UINT32_MAX, NULL, NULL },
	{ "an ASN beyond 32 bits is none", "/peers/4294967296", NULL, 0, 0, NULL, NULL },
	{ "a slug is text", "/exchanges/demo-fra", "/exchanges/{slug}", 0, 0, "demo-fra", NULL },
	{ "a slug is decoded", "/exchanges/M%C3%BCnchen", "/exchanges/{slug}", 0, 0,
	  "M\xc3\xbcnchen", NULL },
	{ "a week and an ASN", "/reports/2026-W47/64500", "/reports/{week}/{asn}", 0, 64500, NULL,
	  NULL },
	{ "a week and a word", "/reports/2026-W53/overview", "/reports/{week}/overview", 0, 0, NULL,
	  NULL },
	{ "a week 54 is none", "/reports/2026-W54/64500", NULL, 0, 0, NULL, NULL },
	{ "a week 0 is none", "/reports/2026-W00/64500", NULL, 0, 0, NULL, NULL },
	{ "a week with more behind it is none", "/reports/2026-W471/64500", NULL, 0, 0, NULL,
	  NULL },
	{ "a week of letters is none", "/reports/abcd-Wxy/64500", NULL, 0, 0, NULL, NULL },
	{ "a name beside an id", "/reports/7/graph/AS64500-fra.png", "/reports/{id}/graph/{name}",
	  7, 0, NULL, NULL },
	{ "no name", "/reports/7/graph/", NULL, 0, 0, NULL, NULL },
	{ "a name leads nowhere else", "/reports/7/graph/..%2f..%2fx", NULL, 0, 0, NULL, NULL },
	{ "an id beside a slug", "/letters/abc/ports/9/days", "/letters/{slug}/ports/{id}/days", 9,
	  0, "abc", NULL },
	{ "no slug", "/letters//ports/9/days", NULL, 0, 0, NULL, NULL },
	{ "an escaped path is the same path", "/%70orts/12", "/ports/{id}", 12, 0, NULL, NULL },
	{ "dots lead nowhere", "/../../etc/passwd", NULL, 0, 0, NULL, NULL },
	{ "escaped slashes lead nowhere", "/exchanges/..%2F..%2Fetc", NULL, 0, 0, NULL, NULL },
	{ "a NUL does not end the path", "/%00", NULL, 0, 0, NULL, NULL },
	{ "a NUL behind a good path spoils it", "/ports/12%00.html", NULL, 0, 0, NULL, NULL },
	{ "a broken escape", "/ports/1%2", NULL, 0, 0, NULL, NULL },
	{ "a line feed", "/ports/12%0a", NULL, 0, 0, NULL, NULL },
	{ "a target that is no path", "http://example.net/", NULL, 0, 0, NULL, NULL },
	{ "an asterisk", "*", NULL, 0, 0, NULL, NULL },
	{ "nothing", "", NULL, 0, 0, NULL, NULL },
};

static void
check_route(void **state)
{
	const struct route_case *c = *state;
	const struct route *route = NULL;
	struct route_params params;
	const char *query = NULL;
	char path[256];

	if (uri_path(path, sizeof(path), c->target, &query))
		route = route_find(routes, COUNT(routes), path, &params);
	if (c->pattern == NULL) {
		assert_null(route);
		return;
	}
	assert_non_null(route);
	assert_string_equal(route->pattern, c->pattern);
	assert_int_equal(params.id, c->id);
	assert_int_equal(params.asn, c->asn);
	assert_string_equal(params.slug, c->slug == NULL ? "" : c->slug);
	if (c->query == NULL)
		assert_null(query);
	else
		assert_string_equal(query, c->query);
}

static void
a_path_that_does_not_fit_is_refused(void **state)
{
	char path[8];
	const char *query;

	(void)state;
	assert_true(uri_path(path, sizeof(path), "/123456", &query));
	assert_false(uri_path(path, sizeof(path), "/1234567", &query));
}

static void
a_slug_that_does_not_fit_is_refused(void **state)
{
	char path[ROUTE_SLUG_MAX + 64] = "/exchanges/";
	struct route_params params;

	(void)state;
	memset(path + 11, 'a', ROUTE_SLUG_MAX - 1);
	assert_non_null(route_find(routes, COUNT(routes), path, &params));
	path[11 + ROUTE_SLUG_MAX - 1] = 'a';
	assert_null(route_find(routes, COUNT(routes), path, &params));
}

static void
errors_below_api_are_json(void **state)
{
	(void)state;
	assert_int_equal(route_type_of_path("/api/v2"), ROUTE_JSON);
	assert_int_equal(route_type_of_path("/api"), ROUTE_JSON);
	assert_int_equal(route_type_of_path("/apiary"), ROUTE_PAGE);
	assert_int_equal(route_type_of_path("/"), ROUTE_PAGE);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 3] = {
		cmocka_unit_test(a_path_that_does_not_fit_is_refused),
		cmocka_unit_test(a_slug_that_does_not_fit_is_refused),
		cmocka_unit_test(errors_below_api_are_json),
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i + 3] = (struct CMUnitTest) { cases[i].name, check_route, NULL, NULL,
						     (void *)&cases[i] };
	return cmocka_run_group_tests_name("web route", tests, NULL, NULL);
}
