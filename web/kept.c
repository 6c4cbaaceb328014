/* kept.c - see kept.h. */
#include "kept.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ixwatch/units.h"

#include "html.h"

#define PATH_ROOM 4096

static const char *const endings[] = {
	[KEPT_FACTS] = "json", [KEPT_TEXT] = "txt", [KEPT_HTML] = "html", [KEPT_CSV] = "csv"
};

/* --- names --- */

char *
kept_stem(char dst[KEPT_STEM_MAX], const struct report *report)
{
	int len = 0;

	switch (report->kind) {
	case REPORT_PEER: len = snprintf(dst, KEPT_STEM_MAX, "AS%u", report->asn); break;
	case REPORT_EXCHANGE:
		len = snprintf(dst, KEPT_STEM_MAX, "exchange-%.64s", report->exchange);
		break;
	default: len = snprintf(dst, KEPT_STEM_MAX, "overview"); break;
	}
	if (report->edition > 1)
		snprintf(dst + len, KEPT_STEM_MAX - (size_t)len, "-r%u", report->edition);
	return dst;
}

char *
kept_save_name(char *dst, size_t len, const struct report *report, enum kept_part part)
{
	char stem[KEPT_STEM_MAX];

	snprintf(dst, len, "%s-%s.%s", report->week, kept_stem(stem, report), endings[part]);
	for (char *c = dst; *c != '\0'; c++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-",
			   *c) == NULL)
			*c = '_';
	return dst;
}

/* Letters, digits, "._-", no dot first, ".png" last: what cannot lead anywhere. */
static bool
is_picture_name(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && len < KEPT_NAME_MAX && name[0] != '.' &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
		   len &&
	       strcmp(name + len - 4, ".png") == 0;
}

/* --- files --- */

/* A row of the ledger, too, is looked at before it becomes a path. */
static bool
is_segment(const char *text)
{
	return text[0] != '\0' && text[0] != '.' && strchr(text, '/') == NULL;
}

static int
open_file(const char *state_dir, const struct report *report, const char *name, size_t *len,
	  struct error *err)
{
	char path[PATH_ROOM];
	struct stat status;
	int fd = -1;

	if (is_segment(report->week) && is_segment(name) &&
	    snprintf(path, sizeof(path), "%s/reports/%s/%s", state_dir, report->week, name) <
		(int)sizeof(path))
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0 && (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))) {
		close(fd);
		fd = -1;
	}
	if (fd < 0) {
		error_set(err, ERR_NOT_FOUND, "the file %s of week %s is not there", name,
			  report->week);
		return -1;
	}
	*len = (size_t)status.st_size;
	return fd;
}

static bool
read_whole(int fd, char *data, size_t len)
{
	while (len > 0) {
		ssize_t got = read(fd, data, len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		data += got;
		len -= (size_t)got;
	}
	return true;
}

static bool
read_file(char **data, size_t *len, const char *state_dir, const struct report *report,
	  const char *name, struct error *err)
{
	int fd = open_file(state_dir, report, name, len, err);

	if (fd < 0)
		return false;
	*data = *len <= KEPT_READ_MAX ? malloc(*len + 1) : NULL;
	bool done = *data != NULL && read_whole(fd, *data, *len);
	close(fd);
	if (done) {
		(*data)[*len] = '\0';
		return true;
	}
	free(*data);
	*data = NULL;
	return error_set(err, ERR_IO, "the file %s of week %s cannot be read", name, report->week);
}

char *
kept_name(char dst[KEPT_NAME_MAX], const struct report *report, enum kept_part part)
{
	char stem[KEPT_STEM_MAX];

	snprintf(dst, KEPT_NAME_MAX, "%s.%s", kept_stem(stem, report), endings[part]);
	return dst;
}

bool
kept_read(char **data, size_t *len, const char *state_dir, const struct report *report,
	  enum kept_part part, struct error *err)
{
	char name[KEPT_NAME_MAX];

	return read_file(data, len, state_dir, report, kept_name(name, report, part), err);
}

int
kept_open(const char *state_dir, const struct report *report, enum kept_part part, size_t *len,
	  struct error *err)
{
	char name[KEPT_NAME_MAX];

	return open_file(state_dir, report, kept_name(name, report, part), len, err);
}

/* --- facts and pictures --- */

static bool
is_named(const struct json *facts, const char *name)
{
	const struct json *connections = json_get(facts, "connections"), *connection;

	for (size_t i = 0; (connection = json_at(connections, i)) != NULL; i++)
		if (strcmp(json_text(json_get(connection, "graph"), ""), name) == 0)
			return true;
	return false;
}

bool
kept_picture_read(char **data, size_t *len, const char *state_dir, const struct report *report,
		  const struct json *facts, const char *name, struct error *err)
{
	if (!is_picture_name(name) || !is_named(facts, name))
		return error_set(err, ERR_NOT_FOUND, "the letter has no such picture");
	return read_file(data, len, state_dir, report, name, err);
}

/* --- the HTML, whole in itself --- */

/* RFC 4648, 4. */
static void
put_base64(struct html *html, const unsigned char *data, size_t len)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		unsigned long bits = (unsigned long)data[i] << 16 |
				     (i + 1 < len ? (unsigned long)data[i + 1] << 8 : 0) |
				     (i + 2 < len ? data[i + 2] : 0);
		char four[5] = { digits[bits >> 18 & 63], digits[bits >> 12 & 63],
				 i + 1 < len ? digits[bits >> 6 & 63] : '=',
				 i + 2 < len ? digits[bits & 63] : '=', '\0' };

		html_raw(html, four);
	}
}

