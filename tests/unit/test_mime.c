/* links: notify/mime.c notify/mime_encode.c base/error.c */
/* test_mime.c - mails as octets: their lines, headers, parts and encodings, and that no text makes a header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "notify/mime.h"
#include "notify/mime_encode.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct mime_mail plain = {
	.date_utc_sec = 1795831800,
	.from = "ixwatch@example.net",
	.from_name = "ixwatch",
	.to = "noc@example.net",
	.reply_to = "",
	.message_id = "<1@example.net>",
	.in_reply_to = "",
	.references = "",
	.subject = "[ix] SATURATED",
	.text = "one\ntwo\n",
	.html = "",
};

static const unsigned char png[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0 };
static const struct mime_part graph = { "image/png", "graph.png", "graph", png, sizeof(png) };
static const struct mime_part table = { "text/csv", "a b\".csv", "", "1,2\r\n", 5 };

static char *
written(const struct mime_mail *mail)
{
	struct error err = { 0 };
	char *out = NULL;
	size_t len = 0;

	assert_true(mime_write(&out, &len, mail, &err));
	assert_int_equal(len, strlen(out));
	return out;
}

/* Every line ends with CR LF and keeps to its length, and everything is ASCII. */
static void
check_lines(const char *mail)
{
	const char *line = mail;

	for (const char *c = mail; *c != '\0'; c++) {
		assert_true((unsigned char)*c < 0x80);
		assert_true(*c >= ' ' || *c == '\t' || *c == '\r' || *c == '\n');
		if (*c == '\r')
			assert_int_equal(c[1], '\n');
		if (*c == '\n') {
			assert_int_equal(c[-1], '\r');
			assert_true(c - line <= 77);
			line = c + 1;
		}
	}
	assert_int_equal(*line, '\0');
}

/* --- headers --- */

static const struct header_case {
	const char *name;
	size_t field; /* of struct mime_mail: that text is ... */
	const char *text;
	const char *want; /* ... and this must be in the mail; NULL: nothing of it */
	const char *never;
} header_cases[] = {
#define F(field) offsetof(struct mime_mail, field)
	{ "a plain subject stands as it is", F(subject), "a - b", "\r\nSubject: a - b\r\n", "=?" },
	{ "a line break makes no header", F(subject), "a\r\nBcc: x@evil", "Subject: =?UTF-8?B?",
	  "\nBcc" },
	{ "a subject that looks encoded is not", F(subject),
	  "=?UTF-8?Q?=0D=0ABcc:x?=", "Subject: =?UTF-8?B?PT9V", "?Q?" },
	{ "UTF-8 is encoded", F(subject), "\xc3\xa4", "Subject: =?UTF-8?B?w6Q=?=\r\n", NULL },
	{ "what is no UTF-8 becomes U+FFFD", F(subject), "\xff", "Subject: =?UTF-8?B?77+9?=\r\n",
	  NULL },
	{ "a blank at its end survives", F(subject), "a ", "Subject: =?UTF-8?B?YSA=?=\r\n", NULL },
	{ "C1 controls become blanks", F(subject), "\xc2\x85", "Subject: =?UTF-8?B?IA==?=\r\n",
	  NULL },
	{ "a name is quoted", F(from_name), "ix, watch", "From: \"ix, watch\"\r\n <ixwatch@",
	  NULL },
	{ "a quote in a name is encoded", F(from_name), "a\" <x@evil>, \"b", "From: =?UTF-8?B?",
	  "x@evil" },
	{ "no name", F(from_name), "", "From: <ixwatch@example.net>\r\n", NULL },
	{ "an answer goes to where it should", F(reply_to), "noc@example.net",
	  "\r\nReply-To: <noc@example.net>\r\n", NULL },
	{ "an address with a line break is left out", F(reply_to), "a@b\r\nBcc: c@d", NULL,
	  "Reply-To" },
	{ "an answer names its mail, and refers to it", F(in_reply_to), "<0@x>",
	  "In-Reply-To: <0@x>\r\nReferences: <0@x>\r\n", NULL },
	{ "references are one a line", F(references), "<0@x> <1@x>",
	  "References: <0@x>\r\n <1@x>\r\n", "In-Reply-To" },
	{ "what is no id is left out", F(references), "evil <0@x>\r\nBcc:<y> <@x> <1@@x> <2@x>",
	  "References: <0@x>\r\n <2@x>\r\n", "Bcc" },
	{ "its own id is one alone", F(message_id), "<0@x> <1@x>", "Message-ID: <0@x>\r\n", "1@x" },
	{ "no answering machine is to answer", F(in_reply_to), "",
	  "\r\nAuto-Submitted: auto-generated\r\n", "References" },
	{ "the date is UTC", F(in_reply_to), "", "Date: Sat, 28 Nov 2026 02:10:00 +0000\r\n",
	  NULL },
};

