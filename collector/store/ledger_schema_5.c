/* ledger_schema_5.c - version 5: what somebody noted about a port; an index for what changed of connections. */
#include "store/ledger_schema_text.h"

/* clang-format off */
const char ledger_schema_5[] =
    /* A note is withdrawn, never changed or deleted: the file itself refuses both. */
    "CREATE TABLE note ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  " PORT ","
    "  text TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 500),"	/* characters */
    "  author TEXT NOT NULL CHECK (author <> ''),"
    "  created_utc_sec INTEGER NOT NULL,"
    "  withdrawn_utc_sec INTEGER,"
    "  withdrawn_by TEXT CHECK (withdrawn_by <> ''),"
    "  CHECK ((withdrawn_utc_sec IS NULL) = (withdrawn_by IS NULL))"
    ") STRICT;"
    "CREATE INDEX note_by_port ON note (port_id, created_utc_sec);"
    "CREATE TRIGGER note_stays BEFORE DELETE ON note BEGIN"
    "  SELECT raise(ABORT, 'a note is never deleted'); END;"
    "CREATE TRIGGER note_is_as_written BEFORE UPDATE ON note"
    "  WHEN old.withdrawn_utc_sec IS NOT NULL OR new.id <> old.id OR new.port_id <> old.port_id"
    "    OR new.text <> old.text OR new.author <> old.author OR new.created_utc_sec <> old.created_utc_sec"
    "  BEGIN SELECT raise(ABORT, 'a note is never changed'); END;"


    /* ---- What changed of late of connections: what version 4 has for ports. */
    "CREATE INDEX connection_verdict_by_from ON connection_verdict (from_utc_sec);"

    "PRAGMA user_version = 5;";
/* clang-format on */
