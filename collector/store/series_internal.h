/* series_internal.h - what the files of this room share: the plan of a series' file, its layout,
 * the journal, the writer.
 *
 * series.c the face; series_work.c pending samples into files; series_path.c names; series_table.c
 * path -> entry; series_regrid.c the journal of another interval; series_journal.c rounds that are not yet in their files, series_segment.c their
 * files, series_playback.c reading them; series_plan.c which
 * archives a file has; series_layout.c where its cells lie; series_file.c create and update;
 * series_update.c the same without librrd, for what is usual; series_crc.c checksums; series_undo.c an update that was cut short is taken back; series_sweep.c
 * what a crash left; series_fill.c history into unknown cells; series_import.c history from
 * elsewhere; series_convert.c another interval, the same history; series_join.c one of two; series_read.c rows; series_peaks.c
 * the greatest within them;
 * series_survey.c what a picture has to know; series_draw.c pictures.  librrd is called in
 * series_file.c and series_draw.c; series_layout.c knows its file format (rrd_format.h). */
#ifndef COLLECTOR_STORE_SERIES_INTERNAL_H
#define COLLECTOR_STORE_SERIES_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ixwatch/error.h"
#include "ixwatch/model.h"
#include "ixwatch/series.h"

#define SERIES_PATH_MAX        1100 /* with its NUL: three components and what is between */
#define SERIES_FILE_MAX        4096 /* with the state directory in front */
#define SERIES_COMPONENT_MAX   240  /* octets, so that NAME.tmp.rrd is a file name too */
#define SERIES_LOCK_TRIES      5
#define SERIES_EPOCH_FIRST_SEC 1577836800 /* 2020-01-01: no poll is older than this program */

/* --- series_path.c --- */

/* Whether the path is one that series_path makes; anything else never reaches the file system. */
bool series_path_is_good(const char *path);
/* "<state_dir>/<path>" into dst[SERIES_FILE_MAX]. */
bool series_path_file(char *dst, const char *state_dir, const char *path, struct error *err);

/* --- series_plan.c --- */

#define SERIES_ARCHIVE_MAX 8

enum series_cf { SERIES_AVERAGE, SERIES_MAX };

struct series_plan {
	unsigned interval_sec;
	size_t archive_count;
	struct series_plan_archive {
		enum series_cf cf;
		int64_t row_sec, row_count;
	} archives[SERIES_ARCHIVE_MAX];
};

/* What a file of these settings looks like; an error names the setting that makes no grid. */
bool series_plan_make(struct series_plan *plan, const struct series_settings *settings,
		      struct error *err);

/* --- series_layout.c --- */

struct series_archive {
	enum series_cf cf;
	int64_t row_sec, row_count;
	int64_t begin_utc_sec, end_utc_sec; /* its rows cover (begin, end] */
	int64_t newest; /* place in the ring of the row that ends at end_utc_sec */
	int64_t offset; /* of the ring in the file */
};

/* What update scratches together for the row an archive is in: (end, last] of that archive. */
struct series_scratch {
	double value;           /* AVERAGE: sum over known slots; MAX: largest; NAN: none yet */
	uint64_t unknown_count; /* slots */
};

struct series_layout {
	int fd;
	unsigned interval_sec;
	int64_t last_utc_sec;
	size_t archive_count;
	struct series_archive archives[SERIES_ARCHIVE_MAX];
	int64_t live_offset; /* what an update changes besides cells: [live, header end) */
	size_t live_len;
	int64_t scratch_offset; /* of the first archive's first column */
	int64_t file_len;
};

enum series_open { SERIES_OPENED, SERIES_ABSENT, SERIES_UNREADABLE };

/* Opens the file (flags: O_RDONLY or O_RDWR) and reads its header.  SERIES_UNREADABLE sets err. */
enum series_open series_layout_open(struct series_layout *layout, const char *file, int flags,
				    struct error *err);
void series_layout_close(struct series_layout *layout);

/* The same, of a series, read-only; shared with other readers, a writer kept out until it is closed
 * (ERR_LOCKED when one is at it all the time).  The header is what it is under the lock. */
enum series_open series_layout_open_locked(struct series_layout *layout, const char *state_dir,
					   const char *path, struct error *err);

/* Offset of the cells of the row that ends at end_utc_sec; it must be one of the archive's. */
int64_t series_layout_cell(const struct series_archive *archive, int64_t end_utc_sec);
int64_t series_layout_scratch(const struct series_layout *layout, size_t archive, unsigned column);
struct series_scratch series_layout_scratch_get(const void *at);
void series_layout_scratch_put(void *at, const struct series_scratch *scratch);

/* The rows that end in (from, to], both on the archive's grid, into dst; NAN where the archive does
 * not reach. */
