/* walk_lanes.c - the columns of the interface table, in lanes that go on by themselves; see walk_internal.h. */
#include "snmp/walk_internal.h"

#define ERROR_NO_SUCH_NAME 2

static const enum ifmib_column texts[] = { IFMIB_NAME, IFMIB_DESCR, IFMIB_ALIAS };
static const enum ifmib_column states[] = {
	IFMIB_TYPE,
	IFMIB_ADMIN_STATUS,
	IFMIB_OPER_STATUS,
	IFMIB_HIGH_SPEED,
};
static const enum ifmib_column counters[] = { IFMIB_HC_IN_OCTETS, IFMIB_IN_OCTETS };
/* clang-format off */
#define LANE(columns) { columns, sizeof(columns) / sizeof((columns)[0]) }
/* clang-format on */
static const struct {
	const enum ifmib_column *columns;
	size_t count;
} plans[WALK_LANES] = { LANE(texts), LANE(states), LANE(counters) };

void
walk_lanes_init(struct walk *walk)
{
	walk->stage = STAGE_LANES;
	for (size_t i = 0; i < WALK_LANES; i++)
		lane_init(&walk->lane[i], plans[i].columns, plans[i].count);
}

bool
walk_lanes_next(struct walk *walk, struct ask *ask)
{
	const struct manners *manners = &walk->errand.agent->manners;

	for (size_t i = 0; i < WALK_LANES; i++) {
		struct lane *lane = &walk->lane[i];

		if (lane->in_flight || lane_ended(lane))
			continue;
		lane->in_flight = true;
		ask->oid_count = lane_next(lane, ask->column, ask->oids);
		ask->repetitions = lane_repetitions(lane, ask->oid_count, manners);
		ask->command = ask->repetitions > 0 ? SNMP_COMMAND_BULK : SNMP_COMMAND_NEXT;
		ask->tries = lane->tries % errand_tries(walk->errand.agent);
		ask->note = lane;
		return true;
	}
	return false;
}

static void
lanes_end(struct walk *walk)
{
	for (size_t i = 0; i < WALK_LANES; i++) {
		if (!lane_ended(&walk->lane[i]))
			return;
		for (size_t k = 0; k < walk->lane[i].count; k++)
			if (walk->lane[i].column[k].broken)
				walk->broken |= WALK_BIT(walk->lane[i].column[k].column);
	}
	walk_fill_init(walk);
}

void
walk_lanes_values(struct walk *walk, struct ask *ask, const struct session_answer *answer)
{
	struct lane *lane = ask->note;
	enum walk_put put = lane_take(lane, ask->column, ask->oid_count, answer->varbinds,
				      answer->varbind_count, &walk->rows);

	lane->in_flight = false;
	lane->tries = 0;
	if (walk_put_went_well(walk, put))
		lanes_end(walk);
}

/* GETBULK with fewer repetitions, then GETNEXT, then fewer columns, then without the column. */
void
walk_lanes_error(struct walk *walk, struct ask *ask, const struct session_answer *answer)
{
	struct lane *lane = ask->note;
	size_t at = answer->error_index;
	uint8_t number = ask->column[at >= 1 && at <= ask->oid_count ? at - 1 : 0];

	lane->in_flight = false;
	lane->tries = 0;
	if (ask->command == SNMP_COMMAND_BULK) {
		manners_bulk_failed(&walk->errand.agent->manners, ask->repetitions);
	} else if (answer->error_status == ERROR_NO_SUCH_NAME && at >= 1) {
		lane->column[number].ended = true; /* how SNMPv1 ends a table */
	} else if (ask->oid_count > 1) {
		lane->width = ask->oid_count / 2;
	} else {
		lane_break(lane, number);
		walk_warn(walk, ifmib_objects[lane->column[number].column].name,
			  snmp_error_name(answer->error_status));
	}
	lanes_end(walk);
}

/* The agent has answered the system group: silence may mean that the answer would be too big for it. */
void
walk_lanes_silence(struct walk *walk, struct ask *ask)
{
	struct lane *lane = ask->note;
	unsigned tries_max = errand_tries(walk->errand.agent);
	unsigned shrink_after = tries_max < MANNERS_SILENT_TRIES ? tries_max : MANNERS_SILENT_TRIES;

	lane->in_flight = false;
	lane->tries++;
	if (!walk_goes_on(walk, ask, lane->tries) || lane->tries % shrink_after != 0)
		return;
	if (ask->command == SNMP_COMMAND_BULK)
		manners_bulk_failed(&walk->errand.agent->manners, ask->repetitions);
	else if (ask->oid_count > 1)
		lane->width = ask->oid_count / 2;
}
