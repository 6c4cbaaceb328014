/* series_work.c - pending samples into their files, a few at a time.
 *
 * Opening and mapping a file costs far more than a sample, so each file is written every n samples;
 * n grows with the number of files, such that about FILES_PER_SEC are written.  Files take turns.
 * A file that fails is left alone for a while; failing is logged when it begins and when it ends. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "store/series_internal.h"

#define FILES_PER_SEC   5
#define SAMPLES_MAX     10
#define LOOKS_MIN       1000
#define AGE_MAX_MS      (600 * 1000) /* no sample waits longer for its file */
#define RETRY_BUSY_MS   200
#define RETRY_FAILED_MS 10000

static uint32_t
pending_count(const struct series_entry *entry)
{
	return entry->committed_count + entry->fresh_count;
}

/* One that the journal no longer has is lost; that is said, and the others go on. */
static void
note_lost(struct series *s, struct series_entry *entry, uint32_t i, const struct error *err)
{
	if (s->health.lost_samples++ == 0)
		log_error("series", "event=journal-sample-lost path=%s why=\"%s\"", entry->path,
			  err->text);
	series_journal_release(s->journal, entry->committed[i]);
	s->health.pending_samples--;
	entry->committed_count--;
	memmove(&entry->committed[i], &entry->committed[i + 1],
		(entry->committed_count - i) * sizeof(entry->committed[0]));
}

/* All that is pending, in s->writing: the committed ones from the journal, then the fresh ones. */
static bool
pending_read(struct series *s, struct series_entry *entry, struct error *err)
{
	struct sample *grown = s->writing;

	if (pending_count(entry) > s->writing_cap) {
		grown = realloc(s->writing, pending_count(entry) * sizeof(*grown));
		if (grown == NULL)
			return error_set(err, ERR_NOMEM, "series %s: out of memory", entry->path);
		s->writing = grown;
		s->writing_cap = pending_count(entry);
	}
	for (uint32_t i = 0; i < entry->committed_count;) {
		struct error why = { 0 };

		if (series_journal_read(s->journal, entry->committed[i], &grown[i], &why))
			i++;
		else if (why.code == ERR_IO) /* no file may be opened now: tried again, and kept */
			return error_set(err, why.code, "%s", why.text);
		else
			note_lost(s, entry, i, &why);
	}
	if (entry->fresh_count > 0)
		memcpy(grown + entry->committed_count, entry->fresh,
		       entry->fresh_count * sizeof(*grown));
	return true;
}

static void
note_written(struct series *s, struct series_entry *entry)
{
	for (uint32_t i = 0; i < entry->committed_count; i++)
		series_journal_release(s->journal, entry->committed[i]);
	s->health.pending_samples -= pending_count(entry);
	s->health.written_samples += pending_count(entry);
	s->health.uncommitted_samples -= entry->fresh_count;
	free(entry->committed);
	entry->committed = NULL;
	entry->committed_count = entry->committed_cap = entry->fresh_count = 0;
	entry->retry_mono_ms = 0;
	if (entry->failing)
		log_info("series", "event=writing-again path=%s", entry->path);
	entry->failing = false;
}

static void
note_failed(struct series *s, struct series_entry *entry, const struct error *err)
{
	s->health.write_failures++;
	entry->retry_mono_ms = clock_mono_ms() + RETRY_FAILED_MS;
	if (!entry->failing)
		log_error("series", "event=write-failed path=%s pending=%" PRIu32 " why=\"%s\"",
			  entry->path, pending_count(entry), err->text);
	entry->failing = true;
}

/* What is of the grid of before first. */
static enum series_write
write_pending(struct series *s, struct series_entry *entry, struct error *err)
{
	enum series_write result;
	size_t done_count;

	if (!pending_read(s, entry, err))
		return SERIES_FAILED;
	result = series_regrid(s, entry->path, s->writing, pending_count(entry), &done_count, err);
	if (result != SERIES_WRITTEN || done_count == pending_count(entry))
		return result;
	return series_file_write(&s->writer, entry->path, s->writing + done_count,
				 pending_count(entry) - done_count, err);
}

