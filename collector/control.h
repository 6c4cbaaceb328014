/* control.h - the collector's ear: other processes ask over state-dir/control.sock, one line of JSON each way.
 *
 * The ops are rows of the caller's table; see ixwatch/control.h for the asking side.  Mode 0660: who may open the
 * socket may ask.  A client that sends no whole line within ten seconds is cut, and so is a line above 64 KiB; where 32
 * wait, the one that has waited longest makes room for the next. */
#ifndef COLLECTOR_CONTROL_H
#define COLLECTOR_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

#include "ixwatch/error.h"
#include "ixwatch/json.h"
#include "loop.h"

struct control;

/* Does what the request asks and adds to the answer; false with a sentence when it cannot. */
typedef bool control_op(const struct json *request, struct json *answer, void *user,
			struct error *err);

struct control_row {
	const char *op;
	control_op *run;
};

/* rows are lent and must outlive it.  A socket that an earlier process left is replaced: the caller holds the lock. */
bool control_open(struct control **out, struct loop *loop, const char *state_dir,
		  const struct control_row *rows, size_t row_count, void *user, struct error *err);
/* Connections that are open now. */
unsigned control_client_count(const struct control *control);
void control_close(struct control *control); /* removes the socket; NULL is fine */

#endif
