/* report_helpers.h - processes that make letters beside the one that registers them, three for two processors.
 *
 * Helper n of m (from 1) makes the letters of every m-th peer, as `ixwatch report --helper n/m` (report_close.h), and tells each that
 * it is done with by an octet.  What it could not make is made, or its failure told, by whoever waits for it: a helper that
 * dies costs time and nothing else. */
#ifndef COLLECTOR_REPORT_HELPERS_H
#define COLLECTOR_REPORT_HELPERS_H

#include <stddef.h>

struct report_helpers;

#define REPORT_HELPERS_MAX 16

/* For so many peers on the processors that there are; NULL: it is done sooner without any.  config_file NULL: the usual one.
 * exchange NULL: peers of any. */
struct report_helpers *report_helpers_start(const char *config_file, const char *week,
					    const char *exchange, size_t peer_count);

/* Until the helper whose peer it is, counted from 0, is done with it, or has ended.  helpers NULL: at once. */
void report_helpers_wait(struct report_helpers *helpers, size_t peer);

/* Ends those that still work.  NULL is fine. */
void report_helpers_end(struct report_helpers *helpers);

#endif
