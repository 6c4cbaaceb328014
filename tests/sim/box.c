/* box.c - a running switch (see box.h). */
#include <stdlib.h>
#include <string.h>

#include "box.h"

#define FOREVER INT64_MAX

void
box_init(struct box *box, const struct agent *agent)
{
	memset(box, 0, sizeof(*box));
	box->agent = agent;
	box->scalar = (struct row) { .index = { 0 }, .index_len = 1 };
}

static void
tables_free(struct box *box)
{
	for (int t = TABLE_INTERFACES; t < TABLE_COUNT; t++)
		free(box->tables[t].row);
	memset(box->tables, 0, sizeof(box->tables));
}

void
box_close(struct box *box)
{
	struct fault *fault = box->faults;

	while (fault != NULL) {
		struct fault *next = fault->next;

		free(fault);
		fault = next;
	}
	tables_free(box);
	free(box->meters);
	box_init(box, box->agent);
}

/* --- faults --- */

static bool
fault_is_on(const struct fault *fault, int64_t ticks)
{
	return ticks >= fault->from_ticks && ticks < fault->to_ticks;
}

static bool
is_boot(const struct fault *fault)
{
	return fault->kind == FAULT_REBOOT || fault->kind == FAULT_RENUMBER;
}

static bool
is_silent(const struct box *box)
{
	for (const struct fault *f = box->faults; f != NULL; f = f->next)
		if (f->kind == FAULT_SILENT && fault_is_on(f, box->now_ticks))
			return true;
	return false;
}

static int64_t
latest_boot(const struct box *box)
{
	int64_t boot = box->agent->boot_ticks;

	for (const struct fault *f = box->faults; f != NULL; f = f->next)
		if (is_boot(f) && f->from_ticks <= box->now_ticks && f->from_ticks > boot)
			boot = f->from_ticks;
	return boot;
}

/* After an odd number of renumberings the interfaces have their ifIndex in reverse. */
static bool
is_reversed(const struct box *box)
{
	bool reversed = false;

	for (const struct fault *f = box->faults; f != NULL; f = f->next)
		if (f->kind == FAULT_RENUMBER && f->from_ticks <= box->now_ticks)
			reversed = !reversed;
	return reversed;
}

static bool
has_fault(const struct box *box, size_t interface, enum fault_kind kind)
{
	for (const struct fault *f = box->faults; f != NULL; f = f->next)
		if (f->kind == kind && f->interface == &box->agent->interfaces[interface] &&
		    fault_is_on(f, box->now_ticks))
			return true;
	return false;
}

bool
box_has(const struct box *box, size_t interface)
{
	return !has_fault(box, interface, FAULT_VANISH);
}

bool
box_up(const struct box *box, size_t interface)
{
	return interface_up(&box->agent->interfaces[interface],
			    floor_div(box->now_ticks, TICKS_PER_SEC)) &&
	       !has_fault(box, interface, FAULT_DOWN);
}

bool
box_attached(const struct box *box, size_t interface)
{
	return box_up(box, interface) && !has_fault(box, interface, FAULT_DETACH);
}

/* Whether it makes rows come or go. */
static bool
moves_rows(const struct fault *fault)
{
	return is_boot(fault) || fault->kind == FAULT_VANISH;
}

uint32_t
box_if_index(const struct box *box, size_t interface)
{
	const struct agent *agent = box->agent;

	return agent
	    ->interfaces[is_reversed(box) ? agent->interface_count - 1 - interface : interface]
	    .if_index;
}

/* --- rows --- */

/* Whether this interface has a row in a table; a stack has rows of its own. */
static bool
belongs(const struct interface *interface, enum table table)
{
	switch (table) {
	case TABLE_INTERFACES: return true;
	case TABLE_AGGREGATORS: return interface->member_count > 0;
	case TABLE_AGG_PORTS: return interface->lag != NULL;
	default: return false;
	}
}

