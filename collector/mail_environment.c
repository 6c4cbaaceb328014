/* mail_environment.c - see mail_environment.h. */
#include "mail_environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The last ones are the runtime's own: where libraries and certificates are, and a clock that a test moves. */
static const char *const allowed[] = {
	"PATH=",
	"HOME=",
	"TZ=",
	"LANG=",
	"LC_ALL=",
	"TMPDIR=",
	"SSL_CERT_FILE=",
	"SSL_CERT_DIR=",
	"LD_LIBRARY_PATH=",
	"LD_PRELOAD=",
	"FAKETIME",
	"ASAN_OPTIONS=",
	"UBSAN_OPTIONS=",
	"FONTCONFIG_PATH=",
	"JOURNAL_STREAM=",
};

static int
is_allowed(const char *entry)
{
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (strncmp(entry, allowed[i], strlen(allowed[i])) == 0)
			return 1;
	return 0;
}

void
mail_environment_init(struct mail_environment *environment)
{
	*environment = (struct mail_environment) { .count = 0 };
	for (char **entry = environ; *entry != NULL; entry++)
		if (is_allowed(*entry) && environment->count < MAIL_ENVIRONMENT_MAX / 2)
			environment->entry[environment->count++] = *entry;
	environment->own = environment->count;
}

void
mail_environment_add(struct mail_environment *environment, const char *name, const char *value)
{
	size_t len = strlen(name) + strlen(value) + 2;
	char *entry = environment->count < MAIL_ENVIRONMENT_MAX ? malloc(len) : NULL;

	if (entry == NULL)
		return;
	snprintf(entry, len, "%s=%s", name, value);
	for (char *c = entry; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	environment->entry[environment->count++] = entry;
	environment->entry[environment->count] = NULL;
}

void
mail_environment_free(struct mail_environment *environment)
{
	for (size_t i = environment->own; i < environment->count; i++)
		free(environment->entry[i]);
	environment->count = environment->own = 0;
}
