/* pipeline.h - a live round, all stages joined: snmp reads, measure makes rates, series keeps them, detect judges them, the
 * ledger records what changed, the snapshot shows it.
 *
 * Agents are asked each `interval`, spread over it by a hash of their address, so that a slow one delays nobody.  What
 * came in is made durable and shown at each publishing: series first, then the ledger that rests on them, then the
 * snapshot. */
#ifndef COLLECTOR_PIPELINE_H
#define COLLECTOR_PIPELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/config.h"
#include "ixwatch/error.h"
#include "ixwatch/json.h"
#include "ixwatch/snapshot.h"
#include "loop.h"

struct control;
struct report_runs;
struct judge_house;
struct pipeline;

/* Called after every agent has been asked once; for `collect --once`. */
typedef void pipeline_on_round(const struct snapshot *snapshot, void *user);

/* What one pipeline knew that the next one may go on with: meters, and where ports are. */
struct pipeline_carry;

/* Opens series, ledger and agents; the caller holds state-dir's lock and keeps config and loop alive.
 * carry: of the one before, NULL when there was none.  on_first_round may be NULL. */
bool pipeline_open(struct pipeline **out, const struct config *config, struct loop *loop,
		   const struct pipeline_carry *carry, pipeline_on_round *on_first_round,
		   void *user, struct error *err);

/* Stops, publishes what is there, and hands over what the next one may go on with (pipeline_carry_free; NULL when
 * memory ran out).  pipeline_close follows. */
struct pipeline_carry *pipeline_suspend(struct pipeline *pipeline);
void pipeline_carry_free(struct pipeline_carry *carry); /* NULL is fine */

/* Publishes what is there and closes; NULL is fine. */
void pipeline_close(struct pipeline *pipeline);

/* Whose clients are counted among what is told of the collector; lent, may be NULL. */
void pipeline_control_set(struct pipeline *pipeline, const struct control *control);
/* How often letters were made; lent, NULL: nobody makes any. */
void pipeline_reports_set(struct pipeline *pipeline, const struct report_runs *reports);

/* --- what the control socket asks --- */

/* How collector and agents are, for `status`. */
void pipeline_status(struct pipeline *pipeline, struct json *answer);

/* Brings a port's series up to date for other readers. */
bool pipeline_flush(struct pipeline *pipeline, int64_t port_id, struct error *err);

/* A declared window that reaches back to from_utc_sec now applies to the port, or no longer does: it is judged so before
 * long, a few ports at a time. */
void pipeline_declared(struct pipeline *pipeline, int64_t port_id, int64_t from_utc_sec);

/* Silences or acknowledgements in the ledger are others now. */
void pipeline_quiets_changed(struct pipeline *pipeline);

/* What the stores are reached through; commits are pipeline_commit_now's. */
struct judge_house *pipeline_house(struct pipeline *pipeline);
bool pipeline_commit_now(struct pipeline *pipeline, struct error *err);

/* Where history comes from, and in which form. */
enum backfill_form { BACKFILL_CSV, BACKFILL_MRTG, BACKFILL_RRD };
struct backfill_source {
	enum backfill_form form;
	const char *file;
	const char *in_source, *out_source; /* RRD: names of the sources; else NULL */
	double bits;                        /* RRD: of a stored unit, 8 (octets/s) or 1 (bits/s) */
	double capacity_bps; /* physical, where the file has none; NAN: the settings' */
};

struct backfill_result {
	uint64_t sample_count, accepted_count;
	uint64_t coarse_count,
	    misfit_count;       /* left out: means over more than an hour; off the grid */
	uint64_t unknown_count; /* rows that say nothing */
	uint64_t
	    no_capacity_count; /* samples that cannot be judged: neither file nor settings say a capacity */
	int64_t first_utc_sec, last_utc_sec; /* of the file */
};

/* History from a file into a port's series, then judged anew.  actor: for the audit log. */
bool pipeline_backfill(struct pipeline *pipeline, int64_t port_id,
		       const struct backfill_source *source, const char *actor,
		       struct backfill_result *result, struct error *err);

/* A port that was re-patched goes on as another: see move.h for request and answer. */
bool pipeline_move(struct pipeline *pipeline, const struct json *request, struct json *answer,
		   struct error *err);

#endif
