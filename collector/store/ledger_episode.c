/* ledger_episode.c - runs of congestion: put as they grow, taken back when late history changes them, listed. */
#include <inttypes.h>
#include <string.h>

#include "store/ledger_private.h"

#define UNBOUNDED_UTC_SEC (INT64_MAX / 4) /* beyond any instant, and differences still fit */

/* No upsert: an update that goes by way of a refused insert would use up an id each time.  A subject that is not there has
 * exchange 0, which is not there either. */
/* clang-format off */
#define UPDATE(prefix, subject)										\
	"UPDATE " prefix "episode SET end_utc_sec = :end, open = :open, kind = :kind, excuse = :excuse,"	\
	" peak_utilisation = :peak, mean_utilisation = :mean"						\
	" WHERE " subject " = :subject AND direction = :direction AND profile = :profile"		\
	" AND start_utc_sec = :start AND superseded = 0"
#define INSERT(prefix, subject, exchange_of)								\
	"INSERT INTO " prefix "episode (" subject ", exchange_id, direction, profile, start_utc_sec,"	\
	" end_utc_sec, open, kind, excuse, peak_utilisation, mean_utilisation)"				\
	" VALUES (:subject, coalesce((" exchange_of "), 0),"						\
	" :direction, :profile, :start, :end, :open, :kind, :excuse, :peak, :mean)"
#define SUPERSEDE(prefix, subject)									\
	"UPDATE " prefix "episode SET superseded = 1"							\
	" WHERE " subject " = :subject AND start_utc_sec >= :from AND superseded = 0"
#define START(prefix, subject) "SELECT start_utc_sec, " subject " FROM " prefix "episode WHERE id = :id"

/* One text per way in, each with an index of its own in the order of the list; the rest are conditions on what that
 * finds.  The unary + keeps a term from being taken for the way in. */
#define EPISODE_ROWS(prefix, subject)									\
	"SELECT id, " subject ", direction, profile, start_utc_sec, end_utc_sec, open, kind, excuse,"	\
	" peak_utilisation, mean_utilisation FROM " prefix "episode WHERE superseded = 0"		\
	" AND (start_utc_sec, id) < (:before_start, :before_id)"					\
	" AND start_utc_sec > :from"									\
	" - (SELECT max(end_utc_sec - start_utc_sec) FROM " prefix "episode WHERE superseded = 0)"	\
	" AND +end_utc_sec > :from AND (:kind IS NULL OR +kind = :kind)"
#define EPISODE_ORDER " ORDER BY start_utc_sec DESC, id DESC LIMIT :limit"
#define EXCHANGE      "(SELECT exchange.id FROM exchange WHERE slug = :exchange)"
#define ONLY_EXCHANGE " AND (:exchange IS NULL OR +exchange_id = " EXCHANGE ")"
#define ONLY_OPEN     " AND +open >= :least_open"
#define EACH(prefix, subject) EPISODE_ROWS(prefix, subject) EPISODE_ORDER
#define EACH_OPEN(prefix, subject)									\
	EPISODE_ROWS(prefix, subject) " AND open = 1" ONLY_EXCHANGE EPISODE_ORDER
#define EACH_OF_SUBJECT(prefix, subject)								\
	EPISODE_ROWS(prefix, subject) " AND " subject " = :subject" ONLY_EXCHANGE ONLY_OPEN EPISODE_ORDER
#define EACH_OF_SUBJECTS(prefix, subject)								\
	EPISODE_ROWS(prefix, subject) " AND " subject " IN (SELECT value FROM json_each(:subjects))"	\
	ONLY_EXCHANGE ONLY_OPEN EPISODE_ORDER
#define EACH_OF_EXCHANGE(prefix, subject)								\
	EPISODE_ROWS(prefix, subject) " AND exchange_id = " EXCHANGE EPISODE_ORDER
/* By whose the port was when it began; before its first entry, by that. */
#define EACH_OF_PEER											\
	EPISODE_ROWS("", "port_id") " AND port_id IN (SELECT h.port_id FROM port_history AS h WHERE h.asn = :asn)"	\
	" AND :asn = (SELECT h.asn FROM port_history AS h WHERE h.port_id = episode.port_id"		\
	"   AND (h.to_utc_sec IS NULL OR h.to_utc_sec > start_utc_sec) ORDER BY h.from_utc_sec LIMIT 1)"	\
	" AND (:subject = 0 OR port_id = :subject)" ONLY_EXCHANGE ONLY_OPEN EPISODE_ORDER