enum series_write
series_entry_write(struct series *s, struct series_entry *entry, struct error *err)
{
	struct error why = { 0 };
	enum series_write result = SERIES_WRITTEN;

	if (pending_count(entry) > 0)
		result = write_pending(s, entry, &why);
	switch (result) {
	case SERIES_WRITTEN: note_written(s, entry); break;
	case SERIES_BUSY: entry->retry_mono_ms = clock_mono_ms() + RETRY_BUSY_MS; break;
	case SERIES_FAILED: note_failed(s, entry, &why); break;
	}
	if (result != SERIES_WRITTEN && err != NULL)
		*err = why;
	return result;
}

/* How many samples a file gathers before it is written. */
static size_t
samples_per_write(const struct series *s)
{
	size_t n = s->table.count / ((size_t)FILES_PER_SEC * s->interval_sec) + 1;

	return n < SAMPLES_MAX ? n : SAMPLES_MAX;
}

/* Each file has its own turn among the samples, whatever made it be written between: else all that were once written together
 * would be so for ever. */
static bool
is_due(const struct series *s, const struct series_entry *entry, size_t place, size_t per_write,
       int64_t now_mono_ms)
{
	size_t turn = (size_t)(entry->newest_utc_sec / s->interval_sec) + place;

	return pending_count(entry) > 0 && now_mono_ms >= entry->retry_mono_ms &&
	       (turn % per_write == 0 || pending_count(entry) > per_write ||
		now_mono_ms - entry->oldest_mono_ms >= AGE_MAX_MS);
}

/* How many entries are looked at now, so that each is four times an interval. */
static size_t
looks_now(struct series *s, int64_t now_mono_ms)
{
	int64_t since_ms = now_mono_ms - s->worked_mono_ms;
	size_t share = s->table.count;

	s->worked_mono_ms = now_mono_ms;
	if (since_ms < (int64_t)s->interval_sec * 250)
		share = share * (size_t)since_ms / (s->interval_sec * 250) + LOOKS_MIN;
	return share < s->table.count ? share : s->table.count;
}

bool
series_work(struct series *s, unsigned budget_ms)
{
	int64_t start = clock_mono_ms();
	size_t per_write = samples_per_write(s);

	for (size_t left = looks_now(s, start); left > 0; left--) {
		struct series_entry *entry;

		s->cursor = s->cursor < s->table.count ? s->cursor : 0;
		entry = s->table.entries[s->cursor];
		if (is_due(s, entry, s->cursor, per_write, start)) {
			if (clock_mono_ms() - start >= (int64_t)budget_ms)
				return true;
			series_entry_write(s, entry, NULL);
		}
		s->cursor++;
	}
	series_journal_tidy(s->journal);
	return false;
}

bool
series_flush(struct series *s, const char *path, struct error *err)
{
	struct series_entry *entry;

	if (!series_path_is_good(path))
		return error_set(err, ERR_SERIES, "series %s: not the path of a series", path);
	if ((entry = series_table_get(&s->table, path)) == NULL)
		return error_set(err, ERR_NOMEM, "series: out of memory");
	return pending_count(entry) == 0 || series_entry_write(s, entry, err) == SERIES_WRITTEN;
}

bool
series_flush_all(struct series *s, struct error *err)
{
	struct error first = { 0 };
	size_t failed = 0;

	for (size_t i = 0; i < s->table.count; i++) {
		struct series_entry *entry = s->table.entries[i];

		if (pending_count(entry) > 0 &&
		    series_entry_write(s, entry, failed == 0 ? &first : NULL) != SERIES_WRITTEN)
			failed++;
	}
	return failed == 0 ||
	       error_set(err, first.code, "%zu series could not be written, first: %s", failed,
			 first.text);
}
