/* ledger.c - the ledger as a whole: opened, made, closed; transactions; the words shared by its files. */
#include <errno.h>
#include <inttypes.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/ledger_private.h"

/* --- opened and closed --- */

struct paths {
	char file[4096];      /* state_dir/ixwatch.db */
	char fresh[4096 + 8]; /* where it is made */
};

static bool
sync_dir(const char *dir, struct error *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool done = fd >= 0 && fsync(fd) == 0;

	if (!done)
		error_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
	if (fd >= 0)
		close(fd);
	return done;
}

static bool
fill_fresh(const char *path, struct error *err)
{
	struct db *db = NULL;
	bool done = db_open(&db, path, DB_CREATE, err) && ledger_schema_migrate(db, err);

	db_close(db);
	return done;
}

/* Made aside and then moved into its place: where it is, it is whole. */
static bool
make_file(const char *state_dir, const struct paths *paths, struct error *err)
{
	char journal[sizeof(paths->fresh) + 8];

	snprintf(journal, sizeof(journal), "%s-journal", paths->fresh);
	unlink(paths->fresh);
	unlink(journal);
	if (!fill_fresh(paths->fresh, err)) {
		unlink(paths->fresh);
		return false;
	}
	if (rename(paths->fresh, paths->file) != 0)
		return error_set(err, ERR_IO, "%s: %s", paths->file, strerror(errno));
	return sync_dir(state_dir, err);
}

/* A log without its file would be lost by making the file anew. */
static bool
make_if_absent(const char *state_dir, const struct paths *paths, struct error *err)
{
	char wal[sizeof(paths->file) + 8];
	struct stat status;

	if (stat(paths->file, &status) == 0 || errno != ENOENT)
		return true;
	snprintf(wal, sizeof(wal), "%s-wal", paths->file);
	if (stat(wal, &status) == 0 && status.st_size > 0)
		return error_set(err, ERR_DB,
				 "%s: is gone, but %s is there: restore both from a backup, or "
				 "remove the log to begin anew",
				 paths->file, wal);
	return make_file(state_dir, paths, err);
}

static bool
open_file(struct ledger *ledger, const char *state_dir, enum ledger_mode mode, struct error *err)
{
	struct paths paths;
	int len = snprintf(paths.file, sizeof(paths.file), "%s/ixwatch.db", state_dir);

	if (len >= (int)sizeof(paths.file))
		return error_set(err, ERR_IO, "state-dir: a path of %d octets is too long", len);
	snprintf(paths.fresh, sizeof(paths.fresh), "%s.new", paths.file);
	if (mode == LEDGER_READ)
		return db_open(&ledger->db, paths.file, DB_READ, err) &&
		       ledger_schema_check(ledger->db, err);
	return make_if_absent(state_dir, &paths, err) &&
	       db_open(&ledger->db, paths.file, DB_WRITE, err) &&
	       ledger_schema_migrate(ledger->db, err);
}

bool
ledger_open(struct ledger **out, const char *state_dir, enum ledger_mode mode, struct error *err)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));

	if (ledger == NULL)
		return error_set(err, ERR_NOMEM, "ledger: out of memory");
	if (!open_file(ledger, state_dir, mode, err)) {
		ledger_close(ledger);
		return error_wrap(err, "ledger");
	}
	*out = ledger;
	return true;
}

void
ledger_close(struct ledger *ledger)
{
	if (ledger == NULL)
		return;
	db_close(ledger->db);
	free(ledger);
}

int64_t
ledger_version(struct ledger *ledger)
{
	int64_t version;

	return db_int_of(ledger->db, "PRAGMA data_version", &version, NULL) ? version : 0;
}

uint64_t
ledger_busy_retries(const struct ledger *ledger)
{
	return db_busy_retries(ledger->db);
}

bool
ledger_tidy(struct ledger *ledger, struct error *err)
{
	return db_checkpoint(ledger->db, err) || error_wrap(err, "ledger");
}

/* --- transactions --- */

bool
ledger_begin(struct ledger *ledger, struct error *err)
{
	return db_begin(ledger->db, err) || error_wrap(err, "ledger");
}

bool
ledger_commit(struct ledger *ledger, struct error *err)
{
	return db_commit(ledger->db, err) || error_wrap(err, "ledger");
}

void
ledger_rollback(struct ledger *ledger)
{
	db_rollback(ledger->db);
}

bool
ledger_enter(struct ledger *ledger, bool *own, struct error *err)
{
	*own = !db_in_transaction(ledger->db);
	return !*own || db_begin(ledger->db, err);
}

bool
ledger_leave(struct ledger *ledger, bool own, bool done, struct error *err)
{
	if (!own)
		return done;
	if (done)
		return db_commit(ledger->db, err);
	db_rollback(ledger->db);
	return false;
}

bool
ledger_wrap_subject(struct error *err, const char *what, struct subject subject)
{
	return error_wrap(err, "%s of %s %" PRId64, what, model_subject_name(subject.kind),
			  subject.id);
}

/* --- words: the schema's CHECKs leave no others --- */

void
ledger_bind_id(struct db_statement *statement, const char *name, int64_t id)
{
	if (id != 0)
		db_bind_int(statement, name, id);
	else
		db_bind_null(statement, name);
}

void
ledger_bind_kind(struct db_statement *statement, const char *name, enum port_kind kind)
{
	db_bind_text(statement, name, kind != KIND_NONE ? model_kind_name(kind) : NULL);
}

void
ledger_bind_judgement(struct db_statement *statement, struct subject subject,
		      enum direction direction, enum profile profile)
{
	db_bind_int(statement, ":subject", subject.id);
	db_bind_text(statement, ":direction", model_direction_name(direction));
	db_bind_text(statement, ":profile", profile_name(profile));
}

enum port_kind
ledger_kind(const struct db_statement *statement, int column)
{
	enum port_kind kind = KIND_NONE;

	model_kind_parse(db_text(statement, column), &kind);
	return kind;
}

enum direction
ledger_direction(const struct db_statement *statement, int column)
{
	enum direction direction = DIRECTION_IN;

	model_direction_parse(db_text(statement, column), &direction);
	return direction;
}

enum profile
ledger_profile(const struct db_statement *statement, int column)
{
	enum profile profile = PROFILE_EARLY;

	profile_parse(db_text(statement, column), &profile);
	return profile;
}

enum verdict
ledger_verdict_word(const struct db_statement *statement, int column)
{
	enum verdict verdict = VERDICT_NONE;

	model_verdict_parse(db_text(statement, column), &verdict);
	return verdict;
}
