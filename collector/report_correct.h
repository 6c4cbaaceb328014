/* report_correct.h - closed weeks that history which came later makes others: a new edition says so, and what was wrong.
 *
 * A backfill changes the past.  Every kept letter of a peer whose port was given history after the letter was made, of a time
 * before its week's end, is gathered again; where it says something else, it is kept beside the first as the next edition, and
 * registered: somebody decides about it as about the first. */
#ifndef COLLECTOR_REPORT_CORRECT_H
#define COLLECTOR_REPORT_CORRECT_H

#include "report_close.h"

/* Every week of which there are letters; run->monday is not read.  Made ones are counted. */
bool report_correct(const struct report_run *run, struct report_tally *tally, struct error *err);

#endif
