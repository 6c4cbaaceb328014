/* quiet_parts.h - what the files of the register of silences and acknowledgements share. */
#ifndef COLLECTOR_QUIET_PARTS_H
#define COLLECTOR_QUIET_PARTS_H

#include "ixwatch/alert.h"
#include "quiet.h"

/* A write that failed must not be followed by a commit of half of it; a refusal wrote nothing.  Returns done. */
bool quiet_written(struct judge_house *house, bool done, const struct error *err);
/* Adds it, to ledger and audit log. */
bool quiet_write_add(struct judge_house *house, const struct ledger_quiet *quiet, int64_t *id,
		     struct error *err);

/* A request to acknowledge that names "alerts" or a "mail". */
bool quiet_acknowledge_several(struct judge_house *house, const struct json *request,
			       struct json *answer, struct error *err);

#endif
