/* links: store/ledger.c store/ledger_schema.c store/ledger_schema_1.c store/ledger_schema_2.c store/ledger_schema_3.c store/ledger_schema_4.c store/ledger_schema_5.c store/ledger_exchange.c store/ledger_port.c store/ledger_port_put.c store/ledger_capacity.c store/ledger_episode.c store/ledger_judgement.c store/ledger_audit.c store/db.c store/db_statement.c base/error.c base/model.c base/units.c base/decimal.c base/detector_settings.c */
/* pkgs: sqlite3 */
/* test_ledger_file.c - the ledger as a file: made whole, read beside its writer, refused when it is not what it should
 * be, there after SIGKILL and on a full disk, and quick enough for 10,000 ports. */
#include <errno.h>
#include <grp.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "ixwatch/ledger.h"
#include "ledger_scratch.h"
#include "store/db.h"

#define T0 INT64_C(1795000000)

static int
set_up(void **state)
{
	struct scratch *scratch = calloc(1, sizeof(*scratch));

	scratch_new(scratch);
	*state = scratch;
	return 0;
}

static int
tear_down(void **state)
{
	scratch_free(*state);
	free(*state);
	return 0;
}

static void
assert_says(const struct error *err, enum error_code code, const char *what)
{
	if (err->code != code || strstr(err->text, what) == NULL)
		print_error("[%d] %s\n", err->code, err->text);
	assert_int_equal(err->code, code);
	assert_non_null(strstr(err->text, what));
}

static struct ledger *
open_ledger(struct scratch *scratch, enum ledger_mode mode)
{
	struct ledger *ledger = NULL;
	struct error err;

	if (!ledger_open(&ledger, scratch->dir, mode, &err))
		print_error("%s\n", err.text);
	assert_non_null(ledger);
	return ledger;
}

static int64_t
put_port(struct ledger *ledger, int number)
{
	char interface[64], path[64];
	struct port port = { .exchange = "demo-fra",
			     .agent = "edge1",
			     .interface = interface,
			     .alias = "AS64500 ExampleNet",
			     .peer = "ExampleNet",
			     .path = path,
			     .note = "",
			     .circuit = "",
			     .asn = 64500,
			     .kind = KIND_MEMBER,
			     .contracted_bps = NAN };
	int64_t id;

	snprintf(interface, sizeof(interface), "et-0/0/%d", number);
	snprintf(path, sizeof(path), "rrd/demo-fra/edge%d/et-%d.rrd", number / 48, number);
	port.agent = number / 48 % 2 == 0 ? "edge1" : "edge2";
	assert_true(ledger_port_put(ledger, &port, T0, &id, NULL));
	return id;
}

static struct ledger *
make_ledger(struct scratch *scratch)
{
	struct ledger *ledger = open_ledger(scratch, LEDGER_WRITE);

	assert_true(ledger_exchange_put(ledger, "demo-fra", "Demo-IX", "UTC", NULL));
	assert_int_equal(put_port(ledger, 1), 1);
	return ledger;
}

static bool
count_port(const struct port *port, void *user)
{
	(void)port;
	++*(unsigned *)user;
	return true;
}

static unsigned
port_count(struct ledger *ledger)
{
	unsigned count = 0;

	assert_true(ledger_port_each(ledger, count_port, &count, NULL));
	return count;
}

static void
change(struct scratch *scratch, const char *name, enum db_mode mode, const char *sql)
{
	struct db *db;
	struct error err;

	if (!db_open(&db, scratch_path(scratch, name), mode, &err) || !db_exec(db, sql, &err))
		fail_msg("%s", err.text);
	db_close(db);
}

static void
refuse(struct scratch *scratch, enum ledger_mode mode, enum error_code code, const char *what)
{
	struct ledger *ledger = NULL;
	struct error err = { .code = ERR_NONE };

	assert_false(ledger_open(&ledger, scratch->dir, mode, &err));
	assert_null(ledger);
	assert_says(&err, code, what);
	assert_says(&err, code, "ledger: ");
	assert_says(&err, code, scratch->dir);
}

/* --- made --- */

