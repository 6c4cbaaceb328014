/* report_letter.c - see report_letter.h. */
#include "report_letter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/log.h"
#include "notify/letter.h"

#define FIXED_FILES 4 /* text, HTML, CSV, facts */

void
report_pictures_free(struct report_pictures *pictures)
{
	for (size_t i = 0; i < pictures->count; i++) {
		free((char *)(uintptr_t)pictures->files[i].name);
		free((void *)(uintptr_t)pictures->files[i].octets);
	}
	free(pictures->files);
	*pictures = (struct report_pictures) { 0 };
}

char *
report_key_name(char dst[REPORT_STEM_SIZE], const struct report_key *key)
{
	switch (key->kind) {
	case REPORT_PEER: snprintf(dst, REPORT_STEM_SIZE, "AS%u", key->asn); break;
	case REPORT_EXCHANGE:
		snprintf(dst, REPORT_STEM_SIZE, "exchange-%.80s", key->exchange);
		break;
	case REPORT_OVERVIEW:
	case REPORT_KIND_COUNT: snprintf(dst, REPORT_STEM_SIZE, "overview"); break;
	}
	return dst;
}

/* --- keeping --- */

struct names {
	char text[REPORT_STEM_SIZE + 8], html[REPORT_STEM_SIZE + 8], csv[REPORT_STEM_SIZE + 8],
	    json[REPORT_STEM_SIZE + 8];
};

static void
names_of_stem(struct names *names, const char *stem)
{
	snprintf(names->text, sizeof(names->text), "%.120s.txt", stem);
	snprintf(names->html, sizeof(names->html), "%.120s.html", stem);
	snprintf(names->csv, sizeof(names->csv), "%.120s.csv", stem);
	snprintf(names->json, sizeof(names->json), "%.120s.json", stem);
}

static void
names_fill(struct names *names, const struct report_key *key, unsigned edition)
{
	char name[REPORT_STEM_SIZE], stem[REPORT_STEM_SIZE];

	names_of_stem(names, report_stem(stem, report_key_name(name, key), edition));
}

static unsigned
edition_of(const struct json *facts)
{
	int64_t edition = 1;

	json_int(json_get(facts, "edition"), &edition);
	return edition > 1 ? (unsigned)edition : 1;
}

/* Of the octets that are kept, not of the tree they came from: it is these that it will be made of again. */
static bool
letter_of(struct letter *letter, const char *facts, size_t len, struct error *err)
{
	struct json *json = NULL;
	bool done = json_parse(&json, facts, len, err) && letter_make(letter, json, err);

	json_free(json);
	return done;
}

static bool
keep(struct report_shelf *shelf, const struct report_key *key, unsigned edition, const char *facts,
     size_t facts_len, const char *csv, const struct letter *letter,
     const struct report_pictures *pictures, struct error *err)
{
	size_t count = pictures->count;
	struct shelf_file *files = calloc(count + FIXED_FILES, sizeof(*files));
	struct names names = { .text = "" };
	bool done;

	if (files == NULL)
		return error_set(err, ERR_NOMEM, "letter: out of memory");
	names_fill(&names, key, edition);
	for (size_t i = 0; i < count; i++)
		files[i] = pictures->files[i];
	files[count++] = (struct shelf_file) { names.text, letter->text, strlen(letter->text) };
	files[count++] = (struct shelf_file) { names.html, letter->html, strlen(letter->html) };
	files[count++] = (struct shelf_file) { names.csv, csv, strlen(csv) };
	files[count++] = (struct shelf_file) { names.json, facts, facts_len };
	done = report_shelf_keep(shelf, files, count, err);
	free(files);
	return done;
}

bool
report_letter_keep(struct report_shelf *shelf, const struct report_key *key,
		   const struct json *facts, const char *csv,
		   const struct report_pictures *pictures, struct error *err)
{
	size_t len;
	char *text = json_print_dup(facts, false, &len);
	struct letter letter = { 0 };
	bool done = (text != NULL || error_set(err, ERR_NOMEM, "facts: out of memory")) &&
		    letter_of(&letter, text, len, err) &&
		    keep(shelf, key, edition_of(facts), text, len,
			 csv[0] != '\0' ? csv : LETTER_CSV_HEADER, &letter, pictures, err);

	letter_free(&letter);
	free(text);
	return done;
}

static bool
facts_read(struct json **facts, const char *state_dir, const char *week, const char *name,
	   struct error *err)
{
	char *text;
	size_t len;
	bool done;

