/* config_scan.h - the walk over a configuration's form, between config_scan.c and config_setting.c only.
 *
 * Functions that return bool return false when the form is so broken that reading cannot go on. */
#ifndef COLLECTOR_BASE_CONFIG_SCAN_H
#define COLLECTOR_BASE_CONFIG_SCAN_H

#include <stdio.h>

#include "base/config_internal.h"

struct scan_file {
	struct config_text text;
	struct scan_file *includer; /* NULL: the main file */
	struct token_source source;
	long missing_braces; /* how many more { than } it has; below 0: fewer */
	bool quote_lost;     /* a text without end may have swallowed braces */
};

/* An open block: { has been read, } not yet. */
struct scan_block {
	enum config_block kind;
	const struct scan_block *parent; /* NULL: the file level */
	const struct scan_file *file;    /* in which it was opened */
	unsigned place;
	unsigned key_place[CONFIG_BLOCK_OPTIONS_MAX]; /* where each key came first; 0: not yet */
	unsigned block_place[BLOCK_COUNT];            /* the same for blocks that come once */
};

struct scan {
	struct config_reader *r;
	FILE *out;              /* the clean text */
	struct scan_file *file; /* being read */
	size_t file_count, octets;
};

/* The word as a terminated text; what is longer is no key. */
struct scan_name {
	char text[64];
};

/* A statement's name and where it stands; for a key, its row. */
struct scan_statement {
	struct scan_name name;
	unsigned place;
	int option;  /* index among the block's options, or -1 */
	bool usable; /* it may go into the clean text */
};

unsigned scan_place(struct scan *s, const struct token *token);
struct scan_name scan_name(const struct token *word);

/* Says what is wrong and ends the reading: always false. */
bool scan_lost(struct scan *s, const struct token *token, const char *key, const char *expected);
/* Checks what stands in a word or text; false, and a fault, when it cannot be used. */
bool scan_text_ok(struct scan *s, unsigned place, const char *key, const struct token *token);
/* "unknown here; allowed in exchange: name, ..." */
void scan_complain_unknown(struct scan *s, unsigned place, const struct scan_block *block,
			   const char *name);

/* KEY = VALUE; the key has been read.  (config_setting.c) */
bool scan_setting(struct scan *s, struct scan_block *block, const struct token *word);

#endif
