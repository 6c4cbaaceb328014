/* service.c - body of service.h, and the only file that knows libsystemd. */
#include <inttypes.h>
#include <limits.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "base/service.h"

void
service_ready(void)
{
	sd_notify(0, "READY=1");
}

/* The instant, in microseconds, is what Type=notify-reload asks for; Type=notify reads over it. */
void
service_reloading(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
		   (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
}

void
service_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

void
service_watchdog(void)
{
	sd_notify(0, "WATCHDOG=1");
}

unsigned
service_watchdog_interval_ms(void)
{
	uint64_t limit_usec;

	if (sd_watchdog_enabled(0, &limit_usec) <= 0)
		return 0;
	uint64_t half_ms = limit_usec / 2000;
	return half_ms > INT_MAX ? INT_MAX : half_ms > 0 ? (unsigned)half_ms : 1;
}
