/* ledger_advice.c - see ixwatch/ledger_advice.h. */
#include "ixwatch/ledger_advice.h"

#include "store/ledger_private.h"

static void
bind_side(struct db_statement *statement, struct subject subject, enum direction direction)
{
	db_bind_int(statement, ":subject", subject.id);
	db_bind_text(statement, ":direction", model_direction_name(direction));
}

/* --- weeks --- */

/* clang-format off */
#define WEEK_PUT(prefix, subject) \
	"INSERT INTO " prefix "traffic_week (" subject ", direction, monday, possible_samples, known_samples," \
	" p95_bps, p95_utilisation, peak_utilisation, mean_utilisation, minutes_90, minutes_95)" \
	" VALUES (:subject, :direction, :monday, :possible, :known, :p95_bps, :p95, :peak, :mean," \
	" :minutes_90, :minutes_95)" \
	" ON CONFLICT (" subject ", direction, monday) DO UPDATE SET" \
	" possible_samples = excluded.possible_samples, known_samples = excluded.known_samples," \
	" p95_bps = excluded.p95_bps, p95_utilisation = excluded.p95_utilisation," \
	" peak_utilisation = excluded.peak_utilisation," \
	" mean_utilisation = excluded.mean_utilisation," \
	" minutes_90 = excluded.minutes_90, minutes_95 = excluded.minutes_95" \
	" WHERE (possible_samples, known_samples, minutes_90, minutes_95) IS NOT" \
	" (excluded.possible_samples, excluded.known_samples, excluded.minutes_90," \
	" excluded.minutes_95) OR p95_bps IS NOT excluded.p95_bps" \
	" OR p95_utilisation IS NOT excluded.p95_utilisation" \
	" OR peak_utilisation IS NOT excluded.peak_utilisation" \
	" OR mean_utilisation IS NOT excluded.mean_utilisation"

#define WEEK_EACH(prefix, subject) \
	"SELECT monday, possible_samples, known_samples, p95_bps, p95_utilisation, peak_utilisation," \
	" mean_utilisation, minutes_90, minutes_95 FROM " prefix "traffic_week" \
	" WHERE " subject " = :subject AND direction = :direction AND monday BETWEEN :first AND :last" \
	" ORDER BY monday"
#define WEEK_FORGET(prefix, subject) \
	"DELETE FROM " prefix "traffic_week WHERE " subject " = :subject AND monday BETWEEN :first AND :last"

static const char *const sql_week_put[] = LEDGER_TWINS(WEEK_PUT);
static const char *const sql_week_each[] = LEDGER_TWINS(WEEK_EACH);
static const char *const sql_week_forget[] = LEDGER_TWINS(WEEK_FORGET);
/* clang-format on */

bool
ledger_week_put(struct ledger *ledger, struct subject subject, enum direction direction,
		const struct advice_week *week, struct error *err)
{
	struct db_statement *put = db_get(ledger->db, sql_week_put[subject.kind]);

	bind_side(put, subject, direction);
	db_bind_int(put, ":monday", week->monday);
	db_bind_int(put, ":possible", week->possible_samples);
	db_bind_int(put, ":known", week->known_samples);
	db_bind_real(put, ":p95_bps", week->p95_bps);
	db_bind_real(put, ":p95", week->p95_utilisation);
	db_bind_real(put, ":peak", week->peak_utilisation);
	db_bind_real(put, ":mean", week->mean_utilisation);
	db_bind_int(put, ":minutes_90", week->minutes_90);
	db_bind_int(put, ":minutes_95", week->minutes_95);
	return db_run(put, err) || ledger_wrap_subject(err, "traffic week", subject);
}

bool
ledger_week_each(struct ledger *ledger, struct subject subject, enum direction direction,
		 int32_t first_monday, int32_t last_monday, ledger_on_week *on_week, void *user,
		 struct error *err)
{
	struct db_statement *each = db_get(ledger->db, sql_week_each[subject.kind]);
	enum db_step step;
	bool more = true;

