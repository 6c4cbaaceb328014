/* series_sweep.c - removes files that a crash left half made, and all of what was only foreseen.  No name of a series has a dot before
 * its ".rrd", so what contains ".tmp.rrd" is nothing else; names are read, files are not touched:
 * 100,000 of them take a fraction of a second. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ixwatch/log.h"
#include "store/series_internal.h"

#define DEPTH 2 /* rrd/<exchange>/<agent>/ */

static void
sweep_folder(int dir_fd, int depth, bool all)
{
	DIR *dir = dir_fd >= 0 ? fdopendir(dir_fd) : NULL;
	const struct dirent *entry;

	if (dir == NULL) {
		if (dir_fd >= 0)
			close(dir_fd);
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (depth > 0)
			sweep_folder(openat(dirfd(dir), entry->d_name,
					    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
				     depth - 1, all);
		else if ((all || strstr(entry->d_name, ".tmp.rrd") != NULL) &&
			 unlinkat(dirfd(dir), entry->d_name, 0) == 0)
			log_info("series", "event=half-made-removed file=%s", entry->d_name);
	}
	closedir(dir);
}

void
series_sweep(const char *state_dir)
{
	char top[SERIES_FILE_MAX];

	snprintf(top, sizeof(top), "%s/rrd", state_dir);
	sweep_folder(open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC), DEPTH, false);
	snprintf(top, sizeof(top), "%s/" SERIES_FORESEEN "/rrd", state_dir);
	sweep_folder(open(top, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), DEPTH, true);
}
