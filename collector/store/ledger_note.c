/* ledger_note.c - notes about ports; see ledger_note.h. */
#include "ixwatch/ledger_note.h"

#include <inttypes.h>

#include "ixwatch/units.h"
#include "store/ledger_private.h"

/* clang-format off */
/* A port that is not there is no row, and nothing is inserted. */
static const char sql_add[] =
	"INSERT INTO note (port_id, text, author, created_utc_sec)"
	" SELECT id, :text, :author, :created FROM port WHERE id = :port";

static const char sql_sound[] =
	"SELECT length(:text) BETWEEN 1 AND 500, :author <> ''";

static const char sql_find[] = "SELECT withdrawn_utc_sec FROM note WHERE id = :id";

static const char sql_withdraw[] =
	"UPDATE note SET withdrawn_utc_sec = :at, withdrawn_by = :who WHERE id = :id";

/* What was said of a port is said of the one that it went on as: all that was said before the move's instant; of one that
 * is nobody else's since, what was said until the move was entered, too. */
#define NOTES(of)										\
	"SELECT n.id, n.port_id, exchange.slug, agent.name, port.interface, n.text, n.author, n.created_utc_sec,"	\
	" n.withdrawn_utc_sec, n.withdrawn_by FROM note AS n JOIN port ON port.id = n.port_id"	\
	" JOIN agent ON agent.id = port.agent_id JOIN exchange ON exchange.id = agent.exchange_id"	\
	" WHERE (:id IS NULL OR n.id = :id) AND (:before IS NULL OR n.id < :before)"		\
	" AND (:standing = 0 OR n.withdrawn_utc_sec IS NULL)" of				\
	" ORDER BY n.id DESC LIMIT ifnull(:limit, -1)"

static const char sql_each[] = NOTES("");

static const char sql_of_port[] = NOTES(
	" AND n.id IN (SELECT id FROM note WHERE port_id = :port UNION ALL SELECT v.id FROM port_past AS past"
	"   JOIN port AS old ON old.id = past.old_id JOIN note AS v ON v.port_id = past.old_id"
	"     AND (v.created_utc_sec < past.to_utc_sec OR old.retired) WHERE past.port_id = :port)");
/* clang-format on */

static bool
is_sound(struct ledger *ledger, const struct ledger_note *note, struct error *err)
{
	struct db_statement *sound = db_get(ledger->db, sql_sound);
	bool fits, named;

	db_bind_text(sound, ":text", note->text);
	db_bind_text(sound, ":author", note->author);
	if (db_step(sound, err) != DB_ROW) {
		db_reset(sound);
		return false;
	}
	fits = db_int(sound, 0) != 0;
	named = db_int(sound, 1) != 0;
	db_reset(sound);
	if (!fits)
		return error_set(err, ERR_USAGE, "text: allowed are 1 to %d characters",
				 LEDGER_NOTE_MAX);
	return named || error_set(err, ERR_USAGE, "author: is empty");
}

bool
ledger_note_add(struct ledger *ledger, const struct ledger_note *note, int64_t *id,
		struct error *err)
{
	struct db_statement *add;

	if (!is_sound(ledger, note, err))
		return error_wrap(err, "note");
	add = db_get(ledger->db, sql_add);
	db_bind_int(add, ":port", note->port_id);
	db_bind_text(add, ":text", note->text);
	db_bind_text(add, ":author", note->author);
	db_bind_int(add, ":created", note->created_utc_sec);
	if (!db_run(add, err))
		return error_wrap(err, "note");
	if (db_changes(ledger->db) == 0)
		return error_set(err, ERR_NOT_FOUND, "note: no port %" PRId64 " in the ledger",
				 note->port_id);
	*id = db_last_id(ledger->db);
	return true;
}

static bool
may_withdraw(struct ledger *ledger, int64_t id, struct error *err)
{
	struct db_statement *find = db_get(ledger->db, sql_find);
	int64_t withdrawn_utc_sec = 0;
	enum db_step step;
	char text[32];

	db_bind_int(find, ":id", id);
	step = db_step(find, err);
	if (step == DB_ROW)
		withdrawn_utc_sec = db_int(find, 0);
	db_reset(find);
	if (step == DB_FAIL)
		return error_wrap(err, "note %" PRId64, id);
	if (step != DB_ROW)
		return error_set(err, ERR_NOT_FOUND, "no note %" PRId64 " in the ledger", id);
	return withdrawn_utc_sec == 0 ||
	       error_set(err, ERR_REFUSED, "note %" PRId64 " was withdrawn at %s already", id,
			 units_format_utc(text, sizeof(text), withdrawn_utc_sec));
}

bool
ledger_note_withdraw(struct ledger *ledger, int64_t id, int64_t at_utc_sec, const char *who,
		     struct error *err)
{
	struct db_statement *withdraw;

	if (!may_withdraw(ledger, id, err))
		return false;
	withdraw = db_get(ledger->db, sql_withdraw);
	db_bind_int(withdraw, ":id", id);
	db_bind_int(withdraw, ":at", at_utc_sec);
	db_bind_text(withdraw, ":who", who);
	return db_run(withdraw, err) || error_wrap(err, "note %" PRId64, id);
}

static struct ledger_note
note_of_row(const struct db_statement *row)
{
	return (struct ledger_note) {
		.id = db_int(row, 0),
		.port_id = db_int(row, 1),
		.exchange = db_text(row, 2),
		.agent = db_text(row, 3),
		.interface = db_text(row, 4),
		.text = db_text(row, 5),
		.author = db_text(row, 6),
		.created_utc_sec = db_int(row, 7),
		.withdrawn_utc_sec = db_int(row, 8),
		.withdrawn_by = db_text(row, 9),
	};
}

bool
ledger_note_each(struct ledger *ledger, const struct ledger_note_query *query,
		 ledger_on_note *on_note, void *user, struct error *err)
{
	struct db_statement *each =
	    db_get(ledger->db, query->port_id != 0 ? sql_of_port : sql_each);
	enum db_step step;
	bool more = true;

	if (query->port_id != 0)
		db_bind_int(each, ":port", query->port_id);
	ledger_bind_id(each, ":id", query->id);
	ledger_bind_id(each, ":before", query->before_id);
	db_bind_int(each, ":standing", query->standing_only);
	ledger_bind_id(each, ":limit", query->limit);
	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct ledger_note note = note_of_row(each);

		more = on_note(&note, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "notes");
}
