/* page_report.h - the page of one letter, shown again by what was asked of it. */
#ifndef WEB_PAGE_REPORT_H
#define WEB_PAGE_REPORT_H

#include "letter_files.h"

/* problem: why what was asked was not done; "" it was, or nothing was asked.  The fields of the form are shown as sent. */
void page_report_put(const struct request *request, struct reply *reply, unsigned status,
		     const struct letter_open *letter, const char *problem);

#endif
