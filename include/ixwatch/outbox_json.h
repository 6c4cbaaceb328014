/* outbox_json.h - a mail of the outbox as JSON, for command and API alike. */
#ifndef IXWATCH_OUTBOX_JSON_H
#define IXWATCH_OUTBOX_JSON_H

#include "ixwatch/json.h"
#include "ixwatch/outbox.h"

/* As a member of `in` (key "" for an array); its text and HTML too, where asked for. */
void outbox_put_json(struct json *in, const char *key, const struct outbox_mail *mail,
		     bool with_text);

#endif
