/* reports.c - see reports.h. */
#include "reports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "letter_facts.h"

/* --- found --- */

static bool
copy_texts(struct report_row *row)
{
	struct report *r = &row->report;
	const char **texts[] = { &r->week,   &r->exchange, &r->name, &r->subject, &r->purpose,
				 &r->sha256, &r->corrects, &r->why,  &r->note,    &r->decided_by };

	row->arena = arena_new();
	for (size_t i = 0; row->arena != NULL && i < sizeof(texts) / sizeof(texts[0]); i++) {
		*texts[i] = arena_text(row->arena, *texts[i] == NULL ? "" : *texts[i]);
		if (*texts[i] == NULL)
			return false;
	}
	return row->arena != NULL;
}

static bool
on_report(const struct report *report, void *user)
{
	struct report_row *row = user;

	row->report = *report;
	row->is_there = copy_texts(row);
	return false;
}

void
report_row_end(struct report_row *row)
{
	arena_free(row->arena);
	*row = (struct report_row) { 0 };
}

static bool
find(struct report_row *row, struct ledger *ledger, const struct report_query *query,
     struct error *err)
{
	*row = (struct report_row) { 0 };
	if (ledger == NULL)
		return error_set(err, ERR_NOT_FOUND, "the ledger cannot be read now");
	if (!ledger_report_each(ledger, query, on_report, row, err))
		return false;
	if (row->is_there || row->arena == NULL)
		return true;
	report_row_end(row);
	return error_set(err, ERR_NOMEM, "out of memory");
}

bool
reports_get(struct report_row *row, struct ledger *ledger, int64_t id, struct error *err)
{
	struct report_query query = { .id = id, .any_kind = true, .any_state = true, .limit = 1 };

	return find(row, ledger, &query, err);
}

/* The newest id is the newest edition. */
static bool
find_of_week(struct report_row *row, const struct request *request, struct error *err)
{
	const struct route_params *params = &request->params;
	struct report_query query = {
		.week = params->week,
		.kind = params->asn != 0          ? REPORT_PEER
			: params->slug[0] != '\0' ? REPORT_EXCHANGE
						  : REPORT_OVERVIEW,
		.asn = params->asn,
		.exchange = params->slug[0] != '\0' ? params->slug : NULL,
		.any_state = true,
		.edition = (request->query.has & ARG_EDITION) != 0 ? request->query.edition : 0,
		.limit = 1,
	};

	return find(row, request->ledger, &query, err);
}

bool
reports_find(struct report_row *row, const struct request *request, struct error *err)
{
	if (request->is_of_link) /* the id in the path, if any, is a port's */
		return reports_get(row, request->ledger, request->who.report_id, err);
	if (request->params.week[0] != '\0')
		return find_of_week(row, request, err);
	return reports_get(row, request->ledger, request->params.id, err);
}

/* --- proved --- */

struct proof {
	const char *name;
	char wanted[DIGEST_HEX]; /* "": the ledger knows no such file */
};

static bool
on_file(const struct report_file *file, void *user)
{
	struct proof *proof = user;

	if (strcmp(file->name, proof->name) != 0)
		return true;
	snprintf(proof->wanted, sizeof(proof->wanted), "%s", file->sha256);
	return false;
}

static bool
is_registered(const struct request *request, const struct report *report, const char *name,
	      const unsigned char digest[DIGEST_LEN], struct error *err)
{
	struct proof proof = { .name = name };
	char have[DIGEST_HEX];

	if (!ledger_report_file_each(request->ledger, report->id, on_file, &proof, err))
		return false;
	digest_format(have, digest);
	return strcmp(have, proof.wanted) == 0 ||
	       error_set(err, ERR_REFUSED,
			 "the file %s of week %s is not what was made: its SHA-256 is another",
			 name, report->week);
}

/* Frees what is another by now. */
static bool
keep_if_registered(char **data, size_t len, const struct request *request,
		   const struct report *report, const char *name, struct error *err)
{
	unsigned char digest[DIGEST_LEN];

	digest_of(digest, *data, len);
	if (is_registered(request, report, name, digest, err))
		return true;
	free(*data);
	*data = NULL;
	return false;
}

