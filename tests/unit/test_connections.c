/* links: web/connections.c base/clock.c */
/* test_connections.c - the slow are cut off, and nobody takes all places. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "connections.h"
#include "ixwatch/clock.h"

static void
test_a_request_has_five_seconds_whatever_drips_in(void **state)
{
	struct connections *connections = connections_new();
	int pair[2];
	char octet;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	struct connection *c = connections_add(connections, pair[0], 0);
	int64_t began_ms = clock_mono_ms();
	assert_int_equal(connections_reap(connections, began_ms + 4900), 0);
	assert_int_equal(send(pair[1], "x", 1, 0), 1); /* an octet buys no time */
	assert_int_equal(connections_reap(connections, began_ms + 5000), 1);
	assert_int_equal(connections_reap(connections, began_ms + 5001), 0); /* once */
	assert_int_equal(recv(pair[1], &octet, 1, 0), 0);                    /* it is cut */
	connections_remove(connections, c);
	close(pair[0]);
	close(pair[1]);
	connections_free(connections);
}

static void
test_an_answer_has_a_minute_and_the_next_request_five_seconds_again(void **state)
{
	struct connections *connections = connections_new();
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	struct connection *c = connections_add(connections, pair[0], 0);
	connections_answering(connections, c, true);
	int64_t began_ms = clock_mono_ms();
	assert_int_equal(connections_reap(connections, began_ms + 59900), 0);
	connections_answering(connections, c, false);
	assert_int_equal(connections_reap(connections, clock_mono_ms() + 4900), 0);
	assert_int_equal(connections_reap(connections, clock_mono_ms() + 5000), 1);
	connections_remove(connections, c);
	close(pair[0]);
	close(pair[1]);
	connections_free(connections);
}

static void
test_a_network_has_its_places_and_a_proxy_here_all(void **state)
{
	struct connections *connections = connections_new();
	struct connection *held[CONNECTIONS_PER_NETWORK];

	(void)state;
	for (unsigned i = 0; i < CONNECTIONS_PER_NETWORK; i++) {
		assert_true(connections_has_room(connections, 7));
		held[i] = connections_add(connections, -1, 7);
		connections_add(connections, -1, 0);
	}
	assert_false(connections_has_room(connections, 7));
	assert_true(connections_has_room(connections, 8));
	assert_true(connections_has_room(connections, 0));
	connections_remove(connections, held[3]);
	assert_true(connections_has_room(connections, 7));
	connections_free(connections);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_request_has_five_seconds_whatever_drips_in),
		cmocka_unit_test(
		    test_an_answer_has_a_minute_and_the_next_request_five_seconds_again),
		cmocka_unit_test(test_a_network_has_its_places_and_a_proxy_here_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
