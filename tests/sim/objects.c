/* objects.c - what a switch serves: the table of objects, and the getters behind it.
 *
 * Sources: SNMPv2-MIB (RFC 3418) system; IF-MIB (RFC 2863) interfaces, ifTable, ifXTable, ifStackTable;
 * IEEE8023-LAG-MIB (IEEE 802.1AX) dot3adAggPortListTable, dot3adAggPortTable.  Deprecated columns are left out. */
#include <stdio.h>
#include <string.h>

#include "hash.h"
#include "mib.h"

#define MEGA        UINT64_C(1000000)
#define GAUGE32_MAX UINT64_C(4294967295)

/* --- values --- */

static void
set_integer(struct mib_value *value, int32_t integer)
{
	value->tag = BER_INTEGER;
	value->integer = integer;
}

static void
set_number(struct mib_value *value, enum ber_tag tag, uint64_t number)
{
	value->tag = tag;
	value->number = number;
}

static void
set_octets(struct mib_value *value, const void *octets, size_t len)
{
	value->tag = BER_OCTETS;
	value->octets_len = len < sizeof(value->octets) ? len : sizeof(value->octets);
	memcpy(value->octets, octets, value->octets_len);
}

static void
set_text(struct mib_value *value, const char *text)
{
	set_octets(value, text, strlen(text));
}

static int64_t
now_utc_sec(const struct box *box)
{
	return floor_div(box->now_ticks, TICKS_PER_SEC);
}

static const struct interface *
interface_of(const struct box *box, size_t interface)
{
	return &box->agent->interfaces[interface];
}

/* --- scalars --- */

enum system_text { SYS_DESCR, SYS_CONTACT, SYS_NAME, SYS_LOCATION };

static void
get_system_text(struct box *box, size_t interface, int what, struct mib_value *value)
{
	char location[128];

	(void)interface;
	switch (what) {
	case SYS_DESCR: set_text(value, box->agent->make->descr); break;
	case SYS_CONTACT: set_text(value, "noc@demo-ix.example"); break;
	case SYS_NAME: set_text(value, box->agent->sys_name); break;
	default:
		snprintf(location, sizeof(location), "%s, %s", box->agent->exchange->name,
			 box->agent->exchange->place->city);
		set_text(value, location);
	}
}

/* Below the enterprise number kept for documentation (RFC 5612); the last part is the make. */
static void
get_system_oid(struct box *box, size_t interface, int what, struct mib_value *value)
{
	const uint32_t oid[] = { 1,     3, 6,
				 1,     4, 1,
				 32473, 1, (uint32_t)(box->agent->make - makes) + 1 };

	(void)interface, (void)what;
	value->tag = BER_OID;
	value->oid_len = sizeof(oid) / sizeof(oid[0]);
	memcpy(value->oid, oid, sizeof(oid));
}

static void
get_uptime(struct box *box, size_t interface, int what, struct mib_value *value)
{
	(void)interface, (void)what;
	set_number(value, BER_TICKS, box_uptime_ticks(box));
}

static void
get_constant(struct box *box, size_t interface, int what, struct mib_value *value)
{
	(void)box, (void)interface;
	set_integer(value, what);
}

static void
get_interface_count(struct box *box, size_t interface, int what, struct mib_value *value)
{
	(void)interface, (void)what;
	set_integer(value, (int32_t)box->tables[TABLE_INTERFACES].count);
}

/* When rows last came or went, as sysUpTime; 0: at the boot. */
static void
get_table_change(struct box *box, size_t interface, int what, struct mib_value *value)
{
	(void)interface, (void)what;
	set_number(value, BER_TICKS, box_uptime_at(box, box->tables_from_ticks));
}

/* --- interfaces --- */

static void
get_index(struct box *box, size_t interface, int what, struct mib_value *value)
{
	(void)what;
	set_integer(value, (int32_t)box_if_index(box, interface));
}

