/* facts.h - what the ledger says around an alert of a port: whether it is usual, what changed when it began, and what was
 * declared for now.  Reads only; texts are lent for the life of what they are written into. */
#ifndef COLLECTOR_NOTIFY_FACTS_H
#define COLLECTOR_NOTIFY_FACTS_H

#include "ixwatch/ledger.h"
#include "ixwatch/zone.h"
#include "notify/message.h"

#define FACTS_NEAR_SEC    900 /* so near its beginning a change may have to do with it */
#define FACTS_CHANGES_MAX 8
#define FACTS_CHANGE_SIZE 200

struct facts_ask {
	struct ledger *ledger;
	int64_t port_id;
	enum direction direction;
	enum profile profile;    /* by which pages are judged */
	const struct zone *zone; /* of the exchange's traffic days */
	int32_t day_start_sec;
	double valid_share; /* so much of a day must be known */
	int64_t began_utc_sec, now_utc_sec;
};

/* From its judged days and sustained episodes: usual.h. */
bool facts_usual(const struct facts_ask *ask, struct message_usual *usual, struct error *err);

struct facts_changes {
	size_t count;
	struct message_change change[FACTS_CHANGES_MAX]; /* by time */
	char text[FACTS_CHANGES_MAX][FACTS_CHANGE_SIZE];
};
/* One more, in its place by time; the last goes where there is no room. */
void facts_change_add(struct facts_changes *changes, int64_t at_utc_sec, const char *text);
/* Its capacity, and the members of its LAG. */
bool facts_changes(const struct facts_ask *ask, struct facts_changes *changes, struct error *err);

/* Declared windows in force now: "works until 04:00Z (fibre); event until ..."; "" none. */
bool facts_works(const struct facts_ask *ask, char *dst, size_t len, struct error *err);

#endif
