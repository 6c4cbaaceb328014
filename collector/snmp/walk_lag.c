/* walk_lag.c - who is a member of which LAG, after the interface table is known; see walk_internal.h and lag.h.
 *
 * The columns of the LAG MIB that name a LAG are walked whole, ifStackStatus only below the interfaces that can be LAGs: on a
 * router of thousands of VLANs the rest of it is long and says nothing about LAGs.  A table that cannot be had whole is
 * not used at all, since a sum over half of the members would accuse somebody.  The walk succeeds all the same. */
#include <stdlib.h>

#include "snmp/lag.h"
#include "snmp/walk_internal.h"

#define WIDTH_MAX           3 /* columns asked in one request */
#define ASKS_MAX            5000
#define LAGS_MAX            1024
#define SILENT_MAX          2 /* columns that met silence, after which nothing more is asked */
#define VARBIND_OCTETS      30
#define ENVELOPE_OCTETS     60
#define ERROR_NO_SUCH_NAME  2
#define STACK_STATUS_ACTIVE 1

static const struct snmp_oid stack_status = { 11, { 1, 3, 6, 1, 2, 1, 31, 1, 2, 1, 3 } };
static const enum ifmib_column agg_columns[] = { IFMIB_AGG_SELECTED, IFMIB_AGG_ATTACHED };
#define AGG_COUNT (sizeof(agg_columns) / sizeof(agg_columns[0]))

/* --- asking --- */

static size_t
stacks_count(const struct walk *walk)
{
	size_t count = 0;

	for (size_t i = 0; i < walk->rows.count && count < LAGS_MAX; i++)
		count += lag_type(walk->rows.row[i]->type);
	return count;
}

static void
lag_end(struct walk *walk)
{
	walk->lag.ended = true;
}

/* Nothing is known about LAGs. */
static void
lag_give_up(struct walk *walk, const char *why)
{
	walk->lag.unknown = true;
	walk_warn(walk, "LAG members", why);
	lag_end(walk);
}

void
walk_lag_init(struct walk *walk)
{
	struct walk_lag *lag = &walk->lag;
	size_t count = AGG_COUNT + stacks_count(walk), at = AGG_COUNT;

	walk->stage = STAGE_LAG;
	walk->tries = 0;
	lag->width = WIDTH_MAX;
	lag->column = calloc(count, sizeof(*lag->column));
	if (lag->column == NULL || walk->rows.count == 0) {
		lag_end(walk);
		lag->unknown = lag->column == NULL;
		return;
	}
	lag->column_count = count;
	for (size_t i = 0; i < AGG_COUNT; i++)
		lag->column[i].oid = ifmib_objects[agg_columns[i]].oid;
	for (size_t i = 0; i < walk->rows.count && at < count; i++)
		if (lag_type(walk->rows.row[i]->type)) {
			lag->column[at].lag_if_index = walk->rows.row[i]->if_index;
			lag->column[at++].oid =
			    snmp_oid_instance(&stack_status, walk->rows.row[i]->if_index);
		}
}

static unsigned
repetitions_of(const struct walk *walk, size_t columns)
{
	unsigned max = walk->errand.agent->manners.repetitions_max;
	size_t fit = (MANNERS_OCTETS_MAX - ENVELOPE_OCTETS) / (VARBIND_OCTETS * columns);

	return fit < max ? (unsigned)fit : max;
}

bool
walk_lag_next(struct walk *walk, struct ask *ask)
{
	struct walk_lag *lag = &walk->lag;

	if (walk->in_flight || lag->ended)
		return false;
	while (lag->first < lag->column_count && lag->column[lag->first].ended)
		lag->first++;
	for (size_t i = lag->first; i < lag->column_count && ask->oid_count < lag->width; i++) {
		const struct walk_lag_column *column = &lag->column[i];

		if (column->ended)
			continue;
		ask->oids[ask->oid_count] =
		    column->started ? snmp_oid_instance(&column->oid, column->last) : column->oid;
		lag->asked[ask->oid_count++] = i;
	}
	if (ask->oid_count == 0) {
		lag_end(walk);
		return false;
	}
	ask->repetitions = repetitions_of(walk, ask->oid_count);
	ask->command = ask->repetitions > 0 ? SNMP_COMMAND_BULK : SNMP_COMMAND_NEXT;
	ask->tries = walk->tries;
	walk->in_flight = true;
	return true;
}

/* --- answers --- */

static bool
layer_put(struct walk_lag *lag, uint32_t higher, uint32_t lower)
{
	size_t room = lag->layer_room > 0 ? lag->layer_room * 2 : 64;
	struct lag_layer *grown;

	if (lag->layer_count == lag->layer_room) {
		grown = reallocarray(lag->layer, room, sizeof(*grown));
		if (grown == NULL)
			return false;
		lag->layer = grown;
		lag->layer_room = room;
	}
	lag->layer[lag->layer_count++] = (struct lag_layer) { higher, lower };
	return true;
}

static void
agg_put(struct walk_row *row, enum ifmib_column column, const struct snmp_varbind *varbind)
{
	if (row == NULL || varbind->type != ifmib_objects[column].type)
		return; /* of no interface, or no value */
	if (column == IFMIB_AGG_SELECTED)
		row->agg_selected = (uint32_t)varbind->number;
	if (column == IFMIB_AGG_ATTACHED)
		row->agg_attached = (uint32_t)varbind->number;
	row->has |= WALK_BIT(column);
}

static void
column_break(struct walk_lag_column *column)
{
	column->ended = column->broken = true;
}

