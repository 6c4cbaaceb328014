/* ledger_schema_3.c - version 3: ports that moved, accounts and tokens, alerts with their silences and acknowledgements,
 * and the outbox. */
#include "store/ledger_schema_text.h"

/* clang-format off */
const char ledger_schema_3[] =
    /* ---- Ports that moved. */
    /* A port that was re-patched: from at_utc_sec on new_id is what old_id was.  asn: whose it was.  done_utc_sec: NULL
     * as long as its series may still have to be joined; then the next to open the stores does it. */
    "CREATE TABLE port_move ("
    "  old_id INTEGER PRIMARY KEY REFERENCES port (id),"
    "  new_id INTEGER NOT NULL UNIQUE REFERENCES port (id) CHECK (new_id <> old_id),"
    "  at_utc_sec INTEGER NOT NULL CHECK (at_utc_sec > 0),"
    "  asn INTEGER,"
    "  actor TEXT NOT NULL CHECK (actor <> ''),"
    "  reason TEXT NOT NULL,"
    "  moved_utc_sec INTEGER NOT NULL,"
    "  done_utc_sec INTEGER"
    ") STRICT;"
    /* What follows from it, moves of moves included: what port_id's series holds of [from, to) was measured on old_id,
     * and what was said of old_id for that time is said of port_id. */
    "CREATE TABLE port_past ("
    "  port_id INTEGER NOT NULL REFERENCES port (id),"
    "  old_id INTEGER NOT NULL REFERENCES port (id),"
    "  from_utc_sec INTEGER NOT NULL CHECK (from_utc_sec >= 0),"
    "  to_utc_sec INTEGER NOT NULL CHECK (to_utc_sec > from_utc_sec),"
    "  PRIMARY KEY (port_id, from_utc_sec)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX port_past_by_old ON port_past (old_id);"

    /* ---- Advice of connections. */


    /* ---- Accounts, sessions, tokens. */


    /* ---- Alerts, silences, acknowledgements. */


    /* ---- The outbox. */


    "PRAGMA user_version = 3;";
/* clang-format on */
