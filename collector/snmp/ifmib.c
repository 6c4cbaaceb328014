/* ifmib.c - see ifmib.h. */
#include "snmp/ifmib.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/units.h"

/* clang-format off */
#define IF_TABLE(column)   { 10, { 1, 3, 6, 1, 2, 1, 2, 2, 1, column } }
#define IF_X_TABLE(column) { 11, { 1, 3, 6, 1, 2, 1, 31, 1, 1, 1, column } }
#define AGG_PORT(column)   { 11, { 1, 2, 840, 10006, 300, 43, 1, 2, 1, 1, column } }
#define SYSTEM(object)	   { 9, { 1, 3, 6, 1, 2, 1, 1, object, 0 } }

const struct ifmib_object ifmib_objects[IFMIB_COLUMN_COUNT] = {
	[IFMIB_DESCR]		 = { "ifDescr",		     SNMP_TYPE_OCTETS,	  IF_TABLE(2) },
	[IFMIB_TYPE]		 = { "ifType",		     SNMP_TYPE_INTEGER,	  IF_TABLE(3) },
	[IFMIB_ADMIN_STATUS]	 = { "ifAdminStatus",	     SNMP_TYPE_INTEGER,	  IF_TABLE(7) },
	[IFMIB_OPER_STATUS]	 = { "ifOperStatus",	     SNMP_TYPE_INTEGER,	  IF_TABLE(8) },
	[IFMIB_IN_OCTETS]	 = { "ifInOctets",	     SNMP_TYPE_COUNTER32, IF_TABLE(10) },
	[IFMIB_IN_UCAST]	 = { "ifInUcastPkts",	     SNMP_TYPE_COUNTER32, IF_TABLE(11) },
	[IFMIB_IN_NUCAST]	 = { "ifInNUcastPkts",	     SNMP_TYPE_COUNTER32, IF_TABLE(12) },
	[IFMIB_IN_DISCARDS]	 = { "ifInDiscards",	     SNMP_TYPE_COUNTER32, IF_TABLE(13) },
	[IFMIB_IN_ERRORS]	 = { "ifInErrors",	     SNMP_TYPE_COUNTER32, IF_TABLE(14) },
	[IFMIB_OUT_OCTETS]	 = { "ifOutOctets",	     SNMP_TYPE_COUNTER32, IF_TABLE(16) },
	[IFMIB_OUT_UCAST]	 = { "ifOutUcastPkts",	     SNMP_TYPE_COUNTER32, IF_TABLE(17) },
	[IFMIB_OUT_NUCAST]	 = { "ifOutNUcastPkts",	     SNMP_TYPE_COUNTER32, IF_TABLE(18) },
	[IFMIB_OUT_DISCARDS]	 = { "ifOutDiscards",	     SNMP_TYPE_COUNTER32, IF_TABLE(19) },
	[IFMIB_OUT_ERRORS]	 = { "ifOutErrors",	     SNMP_TYPE_COUNTER32, IF_TABLE(20) },
	[IFMIB_NAME]		 = { "ifName",		     SNMP_TYPE_OCTETS,	  IF_X_TABLE(1) },
	[IFMIB_IN_MULTICAST]	 = { "ifInMulticastPkts",    SNMP_TYPE_COUNTER32, IF_X_TABLE(2) },
	[IFMIB_IN_BROADCAST]	 = { "ifInBroadcastPkts",    SNMP_TYPE_COUNTER32, IF_X_TABLE(3) },
	[IFMIB_OUT_MULTICAST]	 = { "ifOutMulticastPkts",   SNMP_TYPE_COUNTER32, IF_X_TABLE(4) },
	[IFMIB_OUT_BROADCAST]	 = { "ifOutBroadcastPkts",   SNMP_TYPE_COUNTER32, IF_X_TABLE(5) },
	[IFMIB_HC_IN_OCTETS]	 = { "ifHCInOctets",	     SNMP_TYPE_COUNTER64, IF_X_TABLE(6) },
	[IFMIB_HC_IN_UCAST]	 = { "ifHCInUcastPkts",	     SNMP_TYPE_COUNTER64, IF_X_TABLE(7) },
	[IFMIB_HC_IN_MULTICAST]	 = { "ifHCInMulticastPkts",  SNMP_TYPE_COUNTER64, IF_X_TABLE(8) },
	[IFMIB_HC_IN_BROADCAST]	 = { "ifHCInBroadcastPkts",  SNMP_TYPE_COUNTER64, IF_X_TABLE(9) },
	[IFMIB_HC_OUT_OCTETS]	 = { "ifHCOutOctets",	     SNMP_TYPE_COUNTER64, IF_X_TABLE(10) },
	[IFMIB_HC_OUT_UCAST]	 = { "ifHCOutUcastPkts",     SNMP_TYPE_COUNTER64, IF_X_TABLE(11) },
	[IFMIB_HC_OUT_MULTICAST] = { "ifHCOutMulticastPkts", SNMP_TYPE_COUNTER64, IF_X_TABLE(12) },
	[IFMIB_HC_OUT_BROADCAST] = { "ifHCOutBroadcastPkts", SNMP_TYPE_COUNTER64, IF_X_TABLE(13) },
	[IFMIB_HIGH_SPEED]	 = { "ifHighSpeed",	     SNMP_TYPE_GAUGE32,	  IF_X_TABLE(15) },
	[IFMIB_ALIAS]		 = { "ifAlias",		     SNMP_TYPE_OCTETS,	  IF_X_TABLE(18) },
	[IFMIB_DISCONTINUITY]	 = { "ifCounterDiscontinuityTime", SNMP_TYPE_TIMETICKS, IF_X_TABLE(19) },
	[IFMIB_AGG_SELECTED]	 = { "dot3adAggPortSelectedAggID",    SNMP_TYPE_INTEGER, AGG_PORT(12) },
	[IFMIB_AGG_ATTACHED]	 = { "dot3adAggPortAttachedAggID",    SNMP_TYPE_INTEGER, AGG_PORT(13) },
	[IFMIB_AGG_STATE]	 = { "dot3adAggPortActorOperState",   SNMP_TYPE_OCTETS,	 AGG_PORT(21) },
};

