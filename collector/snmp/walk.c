/* walk.c - the system group and the interface table of one agent; see snmp.h.
 *
 * First the system group by one GET, then the columns of the table in lanes (lane.h), at last by GET whatever single
 * values the lanes could not bring: some agents list rows out of order, or skip them in GETBULK.  Bounded by
 * WALK_ROWS_MAX rows and WALK_ASKS_MAX requests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snmp/errand.h"
#include "snmp/lane.h"

#define WALK_ASKS_MAX      100000
#define ERROR_NO_SUCH_NAME 2
#define FILL_MAX           20 /* values asked for singly in one request */
#define FILL_TEXT_LEN      64 /* guessed */
#define WHY_LEN            320

enum stage { STAGE_SYSTEM, STAGE_LANES, STAGE_FILL };

static const enum ifmib_column lane_texts[] = { IFMIB_NAME, IFMIB_DESCR, IFMIB_ALIAS };
static const enum ifmib_column lane_states[] = {
	IFMIB_TYPE,
	IFMIB_ADMIN_STATUS,
	IFMIB_OPER_STATUS,
	IFMIB_HIGH_SPEED,
};
static const enum ifmib_column lane_counters[] = { IFMIB_HC_IN_OCTETS, IFMIB_IN_OCTETS };
/* clang-format off */
#define LANE(columns) { columns, sizeof(columns) / sizeof((columns)[0]) }
/* clang-format on */
static const struct {
	const enum ifmib_column *columns;
	size_t count;
} lane_plans[] = { LANE(lane_texts), LANE(lane_states), LANE(lane_counters) };
#define LANE_COUNT (sizeof(lane_plans) / sizeof(lane_plans[0]))

struct walk {
	struct errand errand;
	struct snmp_walk_events events;
	enum stage stage;
	unsigned asks;
	bool answered, troubled;
	uint32_t uptime_ticks;
	struct lane lane[LANE_COUNT];
	struct walk_rows rows;
	uint64_t broken; /* WALK_BIT: the lanes could not bring all of it */
	/* The request that is out in STAGE_SYSTEM or STAGE_FILL. */
	bool in_flight;
	unsigned tries;
	size_t fill_row; /* rows before it have all their values */
	size_t fill_max;
	char why[WHY_LEN];
};

/* --- ending --- */

static void
walk_finish(struct walk *walk, enum snmp_outcome outcome, const char *why)
{
	struct snmp_agent *agent = walk->errand.agent;

	if (agent == NULL)
		return;
	agent->silent_errands = walk->answered ? 0 : agent->silent_errands + 1;
	errand_drop(&walk->errand);
	walk->events.on_end(outcome, why, walk->uptime_ticks, walk->events.user);
}

static bool
on_row(const struct interface_row *row, void *user)
{
	struct walk *walk = user;

	walk->events.on_row(row, walk->events.user);
	return walk->errand.agent != NULL; /* unless the user freed it meanwhile */
}

static void
walk_complete(struct walk *walk)
{
	struct snmp_agent *agent = walk->errand.agent;

	agent->alias_len_max = walk->rows.alias_len_max;
	if (!walk->troubled)
		manners_bulk_worked(&agent->manners, agent->credentials->max_repetitions);
	if (walk->rows.count == 0)
		snprintf(walk->why, sizeof(walk->why),
			 "it has no interface table, or its community may not see it");
	if (!walk_rows_tell(&walk->rows, on_row, walk))
		walk_finish(walk, SNMP_REFUSED, "out of memory");
	else
		walk_finish(walk, SNMP_DONE, walk->why);
}

static void
walk_warn(struct walk *walk, const char *column, const char *what)
{
	size_t len = strlen(walk->why);

	snprintf(walk->why + len, sizeof(walk->why) - len, "%s%s: %s", len > 0 ? "; " : "", column,
		 what);
}

/* What stores a value may fail. */
static bool
put_went_well(struct walk *walk, enum walk_put put)
{
	char why[80];

	if (put == WALK_PUT_DONE)
		return true;
	snprintf(why, sizeof(why), "it lists more than %u interfaces", WALK_ROWS_MAX);
	walk_finish(walk, SNMP_REFUSED, put == WALK_PUT_TOO_MANY ? why : "out of memory");
	return false;
}

