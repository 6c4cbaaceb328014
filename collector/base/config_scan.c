/* config_scan.c - the form of a configuration: what stands where, before anything is known of what it says.
 *
 * libconfuse 3.3 stops at the first unknown key, overwrites a key that comes twice, takes an unset ${VARIABLE} for nothing,
 * counts a line too much for each C comment, refuses a comment within a list, and for each fault within an included file
 * loses one of its ten levels of includes until the process ends.  So this walk finds the faults of form, goes on where it
 * is clear how, and hands libconfuse one clean text (described in config_internal.h) in which nothing of that is left. */
#include "base/config_scan.h"

#include <stdlib.h>
#include <string.h>

static bool scan_statements(struct scan *s, struct scan_block *block);

unsigned
scan_place(struct scan *s, const struct token *token)
{
	return config_place_add(s->r, s->file->text.path, token->line);
}

struct scan_name
scan_name(const struct token *word)
{
	struct scan_name name = { "" };

	if (word->len < sizeof(name.text))
		memcpy(name.text, word->start, word->len);
	else
		memcpy(name.text, config_show(word->start, 48).text, 49);
	return name;
}

bool
scan_lost(struct scan *s, const struct token *token, const char *key, const char *expected)
{
	const char *wrong = token->wrong;
	unsigned place = scan_place(s, token);

	s->r->incomplete = true;
	if (wrong != NULL)
		config_complain(s->r, place, key, "%s", wrong);
	else if (token->type == TOKEN_END)
		config_complain(s->r, place, key, "the file ends here; allowed: %s", expected);
	else
		config_complain(s->r, place, key, "unexpected %s; allowed: %s",
				config_show(token->start, token->len).text, expected);
	return false;
}

bool
scan_text_ok(struct scan *s, unsigned place, const char *key, const struct token *token)
{
	char sentence[400];
	const char *fault = token_fault(token, sentence, sizeof(sentence));

	if (fault == NULL)
		return true;
	config_complain(s->r, place, key, "%s", fault);
	if (token->unclosed)
		s->file->quote_lost = true;
	return false;
}

void
scan_complain_unknown(struct scan *s, unsigned place, const struct scan_block *block,
		      const char *name)
{
	char allowed[1024] = "";
	size_t count, len = 0;
	const struct config_option *rows = config_options(block->kind, &count);

	for (size_t i = 0; i < count && len < sizeof(allowed); i++)
		len += (size_t)snprintf(allowed + len, sizeof(allowed) - len, "%s%s",
					i == 0 ? "" : ", ", rows[i].name);
	for (int i = 0; i < BLOCK_COUNT && len < sizeof(allowed); i++)
		if ((config_blocks[i].parents & 1u << block->kind) != 0)
			len += (size_t)snprintf(allowed + len, sizeof(allowed) - len, ", %s%s { }",
						config_blocks[i].name,
						config_blocks[i].titled ? " NAME" : "");
	config_complain(s->r, place, name, "unknown here; allowed in %s: %s",
			block->kind == BLOCK_FILE ? "the file itself"
						  : config_block_name(block->kind),
			allowed);
}

/* --- NAME TITLE { ... } --- */

/* Passes over what stands in braces, the first of which has been read. */
static bool
skip_block(struct scan *s, const struct scan_statement *st)
{
	for (unsigned depth = 1; depth > 0;) {
		struct token token = token_next(&s->file->source);

		if (token.type == TOKEN_BAD)
			return scan_lost(s, &token, st->name.text, "");
		if (token.type == TOKEN_END)
			return scan_lost(s, &token, st->name.text, "the } of this block");
		if (token.unclosed)
			s->file->quote_lost = true;
		depth += token_is(&token, '{');
		depth -= token_is(&token, '}');
	}
	return true;
}

/* A block that comes once has no title and comes once; others have one. */
static void
check_block(struct scan *s, struct scan_block *parent, enum config_block kind,
	    const struct scan_statement *st, const struct token *title)
{
	const struct config_block_row *row = &config_blocks[kind];
	const struct config_place *first = config_place_get(s->r, parent->block_place[kind]);

	if (row->titled && title == NULL)
		config_complain(s->r, st->place, st->name.text, "has no name; allowed: %s NAME { }",
				row->name);
	if (!row->titled && title != NULL)
		config_complain(s->r, st->place, st->name.text,
				"has no name of its own; allowed: %s { }", row->name);
	if (!row->titled && first != NULL)
		config_complain(s->r, st->place, st->name.text,
				"repeated; allowed: once, and it stands in %s:%u already",
				first->file, first->line);
	if (first == NULL)
		parent->block_place[kind] = st->place;
}

static void
write_block_start(struct scan *s, const struct scan_statement *st, const struct token *title)
{
	const char *quote = title != NULL && title->type == TOKEN_WORD ? "\"" : "";

	fprintf(s->out, "%s{\nblock={\"%u\"", st->name.text, st->place);
	if (title != NULL && scan_text_ok(s, st->place, st->name.text, title))
		fprintf(s->out, ",%s%.*s%s", quote, (int)title->len, title->start, quote);
	fputs("}\n", s->out);
}

