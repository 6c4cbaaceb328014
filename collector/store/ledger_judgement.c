/* ledger_judgement.c - where the judgement of a port or a connection stands: the detector's checkpoints, traffic days, verdicts. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "store/ledger_private.h"

/* --- checkpoints --- */

/* clang-format off */
#define CHECKPOINT_PUT(prefix, subject)									\
	"INSERT INTO " prefix "checkpoint (" subject ", judgement, until_utc_sec, state)"		\
	" VALUES (:subject, :judgement, :until, :state) ON CONFLICT (" subject ", judgement)"		\
	" DO UPDATE SET until_utc_sec = excluded.until_utc_sec, state = excluded.state"
#define CHECKPOINT_GET(prefix, subject)									\
	"SELECT until_utc_sec, state FROM " prefix "checkpoint"						\
	" WHERE " subject " = :subject AND judgement = :judgement"
/* clang-format on */

static const char *const sql_checkpoint_put[] = LEDGER_TWINS(CHECKPOINT_PUT);
static const char *const sql_checkpoint_get[] = LEDGER_TWINS(CHECKPOINT_GET);
static const char *const judged_for_names[JUDGED_FOR_COUNT] = { "pages", "reports" };

bool
ledger_checkpoint_put(struct ledger *ledger, struct subject subject, enum judged_for judged_for,
		      int64_t until_utc_sec, const void *state, size_t state_len, struct error *err)
{
	struct db_statement *put = db_get(ledger->db, sql_checkpoint_put[subject.kind]);

	db_bind_int(put, ":subject", subject.id);
	db_bind_text(put, ":judgement", judged_for_names[judged_for]);
	db_bind_int(put, ":until", until_utc_sec);
	db_bind_blob(put, ":state", state, state_len);
	return db_run(put, err) || ledger_wrap_subject(err, "checkpoint", subject);
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
ledger_checkpoint_get(struct ledger *ledger, struct subject subject, enum judged_for judged_for,
		      int64_t *until_utc_sec, void **state, size_t *state_len, struct error *err)
{
	struct db_statement *get = db_get(ledger->db, sql_checkpoint_get[subject.kind]);
	enum db_step step;
	bool done;

	*until_utc_sec = 0;
	*state = NULL;
	*state_len = 0;
	db_bind_int(get, ":subject", subject.id);
	db_bind_text(get, ":judgement", judged_for_names[judged_for]);
	step = db_step(get, err);
	done = step == DB_DONE || (step == DB_ROW && copy_state(get, state, state_len, err));
	if (done && step == DB_ROW)
		*until_utc_sec = db_int(get, 0);
	db_reset(get);
	return done || ledger_wrap_subject(err, "checkpoint", subject);
}

static const char sql_forget_reports[] =
    "DELETE FROM checkpoint WHERE port_id = :port AND judgement = 'reports'";

static const char sql_forget_connections[] =
    "DELETE FROM connection_checkpoint WHERE connection_id IN"
    " (SELECT connection_id FROM connection_member WHERE port_id = :port)";

bool
ledger_checkpoint_forget(struct ledger *ledger, int64_t port_id, struct error *err)
{
	static const char *const texts[] = { sql_forget_reports, sql_forget_connections };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct db_statement *forget = db_get(ledger->db, texts[i]);

		db_bind_int(forget, ":port", port_id);
		if (!db_run(forget, err))
			return error_wrap(err, "checkpoints of port %" PRId64, port_id);
	}
	return true;
}

/* --- traffic days --- */

/* clang-format off */
#define DAY_PUT(prefix, subject)									\
	"INSERT OR REPLACE INTO " prefix "traffic_day (" subject ", direction, profile, day,"		\
	" possible_samples, known_samples, congested_samples, live_samples, congested_minutes,"		\
	" run_minutes, state, verdict)"									\
	" VALUES (:subject, :direction, :profile, :day, :possible, :known, :congested, :live,"		\
	" :congested_minutes, :run_minutes, :state, :verdict)"
#define DAY_EACH(prefix, subject)									\
	"SELECT day, possible_samples, known_samples, congested_samples, live_samples,"			\
	" congested_minutes, run_minutes, state, verdict FROM " prefix "traffic_day"			\
	" WHERE " subject " = :subject AND direction = :direction AND profile = :profile"		\
	" AND day BETWEEN :first AND :last ORDER BY day"
/* clang-format on */

static const char *const sql_day_put[] = LEDGER_TWINS(DAY_PUT);
static const char *const sql_day_each[] = LEDGER_TWINS(DAY_EACH);

