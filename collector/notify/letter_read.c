/* letter_read.c - see letter_read.h. */
#include "notify/letter_read.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/units.h"

struct letter_block {
	struct letter_block *next;
	max_align_t at[];
};

/* --- failing --- */

static void
where_text(char *dst, size_t len, const struct letter_where *where)
{
	if (where == NULL || len < 2)
		return;
	where_text(dst, len, where->in);
	size_t used = strlen(dst);
	if (where->index != LETTER_NO_INDEX)
		snprintf(dst + used, len - used, "%s[%zu].", where->key, where->index);
	else
		snprintf(dst + used, len - used, "%s.", where->key);
}

void
letter_read_fail(struct letter_reader *r, enum error_code code, const struct letter_where *where,
		 const char *key, const char *what)
{
	char path[200] = "";

	if (r->failed)
		return;
	r->failed = true;
	where_text(path, sizeof(path), where);
	error_set(r->err, code, "facts: %s%s: %s", path, key, what);
}

void *
letter_read_alloc(struct letter_reader *r, size_t count, size_t size)
{
	struct letter_block *block;

	if (count == 0 || r->failed)
		return NULL;
	block = calloc(1, sizeof(*block) + count * size); /* counts are bounded, sizes small */
	if (block == NULL) {
		letter_read_fail(r, ERR_NOMEM, NULL, "memory", "it ran out");
		return NULL;
	}
	block->next = r->facts->blocks;
	r->facts->blocks = block;
	return block->at;
}

void
letter_facts_free(struct letter_facts *facts)
{
	while (facts->blocks != NULL) {
		struct letter_block *next = facts->blocks->next;

		free(facts->blocks);
		facts->blocks = next;
	}
	memset(facts, 0, sizeof(*facts));
}

/* --- values --- */

static bool
is_bool(const struct json *value)
{
	return json_bool(value, false) == json_bool(value, true);
}

const char *
letter_read_text(struct letter_reader *r, const struct letter_where *where, const struct json *in,
		 const char *key)
{
	const struct json *value = json_get(in, key);
	double number;

	if (json_number(value, &number) || is_bool(value) || json_count(value) > 0)
		letter_read_fail(r, ERR_PARSE, where, key, "is no text");
	return json_text(value, "");
}

static bool
is_date(const char *text)
{
	char instant[40];
	int64_t utc_sec;

	if (strlen(text) != 10)
		return false;
	snprintf(instant, sizeof(instant), "%sT00:00:00Z", text);
	return units_parse_utc(instant, &utc_sec);
}

const char *
letter_read_date(struct letter_reader *r, const struct letter_where *where, const struct json *in,
		 const char *key)
{
	const char *text = letter_read_text(r, where, in, key);

	if (text[0] != '\0' && !is_date(text)) {
		letter_read_fail(r, ERR_PARSE, where, key, "is no date such as \"2026-11-16\"");
		return "";
	}
	return text;
}

const char *
letter_read_utc(struct letter_reader *r, const struct letter_where *where, const struct json *in,
		const char *key)
{
	const char *text = letter_read_text(r, where, in, key);
	int64_t utc_sec;

	if (text[0] != '\0' &&
	    (strlen(text) != 20 || text[19] != 'Z' || !units_parse_utc(text, &utc_sec))) {
		letter_read_fail(r, ERR_PARSE, where, key,
				 "is no instant such as \"2026-11-16T05:00:00Z\"");
		return "";
	}
	return text;
}

double
letter_read_number(struct letter_reader *r, const struct letter_where *where, const struct json *in,
		   const char *key, double max)
{
	const struct json *value = json_get(in, key);
	double number = NAN;

	if (json_text(value, NULL) != NULL || is_bool(value) || json_count(value) > 0)
		letter_read_fail(r, ERR_PARSE, where, key, "is no number");
	else if (json_number(value, &number) && !(number >= 0 && number <= max)) {
		letter_read_fail(r, ERR_PARSE, where, key, "is negative, or larger than can be");
		number = NAN;
	}
	return number;
}

int64_t
letter_read_int(struct letter_reader *r, const struct letter_where *where, const struct json *in,
		const char *key, int64_t min, int64_t max, int64_t otherwise)
{
	const struct json *value = json_get(in, key);
	double number;
	int64_t whole;

	if (json_text(value, NULL) != NULL || is_bool(value) || json_count(value) > 0) {
		letter_read_fail(r, ERR_PARSE, where, key, "is no whole number");
		return otherwise;
	}
	if (!json_number(value, &number)) {
		if (otherwise < min)
			letter_read_fail(r, ERR_PARSE, where, key, "is missing");
		return otherwise;
	}
	if (json_int(value, &whole) && whole >= min && whole <= max)
		return whole;
	letter_read_fail(r, ERR_PARSE, where, key, "is no whole number that can be");
	return otherwise;
}

bool
letter_read_bool(struct letter_reader *r, const struct letter_where *where, const struct json *in,
		 const char *key)
{
	const struct json *value = json_get(in, key);
	double number;

	if (json_text(value, NULL) != NULL || json_number(value, &number) || json_count(value) > 0)
		letter_read_fail(r, ERR_PARSE, where, key, "is neither true nor false");
	return json_bool(value, false);
}

int
letter_read_word(struct letter_reader *r, const struct letter_where *where, const struct json *in,
		 const char *key, const char *const *names, size_t count, int otherwise)
{
	const char *word = letter_read_text(r, where, in, key);

	if (word[0] == '\0') {
		if (otherwise < 0)
			letter_read_fail(r, ERR_PARSE, where, key, "is missing");
		return otherwise < 0 ? 0 : otherwise;
	}
	for (size_t i = 0; i < count; i++)
		if (names[i] != NULL && strcmp(names[i], word) == 0)
			return (int)i;
	letter_read_fail(r, ERR_PARSE, where, key, "is none of its words");
	return otherwise < 0 ? 0 : otherwise;
}

enum verdict
letter_read_verdict(struct letter_reader *r, const struct letter_where *where,
		    const struct json *in, const char *key, bool *is_there)
{
	const char *name = letter_read_text(r, where, in, key);
	enum verdict verdict = VERDICT_INSUFFICIENT;

	if (is_there != NULL)
		*is_there = name[0] != '\0';
	if (name[0] == '\0' ? is_there == NULL : !model_verdict_parse(name, &verdict))
		letter_read_fail(r, ERR_PARSE, where, key, "is no verdict");
	return verdict;
}

size_t
letter_read_count(struct letter_reader *r, const struct letter_where *where, const struct json *in,
		  const char *key, size_t max)
{
	const struct json *value = json_get(in, key);
	double number;

	if (json_text(value, NULL) != NULL || json_number(value, &number) || is_bool(value))
		letter_read_fail(r, ERR_PARSE, where, key, "is no list");
	if (json_count(value) > max) {
		letter_read_fail(r, ERR_PARSE, where, key, "has more than can be told");
		return 0;
	}
	return json_count(value);
}
