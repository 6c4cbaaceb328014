/* ledger_note.h - the ledger's part about notes: what somebody wrote about a port, with name and time.
 *
 * A note is withdrawn, never changed or deleted.  One about a port that moved is one about the port that it is now: what was
 * written before the move's instant, and, where no other peer has come to the old port since, what was written after it,
 * too.  That is read through, not copied. */
#ifndef IXWATCH_LEDGER_NOTE_H
#define IXWATCH_LEDGER_NOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/ledger.h"

#define LEDGER_NOTE_MAX 500 /* characters, not octets */

struct ledger_note {
	int64_t id;
	int64_t port_id;                          /* of which it was written */
	const char *exchange, *agent, *interface; /* as that is called now */
	const char *text, *author;
	int64_t created_utc_sec;
	int64_t withdrawn_utc_sec; /* 0: it holds */
	const char *withdrawn_by;  /* "" while it holds */
};

/* Not read: its id, what its port is called, and whether it was withdrawn.  ERR_NOT_FOUND: there is no such port; ERR_USAGE: its text is empty or too
 * long, or it has no author. */
bool ledger_note_add(struct ledger *ledger, const struct ledger_note *note, int64_t *id,
		     struct error *err);

/* ERR_NOT_FOUND: there is no such note; ERR_REFUSED: it is withdrawn already. */
bool ledger_note_withdraw(struct ledger *ledger, int64_t id, int64_t at_utc_sec, const char *who,
			  struct error *err);

typedef bool ledger_on_note(const struct ledger_note *note,
			    void *user); /* lent for the call; false: enough */
struct ledger_note_query {
	int64_t id;         /* 0: any */
	int64_t port_id;    /* 0: of all ports; else of that one, and of what it continues */
	bool standing_only; /* not the withdrawn ones */
	int64_t before_id;  /* 0: from the newest on */
	unsigned limit;     /* 0: all */
};
/* The newest first: the one that was written last. */
bool ledger_note_each(struct ledger *ledger, const struct ledger_note_query *query,
		      ledger_on_note *on_note, void *user, struct error *err);

#endif