static void
check_header(void **state)
{
	const struct header_case *c = *state;
	struct mime_mail mail = plain;
	char *out;

	memcpy((char *)&mail + c->field, &c->text, sizeof(c->text));
	out = written(&mail);
	check_lines(out);
	if (c->want != NULL)
		assert_non_null(strstr(out, c->want));
	if (c->never != NULL)
		assert_null(strstr(out, c->never));
	free(out);
}

/* --- quoted-printable --- */

static const struct quoted_case {
	const char *name, *text, *want;
} quoted_cases[] = {
	{ "line ends become CR LF", "a\nb\r\nc", "a\r\nb\r\nc\r\n" },
	{ "blanks at a line's end are encoded", "a \nb\t\r\n", "a=20\r\nb=09\r\n" },
	{ "an equals sign is encoded", "a=b", "a=3Db\r\n" },
	{ "controls are left out, a lone CR too", "a\x1b[31m\rb\x7f", "a[31mb\r\n" },
	{ "what turns the direction is left out",
	  "a\xe2\x80\xae"
	  "b",
	  "ab\r\n" },
	{ "a dot and From do not begin a line", ".\nFrom x\n..", "=2E\r\n=46rom x\r\n=2E.\r\n" },
	{ "UTF-8 is encoded, what is none replaced", "\xc3\xa4\xff", "=C3=A4=EF=BF=BD\r\n" },
	{ "a long line is broken within 76",
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa="
	  "\r\naaa\r\n" },
	{ "no character is split by it",
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3\xa4",
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=\r\n=C3=A4\r\n" },
	{ "nothing is nothing", "", "" },
};

static void
check_quoted(void **state)
{
	const struct quoted_case *c = *state;
	char *out = NULL;
	size_t len;
	FILE *to = open_memstream(&out, &len);

	assert_non_null(to);
	mime_put_quoted_printable(to, c->text, strlen(c->text));
	fclose(to);
	assert_string_equal(out, c->want);
	free(out);
}

/* --- encoded-words --- */

/* Whatever its length, each word keeps to its 75 characters and its line to 76, and holds whole characters. */
static void
words_keep_their_length(void **state)
{
	(void)state;
	for (size_t count = 1; count < 200; count++)
		for (size_t shift = 0; shift < 4; shift++) {
			struct mime_mail mail = plain;
			char subject[1024] = "", *out;

			memset(subject, 'x', shift);
			for (size_t i = 0; i < count; i++)
				memcpy(subject + shift + i * 4, "\xf0\x9f\x94\xa5", 4);
			mail.subject = subject;
			out = written(&mail);
			check_lines(out);
			for (char *w = strstr(out, "=?U"); w != NULL; w = strstr(w + 2, "=?U")) {
				size_t len = strcspn(w, "\r");

				assert_true(len <= 75);
				assert_memory_equal(w, "=?UTF-8?B?", 10);
				assert_memory_equal(w + len - 2, "?=", 2);
			}
			free(out);
		}
}

/* --- parts --- */

static const struct tree_case {
	const char *name;
	bool html, picture, attachment;
	const char *types[6]; /* in this order */
} tree_cases[] = {
	{ "text alone is no multipart", false, false, false, { "text/plain" } },
	{ "HTML stands beside text",
	  true,
	  false,
	  false,
	  { "multipart/alternative", "text/plain", "text/html" } },
	{ "a picture belongs to the HTML",
	  true,
	  true,
	  false,
	  { "multipart/alternative", "text/plain", "multipart/related", "text/html",
	    "image/png" } },
	{ "no HTML, no picture", false, true, false, { "text/plain" } },
	{ "attachments come behind all",
	  true,
	  true,
	  true,
	  { "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related",
	    "text/html", "image/png" } },
	{ "an attachment beside text",
	  false,
	  false,
	  true,
	  { "multipart/mixed", "text/plain", "text/csv" } },
};

static void
check_tree(void **state)
{
	const struct tree_case *c = *state;
	struct mime_mail mail = plain;
	const char *at;
	char *out;
	size_t count = 0;

	mail.html = c->html
			? "<p>" MIME_PICTURE_BEGIN(
			      "graph") "<img src=\"cid:graph\">" MIME_PICTURE_END("graph") "</p>"
			: "";
	mail.picture_count = c->picture ? 1 : 0;
	mail.pictures = &graph;
	mail.attachment_count = c->attachment ? 1 : 0;
	mail.attachments = &table;
	at = out = written(&mail);
	check_lines(out);
	while (count < COUNT(c->types) && c->types[count] != NULL) {
		at = strstr(at, "Content-Type: ");
		assert_non_null(at);
		at += strlen("Content-Type: ");
		assert_memory_equal(at, c->types[count], strlen(c->types[count]));
		count++;
	}
	if (!c->attachment)
		assert_null(strstr(at, "Content-Type: "));
	else
		assert_non_null(strstr(out, "attachment; filename=\"a_b_.csv\""));
	/* What is said of a picture that is not there is left out. */
	assert_int_equal(strstr(out, "cid:graph") != NULL, c->html && c->picture);
	free(out);
}

static const struct refused_case {
	const char *name, *from, *to, *type;
} refused_cases[] = {
	{ "a recipient with a line break", "a@b", "a@b\r\nRCPT TO:<c@d>", "image/png" },
	{ "two recipients", "a@b", "a@b,c@d", "image/png" },
	{ "no recipient", "a@b", "", "image/png" },
	{ "a sender that closes its bracket", "a@b> <c@d", "a@b", "image/png" },
	{ "a type with a line break", "a@b", "a@b", "image/png\r\nX: y" },
	{ "a type without its second half", "a@b", "a@b", "image/" },
};

static void
check_refused(void **state)
{
	const struct refused_case *c = *state;
	struct mime_part part = graph;
	struct mime_mail mail = plain;
	struct error err = { 0 };
	char *out = NULL;
	size_t len;

	part.type = c->type;
	mail.from = c->from;
	mail.to = c->to;
	mail.html = "x";
	mail.picture_count = 1;
	mail.pictures = &part;
	assert_false(mime_write(&out, &len, &mail, &err));
	assert_int_equal(err.code, ERR_REFUSED);
	assert_null(out);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(header_cases) + COUNT(quoted_cases) + COUNT(tree_cases) +
				COUNT(refused_cases) + 1];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(header_cases); i++)
		tests[n++] = (struct CMUnitTest) { header_cases[i].name, check_header, NULL, NULL,
						   (void *)&header_cases[i] };
	for (size_t i = 0; i < COUNT(quoted_cases); i++)
		tests[n++] = (struct CMUnitTest) { quoted_cases[i].name, check_quoted, NULL, NULL,
						   (void *)&quoted_cases[i] };
	for (size_t i = 0; i < COUNT(tree_cases); i++)
		tests[n++] = (struct CMUnitTest) { tree_cases[i].name, check_tree, NULL, NULL,
						   (void *)&tree_cases[i] };
	for (size_t i = 0; i < COUNT(refused_cases); i++)
		tests[n++] = (struct CMUnitTest) { refused_cases[i].name, check_refused, NULL, NULL,
						   (void *)&refused_cases[i] };
	tests[n++] = (struct CMUnitTest) { "encoded-words keep their length",
					   words_keep_their_length, NULL, NULL, NULL };
	return cmocka_run_group_tests_name("mime", tests, NULL, NULL);
}
