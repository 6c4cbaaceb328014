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

/* One {name} of the pattern against the path; returns how much of the path it took, 0 when it does not fit. */
static size_t
match_param(const char *name, const char *path, const char *rest, struct route_params *params)
{
	char text[ROUTE_SLUG_MAX];
	uint64_t number;
	size_t taken = take_segment(text, sizeof(text), path, rest);

	if (taken == 0)
		return 0;
	if (strncmp(name, "{slug}", 6) == 0) {
		memcpy(params->slug, text, taken + 1);
		return taken;
	}
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
	for (size_t i = 0; i < route_count; i++) {
		*params = (struct route_params) { 0 };
		if (matches(routes[i].pattern, path, params))
			return &routes[i];
	}
	return NULL;
}

const char *
route_need_name(enum route_need need)
{
	static const char *const names[] = { "unsaid", "nothing", "viewer", "operator", "admin" };

	return names[need];
}

const char *
route_object_name(enum route_object object)
{
	static const char *const names[OBJECT_COUNT] = { "unsaid",   "none", "world", "port",
							 "exchange", "peer", "house" };

	return names[object];
}

enum route_type
route_type_of_path(const char *path)
{
	return strncmp(path, "/api/", 5) == 0 || strcmp(path, "/api") == 0 ? ROUTE_JSON
									   : ROUTE_PAGE;
}
