/* series_foreign.c - body of series_foreign.h.
 *
 * The format is rrdtool's own, as its installed header rrd_format.h declares it: versions 0003 (1.2 to 1.7), 0004 and 0005,
 * which are laid out alike.  The file is read once into memory, each number of its head is checked before it is believed,
 * and librrd, which would map it and trust it, is not asked. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RRD_EXPORT_DEPRECATED /* the structures of the file, none of the functions */
#include <rrd.h>

#include "store/series_foreign.h"

#define FILE_MAX    (INT64_C(1) << 30)
#define SOURCE_MAX  4096
#define ARCHIVE_MAX 256
#define ROW_MAX     (UINT64_C(1) << 32)
#define STEP_MAX    86400 /* of primary data */
#define PDP_MAX     (366 * 86400)
#define SPAN_MAX    UINT64_C(100000000000) /* s an archive may reach back: three thousand years */
#define RATE_MAX    1e18

struct archive {
	int64_t row_sec, row_count, begin_utc_sec, end_utc_sec; /* its rows cover (begin, end] */
	int64_t newest;                                         /* place in the ring */
	size_t offset;                                          /* of the ring */
};

struct foreign {
	const struct series_foreign *asked;
	unsigned char *text;
	size_t len;
	const stat_head_t *head;
	const ds_def_t *sources;
	int64_t last_utc_sec;
	unsigned in, out; /* places of the two sources */
	struct archive archives[ARCHIVE_MAX];
	size_t archive_count; /* of averages */
	struct error *err;
};

static bool
refuse(const struct foreign *f, const char *what)
{
	return error_set(f->err, ERR_PARSE, "%s: %s", f->asked->file, what);
}

/* --- the octets --- */

