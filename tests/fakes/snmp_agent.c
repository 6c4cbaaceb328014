/* snmp_agent.c - see snmp_agent.h.  BER by hand (X.690), as far as SNMPv2c needs it (RFC 1901, RFC 3416). */
#include "snmp_agent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TAG_GET      0xa0
#define TAG_NEXT     0xa1
#define TAG_RESPONSE 0xa2
#define TAG_BULK     0xa5
#define TAG_REPORT   0xa8
#define VARBINDS_MAX 2048

struct varbind {
	uint32_t oid[FAKE_OID_MAX];
	size_t oid_len;
	uint8_t exception; /* a tag instead of a value; 0: object */
	const struct fake_object *object;
};

struct request {
	uint8_t tag;
	char community[64];
	unsigned char id[8];
	size_t id_len;
	unsigned non_repeaters, repetitions;
	struct varbind varbind[VARBINDS_MAX];
	size_t count;
};

/* --- reading --- */

struct reader {
	const unsigned char *at, *end;
	bool bad;
};

static struct reader
enter(struct reader *in, uint8_t *tag)
{
	struct reader inner = { in->end, in->end, true };
	size_t len;

	if (in->bad || in->end - in->at < 2) {
		in->bad = true;
		return inner;
	}
	*tag = *in->at++;
	len = *in->at++;
	if (len & 0x80) {
		size_t octets = len & 0x7f;

		for (len = 0; octets > 0 && in->at < in->end; octets--)
			len = len << 8 | *in->at++;
	}
	if (len > (size_t)(in->end - in->at)) {
		in->bad = true;
		return inner;
	}
	inner = (struct reader) { in->at, in->at + len, false };
	in->at += len;
	return inner;
}

static uint64_t
number_read(struct reader *in)
{
	uint8_t tag;
	struct reader value = enter(in, &tag);
	uint64_t number = 0;

	while (value.at < value.end)
		number = number << 8 | *value.at++;
	return number;
}

static void
oid_read(struct reader *in, struct varbind *to)
{
	uint8_t tag;
	struct reader value = enter(in, &tag);

	if (value.at == value.end)
		return;
	to->oid[to->oid_len++] = *value.at / 40;
	to->oid[to->oid_len++] = *value.at++ % 40;
	while (value.at < value.end && to->oid_len < FAKE_OID_MAX) {
		uint32_t id = 0;

		do
			id = id << 7 | (*value.at & 0x7f);
		while ((*value.at++ & 0x80) && value.at < value.end);
		to->oid[to->oid_len++] = id;
	}
}

static bool
request_read(struct request *request, const unsigned char *octets, size_t len)
{
	struct reader datagram = { octets, octets + len, false }, message, community, pdu, id, list;
	uint8_t tag;

	memset(request, 0, sizeof(*request));
	message = enter(&datagram, &tag);
	number_read(&message);
	community = enter(&message, &tag);
	snprintf(request->community, sizeof(request->community), "%.*s",
		 (int)(community.end - community.at), (const char *)community.at);
	pdu = enter(&message, &request->tag);
	id = enter(&pdu, &tag);
	if (pdu.bad || (size_t)(id.end - id.at) > sizeof(request->id))
		return false;
	request->id_len = (size_t)(id.end - id.at);
	memcpy(request->id, id.at, request->id_len);
	request->non_repeaters = (unsigned)number_read(&pdu);
	request->repetitions = (unsigned)number_read(&pdu);
	list = enter(&pdu, &tag);
	while (!list.bad && list.at < list.end && request->count < VARBINDS_MAX) {
		struct reader varbind = enter(&list, &tag);

		oid_read(&varbind, &request->varbind[request->count++]);
	}
	return !list.bad;
}

/* --- finding --- */

