/* ledger_schema.c - what the ledger's tables hold, one readable text per version, and how an older file gets there.
 *
 * A file says its version in `user_version`, and by `application_id` that it is a ledger at all.  A released text is
 * never changed: what is new comes as the next version, and adds tables or columns.
 *
 * Names: instants are Unix seconds UTC (_utc_sec), days are counted from 1970-01-01, rates are bit/s, shares 0..1.
 * Unknown is NULL.  Words (kind, verdict, state ...) are those of DESIGN and of the API. */
#include <inttypes.h>

#include "store/ledger_private.h"

#define APPLICATION_ID 1769502580 /* "ixwt" */

#define DIRECTION  "direction TEXT NOT NULL CHECK (direction IN ('in', 'out'))"
#define PROFILE    "profile TEXT NOT NULL CHECK (profile IN ('early', 'proof'))"
#define VERDICTS   "('routine', 'recurring', 'insufficient data', 'none')"
#define PORT       "port_id INTEGER NOT NULL REFERENCES port (id)"
#define CONNECTION "connection_id INTEGER NOT NULL REFERENCES connection (id)"

/* clang-format off */
static const char version_1[] =
    /* What the configuration names.  Kept for ever; retired: no longer in it. */
    "CREATE TABLE exchange ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  slug TEXT NOT NULL UNIQUE CHECK (slug <> ''),"
    "  name TEXT NOT NULL,"
    "  timezone TEXT NOT NULL,"
    "  retired INTEGER NOT NULL DEFAULT 0 CHECK (retired IN (0, 1))"
    ") STRICT;"
    "CREATE TABLE agent ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  exchange_id INTEGER NOT NULL REFERENCES exchange (id),"
    "  name TEXT NOT NULL CHECK (name <> ''),"
    "  UNIQUE (exchange_id, name)"
    ") STRICT;"
    "CREATE TABLE peer ("
    "  asn INTEGER PRIMARY KEY CHECK (asn BETWEEN 1 AND 4294967295),"
    "  name TEXT NOT NULL"
    ") STRICT;"

    /* A port is (agent, interface); its id is never used again. */
    "CREATE TABLE port ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  agent_id INTEGER NOT NULL REFERENCES agent (id),"
    "  interface TEXT NOT NULL CHECK (interface <> ''),"
    "  path TEXT NOT NULL UNIQUE CHECK (path <> ''),"
    "  alias TEXT NOT NULL,"
    "  peer TEXT NOT NULL,"
    "  asn INTEGER REFERENCES peer (asn),"
    "  kind TEXT CHECK (kind IN ('member', 'pni', 'shared', 'peer-share', 'reseller', 'core')),"
    "  note TEXT NOT NULL,"
    "  circuit TEXT NOT NULL,"
    "  contracted_bps REAL CHECK (contracted_bps > 0),"
    "  contract_billed INTEGER NOT NULL CHECK (contract_billed IN (0, 1)),"
    "  first_seen_utc_sec INTEGER NOT NULL,"
    "  vanished_utc_sec INTEGER,"	/* NULL: its agent lists it */
    "  retired INTEGER NOT NULL DEFAULT 0 CHECK (retired IN (0, 1)),"
    "  UNIQUE (agent_id, interface)"
    ") STRICT;"
    "CREATE INDEX port_by_asn ON port (asn) WHERE asn IS NOT NULL;"
    /* Whose port it was when; the entry in force has no end. */
    "CREATE TABLE port_history ("
    "  " PORT ","
    "  from_utc_sec INTEGER NOT NULL,"
    "  to_utc_sec INTEGER CHECK (to_utc_sec > from_utc_sec),"
    "  alias TEXT NOT NULL,"
    "  peer TEXT NOT NULL,"
    "  asn INTEGER,"
    "  kind TEXT,"
    "  PRIMARY KEY (port_id, from_utc_sec)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX port_history_in_force ON port_history (port_id) WHERE to_utc_sec IS NULL;"
    /* In force until the port's next entry. */
    "CREATE TABLE capacity ("
    "  " PORT ","
    "  from_utc_sec INTEGER NOT NULL,"
    "  physical_bps REAL CHECK (physical_bps >= 0),"
    "  contracted_bps REAL CHECK (contracted_bps > 0),"
    "  source TEXT NOT NULL CHECK (source IN ('setting', 'contract', 'ix-f', 'lag', 'interface', 'unknown')),"
    "  PRIMARY KEY (port_id, from_utc_sec)"
    ") STRICT, WITHOUT ROWID;"

    /* Runs of congestion.  Superseded: late history was judged anew from there.  The exchange is the port's: it is
     * here so that an exchange's newest are found by an index. */
    "CREATE TABLE episode ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  " PORT ","
    "  exchange_id INTEGER NOT NULL REFERENCES exchange (id),"
    "  " DIRECTION ","
    "  " PROFILE ","
    "  start_utc_sec INTEGER NOT NULL,"
    "  end_utc_sec INTEGER NOT NULL CHECK (end_utc_sec >= start_utc_sec),"
    "  open INTEGER NOT NULL CHECK (open IN (0, 1)),"
    "  kind TEXT NOT NULL CHECK (kind IN ('spike', 'sustained')),"
    "  excuse TEXT CHECK (excuse IN ('spike', 'flash', 'declared', 'reduced capacity')),"
    "  peak_utilisation REAL CHECK (peak_utilisation >= 0),"
    "  mean_utilisation REAL CHECK (mean_utilisation >= 0),"
    "  superseded INTEGER NOT NULL DEFAULT 0 CHECK (superseded IN (0, 1))"
    ") STRICT;"
    "CREATE UNIQUE INDEX episode_identity ON episode (port_id, direction, profile, start_utc_sec)"
    "  WHERE superseded = 0;"
    "CREATE INDEX episode_by_start ON episode (start_utc_sec, id) WHERE superseded = 0;"
    "CREATE INDEX episode_by_exchange ON episode (exchange_id, start_utc_sec, id) WHERE superseded = 0;"
    "CREATE INDEX episode_by_port ON episode (port_id, start_utc_sec, id) WHERE superseded = 0;"
    "CREATE INDEX episode_open ON episode (start_utc_sec, id) WHERE open = 1 AND superseded = 0;"
    /* The longest one bounds how far before an instant those that reach over it can start. */
    "CREATE INDEX episode_by_length ON episode (end_utc_sec - start_utc_sec) WHERE superseded = 0;"

    /* What somebody declared about a time: for one of port, peer, agent, exchange.  Never deleted; until: what counts,
     * earlier than the end when it was ended early, the start when it was withdrawn. */
    "CREATE TABLE declared_window ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  port_id INTEGER REFERENCES port (id),"
    "  asn INTEGER REFERENCES peer (asn),"
    "  agent_id INTEGER REFERENCES agent (id),"
    "  exchange_id INTEGER REFERENCES exchange (id),"
    "  start_utc_sec INTEGER NOT NULL,"
    "  end_utc_sec INTEGER NOT NULL CHECK (end_utc_sec - start_utc_sec BETWEEN 1 AND 604800),"
    "  until_utc_sec INTEGER NOT NULL CHECK (until_utc_sec BETWEEN start_utc_sec AND end_utc_sec),"
    "  cause TEXT NOT NULL CHECK (cause IN ('event', 'works', 'attack', 'failover', 'exchange', 'ours')),"
    "  reason TEXT NOT NULL CHECK (reason <> ''),"
    "  author TEXT NOT NULL CHECK (author <> ''),"
    "  uid TEXT,"			/* of the calendar entry it came from */
    "  created_utc_sec INTEGER NOT NULL,"
    "  ended_utc_sec INTEGER,"		/* NULL: nobody ended it early */
    "  ended_by TEXT,"
    "  CHECK ((port_id IS NOT NULL) + (asn IS NOT NULL) + (agent_id IS NOT NULL)"
    "    + (exchange_id IS NOT NULL) = 1),"
    "  CHECK ((ended_utc_sec IS NULL) = (ended_by IS NULL)),"
    "  CHECK (until_utc_sec = end_utc_sec OR ended_utc_sec IS NOT NULL)"
    ") STRICT;"
    "CREATE INDEX declared_window_by_port ON declared_window (port_id) WHERE port_id IS NOT NULL;"
    "CREATE INDEX declared_window_by_asn ON declared_window (asn) WHERE asn IS NOT NULL;"
    "CREATE INDEX declared_window_by_agent ON declared_window (agent_id) WHERE agent_id IS NOT NULL;"
    "CREATE INDEX declared_window_by_exchange ON declared_window (exchange_id) WHERE exchange_id IS NOT NULL;"
    "CREATE INDEX declared_window_by_uid ON declared_window (uid) WHERE uid IS NOT NULL;"

    /* The detector's state after the step that ended there. */
    "CREATE TABLE checkpoint ("
    "  port_id INTEGER PRIMARY KEY REFERENCES port (id),"
    "  until_utc_sec INTEGER NOT NULL,"
    "  state BLOB NOT NULL"
    ") STRICT;"
    "CREATE TABLE traffic_day ("
    "  " PORT ","
    "  " DIRECTION ","
    "  " PROFILE ","
    "  day INTEGER NOT NULL,"
    "  possible_samples INTEGER NOT NULL CHECK (possible_samples > 0),"
    "  known_samples INTEGER NOT NULL CHECK (known_samples BETWEEN 0 AND possible_samples),"
    "  congested_samples INTEGER NOT NULL CHECK (congested_samples BETWEEN 0 AND live_samples),"
    "  live_samples INTEGER NOT NULL CHECK (live_samples BETWEEN 0 AND known_samples),"
    "  congested_minutes INTEGER NOT NULL CHECK (congested_minutes BETWEEN 0 AND run_minutes),"
    "  run_minutes INTEGER NOT NULL,"
    "  state TEXT NOT NULL CHECK (state IN ('clean', 'flash', 'declared', 'reduced capacity',"
    "    'unclassified', 'congested', 'unknown')),"
    "  verdict TEXT NOT NULL CHECK (verdict IN " VERDICTS "),"
    "  PRIMARY KEY (port_id, profile, direction, day)"
    ") STRICT, WITHOUT ROWID;"
    /* Each verdict and when it stood; the one in force has no end. */
    "CREATE TABLE verdict ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  " PORT ","
    "  " DIRECTION ","
    "  " PROFILE ","
    "  verdict TEXT NOT NULL CHECK (verdict IN " VERDICTS "),"
    "  since_day INTEGER,"		/* NULL: from the start */
    "  stale_verdict TEXT CHECK (stale_verdict IN " VERDICTS "),"
    "  stale_since_day INTEGER,"
    "  reason TEXT NOT NULL,"
    "  from_utc_sec INTEGER NOT NULL,"
    "  to_utc_sec INTEGER CHECK (to_utc_sec >= from_utc_sec)"
    ") STRICT;"
    "CREATE UNIQUE INDEX verdict_in_force ON verdict (port_id, direction, profile) WHERE to_utc_sec IS NULL;"
    "CREATE INDEX verdict_by_port ON verdict (port_id, id);"

    "CREATE TABLE import_run ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  actor TEXT NOT NULL,"
    "  what TEXT NOT NULL,"
    "  source TEXT NOT NULL,"
    "  port_id INTEGER REFERENCES port (id),"
    "  started_utc_sec INTEGER NOT NULL,"
    "  ended_utc_sec INTEGER NOT NULL,"
    "  from_utc_sec INTEGER,"
    "  to_utc_sec INTEGER,"
    "  read_count INTEGER NOT NULL CHECK (read_count >= 0),"
    "  accepted_count INTEGER NOT NULL CHECK (accepted_count BETWEEN 0 AND read_count),"
    "  trouble TEXT NOT NULL"
    ") STRICT;"
    "CREATE TABLE audit ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  at_utc_sec INTEGER NOT NULL,"
    "  actor TEXT NOT NULL,"
    "  what TEXT NOT NULL,"
    "  port_id INTEGER REFERENCES port (id),"
    "  detail TEXT NOT NULL"
    ") STRICT;"
    "PRAGMA application_id = 1769502580;"
    "PRAGMA user_version = 1;";

