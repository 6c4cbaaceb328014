/* ledger_scratch.h - a state directory of a test's own, and files in it made wrong on purpose. */
#ifndef TESTS_UNIT_LEDGER_SCRATCH_H
#define TESTS_UNIT_LEDGER_SCRATCH_H

#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct scratch {
	char dir[256];
	char file[512]; /* the last one scratch_path named */
};

static inline void
scratch_new(struct scratch *scratch)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(scratch->dir, sizeof(scratch->dir), "%s/ixwatch-test-XXXXXX",
		 tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(scratch->dir) == NULL) {
		perror(scratch->dir);
		abort();
	}
}

static inline int
scratch_remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status, (void)type, (void)walk;
	return remove(path);
}

static inline void
scratch_free(struct scratch *scratch)
{
	nftw(scratch->dir, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Lent: valid until the next call. */
static inline const char *
scratch_path(struct scratch *scratch, const char *name)
{
	snprintf(scratch->file, sizeof(scratch->file), "%s/%s", scratch->dir, name);
	return scratch->file;
}

static inline bool
scratch_has(struct scratch *scratch, const char *name)
{
	return access(scratch_path(scratch, name), F_OK) == 0;
}

/* The file of that name, made of exactly these octets. */
static inline void
scratch_write(struct scratch *scratch, const char *name, const void *data, size_t len)
{
	int fd = open(scratch_path(scratch, name), O_WRONLY | O_CREAT | O_TRUNC, 0640);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len || close(fd) != 0) {
		perror(scratch->file);
		abort();
	}
}

static inline void
scratch_overwrite(struct scratch *scratch, const char *name, off_t at, const void *data, size_t len)
{
	int fd = open(scratch_path(scratch, name), O_WRONLY);

	if (fd < 0 || pwrite(fd, data, len, at) != (ssize_t)len || close(fd) != 0) {
		perror(scratch->file);
		abort();
	}
}

/* The whole file; caller frees. */
static inline unsigned char *
scratch_read(struct scratch *scratch, const char *name, size_t *len)
{
	FILE *file = fopen(scratch_path(scratch, name), "rb");
	struct stat status;
	unsigned char *data;

	if (file == NULL || fstat(fileno(file), &status) != 0 ||
	    (data = malloc((size_t)status.st_size + 1)) == NULL) {
		perror(scratch->file);
		abort();
	}
	*len = fread(data, 1, (size_t)status.st_size, file);
	fclose(file);
	return data;
}

static inline double
scratch_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

#endif
