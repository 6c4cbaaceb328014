/* series_journal.c - rounds of samples on the disk before they are in their files.
 *
 * state-dir/journal/ holds segments, NUMBER.journal, each complete in itself; series_playback.c says how they look and
 * reads them.  A start always begins a new one.  A segment is deleted once all its samples have been in their files for a
 * minute: by then the kernel has put those on the disk (it writes back after 30 s), so that a loss of power loses nothing
 * either.  Samples read back that a file has already are known by the file's last update. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "store/series_internal.h"

#define SEGMENT_MAX (4 * 1024 * 1024)	/* a round that starts below it may end above */
#define LINGER_MS   (60 * 1000)

struct series_segment {
	struct series_segment *next;	/* newer */
	uint64_t id;			/* from 1; the file's name */
	size_t held;			/* samples not yet in their files */
	int64_t done_mono_ms;		/* since when none is held */
};

struct bytes {
	unsigned char *at;
	size_t len, cap;
};

struct series_journal {
	char dir[SERIES_FILE_MAX];
	struct series_segment *oldest, *current;	/* current is the newest, NULL before the first round */
	uint64_t next_id;
	int fd;					/* of current; -1 none */
	int64_t written;			/* octets of current that are good */
	uint32_t path_count;			/* of current, with those gathered */
	uint32_t new_path_count, sample_count;	/* gathered */
	struct bytes paths, samples;		/* gathered */
};

/* --- octets --- */

static bool
append(struct bytes *b, const void *data, size_t len, struct error *err)
{
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

/* --- segments --- */

static void
segment_file(char *dst, const struct series_journal *j, uint64_t id)
{
	snprintf(dst, SERIES_FILE_MAX, "%.4000s/%08" PRIu64 ".journal", j->dir, id);
}

static struct series_segment *
segment_add(struct series_journal *j, uint64_t id)
{
	struct series_segment *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->id = id;
	s->done_mono_ms = clock_mono_ms();
	if (j->oldest == NULL)
		j->oldest = s;
	else
		j->current->next = s;
	j->current = s;
	if (id >= j->next_id)
		j->next_id = id + 1;
	return s;
}

static bool
sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool done = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return done;
}

static void
segment_end(struct series_journal *j)
{
	if (j->fd >= 0)
		close(j->fd);
	j->fd = -1;
	j->path_count = 0;
}

/* A new file to write to, durable itself. */
static bool
segment_begin(struct series_journal *j, struct error *err)
{
	char file[SERIES_FILE_MAX];
	uint64_t magic = SERIES_SEGMENT_MAGIC;

	segment_file(file, j, j->next_id);
	j->fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0640);
	if (j->fd < 0)
		return error_set(err, ERR_IO, "%s: cannot be made: %s", file, strerror(errno));
	if (write(j->fd, &magic, sizeof(magic)) != sizeof(magic) || !sync_dir(j->dir))
		error_set(err, ERR_IO, "%s: cannot be written: %s", file, strerror(errno));
	else if (segment_add(j, j->next_id) == NULL)
		error_set(err, ERR_NOMEM, "series journal: out of memory");
	else {
		j->written = sizeof(magic);
		return true;
	}
	segment_end(j);
	unlink(file);
	return false;
}

void
series_journal_release(struct series_journal *j, struct series_segment *s, size_t count)
{
	(void)j;
	s->held -= count;
	if (s->held == 0)
		s->done_mono_ms = clock_mono_ms();
}

/* Whether nothing in it is needed any more, not even after a loss of power. */
static bool
is_over(const struct series_journal *j, const struct series_segment *s)
{
	if (s->held > 0 || clock_mono_ms() - s->done_mono_ms < LINGER_MS)
		return false;
	return s != j->current || j->fd < 0;
}

