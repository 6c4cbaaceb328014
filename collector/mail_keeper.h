/* mail_keeper.h - the collector's part in mail beside the requests: it keeps a mailer running, gives up what is too old, tells
 * by `on-mail-failure` when mail does not get out, and puts the daily sign of life. */
#ifndef COLLECTOR_MAIL_KEEPER_H
#define COLLECTOR_MAIL_KEEPER_H

#include <stdbool.h>

#include "ixwatch/config.h"
#include "ixwatch/error.h"
#include "loop.h"
#include "pipeline.h"

struct mail_keeper;

bool mail_keeper_open(struct mail_keeper **out, struct loop *loop, struct error *err);
void mail_keeper_close(struct mail_keeper *keeper); /* NULL is fine; before the loop is freed */

/* From now on by this configuration, through this pipeline (both lent until the next call); pipeline NULL: not now.  A
 * mailer with other settings is replaced. */
void mail_keeper_use(struct mail_keeper *keeper, const struct config *config,
		     struct pipeline *pipeline);

/* The mailer reported what became of some mail: should it die, it does so at work, and starts again at once. */
void mail_keeper_progress(struct mail_keeper *keeper);

/* Lets the mailer finish and report, for some seconds; runs the loop meanwhile. */
void mail_keeper_end(struct mail_keeper *keeper);

#endif
