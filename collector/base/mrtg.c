/* mrtg.c - body of mrtg.h.
 *
 * A line does not say how much time it is the mean of: the lines around it do.  The distance to the next older one is the
 * step, but at the end of each resolution: there the newer neighbour tells. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/decimal.h"
#include "base/mrtg.h"
#include "ixwatch/units.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WORD_MAX     6                      /* one more than a line may have */
#define FIRST_SEC    INT64_C(631152000)     /* 1990-01-01, as for a series */
#define RATE_MAX     18446744073709551616.0 /* octets/s; MRTG's own numbers have 64 bits */
#define SHOWN_OCTETS 41

static const int64_t resolutions_sec[] = { 300, 1800, 7200, 86400 };

struct word {
	const char *text; /* text[len] is a blank, '\r', '\n' or NUL */
	size_t len;
};

struct row {
	int64_t end_utc_sec;
	double rate[4]; /* octets/s: in, out, largest in, largest out */
};

struct reader {
	const char *file;
	char *text; /* the whole file and a NUL */
	size_t len;
	const char *at; /* the next line */
	size_t line;    /* the line being read, from 1 */
	int64_t now_utc_sec;
	struct row *rows; /* newest first */
	size_t row_count, row_cap;
	struct error *err;
};

/* --- the octets --- */

