/* letter_template_check.c - see letter_template.h: whether a file of words has what letters ask for, and asks for no more
 * than letters have.  What passes here cannot lack a word later. */
#include <string.h>

#include "notify/letter_template_internal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- plural forms --- */

static unsigned
form_one_other(int64_t count)
{
	return count == 1 ? 0 : 1;
}

/* Polish, Ukrainian and their kin. */
static unsigned
form_one_few_many(int64_t count)
{
	int64_t tens = count % 100, ones = count % 10;

	if (count == 1)
		return 0;
	return ones >= 2 && ones <= 4 && !(tens >= 12 && tens <= 14) ? 1 : 2;
}

static const struct template_rule rules[] = {
	{ "one-other", 2, form_one_other },
	{ "one-few-many", 3, form_one_few_many },
};

/* The first words of an entry; the line ends around them are blanks of their own. */
static struct template_slice
first_words(const struct letter_template *t, const struct template_text *entry)
{
	for (int i = entry->first; i != TEMPLATE_NONE; i = t->nodes[i].next)
		if (t->nodes[i].kind == TEMPLATE_TEXT && !template_slice_is(t->nodes[i].text, " "))
			return t->nodes[i].text;
	return (struct template_slice) { "", 0 };
}

const struct template_rule *
template_rule_of(const struct letter_template *t)
{
	const struct template_text *entry = template_entry_find(t, "format.plural");

	for (size_t i = 0; entry != NULL && i < COUNT(rules); i++)
		if (template_slice_is(first_words(t, entry), rules[i].name))
			return &rules[i];
	return NULL;
}

/* --- what an entry is given --- */

/* One value of a list "peer ports# cause=event,works". */
struct given {
	struct template_slice name, words; /* words: "event,works" */
	bool is_count, is_choice;
};

static bool
given_next(const char **at, struct given *given)
{
	size_t len;

	*at += strspn(*at, " ");
	len = strcspn(*at, " ");
	if (len == 0)
		return false;
	memset(given, 0, sizeof(*given));
	given->name = (struct template_slice) { *at, strcspn(*at, " #=") };
	given->is_count = (*at)[given->name.len] == '#';
	given->is_choice = (*at)[given->name.len] == '=';
	if (given->is_choice)
		given->words = (struct template_slice) { *at + given->name.len + 1,
							 len - given->name.len - 1 };
	*at += len;
	return true;
}

static bool
given_find(const char *values, struct template_slice name, struct given *given)
{
	while (given_next(&values, given))
		if (template_slices_equal(given->name, name))
			return true;
	return false;
}

/* The i-th of "event,works". */
static bool
word_at(struct template_slice words, size_t i, struct template_slice *word)
{
	const char *at = words.text, *end = words.text + words.len;

	for (;; i--) {
		const char *comma = memchr(at, ',', (size_t)(end - at));

		*word =
		    (struct template_slice) { at, (size_t)((comma != NULL ? comma : end) - at) };
		if (i == 0)
			return true;
		if (comma == NULL)
			return false;
		at = comma + 1;
	}
}

/* --- checking --- */

struct checker {
	const struct letter_template *template;
	const struct template_entry *entry;
	const struct template_rule *rule;
	struct error *err;
};

static bool
wrong(const struct checker *c, unsigned line, struct template_slice about, const char *what)
{
	return error_set(c->err, ERR_PARSE, "%s:%u: [%s] %.*s %s", c->template->file, line,
			 c->entry->name, (int)about.len, about.text, what);
}

static bool
is_one_of(struct template_slice words, struct template_slice key)
{
	struct template_slice word;

	for (size_t i = 0; word_at(words, i, &word); i++)
		if (template_slices_equal(word, key))
			return true;
	return false;
}

static bool
has_branch(const struct checker *c, const struct template_node *node, struct template_slice key)
{
	const struct template_node *nodes = c->template->nodes;

	for (int b = node->first; b != TEMPLATE_NONE; b = nodes[b].next)
		if (template_slices_equal(nodes[b].text, key) ||
		    template_slice_is(nodes[b].text, "*"))
			return true;
	return false;
}

/* Each alternative is one that may come, and each that may come has one. */
static bool
check_choice(const struct checker *c, const struct template_node *node, const struct given *given)
{
	const struct template_node *nodes = c->template->nodes;
	struct template_slice word;

	if (!given->is_choice)
		return wrong(c, node->line, node->text, "is not one of a few words");
	for (int b = node->first; b != TEMPLATE_NONE; b = nodes[b].next)
		if (!template_slice_is(nodes[b].text, "*") &&
		    !is_one_of(given->words, nodes[b].text))
			return wrong(c, nodes[b].line, nodes[b].text, "is no word that comes here");
	for (size_t i = 0; word_at(given->words, i, &word); i++)
		if (!has_branch(c, node, word))
			return wrong(c, node->line, word, "has no alternative");
	return true;
}

static bool
check_plural(const struct checker *c, const struct template_node *node, const struct given *given)
{
	unsigned forms = 0;

	if (!given->is_count)
		return wrong(c, node->line, node->text, "is no count");
	for (int b = node->first; b != TEMPLATE_NONE; b = c->template->nodes[b].next)
		forms++;
	if (c->rule == NULL || forms != c->rule->form_count)
		return wrong(c, node->line, node->text,
			     "has not as many forms as [format.plural] says");
	return true;
}

static bool
check_chain(const struct checker *c, int first)
{
	const struct template_node *nodes = c->template->nodes;
	struct given given;

	for (int i = first; i != TEMPLATE_NONE; i = nodes[i].next) {
		if (nodes[i].kind == TEMPLATE_TEXT)
			continue;
		if (!given_find(c->entry->values, nodes[i].text, &given))
			return wrong(c, nodes[i].line, nodes[i].text, "is not given here");
		if (nodes[i].kind == TEMPLATE_CHOICE && !check_choice(c, &nodes[i], &given))
			return false;
		if (nodes[i].kind == TEMPLATE_PLURAL && !check_plural(c, &nodes[i], &given))
			return false;
		if (nodes[i].kind == TEMPLATE_VALUE && given.is_choice)
			return wrong(c, nodes[i].line, nodes[i].text,
				     "is a word of the program's; it needs alternatives");
		for (int b = nodes[i].first; b != TEMPLATE_NONE; b = nodes[b].next)
			if (!check_chain(c, nodes[b].first))
				return false;
	}
	return true;
}

bool
letter_template_check(const struct letter_template *template, const struct template_entry *entries,
		      size_t count, struct error *err)
{
	struct checker c = { template, NULL, template_rule_of(template), err };

	if (c.rule == NULL)
		return error_set(err, ERR_PARSE, "%s: [format.plural] is missing, or names no rule",
				 template->file);
	for (size_t i = 0; i < count; i++) {
		const struct template_text *text = template_entry_find(template, entries[i].name);

		c.entry = &entries[i];
		if (text == NULL)
			return error_set(err, ERR_PARSE, "%s: there is no entry [%s]",
					 template->file, entries[i].name);
		if (!check_chain(&c, text->first))
			return false;
	}
	for (size_t i = 0; i < template->entry_count; i++) {
		const struct template_text *text = &template->entries[i];
		size_t e = 0;

		while (e < count && !template_slice_is(text->name, entries[e].name))
			e++;
		if (e == count)
			return error_set(err, ERR_PARSE, "%s:%u: [%.*s] is said nowhere",
					 template->file, text->line, (int)text->name.len,
					 text->name.text);
	}
	return true;
}
