/* config_scratch.h - a folder with a configuration in it, and what is said of it when it is read. */
#ifndef TESTS_UNIT_CONFIG_SCRATCH_H
#define TESTS_UNIT_CONFIG_SCRATCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ixwatch/config.h"
#include "ledger_scratch.h"

/* Everything on_error was told, each with a newline. */
struct said {
	char *text;
	size_t len, room, count;
};

static inline void
said_add(const char *message, void *user)
{
	struct said *said = user;
	size_t more = strlen(message) + 1;

	if (said->len + more >= said->room) {
		said->room = 2 * (said->len + more) + 256;
		said->text = realloc(said->text, said->room);
	}
	memcpy(said->text + said->len, message, more - 1);
	memcpy(said->text + said->len + more - 1, "\n", 2);
	said->len += more;
	said->count++;
}

static inline void
said_clear(struct said *said)
{
	free(said->text);
	*said = (struct said) { NULL, 0, 0, 0 };
}

/* Reads the file of that name; NULL when it has faults. */
static inline struct config *
config_read(struct scratch *scratch, const char *name, struct said *said, struct error *err)
{
	struct config *config = NULL;

	*said = (struct said) { NULL, 0, 0, 0 };
	return config_load(&config, scratch_path(scratch, name), said_add, said, err) ? config
										      : NULL;
}

static inline void
scratch_write_mode(struct scratch *scratch, const char *name, const char *text, mode_t mode)
{
	scratch_write(scratch, name, text, strlen(text));
	if (chmod(scratch_path(scratch, name), mode) != 0)
		abort();
}

/* The secrets that the configurations of the tests name. */
static inline void
scratch_secrets(struct scratch *scratch)
{
	scratch_write_mode(scratch, "auth", "authentic-12\n", 0640);
	scratch_write_mode(scratch, "priv", "private-1234\r\n", 0600);
	scratch_write_mode(scratch, "community", "from-a-file", 0400);
	scratch_write_mode(scratch, "short", "seven77\n", 0640);
	scratch_write_mode(scratch, "empty", "\n", 0640);
	scratch_write_mode(scratch, "lines", "one\ntwo\n", 0640);
	scratch_write_mode(scratch, "public", "secret-123\n", 0644);
	scratch_write_mode(scratch, "shared", "secret-123\n", 0660);
	if (mkdir(scratch_path(scratch, "folder"), 0700) != 0)
		abort();
}

/* The text with each `from` replaced; caller frees. */
static inline char *
replaced(const char *text, const char *from, const char *to)
{
	char *out = NULL;
	size_t len;
	FILE *stream = open_memstream(&out, &len);

	for (const char *at; (at = strstr(text, from)) != NULL; text = at + strlen(from))
		fprintf(stream, "%.*s%s", (int)(at - text), text, to);
	fputs(text, stream);
	fclose(stream);
	return out;
}

/* Reads a text that must be good; config_free. */
static inline struct config *
read_good(struct scratch *scratch, const char *text)
{
	struct said said;
	struct error err = { 0 };

	scratch_write(scratch, "main.conf", text, strlen(text));
	struct config *config = config_read(scratch, "main.conf", &said, &err);
	if (config == NULL)
		fail_msg("%s\n%s", err.text, said.text != NULL ? said.text : "");
	said_clear(&said);
	return config;
}

#endif
