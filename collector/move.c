/* move.c - see move.h. */
#include "move.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/ledger_move.h"
#include "ixwatch/log.h"
#include "ixwatch/units.h"

#define EARLIEST_UTC_SEC INT64_C(946684800) /* 2000-01-01: before it a time is a slip of the pen */

/* --- the request --- */

/* One line of clean text. */
static bool
take_text(const struct json *request, const char *key, size_t max, const char **out,
	  struct error *err)
{
	const char *text = json_text(json_get(request, key), "");
	size_t len = strlen(text);
	char clean[MOVE_REASON_MAX + 8];

	if (len > max)
		return error_set(err, ERR_USAGE, "%s: %zu octets, allowed are up to %zu", key, len,
				 max);
	if (strcmp(units_clean_text(clean, sizeof(clean), text, len), text) != 0)
		return error_set(err, ERR_USAGE,
				 "%s: has control characters or is no UTF-8; allowed is one line "
				 "of plain text",
				 key);
	*out = text;
	return true;
}

static bool
take_time(const struct json *request, int64_t *utc_sec, struct error *err)
{
	const struct json *value = json_get(request, "at");
	const char *text = json_text(value, "");
	char now[32];

	if (!json_int(value, utc_sec) && !units_parse_utc(text, utc_sec))
		return error_set(err, ERR_USAGE,
				 "at \"%.40s\": not a time; allowed: RFC 3339 "
				 "(\"2026-11-23T06:00:00Z\") or Unix seconds",
				 text);
	if (*utc_sec < EARLIEST_UTC_SEC)
		return error_set(err, ERR_USAGE, "at: allowed are times from 2000 on");
	if (*utc_sec > clock_utc_sec())
		return error_set(
		    err, ERR_USAGE,
		    "at: lies in the future; a port is moved when it was re-patched, now it is %s",
		    units_format_utc(now, sizeof(now), clock_utc_sec()));
	return true;
}

bool
move_read(struct move *move, const struct json *request, struct error *err)
{
	move->old_name = json_text(json_get(request, "old"), "");
	move->new_name = json_text(json_get(request, "new"), "");
	move->dry_run = json_bool(json_get(request, "dry_run"), false);
	if (move->old_name[0] == '\0' || move->new_name[0] == '\0')
		return error_set(err, ERR_USAGE,
				 "\"old\" and \"new\" must each name a port, by its id or as "
				 "exchange/agent/ifName");
	return take_time(request, &move->at_utc_sec, err) &&
	       take_text(request, "author", MOVE_AUTHOR_MAX, &move->author, err) &&
	       (move->author[0] != '\0' ||
		error_set(err, ERR_USAGE, "author: is empty; a move says who says so")) &&
	       take_text(request, "reason", MOVE_REASON_MAX, &move->reason, err);
}

void
move_end(struct move *move)
{
	free(move->old_path);
	free(move->new_path);
	free(move->old_text);
	free(move->new_text);
	*move = (struct move) { .old_id = 0 };
}

/* --- the ports --- */

struct found {
	int64_t id;
	char *path, *text;
};

static bool
on_port(const struct port *port, void *user)
{
	struct found *found = user;

	found->id = port->id;
	found->path = strdup(port->path);
	if (asprintf(&found->text, "%s/%s/%s", port->exchange, port->agent, port->interface) < 0)
		found->text = NULL;
	return false;
}

static bool
port_find(struct ledger *ledger, const char *name, int64_t *id, char **path, char **text,
	  struct error *err)
{
	struct found found = { .id = 0 };

	if (!ledger_port_find(ledger, name, on_port, &found, err))
		return false;
	*id = found.id;
	*path = found.path;
	*text = found.text;
	return (found.path != NULL && found.text != NULL) ||
	       error_set(err, ERR_NOMEM, "port: out of memory");
}

static struct ledger_move
note_of(const struct move *move)
{
	return (struct ledger_move) { .old_id = move->old_id,
				      .new_id = move->new_id,
				      .at_utc_sec = move->at_utc_sec,
				      .actor = move->author,
				      .reason = move->reason,
				      .moved_utc_sec = clock_utc_sec() };
}

bool
move_find(struct move *move, struct judge_house *house, struct error *err)
{
	struct ledger_move note;

	if (!port_find(house->ledger, move->old_name, &move->old_id, &move->old_path,
		       &move->old_text, err) ||
	    !port_find(house->ledger, move->new_name, &move->new_id, &move->new_path,
		       &move->new_text, err))
		return false;
	move->at_utc_sec -= move->at_utc_sec % house->config->interval_sec;
	note = note_of(move);
	return ledger_move_check(house->ledger, &note, err);
}

/* --- what comes of it --- */

