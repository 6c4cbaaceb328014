/* links: tests/sim/server.c tests/sim/answer.c tests/sim/mib.c tests/sim/objects.c tests/sim/ber.c tests/sim/box.c tests/sim/fault.c tests/sim/instant.c tests/sim/traffic.c tests/sim/demand.c tests/sim/zone.c tests/sim/profile.c tests/sim/build.c tests/sim/world.c tests/sim/names.c tests/sim/complaint.c tests/sim/meter.c */
/* test_sim_server.c - the simulator's sockets: who is answered, from where, and who never is.
 *
 * The server runs in a child, as a user's would; every socket is on loopback and its port the system's choice. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../sim/server.h"

#define COUNT(a)      (sizeof(a) / sizeof((a)[0]))
#define EPOCH         INT64_C(1795392000)
#define WAIT_MS       5000 /* for what must come */
#define NOTHING_MS    200  /* for what must not */
#define REQUEST_ID_AT 17

/* GET sysUpTime.0, community "public", request-id 0x01020304. */
static const uint8_t get_uptime[] = { 0x30, 0x29, 2,    1,    1, 4,    6,    'p',  'u',  'b', 'l',
				      'i',  'c',  0xa0, 0x1c, 2, 4,    1,    2,    3,    4,   2,
				      1,    0,    2,    1,    0, 0x30, 0x0e, 0x30, 0x0c, 6,   8,
				      0x2b, 6,    1,    2,    1, 1,    3,    0,    5,    0 };

struct running {
	pid_t pid;
	int stdin_fd; /* closing it ends the server, should a test die */
	uint16_t port;
};

static void
child(uint64_t agents, double drop_share, int stdin_fd, int port_fd)
{
	const struct world_settings settings = { 1,   agents, agents, 1, { EPOCH, EPOCH, EPOCH, 0 },
						 3600 };
	const struct server_settings server_settings = { .drop_share = drop_share,
							 .seed = 1,
							 .until_stdin_closes = true,
							 .rules = { "public", 1472 } };
	struct complaint complaint = { "" };
	struct world *world;
	struct server *server;
	struct box *boxes = calloc(agents, sizeof(*boxes));
	uint16_t port;
	bool ok;

	dup2(stdin_fd, STDIN_FILENO);
	if (boxes == NULL || !world_new(&world, &settings, &complaint))
		_exit(3);
	for (uint64_t a = 0; a < agents; a++)
		box_init(&boxes[a], &world->agents[a]);
	if (!server_open(&server, &server_settings, world, boxes, &complaint)) {
		fprintf(stderr, "%s\n", complaint.text);
		_exit(3);
	}
	port = server_port(server);
	if (write(port_fd, &port, sizeof(port)) != sizeof(port))
		_exit(3);
	ok = server_run(server, &complaint);
	server_close(server);
	for (uint64_t a = 0; a < agents; a++)
		box_close(&boxes[a]);
	free(boxes);
	world_free(world);
	exit(ok ? 0 : 3); /* not _exit: a leak checker has its say */
}

static struct running
start(uint64_t agents, double drop_share)
{
	struct running running;
	int in[2], port[2];

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(port), 0);
	fflush(NULL);
	running.pid = fork();
	assert_true(running.pid >= 0);
	if (running.pid == 0) {
		close(in[1]);
		close(port[0]);
		child(agents, drop_share, in[0], port[1]);
	}
	close(in[0]);
	close(port[1]);
	running.stdin_fd = in[1];
	assert_int_equal(read(port[0], &running.port, sizeof(running.port)), sizeof(running.port));
	close(port[0]);
	return running;
}

