/* quiet.c - see quiet.h. */
#include "quiet.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "declare.h"
#include "declare_request.h"
#include "ixwatch/alert.h"
#include "ixwatch/clock.h"
#include "ixwatch/units.h"
#include "quiet_parts.h"

/* A request to add, understood; texts are lent from the request, or lie in the declaration. */
struct wish {
	struct ledger_quiet quiet;
	struct declaration scope; /* its window is nothing but the scope */
};

static enum quiet_kind
kind_of(const struct json *request)
{
	const char *op = json_text(json_get(request, "op"), "");

	return strncmp(op, "silence", strlen("silence")) == 0 ? QUIET_SILENCE
							      : QUIET_ACKNOWLEDGEMENT;
}

static bool
parse_whom(const struct json *request, struct wish *wish, struct error *err)
{
	const struct json *alert = json_get(request, "alert");

	if (alert == NULL || wish->quiet.kind == QUIET_SILENCE)
		return declare_take_scope(request, &wish->scope, err);
	if (json_get(request, "scope") != NULL)
		return error_set(err, ERR_USAGE, "alert: given beside scope; allowed: one of them");
	if (!json_int(alert, &wish->quiet.alert_id) || wish->quiet.alert_id < 1)
		return error_set(err, ERR_USAGE, "\"alert\" must be an alert's id, a whole number");
	return true;
}

static bool
parse_span(const struct json *request, struct ledger_quiet *quiet, struct error *err)
{
	bool silence = quiet->kind == QUIET_SILENCE;

	quiet->start_utc_sec = quiet->created_utc_sec;
	if (silence && json_get(request, "from") != NULL &&
	    !declare_take_time(request, "from", &quiet->start_utc_sec, err))
		return false;
	if ((silence || json_get(request, "to") != NULL) &&
	    !declare_take_time(request, "to", &quiet->end_utc_sec, err))
		return false;
	if (quiet->end_utc_sec == 0)
		return true;
	if (quiet->end_utc_sec <= quiet->start_utc_sec)
		return error_set(err, ERR_USAGE, "to: is not after %s",
				 quiet->start_utc_sec == quiet->created_utc_sec ? "now" : "from");
	if (quiet->end_utc_sec <= quiet->created_utc_sec)
		return error_set(err, ERR_USAGE, "to: is over already");
	if (quiet->end_utc_sec - quiet->start_utc_sec > LEDGER_SILENCE_MAX_SEC)
		return error_set(err, ERR_USAGE, "to: allowed are up to 366 days");
	return true;
}

static bool
parse_add(const struct json *request, struct wish *wish, struct error *err)
{
	struct ledger_quiet *quiet = &wish->quiet;

	*wish = (struct wish) {
		.quiet = { .kind = kind_of(request),
			   .exchange = "",
			   .agent = "",
			   .interface = "",
			   .ended_by = "",
			   .created_utc_sec = clock_utc_sec() },
		.scope.window = { .exchange = "", .agent = "", .interface = "" },
	};
	return parse_whom(request, wish, err) && parse_span(request, quiet, err) &&
	       declare_take_text(request, "reason", DECLARE_REASON_MAX, &quiet->reason, err) &&
	       declare_take_text(request, "author", DECLARE_AUTHOR_MAX, &quiet->author, err);
}

static bool
parse_end(const struct json *request, int64_t *id, const char **who, struct error *err)
{
	if (!json_int(json_get(request, "id"), id) || *id < 1)
		return error_set(err, ERR_USAGE, "\"id\" must be a whole number");
	return declare_take_text(request, "author", DECLARE_AUTHOR_MAX, who, err);
}

bool
quiet_add_check(const struct json *request, struct error *err)
{
	struct wish wish;

	return parse_add(request, &wish, err);
}

bool
quiet_end_check(const struct json *request, struct error *err)
{
	const char *who;
	int64_t id;

	return parse_end(request, &id, &who, err);
}

/* --- done --- */

static bool
on_port_found(const struct port *port, void *user)
{
	*(int64_t *)user = port->id;
	return false;
}

