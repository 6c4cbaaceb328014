/* route.c - matches a path against the table. */
#include <string.h>

#include "ixwatch/units.h"

#include "route.h"

/* Copies what stands before `end` (the literal character behind the brace, or the path's end). */
static size_t
take_segment(char *dst, size_t len, const char *path, const char *rest)
{
	const char *end = path;
	size_t rest_len = strlen(rest);

	/* a segment ends where the rest of the pattern, up to the next '/', begins */
	while (*end != '\0' && *end != '/' &&
	       !(rest_len > 0 && *rest != '/' && strcmp(end, rest) == 0))
		end++;
	size_t taken = (size_t)(end - path);
	if (taken == 0 || taken >= len)
		return 0;
	memcpy(dst, path, taken);
	dst[taken] = '\0';
	return taken;
}

/* "2026-W47", W01 to W53. */
static bool
is_week(const char *text, size_t len)
{
	static const char digits[] = "0123456789";

	return len == ROUTE_WEEK_MAX - 1 && strspn(text, digits) == 4 &&
	       memcmp(text + 4, "-W", 2) == 0 && strspn(text + 6, digits) == 2 &&
	       memcmp(text + 6, "01", 2) >= 0 && memcmp(text + 6, "53", 2) <= 0;
}

/* A parameter that is text; returns how much of the path it took, 0 when it does not fit. */
static size_t
match_text(const char *name, const char *text, size_t taken, struct route_params *params)
{
	if (strncmp(name, "{slug}", 6) == 0) {
		memcpy(params->slug, text, taken + 1);
		return taken;
	}
	if (strncmp(name, "{name}", 6) == 0 && taken < sizeof(params->name)) {
		memcpy(params->name, text, taken + 1);
		return taken;
	}
	if (strncmp(name, "{week}", 6) == 0 && is_week(text, taken)) {
		memcpy(params->week, text, taken + 1);
		return taken;
	}
	return 0;
}

/* One {name} of the pattern against the path; returns how much of the path it took, 0 when it does not fit. */
static size_t
match_param(const char *name, const char *path, const char *rest, struct route_params *params)
{
	char text[ROUTE_SLUG_MAX];
	uint64_t number;
	size_t taken = take_segment(text, sizeof(text), path, rest);

	if (taken == 0)
		return 0;
	if (strncmp(name, "{id}", 4) != 0 && strncmp(name, "{asn}", 5) != 0)
		return match_text(name, text, taken, params);
	if (text[0] == '0' ||
	    !units_parse_uint(text, 1, strncmp(name, "{asn}", 5) == 0 ? UINT32_MAX : INT64_MAX,
			      &number))
		return 0;
	if (strncmp(name, "{asn}", 5) == 0)
		params->asn = (uint32_t)number;
	else
		params->id = (int64_t)number;
	return taken;
}

static bool
matches(const char *pattern, const char *path, struct route_params *params)
{
	while (*pattern != '\0') {
		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		const char *rest = strchr(pattern, '}') + 1;
		size_t taken = match_param(pattern, path, rest, params);

		if (taken == 0)
			return false;
		path += taken;
		pattern = rest;
	}
	return *path == '\0';
}

const struct route *
route_find(const struct route *routes, size_t route_count, const char *path,
	   struct route_params *params)
{
	*params = (struct route_params) { 0 };
	for (size_t i = 0; i < route_count; i++) {
		size_t literal = strcspn(routes[i].pattern, "{");

		if (strncmp(routes[i].pattern, path, literal) != 0)
			continue; /* most rows: nothing was taken yet */
		*params = (struct route_params) { 0 };
		if (matches(routes[i].pattern, path, params))
			return &routes[i];
	}
	return NULL;
}

const char *
route_need_name(enum route_need need)
{
	static const char *const names[] = { "unsaid",   "nothing", "viewer",
					     "operator", "admin",   "link" };

	return names[need];
}

const char *
route_object_name(enum route_object object)
{
	static const char *const names[OBJECT_COUNT] = { "unsaid", "none",  "world",
							 "port",   "notes", "exchange",
							 "peer",   "house", "report" };

	return names[object];
}

enum route_type
route_type_of_path(const char *path)
{
	return strncmp(path, "/api/", 5) == 0 || strcmp(path, "/api") == 0 ? ROUTE_JSON
									   : ROUTE_PAGE;
}
