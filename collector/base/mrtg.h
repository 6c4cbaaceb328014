/* mrtg.h - the log that MRTG keeps of a target, as `backfill --mrtg` reads it.  Source: mrtg-logfile(1), MRTG 2.17.
 *
 * The first line is a time and two counters.  Each line below, newest first, is a time and the mean in, mean out, largest
 * in and largest out rates in octets a second of the interval that *ends* at that time: in steps of 300 s, half an hour,
 * two hours and a day, 600 of each or so.  The newest lines end when MRTG ran, off any grid.  MRTG writes a line of zeros
 * for what it does not know. */
#ifndef COLLECTOR_BASE_MRTG_H
#define COLLECTOR_BASE_MRTG_H

#include "base/history.h"

#define MRTG_MAX_OCTETS (16U << 20) /* a log is 150 kB long */

/* Reads the whole file: means over at most an hour that fit the interval, the rest counted.  A log may lack the largest
 * rates (older ones do), have blank lines at its end and CRLF.  What is wrong with a line is said as `file:line: ...`
 * (ERR_PARSE).  On success the caller ends it with history_free. */
bool mrtg_read(struct history *out, const char *file, unsigned interval_sec, int64_t now_utc_sec,
	       struct error *err);

#endif
