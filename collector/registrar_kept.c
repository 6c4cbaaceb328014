/* registrar_kept.c - reports copied from the ledger, which lends them only for a moment; and how they are named. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "registrar_parts.h"

static const size_t texts[] = {
	offsetof(struct report, week),     offsetof(struct report, exchange),
	offsetof(struct report, name),     offsetof(struct report, subject),
	offsetof(struct report, purpose),  offsetof(struct report, sha256),
	offsetof(struct report, corrects), offsetof(struct report, why),
	offsetof(struct report, note),     offsetof(struct report, decided_by),
};

#define TEXT(report, i) (*(char **)(void *)((char *)(report) + texts[i]))

static bool
kept_copy(struct kept_report *out, const struct report *report)
{
	bool whole = true;

	out->report = *report;
	for (size_t i = 0; i < COUNT(texts); i++) {
		TEXT(&out->report, i) = strdup(TEXT(report, i));
		whole = whole && TEXT(&out->report, i) != NULL;
	}
	if (!whole)
		kept_report_free(out);
	return whole;
}

void
kept_report_free(struct kept_report *kept)
{
	for (size_t i = 0; i < COUNT(texts); i++) {
		free(TEXT(&kept->report, i));
		TEXT(&kept->report, i) = NULL;
	}
}

struct copying {
	struct kept_reports *out;
	bool failed; /* memory ran out */
};

static bool
on_report(const struct report *report, void *user)
{
	struct copying *copying = user;
	struct kept_reports *out = copying->out;

	if (out->count == out->size) {
		size_t size = out->size == 0 ? 8 : out->size * 2;
		struct kept_report *grown = realloc(out->list, size * sizeof(*grown));

		copying->failed = grown == NULL;
		if (grown == NULL)
			return false;
		out->list = grown;
		out->size = size;
	}
	copying->failed = !kept_copy(&out->list[out->count], report);
	out->count += !copying->failed;
	return !copying->failed;
}

bool
kept_reports_find(struct kept_reports *out, struct judge_house *house,
		  const struct report_query *query, struct error *err)
{
	struct copying copying = { .out = out };

	*out = (struct kept_reports) { .list = NULL };
	if (ledger_report_each(house->ledger, query, on_report, &copying, err) && !copying.failed)
		return true;
	if (copying.failed)
		error_set(err, ERR_NOMEM, "reports: out of memory");
	kept_reports_free(out);
	return false;
}

void
kept_reports_free(struct kept_reports *kept)
{
	for (size_t i = 0; i < kept->count; i++)
		kept_report_free(&kept->list[i]);
	free(kept->list);
	*kept = (struct kept_reports) { .list = NULL };
}

bool
kept_report_get(struct kept_report *out, struct judge_house *house, int64_t id, struct error *err)
{
	struct report_query query = { .id = id, .any_kind = true, .any_state = true };
	struct kept_reports found;

	*out = (struct kept_report) { .report = { .id = 0 } };
	if (!kept_reports_find(&found, house, &query, err))
		return false;
	if (found.count == 0) {
		kept_reports_free(&found);
		return error_set(err, ERR_NOT_FOUND, "there is no report %" PRId64, id);
	}
	*out = found.list[0];
	free(found.list);
	return true;
}

char *
registrar_label(char dst[REPORT_LABEL_SIZE], const struct report *report)
{
	char whose[80];

	if (report->kind == REPORT_PEER)
		snprintf(whose, sizeof(whose), "AS%" PRIu32, report->asn);
	else
		snprintf(whose, sizeof(whose), "%.75s",
			 report->kind == REPORT_EXCHANGE ? report->exchange : "overview");
	snprintf(dst, REPORT_LABEL_SIZE, "report %" PRId64 " (%s, %s%s)", report->id, report->week,
		 whose, report->edition > 1 ? ", a correction" : "");
	return dst;
}
