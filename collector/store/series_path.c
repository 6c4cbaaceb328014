/* series_path.c - names of series: "rrd/<exchange>/<agent>/<interface>.rrd", safe in any file
 * system. Everything but [A-Za-z0-9_-] is percent-encoded in upper-case hexadecimal, so that names
 * differ when texts differ. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store/series_internal.h"

static bool
is_plain(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

/* Appends the encoded text to dst[len] at *used, which counts no terminator.  False when it is
 * empty or does not fit. */
static bool
append_encoded(char *dst, size_t len, size_t *used, const char *text)
{
	size_t start = *used;

	for (; *text != '\0'; text++) {
		size_t need = is_plain(*text) ? 1 : 3;

		if (*used + need >= len || *used + need - start > SERIES_COMPONENT_MAX)
			return false;
		if (need == 1)
			dst[(*used)++] = *text;
		else
			*used += (size_t)snprintf(dst + *used, 4, "%%%02X", (unsigned char)*text);
	}
	return *used > start;
}

static bool
append_plain(char *dst, size_t len, size_t *used, const char *text)
{
	size_t text_len = strlen(text);

	if (*used + text_len >= len)
		return false;
	memcpy(dst + *used, text, text_len + 1);
	*used += text_len;
	return true;
}

bool
series_path(char *dst, size_t len, const char *exchange, const char *agent, const char *interface)
{
	size_t used = 0;

	return append_plain(dst, len, &used, "rrd/") && append_encoded(dst, len, &used, exchange) &&
	       append_plain(dst, len, &used, "/") && append_encoded(dst, len, &used, agent) &&
	       append_plain(dst, len, &used, "/") && append_encoded(dst, len, &used, interface) &&
	       append_plain(dst, len, &used, ".rrd");
}

/* The length of the component at text, 0 when it has none that may be. */
static size_t
component_len(const char *text)
{
	size_t len = 0;

	while (is_plain(text[len]) || text[len] == '%')
		len++;
	return len <= SERIES_COMPONENT_MAX ? len : 0;
}

bool
series_path_is_good(const char *path)
{
	size_t len;

	if (path == NULL || strncmp(path, "rrd/", 4) != 0)
		return false;
	path += 4;
	for (int i = 0; i < 2; i++) {
		if ((len = component_len(path)) == 0 || path[len] != '/')
			return false;
		path += len + 1;
	}
	return (len = component_len(path)) > 0 && strcmp(path + len, ".rrd") == 0;
}

bool
series_path_file(char *dst, const char *state_dir, const char *path, struct error *err)
{
	if (!series_path_is_good(path))
		return error_set(err, ERR_SERIES,
				 "series %s: not the path of a series, which is "
				 "rrd/EXCHANGE/AGENT/INTERFACE.rrd",
				 path != NULL ? path : "(none)");
	if ((size_t)snprintf(dst, SERIES_FILE_MAX, "%s/%s", state_dir, path) >= SERIES_FILE_MAX)
		return error_set(err, ERR_IO, "series %s: state-dir %s is too long a name", path,
				 state_dir);
	return true;
}
