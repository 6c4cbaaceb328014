/* replay_port.h - ports and connections of the ledger as what a replay rests on: their samples, and what the configuration and the
 * declared windows say of them.  Everything is only read. */
#ifndef COLLECTOR_COMMANDS_REPLAY_PORT_H
#define COLLECTOR_COMMANDS_REPLAY_PORT_H

#include "commands/replay_options.h"
#include "ixwatch/config.h"
#include "ixwatch/ledger.h"
#include "judge_source.h"

struct replay_port {
	struct port port; /* its texts are owned; of a connection: exchange, asn, peer and kind */
	struct judge_source source;
	char *name;                             /* "exchange/agent/ifName"; "exchange/AS64500" */
	const struct config_exchange *exchange; /* NULL: not in the configuration */
	const struct config_port *settings;     /* its block; NULL: it has none */
	struct detector_terms terms;
	double largest_member_bps;        /* advise_largest_member_bps; NAN */
	size_t window_count, window_size; /* declared, of the ledger, then those of --declare */
	struct detector_window *windows;
	char **window_texts;
	int64_t *window_ids;
	uint32_t *window_asns; /* of one declared for a peer: whom; else 0 */
	int64_t *window_ports; /* of one declared for a port: which; else 0 */
};

struct replay_ports {
	size_t count, size;
	struct replay_port *ports;
};

/* The port or connection so named (an id or exchange/agent/ifName; exchange/AS64500), or with NULL every port that is not
 * retired, and after them every connection.  ERR_NOT_FOUND for a
 * named port whose exchange is not in the configuration.  End with replay_ports_free, also when it failed. */
bool replay_ports_find(struct replay_ports *ports, const struct config *config, const char *name,
		       struct error *err);
/* The same by a ledger that is open, and in no transaction. */
bool replay_ports_find_in(struct replay_ports *ports, const struct config *config,
			  struct ledger *ledger, const char *name, struct error *err);
void replay_ports_free(struct replay_ports *ports);

/* A port's history as rows; `input` is lent from it. */
struct replay_history {
	struct replay_input input;
	size_t row_size;
	int64_t *end_utc_sec;
	double *value, *limit_bps;
	bool failed; /* memory ran out */
};

/* What the port's series holds up to until_utc_sec: rows of the step judged in where only they are kept, then slots of
 * the interval, as the live judgement reads it; only steps that are over.  End with replay_history_free. */
bool replay_history_read(struct replay_history *history, const struct config *config,
			 const struct replay_port *port, unsigned step_sec, int64_t until_utc_sec,
			 struct error *err);
void replay_history_free(struct replay_history *history);

/* Has a running collector write what it still holds of the port's samples; without one nothing waits to be written. */
bool replay_flush(const struct config *config, const struct replay_port *port, struct error *err);

#endif