const struct ifmib_object ifmib_scalars[IFMIB_SCALAR_COUNT] = {
	[IFMIB_SYS_UPTIME] = { "sysUpTime.0", SNMP_TYPE_TIMETICKS, SYSTEM(3) },
	[IFMIB_SYS_DESCR]  = { "sysDescr.0",  SNMP_TYPE_OCTETS,    SYSTEM(1) },
	[IFMIB_SYS_NAME]   = { "sysName.0",   SNMP_TYPE_OCTETS,    SYSTEM(5) },
	[IFMIB_TABLE_LAST_CHANGE] =
	    { "ifTableLastChange.0", SNMP_TYPE_TIMETICKS, { 10, { 1, 3, 6, 1, 2, 1, 31, 1, 5, 0 } } },
};
/* clang-format on */

/* Which counter of a reading a column is; the other columns are described in decode_value. */
static const struct {
	enum ifmib_column column;
	enum reading_column counter;
} counters[] = {
	{ IFMIB_HC_IN_OCTETS, READING_IN_OCTETS },
	{ IFMIB_HC_OUT_OCTETS, READING_OUT_OCTETS },
	{ IFMIB_HC_IN_UCAST, READING_IN_UCAST },
	{ IFMIB_HC_IN_MULTICAST, READING_IN_MULTICAST },
	{ IFMIB_HC_IN_BROADCAST, READING_IN_BROADCAST },
	{ IFMIB_HC_OUT_UCAST, READING_OUT_UCAST },
	{ IFMIB_HC_OUT_MULTICAST, READING_OUT_MULTICAST },
	{ IFMIB_HC_OUT_BROADCAST, READING_OUT_BROADCAST },
	{ IFMIB_IN_OCTETS, READING_IN_OCTETS },
	{ IFMIB_OUT_OCTETS, READING_OUT_OCTETS },
	{ IFMIB_IN_UCAST, READING_IN_UCAST },
	{ IFMIB_IN_MULTICAST, READING_IN_MULTICAST },
	{ IFMIB_IN_BROADCAST, READING_IN_BROADCAST },
	{ IFMIB_OUT_UCAST, READING_OUT_UCAST },
	{ IFMIB_OUT_MULTICAST, READING_OUT_MULTICAST },
	{ IFMIB_OUT_BROADCAST, READING_OUT_BROADCAST },
	{ IFMIB_IN_NUCAST, READING_IN_MULTICAST },
	{ IFMIB_OUT_NUCAST, READING_OUT_MULTICAST },
	{ IFMIB_IN_DISCARDS, READING_IN_DISCARDS },
	{ IFMIB_OUT_DISCARDS, READING_OUT_DISCARDS },
	{ IFMIB_IN_ERRORS, READING_IN_ERRORS },
	{ IFMIB_OUT_ERRORS, READING_OUT_ERRORS },
};