static bool
refuse_hidden(const struct move *move, const struct series_joined *joined, struct error *err)
{
	char from[32], at[32];

	return joined->hidden_count == 0 ||
	       error_set(err, ERR_REFUSED,
			 "%s carried traffic itself before %s: %zu samples from %s on would be "
			 "hidden, and nothing is thrown away; give the instant of the move as it "
			 "was, or an earlier one",
			 move->new_text, units_format_utc(at, sizeof(at), move->at_utc_sec),
			 joined->hidden_count,
			 units_format_utc(from, sizeof(from), joined->hidden_utc_sec));
}

static void
answer_fill(struct json *answer, const struct move *move, const struct series_joined *joined,
	    struct judge *judge)
{
	static const char *const keys[DIRECTION_COUNT] = {
		[DIRECTION_IN] = "in", [DIRECTION_OUT] = "out"
	};
	struct json *verdicts;

	json_put_int(answer, "old", move->old_id);
	json_put_int(answer, "new", move->new_id);
	json_put_utc(answer, "at", move->at_utc_sec);
	json_put_bool(answer, "dry_run", move->dry_run);
	json_put_int(answer, "samples", (int64_t)joined->carried_count);
	json_put_utc(answer, "from", joined->first_utc_sec);
	json_put_utc(answer, "to", joined->last_utc_sec);
	json_put_int(answer, "days",
		     (joined->last_utc_sec - joined->first_utc_sec + 86399) / 86400);
	verdicts = json_put_object(answer, "verdicts");
	for (int d = 0; d < DIRECTION_COUNT; d++) {
		struct detector_standing standing;

		detector_standing_get(judge_detector(judge), (enum direction)d, &standing);
		json_put_text(verdicts, keys[d], model_verdict_name(standing.verdict));
	}
}

/* In the log of both ports. */
static bool
audit(struct ledger *ledger, const struct move *move, const struct series_joined *joined,
      struct error *err)
{
	char at[32], from[32], to[32], detail[MOVE_REASON_MAX + 1024];
	int64_t now_utc_sec = clock_utc_sec();

	snprintf(detail, sizeof(detail),
		 "port %" PRId64 " (%.200s) goes on as port %" PRId64 " (%.200s) from %s on; %zu "
		 "samples, %s to %s; judged anew%s%s",
		 move->old_id, move->old_text, move->new_id, move->new_text,
		 units_format_utc(at, sizeof(at), move->at_utc_sec), joined->carried_count,
		 units_format_utc(from, sizeof(from), joined->first_utc_sec),
		 units_format_utc(to, sizeof(to), joined->last_utc_sec),
		 move->reason[0] != '\0' ? "; " : "", move->reason);
	return ledger_audit(ledger, now_utc_sec, move->author, "port move", move->old_id, detail,
			    err) &&
	       ledger_audit(ledger, now_utc_sec, move->author, "port move", move->new_id, detail,
			    err);
}

/* --- a move that is only foreseen --- */

/* A judge of its own, over the joined series where it lies aside and the ledger as it would be. */
static bool
foresee_judged(const struct move *move, struct judge_house *aside, const struct move_place *place,
	       const struct series_joined *joined, struct json *answer, struct error *err)
{
	struct ledger_move note = note_of(move);
	struct judge *judge = NULL;
	bool done = ledger_move_put(aside->ledger, &note, err) &&
		    ledger_move_done(aside->ledger, move->old_id, clock_utc_sec(), err) &&
		    judge_new(&judge, aside, JUDGED_FOR_PAGES, place->port, place->exchange,
			      place->agent, place->settings, err) &&
		    judge_anew(judge, err);

	if (done)
		answer_fill(answer, move, joined, judge);
	judge_free(judge);
	return done;
}

/* Really done, but in a transaction that is taken back, and a file that is thrown away. */
static bool
foresee(const struct move *move, struct judge_house *house, const struct move_place *place,
	struct json *answer, struct error *err)
{
	struct config config = *house->config;
	struct judge_house aside;
	struct series_joined joined;
	char folder[4096];
	bool done;

	if (snprintf(folder, sizeof(folder), "%s/" SERIES_FORESEEN, config.state_dir) >=
	    (int)sizeof(folder))
		return error_set(err, ERR_IO, "state-dir: too long a name");
	config.state_dir = folder;
	done = series_join_make(house->series, move->old_path, move->new_path, move->at_utc_sec,
				folder, &joined, err) &&
	       refuse_hidden(move, &joined, err) && judge_house_begin(house, err);
	if (done) {
		aside = *house;
		aside.config = &config;
		aside.settings = NULL;
		done = foresee_judged(move, &aside, place, &joined, answer, err);
		judge_house_end(&aside);
		judge_house_abandon(house);
	}
	series_join_drop(house->series, move->new_path, folder);
	return done;
}

/* --- a move --- */

static bool
note(const struct move *move, struct judge_house *house, move_commit *commit, void *user,
     struct error *err)
{
	struct ledger_move noted = note_of(move);

	if (!judge_house_begin(house, err))
		return false;
	if (ledger_move_put(house->ledger, &noted, err))
		return commit(user, err);
	judge_house_abandon(house);
	return false;
}

