/* program.c - see program.h. */
#include "commands/program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* net-snmp's varbind has 1,136 octets, a little more than what glibc hands out without looking for it. */
#define TUNABLES "glibc.malloc.tcache_max=1200:glibc.malloc.tcache_count=128"

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

void
program_tune_memory(int argc, char **argv)
{
	char path[4096], **all;
	struct error err;

	if (getenv("GLIBC_TUNABLES") != NULL ||
	    !program_beside(path, sizeof(path), "ixwatch", &err))
		return;
	all = calloc((size_t)argc + 2, sizeof(*all));
	if (all == NULL)
		return;
	all[0] = path;
	memcpy(all + 1, argv, (size_t)argc * sizeof(*argv));
	if (setenv("GLIBC_TUNABLES", TUNABLES, 1) == 0)
		execv("/proc/self/exe", all);
	unsetenv("GLIBC_TUNABLES"); /* it works all the same */
	free(all);
}
