/* refuse.h - errors, in the form of what was asked for: JSON below /api, a page elsewhere. */
#ifndef WEB_REFUSE_H
#define WEB_REFUSE_H

#include "reply.h"
#include "request.h"

/* code: a word for programs ("not_found"); the sentence is for people.  request->world may be NULL. */
void refuse(const struct request *request, struct reply *reply, unsigned status, const char *code,
	    const char *format, ...) __attribute__((format(printf, 5, 6)));

/* There is no ledger yet: 503 with the reason.  True when it was refused. */
bool refuse_without_ledger(const struct request *request, struct reply *reply);

#endif
