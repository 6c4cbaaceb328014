/* pipeline_move.c - a port that was re-patched, while the collector runs: see move.h.
 *
 * The old port stays among the watched ones, as one that is retired and not judged: so it is known when its interface is
 * found again, which does not bring it back.  Another peer's name there does: then it is a port of a new tenant. */
#include <stdlib.h>

#include "ixwatch/ledger_move.h"
#include "ixwatch/log.h"
#include "move.h"
#include "pipeline_internal.h"

/* --- the old port --- */

static void
set_moved(struct watched_port *port, uint32_t asn)
{
	struct pipeline *pipeline = port->pipeline;

	port->present = false;
	port->retired = port->moved = true;
	port->moved_asn = asn;
	port->lost = true; /* its judge stands nowhere: what it judged is another port's now */
	pipeline->waiting_count -= port->waiting;
	port->waiting = false;
	pipeline->declared_count -= port->declared_utc_sec != 0;
	port->declared_utc_sec = 0;
	port->look_utc_ms = 0;
}

bool
port_stays_moved(const struct watched_port *port, const struct roster_claim *claim)
{
	return port->moved && (claim->asn == 0 || claim->asn == port->moved_asn);
}

struct known_moves {
	struct pipeline *pipeline;
	pipeline_use_find *use_find;
	struct error *err;
	bool failed;
};

static bool
on_known_move(const struct ledger_move *move, const struct port *old, void *user)
{
	struct known_moves *known = user;
	struct watched_agent *agent = NULL;
	const struct roster_use *use = NULL;
	struct watched_port *port;

	if (!move->is_retired || move->done_utc_sec == 0 ||
	    !known->use_find(known->pipeline, old->exchange, old->agent, &agent, &use))
		return true;
	known->failed = !port_restore(agent, use, old, known->err);
	port = known->failed ? NULL : pipeline_port_find(known->pipeline, old->id);
	if (port != NULL)
		set_moved(port, move->asn);
	return !known->failed;
}

bool
ports_moved_restore(struct pipeline *pipeline, pipeline_use_find *use_find, struct error *err)
{
	struct known_moves known = { .pipeline = pipeline, .use_find = use_find, .err = err };

	return ledger_move_each(pipeline->house.ledger, on_known_move, &known, err) &&
	       !known.failed;
}

/* --- the move --- */

static bool
on_commit(void *user, struct error *err)
{
	return pipeline_commit(user, err);
}

struct retired {
	int64_t old_id;
	bool is_retired;
	uint32_t asn;
};

static bool
on_move(const struct ledger_move *move, const struct port *old, void *user)
{
	struct retired *retired = user;

	(void)old;
	if (move->old_id != retired->old_id)
		return true;
	retired->is_retired = move->is_retired && move->done_utc_sec != 0;
	retired->asn = move->asn;
	return false;
}

/* What the ledger says of the two now is what is watched. */
static void
take_effect(struct pipeline *pipeline, const struct move *move, struct watched_port *new)
{
	struct watched_port *old = pipeline_port_find(pipeline, move->old_id);
	struct retired retired = { .old_id = move->old_id };

	connection_members_changed(new);
	if (old != NULL) {
		connection_members_changed(old);
		if (ledger_move_each(pipeline->house.ledger, on_move, &retired, NULL) &&
		    retired.is_retired)
			set_moved(old, retired.asn);
	}
	pipeline->connections_stale = true;
	pipeline_quiets_changed(pipeline);
}

static bool
move_found(struct pipeline *pipeline, struct move *move, struct watched_port *new,
	   struct json *answer, struct error *err)
{
	struct move_place place = { .port = &new->port,
				    .exchange = new->use->exchange,
				    .agent = new->use->agent,
				    .settings = new->settings };
	bool done;

	pipeline_publish(pipeline);
	if (new->lost)
		pipeline_recall(new);
	/* Nothing else is in what is committed, or taken back, next. */
	if (!pipeline_commit(pipeline, err))
		return false;
	if (new->lost)
		return error_set(err, ERR_REFUSED,
				 "the history of %s cannot be read now; the log says why",
				 move->new_text);
	done =
	    move_run(move, &pipeline->house, new->judge, &place, on_commit, pipeline, answer, err);
	if (!done && !move->dry_run)
		new->lost = pipeline->some_lost = true; /* it may have been judged half */
	if (done && !move->dry_run)
		take_effect(pipeline, move, new);
	return done;
}

static void
show_at_once(struct watched_port *port)
{
	port->judged_utc_sec = -1;
	port->look_utc_ms = 0;
	port_advise_soon(port);
}

bool
pipeline_move(struct pipeline *pipeline, const struct json *request, struct json *answer,
	      struct error *err)
{
	struct move move = { .old_id = 0 };
	struct watched_port *new;
	bool done = false;

	if (move_read(&move, request, err) && move_find(&move, &pipeline->house, err)) {
		new = pipeline_port_find(pipeline, move.new_id);
		if (new == NULL || new->retired)
			error_set(err, ERR_REFUSED,
				  "%s is not watched; only a watched port can go on as another",
				  move.new_text);
		else if ((done = move_found(pipeline, &move, new, answer, err)) && !move.dry_run)
			show_at_once(new);
		if (!move.dry_run)
			log_info("move", "port=%lld event=%s moved_to=%lld", (long long)move.old_id,
				 done ? "moved" : "refused", (long long)move.new_id);
	}
	if (done && !move.dry_run)
		pipeline_publish(pipeline);
	move_end(&move);
	return done;
}