/* clang-format on */

static const char *const sql_update[] = LEDGER_TWINS(UPDATE);
static const char *const sql_insert[] = {
	[SUBJECT_PORT] =
	    INSERT("", "port_id",
		   "SELECT exchange_id FROM port JOIN agent ON agent.id = port.agent_id"
		   " WHERE port.id = :subject"),
	[SUBJECT_CONNECTION] = INSERT("connection_", "connection_id",
				      "SELECT exchange_id FROM connection WHERE id = :subject"),
};
static const char *const sql_supersede[] = LEDGER_TWINS(SUPERSEDE);
static const char *const sql_start[] = LEDGER_TWINS(START);
static const char *const sql_each[] = LEDGER_TWINS(EACH);
static const char *const sql_each_open[] = LEDGER_TWINS(EACH_OPEN);
static const char *const sql_each_of_subject[] = LEDGER_TWINS(EACH_OF_SUBJECT);
static const char *const sql_each_of_subjects[] = LEDGER_TWINS(EACH_OF_SUBJECTS);
static const char *const sql_each_of_exchange[] = LEDGER_TWINS(EACH_OF_EXCHANGE);

/* --- put --- */

static void
bind_episode(struct db_statement *statement, const struct ledger_episode *episode)
{
	ledger_bind_judgement(statement, episode->subject, episode->direction, episode->profile);
	db_bind_int(statement, ":start", episode->start_utc_sec);
	db_bind_int(statement, ":end", episode->end_utc_sec);
	db_bind_int(statement, ":open", episode->open);
	db_bind_text(statement, ":kind", model_episode_kind_name(episode->kind));
	db_bind_text(statement, ":excuse", episode->excuse);
	db_bind_real(statement, ":peak", episode->peak_utilisation);
	db_bind_real(statement, ":mean", episode->mean_utilisation);
}

static bool
episode_put(struct db *db, const struct ledger_episode *episode, struct error *err)
{
	struct db_statement *update = db_get(db, sql_update[episode->subject.kind]);
	struct db_statement *insert;

	bind_episode(update, episode);
	if (!db_run(update, err))
		return false;
	if (db_changes(db) > 0)
		return true;
	insert = db_get(db, sql_insert[episode->subject.kind]);
	bind_episode(insert, episode);
	return db_run(insert, err);
}

bool
ledger_episode_put(struct ledger *ledger, const struct ledger_episode *episode, struct error *err)
{
	bool own;

	return (ledger_enter(ledger, &own, err) &&
		ledger_leave(ledger, own, episode_put(ledger->db, episode, err), err)) ||
	       ledger_wrap_subject(err, "episode", episode->subject);
}

bool
ledger_episode_supersede(struct ledger *ledger, struct subject subject, int64_t from_utc_sec,
			 struct error *err)
{
	struct db_statement *supersede = db_get(ledger->db, sql_supersede[subject.kind]);

	db_bind_int(supersede, ":subject", subject.id);
	db_bind_int(supersede, ":from", from_utc_sec);
	return db_run(supersede, err) || ledger_wrap_subject(err, "episodes", subject);
}

/* --- listed --- */

static enum episode_kind
kind_of(const char *name)
{
	return strcmp(name, model_episode_kind_name(EPISODE_SUSTAINED)) == 0 ? EPISODE_SUSTAINED
									     : EPISODE_SPIKE;
}

static struct ledger_episode
episode_of_row(const struct db_statement *row, enum subject_kind kind)
{
	return (struct ledger_episode) {
		.id = db_int(row, 0),
		.subject = { kind, db_int(row, 1) },
		.direction = ledger_direction(row, 2),
		.profile = ledger_profile(row, 3),
		.start_utc_sec = db_int(row, 4),
		.end_utc_sec = db_int(row, 5),
		.open = db_int(row, 6) != 0,
		.kind = kind_of(db_text(row, 7)),
		.excuse = db_is_null(row, 8) ? NULL : db_text(row, 8),
		.peak_utilisation = db_real(row, 9),
		.mean_utilisation = db_real(row, 10),
	};
}

/* Where a list begins: episodes with (start, id) below it are listed. */
struct list_begin {
	int64_t start_utc_sec, id;
	int64_t subject_id; /* of a cursor's episode */
};

