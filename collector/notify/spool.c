/* spool.c - see spool.h. */
#include "notify/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool
write_all(int fd, const char *octets, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, octets, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		octets += n;
		len -= (size_t)n;
	}
	return true;
}

/* Names are below the folder's descriptor: nobody moves it away meanwhile. */
static bool
put_in(int dir, const char *name, const char *octets, size_t len)
{
	static const char fresh[] = ".ixwatch-new.eml";
	int fd;
	bool done;

	unlinkat(dir, fresh, 0);
	fd = openat(dir, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd < 0)
		return false;
	done = write_all(fd, octets, len) && fsync(fd) == 0;
	done = close(fd) == 0 && done;
	return done && renameat(dir, fresh, dir, name) == 0 && fsync(dir) == 0;
}

bool
spool_put(const char *dir, int64_t created_utc_sec, int64_t id, const char *octets, size_t len,
	  struct error *err)
{
	time_t at = (time_t)created_utc_sec;
	char name[96], when[32] = "0";
	struct tm tm;
	int fd;
	bool done;

	if (gmtime_r(&at, &tm) != NULL)
		strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &tm);
	snprintf(name, sizeof(name), "%s-%" PRId64 ".eml", when, id);
	if (mkdir(dir, 0750) != 0 && errno != EEXIST)
		return error_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	done = fd >= 0 && put_in(fd, name, octets, len);
	if (!done)
		error_set(err, ERR_IO, "%s/%s: %s", dir, name, strerror(errno));
	if (fd >= 0)
		close(fd);
	return done;
}
