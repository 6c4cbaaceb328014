/* report_close.c - see report_close.h. */
#include "report_close.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ixwatch/log.h"
#include "notify/letter.h"
#include "report_helpers.h"

#define LARGE_OCTETS (64 * 1024)

/* What letters of many are made of: connections as they have them, in the order of the peers.  Each as text, behind the last:
 * trees of them would lie between what comes and goes of each letter, and the heap would be searched longer and longer. */
struct connections {
	char *text; /* "[" and values with commas between; NULL: none yet */
	size_t len, size;
};

struct many {
	struct connections *of_exchange; /* by the configuration's order */
	struct connections all;
};

struct closing {
	const struct report_run *run;
	struct report_maker *maker;
	struct report_tally *tally;
	struct many many;
	bool broken; /* what is kept cannot be registered, of one peer or another */
};

/* --- letters of many --- */

static bool
many_init(struct many *many, const struct config *config)
{
	many->of_exchange = calloc(config->exchange_count + 1, sizeof(*many->of_exchange));
	return many->of_exchange != NULL;
}

static void
many_end(struct many *many, const struct config *config)
{
	for (size_t i = 0; many->of_exchange != NULL && i < config->exchange_count; i++)
		free(many->of_exchange[i].text);
	free(many->of_exchange);
	free(many->all.text);
}

/* Room for the separator, the text, and the end. */
static bool
connections_add(struct connections *list, const char *text, size_t len)
{
	size_t need = list->len + len + 2, size = list->size > 0 ? list->size : LARGE_OCTETS;

	while (size < need)
		size *= 2;
	if (size > list->size) {
		char *more = realloc(list->text, size);

		if (more == NULL)
			return false;
		list->text = more;
		list->size = size;
	}
	list->text[list->len] = list->len == 0 ? '[' : ',';
	memcpy(list->text + list->len + 1, text, len);
	list->len += 1 + len;
	return true;
}

/* The list as one value; it has none then. */
static bool
connections_take(struct connections *list, struct json **out, struct error *err)
{
	bool done;

	list->text[list->len] = ']';
	done = json_parse(out, list->text, list->len + 1, err);
	free(list->text);
	*list = (struct connections) { 0 };
	return done;
}

static bool
many_take_one(struct many *many, const struct config *config, const struct json *connection)
{
	const char *slug = json_text(json_get(connection, "exchange"), "");
	struct json *one = json_array_new();
	size_t len = 0;
	char *text;
	bool done;

	report_facts_reduced_put(one, connection);
	text = json_print_dup(one, false, &len); /* "[{...}]" */
	json_free(one);
	done = text != NULL && len > 2 && connections_add(&many->all, text + 1, len - 2);
	for (size_t n = 0; done && n < config->exchange_count; n++)
		if (strcmp(config->exchanges[n].slug, slug) == 0)
			done = connections_add(&many->of_exchange[n], text + 1, len - 2);
	free(text);
	return done;
}

static bool
many_take(struct many *many, const struct config *config, const struct json *facts,
	  struct error *err)
{
	const struct json *connections = json_get(facts, "connections");

	for (size_t i = 0; i < json_count(connections); i++)
		if (!many_take_one(many, config, json_at(connections, i)))
			return error_set(err, ERR_NOMEM, "reports: out of memory");
	return true;
}

/* --- one letter --- */

static bool
register_it(struct closing *closing, const struct report_key *key, unsigned edition,
	    const struct json *known, struct error *err)
{
	const struct report_run *run = closing->run;
	enum report_state state;

	if (run->put == NULL)
		return true;
	if (!report_letter_register(run->config->state_dir, report_maker_week(closing->maker), key,
				    edition, known, run->asked, run->put, run->user, &state, err)) {
		closing->broken = true;
		return false;
	}
	closing->tally->states[state]++;
	return true;
}

static bool
make_peer(struct closing *closing, const struct report_key *key, const struct report_peer *peer,
	  struct json **facts, struct error *err)
{
	struct report_pictures pictures = { 0 };
	char *csv;
	bool done = report_maker_peer(closing->maker, peer, 1, facts, &csv, &pictures, err);

	if (done && *facts != NULL)
		done = report_letter_keep(report_maker_shelf(closing->maker), key, *facts, csv,
					  &pictures, err);
	closing->tally->made += done && *facts != NULL;
	report_pictures_free(&pictures);
	free(csv);
	return done;
}

