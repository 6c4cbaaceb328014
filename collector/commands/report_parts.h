/* report_parts.h - the parts of `ixwatch report` that decide and declare, as one table: commands/report.c hands over to them.
 *
 * `ixwatch report` with options alone makes and shows reports (commands/report.c); with one of these words first it is a part. */
#ifndef COLLECTOR_COMMANDS_REPORT_PARTS_H
#define COLLECTOR_COMMANDS_REPORT_PARTS_H

#include <stdbool.h>
#include <stdio.h>

/* Whether argv[1] names a part: it was run, and *status is the command's exit status. */
bool report_part_run(int argc, char **argv, int *status);

/* A line or two for each part, for `ixwatch report --help`. */
void report_parts_usage(FILE *to);

#endif
