/* mailer_letter.c - the mail of a weekly report: the letter as it was kept, with what is this recipient's own. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ixwatch/digest.h"
#include "ixwatch/report.h"
#include "ixwatch/signed_link.h"
#include "mailer_parts.h"
#include "notify/letter.h"
#include "notify/mime.h"

#define OCTETS_MAX                                                                                 \
	(INT64_C(20) << 20) /* of what one mail carries: encoded, servers take little more */
#define PICTURES_MAX 100

/* What the ledger says of the report, and its files in memory. */
struct parcel {
	const struct mailer_settings *settings;
	char week[REPORT_WEEK_SIZE], *note;
	struct kept {
		char name[128], sha256[DIGEST_HEX];
		int64_t expected_octets;
		char *octets; /* terminated */
		size_t len;
	} files[REPORT_FILES_MAX];
	size_t file_count;
	struct json *facts;
	char ids[PICTURES_MAX][32]; /* of the pictures, as the HTML names them */
	struct mime_part pictures[PICTURES_MAX];
	size_t picture_count;
	bool failed; /* memory ran out */
};

static void
parcel_free(struct parcel *parcel)
{
	for (size_t i = 0; i < parcel->file_count; i++)
		free(parcel->files[i].octets);
	json_free(parcel->facts);
	free(parcel->note);
	free(parcel);
}

/* --- what the ledger says --- */

static bool
on_report(const struct report *report, void *user)
{
	struct parcel *parcel = user;

	memcpy(parcel->week, report->week, sizeof(parcel->week));
	parcel->note = strdup(report->note);
	parcel->failed = parcel->note == NULL;
	return false;
}

static bool
on_file(const struct report_file *file, void *user)
{
	struct parcel *parcel = user;
	struct kept *kept = &parcel->files[parcel->file_count];

	if (parcel->file_count == REPORT_FILES_MAX || !report_file_name_ok(file->name))
		return true; /* the ledger holds no such */
	*kept = (struct kept) { .expected_octets = file->octets };
	snprintf(kept->name, sizeof(kept->name), "%s", file->name);
	snprintf(kept->sha256, sizeof(kept->sha256), "%s", file->sha256);
	parcel->file_count++;
	return true;
}

/* They are read, and stay here. */
static bool
is_facts(const struct kept *kept)
{
	const char *dot = strrchr(kept->name, '.');

	return dot != NULL && strcmp(dot, ".json") == 0;
}

static bool
parcel_find(struct parcel *parcel, struct ledger *ledger, int64_t report_id, struct error *err)
{
	int64_t all = 0;

	if (!ledger_report_get(ledger, report_id, on_report, parcel, err) ||
	    !ledger_report_file_each(ledger, report_id, on_file, parcel, err))
		return false;
	if (parcel->failed)
		return error_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < parcel->file_count; i++)
		if (!is_facts(&parcel->files[i]))
			all += parcel->files[i].expected_octets;
	return all <= OCTETS_MAX ||
	       error_set(err, ERR_REFUSED,
			 "its files have %" PRId64 " octets; a mail takes %" PRId64, all,
			 OCTETS_MAX);
}

/* --- its files --- */

