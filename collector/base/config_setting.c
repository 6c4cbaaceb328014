/* config_setting.c - KEY = VALUE and KEY = { VALUE, ... }: whether the key may stand here, and the form of its value. */
#include "base/config_scan.h"

#include <string.h>

/* { "a", "b" }: the opening brace has been read. */
static bool
check_list(struct scan *s, struct scan_statement *st)
{
	bool after_value = false;

	for (;;) {
		struct token token = token_next(&s->file->source);
		bool value = token.type == TOKEN_WORD || token.type == TOKEN_TEXT;

		if (token_is(&token, '}'))
			return true;
		if (token_is(&token, ',') && after_value) {
			after_value = false;
			continue;
		}
		if (!value || after_value)
			return scan_lost(s, &token, st->name.text,
					 after_value ? ", or }" : "a text or }");
		after_value = true;
		if (st->option >= 0 &&
		    !scan_text_ok(s, scan_place(s, &token), st->name.text, &token))
			st->usable = false;
	}
}

static bool
takes_list(const struct scan_block *block, int option)
{
	size_t count;

	return option >= 0 && config_type_is_list(config_options(block->kind, &count)[option].type);
}

/* Whether the word that follows = is rather the next statement's: it stands in a later line, before = or {. */
static bool
value_is_missing(const struct scan *s, const struct token *equals)
{
	struct token_source ahead = s->file->source;
	struct token value = token_next(&ahead);
	struct token after = token_next(&ahead);

	if (token_is(&value, '}') || value.type == TOKEN_END)
		return true;
	return value.type == TOKEN_WORD && value.line > equals->line &&
	       (token_is(&after, '=') || token_is(&after, '{'));
}

/* The value, after the = sign; false when it is none. */
static bool
check_value(struct scan *s, const struct scan_block *block, struct scan_statement *st)
{
	struct token token = token_next(&s->file->source);

	if (token_is(&token, '{')) {
		if (st->usable && !takes_list(block, st->option)) {
			config_complain(s->r, st->place, st->name.text,
					"a list is wrong here; allowed: one value");
			st->usable = false;
		}
		return check_list(s, st);
	}
	if (token.type != TOKEN_WORD && token.type != TOKEN_TEXT)
		return scan_lost(s, &token, st->name.text, "a value");
	if (token.unclosed)
		s->file->quote_lost = true;
	if (st->usable && !scan_text_ok(s, st->place, st->name.text, &token))
		st->usable = false;
	return true;
}

/* Writes key={"PLACE","a","b"} of the tokens that begin at `value`. */
static void
write_setting(struct scan *s, const struct scan_statement *st, struct token_source value)
{
	fprintf(s->out, "%s={\"%u\"", st->name.text, st->place);
	while (st->usable && value.at < s->file->source.at) {
		struct token token = token_next(&value);

		if (token.type == TOKEN_TEXT)
			fprintf(s->out, ",%.*s", (int)token.len, token.start);
		else if (token.type == TOKEN_WORD)
			fprintf(s->out, ",\"%.*s\"", (int)token.len, token.start);
	}
	fputs("}\n", s->out);
}

/* Whether the key may stand here, and stands here for the first time. */
static void
check_key(struct scan *s, struct scan_block *block, struct scan_statement *st,
	  const struct token *sign)
{
	const struct config_place *first;

	st->option = config_option_index(block->kind, st->name.text);
	if (st->option < 0) {
		scan_complain_unknown(s, st->place, block, st->name.text);
		return;
	}
	first = config_place_get(s->r, block->key_place[st->option]);
	if (first != NULL) {
		config_complain(s->r, st->place, st->name.text,
				"repeated; allowed: once, and it stands in %s:%u already",
				first->file, first->line);
		st->option = -1; /* its value is of no interest */
		return;
	}
	block->key_place[st->option] = st->place;
	st->usable = sign->type != TOKEN_APPEND;
	if (!st->usable)
		config_complain(s->r, st->place, st->name.text, "+= is not known; allowed: =");
}

bool
scan_setting(struct scan *s, struct scan_block *block, const struct token *word)
{
	struct token sign = token_next(&s->file->source);
	struct scan_statement st = { .name = scan_name(word), .place = scan_place(s, word) };

	struct token_source value = s->file->source;
	bool form_ok = true;

	check_key(s, block, &st, &sign);
	if (!value_is_missing(s, &sign)) {
		form_ok = check_value(s, block, &st);
	} else if (st.option >= 0) {
		config_complain(s->r, st.place, st.name.text,
				"no value follows; allowed: %s = VALUE", st.name.text);
		st.usable = false;
	}
	if (form_ok && st.option >= 0)
		write_setting(s, &st, value);
	return form_ok;
}
