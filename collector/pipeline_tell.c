/* pipeline_tell.c - what is to be told of the alerts at hand, gathered into mails: one per exchange, audience and window,
 * for each recipient; its end goes only where an alert went, as a reply to what was sent there.
 *
 * Rows, mails and where each went are written in one transaction: after a crash either all of it is there, or none, and
 * the next look finds the same again. */
#include <stdlib.h>
#include <string.h>

#include "base/office_hours.h"
#include "ixwatch/log.h"
#include "notify/alert_route.h"
#include "pipeline_alert.h"
#include "pipeline_mail.h"
#include "unsent.h"

struct item {
	struct watched_alert *alert;
	struct alert_next next;
	struct alert_group *group;
	bool reached; /* somebody is told */
};

struct desk {
	struct pipeline *pipeline;
	int64_t now_utc_sec;
	struct item *items;
	size_t item_count;
	struct alert_letter *letters;
	size_t letter_count;
	const char **recipients; /* room for one alert's */
	bool failed;             /* memory ran out */
};

/* --- what stands in the way --- */

static bool
is_open(struct watched_alert *const *chain, enum alert_kind kind)
{
	const struct watched_alert *alert =
	    chain != NULL ? alert_find(*chain, kind, DIRECTION_OUT) : NULL;

	return alert != NULL && alert->state.open;
}

/* Another alert says more: that nothing is seen of all of it. */
static bool
is_covered(struct pipeline *pipeline, const struct watched_alert *alert)
{
	struct alert_subject of = { .exchange = alert->row.subject.exchange,
				    .agent = alert->row.subject.agent };

	if (alert->row.subject.kind == ALERT_EXCHANGE_UNREACHABLE ||
	    alert_kind_audience(alert->row.subject.kind) == ALERT_FOR_COORDINATOR)
		return false;
	of.scope = ALERT_OF_EXCHANGE;
	if (is_open(alert_chain(pipeline, &of), ALERT_EXCHANGE_UNREACHABLE))
		return true;
	of.scope = ALERT_OF_AGENT;
	return alert->row.subject.kind != ALERT_AGENT_UNREACHABLE &&
	       is_open(alert_chain(pipeline, &of), ALERT_AGENT_UNREACHABLE);
}

static struct alert_next
next_of(struct desk *desk, const struct watched_alert *alert)
{
	struct pipeline_alerts *alerts = desk->pipeline->alerts;
	const struct config_alert *config = &desk->pipeline->config->alert;
	const struct ledger_alert *row = &alert->row;
	struct alert_told told = {
		.noticed_utc_sec = row->noticed_utc_sec,
		.first_utc_sec = row->first_told_utc_sec,
		.last_utc_sec = row->last_told_utc_sec,
		.escalated_utc_sec = row->escalated_utc_sec,
		.end_noticed_utc_sec = row->ended_utc_sec,
		.end_utc_sec = row->end_told_utc_sec,
		.silenced = alert_is_quiet(alerts, alert, QUIET_SILENCE, desk->now_utc_sec),
		.acknowledged =
		    alert_is_quiet(alerts, alert, QUIET_ACKNOWLEDGEMENT, desk->now_utc_sec),
		.covered = row->ended_utc_sec == 0 && is_covered(desk->pipeline, alert),
	};
	struct alert_next next = alert_tell_next(row->subject.kind, &told, &alerts->pace);

	if (next.telling != ALERT_TELL_NOTHING &&
	    alert_kind_audience(row->subject.kind) == ALERT_FOR_COORDINATOR)
		next.ready_utc_sec = next.due_utc_sec = office_hours_next_utc_sec(
		    &config->office_hours, alerts->zone, next.due_utc_sec);
	return next;
}

static struct alert_group *
group_of(struct pipeline_alerts *alerts, const struct watched_alert *alert)
{
	struct watched_exchange *exchange =
	    alerts_exchange_find(alerts, alert->row.subject.exchange);
	enum alert_audience audience = alert_kind_audience(alert->row.subject.kind);

	return exchange != NULL ? &exchange->groups[audience] : &alerts->elsewhere[audience];
}

/* Everything of which there is something to tell, now or later. */
static bool
items_gather(struct desk *desk, struct error *err)
{
	struct pipeline_alerts *alerts = desk->pipeline->alerts;

	desk->items = calloc(alerts->count + 1, sizeof(*desk->items));
	if (desk->items == NULL)
		return error_set(err, ERR_NOMEM, "alerts: out of memory");
	for (size_t i = 0; i < alerts->count; i++) {
		struct watched_alert *alert = alerts->list[i];
		struct alert_next next;

		if (alert->row.id == 0)
			continue;
		next = next_of(desk, alert);
		if (next.telling != ALERT_TELL_NOTHING)
			desk->items[desk->item_count++] = (struct item) {
				.alert = alert, .next = next, .group = group_of(alerts, alert)
			};
	}
	return true;
}

