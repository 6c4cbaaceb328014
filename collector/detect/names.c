/* names.c - the detector's words. */
#include <stddef.h>
#include <string.h>

#include "detect/detector.h"

static const char *const cause_names[CAUSE_COUNT] = {
	[CAUSE_EVENT] = "event",       [CAUSE_WORKS] = "works",       [CAUSE_ATTACK] = "attack",
	[CAUSE_FAILOVER] = "failover", [CAUSE_EXCHANGE] = "exchange", [CAUSE_OURS] = "ours",
};

static const char *const state_names[DAY_STATE_COUNT] = {
	[DAY_DECLARED] = "declared",
	[DAY_REDUCED] = "reduced capacity",
	[DAY_UNCLASSIFIED] = "unclassified",
	[DAY_FLASH] = "flash",
	[DAY_CONGESTED] = "congested",
	[DAY_UNKNOWN] = "unknown",
	[DAY_CLEAN] = "clean",
};

static const char *const excuse_names[EXCUSE_COUNT] = {
	[EXCUSE_NONE] = NULL,           [EXCUSE_SPIKE] = "spike",
	[EXCUSE_DECLARED] = "declared", [EXCUSE_REDUCED] = "reduced capacity",
	[EXCUSE_FLASH] = "flash",
};

const char *
detector_cause_name(enum detector_cause cause)
{
	return cause_names[cause];
}

bool
detector_cause_parse(const char *name, enum detector_cause *cause)
{
	for (int i = 0; i < CAUSE_COUNT; i++) {
		if (strcmp(name, cause_names[i]) != 0)
			continue;
		*cause = (enum detector_cause)i;
		return true;
	}
	return false;
}

const char *
detector_day_state_name(enum detector_day_state state)
{
	return state_names[state];
}

const char *
detector_excuse_name(enum detector_excuse excuse)
{
	return excuse_names[excuse];
}
