/* token_use.c - a list by name, and its file. */
#include "ixwatch/token_use.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USED_MAX 10000

int64_t
token_use_get(const struct token_use *use, const char *name)
{
	for (size_t i = 0; i < use->count; i++)
		if (strcmp(use->used[i].name, name) == 0)
			return use->used[i].utc_sec;
	return 0;
}

bool
token_use_set(struct token_use *use, const char *name, int64_t utc_sec)
{
	for (size_t i = 0; i < use->count; i++) {
		if (strcmp(use->used[i].name, name) == 0) {
			use->used[i].utc_sec = utc_sec;
			return true;
		}
	}
	if (use->count == USED_MAX)
		return true;
	struct token_used *grown = realloc(use->used, (use->count + 1) * sizeof(*grown));
	if (grown == NULL)
		return false;
	use->used = grown;
	snprintf(grown[use->count].name, sizeof(grown->name), "%s", name);
	grown[use->count++].utc_sec = utc_sec;
	return true;
}

void
token_use_free(struct token_use *use)
{
	free(use->used);
	*use = (struct token_use) { 0 };
}

static FILE *
open_in(const char *state_dir, const char *suffix, const char *mode, char *path, size_t len)
{
	if (snprintf(path, len, "%s/" TOKEN_USE_FILE "%s", state_dir, suffix) >= (int)len) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	return fopen(path, mode);
}

void
token_use_read(struct token_use *use, const char *state_dir)
{
	char path[1024], line[128], name[ACCOUNT_NAME_MAX];
	long long utc_sec;
	FILE *file = open_in(state_dir, "", "re", path, sizeof(path));

	*use = (struct token_use) { 0 };
	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "%63s %lld", name, &utc_sec) == 2 && utc_sec > 0 &&
		    !token_use_set(use, name, utc_sec))
			break;
	fclose(file);
}

bool
token_use_write(const struct token_use *use, const char *state_dir, struct error *err)
{
	char path[1024], final[1024];
	FILE *file = open_in(state_dir, ".new", "we", path, sizeof(path));

	if (file == NULL)
		return error_set(err, ERR_IO, "%s/" TOKEN_USE_FILE ": %s", state_dir,
				 strerror(errno));
	for (size_t i = 0; i < use->count; i++)
		fprintf(file, "%s %lld\n", use->used[i].name, (long long)use->used[i].utc_sec);
	snprintf(final, sizeof(final), "%s/" TOKEN_USE_FILE, state_dir);
	bool done = fflush(file) == 0;
	done = fclose(file) == 0 && done && rename(path, final) == 0;
	return done || error_set(err, ERR_IO, "%s: %s", final, strerror(errno));
}
