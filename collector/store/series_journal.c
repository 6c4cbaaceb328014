/* series_journal.c - rounds of samples on the disk before they are in their files.
 *
 * A round is gathered in memory and written in one go to the newest segment; series_segment.c
 * keeps the segments, series_playback.c says how they look and reads them.  A start always begins
 * a new one.  Samples read back that a file has already are known by the file's last update. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ixwatch/log.h"
#include "ixwatch/clock.h"
#include "store/series_internal.h"

#define COLUMN_MASK ((1u << COLUMN_COUNT) - 1)
#define SEGMENT_MAX (4 * 1024 * 1024) /* a round that starts below it may end above */

struct bytes {
	unsigned char *at;
	size_t len, cap;
};

struct series_journal {
	struct series_segments segments;
	struct series_segment *writing;        /* where the rounds go; NULL: none yet */
	int fd;                                /* of it; -1 none */
	int64_t written;                       /* octets of it that are good */
	uint32_t path_count;                   /* of it, with those gathered */
	uint32_t new_path_count, sample_count; /* gathered */
	struct bytes paths, samples;           /* gathered */
};

/* --- octets --- */

static bool
append(struct bytes *b, const void *data, size_t len, struct error *err)
{
	if (len == 0)
		return true;
	if (b->cap - b->len < len) {
		size_t cap = b->cap + b->cap / 2 + len + 4096;
		unsigned char *at = realloc(b->at, cap);

		if (at == NULL)
			return error_set(err, ERR_NOMEM, "series journal: out of memory");
		b->at = at;
		b->cap = cap;
	}
	memcpy(b->at + b->len, data, len);
	b->len += len;
	return true;
}

/* --- the segment that is written --- */

static void
segment_end(struct series_journal *j)
{
	if (j->fd >= 0)
		close(j->fd);
	j->fd = -1;
	j->writing = NULL;
	j->path_count = 0;
}

static bool
sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool done = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return done;
}

/* A new file to write to, durable itself. */
static bool
segment_begin(struct series_journal *j, struct error *err)
{
	char file[SERIES_FILE_MAX];
	uint64_t magic = SERIES_SEGMENT_MAGIC, id = j->segments.next_id;

	series_segment_file(file, &j->segments, id);
	j->fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0640);
	if (j->fd < 0)
		return error_set(err, ERR_IO, "%s: cannot be made: %s", file, strerror(errno));
	if (write(j->fd, &magic, sizeof(magic)) != sizeof(magic) ||
	    !sync_folder(j->segments.folder))
		error_set(err, ERR_IO, "%s: cannot be written: %s", file, strerror(errno));
	else if ((j->writing = series_segment_add(&j->segments, id)) == NULL)
		error_set(err, ERR_NOMEM, "series journal: out of memory");
	else {
		j->written = sizeof(magic);
		return true;
	}
	segment_end(j);
	unlink(file);
	return false;
}

/* --- writing a round --- */

/* A full segment makes room for the next one before a round begins, never within it. */
static bool
round_begin(struct series_journal *j, struct error *err)
{
	if (j->sample_count > 0 || (j->fd >= 0 && j->written < SEGMENT_MAX))
		return true;
	segment_end(j);
	return segment_begin(j, err);
}

static bool
add_path(struct series_journal *j, struct series_journal_ref *ref, const char *path,
	 struct error *err)
{
	uint16_t len = (uint16_t)strlen(path);

	if (ref->segment_id == j->writing->id)
		return true;
	if (!append(&j->paths, &len, sizeof(len), err) || !append(&j->paths, path, len, err))
		return false;
	*ref =
	    (struct series_journal_ref) { .segment_id = j->writing->id, .number = j->path_count++ };
	j->new_path_count++;
	return true;
}

bool
series_journal_add(struct series_journal *j, struct series_journal_ref *ref, const char *path,
		   const struct sample *sample, struct error *err)
{
	unsigned char text[SERIES_SAMPLE_HEAD + sizeof(sample->value)];
	uint16_t step_sec = (uint16_t)sample->step_sec, known = 0;
	size_t len = SERIES_SAMPLE_HEAD;

	if (!round_begin(j, err) || !add_path(j, ref, path, err))
		return false;
	for (int c = 0; c < COLUMN_COUNT; c++) {
		if (isnan(sample->value[c]))
			continue;
		known |= (uint16_t)(1u << c);
		memcpy(text + len, &sample->value[c], sizeof(double));
		len += sizeof(double);
	}
	memcpy(text, &sample->end_utc_sec, 8);
	memcpy(text + 8, &ref->number, 4);
	memcpy(text + 12, &step_sec, 2);
	memcpy(text + 14, &known, 2);
	j->sample_count++;
	return append(&j->samples, text, len, err);
}

