/* heat_grid.c - which sample belongs to which hour.
 *
 * A cell is an hour on the wall of the exchange: on the day on which clocks change one of them has nothing, or two hours. */
#include <math.h>

#include "ixwatch/utilisation.h"

#include "heat_grid.h"

#define DAY_SEC  86400
#define HOUR_SEC 3600

int64_t
heat_grid_clock_sec(const struct heat_grid *grid, int64_t utc_sec)
{
	int64_t local = utc_sec + zone_offset_sec(grid->zone, utc_sec) - grid->job->day_start_sec;

	return (local % DAY_SEC + DAY_SEC) % DAY_SEC;
}

/* NULL outside the picture. */
static struct heat_cell *
cell_of(struct heat_grid *grid, int64_t utc_sec)
{
	int32_t row =
	    zone_day_of(grid->zone, utc_sec, grid->job->day_start_sec) - grid->job->first_day;

	if (row < 0 || row >= HEAT_DAYS)
		return NULL;
	return &grid->cell[row][heat_grid_clock_sec(grid, utc_sec) / HOUR_SEC];
}

static void
fill_possible(struct heat_grid *grid)
{
	int64_t from = grid->job->from_utc_sec / HEAT_STEP_SEC * HEAT_STEP_SEC;

	for (int64_t at = from; at < grid->job->to_utc_sec; at += HEAT_STEP_SEC) {
		struct heat_cell *cell = cell_of(grid, at);

		if (cell != NULL)
			cell->possible_sec += HEAT_STEP_SEC;
	}
}

static void
fill_sample(struct heat_grid *grid, const double *value, int64_t start_utc_sec, int64_t step_sec)
{
	static const enum column columns[DIRECTION_COUNT][2] = {
		[DIRECTION_IN] = { COLUMN_IN_BPS, COLUMN_IN_PPS },
		[DIRECTION_OUT] = { COLUMN_OUT_BPS, COLUMN_OUT_PPS },
	};
	double capacity_bps = model_capacity_bps(
	    value[COLUMN_CAPACITY_BPS], grid->job->contracted_bps, grid->job->contract_billed);
	struct heat_cell *cell = cell_of(grid, start_utc_sec);

	for (unsigned d = 0; cell != NULL && d < DIRECTION_COUNT; d++) {
		double share =
		    utilisation_share(value[columns[d][0]], value[columns[d][1]], capacity_bps);

		if (isnan(share))
			continue;
		cell->known_sec[d] += step_sec;
		cell->sum[d] += share * (double)step_sec;
	}
}

static void
fill(struct heat_grid *grid, const struct series_rows *rows)
{
	fill_possible(grid);
	for (size_t i = 0; i < rows->row_count; i++)
		fill_sample(grid, &rows->value[i * COLUMN_COUNT],
			    rows->start_utc_sec + (int64_t)i * rows->step_sec, rows->step_sec);
}

double
heat_cell_share(const struct heat_cell *cell, enum direction direction)
{
	if (cell->known_sec[direction] == 0 || 2 * cell->known_sec[direction] < cell->possible_sec)
		return NAN;
	return cell->sum[direction] / (double)cell->known_sec[direction];
}

double
heat_cell_worse(const struct heat_cell *cell)
{
	return fmax(heat_cell_share(cell, DIRECTION_IN), heat_cell_share(cell, DIRECTION_OUT));
}

bool
heat_grid_fill(struct heat_grid *grid, const struct job *job, const struct series_rows *rows,
	       struct error *err)
{
	*grid = (struct heat_grid) { .job = job };
	if (!zone_open(&grid->zone, job->timezone, err) && !zone_open(&grid->zone, "UTC", err))
		return error_wrap(err, "heat");
	fill(grid, rows);
	return true;
}

void
heat_grid_end(struct heat_grid *grid)
{
	zone_close(grid->zone);
	grid->zone = NULL;
}