/* NAME or NAME TITLE has been read, { comes next. */
static bool
scan_block(struct scan *s, struct scan_block *parent, const struct token *word,
	   const struct token *title)
{
	struct scan_statement st = { .name = scan_name(word), .place = scan_place(s, word) };
	enum config_block kind = config_block_inside(parent->kind, st.name.text);
	struct scan_block block = { kind, parent, s->file, st.place, { 0 }, { 0 } };

	token_next(&s->file->source);
	if (kind == BLOCK_COUNT) {
		scan_complain_unknown(s, st.place, parent, st.name.text);
		return skip_block(s, &st);
	}
	check_block(s, parent, kind, &st, title);
	write_block_start(s, &st, title);
	bool form_ok = scan_statements(s, &block);
	fputs("}\n", s->out);
	return form_ok;
}

/* --- include("FILE") --- */

static void
count_braces(struct scan_file *file)
{
	struct token_source source = file->source;

	for (;;) {
		struct token token = token_next(&source);

		if (token.type == TOKEN_END || token.type == TOKEN_BAD)
			return;
		file->missing_braces += token_is(&token, '{');
		file->missing_braces -= token_is(&token, '}');
	}
}

static bool
file_open(struct scan *s, struct scan_file *file, struct error *err)
{
	if (!config_text_read(&file->text, CONFIG_OCTETS_MAX - s->octets, err))
		return false;
	s->octets += file->text.len;
	file->source =
	    (struct token_source) { file->text.data, file->text.data + file->text.len, 1 };
	count_braces(file);
	return true;
}

/* Whether the file may be included here. */
static bool
include_ok(const struct scan *s, const struct scan_file *file, struct error *err)
{
	unsigned depth = 0;

	for (const struct scan_file *up = file->includer; up != NULL; up = up->includer, depth++)
		if (up->text.device == file->text.device && up->text.inode == file->text.inode)
			return error_set(err, ERR_CONFIG, "includes itself, by way of %s",
					 file->includer->text.path);
	if (depth > CONFIG_INCLUDE_MAX)
		return error_set(err, ERR_CONFIG, "includes within includes; allowed: %d deep",
				 CONFIG_INCLUDE_MAX);
	if (s->file_count > CONFIG_FILES_MAX)
		return error_set(err, ERR_CONFIG, "too many files; allowed: %d", CONFIG_FILES_MAX);
	return true;
}

static bool
include(struct scan *s, struct scan_block *block, unsigned place, const char *path)
{
	struct scan_file file = {
		.text.path = config_path_beside(s->r, s->file->text.path, path),
		.includer = s->file,
	};
	struct error err;
	bool form_ok = true;

	s->file_count++;
	if (file_open(s, &file, &err) && include_ok(s, &file, &err)) {
		s->file = &file;
		form_ok = scan_statements(s, block);
		s->file = file.includer;
	} else {
		config_complain(s->r, place, "include", "%s: %s",
				config_show(file.text.path, strlen(file.text.path)).text, err.text);
		s->r->incomplete = true;
		s->r->out_of_memory = s->r->out_of_memory || err.code == ERR_NOMEM;
	}
	config_text_free(&file.text);
	return form_ok;
}

static bool
scan_include(struct scan *s, struct scan_block *block, const struct token *word)
{
	struct scan_name name = scan_name(word);
	unsigned place = scan_place(s, word);
	struct token open = token_next(&s->file->source);
	struct token path = token_next(&s->file->source);
	struct token close = token_next(&s->file->source);
	bool good = true;

	if (strcmp(name.text, "include") != 0)
		return scan_lost(s, &open, name.text,
				 "NAME = VALUE, NAME { } and include(\"FILE\")");
	if (path.type != TOKEN_TEXT)
		return scan_lost(s, &path, name.text, "include(\"FILE\")");
	if (!scan_text_ok(s, place, name.text, &path)) {
		s->r->incomplete = true;
		return path.wrong == NULL;
	}
	if (!token_is(&close, ')'))
		return scan_lost(s, &close, name.text, "include(\"FILE\")");
	char *meant = config_unquote(path.start, path.len);
	if (meant == NULL)
		s->r->out_of_memory = true;
	else if (meant[0] == '\0')
		config_complain(s->r, place, name.text,
				"no file is named; allowed: include(\"FILE\")");
	else
		good = include(s, block, place, meant);
	free(meant);
	return good;
}

/* --- statements --- */