bool
ledger_day_put(struct ledger *ledger, const struct ledger_day *day, struct error *err)
{
	struct db_statement *put = db_get(ledger->db, sql_day_put[day->subject.kind]);

	ledger_bind_judgement(put, day->subject, day->direction, day->profile);
	db_bind_int(put, ":day", day->day);
	db_bind_int(put, ":possible", day->possible_samples);
	db_bind_int(put, ":known", day->known_samples);
	db_bind_int(put, ":congested", day->congested_samples);
	db_bind_int(put, ":live", day->live_samples);
	db_bind_int(put, ":congested_minutes", day->congested_minutes);
	db_bind_int(put, ":run_minutes", day->run_minutes);
	db_bind_text(put, ":state", day->state);
	db_bind_text(put, ":verdict", model_verdict_name(day->verdict));
	return db_run(put, err) || ledger_wrap_subject(err, "traffic day", day->subject);
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
ledger_day_each(struct ledger *ledger, struct subject subject, enum direction direction,
		enum profile profile, int32_t first_day, int32_t last_day, ledger_on_day *on_day,
		void *user, struct error *err)
{
	struct db_statement *each = db_get(ledger->db, sql_day_each[subject.kind]);
	struct ledger_day day = { .subject = subject, .direction = direction, .profile = profile };
	enum db_step step;
	bool more = true;

	ledger_bind_judgement(each, subject, direction, profile);
	db_bind_int(each, ":first", first_day);
	db_bind_int(each, ":last", last_day);
	while (more && (step = db_step(each, err)) == DB_ROW) {
		read_day(each, &day);
		more = on_day(&day, user);
	}
	db_reset(each);
	return step != DB_FAIL || ledger_wrap_subject(err, "traffic days", subject);
}

/* --- verdicts --- */

/* clang-format off */
#define VERDICT_ROWS(prefix, subject)									\
	"SELECT " subject ", direction, profile, verdict, since_day, stale_verdict, stale_since_day,"	\
	" reason, from_utc_sec, to_utc_sec, id FROM " prefix "verdict"
#define COLUMN_ID 10
#define IN_FORCE(prefix, subject)									\
	VERDICT_ROWS(prefix, subject) " WHERE " subject " = :subject AND direction = :direction"	\
	" AND profile = :profile AND to_utc_sec IS NULL"
#define EACH_IN_FORCE(prefix, subject)									\
	VERDICT_ROWS(prefix, subject) " WHERE to_utc_sec IS NULL"					\
	" ORDER BY " subject ", direction, profile"
#define HISTORY(prefix, subject)									\
	VERDICT_ROWS(prefix, subject) " WHERE " subject " = :subject ORDER BY id DESC"
#define CLOSE(prefix, subject)										\
	"UPDATE " prefix "verdict SET to_utc_sec = max(from_utc_sec, :at) WHERE id = :id"
#define AMEND(prefix, subject)										\
	"UPDATE " prefix "verdict SET stale_verdict = :stale, stale_since_day = :stale_since,"		\
	" reason = :reason WHERE id = :id"
#define OPEN(prefix, subject)										\
	"INSERT INTO " prefix "verdict (" subject ", direction, profile, verdict, since_day,"		\
	" stale_verdict, stale_since_day, reason, from_utc_sec)"					\
	" VALUES (:subject, :direction, :profile, :verdict, :since, :stale, :stale_since, :reason, :at)"
/* clang-format on */

static const char *const sql_in_force[] = LEDGER_TWINS(IN_FORCE);
static const char *const sql_each_in_force[] = LEDGER_TWINS(EACH_IN_FORCE);
static const char *const sql_history[] = LEDGER_TWINS(HISTORY);
static const char *const sql_close[] = LEDGER_TWINS(CLOSE);
static const char *const sql_amend[] = LEDGER_TWINS(AMEND);
static const char *const sql_open[] = LEDGER_TWINS(OPEN);

static struct ledger_verdict
verdict_of_row(const struct db_statement *row, enum subject_kind kind)
{
	return (struct ledger_verdict) {
		.subject = { kind, db_int(row, 0) },
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
	struct db_statement *open = db_get(db, sql_open[verdict->subject.kind]);

	ledger_bind_judgement(open, verdict->subject, verdict->direction, verdict->profile);
	db_bind_text(open, ":verdict", model_verdict_name(verdict->verdict));
	bind_day(open, ":since", verdict->has_since, verdict->since_day);
	bind_account(open, verdict);
	db_bind_int(open, ":at", verdict->from_utc_sec);
	return db_run(open, err);
}

static bool
verdict_turn(struct db *db, int64_t id, const struct ledger_verdict *verdict, struct error *err)
{
	struct db_statement *close = db_get(db, sql_close[verdict->subject.kind]);

	db_bind_int(close, ":id", id);
	db_bind_int(close, ":at", verdict->from_utc_sec);
	return db_run(close, err) && verdict_open(db, verdict, err);
}

static bool
verdict_amend(struct db *db, int64_t id, const struct ledger_verdict *verdict, struct error *err)
{
	struct db_statement *amend = db_get(db, sql_amend[verdict->subject.kind]);

	db_bind_int(amend, ":id", id);
	bind_account(amend, verdict);
	return db_run(amend, err);
}

static bool
verdict_put(struct db *db, const struct ledger_verdict *verdict, struct error *err)
{
	struct db_statement *find = db_get(db, sql_in_force[verdict->subject.kind]);
	bool same_judgement, same_account;
	struct ledger_verdict old;
	enum db_step step;
	int64_t id;

	ledger_bind_judgement(find, verdict->subject, verdict->direction, verdict->profile);
	step = db_step(find, err);
	if (step == DB_FAIL)
		return false;
	if (step == DB_DONE)
		return verdict_open(db, verdict, err);
	old = verdict_of_row(find, verdict->subject.kind);
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
	       ledger_wrap_subject(err, "verdict", verdict->subject);
}

static bool
each_verdict(struct db_statement *each, enum subject_kind kind, ledger_on_verdict *on_verdict,
	     void *user, struct error *err)
{
	enum db_step step;
	bool more = true;

	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct ledger_verdict verdict = verdict_of_row(each, kind);

		more = on_verdict(&verdict, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "verdicts");
}

bool
ledger_verdict_each(struct ledger *ledger, enum subject_kind kind, ledger_on_verdict *on_verdict,
		    void *user, struct error *err)
{
	return each_verdict(db_get(ledger->db, sql_each_in_force[kind]), kind, on_verdict, user,
			    err);
}

bool
ledger_verdict_history(struct ledger *ledger, struct subject subject, ledger_on_verdict *on_verdict,
		       void *user, struct error *err)
{
	struct db_statement *history = db_get(ledger->db, sql_history[subject.kind]);

	db_bind_int(history, ":subject", subject.id);
	return each_verdict(history, subject.kind, on_verdict, user, err);
}
