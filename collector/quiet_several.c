/* quiet_several.c - several alerts acknowledged at once, each at most once: those named, or those that a mail told.  See
 * quiet.h for the request. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "declare.h"
#include "declare_request.h"
#include "ixwatch/alert.h"
#include "ixwatch/clock.h"
#include "quiet_parts.h"

/* --- which --- */

struct several {
	const char *recipient; /* of the mail */
	int64_t *ids;
	size_t count, size;
	bool is_full; /* memory ran out */
};

static void
several_add(struct several *several, int64_t id)
{
	size_t size = several->size == 0 ? 64 : several->size * 2;
	int64_t *grown = several->ids;

	if (several->count == several->size) {
		grown = realloc(several->ids, size * sizeof(*grown));
		several->is_full |= grown == NULL;
		if (grown == NULL)
			return;
		several->ids = grown;
		several->size = size;
	}
	grown[several->count++] = id;
}

static bool
on_told(const struct ledger_told *told, void *user)
{
	struct several *several = user;

	if (told->what != TOLD_RECOVERY && strcmp(told->recipient, several->recipient) == 0)
		several_add(several, told->alert_id);
	return !several->is_full;
}

static bool
has_id(const struct several *several, int64_t id)
{
	for (size_t i = 0; i < several->count; i++)
		if (several->ids[i] == id)
			return true;
	return false;
}

static bool
take_named(struct several *out, const struct json *list, const struct several *of_mail,
	   struct error *err)
{
	int64_t id;

	for (size_t i = 0; i < json_count(list); i++) {
		if (!json_int(json_at(list, i), &id) || id < 1)
			return error_set(err, ERR_USAGE,
					 "\"alerts\" must be ids of alerts, whole numbers");
		if (of_mail != NULL && !has_id(of_mail, id))
			return error_set(err, ERR_USAGE, "alert %" PRId64 " is none of that mail's",
					 id);
		if (!has_id(out, id))
			several_add(out, id);
	}
	return true;
}

static bool
take_several(struct several *out, struct several *of_mail, struct ledger *ledger,
	     const struct json *request, struct error *err)
{
	const struct json *named = json_get(request, "alerts"), *mail = json_get(request, "mail");
	int64_t mail_id;

	of_mail->recipient = json_text(json_get(request, "recipient"), "");
	if (mail == NULL)
		return take_named(out, named, NULL, err);
	if (!json_int(mail, &mail_id) || mail_id < 1)
		return error_set(err, ERR_USAGE, "\"mail\" must be a mail's id, a whole number");
	if (!ledger_told_each_of_mail(ledger, mail_id, on_told, of_mail, err))
		return false;
	if (of_mail->count == 0)
		return error_set(err, ERR_NOT_FOUND,
				 "no mail %" PRId64 " told that recipient of "
				 "an alert, or it is not kept any more",
				 mail_id);
	if (named != NULL)
		return take_named(out, named, of_mail, err);
	*out = *of_mail; /* its ids are freed there */
	of_mail->ids = NULL;
	return true;
}

/* --- one of them --- */

/* How an alert stands to an acknowledgement. */
struct stand {
	struct ledger *ledger;
	int64_t now_utc_sec;
	bool is_open, is_acknowledged, is_read;
	struct error *err;
	const struct ledger_alert *alert; /* while it is looked at */
};

/* One with an end is no reason not to say it for good. */
static bool
on_quiet(const struct ledger_quiet *quiet, void *user)
{
	struct stand *stand = user;
	const struct ledger_alert *alert = stand->alert;

	stand->is_acknowledged =
	    quiet->until_utc_sec == 0 && quiet_fits(quiet, &alert->subject, alert->id,
						    alert->noticed_utc_sec, stand->now_utc_sec);
	return !stand->is_acknowledged;
}

static bool
on_alert(const struct ledger_alert *alert, void *user)
{
	struct ledger_quiet_query query = { .kind = QUIET_ACKNOWLEDGEMENT };
	struct stand *stand = user;

	stand->is_open = alert->ended_utc_sec == 0;
	stand->alert = alert;
	query.after_utc_sec = stand->now_utc_sec;
	stand->is_read = !stand->is_open ||
			 ledger_quiet_each(stand->ledger, &query, on_quiet, stand, stand->err);
	return false;
}

struct several_counts {
	int64_t acknowledged, before, over;
};

static bool
acknowledge_one(struct judge_house *house, struct ledger_quiet *quiet, int64_t alert_id,
		struct several_counts *counts, struct error *err)
{
	struct stand stand = { .ledger = house->ledger,
			       .now_utc_sec = quiet->created_utc_sec,
			       .is_read = true,
			       .err = err };
	struct ledger_alert_query query = { .id = alert_id };
	int64_t id;

	if (!ledger_alert_each(house->ledger, &query, on_alert, &stand, err) || !stand.is_read)
		return false;
	if (!stand.is_open)
		counts->over++;
	else if (stand.is_acknowledged)
		counts->before++;
	else {
		quiet->alert_id = alert_id;
		counts->acknowledged++;
		return quiet_write_add(house, quiet, &id, err);
	}
	return true;
}

/* --- all of them --- */

static bool
acknowledge_all(struct judge_house *house, const struct json *request,
		const struct several *several, struct several_counts *counts, struct error *err)
{
	struct ledger_quiet quiet = { .kind = QUIET_ACKNOWLEDGEMENT,
				      .exchange = "",
				      .agent = "",
				      .interface = "",
				      .ended_by = "",
				      .created_utc_sec = clock_utc_sec() };

	quiet.start_utc_sec = quiet.created_utc_sec;
	if (several->is_full)
		return error_set(err, ERR_NOMEM, "acknowledge: out of memory");
	if (several->count == 0)
		return error_set(err, ERR_USAGE, "\"alerts\" names none");
	if (!declare_take_text(request, "reason", DECLARE_REASON_MAX, &quiet.reason, err) ||
	    !declare_take_text(request, "author", DECLARE_AUTHOR_MAX, &quiet.author, err) ||
	    !judge_house_begin(house, err))
		return false;
	for (size_t i = 0; i < several->count; i++)
		if (!quiet_written(
			house, acknowledge_one(house, &quiet, several->ids[i], counts, err), err))
			return false;
	return true;
}

bool
quiet_acknowledge_several(struct judge_house *house, const struct json *request,
			  struct json *answer, struct error *err)
{
	struct several several = { .ids = NULL }, of_mail = { .ids = NULL };
	struct several_counts counts = { 0 };
	bool done;

	if (json_get(request, "alert") != NULL || json_get(request, "scope") != NULL ||
	    json_get(request, "to") != NULL)
		return error_set(err, ERR_USAGE,
				 "several alerts are acknowledged until each is "
				 "over: without alert, scope and to");
	done = take_several(&several, &of_mail, house->ledger, request, err) &&
	       acknowledge_all(house, request, &several, &counts, err);
	free(several.ids);
	free(of_mail.ids);
	if (!done)
		return false;
	json_put_int(answer, "acknowledged", counts.acknowledged);
	json_put_int(answer, "before", counts.before);
	json_put_int(answer, "over", counts.over);
	return true;
}
