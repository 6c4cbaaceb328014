/* mail_life.h - the daily sign of life: a mail that says what is watched and that all is well.  A monitor that stops is
 * silent, and so is one whose mail does not get out. */
#ifndef COLLECTOR_MAIL_LIFE_H
#define COLLECTOR_MAIL_LIFE_H

#include "judge.h"

/* Puts it, to each of alert.to, when today's hour has come and it was not put since; in the house's transaction, which it
 * opens where needed and leaves open.  *put says whether it was. */
bool mail_life_look(struct judge_house *house, int64_t now_utc_sec, bool *put, struct error *err);

#endif
