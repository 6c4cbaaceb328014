/* query.c - reads what stands behind the '?', key by key, by the table of query_keys.c. */
#include <stdio.h>
#include <string.h>

#include "ixwatch/units.h"

#include "query.h"
#include "uri.h"

/* " (allowed here: from, to)", or that nothing is. */
static void
list_allowed(char *dst, size_t len, unsigned allowed)
{
	size_t used =
	    (size_t)snprintf(dst, len, allowed == 0 ? "none is allowed here" : "allowed here:");
	const char *comma = " ";

	const struct query_key *key;

	for (size_t i = 0; (key = query_key_at(i)) != NULL && used < len; i++) {
		if ((key->arg & allowed) == 0)
			continue;
		used += (size_t)snprintf(dst + used, len - used, "%s%s", comma, key->name);
		comma = ", ";
	}
}

static bool
refuse_key(const char *name, unsigned allowed, struct error *err)
{
	char shown[64], list[256];

	units_clean_text(shown, sizeof(shown), name, strlen(name));
	list_allowed(list, sizeof(list), allowed);
	return error_set(err, ERR_PARSE, "unknown query key \"%s\"; %s", shown, list);
}

static bool
take_pair(struct query *q, const char *name, const char *value, unsigned allowed, struct error *err)
{
	char shown[QUERY_VALUE_MAX];
	const struct query_key *key;

	for (size_t i = 0; (key = query_key_at(i)) != NULL; i++) {
		if (strcmp(key->name, name) != 0 || (key->arg & allowed) == 0)
			continue;
		if ((q->has & key->arg) != 0)
			return error_set(err, ERR_PARSE, "query key \"%s\" is given twice",
					 key->name);
		if (value[0] == '\0' && (allowed & ARG_FORM) != 0)
			return true;
		q->has |= key->arg;
		if (key->read(q, key, value))
			return true;
		units_clean_text(shown, sizeof(shown), value, strlen(value));
		return error_set(err, ERR_PARSE, "query key \"%s\" is \"%s\", must be %s",
				 key->name, shown, key->allowed);
	}
	return refuse_key(name, allowed, err);
}

/* "key=value", still encoded. */
static bool
read_pair(struct query *q, const char *pair, size_t len, unsigned allowed, struct error *err)
{
	char name[64], value[QUERY_VALUE_MAX];
	const char *equals = memchr(pair, '=', len);
	size_t name_len = equals == NULL ? len : (size_t)(equals - pair);
	const char *raw = equals == NULL ? "" : equals + 1;
	size_t raw_len = equals == NULL ? 0 : len - name_len - 1;

	if (!uri_decode(name, sizeof(name), pair, name_len, true))
		return error_set(err, ERR_PARSE, "a query key is too long or wrongly encoded");
	if (!uri_decode(value, sizeof(value), raw, raw_len, true))
		return error_set(err, ERR_PARSE,
				 "the value of query key \"%s\" is too long or wrongly encoded",
				 equals == NULL ? "" : name);
	return take_pair(q, name, value, allowed, err);
}

/* What shows only when all is read. */
static bool
check_whole(const struct query *q, struct error *err)
{
	if ((q->has & ARG_SPAN) != 0 && (q->has & ARG_RANGE) != 0)
		return error_set(err, ERR_PARSE,
				 "either \"span\", or \"from\" and \"to\", not both");
	if ((q->has & ARG_RANGE) != ARG_RANGE)
		return true;
	if (q->from_utc_sec >= q->to_utc_sec)
		return error_set(err, ERR_PARSE, "\"from\" must be before \"to\"");
	if (q->to_utc_sec - q->from_utc_sec > QUERY_RANGE_MAX_SEC)
		return error_set(err, ERR_PARSE,
				 "\"from\" and \"to\" may be at most 20 years apart");
	return true;
}

bool
query_parse(struct query *query, const char *text, unsigned allowed, struct error *err)
{
	const struct query_key *key;

	*query = (struct query) { .has = 0 };
	for (size_t i = 0; (key = query_key_at(i)) != NULL; i++)
		if (key->standard != NULL)
			key->read(query, key, key->standard);
	while (text != NULL && *text != '\0') {
		size_t len = strcspn(text, "&");

		if (len > 0 && !read_pair(query, text, len, allowed, err))
			return false;
		text += len + (text[len] == '&');
	}
	return check_whole(query, err);
}