/* --- the system group --- */

static bool
system_next(struct walk *walk, struct ask *ask)
{
	if (walk->in_flight)
		return false;
	walk->in_flight = true;
	ask->command = SNMP_COMMAND_GET;
	ask->tries = walk->tries;
	for (int i = 0; i < IFMIB_SCALAR_COUNT; i++)
		ask->oids[ask->oid_count++] = ifmib_scalars[i].oid;
	return true;
}

static void
text_keep(char **to, const struct snmp_varbind *varbind)
{
	char text[IFMIB_TEXT_LEN];

	free(*to);
	*to = varbind->type == SNMP_TYPE_OCTETS ? strdup(ifmib_text(text, varbind)) : NULL;
}

static uint32_t
ticks_of(const struct snmp_varbind *varbind)
{
	return varbind->type == SNMP_TYPE_TIMETICKS ? (uint32_t)varbind->number : 0;
}

static void
system_take(struct walk *walk, const struct snmp_varbind *varbinds)
{
	struct snmp_agent *agent = walk->errand.agent;

	walk->uptime_ticks = ticks_of(&varbinds[IFMIB_SYS_UPTIME]);
	agent->table_change_ticks = ticks_of(&varbinds[IFMIB_TABLE_LAST_CHANGE]);
	text_keep(&agent->sys_descr, &varbinds[IFMIB_SYS_DESCR]);
	text_keep(&agent->sys_name, &varbinds[IFMIB_SYS_NAME]);
}

/* --- lanes --- */

static bool
lanes_next(struct walk *walk, struct ask *ask)
{
	const struct manners *manners = &walk->errand.agent->manners;

	for (size_t i = 0; i < LANE_COUNT; i++) {
		struct lane *lane = &walk->lane[i];

		if (lane->in_flight || lane_ended(lane))
			continue;
		lane->in_flight = true;
		ask->oid_count = lane_next(lane, ask->column, ask->oids);
		ask->repetitions = lane_repetitions(lane, ask->oid_count, manners);
		ask->command = ask->repetitions > 0 ? SNMP_COMMAND_BULK : SNMP_COMMAND_NEXT;
		ask->tries = lane->tries;
		ask->note = lane;
		return true;
	}
	return false;
}

/* Counters of 32 bits matter only where there are none of 64; a table of all 64 needs no second column. */
static uint64_t
columns_wanted(const struct walk *walk, const struct walk_row *row)
{
	uint64_t wanted = walk->rows.seen | walk->broken;

	if (row->has & WALK_BIT(IFMIB_HC_IN_OCTETS))
		wanted &= ~WALK_BIT(IFMIB_IN_OCTETS);
	return wanted;
}

static void
lanes_end(struct walk *walk)
{
	for (size_t i = 0; i < LANE_COUNT; i++) {
		if (!lane_ended(&walk->lane[i]))
			return;
		for (size_t k = 0; k < walk->lane[i].count; k++)
			if (walk->lane[i].column[k].broken)
				walk->broken |= WALK_BIT(walk->lane[i].column[k].column);
	}
	walk->stage = STAGE_FILL;
	walk->tries = 0;
	walk->fill_max = FILL_MAX;
}

static void
lane_on_values(struct walk *walk, const struct ask *ask, const struct session_answer *answer)
{
	struct lane *lane = ask->note;
	enum walk_put put = lane_take(lane, ask->column, ask->oid_count, answer->varbinds,
				      answer->varbind_count, &walk->rows);

	lane->tries = 0;
	if (put_went_well(walk, put))
		lanes_end(walk);
}