/* --- what to ask --- */

static const enum ifmib_column both_columns[] = {
	IFMIB_OPER_STATUS, IFMIB_IN_DISCARDS, IFMIB_OUT_DISCARDS, IFMIB_IN_ERRORS, IFMIB_OUT_ERRORS,
};
static const enum ifmib_column ifx_columns[] = {
	IFMIB_ALIAS,
	IFMIB_HIGH_SPEED,
	IFMIB_DISCONTINUITY,
};
static const enum ifmib_column wide_columns[] = {
	IFMIB_HC_IN_OCTETS,    IFMIB_HC_OUT_OCTETS, IFMIB_HC_IN_UCAST,      IFMIB_HC_IN_MULTICAST,
	IFMIB_HC_IN_BROADCAST, IFMIB_HC_OUT_UCAST,  IFMIB_HC_OUT_MULTICAST, IFMIB_HC_OUT_BROADCAST,
};
static const enum ifmib_column narrow_columns[] = {
	IFMIB_IN_OCTETS,
	IFMIB_OUT_OCTETS,
	IFMIB_IN_UCAST,
	IFMIB_OUT_UCAST,
};
static const enum ifmib_column narrow_ifx_columns[] = {
	IFMIB_IN_MULTICAST,
	IFMIB_IN_BROADCAST,
	IFMIB_OUT_MULTICAST,
	IFMIB_OUT_BROADCAST,
};
static const enum ifmib_column narrow_old_columns[] = { IFMIB_IN_NUCAST, IFMIB_OUT_NUCAST };
static const enum ifmib_column member_columns[] = { IFMIB_OPER_STATUS, IFMIB_HIGH_SPEED };
static const enum ifmib_column lacp_columns[] = { IFMIB_AGG_ATTACHED, IFMIB_AGG_STATE };

static void
plan_add(struct ifmib_plan *plan, const enum ifmib_column *columns, size_t count)
{
	memcpy(plan->column + plan->count, columns, count * sizeof(*columns));
	plan->count += count;
}
#define PLAN_ADD(plan, columns) plan_add(plan, columns, sizeof(columns) / sizeof((columns)[0]))

struct ifmib_plan
ifmib_plan_for(const struct snmp_poll_row *row)
{
	struct ifmib_plan plan = { .column = { row->has_name ? IFMIB_NAME : IFMIB_DESCR },
				   .count = 1 };
	bool wide = row->counter_bits != 32;

	if (row->is_member) {
		PLAN_ADD(&plan, member_columns);
		if (row->has_lacp)
			PLAN_ADD(&plan, lacp_columns);
		return plan;
	}
	PLAN_ADD(&plan, both_columns);
	if (wide || row->has_name)
		PLAN_ADD(&plan, ifx_columns);
	if (wide) {
		PLAN_ADD(&plan, wide_columns);
		return plan;
	}
	PLAN_ADD(&plan, narrow_columns);
	if (row->has_name)
		PLAN_ADD(&plan, narrow_ifx_columns);
	else
		PLAN_ADD(&plan, narrow_old_columns);
	return plan;
}