/* --- letters: one recipient's share of a mail --- */

static struct alert_letter *
letter_of(struct desk *desk, const char *recipient, bool recovery)
{
	struct alert_letter *grown, *letter;

	for (size_t i = 0; i < desk->letter_count; i++)
		if (desk->letters[i].recovery == recovery &&
		    strcmp(desk->letters[i].recipient, recipient) == 0)
			return &desk->letters[i];
	grown = realloc(desk->letters, (desk->letter_count + 1) * sizeof(*grown));
	if (grown == NULL)
		return NULL;
	desk->letters = grown;
	letter = &grown[desk->letter_count];
	*letter = (struct alert_letter) { .recipient = strdup(recipient), .recovery = recovery };
	if (letter->recipient == NULL)
		return NULL;
	desk->letter_count++;
	return letter;
}

static void
letter_add(struct desk *desk, struct item *item, const char *recipient, const char *reply_to)
{
	bool recovery = item->next.telling == ALERT_TELL_END;
	struct alert_letter *letter = letter_of(desk, recipient, recovery);
	struct alert_line *line;

	if (letter == NULL) {
		desk->failed = true;
		return;
	}
	if (letter->line_count == letter->line_size) {
		size_t size = letter->line_size == 0 ? 8 : letter->line_size * 2;

		line = realloc(letter->lines, size * sizeof(*line));
		if (line == NULL) {
			desk->failed = true;
			return;
		}
		letter->lines = line;
		letter->line_size = size;
	}
	line = &letter->lines[letter->line_count];
	*line = (struct alert_line) { .alert = item->alert,
				      .telling = item->next.telling,
				      .reply_to = strdup(reply_to) };
	desk->failed |= line->reply_to == NULL;
	letter->line_count++;
	item->reached = true;
}

static void
letters_clear(struct desk *desk)
{
	for (size_t i = 0; i < desk->letter_count; i++) {
		for (size_t k = 0; k < desk->letters[i].line_count; k++)
			free(desk->letters[i].lines[k].reply_to);
		free(desk->letters[i].lines);
		free(desk->letters[i].recipient);
	}
	free(desk->letters);
	desk->letters = NULL;
	desk->letter_count = 0;
}

/* --- to whom --- */

/* Where an alert went: each address once, with the first mail that told it and may still come, or came. */
struct went {
	struct desk *desk;
	struct item *item;
	struct error *err;
	char *recipients[64];
	size_t count;
	int64_t mail_id; /* that was looked at last */
	bool mail_came, unread;
};

/* One that was refused for good, or taken back, told nothing. */
static bool
on_mail(const struct outbox_mail *mail, void *user)
{
	struct went *went = user;

	went->mail_came = mail->state != OUTBOX_FAILED && mail->state != OUTBOX_DROPPED;
	return false;
}

/* One that is no longer kept came long ago. */
static bool
may_have_come(struct went *went, int64_t mail_id)
{
	struct outbox_query query = { .id = mail_id, .any_state = true };

	if (mail_id == went->mail_id)
		return went->mail_came;
	went->mail_id = mail_id;
	went->mail_came = true;
	went->unread |= !ledger_outbox_each(went->desk->pipeline->house.ledger, &query, on_mail,
					    went, went->err);
	return went->mail_came;
}

static bool
on_told(const struct ledger_told *told, void *user)
{
	struct went *went = user;

	if (told->what == TOLD_RECOVERY ||
	    went->count == sizeof(went->recipients) / sizeof(went->recipients[0]))
		return true;
	for (size_t i = 0; i < went->count; i++)
		if (strcmp(went->recipients[i], told->recipient) == 0)
			return true;
	if (!may_have_come(went, told->mail_id))
		return true;
	went->recipients[went->count] = strdup(told->recipient);
	if (went->recipients[went->count] == NULL) {
		went->desk->failed = true;
		return false;
	}
	went->count++;
	letter_add(went->desk, went->item, told->recipient, told->message_id);
	return true;
}

/* Its end, and what is told again, go where its beginning went. */
static bool
address_told(struct desk *desk, struct item *item, struct error *err)
{
	struct went went = { .desk = desk, .item = item, .err = err };
	bool done = ledger_told_each(desk->pipeline->house.ledger, item->alert->row.id, on_told,
				     &went, err) &&
		    !went.unread;

	for (size_t i = 0; i < went.count; i++)
		free(went.recipients[i]);
	return done;
}

