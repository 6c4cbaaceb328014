/* clock.c - body of ixwatch/clock.h.  Linux clocks; the monotonic one is CLOCK_MONOTONIC (stands still in suspend). */
#include <stdbool.h>
#include <time.h>

#include "ixwatch/clock.h"

static struct {
	bool on;
	int64_t mono_ms, utc_ms;
} fake;

static int64_t
read_us(clockid_t which)
{
	struct timespec now;

	clock_gettime(which, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
clock_mono_us(void)
{
	return fake.on ? fake.mono_ms * 1000 : read_us(CLOCK_MONOTONIC);
}

int64_t
clock_mono_ms(void)
{
	return fake.on ? fake.mono_ms : read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t
clock_utc_ms(void)
{
	return fake.on ? fake.utc_ms : read_us(CLOCK_REALTIME) / 1000;
}

int64_t
clock_utc_sec(void)
{
	int64_t ms = clock_utc_ms();

	return ms / 1000 - (ms % 1000 < 0);
}

void
clock_fake(int64_t mono_ms, int64_t utc_ms)
{
	fake.mono_ms = mono_ms;
	fake.utc_ms = utc_ms;
	fake.on = true;
}
