/* series_playback.c - the form of a journal segment, and reading one back.
 *
 *   segment = magic (8 octets), records
 *   record  = length of the payload, its CRC-32 (4 + 4), payload: one round, written in one go
 *   payload = number of new paths, number of samples (4 + 4), paths, samples
 *   path    = length (2), text; its number is its place among the segment's paths, from 0
 *   sample  = end (8), path number (4), step (2), columns known (2), their values (8 each)
 *
 * in the machine's own byte order, as the RRD files beside it are.  A record that a crash cut off
 * was never promised to anybody.  One that is whole in length but fails its CRC was damaged later,
 * or torn by a loss of power: nothing after it can be trusted, since path numbers count on. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ixwatch/log.h"
#include "store/series_internal.h"

struct playback {
	series_playback_on_sample *on_sample;
	void *user;
	const unsigned char *data; /* the file */
	char **paths;
	uint32_t path_count;
};

/* A reader that can only run dry. */
struct cursor {
	const unsigned char *at;
	size_t left;
};

static bool
take(struct cursor *c, void *dst, size_t len)
{
	if (c->left < len)
		return false;
	memcpy(dst, c->at, len);
	c->at += len;
	c->left -= len;
	return true;
}

static bool
play_path(struct playback *p, struct cursor *c)
{
	char **paths = realloc(p->paths, (p->path_count + 1) * sizeof(*paths));
	uint16_t len;

	if (paths == NULL)
		return false;
	p->paths = paths;
	if (!take(c, &len, sizeof(len)) || c->left < len ||
	    (paths[p->path_count] = strndup((const char *)c->at, len)) == NULL)
		return false;
	c->at += len;
	c->left -= len;
	p->path_count++;
	return true;
}

static bool
take_sample(struct cursor *c, struct sample *sample, uint32_t *number)
{
	uint16_t step_sec, known;

	if (!take(c, &sample->end_utc_sec, 8) || !take(c, number, 4) || !take(c, &step_sec, 2) ||
	    !take(c, &known, 2))
		return false;
	sample->step_sec = step_sec;
	for (int col = 0; col < COLUMN_COUNT; col++) {
		sample->value[col] = NAN;
		if ((known >> col & 1) != 0 && !take(c, &sample->value[col], sizeof(double)))
			return false;
	}
	return true;
}

bool
series_playback_sample(const void *data, size_t len, struct sample *sample)
{
	struct cursor c = { data, len };
	uint32_t number;

	return take_sample(&c, sample, &number);
}

static bool
play_sample(const struct playback *p, struct cursor *c)
{
	uint32_t offset = (uint32_t)(c->at - p->data), number;
	struct sample sample;

	if (!take_sample(c, &sample, &number) || number >= p->path_count)
		return false;
	p->on_sample(p->paths[number], &sample, offset, p->user);
	return true;
}

static bool
play_round(struct playback *p, struct cursor c)
{
	uint32_t path_count, sample_count;

	if (!take(&c, &path_count, 4) || !take(&c, &sample_count, 4))
		return false;
	for (; path_count > 0; path_count--)
		if (!play_path(p, &c))
			return false;
	for (; sample_count > 0; sample_count--)
		if (!play_sample(p, &c))
			return false;
	return true;
}

enum record { RECORD_PLAYED, RECORD_CUT_OFF, RECORD_DAMAGED, RECORD_UNPLAYABLE };

static enum record
play_record(struct playback *p, struct cursor *c)
{
	struct cursor payload;
	uint32_t len, crc;

	if (!take(c, &len, 4) || !take(c, &crc, 4) || len > c->left)
		return RECORD_CUT_OFF;
	if (len < SERIES_PAYLOAD_HEAD || series_crc(c->at, len) != crc)
		return RECORD_DAMAGED;
	payload = (struct cursor) { c->at, len };
	c->at += len;
	c->left -= len;
	return play_round(p, payload) ? RECORD_PLAYED : RECORD_UNPLAYABLE;
}

static bool
play_octets(struct playback *p, const char *file, const unsigned char *data, size_t len,
	    struct error *err)
{
	struct cursor c = { data, len };
	enum record record = RECORD_PLAYED;
	size_t good = 0;
	uint64_t magic;

	if (!take(&c, &magic, sizeof(magic)))
		record = RECORD_CUT_OFF;
	else if (magic != SERIES_SEGMENT_MAGIC)
		return error_set(err, ERR_SERIES, "%s: not a journal of this version; move it away",
				 file);
	while (record == RECORD_PLAYED && (good = len - c.left) < len)
		record = play_record(p, &c);
	switch (record) {
	case RECORD_PLAYED: return true;
	case RECORD_UNPLAYABLE:
		return error_set(err, ERR_SERIES,
				 "%s: cannot be played back: out of memory, or not of this version",
				 file);
	case RECORD_DAMAGED:
		log_error("series", "event=journal-damaged file=%s lost_octets=%zu of=%zu", file,
			  len - good, len);
		return true;
	case RECORD_CUT_OFF: break;
	}
	log_warn("series", "event=journal-torn file=%s cut_octets=%zu of=%zu", file, len - good,
		 len);
	if (truncate(file, (off_t)good) != 0)
		log_warn("series", "event=journal-not-cut file=%s why=\"%s\"", file,
			 strerror(errno));
	return true;
}

/* The whole file; NULL with err.  free() it. */
static unsigned char *
read_file(const char *file, size_t *len, struct error *err)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	unsigned char *data = NULL;
	struct stat st;
	ssize_t got = 1;

	*len = 0;
	if (fd < 0 || fstat(fd, &st) != 0)
		error_set(err, ERR_IO, "%s: cannot be read: %s", file, strerror(errno));
	else if ((data = malloc((size_t)st.st_size + 1)) == NULL)
		error_set(err, ERR_NOMEM, "%s: out of memory", file);
	else
		while (*len < (size_t)st.st_size &&
		       (got = read(fd, data + *len, (size_t)st.st_size - *len)) > 0)
			*len += (size_t)got;
	if (got < 0) {
		error_set(err, ERR_IO, "%s: cannot be read: %s", file, strerror(errno));
		free(data);
		data = NULL;
	}
	if (fd >= 0)
		close(fd);
	return data;
}

bool
series_playback(const char *file, series_playback_on_sample *on_sample, void *user,
		struct error *err)
{
	struct playback p = { .on_sample = on_sample, .user = user };
	size_t len;
	unsigned char *data = read_file(file, &len, err);
	bool done;

	if (data == NULL)
		return false;
	p.data = data;
	done = play_octets(&p, file, data, len, err);
	for (uint32_t i = 0; i < p.path_count; i++)
		free(p.paths[i]);
	free(p.paths);
	free(data);
	return done;
}