static int
oid_compare(const uint32_t *a, size_t a_len, const uint32_t *b, size_t b_len)
{
	for (size_t i = 0; i < a_len && i < b_len; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return a_len < b_len ? -1 : a_len > b_len;
}

static const struct fake_object *
object_get(const struct fake_agent *agent, const struct varbind *asked)
{
	for (size_t i = 0; i < agent->object_count; i++)
		if (oid_compare(agent->objects[i].oid, agent->objects[i].oid_len, asked->oid,
				asked->oid_len) == 0)
			return &agent->objects[i];
	return NULL;
}

/* The one after it in the list; for a name that is not in the list, the first that is greater. */
static const struct fake_object *
object_next(const struct fake_agent *agent, const struct varbind *asked)
{
	const struct fake_object *same = object_get(agent, asked);
	const struct fake_object *end = agent->objects + agent->object_count;
	unsigned skips = agent->faults.next_skips;

	if (same != NULL) {
		do
			same++;
		while (skips > 0 && same < end && same->oid[same->oid_len - 1] == skips);
		return same < end ? same : NULL;
	}
	for (size_t i = 0; i < agent->object_count; i++)
		if (oid_compare(agent->objects[i].oid, agent->objects[i].oid_len, asked->oid,
				asked->oid_len) > 0 &&
		    (skips == 0 || agent->objects[i].oid[agent->objects[i].oid_len - 1] != skips))
			return &agent->objects[i];
	return NULL;
}

static void
varbind_set(struct varbind *to, const struct varbind *asked, const struct fake_object *object,
	    uint8_t exception)
{
	*to = *asked;
	to->object = object;
	to->exception = object == NULL ? exception : 0;
	if (object != NULL) {
		memcpy(to->oid, object->oid, sizeof(to->oid));
		to->oid_len = object->oid_len;
	}
}

static size_t
bulk_answer(const struct fake_agent *agent, const struct request *request, struct varbind *out)
{
	unsigned rows = request->repetitions;
	size_t singles =
	    request->non_repeaters < request->count ? request->non_repeaters : request->count;
	size_t count = 0, columns = request->count - singles;

	if (agent->faults.bulk_rows_max > 0 && rows > agent->faults.bulk_rows_max)
		rows = agent->faults.bulk_rows_max;
	for (; count < singles; count++)
		varbind_set(&out[count], &request->varbind[count],
			    object_next(agent, &request->varbind[count]), 0x82);
	for (unsigned row = 0; row < rows; row++)
		for (size_t i = 0; i < columns && count < VARBINDS_MAX; i++, count++) {
			const struct varbind *from =
			    row == 0 ? &request->varbind[singles + i] : &out[count - columns];

			varbind_set(&out[count], from, object_next(agent, from), 0x82);
		}
	return count;
}

static size_t
answer_find(const struct fake_agent *agent, const struct request *request, struct varbind *out)
{
	if (request->tag == TAG_BULK)
		return bulk_answer(agent, request, out);
	for (size_t i = 0; i < request->count; i++) {
		const struct varbind *asked = &request->varbind[i];

		if (request->tag == TAG_NEXT)
			varbind_set(&out[i], asked, object_next(agent, asked), 0x82);
		else
			varbind_set(&out[i], asked, object_get(agent, asked), 0x81);
	}
	return request->count;
}

/* --- writing, backwards from the end of a buffer --- */

struct writer {
	unsigned char *at;
};

static void
put(struct writer *out, const void *octets, size_t len)
{
	out->at -= len;
	memcpy(out->at, octets, len);
}

static void
put_octet(struct writer *out, unsigned octet)
{
	*--out->at = (unsigned char)octet;
}

static void
put_header(struct writer *out, uint8_t tag, const unsigned char *end)
{
	size_t len = (size_t)(end - out->at), octets = 0;

	if (len < 128) {
		put_octet(out, (unsigned)len);
	} else {
		for (; len > 0; len >>= 8, octets++)
			put_octet(out, len & 0xff);
		put_octet(out, 0x80 | (unsigned)octets);
	}
	put_octet(out, tag);
}

static void
put_number(struct writer *out, uint8_t tag, uint64_t number)
{
	const unsigned char *end = out->at;
	unsigned top;

	do {
		top = number & 0xff;
		put_octet(out, top);
		number >>= 8;
	} while (number > 0);
	if (top & 0x80)
		put_octet(out, 0);
	put_header(out, tag, end);
}

static void
put_oid(struct writer *out, const uint32_t *oid, size_t len)
{
	const unsigned char *end = out->at;

	for (size_t i = len; i-- > 2;) {
		uint32_t id = oid[i];

		put_octet(out, id & 0x7f);
		while (id >>= 7)
			put_octet(out, 0x80 | (id & 0x7f));
	}
	put_octet(out, oid[0] * 40 + oid[1]);
	put_header(out, 0x06, end);
}

static void
put_value(struct writer *out, const struct varbind *varbind)
{
	const struct fake_object *object = varbind->object;

	if (varbind->exception != 0) {
		put_octet(out, 0);
		put_octet(out, varbind->exception);
	} else if (object->type == 0x04 || object->raw) {
		const unsigned char *end = out->at;

		put(out, object->text, object->text_len);
		put_header(out, object->type, end);
	} else {
		put_number(out, object->type, object->number);
	}
}

static void
put_varbinds(struct writer *out, const struct varbind *varbinds, size_t count)
{
	const unsigned char *list_end = out->at;

	for (size_t i = count; i-- > 0;) {
		const unsigned char *end = out->at;

		put_value(out, &varbinds[i]);
		put_oid(out, varbinds[i].oid, varbinds[i].oid_len);
		put_header(out, 0x30, end);
	}
	put_header(out, 0x30, list_end);
}

/* The whole message; it begins at the returned place and ends at `end`. */
static unsigned char *
message_write(const struct request *request, uint8_t tag, unsigned error_status,
	      const struct varbind *varbinds, size_t count, unsigned char *end)
{
	struct writer out = { end };
	const unsigned char *community_end;

	put_varbinds(&out, varbinds, count);
	put_number(&out, 0x02, error_status == 0 ? 0 : 1);
	put_number(&out, 0x02, error_status);
	put(&out, request->id, request->id_len);
	put_octet(&out, (unsigned)request->id_len);
	put_octet(&out, 0x02);
	put_header(&out, tag, end);
	community_end = out.at;
	put(&out, request->community, strlen(request->community));
	put_header(&out, 0x04, community_end);
	put_number(&out, 0x02, 1);
	put_header(&out, 0x30, end);
	return out.at;
}

/* --- misbehaving --- */

static unsigned
random_below(struct fake_agent *agent, unsigned limit)
{
	agent->random = agent->random * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(agent->random >> 33) % limit;
}

static size_t
spoil_varbinds(const struct fake_agent *agent, struct varbind *varbinds, size_t count)
{
	const struct fake_faults *faults = &agent->faults;

	for (size_t i = 0; faults->other_objects && i < count; i++)
		varbinds[i].oid[varbinds[i].oid_len - 1]++;
	if (faults->swap_objects && count > 1) {
		struct varbind first = varbinds[0];

		varbinds[0] = varbinds[1];
		varbinds[1] = first;
	}
	if (faults->one_object_more && count > 0) {
		varbinds[count] = varbinds[count - 1];
		count++;
	}
	return faults->one_object_less && count > 0 ? count - 1 : count;
}

static unsigned
error_of(const struct fake_agent *agent, const struct request *request, size_t count)
{
	const struct fake_faults *faults = &agent->faults;

	if (faults->error_status != 0)
		return faults->error_status;
	if (faults->too_big_above > 0 && count > faults->too_big_above)
		return 1;
	if (faults->no_bulk && request->tag == TAG_BULK)
		return 5;
	for (size_t i = 0; faults->error_if_asks_for > 0 && i < request->count; i++)
		if (request->varbind[i].oid[request->varbind[i].oid_len - 1] ==
		    faults->error_if_asks_for)
			return 5;
	return 0;
}

static bool
stays_silent(struct fake_agent *agent, const struct request *request, size_t count)
{
	const struct fake_faults *faults = &agent->faults;

	return faults->silent || strcmp(request->community, agent->community) != 0 ||
	       (faults->silent_from > 0 && agent->requests >= faults->silent_from) ||
	       (faults->silent_above > 0 && count > faults->silent_above) ||
	       (faults->drop_percent > 0 && random_below(agent, 100) < faults->drop_percent);
}

static void
mutate(struct fake_agent *agent, unsigned char *octets, size_t *len)
{
	for (unsigned i = 0; i<agent->faults.mutations && * len> 0; i++)
		octets[random_below(agent, (unsigned)*len)] =
		    (unsigned char)random_below(agent, 256);
	if (agent->faults.mutations > 0 && random_below(agent, 8) == 0)
		*len = random_below(agent, (unsigned)*len + 1);
}

/* --- the socket --- */

static socklen_t
address_len(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
					      : sizeof(struct sockaddr_in);
}

static void
transmit(int fd, const struct sockaddr_storage *to, const void *octets, size_t len)
{
	(void)!sendto(fd, octets, len, 0, (const struct sockaddr *)to, address_len(to));
}

static int64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

struct fake_delayed {
	struct fake_delayed *next;
	int64_t due_us;
	struct sockaddr_storage to;
	size_t len;
	unsigned char octets[];
};

static void
delay(struct fake_agent *agent, const unsigned char *octets, size_t len,
      const struct sockaddr_storage *to)
{
	struct fake_delayed *late = malloc(sizeof(*late) + len), **end = &agent->delayed;

	if (late == NULL)
		abort();
	late->next = NULL;
	late->due_us = now_us() + (int64_t)agent->faults.delay_ms * 1000;
	late->to = *to;
	late->len = len;
	memcpy(late->octets, octets, len);
	while (*end != NULL)
		end = &(*end)->next;
	*end = late;
}

static void
delayed_send(struct fake_agent *agent, bool all)
{
	struct fake_delayed *late;

	while ((late = agent->delayed) != NULL && (all || now_us() >= late->due_us)) {
		agent->delayed = late->next;
		transmit(agent->fd, &late->to, late->octets, late->len);
		free(late);
	}
}

/* It takes its time, as a busy one does. */
static void
work(const struct fake_agent *agent, const struct request *request, size_t count)
{
	unsigned each_us = request->tag == TAG_GET ? agent->faults.get_us : agent->faults.next_us;
	int64_t end_us = now_us() + (int64_t)each_us * (int64_t)count;

	while (each_us > 0 && now_us() < end_us)
		;
}

/* Numbers that nobody has counted, from who was not asked and about what was not asked for. */
static void
forge(struct fake_agent *agent, const struct request *request, const struct varbind *varbinds,
      size_t count, const struct sockaddr_storage *to)
{
	static unsigned char buffer[65536 * 4];
	static struct fake_object object[VARBINDS_MAX];
	static struct varbind forged[VARBINDS_MAX];
	unsigned char *end = buffer + sizeof(buffer), *start;

	memcpy(forged, varbinds, count * sizeof(*forged));
	for (size_t i = 0; i < count; i++)
		if (forged[i].object != NULL) {
			object[i] = *forged[i].object;
			object[i].number += 1000000;
			forged[i].object = &object[i];
		}
	start = message_write(request, TAG_RESPONSE, 0, forged, count, end);
	transmit(agent->other_fd, to, start, (size_t)(end - start));
	for (size_t i = 0; i < count; i++)
		forged[i].oid[forged[i].oid_len - 1] += 100000;
	start = message_write(request, TAG_RESPONSE, 0, forged, count, end);
	transmit(agent->fd, to, start, (size_t)(end - start));
	agent->forged += 2;
}

static void
deliver(struct fake_agent *agent, unsigned char *octets, size_t len,
	const struct sockaddr_storage *to)
{
	mutate(agent, octets, &len);
	if (agent->faults.hold) {
		memcpy(agent->held, octets, len);
		agent->held_len = len;
		agent->held_to = *to;
		return;
	}
	if (agent->faults.delay_ms > 0) {
		delay(agent, octets, len, to);
		return;
	}
	transmit(agent->faults.other_port ? agent->other_fd : agent->fd, to, octets, len);
}

void
fake_agent_release(struct fake_agent *agent)
{
	transmit(agent->fd, &agent->held_to, agent->held, agent->held_len);
	agent->held_len = 0;
}

static void
answer(struct fake_agent *agent, struct request *request, const struct sockaddr_storage *to)
{
	static unsigned char buffer[65536 * 4];
	static struct varbind found[VARBINDS_MAX + 1];
	size_t count = answer_find(agent, request, found);
	size_t whole = count;
	unsigned error = error_of(agent, request, count);
	unsigned char *end = buffer + sizeof(buffer), *start;
	uint8_t tag = agent->faults.is_report ? TAG_REPORT : TAG_RESPONSE;

	agent->requests++;
	agent->bulk_requests += request->tag == TAG_BULK;
	if (agent->varbinds_max < count)
		agent->varbinds_max = (unsigned)count;
	count = error == 1 ? 0 : spoil_varbinds(agent, found, count);
	if (agent->faults.other_request_id)
		request->id[request->id_len - 1] ^= 0x11;
	start = message_write(request, tag, error, found, count, end);
	if (agent->octets_max < (size_t)(end - start))
		agent->octets_max = (size_t)(end - start);
	if (agent->faults.forged_before)
		forge(agent, request, found, count, to);
	work(agent, request, count);
	if (!stays_silent(agent, request, whole))
		deliver(agent, start, (size_t)(end - start), to);
}

void
fake_agent_serve(struct fake_agent *agent)
{
	static struct request request;
	unsigned char octets[65536];
	struct sockaddr_storage from;
	socklen_t from_len = sizeof(from);
	ssize_t len;

	delayed_send(agent, false);
	while ((len = recvfrom(agent->fd, octets, sizeof(octets), MSG_DONTWAIT,
			       (struct sockaddr *)&from, &from_len)) >= 0) {
		if (request_read(&request, octets, (size_t)len))
			answer(agent, &request, &from);
		from_len = sizeof(from);
	}
}

static int
socket_open(int family, struct sockaddr_storage *address)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };
	struct sockaddr_in v4 = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(*address);

	if (fd < 0 ||
	    bind(fd, family == AF_INET6 ? (void *)&v6 : (void *)&v4,
		 family == AF_INET6 ? sizeof(v6) : sizeof(v4)) != 0 ||
	    getsockname(fd, (struct sockaddr *)address, &len) != 0) {
		perror("fake agent");
		exit(1);
	}
	return fd;
}