static void
address_list(struct desk *desk, struct item *item, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		letter_add(desk, item, list[i], "");
}

static bool
item_address(struct desk *desk, struct item *item, struct error *err)
{
	const struct config_alert *config = &desk->pipeline->config->alert;

	switch (item->next.telling) {
	case ALERT_TELL_BEGIN:
		address_list(desk, item, desk->recipients,
			     alert_recipients(config, &item->alert->row.subject, desk->recipients));
		return true;
	case ALERT_TELL_ESCALATE:
		address_list(desk, item, config->escalate_to.text, config->escalate_to.count);
		return true;
	default: return address_told(desk, item, err);
	}
}

/* --- written --- */

static enum alert_told_what
what_of(enum alert_telling telling)
{
	static const enum alert_told_what whats[] = {
		[ALERT_TELL_BEGIN] = TOLD_ALERT,
		[ALERT_TELL_ESCALATE] = TOLD_ESCALATION,
		[ALERT_TELL_REPEAT] = TOLD_REPEAT,
		[ALERT_TELL_END] = TOLD_RECOVERY,
	};

	return whats[telling];
}

static bool
letter_write(struct desk *desk, const struct alert_letter *letter, int64_t *mail_id,
	     struct error *err)
{
	struct ledger *ledger = desk->pipeline->house.ledger;
	struct ledger_told told = { .recipient = letter->recipient,
				    .at_utc_sec = desk->now_utc_sec };
	char message_id[ALERT_MESSAGE_ID_SIZE];

	if (!alert_mail_put(desk->pipeline, letter, desk->now_utc_sec, &told.mail_id, message_id,
			    err))
		return false;
	told.message_id = message_id;
	for (size_t i = 0; i < letter->line_count; i++) {
		told.alert_id = letter->lines[i].alert->row.id;
		told.what = what_of(letter->lines[i].telling);
		if (!ledger_told_put(ledger, &told, err))
			return false;
	}
	log_info("alert", "event=mail what=%s to=%s lines=%zu id=%lld",
		 letter->recovery ? "recovery" : "alert", letter->recipient, letter->line_count,
		 (long long)told.mail_id);
	*mail_id = told.mail_id;
	return true;
}

/* Sorts the lines that are to be told before those that need not be; returns how many the former are. */
static size_t
lines_part(struct alert_line *lines, const bool *untouched, struct alert_line *room, size_t count)
{
	size_t told = 0, apart = 0;

	for (size_t i = 0; i < count; i++)
		if (untouched[i])
			room[apart++] = lines[i];
		else
			lines[told++] = lines[i];
	memcpy(lines + told, room, apart * sizeof(*lines));
	return told;
}

/* Of what is over before anything of it was sent, beginning and end are dropped together: see unsent.h. */
static bool
ends_write(struct desk *desk, struct alert_letter *letter, const struct unsent *unsent,
	   size_t told_count, struct error *err)
{
	struct ledger *ledger = desk->pipeline->house.ledger;
	struct alert_letter told = *letter, apart = *letter;
	int64_t mail_id;

	told.line_count = told_count;
	apart.lines += told_count;
	apart.line_count -= told_count;
	if (told.line_count > 0 && !letter_write(desk, &told, &mail_id, err))
		return false;
	if (apart.line_count == 0)
		return true;
	log_info("alert", "event=over-unsent to=%s lines=%zu mails=%zu", letter->recipient,
		 apart.line_count, unsent->count);
	return letter_write(desk, &apart, &mail_id, err) &&
	       unsent_drop(unsent, mail_id, desk->now_utc_sec, ledger, err);
}

static bool
recovery_write(struct desk *desk, struct alert_letter *letter, struct error *err)
{
	size_t count = letter->line_count;
	int64_t *ids = malloc(count * sizeof(*ids));
	bool *untouched = malloc(count * sizeof(*untouched)), done;
	struct alert_line *room = malloc(count * sizeof(*room));
	struct unsent unsent = { .mails = NULL };

	done = (ids != NULL && untouched != NULL && room != NULL) ||
	       error_set(err, ERR_NOMEM, "alerts: out of memory");
	for (size_t i = 0; done && i < count; i++)
		ids[i] = letter->lines[i].alert->row.id;
	done = done && unsent_find(&unsent, untouched, ids, count, letter->recipient,
				   desk->pipeline->house.ledger, err);
	if (done)
		done = ends_write(desk, letter, &unsent,
				  lines_part(letter->lines, untouched, room, count), err);
	unsent_free(&unsent);
	free(ids);
	free(untouched);
	free(room);
	return done;
}

