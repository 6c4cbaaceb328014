/* report_correct.c - see report_correct.h. */
#include "report_correct.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/log.h"
#include "ixwatch/units.h"
#include "report_compare.h"
#include "report_week.h"

#define WEEKS_MAX 64 /* no further back than samples of 300 s are kept, by default */

struct correcting {
	const struct report_run *run;
	struct report_run week; /* the same, of one week */
	struct report_maker *maker;
	struct report_tally *tally;
	bool changed; /* a peer's letter of this week was corrected, now or earlier */
};

/* --- whether history came since --- */

struct late {
	int64_t until_utc_sec; /* the week's end */
	char what[200];        /* the newest; "": none */
	const struct report_port *port;
};

static bool
on_import(const struct ledger_import *import, void *user)
{
	struct late *late = user;
	char when[40];

	if (import->from_utc_sec >= late->until_utc_sec)
		return true;
	snprintf(late->what, sizeof(late->what),
		 "samples of %.60s %.60s that were missing came in on %.10s", late->port->exchange,
		 late->port->interface,
		 units_format_utc(when, sizeof(when), import->ended_utc_sec));
	return true;
}

static bool
late_history(struct correcting *c, const struct report_peer *peer, const struct json *facts,
	     struct late *late, struct error *err)
{
	int64_t made_utc_sec = 0;

	*late = (struct late) { 0 };
	units_parse_utc(json_text(json_get(facts, "made"), ""), &made_utc_sec);
	if (!report_week_end(c->run->config, c->week.monday, &late->until_utc_sec, err))
		return false;
	for (size_t i = 0; i < peer->connection_count; i++)
		for (size_t n = 0; n < peer->connections[i].port_count; n++) {
			late->port = &peer->connections[i].ports[n];
			if (!ledger_import_each(report_maker_ledger(c->maker), late->port->id,
						made_utc_sec, on_import, late, err))
				return false;
		}
	return true;
}

/* By other numbers a week is judged otherwise, and was not wrong. */
static bool
settings_differ(const struct json *before, const struct json *now)
{
	return report_facts_differ(json_get(before, "settings"), json_get(now, "settings"));
}

/* --- one letter --- */

static bool
register_it(struct correcting *c, const struct report_key *key, unsigned edition, struct error *err)
{
	enum report_state state;

	if (c->run->put == NULL)
		return true;
	if (!report_letter_register(c->run->config->state_dir, report_maker_week(c->maker), key,
				    edition, NULL, false, c->run->put, c->run->user, &state, err))
		return false;
	c->tally->states[state]++;
	return true;
}

static void
put_corrects(struct json *now, const struct json *before, const char *cause)
{
	char changes[1600], text[2000];

	report_facts_tell_changes(changes, sizeof(changes), before, now);
	snprintf(text, sizeof(text), "%s%s%s", cause, cause[0] != '\0' ? ". " : "", changes);
	json_put_text(now, "corrects", text);
}

static bool
keep_edition(struct correcting *c, const struct report_key *key, unsigned edition,
	     const struct json *facts, const char *csv, const struct report_pictures *pictures,
	     struct error *err)
{
	if (!report_letter_keep(report_maker_shelf(c->maker), key, facts, csv, pictures, err))
		return false;
	c->tally->made++;
	log_info("report", "event=correction week=%s asn=%u exchange=%s edition=%u",
		 report_maker_week(c->maker), (unsigned)key->asn, key->exchange, edition);
	return register_it(c, key, edition, err);
}

static bool
correct_with(struct correcting *c, const struct report_peer *peer, const struct report_key *key,
	     unsigned edition, const struct json *before, const struct late *late,
	     struct error *err)
{
	struct report_pictures pictures = { 0 };
	struct json *now = NULL;
	char *csv = NULL;
	bool done = report_maker_peer(c->maker, peer, edition + 1, &now, &csv, &pictures, err);

	if (done && now != NULL && settings_differ(before, now)) {
		log_warn(
		    "report",
		    "event=not-corrected week=%s asn=%u reason=\"the settings of the judgement "
		    "are others now\"",
		    report_maker_week(c->maker), (unsigned)key->asn);
	} else if (done && now != NULL && report_facts_differ(before, now)) {
		put_corrects(now, before, late->what);
		done = keep_edition(c, key, edition + 1, now, csv, &pictures, err);
		c->changed = true;
	}
	report_pictures_free(&pictures);
	json_free(now);
	free(csv);
	return done;
}

