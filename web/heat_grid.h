/* heat_grid.h - samples into hours: the cells of heat.h's picture.  Pure. */
#ifndef WEB_HEAT_GRID_H
#define WEB_HEAT_GRID_H

#include <stdint.h>

#include "ixwatch/series.h"
#include "ixwatch/zone.h"

#include "heat.h"

#define HEAT_HOURS 24

/* An hour on the wall of the exchange. */
struct heat_cell {
	int64_t
	    possible_sec; /* of the hour, so far; 0: it is to come, or the clock leapt over it */
	int64_t known_sec[DIRECTION_COUNT];
	double sum[DIRECTION_COUNT]; /* utilisation x known_sec */
};

struct heat_grid {
	const struct job *job; /* lent */
	struct zone *zone;     /* of the exchange */
	struct heat_cell cell[HEAT_DAYS][HEAT_HOURS];
};

/* job is lent until heat_grid_end, which bears a half-made one. */
bool heat_grid_fill(struct heat_grid *grid, const struct job *job, const struct series_rows *rows,
		    struct error *err);
void heat_grid_end(struct heat_grid *grid);

/* The mean utilisation; NAN where less than half of the hour, so far, is known. */
double heat_cell_share(const struct heat_cell *cell, enum direction direction);
/* Of the fuller direction. */
double heat_cell_worse(const struct heat_cell *cell);

/* Seconds since the beginning of the traffic day, by the clock on the wall; 0..86399. */
int64_t heat_grid_clock_sec(const struct heat_grid *grid, int64_t utc_sec);

#endif
