/* unsent.c - see unsent.h.
 *
 * From each line's alert the mails that told it to the recipient are looked at, from each mail the alerts that it told,
 * and so on; the first that is still open, or may have come, decides for all that hangs together.  What was looked at
 * once is not looked at again: a storm's letter costs what its alerts cost. */
#include "unsent.h"

#include <stdlib.h>
#include <string.h>

#include "ixwatch/alert.h"
#include "ixwatch/outbox.h"

struct looked_at {
	int64_t alert_id;
	bool untouched;
};

struct search {
	struct ledger *ledger;
	const char *recipient;
	const int64_t *asked; /* whose ends are told now */
	size_t asked_count;
	struct error *err;
	struct looked_at *alerts; /* those of the family at hand from `first` on */
	size_t alert_count, alert_size, first;
	struct unsent *mails;
	bool touched;   /* something of this family may have come, or is open */
	bool is_failed; /* err says why */
	int64_t *found; /* by the query that runs: ids to look at when it is over */
	size_t found_count, found_size;
};

static bool
failed(struct search *search)
{
	search->is_failed = true;
	return false;
}

/* Room for one more. */
static bool
grow(struct search *search, void **array, size_t *size, size_t count, size_t each)
{
	size_t wanted = *size == 0 ? 64 : *size * 2;
	void *grown;

	if (count < *size)
		return true;
	grown = realloc(*array, wanted * each);
	if (grown == NULL) {
		error_set(search->err, ERR_NOMEM, "alerts: out of memory");
		return failed(search);
	}
	*array = grown;
	*size = wanted;
	return true;
}

/* One that another family was touched by touches this one: they are the same. */
static void
alert_add(struct search *search, int64_t id)
{
	for (size_t i = 0; i < search->alert_count; i++)
		if (search->alerts[i].alert_id == id) {
			search->touched |= !search->alerts[i].untouched;
			return;
		}
	if (grow(search, (void **)&search->alerts, &search->alert_size, search->alert_count,
		 sizeof(*search->alerts)))
		search->alerts[search->alert_count++] = (struct looked_at) { id, true };
}

static void
mail_add(struct search *search, int64_t id)
{
	struct unsent *mails = search->mails;

	if (grow(search, (void **)&mails->mails, &mails->size, mails->count, sizeof(*mails->mails)))
		mails->mails[mails->count++] = id;
}

static bool
mail_is_known(const struct search *search, int64_t id)
{
	for (size_t i = 0; i < search->mails->count; i++)
		if (search->mails->mails[i] == id)
			return true;
	return false;
}

/* --- what one query finds --- */

static bool
on_alert_of_mail(const struct ledger_told *told, void *user)
{
	struct search *search = user;

	if (strcmp(told->recipient, search->recipient) == 0)
		alert_add(search, told->alert_id);
	return !search->is_failed;
}

static bool
on_told(const struct ledger_told *told, void *user)
{
	struct search *search = user;

	if (strcmp(told->recipient, search->recipient) != 0)
		return true;
	if (!grow(search, (void **)&search->found, &search->found_size, search->found_count,
		  sizeof(*search->found)))
		return false;
	search->found[search->found_count++] = told->mail_id;
	return true;
}

struct mail_look {
	bool is_there, is_untouched, told_nothing;
};

static bool
on_mail(const struct outbox_mail *mail, void *user)
{
	*(struct mail_look *)user =
	    (struct mail_look) { .is_there = true,
				 .is_untouched = mail->state == OUTBOX_WAITING &&
						 mail->attempts == 0 && !mail->in_flight,
				 .told_nothing = mail->state == OUTBOX_FAILED ||
						 mail->state == OUTBOX_DROPPED };
	return false;
}

static bool
is_asked(const struct search *search, int64_t alert_id)
{
	for (size_t i = 0; i < search->asked_count; i++)
		if (search->asked[i] == alert_id)
			return true;
	return false;
}

