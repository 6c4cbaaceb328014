/* series_layout.c - where the cells of a series' RRD file lie, and reading them.
 *
 * The format is rrdtool's own, as its installed header rrd_format.h declares it (librrd 1.7):
 * static head, sources, archives; then what every update changes (last update, scratch areas, ring
 * positions); then one ring of rows for each archive, row-major.  A file that is not exactly such a
 * one, with our ten columns, is refused with what is wrong. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RRD_EXPORT_DEPRECATED /* the structures of the file, none of the functions */
#include <rrd.h>

#include "store/series_internal.h"

#define HEADER_MAX (16 * 1024)

/* The header's parts, as offsets into the file. */
struct parts {
	size_t sources, archives, live, pdp, scratch, rings, end;
};

static struct parts
parts_of(const stat_head_t *head)
{
	struct parts p;

	p.sources = sizeof(stat_head_t);
	p.archives = p.sources + head->ds_cnt * sizeof(ds_def_t);
	p.live = p.archives + head->rra_cnt * sizeof(rra_def_t);
	p.pdp = p.live + sizeof(live_head_t);
	p.scratch = p.pdp + head->ds_cnt * sizeof(pdp_prep_t);
	p.rings = p.scratch + head->rra_cnt * head->ds_cnt * sizeof(cdp_prep_t);
	p.end = p.rings + head->rra_cnt * sizeof(rra_ptr_t);
	return p;
}

static bool
refuse(struct error *err, const char *what)
{
	return error_set(err, ERR_SERIES, "not a series of this program: %s", what);
}

static bool
check_head(const stat_head_t *head, struct error *err)
{
	if (memcmp(head->cookie, RRD_COOKIE, sizeof(RRD_COOKIE)) != 0)
		return refuse(err, "it is no RRD file");
	if (memcmp(head->version, RRD_VERSION3, sizeof(RRD_VERSION3)) != 0)
		return refuse(err, "its RRD version is not 0003");
	if (head->float_cookie != FLOAT_COOKIE)
		return refuse(err, "it was written on another kind of machine");
	if (head->ds_cnt != COLUMN_COUNT)
		return refuse(err, "it has not ten sources");
	if (head->rra_cnt < 1 || head->rra_cnt > SERIES_ARCHIVE_MAX)
		return refuse(err, "its number of archives is not 1 to 8");
	if (head->pdp_step < 1 || head->pdp_step > 86400)
		return refuse(err, "its step is not 1 s to 1 day");
	return true;
}

static bool
check_sources(const ds_def_t *source, struct error *err)
{
	for (enum column c = 0; c < COLUMN_COUNT; c++)
		if (strncmp(source[c].ds_nam, model_column_name(c), DS_NAM_SIZE) != 0 ||
		    strncmp(source[c].dst, "GAUGE", DST_SIZE) != 0)
			return refuse(err, "its sources are others");
	return true;
}

static bool
take_archive(struct series_archive *a, const rra_def_t *def, const rra_ptr_t *ring, unsigned step,
	     int64_t last_utc_sec, struct error *err)
{
	if (strncmp(def->cf_nam, "AVERAGE", CF_NAM_SIZE) == 0)
		a->cf = SERIES_AVERAGE;
	else if (strncmp(def->cf_nam, "MAX", CF_NAM_SIZE) == 0)
		a->cf = SERIES_MAX;
	else
		return refuse(err, "it has an archive that is neither AVERAGE nor MAX");
	if (def->row_cnt < 1 || def->row_cnt > UINT32_MAX || def->pdp_cnt < 1 ||
	    def->pdp_cnt > 86400 || ring->cur_row >= def->row_cnt)
		return refuse(err, "an archive's description is damaged");
	a->row_sec = (int64_t)def->pdp_cnt * step;
	a->row_count = (int64_t)def->row_cnt;
	a->newest = (int64_t)ring->cur_row;
	a->end_utc_sec = last_utc_sec - last_utc_sec % a->row_sec;
	a->begin_utc_sec = a->end_utc_sec - a->row_count * a->row_sec;
	if (a->begin_utc_sec < 0)
		a->begin_utc_sec = 0; /* a ring longer than time itself */
	return true;
}