	if (!report_shelf_read(state_dir, week, name, &text, &len, err))
		return false;
	done = json_parse(facts, text, len, err) || error_wrap(err, "%s", name);
	free(text);
	return done;
}

bool
report_letter_facts(struct json **facts, const char *state_dir, const char *week,
		    const struct report_key *key, unsigned edition, struct error *err)
{
	struct names names = { .text = "" };

	names_fill(&names, key, edition);
	return facts_read(facts, state_dir, week, names.json, err);
}

/* --- registering --- */

struct listing {
	struct json *list;
	const char *state_dir, *week;
};

static bool
put_file(const struct listing *listing, const char *name, struct error *err)
{
	unsigned char digest[DIGEST_LEN];
	char hex[DIGEST_HEX], *octets;
	struct json *out;
	size_t len;

	if (!report_shelf_read(listing->state_dir, listing->week, name, &octets, &len, err))
		return false;
	digest_of(digest, octets, len);
	digest_format(hex, digest);
	free(octets);
	out = json_put_object(listing->list, "");
	json_put_text(out, "name", name);
	json_put_int(out, "octets", (int64_t)len);
	json_put_text(out, "sha256", hex);
	return true;
}

static bool
put_files(struct json *request, const char *state_dir, const char *week, const struct names *names,
	  const struct json *facts, struct error *err)
{
	const struct listing listing = { json_put_array(request, "files"), state_dir, week };
	const char *const fixed[FIXED_FILES] = { names->text, names->html, names->csv,
						 names->json };
	const char *picture;
	size_t place;

	for (size_t i = 0; i < FIXED_FILES; i++)
		if (!put_file(&listing, fixed[i], err))
			return false;
	for (size_t i = 0; (picture = letter_picture_at(facts, i, &place)) != NULL; i++)
		if (!put_file(&listing, picture, err))
			return false;
	return true;
}

static bool
has_exchange(const struct json *list, const char *exchange)
{
	for (size_t i = 0; i < json_count(list); i++)
		if (strcmp(json_text(json_get(json_at(list, i), "exchange"), ""), exchange) == 0)
			return true;
	return false;
}

/* The gravest of each exchange: a peer may be there with several AS numbers or kinds.  Of an overview there are thousands of
 * connections, and tens of exchanges: each is looked for once. */
static void
put_connections(struct json *request, const struct json *facts)
{
	const struct json *connections = json_get(facts, "connections");
	struct json *list = json_put_array(request, "connections");

	for (size_t i = 0; i < json_count(connections); i++) {
		const char *exchange = json_text(json_get(json_at(connections, i), "exchange"), "");
		struct json *out;

		if (has_exchange(list, exchange))
			continue;
		out = json_put_object(list, "");
		json_put_text(out, "exchange", exchange);
		json_put_text(out, "verdict",
			      model_verdict_name(report_facts_verdict_at(facts, exchange)));
	}
}

static const char *
name_of(const struct report_key *key, const struct json *facts)
{
	const struct json *first = json_at(json_get(facts, "connections"), 0);

	switch (key->kind) {
	case REPORT_PEER: return json_text(json_get(json_get(facts, "peer"), "name"), "");
	case REPORT_EXCHANGE: return json_text(json_get(first, "exchange_name"), key->exchange);
	case REPORT_OVERVIEW:
	case REPORT_KIND_COUNT: break;
	}
	return "";
}

static struct json *
request_new(const struct report_key *key, const char *week, unsigned edition, bool asked,
	    const struct json *facts, const char *subject, const char *sha256)
{
	struct json *request = json_object_new();

	json_put_text(request, "op", "report-register");
	json_put_text(request, "kind", report_kind_name(key->kind));
	json_put_text(request, "week", week);
	if (key->kind == REPORT_PEER)
		json_put_int(request, "asn", key->asn);
	if (key->kind == REPORT_EXCHANGE)
		json_put_text(request, "exchange", key->exchange);
	json_put_int(request, "edition", edition);
	json_put_text(request, "name", name_of(key, facts));
	json_put_text(request, "subject", subject);
	json_put_text(request, "verdict", json_text(json_get(facts, "verdict"), ""));
	json_put_text(request, "purpose", json_text(json_get(facts, "purpose"), ""));
	json_put_bool(request, "tells", letter_tells(facts));
	json_put_text(request, "sha256", sha256);
	if (edition > 1)
		json_put_text(request, "corrects", json_text(json_get(facts, "corrects"), ""));
	json_put_text(request, "made", json_text(json_get(facts, "made"), ""));
	json_put_bool(request, "all", asked);
	return request;
}

