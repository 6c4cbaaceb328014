/* reply.c - bodies for replies. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reply.h"
#include "sheet.h"

void
reply_init(struct reply *reply)
{
	*reply = (struct reply) { .max_age_sec = REPLY_REVALIDATE };
}

void
reply_free(struct reply *reply)
{
	free(reply->body);
	free(reply->link);
	if (reply->job != NULL)
		explicit_bzero(reply->job, sizeof(*reply->job));
	free(reply->job);
	if (reply->pending != NULL)
		explicit_bzero(reply->pending, reply->pending_len);
	free(reply->pending);
	drawn_release(reply->shared);
	if (reply->file > 0)
		close(reply->file);
	reply_init(reply);
}

void
reply_share(struct reply *reply, struct drawn *drawn_take)
{
	drawn_release(reply->shared);
	reply->shared = drawn_take;
	reply->len = drawn_take->len;
	memcpy(reply->etag, drawn_take->etag, sizeof(reply->etag));
	memcpy(reply->next, drawn_take->next, sizeof(reply->next));
}

static void
set_body(struct reply *reply, unsigned status, const char *type, char *body_take, size_t len)
{
	if (body_take == NULL)
		return;
	reply->status = status;
	reply->type = type;
	reply->body = body_take;
	reply->len = len;
}

void
reply_octets(struct reply *reply, const char *type, char *body_take, size_t len)
{
	set_body(reply, 200, type, body_take, len);
}

void
reply_file(struct reply *reply, const char *type, int fd_take, size_t len)
{
	reply->status = 200;
	reply->type = type;
	reply->file = fd_take;
	reply->len = len;
}

void
reply_text(struct reply *reply, unsigned status, const char *type, struct html *text)
{
	size_t len = 0;
	char *body = html_take(text, &len);

	set_body(reply, status, type, body, len);
}

void
reply_html(struct reply *reply, unsigned status, struct html *html)
{
	reply_text(reply, status, "text/html; charset=utf-8", html);
}

void
reply_json_part(struct reply *reply, unsigned status, struct json *root_take,
		const struct json *part)
{
	size_t len = 0;
	char *body;

	if (status == 200)
		snprintf(reply->next, sizeof(reply->next), "%s",
			 json_text(json_get(part, "next"), ""));
	if (reply->sheet != NULL && status == 200) {
		body = sheet_print_dup(reply->sheet, part, &len);
		json_free(root_take);
		set_body(reply, status, SHEET_TYPE, body, len);
		return;
	}
	body = json_print_dup(part, false, &len);
	json_free(root_take);
	set_body(reply, status, "application/json", body, len);
}

void
reply_json(struct reply *reply, unsigned status, struct json *json_take)
{
	reply_json_part(reply, status, json_take, json_take);
}
