/* series_draw.c - a port's picture, by rrdtool's graph (librrd 1.7.2).
 *
 * In above the axis, out below it; the largest samples as a pale shade behind the means where a pixel is long; capacity
 * and contract as lines where the traffic comes near them, else in words; episodes as bands in their direction's half;
 * time of which nothing is known as a grey band, never as zero.  No percentile: of the points of a picture it would be
 * another number than the one that is judged.
 *
 * One thread of a process of its own: librrd's drawing is not safe beside other threads, and the zone is the process'. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rrd.h>

#include "ixwatch/clock.h"
#include "ixwatch/units.h"
#include "store/series_args.h"
#include "store/series_internal.h"

#define SPAN_MAX_SEC	INT64_C(630720000)	/* 20 years */
#define PEAKS_SPAN_SEC	INT64_C(260000)		/* above three days a pixel hides peaks */
#define SETTLE_SEC	900			/* a newer sample may still be on its way */
#define HOT_ROW_SEC	7200			/* with longer points spikes are left out, episodes only a shade */
#define NEAR		2.5			/* a line is drawn up to that many times the peak of its half */
#define MONO_FONT	"DejaVu Sans Mono"
#define SANS_FONT	"DejaVu Sans"

/* --- what to draw --- */

struct colours {
	const char *text, *grid, *major_grid, *axis, *in, *in_line, *in_peak, *out, *out_line, *out_peak, *capacity,
	    *contract, *unknown;
	const char *band[EPISODE_KIND_COUNT];	/* behind */
	const char *hot[EPISODE_KIND_COUNT];	/* the traffic itself, within */
};

static const struct colours light = {
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
	.band = { [EPISODE_SPIKE] = "f0a80030", [EPISODE_SUSTAINED] = "e0343938" },
	.hot = { [EPISODE_SPIKE] = "f0a800", [EPISODE_SUSTAINED] = "df4148" },
};

static const struct colours dark = {
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
	.band = { [EPISODE_SPIKE] = "ffc23d28", [EPISODE_SUSTAINED] = "ff555a30" },
	.hot = { [EPISODE_SPIKE] = "eab036", [EPISODE_SUSTAINED] = "f0565b" },
};

/* Everything one picture is made from. */
struct picture {
	const struct series_drawing *drawing;
	const struct colours *colours;
	struct series_args args;
	char file[2 * SERIES_FILE_MAX];	/* escaped */
	unsigned width_px, height_px;
	int64_t from, to;
	int64_t settled_utc_sec;	/* before it, what is not known is unknown */
	bool with_peaks;
	bool has_band[DIRECTION_COUNT][EPISODE_KIND_COUNT];
	struct series_survey survey;
};

static unsigned
clamp(unsigned value, unsigned least, unsigned most)
{
	return value < least ? least : value > most ? most : value;
}

static bool
check(const struct series_drawing *d, struct error *err)
{
	size_t len = d->timezone != NULL ? strspn(d->timezone, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
							       "0123456789_+-/") : 0;

	if (d->from_utc_sec < 0 || d->to_utc_sec - d->from_utc_sec < 60 ||
	    d->to_utc_sec - d->from_utc_sec > SPAN_MAX_SEC)
		return error_set(err, ERR_USAGE, "graph: from %" PRId64 " to %" PRId64 ", allowed are 60 s to 20 years",
		    d->from_utc_sec, d->to_utc_sec);
	if (len == 0 || len > 64 || d->timezone[len] != '\0' || d->timezone[0] == '/')
		return error_set(err, ERR_USAGE, "graph: not the name of a time zone");
	return true;
}

/* --- bands --- */

static int
by_start(const void *left, const void *right)
{
	const struct series_band *a = left, *b = right;

	return a->start_utc_sec < b->start_utc_sec ? -1 : a->start_utc_sec > b->start_utc_sec;
}

/* Whether TIME, the end of a point's interval, lies in one of the bands of that kind; each is at least a point long, and
 * what would touch is one. */
static size_t
add_spans(struct series_text *text, const struct picture *p, const struct series_band *bands, enum direction direction,
    enum episode_kind kind)
{
	int64_t start = 0, end = -1;
	size_t count = 0;

