/* judge_house.c - what all judges share; see judge_internal.h. */
#include <stdlib.h>

#include "judge_internal.h"

struct series_settings
judge_series_settings(const struct config *config)
{
	return (struct series_settings) {
		.state_dir = config->state_dir,
		.interval_sec = config->interval_sec,
		.step_sec = ARCHIVE_STEP_SEC,
		.keep_interval_sec = config->archive.interval_sec,
		.keep_step_sec = config->archive.step_sec,
		.keep_hour_sec = config->archive.hour_sec,
		.keep_day_sec = config->archive.day_sec,
	};
}

bool
judge_house_begin(struct judge_house *house, struct error *err)
{
	if (!house->in_transaction && !ledger_begin(house->ledger, err))
		return false;
	house->in_transaction = true;
	return true;
}

bool
judge_house_commit(struct judge_house *house, struct error *err)
{
	struct error trouble = house->trouble;

	house->trouble = (struct error) { .code = ERR_NONE };
	if (!house->in_transaction && trouble.code == ERR_NONE)
		return true;
	house->transaction++;
	if (house->in_transaction && trouble.code == ERR_NONE &&
	    ledger_commit(house->ledger, &trouble)) {
		house->in_transaction = false;
		return true;
	}
	if (house->in_transaction)
		ledger_rollback(house->ledger);
	house->in_transaction = false;
	return error_set(err, trouble.code, "%s", trouble.text);
}

void
judge_house_abandon(struct judge_house *house)
{
	if (house->in_transaction)
		ledger_rollback(house->ledger);
	house->in_transaction = false;
	house->trouble = (struct error) { .code = ERR_NONE };
}

struct judge_settings {
	struct detector_settings settings;
	struct judge_settings *next;
};

void
judge_house_end(struct judge_house *house)
{
	while (house->settings != NULL) {
		struct judge_settings *next = house->settings->next;

		free(house->settings);
		house->settings = next;
	}
}

const struct detector_settings *
judge_settings_kept(struct judge_house *house, const struct detector_settings *wanted)
{
	struct judge_settings *kept;

	for (kept = house->settings; kept != NULL; kept = kept->next)
		if (detector_settings_equal(&kept->settings, wanted))
			return &kept->settings;
	kept = malloc(sizeof(*kept));
	if (kept == NULL)
		return NULL;
	*kept = (struct judge_settings) { .settings = *wanted, .next = house->settings };
	house->settings = kept;
	return &kept->settings;
}
