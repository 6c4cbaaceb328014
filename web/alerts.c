/* alerts.c - see alerts.h. */
#include "alerts.h"

#include <stdlib.h>
#include <string.h>

#include "sees.h"

#define TEXT_COUNT 5

struct quiet_copy {
	struct ledger_quiet quiet; /* its texts lie in `texts` */
	char *texts[TEXT_COUNT];
};

static bool
on_quiet(const struct ledger_quiet *quiet, void *user)
{
	struct quiets *quiets = user;
	struct quiet_copy *grown;
	struct ledger_quiet *copy;

	if (!sees_quiet(quiets->request, quiet))
		return true;
	grown = realloc(quiets->copy, (quiets->count + 1) * sizeof(*quiets->copy));
	if (grown == NULL) {
		quiets->failed = true;
		return false;
	}
	quiets->copy = grown;
	grown = &grown[quiets->count++];
	grown->quiet = *quiet;
	copy = &grown->quiet;
	copy->exchange = grown->texts[0] = strdup(quiet->exchange);
	copy->agent = grown->texts[1] = strdup(quiet->agent);
	copy->interface = grown->texts[2] = strdup(quiet->interface);
	copy->reason = grown->texts[3] = strdup(quiet->reason);
	copy->author = grown->texts[4] = strdup(quiet->author);
	copy->ended_by = "";
	for (int i = 0; i < TEXT_COUNT; i++)
		quiets->failed |= grown->texts[i] == NULL;
	return !quiets->failed;
}

bool
quiets_read(struct quiets *quiets, const struct request *request, struct error *err)
{
	struct ledger_quiet_query query = { .any_kind = true,
					    .after_utc_sec = request->now_utc_sec };

	*quiets = (struct quiets) { .request = request };
	return ledger_quiet_each(request->ledger, &query, on_quiet, quiets, err) &&
	       (!quiets->failed || error_set(err, ERR_NOMEM, "silences: out of memory"));
}

void
quiets_free(struct quiets *quiets)
{
	for (size_t i = 0; i < quiets->count; i++)
		for (int k = 0; k < TEXT_COUNT; k++)
			free(quiets->copy[i].texts[k]);
	free(quiets->copy);
}

const struct ledger_quiet *
quiets_find(const struct quiets *quiets, enum quiet_kind kind, const struct ledger_alert *alert,
	    int64_t now_utc_sec)
{
	for (size_t i = 0; i < quiets->count; i++) {
		const struct ledger_quiet *quiet = &quiets->copy[i].quiet;

		if (quiet->kind == kind && quiet_fits(quiet, &alert->subject, alert->id,
						      alert->noticed_utc_sec, now_utc_sec))
			return quiet;
	}
	return NULL;
}

/* --- those that are open --- */

struct gathering {
	struct open_alerts *list;
	const struct request *request;
};

/* The slug, where it can be shown later: of an exchange that is not listed there is none. */
static const char *
exchange_of(const struct request *request, const char *slug)
{
	const struct world_exchange *exchange = world_exchange_find(request->world, slug);

	return exchange != NULL ? exchange->slug : "";
}

static bool
grow(struct open_alerts *list)
{
	size_t size = list->size == 0 ? 64 : list->size * 2;
	struct open_alert *grown;

	if (list->count < list->size)
		return true;
	grown = realloc(list->item, size * sizeof(*grown));
	if (grown == NULL)
		return false;
	list->item = grown;
	list->size = size;
	return true;
}

static bool
on_open(const struct ledger_alert *alert, void *user)
{
	struct gathering *gathering = user;
	struct open_alerts *list = gathering->list;
	const struct request *request = gathering->request;
	struct open_alert *kept;

	if (!sees_alert(request, alert))
		return true;
	if (!grow(list)) {
		list->failed = true;
		return false;
	}
	kept = &list->item[list->count++];
	*kept = (struct open_alert) {
		.alert = *alert,
		.ack =
		    quiets_find(&list->quiets, QUIET_ACKNOWLEDGEMENT, alert, request->now_utc_sec),
		.silence = quiets_find(&list->quiets, QUIET_SILENCE, alert, request->now_utc_sec),
	};
	kept->alert.subject.exchange = exchange_of(request, alert->subject.exchange);
	kept->alert.subject.agent = strdup(alert->subject.agent);
	list->failed |= kept->alert.subject.agent == NULL;
	return !list->failed;
}

static int
by_gravity(const void *left, const void *right)
{
	const struct ledger_alert *a = &((const struct open_alert *)left)->alert,
				  *b = &((const struct open_alert *)right)->alert;

	if (a->subject.kind != b->subject.kind)
		return a->subject.kind < b->subject.kind ? -1 : 1;
	if (a->began_utc_sec != b->began_utc_sec)
		return a->began_utc_sec < b->began_utc_sec ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

bool
open_alerts_read(struct open_alerts *list, const struct request *request, const char *exchange,
		 int64_t port_id, struct error *err)
{
	struct ledger_alert_query query = { .exchange = exchange,
					    .port_id = port_id,
					    .open_only = true };
	struct gathering gathering = { list, request };

	*list = (struct open_alerts) { .count = 0 };
	if (!quiets_read(&list->quiets, request, err) ||
	    !ledger_alert_each(request->ledger, &query, on_open, &gathering, err))
		return false;
	if (list->failed)
		return error_set(err, ERR_NOMEM, "out of memory");
	if (list->count > 0)
		qsort(list->item, list->count, sizeof(*list->item), by_gravity);
	return true;
}

void
open_alerts_free(struct open_alerts *list)
{
	for (size_t i = 0; i < list->count; i++)
		free((char *)(uintptr_t)list->item[i].alert.subject.agent);
	free(list->item);
	quiets_free(&list->quiets);
	*list = (struct open_alerts) { .count = 0 };
}
