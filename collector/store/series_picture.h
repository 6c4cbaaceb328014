/* series_picture.h - a picture in the making: series_draw.c frames it and lets rrdtool draw it,
 * series_picture.c says what is in it. */
#ifndef COLLECTOR_STORE_SERIES_PICTURE_H
#define COLLECTOR_STORE_SERIES_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "store/series_args.h"
#include "store/series_internal.h"

/* How a band looks: what counts stands out from what is excused. */
enum band_look { BAND_DECLARED, BAND_SPIKE, BAND_EXCUSED, BAND_SUSTAINED, BAND_LOOK_COUNT };

/* RRGGBB or RRGGBBAA. */
struct colours {
	const char *ground; /* --card of the pages that it stands on; opaque */
	const char *text, *grid, *major_grid, *axis, *in, *in_line, *in_peak, *out, *out_line,
	    *out_peak, *capacity, *contract, *unknown;
	const char *band[BAND_LOOK_COUNT]; /* behind */
	const char *hot[BAND_LOOK_COUNT];  /* the traffic itself, within; NULL: as elsewhere */
};

/* Everything one picture is made from. */
struct picture {
	const struct series_drawing *drawing;
	const struct colours *colours;
	struct series_args args;
	char file[2 * SERIES_FILE_MAX]; /* escaped */
	unsigned width_px, height_px;
	int64_t from, to;
	int64_t settled_utc_sec; /* before it, what is not known is unknown */
	bool with_peaks;
	bool has_band[DIRECTION_COUNT][BAND_LOOK_COUNT];
	struct series_survey survey;
};

/* Sources, unknown time, bands, traffic, lines, legend: everything after the options. */
void series_picture_fill(struct picture *picture);

/* Whether a line at that height belongs into a half of the picture: not where the traffic is far
 * below it. */
bool series_picture_is_near(const struct picture *picture, enum direction direction,
			    double line_bps);

#endif