static bool
item_write(struct desk *desk, const struct item *item, struct error *err)
{
	struct ledger_alert *row = &item->alert->row;

	switch (item->next.telling) {
	case ALERT_TELL_BEGIN:
		row->first_told_utc_sec = row->last_told_utc_sec = desk->now_utc_sec;
		row->told_count = 1;
		break;
	case ALERT_TELL_REPEAT:
		row->last_told_utc_sec = desk->now_utc_sec;
		row->told_count++;
		break;
	case ALERT_TELL_ESCALATE: row->escalated_utc_sec = desk->now_utc_sec; break;
	default: row->end_told_utc_sec = desk->now_utc_sec; break;
	}
	return ledger_alert_put(desk->pipeline->house.ledger, row, err);
}

/* Worst first; then the longest. */
static int
compare_lines(const void *left, const void *right)
{
	const struct ledger_alert *a = &((const struct alert_line *)left)->alert->row,
				  *b = &((const struct alert_line *)right)->alert->row;

	if (a->subject.kind != b->subject.kind)
		return a->subject.kind < b->subject.kind ? -1 : 1;
	if (a->began_utc_sec != b->began_utc_sec)
		return a->began_utc_sec < b->began_utc_sec ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

static bool
letters_write(struct desk *desk, struct error *err)
{
	if (desk->failed)
		return error_set(err, ERR_NOMEM, "alerts: out of memory");
	for (size_t i = 0; i < desk->letter_count; i++) {
		struct alert_letter *letter = &desk->letters[i];
		int64_t mail_id;

		qsort(letter->lines, letter->line_count, sizeof(*letter->lines), compare_lines);
		if (!(letter->recovery ? recovery_write(desk, letter, err)
				       : letter_write(desk, letter, &mail_id, err)))
			return false;
	}
	return true;
}

/* An alert that reaches nobody is not told; an end that does, has nobody who waits for it. */
static bool
group_tell(struct desk *desk, struct alert_group *group, struct error *err)
{
	bool done = judge_house_begin(&desk->pipeline->house, err);

	for (size_t i = 0; done && i < desk->item_count; i++) {
		struct item *item = &desk->items[i];

		if (item->group == group && item->next.ready_utc_sec <= desk->now_utc_sec)
			done = item_address(desk, item, err);
	}
	done = done && letters_write(desk, err);
	if (desk->letter_count > 0)
		group->told_utc_sec = desk->now_utc_sec;
	for (size_t i = 0; done && i < desk->item_count; i++) {
		struct item *item = &desk->items[i];

		if (item->group == group && item->next.ready_utc_sec <= desk->now_utc_sec &&
		    (item->reached || item->next.telling == ALERT_TELL_END))
			done = item_write(desk, item, err);
	}
	letters_clear(desk);
	return done;
}

/* Each group once: its first item looks for the earliest. */
static bool
groups_tell(struct desk *desk, struct error *err)
{
	const struct alert_pace *pace = &desk->pipeline->alerts->pace;

	for (size_t i = 0; i < desk->item_count; i++) {
		struct alert_group *group = desk->items[i].group;
		int64_t earliest_utc_sec = desk->items[i].next.due_utc_sec;
		size_t before = 0;

		while (before < i && desk->items[before].group != group)
			before++;
		if (before < i)
			continue;
		for (size_t k = i + 1; k < desk->item_count; k++)
			if (desk->items[k].group == group &&
			    desk->items[k].next.due_utc_sec < earliest_utc_sec)
				earliest_utc_sec = desk->items[k].next.due_utc_sec;
		if (alert_group_due(earliest_utc_sec, group->told_utc_sec, pace,
				    desk->now_utc_sec) &&
		    !group_tell(desk, group, err))
			return false;
	}
	return true;
}

bool
alerts_tell(struct pipeline *pipeline, int64_t now_utc_sec, struct error *err)
{
	struct desk desk = { .pipeline = pipeline, .now_utc_sec = now_utc_sec };
	bool done;

	if (pipeline->alerts->count == 0)
		return true;
	desk.recipients =
	    calloc(alert_recipients_max(&pipeline->config->alert) + 1, sizeof(const char *));
	done = (desk.recipients != NULL || error_set(err, ERR_NOMEM, "alerts: out of memory")) &&
	       quiets_refresh(pipeline, now_utc_sec, err) && items_gather(&desk, err) &&
	       groups_tell(&desk, err);
	letters_clear(&desk);
	free(desk.items);
	free(desk.recipients);
	return done;
}
