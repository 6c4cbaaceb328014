/* outbox_list.c - `ixwatch outbox list` and `show`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/options.h"
#include "commands/outbox_parts.h"
#include "ixwatch/outbox_json.h"
#include "ixwatch/units.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LIMIT_MAX    10000

struct listing {
	struct json *mails; /* NULL: text */
	bool with_text;
	size_t count;
};

static void
print_row(const struct outbox_mail *mail)
{
	char at[40];

	units_format_utc(at, sizeof(at), mail->created_utc_sec);
	printf("%6lld  %s  %-11s  %-12s  %-28s  %s\n", (long long)mail->id, at,
	       outbox_state_name(mail->state), outbox_kind_name(mail->kind), mail->recipient,
	       mail->subject);
	if (mail->state == OUTBOX_IN_DIGEST)
		printf("        told by mail %lld\n", (long long)mail->digest_id);
	else if (mail->state != OUTBOX_SENT && mail->last_reply[0] != '\0')
		printf("        %u attempts; last: %s\n", mail->attempts, mail->last_reply);
}

static void
print_time(const char *what, int64_t utc_sec)
{
	char at[40];

	if (utc_sec != 0)
		printf("%-12s %s\n", what, units_format_utc(at, sizeof(at), utc_sec));
}

static void
print_whole(const struct outbox_mail *mail)
{
	printf("Mail         %lld (%s)\n", (long long)mail->id, outbox_kind_name(mail->kind));
	printf("State        %s%s\n", outbox_state_name(mail->state),
	       mail->in_flight ? ", being sent" : "");
	if (mail->digest_id != 0)
		printf("Told by      mail %lld\n", (long long)mail->digest_id);
	print_time("Created", mail->created_utc_sec);
	print_time("Tried", mail->tried_utc_sec);
	if (mail->state == OUTBOX_WAITING)
		print_time("Next", mail->next_utc_sec);
	print_time("Sent", mail->sent_utc_sec);
	printf("Attempts     %u\n", mail->attempts);
	if (mail->last_reply[0] != '\0')
		printf("Last reply   %s\n", mail->last_reply);
	printf("To           %s\nSubject      %s\nMessage-ID   %s\n", mail->recipient,
	       mail->subject, mail->message_id);
	if (mail->in_reply_to[0] != '\0')
		printf("Answers      %s\n", mail->in_reply_to);
	printf("\n%s", mail->text);
}

/* Subjects and replies have no controls; a text is what our own pages show too. */
static bool
on_mail(const struct outbox_mail *mail, void *user)
{
	struct listing *listing = user;

	listing->count++;
	if (listing->mails != NULL)
		outbox_put_json(listing->mails, "", mail, listing->with_text);
	else if (listing->with_text)
		print_whole(mail);
	else
		print_row(mail);
	return true;
}

static bool
print_json(const struct json *root, struct error *err)
{
	char *text = json_print_dup(root, true, NULL);

	if (text == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	puts(text);
	free(text);
	return true;
}

static bool
print_mails(const struct config *config, const struct outbox_query *query, struct listing *listing,
	    struct error *err)
{
	struct ledger *ledger = NULL;
	bool done = ledger_open(&ledger, config->state_dir, LEDGER_READ, err) &&
		    ledger_outbox_each(ledger, query, on_mail, listing, err);

	ledger_close(ledger);
	return done;
}

static bool
run(const struct config *config, const struct outbox_query *query, bool with_text, bool as_json,
    struct error *err)
{
	struct json *root = as_json ? json_object_new() : NULL;
	struct listing listing = { .mails = as_json ? json_put_array(root, "mails") : NULL,
				   .with_text = with_text };
	bool done = print_mails(config, query, &listing, err);

	if (done && query->id != 0 && listing.count == 0)
		done = error_set(err, ERR_NOT_FOUND, "there is no mail %lld", (long long)query->id);
	done = done && (!as_json || print_json(root, err));
	if (done && !as_json && listing.count == 0)
		puts("no mail");
	json_free(root);
	return done;
}

static int
run_with_config(const char *command, const char *file, const struct outbox_query *query,
		bool with_text, const char *format)
{
	struct error err = { 0 };
	struct config *config;
	bool done;

	if (strcmp(format, "text") != 0 && strcmp(format, "json") != 0) {
		fprintf(stderr, "ixwatch %s: --format \"%.40s\": allowed: text, json\n", command,
			format);
		return 2;
	}
	config = options_config(file);
	if (config == NULL)
		return 2;
	config_drop_secrets(config);
	done = run(config, query, with_text, strcmp(format, "json") == 0, &err);
	config_free(config);
	return done ? 0 : options_fail(command, &err);
}

int
outbox_command_list(int argc, char **argv)
{
	const char *format = "text", *state = NULL, *recipient = NULL, *limit_text = "100";
	const struct option_row rows[] = {
		{ "state", "STATE", &state, NULL,
		  "waiting, sent, failed, dropped or \"in a digest\"" },
		{ "recipient", "ADDRESS", &recipient, NULL, "those to that address" },
		{ "limit", "N", &limit_text, NULL, "at most so many (default 100)" },
		{ "format", "FORMAT", &format, NULL, "text (default) or json" },
	};
	struct option_set set = { .command = "outbox list",
				  .arguments = "[--state STATE] [--recipient ADDRESS]",
				  .about = "The newest mails of the outbox, newest first.",
				  .rows = rows,
				  .row_count = COUNT(rows) };
	struct outbox_query query = { .any_state = true };
	uint64_t limit;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	query.any_state = state == NULL;
	query.recipient = recipient;
	if (state != NULL && !outbox_state_parse(state, &query.state)) {
		fprintf(stderr,
			"ixwatch outbox list: --state \"%.40s\": allowed: waiting, sent, failed, "
			"dropped, in a digest\n",
			state);
		return 2;
	}
	if (!units_parse_uint(limit_text, 1, LIMIT_MAX, &limit)) {
		fprintf(stderr, "ixwatch outbox list: --limit \"%.40s\": allowed: 1 to %d\n",
			limit_text, LIMIT_MAX);
		return 2;
	}
	query.limit = (unsigned)limit;
	return run_with_config("outbox list", set.config_file, &query, false, format);
}

int
outbox_command_show(int argc, char **argv)
{
	const char *format = "text", *words[1];
	const struct option_row rows[] = {
		{ "format", "FORMAT", &format, NULL, "text (default) or json" },
	};
	struct option_set set = { .command = "outbox show",
				  .arguments = "ID",
				  .about =
				      "One mail of the outbox: what became of it, and its text.",
				  .rows = rows,
				  .row_count = COUNT(rows),
				  .words = words,
				  .word_max = 1 };
	struct outbox_query query = { .any_state = true };
	uint64_t id = 0;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (set.word_count != 1 || !units_parse_uint(words[0], 1, INT64_MAX, &id)) {
		fprintf(stderr, "ixwatch outbox show: needs the ID of a mail, a number that "
				"`ixwatch outbox list` shows\n");
		return 2;
	}
	query.id = (int64_t)id;
	return run_with_config("outbox show", set.config_file, &query, true, format);
}