size_t
ifmib_row_octets(const struct ifmib_plan *plan, const struct snmp_poll_row *row, size_t alias_len)
{
	size_t octets = 0;

	for (size_t i = 0; i < plan->count; i++) {
		const struct ifmib_object *object = &ifmib_objects[plan->column[i]];
		struct snmp_oid oid = snmp_oid_instance(&object->oid, row->if_index);
		size_t text_len = plan->column[i] == IFMIB_ALIAS ? alias_len : strlen(row->name);

		octets += snmp_varbind_octets(&oid, object->type, text_len);
	}
	return octets;
}

size_t
ifmib_row_spare_octets(const struct ifmib_plan *plan, const struct snmp_varbind *varbinds)
{
	size_t spare = 0;

	for (size_t i = 0; i < plan->count; i++)
		spare +=
		    snmp_varbind_spare_octets(&varbinds[i], ifmib_objects[plan->column[i]].type);
	return spare > plan->count ? spare - plan->count : 0;
}

/* --- what was answered --- */

bool
ifmib_is_wire(uint32_t type)
{
	static const uint32_t types[] = {
		6,   /* ethernetCsmacd */
		7,   /* iso88023Csmacd */
		26,  /* ethernet3Mbit */
		39,  /* sonet */
		62,  /* fastEther */
		69,  /* fastEtherFX */
		117, /* gigabitEthernet */
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i] == type)
			return true;
	return false;
}

enum reading_oper
ifmib_oper(uint64_t status)
{
	/* testing, dormant, notPresent and lowerLayerDown carry no traffic: down */
	return status == 1                                                  ? READING_OPER_UP
	       : status == 2 || status == 3 || (status >= 5 && status <= 7) ? READING_OPER_DOWN
									    : READING_OPER_UNKNOWN;
}

double
ifmib_speed_bps(uint64_t high_speed)
{
	return high_speed == 0 ? NAN : (double)high_speed * 1e6;
}

/* Some agents hand out their fixed-size buffers: what follows the text is NULs. */
char *
ifmib_text(char dst[IFMIB_TEXT_LEN], const struct snmp_varbind *varbind)
{
	const unsigned char *octets = varbind->octets;
	size_t len = varbind->octets_len;

	while (len > 0 && octets[len - 1] == '\0')
		len--;
	return units_clean_text(dst, IFMIB_TEXT_LEN, len > 0 ? octets : (const unsigned char *)"",
				len);
}

static void say(char *why, size_t why_len, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void
say(char *why, size_t why_len, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, why_len, format, args);
	va_end(args);
}

bool
ifmib_uptime(const struct snmp_varbind *varbind, int64_t mono_ms, uint32_t *ticks, bool *is_ours,
	     char *why, size_t why_len)
{
	*is_ours = snmp_varbind_absent(varbind);
	if (*is_ours) {
		*ticks = (uint32_t)(mono_ms / 10);
		return true;
	}
	if (varbind->type != SNMP_TYPE_TIMETICKS) {
		say(why, why_len, "sysUpTime.0 is %s where TimeTicks belongs",
		    snmp_type_name(varbind->type));
		return false;
	}
	*ticks = (uint32_t)varbind->number;
	return true;
}

static bool
type_fits(enum ifmib_column column, uint32_t if_index, const struct snmp_varbind *varbind,
	  char *why, size_t why_len)
{
	const struct ifmib_object *object = &ifmib_objects[column];

	if (varbind->type == object->type)
		return true;
	say(why, why_len, "%s.%u is %s where %s belongs", object->name, (unsigned)if_index,
	    snmp_type_name(varbind->type), snmp_type_name(object->type));
	return false;
}

/* The first varbind of a row: is it still the interface it was? */
static enum snmp_row_outcome
decode_name(enum ifmib_column column, const struct snmp_poll_row *row,
	    const struct snmp_varbind *varbind, char *why, size_t why_len)
{
	const char *name_column = ifmib_objects[column].name;
	char name[IFMIB_TEXT_LEN];

	if (snmp_varbind_absent(varbind)) {
		say(why, why_len, "%s.%u is gone", name_column, (unsigned)row->if_index);
		return SNMP_ROW_GONE;
	}
	if (!type_fits(column, row->if_index, varbind, why, why_len))
		return SNMP_ROW_REFUSED;
	if (strcmp(ifmib_text(name, varbind), row->name) != 0) {
		say(why, why_len, "%s.%u is now \"%.64s\"", name_column, (unsigned)row->if_index,
		    name);
		return SNMP_ROW_MOVED;
	}
	return SNMP_ROW_READ;
}