static bool
read_octets(struct reader *r, int fd, size_t size)
{
	r->text = malloc(size + 1);
	if (r->text == NULL)
		return error_set(r->err, ERR_NOMEM, "%s: out of memory", r->file);
	while (r->len < size) {
		ssize_t got = read(fd, r->text + r->len, size - r->len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(r->err, ERR_IO, "%s: %s", r->file, strerror(errno));
		if (got == 0)
			break;
		r->len += (size_t)got;
	}
	r->text[r->len] = '\0';
	r->at = r->text;
	return true;
}

static bool
read_file(struct reader *r)
{
	int fd = open(r->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st = { .st_size = 0 };
	bool done;

	if (fd < 0)
		return error_set(r->err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s",
				 r->file, strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		done = error_set(r->err, ERR_USAGE, "%s: not a regular file", r->file);
	else if (st.st_size > MRTG_MAX_OCTETS)
		done = error_set(r->err, ERR_PARSE,
				 "%s: more than %u MiB; a log of MRTG has some 150 kB", r->file,
				 MRTG_MAX_OCTETS >> 20);
	else
		done = read_octets(r, fd, (size_t)st.st_size);
	close(fd);
	return done;
}

/* --- lines and words --- */

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

static const char *
shown(struct word word, char dst[SHOWN_OCTETS])
{
	return units_clean_text(dst, SHOWN_OCTETS, word.text, word.len);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The words of the next line, at most WORD_MAX; false when there is no line left. */
static bool
next_line(struct reader *r, struct word words[WORD_MAX], size_t *word_count)
{
	const char *end = r->text + r->len, *at = r->at;
	const char *line_end = memchr(at, '\n', (size_t)(end - at));

	*word_count = 0;
	if (at == end)
		return false;
	if (line_end == NULL)
		line_end = end;
	while (at < line_end && *word_count < WORD_MAX) {
		const char *first;

		while (at < line_end && is_blank(*at))
			at++;
		for (first = at; at < line_end && !is_blank(*at);)
			at++;
		if (at > first)
			words[(*word_count)++] = (struct word) { first, (size_t)(at - first) };
	}
	r->at = line_end < end ? line_end + 1 : end;
	r->line++;
	return true;
}

static bool
read_time(const struct reader *r, struct word word, int64_t *utc_sec)
{
	char text[SHOWN_OCTETS];
	double value;

	if (!decimal_parse(word.text, word.len, &value) || value != floor(value) || value < 0 ||
	    value > 253402300799.0)
		return bad_line(r, "time \"%s\" is not whole Unix seconds", shown(word, text));
	*utc_sec = (int64_t)value;
	if (*utc_sec > r->now_utc_sec + HISTORY_AHEAD_SEC)
		return bad_line(r, "time %" PRId64 " is in the future", *utc_sec);
	return true;
}

static bool
read_rate(const struct reader *r, struct word word, double *rate)
{
	char text[SHOWN_OCTETS];

	if (!decimal_parse(word.text, word.len, rate))
		return bad_line(r, "rate \"%s\" is not a number", shown(word, text));
	if (*rate < 0)
		return bad_line(r, "rate \"%s\" is negative", shown(word, text));
	if (*rate > RATE_MAX)
		return bad_line(r, "rate \"%s\" is too large for a rate of MRTG's",
				shown(word, text));
	return true;
}

static bool
is_nothing(const struct row *row)
{
	return row->rate[0] == 0 && row->rate[1] == 0 && row->rate[2] == 0 && row->rate[3] == 0;
}

static bool
read_row(struct reader *r, const struct word *words, size_t word_count, struct row *row)
{
	*row = (struct row) { .end_utc_sec = 0 };
	if (word_count != 3 && word_count != 5)
		return bad_line(r,
				"a line of a log has 5 numbers (a time, mean in and out, largest "
				"in and out), or 3 in old ones");
	if (!read_time(r, words[0], &row->end_utc_sec))
		return false;
	for (size_t i = 1; i < word_count; i++)
		if (!read_rate(r, words[i], &row->rate[i - 1]))
			return false;
	if (row->end_utc_sec < FIRST_SEC && !is_nothing(row))
		return bad_line(r, "time %" PRId64 " is before 1990", row->end_utc_sec);
	return true;
}

/* Two lines of one time: MRTG ran on its grid; the second is the grid's. */
static bool
add_row(struct reader *r, const struct row *row)
{
	struct row *last = r->row_count > 0 ? &r->rows[r->row_count - 1] : NULL;

	if (last != NULL && row->end_utc_sec > last->end_utc_sec)
		return bad_line(r,
				"time %" PRId64 " is after that of the line above; a log begins "
				"with the newest",
				row->end_utc_sec);
	if (last != NULL && row->end_utc_sec == last->end_utc_sec) {
		*last = *row;
		return true;
	}
	if (r->row_count == r->row_cap) {
		size_t cap = r->row_cap * 2 + 4096;
		struct row *rows = realloc(r->rows, cap * sizeof(*rows));

		if (rows == NULL)
			return error_set(r->err, ERR_NOMEM, "%s: out of memory", r->file);
		r->rows = rows;
		r->row_cap = cap;
	}
	r->rows[r->row_count++] = *row;
	return true;
}

static bool
read_head(struct reader *r)
{
	struct word words[WORD_MAX];
	size_t word_count;
	int64_t utc_sec;
	double value;

	if (!next_line(r, words, &word_count) || word_count != 3 ||
	    !decimal_parse(words[0].text, words[0].len, &value))
		return error_set(r->err, ERR_PARSE,
				 "%s:1: not a log of MRTG; that begins with three numbers, a time "
				 "and two counters",
				 r->file);
	return read_time(r, words[0], &utc_sec);
}

static bool
read_rows(struct reader *r)
{
	struct word words[WORD_MAX];
	size_t word_count, blank_line = 0;
	struct row row;

	while (next_line(r, words, &word_count)) {
		if (word_count == 0) {
			blank_line = blank_line == 0 ? r->line : blank_line;
			continue;
		}
		if (blank_line != 0) {
			r->line = blank_line;
			return bad_line(r, "a blank line within");
		}
		if (!read_row(r, words, word_count, &row) || !add_row(r, &row))
			return false;
	}
	if (r->row_count == 0)
		return error_set(r->err, ERR_PARSE, "%s:2: no rates; a head alone says nothing",
				 r->file);
	return true;
}

/* --- what a line is the mean of --- */

static bool
is_resolution(int64_t gap_sec)
{
	for (size_t i = 0; i < COUNT(resolutions_sec); i++)
		if (gap_sec == resolutions_sec[i])
			return true;
	return false;
}

/* 0: none that can be told.  Where a finer resolution ends just on the coarser one's grid, the line may be of either. */
static int64_t
step_of(const struct row *rows, size_t count, size_t i)
{
	int64_t end = rows[i].end_utc_sec;
	int64_t newer = i > 0 ? rows[i - 1].end_utc_sec - end : 0,
		older = i + 1 < count ? end - rows[i + 1].end_utc_sec : 0;
	int64_t step = is_resolution(older) ? older : 0;

	if (is_resolution(newer) && (step == 0 || newer < step)) {
		if (step != 0 && end % step == 0)
			return 0;
		step = newer;
	}
	return step != 0 && end % step == 0 ? step : 0;
}

static bool
take_rows(const struct reader *r, struct history *history, unsigned interval_sec)
{
	history->read_count = r->row_count;
	for (size_t i = 0; i < r->row_count; i++) {
		const struct row *row = &r->rows[i];
		int64_t step_sec = step_of(r->rows, r->row_count, i);

		if (is_nothing(row))
			history->unknown_count++;
		else if (step_sec > HISTORY_STEP_MAX_SEC)
			history->coarse_count++;
		else if (!history_step_fits((unsigned)step_sec, interval_sec))
			history->misfit_count++;
		else if (!history_add(history, (unsigned)step_sec, row->end_utc_sec,
				      row->rate[0] * 8, row->rate[1] * 8, r->err))
			return error_wrap(r->err, "%s", r->file);
	}
	history_settle(history);
	return true;
}

bool
mrtg_read(struct history *out, const char *file, unsigned interval_sec, int64_t now_utc_sec,
	  struct error *err)
{
	struct reader r = { .file = file, .now_utc_sec = now_utc_sec, .err = err };
	struct history history = { .strip_count = 0 };
	bool done = read_file(&r) && read_head(&r) && read_rows(&r) &&
		    take_rows(&r, &history, interval_sec);

	free(r.text);
	free(r.rows);
	if (done)
		*out = history;
	else
		history_free(&history);
	return done;
}
