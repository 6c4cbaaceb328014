/* put_mail.c - puts mails into the outbox of a state directory, all in one transaction, as the collector would.
 *
 *   put_mail STATE_DIR < LINES
 *
 * A line is a JSON object: kind, recipient, subject, text, html, message_id, in_reply_to, references, created, due, port, direction,
 * from, to.  Without a message_id it gets one.  Prints the ids, one a line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/json.h"
#include "ixwatch/outbox.h"

static int64_t
number_of(const struct json *object, const char *key, int64_t otherwise)
{
	int64_t number = otherwise;

	json_int(json_get(object, key), &number);
	return number;
}

static const char *
text_of(const struct json *object, const char *key, const char *otherwise)
{
	return json_text(json_get(object, key), otherwise);
}

static bool
put(struct ledger *ledger, const struct json *o, struct error *err)
{
	char message_id[OUTBOX_MESSAGE_ID_SIZE];
	struct outbox_mail mail = {
		.recipient = text_of(o, "recipient", "noc@example.net"),
		.message_id =
		    text_of(o, "message_id", outbox_message_id(message_id, "ixwatch@example.net")),
		.in_reply_to = text_of(o, "in_reply_to", NULL),
		.references = text_of(o, "references", NULL),
		.subject = text_of(o, "subject", "a mail"),
		.text = text_of(o, "text", "text\n"),
		.html = text_of(o, "html", NULL),
		.picture = { .port_id = number_of(o, "port", 0),
			     .from_utc_sec = number_of(o, "from", 0),
			     .to_utc_sec = number_of(o, "to", 0) },
		.created_utc_sec = number_of(o, "created", clock_utc_sec()),
		.due_utc_sec = number_of(o, "due", 0),
	};
	int64_t id;

	if (!outbox_kind_parse(text_of(o, "kind", "alert"), &mail.kind) ||
	    !model_direction_parse(text_of(o, "direction", "out"), &mail.picture.direction))
		return error_set(err, ERR_PARSE, "no such kind or direction");
	if (!ledger_outbox_put(ledger, &mail, &id, err))
		return false;
	printf("%lld\n", (long long)id);
	return true;
}

static bool
put_all(struct ledger *ledger, struct error *err)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	bool done = ledger_begin(ledger, err);

	while (done && (len = getline(&line, &size, stdin)) > 0) {
		struct json *object = NULL;

		done = json_parse(&object, line, (size_t)len, err) && put(ledger, object, err);
		json_free(object);
	}
	free(line);
	return done && ledger_commit(ledger, err);
}

int
main(int argc, char **argv)
{
	struct ledger *ledger = NULL;
	struct error err = { 0 };
	bool done =
	    argc == 2 && ledger_open(&ledger, argv[1], LEDGER_WRITE, &err) && put_all(ledger, &err);

	ledger_close(ledger);
	if (!done)
		fprintf(stderr, "put_mail: %s\n", argc == 2 ? err.text : "STATE_DIR");
	return done ? 0 : 1;
}
