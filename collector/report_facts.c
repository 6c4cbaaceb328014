/* report_facts.c - see report_facts.h. */
#include "report_facts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/report.h"
#include "ixwatch/units.h"
#include "notify/letter.h"
#include "report_agreed.h"
#include "report_document.h"
#include "report_side.h"

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
	done = report_view_open(&view, g->house->config, g->house->ledger,
				peer_connection_name(name, connection), g->edition->monday, true,
				err) &&
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

		if (!report_agreed_put(connection, g->house, g->peer->asn, exchange, &found, err))
			return false;
		if (report_document_verdict(connection) != VERDICT_ROUTINE ||
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
	facts = report_document_new(g->house, "peer", peer != NULL ? peer->language : "en",
				    g->edition, &g->settings);
	put_peer(facts, g->peer);
	report_document_verdicts(facts, g->connections);
	json_put_text(facts, "optout_hint",
		      config->report.mail[0] != '\0' ? config->report.mail : NULL);
	json_put_take(facts, "connections", g->connections);
	g->connections = NULL;
	if (!report_agreed_dispute(facts, g->house, g->peer->asn, err)) {
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
