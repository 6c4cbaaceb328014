/* control.h - asking the collector: one line of JSON over state-dir/control.sock, one line back.
 *
 * A request is {"op": NAME, ...}; an answer {"ok": true, ...} or {"ok": false, "error": {"code", "message"}}.
 * Ops so far: "status"; "flush" {"port": id};
 * "backfill" {"port": id, "csv"|"mrtg"|"rrd": absolute path, "capacity_bps": number|absent; with "rrd": "in", "out":
 * names of sources, "unit": "octets" (default)|"bits"};
 * "declare_add", "declare_end": see collector/declare.h; "port_move": see collector/move.h;
 * "note", "note-withdraw": see collector/note.h;
 * "report-register", "report-approve" ... "report-revoke": see collector/registrar.h. */
#ifndef IXWATCH_CONTROL_H
#define IXWATCH_CONTROL_H

#include <stdbool.h>

#include "ixwatch/error.h"
#include "ixwatch/json.h"

/* Sends the request and waits at most timeout_ms for the answer (json_free).  ERR_NOT_FOUND when no collector listens;
 * an answer that says no is an error with its sentence. */
bool control_ask(const char *state_dir, const struct json *request, unsigned timeout_ms,
		 struct json **answer, struct error *err);

#endif
