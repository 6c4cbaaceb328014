/* report_picture.h - the week's graph of a connection, with its capacity, in local time.
 *
 * Drawn by the one drawing of the house (ixwatch/series.h) from a series that is made for it: the connection's sum over the
 * week, without the time in which a port was another peer's.  So no picture shows more than its letter.  To be called by a
 * process of its own. */
#ifndef COLLECTOR_REPORT_PICTURE_H
#define COLLECTOR_REPORT_PICTURE_H

#include "report_shelf.h"
#include "report_view.h"

/* *png is allocated, caller frees; NULL without a failure: nothing is known to draw. */
bool report_picture(unsigned char **png, size_t *len, struct report_shelf *shelf,
		    const struct report_view *view, const char *title, struct error *err);

#endif
