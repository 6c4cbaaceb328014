/* pipeline_facts.h - what a mail about some alerts is to say, gathered from ledger and live views: the figures that pages
 * and API show, by the same functions. */
#ifndef COLLECTOR_PIPELINE_FACTS_H
#define COLLECTOR_PIPELINE_FACTS_H

#include "notify/message.h"
#include "pipeline_mail.h"

struct line_facts; /* what a line's texts lie in */

struct letter_facts {
	struct message_facts
	    facts; /* of the letter's lines, in their order; NAN and "" where nothing is known */
	struct message_line *lines;
	struct line_facts *kept;
	struct zone *zone;
};

/* Of lines beyond MESSAGE_LINES_MAX only what they are about is there.  What the pipeline, the configuration and the
 * letter hold is lent: good as long as these stand as they are.  A ledger that cannot be read is an error; a key of links
 * that cannot be read is logged, and the mail goes without them. */
bool letter_facts_gather(struct letter_facts *out, struct pipeline *pipeline,
			 const struct alert_letter *letter, int64_t now_utc_sec, struct error *err);
void letter_facts_free(struct letter_facts *letter); /* all zero is fine */

#endif