static void
counter_put(struct counter_read *read, enum reading_column counter, uint64_t value)
{
	read->counter[counter] = value;
	read->has |= 1u << counter;
}

static void
decode_counter(enum ifmib_column column, uint64_t value, struct counter_read *read)
{
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		if (counters[i].column == column)
			counter_put(read, counters[i].counter, value);
	if (column == IFMIB_IN_NUCAST) /* broadcasts are in it already */
		counter_put(read, READING_IN_BROADCAST, 0);
	if (column == IFMIB_OUT_NUCAST)
		counter_put(read, READING_OUT_BROADCAST, 0);
}

static void
decode_value(enum ifmib_column column, const struct snmp_varbind *varbind,
	     struct counter_read *read, char alias[IFMIB_TEXT_LEN])
{
	switch (column) {
	case IFMIB_ALIAS: ifmib_text(alias, varbind); break;
	case IFMIB_HIGH_SPEED: read->speed_bps = ifmib_speed_bps(varbind->number); break;
	case IFMIB_OPER_STATUS: read->oper = ifmib_oper(varbind->number); break;
	case IFMIB_DISCONTINUITY: read->discontinuity_ticks = (uint32_t)varbind->number; break;
	case IFMIB_AGG_ATTACHED:
		read->attached_if_index = (uint32_t)varbind->number;
		read->has |= READING_HAS_ATTACHED;
		break;
	case IFMIB_AGG_STATE:
		if (varbind->octets_len == 0)
			break;
		read->lacp_state = varbind->octets[0];
		read->has |= READING_HAS_LACP;
		break;
	default: decode_counter(column, varbind->number, read); break;
	}
}

/* A value of the LAG MIB that is none says nothing; a member's state and speed stand without it. */
static bool
is_odd_lacp(enum ifmib_column column, const struct snmp_varbind *varbind)
{
	return (column == IFMIB_AGG_ATTACHED || column == IFMIB_AGG_STATE) &&
	       varbind->type != ifmib_objects[column].type;
}

enum snmp_row_outcome
ifmib_decode(const struct ifmib_plan *plan, const struct snmp_poll_row *row,
	     const struct snmp_varbind *varbinds, struct counter_read *read,
	     char alias[IFMIB_TEXT_LEN], char *why, size_t why_len)
{
	const uint32_t octets = 1u << READING_IN_OCTETS | 1u << READING_OUT_OCTETS;
	enum snmp_row_outcome outcome =
	    decode_name(plan->column[0], row, &varbinds[0], why, why_len);

	read->discontinuity_ticks = 0;
	read->has = 0;
	read->narrow = row->counter_bits == 32;
	read->oper = READING_OPER_UNKNOWN;
	read->speed_bps = NAN;
	read->attached_if_index = 0;
	read->lacp_state = 0;
	alias[0] = '\0';
	if (outcome != SNMP_ROW_READ)
		return outcome;
	for (size_t i = 1; i < plan->count; i++) {
		if (snmp_varbind_absent(&varbinds[i]) || is_odd_lacp(plan->column[i], &varbinds[i]))
			continue;
		if (!type_fits(plan->column[i], row->if_index, &varbinds[i], why, why_len))
			return SNMP_ROW_REFUSED;
		decode_value(plan->column[i], &varbinds[i], read, alias);
	}
	/* A row that never had counters has not lost them. */
	if (row->counter_bits == 0 || (read->has & octets) != 0)
		return SNMP_ROW_READ;
	say(why, why_len, "the %u-bit octet counters of ifIndex %u are gone", row->counter_bits,
	    (unsigned)row->if_index);
	return SNMP_ROW_GONE;
}