	bind_side(each, subject, direction);
	db_bind_int(each, ":first", first_monday);
	db_bind_int(each, ":last", last_monday);
	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct advice_week week = {
			.monday = (int32_t)db_int(each, 0),
			.possible_samples = (uint32_t)db_int(each, 1),
			.known_samples = (uint32_t)db_int(each, 2),
			.p95_bps = db_real(each, 3),
			.p95_utilisation = db_real(each, 4),
			.peak_utilisation = db_real(each, 5),
			.mean_utilisation = db_real(each, 6),
			.minutes_90 = (uint32_t)db_int(each, 7),
			.minutes_95 = (uint32_t)db_int(each, 8),
		};

		more = on_week(&week, user);
	}
	db_reset(each);
	return step != DB_FAIL || ledger_wrap_subject(err, "traffic weeks", subject);
}

bool
ledger_week_forget(struct ledger *ledger, struct subject subject, int32_t first_monday,
		   int32_t last_monday, struct error *err)
{
	struct db_statement *forget = db_get(ledger->db, sql_week_forget[subject.kind]);

	db_bind_int(forget, ":subject", subject.id);
	db_bind_int(forget, ":first", first_monday);
	db_bind_int(forget, ":last", last_monday);
	return db_run(forget, err) || ledger_wrap_subject(err, "traffic weeks", subject);
}

/* --- advice --- */

/* clang-format off */
#define ADVICE_PUT(prefix, subject) \
	"INSERT OR REPLACE INTO " prefix "advice (" subject ", direction, made_utc_sec, basis, day," \
	" possible_samples, known_samples, capacity_bps, p95_utilisation, peak_utilisation," \
	" largest_member_bps, n1_p95_utilisation, n1_peak_utilisation, trend, trend_weeks," \
	" congested_share, growth_per_week, weeks_to_congested, p99_bps, is_enough, is_least," \
	" next_member_bps, next_member_count)" \
	" VALUES (:subject, :direction, :made, :basis, :day, :possible, :known, :capacity, :p95, :peak," \
	" :largest, :n1_p95, :n1_peak, :trend, :trend_weeks, :congested, :growth, :weeks, :p99," \
	" :enough, :least, :member, :members)"

#define ADVICE_GET(prefix, subject) \
	"SELECT made_utc_sec, basis, day, possible_samples, known_samples, capacity_bps," \
	" p95_utilisation, peak_utilisation, largest_member_bps, n1_p95_utilisation," \
	" n1_peak_utilisation, trend, trend_weeks, congested_share, growth_per_week," \
	" weeks_to_congested, p99_bps, is_enough, is_least, next_member_bps, next_member_count" \
	" FROM " prefix "advice WHERE " subject " = :subject AND direction = :direction"

#define ADVICE_FORGET(prefix, subject) \
	"DELETE FROM " prefix "advice WHERE " subject " = :subject"

static const char *const sql_advice_put[] = LEDGER_TWINS(ADVICE_PUT);
static const char *const sql_advice_get[] = LEDGER_TWINS(ADVICE_GET);
static const char *const sql_advice_forget[] = LEDGER_TWINS(ADVICE_FORGET);
/* clang-format on */

static const char sql_advice_forget_connections[] =
    "DELETE FROM connection_advice WHERE connection_id IN"
    " (SELECT connection_id FROM connection_member WHERE port_id = :subject)";

