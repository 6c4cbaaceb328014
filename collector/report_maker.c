/* report_maker.c - the letters of one week, gathered with their pictures; see report_close.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/control.h"
#include "ixwatch/zone.h"
#include "report_close.h"
#include "report_picture.h"
#include "report_week.h"

#define FLUSH_TIMEOUT_MS 10000

struct report_maker {
	const struct report_run *run;
	struct report_house house;
	struct report_shelf *shelf;
	struct report_peers peers;
	struct zone *
	    *zones; /* the exchanges', held open: one that is opened anew costs milliseconds */
	char week[REPORT_WEEK_SIZE];
	bool alone; /* no collector runs: nothing waits to be written */
};

/* --- its life --- */

static bool
zones_hold(struct report_maker *maker, struct error *err)
{
	const struct config *config = maker->run->config;

	maker->zones = calloc(config->exchange_count + 1, sizeof(*maker->zones));
	if (maker->zones == NULL)
		return error_set(err, ERR_NOMEM, "reports: out of memory");
	for (size_t i = 0; i < config->exchange_count; i++)
		if (!zone_open(&maker->zones[i], config->exchanges[i].timezone, err))
			return false;
	return true;
}

static void
zones_let_go(struct report_maker *maker)
{
	for (size_t i = 0; maker->zones != NULL && i < maker->run->config->exchange_count; i++)
		zone_close(maker->zones[i]);
	free(maker->zones);
}

bool
report_maker_open(struct report_maker **out, const struct report_run *run, struct error *err)
{
	struct report_maker *maker = calloc(1, sizeof(*maker));
	const char *state_dir = run->config->state_dir;

	if (maker == NULL)
		return error_set(err, ERR_NOMEM, "reports: out of memory");
	maker->run = run;
	maker->house.config = run->config;
	maker->house.now_utc_sec = clock_utc_sec();
	report_week_name(maker->week, run->monday);
	if (!zones_hold(maker, err) ||
	    !report_week_check_closed(run->config, run->monday, maker->house.now_utc_sec, err) ||
	    !ledger_open(&maker->house.ledger, state_dir, LEDGER_READ, err) ||
	    !report_shelf_open(&maker->shelf, state_dir, maker->week, run->helper, err) ||
	    !report_peers_read(&maker->peers, run->config, maker->house.ledger,
			       (int64_t)run->monday * 86400, err)) {
		report_maker_close(maker);
		return false;
	}
	*out = maker;
	return true;
}

void
report_maker_close(struct report_maker *maker)
{
	if (maker == NULL)
		return;
	report_peers_end(&maker->peers);
	zones_let_go(maker);
	report_shelf_close(maker->shelf);
	ledger_close(maker->house.ledger);
	free(maker);
}

const struct report_peers *
report_maker_peers(const struct report_maker *maker)
{
	return &maker->peers;
}

struct report_shelf *
report_maker_shelf(struct report_maker *maker)
{
	return maker->shelf;
}

struct ledger *
report_maker_ledger(struct report_maker *maker)
{
	return maker->house.ledger;
}

const char *
report_maker_week(const struct report_maker *maker)
{
	return maker->week;
}

/* --- pictures --- */

struct drawing {
	struct report_maker *maker;
	const char *stem;
	struct report_pictures *pictures;
};

static bool
picture_take(struct report_pictures *pictures, const char *name, unsigned char *png, size_t len,
	     struct error *err)
{
	struct shelf_file *grown = realloc(pictures->files, (pictures->count + 1) * sizeof(*grown));
	char *own = strdup(name);

	if (grown != NULL)
		pictures->files = grown;
	if (grown == NULL || own == NULL) {
		free(own);
		free(png);
		return error_set(err, ERR_NOMEM, "%s: out of memory", name);
	}
	grown += pictures->count++;
	grown->name = own;
	grown->octets = png;
	grown->len = len;
	return true;
}

/* A further connection there (another AS number of a group, a reseller's port) is told apart. */
static void
picture_name(char *dst, size_t len, const char *stem, const struct peer_connection *connection,
	     uint32_t asn)
{
	const struct report_port *port = connection->ports;

	if (port->kind == KIND_RESELLER)
		snprintf(dst, len, "%s-%s-port%lld.png", stem, port->exchange, (long long)port->id);
	else if (port->asn != asn)
		snprintf(dst, len, "%s-%s-AS%u.png", stem, port->exchange, port->asn);
	else
		snprintf(dst, len, "%s-%s.png", stem, port->exchange);
}

static bool
on_view(const struct report_view *view, const struct peer_connection *connection, struct json *out,
	void *user, struct error *err)
{
	struct drawing *drawing = user;
	char name[REPORT_STEM_SIZE * 2], title[256];
	unsigned char *png;
	size_t len;

	snprintf(title, sizeof(title), "AS%u at %s, week %s", connection->ports->asn,
		 view->port->exchange->name, drawing->maker->week);
	if (!report_picture(&png, &len, drawing->maker->shelf, view, title, err))
		return false;
	if (png == NULL) {
		json_put_null(out, "graph");
		return true;
	}
	picture_name(name, sizeof(name), drawing->stem, connection, connection->ports->group_asn);
	json_put_text(out, "graph", name);
	return picture_take(drawing->pictures, name, png, len, err);
}

/* --- letters --- */

/* Without it the week's last minutes may be in the journal only. */
static bool
flush_one(struct report_maker *maker, int64_t port_id, struct error *err)
{
	struct json *request = json_object_new(), *answer = NULL;
	bool done;

	json_put_text(request, "op", "flush");
	json_put_int(request, "port", port_id);
	done = control_ask(maker->run->config->state_dir, request, FLUSH_TIMEOUT_MS, &answer, err);
	json_free(request);
	json_free(answer);
	if (done || err->code != ERR_NOT_FOUND)
		return done;
	maker->alone = true;
	return true;
}

/* A port that the collector does not watch now has nothing waiting. */
static bool
flush(struct report_maker *maker, const struct report_peer *peer, struct error *err)
{
	struct error refused = { 0 };

	for (size_t c = 0; c < peer->connection_count; c++)
		for (size_t i = 0; i < peer->connections[c].port_count && !maker->alone; i++)
			if (!flush_one(maker, peer->connections[c].ports[i].id, &refused) &&
			    refused.code == ERR_IO)
				return error_set(err, refused.code, "flush: %s", refused.text);
	return true;
}

bool
report_maker_peer(struct report_maker *maker, const struct report_peer *peer, unsigned edition,
		  struct json **facts, char **csv, struct report_pictures *pictures,
		  struct error *err)
{
	const struct report_key key = { .kind = REPORT_PEER, .asn = peer->asn, .exchange = "" };
	const struct report_edition of = { .week = maker->week,
					   .monday = maker->run->monday,
					   .edition = edition };
	char name[REPORT_STEM_SIZE], stem[REPORT_STEM_SIZE];
	struct drawing drawing = { maker, stem, pictures };

	*pictures = (struct report_pictures) { 0 };
	*facts = NULL;
	*csv = NULL;
	report_stem(stem, report_key_name(name, &key), edition);
	return (flush(maker, peer, err) && report_facts_of_peer(facts, csv, &maker->house, peer,
								&of, on_view, &drawing, err)) ||
	       error_wrap(err, "%s", stem);
}

struct json *
report_maker_many(struct report_maker *maker, const char *exchange, unsigned edition,
		  struct json *connections_take)
{
	const struct report_edition of = { .week = maker->week,
					   .monday = maker->run->monday,
					   .edition = edition };

	return report_facts_of_many(&maker->house, exchange, &of, connections_take);
}