void
fake_agent_start(struct fake_agent *agent, int family)
{
	struct sockaddr_storage unused;

	memset(agent, 0, sizeof(*agent));
	strcpy(agent->community, "public");
	agent->fd = socket_open(family, &agent->address);
	agent->other_fd = socket_open(family, &unused);
}

void
fake_agent_stop(struct fake_agent *agent)
{
	delayed_send(agent, true);
	close(agent->fd);
	close(agent->other_fd);
	free(agent->objects);
	agent->objects = NULL;
}

/* --- objects --- */

static size_t
oid_parse(const char *text, uint32_t oid[FAKE_OID_MAX])
{
	size_t len = 0;
	char *end;

	while (*text != '\0' && len < FAKE_OID_MAX) {
		oid[len++] = (uint32_t)strtoul(text, &end, 10);
		text = *end == '.' ? end + 1 : end;
	}
	return len;
}

static struct fake_object *
object_add(struct fake_agent *agent, const char *oid)
{
	struct fake_object *object;

	if (agent->object_count == agent->object_room) {
		agent->object_room = agent->object_room > 0 ? agent->object_room * 2 : 64;
		agent->objects =
		    reallocarray(agent->objects, agent->object_room, sizeof(*agent->objects));
		if (agent->objects == NULL)
			abort();
	}
	object = &agent->objects[agent->object_count++];
	memset(object, 0, sizeof(*object));
	object->oid_len = oid_parse(oid, object->oid);
	return object;
}

