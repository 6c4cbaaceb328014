/* series.c - the face of the room: what is appended is gathered in memory, committed to the journal
 * once a round, and written into the files behind it (series_work.c).
 *
 * One process, one thread.  A sample is safe when series_commit has returned; its file may have it
 * before or after.  A journal that cannot be written costs no sample: the round stays in memory,
 * goes into the files all the same, and into the journal with the next one. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "store/series_internal.h"

#define FRESH_MAX      1000000 /* in all: about 100 MB, when the journal cannot be written for long */
#define PENDING_MAX    8000000 /* in all: about 130 MB, when files cannot */
#define FUTURE_MAX_SEC 86400   /* a file with a sample of 2099 takes no other */

/* --- opening --- */

/* What its file knows; what is wrong with it is told now, before there is something to write. */
static void
ask_file(struct series *s, struct series_entry *entry)
{
	struct error err = { 0 };

	entry->asked = true;
	if (!series_file_last(&s->writer, entry->path, &entry->newest_utc_sec, &err))
		log_warn("series", "event=file-trouble path=%s why=\"%s\"", entry->path, err.text);
	if (entry->newest_utc_sec > clock_utc_sec() + FUTURE_MAX_SEC)
		log_error("series", "event=file-of-the-future path=%s last_utc_sec=%" PRId64,
			  entry->path, entry->newest_utc_sec);
}

static struct series_entry *
entry_get(struct series *s, const char *path, struct error *err)
{
	struct series_entry *entry;

	if (!series_path_is_good(path)) {
		error_set(err, ERR_SERIES, "series %s: not the path of a series", path);
		return NULL;
	}
	if ((entry = series_table_get(&s->table, path)) == NULL) {
		error_set(err, ERR_NOMEM, "series: out of memory");
		return NULL;
	}
	if (!entry->asked)
		ask_file(s, entry);
	return entry;
}

/* Room for one more, and for all fresh ones to become committed ones: that cannot fail later. */
static bool
pending_reserve(struct series_entry *entry, bool fresh)
{
	uint32_t count = entry->committed_count + entry->fresh_count;

	if (count >= entry->committed_cap) {
		/* Ten at most, mostly, and a hundred thousand ports wait so: little is kept spare. */
		uint32_t cap = count + count / 8 + 2;
		struct series_place *grown = realloc(entry->committed, cap * sizeof(*grown));

		if (grown == NULL)
			return false;
		entry->committed = grown;
		entry->committed_cap = cap;
	}
	if (fresh && entry->fresh_count >= entry->fresh_cap) {
		uint32_t cap = entry->fresh_count + entry->fresh_count / 2 + 1;
		struct sample *grown = realloc(entry->fresh, cap * sizeof(*grown));

		if (grown == NULL)
			return false;
		entry->fresh = grown;
		entry->fresh_cap = cap;
	}
	return true;
}

static void
pending_note(struct series *s, struct series_entry *entry, int64_t end_utc_sec)
{
	if (entry->committed_count + entry->fresh_count == 0)
		entry->oldest_mono_ms = clock_mono_ms();
	entry->newest_utc_sec = end_utc_sec;
	s->health.pending_samples++;
}

static bool
is_on_grid(const struct series *s, const struct sample *sample)
{
	return sample->step_sec > 0 && sample->step_sec % s->interval_sec == 0 &&
	       sample->end_utc_sec % s->interval_sec == 0;
}

/* The interval may have been changed since. */
static bool
has_some_grid(const struct sample *sample)
{
	return sample->step_sec > 0 && sample->end_utc_sec % sample->step_sec == 0;
}

/* A committed sample of before: kept when its file does not have it yet. */
static bool
on_journal(const char *path, const struct sample *sample, struct series_place place, void *user)
{
	struct series *s = user;
	struct series_entry *entry = entry_get(s, path, NULL);

	if (entry == NULL || !has_some_grid(sample)) {
		if (s->dropped_samples++ == 0)
			log_warn("series",
				 "event=journal-sample-dropped path=%s end_utc_sec=%" PRId64
				 " step_sec=%u",
				 path, sample->end_utc_sec, (unsigned)sample->step_sec);
		return false;
	}
	if (sample->end_utc_sec <= entry->newest_utc_sec || !pending_reserve(entry, false))
		return false;
	pending_note(s, entry, sample->end_utc_sec);
	entry->committed[entry->committed_count++] = place;
	return true;
}

