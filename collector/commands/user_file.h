/* user_file.h - the users and tokens files, changed line by line: comments and order stay, and a reader sees the old
 * file or the new one, never half of one. */
#ifndef COLLECTOR_COMMANDS_USER_FILE_H
#define COLLECTOR_COMMANDS_USER_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "ixwatch/config.h"
#include "ixwatch/error.h"

struct user_file {
	char *path; /* symbolic links resolved */
	char *text; /* what is in it now */
	size_t len;
	int fd; /* locked against other commands */
};

/* Opens and locks; makes an empty one with owner and group of the configuration when it is not there.  False: nothing
 * to close. */
bool user_file_open(struct user_file *file, const char *path, const struct config *config,
		    struct error *err);
void user_file_close(struct user_file *file);

/* Puts `line` (without its end; NULL: nothing) in the place of the line that begins with "NAME:", or at the end.
 * *replaced says whether there was one; must_be_new: then it is left as it is, and ERR_REFUSED.  On disk when it returns
 * true. */
bool user_file_put(struct user_file *file, const char *name, const char *line, bool must_be_new,
		   bool *replaced, struct error *err);

#endif
