/* report_csv.h - the 300 s samples of a letter's ports over its week: the file beside the letter. */
#ifndef COLLECTOR_REPORT_CSV_H
#define COLLECTOR_REPORT_CSV_H

#include "report_view.h"

struct report_csv_part {
	int64_t port_id;
	char *text;
	size_t len;
};

struct report_csv {
	size_t count;
	struct report_csv_part *parts;
};

/* The samples of one port, whose view it is. */
bool report_csv_add(struct report_csv *csv, const struct report_view *view, struct error *err);

/* The whole file, ports by id; allocated, caller frees.  NULL when memory ran out. */
char *report_csv_text(struct report_csv *csv);
void report_csv_end(struct report_csv *csv);

#endif
