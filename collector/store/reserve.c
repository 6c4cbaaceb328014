/* reserve.c - see reserve.h. */
#include "store/reserve.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define NEXT_TO_NOTHING (INT64_C(1) << 20)

static int64_t
free_octets(const char *state_dir)
{
	struct statvfs st;

	return statvfs(state_dir, &st) == 0 ? (int64_t)st.f_bavail * (int64_t)st.f_frsize : -1;
}

static bool
is_whole(const char *file, int64_t octets)
{
	struct stat st;

	return lstat(file, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == octets &&
	       (int64_t)st.st_blocks * 512 >= octets;
}

/* A hole is no room: every block is there, or the file is not. */
static bool
take(const char *file, int64_t octets)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
	bool taken = fd >= 0 && posix_fallocate(fd, 0, octets) == 0;

	if (fd >= 0)
		close(fd);
	if (!taken)
		unlink(file);
	return taken;
}

enum reserve_change
reserve_mind(const char *state_dir, int64_t octets, bool failing)
{
	char file[4096];
	int64_t free_now = free_octets(state_dir);
	bool whole;

	if (free_now < 0 ||
	    snprintf(file, sizeof(file), "%s/reserve", state_dir) >= (int)sizeof(file))
		return RESERVE_SAME;
	whole = is_whole(file, octets);
	if (whole && failing && free_now < NEXT_TO_NOTHING)
		return unlink(file) == 0 ? RESERVE_GIVEN_UP : RESERVE_SAME;
	if (!whole && !failing && free_now >= 3 * octets)
		return take(file, octets) ? RESERVE_TAKEN : RESERVE_SAME;
	return RESERVE_SAME;
}
