/* judge_source.h - where a judge reads history: the series of one port, or those of all ports of a connection, summed;
 * with the contract that was in force at each sample.
 *
 * A contract holds from the first step judged that starts at or after its entry in the capacity ledger; before the first
 * entry that one holds, and where there is none, the port's own as the configuration says it now.
 *
 * A port that was another peer's for a time: what it carried then says nothing about the present one, and is unknown; its
 * capacity remains known.
 *
 * A connection's step is the sum of its ports' steps: unknown as soon as one of them is.  A port that is down adds nothing,
 * neither rate nor capacity; one that was down for a part of the step adds capacity for the rest of it.  That is the sum
 * slot by slot wherever every slot is known. */
#ifndef COLLECTOR_JUDGE_SOURCE_H
#define COLLECTOR_JUDGE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/config.h"
#include "ixwatch/error.h"
#include "ixwatch/ledger.h"
#include "ixwatch/model.h"

struct judge_contract {
	int64_t from_utc_sec;
	double contracted_bps; /* NAN: none */
};

struct judge_span {
	int64_t from_utc_sec, to_utc_sec; /* from 0: since the first sample */
};

/* A port, for as long as it is one of those summed. */
struct judge_member {
	int64_t port_id;
	const char *agent; /* its name in the configuration */
	const char *path;  /* of its series; these two are owned in a connection's source only */
	int64_t from_utc_sec, to_utc_sec; /* 0: from the first sample; 0: until now */
	size_t contract_count;
	struct judge_contract *contracts; /* by date */
	size_t other_count;               /* times in which it was another peer's */
	struct judge_span *others;        /* by date */
	double contracted_bps;            /* where the ledger has none; NAN */
	bool contract_billed;
};

struct judge_source {
	struct subject subject;
	size_t member_count; /* of a port: 1 */
	struct judge_member *members;
};

/* Reads it from the ledger: of a port itself, whose texts are lent (port NULL: of a connection).  End with judge_source_end, also when it failed. */
bool judge_source_init(struct judge_source *source, struct subject subject, const struct port *port,
		       struct ledger *ledger, struct error *err);
void judge_source_end(struct judge_source *source);

/* The contracts once more, after an entry was added. */
bool judge_source_contracts(struct judge_source *source, struct ledger *ledger, struct error *err);

/* What the port was contracted to at a step that starts then, bit/s; NAN: no limit (none, or a billed one). */
double judge_member_limit_bps(const struct judge_member *member, int64_t step_start_utc_sec);

/* Whether the port is one of those summed during all of [start, end). */
bool judge_member_counts(const struct judge_member *member, int64_t start_utc_sec,
			 int64_t end_utc_sec);

/* Whether it was another peer's at any time of [start, end). */
bool judge_member_was_others(const struct judge_member *member, int64_t start_utc_sec,
			     int64_t end_utc_sec);

/* Leaves only the capacity of a sample of a time in which it was another peer's. */
void judge_member_blank(const struct judge_member *member, struct sample *sample);

/* Where the history of the present peer begins: 0, or when the port stopped being the first other peer's. */
int64_t judge_source_begin_utc_sec(const struct judge_source *source);

/* A row, and the contract in force: for detector_terms.contracted_bps, not billed. */
typedef void judge_on_row(const struct sample *sample, double limit_bps, void *user);

/* Every row of [from, to) in rows of `row_sec`, oldest first, from the series as they are on disk; of a connection
 * row_sec is the step judged in.  Stops quietly where the archive is coarser.  step_sec: that judged in. */
bool judge_source_each(const struct judge_source *source, const char *state_dir,
		       int64_t from_utc_sec, int64_t to_utc_sec, unsigned row_sec,
		       unsigned step_sec, judge_on_row *on_row, void *user, struct error *err);

/* First known instant and newest sample end of all of them; 0 and 0: nothing is known. */
bool judge_source_extent(const struct judge_source *source, const char *state_dir,
			 int64_t *first_utc_sec, int64_t *last_utc_sec, struct error *err);

#endif
