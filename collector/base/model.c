/* model.c - body of ixwatch/model.h: the names of the field, in one table each, and the capacity that counts. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "ixwatch/model.h"

static const char *const subject_names[] = { "port", "connection" };
static const char *const direction_names[DIRECTION_COUNT] = {
	[DIRECTION_IN] = "in",
	[DIRECTION_OUT] = "out",
};

static const char *const kind_names[KIND_COUNT] = {
	[KIND_NONE] = "",         [KIND_MEMBER] = "member",         [KIND_PNI] = "pni",
	[KIND_SHARED] = "shared", [KIND_PEER_SHARE] = "peer-share", [KIND_RESELLER] = "reseller",
	[KIND_CORE] = "core",
};

static const char *const state_names[STATE_COUNT] = {
	[STATE_DOWN] = "down",   [STATE_UNKNOWN] = "unknown", [STATE_SUSTAINED] = "sustained",
	[STATE_SPIKE] = "spike", [STATE_HOT] = "hot",         [STATE_CLEAR] = "clear",
};

static const char *const verdict_names[VERDICT_COUNT] = {
	[VERDICT_ROUTINE] = "routine",
	[VERDICT_RECURRING] = "recurring",
	[VERDICT_INSUFFICIENT] = "insufficient data",
	[VERDICT_NONE] = "none",
};

static const char *const episode_kind_names[EPISODE_KIND_COUNT] = {
	[EPISODE_SPIKE] = "spike",
	[EPISODE_SUSTAINED] = "sustained",
};

static const char *const capacity_source_names[CAPACITY_SOURCE_COUNT] = {
	[CAPACITY_UNKNOWN] = "unknown",   [CAPACITY_SETTING] = "setting",
	[CAPACITY_CONTRACT] = "contract", [CAPACITY_IXF] = "ix-f",
	[CAPACITY_LAG] = "lag",           [CAPACITY_INTERFACE] = "interface",
};

static const char *const quality_names[QUALITY_COUNT] = {
	[QUALITY_RESTART] = "restart",
	[QUALITY_RESET] = "reset",
	[QUALITY_DISCONTINUITY] = "discontinuity",
	[QUALITY_WRAP] = "wrap_unproven",
	[QUALITY_IMPOSSIBLE] = "impossible",
	[QUALITY_CLOCK] = "clock",
	[QUALITY_GAP] = "gap",
};

static const char *const member_state_names[MEMBER_STATE_COUNT] = {
	[MEMBER_UNKNOWN] = "unknown",
	[MEMBER_LIVE] = "live",
	[MEMBER_DOWN] = "down",
	[MEMBER_DETACHED] = "detached",
};

static const char *const column_names[COLUMN_COUNT] = {
	[COLUMN_IN_BPS] = "in_bps",
	[COLUMN_OUT_BPS] = "out_bps",
	[COLUMN_IN_PPS] = "in_pps",
	[COLUMN_OUT_PPS] = "out_pps",
	[COLUMN_IN_DISCARDS] = "in_discards",
	[COLUMN_OUT_DISCARDS] = "out_discards",
	[COLUMN_IN_ERRORS] = "in_errors",
	[COLUMN_OUT_ERRORS] = "out_errors",
	[COLUMN_CAPACITY_BPS] = "capacity_bps",
	[COLUMN_OPER] = "oper",
};

/* "" for a number that is none of the enum's: values may come from files. */
static const char *
name_at(const char *const *names, unsigned count, unsigned i)
{
	return i < count ? names[i] : "";
}

static bool
find_name(const char *const *names, unsigned count, const char *name, unsigned *i)
{
	for (unsigned at = 0; at < count; at++) {
		if (strcmp(names[at], name) == 0) {
			*i = at;
			return true;
		}
	}
	return false;
}

const char *
model_direction_name(enum direction direction)
{
	return name_at(direction_names, DIRECTION_COUNT, direction);
}

const char *
model_subject_name(enum subject_kind kind)
{
	return name_at(subject_names, SUBJECT_KIND_COUNT, kind);
}

const char *
model_kind_name(enum port_kind kind)
{
	return name_at(kind_names, KIND_COUNT, kind);
}

const char *
model_state_name(enum port_state state)
{
	return name_at(state_names, STATE_COUNT, state);
}

const char *
model_verdict_name(enum verdict verdict)
{
	return name_at(verdict_names, VERDICT_COUNT, verdict);
}

const char *
model_episode_kind_name(enum episode_kind kind)
{
	return name_at(episode_kind_names, EPISODE_KIND_COUNT, kind);
}

const char *
model_capacity_source_name(enum capacity_source source)
{
	return name_at(capacity_source_names, CAPACITY_SOURCE_COUNT, source);
}

const char *
model_quality_name(enum quality_reason reason)
{
	return name_at(quality_names, QUALITY_COUNT, reason);
}

const char *
model_member_state_name(enum member_state state)
{
	return name_at(member_state_names, MEMBER_STATE_COUNT, state);
}

const char *
model_column_name(enum column column)
{
	return name_at(column_names, COLUMN_COUNT, column);
}

bool
model_direction_parse(const char *name, enum direction *direction)
{
	unsigned i;

	if (!find_name(direction_names, DIRECTION_COUNT, name, &i))
		return false;
	*direction = (enum direction)i;
	return true;
}

bool
model_kind_parse(const char *name, enum port_kind *kind)
{
	unsigned i;

	if (!find_name(kind_names, KIND_COUNT, name, &i))
		return false;
	*kind = (enum port_kind)i;
	return true;
}

bool
model_state_parse(const char *name, enum port_state *state)
{
	unsigned i;

	if (!find_name(state_names, STATE_COUNT, name, &i))
		return false;
	*state = (enum port_state)i;
	return true;
}

bool
model_verdict_parse(const char *name, enum verdict *verdict)
{
	unsigned i;

	if (!find_name(verdict_names, VERDICT_COUNT, name, &i))
		return false;
	*verdict = (enum verdict)i;
	return true;
}

bool
model_member_state_parse(const char *name, enum member_state *state)
{
	unsigned i;

	if (!find_name(member_state_names, MEMBER_STATE_COUNT, name, &i))
		return false;
	*state = (enum member_state)i;
	return true;
}

bool
model_column_parse(const char *name, enum column *column)
{
	unsigned i;

	if (!find_name(column_names, COLUMN_COUNT, name, &i))
		return false;
	*column = (enum column)i;
	return true;
}

double
model_capacity_bps(double physical_bps, double contracted_bps, bool billed)
{
	if (!(physical_bps > 0))
		return NAN;
	return !billed && contracted_bps > 0 && contracted_bps < physical_bps ? contracted_bps
									      : physical_bps;
}
