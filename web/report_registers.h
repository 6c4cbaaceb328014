/* report_registers.h - what stands beside the letters of one peer: what is ordered, what it contests, whether it wants any;
 * as lists, and as forms for those who may. */
#ifndef WEB_REPORT_REGISTERS_H
#define WEB_REPORT_REGISTERS_H

#include "ixwatch/report.h"

#include "html.h"
#include "request.h"

/* Of a peer's letter; nothing of another kind.  problem: why what was sent was refused; "" nothing was.  A refused form is open
 * again as it was sent, and the field at fault is tied to what is said of it. */
void report_put_registers(struct html *html, const struct request *request,
			  const struct report *report, const char *problem);

#endif
