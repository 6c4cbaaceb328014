/* sent_journal.c - see sent_journal.h.  A line an entry: "sent ID UTC CODE REPLY\n"; an end without a newline was cut off. */
#include "notify/sent_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_OCTETS 1024

struct sent_journal {
	int fd;
	char path[4096];
};

static bool
fail(const struct sent_journal *journal, struct error *err)
{
	return error_set(err, ERR_IO, "%s: %s", journal->path, strerror(errno));
}

static void
take_line(char *line, sent_on_entry *on_entry, void *user)
{
	struct sent_entry entry = { .id = 0 };
	int used = 0;

	if (sscanf(line, "sent %" SCNd64 " %" SCNd64 " %d %n", &entry.id, &entry.at_utc_sec,
		   &entry.code, &used) == 3 &&
	    used > 0 && entry.id > 0) {
		entry.reply = line + used;
		on_entry(&entry, user);
	}
}

static bool
read_all(struct sent_journal *journal, sent_on_entry *on_entry, void *user, struct error *err)
{
	FILE *file = fdopen(dup(journal->fd), "r");
	char line[LINE_MAX_OCTETS];

	if (file == NULL)
		return fail(journal, err);
	rewind(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		size_t len = strlen(line);

		if (len == 0 || line[len - 1] != '\n')
			break;
		line[len - 1] = '\0';
		take_line(line, on_entry, user);
	}
	fclose(file);
	return true;
}

bool
sent_journal_open(struct sent_journal **out, const char *state_dir, sent_on_entry *on_entry,
		  void *user, struct error *err)
{
	struct sent_journal *journal = calloc(1, sizeof(*journal));

	if (journal == NULL)
		return error_set(err, ERR_NOMEM, "mailer: out of memory");
	snprintf(journal->path, sizeof(journal->path), "%s/mailer.journal", state_dir);
	journal->fd =
	    open(journal->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (journal->fd < 0) {
		fail(journal, err);
		goto fail;
	}
	if (!read_all(journal, on_entry, user, err))
		goto fail;
	*out = journal;
	return true;
fail:
	sent_journal_close(journal);
	return false;
}

void
sent_journal_close(struct sent_journal *journal)
{
	if (journal == NULL)
		return;
	if (journal->fd >= 0)
		close(journal->fd);
	free(journal);
}

bool
sent_journal_add(struct sent_journal *journal, const struct sent_entry *entry, struct error *err)
{
	char line[LINE_MAX_OCTETS];
	off_t end;
	int len = snprintf(line, sizeof(line) - 1, "sent %" PRId64 " %" PRId64 " %d %.500s",
			   entry->id, entry->at_utc_sec, entry->code, entry->reply);

	for (int i = 0; i < len; i++)
		if (line[i] == '\n' || line[i] == '\r')
			line[i] = ' ';
	line[len++] = '\n';
	end = lseek(journal->fd, 0, SEEK_END);
	if (write(journal->fd, line, (size_t)len) == len && fdatasync(journal->fd) == 0)
		return true;
	fail(journal, err);
	if (end >= 0 && ftruncate(journal->fd, end) != 0) /* half a line would spoil the next */
		error_wrap(err, "and what was written of it stays");
	return false;
}

bool
sent_journal_empty(struct sent_journal *journal, struct error *err)
{
	return ftruncate(journal->fd, 0) == 0 || fail(journal, err);
}
