/* server.c - sockets, batches, signals (see server.h). */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hash.h"
#include "instant.h"
#include "server.h"

#define BATCH          64   /* datagrams a system call */
#define REQUEST_MAX    8192 /* octets; longer ones are dropped */
#define RECEIVE_BUFFER (16 << 20)
#define PORT_TRIES     20

enum { POLL_SIGNAL, POLL_STDIN, POLL_SOCKETS };

/* One datagram of a batch, and its answer. */
struct slot {
	struct sockaddr_in peer;
	struct iovec in, out;
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(struct in_pktinfo))];
	uint8_t request[REQUEST_MAX];
};

struct server {
	struct server_settings settings;
	const struct world *world;
	struct box *boxes;
	uint64_t received; /* datagrams so far: the lottery's ticket numbers */
	int64_t last_ticks;
	size_t poll_count;
	struct pollfd polls[POLL_SOCKETS + SERVER_OWN_SOCKETS];
	struct slot slots[BATCH];
	uint8_t *answers; /* BATCH times rules.max_size */
	struct mmsghdr received_from[BATCH], send_to[BATCH];
};

/* --- opening --- */

static int
socket_open(uint32_t address, uint16_t port, bool shared)
{
	struct sockaddr_in local = { .sin_family = AF_INET,
				     .sin_port = htons(port),
				     .sin_addr = { htonl(address) } };
	const int on = 1, size = RECEIVE_BUFFER;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)); /* as much as we may */
	if (shared) /* a second wall: an old kernel may refuse, and destinations are checked anyway */
		setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
	if (setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) == 0 &&
	    bind(fd, (struct sockaddr *)&local, sizeof(local)) == 0)
		return fd;
	close(fd);
	return -1;
}

static uint16_t
port_of(int fd)
{
	struct sockaddr_in local = { 0 };
	socklen_t len = sizeof(local);

	getsockname(fd, (struct sockaddr *)&local, &len);
	return ntohs(local.sin_port);
}

static void
add_socket(struct server *server, int fd)
{
	server->polls[server->poll_count++] = (struct pollfd) { .fd = fd, .events = POLLIN };
}

static void
close_sockets(struct server *server)
{
	while (server->poll_count > POLL_SOCKETS)
		close(server->polls[--server->poll_count].fd);
}

/* One socket for each agent, all on one port; false when one of them is taken. */
static bool
open_own(struct server *server, uint16_t *port)
{
	for (uint64_t a = 0; a < server->world->settings.agent_count; a++) {
		int fd = socket_open(server->world->agents[a].address, *port, false);

		if (fd < 0)
			return false;
		add_socket(server, fd);
		if (*port == 0)
			*port = port_of(fd);
	}
	return true;
}

static bool
open_shared(struct server *server, uint16_t *port)
{
	int fd = socket_open(INADDR_ANY, *port, true);

	if (fd < 0)
		return false;
	add_socket(server, fd);
	*port = port_of(fd);
	return true;
}

/* A port that the system chose for the first agent may be taken at another one's address: then try the next. */
static bool
open_sockets(struct server *server, struct complaint *complaint)
{
	bool shared = server->world->settings.agent_count > SERVER_OWN_SOCKETS;
	int tries = server->settings.udp_port == 0 ? PORT_TRIES : 1;

	for (int t = 0; t < tries; t++) {
		uint16_t port = server->settings.udp_port;

		if (shared ? open_shared(server, &port) : open_own(server, &port)) {
			server->settings.udp_port = port;
			return true;
		}
		close_sockets(server);
	}
	return complain(complaint, "udp port %u on loopback: %s", server->settings.udp_port,
			strerror(errno));
}

static bool
open_signals(struct server *server, struct complaint *complaint)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	server->polls[POLL_SIGNAL].fd = signalfd(-1, &set, SFD_CLOEXEC);
	return server->polls[POLL_SIGNAL].fd >= 0 ||
	       complain(complaint, "signalfd: %s", strerror(errno));
}

/* Wires the batch once; each round only sets what recvmmsg overwrites. */
static void
wire_slots(struct server *server)
{
	for (int i = 0; i < BATCH; i++) {
		struct slot *slot = &server->slots[i];

		slot->in = (struct iovec) { slot->request, sizeof(slot->request) };
		slot->out =
		    (struct iovec) { server->answers + (size_t)i * server->settings.rules.max_size,
				     0 };
		server->received_from[i].msg_hdr = (struct msghdr) { .msg_name = &slot->peer,
								     .msg_iov = &slot->in,
								     .msg_iovlen = 1,
								     .msg_control = slot->control };
	}
}

bool
server_open(struct server **out, const struct server_settings *settings, const struct world *world,
	    struct box *boxes, struct complaint *complaint)
{
	struct server *server = calloc(1, sizeof(*server));

	if (server == NULL)
		return complain(complaint, "out of memory");
	server->settings = *settings;
	server->world = world;
	server->boxes = boxes;
	server->poll_count = POLL_SOCKETS;
	server->polls[POLL_SIGNAL] = (struct pollfd) { .fd = -1, .events = POLLIN };
	server->polls[POLL_STDIN] =
	    (struct pollfd) { .fd = settings->until_stdin_closes ? STDIN_FILENO : -1,
			      .events = POLLIN };
	server->answers = malloc(BATCH * settings->rules.max_size);
	if (server->answers == NULL) {
		complain(complaint, "out of memory");
		goto fail;
	}
	wire_slots(server);
	if (!open_signals(server, complaint) || !open_sockets(server, complaint))
		goto fail;
	*out = server;
	return true;
fail:
	server_close(server);
	return false;
}