struct fake_object *
fake_agent_add_number(struct fake_agent *agent, uint8_t type, uint64_t number, const char *oid)
{
	struct fake_object *object = object_add(agent, oid);

	object->type = type;
	object->number = number;
	return object;
}

struct fake_object *
fake_agent_add_text(struct fake_agent *agent, const char *text, const char *oid)
{
	struct fake_object *object = object_add(agent, oid);

	object->type = 0x04;
	object->text_len = strlen(text);
	memcpy(object->text, text, object->text_len);
	return object;
}

struct fake_object *
fake_agent_find(struct fake_agent *agent, const char *oid)
{
	struct varbind asked = { .oid_len = 0 };

	asked.oid_len = oid_parse(oid, asked.oid);
	return (struct fake_object *)object_get(agent, &asked);
}

void
fake_agent_remove(struct fake_agent *agent, const char *oid)
{
	struct fake_object *object = fake_agent_find(agent, oid);
	size_t after;

	if (object == NULL)
		return;
	after = (size_t)(agent->objects + agent->object_count - object - 1);
	memmove(object, object + 1, after * sizeof(*object));
	agent->object_count--;
}

static void
column_add(struct fake_agent *agent, const char *table, unsigned column, uint8_t type,
	   unsigned count)
{
	char oid[64], text[64];

	for (unsigned i = 1; i <= count; i++) {
		uint64_t number = type == 0x02 ? 1 : i * 1000ull + column;

		snprintf(oid, sizeof(oid), "%s.%u.%u", table, column, i);
		if (type == 0x04) {
			snprintf(text, sizeof(text), column == 18 ? "AS%u Peer %u" : "et-0/0/%u",
				 column == 18 ? 64500 + i : i, i);
			fake_agent_add_text(agent, text, oid);
		} else {
			fake_agent_add_number(agent, type, number, oid);
		}
	}
}

