/* report_compare.h - whether a closed week would be told otherwise now, and in which figures.  Pure. */
#ifndef COLLECTOR_REPORT_COMPARE_H
#define COLLECTOR_REPORT_COMPARE_H

#include <stdbool.h>

#include "ixwatch/json.h"

/* Whether two documents of one letter say different things of the week: any figure, verdict, day, episode.  What has nothing
 * to do with what was measured (when it was made, which edition it is, what was agreed since, words of the configuration) is
 * not looked at; numbers are equal when they differ by less than 10^-6 of themselves, since the last days of a history are
 * kept in finer steps first. */
bool report_facts_differ(const struct json *before, const struct json *now);

/* In words, figure by figure, what was told and what is so: "at demo-fra, towards you: time known 52.1%, is 99.8%; ...", at
 * most `len` octets.  Returns dst. */
char *report_facts_tell_changes(char *dst, size_t len, const struct json *before,
				const struct json *now);

#endif