void
server_close(struct server *server)
{
	if (server == NULL)
		return;
	close_sockets(server);
	if (server->polls[POLL_SIGNAL].fd >= 0)
		close(server->polls[POLL_SIGNAL].fd);
	free(server->answers);
	free(server);
}

uint16_t
server_port(const struct server *server)
{
	return server->settings.udp_port;
}

/* --- answering --- */

/* The wall clock, which never goes back here: counters must not. */
static int64_t
now_ticks(struct server *server)
{
	int64_t now = instant_now_ticks() + server->settings.offset_ticks;

	if (now > server->last_ticks)
		server->last_ticks = now;
	return server->last_ticks;
}

static bool
is_lost(struct server *server)
{
	return server->settings.drop_share > 0.0 &&
	       hash_unit(server->settings.seed, server->received) < server->settings.drop_share;
}

/* Agent a is one of those that make the silent ones floor(share * (a + 1)) in all. */
static bool
is_dead(const struct server *server, size_t a)
{
	double share = server->settings.silent_share;

	return (uint64_t)(share * (double)(a + 1)) != (uint64_t)(share * (double)a);
}

/* The address a datagram was sent to, host order; 0 when the kernel does not say. */
static uint32_t
destination(struct msghdr *message)
{
	struct in_pktinfo info;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c))
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			return ntohl(info.ipi_addr.s_addr);
		}
	return 0;
}

/* Makes the control data of the request say: send from the address that was asked, by whatever way leads back. */
static void
set_source(struct msghdr *message)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(message);
	struct in_pktinfo info;

	memcpy(&info, CMSG_DATA(c), sizeof(info));
	info.ipi_spec_dst = info.ipi_addr;
	info.ipi_ifindex = 0;
	memcpy(CMSG_DATA(c), &info, sizeof(info));
}

/* The answer's length, 0 for none. */
static size_t
answer_one(struct server *server, struct mmsghdr *request, struct slot *slot)
{
	uint32_t address = destination(&request->msg_hdr);
	struct agent *agent = address >> 24 == 127 ? world_agent_at(server->world, address) : NULL;
	struct box *box;

	server->received++;
	if (agent == NULL || request->msg_hdr.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ||
	    is_lost(server) || is_dead(server, (size_t)(agent - server->world->agents)))
		return 0;
	box = &server->boxes[agent - server->world->agents];
	if (!box_at(box, now_ticks(server)))
		return 0;
	return answer(box, &server->settings.rules, slot->request, request->msg_len,
		      slot->out.iov_base);
}

static unsigned
answer_batch(struct server *server, unsigned count)
{
	unsigned answers = 0;

	for (unsigned i = 0; i < count; i++) {
		struct mmsghdr *request = &server->received_from[i];
		struct slot *slot = &server->slots[i];

		slot->out.iov_len = answer_one(server, request, slot);
		if (slot->out.iov_len == 0)
			continue;
		set_source(&request->msg_hdr);
		server->send_to[answers] = *request;
		server->send_to[answers++].msg_hdr.msg_iov = &slot->out;
	}
	return answers;
}

/* A datagram that cannot be sent is one that was lost. */
static void
send_batch(struct server *server, int fd, unsigned count)
{
	unsigned sent = 0;

	while (sent < count) {
		int n = sendmmsg(fd, server->send_to + sent, count - sent, 0);

		sent += n > 0 ? (unsigned)n : 1;
	}
}

/* Some rounds of a socket, not all there may be: signals must have their turn. */
static void
serve(struct server *server, int fd)
{
	for (int round = 0; round < 16; round++) {
		int count;

		for (int i = 0; i < BATCH; i++) {
			server->received_from[i].msg_hdr.msg_namelen = sizeof(struct sockaddr_in);
			server->received_from[i].msg_hdr.msg_controllen =
			    sizeof(server->slots[i].control);
		}
		count = recvmmsg(fd, server->received_from, BATCH, MSG_DONTWAIT, NULL);
		if (count <= 0)
			return;
		send_batch(server, fd, answer_batch(server, (unsigned)count));
		if (count < BATCH)
			return;
	}
}

static bool
stdin_closed(void)
{
	char octets[256];
	ssize_t n = read(STDIN_FILENO, octets, sizeof(octets));

	return n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN);
}

bool
server_run(struct server *server, struct complaint *complaint)
{
	for (;;) {
		if (poll(server->polls, server->poll_count, -1) < 0) {
			if (errno == EINTR)
				continue;
			return complain(complaint, "poll: %s", strerror(errno));
		}
		if (server->polls[POLL_SIGNAL].revents != 0 ||
		    (server->polls[POLL_STDIN].revents != 0 && stdin_closed()))
			return true;
		for (size_t i = POLL_SOCKETS; i < server->poll_count; i++)
			if (server->polls[i].revents != 0)
				serve(server, server->polls[i].fd);
	}
}
