/* probe_mail.h - tries the mail server of a configuration without sending anything. */
#ifndef COLLECTOR_COMMANDS_PROBE_MAIL_H
#define COLLECTOR_COMMANDS_PROBE_MAIL_H

#include <stdbool.h>

#include "ixwatch/config.h"
#include "ixwatch/error.h"

/* Connects, with TLS and login as configured, and hangs up; a line on standard output says what came of it.  *trouble: it
 * did not let us in.  Nothing is done, and nothing said, where no mail is sent or a spool takes it. */
bool probe_mail(const struct config *config, bool *trouble, struct error *err);

#endif
