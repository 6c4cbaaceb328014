/* settings_kept.h - settings that outlive the function that made them, as a detector wants them: each once. */
#ifndef TESTS_UNIT_SETTINGS_KEPT_H
#define TESTS_UNIT_SETTINGS_KEPT_H

#include <assert.h>

#include "ixwatch/detector_settings.h"

#define SETTINGS_KEPT_MAX 200

static inline const struct detector_settings *
settings_kept(const struct detector_settings *settings)
{
	static struct detector_settings kept[SETTINGS_KEPT_MAX];
	static size_t count;

	for (size_t i = 0; i < count; i++)
		if (detector_settings_equal(&kept[i], settings))
			return &kept[i];
	assert(count < SETTINGS_KEPT_MAX);
	kept[count] = *settings;
	return &kept[count++];
}

#endif
