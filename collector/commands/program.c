/* program.c - see program.h. */
#include "commands/program.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool
program_beside(char *dst, size_t len, const char *name, struct error *err)
{
	ssize_t n = readlink("/proc/self/exe", dst, len - 1);
	char *slash;

	if (n < 0)
		return error_set(err, ERR_IO, "cannot tell where this program lies: %s",
				 strerror(errno));
	dst[n] = '\0';
	slash = strrchr(dst, '/');
	if (slash == NULL || (size_t)(slash + 1 - dst) + strlen(name) + 1 > len)
		return error_set(err, ERR_IO, "%s: path too long", dst);
	strcpy(slash + 1, name);
	return true;
}