static bool
make_folders(const struct series *s, struct error *err)
{
	char inside[SERIES_FILE_MAX];

	if (strlen(s->state_dir) > SERIES_FILE_MAX - SERIES_PATH_MAX)
		return error_set(err, ERR_IO, "state-dir: a name of %zu octets is too long",
				 strlen(s->state_dir));
	snprintf(inside, sizeof(inside), "%s/journal/x", s->state_dir);
	return series_file_make_dirs(inside, err);
}

bool
series_open(struct series **out, const struct series_settings *settings, struct error *err)
{
	struct series *s = calloc(1, sizeof(*s));
	const char *repaired;

	if (s == NULL || (s->state_dir = strdup(settings->state_dir)) == NULL) {
		free(s);
		return error_set(err, ERR_NOMEM, "series: out of memory");
	}
	s->interval_sec = settings->interval_sec;
	s->settings = *settings;
	s->settings.state_dir = s->state_dir;
	s->writer.state_dir = s->state_dir;
	if (!series_plan_make(&s->writer.plan, settings, err) || !make_folders(s, err) ||
	    !series_undo_open(&s->writer.undo, s->state_dir, &repaired, err) ||
	    !series_journal_open(&s->journal, s->state_dir, on_journal, s, err))
		goto fail;
	series_sweep(s->state_dir);
	if (*repaired != '\0') {
		log_warn("series", "event=update-taken-back path=%s", repaired);
		if (!series_flush(s, repaired, err)) /* its newest cells are written over at once */
			goto fail;
	}
	if (s->health.pending_samples > 0)
		log_info("series", "event=journal-read samples=%" PRIu64,
			 s->health.pending_samples);
	if (s->dropped_samples > 0)
		log_warn("series",
			 "event=journal-samples-dropped count=%" PRIu64
			 " reason=\"they are on no grid\"",
			 s->dropped_samples);
	*out = s;
	return true;
fail:
	series_close(s);
	return false;
}

void
series_close(struct series *s)
{
	struct error err = { 0 };

	if (s == NULL)
		return;
	if (s->journal != NULL && (!series_commit(s, &err) || !series_flush_all(s, &err)))
		log_error("series", "event=close-incomplete pending=%" PRIu64 " why=\"%s\"",
			  s->health.pending_samples, err.text);
	series_journal_close(s->journal);
	series_undo_close(s->writer.undo);
	series_table_free(&s->table);
	free(s->uncommitted);
	free(s->writing);
	series_blank_free(s->writer.blank);
	free(s->state_dir);
	free(s);
}

/* --- a round --- */

static bool
list_uncommitted(struct series *s, struct series_entry *entry)
{
	struct series_entry **list = s->uncommitted;
	size_t cap = s->uncommitted_cap;

	if (entry->listed)
		return true;
	if (s->uncommitted_count == cap) {
		cap = cap * 2 + 64;
		if ((list = realloc(list, cap * sizeof(struct series_entry *))) == NULL)
			return false;
		s->uncommitted = list;
		s->uncommitted_cap = cap;
	}
	list[s->uncommitted_count++] = entry;
	entry->listed = true;
	return true;
}

static struct sample
without_infinities(const struct sample *sample)
{
	struct sample clean = *sample;

	for (int c = 0; c < COLUMN_COUNT; c++)
		if (!isfinite(clean.value[c]))
			clean.value[c] = NAN;
	return clean;
}

static bool
is_of_our_time(const struct sample *sample)
{
	return sample->end_utc_sec >= SERIES_EPOCH_FIRST_SEC &&
	       sample->end_utc_sec <= clock_utc_sec() + FUTURE_MAX_SEC;
}