bool series_layout_rows(const struct series_layout *layout, const struct series_archive *archive,
			int64_t from_utc_sec, int64_t to_utc_sec, double *dst, struct error *err);

/* Whether the file has just the grid and archives of the plan. */
bool series_layout_fits(const struct series_layout *layout, const struct series_plan *plan);

enum series_write { SERIES_WRITTEN, SERIES_BUSY, SERIES_FAILED };

/* --- series_undo.c --- */

struct series_undo;

/* state_dir/journal/undo: takes back the update that a crash cut short, if there was one.
 * *repaired is the path of that file ("" none), lent until series_undo_close. */
bool series_undo_open(struct series_undo **out, const char *state_dir, const char **repaired,
		      struct error *err);
void series_undo_close(struct series_undo *undo);
/* Notes what an update is about to change. */
bool series_undo_begin(struct series_undo *undo, const char *path,
		       const struct series_layout *layout, struct error *err);
void series_undo_end(struct series_undo *undo);
/* Takes the update under way back, as well as it can. */
void series_undo_put_back(struct series_undo *undo, const char *state_dir);
/* What was noted last: the header's live part, lent. */
const void *series_undo_live(const struct series_undo *undo);

/* --- series_update.c --- */

/* Whether these samples follow the file's last one as they almost always do, so that series_update may write them. */
bool series_update_fits(const struct series_layout *layout, const struct sample *samples,
			size_t sample_count);
/* Puts them into the file, open for writing, whose header's live part is lent.  Locked until it is closed. */
enum series_write series_update(const struct series_layout *layout, const void *live,
				const struct sample *samples, size_t sample_count,
				uint64_t *lock_retries, struct error *err);

struct series_blank;

/* Learns from a file that librrd has made how the others begin; false when it cannot. */
bool series_blank_take(struct series_blank **out, const char *file);
void series_blank_free(struct series_blank *blank);
bool series_blank_fits(const struct series_blank *blank, int64_t start_utc_sec,
		       const struct sample *samples, size_t sample_count);
/* Makes a file with nothing known up to start_utc_sec, and these samples after it; its folder is there. */
bool series_blank_write(struct series_blank *blank, const char *tmp_file, int64_t start_utc_sec,
			const struct sample *samples, size_t sample_count, struct error *err);

/* --- series_file.c --- */

struct series_writer {
	const char *state_dir;
	struct series_plan plan;
	struct series_undo *undo;
	struct series_blank *blank; /* NULL: no file was made yet */
	uint64_t lock_retries, set_aside_files;
};

/* Opens the file (flags as series_layout_open).  One that is damaged, or none of ours, is set aside under a name that says
 * so, and then there is none. */
enum series_open series_file_open(struct series_writer *writer, const char *file, int flags,
				  struct series_layout *layout, struct error *err);

/* The end of the newest sample in the file, 0 when there is no file.  Also mends a sparse file. */
bool series_file_last(struct series_writer *writer, const char *path, int64_t *last_utc_sec,
		      struct error *err);

/* Puts samples (ascending) into the file, creating it; gaps become unknown.  SERIES_BUSY: somebody
 * reads it all the time. */
enum series_write series_file_write(struct series_writer *writer, const char *path,
				    const struct sample *samples, size_t sample_count,
				    struct error *err);

/* The same for samples of one step that is not the plan's interval: into a file of that interval, which is not made anew.
 * SERIES_FAILED with ERR_REFUSED when the file has another. */
enum series_write series_file_write_as_it_is(struct series_writer *writer, const char *path,
					     const struct sample *samples, size_t sample_count,
					     struct error *err);

/* A value as the files keep it: NAN where it is beyond all measure. */
double series_file_value(double value);

/* A file of the plan with nothing known up to start_utc_sec, under its temporary name. */
bool series_file_create(const struct series_plan *plan, const char *tmp_file, int64_t start_utc_sec,
			struct error *err);
/* Lets `file` know nothing up to end_utc_sec, the next that may be written; for files nobody else
 * sees yet. */
bool series_file_pass(const char *tmp_file, int64_t end_utc_sec, struct error *err);
/* Makes the temporary file durable and gives it its name. */
bool series_file_adopt(const char *tmp_file, const char *file, struct error *err);
void series_file_tmp(char *dst,
		     const char *file); /* dst[SERIES_FILE_MAX]: "x.rrd" -> "x.tmp.rrd" */
bool series_file_make_dirs(const char *file, struct error *err);

/* --- series_sweep.c --- */

/* Removes what a crash left half made below state-dir/rrd: NAME.tmp.rrd, and librrd's own
 * NAME.tmp.rrdXXXXXX. */
void series_sweep(const char *state_dir);

/* --- series_fill.c --- */

