/* ledger_judgement.c - where the judgement of a port stands: the detector's checkpoints, traffic days, verdicts. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "store/ledger_private.h"

/* --- checkpoints --- */

static const char sql_checkpoint_put[] =
    "INSERT INTO checkpoint (port_id, until_utc_sec, state) VALUES (:port, :until, :state)"
    " ON CONFLICT (port_id)"
    " DO UPDATE SET until_utc_sec = excluded.until_utc_sec, state = excluded.state";

static const char sql_checkpoint_get[] =
    "SELECT until_utc_sec, state FROM checkpoint WHERE port_id = :port";

bool
ledger_checkpoint_put(struct ledger *ledger, int64_t port_id, int64_t until_utc_sec,
		      const void *state, size_t state_len, struct error *err)
{
	struct db_statement *put = db_get(ledger->db, sql_checkpoint_put);

	db_bind_int(put, ":port", port_id);
	db_bind_int(put, ":until", until_utc_sec);
	db_bind_blob(put, ":state", state, state_len);
	return db_run(put, err) || error_wrap(err, "checkpoint of port %" PRId64, port_id);
}

static bool
copy_state(const struct db_statement *row, void **state, size_t *state_len, struct error *err)
{
	const void *blob = db_blob(row, 1, state_len);

	*state = malloc(*state_len > 0 ? *state_len : 1);
	if (*state == NULL || (blob == NULL && *state_len > 0))
		return error_set(err, ERR_NOMEM, "out of memory for %zu octets", *state_len);
	if (*state_len > 0)
		memcpy(*state, blob, *state_len);
	return true;
}

bool
ledger_checkpoint_get(struct ledger *ledger, int64_t port_id, int64_t *until_utc_sec, void **state,
		      size_t *state_len, struct error *err)
{
	struct db_statement *get = db_get(ledger->db, sql_checkpoint_get);
	enum db_step step;
	bool done;

	*until_utc_sec = 0;
	*state = NULL;
	*state_len = 0;
	db_bind_int(get, ":port", port_id);
	step = db_step(get, err);
	done = step == DB_DONE || (step == DB_ROW && copy_state(get, state, state_len, err));
	if (done && step == DB_ROW)
		*until_utc_sec = db_int(get, 0);
	db_reset(get);
	return done || error_wrap(err, "checkpoint of port %" PRId64, port_id);
}

/* --- traffic days --- */

static const char sql_day_put[] =
    "INSERT OR REPLACE INTO traffic_day (port_id, direction, profile, day, possible_samples,"
    " known_samples, congested_samples, live_samples, congested_minutes, run_minutes, state,"
    " verdict)"
    " VALUES (:port, :direction, :profile, :day, :possible, :known, :congested, :live,"
    " :congested_minutes, :run_minutes, :state, :verdict)";

static const char sql_day_each[] =
    "SELECT day, possible_samples, known_samples, congested_samples, live_samples,"
    " congested_minutes, run_minutes, state, verdict FROM traffic_day"
    " WHERE port_id = :port AND direction = :direction AND profile = :profile"
    " AND day BETWEEN :first AND :last ORDER BY day";

bool
ledger_day_put(struct ledger *ledger, const struct ledger_day *day, struct error *err)
{
	struct db_statement *put = db_get(ledger->db, sql_day_put);

	ledger_bind_judgement(put, day->port_id, day->direction, day->profile);
	db_bind_int(put, ":day", day->day);
	db_bind_int(put, ":possible", day->possible_samples);
	db_bind_int(put, ":known", day->known_samples);
	db_bind_int(put, ":congested", day->congested_samples);
	db_bind_int(put, ":live", day->live_samples);
	db_bind_int(put, ":congested_minutes", day->congested_minutes);
	db_bind_int(put, ":run_minutes", day->run_minutes);
	db_bind_text(put, ":state", day->state);
	db_bind_text(put, ":verdict", model_verdict_name(day->verdict));
	return db_run(put, err) || error_wrap(err, "traffic day of port %" PRId64, day->port_id);
}