bool
series_append(struct series *s, const char *path, const struct sample *sample, struct error *err)
{
	struct series_entry *entry = entry_get(s, path, err);

	if (entry == NULL)
		return false;
	if (sample->step_sec != s->interval_sec || !is_on_grid(s, sample))
		return error_set(err, ERR_SERIES,
				 "series %s: a sample of %u s that ends at %" PRId64
				 " is not on the grid of %u s",
				 path, (unsigned)sample->step_sec, sample->end_utc_sec,
				 s->interval_sec);
	if (sample->end_utc_sec <= entry->newest_utc_sec || !is_of_our_time(sample)) {
		s->health.ignored_samples++;
		return true;
	}
	if (s->health.pending_samples >= PENDING_MAX || s->health.uncommitted_samples >= FRESH_MAX)
		return error_set(err, ERR_NOMEM,
				 "series %s: %" PRIu64 " samples wait for files or a journal that "
				 "cannot be written, and no more are kept",
				 path, s->health.pending_samples);
	if (!list_uncommitted(s, entry) || !pending_reserve(entry, true))
		return error_set(err, ERR_NOMEM, "series %s: out of memory", path);
	pending_note(s, entry, sample->end_utc_sec);
	entry->fresh[entry->fresh_count++] = without_infinities(sample);
	s->health.uncommitted_samples++;
	return true;
}

static bool
gather(struct series *s, struct series_entry *entry, struct error *err)
{
	for (uint32_t i = 0; i < entry->fresh_count; i++)
		if (!series_journal_add(s->journal, &entry->ref, entry->path, &entry->fresh[i],
					err))
			return false;
	return true;
}

/* The journal has them: from now on they are read from there. */
static void
mark_committed(struct series *s, struct series_entry *entry, struct series_place *place)
{
	for (uint32_t i = 0; i < entry->fresh_count; i++) {
		entry->committed[entry->committed_count++] = *place;
		place->offset += series_journal_octets(&entry->fresh[i]);
	}
	s->health.uncommitted_samples -= entry->fresh_count;
	free(entry->fresh);
	entry->fresh = NULL;
	entry->fresh_count = entry->fresh_cap = 0;
	entry->listed = false;
}

bool
series_commit(struct series *s, struct error *err)
{
	struct series_place place;

	for (size_t i = 0; i < s->uncommitted_count; i++)
		if (!gather(s, s->uncommitted[i], err)) {
			series_journal_forget(s->journal);
			return error_wrap(err, "series");
		}
	if (!series_journal_commit(s->journal, &place, err))
		return error_wrap(err, "series");
	for (size_t i = 0; i < s->uncommitted_count; i++)
		mark_committed(s, s->uncommitted[i], &place);
	s->uncommitted_count = 0;
	return true;
}

/* --- asking --- */

int64_t
series_last_utc_sec(struct series *s, const char *path)
{
	struct series_entry *entry = entry_get(s, path, NULL);

	return entry != NULL ? entry->newest_utc_sec : 0;
}

bool
series_import(struct series *s, const char *path, const struct sample *samples, size_t sample_count,
	      size_t *accepted_count, struct error *err)
{
	struct series_entry *entry = entry_get(s, path, err);
	bool done;

	*accepted_count = 0;
	if (entry == NULL || !series_flush(s, path, err))
		return false;
	done = series_import_file(&s->writer, path, samples, sample_count, accepted_count, err);
	return series_file_last(&s->writer, path, &entry->newest_utc_sec, done ? err : NULL) &&
	       done;
}

void
series_health_get(const struct series *s, struct series_health *health)
{
	*health = s->health;
	health->lock_retries = s->writer.lock_retries;
	health->set_aside_files = s->writer.set_aside_files;
	health->journal_octets = series_journal_size(s->journal);
	for (size_t i = 0; i < s->table.count; i++)
		health->files_waiting += s->table.entries[i]->committed_count > 0 ||
					 s->table.entries[i]->fresh_count > 0;
}
