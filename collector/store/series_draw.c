/* series_draw.c - a port's picture, by rrdtool's graph (librrd 1.7.2).
 *
 * In above the axis, out below it; the largest samples as a pale shade behind the means where a
 * pixel is long; capacity and contract as lines where the traffic comes near them, else in words;
 * episodes as bands in their direction's half; time of which nothing is known as a grey band, never
 * as zero.  No percentile: of the points of a picture it would be another number than the one that
 * is judged.
 *
 * One thread of a process of its own: librrd's drawing is not safe beside other threads, and the
 * zone is the process'. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rrd.h>

#include "ixwatch/clock.h"
#include "store/series_picture.h"

#define SPAN_MIN_SEC   60
#define SPAN_MAX_SEC   INT64_C(630720000) /* 20 years */
#define PEAKS_SPAN_SEC INT64_C(260000)    /* above three days a pixel hides peaks */
#define SETTLE_SEC     900                /* a newer sample may still be on its way */
#define MONO_FONT      "DejaVu Sans Mono"
#define SANS_FONT      "DejaVu Sans"

/* --- what to draw --- */

static const struct colours light = {
	.ground = "ffffff",
	.text = "3b4250",
	.grid = "1d273810",
	.major_grid = "1d273824",
	.axis = "8a93a3",
	.in = "2e9e6bb8",
	.in_line = "1f7d53",
	.in_peak = "2e9e6b38",
	.out = "3f74d6b8",
	.out_line = "2a58b0",
	.out_peak = "3f74d638",
	.capacity = "5b6472",
	.contract = "8e3fb8",
	.unknown = "7a849430",
	.band = { [BAND_DECLARED] = "8a5cd028",
		  [BAND_SPIKE] = "f0a80030",
		  [BAND_EXCUSED] = "e0343918",
		  [BAND_SUSTAINED] = "e0343938" },
	.hot = { [BAND_SPIKE] = "f0a800", [BAND_EXCUSED] = "eda6a9", [BAND_SUSTAINED] = "df4148" },
};

static const struct colours dark = {
	.ground = "181e26",
	.text = "c3c9d4",
	.grid = "ffffff0c",
	.major_grid = "ffffff1c",
	.axis = "707a8a",
	.in = "3fbf86a8",
	.in_line = "5fdca6",
	.in_peak = "3fbf8638",
	.out = "5b8ff0a8",
	.out_line = "86aef8",
	.out_peak = "5b8ff038",
	.capacity = "a0a9b8",
	.contract = "cf8cf2",
	.unknown = "aab4c424",
	.band = { [BAND_DECLARED] = "b48cff2c",
		  [BAND_SPIKE] = "ffc23d28",
		  [BAND_EXCUSED] = "ff555a16",
		  [BAND_SUSTAINED] = "ff555a30" },
	.hot = { [BAND_SPIKE] = "eab036", [BAND_EXCUSED] = "a2686c", [BAND_SUSTAINED] = "f0565b" },
};

static unsigned
clamp(unsigned value, unsigned least, unsigned most)
{
	return value < least ? least : value > most ? most : value;
}

