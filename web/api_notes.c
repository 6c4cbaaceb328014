/* api_notes.c - the notes about a port, newest first, the withdrawn ones too. */
#include <inttypes.h>

#include "ixwatch/ledger_note.h"

#include "api.h"
#include "refuse.h"

struct listing {
	struct json *list;
	unsigned limit, count;
	int64_t last_id; /* of those that are listed */
	bool more;
};

static bool
on_note(const struct ledger_note *note, void *user)
{
	struct listing *listing = user;
	struct json *n;

	listing->more = listing->count == listing->limit;
	if (listing->more)
		return false;
	listing->count++;
	listing->last_id = note->id;
	n = json_put_object(listing->list, "");
	json_put_int(n, "id", note->id);
	json_put_text(n, "text", note->text);
	json_put_text(n, "author", note->author);
	json_put_utc(n, "created_at", note->created_utc_sec);
	json_put_utc(n, "withdrawn_at", note->withdrawn_utc_sec);
	json_put_text(n, "withdrawn_by", note->withdrawn_utc_sec != 0 ? note->withdrawn_by : NULL);
	return true;
}

void
api_notes(const struct request *request, struct reply *reply)
{
	struct ledger_note_query query = { .port_id = request->params.id,
					   .before_id = request->query.cursor };
	struct listing listing = { .limit = request->query.limit };
	struct json *root;
	struct error err;

	if (refuse_without_ledger(request, reply))
		return;
	if (world_port_find(request->world, request->params.id) == NULL) {
		refuse(request, reply, 404, "not_found", "there is no port %" PRId64,
		       request->params.id);
		return;
	}
	if (request->ledger == NULL) {
		refuse(request, reply, 503, "no_data", "the ledger cannot be read now");
		return;
	}
	root = json_object_new();
	listing.list = json_put_array(root, "notes");
	if (!ledger_note_each(request->ledger, &query, on_note, &listing, &err)) {
		json_free(root);
		refuse(request, reply, 503, "ledger", "%s", err.text);
		return;
	}
	api_put_next(root, listing.more ? listing.last_id : 0);
	reply_json(reply, 200, root);
}
