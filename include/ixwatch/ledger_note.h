/* ledger_note.h - the ledger's part about notes: what somebody wrote about a port, with name and time.
 *
 * A note is withdrawn, never changed or deleted.  One about a port that moved is one about the port that it is now, if it
 * was written before the move: read through, not copied. */
#ifndef IXWATCH_LEDGER_NOTE_H
#define IXWATCH_LEDGER_NOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/ledger.h"

#define LEDGER_NOTE_MAX 500 /* characters, not octets */

struct ledger_note {
	int64_t id;
	int64_t port_id; /* of which it was written */
	const char *text, *author;
	int64_t created_utc_sec;
	int64_t withdrawn_utc_sec; /* 0: it holds */
	const char *withdrawn_by;  /* "" while it holds */
};

/* Its id and what was withdrawn are not read.  ERR_NOT_FOUND: there is no such port; ERR_USAGE: its text is empty or too
 * long, or it has no author. */
bool ledger_note_add(struct ledger *ledger, const struct ledger_note *note, int64_t *id,
		     struct error *err);

/* ERR_NOT_FOUND: there is no such note; ERR_REFUSED: it is withdrawn already. */
bool ledger_note_withdraw(struct ledger *ledger, int64_t id, int64_t at_utc_sec, const char *who,
			  struct error *err);

typedef bool ledger_on_note(const struct ledger_note *note,
			    void *user); /* lent for the call; false: enough */
/* Those of one port (0: of all), newest first, the withdrawn ones too. */
bool ledger_note_each(struct ledger *ledger, int64_t port_id, ledger_on_note *on_note, void *user,
		      struct error *err);

#endif