static bool
ask(const struct json *request, report_register *put, void *user, enum report_state *state,
    struct error *err)
{
	struct json *answer = NULL;
	bool done = put(request, &answer, user, err);

	*state = REPORT_NOTHING;
	if (done && !report_state_parse(json_text(json_get(answer, "state"), ""), state))
		done = error_set(err, ERR_PARSE, "report-register: an answer without a state");
	json_free(answer);
	return done;
}

bool
report_letter_register(const char *state_dir, const char *week, const struct report_key *key,
		       unsigned edition, const struct json *known, bool asked, report_register *put,
		       void *user, enum report_state *state, struct error *err)
{
	char name[REPORT_STEM_SIZE], stem[REPORT_STEM_SIZE], sha256[DIGEST_HEX];
	struct json *read = NULL, *request = NULL;
	const struct json *facts;
	struct letter letter = { 0 };
	struct names names = { .text = "" };
	bool done;

	names_fill(&names, key, edition);
	report_stem(stem, report_key_name(name, key), edition);
	done = known != NULL || report_letter_facts(&read, state_dir, week, key, edition, err);
	facts = known != NULL ? known : read;
	done = done && letter_make(&letter, facts, err) &&
	       report_shelf_digest(state_dir, week, stem, sha256, err);
	if (done) {
		request = request_new(key, week, edition, asked, facts, letter.subject, sha256);
		done = put_files(request, state_dir, week, &names, facts, err);
	}
	if (done) {
		put_connections(request, facts);
		done = ask(request, put, user, state, err);
	}
	json_free(request);
	letter_free(&letter);
	json_free(read);
	return done || error_wrap(err, "%s/%s", week, stem);
}

bool
report_letter_pictures_each(const char *state_dir, const char *week, const char *stem,
			    report_on_picture *on_picture, void *user, struct error *err)
{
	struct json *facts = NULL;
	struct names names = { .text = "" };
	const char *picture;
	size_t place;
	bool done;

	names_of_stem(&names, stem);
	done = facts_read(&facts, state_dir, week, names.json, err);
	for (size_t i = 0; done && (picture = letter_picture_at(facts, i, &place)) != NULL; i++)
		done = on_picture(picture, user);
	json_free(facts);
	return done;
}

/* --- made again --- */

static bool
is_same(const char *name, const char *made, const char *kept, size_t kept_len, struct error *err)
{
	size_t made_len = strlen(made), at = 0, line = 1;

	while (at < made_len && at < kept_len && made[at] == kept[at])
		line += made[at++] == '\n';
	if (at == made_len && at == kept_len)
		return true;
	return error_set(
	    err, ERR_REFUSED,
	    "%s: is not what its facts make: octet %zu, in line %zu, is the first that "
	    "differs",
	    name, at, line);
}

static bool
file_is_same(const char *state_dir, const char *week, const char *name, const char *made,
	     struct error *err)
{
	char *kept;
	size_t len;
	bool done;

	if (!report_shelf_read(state_dir, week, name, &kept, &len, err))
		return false;
	done = is_same(name, made, kept, len, err);
	free(kept);
	return done;
}

static bool
csv_is_one(const char *state_dir, const char *week, const char *name, struct error *err)
{
	size_t len, header = strlen(LETTER_CSV_HEADER);
	char *kept;
	bool done;

	if (!report_shelf_read(state_dir, week, name, &kept, &len, err))
		return false;
	done =
	    len >= header && strncmp(kept, LETTER_CSV_HEADER, header) == 0 && kept[len - 1] == '\n';
	free(kept);
	return done ||
	       error_set(err, ERR_REFUSED, "%s: does not begin with the header of samples", name);
}

bool
report_letter_remake(const char *state_dir, const char *week, const char *stem, struct error *err)
{
	struct letter letter = { 0 };
	struct json *facts = NULL;
	struct names names = { .text = "" };
	bool done;

	names_of_stem(&names, stem);
	done = facts_read(&facts, state_dir, week, names.json, err) &&
	       letter_make(&letter, facts, err) &&
	       file_is_same(state_dir, week, names.text, letter.text, err) &&
	       file_is_same(state_dir, week, names.html, letter.html, err) &&
	       csv_is_one(state_dir, week, names.csv, err);
	letter_free(&letter);
	json_free(facts);
	return done || error_wrap(err, "%s", week);
}
