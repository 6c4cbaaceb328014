/* report_ask.h - how the parts of `ixwatch report` ask: the collector where one runs; where none does, the ledger is written
 * here, under the lock. */
#ifndef COLLECTOR_COMMANDS_REPORT_ASK_H
#define COLLECTOR_COMMANDS_REPORT_ASK_H

#include <stdbool.h>

#include "commands/options.h"
#include "ixwatch/json.h"

/* One request of registrar.h.  Checked here first, so that a wrong one is wrong use (ERR_USAGE) whoever would have answered;
 * *answer is to be freed. */
bool report_ask(const struct config *config, const struct json *request, struct json **answer,
		struct error *err);

typedef void report_print(const struct json *request, const struct json *answer);
/* The whole of a part that is one request: configuration, request, answer, which is printed, or shown as JSON.  The exit
 * status; frees the request. */
int report_ask_once(const char *command, const struct option_set *set, const char *format,
		    struct json *request, report_print *print);

/* A request with its op and author. */
struct json *report_request(const char *op, const char *author);

/* Each false, with the sentence on standard error. */
bool report_format_ok(const char *command, const char *format);
bool report_id_parse(const char *command, const char *text, int64_t *id);
bool report_asn_parse(const char *command, const char *text, uint32_t *asn);

#endif
