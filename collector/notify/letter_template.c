/* letter_template.c - see letter_template.h: reading a file of words into nodes, and setting an entry.  Nodes are named by
 * their number, since their array moves as it grows. */
#include "notify/letter_template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "notify/letter_template_internal.h"

/* --- building --- */

struct reader {
	struct letter_template *template;
	const char *at, *end; /* of what is left of the entry */
	unsigned line;
	struct template_slice plural; /* whose figure # is; len 0: of none */
	unsigned depth;
	struct error *err;
};

static bool
wrong(const struct reader *r, const char *what)
{
	return error_set(r->err, ERR_PARSE, "%s:%u: %s", r->template->file, r->line, what);
}

/* TEMPLATE_NONE: memory ran out. */
static int
node_add(struct reader *r, enum template_kind kind, struct template_slice text)
{
	struct letter_template *t = r->template;

	if (t->node_count == t->node_size) {
		size_t size = t->node_size * 2 + 256;
		struct template_node *grown = realloc(t->nodes, size * sizeof(*grown));

		if (grown == NULL) {
			error_set(r->err, ERR_NOMEM, "%s: out of memory", t->file);
			return TEMPLATE_NONE;
		}
		t->nodes = grown;
		t->node_size = size;
	}
	t->nodes[t->node_count] = (struct template_node) { .kind = kind,
							   .line = r->line,
							   .text = text,
							   .first = TEMPLATE_NONE,
							   .next = TEMPLATE_NONE };
	return (int)t->node_count++;
}

/* A chain of nodes as it grows. */
struct chain {
	int first, last;
};

static bool
chain_add(struct reader *r, struct chain *chain, int node)
{
	if (node == TEMPLATE_NONE)
		return false;
	if (chain->first == TEMPLATE_NONE)
		chain->first = node;
	else
		r->template->nodes[chain->last].next = node;
	chain->last = node;
	return true;
}

/* --- text and placeholders --- */

static bool take_chain(struct reader *r, int *first);

static bool
is_name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static struct template_slice
take_while(struct reader *r, bool belongs(char))
{
	struct template_slice slice = { r->at, 0 };

	while (r->at < r->end && belongs(*r->at))
		r->at++;
	slice.len = (size_t)(r->at - slice.text);
	return slice;
}

/* A line end, and the comment lines behind it. */
static void
skip_line_end(struct reader *r)
{
	do {
		r->at++;
		r->line++;
		if (r->at < r->end && *r->at == '#')
			while (r->at < r->end && *r->at != '\n')
				r->at++;
	} while (r->at < r->end && *r->at == '\n');
}

static bool
is_key_character(char c)
{
	return c != ':' && c != '|' && c != '}' && c != '{' && c != '\n';
}

/* One alternative, its key before it where there are keys. */
static bool
take_branch(struct reader *r, struct chain *branches, bool keyed)
{
	struct template_slice key = { r->at, 0 };
	int branch, first;

	if (keyed) {
		while (r->at < r->end && (*r->at == '\n' || *r->at == ' ' || *r->at == '\t'))
			if (*r->at == '\n')
				skip_line_end(r);
			else
				r->at++;
		key = take_while(r, is_key_character);
		if (key.len == 0 || r->at == r->end || *r->at != ':')
			return wrong(r, "an alternative has no name and colon before it");
		r->at++;
	}
	branch = node_add(r, TEMPLATE_BRANCH, key);
	if (!chain_add(r, branches, branch) || !take_chain(r, &first))
		return false;
	r->template->nodes[branch].first = first;
	return true;
}

static bool
take_branches(struct reader *r, int node)
{
	enum template_kind kind = r->template->nodes[node].kind;
	struct template_slice name = r->template->nodes[node].text;
	struct template_slice outer = r->plural;
	struct chain branches = { TEMPLATE_NONE, TEMPLATE_NONE };
	unsigned count = 0, line = r->line;

	if (kind == TEMPLATE_PLURAL)
		r->plural = name;
	do {
		r->at++; /* the mark, or a bar */
		if (!take_branch(r, &branches, kind == TEMPLATE_CHOICE))
			return false;
		count++;
	} while (r->at < r->end && *r->at == '|');
	r->plural = outer;
	r->template->nodes[node].first = branches.first;
	if (r->at == r->end) {
		r->line = line;
		return wrong(r, "a placeholder is not closed");
	}
	if (kind == TEMPLATE_CONDITION && count > 2)
		return wrong(r, "a condition has more than two alternatives");
	return true;
}

