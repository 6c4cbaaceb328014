/* note.c - see note.h. */
#include "note.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "declare.h"
#include "declare_request.h"
#include "ixwatch/clock.h"
#include "ixwatch/ledger_note.h"
#include "ixwatch/units.h"

#define TEXT_OCTETS_MAX (4 * LEDGER_NOTE_MAX) /* of UTF-8 */
#define BLANK           " \r\n"

/* --- the requests --- */

/* A request to add, understood; but for its text it is lent. */
struct wish {
	const char *port, *author;
	char text[TEXT_OCTETS_MAX + 1];
	size_t len;
};

/* A request to withdraw. */
struct parting {
	int64_t id;
	const char *port; /* NULL: whichever it is of */
	const char *author;
};

/* "port": its name, as a text or an id. */
static bool
take_port(const struct json *request, const char **port, struct error *err)
{
	*port = json_text(json_get(request, "port"), "");
	return (*port)[0] != '\0' ||
	       error_set(err, ERR_USAGE,
			 "\"port\" must name a port: its id, as text, or exchange/agent/ifName");
}

static bool
is_clean(const char *line, size_t len)
{
	char clean[TEXT_OCTETS_MAX + 1];

	units_clean_text(clean, sizeof(clean), line, len);
	return strlen(clean) == len && memcmp(clean, line, len) == 0;
}

