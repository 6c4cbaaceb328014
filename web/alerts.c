/* alerts.c - see alerts.h. */
#include "alerts.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_COUNT 5

struct quiet_copy {
	struct ledger_quiet quiet; /* its texts lie in `texts` */
	char *texts[TEXT_COUNT];
};

static bool
on_quiet(const struct ledger_quiet *quiet, void *user)
{
	struct quiets *quiets = user;
	struct quiet_copy *grown =
	    realloc(quiets->copy, (quiets->count + 1) * sizeof(*quiets->copy));
	struct ledger_quiet *copy;

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

	*quiets = (struct quiets) { .count = 0 };
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