static bool
take_header(struct series_layout *layout, const unsigned char *header, const struct parts *p,
	    struct error *err)
{
	const stat_head_t *head = (const void *)header;
	const live_head_t *live = (const void *)(header + p->live);
	const rra_def_t *defs = (const void *)(header + p->archives);
	const rra_ptr_t *rings = (const void *)(header + p->rings);
	int64_t offset = (int64_t)p->end;

	if (!check_sources((const void *)(header + p->sources), err))
		return false;
	layout->interval_sec = (unsigned)head->pdp_step;
	layout->last_utc_sec = live->last_up;
	layout->archive_count = head->rra_cnt;
	layout->live_offset = (int64_t)p->live;
	layout->live_len = p->end - p->live;
	layout->scratch_offset = (int64_t)p->scratch;
	if (layout->last_utc_sec < 0)
		return refuse(err, "its last update is before 1970");
	for (size_t i = 0; i < layout->archive_count; i++) {
		struct series_archive *a = &layout->archives[i];

		if (!take_archive(a, &defs[i], &rings[i], layout->interval_sec,
				  layout->last_utc_sec, err))
			return false;
		a->offset = offset;
		offset += a->row_count * COLUMN_COUNT * (int64_t)sizeof(double);
	}
	return layout->file_len == offset || refuse(err, "its length does not fit its archives");
}

static bool
read_at(int fd, void *dst, size_t len, int64_t offset, struct error *err)
{
	unsigned char *at = dst;

	while (len > 0) {
		ssize_t got = pread(fd, at, len, offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(err, ERR_IO, "cannot be read: %s", strerror(errno));
		if (got == 0)
			return refuse(err, "it is too short");
		at += got;
		len -= (size_t)got;
		offset += got;
	}
	return true;
}

static bool
read_header(struct series_layout *layout, struct error *err)
{
	_Alignas(max_align_t) unsigned char header[HEADER_MAX];
	struct stat st;
	struct parts p;

	if (fstat(layout->fd, &st) != 0)
		return error_set(err, ERR_IO, "cannot be read: %s", strerror(errno));
	layout->file_len = st.st_size;
	if (!read_at(layout->fd, header, sizeof(stat_head_t), 0, err) ||
	    !check_head((const void *)header, err))
		return false;
	p = parts_of((const void *)header);
	return read_at(layout->fd, header + p.sources, p.end - p.sources, (int64_t)p.sources,
		       err) &&
	       take_header(layout, header, &p, err);
}

static bool
refresh(struct series_layout *layout, const char *file, struct error *err)
{
	return read_header(layout, err) || error_wrap(err, "%s", file);
}

enum series_open
series_layout_open(struct series_layout *layout, const char *file, int flags, struct error *err)
{
	*layout = (struct series_layout) { .fd = open(file, flags | O_CLOEXEC | O_NONBLOCK) };

	if (layout->fd < 0 && errno == ENOENT)
		return SERIES_ABSENT;
	if (layout->fd < 0) {
		error_set(err, ERR_IO, "%s: cannot be opened: %s", file, strerror(errno));
		return SERIES_UNREADABLE;
	}
	if (!refresh(layout, file, err)) {
		series_layout_close(layout);
		return SERIES_UNREADABLE;
	}
	return SERIES_OPENED;
}

void
series_layout_close(struct series_layout *layout)
{
	if (layout->fd >= 0)
		close(layout->fd);
	layout->fd = -1;
}

/* A lock of the open file description: closing another descriptor of the same file does not drop
 * it, and it keeps librrd's own (POSIX) locks out and is kept out by them. */
static bool
lock_shared(struct series_layout *layout, struct error *err)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	struct timespec pause = { .tv_nsec = 1000 * 1000 };

	for (int i = 0; i < SERIES_LOCK_TRIES; i++) {
		if (fcntl(layout->fd, F_OFD_SETLK, &lock) == 0)
			return true;
		if (errno != EAGAIN && errno != EACCES && errno != EINTR)
			return true; /* a file system without locks: read what is there */
		nanosleep(&pause, NULL);
		pause.tv_nsec *= 2;
	}
	return error_set(err, ERR_LOCKED, "the series is being written all the time; try again");
}

