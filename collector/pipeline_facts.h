/* pipeline_facts.h - what there is to say of the alerts of a mail: as they stand in the live round, and what the ledger
 * says around the worst of them. */
#ifndef COLLECTOR_PIPELINE_FACTS_H
#define COLLECTOR_PIPELINE_FACTS_H

#include "notify/facts.h"
#include "notify/message.h"
#include "pipeline_mail.h"

#define FACTS_ROOMS_MAX 8

struct pipeline_facts {
	struct message_facts facts;
	struct message_line *lines;
	struct zone *zone;
	/* Of the worst one. */
	struct facts_changes changes;
	struct message_room rooms[FACTS_ROOMS_MAX];
	char works[512], reason[1024], ack_url[1024];
};

/* graph: the mail carries the worst one's picture.  Texts are lent by the pipeline: good until it goes on.  End with
 * pipeline_facts_end, also when it failed. */
bool pipeline_facts_gather(struct pipeline_facts *out, struct pipeline *pipeline,
			   const struct alert_letter *letter, int64_t now_utc_sec, bool graph,
			   struct error *err);
void pipeline_facts_end(struct pipeline_facts *facts);

/* What a telling is called in the ledger, and in words. */
enum alert_told_what pipeline_told_what(enum alert_telling telling);

#endif
