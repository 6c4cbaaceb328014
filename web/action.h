/* action.h - what a page or a program asks to be done, handed to the collector with the name of who asks.
 *
 * Nothing is done here: the collector is the one writer, and writes its audit log.  The request goes over its control
 * socket from a worker process, for it may take a while; the answer comes back to a function of the route's. */
#ifndef WEB_ACTION_H
#define WEB_ACTION_H

#include "ixwatch/json.h"

#include "reply.h"
#include "request.h"

/* Sends op_take (a JSON object with "op" and what it needs; "author" is put in) and leaves the reply to finish, which is
 * called as soon as there is an answer.  The request's route must be one of POST. */
void action_send(const struct request *request, struct reply *reply, struct json *op_take,
		 reply_finish *finish);

/* The same in another name: who asks has no account, but a link of a mail. */
void action_send_as(const struct request *request, struct reply *reply, struct json *op_take,
		    const char *author, reply_finish *finish);

/* For finish: the collector's answer (json_free), or NULL with the status to answer with (503: no collector; 400: it was
 * refused) and why. */
struct json *action_answer(const struct drawn *drawn, unsigned *status, struct error *err);

/* A finish of which the answer is for programs: the collector's members, or the error. */
void action_finish_json(const struct request *request, const struct drawn *drawn, void *pending,
			struct reply *reply);

/* What the POST brought: a field of the form, or a text member of the JSON body; "" when it is not there. */
const char *action_field(const struct request *request, const char *name);

/* Ends the answer to a form by sending the browser elsewhere: a path of ours. */
void reply_redirect(struct reply *reply, const char *path);

#endif
