/* wall.c - see wall.h. */
#include "measure/wall.h"

#include <stdlib.h>
#include <string.h>

#define PATIENCE_INTERVALS 5

void
wall_init(struct wall *wall, unsigned interval_sec)
{
	memset(wall, 0, sizeof(*wall));
	wall->patience_ms = (int64_t)interval_sec * 1000 * PATIENCE_INTERVALS;
}

static bool
is_near(const struct wall *wall, int64_t a_ms, int64_t b_ms)
{
	return llabs(a_ms - b_ms) <= wall->patience_ms;
}

static bool
believe(struct wall *wall, int64_t offset_ms)
{
	wall->offset_ms = offset_ms;
	wall->has_offset = true;
	wall->doubted = false;
	return true;
}

bool
wall_feed(struct wall *wall, int64_t mono_ms, int64_t utc_ms)
{
	int64_t offset_ms = utc_ms - mono_ms;

	if (!wall->has_offset || is_near(wall, offset_ms, wall->offset_ms))
		return believe(wall, offset_ms);
	if (offset_ms < wall->offset_ms) {
		wall->before_ms = wall->offset_ms;
		wall->has_before = true;
		return believe(wall, offset_ms);
	}
	if (wall->has_before && is_near(wall, offset_ms, wall->before_ms)) {
		wall->has_before = false;
		return believe(wall, offset_ms);
	}
	if (!wall->doubted || !is_near(wall, offset_ms, wall->leapt_ms)) {
		wall->doubted = true;
		wall->leapt_ms = offset_ms;
		wall->since_mono_ms = mono_ms;
	}
	return mono_ms - wall->since_mono_ms >= wall->patience_ms && believe(wall, offset_ms);
}

int64_t
wall_utc_ms(const struct wall *wall, int64_t mono_ms)
{
	return mono_ms + wall->offset_ms;
}