static bool
write_all(int fd, const unsigned char *at, size_t len)
{
	while (len > 0) {
		ssize_t put = write(fd, at, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		at += put;
		len -= (size_t)put;
	}
	return true;
}

/* The round as one record: head, counts, paths, samples. */
static bool
make_record(const struct series_journal *j, struct bytes *record, struct error *err)
{
	uint32_t len = (uint32_t)(SERIES_PAYLOAD_HEAD + j->paths.len + j->samples.len), crc = 0;

	if (SERIES_PAYLOAD_HEAD + j->paths.len + j->samples.len > INT32_MAX)
		return error_set(err, ERR_SERIES,
				 "series journal: a round of %zu octets is too long",
				 j->paths.len + j->samples.len);
	if (!append(record, &len, 4, err) || !append(record, &crc, 4, err) ||
	    !append(record, &j->new_path_count, 4, err) ||
	    !append(record, &j->sample_count, 4, err) ||
	    !append(record, j->paths.at, j->paths.len, err) ||
	    !append(record, j->samples.at, j->samples.len, err))
		return false;
	crc = series_crc(record->at + SERIES_RECORD_HEAD, len);
	memcpy(record->at + 4, &crc, 4);
	return true;
}

/* Back to what was good.  Paths that did not get there must be told again, so a new segment is
 * begun; where the cut fails this one ends in a torn record. */
static void
cut_off(struct series_journal *j)
{
	if (j->fd < 0)
		return;
	if (ftruncate(j->fd, j->written) != 0)
		log_warn("series", "event=journal-not-cut segment=%" PRIu64 " why=\"%s\"",
			 j->writing->id, strerror(errno));
	segment_end(j);
}

static void
round_end(struct series_journal *j)
{
	j->paths.len = j->samples.len = 0;
	j->new_path_count = j->sample_count = 0;
}

void
series_journal_forget(struct series_journal *j)
{
	if (j->sample_count > 0 || j->new_path_count > 0)
		cut_off(j);
	round_end(j);
}

uint32_t
series_journal_octets(const struct sample *sample)
{
	uint32_t octets = SERIES_SAMPLE_HEAD;

	for (int c = 0; c < COLUMN_COUNT; c++)
		if (!isnan(sample->value[c]))
			octets += sizeof(double);
	return octets;
}

bool
series_journal_commit(struct series_journal *j, struct series_place *first, struct error *err)
{
	struct bytes record = { .at = NULL };
	bool done;

	*first = (struct series_place) { .segment_id = 0 };
	if (j->sample_count == 0)
		return true;
	done = make_record(j, &record, err);
	if (done && (!write_all(j->fd, record.at, record.len) || fdatasync(j->fd) != 0))
		done = error_set(err, ERR_IO, "%s/%08" PRIu64 ".journal: cannot be written: %s",
				 j->segments.folder, j->writing->id, strerror(errno));
	if (done) {
		first->segment_id = (uint32_t)j->writing->id;
		first->offset = (uint32_t)((size_t)j->written + record.len - j->samples.len);
		j->written += (int64_t)record.len;
		j->writing->held += j->sample_count;
	} else
		cut_off(j);
	free(record.at);
	round_end(j);
	return done;
}

/* --- reading back --- */

bool
series_journal_read(struct series_journal *j, struct series_place place, struct sample *sample,
		    struct error *err)
{
	struct series_segment *segment = series_segment_find(&j->segments, place.segment_id);
	unsigned char text[SERIES_SAMPLE_HEAD + sizeof(sample->value)] = { 0 };
	uint16_t known;

	if (segment == NULL)
		return error_set(err, ERR_NOT_FOUND, "series journal: segment %u is gone",
				 (unsigned)place.segment_id);
	if (!series_segment_read(&j->segments, segment, text, SERIES_SAMPLE_HEAD, place.offset,
				 err))
		return false;
	memcpy(&known, text + 14, 2);
	return series_segment_read(&j->segments, segment, text + SERIES_SAMPLE_HEAD,
				   (size_t)__builtin_popcount(known & COLUMN_MASK) * sizeof(double),
				   place.offset + SERIES_SAMPLE_HEAD, err) &&
	       (series_playback_sample(text, sizeof(text), sample) ||
		error_set(err, ERR_PARSE, "series journal: is damaged at %u",
			  (unsigned)place.offset));
}

void
series_journal_release(struct series_journal *j, struct series_place place)
{
	struct series_segment *segment = series_segment_find(&j->segments, place.segment_id);

	if (segment != NULL && --segment->held == 0)
		segment->done_mono_ms = clock_mono_ms();
}

struct playback {
	struct series_segment *segment;
	series_journal_on_sample *on_sample;
	void *user;
};

static void
on_played(const char *path, const struct sample *sample, uint32_t offset, void *user)
{
	struct playback *p = user;
	struct series_place place = { (uint32_t)p->segment->id, offset };

	if (p->on_sample(path, sample, place, p->user))
		p->segment->held++;
}

bool
series_journal_open(struct series_journal **out, const char *state_dir,
		    series_journal_on_sample *on_sample, void *user, struct error *err)
{
	struct series_journal *j = calloc(1, sizeof(*j));
	struct playback p = { .on_sample = on_sample, .user = user };
	char file[SERIES_FILE_MAX];

	if (j == NULL)
		return error_set(err, ERR_NOMEM, "series journal: out of memory");
	j->fd = -1;
	if (!series_segments_find(&j->segments, state_dir, err))
		goto fail;
	for (p.segment = j->segments.oldest; p.segment != NULL; p.segment = p.segment->newer) {
		series_segment_file(file, &j->segments, p.segment->id);
		if (!series_playback(file, on_played, &p, err))
			goto fail;
	}
	*out = j;
	return true;
fail:
	series_journal_close(j);
	return false;
}

void
series_journal_close(struct series_journal *j)
{
	if (j == NULL)
		return;
	segment_end(j);
	series_segments_free(&j->segments);
	free(j->paths.at);
	free(j->samples.at);
	free(j);
}

uint64_t
series_journal_size(const struct series_journal *j)
{
	return series_segments_size(&j->segments);
}

void
series_journal_tidy(struct series_journal *j)
{
	series_segments_tidy(&j->segments, j->writing);
}
