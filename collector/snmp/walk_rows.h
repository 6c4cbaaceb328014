/* walk_rows.h - the rows that a walk has found so far, by ifIndex.  Pure. */
#ifndef COLLECTOR_SNMP_WALK_ROWS_H
#define COLLECTOR_SNMP_WALK_ROWS_H

#include "snmp/ifmib.h"

#define WALK_ROWS_MAX 65536u

/* The columns that a walk reads, as bits. */
#define WALK_BIT(column) (1ull << (column))

struct walk_row {
	uint32_t if_index;
	uint64_t has;   /* WALK_BIT: a value was read */
	uint64_t asked; /* WALK_BIT: absent, or asked for singly; not to be asked again */
	uint32_t type, admin_status, oper_status, high_speed;
	uint32_t agg_selected, agg_attached; /* of the LAG MIB; 0: none */
	uint32_t lag_if_index;               /* this and what follows: see struct interface_row */
	bool is_lag, has_lacp, members_unproven;
	char *descr, *name, *alias; /* clean; NULL until read */
};

struct walk_rows {
	struct walk_row **row; /* ascending ifIndex */
	size_t count, room;
	uint64_t seen;        /* WALK_BIT: some row has it */
	size_t alias_len_max; /* octets on the wire */
	bool lag_unknown;     /* of all: see struct interface_row */
};

enum walk_put { WALK_PUT_DONE, WALK_PUT_TOO_MANY, WALK_PUT_NOMEM };

/* Enters one value; a value of another type than the column's counts as absent. */
enum walk_put walk_rows_put(struct walk_rows *rows, enum ifmib_column column, uint32_t if_index,
			    const struct snmp_varbind *varbind);

/* The row, or NULL. */
struct walk_row *walk_rows_find(const struct walk_rows *rows, uint32_t if_index);

/* Hands every row to on_row, names settled and duplicates marked, until it returns false.  False: memory ran out. */
bool walk_rows_tell(const struct walk_rows *rows,
		    bool (*on_row)(const struct interface_row *row, void *user), void *user);

void walk_rows_free(struct walk_rows *rows);

#endif
