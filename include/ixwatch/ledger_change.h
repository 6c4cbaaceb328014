/* ledger_change.h - the ledger's part about what changed of late: verdicts and capacities of ports, verdicts of connections, with what
 * was before. */
#ifndef IXWATCH_LEDGER_CHANGE_H
#define IXWATCH_LEDGER_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/ledger.h"

enum ledger_change_kind {
	CHANGE_OF_VERDICT,
	CHANGE_OF_CONNECTION_VERDICT,
	CHANGE_OF_CAPACITY,
	CHANGE_KIND_COUNT
};

struct ledger_change {
	enum ledger_change_kind kind;
	int64_t port_id;       /* 0: of a connection */
	int64_t connection_id; /* 0: of a port */
	const char *exchange;  /* slug of a connection's; "": of a port */
	uint32_t asn;          /* of a connection's peer */
	int64_t at_utc_sec;
	int64_t before_from_utc_sec; /* since when what was before had held */
	/* of a verdict */
	enum direction direction;
	enum profile profile;
	enum verdict verdict_before, verdict;
	/* of a capacity; NAN: unknown, or no contract */
	double physical_before_bps, physical_bps;
	double contracted_before_bps, contracted_bps;
};
typedef bool ledger_on_change(const struct ledger_change *change,
			      void *user); /* lent for the call; false: enough */
/* What took its place at or after from_utc_sec, newest first.  What is the first of its port or connection is no
 * change; neither is a verdict that was judged anew in the same words, nor the first that takes the place of insufficient
 * data within a day of the first of its port or connection, direction and profile. */
bool ledger_change_each(struct ledger *ledger, enum ledger_change_kind kind, int64_t from_utc_sec,
			ledger_on_change *on_change, void *user, struct error *err);

#endif
