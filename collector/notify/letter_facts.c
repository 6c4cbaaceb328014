/* letter_facts.c - see letter_facts.h: the document itself; its connections are read in letter_read_connection.c. */
#include "notify/letter_facts.h"

#include <stdio.h>
#include <string.h>

#include "notify/letter.h"
#include "notify/letter_read.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ASNS_MAX     256
#define EDITIONS_MAX 9999

static bool
is_week(const char *text)
{
	static const char form[] = "dddd-Wdd";

	if (strlen(text) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; form[i] != '\0'; i++)
		if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return false;
	return true;
}

static void
read_head(struct letter_reader *r, const struct json *json)
{
	static const char *const kinds[] = { "peer", "exchange", "overview" };
	static const char *const purposes[] = { "information", "request" };
	struct letter_facts *f = r->facts;

	letter_read_int(r, NULL, json, "version", LETTER_VERSION, LETTER_VERSION, -1);
	f->kind =
	    (enum letter_kind)letter_read_word(r, NULL, json, "kind", kinds, COUNT(kinds), -1);
	f->language = letter_read_text(r, NULL, json, "language");
	f->edition = letter_read_int(r, NULL, json, "edition", 1, EDITIONS_MAX, -1);
	f->corrects = letter_read_text(r, NULL, json, "corrects");
	f->week = letter_read_text(r, NULL, json, "week");
	f->made = letter_read_utc(r, NULL, json, "made");
	f->verdict = letter_read_verdict(r, NULL, json, "verdict", NULL);
	f->last_verdict = letter_read_verdict(r, NULL, json, "last_verdict", &f->has_last_verdict);
	f->request = letter_read_word(r, NULL, json, "purpose", purposes, COUNT(purposes), 0) == 1;
	f->optout_hint = letter_read_text(r, NULL, json, "optout_hint");
	if (!is_week(f->week))
		letter_read_fail(r, ERR_PARSE, NULL, "week", "is no week such as \"2026-W47\"");
	if (f->edition > 1 && f->corrects[0] == '\0')
		letter_read_fail(r, ERR_PARSE, NULL, "corrects", "is missing from a correction");
}

static void
read_settings(struct letter_reader *r, const struct json *json)
{
	const struct letter_where where = { NULL, "settings", LETTER_NO_INDEX };
	const struct json *settings = json_get(json, "settings");
	enum profile profile = PROFILE_PROOF;
	struct error why;

	if (!profile_parse(letter_read_text(r, NULL, json, "profile"), &profile))
		letter_read_fail(r, ERR_PARSE, NULL, "profile", "is neither early nor proof");
	detector_settings_init(&r->facts->settings, profile);
	for (size_t i = 0; detector_settings_key(i) != NULL; i++) {
		const char *key = detector_settings_key(i);
		const char *value = letter_read_text(r, &where, settings, key);

		if (!detector_settings_set(&r->facts->settings, key, value, &why))
			letter_read_fail(r, ERR_PARSE, &where, key, "is missing, or no setting");
	}
}

static void
read_us(struct letter_reader *r, const struct json *json)
{
	const struct letter_where where = { NULL, "us", LETTER_NO_INDEX };
	const struct json *us = json_get(json, "us");
	struct letter_facts *f = r->facts;

	f->our_asn = (uint32_t)letter_read_int(r, &where, us, "asn", 0, UINT32_MAX, 0);
	f->our_name = letter_read_text(r, &where, us, "name");
	f->person = letter_read_text(r, &where, us, "person");
	f->mail = letter_read_text(r, &where, us, "mail");
	f->phone = letter_read_text(r, &where, us, "phone");
	f->base_url = letter_read_text(r, &where, us, "base_url");
}

static void
read_peer(struct letter_reader *r, const struct json *json)
{
	const struct letter_where where = { NULL, "peer", LETTER_NO_INDEX };
	const struct json *peer = json_get(json, "peer"), *asns = json_get(peer, "asns");
	struct letter_facts *f = r->facts;
	uint32_t *list;
	int64_t asn;

	if (f->kind != LETTER_PEER)
		return;
	f->peer = letter_read_text(r, &where, peer, "name");
	f->asn_count = letter_read_count(r, &where, peer, "asns", ASNS_MAX);
	f->asns = list = letter_read_alloc(r, f->asn_count, sizeof(*list));
	if (list == NULL)
		letter_read_fail(r, ERR_PARSE, &where, "asns", "is missing");
	for (size_t i = 0; i < f->asn_count && list != NULL; i++) {
		if (!json_int(json_at(asns, i), &asn) || asn < 1 || asn > UINT32_MAX)
			letter_read_fail(r, ERR_PARSE, &where, "asns", "has what is no ASN");
		else
			list[i] = (uint32_t)asn;
	}
}

static void
read_case(struct letter_reader *r, const struct json *json)
{
	const struct letter_where at_notice = { NULL, "notice", LETTER_NO_INDEX };
	const struct letter_where at_dispute = { NULL, "dispute", LETTER_NO_INDEX };
	const struct json *notice = json_get(json, "notice"), *dispute = json_get(json, "dispute");
	struct letter_facts *f = r->facts;

	f->notice = letter_read_int(r, &at_notice, notice, "number", 0, EDITIONS_MAX, 0);
	f->notice_first_week = letter_read_text(r, &at_notice, notice, "first_week");
	f->disputed = json_get(dispute, "text") != NULL || json_get(dispute, "since") != NULL;
	f->dispute_since = letter_read_date(r, &at_dispute, dispute, "since");
	f->dispute_text = letter_read_text(r, &at_dispute, dispute, "text");
}

bool
letter_facts_read(struct letter_facts *facts, const struct json *json, struct error *err)
{
	const struct json *connections = json_get(json, "connections");
	struct letter_reader r = { .facts = facts, .err = err };

	memset(facts, 0, sizeof(*facts));
	facts->peer = "";
	read_head(&r, json);
	read_settings(&r, json);
	read_us(&r, json);
	read_peer(&r, json);
	read_case(&r, json);
	facts->connection_count =
	    letter_read_count(&r, NULL, json, "connections", LETTER_CONNECTIONS_MAX);
	facts->connections =
	    letter_read_alloc(&r, facts->connection_count, sizeof(*facts->connections));
	for (size_t i = 0; i < facts->connection_count && !r.failed; i++) {
		const struct letter_where where = { NULL, "connections", i };

		facts->connections[i].number = i + 1;
		letter_read_connection(&r, &where, json_at(connections, i), &facts->connections[i]);
	}
	if (!r.failed)
		return true;
	letter_facts_free(facts);
	return false;
}
