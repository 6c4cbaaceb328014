/* links: store/reserve.c */
/* test_reserve.c - the reserve is whole or not there, is given up when the disk is full and only then, and is taken again.
 * The full disk is a tmpfs of this process's own; without the right to mount one, that test is skipped. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/reserve.h"

#define OCTETS (INT64_C(2) << 20)

static int64_t
size_of(const char *dir, const char *name)
{
	char file[256];
	struct stat st;

	snprintf(file, sizeof(file), "%s/%s", dir, name);
	return lstat(file, &st) == 0 ? st.st_size : -1;
}

static void
reserve_is_taken_once_and_mended(void **state)
{
	char dir[] = "/tmp/ixwatch-reserve-XXXXXX", file[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/reserve", dir);
	assert_int_equal(reserve_mind(dir, OCTETS, true),
			 RESERVE_SAME); /* not while something fails */
	assert_int_equal(size_of(dir, "reserve"), -1);
	assert_int_equal(reserve_mind(dir, OCTETS, false), RESERVE_TAKEN);
	assert_int_equal(size_of(dir, "reserve"), OCTETS);
	assert_int_equal(reserve_mind(dir, OCTETS, false), RESERVE_SAME);
	assert_int_equal(reserve_mind(dir, OCTETS, true),
			 RESERVE_SAME); /* there is room: not its fault */
	assert_int_equal(truncate(file, 0), 0);
	assert_int_equal(truncate(file, OCTETS), 0); /* a hole is no room */
	assert_int_equal(reserve_mind(dir, OCTETS, false), RESERVE_TAKEN);
	unlink(file);
	rmdir(dir);
}

static void
fill(const char *file)
{
	static const char block[65536];
	int fd = open(file, O_WRONLY | O_CREAT, 0600);

	while (write(fd, block, sizeof(block)) > 0)
		;
	close(fd);
}

/* In a process with a mount of its own.  77: it may not have one. */
static int
on_a_full_disk(const char *dir)
{
	char file[64];

	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("tmpfs", dir, "tmpfs", 0, "size=16m") != 0)
		return 77;
	snprintf(file, sizeof(file), "%s/filler", dir);
	if (reserve_mind(dir, OCTETS, false) != RESERVE_TAKEN)
		return 1;
	fill(file);
	if (reserve_mind(dir, OCTETS, false) != RESERVE_SAME) /* full, and nothing has failed yet */
		return 2;
	if (reserve_mind(dir, OCTETS, true) != RESERVE_GIVEN_UP || size_of(dir, "reserve") != -1)
		return 3;
	if (reserve_mind(dir, OCTETS, false) !=
	    RESERVE_SAME) /* what it gave is not taken back at once */
		return 4;
	if (unlink(file) != 0 || reserve_mind(dir, OCTETS, false) != RESERVE_TAKEN)
		return 5;
	return 0;
}

static void
reserve_is_given_up_on_a_full_disk(void **state)
{
	char dir[] = "/tmp/ixwatch-reserve-XXXXXX";
	int status;
	pid_t pid;

	(void)state;
	assert_non_null(mkdtemp(dir));
	pid = fork();
	if (pid == 0)
		_exit(on_a_full_disk(dir));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	rmdir(dir);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reserve_is_taken_once_and_mended),
		cmocka_unit_test(reserve_is_given_up_on_a_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
