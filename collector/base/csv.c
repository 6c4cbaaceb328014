/* csv.c - body of csv.h.  The file is read whole, its rows counted, then each line is cut and its cells put in their
 * columns; five years of five-minute rows take a fifth of a second.  The grid is checked last, when all gaps are known. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/decimal.h"
#include "ixwatch/units.h"

#define COUNT(array)   (sizeof(array) / sizeof((array)[0]))
#define FIRST_ROW_LINE 2
#define TIME_MAX_SEC   253402300799LL /* 9999-12-31T23:59:59Z */
#define SHOWN_OCTETS   41
#define CHUNK_OCTETS   65536U

/* What a header may name. */
enum { TIME_COLUMN = COLUMN_COUNT };
static const struct {
	const char *name;
	int column; /* enum column, or TIME_COLUMN */
} header_names[] = {
	{ "time_utc_sec", TIME_COLUMN },
	{ "in_bps", COLUMN_IN_BPS },
	{ "out_bps", COLUMN_OUT_BPS },
	{ "in_pps", COLUMN_IN_PPS },
	{ "out_pps", COLUMN_OUT_PPS },
	{ "in_discards_pps", COLUMN_IN_DISCARDS },
	{ "out_discards_pps", COLUMN_OUT_DISCARDS },
	{ "capacity_bps", COLUMN_CAPACITY_BPS },
};

struct cell {
	const char *text; /* text[len] is ',', '\r', '\n' or NUL */
	size_t len;
};

struct reader {
	const char *file; /* as shown */
	char *text;       /* the whole file and a NUL */
	size_t len;
	const char *at; /* the next line */
	size_t line;    /* the line being read, from 1 */
	size_t column_count;
	int columns[COUNT(header_names)];
	struct csv_series *series;
	struct error *err;
};

/* --- the octets --- */

