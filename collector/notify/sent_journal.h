/* sent_journal.h - the mailer's own memory of what the server took and the collector does not know yet: a file beside the
 * ledger, appended to and synced before anything else is done. */
#ifndef COLLECTOR_NOTIFY_SENT_JOURNAL_H
#define COLLECTOR_NOTIFY_SENT_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/error.h"

struct sent_journal;

struct sent_entry {
	int64_t id, at_utc_sec;
	int code;
	const char *reply;
};

typedef void sent_on_entry(const struct sent_entry *entry, void *user); /* lent for the call */

/* Opens state_dir/mailer.journal, made where it is not there, and tells what is in it.  A line that is not whole was never
 * acknowledged and is left out. */
bool sent_journal_open(struct sent_journal **out, const char *state_dir, sent_on_entry *on_entry,
		       void *user, struct error *err);
void sent_journal_close(struct sent_journal *journal); /* NULL is fine */

/* Durable when it returns. */
bool sent_journal_add(struct sent_journal *journal, const struct sent_entry *entry,
		      struct error *err);
/* The collector knows them all. */
bool sent_journal_empty(struct sent_journal *journal, struct error *err);

#endif