/* Characters, of text that is UTF-8. */
static size_t
count_characters(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static bool
too_long(struct error *err)
{
	return error_set(err, ERR_USAGE, "text: is too long; allowed are up to %d characters",
			 LEDGER_NOTE_MAX);
}

/* One line, with its LF where it has one. */
static bool
take_line(struct wish *wish, const char *line, size_t len, bool has_end, struct error *err)
{
	if (has_end && len > 0 && line[len - 1] == '\r')
		len--;
	if (len + has_end > TEXT_OCTETS_MAX - wish->len)
		return too_long(err);
	if (!is_clean(line, len))
		return error_set(err, ERR_USAGE,
				 "text: has control characters or is no UTF-8; allowed are lines "
				 "of plain text");
	memcpy(wish->text + wish->len, line, len);
	wish->len += len;
	if (has_end)
		wish->text[wish->len++] = '\n';
	return true;
}

static bool
take_text(struct wish *wish, const struct json *request, struct error *err)
{
	const char *text = json_text(json_get(request, "text"), "");
	const char *end;
	size_t left;

	text += strspn(text, BLANK);
	left = strlen(text);
	while (left > 0 && strchr(BLANK, text[left - 1]) != NULL)
		left--;
	if (left == 0)
		return error_set(err, ERR_USAGE, "text: is empty; allowed are 1 to %d characters",
				 LEDGER_NOTE_MAX);
	while ((end = memchr(text, '\n', left)) != NULL) {
		size_t len = (size_t)(end - text);

		if (!take_line(wish, text, len, true, err))
			return false;
		text = end + 1;
		left -= len + 1;
	}
	if (!take_line(wish, text, left, false, err))
		return false;
	wish->text[wish->len] = '\0';
	return count_characters(wish->text) <= LEDGER_NOTE_MAX || too_long(err);
}

static bool
parse_add(const struct json *request, struct wish *wish, struct error *err)
{
	wish->len = 0;
	return take_port(request, &wish->port, err) && take_text(wish, request, err) &&
	       declare_take_text(request, "author", DECLARE_AUTHOR_MAX, &wish->author, err);
}

static bool
parse_withdraw(const struct json *request, struct parting *parting, struct error *err)
{
	parting->port = NULL;
	if (!json_int(json_get(request, "id"), &parting->id) || parting->id < 1)
		return error_set(err, ERR_USAGE, "\"id\" must be a note's, a whole number");
	return (json_get(request, "port") == NULL || take_port(request, &parting->port, err)) &&
	       declare_take_text(request, "author", DECLARE_AUTHOR_MAX, &parting->author, err);
}

bool
note_add_check(const struct json *request, struct error *err)
{
	struct wish wish;

	return parse_add(request, &wish, err);
}

bool
note_withdraw_check(const struct json *request, struct error *err)
{
	struct parting parting;

	return parse_withdraw(request, &parting, err);
}

/* --- done --- */

static bool
on_port_found(const struct port *port, void *user)
{
	*(int64_t *)user = port->id;
	return false;
}

/* The newest that stands: what is said again by the same in the same words is no other. */
struct newest {
	const struct wish *wish;
	int64_t same_id; /* 0: it is another, or there is none */
};

static bool
on_newest(const struct ledger_note *note, void *user)
{
	struct newest *newest = user;

	if (strcmp(note->text, newest->wish->text) == 0 &&
	    strcmp(note->author, newest->wish->author) == 0)
		newest->same_id = note->id;
	return false;
}

static bool
find_same(struct ledger *ledger, int64_t port_id, struct newest *newest, struct error *err)
{
	struct ledger_note_query query = { .port_id = port_id, .standing_only = true, .limit = 1 };

	return ledger_note_each(ledger, &query, on_newest, newest, err);
}

/* What is kept of a note when its row has gone by. */
struct held {
	bool found;
	int64_t port_id;
	char port[768];
};

static bool
on_held(const struct ledger_note *note, void *user)
{
	struct held *held = user;

	held->found = true;
	held->port_id = note->port_id;
	snprintf(held->port, sizeof(held->port), "%s/%s/%s", note->exchange, note->agent,
		 note->interface);
	return false;
}

/* Its text is in the ledger for good: the audit log says who did what to which. */
static bool
audit(struct judge_house *house, const char *did, int64_t id, const char *who, struct error *err)
{
	struct ledger_note_query query = { .id = id };
	struct held held = { .found = false };
	char detail[1024];

	if (!ledger_note_each(house->ledger, &query, on_held, &held, err))
		return false;
	snprintf(detail, sizeof(detail), "%s note %" PRId64 " about port:%s", did, id, held.port);
	return ledger_audit(house->ledger, clock_utc_sec(), who, "note", held.port_id, detail, err);
}

/* A write that failed must not be followed by a commit of half of it; a refusal wrote nothing. */
static bool
written(struct judge_house *house, bool done, const struct error *err)
{
	bool refused =
	    err->code == ERR_NOT_FOUND || err->code == ERR_REFUSED || err->code == ERR_USAGE;

	if (!done && !refused && house->trouble.code == ERR_NONE)
		house->trouble = *err;
	return done;
}

static bool
write_add(struct judge_house *house, int64_t port_id, const struct wish *wish, int64_t *id,
	  struct error *err)
{
	struct ledger_note note = { .port_id = port_id,
				    .text = wish->text,
				    .author = wish->author,
				    .created_utc_sec = clock_utc_sec() };

	return ledger_note_add(house->ledger, &note, id, err) &&
	       audit(house, "added", *id, wish->author, err);
}

bool
note_add(struct judge_house *house, const struct json *request, struct json *answer,
	 struct error *err)
{
	struct wish wish;
	struct newest newest = { .wish = &wish };
	int64_t port_id = 0, id;

	if (!parse_add(request, &wish, err) ||
	    !ledger_port_find(house->ledger, wish.port, on_port_found, &port_id, err) ||
	    !find_same(house->ledger, port_id, &newest, err))
		return false;
	id = newest.same_id;
	if (id == 0 && (!judge_house_begin(house, err) ||
			!written(house, write_add(house, port_id, &wish, &id, err), err)))
		return false;
	json_put_int(answer, "id", id);
	json_put_text(answer, "outcome", newest.same_id != 0 ? "known" : "added");
	return true;
}

/* That it is one of the port's, where one was named. */
static bool
check_port(struct ledger *ledger, const struct parting *parting, struct error *err)
{
	struct ledger_note_query query = { .id = parting->id };
	struct held held = { .found = false };

	if (parting->port == NULL)
		return true;
	if (!ledger_port_find(ledger, parting->port, on_port_found, &query.port_id, err) ||
	    !ledger_note_each(ledger, &query, on_held, &held, err))
		return false;
	return held.found ||
	       error_set(err, ERR_NOT_FOUND, "no note %" PRId64 " about that port", parting->id);
}

bool
note_withdraw(struct judge_house *house, const struct json *request, struct json *answer,
	      struct error *err)
{
	int64_t now_utc_sec = clock_utc_sec();
	struct parting parting;

	if (!parse_withdraw(request, &parting, err) || !check_port(house->ledger, &parting, err) ||
	    !judge_house_begin(house, err) ||
	    !written(
		house,
		ledger_note_withdraw(house->ledger, parting.id, now_utc_sec, parting.author, err) &&
		    audit(house, "withdrew", parting.id, parting.author, err),
		err))
		return false;
	json_put_int(answer, "id", parting.id);
	json_put_utc(answer, "withdrawn_at", now_utc_sec);
	return true;
}