static void
put_piece(struct html *html, const char *from, const char *to)
{
	html_raw_part(html, from, (size_t)(to - from));
}

struct inlining {
	struct html html;
	const struct json *facts;
	kept_on_picture *on_picture;
	void *user;
};

/* The file of "graph3", the picture of the third connection of the facts; "" where there is none. */
static const char *
file_of(const struct json *facts, const char *content_id)
{
	uint64_t place;

	if (strncmp(content_id, "graph", 5) != 0 ||
	    !units_parse_uint(content_id + 5, 1, SIZE_MAX, &place))
		return "";
	return json_text(
	    json_get(json_at(json_get(facts, "connections"), (size_t)place - 1), "graph"), "");
}

/* What stands between the marks of one picture: shown with it, or not at all. */
static void
put_picture(struct inlining *in, const char *from, const char *to, const char *content_id)
{
	char source[KEPT_NAME_MAX + 8], *data;
	size_t len, source_len = (size_t)snprintf(source, sizeof(source), "cid:%s", content_id);
	const char *at;

	if (!in->on_picture(&data, &len, file_of(in->facts, content_id), in->user))
		return;
	while ((at = memmem(from, (size_t)(to - from), source, source_len)) != NULL) {
		put_piece(&in->html, from, at);
		html_raw(&in->html, "data:image/png;base64,");
		put_base64(&in->html, (const unsigned char *)data, len);
		from = at + source_len;
	}
	put_piece(&in->html, from, to);
	free(data);
}

/* The marks are those of collector/notify/mime.h; nothing that came from outside can hold one. */
char *
kept_inline(const char *html, const struct json *facts, kept_on_picture *on_picture, void *user,
	    size_t *len)
{
	static const char mark[] = "<!--cid:", close[] = "-->";
	struct inlining in = { .facts = facts, .on_picture = on_picture, .user = user };
	char name[KEPT_NAME_MAX], end[KEPT_NAME_MAX + 16];
	const char *at;

	html_init(&in.html);
	while ((at = strstr(html, mark)) != NULL) {
		const char *name_at = at + sizeof(mark) - 1, *name_end = strstr(name_at, close);

		put_piece(&in.html, html, at);
		html = name_end == NULL ? name_at : name_end + sizeof(close) - 1;
		if (name_end == NULL || name_end - name_at >= KEPT_NAME_MAX)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)(name_end - name_at), name_at);
		snprintf(end, sizeof(end), "<!--/cid:%s-->", name);
		const char *picture_end = strstr(html, end);
		if (picture_end == NULL)
			continue;
		put_picture(&in, html, picture_end, name);
		html = picture_end + strlen(end);
	}
	html_raw(&in.html, html);
	return html_take(&in.html, len);
}
