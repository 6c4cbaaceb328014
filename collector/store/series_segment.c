/* series_segment.c - the journal's files: state-dir/journal/NUMBER.journal, each complete in
 * itself.
 *
 * A segment is deleted once all its samples have been in their files for a minute: by then the
 * kernel has put those on the disk (it writes back after 30 s), so that a loss of power loses
 * nothing either. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ixwatch/clock.h"
#include "store/series_internal.h"

#define LINGER_MS (60 * 1000)
#define OPEN_MAX  64 /* for reading, at once */

void
series_segment_file(char *dst, const struct series_segments *segments, uint64_t id)
{
	snprintf(dst, SERIES_FILE_MAX, "%.4000s/%08" PRIu64 ".journal", segments->folder, id);
}

struct series_segment *
series_segment_add(struct series_segments *segments, uint64_t id)
{
	struct series_segment **link = &segments->oldest;
	struct series_segment *segment = calloc(1, sizeof(*segment));

	if (segment == NULL)
		return NULL;
	segment->id = id;
	segment->fd = -1;
	segment->done_mono_ms = clock_mono_ms();
	if (id >= segments->next_id)
		segments->next_id = id + 1;
	while (*link != NULL)
		link = &(*link)->newer;
	*link = segment;
	return segment;
}

struct series_segment *
series_segment_find(const struct series_segments *segments, uint64_t id)
{
	struct series_segment *segment = segments->oldest;

	while (segment != NULL && segment->id != id)
		segment = segment->newer;
	return segment;
}

/* --- reading --- */

static void
segment_shut(struct series_segments *segments, struct series_segment *segment)
{
	if (segment->fd < 0)
		return;
	close(segment->fd);
	segment->fd = -1;
	segments->open_count--;
}

/* The oldest one makes room: its samples are the first to be in their files. */
static bool
segment_open(struct series_segments *segments, struct series_segment *segment, struct error *err)
{
	struct series_segment *shut = segments->oldest;
	char file[SERIES_FILE_MAX];

	while (segments->open_count >= OPEN_MAX && shut != NULL) {
		segment_shut(segments, shut);
		shut = shut->newer;
	}
	series_segment_file(file, segments, segment->id);
	segment->fd = open(file, O_RDONLY | O_CLOEXEC);
	if (segment->fd < 0)
		return error_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
				 "%s: cannot be opened: %s", file, strerror(errno));
	segments->open_count++;
	return true;
}

bool
series_segment_read(struct series_segments *segments, struct series_segment *segment, void *dst,
		    size_t len, uint32_t offset, struct error *err)
{
	char file[SERIES_FILE_MAX];
	ssize_t got;

	if (segment->fd < 0 && !segment_open(segments, segment, err))
		return false;
	got = pread(segment->fd, dst, len, offset);
	if (got == (ssize_t)len)
		return true;
	series_segment_file(file, segments, segment->id);
	return error_set(err, got < 0 && errno != EIO ? ERR_IO : ERR_NOT_FOUND,
			 "%s: cannot be read at %u: %s", file, (unsigned)offset,
			 got < 0 ? strerror(errno) : "it is too short");
}

/* Whether nothing in it is needed any more, not even after a loss of power. */
static bool
is_over(const struct series_segment *segment)
{
	return segment->held == 0 && clock_mono_ms() - segment->done_mono_ms >= LINGER_MS;
}

void
series_segments_tidy(struct series_segments *segments, const struct series_segment *writing)
{
	struct series_segment **link = &segments->oldest;
	char file[SERIES_FILE_MAX];

	while (*link != NULL) {
		struct series_segment *segment = *link;

		if (segment == writing || !is_over(segment)) {
			link = &segment->newer;
			continue;
		}
		series_segment_file(file, segments, segment->id);
		unlink(file);
		segment_shut(segments, segment);
		*link = segment->newer;
		free(segment);
	}
}

uint64_t
series_segments_size(const struct series_segments *segments)
{
	char file[SERIES_FILE_MAX];
	uint64_t octets = 0;

	for (const struct series_segment *s = segments->oldest; s != NULL; s = s->newer) {
		struct stat status;

		series_segment_file(file, segments, s->id);
		if (stat(file, &status) == 0)
			octets += (uint64_t)status.st_size;
	}
	return octets;
}

/* --- those of before --- */

static int
is_segment(const struct dirent *entry)
{
	size_t digits = strspn(entry->d_name, "0123456789");

	/* Numbers of nine digits last for thirty years at one a second, and a sample's place has 32 bits for them. */
	return digits >= 8 && digits <= 9 && strcmp(entry->d_name + digits, ".journal") == 0;
}

static int
by_number(const struct dirent **a, const struct dirent **b)
{
	uint64_t left = strtoull((*a)->d_name, NULL, 10), right = strtoull((*b)->d_name, NULL, 10);

	return left < right ? -1 : left > right;
}

bool
series_segments_find(struct series_segments *segments, const char *state_dir, struct error *err)
{
	struct dirent **names;
	bool done = true;
	int count;

	*segments = (struct series_segments) { .next_id = 1 };
	snprintf(segments->folder, sizeof(segments->folder), "%.4000s/journal", state_dir);
	if ((count = scandir(segments->folder, &names, is_segment, by_number)) < 0)
		return error_set(err, ERR_IO, "%s: cannot be read: %s", segments->folder,
				 strerror(errno));
	for (int i = 0; i < count; i++) {
		done = done &&
		       series_segment_add(segments, strtoull(names[i]->d_name, NULL, 10)) != NULL;
		free(names[i]);
	}
	free(names);
	return done || error_set(err, ERR_NOMEM, "series journal: out of memory");
}

void
series_segments_free(struct series_segments *segments)
{
	while (segments->oldest != NULL) {
		struct series_segment *segment = segments->oldest;

		segments->oldest = segment->newer;
		segment_shut(segments, segment);
		free(segment);
	}
}
