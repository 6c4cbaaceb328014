/* report_agreed.h - what is ordered, asked and contested, as facts of a letter: as the registers have it when it is made. */
#ifndef COLLECTOR_REPORT_AGREED_H
#define COLLECTOR_REPORT_AGREED_H

#include "ixwatch/json.h"
#include "ixwatch/report.h"
#include "report_connection.h"

/* "order" and "case" of a connection at one exchange; *found: its case, id 0 where none is open. */
bool report_agreed_put(struct json *connection, const struct report_house *house, uint32_t asn,
		       const char *exchange, struct report_case *found, struct error *err);

/* "dispute" of a peer's letter. */
bool report_agreed_dispute(struct json *facts, const struct report_house *house, uint32_t asn,
			   struct error *err);

#endif
