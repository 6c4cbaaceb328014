/* declare_desk.h - where the commands that change a register (declared windows, silences, acknowledgements, notes) hand in
 * their requests: the collector where one runs; where none does, the store itself, and the ports concerned are then judged
 * here. */
#ifndef COLLECTOR_COMMANDS_DECLARE_DESK_H
#define COLLECTOR_COMMANDS_DECLARE_DESK_H

#include <stdbool.h>

#include "ixwatch/config.h"
#include "ixwatch/error.h"
#include "ixwatch/json.h"

struct desk;

/* config is lent. */
bool desk_open(struct desk **out, const struct config *config, struct error *err);
/* What was not finished is taken back, where no collector took it; NULL is fine. */
void desk_close(struct desk *desk);

/* One request of declare.h, quiet.h or note.h, by its "op"; *answer is to be freed.  Checked here first, so that a wrong one is wrong use
 * (ERR_USAGE) whoever would have answered. */
bool desk_ask(struct desk *desk, const struct json *request, struct json **answer,
	      struct error *err);

/* Makes what was asked last: nothing to do where a collector took it. */
bool desk_finish(struct desk *desk, struct error *err);

/* The login name of whoever runs the command; lent. */
const char *desk_login_name(void);

#endif