static bool
find_scope(struct ledger *ledger, struct wish *wish, struct error *err)
{
	struct ledger_window *window = &wish->scope.window;
	struct ledger_quiet *quiet = &wish->quiet;

	if (quiet->alert_id != 0)
		return true; /* whether it is open, the insert asks */
	if (wish->scope.port_name != NULL &&
	    !ledger_port_find(ledger, wish->scope.port_name, on_port_found, &window->port_id, err))
		return false;
	if (!ledger_window_scope_check(ledger, window, err))
		return false;
	quiet->scope = window->scope;
	quiet->port_id = window->port_id;
	quiet->asn = window->asn;
	quiet->exchange = window->exchange;
	quiet->agent = window->agent;
	return true;
}

struct told {
	char scope[768];
};

static bool
on_added(const struct ledger_quiet *quiet, void *user)
{
	struct told *told = user;

	quiet_scope_text(told->scope, sizeof(told->scope), quiet);
	return true;
}

/* What the ledger now has: a port is named as it is called. */
static bool
audit(struct judge_house *house, const char *did, enum quiet_kind kind, int64_t id, const char *who,
      const char *words, struct error *err)
{
	struct ledger_quiet_query query = { .kind = kind, .id = id };
	struct told told = { "" };
	char detail[DECLARE_REASON_MAX + 1024];

	if (!ledger_quiet_each(house->ledger, &query, on_added, &told, err))
		return false;
	snprintf(detail, sizeof(detail), "%s %s %" PRId64 " for %s%s", did, quiet_kind_name(kind),
		 id, told.scope, words);
	return ledger_audit(house->ledger, clock_utc_sec(), who, quiet_kind_name(kind), 0, detail,
			    err);
}

bool
quiet_written(struct judge_house *house, bool done, const struct error *err)
{
	bool refused =
	    err->code == ERR_NOT_FOUND || err->code == ERR_REFUSED || err->code == ERR_USAGE;

	if (!done && !refused && house->trouble.code == ERR_NONE)
		house->trouble = *err;
	return done;
}

bool
quiet_write_add(struct judge_house *house, const struct ledger_quiet *quiet, int64_t *id,
		struct error *err)
{
	char words[DECLARE_REASON_MAX + 96], end[32] = "it is over";

	if (quiet->end_utc_sec != 0)
		units_format_utc(end, sizeof(end), quiet->end_utc_sec);
	snprintf(words, sizeof(words), ", until %s: %s", end, quiet->reason);
	return ledger_quiet_add(house->ledger, quiet, id, err) &&
	       audit(house, "added", quiet->kind, *id, quiet->author, words, err);
}

static bool
is_of_several(const struct json *request)
{
	return kind_of(request) == QUIET_ACKNOWLEDGEMENT &&
	       (json_get(request, "alerts") != NULL || json_get(request, "mail") != NULL);
}

bool
quiet_add(struct judge_house *house, const struct json *request, struct json *answer,
	  struct error *err)
{
	struct wish wish;
	int64_t id = 0;

	if (is_of_several(request))
		return quiet_acknowledge_several(house, request, answer, err);
	if (!parse_add(request, &wish, err) || !find_scope(house->ledger, &wish, err) ||
	    !judge_house_begin(house, err) ||
	    !quiet_written(house, quiet_write_add(house, &wish.quiet, &id, err), err))
		return false;
	json_put_int(answer, "id", id);
	return true;
}

bool
quiet_end(struct judge_house *house, const struct json *request, struct json *answer,
	  struct error *err)
{
	enum quiet_kind kind = kind_of(request);
	int64_t now_utc_sec = clock_utc_sec(), id;
	const char *who;

	if (!parse_end(request, &id, &who, err) || !judge_house_begin(house, err) ||
	    !quiet_written(house,
			   ledger_quiet_end(house->ledger, kind, id, now_utc_sec, who, err) &&
			       audit(house, "ended", kind, id, who, "", err),
			   err))
		return false;
	json_put_int(answer, "id", id);
	json_put_utc(answer, "until", now_utc_sec);
	return true;
}
