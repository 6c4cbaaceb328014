/* box.h - a switch while it runs: its clock, its faults, and the rows it shows at the moment.
 *
 * The world is what does not change; a box is what a test does to it.  Faults are given before the start, each with its
 * instant, so that a run with faults is as repeatable as one without. */
#ifndef SIM_BOX_H
#define SIM_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "complaint.h"
#include "meter.h"
#include "world.h"

enum fault_kind {
	FAULT_SILENT,   /* answers nothing from `from` to `to` */
	FAULT_REBOOT,   /* counters and sysUpTime begin anew at `from` */
	FAULT_RENUMBER, /* a reboot after which every interface has another ifIndex */
	FAULT_VANISH,   /* an interface is gone from `from` to `to` */
	FAULT_DOWN, /* an interface is down from `from` to `to`; its LAG does not say less speed */
	FAULT_DETACH, /* a member is up, but out of its LAG from `from` to `to` */
	FAULT_KINDS
};

struct fault {
	struct fault *next;
	enum fault_kind kind;
	const struct interface *interface; /* NULL: of the agent */
	int64_t from_ticks, to_ticks;
};

/* A row's index in a table, and whose it is. */
struct row {
	uint32_t index[2];
	size_t index_len;
	size_t interface; /* its number in the agent; unused for scalars */
};

/* Tables by the index they share. */
enum table {
	TABLE_SCALARS,     /* the one row .0 */
	TABLE_INTERFACES,  /* ifIndex */
	TABLE_AGGREGATORS, /* ifIndex of the LAGs */
	TABLE_AGG_PORTS,   /* ifIndex of the members */
	TABLE_STACK,       /* higher layer, lower layer */
	TABLE_COUNT
};

struct rows {
	size_t count;
	struct row *row; /* ascending */
};

struct box {
	const struct agent *agent;
	struct fault *faults;
	struct meter *meters; /* one an interface, in its order; NULL until first asked */
	struct rows tables[TABLE_COUNT];
	struct row scalar;
	int64_t now_ticks;
	int64_t boot_ticks;                         /* of the latest boot, at now */
	int64_t tables_from_ticks, tables_to_ticks; /* when `tables` are right */
};

void box_init(struct box *box, const struct agent *agent);
void box_close(struct box *box);

/* "demo-fra/edge1:reboot@TIME", "...:renumber@TIME", "...:silent@FROM[/TO]", "demo-fra/edge1/ae0:vanish@FROM[/TO]",
 * "...:down@FROM[/TO]", "...:detach@FROM[/TO]".
 * boxes: one for each agent of the world, in its order. */
bool box_fault_add(struct box *boxes, const struct world *world, const char *text,
		   int64_t now_ticks, struct complaint *complaint);

/* Moves the box to an instant.  False when it keeps silent then, or memory ran out. */
bool box_at(struct box *box, int64_t now_ticks);

/* sysUpTime at that instant; wraps after 497 days. */
uint32_t box_uptime_ticks(const struct box *box);
/* An instant as this box's sysUpTime then; 0 when that was before the boot. */
uint32_t box_uptime_at(const struct box *box, int64_t ticks);

uint32_t box_if_index(const struct box *box, size_t interface);
bool box_has(const struct box *box, size_t interface);
bool box_up(const struct box *box, size_t interface);       /* ifOperStatus */
bool box_attached(const struct box *box, size_t interface); /* a member, to its LAG */
const struct meter_reading *box_read(struct box *box, size_t interface);

#endif
