/* page_note.c - what somebody noted about a port: on its page what stands, on a page of its own every note, with a form to
 * write one.  That form is not on the port's page, which renews itself. */
#include <inttypes.h>
#include <stdio.h>

#include "ixwatch/ledger_note.h"
#include "ixwatch/units.h"

#include "action.h"
#include "api.h"
#include "page.h"
#include "refuse.h"

#define BESIDE_PORT 5   /* shown on the port's page */
#define PAGE_NOTES  100 /* on a page of theirs */

struct list {
	struct html *html;
	const struct request *request;
	unsigned limit, count;
	int64_t last_id; /* shown; of more there are, the rest is older */
	bool more;
};

/* --- one note --- */

static void
put_withdraw(struct list *list, int64_t id)
{
	html_put(list->html,
		 "<form class=\"do\" method=\"post\" action=\"/ports/%lld/notes/withdraw\">"
		 "<input type=\"hidden\" name=\"token\" value=\"%s\">"
		 "<input type=\"hidden\" name=\"id\" value=\"%lld\">"
		 "<button aria-label=\"Withdraw note %lld\">Withdraw</button></form>",
		 (long long)list->request->params.id, list->request->who.form_token, (long long)id,
		 (long long)id);
}

static void
put_note(struct list *list, const struct ledger_note *note)
{
	struct html *html = list->html;

	html_raw(html, note->withdrawn_utc_sec != 0 ? "<li class=\"withdrawn\">" : "<li>");
	html_put(html, "<p>%s</p>\n<div><small><b>%s</b> ", note->text, note->author);
	page_instant(html, list->request, note->created_utc_sec);
	if (note->port_id != list->request->params.id)
		html_raw(html, ", before it moved here");
	if (note->withdrawn_utc_sec != 0) {
		html_put(html, ", withdrawn by <b>%s</b> ", note->withdrawn_by);
		page_instant(html, list->request, note->withdrawn_utc_sec);
	}
	html_raw(html, "</small>");
	if (note->withdrawn_utc_sec == 0 && list->request->who.role >= ROLE_OPERATOR)
		put_withdraw(list, note->id);
	html_raw(html, "</div></li>\n");
}

static bool
on_note(const struct ledger_note *note, void *user)
{
	struct list *list = user;

	list->more = list->count == list->limit;
	if (list->more)
		return false;
	html_raw(list->html, list->count++ == 0 ? "<ol class=\"notes\">\n" : "");
	list->last_id = note->id;
	put_note(list, note);
	return true;
}

static void
put_list(struct list *list, const struct ledger_note_query *query)
{
	struct error err = { 0 };
	bool whole = list->request->ledger != NULL &&
		     ledger_note_each(list->request->ledger, query, on_note, list, &err);

	html_raw(list->html, list->count > 0 ? "</ol>\n" : "");
	if (!whole)
		html_raw(list->html, "<p class=\"problem\">They cannot be read now.</p>\n");
	else if (list->count == 0)
		html_raw(list->html, "<p class=\"muted\">None.</p>\n");
}

/* --- on the port's page --- */

static bool
on_any(const struct ledger_note *note, void *user)
{
	(void)note;
	*(bool *)user = true;
	return false;
}

/* What cannot be read is said rather than left out. */
static bool
has_any(const struct request *request)
{
	struct ledger_note_query query = { .port_id = request->params.id,
					   .standing_only = true,
					   .limit = 1 };
	struct error err;
	bool found = false;

	return !ledger_note_each(request->ledger, &query, on_any, &found, &err) || found;
}

bool
page_may_note(const struct request *request)
{
	return !request->is_of_link && !account_scopes_are_of_peers(&request->who.scopes);
}

void
page_notes_section(struct html *html, const struct request *request)
{
	struct ledger_note_query query = { .port_id = request->params.id, .standing_only = true };
	struct list list = { .html = html, .request = request, .limit = BESIDE_PORT };

	if (!page_may_note(request) || request->ledger == NULL || !has_any(request))
		return;
	html_raw(html, "<section aria-labelledby=\"notes\"><h2 id=\"notes\">Notes</h2>\n");
	put_list(&list, &query);
	html_put(html, "<p class=\"muted\"><a href=\"/ports/%lld/notes\">%s</a></p>\n</section>\n",
		 (long long)request->params.id,
		 list.more ? "More notes" : "Notes of this port, the withdrawn ones too");
}

/* --- their own page --- */

static bool
on_done(const struct ledger_note *note, void *user)
{
	html_put(user, "<p class=\"done\" role=\"status\">Note %lld %s.</p>\n", (long long)note->id,
		 note->withdrawn_utc_sec != 0 ? "is withdrawn" : "stands");
	return false;
}

/* Of another port's note nothing is said. */
static void
put_done(struct html *html, const struct request *request)
{
	struct ledger_note_query query = { .id = request->query.done,
					   .port_id = request->params.id };
	struct error err;

	if ((request->query.has & ARG_DONE) != 0 && request->ledger != NULL && query.id != 0)
		ledger_note_each(request->ledger, &query, on_done, html, &err);
}

