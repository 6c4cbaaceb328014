/* judge.h - one port's judgement where it lives: samples of its series in, episodes and days into the ledger.
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

/* What all judges of a process share. */
struct judge_house {
	const struct config *config;
	struct series *series;
	struct ledger *ledger;
	bool in_transaction;  /* something was written since the last judge_house_commit */
	struct error trouble; /* the first write that failed since then */
};

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
 * port is copied as far as it is needed. */
bool judge_new(struct judge **out, struct judge_house *house, const struct port *port,
	       const struct config_exchange *exchange, const struct config_agent *agent,
	       const struct config_port *settings, struct error *err);
void judge_free(struct judge *judge); /* NULL is fine */

/* Stands where the series ends: from the checkpoint, or, where there is none that fits, anew from the first sample. */
bool judge_recall(struct judge *judge, struct error *err);

/* Judges the whole history anew: episodes known so far are taken back, and found again where they still hold. */
bool judge_anew(struct judge *judge, struct error *err);

/* One slot of the interval, after it was appended to the series.  Failures to write wait in house->trouble. */
void judge_slot(struct judge *judge, const struct sample *slot);

/* A declared window that reaches back to from_utc_sec was added or ended: what is judged from now on knows it, and judged
 * time that it reaches into is judged anew. */
bool judge_declared(struct judge *judge, int64_t from_utc_sec, struct error *err);

/* Writes the checkpoint.  The samples it rests on must have been committed to the series before. */
bool judge_checkpoint(struct judge *judge, struct error *err);

/* Whether it wrote to the ledger since the last call. */
bool judge_wrote(struct judge *judge);

/* The `capacity` setting of the port; NAN: the box says. */
double judge_capacity_setting_bps(const struct judge *judge);

struct detector *judge_detector(struct judge *judge); /* lent, to ask */

#endif