/* clang-format off */
/* Version 2: connections (all ports of one peer at one exchange) are judged like ports, and reports by a profile of their
 * own. */
static const char version_2[] =
    /* A peer that had two ports or more at an exchange at once.  Kept for ever. */
    "CREATE TABLE connection ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  exchange_id INTEGER NOT NULL REFERENCES exchange (id),"
    "  asn INTEGER NOT NULL REFERENCES peer (asn),"
    "  UNIQUE (exchange_id, asn)"
    ") STRICT;"
    "CREATE INDEX connection_by_asn ON connection (asn);"
    /* Which ports made it up when; from 0: from the port's first sample; the entry in force has no end. */
    "CREATE TABLE connection_member ("
    "  " CONNECTION ","
    "  " PORT ","
    "  from_utc_sec INTEGER NOT NULL CHECK (from_utc_sec >= 0),"
    "  to_utc_sec INTEGER CHECK (to_utc_sec >= from_utc_sec),"
    "  PRIMARY KEY (connection_id, port_id, from_utc_sec)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX connection_member_by_port ON connection_member (port_id);"
    /* What version 1 has for ports. */
    "CREATE TABLE connection_episode ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  " CONNECTION ","
    "  exchange_id INTEGER NOT NULL REFERENCES exchange (id),"
    "  " DIRECTION ","
    "  " PROFILE ","
    "  start_utc_sec INTEGER NOT NULL,"
    "  end_utc_sec INTEGER NOT NULL CHECK (end_utc_sec >= start_utc_sec),"
    "  open INTEGER NOT NULL CHECK (open IN (0, 1)),"
    "  kind TEXT NOT NULL CHECK (kind IN ('spike', 'sustained')),"
    "  excuse TEXT CHECK (excuse IN ('spike', 'flash', 'declared', 'reduced capacity')),"
    "  peak_utilisation REAL CHECK (peak_utilisation >= 0),"
    "  mean_utilisation REAL CHECK (mean_utilisation >= 0),"
    "  superseded INTEGER NOT NULL DEFAULT 0 CHECK (superseded IN (0, 1))"
    ") STRICT;"
    "CREATE UNIQUE INDEX connection_episode_identity"
    "  ON connection_episode (connection_id, direction, profile, start_utc_sec) WHERE superseded = 0;"
    "CREATE INDEX connection_episode_by_start ON connection_episode (start_utc_sec, id)"
    "  WHERE superseded = 0;"
    "CREATE INDEX connection_episode_by_exchange ON connection_episode (exchange_id, start_utc_sec, id)"
    "  WHERE superseded = 0;"
    "CREATE INDEX connection_episode_by_connection ON connection_episode (connection_id, start_utc_sec, id)"
    "  WHERE superseded = 0;"
    "CREATE INDEX connection_episode_open ON connection_episode (start_utc_sec, id)"
    "  WHERE open = 1 AND superseded = 0;"
    "CREATE INDEX connection_episode_by_length ON connection_episode (end_utc_sec - start_utc_sec)"
    "  WHERE superseded = 0;"
    "CREATE TABLE connection_traffic_day ("
    "  " CONNECTION ","
    "  " DIRECTION ","
    "  " PROFILE ","
    "  day INTEGER NOT NULL,"
    "  possible_samples INTEGER NOT NULL CHECK (possible_samples > 0),"
    "  known_samples INTEGER NOT NULL CHECK (known_samples BETWEEN 0 AND possible_samples),"
    "  congested_samples INTEGER NOT NULL CHECK (congested_samples BETWEEN 0 AND live_samples),"
    "  live_samples INTEGER NOT NULL CHECK (live_samples BETWEEN 0 AND known_samples),"
    "  congested_minutes INTEGER NOT NULL CHECK (congested_minutes BETWEEN 0 AND run_minutes),"
    "  run_minutes INTEGER NOT NULL,"
    "  state TEXT NOT NULL CHECK (state IN ('clean', 'flash', 'declared', 'reduced capacity',"
    "    'unclassified', 'congested', 'unknown')),"
    "  verdict TEXT NOT NULL CHECK (verdict IN " VERDICTS "),"
    "  PRIMARY KEY (connection_id, profile, direction, day)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE connection_verdict ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  " CONNECTION ","
    "  " DIRECTION ","
    "  " PROFILE ","
    "  verdict TEXT NOT NULL CHECK (verdict IN " VERDICTS "),"
    "  since_day INTEGER,"
    "  stale_verdict TEXT CHECK (stale_verdict IN " VERDICTS "),"
    "  stale_since_day INTEGER,"
    "  reason TEXT NOT NULL,"
    "  from_utc_sec INTEGER NOT NULL,"
    "  to_utc_sec INTEGER CHECK (to_utc_sec >= from_utc_sec)"
    ") STRICT;"
    "CREATE UNIQUE INDEX connection_verdict_in_force"
    "  ON connection_verdict (connection_id, direction, profile) WHERE to_utc_sec IS NULL;"
    "CREATE INDEX connection_verdict_by_connection ON connection_verdict (connection_id, id);"
    /* The detector's state, now for each judgement: that of pages as samples arrive, that of reports once a day. */
    "CREATE TABLE connection_checkpoint ("
    "  " CONNECTION ","
    "  judgement TEXT NOT NULL CHECK (judgement IN ('pages', 'reports')),"
    "  until_utc_sec INTEGER NOT NULL,"
    "  state BLOB NOT NULL,"
    "  PRIMARY KEY (connection_id, judgement)"
    ") STRICT;"
    "ALTER TABLE checkpoint RENAME TO checkpoint_1;"
    "CREATE TABLE checkpoint ("
    "  " PORT ","
    "  judgement TEXT NOT NULL CHECK (judgement IN ('pages', 'reports')),"
    "  until_utc_sec INTEGER NOT NULL,"
    "  state BLOB NOT NULL,"
    "  PRIMARY KEY (port_id, judgement)"
    ") STRICT;"
    "INSERT INTO checkpoint SELECT port_id, 'pages', until_utc_sec, state FROM checkpoint_1;"
    "DROP TABLE checkpoint_1;"

    /* What a closed traffic week came to, in samples of 300 s; reports read it too.  monday: the day it begins on. */
    "CREATE TABLE traffic_week ("
    "  " PORT ","
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
    "  PRIMARY KEY (port_id, direction, monday)"
    ") STRICT, WITHOUT ROWID;"
    /* What is advised now; day: the first traffic day that is not in it. */
    "CREATE TABLE advice ("
    "  " PORT ","
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
    "  PRIMARY KEY (port_id, direction)"
    ") STRICT, WITHOUT ROWID;"
    /* The members of a LAG, and how each stood when; the entry in force has no end. */
    "CREATE TABLE lag_member ("
    "  " PORT ","
    "  interface TEXT NOT NULL CHECK (interface <> ''),"
    "  from_utc_sec INTEGER NOT NULL,"
    "  to_utc_sec INTEGER CHECK (to_utc_sec > from_utc_sec),"
    "  if_index INTEGER NOT NULL,"
    "  speed_bps REAL CHECK (speed_bps > 0),"
    "  state TEXT NOT NULL CHECK (state IN ('unknown', 'live', 'down', 'detached')),"
    "  PRIMARY KEY (port_id, interface, from_utc_sec)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX lag_member_in_force ON lag_member (port_id, interface) WHERE to_utc_sec IS NULL;"

    "PRAGMA user_version = 2;";
