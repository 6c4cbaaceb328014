/* ledger_change.c - see ledger_change.h. */
#include "ixwatch/ledger_change.h"

#include "store/ledger_private.h"

/* clang-format off */
/* The one before is the newest that was closed when this one began.  From insufficient data it is a change only of what
 * was known for a day: before that it is a beginning, such as every first start is. */
#define VERDICTS(table, subject, more, joined)						\
	"SELECT now." subject ", now.from_utc_sec, now.direction, now.profile, now.verdict, before.verdict,"	\
	" before.from_utc_sec" more " FROM ("						\
	"SELECT v.id AS nr, v." subject ", v.from_utc_sec, v.direction, v.profile, v.verdict,"	\
	" (SELECT b.id FROM " table " AS b WHERE b." subject " = v." subject " AND b.direction = v.direction"	\
	"   AND b.profile = v.profile AND b.id < v.id ORDER BY b.id DESC LIMIT 1) AS before_nr,"	\
	" (SELECT min(from_utc_sec) FROM " table " AS f WHERE f." subject " = v." subject	\
	"   AND f.direction = v.direction AND f.profile = v.profile) AS known_utc_sec"		\
	" FROM " table " AS v WHERE v.from_utc_sec >= :from) AS now"				\
	" JOIN " table " AS before ON before.id = now.before_nr" joined				\
	" WHERE before.verdict <> now.verdict"							\
	" AND (before.verdict <> 'insufficient data' OR now.from_utc_sec - now.known_utc_sec >= 86400)"	\
	" ORDER BY now.from_utc_sec DESC, nr DESC"

static const char sql_verdicts[] = VERDICTS("verdict", "port_id", "", "");

static const char sql_connection_verdicts[] = VERDICTS("connection_verdict", "connection_id", ", slug, asn",
	" JOIN connection ON connection.id = now.connection_id JOIN exchange ON exchange.id = exchange_id");

static const char sql_capacities[] =
	"SELECT c.port_id, c.from_utc_sec, c.physical_bps, c.contracted_bps, b.physical_bps, b.contracted_bps,"
	" b.from_utc_sec"
	" FROM capacity AS c JOIN capacity AS b ON b.port_id = c.port_id AND b.from_utc_sec ="
	"   (SELECT max(from_utc_sec) FROM capacity WHERE port_id = c.port_id AND from_utc_sec < c.from_utc_sec)"
	" WHERE c.from_utc_sec >= :from AND (c.physical_bps IS NOT b.physical_bps"
	"   OR c.contracted_bps IS NOT b.contracted_bps)"
	" ORDER BY c.from_utc_sec DESC, c.port_id";
/* clang-format on */

static struct ledger_change
verdict_of_row(const struct db_statement *row)
{
	return (struct ledger_change) {
		.kind = CHANGE_OF_VERDICT,
		.port_id = db_int(row, 0),
		.exchange = "",
		.at_utc_sec = db_int(row, 1),
		.direction = ledger_direction(row, 2),
		.profile = ledger_profile(row, 3),
		.verdict = ledger_verdict_word(row, 4),
		.verdict_before = ledger_verdict_word(row, 5),
		.before_from_utc_sec = db_int(row, 6),
	};
}

static struct ledger_change
connection_verdict_of_row(const struct db_statement *row)
{
	struct ledger_change change = verdict_of_row(row);

	change.kind = CHANGE_OF_CONNECTION_VERDICT;
	change.port_id = 0;
	change.connection_id = db_int(row, 0);
	change.exchange = db_text(row, 7);
	change.asn = (uint32_t)db_int(row, 8);
	return change;
}

static struct ledger_change
capacity_of_row(const struct db_statement *row)
{
	return (struct ledger_change) {
		.kind = CHANGE_OF_CAPACITY,
		.port_id = db_int(row, 0),
		.exchange = "",
		.at_utc_sec = db_int(row, 1),
		.physical_bps = db_real(row, 2),
		.contracted_bps = db_real(row, 3),
		.physical_before_bps = db_real(row, 4),
		.contracted_before_bps = db_real(row, 5),
		.before_from_utc_sec = db_int(row, 6),
	};
}

static const struct {
	const char *sql;
	struct ledger_change (*of_row)(const struct db_statement *row);
} kinds[CHANGE_KIND_COUNT] = {
	[CHANGE_OF_VERDICT] = { sql_verdicts, verdict_of_row },
	[CHANGE_OF_CONNECTION_VERDICT] = { sql_connection_verdicts, connection_verdict_of_row },
	[CHANGE_OF_CAPACITY] = { sql_capacities, capacity_of_row },
};

bool
ledger_change_each(struct ledger *ledger, enum ledger_change_kind kind, int64_t from_utc_sec,
		   ledger_on_change *on_change, void *user, struct error *err)
{
	struct db_statement *each = db_get(ledger->db, kinds[kind].sql);
	enum db_step step;
	bool more = true;

	db_bind_int(each, ":from", from_utc_sec);
	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct ledger_change change = kinds[kind].of_row(each);

		more = on_change(&change, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "changes");
}
