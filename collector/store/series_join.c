/* series_join.c - one series of two: a port that was re-patched goes on in the file of another.
 *
 * The finest rows that reach a time tell it, as when a file is made anew (series_convert.c): up to the instant those of
 * the old port's file, from there on those of the new one's.  A coarse row over the instant itself is made of both.  The
 * old file is only read; the new one's is replaced by renaming, so that a crash leaves the one before or the one after,
 * and the same may be done again: what is joined already is joined to the same. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/series_internal.h"

struct join {
	struct series_layout old, new, made; /* new.fd is -1 where it has no file yet */
	struct series_history history;
	int64_t at_utc_sec;
	unsigned interval_sec;
};

static int64_t
floor_to(int64_t utc_sec, int64_t step_sec)
{
	return utc_sec - utc_sec % step_sec;
}

static int64_t
min_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static bool
carries(const struct series_piece *p)
{
	return p->value[COLUMN_IN_BPS] > 0 || p->value[COLUMN_OUT_BPS] > 0;
}

/* Where the last row ends that lies before the instant as a whole: one that reaches beyond it is a mean over what came
 * after it, too. */
static int64_t
whole_until(const struct join *j)
{
	for (size_t i = 0; i < j->new.archive_count; i++) {
		const struct series_archive *a = &j->new.archives[i];

		if (a->cf == SERIES_AVERAGE && a->begin_utc_sec < j->at_utc_sec)
			return floor_to(min_of(j->at_utc_sec, a->end_utc_sec), a->row_sec);
	}
	return 0;
}

/* What the new port's own file knows before the instant.  That it stood there and carried nothing is no loss: it waited
 * for its peer. */
static bool
survey_hidden(struct join *j, struct series_joined *joined, struct error *err)
{
	struct series_history before = { .count = 0 };
	bool done = series_history_take(&before, &j->new, 0, whole_until(j), j->interval_sec, err);

	for (size_t i = 0; done && i < before.count; i++) {
		const struct series_piece *p = &before.pieces[i];

		if (carries(p) && (joined->hidden_count++ == 0 ||
				   p->end_utc_sec - p->span_sec < joined->hidden_utc_sec))
			joined->hidden_utc_sec = p->end_utc_sec - p->span_sec;
	}
	series_history_free(&before);
	return done;
}

static void
note_carried(const struct join *j, struct series_joined *joined)
{
	joined->carried_count = j->history.count;
	for (size_t i = 0; i < j->history.count; i++) {
		const struct series_piece *p = &j->history.pieces[i];

		if (i == 0 || p->end_utc_sec - p->span_sec < joined->first_utc_sec)
			joined->first_utc_sec = p->end_utc_sec - p->span_sec;
		if (p->end_utc_sec > joined->last_utc_sec)
			joined->last_utc_sec = p->end_utc_sec;
	}
}

static bool
gather(struct join *j, struct series_joined *joined, struct error *err)
{
	int64_t old_until = floor_to(min_of(j->at_utc_sec, j->old.last_utc_sec), j->interval_sec);

	if (!series_history_take(&j->history, &j->old, 0, old_until, j->interval_sec, err))
		return false;
	note_carried(j, joined);
	if (joined->carried_count == 0)
		return error_set(err, ERR_REFUSED,
				 "the old port knows nothing before that instant: there is nothing "
				 "to take along");
	return j->new.fd < 0 || (survey_hidden(j, joined, err) &&
				 series_history_take(&j->history, &j->new, j->at_utc_sec,
						     floor_to(j->new.last_utc_sec, j->interval_sec),
						     j->interval_sec, err));
}

/* Up to where the made file is written: no slot of the new port that is still to come may lie before. */
static int64_t
last_of(const struct join *j)
{
	int64_t old_last = floor_to(min_of(j->at_utc_sec, j->old.last_utc_sec), j->interval_sec),
		new_last = j->new.fd >= 0 ? floor_to(j->new.last_utc_sec, j->interval_sec) : 0;

	return new_last > old_last ? new_last : old_last;
}

static bool
make(struct join *j, const struct series_plan *plan, const char *tmp, struct error *err)
{
	if (!series_file_create(plan, tmp, last_of(j), err))
		return false;
	if (series_layout_open(&j->made, tmp, O_RDWR, err) != SERIES_OPENED)
		return error_wrap(err, "%s", tmp);
	return series_history_fill(&j->history, &j->made, err) &&
	       series_history_take_over(&j->made, &j->old, 0, j->at_utc_sec, err) &&
	       (j->new.fd < 0 ||
		series_history_take_over(&j->made, &j->new, j->at_utc_sec, SERIES_FOREVER, err));
}

