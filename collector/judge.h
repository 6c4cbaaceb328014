/* judge.h - the judgement of a port or a connection where it lives: samples in, episodes and days into the ledger.
 *
 * The detector is pure; this is where it meets the store.  Its state is a checkpoint in the ledger plus the samples that
 * came after it in the series, so that after a restart or a crash at any moment it stands where an uninterrupted run
 * would: judge_recall loads the one and feeds the other.  What is written twice on the way has the same key and the same
 * content. */
#ifndef COLLECTOR_JUDGE_H
#define COLLECTOR_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "detect/detector.h"
#include "ixwatch/config.h"
#include "ixwatch/error.h"
#include "ixwatch/ledger.h"
#include "ixwatch/model.h"
#include "ixwatch/series.h"
#include "judge_source.h"

/* What all judges of a process share. */
struct judge_house {
	const struct config *config;
	struct series *series;
	struct ledger *ledger;
	bool in_transaction;  /* something was written since the last judge_house_commit */
	uint64_t transaction; /* the number of the last that ended */
	struct error trouble; /* the first write that failed since then */
	struct judge_settings *settings; /* each once, however many judges have it */
};

/* Ends what the house itself holds, after its last judge. */
void judge_house_end(struct judge_house *house);

/* Opens the transaction that the next writes go into, unless it is open. */
bool judge_house_begin(struct judge_house *house, struct error *err);

/* Ends it.  False when a write or the end failed: nothing of it is in the ledger, and every judge that wrote must be
 * recalled. */
bool judge_house_commit(struct judge_house *house, struct error *err);

/* Takes back what was written since the last commit. */
void judge_house_abandon(struct judge_house *house);

/* The series' settings as the configuration has them. */
struct series_settings judge_series_settings(const struct config *config);

struct judge;

/* exchange, settings (its `port` block, may be NULL) and agent belong to the configuration and must outlive the judge.
 * port is copied as far as it is needed, its path and its agent's name are lent for the judge's life.
 *
 * For JUDGED_FOR_REPORTS it judges by report.profile, and writes days, verdicts and its checkpoint only: episodes in the
 * ledger are those of pages and alerts. */
bool judge_new(struct judge **out, struct judge_house *house, enum judged_for judged_for,
	       const struct port *port, const struct config_exchange *exchange,
	       const struct config_agent *agent, const struct config_port *settings,
	       struct error *err);
/* Of a connection.  discards_trusted: those of every agent that has one of its ports are. */
bool judge_new_connection(struct judge **out, struct judge_house *house, enum judged_for judged_for,
			  int64_t connection_id, const struct config_exchange *exchange,
			  bool discards_trusted, struct error *err);
void judge_free(struct judge *judge); /* NULL is fine */

/* Whether reports are judged by another profile than pages, so that they need a judgement of their own. */
bool judge_reports_differ(const struct config *config, const struct config_exchange *exchange,
			  const struct config_port *settings);

/* Stands where the series ends: from the checkpoint, or, where there is none that fits, anew from the first sample. */
bool judge_recall(struct judge *judge, struct error *err);

/* Judges the whole history anew: episodes known so far are taken back, and found again where they still hold. */
bool judge_anew(struct judge *judge, struct error *err);

/* Of a connection: history ends here for judge_recall and judge_anew, since later steps are still being summed. */
void judge_history_ends(struct judge *judge, int64_t until_utc_sec);

/* One slot of the interval, after it was appended to the series.  Failures to write wait in house->trouble. */
void judge_slot(struct judge *judge, const struct sample *slot);

/* One step of a connection, summed; limit_bps: what its contracts allow in all, NAN without a limit. */
void judge_step(struct judge *judge, const struct sample *step, double limit_bps);

/* The port is another peer's from now on, and the ledger knows: what it carried before is no longer held against it.  The
 * former peer's episodes stay as they are. */
bool judge_handover(struct judge *judge, const struct port *port, struct error *err);

/* The capacity ledger has another entry: it counts for steps that start from then on. */
bool judge_contract_changed(struct judge *judge, struct error *err);

/* A declared window that reaches back to from_utc_sec was added or ended: what is judged from now on knows it, and judged
 * time that it reaches into is judged anew. */
bool judge_declared(struct judge *judge, int64_t from_utc_sec, struct error *err);

/* When the traffic day that holds the end of the last judged step ends; 0 before a step. */
int64_t judge_day_end_utc_sec(struct judge *judge);

/* When that day began. */
int64_t judge_day_begin_utc_sec(struct judge *judge);

/* Of a judge not yet recalled: whether its checkpoint fits and reaches beyond then, so that a recall would add no more. */
bool judge_stands(struct judge *judge, int64_t since_utc_sec);

/* Writes the checkpoint.  The samples it rests on must have been committed to the series before. */
bool judge_checkpoint(struct judge *judge, struct error *err);

/* Whether it wrote in the transaction that ended last. */
bool judge_wrote(const struct judge *judge);

/* The `capacity` setting of the port; NAN: the box says. */
double judge_capacity_setting_bps(const struct judge *judge);

/* What it reads its history from: lent, good until the next recall. */
const struct judge_source *judge_source_get(const struct judge *judge);

struct detector *
judge_detector(struct judge *judge); /* lent, to ask; NULL after a recall that failed */

#endif
