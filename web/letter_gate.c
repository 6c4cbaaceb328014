/* letter_gate.c - see letter_gate.h. */
#include "letter_gate.h"

#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/digest.h"
#include "ixwatch/log.h"
#include "ixwatch/signed_link.h"

#include "client.h"
#include "letter_facts.h"
#include "limit.h"
#include "rate.h"
#include "uri.h"

#define FREE_PER_ADDRESS 10 /* links that are none, in a row */
#define BURST            60 /* of one link: a reader opens a page and its ports */
#define PER_SEC          1
#define KINDS            (1u << KIND_MEMBER | 1u << KIND_PNI)

struct letter_gate {
	struct limit *limit; /* of addresses that come with links that are none */
	struct rate *rate;   /* of links */
};

struct letter_gate *
letter_gate_new(void)
{
	struct letter_gate *gate = calloc(1, sizeof(*gate));

	if (gate == NULL)
		return NULL;
	gate->limit = limit_new();
	gate->rate = rate_new(BURST, PER_SEC);
	if (gate->limit != NULL && gate->rate != NULL)
		return gate;
	letter_gate_free(gate);
	return NULL;
}

void
letter_gate_free(struct letter_gate *gate)
{
	if (gate == NULL)
		return;
	limit_free(gate->limit);
	rate_free(gate->rate);
	free(gate);
}

bool
letter_gate_is_target(const char *target)
{
	static const char prefix[] = "/letters";
	char path[1024];
	const char *query;

	if (!uri_path(path, sizeof(path), target, &query))
		return strchr(target, '%') != NULL || strlen(target) >= sizeof(path);
	return strncmp(path, prefix, sizeof(prefix) - 1) == 0;
}

const char *
letter_gate_code(unsigned status)
{
	switch (status) {
	case 410: return "expired";
	case 429: return "too_many_requests";
	case 503: return "no_data";
	default: return "not_found";
	}
}

/* --- what the token says --- */

static enum link_verdict
read_claim(const struct request *request, struct link_claim *claim)
{
	enum link_verdict verdict = LINK_FALSE;
	struct link_keys keys;
	struct error err;

	if (!link_keys_read(&keys, request->world->link_key_path, &err))
		return LINK_FALSE;
	verdict =
	    link_verify(claim, &keys, LINK_REPORT, request->params.slug, request->now_utc_sec);
	link_keys_drop(&keys);
	return verdict;
}

/* A guess is slowed down. */
static unsigned
refuse_false(struct letter_gate *gate, const struct request *request, struct letter_pass *pass)
{
	char from[VISIT_ADDRESS_MAX];

	client_network(from, request->visit->address);
	pass->wait_sec = limit_take(gate->limit, from, FREE_PER_ADDRESS, clock_mono_ms());
	if (pass->wait_sec > 0) {
		error_set(&pass->err, ERR_REFUSED,
			  "there were too many attempts; try again in %u s", pass->wait_sec);
		return 429;
	}
	log_warn("web", "event=letter_link_refused address=%s", request->visit->address);
	error_set(&pass->err, ERR_NOT_FOUND,
		  "this link is none of ours; copy all of it from the mail");
	return 404;
}

static bool
has_room(struct letter_gate *gate, const struct request *request, unsigned *wait_sec)
{
	unsigned char who[DIGEST_LEN];

	digest_of(who, request->params.slug, strlen(request->params.slug));
	*wait_sec = rate_take(gate->rate, who, clock_mono_ms());
	return *wait_sec == 0;
}

/* --- whom it makes of the visitor --- */

static void
add_scope(struct account_scopes *scopes, uint32_t asn)
{
	for (size_t i = 0; i < scopes->count; i++)
		if (scopes->scope[i].asn == asn)
			return;
	if (asn != 0 && scopes->count < ACCOUNT_SCOPES_MAX)
		scopes->scope[scopes->count++] = (struct account_scope) { .asn = asn };
}

/* The ASNs that the letter told of, its own first.  False: it tells of something that no link opens. */
static bool
set_scopes(struct account_scopes *scopes, const struct report *report, const struct json *facts)
{
	const struct json *asns = json_get(json_get(facts, "peer"), "asns"), *asn;
	int64_t number;

	if (report->kind != REPORT_PEER || report->asn == 0 || !facts_are_of_peer(facts))
		return false;
	add_scope(scopes, report->asn);
	for (size_t i = 0; (asn = json_at(asns, i)) != NULL; i++)
		if (json_int(asn, &number) && number > 0 && number <= UINT32_MAX)
			add_scope(scopes, (uint32_t)number);
	return true;
}

/* A letter that did not go out has no link, whoever signed one. */
static bool
is_open(const struct report *report, struct error *err)
{
	if (report->revoked_utc_sec != 0)
		return error_set(err, ERR_NOT_FOUND,
				 "this link was taken back; ask who sent the letter for another");
	return report->state == REPORT_APPROVED;
}

/* The letter of the claim. */
static unsigned
open_letter(const struct request *request, const struct report *report, struct identity *who,
	    struct letter_pass *pass)
{
	struct json *facts = NULL;

	if (!is_open(report, &pass->err))
		return 404;
	if (report->kind != REPORT_PEER) {
		report_path(pass->elsewhere, report, 0);
		return 303;
	}
	bool is_good =
	    reports_facts(&facts, request, report, NULL) && set_scopes(&who->scopes, report, facts);
	json_free(facts);
	return is_good ? 0 : 404;
}

static unsigned
open_claim(const struct request *request, const struct link_claim *claim, struct identity *who,
	   struct letter_pass *pass)
{
	struct report_row row;
	unsigned status = 503;

	error_set(&pass->err, ERR_NOT_FOUND, "the letter of this link is not here any more");
	if (reports_get(&row, request->ledger, claim->id, NULL))
		status = row.is_there ? open_letter(request, &row.report, who, pass) : 404;
	else
		error_set(&pass->err, ERR_DB, "the letters cannot be read now; try again later");
	report_row_end(&row);
	return status;
}

static unsigned
identify(struct letter_gate *gate, const struct request *request, struct identity *who,
	 struct letter_pass *pass)
{
	struct link_claim claim;
	enum link_verdict verdict = read_claim(request, &claim);

	if (verdict == LINK_FALSE)
		return refuse_false(gate, request, pass);
	if (verdict == LINK_EXPIRED) {
		error_set(&pass->err, ERR_REFUSED,
			  "this link has expired; a later letter has a newer one");
		return 410;
	}
	if (!has_room(gate, request, &pass->wait_sec)) {
		error_set(&pass->err, ERR_REFUSED,
			  "this link was asked too often; try again in %u s", pass->wait_sec);
		return 429;
	}
	who->report_id = claim.id;
	return open_claim(request, &claim, who, pass);
}

void
letter_gate_identify(struct letter_gate *gate, const struct request *request, struct identity *who,
		     struct letter_pass *pass)
{
	*who = (struct identity) { 0 };
	*pass = (struct letter_pass) { 0 };
	pass->status = identify(gate, request, who, pass);
	if (pass->status != 0) {
		*who = (struct identity) { 0 };
		return;
	}
	who->kind = WHO_LINK;
	who->kinds = KINDS;
}