static void
bind_advice(struct db_statement *put, const struct advice *advice)
{
	db_bind_int(put, ":day", advice->day);
	db_bind_int(put, ":possible", advice->possible_samples);
	db_bind_int(put, ":known", advice->known_samples);
	db_bind_real(put, ":capacity", advice->capacity_bps);
	db_bind_real(put, ":p95", advice->p95_utilisation);
	db_bind_real(put, ":peak", advice->peak_utilisation);
	db_bind_real(put, ":largest", advice->largest_member_bps);
	db_bind_real(put, ":n1_p95", advice->n1_p95_utilisation);
	db_bind_real(put, ":n1_peak", advice->n1_peak_utilisation);
	db_bind_text(put, ":trend", advice_trend_name(advice->trend));
	db_bind_int(put, ":trend_weeks", advice->trend_weeks);
	db_bind_real(put, ":congested", advice->congested_share);
	db_bind_real(put, ":growth", advice->growth_per_week);
	db_bind_real(put, ":weeks", advice->weeks_to_congested);
	db_bind_real(put, ":p99", advice->p99_bps);
	if (advice->size_known)
		db_bind_int(put, ":enough", advice->size_is_enough);
	else
		db_bind_null(put, ":enough");
	db_bind_int(put, ":least", advice->size_is_least);
	db_bind_real(put, ":member", advice->member_bps);
	db_bind_int(put, ":members", advice->member_count);
}

static void
advice_of_row(struct ledger_advice *out, const struct db_statement *row)
{
	struct advice *advice = &out->advice;

	out->made_utc_sec = db_int(row, 0);
	out->basis = db_int(row, 1);
	*advice = (struct advice) {
		.day = (int32_t)db_int(row, 2),
		.possible_samples = (uint32_t)db_int(row, 3),
		.known_samples = (uint32_t)db_int(row, 4),
		.capacity_bps = db_real(row, 5),
		.p95_utilisation = db_real(row, 6),
		.peak_utilisation = db_real(row, 7),
		.largest_member_bps = db_real(row, 8),
		.n1_p95_utilisation = db_real(row, 9),
		.n1_peak_utilisation = db_real(row, 10),
		.trend_weeks = (uint32_t)db_int(row, 12),
		.congested_share = db_real(row, 13),
		.growth_per_week = db_real(row, 14),
		.weeks_to_congested = db_real(row, 15),
		.p99_bps = db_real(row, 16),
		.size_known = !db_is_null(row, 17),
		.size_is_enough = db_int(row, 17) != 0,
		.size_is_least = db_int(row, 18) != 0,
		.member_bps = db_real(row, 19),
		.member_count = (uint32_t)db_int(row, 20),
	};
	advice_trend_parse(db_text(row, 11), &advice->trend);
}

bool
ledger_advice_put(struct ledger *ledger, struct subject subject, enum direction direction,
		  const struct ledger_advice *advice, struct error *err)
{
	struct db_statement *put = db_get(ledger->db, sql_advice_put[subject.kind]);

	bind_side(put, subject, direction);
	db_bind_int(put, ":made", advice->made_utc_sec);
	db_bind_int(put, ":basis", advice->basis);
	bind_advice(put, &advice->advice);
	return db_run(put, err) || ledger_wrap_subject(err, "advice", subject);
}

bool
ledger_advice_get(struct ledger *ledger, struct subject subject, enum direction direction,
		  struct ledger_advice *advice, struct error *err)
{
	struct db_statement *get = db_get(ledger->db, sql_advice_get[subject.kind]);
	enum db_step step;

	advice->made_utc_sec = advice->basis = 0;
	advice_init(&advice->advice);
	bind_side(get, subject, direction);
	step = db_step(get, err);
	if (step == DB_ROW)
		advice_of_row(advice, get);
	db_reset(get);
	return step != DB_FAIL || ledger_wrap_subject(err, "advice", subject);
}

static bool
forget(struct ledger *ledger, const char *text, struct subject subject, struct error *err)
{
	struct db_statement *statement = db_get(ledger->db, text);

	db_bind_int(statement, ":subject", subject.id);
	return db_run(statement, err) || ledger_wrap_subject(err, "advice", subject);
}

bool
ledger_advice_forget(struct ledger *ledger, struct subject subject, struct error *err)
{
	bool own, done;

	if (!ledger_enter(ledger, &own, err))
		return false;
	done = forget(ledger, sql_advice_forget[subject.kind], subject, err) &&
	       (subject.kind != SUBJECT_PORT ||
		forget(ledger, sql_advice_forget_connections, subject, err));
	return ledger_leave(ledger, own, done, err);
}