static bool
find_cursor(struct db *db, enum subject_kind kind, int64_t id, struct list_begin *begin,
	    struct error *err)
{
	struct db_statement *find = db_get(db, sql_start[kind]);
	enum db_step step;

	db_bind_int(find, ":id", id);
	step = db_step(find, err);
	if (step == DB_ROW)
		*begin = (struct list_begin) { db_int(find, 0), id, db_int(find, 1) };
	db_reset(find);
	return step == DB_ROW ||
	       (step == DB_DONE &&
		error_set(err, ERR_NOT_FOUND, "no episode %" PRId64 " to list on from", id));
}

bool
ledger_episode_subject(struct ledger *ledger, enum subject_kind kind, int64_t id,
		       int64_t *subject_id, int64_t *start_utc_sec, struct error *err)
{
	struct list_begin begin;

	if (!find_cursor(ledger->db, kind, id, &begin, err))
		return error_wrap(err, "episodes");
	*subject_id = begin.subject_id;
	*start_utc_sec = begin.start_utc_sec;
	return true;
}

/* At the cursor or at the window's end, whichever comes first.  Ids are above 0. */
static bool
find_begin(struct db *db, const struct ledger_episode_query *query, struct list_begin *begin,
	   struct error *err)
{
	*begin = (struct list_begin) { UNBOUNDED_UTC_SEC, 0, 0 };
	if (query->before_id != 0 &&
	    !find_cursor(db, query->subject.kind, query->before_id, begin, err))
		return false;
	if (query->to_utc_sec != 0 && query->to_utc_sec <= begin->start_utc_sec)
		*begin = (struct list_begin) { query->to_utc_sec, 0, 0 };
	return true;
}

/* By the way in that leaves the least. */
static struct db_statement *
get_way_in(struct db *db, const struct ledger_episode_query *query)
{
	enum subject_kind kind = query->subject.kind;
	struct db_statement *each;

	if (query->asn != 0) {
		each = db_get(db, EACH_OF_PEER);
		db_bind_int(each, ":asn", query->asn);
		db_bind_int(each, ":subject", query->subject.id);
		db_bind_int(each, ":least_open", query->open_only);
	} else if (query->subject.id != 0) {
		each = db_get(db, sql_each_of_subject[kind]);
		db_bind_int(each, ":subject", query->subject.id);
		db_bind_int(each, ":least_open", query->open_only);
	} else if (query->subjects != NULL) {
		each = db_get(db, sql_each_of_subjects[kind]);
		db_bind_text(each, ":subjects", query->subjects);
		db_bind_int(each, ":least_open", query->open_only);
	} else if (query->open_only) {
		each = db_get(db, sql_each_open[kind]);
	} else if (query->exchange != NULL) {
		each = db_get(db, sql_each_of_exchange[kind]);
	} else {
		return db_get(db, sql_each[kind]);
	}
	db_bind_text(each, ":exchange", query->exchange);
	return each;
}

static struct db_statement *
get_list(struct db *db, const struct ledger_episode_query *query, const struct list_begin *begin)
{
	struct db_statement *each = get_way_in(db, query);

	db_bind_text(each, ":kind", query->any_kind ? NULL : model_episode_kind_name(query->kind));
	db_bind_int(each, ":from",
		    query->from_utc_sec != 0 ? query->from_utc_sec : -UNBOUNDED_UTC_SEC);
	db_bind_int(each, ":before_start", begin->start_utc_sec);
	db_bind_int(each, ":before_id", begin->id);
	db_bind_int(each, ":limit", query->limit);
	return each;
}

bool
ledger_episode_each(struct ledger *ledger, const struct ledger_episode_query *query,
		    ledger_on_episode *on_episode, void *user, struct error *err)
{
	struct db_statement *each;
	struct list_begin begin;
	enum db_step step;
	bool more = true;

	if (query->limit < 1 || query->limit > 1000)
		return error_set(err, ERR_USAGE, "episodes: a limit of %u, allowed are 1 to 1000",
				 query->limit);
	if (query->asn != 0 && query->subject.kind != SUBJECT_PORT)
		return error_set(err, ERR_USAGE,
				 "episodes: those of a peer are listed of its ports");
	if (!find_begin(ledger->db, query, &begin, err))
		return error_wrap(err, "episodes");
	each = get_list(ledger->db, query, &begin);
	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct ledger_episode episode = episode_of_row(each, query->subject.kind);

		more = on_episode(&episode, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "episodes");
}