/* Reads exactly what was kept, or says what is there instead. */
static bool
octets_read(struct kept *kept, int fd, struct error *err)
{
	unsigned char digest[DIGEST_LEN], expected[DIGEST_LEN];
	struct stat status;
	ssize_t got;

	if (fstat(fd, &status) != 0)
		return error_set(err, ERR_IO, "%s", strerror(errno));
	if (!S_ISREG(status.st_mode) || status.st_size != kept->expected_octets)
		return error_set(err, ERR_IO, "changed since it was kept");
	kept->octets = malloc((size_t)status.st_size + 1);
	if (kept->octets == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	while (kept->len < (size_t)status.st_size) {
		got = read(fd, kept->octets + kept->len, (size_t)status.st_size - kept->len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(err, ERR_IO, "%s", strerror(errno));
		if (got == 0)
			return error_set(err, ERR_IO, "changed since it was kept");
		kept->len += (size_t)got;
	}
	kept->octets[kept->len] = '\0';
	digest_of(digest, kept->octets, kept->len);
	return (digest_parse(expected, kept->sha256) && digest_equal(digest, expected)) ||
	       error_set(err, ERR_IO, "changed since it was kept");
}

static bool
kept_read(const struct parcel *parcel, int folder, struct kept *kept, struct error *err)
{
	int fd = openat(folder, kept->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	bool done = fd >= 0 ? octets_read(kept, fd, err)
			    : error_set(err, ERR_IO, "%s",
					errno == ENOENT ? "is missing" : strerror(errno));

	if (fd >= 0)
		close(fd);
	return done || error_wrap(err, "reports/%s/%s", parcel->week, kept->name);
}

static bool
files_read(struct parcel *parcel, struct error *err)
{
	char path[4096];
	bool done = true;
	int folder;

	snprintf(path, sizeof(path), "%s/reports/%s", parcel->settings->state_dir, parcel->week);
	folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return error_set(err, ERR_IO, "reports/%s: %s", parcel->week,
				 errno == ENOENT ? "is missing" : strerror(errno));
	for (size_t i = 0; done && i < parcel->file_count; i++)
		done = kept_read(parcel, folder, &parcel->files[i], err);
	close(folder);
	return done;
}

static const struct kept *
file_find(const struct parcel *parcel, const char *name)
{
	for (size_t i = 0; i < parcel->file_count; i++)
		if (strcmp(parcel->files[i].name, name) == 0)
			return &parcel->files[i];
	return NULL;
}

/* The one with that ending. */
static const struct kept *
form_find(const struct parcel *parcel, const char *ending, struct error *err)
{
	for (size_t i = 0; i < parcel->file_count; i++) {
		size_t len = strlen(parcel->files[i].name), tail = strlen(ending);

		if (len > tail && strcmp(parcel->files[i].name + len - tail, ending) == 0)
			return &parcel->files[i];
	}
	error_set(err, ERR_NOT_FOUND, "the ledger knows no %s of it", ending);
	return NULL;
}

/* Content-IDs are those that the HTML names. */
static bool
pictures_find(struct parcel *parcel, struct error *err)
{
	const char *name;
	size_t place;

	for (size_t i = 0;
	     i < PICTURES_MAX && (name = letter_picture_at(parcel->facts, i, &place)) != NULL;
	     i++) {
		const struct kept *kept = file_find(parcel, name);

		if (kept == NULL)
			return error_set(err, ERR_NOT_FOUND, "the ledger knows no picture %.120s",
					 name);
		snprintf(parcel->ids[i], sizeof(parcel->ids[i]), "graph%zu", place);
		parcel->pictures[i] = (struct mime_part) { .type = "image/png",
							   .name = kept->name,
							   .content_id = parcel->ids[i],
							   .octets = kept->octets,
							   .len = kept->len };
		parcel->picture_count++;
	}
	return true;
}

/* --- the recipient's link --- */

#define LINK_SIZE (LINK_TOKEN_SIZE + 600)

static bool
link_make(char dst[LINK_SIZE], const struct mailer_settings *settings,
	  const struct outbox_mail *mail, int64_t now_utc_sec, struct error *err)
{
	struct link_claim claim = { .purpose = LINK_REPORT,
				    .id = mail->report_id,
				    .expires_utc_sec = now_utc_sec + settings->link_valid_sec };
	char path[LINK_PATH_SIZE], token[LINK_TOKEN_SIZE];
	struct link_keys keys;
	int len;

	if (strlen(mail->recipient) > LINK_SCOPE_MAX)
		return error_set(err, ERR_REFUSED, "its recipient is too long for a link");
	snprintf(claim.scope, sizeof(claim.scope), "%s", mail->recipient);
	if (!link_keys_make(
		&keys, link_keys_path(path, settings->state_dir, settings->link_key_file), err))
		return error_wrap(err, "its link");
	link_sign(token, &keys, &claim);
	link_keys_drop(&keys);
	len = snprintf(dst, LINK_SIZE, "%s/letters/%s", settings->base_url, token);
	return (token[0] != '\0' && len < LINK_SIZE) ||
	       error_set(err, ERR_REFUSED, "its link cannot be made: web.base-url is too long");
}

/* --- the mail --- */

static bool
parcel_write(const struct parcel *parcel, const struct outbox_mail *mail, const char *text,
	     const char *html, const struct kept *csv, char **out, size_t *len, struct error *err)
{
	const struct mailer_settings *settings = parcel->settings;
	struct mime_part samples = { .type = "text/csv",
				     .name = csv->name,
				     .content_id = "",
				     .octets = csv->octets,
				     .len = csv->len };

	return mime_write(
	    out, len,
	    &(struct mime_mail) {
		.date_utc_sec = mail->created_utc_sec,
		.from = settings->from,
		.from_name = settings->report_name[0] != '\0' ? settings->report_name : "ixwatch",
		.to = mail->recipient,
		.reply_to =
		    settings->report_mail[0] != '\0' ? settings->report_mail : settings->reply_to,
		.message_id = mail->message_id,
		.in_reply_to = mail->in_reply_to,
		.references = mail->references,
		.subject = mail->subject,
		.text = text,
		.html = html,
		.picture_count = parcel->picture_count,
		.pictures = parcel->pictures,
		.attachment_count = 1,
		.attachments = &samples },
	    err);
}

static bool
parcel_pack(struct parcel *parcel, const struct outbox_mail *mail, char **out, size_t *len,
	    struct error *err)
{
	const struct kept *text = form_find(parcel, ".txt", err),
			  *html = form_find(parcel, ".html", err),
			  *csv = form_find(parcel, ".csv", err),
			  *facts = form_find(parcel, ".json", err);
	char link[LINK_SIZE], *mail_text = NULL, *mail_html = NULL;
	bool done;

	if (text == NULL || html == NULL || csv == NULL || facts == NULL)
		return false;
	done = json_parse(&parcel->facts, facts->octets, facts->len, err) &&
	       pictures_find(parcel, err) &&
	       link_make(link, parcel->settings, mail, mail->created_utc_sec, err) &&
	       letter_mail(&mail_text, &mail_html,
			   &(struct letter_cover) {
			       .language = json_text(json_get(parcel->facts, "language"), "en"),
			       .text = text->octets,
			       .html = html->octets,
			       .note = parcel->note,
			       .link = link },
			   err);
	if (done)
		done = parcel_write(parcel, mail, mail_text, mail_html, csv, out, len, err);
	free(mail_text);
	free(mail_html);
	return done;
}

bool
mailer_letter_octets(char **out, size_t *len, const struct mailer_settings *settings,
		     struct ledger *ledger, const struct outbox_mail *mail, struct error *err)
{
	struct parcel *parcel = calloc(1, sizeof(*parcel));
	bool done;

	if (parcel == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	parcel->settings = settings;
	done = parcel_find(parcel, ledger, mail->report_id, err) && files_read(parcel, err) &&
	       parcel_pack(parcel, mail, out, len, err);
	parcel_free(parcel);
	return done;
}
