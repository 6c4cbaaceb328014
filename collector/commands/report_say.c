/* report_say.c - `ixwatch report order`, `order-end`, `dispute`, `decide`, `optout`, `optin` and `revoke`: what somebody says
 * about a peer. */
#include <stdio.h>
#include <string.h>

#include "commands/declare_desk.h"
#include "commands/report_ask.h"
#include "commands/report_part.h"
#include "ixwatch/units.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define AUTHOR_ROW(author)                                                                         \
	{                                                                                          \
		"author", "NAME", &(author), NULL, "who says so (default: the login name)"         \
	}
#define FORMAT_ROW(format)                                                                         \
	{                                                                                          \
		"format", "FORMAT", &(format), NULL, "text (default) or json"                      \
	}

/* What is said of the answer: "order 3: report 12, 14 paused". */
static const struct said {
	const char *op, *what, *key,
	    *follows; /* key: of the list of reports that it changed; "" none */
} sayings[] = {
	{ "report-order", "order", "paused", " paused" },
	{ "report-order-end", "ended: order", "resumed", " no longer paused" },
	{ "report-dispute", "dispute", "paused", " paused" },
	{ "report-dispute-decide", "decided: dispute", "resumed", " no longer paused" },
	{ "report-optout", "opt-out", "reports", " not sent" },
	{ "report-optin", "ended: opt-out", "reports", " may be approved" },
	{ "report-revoke", "revocation", "", "" },
};

static const struct said *
said_of(const struct json *request)
{
	const char *op = json_text(json_get(request, "op"), "");
	size_t i = 0;

	while (i + 1 < COUNT(sayings) && strcmp(sayings[i].op, op) != 0)
		i++;
	return &sayings[i];
}

static void
print_said(const struct json *request, const struct json *answer)
{
	const struct said *said = said_of(request);
	const struct json *list = json_get(answer, said->key);
	int64_t id = 0, other;

	json_int(json_get(answer, "id"), &id);
	printf("%s %lld", said->what, (long long)id);
	for (size_t i = 0; i < json_count(list); i++)
		if (json_int(json_at(list, i), &other))
			printf("%s%lld", i == 0 ? ": report " : ", ", (long long)other);
	printf("%s\n", json_count(list) > 0 ? said->follows : "");
}

static bool
words_are(const char *command, const struct option_set *set, size_t count, const char *needs)
{
	if (set->word_count == count)
		return true;
	fprintf(stderr, "ixwatch %s: needs %s (see ixwatch %s --help)\n", command, needs, command);
	return false;
}

/* One that must be given. */
static bool
is_given(const char *command, const char *option, const char *value)
{
	if (value == NULL)
		fprintf(stderr, "ixwatch %s: needs --%s\n", command, option);
	return value != NULL;
}

/* --- orders --- */

static bool
put_capacity(struct json *request, const char *text)
{
	double bps;

	if (text == NULL)
		return true;
	if (!units_parse_bps(text, &bps)) {
		fprintf(stderr,
			"ixwatch report order: --capacity \"%.40s\": allowed: a rate in "
			"bit/s such as 200G\n",
			text);
		return false;
	}
	json_put_number(request, "capacity_bps", bps);
	return true;
}

