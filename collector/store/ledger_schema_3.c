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
    /* What somebody is, or was, to be told: of one of port, connection, agent, exchange (agent is '' for the last, and for a
     * connection).  Times are NULL where it did not come to that. */
    "CREATE TABLE alert ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  kind TEXT NOT NULL CHECK (kind IN ('exchange unreachable', 'agent unreachable', 'saturated', 'loss',"
    "    'congestion', 'reduced capacity', 'data quality', 'routine', 'recurring')),"
    "  exchange_id INTEGER NOT NULL REFERENCES exchange (id),"
    "  agent TEXT NOT NULL,"
    "  port_id INTEGER REFERENCES port (id),"
    "  connection_id INTEGER REFERENCES connection (id),"
    "  direction TEXT CHECK (direction IN ('in', 'out')),"
    "  asn INTEGER,"
    "  began_utc_sec INTEGER NOT NULL,"		/* since when it held */
    "  noticed_utc_sec INTEGER NOT NULL,"	/* when it was found */
    "  blind_utc_sec INTEGER,"			/* since when nothing is known of it */
    "  until_utc_sec INTEGER,"			/* of an ended one: up to when it held */
    "  ended_utc_sec INTEGER,"			/* when that was found */
    "  peak REAL,"
    "  again INTEGER NOT NULL CHECK (again >= 0),"
    "  first_told_utc_sec INTEGER,"
    "  last_told_utc_sec INTEGER,"
    "  told_count INTEGER NOT NULL CHECK (told_count >= 0),"
    "  escalated_utc_sec INTEGER,"
    "  end_told_utc_sec INTEGER,"
    "  CHECK (port_id IS NULL OR connection_id IS NULL),"
    "  CHECK ((first_told_utc_sec IS NULL) = (told_count = 0)),"
    "  CHECK (end_told_utc_sec IS NULL OR ended_utc_sec IS NOT NULL)"
    ") STRICT;"
    "CREATE UNIQUE INDEX alert_open ON alert (kind, exchange_id, agent, coalesce(port_id, 0),"
    "  coalesce(connection_id, 0), coalesce(direction, '')) WHERE ended_utc_sec IS NULL;"
    "CREATE INDEX alert_untold ON alert (id) WHERE end_told_utc_sec IS NULL AND first_told_utc_sec IS NOT NULL;"
    "CREATE INDEX alert_by_end ON alert (ended_utc_sec) WHERE ended_utc_sec IS NOT NULL;"
    "CREATE INDEX alert_by_port ON alert (port_id, id) WHERE port_id IS NOT NULL;"
    "CREATE INDEX alert_by_exchange ON alert (exchange_id, id);"
    /* Where each was told. */
    "CREATE TABLE alert_told ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  alert_id INTEGER NOT NULL REFERENCES alert (id),"
    "  what TEXT NOT NULL CHECK (what IN ('alert', 'repeat', 'escalation', 'recovery')),"
    "  recipient TEXT NOT NULL CHECK (recipient <> ''),"
    "  at_utc_sec INTEGER NOT NULL,"
    "  mail_id INTEGER NOT NULL,"		/* of the outbox */
    "  message_id TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX alert_told_by_alert ON alert_told (alert_id, id);"
    /* What somebody said so that nobody is told: a silence, for a time, or the acknowledgement of what is open (NULL: as
     * long as it is).  Never deleted; until: what counts, earlier than the end when it was ended early. */
    "CREATE TABLE quiet ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  kind TEXT NOT NULL CHECK (kind IN ('silence', 'acknowledgement')),"
    "  port_id INTEGER REFERENCES port (id),"
    "  asn INTEGER REFERENCES peer (asn),"
    "  agent_id INTEGER REFERENCES agent (id),"
    "  exchange_id INTEGER REFERENCES exchange (id),"
    "  alert_id INTEGER REFERENCES alert (id),"
    "  start_utc_sec INTEGER NOT NULL,"
    "  end_utc_sec INTEGER CHECK (end_utc_sec > start_utc_sec),"
    "  until_utc_sec INTEGER CHECK (until_utc_sec >= start_utc_sec),"
    "  reason TEXT NOT NULL CHECK (reason <> ''),"
    "  author TEXT NOT NULL CHECK (author <> ''),"
    "  created_utc_sec INTEGER NOT NULL,"
    "  ended_utc_sec INTEGER,"			/* NULL: nobody ended it early */
    "  ended_by TEXT,"
    "  CHECK ((port_id IS NOT NULL) + (asn IS NOT NULL) + (agent_id IS NOT NULL)"
    "    + (exchange_id IS NOT NULL) + (alert_id IS NOT NULL) = 1),"
    "  CHECK (kind = 'acknowledgement' OR (alert_id IS NULL AND end_utc_sec IS NOT NULL)),"
    "  CHECK ((ended_utc_sec IS NULL) = (ended_by IS NULL)),"
    "  CHECK (until_utc_sec IS end_utc_sec OR ended_utc_sec IS NOT NULL)"
    ") STRICT;"
    "CREATE INDEX quiet_by_until ON quiet (until_utc_sec);"

    /* ---- The outbox. */
    /* A mail to one recipient.  Its rank is what goes first: alerts, then digests, then the rest. */
    "CREATE TABLE outbox ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  kind TEXT NOT NULL CHECK (kind IN ('alert', 'repeat', 'recovery', 'verdict', 'notice', 'digest',"
    "    'sign of life', 'report')),"
    "  rank INTEGER NOT NULL,"
    "  recipient TEXT NOT NULL,"
    "  message_id TEXT NOT NULL UNIQUE CHECK (message_id <> ''),"
    "  in_reply_to TEXT,"
    "  refs TEXT,"			/* Message-IDs, with spaces between */
    "  subject TEXT NOT NULL,"
    "  body TEXT NOT NULL,"
    "  html TEXT,"
    "  picture_port_id INTEGER,"		/* NULL: no picture */
    "  picture_direction TEXT CHECK (picture_direction IN ('in', 'out')),"
    "  picture_from_utc_sec INTEGER,"
    "  picture_to_utc_sec INTEGER,"
    "  exchange TEXT,"			/* slug */
    "  alert_id INTEGER,"
    "  created_utc_sec INTEGER NOT NULL,"
    "  due_utc_sec INTEGER NOT NULL,"
    "  give_up_utc_sec INTEGER NOT NULL,"
    "  state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'failed', 'dropped', 'in a digest')),"
    "  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),"
    "  in_flight INTEGER NOT NULL DEFAULT 0 CHECK (in_flight IN (0, 1)),"	/* in the mailer's hand */
    "  interrupted INTEGER NOT NULL DEFAULT 0,"	/* attempts that ended with the mailer's own end */
    "  next_utc_sec INTEGER NOT NULL,"
    "  tried_utc_sec INTEGER,"
    "  ended_utc_sec INTEGER,"		/* when it came to its last state */
    "  last_code INTEGER,"
    "  last_reply TEXT NOT NULL DEFAULT '',"
    "  digest_id INTEGER REFERENCES outbox (id),"	/* of the mail that lists it */
    "  CHECK ((state = 'waiting') = (ended_utc_sec IS NULL)),"
    "  CHECK (state = 'waiting' OR in_flight = 0),"
    "  CHECK ((state = 'in a digest') = (digest_id IS NOT NULL))"
    ") STRICT;"
    "CREATE INDEX outbox_waiting ON outbox (rank, due_utc_sec, id) WHERE state = 'waiting';"
    "CREATE INDEX outbox_by_state ON outbox (state, id);"
    "CREATE INDEX outbox_by_recipient ON outbox (recipient, id);"
    "CREATE INDEX outbox_by_digest ON outbox (digest_id, id) WHERE digest_id IS NOT NULL;"
    "CREATE INDEX outbox_by_answer ON outbox (in_reply_to) WHERE in_reply_to IS NOT NULL;"
    "CREATE INDEX outbox_by_end ON outbox (ended_utc_sec) WHERE ended_utc_sec IS NOT NULL;"
    "CREATE INDEX outbox_by_kind ON outbox (kind, created_utc_sec);"


    "PRAGMA user_version = 3;";
/* clang-format on */
