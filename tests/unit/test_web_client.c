/* links: web/client.c web/listen.c base/error.c */
/* test_web_client.c - whose request it is: what a socket and a proxy say, and what limits count by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "client.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct sockaddr_storage
peer_of(const char *text)
{
	struct sockaddr_storage address = { 0 };
	struct sockaddr_in *four = (struct sockaddr_in *)&address;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&address;

	if (inet_pton(AF_INET, text, &four->sin_addr) == 1)
		four->sin_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1)
		six->sin6_family = AF_INET6;
	else
		fail_msg("%s is no address", text);
	return address;
}

static const struct peer_case {
	const char *peer, *text;
	bool is_loopback;
	const char *network;
} peers[] = {
	{ "192.0.2.1", "192.0.2.1", false, "192.0.2.1" },
	{ "127.0.0.1", "127.0.0.1", true, "127.0.0.1" },
	{ "127.9.9.9", "127.9.9.9", true, "127.9.9.9" },
	{ "128.0.0.1", "128.0.0.1", false, "128.0.0.1" },
	{ "::1", "::1", true, "::" },
	{ "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", false, "2001:db8:1:2::" },
	{ "2001:db8:1:2::", "2001:db8:1:2::", false, "2001:db8:1:2::" },
	{ "::ffff:192.0.2.1", "192.0.2.1", false, "192.0.2.1" },
	{ "::ffff:127.0.0.1", "127.0.0.1", true, "127.0.0.1" },
	{ "fe80::1", "fe80::1", false, "fe80::" },
};

static void
test_a_peer_is_who_the_socket_says(void **state)
{
	char text[VISIT_ADDRESS_MAX], network[VISIT_ADDRESS_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(peers); i++) {
		struct sockaddr_storage peer = peer_of(peers[i].peer);
		bool is_loopback = client_of_peer(text, (struct sockaddr *)&peer);

		assert_string_equal(text, peers[i].text);
		client_network(network, text);
		assert_string_equal(network, peers[i].network);
		if (is_loopback != peers[i].is_loopback ||
		    (client_network_key((struct sockaddr *)&peer) == 0) != is_loopback)
			fail_msg("%s", peers[i].peer);
	}
}

static uint64_t
key_of(const char *text)
{
	struct sockaddr_storage peer = peer_of(text);

	return client_network_key((struct sockaddr *)&peer);
}

static void
test_a_network_has_one_key(void **state)
{
	(void)state;
	assert_true(key_of("2001:db8:1:2::1") == key_of("2001:db8:1:2:ffff::9"));
	assert_true(key_of("2001:db8:1:2::1") != key_of("2001:db8:1:3::1"));
	assert_true(key_of("192.0.2.1") == key_of("::ffff:192.0.2.1"));
	assert_true(key_of("192.0.2.1") != key_of("192.0.2.2"));
	assert_true(key_of("255.255.255.255") != 0);
}

static const struct proxy_case {
	const char *name, *forwarded, *want; /* NULL: who stood there before */
} proxies[] = {
	{ "one client", "192.0.2.1", "192.0.2.1" },
	{ "the last is the proxy's own word", "203.0.113.9, 192.0.2.1", "192.0.2.1" },
	{ "without a blank", "203.0.113.9,192.0.2.1", "192.0.2.1" },
	{ "with blanks behind", "192.0.2.1 \t", "192.0.2.1" },
	{ "whatever stands before", "<script>, \"x\", 192.0.2.1", "192.0.2.1" },
	{ "IPv6", "2001:db8::1", "2001:db8::1" },
	{ "IPv6 as people write it", "2001:DB8:0::1", "2001:db8::1" },
	{ "an IPv4 address in IPv6's clothes", "::ffff:192.0.2.1", "192.0.2.1" },
	{ "nothing", "", NULL },
	{ "nothing behind a comma", "192.0.2.1,", NULL },
	{ "a name", "client.example", NULL },
	{ "unknown", "unknown", NULL },
	{ "with a port", "192.0.2.1:80", NULL },
	{ "in brackets", "[2001:db8::1]", NULL },
	{ "two at once", "192.0.2.1 192.0.2.2", NULL },
	{ "a number", "3221225985", NULL },
	{ "half an address", "192.0.2", NULL },
	{ "more than an address",
	  "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"
	  ":0000:0000:0001",
	  NULL },
};

static void
test_a_proxy_is_believed_as_far_as_it_names_an_address(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(proxies); i++) {
		char address[VISIT_ADDRESS_MAX] = "127.0.0.1";

		client_of_proxy(address, proxies[i].forwarded);
		if (strcmp(address, proxies[i].want == NULL ? "127.0.0.1" : proxies[i].want) != 0)
			fail_msg("%s: %s", proxies[i].name, address);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_peer_is_who_the_socket_says),
		cmocka_unit_test(test_a_network_has_one_key),
		cmocka_unit_test(test_a_proxy_is_believed_as_far_as_it_names_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