static void
read_day(const struct db_statement *row, struct ledger_day *day)
{
	day->day = (int32_t)db_int(row, 0);
	day->possible_samples = (uint32_t)db_int(row, 1);
	day->known_samples = (uint32_t)db_int(row, 2);
	day->congested_samples = (uint32_t)db_int(row, 3);
	day->live_samples = (uint32_t)db_int(row, 4);
	day->congested_minutes = (uint32_t)db_int(row, 5);
	day->run_minutes = (uint32_t)db_int(row, 6);
	day->state = db_text(row, 7);
	day->verdict = ledger_verdict_word(row, 8);
}

bool
ledger_day_each(struct ledger *ledger, int64_t port_id, enum direction direction,
		enum profile profile, int32_t first_day, int32_t last_day, ledger_on_day *on_day,
		void *user, struct error *err)
{
	struct db_statement *each = db_get(ledger->db, sql_day_each);
	struct ledger_day day = { .port_id = port_id, .direction = direction, .profile = profile };
	enum db_step step;
	bool more = true;

	ledger_bind_judgement(each, port_id, direction, profile);
	db_bind_int(each, ":first", first_day);
	db_bind_int(each, ":last", last_day);
	while (more && (step = db_step(each, err)) == DB_ROW) {
		read_day(each, &day);
		more = on_day(&day, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "traffic days of port %" PRId64, port_id);
}

/* --- verdicts --- */

/* clang-format off */
#define VERDICT_ROWS										\
	"SELECT port_id, direction, profile, verdict, since_day, stale_verdict, stale_since_day, reason,"	\
	" from_utc_sec, to_utc_sec, id FROM verdict"
/* clang-format on */
#define COLUMN_ID 10

static const char sql_in_force[] =
    VERDICT_ROWS " WHERE port_id = :port AND direction = :direction AND profile = :profile"
		 " AND to_utc_sec IS NULL";

static const char sql_each_in_force[] =
    VERDICT_ROWS " WHERE to_utc_sec IS NULL ORDER BY port_id, direction, profile";

static const char sql_history[] = VERDICT_ROWS " WHERE port_id = :port ORDER BY id DESC";

static const char sql_close[] =
    "UPDATE verdict SET to_utc_sec = max(from_utc_sec, :at) WHERE id = :id";

static const char sql_amend[] = "UPDATE verdict SET stale_verdict = :stale, stale_since_day = "
				":stale_since, reason = :reason WHERE id = :id";

static const char sql_open[] =
    "INSERT INTO verdict (port_id, direction, profile, verdict, since_day, stale_verdict,"
    " stale_since_day, reason, from_utc_sec)"
    " VALUES (:port, :direction, :profile, :verdict, :since, :stale, :stale_since, :reason,"
    " :at)";

static struct ledger_verdict
verdict_of_row(const struct db_statement *row)
{
	return (struct ledger_verdict) {
		.port_id = db_int(row, 0),
		.direction = ledger_direction(row, 1),
		.profile = ledger_profile(row, 2),
		.verdict = ledger_verdict_word(row, 3),
		.has_since = !db_is_null(row, 4),
		.since_day = (int32_t)db_int(row, 4),
		.has_stale = !db_is_null(row, 5),
		.stale_verdict = ledger_verdict_word(row, 5),
		.has_stale_since = !db_is_null(row, 6),
		.stale_since_day = (int32_t)db_int(row, 6),
		.reason = db_text(row, 7),
		.from_utc_sec = db_int(row, 8),
		.to_utc_sec = db_int(row, 9),
	};
}

static bool
is_same_day(bool has_a, int32_t a, bool has_b, int32_t b)
{
	return has_a == has_b && (!has_a || a == b);
}

/* The same judgement goes on, whatever is said about it. */
static bool
is_same_judgement(const struct ledger_verdict *a, const struct ledger_verdict *b)
{
	return a->verdict == b->verdict &&
	       is_same_day(a->has_since, a->since_day, b->has_since, b->since_day);
}

static bool
is_same_account(const struct ledger_verdict *a, const struct ledger_verdict *b)
{
	return a->has_stale == b->has_stale &&
	       (!a->has_stale || a->stale_verdict == b->stale_verdict) &&
	       is_same_day(a->has_stale_since, a->stale_since_day, b->has_stale_since,
			   b->stale_since_day) &&
	       strcmp(a->reason, b->reason) == 0;
}

static void
bind_day(struct db_statement *statement, const char *name, bool has, int32_t day)
{
	if (has)
		db_bind_int(statement, name, day);
	else
		db_bind_null(statement, name);
}

static void
bind_account(struct db_statement *statement, const struct ledger_verdict *verdict)
{
	db_bind_text(statement, ":stale",
		     verdict->has_stale ? model_verdict_name(verdict->stale_verdict) : NULL);
	bind_day(statement, ":stale_since", verdict->has_stale_since, verdict->stale_since_day);
	db_bind_text(statement, ":reason", verdict->reason);
}

static bool
verdict_open(struct db *db, const struct ledger_verdict *verdict, struct error *err)
{
	struct db_statement *open = db_get(db, sql_open);

	ledger_bind_judgement(open, verdict->port_id, verdict->direction, verdict->profile);
	db_bind_text(open, ":verdict", model_verdict_name(verdict->verdict));
	bind_day(open, ":since", verdict->has_since, verdict->since_day);
	bind_account(open, verdict);
	db_bind_int(open, ":at", verdict->from_utc_sec);
	return db_run(open, err);
}

static bool
verdict_turn(struct db *db, int64_t id, const struct ledger_verdict *verdict, struct error *err)
{
	struct db_statement *close = db_get(db, sql_close);

	db_bind_int(close, ":id", id);
	db_bind_int(close, ":at", verdict->from_utc_sec);
	return db_run(close, err) && verdict_open(db, verdict, err);
}

static bool
verdict_amend(struct db *db, int64_t id, const struct ledger_verdict *verdict, struct error *err)
{
	struct db_statement *amend = db_get(db, sql_amend);

	db_bind_int(amend, ":id", id);
	bind_account(amend, verdict);
	return db_run(amend, err);
}

static bool
verdict_put(struct db *db, const struct ledger_verdict *verdict, struct error *err)
{
	struct db_statement *find = db_get(db, sql_in_force);
	bool same_judgement, same_account;
	struct ledger_verdict old;
	enum db_step step;
	int64_t id;

	ledger_bind_judgement(find, verdict->port_id, verdict->direction, verdict->profile);
	step = db_step(find, err);
	if (step == DB_FAIL)
		return false;
	if (step == DB_DONE)
		return verdict_open(db, verdict, err);
	old = verdict_of_row(find);
	same_judgement = is_same_judgement(&old, verdict);
	same_account = is_same_account(&old, verdict);
	id = db_int(find, COLUMN_ID);
	db_reset(find);
	if (!same_judgement)
		return verdict_turn(db, id, verdict, err);
	return same_account || verdict_amend(db, id, verdict, err);
}

bool
ledger_verdict_put(struct ledger *ledger, const struct ledger_verdict *verdict, struct error *err)
{
	bool own;

	return (ledger_enter(ledger, &own, err) &&
		ledger_leave(ledger, own, verdict_put(ledger->db, verdict, err), err)) ||
	       error_wrap(err, "verdict on port %" PRId64, verdict->port_id);
}

static bool
each_verdict(struct db_statement *each, ledger_on_verdict *on_verdict, void *user,
	     struct error *err)
{
	enum db_step step;
	bool more = true;

	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct ledger_verdict verdict = verdict_of_row(each);

		more = on_verdict(&verdict, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "verdicts");
}

bool
ledger_verdict_each(struct ledger *ledger, ledger_on_verdict *on_verdict, void *user,
		    struct error *err)
{
	return each_verdict(db_get(ledger->db, sql_each_in_force), on_verdict, user, err);
}

bool
ledger_verdict_history(struct ledger *ledger, int64_t port_id, ledger_on_verdict *on_verdict,
		       void *user, struct error *err)
{
	struct db_statement *history = db_get(ledger->db, sql_history);

	db_bind_int(history, ":port", port_id);
	return each_verdict(history, on_verdict, user, err);
}
