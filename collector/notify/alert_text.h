/* alert_text.h - alerts in plain words: the subject and the text of one mail about some of them.  Pure. */
#ifndef COLLECTOR_NOTIFY_ALERT_TEXT_H
#define COLLECTOR_NOTIFY_ALERT_TEXT_H

#include <stddef.h>

#include "ixwatch/alert.h"

#define ALERT_SUBJECT_MAX 60 /* characters */

struct alert_text_line {
	const struct ledger_alert *alert;
	const char *interface, *peer; /* of its port; "" */
	enum alert_told_what what;
	const char *runbook; /* a line of the configuration; "" */
};

/* Lines are sorted, worst first; one or more.  base_url: of the pages.  Both texts are to be freed; false: memory ran
 * out. */
bool alert_text(const struct alert_text_line *lines, size_t count, const char *base_url,
		char **subject, char **text);

#endif
