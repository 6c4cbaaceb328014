/* heat.c - the cells as a picture.
 *
 * A cell shows the mean of the known samples of the fuller direction, and is known when at least half of its time is.
 * Colours are attributes, not styles: the security policy allows none. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/units.h"

#include "heat.h"
#include "heat_grid.h"
#include "html.h"

#define HOUR_SEC  3600
#define CLASSES   6
#define TOP_PX    22 /* the hours */
#define ROW_PX    15
#define WEEK_GAP  5
#define WEEK_GAPS 4 /* at most so many Mondays below the first row */
#define LEGEND_PX 20
#define NARROW_PX 560
#define FADED     " fill-opacity=\".3\"" /* of a former peer */
#define KEYS      (CLASSES + 3)
#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))

struct heat {
	const struct job *job;
	struct heat_grid grid;
	double cell_px;
	struct html svg;
};

/* From idle to congested; the last two are above clear and congested.  Readable in grey, too. */
static const struct look {
	const char *class[CLASSES];
	const char *ink, *muted, *card, *unknown;
} looks[2] = {
	{ { "#e7eef6", "#c3d8ec", "#8fb8de", "#e9b949", "#d9781f", "#b01220" },
	  "#161b22",
	  "#57606c",
	  "#ffffff",
	  "#8a939e" },
	{ { "#202b37", "#27496a", "#3471a8", "#a97f22", "#dd7f2c", "#ff726c" },
	  "#e8edf3",
	  "#a0abb8",
	  "#181e26",
	  "#7d8894" },
};

static bool
is_narrow(unsigned width_px)
{
	return width_px < NARROW_PX;
}

/* Room for the dates. */
static double
left_px(const struct heat *heat)
{
	return is_narrow(heat->job->width_px) ? 66 : 80;
}

static const struct look *
look_of(const struct heat *heat)
{
	return &looks[heat->job->dark];
}

/* --- the scale --- */

/* The lower ends of the classes. */
static void
scale(const struct job *job, double low[CLASSES])
{
	static const double usual[] = { 0, 0.3, 0.5, 0.7 };

	for (unsigned i = 0; i < COUNT(usual); i++)
		low[i] = fmin(usual[i], job->clear_share);
	low[4] = job->clear_share;
	low[5] = job->congested_share;
}

static unsigned
class_of(const struct job *job, double share)
{
	double low[CLASSES];
	unsigned class = 0;

	scale(job, low);
	for (unsigned i = 1; i < CLASSES; i++)
		if (share >= low[i])
			class = i;
	return class;
}

/* --- drawing --- */

/* 0: Monday; 1970-01-01 was a Thursday. */
static int
weekday(int32_t date)
{
	return (int)(((date % 7) + 7 + 3) % 7);
}

static double
row_top(const struct heat *heat, int row)
{
	int gaps = 0;

	for (int i = 1; i <= row; i++)
		gaps += weekday(heat->job->first_day + i) == 0;
	return TOP_PX + row * ROW_PX + gaps * WEEK_GAP;
}

static unsigned
legend_rows(unsigned width_px)
{
	return is_narrow(width_px) ? (KEYS + 1) / 2 : 2;
}

unsigned
heat_height_px(unsigned width_px)
{
	return TOP_PX + HEAT_DAYS * ROW_PX + WEEK_GAPS * WEEK_GAP + 12 +
	       legend_rows(width_px) * LEGEND_PX + 4;
}

static void
put_text(struct heat *heat, double x, double y, const char *anchor, const char *fill,
	 const char *text)
{
	html_put(&heat->svg, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">%s</text>",
		 x, y, anchor, fill, text);
}

/* Unknown: small crosses; excused: stripes in the colour of the ground. */
static void
put_head(struct heat *heat)
{
	const struct look *look = look_of(heat);
	unsigned width = heat->job->width_px, height = heat_height_px(width);

	html_put(&heat->svg,
		 "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" "
		 "viewBox=\"0 0 %u %u\" font-family=\"DejaVu Sans, sans-serif\" "
		 "font-size=\"11\">\n<title>%s: four weeks, hour by day</title>\n"
		 "<defs><pattern id=\"u\" width=\"5\" height=\"5\" "
		 "patternUnits=\"userSpaceOnUse\"><path d=\"M1 1l3 3M4 1l-3 3\" stroke=\"%s\" "
		 "stroke-width=\".8\"/></pattern>",
		 width, height, width, height, heat->job->title, look->unknown);
	html_put(&heat->svg,
		 "<pattern id=\"x\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" "
		 "patternTransform=\"rotate(45)\"><path d=\"M0 1.25h5\" stroke=\"%s\" "
		 "stroke-width=\"2.5\"/></pattern></defs>\n",
		 look->card);
}

