/* report_document.c - see report_document.h; and letters of many: report_facts.h. */
#include "report_document.h"

#include <string.h>

#include "notify/letter.h"

/* --- verdicts --- */

static void
take_gravest(const struct json *side, const char *key, enum verdict *gravest)
{
	enum verdict verdict;

	if (model_verdict_parse(json_text(json_get(side, key), ""), &verdict) && verdict < *gravest)
		*gravest = verdict;
}

/* Of one connection, both directions. */
static enum verdict
verdict_of(const struct json *connection, bool last_week)
{
	const struct json *both = json_get(connection, "directions");
	enum verdict gravest = VERDICT_COUNT;

	for (int d = 0; d < DIRECTION_COUNT; d++) {
		const struct json *side = json_get(both, model_direction_name((enum direction)d));

		take_gravest(last_week ? json_get(side, "last_week") : side, "verdict", &gravest);
	}
	return gravest;
}

static enum verdict
verdict_of_all(const struct json *connections, bool last_week)
{
	enum verdict gravest = VERDICT_COUNT;

	for (size_t i = 0; i < json_count(connections); i++) {
		enum verdict verdict = verdict_of(json_at(connections, i), last_week);

		if (verdict < gravest)
			gravest = verdict;
	}
	return gravest;
}

enum verdict
report_facts_verdict_at(const struct json *facts, const char *exchange)
{
	const struct json *connections = json_get(facts, "connections");
	enum verdict gravest = VERDICT_COUNT;

	for (size_t i = 0; i < json_count(connections); i++) {
		const struct json *connection = json_at(connections, i);
		enum verdict verdict = verdict_of(connection, false);

		if ((exchange == NULL ||
		     strcmp(json_text(json_get(connection, "exchange"), ""), exchange) == 0) &&
		    verdict < gravest)
			gravest = verdict;
	}
	return gravest == VERDICT_COUNT ? VERDICT_INSUFFICIENT : gravest;
}

/* --- the head --- */

static void
put_settings(struct json *out, const struct detector_settings *settings)
{
	struct json *list = json_put_object(out, "settings");
	char text[64];

	for (size_t i = 0; detector_settings_key(i) != NULL; i++)
		json_put_text(list, detector_settings_key(i),
			      detector_settings_format(settings, i, text, sizeof(text)));
}

static void
put_us(struct json *out, const struct config *config)
{
	struct json *us = json_put_object(out, "us");
	size_t len = strlen(config->web.base_url);
	char base_url[1024];

	if (config->our_asn != 0)
		json_put_int(us, "asn", config->our_asn);
	else
		json_put_null(us, "asn");
	json_put_text(us, "name", config->report.name);
	json_put_text(us, "person", config->report.person);
	json_put_text(us, "mail", config->report.mail);
	json_put_text(us, "phone", config->report.phone);
	while (len > 0 && config->web.base_url[len - 1] == '/')
		len--;
	snprintf(base_url, sizeof(base_url), "%.*s", (int)len, config->web.base_url);
	json_put_text(us, "base_url", base_url);
}

struct json *
report_document_new(const struct report_house *house, const char *kind, const char *language,
		    const struct report_edition *edition, const struct detector_settings *settings)
{
	struct json *out = json_object_new();

	json_put_int(out, "version", LETTER_VERSION);
	json_put_text(out, "kind", kind);
	json_put_text(out, "language", language);
	json_put_int(out, "edition", edition->edition);
	json_put_text(out, "corrects", edition->corrects);
	json_put_text(out, "week", edition->week);
	json_put_utc(out, "made", house->now_utc_sec);
	json_put_text(out, "profile", profile_name(settings->profile));
	put_settings(out, settings);
	put_us(out, house->config);
	return out;
}

void
report_document_verdicts(struct json *facts, const struct json *connections)
{
	enum verdict now = verdict_of_all(connections, false),
		     before = verdict_of_all(connections, true);

	json_put_text(facts, "verdict",
		      model_verdict_name(now == VERDICT_COUNT ? VERDICT_INSUFFICIENT : now));
	json_put_text(facts, "last_verdict",
		      before == VERDICT_COUNT ? NULL : model_verdict_name(before));
}

enum verdict
report_document_verdict(const struct json *connection)
{
	return verdict_of(connection, false);
}

/* --- of many --- */

static const char *const private_keys[] = { "contracted_bps", "contract_kind", "graph" };
static const char *const long_keys[] = { "days", "episodes" };

static bool
is_among(const char *key, const char *const *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(key, keys[i]) == 0)
			return true;
	return false;
}

static void reduce_into(struct json *out, const struct json *value);

static void
on_member(const char *key, const struct json *value, void *user)
{
	struct json *out = user;

	if (is_among(key, private_keys, sizeof(private_keys) / sizeof(private_keys[0])))
		json_put_null(out, key);
	else if (strcmp(key, "circuit") == 0)
		json_put_text(out, key, "");
	else if (is_among(key, long_keys, sizeof(long_keys) / sizeof(long_keys[0])))
		return;
	else if (json_kind_of(value) == JSON_IS_OBJECT)
		reduce_into(json_put_object(out, key), value);
	else if (json_kind_of(value) == JSON_IS_ARRAY)
		reduce_into(json_put_array(out, key), value);
	else
		json_put_copy(out, key, value);
}

static void
reduce_into(struct json *out, const struct json *value)
{
	json_each(value, on_member, out);
}

void
report_facts_reduced_put(struct json *list, const struct json *connection)
{
	reduce_into(json_put_object(list, ""), connection);
}

struct json *
report_facts_of_many(const struct report_house *house, const char *exchange,
		     const struct report_edition *edition, struct json *connections_take)
{
	const struct config *config = house->config;
	struct detector_settings settings;
	struct json *facts;

	config_detector(config, exchange != NULL ? config_exchange_find(config, exchange) : NULL,
			NULL, &config->report.profile, &settings);
	facts = report_document_new(house, exchange != NULL ? "exchange" : "overview", "en",
				    edition, &settings);
	report_document_verdicts(facts, connections_take);
	json_put_null(facts, "dispute");
	json_put_null(facts, "notice");
	json_put_null(facts, "optout_hint");
	json_put_take(facts, "connections", connections_take);
	json_put_text(facts, "purpose", "information");
	return facts;
}
