/* letter.c - see letter.h: facts are read, what may not be said is refused, the parts are told in their order, and set. */
#include "notify/letter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "notify/letter_tell.h"
#include "notify/message_page.h"

/* --- names and small words --- */

const char *
letter_way(enum direction direction)
{
	return direction == DIRECTION_OUT ? "out" : "in";
}

const char *
letter_kind_key(enum port_kind kind)
{
	return kind == KIND_PNI ? "pni" : kind == KIND_RESELLER ? "reseller" : "member";
}

const char *
letter_verdict_key(enum verdict verdict)
{
	return verdict == VERDICT_INSUFFICIENT ? "insufficient" : model_verdict_name(verdict);
}

const char *
letter_flag_key(bool flag)
{
	return flag ? "yes" : "no";
}

/* A network with several AS numbers, or with a reseller's port, may be at one exchange by more than one connection. */
static bool
is_one_of_several(const struct letter_telling *t, const struct letter_connection *c)
{
	for (size_t i = 0; t->facts->kind == LETTER_PEER && i < t->facts->connection_count; i++)
		if (&t->facts->connections[i] != c &&
		    strcmp(t->facts->connections[i].exchange, c->exchange) == 0)
			return true;
	return false;
}

const char *
letter_place(const struct letter_telling *t, const struct letter_connection *c)
{
	if (!is_one_of_several(t, c))
		return letter_clean(t->words, c->exchange, LETTER_NAME_MAX);
	return LETTER_SAY(t->words, "place", v_name("exchange", c->exchange),
			  v_words("asn", letter_keep(t->words, "AS%u", c->asn)),
			  v_key("kind", letter_kind_key(c->kind)),
			  v_name("interface", c->port_count > 0 ? c->ports[0].interface : ""));
}

const char *
letter_whom(const struct letter_telling *t, const char *name, uint32_t asn)
{
	return LETTER_SAY(t->words, "whom", v_name("name", name),
			  v_words("asn", asn != 0 ? letter_keep(t->words, "AS%u", asn) : ""));
}

const char *
letter_verdict_words(const struct letter_telling *t, enum verdict verdict)
{
	return LETTER_SAY(t->words, "verdict", v_key("verdict", letter_verdict_key(verdict)));
}

const char *
letter_drops_words(const struct letter_telling *t, const struct letter_figures *figures,
		   double share)
{
	return LETTER_SAY(t->words, "drops",
			  v_key("drops", !figures->drops_measured ? "unmeasured"
					 : isnan(share)           ? "unknown"
					 : share > 0              ? "some"
								  : "none"),
			  v_loss("share", share));
}

void
letter_tell(const struct letter_telling *t, enum letter_part_kind kind, const char *entry)
{
	letter_add(t->page, kind, letter_say(t->words, entry, NULL));
}

/* --- the parts, in their order --- */

typedef void tell_part(const struct letter_telling *t);

static tell_part *const peer_parts[] = {
	letter_tell_head,     letter_tell_measured, letter_tell_figures, letter_tell_weeks,
	letter_tell_episodes, letter_tell_excused,  letter_tell_why,     letter_tell_unknown,
	letter_tell_help,     letter_tell_agreed,   letter_tell_policy,  letter_tell_check,
	letter_tell_person,
};

static void
tell_all(const struct letter_telling *t)
{
	if (t->facts->kind != LETTER_PEER) {
		letter_tell_coordinator(t);
		return;
	}
	for (size_t i = 0; i < sizeof(peer_parts) / sizeof(peer_parts[0]); i++)
		peer_parts[i](t);
}

/* What was said, set. */
static bool
letter_set(struct letter *out, const struct letter_telling *t, struct error *err)
{
	char subject[LETTER_SUBJECT_MAX * 4 + 8];
	struct letter made;

	message_clean(subject, sizeof(subject), letter_subject(t), LETTER_SUBJECT_MAX);
	t->page->title = subject;
	t->page->language = t->facts->language;
	tell_all(t);
	if (letter_words_failed(t->words, err))
		return false;
	made.subject = strdup(subject);
	made.text = letter_page_text(t->page);
	made.html = letter_page_html(t->page);
	if (made.subject == NULL || made.text == NULL || made.html == NULL) {
		letter_free(&made);
		return error_set(err, ERR_NOMEM, "letter: out of memory");
	}
	*out = made;
	return true;
}

static bool
letter_tell_facts(struct letter *out, const struct letter_facts *facts, struct error *err)
{
	size_t *order = calloc(facts->connection_count + 1, sizeof(*order));
	struct letter_words *words = NULL;
	struct letter_page page = { 0 };
	bool made = false;

	if (order == NULL)
		return error_set(err, ERR_NOMEM, "letter: out of memory");
	if (letter_words_open(&words, facts->language, err)) {
		struct letter_telling t = { .facts = facts,
					    .words = words,
					    .page = &page,
					    .order = order,
					    .focus = letter_focus_of(facts) };

		letter_order(facts, order);
		made = letter_set(out, &t, err);
	}
	letter_page_end(&page);
	letter_words_close(words);
	free(order);
	return made;
}

bool
letter_make(struct letter *out, const struct json *json, struct error *err)
{
	struct letter_facts facts;
	bool made;

	if (!letter_facts_read(&facts, json, err))
		return false;
	if (facts.request && !letter_is_request(&facts))
		made = error_set(err, ERR_REFUSED,
				 "facts: purpose: a request, of which the facts prove nothing");
	else
		made = letter_tell_facts(out, &facts, err);
	letter_facts_free(&facts);
	return made;
}

void
letter_free(struct letter *letter)
{
	free(letter->subject);
	free(letter->text);
	free(letter->html);
	memset(letter, 0, sizeof(*letter));
}

/* --- what others ask of facts --- */

const char *
letter_purpose_of(const struct json *json)
{
	struct letter_facts facts;
	bool asks = false;

	if (letter_facts_read(&facts, json, NULL)) {
		asks = letter_is_request(&facts);
		letter_facts_free(&facts);
	}
	return asks ? "request" : "information";
}

bool
letter_asks_at(const struct json *json, size_t i)
{
	struct letter_facts facts;
	bool asks = false;

	if (letter_facts_read(&facts, json, NULL)) {
		asks = letter_is_request(&facts) && i < facts.connection_count &&
		       letter_is_asked(&facts, &facts.connections[i]);
		letter_facts_free(&facts);
	}
	return asks;
}

bool
letter_tells(const struct json *json)
{
	struct letter_facts facts;
	bool tells = false;

	if (letter_facts_read(&facts, json, NULL)) {
		tells = letter_has_news(&facts);
		letter_facts_free(&facts);
	}
	return tells;
}

const char *
letter_picture_at(const struct json *json, size_t i, size_t *place)
{
	const struct json *connections = json_get(json, "connections");

	for (size_t c = 0; c < json_count(connections); c++) {
		const char *graph = json_text(json_get(json_at(connections, c), "graph"), "");

		if (!letter_picture_name_ok(graph) || i-- > 0)
			continue;
		*place = c + 1;
		return graph;
	}
	return NULL;
}