bool
reports_read(char **data, size_t *len, const struct request *request, const struct report *report,
	     enum kept_part part, struct error *err)
{
	char name[KEPT_NAME_MAX];

	*data = NULL;
	if (!kept_read(data, len, request->state_dir, report, part, err))
		return false;
	return keep_if_registered(data, *len, request, report, kept_name(name, report, part), err);
}

bool
reports_picture(char **data, size_t *len, const struct request *request,
		const struct report *report, const struct json *facts, const char *name,
		struct error *err)
{
	*data = NULL;
	return kept_picture_read(data, len, request->state_dir, report, facts, name, err) &&
	       keep_if_registered(data, *len, request, report, name, err);
}

int
reports_open(size_t *len, const struct request *request, const struct report *report,
	     enum kept_part part, struct error *err)
{
	char name[KEPT_NAME_MAX];
	unsigned char digest[DIGEST_LEN];
	int fd = kept_open(request->state_dir, report, part, len, err);

	if (fd < 0)
		return -1;
	kept_name(name, report, part);
	if (!digest_of_file(digest, fd, *len))
		error_set(err, ERR_IO, "the file %s of week %s cannot be read", name, report->week);
	else if (is_registered(request, report, name, digest, err))
		return fd;
	close(fd);
	return -1;
}

bool
reports_facts(struct json **facts, const struct request *request, const struct report *report,
	      struct error *err)
{
	char *data;
	size_t len;

	*facts = NULL;
	if (!reports_read(&data, &len, request, report, KEPT_FACTS, err))
		return false;
	bool done = json_parse(facts, data, len, err);
	free(data);
	return done;
}

/* --- seen --- */

static bool
holds_asn(const struct account_scopes *scopes, uint32_t asn)
{
	for (size_t i = 0; i < scopes->count; i++)
		if (scopes->scope[i].asn == asn && asn != 0)
			return true;
	return false;
}

/* Every ASN of the letter is within, by name: what an exchange's scope holds is only a part of it. */
static bool
sees_all_of_peer(const struct request *request, const struct report *report)
{
	const struct json *asns, *asn;
	struct json *facts = NULL;
	int64_t number;
	bool sees = holds_asn(&request->who.scopes, report->asn) &&
		    reports_facts(&facts, request, report, NULL);

	asns = json_get(json_get(facts, "peer"), "asns");
	sees = sees && facts_are_of_peer(facts);
	for (size_t i = 0; sees && (asn = json_at(asns, i)) != NULL; i++)
		sees = json_int(asn, &number) && number > 0 && number <= UINT32_MAX &&
		       holds_asn(&request->who.scopes, (uint32_t)number);
	json_free(facts);
	return sees;
}

bool
reports_sees(const struct request *request, const struct report *report)
{
	const struct identity *who = &request->who;

	if (who->kind == WHO_LINK)
		return report->id == who->report_id && report->kind == REPORT_PEER;
	if (who->scopes.count == 0)
		return true;
	switch (report->kind) {
	case REPORT_PEER: return sees_all_of_peer(request, report);
	case REPORT_EXCHANGE: return account_scopes_hold_exchange(&who->scopes, report->exchange);
	default: return false;
	}
}

bool
reports_has(const struct request *request)
{
	struct report_row row;
	bool has =
	    reports_find(&row, request, NULL) && row.is_there && reports_sees(request, &row.report);

	report_row_end(&row);
	return has;
}

/* --- where its page is --- */

char *
report_path(char dst[REPORT_PATH_MAX], const struct report *report, unsigned edition)
{
	int len = snprintf(dst, REPORT_PATH_MAX, "/reports/%s/", report->week);

	if (report->kind == REPORT_PEER)
		len += snprintf(dst + len, REPORT_PATH_MAX - (size_t)len, "%u", report->asn);
	else if (report->kind == REPORT_EXCHANGE)
		len += snprintf(dst + len, REPORT_PATH_MAX - (size_t)len, "exchange/%.100s",
				report->exchange);
	else
		len += snprintf(dst + len, REPORT_PATH_MAX - (size_t)len, "overview");
	if (edition != 0)
		snprintf(dst + len, REPORT_PATH_MAX - (size_t)len, "?edition=%u", edition);
	return dst;
}
