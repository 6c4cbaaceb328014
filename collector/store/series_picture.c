/* series_picture.c - what is in a port's picture, as arguments of rrdtool's graph.
 *
 * What is drawn first lies behind: unknown time, episodes, largest samples, traffic, the traffic of
 * episodes, lines. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/units.h"
#include "store/series_picture.h"

#define HOT_ROW_SEC 7200 /* with longer points spikes are left out, episodes only a shade */
#define NEAR        2.5  /* a line is drawn up to that many times the peak of its half */

bool
series_picture_is_near(const struct picture *p, enum direction direction, double line_bps)
{
	return line_bps > 0 && line_bps <= NEAR * p->survey.peak[direction];
}

/* --- bands --- */

static int
by_start(const void *left, const void *right)
{
	const struct series_band *a = left, *b = right;

	return a->start_utc_sec < b->start_utc_sec ? -1 : a->start_utc_sec > b->start_utc_sec;
}

/* A spike is always excused, and has its own colour already. */
static enum band_look
look_of(const struct series_band *band)
{
	if (band->declared)
		return BAND_DECLARED;
	if (band->kind == EPISODE_SPIKE)
		return BAND_SPIKE;
	return band->excused ? BAND_EXCUSED : BAND_SUSTAINED;
}

/* A declared window lies behind both halves. */
static bool
is_in(const struct series_band *band, enum direction direction, enum band_look look)
{
	return look_of(band) == look && (look == BAND_DECLARED || band->direction == direction);
}

/* Whether TIME, the end of a point's interval, lies in one of the bands of that look; each is at
 * least a point long, and what would touch is one. */
static size_t
add_spans(struct series_text *text, const struct picture *p, const struct series_band *bands,
	  enum direction direction, enum band_look look)
{
	int64_t start = 0, end = -1;
	size_t count = 0;

	for (size_t i = 0; i <= p->drawing->band_count; i++) {
		const struct series_band *b = i < p->drawing->band_count ? &bands[i] : NULL;

		if (b != NULL && (!is_in(b, direction, look) || b->end_utc_sec <= p->from ||
				  b->start_utc_sec >= p->to))
			continue;
		if (b != NULL && end >= 0 && b->start_utc_sec <= end) {
			end = b->end_utc_sec + p->survey.row_sec > end
				  ? b->end_utc_sec + p->survey.row_sec
				  : end;
			continue;
		}
		if (end >= 0) {
			series_text_add(text, ",TIME,%" PRId64 ",GT,TIME,%" PRId64 ",LT,*,+", start,
					end);
			count++;
		}
		start = b != NULL ? b->start_utc_sec : 0;
		end = b != NULL ? b->end_utc_sec + p->survey.row_sec : -1;
	}
	return count;
}

static void
add_band(struct picture *p, const struct series_band *bands, enum direction direction,
	 enum band_look look)
{
	struct series_text text = { .at = NULL };

	series_text_add(&text, "CDEF:band%d%d=in,POP,0", direction, look);
	p->has_band[direction][look] = (look != BAND_SPIKE || p->survey.row_sec <= HOT_ROW_SEC) &&
				       add_spans(&text, p, bands, direction, look) > 0;
	if (p->has_band[direction][look]) {
		series_text_add(&text, ",0,GT,%s,UNKN,IF",
				direction == DIRECTION_IN ? "INF" : "NEGINF");
		if (!text.failed)
			series_args_add(&p->args, "%s", text.at);
		series_args_add(&p->args, "AREA:band%d%d#%s", direction, look,
				p->colours->band[look]);
	}
	p->args.failed |= text.failed;
	free(text.at);
}

/* Over the traffic: the traffic of episodes in their own colour; not where a point is far longer
 * than an episode. */
