/* pipeline_quiet.c - the silences and acknowledgements in force, as the collector has them at hand. */
#include <stdlib.h>
#include <string.h>

#include "pipeline_alert.h"

static const char *
text_dup(const char *text, bool *failed)
{
	char *copy = strdup(text);

	*failed |= copy == NULL;
	return copy;
}

static void
quiet_free(struct ledger_quiet *quiet)
{
	const char *const texts[] = { quiet->exchange, quiet->agent };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free((char *)(uintptr_t)texts[i]);
}

void
quiets_clear(struct quiet_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		quiet_free(&list->quiet[i]);
	free(list->quiet);
	*list = (struct quiet_list) { NULL, 0, 0 };
}

static bool
list_room(struct quiet_list *list)
{
	size_t size = list->size == 0 ? 16 : list->size * 2;
	struct ledger_quiet *grown;

	if (list->count < list->size)
		return true;
	grown = realloc(list->quiet, size * sizeof(*grown));
	if (grown == NULL)
		return false;
	list->quiet = grown;
	list->size = size;
	return true;
}

struct reading {
	struct quiet_list list;
	bool failed;
};

/* Whom it concerns and when: all that is asked of it here. */
static bool
on_quiet(const struct ledger_quiet *quiet, void *user)
{
	struct reading *reading = user;
	struct ledger_quiet *kept;

	if (!list_room(&reading->list)) {
		reading->failed = true;
		return false;
	}
	kept = &reading->list.quiet[reading->list.count++];
	*kept = *quiet;
	kept->interface = kept->reason = kept->author = kept->ended_by = "";
	kept->exchange = text_dup(quiet->exchange, &reading->failed);
	kept->agent = text_dup(quiet->agent, &reading->failed);
	return !reading->failed;
}

bool
quiets_refresh(struct pipeline *pipeline, int64_t now_utc_sec, struct error *err)
{
	struct pipeline_alerts *alerts = pipeline->alerts;
	struct ledger_quiet_query query = { .any_kind = true, .after_utc_sec = now_utc_sec };
	struct reading reading = { .failed = false };
	bool done;

	if (!alerts->quiets_stale)
		return true;
	done = ledger_quiet_each(pipeline->house.ledger, &query, on_quiet, &reading, err) &&
	       (!reading.failed || error_set(err, ERR_NOMEM, "silences: out of memory"));
	if (done) {
		quiets_clear(&alerts->quiets);
		alerts->quiets = reading.list;
		alerts->quiets_stale = false;
	} else {
		quiets_clear(&reading.list);
	}
	return done;
}

bool
alert_is_quiet(const struct pipeline_alerts *alerts, const struct watched_alert *alert,
	       enum quiet_kind kind, int64_t now_utc_sec)
{
	for (size_t i = 0; i < alerts->quiets.count; i++) {
		const struct ledger_quiet *quiet = &alerts->quiets.quiet[i];

		if (quiet->kind == kind && quiet_fits(quiet, &alert->row.subject, alert->row.id,
						      alert->row.noticed_utc_sec, now_utc_sec))
			return true;
	}
	return false;
}
