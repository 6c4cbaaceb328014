/* links: base/service.c */
/* pkgs: libsystemd */
/* test_service.c - what a service manager hears; and that nobody else is troubled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/service.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct notice_case {
	const char *name;
	void (*tell)(void);
	const char *want; /* begins with */
} notice_cases[] = {
	{ "ready", service_ready, "READY=1" },
	{ "reloading says when", service_reloading, "RELOADING=1\nMONOTONIC_USEC=" },
	{ "stopping", service_stopping, "STOPPING=1" },
	{ "alive", service_watchdog, "WATCHDOG=1" },
};

/* A service manager of one message, on a socket in the abstract namespace that the system names. */
static void
check_notice(void **state)
{
	const struct notice_case *c = *state;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(address);
	char name[128] = "@", got[256] = "";
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(sa_family_t)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	memcpy(name + 1, address.sun_path + 1, len - sizeof(sa_family_t) - 1);
	setenv("NOTIFY_SOCKET", name, 1);
	c->tell();
	unsetenv("NOTIFY_SOCKET");
	assert_true(recv(fd, got, sizeof(got) - 1, 0) > 0);
	assert_memory_equal(got, c->want, strlen(c->want));
	close(fd);
}

static void
without_a_service_manager_nothing_happens(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	for (size_t i = 0; i < COUNT(notice_cases); i++)
		notice_cases[i].tell();
	assert_int_equal(service_watchdog_interval_ms(), 0);
}

static void
alive_is_said_twice_as_often_as_asked(void **state)
{
	char pid[16];

	(void)state;
	setenv("WATCHDOG_USEC", "60000000", 1);
	assert_int_equal(service_watchdog_interval_ms(), 30000);
	setenv("WATCHDOG_USEC", "1", 1);
	assert_int_equal(service_watchdog_interval_ms(), 1);
	setenv("WATCHDOG_USEC", "60000000", 1);
	snprintf(pid, sizeof(pid), "%d", (int)getppid());
	setenv("WATCHDOG_PID", pid, 1); /* another process is watched */
	assert_int_equal(service_watchdog_interval_ms(), 0);
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
}

int
main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(without_a_service_manager_nothing_happens),
		cmocka_unit_test(alive_is_said_twice_as_often_as_asked),
	};
	struct CMUnitTest notices[COUNT(notice_cases)];

	for (size_t i = 0; i < COUNT(notice_cases); i++)
		notices[i] = (struct CMUnitTest) { notice_cases[i].name, check_notice, NULL, NULL,
						   (void *)&notice_cases[i] };
	return cmocka_run_group_tests_name("notices", notices, NULL, NULL) +
	       cmocka_run_group_tests_name("service", others, NULL, NULL);
}
