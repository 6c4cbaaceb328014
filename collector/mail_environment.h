/* mail_environment.h - the environment of what the collector starts for mail: what a program needs to run, and none of
 * our own variables, which may hold secrets. */
#ifndef COLLECTOR_MAIL_ENVIRONMENT_H
#define COLLECTOR_MAIL_ENVIRONMENT_H

#include <stddef.h>

#define MAIL_ENVIRONMENT_MAX 64

struct mail_environment {
	char *entry[MAIL_ENVIRONMENT_MAX + 1]; /* ends with NULL */
	size_t count;
	size_t own; /* from here on they are ours to free */
};

void mail_environment_init(struct mail_environment *environment);
/* NAME=value; controls in the value become spaces.  One too many is left out. */
void mail_environment_add(struct mail_environment *environment, const char *name,
			  const char *value);
void mail_environment_free(struct mail_environment *environment);

#endif