static void
writing_makes_it_whole_or_not_at_all(void **state)
{
	struct scratch *scratch = *state;
	struct ledger *ledger;

	scratch_write(scratch, "ixwatch.db.new", "left over",
		      9); /* of a start that was cut short */
	ledger = make_ledger(scratch);
	ledger_close(ledger);
	assert_false(scratch_has(scratch, "ixwatch.db.new"));
	ledger = open_ledger(scratch, LEDGER_WRITE);
	assert_int_equal(port_count(ledger), 1);
	ledger_close(ledger);
}

static void
a_state_directory_that_is_not_there_is_said(void **state)
{
	struct scratch *scratch = *state;
	struct scratch absent = *scratch;
	char longer[512];

	snprintf(longer, sizeof(longer), "%.200s/absent", scratch->dir);
	memcpy(absent.dir, longer, sizeof(absent.dir));
	refuse(&absent, LEDGER_WRITE, ERR_DB, "No such file or directory");
	refuse(&absent, LEDGER_READ, ERR_NOT_FOUND, "No such file or directory");
}

/* --- read --- */

static void
a_reader_finds_none_before_the_first_start(void **state)
{
	struct scratch *scratch = *state;

	refuse(scratch, LEDGER_READ, ERR_NOT_FOUND, "/ixwatch.db");
	assert_false(scratch_has(scratch, "ixwatch.db"));
}

static void
a_reader_reads_beside_the_writer_after_it_and_without_its_log(void **state)
{
	struct scratch *scratch = *state;
	struct ledger *writer = make_ledger(scratch), *reader = open_ledger(scratch, LEDGER_READ);

	assert_int_equal(port_count(reader), 1);
	put_port(writer, 2);
	assert_int_equal(port_count(reader), 2);
	ledger_close(writer);
	assert_int_equal(port_count(reader), 2);
	ledger_close(reader);
	reader = open_ledger(scratch, LEDGER_READ);
	assert_int_equal(port_count(reader), 2);
	writer = open_ledger(scratch, LEDGER_WRITE); /* the collector comes back under a reader */
	put_port(writer, 3);
	assert_int_equal(port_count(reader), 3);
	ledger_close(reader);
	ledger_close(writer);
	unlink(scratch_path(scratch, "ixwatch.db-wal"));
	unlink(scratch_path(scratch, "ixwatch.db-shm"));
	reader = open_ledger(scratch, LEDGER_READ);
	assert_int_equal(port_count(reader), 3);
	ledger_close(reader);
}

static void
a_reader_cannot_write(void **state)
{
	struct scratch *scratch = *state;
	struct ledger *writer = make_ledger(scratch), *reader = open_ledger(scratch, LEDGER_READ);
	struct error err;

	assert_false(ledger_audit(reader, T0, "web", "x", 0, "", &err));
	assert_says(&err, ERR_DB, "readonly");
	assert_true(ledger_begin(reader, &err));
	assert_int_equal(port_count(reader), 1);
	assert_true(ledger_commit(reader, &err));
	ledger_close(reader);
	ledger_close(writer);
}

/* Runs `work` as a user who is not root; its result is the child's exit status, 0 for as it should be. */
static int
as_other_user(int (*work)(struct scratch *scratch), struct scratch *scratch)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		if (geteuid() == 0 &&
		    (setgroups(0, NULL) != 0 || setgid(65534) != 0 || setuid(65534) != 0))
			_exit(77);
		_exit(work(scratch));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static int
read_as_other(struct scratch *scratch)
{
	struct ledger *ledger;
	struct error err;

	if (ledger_open(&ledger, scratch->dir, LEDGER_READ, &err))
		return port_count(ledger) == 1 ? 0 : 1;
	if (strstr(err.text, "needs its log beside it") != NULL)
		return 2;
	print_error("%s\n", err.text);
	return 3;
}

static int
write_as_other(struct scratch *scratch)
{
	struct ledger *ledger;
	struct error err;

	if (ledger_open(&ledger, scratch->dir, LEDGER_WRITE, &err))
		return 1;
	if (err.code == ERR_DB &&
	    strstr(err.text, "ixwatch.db: not writable: Permission denied") != NULL)
		return 0;
	print_error("%s\n", err.text);
	return 2;
}

