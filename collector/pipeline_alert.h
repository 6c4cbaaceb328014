/* pipeline_alert.h - alerts at work, for the files that know them: pipeline_alert.c (what holds, look by look),
 * pipeline_alert_list.c (those at hand, and the ledger's rows of them), pipeline_tell.c (what goes to whom). */
#ifndef COLLECTOR_PIPELINE_ALERT_H
#define COLLECTOR_PIPELINE_ALERT_H

#include "ixwatch/alert.h"
#include "ixwatch/zone.h"
#include "notify/alert.h"
#include "notify/alert_level.h"
#include "notify/alert_tell.h"
#include "pipeline_internal.h"

/* One kind of one subject: about to begin, open, or ended not long ago. */
struct watched_alert {
	struct ledger_alert row; /* as it should be in the ledger; its texts are owned here */
	struct alert_state state;
	double value;               /* as it was seen last; NAN: not, or it is unknown */
	bool unwritten;             /* the ledger has it otherwise */
	size_t place;               /* in the list */
	struct watched_alert *next; /* of the same port, connection, use of an agent, or exchange */
};

struct alert_group {
	int64_t told_utc_sec; /* when its last mail was written; 0: none was */
};

struct watched_exchange {
	const struct config_exchange *config;
	struct watched_alert *alerts;
	struct alert_group groups[ALERT_AUDIENCE_COUNT];
	unsigned agent_count, failing_count, unasked_count; /* in this look */
	int64_t silent_utc_sec;                             /* since when all are */
};

struct quiet_list {
	struct ledger_quiet *quiet; /* their texts owned here */
	size_t count, size;
};

struct pipeline_alerts {
	struct watched_alert **list;
	size_t count, size;
	struct watched_exchange *exchanges; /* as the configuration has them */
	size_t exchange_count;
	struct alert_limits limits;
	struct alert_rule rules[ALERT_KIND_COUNT];
	struct alert_pace pace;
	struct alert_group
	    elsewhere[ALERT_AUDIENCE_COUNT]; /* of exchanges that are watched no more */
	struct zone *zone;                   /* of office hours */
	struct quiet_list quiets;
	bool quiets_stale; /* somebody changed them */
	bool stale;        /* the ledger lost what was written: all is to be read again */
};

/* --- pipeline_alert_list.c --- */

struct watched_exchange *alerts_exchange_find(struct pipeline_alerts *alerts, const char *slug);
/* That kind and direction of a subject's chain; NULL: there is none. */
struct watched_alert *alert_find(struct watched_alert *chain, enum alert_kind kind,
				 enum direction direction);
/* A new one at the head of the chain; NULL when memory ran out. */
struct watched_alert *alert_add(struct pipeline_alerts *alerts, struct watched_alert **chain,
				const struct alert_subject *subject);
/* The chain that a subject's alerts hang on; NULL: nothing that is watched is meant. */
struct watched_alert **alert_chain(struct pipeline *pipeline, const struct alert_subject *subject);
/* Those of which nothing is left to be said or awaited go. */
void alerts_sweep(struct pipeline *pipeline, int64_t now_utc_sec);
/* Writes what changed, in the house's transaction. */
bool alerts_write(struct pipeline *pipeline, struct error *err);

/* --- pipeline_quiet.c --- */

/* Reads them again when somebody changed them. */
bool quiets_refresh(struct pipeline *pipeline, int64_t now_utc_sec, struct error *err);
void quiets_clear(struct quiet_list *list);
bool alert_is_quiet(const struct pipeline_alerts *alerts, const struct watched_alert *alert,
		    enum quiet_kind kind, int64_t now_utc_sec);

/* --- pipeline_tell.c --- */

/* Writes the mails that are due, in the house's transaction. */
bool alerts_tell(struct pipeline *pipeline, int64_t now_utc_sec, struct error *err);

#endif
