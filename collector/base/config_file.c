/* config_file.c - the files a configuration is made of, read whole; and the files of secrets: one line each, which only
 * their owner and group may read. */
#include "base/config_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_MAX 1024

/* Reads to the end, into memory that grows. */
static bool
slurp(struct config_text *text, int fd, size_t len_max, struct error *err)
{
	size_t room = 0;
	ssize_t got;

	do {
		if (text->len == room) {
			room = room == 0 ? 65536 : 2 * room;
			char *larger = realloc(text->data, room);
			if (larger == NULL)
				return error_set(err, ERR_NOMEM, "out of memory");
			text->data = larger;
		}
		got = read(fd, text->data + text->len, room - text->len);
		if (got < 0)
			return error_set(err, ERR_CONFIG, "%s", strerror(errno));
		text->len += (size_t)got;
		if (text->len > len_max)
			return error_set(err, ERR_CONFIG,
					 "too large; allowed: 64 MiB, with all it includes");
	} while (got > 0);
	return true;
}

bool
config_text_read(struct config_text *text, size_t len_max, struct error *err)
{
	int fd = open(text->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	bool good = false;

	if (fd < 0)
		return error_set(err, ERR_CONFIG, "%s", strerror(errno));
	if (fstat(fd, &st) != 0)
		error_set(err, ERR_CONFIG, "%s", strerror(errno));
	else
		good = slurp(text, fd, len_max, err);
	text->device = st.st_dev;
	text->inode = st.st_ino;
	close(fd);
	return good;
}

void
config_text_free(struct config_text *text)
{
	if (text->data != NULL)
		explicit_bzero(text->data, text->len);
	free(text->data);
	text->data = NULL;
}

/* --- secrets --- */

static bool
mode_check(int fd, const char *path, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERR_CONFIG, "%s is no regular file", path);
	if ((st.st_mode & 0027) != 0)
		return error_set(err, ERR_CONFIG,
				 "%s has mode %04o; allowed: at most 0640 (chmod 0640)", path,
				 (unsigned)st.st_mode & 07777);
	return true;
}

/* The octets of the line in text[0..len), without its end; 0 with a sentence when it is no secret. */
static size_t
line_check(const char *text, size_t len, const char *path, struct error *err)
{
	if (len > 0 && text[len - 1] == '\n')
		len--;
	if (len > 0 && text[len - 1] == '\r')
		len--;
	if (len == 0)
		error_set(err, ERR_CONFIG, "%s is empty; allowed: one line with the secret", path);
	else if (len > SECRET_MAX)
		error_set(err, ERR_CONFIG, "%s is too long; allowed: up to %d octets", path,
			  SECRET_MAX);
	else if (memchr(text, '\n', len) != NULL || memchr(text, '\r', len) != NULL ||
		 memchr(text, '\0', len) != NULL)
		error_set(err, ERR_CONFIG,
			  "%s has more than one line; allowed: one line with the secret", path);
	else
		return len;
	return 0;
}

bool
config_secret_file_read(const char *path, char dst[CONFIG_SECRET_SIZE], struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	size_t len = 0;
	ssize_t got;

	if (fd < 0)
		return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	if (mode_check(fd, path, err)) {
		got = read(fd, dst, CONFIG_SECRET_SIZE - 1);
		if (got < 0)
			error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
		else
			len = line_check(dst, (size_t)got, path, err);
	}
	dst[len] = '\0';
	close(fd);
	return len > 0;
}

const char *
config_secret_read(struct config_reader *r, const char *path, struct error *err)
{
	char text[CONFIG_SECRET_SIZE];
	const char *secret = config_secret_file_read(path, text, err) ? config_dup(r, text) : NULL;

	explicit_bzero(text, sizeof(text));
	return secret;
}
