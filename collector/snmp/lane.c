/* lane.c - see lane.h. */
#include "snmp/lane.h"

#define ENVELOPE_OCTETS 60
#define TEXT_LEN_GUESS  48
#define INDEX_GUESS     100000 /* of three octets */

void
lane_init(struct lane *lane, const enum ifmib_column *columns, size_t count)
{
	*lane = (struct lane) { .count = count, .width = count };
	for (size_t i = 0; i < count; i++) {
		const struct ifmib_object *object = &ifmib_objects[columns[i]];
		struct snmp_oid oid = snmp_oid_instance(&object->oid, INDEX_GUESS);

		lane->column[i].column = columns[i];
		lane->row_octets += snmp_varbind_octets(&oid, object->type, TEXT_LEN_GUESS);
	}
}

bool
lane_ended(const struct lane *lane)
{
	for (size_t i = 0; i < lane->count; i++)
		if (!lane->column[i].ended)
			return false;
	return true;
}

size_t
lane_next(const struct lane *lane, uint8_t number[LANE_COLUMNS_MAX], struct snmp_oid *oids)
{
	size_t columns = 0;

	for (size_t i = 0; i < lane->count && columns < lane->width; i++) {
		const struct lane_column *column = &lane->column[i];
		const struct snmp_oid *oid = &ifmib_objects[column->column].oid;

		if (column->ended)
			continue;
		oids[columns] = column->started ? snmp_oid_instance(oid, column->last) : *oid;
		number[columns++] = (uint8_t)i;
	}
	return columns;
}

unsigned
lane_repetitions(const struct lane *lane, size_t columns, const struct manners *manners)
{
	size_t octets = lane->row_octets * columns / lane->count + 1;
	size_t fit = (MANNERS_OCTETS_MAX - ENVELOPE_OCTETS - manners->envelope_octets) / octets;

	if (manners->repetitions_max == 0)
		return 0;
	if (fit < 1)
		fit = 1;
	return fit < manners->repetitions_max ? (unsigned)fit : manners->repetitions_max;
}

static enum walk_put
column_take(struct lane_column *column, const struct snmp_varbind *varbind, struct walk_rows *rows)
{
	uint32_t index;

	if (column->ended)
		return WALK_PUT_DONE;
	if (snmp_varbind_absent(varbind) ||
	    !snmp_oid_below(&ifmib_objects[column->column].oid, varbind, &index)) {
		column->ended = true;
		return WALK_PUT_DONE;
	}
	if (column->started && index <= column->last) {
		column->ended = column->broken = true;
		return WALK_PUT_DONE;
	}
	column->started = true;
	column->last = index;
	return walk_rows_put(rows, column->column, index, varbind);
}

static size_t
octets_of(const struct snmp_varbind *varbinds, size_t count)
{
	size_t octets = 0;

	for (size_t i = 0; i < count; i++)
		octets += varbinds[i].oid_len + 6 +
			  (varbinds[i].octets_len > 9 ? varbinds[i].octets_len : 9);
	return octets;
}

enum walk_put
lane_take(struct lane *lane, const uint8_t *number, size_t columns,
	  const struct snmp_varbind *varbinds, size_t varbind_count, struct walk_rows *rows)
{
	enum walk_put put = WALK_PUT_DONE;

	for (size_t i = 0; i < varbind_count && put == WALK_PUT_DONE; i++)
		put = column_take(&lane->column[number[i % columns]], &varbinds[i], rows);
	lane->row_octets = octets_of(varbinds, varbind_count) * lane->count / varbind_count + 1;
	return put;
}

void
lane_break(struct lane *lane, uint8_t number)
{
	lane->column[number].ended = lane->column[number].broken = true;
}
