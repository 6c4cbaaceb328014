/* api_mail.c - the outbox, newest first; and one mail with its text. */
#include "ixwatch/outbox_json.h"

#include "api.h"
#include "refuse.h"

struct listing {
	struct json *list;
	bool with_text;
	unsigned count;
	int64_t last_id;
};

static bool
cannot_read(const struct request *request, struct reply *reply)
{
	if (refuse_without_ledger(request, reply))
		return true;
	if (request->ledger == NULL)
		refuse(request, reply, 503, "no_data", "the ledger cannot be read now");
	return request->ledger == NULL;
}

static bool
on_mail(const struct outbox_mail *mail, void *user)
{
	struct listing *listing = user;

	outbox_put_json(listing->list, listing->with_text ? "mail" : "", mail, listing->with_text);
	listing->last_id = mail->id;
	listing->count++;
	return true;
}

static void
put_summary(struct json *root, const struct outbox_summary *summary)
{
	struct json *counts = json_put_object(root, "states");

	for (unsigned state = 0; state < OUTBOX_STATE_COUNT; state++)
		json_put_int(counts, outbox_state_name((enum outbox_state)state),
			     summary->count[state]);
	json_put_utc(root, "oldest_due_at", summary->oldest_due_utc_sec);
}

void
api_mail(const struct request *request, struct reply *reply)
{
	struct outbox_query query = { .any_state = true,
				      .before_id = request->query.cursor,
				      .limit = request->query.limit };
	struct outbox_summary summary;
	struct listing listing = { .count = 0 };
	struct json *root;
	struct error err;

	if (cannot_read(request, reply))
		return;
	root = json_object_new();
	listing.list = json_put_array(root, "mails");
	if (!ledger_outbox_each(request->ledger, &query, on_mail, &listing, &err) ||
	    !ledger_outbox_summary(request->ledger, request->now_utc_sec, &summary, &err)) {
		json_free(root);
		refuse(request, reply, 503, "ledger", "%s", err.text);
		return;
	}
	put_summary(root, &summary);
	api_put_next(root, listing.count == query.limit ? listing.last_id : 0);
	reply_json(reply, 200, root);
}

void
api_one_mail(const struct request *request, struct reply *reply)
{
	struct outbox_query query = { .id = request->params.id, .any_state = true };
	struct listing listing = { .with_text = true };
	struct error err;
	bool read;

	if (cannot_read(request, reply))
		return;
	listing.list = json_object_new();
	read = ledger_outbox_each(request->ledger, &query, on_mail, &listing, &err);
	if (read && listing.count == 1) {
		reply_json(reply, 200, listing.list);
		return;
	}
	json_free(listing.list);
	if (read)
		refuse(request, reply, 404, "not_found", "there is no mail %lld",
		       (long long)query.id);
	else
		refuse(request, reply, 503, "ledger", "%s", err.text);
}
