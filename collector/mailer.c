/* mailer.c - see mailer.h: looks what is due, tries it, reports. */
#include "mailer.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "mailer_parts.h"
#include "notify/fate.h"
#include "notify/spool.h"

#define LOOK_MS         500
#define BATCH_MAX       50
#define PENDING_MAX     64
#define RECIPIENTS_MAX  1024 /* minded at once; more are minded when these are done */
#define INTERRUPTED_MAX 5    /* so often, and the mail itself is what kills us */
#define FINISH_MS       5000 /* for the mail on its way, when we are to end */
#define PICTURES_MAX    2000 /* then another process goes on: librrd loses memory with each */
#define NEVER_UTC_SEC   INT64_MAX

/* A recipient for whom something is to be minded. */
struct recipient {
	char address[256];
	unsigned failures;    /* in a row */
	int64_t next_utc_sec; /* not tried before; 0: at once */
	unsigned room;        /* how many of the gatherable may still go singly this hour */
	bool limited;         /* room was found out at this look */
};

struct mailer {
	const struct mailer_settings *settings;
	struct ledger *ledger; /* NULL: not there yet */
	struct smtp *smtp;     /* NULL: a spool */
	struct sent_journal *journal;
	sigset_t signals;
	int64_t ending_mono_ms; /* since when we are to end; 0: we are not */
	bool interrupted_told;  /* the collector knows that what was in hand is not any more */
	struct mail_outcome pending[PENDING_MAX];
	size_t pending_count;
	struct recipient *recipients;
	size_t recipient_count;
	unsigned server_failures;
	int64_t server_next_utc_sec;
	int64_t seen_version; /* of the ledger, when nothing was due */
	int64_t wake_utc_sec; /* when something may be due */
	unsigned picture_count;
	bool desk_silent;
};

/* --- its end --- */

/* Signals stay pending: they are asked after, and end the sleep. */
static bool
is_ending(struct mailer *mailer)
{
	sigset_t pending;

	if (mailer->ending_mono_ms == 0 && sigpending(&pending) == 0 &&
	    (sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1 ||
	     sigismember(&pending, SIGHUP) == 1))
		mailer->ending_mono_ms = clock_mono_ms();
	return mailer->ending_mono_ms != 0;
}

static bool
on_is_over(void *user)
{
	struct mailer *mailer = user;

	return is_ending(mailer) && clock_mono_ms() - mailer->ending_mono_ms > FINISH_MS;
}

/* --- reporting --- */

static void
tell_desk(struct mailer *mailer, bool silent, const struct error *err)
{
	if (silent && !mailer->desk_silent)
		log_warn("mailer", "event=collector-silent reason=\"%s\"", err->text);
	if (!silent && mailer->desk_silent)
		log_info("mailer", "event=collector-answers");
	mailer->desk_silent = silent;
}

/* Nothing more is sent before the collector knows of what was: so at most that much is uncertain. */
static bool
report(struct mailer *mailer)
{
	struct error err = { 0 };

	if (mailer->pending_count == 0 && mailer->interrupted_told)
		return true;
	if (!mailer_ask_report(mailer->settings->state_dir, mailer->pending, mailer->pending_count,
			       !mailer->interrupted_told, &err)) {
		tell_desk(mailer, true, &err);
		return false;
	}
	tell_desk(mailer, false, NULL);
	mailer->pending_count = 0;
	mailer->interrupted_told = true;
	if (sent_journal_empty(mailer->journal, &err))
		return true;
	log_error("mailer", "event=journal-failing reason=\"%s\"", err.text);
	return false;
}

static struct mail_outcome *
pending_add(struct mailer *mailer, const struct outbox_outcome *outcome, const char *reply)
{
	struct mail_outcome *pending = &mailer->pending[mailer->pending_count++];

	pending->outcome = *outcome;
	snprintf(pending->reply, sizeof(pending->reply), "%s", reply);
	return pending;
}

/* What an earlier mailer sent and could not report. */
static void
on_sent(const struct sent_entry *entry, void *user)
{
	struct mailer *mailer = user;

	if (mailer->pending_count < PENDING_MAX)
		pending_add(mailer,
			    &(struct outbox_outcome) { .id = entry->id,
						       .state = OUTBOX_SENT,
						       .at_utc_sec = entry->at_utc_sec,
						       .code = entry->code },
			    entry->reply);
}

/* --- recipients --- */