/* Known time to be filled in: (end - span, end], on the file's grid, ascending, not overlapping. */
struct series_piece {
	int64_t end_utc_sec;
	int64_t span_sec;
	double value[COLUMN_COUNT];
	unsigned filled; /* bit c: it filled something in column c */
};

/* Fills unknown cells of the file, open for writing, at or before its last update; known ones stay.
 * Rows of coarser archives into which time was filled are made anew from the finest archive that
 * has them. */
bool series_fill(struct series_layout *layout, struct series_piece *pieces, size_t piece_count,
		 struct error *err);

/* --- series_convert.c --- */

#define SERIES_FOREVER (INT64_MAX / 4) /* an instant after all others */

/* Makes the file anew with the plan's interval and archives, history and all. */
bool series_convert(const struct series_plan *plan, const char *file, struct error *err);

/* Known time, gathered from files; zero-initialised by the caller. */
struct series_history {
	struct series_piece *pieces;
	size_t count, cap;
};
void series_history_free(struct series_history *history);
/* What the file tells of (after, until], in pieces for a file of that interval: of each time the finest row. */
bool series_history_take(struct series_history *history, const struct series_layout *old,
			 int64_t after, int64_t until, unsigned interval_sec, struct error *err);
/* Into a file that knows nothing yet, open for writing. */
bool series_history_fill(struct series_history *history, struct series_layout *made,
			 struct error *err);
/* Rows that both files have and that lie in (after, until] become the old one's, octet by octet. */
bool series_history_take_over(const struct series_layout *made, const struct series_layout *old,
			      int64_t after, int64_t until, struct error *err);

/* --- series_join.c: see series.h --- */

/* --- series_survey.c --- */

/* What a picture of [from, to) of pixel_sec a pixel has to know beforehand. */
struct series_survey {
	int64_t row_sec;                /* of the points rrdtool will draw; 0: there is no file */
	int64_t longest_row_sec;        /* of all that is drawn and counted, as stored */
	double peak[DIRECTION_COUNT];   /* largest sample; NAN: nothing known */
	double mean[DIRECTION_COUNT];   /* of the known time */
	double newest[DIRECTION_COUNT]; /* newest known sample */
	double capacity_bps;            /* the newest known one; NAN */
	bool has_unknown;               /* both directions at once, before until_utc_sec */
};

bool series_survey(struct series_survey *survey, const char *state_dir, const char *path,
		   int64_t from_utc_sec, int64_t to_utc_sec, int64_t pixel_sec,
		   int64_t until_utc_sec, struct error *err);

/* --- series_import.c --- */

bool series_import_file(struct series_writer *writer, const char *path,
			const struct sample *samples, size_t sample_count, size_t *accepted_count,
			struct error *err);

/* --- series_crc.c --- */

uint32_t series_crc(const void *data, size_t len);
/* Goes on from the sum of what came before; 0: of nothing. */
uint32_t series_crc_more(uint32_t crc, const void *data, size_t len);

/* --- series_segment.c --- */

/* A file of the journal. */
struct series_segment {
	struct series_segment *newer;
	uint64_t id;          /* from 1; the file's name */
	size_t held;          /* samples not yet in their files */
	int fd;               /* to read them from; -1: not open */
	int64_t done_mono_ms; /* since when none is held */
};

struct series_segments {
	char folder[SERIES_FILE_MAX];
	struct series_segment *oldest;
	uint64_t next_id;
	size_t open_count; /* of them with an fd */
};

/* Those that are there, oldest first; series_segments_free ends it. */
bool series_segments_find(struct series_segments *segments, const char *state_dir,
			  struct error *err);
void series_segments_free(struct series_segments *segments);
/* One more, the newest; NULL without memory. */
struct series_segment *series_segment_add(struct series_segments *segments, uint64_t id);
void series_segment_file(char *dst, const struct series_segments *segments, uint64_t id);
/* The one of that id; there are a dozen at most, unless files cannot be written.  NULL: there is none. */
struct series_segment *series_segment_find(const struct series_segments *segments, uint64_t id);
/* Reads len octets of it.  ERR_NOT_FOUND: they are gone; any other error may pass. */
bool series_segment_read(struct series_segments *segments, struct series_segment *segment,
			 void *dst, size_t len, uint32_t offset, struct error *err);
/* Octets of all of them. */
uint64_t series_segments_size(const struct series_segments *segments);
/* Deletes those whose samples have been in their files long enough to be on the disk. */
void series_segments_tidy(struct series_segments *segments, const struct series_segment *writing);

/* --- series_journal.c --- */

struct series_journal;

/* Where a series' path stands in the journal; zero-initialised by the caller, one for each series.
 */
struct series_journal_ref {
	uint64_t segment_id;
	uint32_t number;
};

/* Where a committed sample is to be read again. */
struct series_place {
	uint32_t segment_id; /* 0: nowhere */
	uint32_t offset;
};

