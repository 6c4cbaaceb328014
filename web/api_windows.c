/* api_windows.c - the declared windows that apply to a port, whatever their scope: what somebody said about a time. */
#include <inttypes.h>

#include "api.h"
#include "refuse.h"
#include "sees.h"

#define WINDOWS_MAX 1000

struct windows {
	const struct request *request;
	const struct world_port *port;
	struct json *list;
	unsigned count;
};

/* Who declared it, and in which words, is the house's business: what is shown here everybody may know who sees the port. */
static bool
on_window(const struct ledger_window *window, void *user)
{
	struct windows *windows = user;
	struct json *w;

	if (!sees_window(windows->request, windows->port, window))
		return true;
	if (windows->count++ == WINDOWS_MAX)
		return false;
	w = json_put_object(windows->list, "");
	json_put_int(w, "id", window->id);
	json_put_text(w, "scope", window_scope_name(window->scope));
	json_put_utc(w, "start", window->start_utc_sec);
	json_put_utc(w, "end", window->until_utc_sec);
	json_put_text(w, "cause", window->cause);
	return true;
}

void
api_windows(const struct request *request, struct reply *reply)
{
	struct ledger_window_query query = { .port_id = request->params.id,
					     .from_utc_sec = request->query.from_utc_sec,
					     .to_utc_sec = request->query.to_utc_sec };
	const struct world_port *port;
	struct json *root;
	struct error err;

	if (refuse_without_ledger(request, reply))
		return;
	port = world_port_find(request->world, request->params.id);
	if (port == NULL) {
		refuse(request, reply, 404, "not_found", "there is no port %" PRId64,
		       request->params.id);
		return;
	}
	if (request->ledger == NULL) {
		refuse(request, reply, 503, "no_data", "the ledger cannot be read now");
		return;
	}
	root = json_object_new();
	struct windows windows = { request, port, json_put_array(root, "windows"), 0 };
	if (ledger_window_each(request->ledger, &query, on_window, &windows, &err)) {
		json_put_bool(root, "more", windows.count > WINDOWS_MAX);
		reply_json(reply, 200, root);
		return;
	}
	json_free(root);
	refuse(request, reply, 503, "ledger", "%s", err.text);
}