/* GETBULK with fewer repetitions, then GETNEXT, then fewer columns, then without the column. */
static void
lane_on_error(struct walk *walk, const struct ask *ask, const struct session_answer *answer)
{
	struct lane *lane = ask->note;
	size_t at = answer->error_index;
	uint8_t number = ask->column[at >= 1 && at <= ask->oid_count ? at - 1 : 0];

	walk->troubled = true;
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

/* --- silence --- */

static void
walk_silent(struct walk *walk, const struct ask *ask, unsigned tries)
{
	bool spoke = ask->ticket.trouble[0] != '\0';
	char why[WHY_LEN];

	snprintf(why, sizeof(why), "no answer in %u %s%s%s", tries, tries == 1 ? "try" : "tries",
		 spoke ? "; " : "", ask->ticket.trouble);
	walk_finish(walk, spoke ? SNMP_REFUSED : SNMP_SILENT, why);
}

/* The agent has answered the system group: silence may mean that the answer would be too big for it. */
static void
lane_on_silence(struct walk *walk, const struct ask *ask)
{
	struct lane *lane = ask->note;
	bool exhausted = ++lane->tries >= errand_tries(walk->errand.agent);

	walk->troubled = true;
	if (ask->command == SNMP_COMMAND_BULK &&
	    (exhausted || lane->tries >= MANNERS_SILENT_TRIES)) {
		manners_bulk_failed(&walk->errand.agent->manners, ask->repetitions);
		lane->tries = 0;
	} else if (exhausted) {
		walk_silent(walk, ask, lane->tries);
	}
}

static void
single_on_silence(struct walk *walk, const struct ask *ask)
{
	walk->troubled = true;
	walk->tries++;
	if (walk->tries >= errand_tries(walk->errand.agent))
		walk_silent(walk, ask, walk->tries);
	else if (walk->stage == STAGE_FILL && walk->tries >= MANNERS_SILENT_TRIES)
		walk->fill_max = ask->oid_count > 1 ? ask->oid_count / 2 : 1;
}

/* --- single values --- */

static size_t
value_octets(enum ifmib_column column, const struct snmp_oid *oid)
{
	return snmp_varbind_octets(oid, ifmib_objects[column].type, FILL_TEXT_LEN);
}

/* Adds what is missing of one row; false when the request is full. */
static bool
fill_from_row(const struct walk *walk, const struct walk_row *row, struct ask *ask, size_t *octets)
{
	uint64_t missing = columns_wanted(walk, row) & ~row->asked;

	for (int column = 0; missing != 0 && column < IFMIB_COLUMN_COUNT; column++) {
		struct snmp_oid oid;

		if ((missing & WALK_BIT(column)) == 0)
			continue;
		oid = snmp_oid_instance(&ifmib_objects[column].oid, row->if_index);
		*octets += value_octets((enum ifmib_column)column, &oid);
		if (ask->oid_count > 0 &&
		    (ask->oid_count >= walk->fill_max || *octets > MANNERS_OCTETS_MAX))
			return false;
		ask->column[ask->oid_count] = (uint8_t)column;
		ask->oids[ask->oid_count++] = oid;
	}
	return true;
}

static bool
fill_next(struct walk *walk, struct ask *ask)
{
	size_t octets = 0;

	if (walk->in_flight)
		return false;
	for (size_t i = walk->fill_row; i < walk->rows.count; i++)
		if (!fill_from_row(walk, walk->rows.row[i], ask, &octets))
			break;
	ask->command = SNMP_COMMAND_GET;
	ask->tries = walk->tries;
	walk->in_flight = ask->oid_count > 0;
	return walk->in_flight;
}

/* Rows are finished from the first to the last. */
static bool
fill_done(struct walk *walk)
{
	for (; walk->fill_row < walk->rows.count; walk->fill_row++) {
		const struct walk_row *row = walk->rows.row[walk->fill_row];

		if ((columns_wanted(walk, row) & ~row->asked) != 0)
			return false;
	}
	return true;
}

static uint32_t
asked_index(const struct ask *ask, size_t i)
{
	return ask->oids[i].id[ask->oids[i].len - 1];
}

static void
fill_on_values(struct walk *walk, const struct ask *ask, const struct snmp_varbind *varbinds)
{
	enum walk_put put = WALK_PUT_DONE;

	walk->tries = 0;
	for (size_t i = 0; i < ask->oid_count && put == WALK_PUT_DONE; i++)
		put = walk_rows_put(&walk->rows, (enum ifmib_column)ask->column[i],
				    asked_index(ask, i), &varbinds[i]);
	put_went_well(walk, put);
}

static void
fill_on_error(struct walk *walk, const struct ask *ask)
{
	struct walk_row *row = walk_rows_find(&walk->rows, asked_index(ask, 0));

	walk->tries = 0;
	if (ask->oid_count > 1)
		walk->fill_max = ask->oid_count / 2;
	else if (row != NULL)
		row->asked |= WALK_BIT(ask->column[0]); /* it will not say */
}

/* --- the errand --- */

static bool
walk_next(struct errand *errand, struct ask *ask)
{
	struct walk *walk = (struct walk *)errand;
	bool more = walk->stage == STAGE_SYSTEM  ? system_next(walk, ask)
		    : walk->stage == STAGE_LANES ? lanes_next(walk, ask)
						 : fill_next(walk, ask);

	walk->asks += more;
	return more;
}

static void
system_on_answer(struct walk *walk, const struct ask *ask, const struct session_answer *answer)
{
	walk->in_flight = false;
	if (answer->end != SESSION_ANSWERED) {
		single_on_silence(walk, ask);
		return;
	}
	if (answer->error_status == 0)
		system_take(walk, answer->varbinds);
	walk->stage = STAGE_LANES; /* what the system group would not say is no reason to stop */
}

static void
lanes_on_answer(struct walk *walk, const struct ask *ask, const struct session_answer *answer)
{
	struct lane *lane = ask->note;

	lane->in_flight = false;
	if (answer->end != SESSION_ANSWERED)
		lane_on_silence(walk, ask);
	else if (answer->error_status != 0)
		lane_on_error(walk, ask, answer);
	else
		lane_on_values(walk, ask, answer);
}

static void
fill_on_answer(struct walk *walk, const struct ask *ask, const struct session_answer *answer)
{
	walk->in_flight = false;
	if (answer->end != SESSION_ANSWERED)
		single_on_silence(walk, ask);
	else if (answer->error_status != 0)
		fill_on_error(walk, ask);
	else
		fill_on_values(walk, ask, answer->varbinds);
}

static void
walk_on_answer(struct errand *errand, struct ask *ask, const struct session_answer *answer)
{
	static void (*const by_stage[])(struct walk *, const struct ask *,
					const struct session_answer *) = {
		[STAGE_SYSTEM] = system_on_answer,
		[STAGE_LANES] = lanes_on_answer,
		[STAGE_FILL] = fill_on_answer,
	};
	struct walk *walk = (struct walk *)errand;

	walk->answered |= answer->end == SESSION_ANSWERED;
	by_stage[walk->stage](walk, ask, answer);
	if (errand->agent == NULL)
		return;
	if (walk->asks >= WALK_ASKS_MAX)
		walk_finish(walk, SNMP_REFUSED, "its table did not end after 100,000 requests");
	else if (walk->stage == STAGE_FILL && !walk->in_flight && fill_done(walk))
		walk_complete(walk);
}

static void
walk_free(struct errand *errand)
{
	struct walk *walk = (struct walk *)errand;

	walk_rows_free(&walk->rows);
	free(walk);
}

static const struct errand_kind walk_kind = { walk_next, walk_on_answer, walk_free };

bool
snmp_walk(struct snmp_agent *agent, const struct snmp_walk_events *events, struct error *err)
{
	struct walk *walk;

	if (agent->snmp == NULL || agent->errands[ERRAND_WALK] != NULL)
		return error_set(err, ERR_REFUSED, "%s: it is being walked already", agent->label);
	walk = calloc(1, sizeof(*walk));
	if (walk == NULL)
		return error_set(err, ERR_NOMEM, "%s: out of memory", agent->label);
	walk->errand.kind = &walk_kind;
	walk->events = *events;
	for (size_t i = 0; i < LANE_COUNT; i++)
		lane_init(&walk->lane[i], lane_plans[i].columns, lane_plans[i].count);
	errand_start(agent, ERRAND_WALK, &walk->errand);
	return true;
}