void
fake_agent_add_interfaces(struct fake_agent *agent, unsigned count)
{
	static const char if_table[] = "1.3.6.1.2.1.2.2.1", ifx_table[] = "1.3.6.1.2.1.31.1.1.1";
	static const unsigned narrow[] = { 10, 11, 12, 13, 14, 16, 17, 18, 19, 20 };
	char oid[64];

	fake_agent_add_text(agent, "Fake agent", "1.3.6.1.2.1.1.1.0");
	fake_agent_add_number(agent, 0x43, 123456, "1.3.6.1.2.1.1.3.0");
	fake_agent_add_text(agent, "fake", "1.3.6.1.2.1.1.5.0");
	column_add(agent, if_table, 2, 0x04, count);
	column_add(agent, if_table, 3, 0x02, count);
	column_add(agent, if_table, 7, 0x02, count);
	column_add(agent, if_table, 8, 0x02, count);
	for (size_t i = 0; i < sizeof(narrow) / sizeof(narrow[0]); i++)
		column_add(agent, if_table, narrow[i], 0x41, count);
	column_add(agent, ifx_table, 1, 0x04, count);
	for (unsigned column = 2; column <= 5; column++)
		column_add(agent, ifx_table, column, 0x41, count);
	for (unsigned column = 6; column <= 13; column++)
		column_add(agent, ifx_table, column, 0x46, count);
	for (unsigned i = 1; i <= count; i++) {
		snprintf(oid, sizeof(oid), "%s.15.%u", ifx_table, i);
		fake_agent_add_number(agent, 0x42, 100000, oid);
	}
	column_add(agent, ifx_table, 18, 0x04, count);
	for (unsigned i = 1; i <= count; i++) {
		snprintf(oid, sizeof(oid), "%s.19.%u", ifx_table, i);
		fake_agent_add_number(agent, 0x43, 0, oid);
	}
	fake_agent_add_number(agent, 0x43, 777, "1.3.6.1.2.1.31.1.5.0");
}
