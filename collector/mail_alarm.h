/* mail_alarm.h - `on-mail-failure`: a program of the operator's, run when mail does not get out, so that somebody learns of
 * it another way.
 *
 * The command's words are separated by blanks; no shell reads them, and nothing of a mail is ever one of them: what
 * failed is in its environment:
 *   IXWATCH_MAIL_FAILURE    "refused" (the server refused a mail for good, or it was given up) or "waiting" (mail waits for
 *                           half an hour or more)
 *   IXWATCH_MAIL_ID IXWATCH_MAIL_RECIPIENT IXWATCH_MAIL_SUBJECT IXWATCH_MAIL_REPLY    the mail, and the server's words
 *   IXWATCH_MAIL_WAITING IXWATCH_MAIL_WAITING_SECONDS    how many wait, and how long the oldest does
 * At most one runs at a time, for thirty seconds, once in a quarter of an hour. */
#ifndef COLLECTOR_MAIL_ALARM_H
#define COLLECTOR_MAIL_ALARM_H

#include "ixwatch/ledger.h"
#include "loop.h"

struct mail_alarm;

struct mail_alarm *mail_alarm_new(struct loop *loop); /* NULL: memory ran out */
void mail_alarm_free(struct mail_alarm *alarm);       /* ends what runs; NULL is fine */

/* Looks whether there is something to tell; command "": never. */
void mail_alarm_look(struct mail_alarm *alarm, struct ledger *ledger, const char *command,
		     int64_t now_utc_sec);

#endif