/* A committed sample that the journal still has.  True: keep it for me (its segment is then held once).
 */
typedef bool series_journal_on_sample(const char *path, const struct sample *sample,
				      struct series_place place, void *user);

bool series_journal_open(struct series_journal **out, const char *state_dir,
			 series_journal_on_sample *on_sample, void *user, struct error *err);
void series_journal_close(struct series_journal *journal);

/* Adds a sample to the round being gathered. */
bool series_journal_add(struct series_journal *journal, struct series_journal_ref *ref,
			const char *path, const struct sample *sample, struct error *err);
/* Writes the round in one go and makes it durable.  *first is where its first sample lies (no segment:
 * nothing was gathered), the others follow in the order added; the segment is held once for each.  A
 * round that cannot be written is forgotten: add it again. */
bool series_journal_commit(struct series_journal *journal, struct series_place *first,
			   struct error *err);
/* Octets of a sample there. */
uint32_t series_journal_octets(const struct sample *sample);
/* Reads a committed sample again.  ERR_IO: it may be read another time; any other error: it is gone. */
bool series_journal_read(struct series_journal *journal, struct series_place place,
			 struct sample *sample, struct error *err);
/* What lies there is in its file, or is lost. */
void series_journal_release(struct series_journal *journal, struct series_place place);
/* Forgets the round being gathered: add it again. */
void series_journal_forget(struct series_journal *journal);
/* Octets of all its segments. */
uint64_t series_journal_size(const struct series_journal *journal);
/* Deletes segments that are over. */
void series_journal_tidy(struct series_journal *journal);

/* --- series_playback.c: the form of a segment, and reading one --- */

#define SERIES_SEGMENT_MAGIC UINT64_C(0x31304e4a57495800)
#define SERIES_RECORD_HEAD   8
#define SERIES_PAYLOAD_HEAD  8
#define SERIES_SAMPLE_HEAD   16

/* offset: where in the file the sample lies. */
typedef void series_playback_on_sample(const char *path, const struct sample *sample,
				       uint32_t offset, void *user);

/* Calls back for every sample of every whole round, in order.  A round that a crash cut off at the
 * end is cut off the file and logged; so is, as an error, what comes after a damaged one, but the
 * file is left as it is. */
/* A sample of the form above, at the beginning of data.  False: it is none. */
bool series_playback_sample(const void *data, size_t len, struct sample *sample);

bool series_playback(const char *file, series_playback_on_sample *on_sample, void *user,
		     struct error *err);

/* --- series_table.c --- */

struct series_entry {
	int64_t newest_utc_sec; /* end of the newest sample, pending or in the file; 0 none */
	/* What is not in the file yet, ascending: committed ones are in the journal, and only there; the
	 * fresh ones of this round are in memory. */
	struct series_place *committed;
	struct sample *fresh;
	uint32_t committed_count, committed_cap; /* room for the fresh ones included */
	uint32_t fresh_count, fresh_cap;
	int64_t oldest_mono_ms; /* when the oldest of them came */
	int64_t retry_mono_ms;  /* not before: the last try failed; 0: any time */
	struct series_journal_ref ref;
	bool asked;   /* newest_utc_sec has been read from the file */
	bool listed;  /* among those with fresh samples */
	bool failing; /* the last write failed, and it was said */
	char path[];
};

struct series_table {
	struct series_entry **entries; /* in the order they came */
	size_t count, cap;
	uint32_t *slots;   /* hash: index + 1, 0 free */
	size_t slot_count; /* a power of two */
};

/* The entry of that path, made when there is none; NULL without memory. */
struct series_entry *series_table_get(struct series_table *table, const char *path);
void series_table_free(struct series_table *table);

/* --- series.c, series_work.c --- */

struct series {
	char *state_dir;
	unsigned interval_sec;
	struct series_settings settings; /* its state_dir is the one above */
	struct series_writer writer;
	struct series_journal *journal;
	struct series_table table;
	struct series_entry **uncommitted; /* those with samples of the round */
	size_t uncommitted_count, uncommitted_cap;
	struct sample *writing; /* what is being written into a file */
	size_t writing_cap;
	size_t cursor;            /* where series_work goes on */
	int64_t worked_mono_ms;   /* when it was called last */
	uint64_t dropped_samples; /* of the journal: no grid takes them */
	struct series_health health;
};

/* Writes what is pending of the series into its file. */
enum series_write series_entry_write(struct series *series, struct series_entry *entry,
				     struct error *err);

/* --- series_regrid.c --- */

/* Writes the first of the samples, as many as are of another grid: before the file is made anew.  *done_count is how many
 * are in the file then, or given up; on failure the same may be tried again from the first. */
enum series_write series_regrid(struct series *series, const char *path,
				const struct sample *samples, size_t sample_count,
				size_t *done_count, struct error *err);

#endif
