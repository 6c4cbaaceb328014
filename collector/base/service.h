/* service.h - what the service manager is told: ready, reloading, stopping, alive.
 *
 * All of it does nothing, at no cost, where no service manager asked ($NOTIFY_SOCKET).  Source: sd_notify(3). */
#ifndef COLLECTOR_BASE_SERVICE_H
#define COLLECTOR_BASE_SERVICE_H

void service_ready(void); /* after the start, and again when a reload is done */
void service_reloading(void);
void service_stopping(void);

/* Says "alive"; from the loop that does the work, never from an idle timer. */
void service_watchdog(void);

/* How often to say it at least: half of what the unit's WatchdogSec allows; 0: nobody listens. */
unsigned service_watchdog_interval_ms(void);

#endif
