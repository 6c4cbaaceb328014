/* ledger_private.h - what the files of the ledger share: the open database, and how a call stands or falls as a whole. */
#ifndef COLLECTOR_STORE_LEDGER_PRIVATE_H
#define COLLECTOR_STORE_LEDGER_PRIVATE_H

#include "ixwatch/ledger.h"
#include "store/db.h"

#define LEDGER_SCHEMA_VERSION 5

struct ledger {
	struct db *db;
};

/* Brings an open, writable database to LEDGER_SCHEMA_VERSION, each version in a transaction of its own. */
bool ledger_schema_migrate(struct db *db, struct error *err);
/* Whether it is a ledger of just that version. */
bool ledger_schema_check(struct db *db, struct error *err);

/* A call of several writes: within the caller's transaction, or one of its own (*own).  Between the two lies the work;
 * ledger_leave commits or rolls back one of its own, and returns whether the work is done. */
bool ledger_enter(struct ledger *ledger, bool *own, struct error *err);
bool ledger_leave(struct ledger *ledger, bool own, bool done, struct error *err);

/* The words of the field, as the ledger writes them.  KIND_NONE is NULL. */
void ledger_bind_kind(struct db_statement *statement, const char *name, enum port_kind kind);
void ledger_bind_judgement(struct db_statement *statement, struct subject subject,
			   enum direction direction,
			   enum profile profile); /* :subject, :direction, :profile */

/* Ports and connections are judged alike, into tables alike: a text for each, by kind of subject.  TEXT is a macro that
 * takes the prefix of the tables' names, "" or "connection_", and the name of the column that says whose a row is. */
#define LEDGER_TWINS(TEXT)                                                                         \
	{                                                                                          \
		[SUBJECT_PORT] = TEXT("", "port_id"), [SUBJECT_CONNECTION] =                       \
							  TEXT("connection_", "connection_id")     \
	}
/* "port 12" or "connection 3", in front of an error. */
bool ledger_wrap_subject(struct error *err, const char *what, struct subject subject);
enum port_kind ledger_kind(const struct db_statement *statement, int column);
enum direction ledger_direction(const struct db_statement *statement, int column);
enum profile ledger_profile(const struct db_statement *statement, int column);
enum verdict ledger_verdict_word(const struct db_statement *statement, int column);

/* clang-format off */
#define LEDGER_PORT_COLUMNS								\
	"port.id, exchange.slug, agent.name, port.interface, port.alias, port.peer, port.path,"	\
	" port.note, port.circuit, port.asn, port.kind, port.contracted_bps, port.contract_billed,"	\
	" port.vanished_utc_sec, port.retired"
#define LEDGER_PORT_ROWS								\
	"SELECT " LEDGER_PORT_COLUMNS							\
	" FROM exchange JOIN agent ON agent.exchange_id = exchange.id"			\
	" JOIN port ON port.agent_id = agent.id"
/* clang-format on */

/* A port by its names, ready to step; its row as a port, whose texts are lent until the statement goes on. */
struct db_statement *ledger_port_get(struct db *db, const char *exchange, const char *agent,
				     const char *interface);
struct port ledger_port_of_row(const struct db_statement *row);
#define LEDGER_PORT_RETIRED 14 /* its column that says whether the port is retired */

/* 0 is NULL. */
void ledger_bind_id(struct db_statement *statement, const char *name, int64_t id);

#endif
