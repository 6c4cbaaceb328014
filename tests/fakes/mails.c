/* mails.c - prints mails for tests that read them as others do.
 *   mails golden DIR   each case of message_cases.h as DIR/NAME.eml, with a picture from standard input where it has one
 *   mails hostile DIR  one mail for each line of standard input, a text in hexadecimal, as alias, peer, contact and all
 *                      that comes from outside: DIR/NUMBER.eml */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/message_cases.h"
#include "notify/mime.h"

static const unsigned char dot[] = { /* a PNG of one pixel */
				     0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00,
				     0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x01,
				     0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1f,
				     0x15, 0xc4, 0x89, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x44, 0x41,
				     0x54, 0x78, 0xda, 0x63, 0x64, 0xf8, 0xcf, 0xf0, 0x1f, 0x00,
				     0x05, 0x05, 0x02, 0x00, 0x5f, 0xf8, 0xf1, 0xd2, 0x00, 0x00,
				     0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82
};

/* name: of the sender. */
static int
put_mail(const char *dir, const char *name, const struct message_facts *facts,
	 const char *from_name, const struct mime_part *picture)
{
	struct message message;
	struct error err = { 0 };
	char path[4096], *octets;
	size_t len;
	FILE *file;

	if (!message_alert(&message, facts, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	struct mime_mail mail = {
		.date_utc_sec = facts->now_utc_sec,
		.from = "ixwatch@example.net",
		.from_name = from_name,
		.to = "noc@example.net",
		.reply_to = "peering@example.net",
		.message_id = "<1@example.net>",
		.in_reply_to = facts->lines[0].what == TOLD_ALERT ? "" : "<0@example.net>",
		.references = "",
		.subject = message.subject,
		.text = message.text,
		.html = message.html,
		.picture_count = facts->graph ? 1 : 0,
		.pictures = picture,
	};
	if (!mime_write(&octets, &len, &mail, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	snprintf(path, sizeof(path), "%s/%s.eml", dir, name);
	file = fopen(path, "wb");
	if (file == NULL || fwrite(octets, 1, len, file) != len || fclose(file) != 0) {
		perror(path);
		return 1;
	}
	free(octets);
	message_free(&message);
	return 0;
}

static int
golden(const char *dir, const struct zone *zone, struct mime_part *picture)
{
	static unsigned char given[1 << 22];
	size_t len = fread(given, 1, sizeof(given), stdin);
	int failed = 0;

	if (len > 0) {
		picture->octets = given;
		picture->len = len;
	}
	for (int i = 0; i < CASE_COUNT; i++) {
		struct message_line lines[CASES_MANY];
		struct message_facts facts = case_make(i, lines, zone);

		failed |= put_mail(dir, case_names[i], &facts, "ixwatch", picture);
	}
	return failed;
}

/* Octets of a line in hexadecimal; terminated. */
static void
unhex(char *dst, const char *hex)
{
	unsigned octet;

	while (sscanf(hex, "%2x", &octet) == 1) {
		*dst++ = (char)octet;
		hex += 2;
	}
	*dst = '\0';
}

static void
poison(struct message_line *line, const char *text)
{
	static const char *contacts[2];

	contacts[0] = contacts[1] = text;
	line->contacts = contacts;
	line->contact_count = 2;
	line->alias = line->peer = line->circuit = line->note = text;
	line->runbook = line->works = line->reason = line->interface = text;
	line->subject.agent = text;
}

static int
hostile(const char *dir, const struct zone *zone, const struct mime_part *picture)
{
	static char hex[1 << 20], text[1 << 19];
	int failed = 0;

	for (int number = 0; fgets(hex, sizeof(hex), stdin) != NULL; number++) {
		struct message_line lines[CASES_MANY];
		struct message_facts facts = case_make(number % CASE_COUNT, lines, zone);
		struct message_room room = { text, text, text, 0.5, 1e9 };
		struct message_change change = { CASE_BEGAN, text };
		char name[16];

		unhex(text, hex);
		for (size_t i = 0; i < facts.line_count; i++)
			poison(&lines[i], text);
		lines[0].rooms = &room;
		lines[0].room_count = 1;
		lines[0].changes = &change;
		lines[0].change_count = 1;
		facts.exchange_name = text;
		snprintf(name, sizeof(name), "%03d", number);
		failed |= put_mail(dir, name, &facts, text, picture);
	}
	return failed;
}

int
main(int argc, char **argv)
{
	struct mime_part picture = { "image/png", "graph.png", MESSAGE_GRAPH, dot, sizeof(dot) };
	struct zone *zone;
	struct error err;
	int failed = 2;

	if (argc != 3 || !zone_open(&zone, "Europe/Berlin", &err))
		return 2;
	if (strcmp(argv[1], "golden") == 0)
		failed = golden(argv[2], zone, &picture);
	else if (strcmp(argv[1], "hostile") == 0)
		failed = hostile(argv[2], zone, &picture);
	zone_close(zone);
	return failed;
}