static void
value_put(struct walk *walk, size_t number, uint32_t index, const struct snmp_varbind *varbind)
{
	struct walk_lag *lag = &walk->lag;
	struct walk_lag_column *column = &lag->column[number];

	if (number < AGG_COUNT) {
		agg_put(walk_rows_find(&walk->rows, index), agg_columns[number], varbind);
		return;
	}
	if (varbind->type != SNMP_TYPE_INTEGER || varbind->number != STACK_STATUS_ACTIVE)
		return;
	if (++column->row_count > LAG_MEMBERS_MAX + 1) /* the 0 that ends a stack is a row too */
		column_break(column);
	else if (!layer_put(lag, column->lag_if_index, index))
		column_break(column);
}

static void
varbind_take(struct walk *walk, size_t number, const struct snmp_varbind *varbind)
{
	struct walk_lag_column *column = &walk->lag.column[number];
	uint32_t index;

	if (column->ended)
		return;
	if (snmp_varbind_absent(varbind) || !snmp_oid_below(&column->oid, varbind, &index)) {
		column->ended = true;
	} else if (column->started && index <= column->last) {
		column_break(column);
	} else {
		column->started = true;
		column->last = index;
		value_put(walk, number, index, varbind);
	}
}

void
walk_lag_values(struct walk *walk, struct ask *ask, const struct session_answer *answer)
{
	walk->in_flight = false;
	walk->tries = 0;
	for (size_t i = 0; i < answer->varbind_count; i++)
		varbind_take(walk, walk->lag.asked[i % ask->oid_count], &answer->varbinds[i]);
	if (++walk->lag.asks >= ASKS_MAX)
		lag_give_up(walk, "the tables that say so do not end");
}

/* As in the lanes: fewer repetitions, then GETNEXT, then fewer columns, then without the column. */
void
walk_lag_error(struct walk *walk, struct ask *ask, const struct session_answer *answer)
{
	struct walk_lag *lag = &walk->lag;
	size_t at = answer->error_index;
	struct walk_lag_column *column =
	    &lag->column[lag->asked[at >= 1 && at <= ask->oid_count ? at - 1 : 0]];

	walk->in_flight = false;
	walk->tries = 0;
	if (ask->command == SNMP_COMMAND_BULK)
		manners_bulk_failed(&walk->errand.agent->manners, ask->repetitions);
	else if (answer->error_status == ERROR_NO_SUCH_NAME && at >= 1)
		column->ended = true; /* how SNMPv1 ends a table */
	else if (ask->oid_count > 1)
		lag->width = ask->oid_count / 2;
	else
		column_break(column);
}

/* It answered for its interfaces: silence may be about what is asked for here. */
void
walk_lag_silence(struct walk *walk, struct ask *ask)
{
	struct walk_lag *lag = &walk->lag;

	walk->in_flight = false;
	if (++walk->tries < errand_tries(walk->errand.agent))
		return;
	walk->tries = 0;
	if (ask->oid_count > 1)
		lag->width = 1;
	else if (++lag->silent_count >= SILENT_MAX)
		lag_give_up(walk, "no answer when asked for");
	else
		column_break(&lag->column[lag->asked[0]]);
}

bool
walk_lag_done(const struct walk *walk)
{
	const struct walk_lag *lag = &walk->lag;

	for (size_t i = lag->first; !lag->ended && i < lag->column_count; i++)
		if (!lag->column[i].ended)
			return false;
	return true;
}

/* --- the answer --- */

static bool
agg_is_whole(const struct walk_lag *lag)
{
	for (size_t i = 0; i < AGG_COUNT; i++)
		if (lag->column[i].broken)
			return false;
	return true;
}

static void
answer_put(struct walk *walk, const struct lag_interface *resolved, bool agg)
{
	for (size_t i = 0; i < walk->rows.count; i++) {
		struct walk_row *row = walk->rows.row[i];

		row->is_lag = resolved[i].is_lag;
		row->members_unproven = resolved[i].unproven;
		row->lag_if_index = resolved[i].lag_if_index;
		row->has_lacp =
		    agg && row->lag_if_index != 0 && (row->has & WALK_BIT(IFMIB_AGG_ATTACHED)) != 0;
	}
}

/* The LAG whose stack broke off. */
static void
mark_broken(struct walk *walk)
{
	for (size_t i = AGG_COUNT; i < walk->lag.column_count; i++) {
		struct walk_row *row =
		    walk_rows_find(&walk->rows, walk->lag.column[i].lag_if_index);

		if (walk->lag.column[i].broken && row != NULL)
			row->members_unproven = true;
	}
}

bool
walk_lag_resolve(struct walk *walk)
{
	struct walk_lag *lag = &walk->lag;
	struct lag_interface *all = calloc(walk->rows.count + 1, sizeof(*all));
	bool agg = !lag->unknown && lag->column_count > 0 && agg_is_whole(lag);
	bool ok = all != NULL;

	for (size_t i = 0; ok && i < walk->rows.count; i++) {
		const struct walk_row *row = walk->rows.row[i];

		all[i] = (struct lag_interface) { .if_index = row->if_index, .type = row->type };
		if (agg) {
			all[i].selected = row->agg_selected;
			all[i].attached = row->agg_attached;
		}
	}
	ok = ok &&
	     lag_resolve(all, walk->rows.count, lag->layer, lag->unknown ? 0 : lag->layer_count);
	if (ok) {
		answer_put(walk, all, agg);
		mark_broken(walk);
	}
	walk->rows.lag_unknown = lag->unknown;
	free(all);
	return ok;
}

void
walk_lag_free(struct walk_lag *lag)
{
	free(lag->column);
	free(lag->layer);
}