/* NAME with neither =, { nor ( behind it. */
static bool
scan_bare(struct scan *s, struct scan_block *block, const struct token *word)
{
	struct scan_name name = scan_name(word);
	struct token next = token_peek(&s->file->source);
	bool known = config_option_index(block->kind, name.text) >= 0;

	if (config_block_inside(block->kind, name.text) != BLOCK_COUNT) {
		if (next.type == TOKEN_WORD || next.type == TOKEN_TEXT)
			token_next(&s->file->source);
		next = token_next(&s->file->source);
		return scan_lost(s, &next, name.text, "{");
	}
	if (!known)
		scan_complain_unknown(s, scan_place(s, word), block, name.text);
	else
		config_complain(s->r, scan_place(s, word), name.text,
				"no = follows; allowed: %s = VALUE", name.text);
	if (known)
		block->key_place[config_option_index(block->kind, name.text)] = s->r->place_count;
	return true;
}

/* A word, and what follows it says what it is. */
static bool
scan_statement(struct scan *s, struct scan_block *block, const struct token *word)
{
	struct token_source ahead = s->file->source;
	struct token next = token_next(&ahead);
	struct token after = token_peek(&ahead);
	bool titled = next.type == TOKEN_WORD || next.type == TOKEN_TEXT;

	if (token_is(&next, '=') || next.type == TOKEN_APPEND)
		return scan_setting(s, block, word);
	if (token_is(&next, '{'))
		return scan_block(s, block, word, NULL);
	if (token_is(&next, '('))
		return scan_include(s, block, word);
	if (titled && token_is(&after, '{')) {
		s->file->source = ahead;
		return scan_block(s, block, word, &next);
	}
	if (!scan_bare(s, block, word))
		return false;
	if (titled && !token_is(&after, '='))
		s->file->source = ahead; /* the value, without its = */
	return true;
}

/* Whether a key, or a block, of that name may stand in a block of that kind. */
static bool
may_stand(enum config_block kind, const char *name, bool is_key)
{
	return is_key ? config_option_index(kind, name) >= 0
		      : config_block_inside(kind, name) != BLOCK_COUNT;
}

/* What comes may not stand in this block but in one around it, and the file has too few }: this one's is missing. */
static bool
brace_is_missing(const struct scan *s, const struct scan_block *block, const struct token *word)
{
	struct token_source ahead = s->file->source;
	struct scan_name name = scan_name(word);

	token_next(&ahead);
	struct token next = token_next(&ahead);
	struct token after = token_peek(&ahead);
	bool is_key = token_is(&next, '=');
	bool is_block = token_is(&next, '{') || (!is_key && token_is(&after, '{'));
	if (s->file->missing_braces <= 0 || block->file != s->file || block->parent == NULL ||
	    (!is_key && !is_block) || may_stand(block->kind, name.text, is_key))
		return false;
	for (const struct scan_block *up = block->parent; up != NULL; up = up->parent)
		if (may_stand(up->kind, name.text, is_key))
			return true;
	return false;
}

static void
complain_open(struct scan *s, const struct scan_block *block, unsigned line)
{
	if (!s->file->quote_lost)
		config_complain(
		    s->r, block->place, config_block_name(block->kind),
		    "the block that begins here is not closed; allowed: a } before line %u", line);
	s->file->missing_braces--;
}

/* } or the end of the file, each where the block began or not. */
static bool
scan_end(struct scan *s, const struct scan_block *block, const struct token *token)
{
	bool opened_here = block->parent != NULL && block->file == s->file;

	if (token->type == TOKEN_END) {
		if (opened_here)
			complain_open(s, block, token->line + 1);
		return true;
	}
	if (opened_here) {
		token_next(&s->file->source);
		return true;
	}
	s->r->incomplete = true;
	if (s->file->quote_lost)
		return false; /* the text without end may have held its { */
	return scan_lost(s, token, "}", "one } for each { of the same file");
}

/* Everything up to the end of the block, or of the file. */
static bool
scan_statements(struct scan *s, struct scan_block *block)
{
	for (;;) {
		struct token token = token_peek(&s->file->source);

		if (token.type == TOKEN_END || token_is(&token, '}'))
			return scan_end(s, block, &token);
		if (token.type != TOKEN_WORD)
			return scan_lost(s, &token, config_block_name(block->kind),
					 "NAME = VALUE, NAME { } and include(\"FILE\")");
		if (brace_is_missing(s, block, &token)) {
			complain_open(s, block, token.line);
			return true;
		}
		token_next(&s->file->source);
		if (!scan_statement(s, block, &token))
			return false;
	}
}

char *
config_scan(struct config_reader *r, const char *path, struct error *err)
{
	struct scan_file file = { .text.path = r->config->file };
	struct scan_block top = { .kind = BLOCK_FILE, .file = &file };
	struct scan s = { .r = r, .file = &file, .file_count = 1 };
	char *text = NULL;
	size_t len;

	if (!file_open(&s, &file, err)) {
		error_wrap(err, "%s", path);
		goto out;
	}
	s.out = open_memstream(&text, &len);
	if (s.out == NULL) {
		error_set(err, ERR_NOMEM, "%s: out of memory", path);
		goto out;
	}
	scan_statements(&s, &top);
	if (fclose(s.out) != 0) {
		error_set(err, ERR_NOMEM, "%s: out of memory", path);
		free(text);
		text = NULL;
	}
out:
	config_text_free(&file.text);
	return text;
}
