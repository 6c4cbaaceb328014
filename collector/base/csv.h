/* csv.h - the history that `replay --csv` and `backfill --csv` read.
 *
 * A header row names the columns, in any order: time_utc_sec (required), in_bps out_bps in_pps out_pps in_discards_pps
 * out_discards_pps capacity_bps.  A row holds means over the interval that *ends* at its time, in Unix seconds; times
 * are multiples of the rows' own step, which is the smallest gap between them in the whole file.  An empty cell and a
 * missing row are unknown.  Cells are separated by commas, without quotes and blanks; lines end in LF or CRLF, and blank
 * lines may follow the last; a UTF-8 byte order mark is read over.  Numbers are decimal, with an exponent if need be
 * ("9.31e9"); times are whole. */
#ifndef COLLECTOR_BASE_CSV_H
#define COLLECTOR_BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/error.h"
#include "ixwatch/model.h"

/* The same in short, for the commands' help. */
#define CSV_FORM_HELP                                                                              \
	"The file is CSV with a header: time_utc_sec (Unix seconds, required) and any of in_bps, " \
	"out_bps,\n"                                                                               \
	"in_pps, out_pps, in_discards_pps, out_discards_pps, capacity_bps, in any order. A row "   \
	"holds the means\n"                                                                        \
	"of the interval that ends at its time; times are multiples of the rows' own step, such "  \
	"as 300 s. An\n"                                                                           \
	"empty cell and a missing row are unknown."

#define CSV_MAX_OCTETS (1U << 30)

struct csv_series {
	unsigned step_sec; /* the rows' own; 0: one row only, see csv_settle_step */
	size_t row_count;  /* 1 or more */
	int64_t *
	    end_utc_sec; /* ascending, multiples of step_sec; rows that are missing are not there */
	double *value;   /* row_count x COLUMN_COUNT, row-major; NAN unknown */
	bool has[COLUMN_COUNT]; /* the file has such a column */
};

/* Reads the whole file; "-" is standard input.  What is wrong with a row is said as `file:line: ...` (ERR_PARSE).
 * On success the caller ends it with csv_free. */
bool csv_read(struct csv_series *out, const char *file, struct error *err);
void csv_free(struct csv_series *series); /* of a zeroed one is fine */

/* Whether the rows' own step suits the step they are judged in: it divides that, or, when longer, an hour.  The only row
 * of a file has no step of its own, and takes the judged one, on whose grid it must be.  The error begins with `file:`. */
bool csv_settle_step(struct csv_series *series, const char *file, unsigned judged_step_sec,
		     struct error *err);

#endif
