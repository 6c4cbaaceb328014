/* report_registers.h - what stands beside the letters of one peer: what is ordered, what it contests, whether it wants any;
 * as lists, and as forms for those who may. */
#ifndef WEB_REPORT_REGISTERS_H
#define WEB_REPORT_REGISTERS_H

#include "ixwatch/report.h"

#include "html.h"
#include "request.h"

/* Of a peer's letter; nothing of another kind. */
void report_put_registers(struct html *html, const struct request *request,
			  const struct report *report);

#endif
