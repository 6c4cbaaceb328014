/* pattern.c - a regular expression on ifAlias, over PCRE2 10.42.
 *
 * The interpreter is used, not the JIT: its limits count steps and memory, so that the same alias gets the same answer on
 * every machine.  PCRE2_MATCH_INVALID_UTF lets an alias with octets that are no UTF-8 be searched up to and after them. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/pattern.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/units.h"

#define MATCH_STEPS_MAX 100000 /* about 2 ms; an honest expression needs some hundred */
#define MATCH_DEPTH_MAX 2000
#define MATCH_HEAP_KIB  1024

struct pattern {
	pcre2_code *code;
	pcre2_match_context *limits;
};

/* A context for compiling that refuses endless expressions; NULL when memory ran out. */
static pcre2_compile_context *
compile_limits_new(void)
{
	pcre2_compile_context *limits = pcre2_compile_context_create(NULL);

	if (limits == NULL)
		return NULL;
	pcre2_set_max_pattern_length(limits, PATTERN_TEXT_MAX);
	pcre2_set_parens_nest_limit(limits, 50);
	return limits;
}

static bool
compile(struct pattern *p, const char *text, struct error *err)
{
	const uint32_t flags = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
	pcre2_compile_context *limits = compile_limits_new();
	int code;
	size_t offset;
	unsigned char reason[200];

	if (limits == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	p->code =
	    pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, flags, &code, &offset, limits);
	pcre2_compile_context_free(limits);
	if (p->code != NULL)
		return true;
	pcre2_get_error_message(code, reason, sizeof(reason));
	return error_set(err, ERR_PARSE, "at character %zu: %s", offset + 1, (const char *)reason);
}

bool
pattern_compile(struct pattern **out, const char *text, struct error *err)
{
	struct pattern *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	if (!compile(p, text, err))
		goto fail;
	p->limits = pcre2_match_context_create(NULL);
	if (p->limits == NULL) {
		error_set(err, ERR_NOMEM, "out of memory");
		goto fail;
	}
	pcre2_set_match_limit(p->limits, MATCH_STEPS_MAX);
	pcre2_set_depth_limit(p->limits, MATCH_DEPTH_MAX);
	pcre2_set_heap_limit(p->limits, MATCH_HEAP_KIB);
	*out = p;
	return true;
fail:
	pattern_free(p);
	return false;
}

void
pattern_free(struct pattern *p)
{
	if (p == NULL)
		return;
	pcre2_match_context_free(p->limits);
	pcre2_code_free(p->code);
	free(p);
}

static void
trim_blanks(char *text)
{
	size_t start = strspn(text, " ");
	size_t len = strlen(text + start);

	while (len > 0 && text[start + len - 1] == ' ')
		len--;
	memmove(text, text + start, len);
	text[len] = '\0';
}

/* What a named group captured, clean; "" when the expression has no such group or it took no part. */
static void
group_text(pcre2_match_data *data, const char *name, char *dst, size_t dst_len)
{
	PCRE2_UCHAR *captured;
	size_t len;

	dst[0] = '\0';
	if (pcre2_substring_get_byname(data, (PCRE2_SPTR)name, &captured, &len) != 0)
		return;
	units_clean_text(dst, dst_len, captured, len);
	trim_blanks(dst);
	pcre2_substring_free(captured);
}

static void
groups_take(pcre2_match_data *data, struct pattern_port *port)
{
	char digits[32];
	uint64_t asn;

	group_text(data, "asn", digits, sizeof(digits));
	if (units_parse_uint(digits, 1, UINT32_MAX, &asn))
		port->asn = (uint32_t)asn;
	group_text(data, "peer", port->peer, sizeof(port->peer));
}

/* PCRE2 keeps 20 KiB of frames with what it matched: made for each match, since there is a pattern an agent, and there may
 * be thousands of agents, which are walked a few times a day. */
enum pattern_outcome
pattern_match(struct pattern *p, const char *alias, size_t len, struct pattern_port *port)
{
	pcre2_match_data *data = pcre2_match_data_create_from_pattern(p->code, NULL);
	int count;

	*port = (struct pattern_port) { 0 };
	if (data == NULL)
		return PATTERN_GAVE_UP;
	count = pcre2_match(p->code, (PCRE2_SPTR)alias, len, 0, 0, data, p->limits);
	if (count >= 0)
		groups_take(data, port);
	pcre2_match_data_free(data);
	if (count < 0)
		return count == PCRE2_ERROR_NOMATCH ? PATTERN_NO_MATCH : PATTERN_GAVE_UP;
	return PATTERN_MATCHED;
}
