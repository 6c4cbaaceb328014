/* message_subject.h - the subject of a mail about alerts, within MESSAGE_SUBJECT_MAX characters.  Pure. */
#ifndef COLLECTOR_NOTIFY_MESSAGE_SUBJECT_H
#define COLLECTOR_NOTIFY_MESSAGE_SUBJECT_H

#include "notify/message.h"

#define MESSAGE_SUBJECT_SIZE 640 /* more than it comes to: pieces are bounded by themselves */

/* Returns dst. */
char *message_subject(char dst[MESSAGE_SUBJECT_SIZE], const struct message_facts *facts);
/* "3 SATURATED, 9 CONGESTED", worst first; "more" in the place of what does not fit into max characters.  Returns dst. */
char *message_tally(char *dst, size_t len, const struct message_facts *facts, size_t max);
/* All are about one port, connection, agent or exchange. */
bool message_is_of_one(const struct message_facts *facts);
/* "12 ports", "2 agents", "5 alerts" */
char *message_count(char *dst, size_t len, const struct message_facts *facts);

#endif
