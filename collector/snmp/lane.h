/* lane.h - columns of a table walked side by side, in as few requests as the agent allows.  Pure.
 *
 * Each column goes on from its last index until it leaves its subtree, meets the end of the view, or stops ascending:
 * an agent whose names are out of order would be walked for ever.  Such a column is broken off, and what is missing of
 * it must be asked for singly. */
#ifndef COLLECTOR_SNMP_LANE_H
#define COLLECTOR_SNMP_LANE_H

#include "snmp/answer.h"
#include "snmp/manners.h"
#include "snmp/walk_rows.h"

#define LANE_COLUMNS_MAX 4

struct lane_column {
	enum ifmib_column column;
	uint32_t last; /* index; meaningful once started */
	bool started, ended, broken;
};

struct lane {
	struct lane_column column[LANE_COLUMNS_MAX];
	size_t count;
	size_t width;      /* columns asked in one request */
	size_t row_octets; /* what one repetition needs, as seen last */
	unsigned tries;    /* of the request that is out or will be sent next */
	bool in_flight;
};

void lane_init(struct lane *lane, const enum ifmib_column *columns, size_t count);
bool lane_ended(const struct lane *lane);

/* Which columns come next: their numbers within the lane, and the names to ask for. */
size_t lane_next(const struct lane *lane, uint8_t number[LANE_COLUMNS_MAX], struct snmp_oid *oids);

/* Repetitions for a GETBULK of so many columns: 0 means GETNEXT. */
unsigned lane_repetitions(const struct lane *lane, size_t columns, const struct manners *manners);

/* Takes an answer to what lane_next gave. */
enum walk_put lane_take(struct lane *lane, const uint8_t *number, size_t columns,
			const struct snmp_varbind *varbinds, size_t varbind_count,
			struct walk_rows *rows);

/* One of the columns cannot be had this way. */
void lane_break(struct lane *lane, uint8_t number);

#endif