static void
get_name(struct box *box, size_t interface, int what, struct mib_value *value)
{
	(void)what;
	set_text(value, interface_of(box, interface)->name);
}

static void
get_alias(struct box *box, size_t interface, int what, struct mib_value *value)
{
	(void)what;
	set_text(value, interface_of(box, interface)->alias);
}

static void
get_type(struct box *box, size_t interface, int what, struct mib_value *value)
{
	(void)what;
	set_integer(value, (int32_t)interface_of(box, interface)->type);
}

/* A locally administered address, its own for each interface; the loopback has none. */
static void
get_address(struct box *box, size_t interface, int what, struct mib_value *value)
{
	const struct interface *i = interface_of(box, interface);
	uint64_t draw = hash_draw(box->agent->address, interface);
	uint8_t mac[6] = { 0x02 };

	(void)what;
	memcpy(mac + 1, &draw, sizeof(mac) - 1);
	set_octets(value, mac, i->profile == PROFILE_LOOPBACK ? 0 : sizeof(mac));
}

enum speed { SPEED_BPS, SPEED_MBPS };

static void
get_speed(struct box *box, size_t interface, int what, struct mib_value *value)
{
	uint64_t bps = interface_speed_bps(interface_of(box, interface), now_utc_sec(box));

	if (what == SPEED_MBPS)
		set_number(value, BER_GAUGE32, bps / MEGA);
	else
		set_number(value, BER_GAUGE32, bps < GAUGE32_MAX ? bps : GAUGE32_MAX);
}

/* up(1), down(2) */
static void
get_oper(struct box *box, size_t interface, int what, struct mib_value *value)
{
	(void)what;
	set_integer(value, box_up(box, interface) ? 1 : 2);
}

static void
get_last_change(struct box *box, size_t interface, int what, struct mib_value *value)
{
	int64_t changed = interface_changed_utc_sec(interface_of(box, interface), now_utc_sec(box));

	(void)what;
	set_number(value, BER_TICKS,
		   changed == INT64_MIN ? 0 : box_uptime_at(box, changed * TICKS_PER_SEC));
}

/* true(1), false(2) */
static void
get_connector(struct box *box, size_t interface, int what, struct mib_value *value)
{
	const struct interface *i = interface_of(box, interface);

	(void)what;
	set_integer(value, i->profile != PROFILE_LOOPBACK && i->member_count == 0 ? 1 : 2);
}

/* --- counters --- */

enum { COUNT_OCTETS, COUNT_UCAST, COUNT_MULTICAST, COUNT_BROADCAST, COUNT_DISCARDS, COUNT_ERRORS };
#define IN(count)  ((count)*2 + FLOW_IN)
#define OUT(count) ((count)*2 + FLOW_OUT)

static uint64_t
counter(struct box *box, size_t interface, int what)
{
	const struct meter_reading *reading = box_read(box, interface);
	const struct traffic_counters *counters = &reading->direction[what % 2];

	switch (what / 2) {
	case COUNT_OCTETS: return counters->octets;
	case COUNT_UCAST: return counters->ucast;
	case COUNT_MULTICAST: return counters->multicast;
	case COUNT_BROADCAST: return counters->broadcast;
	case COUNT_DISCARDS: return counters->discards;
	default: return what == IN(COUNT_ERRORS) ? reading->errors_in : 0;
	}
}

static void
get_counter64(struct box *box, size_t interface, int what, struct mib_value *value)
{
	set_number(value, BER_COUNTER64, counter(box, interface, what));
}

static void
get_counter32(struct box *box, size_t interface, int what, struct mib_value *value)
{
	set_number(value, BER_COUNTER32, (uint32_t)counter(box, interface, what));
}

static void
get_zero(struct box *box, size_t interface, int what, struct mib_value *value)
{
	(void)box, (void)interface;
	set_number(value, (enum ber_tag)what, 0);
}

/* --- link aggregation --- */