static void
add_hot(struct picture *p)
{
	if (p->survey.row_sec > HOT_ROW_SEC)
		return;
	for (enum direction d = 0; d < DIRECTION_COUNT; d++)
		for (enum band_look k = 0; k < BAND_LOOK_COUNT; k++) {
			if (!p->has_band[d][k] || p->colours->hot[k] == NULL)
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
		for (enum band_look k = 0; k < BAND_LOOK_COUNT; k++)
			add_band(p, bands, d, k);
	free(bands);
}

/* --- contents --- */

static void
add_sources(struct picture *p)
{
	static const struct {
		const char *name, *column, *cf;
	} sources[] = {
		{ "in", "in_bps", "AVERAGE" },        { "out", "out_bps", "AVERAGE" },
		{ "cap", "capacity_bps", "AVERAGE" }, { "inpeak", "in_bps", "MAX" },
		{ "outpeak", "out_bps", "MAX" },
	};
	static const char *const derived[] = { "CDEF:below=out,-1,*", "CDEF:capbelow=cap,-1,*" };

	for (size_t i = 0; i < (p->with_peaks ? 5 : 3); i++)
		series_args_add(&p->args, "DEF:%s=%s:%s:%s", sources[i].name, p->file,
				sources[i].column, sources[i].cf);
	for (size_t i = 0; i < 2; i++)
		series_args_add(&p->args, "%s", derived[i]);
}

/* Grey where neither direction is known; not what is still on its way, nor what is to come. */
static void
add_unknown(struct picture *p)
{
	if (!p->survey.has_unknown)
		return;
	series_args_add(&p->args, "CDEF:nothing=in,UN,out,UN,*,TIME,%" PRId64 ",LE,*",
			p->settled_utc_sec);
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
add_line(struct picture *p, const char *what, double bps, const char *above, const char *below,
	 const char *colour, const char *style)
{
	bool in = series_picture_is_near(p, DIRECTION_IN, bps),
	     out = series_picture_is_near(p, DIRECTION_OUT, bps);
	char rate[48];

	if (!(bps > 0))
		return;
	units_format_bps(rate, sizeof(rate), bps);
	if (in)
		series_args_add(&p->args, "LINE1:%s#%s:%s %s%s", above, colour, what, rate, style);
	if (out)
		series_args_add(&p->args, "LINE1:%s#%s:%s%s%s%s", below, colour, in ? "" : what,
				in ? "" : " ", in ? "" : rate, style);
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
	static const struct {
		enum band_look look;
		const char *word;
	} words[] = { { BAND_SUSTAINED, "sustained" },
		      { BAND_EXCUSED, "excused" },
		      { BAND_SPIKE, "spike" },
		      { BAND_DECLARED, "declared" } };

	series_args_add(&p->args, "CDEF:none=in,POP,UNKN");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		enum band_look look = words[i].look;
		const char *colour = p->colours->hot[look];

		if (!p->has_band[DIRECTION_IN][look] && !p->has_band[DIRECTION_OUT][look])
			continue;
		if (colour == NULL || p->survey.row_sec > HOT_ROW_SEC)
			colour = p->colours->band[look];
		add_word(p, colour, words[i].word);
	}
	if (p->survey.has_unknown)
		add_word(p, p->colours->unknown, "no data");
	series_args_add(&p->args, "COMMENT:times in %s\\l", p->drawing->timezone);
}

static void
add_lines(struct picture *p)
{
	char above[32], below[32];
	double contracted = p->drawing->contracted_bps;

	add_line(p, "capacity", p->survey.capacity_bps, "cap", "capbelow", p->colours->capacity,
		 ":dashes=6,3");
	if (contracted > 0) {
		snprintf(above, sizeof(above), "%.0f", contracted);
		snprintf(below, sizeof(below), "-%.0f", contracted);
		add_line(p, "contract", contracted, above, below, p->colours->contract, "");
	}
	if (p->survey.capacity_bps > 0 || contracted > 0)
		series_args_add(&p->args, "COMMENT:\\l");
}

void
series_picture_fill(struct picture *p)
{
	add_sources(p);
	add_unknown(p);
	add_bands(p);
	add_traffic(p);
	add_lines(p);
	add_words(p);
}
