/* declare.c - see declare.h. */
#include "declare.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "declare_request.h"
#include "ixwatch/clock.h"
#include "ixwatch/units.h"

/* --- which ports it concerns --- */

struct port_ids {
	int64_t *id;
	size_t count, size;
	bool failed;
};

static bool
on_port_id(int64_t port_id, void *user)
{
	struct port_ids *ids = user;

	if (ids->count == ids->size) {
		size_t size = ids->size == 0 ? 64 : ids->size * 2;
		int64_t *grown = realloc(ids->id, size * sizeof(*grown));

		if (grown == NULL) {
			ids->failed = true;
			return false;
		}
		ids->id = grown;
		ids->size = size;
	}
	ids->id[ids->count++] = port_id;
	return true;
}

static bool
gather(struct judge_house *house, int64_t window_id, struct port_ids *ids, struct error *err)
{
	if (!ledger_window_ports(house->ledger, window_id, on_port_id, ids, err))
		return false;
	return !ids->failed || error_set(err, ERR_NOMEM, "ports of a window: out of memory");
}

static int
compare_ids(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Each once, also when two windows concern it. */
static void
tell(struct port_ids *ids, int64_t from_utc_sec, declare_on_port *on_port, void *user)
{
	if (ids->count > 0)
		qsort(ids->id, ids->count, sizeof(*ids->id), compare_ids);
	for (size_t i = 0; i < ids->count; i++)
		if (i == 0 || ids->id[i] != ids->id[i - 1])
			on_port(ids->id[i], from_utc_sec, user);
}

/* --- doing --- */

/* What is kept of a window when its row has gone by. */
struct held {
	bool found;
	int64_t id, start_utc_sec, end_utc_sec, until_utc_sec;
	char scope[768];
};

static bool
on_held(const struct ledger_window *window, void *user)
{
	struct held *held = user;

	held->found = true;
	held->id = window->id;
	held->start_utc_sec = window->start_utc_sec;
	held->end_utc_sec = window->end_utc_sec;
	held->until_utc_sec = window->until_utc_sec;
	window_scope_text(held->scope, sizeof(held->scope), window);
	return true;
}

static bool
hold(struct judge_house *house, int64_t id, struct held *held, struct error *err)
{
	struct ledger_window_query query = { .id = id, .withdrawn_too = true };

	held->found = false;
	return ledger_window_each(house->ledger, &query, on_held, held, err);
}

/* The newest window of that calendar entry and scope; older ones were replaced. */
struct known {
	const struct ledger_window *wanted;
	struct held newest;
};

static bool
is_same_scope(const struct ledger_window *a, const struct ledger_window *b)
{
	if (a->scope != b->scope || a->port_id != b->port_id || a->asn != b->asn)
		return false;
	return a->scope == WINDOW_PORT ||
	       (strcmp(a->exchange, b->exchange) == 0 && strcmp(a->agent, b->agent) == 0);
}

static bool
on_known(const struct ledger_window *window, void *user)
{
	struct known *known = user;

	if (is_same_scope(window, known->wanted) && window->id > known->newest.id)
		on_held(window, &known->newest);
	return true;
}

static bool
on_port_found(const struct port *port, void *user)
{
	*(int64_t *)user = port->id;
	return false;
}

static bool
audit(struct judge_house *house, const char *what, const struct held *window, const char *who,
      const char *words, struct error *err)
{
	char from[32], to[32], detail[1600];

	snprintf(detail, sizeof(detail), "%s window %" PRId64 " for %s, %s to %s%s", what,
		 window->id, window->scope,
		 units_format_utc(from, sizeof(from), window->start_utc_sec),
		 units_format_utc(to, sizeof(to), window->until_utc_sec), words);
	return ledger_audit(house->ledger, clock_utc_sec(), who, "declare", 0, detail, err);
}

static bool
write_end(struct judge_house *house, struct held *window, int64_t until_utc_sec, const char *who,
	  struct port_ids *ids, struct error *err)
{
	bool withdrawn = until_utc_sec <= window->start_utc_sec;

	/* Asked first: a withdrawn window applies to the same ports, whatever it was. */
	if (!gather(house, window->id, ids, err) ||
	    !ledger_window_end(house->ledger, window->id, until_utc_sec, clock_utc_sec(), who, err))
		return false;
	if (!withdrawn)
		window->until_utc_sec = until_utc_sec;
	return audit(house, withdrawn ? "withdrew" : "ended", window, who, "", err);
}

static bool
write_add(struct judge_house *house, const struct ledger_window *window, int64_t *id,
	  struct port_ids *ids, struct error *err)
{
	char words[DECLARE_REASON_MAX + 64];
	struct held held;

	snprintf(words, sizeof(words), ", %s: %s", window->cause, window->reason);
	return ledger_window_add(house->ledger, window, id, err) && hold(house, *id, &held, err) &&
	       gather(house, *id, ids, err) &&
	       audit(house, "declared", &held, window->author, words, err);
}

/* A write that failed must not be followed by a commit of half of it; a refusal wrote nothing. */
static bool
written(struct judge_house *house, bool done, const struct error *err)
{
	bool refused = err->code == ERR_NOT_FOUND || err->code == ERR_REFUSED;

	if (!done && !refused && house->trouble.code == ERR_NONE)
		house->trouble = *err;
	return done;
}

/* --- adding --- */

static bool
find_scope(struct ledger *ledger, struct declaration *declaration, struct error *err)
{
	if (declaration->port_name != NULL &&
	    !ledger_port_find(ledger, declaration->port_name, on_port_found,
			      &declaration->window.port_id, err))
		return false;
	return ledger_window_scope_check(ledger, &declaration->window, err);
}

static bool
find_known(struct ledger *ledger, const struct ledger_window *window, struct held *newest,
	   struct error *err)
{
	struct ledger_window_query query = { .uid = window->uid, .withdrawn_too = true };
	struct known known = { .wanted = window };

	if (window->uid != NULL && !ledger_window_each(ledger, &query, on_known, &known, err))
		return false;
	*newest = known.newest;
	return true;
}

static void
answer_add(struct json *answer, int64_t id, const char *outcome, const struct held *replaced)
{
	json_put_int(answer, "id", id);
	json_put_text(answer, "outcome", outcome);
	if (replaced != NULL)
		json_put_int(answer, "replaced", replaced->id);
}

/* The new one first: should its scope be refused, nothing is written. */
static bool
add(struct judge_house *house, const struct ledger_window *window, struct held *old,
    struct json *answer, struct port_ids *ids, struct error *err)
{
	int64_t id;

	if (!write_add(house, window, &id, ids, err))
		return false;
	if (old->found && old->until_utc_sec > old->start_utc_sec &&
	    !write_end(house, old, old->start_utc_sec, window->author, ids, err))
		return false;
	answer_add(answer, id, old->found ? "replaced" : "added", old->found ? old : NULL);
	return true;
}

/* Understood, its scope found, and the window it would take the place of. */
static bool
prepare(struct ledger *ledger, const struct json *request, struct declaration *declaration,
	struct held *old, struct error *err)
{
	return declare_parse_add(request, declaration, err) &&
	       find_scope(ledger, declaration, err) &&
	       find_known(ledger, &declaration->window, old, err);
}

static bool
is_known(const struct held *old, const struct ledger_window *window)
{
	return old->found && old->start_utc_sec == window->start_utc_sec &&
	       old->end_utc_sec == window->end_utc_sec;
}

bool
declare_add_foresee(struct ledger *ledger, const struct json *request, const char **outcome,
		    struct error *err)
{
	struct declaration declaration;
	struct held old;

	if (!prepare(ledger, request, &declaration, &old, err))
		return false;
	*outcome = is_known(&old, &declaration.window) ? "known" : old.found ? "replaced" : "added";
	return true;
}

bool
declare_add(struct judge_house *house, const struct json *request, struct json *answer,
	    declare_on_port *on_port, void *user, struct error *err)
{
	struct declaration declaration;
	struct ledger_window *window = &declaration.window;
	struct port_ids ids = { 0 };
	struct held old;
	bool done;

	if (!prepare(house->ledger, request, &declaration, &old, err))
		return false;
	if (is_known(&old, window)) {
		answer_add(answer, old.id, "known", NULL);
		return true;
	}
	window->created_utc_sec = clock_utc_sec();
	done = judge_house_begin(house, err) &&
	       written(house, add(house, window, &old, answer, &ids, err), err);
	if (done)
		tell(&ids,
		     old.found && old.start_utc_sec < window->start_utc_sec ? old.start_utc_sec
									    : window->start_utc_sec,
		     on_port, user);
	free(ids.id);
	return done;
}

/* --- ending --- */

static bool
end(struct judge_house *house, const struct ending *ending, struct held *window,
    struct port_ids *ids, struct error *err)
{
	if (!hold(house, ending->id, window, err))
		return false;
	if (!window->found)
		return error_set(err, ERR_NOT_FOUND, "no window %" PRId64 " in the ledger",
				 ending->id);
	return write_end(house, window, ending->until_utc_sec, ending->who, ids, err);
}

bool
declare_end(struct judge_house *house, const struct json *request, struct json *answer,
	    declare_on_port *on_port, void *user, struct error *err)
{
	struct port_ids ids = { 0 };
	struct ending ending;
	struct held window;
	bool done;

	if (!declare_parse_end(request, &ending, err))
		return false;
	done = judge_house_begin(house, err) &&
	       written(house, end(house, &ending, &window, &ids, err), err);
	if (done) {
		bool withdrawn = ending.until_utc_sec <= window.start_utc_sec;

		json_put_int(answer, "id", ending.id);
		json_put_utc(answer, "until",
			     withdrawn ? window.start_utc_sec : ending.until_utc_sec);
		json_put_bool(answer, "withdrawn", withdrawn);
		tell(&ids, withdrawn ? window.start_utc_sec : ending.until_utc_sec, on_port, user);
	}
	free(ids.id);
	return done;
}
