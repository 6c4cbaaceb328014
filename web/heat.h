/* heat.h - four weeks of one port as a picture: a row a traffic day, a column an hour of the exchange's clock, as dark as
 * the fuller direction was full.  Unknown time is crossed, never pale; excused minutes are hatched.  Pure. */
#ifndef WEB_HEAT_H
#define WEB_HEAT_H

#include <stdbool.h>
#include <stddef.h>

#include "ixwatch/error.h"
#include "ixwatch/series.h"

#include "job.h"

#define HEAT_DAYS     28
#define HEAT_STEP_SEC 300
#define HEAT_ROWS_MAX                                                                              \
	((HEAT_DAYS * 24 + 4) * (3600 / HEAT_STEP_SEC)) /* and the hours of a change of clocks */

/* The picture as SVG (caller frees), job->width_px wide and heat_height_px(width) high.  ERR_NOT_FOUND without any row. */
bool heat_draw(const struct job *job, const struct series_rows *rows, char **data, size_t *len,
	       struct error *err);
unsigned heat_height_px(unsigned width_px);

#endif