static bool
check(const struct series_drawing *d, struct error *err)
{
	size_t len =
	    d->timezone != NULL
		? strspn(d->timezone, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789_+-/")
		: 0;

	if (d->from_utc_sec < 0 || d->to_utc_sec - d->from_utc_sec < SPAN_MIN_SEC ||
	    d->to_utc_sec - d->from_utc_sec > SPAN_MAX_SEC)
		return error_set(err, ERR_USAGE,
				 "graph: from %" PRId64 " to %" PRId64
				 ", allowed are 60 s to 20 years",
				 d->from_utc_sec, d->to_utc_sec);
	if (len == 0 || len > 64 || d->timezone[len] != '\0' || d->timezone[0] == '/')
		return error_set(err, ERR_USAGE, "graph: not the name of a time zone");
	return true;
}

/* --- options --- */

/* The title is an argument of its own and no markup: only its controls and its length are minded.
 */
static void
add_title(struct picture *p)
{
	char title[256];
	size_t len = 0;

	for (const char *at = p->drawing->title;
	     at != NULL && *at != '\0' && len < sizeof(title) - 1; at++)
		title[len++] = (unsigned char)*at < ' ' || *at == 0x7f ? ' ' : *at;
	while (len > 0 && len == sizeof(title) - 1 &&
	       ((unsigned char)title[len - 1] & 0xc0) == 0x80)
		len--; /* not within a character */
	title[len] = '\0';
	if (len == 0)
		return;
	series_args_add(&p->args, "--title");
	series_args_add(&p->args, "%s", title);
}

static void
add_colours(struct picture *p)
{
	static const char *const clear[] = { "CANVAS", "SHADEA", "SHADEB", "FRAME", "ARROW" };
	const struct colours *c = p->colours;
	/* without transparency a PNG takes four fifths of the time, and is read wherever it is sent */
	const struct {
		const char *tag, *colour;
	} colours[] = { { "BACK", c->ground },
			{ "FONT", c->text },
			{ "AXIS", c->axis },
			{ "GRID", c->grid },
			{ "MGRID", c->major_grid } };

	for (size_t i = 0; i < sizeof(clear) / sizeof(clear[0]); i++)
		series_args_add(&p->args, "--color=%s#00000000", clear[i]);
	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
		series_args_add(&p->args, "--color=%s#%s", colours[i].tag, colours[i].colour);
}

/* How high a half must be: its traffic and the lines near it. */
static double
height_of(const struct picture *p, enum direction direction)
{
	double top = isnan(p->survey.peak[direction]) ? 0 : p->survey.peak[direction];

	if (series_picture_is_near(p, direction, p->survey.capacity_bps))
		top = fmax(top, p->survey.capacity_bps);
	if (series_picture_is_near(p, direction, p->drawing->contracted_bps))
		top = fmax(top, p->drawing->contracted_bps);
	return top * 1.06;
}

static void
add_limits(struct picture *p)
{
	double in = height_of(p, DIRECTION_IN), out = height_of(p, DIRECTION_OUT);
	double least =
	    fmax(fmax(in, out) * 0.06, 1); /* the smaller half still shows that it is there */

	series_args_add(&p->args, "--upper-limit=%.6g", fmax(in, least));
	series_args_add(&p->args, "--lower-limit=%.6g", -fmax(out, least));
	series_args_add(&p->args, "--rigid");
}

static void
add_options(struct picture *p)
{
	static const char *const fixed[] = { "--base=1000",
					     "--border=0",
					     "--disable-rrdtool-tag",
					     "--grid-dash=0:0", /* dots: a sixth of the time */
					     "--units=si",
					     "--vertical-label=bit/s",
					     "--font=DEFAULT:8:" SANS_FONT,
					     "--font=TITLE:10:" SANS_FONT,
					     "--font=LEGEND:8:" MONO_FONT,
					     "--font=AXIS:7.5:" SANS_FONT,
					     "--font=UNIT:7.5:" SANS_FONT };

	series_args_add(&p->args, "graphv");
	series_args_add(&p->args, "-");
	series_args_add(&p->args, "--imgformat=%s",
			p->drawing->image == SERIES_SVG ? "SVG" : "PNG");
	series_args_add(&p->args, "--start=%" PRId64, p->from);
	series_args_add(&p->args, "--end=%" PRId64, p->to);
	series_args_add(&p->args, "--width=%u", p->width_px);
	series_args_add(&p->args, "--height=%u", p->height_px);
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		series_args_add(&p->args, "%s", fixed[i]);
	add_title(p);
	add_colours(p);
	add_limits(p);
}

/* --- drawing --- */

/* A picture begins with a whole row of the longest there are in it; a later beginning may make them shorter, never longer. */
static bool
survey(struct picture *p, const char *state_dir, struct error *err)
{
	const struct series_drawing *d = p->drawing;
	int64_t pixel_sec, row_sec, begin_utc_sec = p->from;

	do {
		p->from = begin_utc_sec;
		if (p->to - p->from < SPAN_MIN_SEC)
			return error_set(err, ERR_NOT_FOUND, "series %s: there are no samples yet",
					 d->path);
		p->with_peaks = p->to - p->from > PEAKS_SPAN_SEC;
		pixel_sec = (p->to - p->from) / p->width_px + 1;
		p->settled_utc_sec = clock_utc_sec() - SETTLE_SEC - pixel_sec;
		if (!series_survey(&p->survey, state_dir, d->path, p->from, p->to, pixel_sec,
				   p->settled_utc_sec, err))
			return false;
		row_sec = p->survey.longest_row_sec;
		if (row_sec > 0)
			begin_utc_sec = (d->seen_from_utc_sec + row_sec - 1) / row_sec * row_sec;
	} while (d->seen_from_utc_sec != 0 && p->from < begin_utc_sec);
	return true;
}

static bool
prepare(struct picture *p, const char *state_dir, const struct series_drawing *d, struct error *err)
{
	char file[SERIES_FILE_MAX];

	p->drawing = d;
	p->colours = d->dark ? &dark : &light;
	p->width_px = clamp(d->width_px, 100, 2000);
	p->height_px = clamp(d->height_px, 60, 1000);
	p->from = d->from_utc_sec;
	p->to = d->to_utc_sec;
	if (!check(d, err) || !series_path_file(file, state_dir, d->path, err) ||
	    !survey(p, state_dir, err))
		return false;
	if (p->survey.row_sec == 0)
		return error_set(err, ERR_NOT_FOUND, "series %s: there are no samples yet",
				 d->path);
	series_args_escape(p->file, sizeof(p->file), file);
	return true;
}

static bool
take_image(rrd_info_t *info, unsigned char **data, size_t *len, struct error *err)
{
	for (const rrd_info_t *i = info; i != NULL; i = i->next) {
		if (strcmp(i->key, "image") != 0 || i->type != RD_I_BLO)
			continue;
		if ((*data = malloc(i->value.u_blo.size + 1)) == NULL)
			return error_set(err, ERR_NOMEM, "graph: out of memory");
		memcpy(*data, i->value.u_blo.ptr, i->value.u_blo.size);
		*len = i->value.u_blo.size;
		return true;
	}
	return error_set(err, ERR_SERIES, "graph: rrdtool made no image");
}

/* A file that is being written is tried again: its lock is held for microseconds. */
static bool
render(struct picture *p, unsigned char **data, size_t *len, struct error *err)
{
	struct timespec pause = { .tv_nsec = 1000 * 1000 };
	rrd_info_t *info = NULL;
	bool done;

	for (int i = 0; i < SERIES_LOCK_TRIES && info == NULL; i++) {
		rrd_clear_error();
		info = rrd_graph_v((int)p->args.count, p->args.at);
		if (info != NULL || strstr(rrd_get_error(), "could not lock") == NULL)
			break;
		nanosleep(&pause, NULL);
		pause.tv_nsec *= 2;
	}
	if (info == NULL)
		return error_set(err, ERR_SERIES, "graph of %s: %s", p->drawing->path,
				 rrd_get_error());
	done = take_image(info, data, len, err);
	rrd_info_free(info);
	return done;
}

bool
series_draw(const char *state_dir, const struct series_drawing *drawing, unsigned char **data,
	    size_t *len, struct error *err)
{
	struct picture p = { .args = { .at = NULL } };
	bool done;

	if (!prepare(&p, state_dir, drawing, err))
		return false;
	setenv("TZ", drawing->timezone, 1);
	tzset();
	add_options(&p);
	series_picture_fill(&p);
	done = p.args.failed ? error_set(err, ERR_NOMEM, "graph: out of memory")
			     : render(&p, data, len, err);
	series_args_free(&p.args);
	return done;
}
