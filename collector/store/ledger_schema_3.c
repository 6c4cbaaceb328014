/* ledger_schema_3.c - version 3: ports that moved, accounts and tokens, alerts with their silences and acknowledgements,
 * and the outbox. */
#include "store/ledger_schema_text.h"

/* clang-format off */
const char ledger_schema_3[] =
    /* ---- Ports that moved. */


    /* ---- Advice of connections. */


    /* ---- Accounts, sessions, tokens. */


    /* ---- Alerts, silences, acknowledgements. */


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
