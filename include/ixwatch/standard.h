/* standard.h - the three descriptors that a program is born with: that they are there, and that what was written arrived. */
#ifndef IXWATCH_STANDARD_H
#define IXWATCH_STANDARD_H

#include <stdbool.h>

/* Standard input, output and error that whoever started the program has closed are /dev/null from here on: else the next file
 * that is opened, the ledger say, would be standard error, and the log be written into it.  First of all; false: it cannot be,
 * and nothing may be opened. */
bool standard_hold(void);

/* Writes what standard output still holds.  Returns status, but 1 for 0 when some of the output was lost (a full disk), which
 * standard error is told.  Last of all. */
int standard_end(const char *program, int status);

#endif