static void
put_hours(struct heat *heat)
{
	char text[8];
	int every = is_narrow(heat->job->width_px) ? 6 : 3;

	for (int i = 0; i < HEAT_HOURS; i += every) {
		int minute = (heat->job->day_start_sec / 60 + i * 60) % 1440;

		snprintf(text, sizeof(text), "%02d:%02d", minute / 60, minute % 60);
		put_text(heat, left_px(heat) + i * heat->cell_px, TOP_PX - 7,
			 i == 0 ? "start" : "middle", look_of(heat)->muted, text);
	}
	html_raw(&heat->svg, "\n");
}

static void
put_date(struct heat *heat, int row)
{
	static const char *const names[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	int32_t date = heat->job->first_day + row;
	char iso[32], text[48];

	units_format_date(iso, sizeof(iso), date);
	snprintf(text, sizeof(text), "%s %s", names[weekday(date)], iso + 5);
	put_text(heat, left_px(heat) - 8, row_top(heat, row) + ROW_PX - 4, "end",
		 weekday(date) == 0 ? look_of(heat)->ink : look_of(heat)->muted, text);
}

/* Any of [from, to) was another peer's. */
static bool
was_others(const struct job *job, int64_t from_utc_sec, int64_t to_utc_sec)
{
	for (uint32_t i = 0; i < job->other_count; i++)
		if (to_utc_sec > job->others[i].from_utc_sec &&
		    from_utc_sec < job->others[i].to_utc_sec)
			return true;
	return false;
}

/* By hours from the day's begin: on the day on which clocks change, one hour off. */
static bool
cell_was_others(const struct heat *heat, int row, int hour)
{
	int64_t begin;

	if (heat->job->other_count == 0)
		return false;
	begin = zone_day_begin_utc_sec(heat->grid.zone, heat->job->first_day + row,
				       heat->job->day_start_sec) +
		(int64_t)hour * HOUR_SEC;
	return was_others(heat->job, begin, begin + HOUR_SEC);
}

/* What the pointer finds where the picture is a document of its own. */
static void
put_cell_title(struct heat *heat, int row, int hour, const struct heat_cell *cell, bool of_former)
{
	char date[32], in[16], out[16];
	int minute = (heat->job->day_start_sec / 60 + hour * 60) % 1440;

	html_put(&heat->svg, "<title>day of %s, %02d:%02d: in %s, out %s%s</title>",
		 units_format_date(date, sizeof(date), heat->job->first_day + row), minute / 60,
		 minute % 60,
		 units_format_share(in, sizeof(in), heat_cell_share(cell, DIRECTION_IN)),
		 units_format_share(out, sizeof(out), heat_cell_share(cell, DIRECTION_OUT)),
		 of_former ? "; a former peer's" : "");
}

static void
put_cell(struct heat *heat, int row, int hour)
{
	const struct heat_cell *cell = &heat->grid.cell[row][hour];
	double share = heat_cell_worse(cell);
	bool of_former = cell_was_others(heat, row, hour);

	if (cell->possible_sec == 0)
		return;
	html_put(&heat->svg, "<rect x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" height=\"%d\" fill=\"%s\"",
		 left_px(heat) + hour * heat->cell_px, row_top(heat, row), heat->cell_px - 1,
		 ROW_PX - 1,
		 isnan(share) ? "url(#u)" : look_of(heat)->class[class_of(heat->job, share)]);
	html_raw(&heat->svg, of_former ? FADED ">" : ">");
	put_cell_title(heat, row, hour, cell, of_former);
	html_raw(&heat->svg, "</rect>");
}

/* The minutes [from, to) of one row: hatched when excused, underlined when they count. */
static void
put_minutes(struct heat *heat, int row, int64_t from, int64_t to, bool excused)
{
	double px = heat->cell_px / HOUR_SEC;
	double x = left_px(heat) + (double)heat_grid_clock_sec(&heat->grid, from) * px;
	double width =
	    left_px(heat) + (double)(heat_grid_clock_sec(&heat->grid, to - 1) + 1) * px - x;
	double top = row_top(heat, row);

	if (width <= 0) /* the hour that comes twice */
		return;
	html_put(&heat->svg,
		 "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\" "
		 "pointer-events=\"none\"",
		 x, excused ? top : top + ROW_PX - 4, width, excused ? ROW_PX - 1.0 : 3.0,
		 excused ? "url(#x)" : look_of(heat)->ink);
	html_raw(&heat->svg, was_others(heat->job, from, to) ? FADED "/>" : "/>");
}

static void
put_band(struct heat *heat, const struct series_band *band, bool excused)
{
	const struct job *job = heat->job;

	for (int row = 0; row < HEAT_DAYS; row++) {
		int64_t begin = zone_day_begin_utc_sec(heat->grid.zone, job->first_day + row,
						       job->day_start_sec);
		int64_t end = zone_day_begin_utc_sec(heat->grid.zone, job->first_day + row + 1,
						     job->day_start_sec);
		int64_t from = band->start_utc_sec > begin ? band->start_utc_sec : begin;
		int64_t to = band->end_utc_sec < end ? band->end_utc_sec : end;

		if (from < to)
			put_minutes(heat, row, from, to, excused);
	}
}

static void
put_bands(struct heat *heat)
{
	for (uint32_t i = 0; i < heat->job->band_count; i++) /* what counts lies on top */
		if (heat->job->excused[i])
			put_band(heat, &heat->job->bands[i], true);
	for (uint32_t i = 0; i < heat->job->band_count; i++)
		if (!heat->job->excused[i])
			put_band(heat, &heat->job->bands[i], false);
	html_raw(&heat->svg, "\n");
}

/* --- the legend --- */

static void
put_key(struct heat *heat, unsigned place, const char *fill, const char *over, const char *text)
{
	unsigned rows = legend_rows(heat->job->width_px), columns = (KEYS + rows - 1) / rows;
	double x = left_px(heat), step = ((double)heat->job->width_px - left_px(heat)) / columns;
	double y = heat_height_px(heat->job->width_px) - 4.0 - rows * LEGEND_PX;

	if (rows > 2) { /* on a phone the dates' column is needed, too */
		x = 8;
		step = (double)heat->job->width_px / 2;
	}
	x += place % columns * step;
	y += place / columns * LEGEND_PX;
	if (fill != NULL)
		html_put(&heat->svg,
			 "<rect x=\"%.1f\" y=\"%.1f\" width=\"16\" height=\"13\" fill=\"%s\"/>", x,
			 y + 3, fill);
	if (over != NULL)
		html_put(&heat->svg,
			 "<rect x=\"%.1f\" y=\"%.1f\" width=\"16\" height=\"%d\" fill=\"%s\"/>", x,
			 over[0] == '#' ? y + 13 : y + 3, over[0] == '#' ? 3 : 13, over);
	put_text(heat, x + 22, y + 13, "start", look_of(heat)->muted, text);
}

static void
put_legend(struct heat *heat)
{
	const struct look *look = look_of(heat);
	double low[CLASSES];
	char text[48];
	unsigned place = 0;

	scale(heat->job, low);
	for (unsigned i = 0; i < CLASSES; i++) {
		if (i + 1 < CLASSES && low[i + 1] <= low[i])
			continue;
		if (i == 0)
			snprintf(text, sizeof(text), "below %.4g%%", low[1] * 100);
		else if (i + 1 < CLASSES)
			snprintf(text, sizeof(text), "%.4g to %.4g%%", low[i] * 100,
				 low[i + 1] * 100);
		else
			snprintf(text, sizeof(text), "%.4g%% or more", low[i] * 100);
		put_key(heat, place++, look->class[i], NULL, text);
	}
	put_key(heat, place++, look->class[CLASSES - 1], look -> ink, "sustained");
	put_key(heat, place++, look->class[CLASSES - 1], "url(#x)", "excused");
	put_key(heat, place, "url(#u)", NULL, "unknown");
}

static void
put_all(struct heat *heat)
{
	heat->cell_px = ((double)heat->job->width_px - left_px(heat)) / HEAT_HOURS;
	put_head(heat);
	put_hours(heat);
	for (int row = 0; row < HEAT_DAYS; row++) {
		put_date(heat, row);
		for (int hour = 0; hour < HEAT_HOURS; hour++)
			put_cell(heat, row, hour);
		html_raw(&heat->svg, "\n");
	}
	put_bands(heat);
	put_legend(heat);
	html_raw(&heat->svg, "\n</svg>\n");
}

bool
heat_draw(const struct job *job, const struct series_rows *rows, char **data, size_t *len,
	  struct error *err)
{
	struct heat heat = { .job = job };

	if (rows->row_count == 0)
		return error_set(err, ERR_NOT_FOUND, "no samples yet");
	if (!heat_grid_fill(&heat.grid, job, rows, err))
		return false;
	html_init(&heat.svg);
	put_all(&heat);
	heat_grid_end(&heat.grid);
	*data = html_take(&heat.svg, len);
	return *data != NULL || error_set(err, ERR_NOMEM, "heat: out of memory");
}