static size_t
lag_of(const struct box *box, size_t interface)
{
	return (size_t)(interface_of(box, interface)->lag - box->agent->interfaces);
}

static void
get_selected_lag(struct box *box, size_t interface, int what, struct mib_value *value)
{
	(void)what;
	set_integer(value, (int32_t)box_if_index(box, lag_of(box, interface)));
}

static void
get_attached_lag(struct box *box, size_t interface, int what, struct mib_value *value)
{
	(void)what;
	set_integer(value, box_attached(box, interface)
			       ? (int32_t)box_if_index(box, lag_of(box, interface))
			       : 0);
}

/* BITS, from the left: activity, timeout, aggregation, synchronization, collecting, distributing, defaulted, expired. */
static void
get_actor_state(struct box *box, size_t interface, int what, struct mib_value *value)
{
	const uint8_t well = 0xbc, alone = 0xa2;

	(void)what;
	set_octets(value, box_attached(box, interface) ? &well : &alone, 1);
}

/* A PortList: the bit of port p is bit p - 1 from the left; ports are numbered by ifIndex here. */
static void
get_lag_ports(struct box *box, size_t interface, int what, struct mib_value *value)
{
	(void)what;
	set_octets(value, "", 0);
	memset(value->octets, 0, sizeof(value->octets));
	for (size_t i = 0; i < box->agent->interface_count; i++) {
		uint32_t bit = box_if_index(box, i) - 1;

		if (interface_of(box, i)->lag != interface_of(box, interface) || !box_has(box, i) ||
		    bit / 8 >= sizeof(value->octets))
			continue;
		value->octets[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
		if (bit / 8 + 1 > value->octets_len)
			value->octets_len = bit / 8 + 1;
	}
}

/* --- the table --- */

/* clang-format off */
#define LEN(...)      (sizeof((uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))
#define OBJECT(...)   .oid_len = LEN(__VA_ARGS__), .oid = { __VA_ARGS__ }
#define LAG(...)      OBJECT(1, 2, 840, 10006, 300, 43, 1, __VA_ARGS__)
#define SYSTEM(n)     OBJECT(1, 3, 6, 1, 2, 1, 1, n), .table = TABLE_SCALARS
#define IF(n)	      OBJECT(1, 3, 6, 1, 2, 1, 2, 2, 1, n), .table = TABLE_INTERFACES
#define IFX(n)	      OBJECT(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, n), .table = TABLE_INTERFACES
#define IFMIB(...)    OBJECT(1, 3, 6, 1, 2, 1, 31, 1, __VA_ARGS__)
#define VALUE(f, arg) .get = f, .what = (arg)

const struct mib_object mib_objects[] = {
	{ LAG(1, 2, 1, 1), .table = TABLE_AGGREGATORS, VALUE(get_lag_ports, 0) },     /* dot3adAggPortListPorts */
	{ LAG(2, 1, 1, 12), .table = TABLE_AGG_PORTS, VALUE(get_selected_lag, 0) },   /* ...SelectedAggID */
	{ LAG(2, 1, 1, 13), .table = TABLE_AGG_PORTS, VALUE(get_attached_lag, 0) },   /* ...AttachedAggID */
	{ LAG(2, 1, 1, 21), .table = TABLE_AGG_PORTS, VALUE(get_actor_state, 0) },    /* ...ActorOperState */
	{ SYSTEM(1), VALUE(get_system_text, SYS_DESCR) },
	{ SYSTEM(2), VALUE(get_system_oid, 0) },
	{ SYSTEM(3), VALUE(get_uptime, 0) },
	{ SYSTEM(4), VALUE(get_system_text, SYS_CONTACT) },
	{ SYSTEM(5), VALUE(get_system_text, SYS_NAME) },
	{ SYSTEM(6), VALUE(get_system_text, SYS_LOCATION) },
	{ SYSTEM(7), VALUE(get_constant, 2) },			/* sysServices: datalink */
	{ OBJECT(1, 3, 6, 1, 2, 1, 2, 1), .table = TABLE_SCALARS, VALUE(get_interface_count, 0) },
	{ IF(1), VALUE(get_index, 0) },
	{ IF(2), VALUE(get_name, 0) },				/* ifDescr */
	{ IF(3), VALUE(get_type, 0) },
	{ IF(4), VALUE(get_constant, 9216) },			/* ifMtu */
	{ IF(5), VALUE(get_speed, SPEED_BPS) },
	{ IF(6), VALUE(get_address, 0) },
	{ IF(7), VALUE(get_constant, 1) },			/* ifAdminStatus: up */
	{ IF(8), VALUE(get_oper, 0) },
	{ IF(9), VALUE(get_last_change, 0) },
	{ IF(10), VALUE(get_counter32, IN(COUNT_OCTETS)) },
	{ IF(11), VALUE(get_counter32, IN(COUNT_UCAST)) },
	{ IF(13), VALUE(get_counter32, IN(COUNT_DISCARDS)) },
	{ IF(14), VALUE(get_counter32, IN(COUNT_ERRORS)) },
	{ IF(15), VALUE(get_zero, BER_COUNTER32) },		/* ifInUnknownProtos */
	{ IF(16), VALUE(get_counter32, OUT(COUNT_OCTETS)) },
	{ IF(17), VALUE(get_counter32, OUT(COUNT_UCAST)) },
	{ IF(19), VALUE(get_counter32, OUT(COUNT_DISCARDS)) },
	{ IF(20), VALUE(get_counter32, OUT(COUNT_ERRORS)) },
	{ IFX(1), VALUE(get_name, 0) },
	{ IFX(2), VALUE(get_counter32, IN(COUNT_MULTICAST)) },
	{ IFX(3), VALUE(get_counter32, IN(COUNT_BROADCAST)) },
	{ IFX(4), VALUE(get_counter32, OUT(COUNT_MULTICAST)) },
	{ IFX(5), VALUE(get_counter32, OUT(COUNT_BROADCAST)) },
	{ IFX(6), VALUE(get_counter64, IN(COUNT_OCTETS)) },
	{ IFX(7), VALUE(get_counter64, IN(COUNT_UCAST)) },
	{ IFX(8), VALUE(get_counter64, IN(COUNT_MULTICAST)) },
	{ IFX(9), VALUE(get_counter64, IN(COUNT_BROADCAST)) },
	{ IFX(10), VALUE(get_counter64, OUT(COUNT_OCTETS)) },
	{ IFX(11), VALUE(get_counter64, OUT(COUNT_UCAST)) },
	{ IFX(12), VALUE(get_counter64, OUT(COUNT_MULTICAST)) },
	{ IFX(13), VALUE(get_counter64, OUT(COUNT_BROADCAST)) },
	{ IFX(14), VALUE(get_constant, 1) },			/* ifLinkUpDownTrapEnable: enabled */
	{ IFX(15), VALUE(get_speed, SPEED_MBPS) },
	{ IFX(16), VALUE(get_constant, 2) },			/* ifPromiscuousMode: false */
	{ IFX(17), VALUE(get_connector, 0) },
	{ IFX(18), VALUE(get_alias, 0) },
	{ IFX(19), VALUE(get_zero, BER_TICKS) },		/* ifCounterDiscontinuityTime */
	{ IFMIB(2, 1, 3), .table = TABLE_STACK, VALUE(get_constant, 1) },	    /* ifStackStatus: active */
	{ IFMIB(5), .table = TABLE_SCALARS, VALUE(get_table_change, 0) },   /* ifTableLastChange */
	{ IFMIB(6), .table = TABLE_SCALARS, VALUE(get_table_change, 0) },   /* ifStackLastChange */
};
/* clang-format on */
const size_t mib_object_count = sizeof(mib_objects) / sizeof(mib_objects[0]);
