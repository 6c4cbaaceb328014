/* series_fill.c - history into the unknown cells of a file.
 *
 * Cell by cell, on a mapped file nobody else has: what is known stays, bit by bit.  In the finest
 * archive a piece's value goes into each of its slots.  A row of a coarser archive into which time
 * was filled is made anew from the finest archives that reach back to it, by the same rule that
 * rrdtool keeps (known when at least half of its slots are); beyond their reach an unknown row
 * takes the mean of the pieces.  A largest value can only grow by what was filled in.  The row that
 * is still being gathered (rrdtool's scratch area) is treated alike, so that the next update goes
 * on from there. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "store/series_internal.h"

struct fill {
	const struct series_layout *layout;
	unsigned char *map;
	struct series_piece *pieces;
	size_t piece_count;
	uint16_t *touched
	    [SERIES_ARCHIVE_MAX]; /* by place in the ring: columns of that row that were filled */
};

/* What a stretch of time holds, by column. */
struct gathered {
	double sum[COLUMN_COUNT];     /* value x slots */
	double largest[COLUMN_COUNT]; /* NAN: none known */
	int64_t known[COLUMN_COUNT];  /* slots */
	int64_t slots;
	unsigned changed; /* columns into which something was filled */
};

static double *
cells_of(const struct fill *f, const struct series_archive *a, int64_t end_utc_sec)
{
	return (double *)(void *)(f->map + series_layout_cell(a, end_utc_sec));
}

static uint16_t *
touched_of(const struct fill *f, size_t archive, int64_t end_utc_sec)
{
	const struct series_archive *a = &f->layout->archives[archive];
	int64_t octets = series_layout_cell(a, end_utc_sec) - a->offset;

	return &f->touched[archive][octets / (COLUMN_COUNT * (int64_t)sizeof(double))];
}

static int64_t
max_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
min_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
start_of(const struct series_piece *p)
{
	return p->end_utc_sec - p->span_sec;
}

/* --- gathering --- */

static void
gather_row(struct gathered *g, const double *cell, int64_t slots)
{
	g->slots += slots;
	for (int c = 0; c < COLUMN_COUNT; c++) {
		if (isnan(cell[c]))
			continue;
		g->sum[c] += cell[c] * (double)slots;
		g->known[c] += slots;
		g->largest[c] = fmax(g->largest[c], cell[c]);
	}
}

static struct gathered
gathered_none(void)
{
	struct gathered g = { .slots = 0 };

	for (int c = 0; c < COLUMN_COUNT; c++)
		g.largest[c] = NAN;
	return g;
}

/* The finest AVERAGE archive, of rows of at most row_max_sec, that has a row from `at` on within
 * (at, to]; or none. */
static const struct series_archive *
finest_at(const struct fill *f, int64_t at, int64_t to, int64_t row_max_sec)
{
	for (size_t i = 0; i < f->layout->archive_count; i++) {
		const struct series_archive *a = &f->layout->archives[i];

		if (a->cf == SERIES_AVERAGE && a->row_sec <= row_max_sec &&
		    a->begin_utc_sec <= at && at % a->row_sec == 0 &&
		    at + a->row_sec <= min_of(a->end_utc_sec, to))
			return a;
	}
	return NULL;
}

/* What archives of rows of at most row_max_sec hold of (from, to].  False when none reaches back
 * that far. */
static bool
gather(const struct fill *f, int64_t from, int64_t to, int64_t row_max_sec, struct gathered *g)
{
	int64_t interval = f->layout->interval_sec;
	const struct series_archive *a;

	*g = gathered_none();
	if (finest_at(f, from, to, row_max_sec) == NULL)
		return false;
	for (int64_t at = from; at < to; at += a != NULL ? a->row_sec : interval) {
		a = finest_at(f, at, to, row_max_sec);
		if (a == NULL) {
			g->slots++;
			continue;
		}
		gather_row(g, cells_of(f, a, at + a->row_sec), a->row_sec / interval);
		g->changed |= *touched_of(f, (size_t)(a - f->layout->archives), at + a->row_sec);
	}
	return true;
}