static struct report_key
key_of(const struct report_peer *peer)
{
	return (struct report_key) { .kind = REPORT_PEER, .asn = peer->asn, .exchange = "" };
}

static unsigned
edition_of(const struct closing *closing, const struct report_peer *peer)
{
	const struct report_key key = key_of(peer);
	char name[REPORT_STEM_SIZE];

	return report_shelf_edition(closing->run->config->state_dir,
				    report_maker_week(closing->maker), report_key_name(name, &key));
}

/* The newest edition is what stands; earlier ones were registered before it.  was_there: before this run. */
static bool
close_peer(struct closing *closing, const struct report_peer *peer, bool was_there,
	   struct error *err)
{
	const struct report_key key = key_of(peer);
	unsigned edition = edition_of(closing, peer);
	struct json *facts = NULL;
	bool done;

	if (edition == 0) {
		done = make_peer(closing, &key, peer, &facts, err);
		edition = 1;
	} else {
		done = report_letter_facts(&facts, closing->run->config->state_dir,
					   report_maker_week(closing->maker), &key, edition, err);
		closing->tally->kept += done && was_there;
		closing->tally->made += done && !was_there; /* by a helper */
	}
	if (done && facts != NULL)
		done = many_take(&closing->many, closing->run->config, facts, err) &&
		       register_it(closing, &key, edition, facts, err);
	json_free(facts);
	return done;
}

static bool
close_many(struct closing *closing, const struct report_key *key, struct connections *list,
	   struct error *err)
{
	const char *state_dir = closing->run->config->state_dir;
	const char *week = report_maker_week(closing->maker);
	const struct report_pictures none = { 0 };
	char name[REPORT_STEM_SIZE];
	unsigned edition = report_shelf_edition(state_dir, week, report_key_name(name, key));
	struct json *connections, *facts;
	bool done;

	if (list->len == 0)
		return true;
	if (edition > 0) {
		closing->tally->kept++;
		return register_it(closing, key, edition, NULL, err);
	}
	if (!connections_take(list, &connections, err))
		return false;
	facts = report_maker_many(
	    closing->maker, key->kind == REPORT_EXCHANGE ? key->exchange : NULL, 1, connections);
	done = report_letter_keep(report_maker_shelf(closing->maker), key, facts, "", &none, err);
	closing->tally->made += done;
	json_free(facts);
	return done && register_it(closing, key, 1, NULL, err);
}

/* --- a week --- */

static bool
is_wanted(const struct report_run *run, const struct report_peer *peer)
{
	bool has_asn = run->asn == 0, is_there = run->exchange == NULL;

	for (size_t i = 0; i < peer->asn_count; i++)
		has_asn = has_asn || peer->asns[i] == run->asn;
	for (size_t i = 0; i < peer->connection_count; i++)
		is_there =
		    is_there || strcmp(peer->connections[i].ports->exchange, run->exchange) == 0;
	return has_asn && is_there;
}

static void
tell_failure(struct closing *closing, uint32_t asn, const struct error *trouble)
{
	closing->tally->failed++;
	log_error("report", "event=letter-not-made week=%s asn=%u reason=\"%s\"",
		  report_maker_week(closing->maker), (unsigned)asn, trouble->text);
}

static void
tell_progress(const struct report_run *run, size_t done, size_t count)
{
	if (run->on_progress != NULL)
		run->on_progress(done, count, run->user);
}

/* How many letters are still to be made; was_there[i]: that of peer i is not. */
static size_t
look_what_is_there(const struct closing *closing, bool *was_there)
{
	const struct report_peers *peers = report_maker_peers(closing->maker);
	size_t missing = 0;

	for (size_t i = 0; i < peers->count; i++) {
		was_there[i] = !is_wanted(closing->run, &peers->peers[i]) ||
			       edition_of(closing, &peers->peers[i]) > 0;
		missing += !was_there[i];
	}
	return missing;
}

static bool
close_each(struct closing *closing, struct report_helpers *helpers, const bool *was_there,
	   struct error *err)
{
	const struct report_peers *peers = report_maker_peers(closing->maker);
	const struct report_run *run = closing->run;
	struct error trouble = { 0 };