static bool
open_both(struct join *j, struct series_writer *w, const char *old_path, const char *new_path,
	  struct error *err)
{
	char file[SERIES_FILE_MAX];

	if (!series_path_file(file, w->state_dir, old_path, err))
		return false;
	switch (series_file_open(w, file, O_RDONLY, &j->old, err)) {
	case SERIES_ABSENT:
		j->old.fd = -1;
		return error_set(err, ERR_REFUSED,
				 "the old port has no history: there is nothing to take along");
	case SERIES_UNREADABLE: j->old.fd = -1; return false;
	case SERIES_OPENED: break;
	}
	if (!series_path_file(file, w->state_dir, new_path, err))
		return false;
	switch (series_file_open(w, file, O_RDONLY, &j->new, err)) {
	case SERIES_ABSENT: j->new.fd = -1; return true;
	case SERIES_UNREADABLE: j->new.fd = -1; return false;
	case SERIES_OPENED: break;
	}
	return true;
}

static bool
join_files(struct series *s, struct join *j, const char *old_path, const char *new_path,
	   const char *aside, struct series_joined *joined, struct error *err)
{
	char file[SERIES_FILE_MAX], tmp[SERIES_FILE_MAX];
	bool done;

	if (!open_both(j, &s->writer, old_path, new_path, err) || !gather(j, joined, err) ||
	    !series_path_file(file, aside != NULL ? aside : s->state_dir, new_path, err) ||
	    !series_file_make_dirs(file, err))
		return false;
	series_file_tmp(tmp, file);
	done = make(j, &s->writer.plan, tmp, err) &&
	       (aside == NULL || series_file_adopt(tmp, file, err));
	if (!done)
		unlink(tmp);
	return done;
}

bool
series_join_make(struct series *s, const char *old_path, const char *new_path, int64_t at_utc_sec,
		 const char *aside, struct series_joined *joined, struct error *err)
{
	struct join j = { .old.fd = -1,
			  .new.fd = -1,
			  .made.fd = -1,
			  .at_utc_sec = at_utc_sec,
			  .interval_sec = s->interval_sec };
	bool done;

	*joined = (struct series_joined) { .carried_count = 0 };
	if (at_utc_sec % s->interval_sec != 0)
		return error_set(err, ERR_SERIES, "%" PRId64 " is not on the grid of %u s",
				 at_utc_sec, s->interval_sec);
	if (!series_flush(s, old_path, err) || !series_flush(s, new_path, err))
		return false;
	done = join_files(s, &j, old_path, new_path, aside, joined, err);
	series_layout_close(&j.old);
	series_layout_close(&j.new);
	series_layout_close(&j.made);
	series_history_free(&j.history);
	return done || error_wrap(err, "series %s", new_path);
}

/* The ledger is about to say that it is so: then it must be so after a loss of power, too. */
static void
folder_sync(char *file)
{
	char *slash = strrchr(file, '/');
	int fd;

	*slash = '\0';
	fd = open(file, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

bool
series_join_adopt(struct series *s, const char *new_path, struct error *err)
{
	struct series_entry *entry = series_table_get(&s->table, new_path);
	char file[SERIES_FILE_MAX], tmp[SERIES_FILE_MAX];

	if (entry == NULL)
		return error_set(err, ERR_NOMEM, "series: out of memory");
	if (!series_path_file(file, s->state_dir, new_path, err))
		return false;
	series_file_tmp(tmp, file);
	if (!series_file_adopt(tmp, file, err))
		return false;
	folder_sync(file);
	/* It is joined; what cannot be read of it now is asked before the next sample. */
	entry->asked = series_file_last(&s->writer, new_path, &entry->newest_utc_sec, NULL);
	return true;
}

/* Its folders too, as far as they are empty. */
void
series_join_drop(struct series *s, const char *new_path, const char *aside)
{
	char file[SERIES_FILE_MAX], tmp[SERIES_FILE_MAX], *slash;
	const char *top = aside != NULL ? aside : s->state_dir;

	if (!series_path_file(file, top, new_path, NULL))
		return;
	series_file_tmp(tmp, file);
	unlink(tmp);
	if (aside == NULL)
		return;
	unlink(file);
	while ((slash = strrchr(file, '/')) != NULL && (size_t)(slash - file) >= strlen(aside)) {
		*slash = '\0';
		if (rmdir(file) != 0)
			return;
	}
}