/* What the pieces hold of (from, to], the first that may be `first`.  filled_only: columns in which
 * they filled. */
static struct gathered
gather_pieces(const struct fill *f, size_t first, int64_t from, int64_t to, bool filled_only)
{
	struct gathered g = gathered_none();

	g.slots = (to - from) / f->layout->interval_sec;
	for (size_t i = first; i < f->piece_count && start_of(&f->pieces[i]) < to; i++) {
		const struct series_piece *p = &f->pieces[i];
		int64_t slots = (min_of(p->end_utc_sec, to) - max_of(start_of(p), from)) /
				f->layout->interval_sec;

		for (int c = 0; slots > 0 && c < COLUMN_COUNT; c++) {
			if (isnan(p->value[c]) || (filled_only && (p->filled >> c & 1) == 0))
				continue;
			g.sum[c] += p->value[c] * (double)slots;
			g.known[c] += slots;
			g.largest[c] = fmax(g.largest[c], p->value[c]);
		}
	}
	return g;
}

static bool
is_half_known(const struct gathered *g, int column)
{
	return g->known[column] > 0 && 2 * g->known[column] >= g->slots;
}

static double
mean_of(const struct gathered *g, int column)
{
	return g->sum[column] / (double)g->known[column];
}

/* --- archives of averages --- */

static void
fill_slots(struct fill *f, struct series_piece *p)
{
	const struct series_archive *a = &f->layout->archives[0];
	int64_t to = min_of(p->end_utc_sec, a->end_utc_sec);

	for (int64_t end = max_of(start_of(p), a->begin_utc_sec) + a->row_sec; end <= to;
	     end += a->row_sec) {
		double *cell = cells_of(f, a, end);
		uint16_t *touched = touched_of(f, 0, end);

		for (int c = 0; c < COLUMN_COUNT; c++) {
			if (!isnan(cell[c]) || isnan(p->value[c]))
				continue;
			cell[c] = p->value[c];
			*touched |= (uint16_t)(1u << c);
			p->filled |= 1u << c;
		}
	}
}

/* Notes for the pieces in (from, to] that their value of the column went in. */
static void
mark_filled(struct fill *f, size_t first, int64_t from, int64_t to, int column)
{
	for (size_t i = first; i < f->piece_count && start_of(&f->pieces[i]) < to; i++)
		if (f->pieces[i].end_utc_sec > from && !isnan(f->pieces[i].value[column]))
			f->pieces[i].filled |= 1u << column;
}

static void
fill_average_row(struct fill *f, size_t archive, size_t first_piece, int64_t end)
{
	const struct series_archive *a = &f->layout->archives[archive];
	int64_t start = end - a->row_sec;
	double *cell = cells_of(f, a, end);
	struct gathered g;
	bool covered = gather(f, start, end, a->row_sec - 1, &g);

	if (!covered)
		g = gather_pieces(f, first_piece, start, end, false);
	for (int c = 0; c < COLUMN_COUNT; c++) {
		bool wanted = covered ? (g.changed >> c & 1) != 0 : isnan(cell[c]);

		if (!wanted || !is_half_known(&g, c))
			continue;
		cell[c] = mean_of(&g, c);
		*touched_of(f, archive, end) |= (uint16_t)(1u << c);
		if (!covered)
			mark_filled(f, first_piece, start, end, c);
	}
}

/* --- archives of largest values --- */

static void
fill_max_row(struct fill *f, size_t archive, size_t first_piece, int64_t end)
{
	const struct series_archive *a = &f->layout->archives[archive];
	int64_t start = end - a->row_sec;
	double *cell = cells_of(f, a, end);
	struct gathered finer, pieces;
	bool covered = gather(f, start, end, a->row_sec, &finer);

	pieces = gather_pieces(f, first_piece, start, end, covered);
	for (int c = 0; c < COLUMN_COUNT; c++) {
		if (covered && (finer.changed >> c & 1) == 0)
			continue;
		if (!isnan(cell[c]) && covered)
			cell[c] = fmax(cell[c], pieces.largest[c]);
		else if (isnan(cell[c]) && is_half_known(covered ? &finer : &pieces, c))
			cell[c] = fmax(pieces.largest[c], finer.largest[c]);
	}
}