static void
one_who_may_only_read_the_folder_reads_beside_the_writer_and_after_it(void **state)
{
	struct scratch *scratch = *state;
	struct ledger *writer;

	if (geteuid() != 0) {
		print_message("needs root, to become another user: skipped\n");
		skip();
	}
	writer = make_ledger(scratch);
	assert_int_equal(chmod(scratch->dir, 0755), 0);
	assert_int_equal(as_other_user(read_as_other, scratch), 0);
	assert_int_equal(as_other_user(write_as_other, scratch), 0);
	ledger_close(writer);
	assert_int_equal(as_other_user(read_as_other, scratch), 0);
	unlink(scratch_path(scratch, "ixwatch.db-wal"));
	unlink(scratch_path(scratch, "ixwatch.db-shm"));
	assert_int_equal(as_other_user(read_as_other, scratch), 2); /* and says so */
}

/* --- refused --- */

static void
a_newer_schema_is_refused_by_both(void **state)
{
	struct scratch *scratch = *state;

	ledger_close(make_ledger(scratch));
	change(scratch, "ixwatch.db", DB_WRITE, "PRAGMA user_version = 4711");
	refuse(scratch, LEDGER_WRITE, ERR_DB, "schema version 4711");
	refuse(scratch, LEDGER_READ, ERR_DB, "written by a newer ixwatch");
}

static void
an_older_schema_is_refused_by_the_reader(void **state)
{
	struct scratch *scratch = *state;

	ledger_close(make_ledger(scratch));
	change(scratch, "ixwatch.db", DB_WRITE, "PRAGMA user_version = 0");
	refuse(scratch, LEDGER_READ, ERR_DB, "the collector brings it up to date");
}

static void
somebody_elses_database_is_refused(void **state)
{
	struct scratch *scratch = *state;

	change(scratch, "ixwatch.db", DB_CREATE, "CREATE TABLE cdr (a TEXT)");
	refuse(scratch, LEDGER_WRITE, ERR_DB, "not a ledger of ixwatch");
	refuse(scratch, LEDGER_READ, ERR_DB, "not a ledger of ixwatch");
}

static void
a_damaged_file_is_named_and_left_as_it_is(void **state)
{
	struct scratch *scratch = *state;
	unsigned char *before, *after;
	size_t before_len, after_len;

	ledger_close(make_ledger(scratch));
	scratch_overwrite(scratch, "ixwatch.db", 0, "Hello, this is no database. ", 28);
	before = scratch_read(scratch, "ixwatch.db", &before_len);
	refuse(scratch, LEDGER_WRITE, ERR_DB, "file is not a database");
	refuse(scratch, LEDGER_READ, ERR_DB, "file is not a database");
	after = scratch_read(scratch, "ixwatch.db", &after_len);
	assert_int_equal(after_len, before_len);
	assert_memory_equal(after, before, before_len);
	free(before);
	free(after);
}

static void
an_empty_file_is_not_taken_for_a_new_one(void **state)
{
	struct scratch *scratch = *state;

	ledger_close(make_ledger(scratch));
	assert_int_equal(truncate(scratch_path(scratch, "ixwatch.db"), 0), 0);
	refuse(scratch, LEDGER_WRITE, ERR_DB, "is empty");
	refuse(scratch, LEDGER_READ, ERR_DB, "is empty");
}

static void
a_cut_file_is_refused(void **state)
{
	struct scratch *scratch = *state;

	ledger_close(make_ledger(scratch));
	unlink(scratch_path(scratch, "ixwatch.db-wal"));
	assert_int_equal(truncate(scratch_path(scratch, "ixwatch.db"), 5000), 0);
	refuse(scratch, LEDGER_WRITE, ERR_DB, "malformed");
}

static void
a_log_without_its_file_is_not_thrown_away(void **state)
{
	struct scratch *scratch = *state;

	scratch_write(scratch, "ixwatch.db-wal", "committed pages", 15);
	refuse(scratch, LEDGER_WRITE, ERR_DB, "restore both from a backup");
	assert_true(scratch_has(scratch, "ixwatch.db-wal"));
	assert_false(scratch_has(scratch, "ixwatch.db"));
}

/* --- a disk that takes no more --- */

static struct ledger_episode
episode_number(int64_t number)
{
	return (struct ledger_episode) { .subject = subject_port(1),
					 .direction = DIRECTION_OUT,
					 .profile = PROFILE_EARLY,
					 .start_utc_sec = T0 + number * 600,
					 .end_utc_sec = T0 + number * 600 + 300,
					 .kind = EPISODE_SPIKE,
					 .peak_utilisation = 0.99,
					 .mean_utilisation = 0.93 };
}

