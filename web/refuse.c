/* refuse.c - one way to say no. */
#include <stdarg.h>
#include <stdio.h>

#include "page.h"
#include "refuse.h"

static void
refuse_json(struct reply *reply, unsigned status, const char *code, const char *sentence)
{
	struct json *root = json_object_new();
	struct json *error = json_put_object(root, "error");

	json_put_text(error, "code", code);
	json_put_text(error, "message", sentence);
	reply_json(reply, status, root);
}

void
refuse(const struct request *request, struct reply *reply, unsigned status, const char *code,
       const char *format, ...)
{
	char sentence[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	if (request->type == ROUTE_JSON)
		refuse_json(reply, status, code, sentence);
	else
		page_error(request, reply, status, sentence);
}

bool
refuse_without_ledger(const struct request *request, struct reply *reply)
{
	if (request->world->has_ledger)
		return false;
	refuse(request, reply, 503, "no_data", "%s", request->world->trouble);
	return true;
}
