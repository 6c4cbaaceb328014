/* spool.h - mails as files: DIR/20261128T021000Z-12.eml, each whole when it has its name. */
#ifndef COLLECTOR_NOTIFY_SPOOL_H
#define COLLECTOR_NOTIFY_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/error.h"

/* Makes the folder where it is not there (its parent must be), and the file; durable when it returns.  The same mail again
 * takes the place of the first. */
bool spool_put(const char *dir, int64_t created_utc_sec, int64_t id, const char *octets, size_t len,
	       struct error *err);

#endif