static struct recipient *
recipient_find(struct mailer *mailer, const char *address)
{
	for (size_t i = 0; i < mailer->recipient_count; i++)
		if (strcmp(mailer->recipients[i].address, address) == 0)
			return &mailer->recipients[i];
	return NULL;
}

/* NULL when there are too many: that one is minded at a later look. */
static struct recipient *
recipient_get(struct mailer *mailer, const char *address)
{
	struct recipient *recipient = recipient_find(mailer, address);

	if (recipient != NULL || mailer->recipient_count == RECIPIENTS_MAX)
		return recipient;
	recipient = &mailer->recipients[mailer->recipient_count++];
	*recipient = (struct recipient) { .next_utc_sec = 0 };
	snprintf(recipient->address, sizeof(recipient->address), "%s", address);
	return recipient;
}

/* Those of whom nothing is to be remembered make room. */
static void
recipients_forget(struct mailer *mailer)
{
	size_t kept = 0;

	for (size_t i = 0; i < mailer->recipient_count; i++) {
		mailer->recipients[i].limited = false;
		if (mailer->recipients[i].failures > 0)
			mailer->recipients[kept++] = mailer->recipients[i];
	}
	mailer->recipient_count = kept;
}

static void
wake_at(struct mailer *mailer, int64_t utc_sec)
{
	if (utc_sec < mailer->wake_utc_sec)
		mailer->wake_utc_sec = utc_sec;
}

/* --- one mail --- */

static void
server_failed(struct mailer *mailer, int64_t now_utc_sec, const char *reply)
{
	mailer->server_failures++;
	mailer->server_next_utc_sec =
	    now_utc_sec + mail_backoff_sec(MAIL_NO_SERVER, mailer->server_failures);
	log_warn("mailer", "event=server-failed failures=%u next_sec=%" PRId64 " reason=\"%s\"",
		 mailer->server_failures, mailer->server_next_utc_sec - now_utc_sec, reply);
}

static void
server_works(struct mailer *mailer)
{
	if (mailer->server_failures > 0)
		log_info("mailer", "event=server-works failures=%u", mailer->server_failures);
	mailer->server_failures = 0;
	mailer->server_next_utc_sec = 0;
}

/* A mail goes without its picture rather than not at all. */
static void
draw(struct mailer *mailer, const struct outbox_mail *mail, unsigned char **picture, size_t *len)
{
	struct error err = { 0 };

	if (mail->picture.port_id == 0 || mail->interrupted > 0)
		return;
	mailer->picture_count++;
	if (!mailer_picture(mailer->settings, mailer->ledger, &mail->picture, picture, len, &err)) {
		log_warn("mailer", "event=no-picture mail=%" PRId64 " reason=\"%s\"", mail->id,
			 err.text);
		*picture = NULL;
	}
}

static void
hand_over(struct mailer *mailer, const struct outbox_mail *mail, const char *octets, size_t len,
	  struct smtp_result *result)
{
	struct error err = { 0 };

	if (mailer->smtp != NULL) {
		smtp_send(mailer->smtp, mail->recipient, octets, len, result);
		return;
	}
	*result = (struct smtp_result) { .stage = SMTP_CONNECTING };
	result->accepted =
	    spool_put(mailer->settings->spool, mail->created_utc_sec, mail->id, octets, len, &err);
	snprintf(result->reply, sizeof(result->reply), "%.300s",
		 result->accepted ? "written to the spool" : err.text);
}

/* The octets of a mail; a report's come from its kept files. */
static bool
compose(struct mailer *mailer, const struct outbox_mail *mail, char **octets, size_t *len,
	struct error *err)
{
	unsigned char *picture = NULL;
	size_t picture_len = 0;
	bool done;

	if (mail->report_id != 0)
		return mailer_letter_octets(octets, len, mailer->settings, mailer->ledger, mail,
					    err);
	draw(mailer, mail, &picture, &picture_len);
	done = mailer_octets(octets, len, mailer->settings, mail, picture, picture_len, err);
	free(picture);
	return done;
}

/* False: a report cannot be sent as it was kept, and what is another is not sent instead. */
static bool
try(struct mailer *mailer, const struct outbox_mail *mail, struct smtp_result *result)
{
	struct error err = { 0 };
	size_t len;
	char *octets;

	*result = (struct smtp_result) { .stage = SMTP_CONNECTING };
	if (compose(mailer, mail, &octets, &len, &err)) {
		hand_over(mailer, mail, octets, len, result);
		free(octets);
		return true;
	}
	snprintf(result->reply, sizeof(result->reply), "%.300s", err.text);
	return mail->report_id == 0 || err.code == ERR_NOMEM;
}