/* --- the row that is still being gathered --- */

static void
fill_scratch(struct fill *f, size_t archive, size_t first_piece)
{
	const struct series_archive *a = &f->layout->archives[archive];
	int64_t from = a->end_utc_sec, to = f->layout->last_utc_sec;
	struct gathered g, pieces;

	if (from == to || !gather(f, from, to, a->row_sec - 1, &g))
		return;
	pieces = gather_pieces(f, first_piece, from, to, true);
	for (unsigned c = 0; c < COLUMN_COUNT; c++) {
		void *at = f->map + series_layout_scratch(f->layout, archive, c);
		struct series_scratch scratch = series_layout_scratch_get(at);

		if ((g.changed >> c & 1) == 0)
			continue;
		scratch.unknown_count = (uint64_t)(g.slots - g.known[c]);
		scratch.value =
		    a->cf == SERIES_AVERAGE ? g.sum[c] : fmax(scratch.value, pieces.largest[c]);
		series_layout_scratch_put(at, &scratch);
	}
}

/* --- the walk --- */

/* Every row of the archive that a piece touches, once, ascending. */
static void
fill_archive(struct fill *f, size_t archive)
{
	const struct series_archive *a = &f->layout->archives[archive];
	int64_t next = a->begin_utc_sec + a->row_sec; /* the end of the next row that may be */
	size_t first = 0;

	for (size_t i = 0; i < f->piece_count; i++) {
		int64_t start = start_of(&f->pieces[i]);

		next = max_of(next, start - start % a->row_sec + a->row_sec);
		for (; next <= a->end_utc_sec && next - a->row_sec < f->pieces[i].end_utc_sec;
		     next += a->row_sec) {
			while (f->pieces[first].end_utc_sec <= next - a->row_sec)
				first++;
			if (a->cf == SERIES_AVERAGE)
				fill_average_row(f, archive, first, next);
			else
				fill_max_row(f, archive, first, next);
		}
	}
	while (first < f->piece_count && f->pieces[first].end_utc_sec <= a->end_utc_sec)
		first++;
	fill_scratch(f, archive, first);
}

static bool
begin(struct fill *f, struct error *err)
{
	f->map = mmap(NULL, (size_t)f->layout->file_len, PROT_READ | PROT_WRITE, MAP_SHARED,
		      f->layout->fd, 0);
	if (f->map == MAP_FAILED) {
		f->map = NULL;
		return error_set(err, ERR_IO, "cannot be mapped: %s", strerror(errno));
	}
	for (size_t i = 0; i < f->layout->archive_count; i++) {
		f->touched[i] =
		    calloc((size_t)f->layout->archives[i].row_count, sizeof(*f->touched[i]));
		if (f->touched[i] == NULL)
			return error_set(err, ERR_NOMEM, "out of memory");
	}
	return true;
}

static void
end(struct fill *f)
{
	for (size_t i = 0; i < SERIES_ARCHIVE_MAX; i++)
		free(f->touched[i]);
	if (f->map != NULL)
		munmap(f->map, (size_t)f->layout->file_len);
}

/* Averages before largest values: the latter ask what was filled. */
bool
series_fill(struct series_layout *layout, struct series_piece *pieces, size_t piece_count,
	    struct error *err)
{
	struct fill f = { .layout = layout, .pieces = pieces, .piece_count = piece_count };
	bool done = begin(&f, err);

	for (size_t i = 0; done && i < piece_count; i++)
		fill_slots(&f, &pieces[i]);
	for (size_t i = 1; done && i < layout->archive_count; i++)
		if (layout->archives[i].cf == SERIES_AVERAGE)
			fill_archive(&f, i);
	for (size_t i = 1; done && i < layout->archive_count; i++)
		if (layout->archives[i].cf == SERIES_MAX)
			fill_archive(&f, i);
	end(&f);
	return done;
}