enum series_open
series_layout_open_locked(struct series_layout *layout, const char *state_dir, const char *path,
			  struct error *err)
{
	char file[SERIES_FILE_MAX];
	enum series_open opened;

	if (!series_path_file(file, state_dir, path, err))
		return SERIES_UNREADABLE;
	opened = series_layout_open(layout, file, O_RDONLY, err);
	if (opened != SERIES_OPENED)
		return opened;
	if (lock_shared(layout, err) && refresh(layout, file, err))
		return SERIES_OPENED;
	series_layout_close(layout);
	return SERIES_UNREADABLE;
}

int64_t
series_layout_cell(const struct series_archive *a, int64_t end_utc_sec)
{
	int64_t age = (a->end_utc_sec - end_utc_sec) / a->row_sec;
	int64_t row = (a->newest - age + a->row_count) % a->row_count;

	return a->offset + row * COLUMN_COUNT * (int64_t)sizeof(double);
}

int64_t
series_layout_scratch(const struct series_layout *layout, size_t archive, unsigned column)
{
	return layout->scratch_offset +
	       (int64_t)((archive * COLUMN_COUNT + column) * sizeof(cdp_prep_t));
}

/* Before its first known slot librrd has NAN, 0 or -infinity there, as it happens. */
struct series_scratch
series_layout_scratch_get(const void *at)
{
	const cdp_prep_t *prep = at;
	double value = prep->scratch[CDP_val].u_val;

	return (struct series_scratch) { .value = isinf(value) ? NAN : value,
					 .unknown_count = prep->scratch[CDP_unkn_pdp_cnt].u_cnt };
}

void
series_layout_scratch_put(void *at, const struct series_scratch *scratch)
{
	cdp_prep_t *prep = at;

	prep->scratch[CDP_val].u_val = scratch->value;
	prep->scratch[CDP_unkn_pdp_cnt].u_cnt = scratch->unknown_count;
}

bool
series_layout_rows(const struct series_layout *layout, const struct series_archive *a,
		   int64_t from_utc_sec, int64_t to_utc_sec, double *dst, struct error *err)
{
	for (int64_t end = from_utc_sec + a->row_sec; end <= to_utc_sec;) {
		int64_t row, run;

		if (end <= a->begin_utc_sec || end > a->end_utc_sec) {
			for (int c = 0; c < COLUMN_COUNT; c++)
				*dst++ = NAN;
			end += a->row_sec;
			continue;
		}
		row = (series_layout_cell(a, end) - a->offset) /
		      (COLUMN_COUNT * (int64_t)sizeof(double));
		run =
		    a->row_count - row; /* up to the ring's seam, what is asked and what there is */
		if (run > (to_utc_sec - end) / a->row_sec + 1)
			run = (to_utc_sec - end) / a->row_sec + 1;
		if (run > (a->end_utc_sec - end) / a->row_sec + 1)
			run = (a->end_utc_sec - end) / a->row_sec + 1;
		if (!read_at(layout->fd, dst, (size_t)run * COLUMN_COUNT * sizeof(double),
			     series_layout_cell(a, end), err))
			return false;
		dst += run * COLUMN_COUNT;
		end += run * a->row_sec;
	}
	return true;
}

bool
series_layout_fits(const struct series_layout *layout, const struct series_plan *plan)
{
	if (layout->interval_sec != plan->interval_sec ||
	    layout->archive_count != plan->archive_count)
		return false;
	for (size_t i = 0; i < plan->archive_count; i++)
		if (layout->archives[i].cf != plan->archives[i].cf ||
		    layout->archives[i].row_sec != plan->archives[i].row_sec ||
		    layout->archives[i].row_count != plan->archives[i].row_count)
			return false;
	return true;
}
