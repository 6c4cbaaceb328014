/* report_shelf.c - see report_shelf.h. */
#include "report_shelf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define EDITIONS_MAX  999
#define FILE_MAX      (INT64_C(1) << 30)
#define ASIDE         ".tmp-making" /* of a helper: with its number */
#define BENCH         ".tmp-bench"
#define SWEEP_FILES   16
#define SHELF_FOLDERS 2

struct report_shelf {
	int dir; /* the week's folder, locked unless a helper's */
	char aside[32], bench_name[32];
	bool is_whole; /* no helper's: it sweeps what anybody left aside */
	char path[REPORT_PATH_SIZE], bench[REPORT_PATH_SIZE + 32];
};

char *
report_stem(char dst[REPORT_STEM_SIZE], const char *name, unsigned edition)
{
	if (edition > 1)
		snprintf(dst, REPORT_STEM_SIZE, "%.100s-r%u", name, edition);
	else
		snprintf(dst, REPORT_STEM_SIZE, "%.100s", name);
	return dst;
}

char *
report_path(char dst[REPORT_PATH_SIZE], const char *state_dir, const char *week, const char *name)
{
	snprintf(dst, REPORT_PATH_SIZE, "%s/reports/%s%s%s", state_dir, week,
		 name[0] != '\0' ? "/" : "", name);
	return dst;
}

/* --- a week's folder --- */

static int
on_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status, (void)type, (void)where;
	return remove(path) != 0 && errno != ENOENT;
}

/* With all that is in it; a link is removed, and not followed. */
static void
sweep(const struct report_shelf *shelf, const char *name)
{
	char path[REPORT_PATH_SIZE + 32];

	snprintf(path, sizeof(path), "%s/%s", shelf->path, name);
	nftw(path, on_entry, SWEEP_FILES, FTW_DEPTH | FTW_PHYS);
}

static bool
make_folders(const char *state_dir, const char *week, struct error *err)
{
	const char *const names[SHELF_FOLDERS] = { "", week };
	char path[REPORT_PATH_SIZE];

	for (size_t i = 0; i < SHELF_FOLDERS; i++) {
		report_path(path, state_dir, names[i], "");
		if (i == 0)
			path[strlen(path) - 1] = '\0'; /* its slash */
		if (mkdir(path, 0750) != 0 && errno != EEXIST)
			return error_set(err, ERR_IO, "%s: cannot be made: %s", path,
					 strerror(errno));
	}
	return true;
}

static void
names_put(struct report_shelf *shelf, unsigned helper)
{
	char number[16] = "";

	if (helper > 0)
		snprintf(number, sizeof(number), "-%u", helper);
	snprintf(shelf->aside, sizeof(shelf->aside), ASIDE "%s", number);
	snprintf(shelf->bench_name, sizeof(shelf->bench_name), BENCH "%s", number);
}

