/* standard.c - see standard.h. */
#include "ixwatch/standard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool
standard_hold(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR); /* takes the lowest that is free */
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

int
standard_end(const char *program, int status)
{
	bool lost = ferror(stdout) != 0;

	errno = 0;
	if (fflush(stdout) != 0)
		lost = true;
	if (!lost || status != 0)
		return status;
	fprintf(stderr, "%s: standard output: %s: some of it is lost\n", program,
		errno != 0 ? strerror(errno) : "a write failed");
	return 1;
}