static bool
put_round(struct ledger *ledger, int64_t number, struct error *err)
{
	struct ledger_episode episode = episode_number(number);
	static const char state[1024];

	return ledger_begin(ledger, err) && ledger_episode_put(ledger, &episode, err) &&
	       ledger_checkpoint_put(ledger, subject_port(1), JUDGED_FOR_PAGES, T0 + number * 600,
				     state, sizeof(state), err) &&
	       ledger_commit(ledger, err);
}

/* Writes rounds until the disk is full, empties the disk, and writes one more. */
static int
fill_disk(struct scratch *scratch)
{
	struct rlimit full = { 200000, RLIM_INFINITY }, empty = { RLIM_INFINITY, RLIM_INFINITY };
	struct ledger *ledger;
	struct error err;
	int64_t number = 0;

	signal(SIGXFSZ, SIG_IGN);
	if (!ledger_open(&ledger, scratch->dir, LEDGER_WRITE, &err) ||
	    setrlimit(RLIMIT_FSIZE, &full) != 0)
		return 1;
	while (number < 10000 && put_round(ledger, number, &err))
		number++;
	ledger_rollback(ledger);
	if (number == 10000 || err.code != ERR_DB ||
	    strstr(err.text, "ixwatch.db: disk I/O error") == NULL)
		return print_error("%s\n", err.text), 2;
	if (port_count(ledger) != 1) /* reading goes on */
		return 3;
	setrlimit(RLIMIT_FSIZE, &empty);
	if (!put_round(ledger, number, &err))
		return print_error("%s\n", err.text), 4;
	scratch_write(scratch, "rounds", &number, sizeof(number));
	return 0;
}

static int64_t
ask(struct scratch *scratch, const char *sql)
{
	struct db *db = NULL;
	struct error err;
	int64_t answer = -1;

	if (!db_open(&db, scratch_path(scratch, "ixwatch.db"), DB_READ, &err) ||
	    !db_int_of(db, sql, &answer, &err))
		print_error("%s\n", err.text);
	db_close(db);
	return answer;
}

static const char sql_damage[] =
    "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'";
static const char sql_dangling[] = "SELECT count(*) FROM pragma_foreign_key_check";

static void
a_full_disk_is_said_loses_nothing_and_may_be_emptied(void **state)
{
	struct scratch *scratch = *state;
	int64_t *rounds;
	size_t len;
	int status;
	pid_t child;

	ledger_close(make_ledger(scratch));
	child = fork();
	if (child == 0)
		_exit(fill_disk(scratch));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	rounds = (int64_t *)scratch_read(scratch, "rounds", &len);
	assert_int_equal(ask(scratch, sql_damage), 0);
	assert_int_equal(ask(scratch, "SELECT count(*) FROM episode"), *rounds + 1);
	free(rounds);
}

/* In a mount namespace of its own, with a small disk over the scratch directory: fills it, frees some, takes the
 * writing away.  77: the machine does not allow a mount. */
static int
use_small_disk(struct scratch *scratch)
{
	static const char ballast[65536];
	struct ledger *ledger;
	struct error err;
	int64_t number = 0;

	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("tmpfs", scratch->dir, "tmpfs", 0, "size=1m") != 0)
		return 77;
	ledger = make_ledger(scratch);
	scratch_write(scratch, "ballast", ballast, sizeof(ballast));
	while (number < 10000 && put_round(ledger, number, &err))
		number++;
	ledger_rollback(ledger);
	if (err.code != ERR_DB ||
	    strstr(err.text, "ixwatch.db: database or disk is full (13)") == NULL)
		return print_error("%s\n", err.text), 2;
	unlink(scratch_path(scratch, "ballast"));
	if (!put_round(ledger, number, &err))
		return print_error("%s\n", err.text), 3;
	ledger_close(ledger);
	if (ask(scratch, sql_damage) != 0 ||
	    ask(scratch, "SELECT count(*) FROM episode") != number + 1)
		return 4;
	if (mount(NULL, scratch->dir, NULL, MS_REMOUNT | MS_RDONLY, NULL) != 0)
		return 5;
	if (ledger_open(&ledger, scratch->dir, LEDGER_WRITE, &err) ||
	    strstr(err.text, "ixwatch.db: not writable: Read-only file system") == NULL)
		return print_error("%s\n", err.text), 6;
	return ask(scratch, "SELECT count(*) FROM episode") == number + 1 ? 0 : 7;
}