static bool
read_octets(struct foreign *f, int fd, size_t size)
{
	f->text = malloc(size + 1); /* malloc's alignment suits the structures */
	if (f->text == NULL)
		return error_set(f->err, ERR_NOMEM, "%s: out of memory", f->asked->file);
	while (f->len < size) {
		ssize_t got = read(fd, f->text + f->len, size - f->len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(f->err, ERR_IO, "%s: %s", f->asked->file, strerror(errno));
		if (got == 0)
			break;
		f->len += (size_t)got;
	}
	f->text[f->len] = '\0'; /* the end of any name in it */
	return true;
}

static bool
read_file(struct foreign *f)
{
	int fd = open(f->asked->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st = { .st_size = 0 };
	bool done;

	if (fd < 0)
		return error_set(f->err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s",
				 f->asked->file, strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		done = error_set(f->err, ERR_USAGE, "%s: not a regular file", f->asked->file);
	else if (st.st_size > FILE_MAX)
		done = refuse(f, "more than 1 GiB; no RRD file of one port is so long");
	else
		done = read_octets(f, fd, (size_t)st.st_size);
	close(fd);
	return done;
}

/* --- the head --- */

static bool
check_head(struct foreign *f)
{
	const stat_head_t *head = (const void *)f->text;

	if (f->len < sizeof(RRD_COOKIE) ||
	    memcmp(head->cookie, RRD_COOKIE, sizeof(RRD_COOKIE)) != 0)
		return refuse(f, "it is no RRD file");
	if (f->len < sizeof(*head))
		return refuse(f, "it is cut off within its head");
	if (memcmp(head->version, RRD_VERSION3, sizeof(RRD_VERSION3)) != 0 &&
	    memcmp(head->version, RRD_VERSION4, sizeof(RRD_VERSION4)) != 0 &&
	    memcmp(head->version, RRD_VERSION5, sizeof(RRD_VERSION5)) != 0)
		return refuse(f, "its RRD version is none of 0003, 0004 and 0005");
	if (head->float_cookie != FLOAT_COOKIE)
		return refuse(f, "it was written on another kind of machine; take it here with "
				 "rrdtool dump and restore");
	if (head->ds_cnt < 1 || head->ds_cnt > SOURCE_MAX || head->rra_cnt < 1 ||
	    head->rra_cnt > ARCHIVE_MAX || head->pdp_step < 1 || head->pdp_step > STEP_MAX)
		return refuse(f, "its head is damaged");
	f->head = head;
	return true;
}

/* One archive's description; *offset moves past its ring. */
static bool
take_archive(struct foreign *f, const rra_def_t *def, const rra_ptr_t *ring, size_t *offset)
{
	size_t row_len = f->head->ds_cnt * sizeof(double);
	struct archive *a = &f->archives[f->archive_count];

	if (def->row_cnt < 1 || def->row_cnt > ROW_MAX || def->pdp_cnt < 1 ||
	    def->pdp_cnt > PDP_MAX || ring->cur_row >= def->row_cnt ||
	    def->row_cnt > SPAN_MAX / (def->pdp_cnt * f->head->pdp_step) ||
	    def->row_cnt > (f->len - *offset) / row_len)
		return refuse(f, "it is damaged: an archive's description does not fit the file's "
				 "length");
	*a = (struct archive) { .row_sec = (int64_t)(def->pdp_cnt * f->head->pdp_step),
				.row_count = (int64_t)def->row_cnt,
				.newest = (int64_t)ring->cur_row,
				.offset = *offset };
	a->end_utc_sec = f->last_utc_sec - f->last_utc_sec % a->row_sec;
	a->begin_utc_sec = a->end_utc_sec - a->row_count * a->row_sec;
	*offset += def->row_cnt * row_len;
	f->archive_count += strncmp(def->cf_nam, "AVERAGE", CF_NAM_SIZE) == 0;
	return true;
}

static bool
take_head(struct foreign *f)
{
	const stat_head_t *head = f->head;
	size_t archives = sizeof(*head) + head->ds_cnt * sizeof(ds_def_t),
	       live = archives + head->rra_cnt * sizeof(rra_def_t),
	       scratch = live + sizeof(live_head_t) + head->ds_cnt * sizeof(pdp_prep_t),
	       rings = scratch + head->rra_cnt * head->ds_cnt * sizeof(cdp_prep_t),
	       offset = rings + head->rra_cnt * sizeof(rra_ptr_t);

	if (f->len < offset)
		return refuse(f, "it is cut off within its head");
	f->sources = (const void *)(f->text + sizeof(*head));
	f->last_utc_sec = ((const live_head_t *)(const void *)(f->text + live))->last_up;
	if (f->last_utc_sec < 0)
		return refuse(f, "its head is damaged: its last update is before 1970");
	if (f->last_utc_sec > f->asked->now_utc_sec + HISTORY_AHEAD_SEC)
		return refuse(f, "its last update is in the future");
	for (size_t i = 0; i < head->rra_cnt; i++)
		if (!take_archive(f, (const rra_def_t *)(const void *)(f->text + archives) + i,
				  (const rra_ptr_t *)(const void *)(f->text + rings) + i, &offset))
			return false;
	return f->len == offset || refuse(f, "it is damaged: its length does not fit its archives");
}

/* --- the sources --- */

/* The names there are, as many as fit; what is no name is left out. */
static void
name_sources(const struct foreign *f, char *dst, size_t len)
{
	size_t used = 0;

	dst[0] = '\0';
	for (size_t i = 0; i < f->head->ds_cnt && used + DS_NAM_SIZE + 4 < len; i++) {
		const char *name = f->sources[i].ds_nam;
		size_t name_len =
		    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789_-");

		if (name_len >= DS_NAM_SIZE || name[name_len] != '\0')
			continue;
		used +=
		    (size_t)snprintf(dst + used, len - used, "%s%s", used > 0 ? ", " : "", name);
	}
}

static bool
find_source(const struct foreign *f, const char *name, unsigned *place)
{
	char names[256];

	for (unsigned i = 0; i < f->head->ds_cnt; i++)
		if (strncmp(f->sources[i].ds_nam, name, DS_NAM_SIZE) == 0) {
			*place = i;
			return true;
		}
	name_sources(f, names, sizeof(names));
	return error_set(f->err, ERR_NOT_FOUND, "%s: there is no source \"%.40s\"; there are: %s",
			 f->asked->file, name, names);
}

/* --- the rows --- */

static double
cell(const struct foreign *f, const struct archive *a, int64_t end_utc_sec, unsigned source)
{
	int64_t age = (a->end_utc_sec - end_utc_sec) / a->row_sec,
		row = (a->newest - age + a->row_count) % a->row_count;
	double value;

	memcpy(&value,
	       f->text + a->offset + ((size_t)row * f->head->ds_cnt + source) * sizeof(double),
	       sizeof(value));
	value *= f->asked->bits;
	return value >= 0 && value <= RATE_MAX ? value : NAN;
}

/* The rows of an archive that begin before `until`: the rest is a finer one's. */
static bool
take_rows(const struct foreign *f, struct history *history, const struct archive *a, int64_t until)
{
	for (int64_t i = 1; i <= a->row_count; i++) {
		int64_t end = a->begin_utc_sec + i * a->row_sec;
		double in_bps, out_bps;

		history->read_count++;
		if (end - a->row_sec >= until) {
			history->covered_count++;
			continue;
		}
		in_bps = cell(f, a, end, f->in);
		out_bps = cell(f, a, end, f->out);
		if (end <= 0 || (isnan(in_bps) && isnan(out_bps)))
			history->unknown_count++;
		else if (!history_add(history, (unsigned)a->row_sec, end, in_bps, out_bps, f->err))
			return error_wrap(f->err, "%s", f->asked->file);
	}
	return true;
}

/* Rows that tell something but are not to be taken. */
static uint64_t
count_known(const struct foreign *f, const struct archive *a)
{
	uint64_t count = 0;

	for (int64_t i = 1; i <= a->row_count; i++) {
		int64_t end = a->begin_utc_sec + i * a->row_sec;

		count += !isnan(cell(f, a, end, f->in)) || !isnan(cell(f, a, end, f->out));
	}
	return count;
}

/* The finest first; of equal ones the longest. */
static int
by_row(const void *left, const void *right)
{
	const struct archive *a = left, *b = right;

	if (a->row_sec != b->row_sec)
		return a->row_sec < b->row_sec ? -1 : 1;
	return (a->row_count < b->row_count) - (a->row_count > b->row_count);
}

static bool
take_history(struct foreign *f, struct history *history)
{
	int64_t until = INT64_MAX;

	qsort(f->archives, f->archive_count, sizeof(f->archives[0]), by_row);
	for (size_t i = 0; i < f->archive_count; i++) {
		const struct archive *a = &f->archives[i];
		bool coarse = a->row_sec > HISTORY_STEP_MAX_SEC;

		if (coarse || !history_step_fits((unsigned)a->row_sec, f->asked->interval_sec)) {
			*(coarse ? &history->coarse_count : &history->misfit_count) +=
			    count_known(f, a);
			history->read_count += (uint64_t)a->row_count;
			continue;
		}
		if (!take_rows(f, history, a, until))
			return false;
		if (a->begin_utc_sec < until)
			until = a->begin_utc_sec;
	}
	history_settle(history);
	return true;
}

bool
series_foreign_read(struct history *out, const struct series_foreign *foreign, struct error *err)
{
	struct foreign *f = calloc(1, sizeof(*f));
	struct history history = { .strip_count = 0 };
	bool done;

	if (f == NULL)
		return error_set(err, ERR_NOMEM, "%s: out of memory", foreign->file);
	f->asked = foreign;
	f->err = err;
	done = read_file(f) && check_head(f) && take_head(f) &&
	       find_source(f, foreign->in_source, &f->in) &&
	       find_source(f, foreign->out_source, &f->out) &&
	       (f->archive_count > 0 || refuse(f, "it has no AVERAGE archive")) &&
	       take_history(f, &history);
	free(f->text);
	free(f);
	if (done)
		*out = history;
	else
		history_free(&history);
	return done;
}
