/* outbox_office.c - see outbox_office.h.  Digests: outbox_gather.c. */
#include "outbox_office.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "ixwatch/outbox.h"

bool
outbox_is_active(const struct config_mail *mail)
{
	return mail->spool[0] != '\0' || mail->from[0] != '\0';
}

const char *
outbox_sender(const struct config_mail *mail)
{
	return mail->from[0] != '\0' ? mail->from : "ixwatch@localhost";
}

/* What the database refused is to be taken back with all that was written beside it. */
static bool
keep_trouble(struct judge_house *house, const struct error *err)
{
	if (err->code != ERR_REFUSED && err->code != ERR_NOT_FOUND && err->code != ERR_USAGE)
		house->trouble = *err;
	return false;
}

static bool
id_asked(const struct json *value, int64_t *id, struct error *err)
{
	return (json_int(value, id) && *id > 0) ||
	       error_set(err, ERR_USAGE, "\"id\" must be a mail's id, a whole number above 0");
}

/* --- the mailer's --- */

bool
outbox_claim(struct judge_house *house, const struct json *request, struct json *answer,
	     struct error *err)
{
	const struct json *ids = json_get(request, "ids");
	struct json *list = json_put_array(answer, "claimed");
	int64_t now = clock_utc_sec(), id;
	bool claimed;

	if (!judge_house_begin(house, err))
		return false;
	for (size_t i = 0; i < json_count(ids); i++) {
		if (!id_asked(json_at(ids, i), &id, err))
			return false;
		if (!ledger_outbox_claim(house->ledger, id, now, &claimed, err))
			return keep_trouble(house, err);
		if (claimed)
			json_put_int(list, "", id);
	}
	return true;
}

static bool
outcome_asked(const struct json *row, struct outbox_outcome *outcome, struct error *err)
{
	int64_t code = 0;

	*outcome = (struct outbox_outcome) { .reply = json_text(json_get(row, "reply"), "") };
	if (!id_asked(json_get(row, "id"), &outcome->id, err))
		return false;
	if (!outbox_state_parse(json_text(json_get(row, "state"), ""), &outcome->state) ||
	    outcome->state == OUTBOX_DROPPED || outcome->state == OUTBOX_IN_DIGEST)
		return error_set(err, ERR_USAGE, "\"state\" must be waiting, sent or failed");
	json_int(json_get(row, "code"), &code);
	outcome->code = (int)code;
	return (json_int(json_get(row, "at"), &outcome->at_utc_sec) &&
		json_int(json_get(row, "next"), &outcome->next_utc_sec)) ||
	       error_set(err, ERR_USAGE, "\"at\" and \"next\" must be Unix seconds");
}

/* A mail that was removed meanwhile has no fate to be told. */
static bool
outcome_put(struct judge_house *house, const struct outbox_outcome *outcome, struct error *err)
{
	if (outcome->state == OUTBOX_FAILED)
		log_error("mail", "event=refused mail=%" PRId64 " code=%d reply=\"%s\"",
			  outcome->id, outcome->code, outcome->reply);
	return ledger_outbox_outcome(house->ledger, outcome, err) || err->code == ERR_NOT_FOUND ||
	       keep_trouble(house, err);
}

static bool
released_put(struct judge_house *house, const struct json *ids, struct error *err)
{
	int64_t id;

	for (size_t i = 0; i < json_count(ids); i++) {
		if (!id_asked(json_at(ids, i), &id, err))
			return false;
		if (!ledger_outbox_release(house->ledger, id, err))
			return keep_trouble(house, err);
	}
	return true;
}

bool
outbox_report(struct judge_house *house, const struct json *request, struct json *answer,
	      struct error *err)
{
	const struct json *outcomes = json_get(request, "outcomes");
	struct outbox_outcome outcome;

	(void)answer;
	for (size_t i = 0; i < json_count(outcomes); i++) /* all are right, or nothing is written */
		if (!outcome_asked(json_at(outcomes, i), &outcome, err))
			return false;
	if (!judge_house_begin(house, err))
		return false;
	for (size_t i = 0; i < json_count(outcomes); i++)
		if (!outcome_asked(json_at(outcomes, i), &outcome, err) ||
		    !outcome_put(house, &outcome, err))
			return false;
	if (!released_put(house, json_get(request, "released"), err))
		return false;
	return !json_bool(json_get(request, "interrupted"), false) ||
	       ledger_outbox_interrupted(house->ledger, clock_utc_sec(), err) ||
	       keep_trouble(house, err);
}

/* --- people's --- */

static bool
audit(struct judge_house *house, const struct json *request, int64_t id, const char *done,
      struct error *err)
{
	char detail[64];

	snprintf(detail, sizeof(detail), "%s mail %" PRId64, done, id);
	return ledger_audit(house->ledger, clock_utc_sec(),
			    json_text(json_get(request, "author"), "cli"), "outbox", 0, detail,
			    err) ||
	       keep_trouble(house, err);
}

bool
outbox_retry(struct judge_house *house, const struct json *request, struct json *answer,
	     struct error *err)
{
	int64_t id;

	(void)answer;
	if (!id_asked(json_get(request, "id"), &id, err) || !judge_house_begin(house, err))
		return false;
	return (ledger_outbox_retry(house->ledger, id, clock_utc_sec(), err) ||
		keep_trouble(house, err)) &&
	       audit(house, request, id, "retried", err);
}

bool
outbox_drop(struct judge_house *house, const struct json *request, struct json *answer,
	    struct error *err)
{
	const char *author = json_text(json_get(request, "author"), "cli");
	char why[160];
	int64_t id;

	(void)answer;
	snprintf(why, sizeof(why), "dropped by %.120s", author);
	if (!id_asked(json_get(request, "id"), &id, err) || !judge_house_begin(house, err))
		return false;
	return (ledger_outbox_drop(house->ledger, id, clock_utc_sec(), why, err) ||
		keep_trouble(house, err)) &&
	       audit(house, request, id, "dropped", err);
}