static void
wait_for_end(const struct running *running)
{
	int status;

	assert_int_equal(waitpid(running->pid, &status, 0), running->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
stop(struct running *running)
{
	kill(running->pid, SIGTERM);
	wait_for_end(running);
	close(running->stdin_fd);
}

/* A socket that takes datagrams from this very address and port only. */
static int
connect_to(uint32_t address, uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr = { htonl(address) } };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* An answer to our request within the time; refusals by the system are silence too. */
static bool
is_answered(int fd, int wait_ms)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	uint8_t answer_octets[2048];
	ssize_t n;

	if (send(fd, get_uptime, sizeof(get_uptime), 0) != sizeof(get_uptime))
		return false;
	if (poll(&ready, 1, wait_ms) <= 0)
		return false;
	n = recv(fd, answer_octets, sizeof(answer_octets), MSG_DONTWAIT);
	return n > REQUEST_ID_AT + 4 &&
	       memcmp(answer_octets + REQUEST_ID_AT, get_uptime + REQUEST_ID_AT, 4) == 0;
}

static void
check_every_agent(uint64_t agents)
{
	struct running running = start(agents, 0.0);

	for (uint64_t a = 0; a < agents; a++) {
		int fd = connect_to(WORLD_FIRST_ADDRESS + (uint32_t)(a / 250 * 256 + a % 250 + 1),
				    running.port);

		assert_true(is_answered(fd, WAIT_MS));
		close(fd);
	}
	stop(&running);
}

static void
few_agents_answer_from_their_own_sockets(void **state)
{
	(void)state;
	check_every_agent(6);
}

static void
many_agents_answer_from_the_address_that_was_asked(void **state)
{
	(void)state;
	check_every_agent(600);
}

static void
check_no_agent(uint64_t agents)
{
	static const uint32_t others[] = { 0x7f000001, 0x7f010000, 0x7f0100fb,
					   0x7f0100ff, 0x7f020001, 0x7f01ffff };
	struct running running = start(agents, 0.0);

	for (size_t i = 0; i < COUNT(others); i++) {
		int fd = connect_to(others[i], running.port);

		assert_false(is_answered(fd, NOTHING_MS));
		close(fd);
	}
	stop(&running);
}

static void
addresses_of_no_agent_are_silent(void **state)
{
	(void)state;
	check_no_agent(6);
	check_no_agent(100);
}

/* An address of this machine that others can reach; 0: none. */
static uint32_t
outside_address(void)
{
	struct ifaddrs *list, *i;
	uint32_t found = 0;

	assert_int_equal(getifaddrs(&list), 0);
	for (i = list; i != NULL; i = i->ifa_next)
		if (i->ifa_addr != NULL && i->ifa_addr->sa_family == AF_INET &&
		    ntohl(((struct sockaddr_in *)i->ifa_addr)->sin_addr.s_addr) >> 24 != 127)
			found = ntohl(((struct sockaddr_in *)i->ifa_addr)->sin_addr.s_addr);
	freeifaddrs(list);
	return found;
}

static void
nothing_is_answered_on_an_address_others_can_reach(void **state)
{
	static const uint64_t agents[] = { 6, 100 };
	uint32_t address = outside_address();

	(void)state;
	if (address == 0) {
		print_message("SKIPPED: this machine has no address but loopback\n");
		skip();
	}
	for (size_t i = 0; i < COUNT(agents); i++) {
		struct running running = start(agents[i], 0.0);
		int fd = connect_to(address, running.port);

		assert_false(is_answered(fd, NOTHING_MS));
		close(fd);
		stop(&running);
	}
}

static void
a_lossy_agent_loses_the_share_it_should(void **state)
{
	struct running running = start(1, 0.30);
	int fd = connect_to(WORLD_FIRST_ADDRESS + 1, running.port);
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	uint8_t octets[2048];
	int answers = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(send(fd, get_uptime, sizeof(get_uptime), 0), sizeof(get_uptime));
		if (i % 50 == 49) /* keep the queues short */
			while (poll(&ready, 1, 20) > 0)
				answers += recv(fd, octets, sizeof(octets), MSG_DONTWAIT) > 0;
	}
	assert_in_range(answers, 640, 760);
	close(fd);
	stop(&running);
}

static void
it_ends_with_its_standard_input(void **state)
{
	struct running running = start(2, 0.0);

	(void)state;
	close(running.stdin_fd);
	wait_for_end(&running);
}

#define TEST(f)                                                                                    \
	{                                                                                          \
#f, f, NULL, NULL, NULL                                                            \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(few_agents_answer_from_their_own_sockets),
		TEST(many_agents_answer_from_the_address_that_was_asked),
		TEST(addresses_of_no_agent_are_silent),
		TEST(nothing_is_answered_on_an_address_others_can_reach),
		TEST(a_lossy_agent_loses_the_share_it_should),
		TEST(it_ends_with_its_standard_input),
	};

	return cmocka_run_group_tests_name("sim server", tests, NULL, NULL);
}