static void
put_form(struct html *html, const struct request *request, const char *typed, const char *problem)
{
	html_put(html,
		 "<form class=\"ask card wide-ask\" method=\"post\" action=\"/ports/%lld/notes\">\n"
		 "<input type=\"hidden\" name=\"token\" value=\"%s\">\n"
		 "<label>What the next who looks should know <textarea name=\"" FORM_LINES
		 "\" rows=\"4\" maxlength=\"%d\" required",
		 (long long)request->params.id, request->who.form_token, LEDGER_NOTE_MAX);
	html_raw(html, page_fault_of("text", problem));
	html_put(html, ">\n%s</textarea></label>\n<button>Keep the note</button>\n</form>\n",
		 typed);
}

static void
put_all(struct html *html, const struct request *request)
{
	struct ledger_note_query query = { .port_id = request->params.id,
					   .before_id = request->query.cursor };
	struct list list = { .html = html, .request = request, .limit = PAGE_NOTES };

	html_raw(html, "<section aria-labelledby=\"notes\"><h2 id=\"notes\">Noted already</h2>\n");
	put_list(&list, &query);
	if (list.more)
		html_put(html,
			 "<nav class=\"pages\" aria-label=\"More notes\"><a "
			 "href=\"/ports/%lld/notes?cursor=%lld\">older ones</a></nav>\n",
			 (long long)request->params.id, (long long)list.last_id);
	html_raw(html, "</section>\n");
}

static void
put_page(const struct request *request, struct reply *reply, unsigned status, const char *typed,
	 const char *problem)
{
	const struct world_port *port = world_port_find(request->world, request->params.id);
	char title[PAGE_TITLE_MAX];
	struct html html;

	if (port == NULL) { /* or it went while the collector was asked */
		refuse(request, reply, 404, "not_found", "there is no port %" PRId64,
		       request->params.id);
		return;
	}
	page_begin(&html, request, page_port_title(title, sizeof(title), "Notes: ", &port->port),
		   PLACE_NONE, 0);
	html_put(&html,
		 "<h1>Notes</h1>\n<p class=\"sub\">About <a href=\"/ports/%lld\">%s</a>, %s %s. "
		 "Every account that sees the port reads them, with who wrote what and when; a "
		 "letter's link shows none. They are withdrawn, never changed or deleted.</p>\n",
		 (long long)port->port.id, page_port_name(&port->port), port->port.agent,
		 port->port.interface);
	put_done(&html, request);
	page_problem(&html, problem);
	if (request->who.role >= ROLE_OPERATOR)
		put_form(&html, request, typed, problem);
	put_all(&html, request);
	page_end(&html, request, reply, status);
}

void
page_notes(const struct request *request, struct reply *reply)
{
	const struct world_move *move;

	if (refuse_without_ledger(request, reply))
		return;
	move = world_move_find(request->world, request->params.id);
	if (move != NULL && world_port_find(request->world, request->params.id) == NULL)
		page_moved_port(request, move, reply);
	else
		put_page(request, reply, 200, "", "");
}

/* --- what is asked of the collector --- */

static struct json *
op_of_port(const struct request *request, const char *name)
{
	struct json *op = json_object_new();
	char id[24];

	snprintf(id, sizeof(id), "%" PRId64, request->params.id);
	json_put_text(op, "op", name);
	json_put_text(op, "port", id);
	return op;
}

/* A form's field that may have lines has a name of its own. */
static void
send_note(const struct request *request, struct reply *reply, reply_finish *finish)
{
	struct json *op;

	if (refuse_without_ledger(request, reply))
		return;
	op = op_of_port(request, "note");
	json_put_text(op, "text",
		      action_field(request, request->body != NULL ? "text" : FORM_LINES));
	action_send(request, reply, op, finish);
}

/* A form's fields are text; what is no id, the collector refuses. */
static void
send_withdraw(const struct request *request, struct reply *reply, reply_finish *finish)
{
	struct json *op;
	uint64_t typed = 0;
	int64_t id = 0;

	if (refuse_without_ledger(request, reply))
		return;
	if (request->body != NULL)
		json_int(json_get(request->body, "id"), &id);
	else if (units_parse_uint(action_field(request, "id"), 1, INT64_MAX, &typed))
		id = (int64_t)typed;
	op = op_of_port(request, "note-withdraw");
	json_put_int(op, "id", id);
	action_send(request, reply, op, finish);
}

static void
on_answer(const struct request *request, const struct drawn *drawn, void *pending,
	  struct reply *reply)
{
	struct error err;
	unsigned status;
	struct json *answer = action_answer(drawn, &status, &err);
	char path[96];
	int64_t id = 0;

	(void)pending;
	if (answer == NULL) {
		put_page(request, reply, status, action_field(request, FORM_LINES), err.text);
		return;
	}
	json_int(json_get(json_get(answer, "answer"), "id"), &id);
	json_free(answer);
	snprintf(path, sizeof(path), "/ports/%" PRId64 "/notes?done=%" PRId64, request->params.id,
		 id);
	reply_redirect(reply, path);
}

void
page_notes_post(const struct request *request, struct reply *reply)
{
	send_note(request, reply, on_answer);
}

void
page_note_withdraw_post(const struct request *request, struct reply *reply)
{
	send_withdraw(request, reply, on_answer);
}

void
api_notes_post(const struct request *request, struct reply *reply)
{
	send_note(request, reply, action_finish_json);
}

void
api_note_withdraw_post(const struct request *request, struct reply *reply)
{
	send_withdraw(request, reply, action_finish_json);
}
