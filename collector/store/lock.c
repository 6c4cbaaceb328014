/* lock.c - body of ixwatch/lock.h: the state directory, usable, and held by one writer. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ixwatch/lock.h"
#include "ixwatch/units.h"

struct lock {
	int fd;
	pid_t pid; /* who took it: a forked child shares the lock, but does not sign for it */
};

/* --- the state directory --- */

static bool
make_dir(const char *dir, struct error *err)
{
	if (mkdir(dir, 0750) == 0 || errno == EEXIST)
		return true;
	if (errno == ENOENT)
		return error_set(
		    err, ERR_IO,
		    "state-dir %s: cannot be made: the directory it should be in is not there",
		    dir);
	return error_set(err, ERR_IO, "state-dir %s: cannot be made by user %u: %s", dir,
			 (unsigned)geteuid(), strerror(errno));
}

static bool
check_dir(const char *dir, struct error *err)
{
	struct stat status;

	if (stat(dir, &status) != 0)
		return error_set(err, ERR_IO, "state-dir %s: %s", dir, strerror(errno));
	if (!S_ISDIR(status.st_mode))
		return error_set(err, ERR_IO, "state-dir %s: is not a directory", dir);
	if (faccessat(AT_FDCWD, dir, R_OK | W_OK | X_OK, AT_EACCESS) == 0)
		return true;
	return error_set(
	    err, ERR_IO,
	    "state-dir %s: not writable by user %u: %s; it belongs to user %u, group %u, mode %04o",
	    dir, (unsigned)geteuid(), strerror(errno), (unsigned)status.st_uid,
	    (unsigned)status.st_gid, (unsigned)status.st_mode & 07777);
}

/* --- the lock --- */

/* What the holder wrote; 0 when it has not yet. */
static uint64_t
read_pid(int fd)
{
	char text[32];
	ssize_t len = pread(fd, text, sizeof(text) - 1, 0);
	uint64_t pid;

	if (len <= 0)
		return 0;
	text[len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return units_parse_uint(text, 1, INT32_MAX, &pid) ? pid : 0;
}

static bool
refuse(int fd, const char *path, struct error *err)
{
	int reason = errno;
	uint64_t pid;

	if (reason != EWOULDBLOCK)
		return error_set(err, ERR_IO, "%s: cannot be locked: %s", path, strerror(reason));
	pid = read_pid(fd);
	if (pid == 0)
		return error_set(err, ERR_LOCKED,
				 "%s: held by another process; only one may write at a time", path);
	return error_set(err, ERR_LOCKED,
			 "%s: held by process %" PRIu64 "; only one may write at a time", path,
			 pid);
}

static bool
sign(int fd, const char *path, struct error *err)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)len, 0) != len)
		return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	return true;
}

static bool
open_locked(int *fd, const char *path, struct error *err)
{
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (*fd < 0)
		return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	if (flock(*fd, LOCK_EX | LOCK_NB) != 0)
		return refuse(*fd, path, err);
	return sign(*fd, path, err);
}

bool
lock_take(struct lock **out, const char *state_dir, struct error *err)
{
	char path[4096];
	struct lock *lock;

	if (snprintf(path, sizeof(path), "%s/lock", state_dir) >= (int)sizeof(path))
		return error_set(err, ERR_IO, "state-dir: a path of more than %zu octets",
				 sizeof(path));
	if (!make_dir(state_dir, err) || !check_dir(state_dir, err))
		return false;
	lock = calloc(1, sizeof(*lock));
	if (lock == NULL)
		return error_set(err, ERR_NOMEM, "lock: out of memory");
	if (!open_locked(&lock->fd, path, err)) {
		if (lock->fd >= 0)
			close(lock->fd);
		free(lock);
		return false;
	}
	lock->pid = getpid();
	*out = lock;
	return true;
}

/* No explicit unlock: that would end the lock for those who share it, too. */
void
lock_release(struct lock *lock)
{
	if (lock == NULL)
		return;
	if (lock->pid == getpid() && ftruncate(lock->fd, 0) != 0)
		lock->pid = 0; /* the number stays there to read; nothing hangs on it */
	close(lock->fd);
	free(lock);
}