	for (size_t i = 0; i <= p->drawing->band_count; i++) {
		const struct series_band *b = i < p->drawing->band_count ? &bands[i] : NULL;

		if (b != NULL && (b->direction != direction || b->kind != kind || b->end_utc_sec <= p->from ||
				     b->start_utc_sec >= p->to))
			continue;
		if (b != NULL && end >= 0 && b->start_utc_sec <= end) {
			end = b->end_utc_sec + p->survey.row_sec > end ? b->end_utc_sec + p->survey.row_sec : end;
			continue;
		}
		if (end >= 0) {
			series_text_add(text, ",TIME,%" PRId64 ",GT,TIME,%" PRId64 ",LT,*,+", start, end);
			count++;
		}
		start = b != NULL ? b->start_utc_sec : 0;
		end = b != NULL ? b->end_utc_sec + p->survey.row_sec : -1;
	}
	return count;
}

static void
add_band(struct picture *p, const struct series_band *bands, enum direction direction, enum episode_kind kind)
{
	struct series_text text = { .at = NULL };

	series_text_add(&text, "CDEF:band%d%d=in,POP,0", direction, kind);
	p->has_band[direction][kind] = (kind == EPISODE_SUSTAINED || p->survey.row_sec <= HOT_ROW_SEC) &&
				       add_spans(&text, p, bands, direction, kind) > 0;
	if (p->has_band[direction][kind]) {
		series_text_add(&text, ",0,GT,%s,UNKN,IF", direction == DIRECTION_IN ? "INF" : "NEGINF");
		if (!text.failed)
			series_args_add(&p->args, "%s", text.at);
		series_args_add(&p->args, "AREA:band%d%d#%s", direction, kind, p->colours->band[kind]);
	}
	p->args.failed |= text.failed;
	free(text.at);
}

/* Over the traffic: the traffic of episodes in their own colour; not where a point is far longer than an episode. */
static void
add_hot(struct picture *p)
{
	if (p->survey.row_sec > HOT_ROW_SEC)
		return;
	for (enum direction d = 0; d < DIRECTION_COUNT; d++)
		for (enum episode_kind k = 0; k < EPISODE_KIND_COUNT; k++) {
			if (!p->has_band[d][k])
				continue;
			series_args_add(&p->args, "CDEF:hot%d%d=band%d%d,UN,UNKN,%s,IF", d, k, d, k,
			    d == DIRECTION_IN ? "in" : "below");
			series_args_add(&p->args, "AREA:hot%d%d#%s", d, k, p->colours->hot[k]);
		}
}

static void
add_bands(struct picture *p)
{
	size_t count = p->drawing->band_count;
	struct series_band *bands = malloc((count + 1) * sizeof(*bands));

	if (bands == NULL) {
		p->args.failed = true;
		return;
	}
	if (count > 0)
		memcpy(bands, p->drawing->bands, count * sizeof(*bands));
	qsort(bands, count, sizeof(*bands), by_start);
	for (enum direction d = 0; d < DIRECTION_COUNT; d++)
		for (enum episode_kind k = 0; k < EPISODE_KIND_COUNT; k++)
			add_band(p, bands, d, k);
	free(bands);
}

/* --- options --- */

/* The title is an argument of its own and no markup: only its controls and its length are minded. */
static void
add_title(struct picture *p)
{
	char title[256];
	size_t len = 0;

	for (const char *at = p->drawing->title; at != NULL && *at != '\0' && len < sizeof(title) - 1; at++)
		title[len++] = (unsigned char)*at < ' ' || *at == 0x7f ? ' ' : *at;
	while (len > 0 && len == sizeof(title) - 1 && ((unsigned char)title[len - 1] & 0xc0) == 0x80)
		len--;			/* not within a character */
	title[len] = '\0';
	if (len == 0)
		return;
	series_args_add(&p->args, "--title");
	series_args_add(&p->args, "%s", title);
}

static void
add_colours(struct picture *p)
{
	static const char *const clear[] = { "BACK", "CANVAS", "SHADEA", "SHADEB", "FRAME", "ARROW" };
	const struct colours *c = p->colours;
	const struct { const char *tag, *colour; } colours[] = {
		{ "FONT", c->text }, { "AXIS", c->axis }, { "GRID", c->grid }, { "MGRID", c->major_grid }
	};

	for (size_t i = 0; i < sizeof(clear) / sizeof(clear[0]); i++)
		series_args_add(&p->args, "--color=%s#00000000", clear[i]);
	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
		series_args_add(&p->args, "--color=%s#%s", colours[i].tag, colours[i].colour);
}

/* Whether a line at that height belongs into a half of the picture. */
static bool
is_near(const struct picture *p, enum direction direction, double line_bps)
{
	return line_bps > 0 && line_bps <= NEAR * p->survey.peak[direction];
}

