/* report_facts.c - see report_facts.h. */
#include "report_facts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/report.h"
#include "ixwatch/units.h"
#include "notify/letter.h"
#include "report_side.h"

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

static struct json *
document_new(const struct report_house *house, const char *kind, const char *language,
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

/* --- what is agreed, asked and contested --- */

struct agreed {
	struct json *out;
	bool found;
	const char *exchange; /* of a dispute: the one that is looked for */
};

static void
put_day_of(struct json *out, const char *key, int64_t utc_sec)
{
	char text[32];

	json_put_text(out, key, units_format_date(text, sizeof(text), (int32_t)(utc_sec / 86400)));
}

static bool
on_order(const struct report_order *order, void *user)
{
	struct agreed *agreed = user;
	struct json *out = json_put_object(agreed->out, "order");

	agreed->found = true;
	json_put_text(out, "size", order->size);
	report_put_date(out, "ready_date",
			order->has_ready_day ? order->ready_day : DETECTOR_NO_DAY);
	json_put_text(out, "ticket", order->ticket);
	json_put_text(out, "waiting_on", report_waiting_on_name(order->waiting_on));
	put_day_of(out, "since", order->created_utc_sec);
	return false;
}

static bool
on_dispute(const struct report_dispute *dispute, void *user)
{
	struct agreed *agreed = user;
	struct json *out;

	if (agreed->found)
		return true;
	agreed->found = true;
	out = json_put_object(agreed->out, "dispute");
	put_day_of(out, "since", dispute->since_utc_sec);
	json_put_text(out, "text", dispute->text);
	return true;
}

/* Its order and its case at one exchange. */
static bool
put_standing_there(struct json *connection, const struct report_house *house, uint32_t asn,
		   const char *exchange, struct report_case *found, struct error *err)
{
	const struct report_register_query query = { .asn = asn,
						     .exchange = exchange,
						     .open_only = true };
	struct agreed agreed = { .out = connection };
	struct json *out;

	*found = (struct report_case) { 0 };
	if (!ledger_order_each(house->ledger, &query, on_order, &agreed, err) ||
	    !ledger_case_get(house->ledger, asn, exchange, found, err))
		return false;
	if (!agreed.found)
		json_put_null(connection, "order");
	if (found->id == 0 || found->closed_week[0] != '\0') {
		found->id = 0;
		json_put_null(connection, "case");
		return true;
	}
	out = json_put_object(connection, "case");
	json_put_int(out, "notices", found->notices);
	json_put_text(out, "opened_week", found->opened_week);
	json_put_int(out, "clean_weeks", found->clean_weeks);
	return true;
}

static bool
put_dispute(struct json *facts, const struct report_house *house, uint32_t asn, struct error *err)
{
	const struct report_register_query query = { .asn = asn, .open_only = true };
	struct agreed agreed = { .out = facts };

	if (!ledger_dispute_each(house->ledger, &query, on_dispute, &agreed, err))
		return false;
	if (!agreed.found)
		json_put_null(facts, "dispute");
	return true;
}

/* --- a peer's --- */

/* What is being gathered of one peer. */
struct gathering {
	const struct report_house *house;
	const struct report_peer *peer;
	const struct report_edition *edition;
	report_on_view *on_view;
	void *user;
	struct json *connections, **each; /* the list, and each of it to be added to */
	struct report_csv csv;
	size_t track_count;
	struct report_track *tracks;
	struct detector_settings settings; /* of its first connection */
};

static bool
is_summed(const struct peer_connection *connection, struct error *err)
{
	const struct report_port *port = connection->ports;

	return connection->port_count == 1 || connection->connection_id != 0 ||
	       error_set(err, ERR_REFUSED,
			 "AS%u has %zu ports at %s, which the collector did not sum yet", port->asn,
			 connection->port_count, port->exchange);
}

static bool
gather_known(struct gathering *g, const struct peer_connection *connection,
	     const struct report_view *view, struct error *err)
{
	size_t i = g->track_count;

	if (!report_connection_put(g->connections, &g->each[i], g->house, g->peer, connection, view,
				   &g->csv, &g->tracks[g->track_count++], err))
		return false;
	if (i == 0)
		g->settings = *report_view_settings(view);
	return g->on_view == NULL || g->on_view(view, connection, g->each[i], g->user, err);
}

static bool
gather_one(struct gathering *g, const struct peer_connection *connection, struct error *err)
{
	char name[REPORT_NAME_SIZE];
	struct report_view view;
	bool done;

	if (!is_summed(connection, err))
		return false;
	done = report_view_open(&view, g->house->config, peer_connection_name(name, connection),
				g->edition->monday, true, err) &&
	       (!view.is_known || gather_known(g, connection, &view, err));
	report_view_close(&view);
	return done || error_wrap(err, "%s", name);
}

/* The largest notice among those that would be asked; its number counts the ones before. */
struct notice {
	unsigned number;
	char first_week[REPORT_WEEK_SIZE];
};

static bool
put_agreements(struct gathering *g, struct notice *notice, struct error *err)
{
	for (size_t i = 0; i < json_count(g->connections); i++) {
		struct json *connection = g->each[i];
		const char *exchange = json_text(json_get(connection, "exchange"), "");
		struct report_case found;

		if (!put_standing_there(connection, g->house, g->peer->asn, exchange, &found, err))
			return false;
		if (verdict_of(connection, false) != VERDICT_ROUTINE ||
		    found.notices + 1 <= notice->number)
			continue;
		notice->number = found.notices + 1;
		snprintf(notice->first_week, sizeof(notice->first_week), "%s",
			 found.id != 0 ? found.opened_week : g->edition->week);
	}
	return true;
}

static void
put_notice(struct json *facts, const struct notice *notice, const char *purpose)
{
	struct json *out;

	if (notice->number == 0 || strcmp(purpose, "request") != 0) {
		json_put_null(facts, "notice");
		return;
	}
	out = json_put_object(facts, "notice");
	json_put_int(out, "number", notice->number);
	json_put_text(out, "first_week", notice->first_week);
}

static void
put_peer(struct json *facts, const struct report_peer *peer)
{
	struct json *out = json_put_object(facts, "peer"), *asns;
	char name[32];

	snprintf(name, sizeof(name), "AS%u", peer->asn);
	json_put_text(out, "name", peer->name[0] != '\0' ? peer->name : name);
	asns = json_put_array(out, "asns");
	for (size_t i = 0; i < peer->asn_count; i++)
		json_put_int(asns, "", peer->asns[i]);
}

static void
put_verdicts(struct json *facts, const struct json *connections)
{
	enum verdict now = verdict_of_all(connections, false),
		     before = verdict_of_all(connections, true);

	json_put_text(facts, "verdict",
		      model_verdict_name(now == VERDICT_COUNT ? VERDICT_INSUFFICIENT : now));
	json_put_text(facts, "last_verdict",
		      before == VERDICT_COUNT ? NULL : model_verdict_name(before));
}

static bool
document_of_peer(struct json **out, struct gathering *g, struct error *err)
{
	const struct config *config = g->house->config;
	const struct config_peer *peer = config_peer_find(config, g->peer->asn);
	struct notice notice = { 0 };
	const char *purpose;
	struct json *facts;

	report_tracks_tell(g->tracks, g->track_count);
	if (!put_agreements(g, &notice, err))
		return false;
	facts = document_new(g->house, "peer", peer != NULL ? peer->language : "en", g->edition,
			     &g->settings);
	put_peer(facts, g->peer);
	put_verdicts(facts, g->connections);
	json_put_text(facts, "optout_hint",
		      config->report.mail[0] != '\0' ? config->report.mail : NULL);
	json_put_take(facts, "connections", g->connections);
	g->connections = NULL;
	if (!put_dispute(facts, g->house, g->peer->asn, err)) {
		json_free(facts);
		return false;
	}
	purpose = letter_purpose_of(facts);
	json_put_text(facts, "purpose", purpose);
	put_notice(facts, &notice, purpose);
	*out = facts;
	return true;
}

static bool
gather_all(struct json **facts, char **csv, struct gathering *g, struct error *err)
{
	for (size_t i = 0; i < g->peer->connection_count; i++)
		if (!gather_one(g, &g->peer->connections[i], err))
			return false;
	if (json_count(g->connections) == 0)
		return true;
	*csv = report_csv_text(&g->csv);
	return (*csv != NULL || error_set(err, ERR_NOMEM, "samples of a week: out of memory")) &&
	       document_of_peer(facts, g, err);
}

bool
report_facts_of_peer(struct json **facts, char **csv, const struct report_house *house,
		     const struct report_peer *peer, const struct report_edition *edition,
		     report_on_view *on_view, void *user, struct error *err)
{
	struct gathering g = { .house = house,
			       .peer = peer,
			       .edition = edition,
			       .on_view = on_view,
			       .user = user,
			       .connections = json_array_new() };
	bool done;

	*facts = NULL;
	*csv = NULL;
	g.tracks = calloc(peer->connection_count + 1, sizeof(*g.tracks));
	g.each = calloc(peer->connection_count + 1, sizeof(*g.each));
	done = g.tracks != NULL && g.each != NULL
		   ? gather_all(facts, csv, &g, err)
		   : error_set(err, ERR_NOMEM, "AS%u: out of memory", peer->asn);
	for (size_t i = 0; i < g.track_count; i++)
		report_track_end(&g.tracks[i]);
	free(g.tracks);
	free(g.each);
	report_csv_end(&g.csv);
	json_free(g.connections);
	if (!done) {
		free(*csv);
		*csv = NULL;
	}
	return done;
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
	facts = document_new(house, exchange != NULL ? "exchange" : "overview", "en", edition,
			     &settings);
	put_verdicts(facts, connections_take);
	json_put_null(facts, "dispute");
	json_put_null(facts, "notice");
	json_put_null(facts, "optout_hint");
	json_put_take(facts, "connections", connections_take);
	json_put_text(facts, "purpose", "information");
	return facts;
}