int
report_command_order(int argc, char **argv)
{
	const char *size = NULL, *capacity = NULL, *ready = NULL, *ticket = "", *on = NULL,
		   *author = desk_login_name(), *format = "text", *words[2];
	const struct option_row rows[] = {
		{ "size", "TEXT", &size, NULL, "what is ordered, in words: \"2 x 100G\"" },
		{ "waiting-on", "WHOM", &on, NULL, "peer, us or exchange" },
		{ "capacity", "BPS", &capacity, NULL, "what it will be then, such as 200G" },
		{ "ready", "DATE", &ready, NULL, "when it is to be ready, such as 2026-12-15" },
		{ "ticket", "TEXT", &ticket, NULL, "its number, theirs or ours" },
		AUTHOR_ROW(author),
		FORMAT_ROW(format),
	};
	struct option_set set = { .command = "report order",
				  .arguments =
				      "ASN EXCHANGE --size TEXT --waiting-on peer|us|exchange",
				  .about =
				      "Notes that an upgrade is ordered for a peer at an "
				      "exchange. As long as it is open, nothing is asked there "
				      "and\nno notice counted; the letters say so.",
				  .rows = rows,
				  .row_count = COUNT(rows),
				  .words = words,
				  .word_max = 2 };
	struct json *request;
	uint32_t asn;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (!words_are("report order", &set, 2, "ASN and EXCHANGE") ||
	    !report_asn_parse("report order", words[0], &asn) ||
	    !is_given("report order", "size", size) || !is_given("report order", "waiting-on", on))
		return 2;
	request = report_request("report-order", author);
	json_put_int(request, "asn", asn);
	json_put_text(request, "exchange", words[1]);
	json_put_text(request, "size", size);
	json_put_text(request, "ticket", ticket);
	json_put_text(request, "waiting_on", on);
	if (ready != NULL)
		json_put_text(request, "ready", ready);
	if (!put_capacity(request, capacity)) {
		json_free(request);
		return 2;
	}
	return report_ask_once("report order", &set, format, request, print_said);
}

/* --- what ends by its id, with an outcome --- */

static int
end_part(int argc, char **argv, const char *command, const char *op, const char *about)
{
	const char *outcome = NULL, *author = desk_login_name(), *format = "text", *words[1];
	const struct option_row rows[] = {
		{ "outcome", "TEXT", &outcome, NULL, "one line: how it ended" },
		AUTHOR_ROW(author),
		FORMAT_ROW(format),
	};
	struct option_set set = { .command = command,
				  .arguments = "ID --outcome TEXT",
				  .about = about,
				  .rows = rows,
				  .row_count = COUNT(rows),
				  .words = words,
				  .word_max = 1 };
	struct json *request;
	int64_t id;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (!words_are(command, &set, 1, "an ID") || !report_id_parse(command, words[0], &id) ||
	    !is_given(command, "outcome", outcome))
		return 2;
	request = report_request(op, author);
	json_put_int(request, "id", id);
	json_put_text(request, "outcome", outcome);
	return report_ask_once(command, &set, format, request, print_said);
}

int
report_command_order_end(int argc, char **argv)
{
	return end_part(
	    argc, argv, "report order-end", "report-order-end",
	    "Ends an order: it was delivered, or came to nothing. What was paused by it "
	    "waits for approval again.");
}

int
report_command_decide(int argc, char **argv)
{
	return end_part(argc, argv, "report decide", "report-dispute-decide",
			"Decides a dispute. What was paused by it waits for approval again.");
}

/* --- what is said of a peer in one text --- */

int
report_command_dispute(int argc, char **argv)
{
	const char *text = NULL, *exchange = NULL, *author = desk_login_name(), *format = "text",
		   *words[1];
	const struct option_row rows[] = {
		{ "text", "TEXT", &text, NULL, "what is contested, in one line" },
		{ "exchange", "SLUG", &exchange, NULL, "at that exchange (default: at all)" },
		AUTHOR_ROW(author),
		FORMAT_ROW(format),
	};
	struct option_set set = { .command = "report dispute",
				  .arguments = "ASN --text TEXT [--exchange SLUG]",
				  .about = "Notes that a peer contests what it was told. Its "
					   "letters pause until `report decide`.",
				  .rows = rows,
				  .row_count = COUNT(rows),
				  .words = words,
				  .word_max = 1 };
	struct json *request;
	uint32_t asn;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (!words_are("report dispute", &set, 1, "an ASN") ||
	    !report_asn_parse("report dispute", words[0], &asn) ||
	    !is_given("report dispute", "text", text))
		return 2;
	request = report_request("report-dispute", author);
	json_put_int(request, "asn", asn);
	json_put_text(request, "text", text);
	if (exchange != NULL)
		json_put_text(request, "exchange", exchange);
	return report_ask_once("report dispute", &set, format, request, print_said);
}

