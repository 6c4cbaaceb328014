/* report_document.h - what the facts of every letter begin with: who tells whom, about which week, by which numbers. */
#ifndef COLLECTOR_REPORT_DOCUMENT_H
#define COLLECTOR_REPORT_DOCUMENT_H

#include "report_facts.h"

/* From "version" to "us". */
struct json *report_document_new(const struct report_house *house, const char *kind,
				 const char *language, const struct report_edition *edition,
				 const struct detector_settings *settings);

/* "verdict" and "last_verdict": the gravest of the connections. */
void report_document_verdicts(struct json *facts, const struct json *connections);

/* The graver of both directions of one. */
enum verdict report_document_verdict(const struct json *connection);

#endif