/* How high a half must be: its traffic and the lines near it. */
static double
height_of(const struct picture *p, enum direction direction)
{
	double top = isnan(p->survey.peak[direction]) ? 0 : p->survey.peak[direction];

	if (is_near(p, direction, p->survey.capacity_bps))
		top = fmax(top, p->survey.capacity_bps);
	if (is_near(p, direction, p->drawing->contracted_bps))
		top = fmax(top, p->drawing->contracted_bps);
	return top * 1.06;
}

static void
add_limits(struct picture *p)
{
	double in = height_of(p, DIRECTION_IN), out = height_of(p, DIRECTION_OUT);
	double least = fmax(fmax(in, out) * 0.06, 1);	/* the smaller half still shows that it is there */

	series_args_add(&p->args, "--upper-limit=%.6g", fmax(in, least));
	series_args_add(&p->args, "--lower-limit=%.6g", -fmax(out, least));
	series_args_add(&p->args, "--rigid");
}

static void
add_options(struct picture *p)
{
	static const char *const fixed[] = { "--base=1000", "--border=0", "--disable-rrdtool-tag",
		"--units=si", "--vertical-label=bit/s", "--font=DEFAULT:8:" SANS_FONT, "--font=TITLE:10:" SANS_FONT,
		"--font=LEGEND:8:" MONO_FONT, "--font=AXIS:7.5:" SANS_FONT, "--font=UNIT:7.5:" SANS_FONT };

	series_args_add(&p->args, "graphv");
	series_args_add(&p->args, "-");
	series_args_add(&p->args, "--imgformat=%s", p->drawing->image == SERIES_SVG ? "SVG" : "PNG");
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

/* --- contents --- */

static void
add_sources(struct picture *p)
{
	static const struct { const char *name, *column, *cf; } sources[] = {
		{ "in", "in_bps", "AVERAGE" },	 { "out", "out_bps", "AVERAGE" }, { "cap", "capacity_bps", "AVERAGE" },
		{ "inpeak", "in_bps", "MAX" }, { "outpeak", "out_bps", "MAX" },
	};
	static const char *const derived[] = { "CDEF:below=out,-1,*", "CDEF:capbelow=cap,-1,*" };

	for (size_t i = 0; i < (p->with_peaks ? 5 : 3); i++)
		series_args_add(&p->args, "DEF:%s=%s:%s:%s", sources[i].name, p->file, sources[i].column,
		    sources[i].cf);
	for (size_t i = 0; i < 2; i++)
		series_args_add(&p->args, "%s", derived[i]);
}

/* Grey where neither direction is known; not what is still on its way, nor what is to come. */
static void
add_unknown(struct picture *p)
{
	if (!p->survey.has_unknown)
		return;
	series_args_add(&p->args, "CDEF:nothing=in,UN,out,UN,*,TIME,%" PRId64 ",LE,*", p->settled_utc_sec);
	series_args_add(&p->args, "CDEF:nothingabove=nothing,INF,UNKN,IF");
	series_args_add(&p->args, "CDEF:nothingbelow=nothing,NEGINF,UNKN,IF");
	series_args_add(&p->args, "AREA:nothingabove#%s", p->colours->unknown);
	series_args_add(&p->args, "AREA:nothingbelow#%s", p->colours->unknown);
}

/* The same figures in every picture of the same time: they are not taken from its points. */
static void
add_figures(struct picture *p, enum direction direction)
{
	const struct series_survey *s = &p->survey;
	char newest[48], mean[48], peak[48];

	series_args_add(&p->args, "COMMENT:last %-13s mean %-13s highest %s\\l",
	    units_format_bps(newest, sizeof(newest), s->newest[direction]),
	    units_format_bps(mean, sizeof(mean), s->mean[direction]),
	    units_format_bps(peak, sizeof(peak), s->peak[direction]));
}

static void
add_traffic(struct picture *p)
{
	const struct colours *c = p->colours;

	if (p->with_peaks) {
		series_args_add(&p->args, "CDEF:peakbelow=outpeak,-1,*");
		series_args_add(&p->args, "AREA:inpeak#%s", c->in_peak);
		series_args_add(&p->args, "AREA:peakbelow#%s", c->out_peak);
	}
	series_args_add(&p->args, "AREA:in#%s:in ", c->in);
	add_figures(p, DIRECTION_IN);
	series_args_add(&p->args, "AREA:below#%s:out", c->out);
	add_figures(p, DIRECTION_OUT);
	add_hot(p);
	series_args_add(&p->args, "LINE1:in#%s", c->in_line);
	series_args_add(&p->args, "LINE1:below#%s", c->out_line);
	series_args_add(&p->args, "HRULE:0#%s", c->axis);
}

/* A line in each half that comes near it, and its words once. */
static void
add_line(struct picture *p, const char *what, double bps, const char *above, const char *below, const char *colour,
    const char *style)
{
	bool in = is_near(p, DIRECTION_IN, bps), out = is_near(p, DIRECTION_OUT, bps);
	char rate[48];

	if (!(bps > 0))
		return;
	units_format_bps(rate, sizeof(rate), bps);
	if (in)
		series_args_add(&p->args, "LINE1:%s#%s:%s %s%s", above, colour, what, rate, style);
	if (out)
		series_args_add(&p->args, "LINE1:%s#%s:%s%s%s%s", below, colour, in ? "" : what, in ? "" : " ",
		    in ? "" : rate, style);
	if (!in && !out)
		series_args_add(&p->args, "COMMENT:%s %s (not in the picture)", what, rate);
}

/* A word with its colour; nothing of it is drawn. */
static void
add_word(struct picture *p, const char *colour, const char *word)
{
	series_args_add(&p->args, "AREA:none#%s:%s", colour, word);
}

static void
add_words(struct picture *p)
{
	bool (*has)[EPISODE_KIND_COUNT] = p->has_band;

	series_args_add(&p->args, "CDEF:none=in,POP,UNKN");
	if (has[DIRECTION_IN][EPISODE_SUSTAINED] || has[DIRECTION_OUT][EPISODE_SUSTAINED])
		add_word(p, p->survey.row_sec > HOT_ROW_SEC ? p->colours->band[EPISODE_SUSTAINED] :
							      p->colours->hot[EPISODE_SUSTAINED],
		    "sustained");
	if (has[DIRECTION_IN][EPISODE_SPIKE] || has[DIRECTION_OUT][EPISODE_SPIKE])
		add_word(p, p->colours->hot[EPISODE_SPIKE], "spike");
	if (p->survey.has_unknown)
		add_word(p, p->colours->unknown, "no data");
	series_args_add(&p->args, "COMMENT:times in %s\\l", p->drawing->timezone);
}

static void
add_lines(struct picture *p)
{
	char above[32], below[32];
	double contracted = p->drawing->contracted_bps;

	add_line(p, "capacity", p->survey.capacity_bps, "cap", "capbelow", p->colours->capacity, ":dashes=6,3");
	if (contracted > 0) {
		snprintf(above, sizeof(above), "%.0f", contracted);
		snprintf(below, sizeof(below), "-%.0f", contracted);
		add_line(p, "contract", contracted, above, below, p->colours->contract, "");
	}
	if (p->survey.capacity_bps > 0 || contracted > 0)
		series_args_add(&p->args, "COMMENT:\\l");
}

/* --- drawing --- */

static bool
prepare(struct picture *p, const char *state_dir, const struct series_drawing *d, struct error *err)
{
	char file[SERIES_FILE_MAX];
	int64_t pixel_sec;

	p->drawing = d;
	p->colours = d->dark ? &dark : &light;
	p->width_px = clamp(d->width_px, 100, 2000);
	p->height_px = clamp(d->height_px, 60, 1000);
	p->from = d->from_utc_sec;
	p->to = d->to_utc_sec;
	p->with_peaks = p->to - p->from > PEAKS_SPAN_SEC;
	if (!check(d, err) || !series_path_file(file, state_dir, d->path, err))
		return false;
	pixel_sec = (p->to - p->from) / p->width_px + 1;
	p->settled_utc_sec = clock_utc_sec() - SETTLE_SEC - pixel_sec;
	if (!series_survey(&p->survey, state_dir, d->path, p->from, p->to, pixel_sec, p->settled_utc_sec, err))
		return false;
	if (p->survey.row_sec == 0)
		return error_set(err, ERR_NOT_FOUND, "series %s: there are no samples yet", d->path);
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
		return error_set(err, ERR_SERIES, "graph of %s: %s", p->drawing->path, rrd_get_error());
	done = take_image(info, data, len, err);
	rrd_info_free(info);
	return done;
}

bool
series_draw(const char *state_dir, const struct series_drawing *drawing, unsigned char **data, size_t *len,
    struct error *err)
{
	struct picture p = { .args = { .at = NULL } };
	bool done;

	if (!prepare(&p, state_dir, drawing, err))
		return false;
	setenv("TZ", drawing->timezone, 1);
	tzset();
	add_options(&p);
	add_sources(&p);
	add_unknown(&p);
	add_bands(&p);
	add_traffic(&p);
	add_lines(&p);
	add_words(&p);
	done = p.args.failed ? error_set(err, ERR_NOMEM, "graph: out of memory") : render(&p, data, len, err);
	series_args_free(&p.args);
	return done;
}