void
series_journal_tidy(struct series_journal *j)
{
	struct series_segment **link = &j->oldest, *last = NULL;
	char file[SERIES_FILE_MAX];

	while (*link != NULL) {
		struct series_segment *s = *link;

		if (!is_over(j, s)) {
			last = s;
			link = &s->next;
			continue;
		}
		segment_file(file, j, s->id);
		unlink(file);
		*link = s->next;
		free(s);
	}
	j->current = last;
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
add_path(struct series_journal *j, struct series_journal_ref *ref, const char *path, struct error *err)
{
	uint16_t len = (uint16_t)strlen(path);

	if (ref->segment_id == j->current->id)
		return true;
	if (!append(&j->paths, &len, sizeof(len), err) || !append(&j->paths, path, len, err))
		return false;
	*ref = (struct series_journal_ref){ .segment_id = j->current->id, .number = j->path_count++ };
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
		return error_set(err, ERR_SERIES, "series journal: a round of %zu octets is too long",
		    j->paths.len + j->samples.len);
	if (!append(record, &len, 4, err) || !append(record, &crc, 4, err) ||
	    !append(record, &j->new_path_count, 4, err) || !append(record, &j->sample_count, 4, err) ||
	    !append(record, j->paths.at, j->paths.len, err) ||
	    !append(record, j->samples.at, j->samples.len, err))
		return false;
	crc = series_crc(record->at + SERIES_RECORD_HEAD, len);
	memcpy(record->at + 4, &crc, 4);
	return true;
}

/* Back to what was good.  Paths that did not get there must be told again, so a new segment is begun; where the cut fails
 * this one ends in a torn record. */
static void
cut_off(struct series_journal *j)
{
	if (j->fd < 0)
		return;
	if (ftruncate(j->fd, j->written) != 0)
		log_warn("series", "event=journal-not-cut segment=%" PRIu64 " why=\"%s\"", j->current->id,
		    strerror(errno));
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

bool
series_journal_commit(struct series_journal *j, struct series_segment **segment, struct error *err)
{
	struct bytes record = { .at = NULL };
	bool done;

	*segment = NULL;
	if (j->sample_count == 0)
		return true;
	done = make_record(j, &record, err);
	if (done && (!write_all(j->fd, record.at, record.len) || fdatasync(j->fd) != 0))
		done = error_set(err, ERR_IO, "%s/%08" PRIu64 ".journal: cannot be written: %s", j->dir,
		    j->current->id, strerror(errno));
	if (done) {
		j->written += (int64_t)record.len;
		j->current->held += j->sample_count;
		*segment = j->current;
	} else
		cut_off(j);
	free(record.at);
	round_end(j);
	return done;
}

/* --- reading back --- */

struct playback {
	struct series_journal *journal;
	series_journal_on_sample *on_sample;
	void *user;
};

static void
on_played(const char *path, const struct sample *sample, void *user)
{
	struct playback *p = user;

	if (p->on_sample(path, sample, p->journal->current, p->user))
		p->journal->current->held++;
}

static bool
play_segment(struct playback *p, uint64_t id, struct error *err)
{
	char file[SERIES_FILE_MAX];

	segment_file(file, p->journal, id);
	if (segment_add(p->journal, id) == NULL)
		return error_set(err, ERR_NOMEM, "series journal: out of memory");
	return series_playback(file, on_played, p, err);
}

static int
is_segment(const struct dirent *entry)
{
	size_t digits = strspn(entry->d_name, "0123456789");

	return digits >= 8 && strcmp(entry->d_name + digits, ".journal") == 0;
}

static int
by_number(const struct dirent **a, const struct dirent **b)
{
	uint64_t left = strtoull((*a)->d_name, NULL, 10), right = strtoull((*b)->d_name, NULL, 10);

	return left < right ? -1 : left > right;
}

static bool
play_all(struct playback *p, struct error *err)
{
	struct dirent **names;
	int count = scandir(p->journal->dir, &names, is_segment, by_number);
	bool done = true;

	if (count < 0)
		return error_set(err, ERR_IO, "%s: cannot be read: %s", p->journal->dir, strerror(errno));
	for (int i = 0; i < count; i++) {
		if (done)
			done = play_segment(p, strtoull(names[i]->d_name, NULL, 10), err);
		free(names[i]);
	}
	free(names);
	return done;
}

bool
series_journal_open(struct series_journal **out, const char *state_dir, series_journal_on_sample *on_sample,
    void *user, struct error *err)
{
	struct series_journal *j = calloc(1, sizeof(*j));
	struct playback p = { .journal = j, .on_sample = on_sample, .user = user };

	if (j == NULL)
		return error_set(err, ERR_NOMEM, "series journal: out of memory");
	j->fd = -1;
	j->next_id = 1;
	snprintf(j->dir, sizeof(j->dir), "%.4000s/journal", state_dir);
	if (!play_all(&p, err)) {
		series_journal_close(j);
		return false;
	}
	*out = j;
	return true;
}

void
series_journal_close(struct series_journal *j)
{
	if (j == NULL)
		return;
	segment_end(j);
	while (j->oldest != NULL) {
		struct series_segment *s = j->oldest;

		j->oldest = s->next;
		free(s);
	}
	free(j->paths.at);
	free(j->samples.at);
	free(j);
}
