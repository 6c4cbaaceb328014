/* mailer_desk.c - the mailer asks the collector; see outbox_office.h for what it asks. */
#include "ixwatch/control.h"
#include "mailer_parts.h"

#define ANSWER_TIMEOUT_MS 30000

static bool
ask(const char *state_dir, struct json *request_take, struct json **answer, struct error *err)
{
	bool done = control_ask(state_dir, request_take, ANSWER_TIMEOUT_MS, answer, err);

	json_free(request_take);
	return done;
}

bool
mailer_ask_claim(const char *state_dir, int64_t id, bool *claimed, struct error *err)
{
	struct json *request = json_object_new(), *answer = NULL;

	json_put_text(request, "op", "outbox_claim");
	json_put_int(json_put_array(request, "ids"), "", id);
	if (!ask(state_dir, request, &answer, err))
		return false;
	*claimed = json_count(json_get(answer, "claimed")) == 1;
	json_free(answer);
	return true;
}

bool
mailer_ask_report(const char *state_dir, const struct mail_outcome *outcomes, size_t count,
		  bool interrupted, struct error *err)
{
	struct json *request = json_object_new(), *answer = NULL;
	struct json *list = json_put_array(request, "outcomes");

	json_put_text(request, "op", "outbox_report");
	json_put_bool(request, "interrupted", interrupted);
	for (size_t i = 0; i < count; i++) {
		const struct outbox_outcome *outcome = &outcomes[i].outcome;
		struct json *row = json_put_object(list, "");

		json_put_int(row, "id", outcome->id);
		json_put_text(row, "state", outbox_state_name(outcome->state));
		json_put_int(row, "at", outcome->at_utc_sec);
		json_put_int(row, "next", outcome->next_utc_sec);
		json_put_int(row, "code", outcome->code);
		json_put_text(row, "reply", outcomes[i].reply);
	}
	if (!ask(state_dir, request, &answer, err))
		return false;
	json_free(answer);
	return true;
}

bool
mailer_ask_gather(const char *state_dir, const char *recipient, const char *why, struct error *err)
{
	struct json *request = json_object_new(), *answer = NULL;

	json_put_text(request, "op", "outbox_gather");
	json_put_text(request, "recipient", recipient);
	json_put_text(request, "why", why);
	if (!ask(state_dir, request, &answer, err))
		return false;
	json_free(answer);
	return true;
}