/* Final, until somebody mends it and lets it be tried again. */
static void
spoiled(struct mailer *mailer, const struct outbox_mail *mail, const char *why)
{
	pending_add(mailer,
		    &(struct outbox_outcome) {
			.id = mail->id, .state = OUTBOX_FAILED, .at_utc_sec = clock_utc_sec() },
		    why);
	log_error("mailer",
		  "event=letter-spoiled mail=%" PRId64 " report=%" PRId64 " reason=\"%s\"",
		  mail->id, mail->report_id, why);
}

/* The outcome of an attempt, to be reported; what was sent is in the journal before that. */
static void
conclude(struct mailer *mailer, const struct outbox_mail *mail, const struct smtp_result *result)
{
	enum mail_fate fate = mail_fate(result);
	struct recipient *recipient = recipient_get(mailer, mail->recipient);
	struct outbox_outcome outcome = { .id = mail->id,
					  .state = fate == MAIL_SENT      ? OUTBOX_SENT
						   : fate == MAIL_REFUSED ? OUTBOX_FAILED
									  : OUTBOX_WAITING,
					  .at_utc_sec = clock_utc_sec(),
					  .code = result->code };
	struct error err = { 0 };

	if (fate == MAIL_NO_SERVER) {
		server_failed(mailer, outcome.at_utc_sec, result->reply);
		outcome.next_utc_sec = mailer->server_next_utc_sec;
	} else {
		server_works(mailer);
	}
	if (fate == MAIL_LATER) {
		unsigned failures = recipient != NULL ? ++recipient->failures : mail->attempts + 1;

		outcome.next_utc_sec = outcome.at_utc_sec + mail_backoff_sec(MAIL_LATER, failures);
		if (recipient != NULL)
			recipient->next_utc_sec = outcome.next_utc_sec;
	} else if (recipient != NULL && fate != MAIL_NO_SERVER) {
		recipient->failures = 0;
		recipient->next_utc_sec = 0;
	}
	if (fate == MAIL_SENT &&
	    !sent_journal_add(mailer->journal,
			      &(struct sent_entry) { outcome.id, outcome.at_utc_sec, outcome.code,
						     result->reply },
			      &err))
		log_error("mailer", "event=journal-failing reason=\"%s\"", err.text);
	pending_add(mailer, &outcome, result->reply);
	log_info("mailer", "event=%s mail=%" PRId64 " to=%s code=%d reply=\"%s\"",
		 fate == MAIL_SENT      ? "sent"
		 : fate == MAIL_REFUSED ? "refused"
					: "deferred",
		 mail->id, mail->recipient, result->code, result->reply);
}

/* It has ended us again and again: whatever is in it, the others shall not wait. */
static bool
is_deadly(struct mailer *mailer, const struct outbox_mail *mail)
{
	if (mail->interrupted < INTERRUPTED_MAX)
		return false;
	pending_add(mailer,
		    &(struct outbox_outcome) {
			.id = mail->id, .state = OUTBOX_FAILED, .at_utc_sec = clock_utc_sec() },
		    "the mailer ended again and again while it was being sent");
	return true;
}

/* False: enough for now. */
static bool
deliver(struct mailer *mailer, const struct outbox_mail *mail)
{
	struct recipient *recipient = recipient_find(mailer, mail->recipient);
	struct smtp_result result;
	struct error err = { 0 };
	bool claimed = false;

	if (recipient != NULL && recipient->next_utc_sec > clock_utc_sec())
		return true;
	if (!mailer_ask_claim(mailer->settings->state_dir, mail->id, &claimed, &err)) {
		tell_desk(mailer, true, &err);
		return false;
	}
	tell_desk(mailer, false, NULL);
	if (!claimed)
		return true;
	if (!is_deadly(mailer, mail)) {
		if (try(mailer, mail, &result))
			conclude(mailer, mail, &result);
		else
			spoiled(mailer, mail, result.reply);
	}
	return report(mailer) && mailer->server_failures == 0;
}

/* --- what is due --- */

struct gathering {
	struct mailer *mailer;
	int64_t now_utc_sec;
	struct {
		char recipient[256];
		enum digest_why why;
	} row[64];
	size_t count;
};

