/* links: store/lock.c base/error.c base/units.c base/decimal.c */
/* test_lock.c - one writer: who else asks is told who holds it, and it ends with its holder, however that ends. */
#include <grp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "ixwatch/lock.h"
#include "ledger_scratch.h"

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

/* Takes the lock in a child, and tells when it has it; the child stays until it is killed. */
static pid_t
hold_in_child(const char *dir)
{
	struct lock *lock;
	struct error err;
	int ends[2];
	char told = 0;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		close(ends[0]);
		told = lock_take(&lock, dir, &err) ? 'y' : 'n';
		if (write(ends[1], &told, 1) == 1)
			pause();
		_exit(1);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &told, 1), 1);
	close(ends[0]);
	assert_int_equal(told, 'y');
	return child;
}

static void
end(pid_t child, int signal_number)
{
	int status;

	kill(child, signal_number);
	assert_int_equal(waitpid(child, &status, 0), child);
}

static void
the_second_is_told_which_process_holds_it(void **state)
{
	struct scratch *scratch = *state;
	pid_t holder = hold_in_child(scratch->dir);
	struct lock *lock = NULL;
	struct error err;
	char who[64];

	snprintf(who, sizeof(who), "/lock: held by process %ld;", (long)holder);
	assert_false(lock_take(&lock, scratch->dir, &err));
	assert_says(&err, ERR_LOCKED, who);
	assert_null(lock);
	end(holder, SIGTERM);
}

static void
it_ends_with_its_holder_even_by_sigkill(void **state)
{
	struct scratch *scratch = *state;
	struct lock *lock;
	struct error err;

	for (int i = 0; i < 5; i++)
		end(hold_in_child(scratch->dir), i % 2 == 0 ? SIGKILL : SIGTERM);
	assert_true(scratch_has(scratch, "lock"));
	assert_true(lock_take(&lock, scratch->dir, &err));
	lock_release(lock);
}

static void
it_holds_against_its_own_process_and_may_be_taken_again(void **state)
{
	struct scratch *scratch = *state;
	struct lock *lock, *other;
	struct error err;
	char who[64];

	assert_true(lock_take(&lock, scratch->dir, &err));
	snprintf(who, sizeof(who), "held by process %ld", (long)getpid());
	assert_false(lock_take(&other, scratch->dir, &err));
	assert_says(&err, ERR_LOCKED, who);
	lock_release(lock);
	lock_release(NULL);
	assert_true(lock_take(&lock, scratch->dir, &err));
	lock_release(lock);
}

static void
the_file_says_who_for_people_to_read(void **state)
{
	struct scratch *scratch = *state;
	struct lock *lock;
	struct error err;
	unsigned char *text;
	char want[32];
	size_t len;

	scratch_write(scratch, "lock", "4194304 and the rest of an older, longer file\n", 46);
	assert_true(lock_take(&lock, scratch->dir, &err));
	text = scratch_read(scratch, "lock", &len);
	snprintf(want, sizeof(want), "%ld\n", (long)getpid());
	assert_int_equal(len, strlen(want));
	assert_memory_equal(text, want, len);
	free(text);
	lock_release(lock);
	text = scratch_read(scratch, "lock", &len);
	assert_int_equal(len, 0);
	free(text);
}

static void
what_is_no_number_in_the_file_is_not_told_as_one(void **state)
{
	static const char *const texts[] = {
		"", "\n", "x", "-1\n", "99999999999999999999\n", "12 34\n", "\xff\xfe\n"
	};
	struct scratch *scratch = *state;
	struct lock *lock, *other;
	struct error err;

	assert_true(lock_take(&lock, scratch->dir, &err));
	for (size_t i = 0; i < COUNT(texts); i++) {
		scratch_write(scratch, "lock", texts[i], strlen(texts[i]));
		assert_false(lock_take(&other, scratch->dir, &err));
		assert_says(&err, ERR_LOCKED, "held by another process");
	}
	lock_release(lock);
}