/* clang-format on */

/* migrations[n] makes version n + 1 of version n. */
static const char *const migrations[LEDGER_SCHEMA_VERSION] = { version_1, version_2 };

/* 0 for a file in which nothing is yet. */
static bool
version_of(struct db *db, int64_t *version, struct error *err)
{
	int64_t application, table_count;

	if (!db_int_of(db, "PRAGMA application_id", &application, err) ||
	    !db_int_of(db, "PRAGMA user_version", version, err) ||
	    !db_int_of(db, "SELECT count(*) FROM sqlite_schema", &table_count, err))
		return false;
	if (application == APPLICATION_ID ||
	    (application == 0 && *version == 0 && table_count == 0))
		return true;
	return error_set(err, ERR_DB, "%s: is a database, but not a ledger of ixwatch",
			 db_path(db));
}

bool
ledger_schema_check(struct db *db, struct error *err)
{
	int64_t version;

	if (!version_of(db, &version, err))
		return false;
	if (version < LEDGER_SCHEMA_VERSION)
		return error_set(err, ERR_DB,
				 "%s: has schema version %" PRId64
				 ", this program reads version %d: "
				 "the collector brings it up to date when it starts",
				 db_path(db), version, LEDGER_SCHEMA_VERSION);
	if (version > LEDGER_SCHEMA_VERSION)
		return error_set(err, ERR_DB,
				 "%s: has schema version %" PRId64
				 ", this program knows versions up to %d: "
				 "it was written by a newer ixwatch, use that one",
				 db_path(db), version, LEDGER_SCHEMA_VERSION);
	return true;
}

static bool
migrate_one(struct db *db, int64_t from, struct error *err)
{
	if (!db_begin(db, err))
		return false;
	if (db_exec(db, migrations[from], err))
		return db_commit(db, err);
	db_rollback(db);
	return error_wrap(err, "schema version %" PRId64, from + 1);
}

bool
ledger_schema_migrate(struct db *db, struct error *err)
{
	int64_t version;

	if (!version_of(db, &version, err))
		return false;
	for (; version >= 0 && version < LEDGER_SCHEMA_VERSION; version++)
		if (!migrate_one(db, version, err))
			return false;
	return ledger_schema_check(db, err);
}