static bool
on_backlog(const struct outbox_backlog *backlog, void *user)
{
	struct gathering *gathering = user;
	struct mailer *mailer = gathering->mailer;
	struct recipient *recipient = recipient_get(mailer, backlog->recipient);
	unsigned per_hour = mailer->settings->per_hour;
	enum digest_why why;

	if (recipient == NULL || recipient->next_utc_sec > gathering->now_utc_sec)
		return true;
	why = digest_why(backlog, per_hour, gathering->now_utc_sec);
	recipient->limited = true;
	recipient->room = digest_room(backlog, per_hour);
	if (why == DIGEST_NONE)
		return true;
	snprintf(gathering->row[gathering->count].recipient, 256, "%s", backlog->recipient);
	gathering->row[gathering->count++].why = why;
	return gathering->count < sizeof(gathering->row) / sizeof(gathering->row[0]);
}

/* Before anything is sent: what is late, or beyond the limit, is gathered. */
static bool
gather(struct mailer *mailer, int64_t now_utc_sec, struct error *err)
{
	struct gathering gathering = { .mailer = mailer, .now_utc_sec = now_utc_sec };

	if (!ledger_outbox_backlogs(mailer->ledger, now_utc_sec, on_backlog, &gathering, err))
		return false;
	for (size_t i = 0; i < gathering.count; i++)
		if (!mailer_ask_gather(mailer->settings->state_dir, gathering.row[i].recipient,
				       gathering.row[i].why == DIGEST_OUTAGE ? "outage" : "limit",
				       err))
			return false;
	return true;
}

struct picking {
	struct mailer *mailer;
	struct mail_batch batch;
	int64_t now_utc_sec;
	size_t max;
	bool failed;
};

static bool
on_due(const struct outbox_mail *mail, void *user)
{
	struct picking *picking = user;
	struct mailer *mailer = picking->mailer;
	struct recipient *recipient = recipient_find(mailer, mail->recipient);

	if (recipient != NULL && recipient->next_utc_sec > picking->now_utc_sec) {
		wake_at(mailer, recipient->next_utc_sec);
		return true;
	}
	if (recipient != NULL && recipient->limited && digest_takes(mail->kind)) {
		if (recipient->room == 0) { /* held until its digest may go */
			wake_at(mailer, picking->now_utc_sec + 15);
			return true;
		}
		recipient->room--;
	}
	picking->failed = !mail_batch_add(&picking->batch, mail);
	return !picking->failed && picking->batch.count < picking->max;
}

/* When the next one of those that wait may be due. */
static bool
on_waiting(const struct outbox_mail *mail, void *user)
{
	wake_at(user, mail->next_utc_sec > mail->give_up_utc_sec ? mail->give_up_utc_sec
								 : mail->next_utc_sec);
	return true;
}

static bool
pick(struct mailer *mailer, struct picking *picking, struct error *err)
{
	return (ledger_outbox_due(mailer->ledger, picking->now_utc_sec, 0, on_due, picking, err) &&
		!picking->failed) ||
	       (picking->failed && error_set(err, ERR_NOMEM, "out of memory"));
}

/* Whether the server lets us in again; when not, the mail that is due first says so.  With nothing to send nobody is
 * bothered, and what is to be gathered may be. */
static bool
knock(struct mailer *mailer, int64_t now_utc_sec, struct error *err)
{
	struct picking picking = { .mailer = mailer, .now_utc_sec = now_utc_sec, .max = 1 };
	struct smtp_result result = { .accepted = true };
	bool claimed = false, done;

	if (mailer->server_failures == 0 || mailer->smtp == NULL)
		return true;
	if (!pick(mailer, &picking, err))
		return false;
	if (picking.batch.count == 0)
		return true;
	smtp_probe(mailer->smtp, &result);
	done = result.accepted;
	if (done) {
		server_works(mailer);
	} else if (mailer_ask_claim(mailer->settings->state_dir, picking.batch.work[0].mail.id,
				    &claimed, err)) {
		result.stage = SMTP_CONNECTING;
		if (claimed)
			conclude(mailer, &picking.batch.work[0].mail, &result);
		else
			server_failed(mailer, now_utc_sec, result.reply);
		report(mailer);
	}
	mail_batch_free(&picking.batch);
	return done;
}

static bool
ledger_is_there(struct mailer *mailer)
{
	struct error err = { 0 };

	if (mailer->ledger == NULL &&
	    !ledger_open(&mailer->ledger, mailer->settings->state_dir, LEDGER_READ, &err) &&
	    err.code != ERR_NOT_FOUND)
		log_warn("mailer", "event=ledger-unreadable reason=\"%s\"", err.text);
	return mailer->ledger != NULL;
}

