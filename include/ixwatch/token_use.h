/* token_use.h - when each token was last used: a small file of the web server's own in the state directory.
 *
 * A line each, "NAME UNIX-SECONDS".  It is a convenience: when it is lost, tokens count as never used. */
#ifndef IXWATCH_TOKEN_USE_H
#define IXWATCH_TOKEN_USE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/accounts.h"
#include "ixwatch/error.h"

#define TOKEN_USE_FILE "token-use"

struct token_use {
	size_t count;
	struct token_used {
		char name[ACCOUNT_NAME_MAX];
		int64_t utc_sec;
	} * used;
};

/* What the file says; nothing when it is not there or is none. */
void token_use_read(struct token_use *use, const char *state_dir);
void token_use_free(struct token_use *use);
int64_t token_use_get(const struct token_use *use, const char *name); /* 0: never */
/* False when memory ran out. */
bool token_use_set(struct token_use *use, const char *name, int64_t utc_sec);
/* Whole or not at all. */
bool token_use_write(const struct token_use *use, const char *state_dir, struct error *err);

#endif
