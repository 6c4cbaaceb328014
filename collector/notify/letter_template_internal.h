/* letter_template_internal.h - a file of words as nodes; for letter_template*.c. */
#ifndef COLLECTOR_NOTIFY_LETTER_TEMPLATE_INTERNAL_H
#define COLLECTOR_NOTIFY_LETTER_TEMPLATE_INTERNAL_H

#include "notify/letter_template.h"

#define TEMPLATE_NONE        (-1) /* no node */
#define TEMPLATE_DEPTH_MAX   8
#define TEMPLATE_ENTRIES_MAX 512

enum template_kind {
	TEMPLATE_TEXT,
	TEMPLATE_VALUE,
	TEMPLATE_FIGURE, /* the figure of the plural around it */
	TEMPLATE_CONDITION,
	TEMPLATE_PLURAL,
	TEMPLATE_CHOICE,
	TEMPLATE_BRANCH, /* one alternative of the last three; its text is its key */
};

struct template_slice {
	const char *text;
	size_t len;
};

struct template_node {
	enum template_kind kind;
	unsigned line;
	struct template_slice text; /* what is put in, or the name of a value */
	int first;                  /* of what is within */
	int next;                   /* beside it */
};

struct template_text {
	struct template_slice name;
	unsigned line;
	int first;
};

struct letter_template {
	const char *file;
	size_t node_count, node_size;
	struct template_node *nodes;
	size_t entry_count;
	struct template_text entries[TEMPLATE_ENTRIES_MAX];
};

/* Which form of a plural a count takes. */
struct template_rule {
	const char *name;
	unsigned form_count;
	unsigned (*form)(int64_t count);
};
const struct template_rule *template_rule_of(const struct letter_template *t); /* NULL: none */

const struct template_text *template_entry_find(const struct letter_template *t, const char *name);
bool template_slices_equal(struct template_slice a, struct template_slice b);
bool template_slice_is(struct template_slice slice, const char *text);

#endif
