/* series_undo.c - an update cut short by a crash is taken back.
 *
 * librrd changes a mapped file in place, ring position before last update: killed between the two,
 * a file would count a slot twice when the journal is played again, and shift all its rows.  So
 * what an update changes besides cells (about 6 kB) is noted here first, in a small mapped file,
 * and put back when the note is still standing at the next start. The cells written meanwhile are
 * the oldest of the ring, and those that the journal writes again. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/series_internal.h"

#define NOTE_MAGIC    UINT64_C(0x31304f444e555849) /* "IXUNDO01" */
#define NOTE_LIVE_MAX (14 * 1024)

struct note {
	uint64_t magic;
	_Atomic uint32_t standing; /* 1: the update has begun and not ended */
	uint32_t live_len;
	int64_t live_offset, file_len;
	char path[SERIES_PATH_MAX];
	unsigned char live[NOTE_LIVE_MAX];
};

struct series_undo {
	struct note *note; /* shared with the file */
	char repaired[SERIES_PATH_MAX];
};

static bool
note_is_sound(const struct note *note)
{
	return note->magic == NOTE_MAGIC && note->standing == 1 &&
	       note->live_len <= NOTE_LIVE_MAX &&
	       memchr(note->path, '\0', sizeof(note->path)) != NULL &&
	       series_path_is_good(note->path);
}

/* Puts the noted header part back, where the file is still the one that was noted. */
static bool
put_back(const struct note *note, const char *state_dir, struct error *err)
{
	char file[SERIES_FILE_MAX];
	struct stat st;
	bool done;
	int fd;

	if (!series_path_file(file, state_dir, note->path, err))
		return false;
	fd = open(file, O_RDWR | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return true;
	done =
	    fd >= 0 && fstat(fd, &st) == 0 &&
	    (st.st_size != note->file_len ||
	     pwrite(fd, note->live, note->live_len, note->live_offset) == (ssize_t)note->live_len);
	if (!done)
		error_set(err, ERR_IO,
			  "%s: its last update was cut short and cannot be taken back: %s", file,
			  strerror(errno));
	if (fd >= 0)
		close(fd);
	return done;
}

static struct note *
map_note(const char *file, struct error *err)
{
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	struct note *note = MAP_FAILED;
	int failed = fd < 0 ? errno : posix_fallocate(fd, 0, sizeof(*note));

	if (failed == 0) {
		note = mmap(NULL, sizeof(*note), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		failed = note == MAP_FAILED ? errno : 0;
	}
	if (fd >= 0)
		close(fd);
	if (failed == 0)
		return note;
	error_set(err, ERR_IO, "%s: %s", file, strerror(failed));
	return NULL;
}

bool
series_undo_open(struct series_undo **out, const char *state_dir, const char **repaired,
		 struct error *err)
{
	char file[SERIES_FILE_MAX];
	struct series_undo *undo = calloc(1, sizeof(*undo));

	if (undo == NULL)
		return error_set(err, ERR_NOMEM, "series: out of memory");
	if ((size_t)snprintf(file, sizeof(file), "%s/journal/undo", state_dir) >= sizeof(file)) {
		error_set(err, ERR_IO, "state-dir %s is too long a name", state_dir);
		goto fail;
	}
	if ((undo->note = map_note(file, err)) == NULL)
		goto fail;
	if (note_is_sound(undo->note)) {
		if (!put_back(undo->note, state_dir, err))
			goto fail;
		snprintf(undo->repaired, sizeof(undo->repaired), "%s", undo->note->path);
	}
	undo->note->standing = 0;
	undo->note->magic = NOTE_MAGIC;
	*repaired = undo->repaired;
	*out = undo;
	return true;
fail:
	series_undo_close(undo);
	return false;
}

void
series_undo_close(struct series_undo *undo)
{
	if (undo == NULL)
		return;
	if (undo->note != NULL)
		munmap(undo->note, sizeof(*undo->note));
	free(undo);
}

bool
series_undo_begin(struct series_undo *undo, const char *path, const struct series_layout *layout,
		  struct error *err)
{
	struct note *note = undo->note;

	note->standing = 0;
	atomic_signal_fence(memory_order_seq_cst);
	if (layout->live_len > sizeof(note->live))
		return error_set(err, ERR_SERIES, "series %s: its header is too long", path);
	if (pread(layout->fd, note->live, layout->live_len, layout->live_offset) !=
	    (ssize_t)layout->live_len)
		return error_set(err, ERR_IO, "series %s: cannot be read: %s", path,
				 strerror(errno));
	snprintf(note->path, sizeof(note->path), "%s", path);
	note->live_len = (uint32_t)layout->live_len;
	note->live_offset = layout->live_offset;
	note->file_len = layout->file_len;
	atomic_store(&note->standing, 1);
	return true;
}

void
series_undo_put_back(struct series_undo *undo, const char *state_dir)
{
	put_back(undo->note, state_dir, NULL);
}

const void *
series_undo_live(const struct series_undo *undo)
{
	return undo->note->live;
}

void
series_undo_end(struct series_undo *undo)
{
	atomic_store(&undo->note->standing, 0);
}
