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

    /* ---- Advice of connections: what version 2 has for ports. */
    "CREATE TABLE connection_traffic_week ("
    "  " CONNECTION ","
    "  " DIRECTION ","
    "  monday INTEGER NOT NULL,"
    "  possible_samples INTEGER NOT NULL CHECK (possible_samples > 0),"
    "  known_samples INTEGER NOT NULL CHECK (known_samples BETWEEN 0 AND possible_samples),"
    "  p95_bps REAL CHECK (p95_bps >= 0),"	/* layer 1 */
    "  p95_utilisation REAL CHECK (p95_utilisation >= 0),"
    "  peak_utilisation REAL CHECK (peak_utilisation >= 0),"
    "  mean_utilisation REAL CHECK (mean_utilisation >= 0),"
    "  minutes_90 INTEGER NOT NULL CHECK (minutes_90 >= minutes_95),"
    "  minutes_95 INTEGER NOT NULL CHECK (minutes_95 >= 0),"
    "  PRIMARY KEY (connection_id, direction, monday)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE connection_advice ("
    "  " CONNECTION ","
    "  " DIRECTION ","
    "  made_utc_sec INTEGER NOT NULL,"
    "  basis INTEGER NOT NULL,"		/* a mark of the settings it rests on */
    "  day INTEGER NOT NULL,"
    "  possible_samples INTEGER NOT NULL,"
    "  known_samples INTEGER NOT NULL CHECK (known_samples BETWEEN 0 AND possible_samples),"
    "  capacity_bps REAL CHECK (capacity_bps > 0),"
    "  p95_utilisation REAL CHECK (p95_utilisation >= 0),"
    "  peak_utilisation REAL CHECK (peak_utilisation >= 0),"
    "  largest_member_bps REAL CHECK (largest_member_bps > 0),"
    "  n1_p95_utilisation REAL CHECK (n1_p95_utilisation >= 0),"
    "  n1_peak_utilisation REAL CHECK (n1_peak_utilisation >= 0),"
    "  trend TEXT NOT NULL CHECK (trend IN ('too few weeks', 'no trend', 'growing',"
    "    'more than two years', 'reached')),"
    "  trend_weeks INTEGER NOT NULL,"
    "  congested_share REAL NOT NULL,"
    "  growth_per_week REAL,"
    "  weeks_to_congested REAL,"
    "  p99_bps REAL CHECK (p99_bps >= 0),"
    "  is_enough INTEGER CHECK (is_enough IN (0, 1)),"	/* NULL: nothing is said of sizes */
    "  is_least INTEGER NOT NULL CHECK (is_least IN (0, 1)),"
    "  next_member_bps REAL,"
    "  next_member_count INTEGER NOT NULL,"
    "  PRIMARY KEY (connection_id, direction)"
    ") STRICT, WITHOUT ROWID;"


    /* ---- Accounts, sessions, tokens. */


    /* ---- Alerts, silences, acknowledgements. */


    /* ---- The outbox. */


    "PRAGMA user_version = 3;";
/* clang-format on */
