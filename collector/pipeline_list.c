/* pipeline_list.c - the ports at hand, by id, and the end of the transaction that their changes wait in. */
#include <stdlib.h>

#include "pipeline_internal.h"

static int
by_id(const void *a, const void *b)
{
	int64_t x = (*(struct watched_port *const *)a)->port.id,
		y = (*(struct watched_port *const *)b)->port.id;

	return x < y ? -1 : x > y;
}

void
pipeline_ports_sort(struct pipeline *pipeline)
{
	if (pipeline->ports_unsorted)
		qsort(pipeline->ports, pipeline->port_count, sizeof(*pipeline->ports), by_id);
	pipeline->ports_unsorted = false;
}

struct watched_port *
pipeline_port_find(struct pipeline *pipeline, int64_t id)
{
	struct watched_port key = { .port.id = id }, *at = &key, **found;

	pipeline_ports_sort(pipeline);
	found = bsearch(&at, pipeline->ports, pipeline->port_count, sizeof(at), by_id);
	return found != NULL ? *found : NULL;
}

bool
port_list_append(struct watched_port ***list, size_t *count, struct watched_port *port)
{
	struct watched_port **grown = realloc(*list, (*count + 1) * sizeof(*grown));

	if (grown == NULL)
		return false;
	*list = grown;
	grown[(*count)++] = port;
	return true;
}

bool
pipeline_port_add(struct pipeline *pipeline, struct watched_port *port, struct error *err)
{
	struct watched_agent *agent = port->agent;

	if (!port_list_append(&pipeline->ports, &pipeline->port_count, port))
		return error_set(err, ERR_NOMEM, "ports: out of memory");
	if (!port_list_append(&agent->ports, &agent->port_count, port)) {
		pipeline->port_count--;
		return error_set(err, ERR_NOMEM, "ports: out of memory");
	}
	if (pipeline->port_count > 1 &&
	    by_id(&pipeline->ports[pipeline->port_count - 2], &port) > 0)
		pipeline->ports_unsorted = true;
	return true;
}

/* What a failed transaction took with it: it is the same written twice. */
static bool
write_again(struct pipeline *pipeline, struct error *err)
{
	struct judge_house *house = &pipeline->house;
	struct error why = { 0 };

	for (size_t i = 0; i < pipeline->port_count; i++) {
		if (!pipeline->ports[i]->unwritten || port_write(pipeline->ports[i], &why))
			continue;
		if (house->trouble.code == ERR_NONE)
			house->trouble = why;
		return error_set(err, why.code, "%s", why.text);
	}
	return true;
}

/* Well or not, that transaction is over: only one that failed leaves something to do. */
bool
pipeline_commit(struct pipeline *pipeline, struct error *err)
{
	bool done = !pipeline->some_unwritten || write_again(pipeline, err);

	done = judge_house_commit(&pipeline->house, done ? err : NULL) && done;
	for (size_t i = 0; (!done || pipeline->some_unwritten) && i < pipeline->port_count; i++) {
		struct watched_port *port = pipeline->ports[i];

		if (!done && judge_wrote(port->judge))
			port->lost = pipeline->some_lost = true;
		port->unwritten = !done;
		if (!done)
			port_advise_soon(port);
	}
	pipeline->some_unwritten = !done;
	connections_committed(pipeline, done);
	return done;
}
