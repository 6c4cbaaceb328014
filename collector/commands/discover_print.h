/* discover_print.h - what `ixwatch discover` found, as a configuration stanza and as JSON. */
#ifndef COLLECTOR_COMMANDS_DISCOVER_PRINT_H
#define COLLECTOR_COMMANDS_DISCOVER_PRINT_H

#include <stdio.h>

#include "ixwatch/error.h"
#include "ixwatch/reading.h"

struct discovery {
	const char *address; /* as it was asked for, with its port */
	const char *snmp;    /* name of the credentials */
	bool own_snmp;       /* they are those of no file: their block is printed too */
	const char *sys_name, *sys_descr; /* clean, "" when unknown */
	const char *warning;   /* what the agent could not be brought to say, "" for nothing */
	uint32_t uptime_ticks; /* 0 when unknown */
	const struct interface_row *rows; /* ascending ifIndex */
	size_t row_count;
};

/* A configuration that the reader accepts as it is: ports that are up and look like ports are set, the others stand in
 * comments beside them. */
void discover_print_stanza(FILE *to, const struct discovery *found);

/* One document. */
bool discover_print_json(FILE *to, const struct discovery *found, struct error *err);

#endif