/* One whose end is not told yet, nor now, may go on as if it had never paused: what told it must stand. */
static bool
on_alert(const struct ledger_alert *alert, void *user)
{
	struct search *search = user;
	bool is_over = alert->ended_utc_sec != 0 &&
		       (alert->end_told_utc_sec != 0 || is_asked(search, alert->id));

	search->touched |= !is_over;
	return false;
}

/* --- a family --- */

/* One that is no longer kept came long ago; one that was refused or dropped told nothing. */
static void
mail_look(struct search *search, int64_t id)
{
	struct outbox_query query = { .id = id, .any_state = true };
	struct mail_look look = { .is_there = false };

	if (mail_is_known(search, id))
		return;
	if (!ledger_outbox_each(search->ledger, &query, on_mail, &look, search->err)) {
		failed(search);
		return;
	}
	if (look.told_nothing)
		return;
	search->touched |= !look.is_untouched;
	if (search->touched)
		return;
	mail_add(search, id);
	if (!ledger_told_each_of_mail(search->ledger, id, on_alert_of_mail, search, search->err))
		failed(search);
}

static void
alert_look(struct search *search, int64_t id)
{
	struct ledger_alert_query query = { .id = id };

	search->found_count = 0;
	if (!ledger_alert_each(search->ledger, &query, on_alert, search, search->err) ||
	    !ledger_told_each(search->ledger, id, on_told, search, search->err)) {
		failed(search);
		return;
	}
	for (size_t i = 0; i < search->found_count && !search->touched && !search->is_failed; i++)
		mail_look(search, search->found[i]);
}

/* All that hangs together with an alert: whether it is untouched.  Those of it that were looked at share the answer. */
static bool
family_look(struct search *search, int64_t alert_id)
{
	size_t mails_before = search->mails->count;

	search->touched = false;
	search->first = search->alert_count;
	alert_add(search, alert_id);
	for (size_t i = search->first;
	     i < search->alert_count && !search->touched && !search->is_failed; i++)
		alert_look(search, search->alerts[i].alert_id);
	for (size_t i = search->first; i < search->alert_count; i++)
		search->alerts[i].untouched = !search->touched;
	if (search->touched)
		search->mails->count = mails_before;
	return !search->touched;
}

static bool
is_untouched(struct search *search, int64_t alert_id)
{
	for (size_t i = 0; i < search->alert_count; i++)
		if (search->alerts[i].alert_id == alert_id)
			return search->alerts[i].untouched;
	return family_look(search, alert_id);
}

/* --- all of it --- */

bool
unsent_find(struct unsent *out, bool *untouched, const int64_t *alert_ids, size_t count,
	    const char *recipient, struct ledger *ledger, struct error *err)
{
	struct search search = { .ledger = ledger,
				 .recipient = recipient,
				 .asked = alert_ids,
				 .asked_count = count,
				 .err = err,
				 .mails = out };

	*out = (struct unsent) { .mails = NULL };
	for (size_t i = 0; i < count && !search.is_failed; i++)
		untouched[i] = is_untouched(&search, alert_ids[i]);
	free(search.alerts);
	free(search.found);
	return !search.is_failed;
}

/* The collector alone gives mails out: none of them was tried meanwhile. */
static bool
drop(struct ledger *ledger, int64_t id, int64_t now_utc_sec, struct error *err)
{
	bool dropped;

	return ledger_outbox_drop_unsent(ledger, id, now_utc_sec, &dropped, err) &&
	       (dropped || error_set(err, ERR_DB, "mail %lld: it waits no more", (long long)id));
}

bool
unsent_drop(const struct unsent *unsent, int64_t recovery_id, int64_t now_utc_sec,
	    struct ledger *ledger, struct error *err)
{
	for (size_t i = 0; i < unsent->count; i++)
		if (!drop(ledger, unsent->mails[i], now_utc_sec, err))
			return false;
	return drop(ledger, recovery_id, now_utc_sec, err);
}

void
unsent_free(struct unsent *unsent)
{
	free(unsent->mails);
	*unsent = (struct unsent) { .mails = NULL };
}
