/* walk_rows.c - see walk_rows.h. */
#include "snmp/walk_rows.h"

#include <stdlib.h>
#include <string.h>

/* Where if_index is, or belongs. */
static size_t
position(const struct walk_rows *rows, uint32_t if_index)
{
	size_t low = 0, high = rows->count;

	if (high > 0 && rows->row[high - 1]->if_index < if_index)
		return high; /* as walks go */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rows->row[middle]->if_index < if_index)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct walk_row *
walk_rows_find(const struct walk_rows *rows, uint32_t if_index)
{
	size_t at = position(rows, if_index);

	return at < rows->count && rows->row[at]->if_index == if_index ? rows->row[at] : NULL;
}

static bool
make_room(struct walk_rows *rows)
{
	size_t room = rows->room > 0 ? rows->room * 2 : 64;
	struct walk_row **row;

	if (rows->count < rows->room)
		return true;
	row = reallocarray(rows->row, room, sizeof(struct walk_row *));
	if (row == NULL)
		return false;
	rows->row = row;
	rows->room = room;
	return true;
}

static struct walk_row *
row_add(struct walk_rows *rows, uint32_t if_index)
{
	size_t at = position(rows, if_index);
	struct walk_row *row = make_room(rows) ? calloc(1, sizeof(*row)) : NULL;

	if (row == NULL)
		return NULL;
	row->if_index = if_index;
	memmove(&rows->row[at + 1], &rows->row[at], (rows->count - at) * sizeof(struct walk_row *));
	rows->row[at] = row;
	rows->count++;
	return row;
}

static bool
text_put(char **to, const struct snmp_varbind *varbind)
{
	char text[IFMIB_TEXT_LEN];
	char *copy = strdup(ifmib_text(text, varbind));

	if (copy == NULL)
		return false;
	free(*to);
	*to = copy;
	return true;
}

static bool
value_put(struct walk_row *row, enum ifmib_column column, const struct snmp_varbind *varbind)
{
	switch (column) {
	case IFMIB_DESCR: return text_put(&row->descr, varbind);
	case IFMIB_NAME: return text_put(&row->name, varbind);
	case IFMIB_ALIAS: return text_put(&row->alias, varbind);
	case IFMIB_TYPE: row->type = (uint32_t)varbind->number; break;
	case IFMIB_ADMIN_STATUS: row->admin_status = (uint32_t)varbind->number; break;
	case IFMIB_OPER_STATUS: row->oper_status = (uint32_t)varbind->number; break;
	case IFMIB_HIGH_SPEED: row->high_speed = (uint32_t)varbind->number; break;
	default: break; /* of counters only the presence is wanted */
	}
	return true;
}

enum walk_put
walk_rows_put(struct walk_rows *rows, enum ifmib_column column, uint32_t if_index,
	      const struct snmp_varbind *varbind)
{
	struct walk_row *row = walk_rows_find(rows, if_index);

	if (row == NULL && rows->count >= WALK_ROWS_MAX)
		return WALK_PUT_TOO_MANY;
	if (row == NULL && (row = row_add(rows, if_index)) == NULL)
		return WALK_PUT_NOMEM;
	row->asked |= WALK_BIT(column);
	if (varbind->type != ifmib_objects[column].type)
		return WALK_PUT_DONE;
	if (!value_put(row, column, varbind))
		return WALK_PUT_NOMEM;
	row->has |= WALK_BIT(column);
	rows->seen |= WALK_BIT(column);
	if (column == IFMIB_ALIAS && varbind->octets_len > rows->alias_len_max)
		rows->alias_len_max = varbind->octets_len;
	return WALK_PUT_DONE;
}

/* --- telling --- */

static bool
has_text(const char *text)
{
	return text != NULL && text[0] != '\0';
}

static const char *
or_empty(const char *text)
{
	return text != NULL ? text : "";
}

static struct interface_row
interface_of(const struct walk_rows *rows, const struct walk_row *row)
{
	bool has_name = has_text(row->name);

	return (struct interface_row) {
		.if_index = row->if_index,
		.name = has_name ? row->name : or_empty(row->descr),
		.has_name = has_name,
		.alias = or_empty(row->alias),
		.descr = or_empty(row->descr),
		.type = row->type,
		.speed_bps = ifmib_speed_bps(row->high_speed),
		.oper = ifmib_oper(row->oper_status),
		.admin_up = row->admin_status == 1,
		.counter_bits = row->has & WALK_BIT(IFMIB_HC_IN_OCTETS) ? 64
				: row->has & WALK_BIT(IFMIB_IN_OCTETS)  ? 32
									: 0,
		.is_lag = row->is_lag,
		.lag_if_index = row->lag_if_index,
		.has_lacp = row->has_lacp,
		.members_unproven = row->members_unproven,
		.lag_unknown = rows->lag_unknown,
	};
}

static int
by_name(const void *a, const void *b)
{
	const struct interface_row *const *left = a, *const *right = b;

	return strcmp((*left)->name, (*right)->name);
}

static void
mark_duplicates(struct interface_row **by, size_t count)
{
	qsort(by, count, sizeof(struct interface_row *), by_name);
	for (size_t i = 1; i < count; i++)
		if (strcmp(by[i - 1]->name, by[i]->name) == 0)
			by[i - 1]->duplicate_name = by[i]->duplicate_name = true;
}

bool
walk_rows_tell(const struct walk_rows *rows,
	       bool (*on_row)(const struct interface_row *row, void *user), void *user)
{
	struct interface_row *all = calloc(rows->count + 1, sizeof(*all));
	struct interface_row **by = calloc(rows->count + 1, sizeof(struct interface_row *));
	bool ok = all != NULL && by != NULL;

	for (size_t i = 0; ok && i < rows->count; i++) {
		all[i] = interface_of(rows, rows->row[i]);
		by[i] = &all[i];
	}
	if (ok)
		mark_duplicates(by, rows->count);
	for (size_t i = 0; ok && i < rows->count; i++)
		if (!on_row(&all[i], user))
			break;
	free(all);
	free(by);
	return ok;
}

void
walk_rows_free(struct walk_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		free(rows->row[i]->descr);
		free(rows->row[i]->name);
		free(rows->row[i]->alias);
		free(rows->row[i]);
	}
	free(rows->row);
	*rows = (struct walk_rows) { 0 };
}
