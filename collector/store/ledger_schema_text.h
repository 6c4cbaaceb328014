/* ledger_schema_text.h - the versions of the ledger's tables, and the columns their texts share.
 *
 * A released text is never changed: what is new comes as the next version, and adds tables or columns. */
#ifndef COLLECTOR_STORE_LEDGER_SCHEMA_TEXT_H
#define COLLECTOR_STORE_LEDGER_SCHEMA_TEXT_H

#define DIRECTION  "direction TEXT NOT NULL CHECK (direction IN ('in', 'out'))"
#define PROFILE    "profile TEXT NOT NULL CHECK (profile IN ('early', 'proof'))"
#define VERDICTS   "('routine', 'recurring', 'insufficient data', 'none')"
#define PORT       "port_id INTEGER NOT NULL REFERENCES port (id)"
#define CONNECTION "connection_id INTEGER NOT NULL REFERENCES connection (id)"

/* ledger_schema_N makes version N of version N - 1. */
extern const char ledger_schema_1[], ledger_schema_2[], ledger_schema_3[], ledger_schema_4[],
    ledger_schema_5[];

#endif