static void
a_real_disk_full_or_read_only_is_said(void **state)
{
	struct scratch *scratch = *state;
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(use_small_disk(scratch));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77) {
		print_message("this machine allows no mount of a small disk: skipped\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* --- SIGKILL --- */

/* Commits rounds for ever and says each one's number when it is committed. */
static void
write_rounds(struct scratch *scratch, int64_t number, int acknowledge_fd)
{
	struct ledger *ledger = open_ledger(scratch, LEDGER_WRITE);
	struct error err;

	for (;; number++) {
		if (!put_round(ledger, number, &err)) {
			print_error("%s\n", err.text);
			_exit(1);
		}
		if (write(acknowledge_fd, &number, sizeof(number)) != sizeof(number))
			_exit(2);
	}
}

/* Lets a writer run until it has acknowledged some rounds, kills it, and returns the last number acknowledged. */
static int64_t
kill_a_writer(struct scratch *scratch, int64_t from, unsigned rounds, unsigned extra_us)
{
	int64_t last = from - 1, number;
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		close(ends[0]);
		write_rounds(scratch, from, ends[1]);
	}
	close(ends[1]);
	for (unsigned i = 0; i < rounds && read(ends[0], &number, sizeof(number)) == sizeof(number);
	     i++)
		last = number;
	usleep(extra_us); /* anywhere within a commit */
	kill(child, SIGKILL);
	while (read(ends[0], &number, sizeof(number)) == sizeof(number))
		last = number;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	close(ends[0]);
	return last;
}

static void
what_was_acknowledged_is_there_after_sigkill(void **state)
{
	struct scratch *scratch = *state;
	int64_t last = -1, rows;
	unsigned seed = 20261123;

	ledger_close(make_ledger(scratch));
	for (int i = 0; i < 20; i++) {
		last = kill_a_writer(scratch, last + 1, (unsigned)rand_r(&seed) % 40,
				     (unsigned)rand_r(&seed) % 2000);
		assert_int_equal(ask(scratch, sql_damage), 0);
		assert_int_equal(ask(scratch, sql_dangling), 0);
		rows = ask(scratch, "SELECT count(*) FROM episode");
		assert_in_range(rows, last + 1,
				last + 2); /* at most the one whose word did not get out */
		last = rows - 1;
	}
	ledger_close(open_ledger(scratch, LEDGER_WRITE));
}

/* --- speed --- */

static void
say_took(const char *what, double took_ms, double limit_ms)
{
	print_message("%s: %.1f ms (meant: below %.0f)\n", what, took_ms, limit_ms);
}

/* The quickest of some tries: what the machine does beside the test is not what is measured. */
#define TRIES 5

static void
ten_thousand_ports_are_quick(void **state)
{
	struct scratch *scratch = *state;
	struct ledger *ledger = make_ledger(scratch);
	double start_ms = scratch_now_ms(), best_ms = INFINITY;

	assert_true(ledger_begin(ledger, NULL));
	for (int i = 2; i <= 10000; i++)
		put_port(ledger, i);
	assert_true(ledger_commit(ledger, NULL));
	say_took("10,000 ports put", scratch_now_ms() - start_ms, 1000);
	start_ms = scratch_now_ms();
	assert_true(ledger_begin(ledger, NULL));
	for (int i = 1; i <= 10000; i++)
		put_port(ledger, i);
	assert_true(ledger_commit(ledger, NULL));
	say_took("10,000 ports put again, unchanged", scratch_now_ms() - start_ms, 500);
	for (int i = 0; i < TRIES; i++) {
		start_ms = scratch_now_ms();
		assert_int_equal(port_count(ledger), 10000);
		best_ms = fmin(best_ms, scratch_now_ms() - start_ms);
	}
	say_took("10,000 ports listed", best_ms, 50);
	ledger_close(ledger);
}

static void
two_thousand_checkpoints_are_quick(void **state)
{
	struct scratch *scratch = *state;
	struct ledger *ledger = make_ledger(scratch);
	char checkpoint[1024];
	double start_ms, best_ms = INFINITY;

	memset(checkpoint, 7, sizeof(checkpoint));
	assert_true(ledger_begin(ledger, NULL));
	for (int i = 2; i <= 2000; i++)
		put_port(ledger, i);
	assert_true(ledger_commit(ledger, NULL));
	for (int round = 0; round < TRIES; round++) {
		start_ms = scratch_now_ms();
		assert_true(ledger_begin(ledger, NULL));
		for (int i = 1; i <= 2000; i++)
			assert_true(ledger_checkpoint_put(ledger, subject_port(i), JUDGED_FOR_PAGES,
							  T0 + round, checkpoint,
							  sizeof(checkpoint), NULL));
		assert_true(ledger_commit(ledger, NULL));
		best_ms = fmin(best_ms, scratch_now_ms() - start_ms);
	}
	say_took("2,000 checkpoints of 1 kB put", best_ms, 50);
	ledger_close(ledger);
}

static bool
count_episode(const struct ledger_episode *episode, void *user)
{
	(void)episode;
	++*(unsigned *)user;
	return true;
}

static void
list_quickly(struct ledger *ledger, const char *what, const struct ledger_episode_query *query,
	     unsigned want)
{
	double best_ms = INFINITY;

	for (int i = 0; i < TRIES; i++) {
		double start_ms = scratch_now_ms();
		unsigned count = 0;

		assert_true(ledger_episode_each(ledger, query, count_episode, &count, NULL));
		assert_int_equal(count, want);
		best_ms = fmin(best_ms, scratch_now_ms() - start_ms);
	}
	say_took(what, best_ms, 10);
}

/* The newest are found without going through all: by every way in. */
static void
a_long_history_of_episodes_is_listed_quickly(void **state)
{
	enum { EPISODES = 100000 };
	struct scratch *scratch = *state;
	struct ledger *ledger = make_ledger(scratch);
	struct ledger_episode_query all = { .any_kind = true, .limit = 100 }, port = all,
				    open = all, window = all, few = all, old = all;

	assert_true(ledger_begin(ledger, NULL));
	put_port(ledger, 2);
	for (int i = 0; i < EPISODES; i++) {
		struct ledger_episode episode = episode_number(i);

		episode.subject.id = i % 1000 == 0 ? 2 : 1;
		episode.open = i >= EPISODES - 5;
		assert_true(ledger_episode_put(ledger, &episode, NULL));
	}
	assert_true(ledger_commit(ledger, NULL));
	port.subject.id = 2;
	open.open_only = true;
	window.from_utc_sec = T0 + (EPISODES - 50) * 600;
	few.exchange = "demo-ams";
	old.from_utc_sec = T0 + 600;
	old.to_utc_sec = T0 + 6000;
	list_quickly(ledger, "the newest of 100,000 episodes", &all, 100);
	list_quickly(ledger, "those of one port", &port, 100);
	list_quickly(ledger, "the open ones", &open, 5);
	list_quickly(ledger, "those since an instant", &window, 50);
	list_quickly(ledger, "those of a window long ago", &old, 9);
	list_quickly(ledger, "those of an exchange that has none", &few, 0);
	ledger_close(ledger);
}

#define FILE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FILE_TEST(writing_makes_it_whole_or_not_at_all),
		FILE_TEST(a_state_directory_that_is_not_there_is_said),
		FILE_TEST(a_reader_finds_none_before_the_first_start),
		FILE_TEST(a_reader_reads_beside_the_writer_after_it_and_without_its_log),
		FILE_TEST(a_reader_cannot_write),
		FILE_TEST(one_who_may_only_read_the_folder_reads_beside_the_writer_and_after_it),
		FILE_TEST(a_newer_schema_is_refused_by_both),
		FILE_TEST(an_older_schema_is_refused_by_the_reader),
		FILE_TEST(somebody_elses_database_is_refused),
		FILE_TEST(a_damaged_file_is_named_and_left_as_it_is),
		FILE_TEST(an_empty_file_is_not_taken_for_a_new_one),
		FILE_TEST(a_cut_file_is_refused),
		FILE_TEST(a_log_without_its_file_is_not_thrown_away),
		FILE_TEST(a_full_disk_is_said_loses_nothing_and_may_be_emptied),
		FILE_TEST(a_real_disk_full_or_read_only_is_said),
		FILE_TEST(what_was_acknowledged_is_there_after_sigkill),
		FILE_TEST(ten_thousand_ports_are_quick),
		FILE_TEST(two_thousand_checkpoints_are_quick),
		FILE_TEST(a_long_history_of_episodes_is_listed_quickly),
	};

	return cmocka_run_group_tests_name("ledger file", tests, NULL, NULL);
}