static bool
open_folder(struct report_shelf *shelf, bool locked, struct error *err)
{
	shelf->dir = open(shelf->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (shelf->dir >= 0 && (!locked || flock(shelf->dir, LOCK_EX | LOCK_NB) == 0))
		return true;
	return error_set(err, errno == EWOULDBLOCK ? ERR_LOCKED : ERR_IO, "%s: %s", shelf->path,
			 errno == EWOULDBLOCK ? "letters of this week are being made already"
					      : strerror(errno));
}

static void
sweep_all(struct report_shelf *shelf)
{
	for (unsigned helper = 0; helper <= SHELF_HELPERS_MAX; helper++) {
		names_put(shelf, helper);
		sweep(shelf, shelf->aside);
		sweep(shelf, shelf->bench_name);
	}
}

bool
report_shelf_open(struct report_shelf **out, const char *state_dir, const char *week,
		  unsigned helper, struct error *err)
{
	struct report_shelf *shelf;

	if (!make_folders(state_dir, week, err))
		return false;
	shelf = calloc(1, sizeof(*shelf));
	if (shelf == NULL)
		return error_set(err, ERR_NOMEM, "reports: out of memory");
	report_path(shelf->path, state_dir, week, "");
	if (!open_folder(shelf, helper == 0, err)) {
		report_shelf_close(shelf);
		return false;
	}
	shelf->is_whole = helper == 0;
	if (shelf->is_whole)
		sweep_all(shelf);
	names_put(shelf, helper);
	*out = shelf;
	return true;
}

void
report_shelf_close(struct report_shelf *shelf)
{
	if (shelf == NULL)
		return;
	if (shelf->dir >= 0) {
		if (shelf->is_whole)
			sweep_all(shelf);
		else if (shelf->bench[0] != '\0')
			sweep(shelf, shelf->bench_name);
		close(shelf->dir);
	}
	free(shelf);
}

const char *
report_shelf_bench(struct report_shelf *shelf, struct error *err)
{
	sweep(shelf, shelf->bench_name);
	snprintf(shelf->bench, sizeof(shelf->bench), "%s/%s", shelf->path, shelf->bench_name);
	if (mkdir(shelf->bench, 0750) == 0)
		return shelf->bench;
	error_set(err, ERR_IO, "%s: cannot be made: %s", shelf->bench, strerror(errno));
	return NULL;
}

/* --- what is kept --- */

unsigned
report_shelf_edition(const char *state_dir, const char *week, const char *name)
{
	char path[REPORT_PATH_SIZE], stem[REPORT_STEM_SIZE], file[REPORT_STEM_SIZE + 8];
	unsigned edition = 0;

	while (edition < EDITIONS_MAX) {
		report_stem(stem, name, edition + 1);
		snprintf(file, sizeof(file), "%s.json", stem);
		if (access(report_path(path, state_dir, week, file), F_OK) != 0)
			break;
		edition++;
	}
	return edition;
}

static int
is_facts(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && dot != NULL && strcmp(dot, ".json") == 0 &&
	       dot - entry->d_name < REPORT_STEM_SIZE;
}

/* By octets, whatever the locale. */
static int
compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

bool
report_shelf_each(const char *state_dir, const char *week, report_on_stem *on_stem, void *user,
		  struct error *err)
{
	char path[REPORT_PATH_SIZE];
	struct dirent **entries = NULL;
	int count =
	    scandir(report_path(path, state_dir, week, ""), &entries, is_facts, compare_names);
	bool go_on = true;

	if (count < 0)
		return errno == ENOENT || error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	for (int i = 0; i < count; i++) {
		*strrchr(entries[i]->d_name, '.') = '\0';
		go_on = go_on && on_stem(entries[i]->d_name, user);
		free(entries[i]);
	}
	free(entries);
	return true;
}

static bool
read_all(int fd, char *octets, size_t len)
{
	size_t used = 0;
	ssize_t n;

	while (used < len && ((n = read(fd, octets + used, len - used)) > 0 || errno == EINTR))
		used += n > 0 ? (size_t)n : 0;
	return used == len;
}

bool
report_shelf_read(const char *state_dir, const char *week, const char *name, char **octets,
		  size_t *len, struct error *err)
{
	char path[REPORT_PATH_SIZE];
	int fd = open(report_path(path, state_dir, week, name), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;
	bool done;

	if (fd < 0)
		return error_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path,
				 strerror(errno));
	errno = 0;
	done = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= FILE_MAX;
	*octets = done ? malloc((size_t)status.st_size + 1) : NULL;
	done = *octets != NULL && read_all(fd, *octets, (size_t)status.st_size);
	close(fd);
	if (!done) {
		free(*octets);
		*octets = NULL;
		return error_set(err, ERR_IO, "%s: cannot be read: %s", path,
				 errno != 0 ? strerror(errno) : "it is no file of ours");
	}
	(*octets)[status.st_size] = '\0';
	*len = (size_t)status.st_size;
	return true;
}

/* One after the other in memory: a letter's files are some hundred KB. */
bool
report_shelf_digest(const char *state_dir, const char *week, const char *stem, char hex[DIGEST_HEX],
		    struct error *err)
{
	static const char *const ends[] = { ".txt", ".html", ".csv", ".json" };
	unsigned char digest[DIGEST_LEN];
	char *all = NULL, *part, *grown, name[REPORT_STEM_SIZE + 8];
	size_t all_len = 0, len;
	bool done = true;

	for (size_t i = 0; done && i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(name, sizeof(name), "%.*s%s", REPORT_STEM_SIZE - 1, stem, ends[i]);
		done = report_shelf_read(state_dir, week, name, &part, &len, err);
		if (!done)
			break;
		grown = realloc(all, all_len + len + 1);
		if (grown != NULL) {
			all = grown;
			memcpy(all + all_len, part, len);
			all_len += len;
		} else {
			done = error_set(err, ERR_NOMEM, "%s: out of memory", name);
		}
		free(part);
	}
	if (done) {
		digest_of(digest, all, all_len);
		digest_format(hex, digest);
	}
	free(all);
	return done;
}

/* --- keeping --- */

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

static bool
file_make(int aside, const struct shelf_file *file)
{
	int fd =
	    openat(aside, file->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	bool done;

	if (fd < 0)
		return false;
	done = write_all(fd, file->octets, file->len) && fsync(fd) == 0;
	return close(fd) == 0 && done;
}

static bool
files_make(const struct report_shelf *shelf, const struct shelf_file *files, size_t count)
{
	int aside = -1;
	bool done = mkdirat(shelf->dir, shelf->aside, 0750) == 0;

	if (done)
		aside = openat(shelf->dir, shelf->aside,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	done = aside >= 0;
	for (size_t i = 0; done && i < count; i++)
		done = file_make(aside, &files[i]);
	done = done && fsync(aside) == 0;
	if (aside >= 0)
		close(aside);
	return done;
}

/* Into its place, unless something is there. */
static bool
file_place(const struct report_shelf *shelf, const char *name)
{
	char from[REPORT_STEM_SIZE + 128];

	snprintf(from, sizeof(from), "%s/%s", shelf->aside, name);
	return renameat2(shelf->dir, from, shelf->dir, name, RENAME_NOREPLACE) == 0;
}

/* What a making that was broken off left of this letter: its facts are not there. */
static void
clear_rest(int dir, const struct shelf_file *files, size_t count)
{
	for (size_t i = 0; i + 1 < count; i++)
		unlinkat(dir, files[i].name, 0);
}

static bool
files_place(const struct report_shelf *shelf, const struct shelf_file *files, size_t count)
{
	bool done = true;

	for (size_t i = 0; done && i < count; i++) {
		if (i + 1 == count) /* the others are there for good, before what says so */
			done = fsync(shelf->dir) == 0;
		done = done && file_place(shelf, files[i].name);
	}
	return done && fsync(shelf->dir) == 0;
}

bool
report_shelf_keep(struct report_shelf *shelf, const struct shelf_file *files, size_t count,
		  struct error *err)
{
	const char *facts = files[count - 1].name;
	bool done;

	if (faccessat(shelf->dir, facts, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return error_set(err, ERR_REFUSED, "%s/%s is there, and is never replaced",
				 shelf->path, facts);
	sweep(shelf, shelf->aside);
	clear_rest(shelf->dir, files, count);
	done = files_make(shelf, files, count) && files_place(shelf, files, count);
	if (!done)
		error_set(err, ERR_IO, "%s/%s: %s", shelf->path, facts, strerror(errno));
	sweep(shelf, shelf->aside);
	return done;
}