static bool
take_placeholder(struct reader *r, struct chain *chain)
{
	static const char marks[] = "?#=";
	static const enum template_kind kinds[] = { TEMPLATE_CONDITION, TEMPLATE_PLURAL,
						    TEMPLATE_CHOICE };
	const char *mark;
	int node;

	r->at++;
	struct template_slice name = take_while(r, is_name_character);
	if (name.len == 0 || r->at == r->end)
		return wrong(r, "a placeholder has no name");
	mark = *r->at == '}' ? NULL : memchr(marks, *r->at, sizeof(marks) - 1);
	if (*r->at != '}' && mark == NULL)
		return wrong(r, "a placeholder is {name}, {name?...}, {name#...} or {name=...}");
	if (++r->depth > TEMPLATE_DEPTH_MAX)
		return wrong(r, "placeholders stand too deep in each other");
	node = node_add(r, mark == NULL ? TEMPLATE_VALUE : kinds[mark - marks], name);
	if (!chain_add(r, chain, node) || (mark != NULL && !take_branches(r, node)))
		return false;
	r->depth--;
	r->at++; /* the closing brace */
	return true;
}

static bool
is_plain(char c)
{
	return strchr("{}|#\\\n", c) == NULL;
}

/* A character that is no plain text. */
static bool
take_special(struct reader *r, struct chain *chain)
{
	static const char blank[] = " ";

	switch (*r->at) {
	case '{': return take_placeholder(r, chain);
	case '\n':
		skip_line_end(r);
		if (r->depth > 0 && r->at < r->end && (*r->at == '|' || *r->at == '}'))
			return true;
		return chain_add(r, chain,
				 node_add(r, TEMPLATE_TEXT, (struct template_slice) { blank, 1 }));
	case '#':
		r->at++;
		if (r->plural.len == 0)
			return wrong(r, "# stands outside of a plural; write \\#");
		return chain_add(r, chain, node_add(r, TEMPLATE_FIGURE, r->plural));
	case '\\':
		if (r->end - r->at < 2 || strchr("{}|#\\", r->at[1]) == NULL || r->at[1] == '\0')
			return wrong(r, "a backslash stands before nothing that needs one");
		r->at += 2;
		return chain_add(
		    r, chain, node_add(r, TEMPLATE_TEXT, (struct template_slice) { r->at - 1, 1 }));
	default: return wrong(r, "a brace or bar closes nothing; write \\} or \\|");
	}
}

/* Up to the end, or to what ends an alternative. */
static bool
take_chain(struct reader *r, int *first)
{
	struct chain chain = { TEMPLATE_NONE, TEMPLATE_NONE };

	while (r->at < r->end && !(r->depth > 0 && (*r->at == '}' || *r->at == '|'))) {
		struct template_slice plain = take_while(r, is_plain);

		if (plain.len > 0 && memchr(plain.text, '\0', plain.len) != NULL)
			return wrong(r, "there is a NUL");
		if (plain.len > 0 ? !chain_add(r, &chain, node_add(r, TEMPLATE_TEXT, plain))
				  : !take_special(r, &chain))
			return false;
	}
	*first = chain.first;
	return true;
}

/* --- entries --- */

/* Where the entry that begins at `at` ends: at a line that begins with [, or with the file. */
static const char *
entry_end(const char *at, const char *end)
{
	for (; at < end; at++)
		if (*at == '\n' && at + 1 < end && at[1] == '[')
			return at + 1;
	return end;
}

static bool
entry_add(struct reader *r, struct template_slice name)
{
	struct letter_template *t = r->template;

	if (name.len == 0)
		return wrong(r, "an entry has no name");
	for (size_t i = 0; i < t->entry_count; i++)
		if (template_slices_equal(t->entries[i].name, name))
			return wrong(r, "there is an entry of this name already");
	if (t->entry_count == TEMPLATE_ENTRIES_MAX)
		return wrong(r, "there are too many entries");
	t->entries[t->entry_count++] =
	    (struct template_text) { .name = name, .line = r->line, .first = TEMPLATE_NONE };
	return true;
}

static bool
is_entry_character(char c)
{
	return is_name_character(c) || c == '.' || c == '-';
}

/* "[name]", and all up to the next one. */
static bool
take_entry(struct reader *r, const char *end)
{
	int first;

	r->at++;
	struct template_slice name = take_while(r, is_entry_character);
	if (end - r->at < 2 || r->at[0] != ']' || r->at[1] != '\n')
		return wrong(r, "an entry begins with [name] on a line of its own");
	if (!entry_add(r, name))
		return false;
	r->at++;
	r->depth = 0;
	r->end = entry_end(r->at, end);
	if (!take_chain(r, &first))
		return false;
	r->template->entries[r->template->entry_count - 1].first = first;
	return true;
}

bool
letter_template_parse(struct letter_template **out, const char *file, const char *text, size_t len,
		      struct error *err)
{
	struct letter_template *template = calloc(1, sizeof(*template));
	struct reader r = {
		.template = template, .line = 1, .at = text, .end = text + len, .err = err
	};
	const char *end = text + len;