int
report_command_optout(int argc, char **argv)
{
	const char *reason = NULL, *author = desk_login_name(), *format = "text", *words[1];
	const struct option_row rows[] = {
		{ "reason", "TEXT", &reason, NULL, "who asked for it, and how" },
		AUTHOR_ROW(author),
		FORMAT_ROW(format),
	};
	struct option_set set = { .command = "report optout",
				  .arguments = "ASN --reason TEXT",
				  .about = "The peer gets no letters any more: what waits is not "
					   "sent, corrections neither.",
				  .rows = rows,
				  .row_count = COUNT(rows),
				  .words = words,
				  .word_max = 1 };
	struct json *request;
	uint32_t asn;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (!words_are("report optout", &set, 1, "an ASN") ||
	    !report_asn_parse("report optout", words[0], &asn) ||
	    !is_given("report optout", "reason", reason))
		return 2;
	request = report_request("report-optout", author);
	json_put_int(request, "asn", asn);
	json_put_text(request, "reason", reason);
	return report_ask_once("report optout", &set, format, request, print_said);
}

int
report_command_optin(int argc, char **argv)
{
	const char *author = desk_login_name(), *format = "text", *words[1];
	const struct option_row rows[] = { AUTHOR_ROW(author), FORMAT_ROW(format) };
	struct option_set set = { .command = "report optin",
				  .arguments = "ASN",
				  .about = "Ends an opt-out: the peer gets letters again, once "
					   "they are approved.",
				  .rows = rows,
				  .row_count = COUNT(rows),
				  .words = words,
				  .word_max = 1 };
	struct json *request;
	uint32_t asn;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (!words_are("report optin", &set, 1, "an ASN") ||
	    !report_asn_parse("report optin", words[0], &asn))
		return 2;
	request = report_request("report-optin", author);
	json_put_int(request, "asn", asn);
	return report_ask_once("report optin", &set, format, request, print_said);
}

/* --- links --- */

int
report_command_revoke(int argc, char **argv)
{
	const char *reason = NULL, *peer = NULL, *before = NULL, *author = desk_login_name(),
		   *format = "text", *words[1];
	const struct option_row rows[] = {
		{ "reason", "TEXT", &reason, NULL, "why, in one line" },
		{ "peer", "ASN", &peer, NULL, "the links of all of its reports" },
		{ "before", "TIME", &before, NULL,
		  "those made before, RFC 3339 or Unix seconds (default: now)" },
		AUTHOR_ROW(author),
		FORMAT_ROW(format),
	};
	struct option_set set = { .command = "report revoke",
				  .arguments = "ID|--peer ASN --reason TEXT",
				  .about = "Lets the links in letters that were sent open nothing "
					   "any more.",
				  .rows = rows,
				  .row_count = COUNT(rows),
				  .words = words,
				  .word_max = 1 };
	struct json *request;
	uint32_t asn = 0;
	int64_t id = 0;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if ((set.word_count == 1) == (peer != NULL)) {
		fprintf(stderr, "ixwatch report revoke: needs one of the ID of a report and --peer "
				"ASN\n");
		return 2;
	}
	if ((peer == NULL && !report_id_parse("report revoke", words[0], &id)) ||
	    (peer != NULL && !report_asn_parse("report revoke", peer, &asn)) ||
	    !is_given("report revoke", "reason", reason))
		return 2;
	request = report_request("report-revoke", author);
	json_put_text(request, "reason", reason);
	if (peer != NULL)
		json_put_int(request, "asn", asn);
	else
		json_put_int(request, "id", id);
	if (before != NULL)
		json_put_text(request, "before", before);
	return report_ask_once("report revoke", &set, format, request, print_said);
}
