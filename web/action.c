/* action.c - the request as a job for the desk, and its answer. */
#include "action.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "refuse.h"

void
action_send(const struct request *request, struct reply *reply, struct json *op_take,
	    reply_finish *finish)
{
	char actor[ACTOR_MAX];

	action_send_as(request, reply, op_take, auth_actor(actor, &request->who), finish);
}

void
action_send_as(const struct request *request, struct reply *reply, struct json *op_take,
	       const char *author, reply_finish *finish)
{
	size_t len = 0;

	json_put_text(op_take, "author", author);
	char *text = json_print_dup(op_take, false, &len);
	json_free(op_take);
	struct job *job = calloc(1, sizeof(*job));
	if (text != NULL && len >= sizeof(job->text)) {
		refuse(request, reply, 400, "bad_request", "what is asked is too long");
		free(job);
	} else if (text != NULL && job != NULL) {
		job->kind = JOB_ACT;
		memcpy(job->text, text, len + 1);
		reply->job = job;
		reply->finish = finish;
	} else {
		free(job);
	}
	free(text);
}

/* The worker's answer is {"status": 200, "answer": {...}} or {"status": 503, "message": TEXT}. */
struct json *
action_answer(const struct drawn *drawn, unsigned *status, struct error *err)
{
	struct json *root = NULL;
	int64_t said = 503;

	*status = 503;
	if (!drawn->ok) {
		error_set(err, ERR_IO, "%s", drawn->data);
		return NULL;
	}
	if (!json_parse(&root, drawn->data, drawn->len, err))
		return NULL;
	if (json_int(json_get(root, "status"), &said))
		*status = (unsigned)said;
	if (*status == 200)
		return root;
	error_set(err, ERR_REFUSED, "%s",
		  json_text(json_get(root, "message"), "the collector did not say why"));
	json_free(root);
	return NULL;
}

static const char *
code_of(unsigned status)
{
	return status == 503 ? "no_collector" : "refused";
}

void
action_finish_json(const struct request *request, const struct drawn *drawn, void *pending,
		   struct reply *reply)
{
	struct error err;
	unsigned status;
	struct json *answer = action_answer(drawn, &status, &err);

	(void)pending;
	if (answer == NULL)
		refuse(request, reply, status, code_of(status), "%s", err.text);
	else
		reply_json_part(reply, 200, answer, json_get(answer, "answer"));
}

const char *
action_field(const struct request *request, const char *name)
{
	if (request->body != NULL)
		return json_text(json_get(request->body, name), "");
	return request->form == NULL ? "" : form_get(request->form, name);
}

void
reply_redirect(struct reply *reply, const char *path)
{
	static const char text[] = "It goes on elsewhere.\n";

	reply->status = 303;
	reply->type = "text/plain; charset=utf-8";
	reply->fixed = text;
	reply->len = sizeof(text) - 1;
	snprintf(reply->location, sizeof(reply->location), "%s", path);
}