	if (template == NULL)
		return error_set(err, ERR_NOMEM, "%s: out of memory", file);
	template->file = file;
	while (r.at < end) {
		r.end = end;
		if (*r.at == '[') {
			if (!take_entry(&r, end))
				goto fail;
		} else if (*r.at == '\n') {
			r.at++;
			r.line++;
		} else if (*r.at == '#') {
			while (r.at < end && *r.at != '\n')
				r.at++;
		} else {
			wrong(&r, "text stands before the first entry");
			goto fail;
		}
	}
	*out = template;
	return true;
fail:
	letter_template_free(template);
	return false;
}

void
letter_template_free(struct letter_template *template)
{
	if (template == NULL)
		return;
	free(template->nodes);
	free(template);
}

/* --- setting --- */

bool
template_slices_equal(struct template_slice a, struct template_slice b)
{
	return a.len == b.len && memcmp(a.text, b.text, a.len) == 0;
}

bool
template_slice_is(struct template_slice slice, const char *text)
{
	return strlen(text) == slice.len && memcmp(slice.text, text, slice.len) == 0;
}

const struct template_text *
template_entry_find(const struct letter_template *t, const char *name)
{
	for (size_t i = 0; i < t->entry_count; i++)
		if (template_slice_is(t->entries[i].name, name))
			return &t->entries[i];
	return NULL;
}

struct setter {
	const struct letter_template *template;
	const struct template_value *values;
	size_t value_count;
	FILE *to;
	struct error *err;
};

static const struct template_value *
value_find(const struct setter *s, const struct template_node *node)
{
	for (size_t i = 0; i < s->value_count; i++)
		if (template_slice_is(node->text, s->values[i].name))
			return &s->values[i];
	error_set(s->err, ERR_PARSE, "%s:%u: {%.*s} is not given here", s->template->file,
		  node->line, (int)node->text.len, node->text.text);
	return NULL;
}

static int
branch_at(const struct setter *s, const struct template_node *node, unsigned which)
{
	int branch = node->first;

	while (branch != TEMPLATE_NONE && which-- > 0)
		branch = s->template->nodes[branch].next;
	return branch;
}

static int
branch_named(const struct setter *s, const struct template_node *node, const char *name)
{
	const struct template_node *nodes = s->template->nodes;

	for (int b = node->first; b != TEMPLATE_NONE; b = nodes[b].next)
		if (template_slice_is(nodes[b].text, name) || template_slice_is(nodes[b].text, "*"))
			return b;
	return TEMPLATE_NONE;
}

static int
branch_of(const struct setter *s, const struct template_node *node,
	  const struct template_value *value)
{
	const struct template_rule *rule;

	switch (node->kind) {
	case TEMPLATE_CONDITION: return branch_at(s, node, value->is_there ? 0 : 1);
	case TEMPLATE_CHOICE: return branch_named(s, node, value->text);
	default:
		rule = template_rule_of(s->template);
		return rule == NULL ? TEMPLATE_NONE : branch_at(s, node, rule->form(value->count));
	}
}

static bool
set_chain(const struct setter *s, int node)
{
	for (; node != TEMPLATE_NONE; node = s->template->nodes[node].next) {
		const struct template_node *n = &s->template->nodes[node];
		const struct template_value *value;
		int branch;

		if (n->kind == TEMPLATE_TEXT) {
			fwrite(n->text.text, 1, n->text.len, s->to);
			continue;
		}
		value = value_find(s, n);
		if (value == NULL)
			return false;
		if (n->kind == TEMPLATE_VALUE || n->kind == TEMPLATE_FIGURE) {
			fputs(value->text, s->to);
			continue;
		}
		branch = branch_of(s, n, value);
		if (branch != TEMPLATE_NONE && !set_chain(s, s->template->nodes[branch].first))
			return false;
	}
	return true;
}

/* In place: blanks in a row become one, none stands at either end. */
static void
settle_blanks(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0'; from++)
		if ((*from != ' ' && *from != '\t') || (to > text && to[-1] != ' '))
			*to++ = *from == '\t' ? ' ' : *from;
	if (to > text && to[-1] == ' ')
		to--;
	*to = '\0';
}

char *
letter_template_set(const struct letter_template *template, const char *entry,
		    const struct template_value *values, size_t count, struct error *err)
{
	const struct template_text *text = template_entry_find(template, entry);
	struct setter s = {
		.template = template, .values = values, .value_count = count, .err = err
	};
	char *set = NULL;
	size_t len;
	bool done;

	if (text == NULL) {
		error_set(err, ERR_PARSE, "%s: there is no entry [%s]", template->file, entry);
		return NULL;
	}
	s.to = open_memstream(&set, &len);
	done = s.to != NULL && set_chain(&s, text->first);
	if (s.to == NULL || fclose(s.to) != 0) {
		done = false;
		error_set(err, ERR_NOMEM, "%s: out of memory", template->file);
	}
	if (!done) {
		free(set);
		return NULL;
	}
	settle_blanks(set);
	return set;
}
