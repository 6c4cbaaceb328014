/* walk_fill.c - by GET, the single values that the lanes could not bring; see walk_internal.h.
 *
 * Some agents list rows out of order, others leave rows out of GETBULK; and a value that most rows have may be missing of
 * a few, which only asking for it proves. */
#include "snmp/walk_internal.h"

#define FILL_MAX      20 /* values in one request */
#define FILL_TEXT_LEN 64 /* guessed */

void
walk_fill_init(struct walk *walk)
{
	walk->stage = STAGE_FILL;
	walk->tries = 0;
	walk->fill_max = FILL_MAX;
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

bool
walk_fill_next(struct walk *walk, struct ask *ask)
{
	size_t octets = walk->errand.agent->manners.envelope_octets;

	if (walk->in_flight)
		return false;
	for (size_t i = walk->fill_row; i < walk->rows.count; i++)
		if (!fill_from_row(walk, walk->rows.row[i], ask, &octets))
			break;
	ask->command = SNMP_COMMAND_GET;
	ask->tries = walk->tries % errand_tries(walk->errand.agent);
	walk->in_flight = ask->oid_count > 0;
	return walk->in_flight;
}

/* Rows are finished from the first to the last. */
bool
walk_fill_done(struct walk *walk)
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

void
walk_fill_values(struct walk *walk, struct ask *ask, const struct session_answer *answer)
{
	enum walk_put put = WALK_PUT_DONE;

	walk->in_flight = false;
	walk->tries = 0;
	for (size_t i = 0; i < ask->oid_count && put == WALK_PUT_DONE; i++)
		put = walk_rows_put(&walk->rows, (enum ifmib_column)ask->column[i],
				    asked_index(ask, i), &answer->varbinds[i]);
	walk_put_went_well(walk, put);
}

void
walk_fill_error(struct walk *walk, struct ask *ask, const struct session_answer *answer)
{
	struct walk_row *row = walk_rows_find(&walk->rows, asked_index(ask, 0));

	(void)answer;
	walk->in_flight = false;
	walk->tries = 0;
	if (ask->oid_count > 1)
		walk->fill_max = ask->oid_count / 2;
	else if (row != NULL)
		row->asked |= WALK_BIT(ask->column[0]); /* it will not say */
}

void
walk_fill_silence(struct walk *walk, struct ask *ask)
{
	walk->in_flight = false;
	walk->tries++;
	if (walk_goes_on(walk, ask, walk->tries) && walk->tries % MANNERS_SILENT_TRIES == 0)
		walk->fill_max = ask->oid_count > 1 ? ask->oid_count / 2 : 1;
}