static bool
correct_peer(struct correcting *c, const struct report_peer *peer, struct error *err)
{
	const struct report_key key = { .kind = REPORT_PEER, .asn = peer->asn, .exchange = "" };
	const char *state_dir = c->run->config->state_dir, *week = report_maker_week(c->maker);
	char name[REPORT_STEM_SIZE];
	unsigned edition = report_shelf_edition(state_dir, week, report_key_name(name, &key));
	struct json *before = NULL;
	struct late late;
	bool done;

	if (edition == 0)
		return true;
	c->changed = c->changed || edition > 1;
	done = report_letter_facts(&before, state_dir, week, &key, edition, err) &&
	       (edition == 1 || register_it(c, &key, edition, err)) &&
	       late_history(c, peer, before, &late, err) &&
	       (late.what[0] == '\0' || correct_with(c, peer, &key, edition, before, &late, err));
	json_free(before);
	return done;
}

/* --- letters of many --- */

static bool
take_connections(struct correcting *c, const char *exchange, struct json *list, struct error *err)
{
	const struct report_peers *peers = report_maker_peers(c->maker);
	const char *state_dir = c->run->config->state_dir, *week = report_maker_week(c->maker);

	for (size_t i = 0; i < peers->count; i++) {
		const struct report_key key = { .kind = REPORT_PEER,
						.asn = peers->peers[i].asn,
						.exchange = "" };
		char name[REPORT_STEM_SIZE];
		unsigned edition =
		    report_shelf_edition(state_dir, week, report_key_name(name, &key));
		const struct json *connections;
		struct json *facts;

		if (edition == 0)
			continue;
		if (!report_letter_facts(&facts, state_dir, week, &key, edition, err))
			return false;
		connections = json_get(facts, "connections");
		for (size_t n = 0; n < json_count(connections); n++) {
			const struct json *connection = json_at(connections, n);

			if (exchange == NULL ||
			    strcmp(json_text(json_get(connection, "exchange"), ""), exchange) == 0)
				report_facts_reduced_put(list, connection);
		}
		json_free(facts);
	}
	return true;
}

static bool
correct_many(struct correcting *c, const struct report_key *key, struct error *err)
{
	const char *state_dir = c->run->config->state_dir, *week = report_maker_week(c->maker);
	const char *exchange = key->kind == REPORT_EXCHANGE ? key->exchange : NULL;
	const struct report_pictures none = { 0 };
	char name[REPORT_STEM_SIZE];
	unsigned edition = report_shelf_edition(state_dir, week, report_key_name(name, key));
	struct json *before = NULL, *now, *list;
	bool done;

	if (edition == 0)
		return true;
	list = json_array_new();
	if (!take_connections(c, exchange, list, err)) {
		json_free(list);
		return false;
	}
	now = report_maker_many(c->maker, exchange, edition + 1, list);
	done = report_letter_facts(&before, state_dir, week, key, edition, err) &&
	       (edition == 1 || register_it(c, key, edition, err));
	if (done && report_facts_differ(before, now)) {
		put_corrects(now, before, "Letters of this week were corrected");
		done = keep_edition(c, key, edition + 1, now, "", &none, err);
	}
	json_free(before);
	json_free(now);
	return done;
}

/* --- a week, and all of them --- */

/* What a run that was broken off kept and did not register is registered; letters of many follow the peers' as they are. */
static bool
correct_week(struct correcting *c, struct error *err)
{
	const struct report_peers *peers = report_maker_peers(c->maker);
	struct report_key key = { .kind = REPORT_EXCHANGE };

	for (size_t i = 0; i < peers->count; i++)
		if (!correct_peer(c, &peers->peers[i], err))
			return false;
	for (size_t i = 0; c->changed && i < c->run->config->exchange_count; i++) {
		key.exchange = c->run->config->exchanges[i].slug;
		if (!correct_many(c, &key, err))
			return false;
	}
	key = (struct report_key) { .kind = REPORT_OVERVIEW, .exchange = "" };
	return !c->changed || correct_many(c, &key, err);
}

struct weeks {
	int32_t monday[WEEKS_MAX];
	size_t count;
};

static bool
on_week(const struct report_week *week, void *user)
{
	struct weeks *weeks = user;

	weeks->monday[weeks->count++] = week->monday;
	return weeks->count < WEEKS_MAX;
}

static bool
weeks_read(struct weeks *weeks, const struct config *config, struct error *err)
{
	struct ledger *ledger = NULL;
	bool done = ledger_open(&ledger, config->state_dir, LEDGER_READ, err) &&
		    ledger_report_weeks_each(ledger, on_week, weeks, err);

	ledger_close(ledger);
	return done;
}

/* The oldest first: what is told of last week is then corrected in its own letter before. */
bool
report_correct(const struct report_run *run, struct report_tally *tally, struct error *err)
{
	struct weeks weeks = { .count = 0 };
	bool done = weeks_read(&weeks, run->config, err);

	for (size_t i = weeks.count; done && i > 0; i--) {
		struct correcting c = { .run = run, .week = *run, .tally = tally };

		c.week.monday = weeks.monday[i - 1];
		c.week.on_progress = NULL;
		done = report_maker_open(&c.maker, &c.week, err) && correct_week(&c, err);
		report_maker_close(c.maker);
	}
	return done;
}