/* A forked child that lets go of its share takes nothing from its parent; one that was executed has no share. */
static void
a_child_that_lets_go_leaves_it_to_its_parent(void **state)
{
	struct scratch *scratch = *state;
	struct lock *lock, *other;
	struct error err;
	int status;
	pid_t child;

	assert_true(lock_take(&lock, scratch->dir, &err));
	child = fork();
	if (child == 0) {
		lock_release(lock);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_false(lock_take(&other, scratch->dir, &err));
	assert_says(&err, ERR_LOCKED, "held by process");
	child = fork();
	if (child == 0) {
		execl("/bin/sleep", "sleep", "60", (char *)NULL);
		_exit(1);
	}
	lock_release(lock);
	/* Until the child has been executed it has a share: wait for that, not for a time. */
	for (int i = 0; i < 500 && !lock_take(&lock, scratch->dir, &err); i++) {
		lock = NULL;
		usleep(10000);
	}
	assert_non_null(lock);
	lock_release(lock);
	end(child, SIGKILL);
}

/* --- the state directory --- */

static void
a_state_directory_is_made_for_its_owner_and_group(void **state)
{
	struct scratch *scratch = *state;
	const char *dir = scratch_path(scratch, "state");
	struct stat status;
	struct lock *lock;
	struct error err;
	mode_t umask_before = umask(022);

	assert_true(lock_take(&lock, dir, &err));
	umask(umask_before);
	assert_int_equal(stat(dir, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0750);
	lock_release(lock);
}

static void
a_state_directory_that_cannot_be_made_or_used_is_said(void **state)
{
	struct scratch *scratch = *state;
	struct lock *lock;
	struct error err;
	char long_name[5000];

	assert_false(lock_take(&lock, scratch_path(scratch, "no/such"), &err));
	assert_says(&err, ERR_IO,
		    "/no/such: cannot be made: the directory it should be in is not there");
	scratch_write(scratch, "file", "x", 1);
	assert_false(lock_take(&lock, scratch_path(scratch, "file"), &err));
	assert_says(&err, ERR_IO, "/file: is not a directory");
	assert_false(lock_take(&lock, scratch_path(scratch, "file/below"), &err));
	assert_says(&err, ERR_IO, "Not a directory");
	memset(long_name, 'x', sizeof(long_name));
	long_name[sizeof(long_name) - 1] = '\0';
	assert_false(lock_take(&lock, long_name, &err));
	assert_says(&err, ERR_IO, "state-dir");
	assert_int_equal(mkdir(scratch_path(scratch, "lock"), 0755), 0);
	assert_false(lock_take(&lock, scratch->dir, &err));
	assert_says(&err, ERR_IO, "/lock: Is a directory");
}

/* 0: refused with that sentence. */
static int
try_as_other(struct scratch *scratch, const char *dir, const char *what)
{
	struct lock *lock;
	struct error err;
	int status;
	pid_t child;

	scratch_path(scratch, dir);
	child = fork();
	if (child == 0) {
		if (geteuid() == 0 &&
		    (setgroups(0, NULL) != 0 || setgid(65534) != 0 || setuid(65534) != 0))
			_exit(77);
		if (lock_take(&lock, scratch->file, &err))
			_exit(1);
		if (err.code == ERR_IO && strstr(err.text, what) != NULL)
			_exit(0);
		print_error("%s\n", err.text);
		_exit(2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static void
a_state_directory_of_another_user_is_said_with_owner_and_mode(void **state)
{
	struct scratch *scratch = *state;

	assert_int_equal(chmod(scratch->dir, 0555), 0);
	assert_int_equal(try_as_other(scratch, "", "not writable by user "), 0);
	assert_int_equal(try_as_other(scratch, "", "mode 0555"), 0);
	assert_int_equal(try_as_other(scratch, "state", "/state: cannot be made by user "), 0);
	assert_int_equal(try_as_other(scratch, "state", "Permission denied"), 0);
	assert_int_equal(chmod(scratch->dir, 0755), 0);
}

#define LOCK_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LOCK_TEST(the_second_is_told_which_process_holds_it),
		LOCK_TEST(it_ends_with_its_holder_even_by_sigkill),
		LOCK_TEST(it_holds_against_its_own_process_and_may_be_taken_again),
		LOCK_TEST(the_file_says_who_for_people_to_read),
		LOCK_TEST(what_is_no_number_in_the_file_is_not_told_as_one),
		LOCK_TEST(a_child_that_lets_go_leaves_it_to_its_parent),
		LOCK_TEST(a_state_directory_is_made_for_its_owner_and_group),
		LOCK_TEST(a_state_directory_that_cannot_be_made_or_used_is_said),
		LOCK_TEST(a_state_directory_of_another_user_is_said_with_owner_and_mode),
	};

	return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