	for (size_t i = 0; i < peers->count; i++) {
		const struct report_peer *peer = &peers->peers[i];

		tell_progress(run, i, peers->count);
		if (!is_wanted(run, peer))
			continue;
		report_helpers_wait(helpers, i);
		if (close_peer(closing, peer, was_there[i], &trouble))
			continue;
		if (closing->broken || trouble.code == ERR_NOMEM)
			return error_set(err, trouble.code, "%s", trouble.text);
		tell_failure(closing, peer->asn, &trouble);
	}
	tell_progress(run, peers->count, peers->count);
	return true;
}

/* A helper makes what is not there, this process what no helper did; and registers all, one after the other. */
static bool
close_peers(struct closing *closing, struct error *err)
{
	const struct report_peers *peers = report_maker_peers(closing->maker);
	const struct report_run *run = closing->run;
	bool *was_there = calloc(peers->count + 1, sizeof(*was_there)), done;
	struct report_helpers *helpers;

	if (was_there == NULL)
		return error_set(err, ERR_NOMEM, "reports: out of memory");
	if (run->asn != 0 && report_peers_find(peers, run->asn) == NULL) {
		free(was_there);
		return error_set(err, ERR_NOT_FOUND,
				 "AS%u has no port of kind member, pni or reseller here", run->asn);
	}
	helpers = report_helpers_start(run->config_file, report_maker_week(closing->maker),
				       run->exchange, look_what_is_there(closing, was_there));
	done = close_each(closing, helpers, was_there, err);
	report_helpers_end(helpers);
	free(was_there);
	return done;
}

/* --- as a helper --- */

static void
make_share(struct closing *closing, int told)
{
	const struct report_peers *peers = report_maker_peers(closing->maker);
	const struct report_run *run = closing->run;

	for (size_t i = run->helper - 1; i < peers->count; i += run->helper_count) {
		const struct report_peer *peer = &peers->peers[i];
		const struct report_key key = key_of(peer);
		struct json *facts = NULL;

		if (is_wanted(run, peer) && edition_of(closing, peer) == 0)
			make_peer(closing, &key, peer, &facts, NULL);
		json_free(facts);
		if (write(told, "", 1) != 1)
			return; /* nobody waits */
	}
}

bool
report_close_share(const struct report_run *run, int told, struct error *err)
{
	struct report_tally tally = { 0 };
	struct closing closing = { .run = run, .tally = &tally };

	if (!report_maker_open(&closing.maker, run, err))
		return false;
	make_share(&closing, told);
	report_maker_close(closing.maker);
	return true;
}

static bool
close_rest(struct closing *closing, struct error *err)
{
	const struct report_run *run = closing->run;
	struct report_key key = { .kind = REPORT_EXCHANGE };

	for (size_t i = 0; i < run->config->exchange_count; i++) {
		key.exchange = run->config->exchanges[i].slug;
		if ((run->exchange == NULL || strcmp(run->exchange, key.exchange) == 0) &&
		    !close_many(closing, &key, &closing->many.of_exchange[i], err))
			return false;
	}
	key = (struct report_key) { .kind = REPORT_OVERVIEW, .exchange = "" };
	return run->exchange != NULL || close_many(closing, &key, &closing->many.all, err);
}

static bool
close_all(struct closing *closing, struct error *err)
{
	if (!close_peers(closing, err))
		return false;
	if (closing->tally->failed > 0)
		return error_set(err, ERR_REFUSED,
				 "%zu letters of week %s could not be made: the log says why",
				 closing->tally->failed, report_maker_week(closing->maker));
	return closing->run->asn != 0 || close_rest(closing, err);
}

bool
report_close(const struct report_run *run, struct report_tally *tally, struct error *err)
{
	struct closing closing = { .run = run, .tally = tally };

	/* A letter's files come and go beside what is kept of thousands: on the heap they
	 * would have it searched through again and again. */
	mallopt(M_MMAP_THRESHOLD, LARGE_OCTETS);
	bool done = report_maker_open(&closing.maker, run, err) &&
		    (many_init(&closing.many, run->config) ||
		     error_set(err, ERR_NOMEM, "reports: out of memory")) &&
		    close_all(&closing, err);

	many_end(&closing.many, run->config);
	report_maker_close(closing.maker);
	return done;
}
