/* alert_route.h - who is told of an alert.  Pure: the configuration in, addresses out. */
#ifndef COLLECTOR_NOTIFY_ALERT_ROUTE_H
#define COLLECTOR_NOTIFY_ALERT_ROUTE_H

#include <stddef.h>

#include "ixwatch/config.h"
#include "notify/alert.h"

/* More than alert_recipients can give: the size its list must have. */
size_t alert_recipients_max(const struct config_alert *alert);

/* Each address once, lent from the configuration, in the order of the file: of `to`, or for a kind that is the
 * coordinator's of `coordinator` (where there is one), then of every route that fits.  Returns how many. */
size_t alert_recipients(const struct config_alert *alert, const struct alert_subject *subject,
			const char **list);

/* Whether such alerts are told at all (`kinds`). */
bool alert_kind_is_told(const struct config_alert *alert, enum alert_kind kind);

#endif