static bool
read_all(struct reader *r, int fd, size_t size)
{
	for (;;) {
		if (size - r->len < 2) {
			size = size * 2 + CHUNK_OCTETS;
			char *grown = realloc(r->text, size);

			if (grown == NULL)
				return error_set(r->err, ERR_NOMEM, "%s: out of memory", r->file);
			r->text = grown;
		}
		ssize_t got = read(fd, r->text + r->len, size - r->len - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(r->err, ERR_IO, "%s: %s", r->file, strerror(errno));
		r->len += (size_t)got;
		if (r->len > CSV_MAX_OCTETS)
			return error_set(r->err, ERR_PARSE,
					 "%s: more than %u MiB; cut it into parts", r->file,
					 CSV_MAX_OCTETS >> 20);
		if (got == 0)
			break;
	}
	r->text[r->len] = '\0';
	return true;
}

static bool
read_file(struct reader *r, const char *file)
{
	bool is_stdin = strcmp(file, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return error_set(r->err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s",
				 r->file, strerror(errno));
	size_t size = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size < CSV_MAX_OCTETS
			  ? (size_t)st.st_size + 2
			  : CHUNK_OCTETS;
	r->text = malloc(size);
	bool done = r->text != NULL ? read_all(r, fd, size)
				    : error_set(r->err, ERR_NOMEM, "%s: out of memory", r->file);
	if (!is_stdin)
		close(fd);
	return done;
}

/* --- lines and cells --- */

static bool __attribute__((format(printf, 2, 3)))
bad_line(const struct reader *r, const char *format, ...)
{
	char sentence[512];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	return error_set(r->err, ERR_PARSE, "%s:%zu: %s", r->file, r->line, sentence);
}

/* The beginning of a cell, fit to be shown. */
static const char *
shown(struct cell cell, char dst[SHOWN_OCTETS])
{
	return units_clean_text(dst, SHOWN_OCTETS, cell.text, cell.len);
}

static struct cell
next_line(struct reader *r)
{
	const char *end = memchr(r->at, '\n', (size_t)(r->text + r->len - r->at));
	struct cell line = { .text = r->at };

	if (end == NULL)
		end = r->text + r->len;
	r->at = end + 1;
	r->line++;
	line.len = (size_t)(end - line.text);
	if (line.len > 0 && end[-1] == '\r')
		line.len--;
	return line;
}

/* Cuts the first cell off the rest of a line; false when there is none left. */
static inline bool
next_cell(struct cell *rest, struct cell *cell)
{
	size_t len = 0;

	if (rest->text == NULL)
		return false;
	while (len < rest->len && rest->text[len] != ',')
		len++;
	*cell = (struct cell) { rest->text, len };
	if (len == rest->len)
		*rest = (struct cell) { NULL, 0 };
	else
		*rest = (struct cell) { rest->text + len + 1, rest->len - len - 1 };
	return true;
}

static size_t
count_cells(struct cell line)
{
	struct cell cell;
	size_t count = 0;

	while (next_cell(&line, &cell))
		count++;
	return count;
}

/* --- the header --- */

static bool
unknown_column(const struct reader *r, struct cell cell)
{
	char names[256] = "", name[SHOWN_OCTETS];

	for (size_t i = 0; i < COUNT(header_names); i++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			 i > 0 ? " " : "", header_names[i].name);
	return bad_line(r, "column \"%s\" is not known; a header names some of: %s",
			shown(cell, name), names);
}

static bool
add_column(struct reader *r, struct cell cell)
{
	for (size_t i = 0; i < COUNT(header_names); i++) {
		if (strlen(header_names[i].name) != cell.len ||
		    memcmp(header_names[i].name, cell.text, cell.len) != 0)
			continue;
		for (size_t before = 0; before < r->column_count; before++) {
			if (r->columns[before] == header_names[i].column)
				return bad_line(r, "column \"%s\" is named twice",
						header_names[i].name);
		}
		r->columns[r->column_count++] = header_names[i].column;
		if (header_names[i].column != TIME_COLUMN)
			r->series->has[header_names[i].column] = true;
		return true;
	}
	return unknown_column(r, cell);
}

static bool
read_header(struct reader *r)
{
	struct cell line = next_line(r), cell;

	if (line.len == 0)
		return bad_line(r, "no header row; the first line names the columns");
	while (next_cell(&line, &cell)) {
		if (!add_column(r, cell))
			return false;
	}
	for (size_t i = 0; i < r->column_count; i++) {
		if (r->columns[i] == TIME_COLUMN)
			return true;
	}
	return bad_line(r, "no column \"time_utc_sec\"; it is required");
}

/* --- rows --- */

static const char *
column_name(int column)
{
	size_t i = 0;

	while (header_names[i].column != column)
		i++;
	return header_names[i].name;
}

static bool
bad_time(const struct reader *r, struct cell cell)
{
	char text[SHOWN_OCTETS];
	double number;

	if (cell.len == 0)
		return bad_line(r, "time_utc_sec is empty; every row has a time");
	if (!decimal_parse(cell.text, cell.len, &number))
		return bad_line(
		    r, "time_utc_sec \"%s\" is not a number; whole Unix seconds are allowed",
		    shown(cell, text));
	if (number < 0)
		return bad_line(r, "time_utc_sec \"%s\" is negative; 0 or more is allowed",
				shown(cell, text));
	return bad_line(r, "time_utc_sec \"%s\": whole Unix seconds from 0 to %lld are allowed",
			shown(cell, text), TIME_MAX_SEC);
}

static bool
put_time(struct reader *r, size_t row, struct cell cell)
{
	int64_t *end_utc_sec = r->series->end_utc_sec;
	int64_t sec = 0;

	for (size_t i = 0; i < cell.len; i++) {
		if (cell.text[i] < '0' || cell.text[i] > '9' || sec > TIME_MAX_SEC)
			return bad_time(r, cell);
		sec = sec * 10 + (cell.text[i] - '0');
	}
	if (cell.len == 0 || sec > TIME_MAX_SEC)
		return bad_time(r, cell);
	end_utc_sec[row] = sec;
	if (row > 0 && sec == end_utc_sec[row - 1])
		return bad_line(r, "time %lld is there twice", (long long)sec);
	if (row > 0 && sec < end_utc_sec[row - 1])
		return bad_line(r, "time %lld comes after %lld; rows are in order of time",
				(long long)sec, (long long)end_utc_sec[row - 1]);
	return true;
}

static bool
put_value(const struct reader *r, size_t row, int column, struct cell cell)
{
	double *value = &r->series->value[row * COLUMN_COUNT + (size_t)column];
	char text[SHOWN_OCTETS];

	if (cell.len == 0)
		return true; /* unknown */
	if (!decimal_parse(cell.text, cell.len, value))
		return bad_line(r, "%s \"%s\" is not a number; what is unknown is an empty cell",
				column_name(column), shown(cell, text));
	if (*value < 0)
		return bad_line(r, "%s \"%s\" is negative; 0 or more is allowed",
				column_name(column), shown(cell, text));
	if (!isfinite(*value))
		return bad_line(r, "%s \"%s\" is too large for a number", column_name(column),
				shown(cell, text));
	return true;
}

static bool
bad_count(const struct reader *r, size_t cell_count)
{
	return bad_line(r, "%zu cell%s; the header names %zu column%s", cell_count,
			cell_count == 1 ? "" : "s", r->column_count,
			r->column_count == 1 ? "" : "s");
}

static bool
read_row(struct reader *r, size_t row)
{
	struct cell line = next_line(r), rest = line, cell;
	double *values = &r->series->value[row * COLUMN_COUNT];
	size_t count = 0;

	for (int i = 0; i < COLUMN_COUNT; i++)
		values[i] = NAN;
	for (; count < r->column_count && next_cell(&rest, &cell); count++) {
		int column = r->columns[count];

		if (column == TIME_COLUMN ? !put_time(r, row, cell)
					  : !put_value(r, row, column, cell))
			return false;
	}
	if (count < r->column_count || rest.text != NULL)
		return bad_count(r, count_cells(line));
	return true;
}

static bool
make_room(struct reader *r, size_t row_count)
{
	struct csv_series *series = r->series;

	series->end_utc_sec = malloc(row_count * sizeof(*series->end_utc_sec));
	series->value = malloc(row_count * COLUMN_COUNT * sizeof(*series->value));
	if (series->end_utc_sec == NULL || series->value == NULL)
		return error_set(r->err, ERR_NOMEM, "%s: no memory for %zu rows", r->file,
				 row_count);
	return true;
}

static bool
read_rows(struct reader *r)
{
	size_t row_count = 1;

	if (r->at > r->text + r->len)
		return error_set(r->err, ERR_PARSE, "%s:%d: no rows; a header alone says nothing",
				 r->file, FIRST_ROW_LINE);
	for (const char *at = r->at;
	     (at = memchr(at, '\n', (size_t)(r->text + r->len - at))) != NULL; at++)
		row_count++;
	if (!make_room(r, row_count))
		return false;
	for (size_t row = 0; row < row_count; row++) {
		if (!read_row(r, row))
			return false;
	}
	r->series->row_count = row_count;
	return true;
}

/* --- the grid --- */

static bool
off_grid(const char *file, size_t row, int64_t end_utc_sec, unsigned step_sec, struct error *err)
{
	return error_set(
	    err, ERR_PARSE,
	    "%s:%zu: time %lld is off the grid; times are multiples of the step of %u s", file,
	    row + FIRST_ROW_LINE, (long long)end_utc_sec, step_sec);
}

/* The smallest gap is the step, and every time a multiple of it. */
static bool
find_step(const struct reader *r)
{
	struct csv_series *series = r->series;
	int64_t smallest_sec = INT64_MAX;

	for (size_t row = 1; row < series->row_count; row++) {
		int64_t gap_sec = series->end_utc_sec[row] - series->end_utc_sec[row - 1];

		if (gap_sec < smallest_sec)
			smallest_sec = gap_sec;
	}
	if (series->row_count == 1)
		return true;
	series->step_sec = smallest_sec > UINT_MAX ? UINT_MAX : (unsigned)smallest_sec;
	for (size_t row = 0; row < series->row_count; row++) {
		if (series->end_utc_sec[row] % series->step_sec != 0)
			return off_grid(r->file, row, series->end_utc_sec[row], series->step_sec,
					r->err);
	}
	return true;
}

static const char *
shown_name(const char *file)
{
	return strcmp(file, "-") == 0 ? "standard input" : file;
}

static bool
read_text(struct reader *r)
{
	r->at = r->text;
	if (r->len >= 3 && memcmp(r->text, "\xef\xbb\xbf", 3) == 0)
		r->at += 3;
	while (r->len > 0 && (r->text[r->len - 1] == '\n' || r->text[r->len - 1] == '\r'))
		r->text[--r->len] = '\0';
	return read_header(r) && read_rows(r) && find_step(r);
}

bool
csv_read(struct csv_series *out, const char *file, struct error *err)
{
	struct csv_series series = { 0 };
	struct reader r = { .file = shown_name(file), .series = &series, .err = err };
	bool done = read_file(&r, file) && read_text(&r);

	free(r.text);
	if (done)
		*out = series;
	else
		csv_free(&series);
	return done;
}

void
csv_free(struct csv_series *series)
{
	free(series->end_utc_sec);
	free(series->value);
	*series = (struct csv_series) { 0 };
}

bool
csv_settle_step(struct csv_series *series, const char *file, unsigned judged_step_sec,
		struct error *err)
{
	unsigned step_sec = series->step_sec;

	file = shown_name(file);
	if (step_sec == 0) {
		if (series->end_utc_sec[0] % judged_step_sec != 0)
			return off_grid(file, 0, series->end_utc_sec[0], judged_step_sec, err);
		series->step_sec = judged_step_sec;
		return true;
	}
	if (step_sec <= judged_step_sec && judged_step_sec % step_sec != 0)
		return error_set(
		    err, ERR_PARSE,
		    "%s: its rows are %u s apart; that must divide the step judged in, %u s", file,
		    step_sec, judged_step_sec);
	if (step_sec > judged_step_sec && 3600 % step_sec != 0)
		return error_set(
		    err, ERR_PARSE,
		    "%s: its rows are %u s apart; when longer than the step judged in, %u s, "
		    "that must divide an hour",
		    file, step_sec, judged_step_sec);
	return true;
}