static int
compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	for (int i = 0; i < 2; i++)
		if (x->index[i] != y->index[i])
			return x->index[i] < y->index[i] ? -1 : 1;
	return 0;
}

static void
add_row(struct rows *rows, size_t interface, size_t index_len, uint32_t first, uint32_t second)
{
	rows->row[rows->count++] = (struct row) { { first, second }, index_len, interface };
}

/* ifStackTable: 0 over what has nothing above, the LAG over its member, what has nothing below over 0 (RFC 2863). */
static void
add_stack_rows(const struct box *box, struct rows *rows, size_t i)
{
	const struct interface *interface = &box->agent->interfaces[i];
	uint32_t own = box_if_index(box, i), above = 0;

	if (interface->lag != NULL)
		above = box_if_index(box, (size_t)(interface->lag - box->agent->interfaces));
	add_row(rows, i, 2, above, own);
	if (interface->member_count == 0)
		add_row(rows, i, 2, own, 0);
}

static bool
table_build(struct box *box, enum table table)
{
	struct rows *rows = &box->tables[table];

	rows->row = calloc(2 * box->agent->interface_count, sizeof(*rows->row));
	if (rows->row == NULL)
		return false;
	for (size_t i = 0; i < box->agent->interface_count; i++) {
		if (!box_has(box, i))
			continue;
		if (table == TABLE_STACK)
			add_stack_rows(box, rows, i);
		else if (belongs(&box->agent->interfaces[i], table))
			add_row(rows, i, 1, box_if_index(box, i), 0);
	}
	qsort(rows->row, rows->count, sizeof(*rows->row), compare_rows);
	return true;
}

/* What is built now holds until the next fault that moves rows begins or ends. */
static void
tables_note_span(struct box *box)
{
	int64_t from = INT64_MIN, to = FOREVER;

	for (const struct fault *f = box->faults; f != NULL; f = f->next) {
		const int64_t edges[2] = { f->from_ticks, f->to_ticks };

		for (int e = 0; e < 2 && moves_rows(f); e++) {
			if (edges[e] <= box->now_ticks && edges[e] > from)
				from = edges[e];
			if (edges[e] > box->now_ticks && edges[e] < to)
				to = edges[e];
		}
	}
	box->tables_from_ticks = from;
	box->tables_to_ticks = to;
}

static bool
tables_build(struct box *box)
{
	tables_free(box);
	box->tables[TABLE_SCALARS] = (struct rows) { 1, &box->scalar };
	for (int t = TABLE_INTERFACES; t < TABLE_COUNT; t++)
		if (!table_build(box, (enum table)t)) {
			tables_free(box);
			return false;
		}
	box->boot_ticks = latest_boot(box);
	tables_note_span(box);
	return true;
}

static bool
meters_build(struct box *box)
{
	box->meters = calloc(box->agent->interface_count, sizeof(*box->meters));
	for (size_t i = 0; box->meters != NULL && i < box->agent->interface_count; i++)
		meter_init(&box->meters[i], &box->agent->interfaces[i]);
	return box->meters != NULL;
}

bool
box_at(struct box *box, int64_t now_ticks)
{
	bool fits = box->tables[TABLE_SCALARS].row != NULL && now_ticks >= box->tables_from_ticks &&
		    now_ticks < box->tables_to_ticks;

	box->now_ticks = now_ticks;
	if (is_silent(box) || now_ticks < box->agent->boot_ticks)
		return false;
	return (fits || tables_build(box)) && (box->meters != NULL || meters_build(box));
}

uint32_t
box_uptime_ticks(const struct box *box)
{
	return (uint32_t)(box->now_ticks - box->boot_ticks);
}

uint32_t
box_uptime_at(const struct box *box, int64_t ticks)
{
	return ticks <= box->boot_ticks ? 0 : (uint32_t)(ticks - box->boot_ticks);
}

const struct meter_reading *
box_read(struct box *box, size_t interface)
{
	return meter_read(&box->meters[interface], box->boot_ticks, box->now_ticks);
}