/* When what is to be gathered is late enough for it: nothing that waits says so of what was over unsent. */
static bool
on_late(const struct outbox_backlog *backlog, void *user)
{
	wake_at(user, backlog->oldest_due_utc_sec + DIGEST_LATE_SEC);
	return true;
}

/* Nothing was due: not looked again before the ledger changes, or the time comes. */
static void
rest(struct mailer *mailer, int64_t version, int64_t now_utc_sec)
{
	struct outbox_query waiting = { .state = OUTBOX_WAITING };

	if (mailer->smtp != NULL)
		smtp_rest(mailer->smtp);
	mailer->seen_version = version;
	ledger_outbox_each(mailer->ledger, &waiting, on_waiting, mailer, NULL);
	ledger_outbox_backlogs(mailer->ledger, now_utc_sec, on_late, mailer, NULL);
}

static bool
look(struct mailer *mailer, struct error *err)
{
	struct picking picking = { .mailer = mailer, .max = BATCH_MAX };
	int64_t version = ledger_version(mailer->ledger), now = clock_utc_sec();
	bool found;

	if (now < mailer->server_next_utc_sec ||
	    (version != 0 && version == mailer->seen_version && now < mailer->wake_utc_sec))
		return false;
	mailer->wake_utc_sec = NEVER_UTC_SEC;
	recipients_forget(mailer);
	if (!knock(mailer, now, err) || !gather(mailer, now, err))
		return false;
	picking.now_utc_sec = clock_utc_sec();
	if (!pick(mailer, &picking, err)) {
		mail_batch_free(&picking.batch);
		return false;
	}
	found = picking.batch.count > 0;
	for (size_t i = 0; i < picking.batch.count && !is_ending(mailer); i++)
		if (!deliver(mailer, &picking.batch.work[i].mail))
			break;
	mail_batch_free(&picking.batch);
	if (!found)
		rest(mailer, version, now);
	return found && mailer->server_failures == 0 && !mailer->desk_silent;
}

/* --- its life --- */

static void
wait_a_while(struct mailer *mailer)
{
	struct timespec while_ = { LOOK_MS / 1000, (LOOK_MS % 1000) * 1000000L };

	if (!is_ending(mailer) && sigtimedwait(&mailer->signals, NULL, &while_) > 0)
		mailer->ending_mono_ms = clock_mono_ms();
}

static void
work(struct mailer *mailer)
{
	while (!is_ending(mailer)) {
		struct error err = { 0 };
		bool more = report(mailer) && ledger_is_there(mailer) && look(mailer, &err);

		if (err.code != ERR_NONE)
			log_warn("mailer", "event=trouble reason=\"%s\"", err.text);
		if (mailer->picture_count >= PICTURES_MAX && mailer->pending_count == 0)
			return;
		if (!more)
			wait_a_while(mailer);
	}
	report(mailer);
}

static bool
mailer_open(struct mailer *mailer, struct error *err)
{
	const struct mailer_settings *settings = mailer->settings;

	sigemptyset(&mailer->signals);
	sigaddset(&mailer->signals, SIGTERM);
	sigaddset(&mailer->signals, SIGINT);
	sigaddset(&mailer->signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &mailer->signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	mailer->recipients = calloc(RECIPIENTS_MAX, sizeof(*mailer->recipients));
	if (mailer->recipients == NULL)
		return error_set(err, ERR_NOMEM, "mailer: out of memory");
	if (!sent_journal_open(&mailer->journal, settings->state_dir, on_sent, mailer, err))
		return false;
	return settings->spool[0] != '\0' ||
	       mailer_smtp_open(&mailer->smtp, settings, on_is_over, mailer, err);
}

bool
mailer_run(const struct mailer_settings *settings, struct error *err)
{
	struct mailer *mailer = calloc(1, sizeof(*mailer));
	bool opened;

	if (mailer == NULL)
		return error_set(err, ERR_NOMEM, "mailer: out of memory");
	mailer->settings = settings;
	opened = mailer_open(mailer, err);
	if (opened) {
		log_info("mailer", "event=ready to=%s",
			 settings->spool[0] != '\0' ? settings->spool : settings->smtp);
		work(mailer);
	}
	smtp_close(mailer->smtp);
	sent_journal_close(mailer->journal);
	ledger_close(mailer->ledger);
	free(mailer->recipients);
	free(mailer);
	return opened;
}
