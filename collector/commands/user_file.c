/* user_file.c - the lock is on the file itself; since a change puts another file in its place, who got the lock looks
 * whether it is still the one that the name means. */
#include "commands/user_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_MAX  (1 << 20)
#define FILE_MODE 0640

static bool
fail(const char *path, struct error *err)
{
	return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
}

/* Where a link leads; a file that is not there yet is where it is said to be. */
static char *
resolve(const char *path)
{
	char *real = realpath(path, NULL);

	return real != NULL || errno != ENOENT ? real : strdup(path);
}

/* The reader is the web server, which runs as who may read the configuration. */
static void
give_to_owner(int fd, const struct config *config)
{
	struct stat st;

	if (stat(config->file, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) != 0 &&
	    fchown(fd, (uid_t)-1, st.st_gid) != 0)
		return; /* not ours to give: it stays with who made it */
}

/* It appears with owner and mode as they are to be: whoever replaces it a moment later takes them over. */
static bool
make_empty(const char *path, const struct config *config)
{
	char *born;
	bool done = false;

	if (asprintf(&born, "%s.%d.born", path, (int)getpid()) < 0)
		return false;
	unlink(born);
	int fd = open(born, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0) {
		give_to_owner(fd, config);
		done = fchmod(fd, FILE_MODE) == 0 &&
		       (link(born, path) == 0 || errno == EEXIST); /* another was faster */
		unlink(born);
		close(fd);
	}
	free(born);
	return done;
}

static int
open_or_make(const char *path, const struct config *config)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd >= 0 || errno != ENOENT || !make_empty(path, config))
		return fd;
	return open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

/* A descriptor of the file that the name means, locked. */
static int
open_locked(const char *path, const struct config *config, struct error *err)
{
	for (;;) {
		struct stat mine, named;
		int fd = open_or_make(path, config);

		if (fd < 0 || flock(fd, LOCK_EX) != 0 || fstat(fd, &mine) != 0) {
			fail(path, err);
			if (fd >= 0)
				close(fd);
			return -1;
		}
		if (stat(path, &named) == 0 && named.st_ino == mine.st_ino &&
		    named.st_dev == mine.st_dev && S_ISREG(mine.st_mode))
			return fd;
		close(fd);
		if (!S_ISREG(mine.st_mode)) {
			error_set(err, ERR_CONFIG, "%s: is no regular file", path);
			return -1;
		}
	}
}

static bool
slurp(struct user_file *file, struct error *err)
{
	ssize_t got;

	file->text = malloc(TEXT_MAX + 1);
	if (file->text == NULL)
		return error_set(err, ERR_NOMEM, "%s: out of memory", file->path);
	while (file->len <= TEXT_MAX &&
	       (got = read(file->fd, file->text + file->len, TEXT_MAX + 1 - file->len)) != 0) {
		if (got < 0)
			return fail(file->path, err);
		file->len += (size_t)got;
	}
	return file->len <= TEXT_MAX ||
	       error_set(err, ERR_CONFIG, "%s: has more than %d octets", file->path, TEXT_MAX);
}

bool
user_file_open(struct user_file *file, const char *path, const struct config *config,
	       struct error *err)
{
	*file = (struct user_file) { .fd = -1, .path = resolve(path) };
	if (file->path == NULL)
		return fail(path, err);
	file->fd = open_locked(file->path, config, err);
	if (file->fd >= 0 && slurp(file, err))
		return true;
	user_file_close(file);
	return false;
}

void
user_file_close(struct user_file *file)
{
	if (file->text != NULL)
		explicit_bzero(file->text, file->len);
	free(file->text);
	free(file->path);
	if (file->fd >= 0)
		close(file->fd);
	*file = (struct user_file) { .fd = -1 };
}

/* --- a change --- */

static bool
is_line_of(const char *line, size_t len, const char *name)
{
	size_t name_len = strlen(name);

	return len > name_len && memcmp(line, name, name_len) == 0 && line[name_len] == ':';
}

static bool
has_line_of(const struct user_file *file, const char *name)
{
	const char *at = file->text, *end = file->text + file->len;

	while (at < end && !is_line_of(at, (size_t)(end - at), name)) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at != NULL ? at + 1 : end;
	}
	return at < end;
}

/* The text with the line in its place. */
static void
print_changed(const struct user_file *file, FILE *out, const char *name, const char *line)
{
	const char *at = file->text, *end = file->text + file->len;
	bool replaced = false;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *next = newline != NULL ? newline + 1 : end;
		size_t len = (size_t)((newline != NULL ? newline : end) - at);

		if (!is_line_of(at, len, name)) {
			fwrite(at, 1, len, out);
			fputc('\n', out);
		} else if (line != NULL && !replaced) {
			fprintf(out, "%s\n", line);
		}
		replaced |= is_line_of(at, len, name);
		at = next;
	}
	if (!replaced && line != NULL)
		fprintf(out, "%s\n", line);
}

/* Owner and mode of the file it replaces, its octets on disk.  Without the group the web server could not read it. */
static bool
settle(int fd, int old_fd)
{
	struct stat st;

	return fstat(old_fd, &st) == 0 &&
	       (fchown(fd, st.st_uid, st.st_gid) == 0 || fchown(fd, (uid_t)-1, st.st_gid) == 0) &&
	       fchmod(fd, st.st_mode & 07777) == 0 && fsync(fd) == 0;
}

/* The name in its folder must outlast a power cut, too. */
static void
sync_folder(const char *path)
{
	char *copy = strdup(path);
	int fd = copy == NULL ? -1 : open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(copy);
}

/* One that a command left behind which was killed is in nobody's way: who holds the lock is alone. */
static FILE *
open_temporary(const char *temporary)
{
	unlink(temporary);
	int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (out == NULL && fd >= 0)
		close(fd);
	return out;
}

static bool
replace(struct user_file *file, const char *temporary, const char *name, const char *line,
	struct error *err)
{
	FILE *out = open_temporary(temporary);

	if (out == NULL)
		return fail(temporary, err);
	print_changed(file, out, name, line);
	bool done = fflush(out) == 0 && ferror(out) == 0 && settle(fileno(out), file->fd);
	done = fclose(out) == 0 && done && rename(temporary, file->path) == 0;
	if (!done) {
		fail(file->path, err);
		unlink(temporary);
		return false;
	}
	sync_folder(file->path);
	return true;
}

bool
user_file_put(struct user_file *file, const char *name, const char *line, bool must_be_new,
	      bool *replaced, struct error *err)
{
	char *temporary;

	*replaced = has_line_of(file, name);
	if (*replaced && must_be_new)
		return error_set(err, ERR_REFUSED,
				 "there is a \"%s\" in %s; remove it first, or take another name",
				 name, file->path);
	if (asprintf(&temporary, "%s.new", file->path) < 0)
		return error_set(err, ERR_NOMEM, "%s: out of memory", file->path);
	bool done = replace(file, temporary, name, line, err);
	free(temporary);
	return done;
}