/* The series could not be joined after all: then nothing was. */
static void
withdraw(const struct move *move, struct judge_house *house, move_commit *commit, void *user)
{
	struct error err = { 0 };

	if (!judge_house_begin(house, &err) ||
	    !ledger_move_withdraw(house->ledger, move->old_id, &err) || !commit(user, &err))
		log_error("move", "port=%lld event=not-withdrawn reason=\"%s\"",
			  (long long)move->old_id, err.text);
}

static bool
record(const struct move *move, struct judge_house *house, const struct series_joined *joined,
       struct error *err)
{
	return judge_house_begin(house, err) &&
	       ledger_move_done(house->ledger, move->old_id, clock_utc_sec(), err) &&
	       audit(house->ledger, move, joined, err);
}

/* What is written half is taken back; the move stays noted, and is completed when the stores are opened next. */
static bool
finish(const struct move *move, struct judge_house *house, struct judge *judge,
       const struct move_place *place, const struct series_joined *joined, move_commit *commit,
       void *user, struct error *err)
{
	if (record(move, house, joined, err) && judge_handover(judge, place->port, err))
		return commit(user, err);
	judge_house_abandon(house);
	return error_wrap(err, "the move is noted, and completed with the next start");
}

bool
move_run(struct move *move, struct judge_house *house, struct judge *judge,
	 const struct move_place *place, move_commit *commit, void *user, struct json *answer,
	 struct error *err)
{
	struct series_joined joined;

	if (move->dry_run)
		return foresee(move, house, place, answer, err);
	if (!series_join_make(house->series, move->old_path, move->new_path, move->at_utc_sec, NULL,
			      &joined, err))
		return false;
	if (!refuse_hidden(move, &joined, err) || !note(move, house, commit, user, err)) {
		series_join_drop(house->series, move->new_path, NULL);
		return false;
	}
	if (!series_join_adopt(house->series, move->new_path, err)) {
		series_join_drop(house->series, move->new_path, NULL);
		withdraw(move, house, commit, user);
		return false;
	}
	if (!finish(move, house, judge, place, &joined, commit, user, err))
		return false;
	answer_fill(answer, move, &joined, judge);
	return true;
}

/* --- what a crash cut short --- */

struct cut_short {
	struct move *moves;
	size_t count;
	bool failed;
};

static bool
on_move(const struct ledger_move *noted, const struct port *old, void *user)
{
	struct cut_short *found = user;
	struct move *grown;

	(void)old;
	if (noted->done_utc_sec != 0)
		return true;
	grown = realloc(found->moves, (found->count + 1) * sizeof(*grown));
	if (grown != NULL)
		found->moves = grown;
	found->failed = grown == NULL;
	if (found->failed)
		return false;
	grown[found->count++] = (struct move) { .old_id = noted->old_id,
						.new_id = noted->new_id,
						.at_utc_sec = noted->at_utc_sec,
						.author = strdup(noted->actor),
						.reason = strdup(noted->reason) };
	return true;
}

static bool
complete(struct move *move, struct judge_house *house, struct error *err)
{
	struct series_joined joined;
	char old_name[32], new_name[32];

	snprintf(old_name, sizeof(old_name), "%" PRId64, move->old_id);
	snprintf(new_name, sizeof(new_name), "%" PRId64, move->new_id);
	/* The interval may have been changed since: what was on its grid then is brought to the one of now. */
	return port_find(house->ledger, old_name, &move->old_id, &move->old_path, &move->old_text,
			 err) &&
	       port_find(house->ledger, new_name, &move->new_id, &move->new_path, &move->new_text,
			 err) &&
	       series_join_make(house->series, move->old_path, move->new_path,
				move->at_utc_sec - move->at_utc_sec % house->config->interval_sec,
				NULL, &joined, err) &&
	       series_join_adopt(house->series, move->new_path, err) &&
	       record(move, house, &joined, err) && judge_house_commit(house, err);
}

void
moves_complete(struct judge_house *house)
{
	struct cut_short found = { .count = 0 };
	struct error err = { 0 };

	if (!ledger_move_each(house->ledger, on_move, &found, &err) || found.failed)
		log_error("move", "event=unread reason=\"%s\"",
			  found.failed ? "out of memory" : err.text);
	for (size_t i = 0; i < found.count; i++) {
		struct move *move = &found.moves[i];
		char *author = (char *)(uintptr_t)move->author,
		     *reason = (char *)(uintptr_t)move->reason;

		if (author != NULL && reason != NULL && complete(move, house, &err)) {
			log_info("move", "port=%lld event=completed moved_to=%lld",
				 (long long)move->old_id, (long long)move->new_id);
		} else {
			judge_house_abandon(house);
			log_error("move", "port=%lld event=not-completed reason=\"%s\"",
				  (long long)move->old_id, err.text);
		}
		move_end(move);
		free(author);
		free(reason);
	}
	free(found.moves);
}
