/* answer.c - the agent's protocol engine (see answer.h). */
#include <string.h>

#include "answer.h"
#include "mib.h"

#define VERSION_2C 1

enum error_status { NO_ERROR = 0, TOO_BIG = 1, NO_ACCESS = 6 };

struct request {
	uint8_t type;
	struct ber_in community;
	int32_t id;
	int32_t second,
	    third; /* error-status, error-index; in GETBULK non-repeaters, max-repetitions */
	struct ber_in varbinds;
};

/* An answer being written: header first, varbinds, and at the end the lengths of what was opened. */
struct reply {
	struct ber_out out;
	size_t message, pdu, varbinds;
};

/* The next varbind of a request: its name, and the name as it came. */
struct asked {
	struct oid name;
	struct ber_in raw;
};

static bool
parse_request(struct request *request, const uint8_t *datagram, size_t len)
{
	struct ber_in in = { datagram, datagram + len }, message, pdu;
	int32_t version;

	return ber_take(&in, BER_SEQUENCE, &message) && ber_take_int32(&message, &version) &&
	       version == VERSION_2C && ber_take(&message, BER_OCTETS, &request->community) &&
	       ber_take_any(&message, &request->type, &pdu) && ber_take_int32(&pdu, &request->id) &&
	       ber_take_int32(&pdu, &request->second) && ber_take_int32(&pdu, &request->third) &&
	       ber_take(&pdu, BER_SEQUENCE, &request->varbinds);
}

static bool
community_fits(const struct request *request, const char *community)
{
	size_t len = (size_t)(request->community.end - request->community.at);

	return len == strlen(community) && memcmp(request->community.at, community, len) == 0;
}

static bool
take_asked(struct ber_in *varbinds, struct asked *asked)
{
	struct ber_in pair;

	if (!ber_take(varbinds, BER_SEQUENCE, &pair))
		return false;
	asked->raw.at = pair.at;
	if (!ber_take_oid(&pair, &asked->name))
		return false;
	asked->raw.end = pair.at;
	return true;
}

/* How many varbinds there are; false when one is not well-formed. */
static bool
count_asked(struct ber_in varbinds, size_t *count)
{
	struct asked asked;

	for (*count = 0; varbinds.at < varbinds.end; (*count)++)
		if (!take_asked(&varbinds, &asked))
			return false;
	return true;
}

/* --- writing --- */

static void
reply_open(struct reply *reply, const struct request *request, const struct answer_rules *rules,
	   uint8_t *buffer, enum error_status status)
{
	struct ber_out *out = &reply->out;

	ber_out_init(out, buffer, rules->max_size);
	reply->message = ber_open(out, BER_SEQUENCE);
	ber_put_int32(out, VERSION_2C);
	ber_put_octets(out, BER_OCTETS, rules->community, strlen(rules->community));
	reply->pdu = ber_open(out, BER_RESPONSE);
	ber_put_int32(out, request->id);
	ber_put_int32(out, status);
	ber_put_int32(out, status == NO_ACCESS ? 1 : 0);
	reply->varbinds = ber_open(out, BER_SEQUENCE);
}

/* The answer's length; 0 when it does not fit. */
static size_t
reply_close(struct reply *reply)
{
	ber_close(&reply->out, reply->varbinds);
	ber_close(&reply->out, reply->pdu);
	ber_close(&reply->out, reply->message);
	return reply->out.overflow ? 0 : (size_t)(reply->out.at - reply->out.start);
}

static void
put_value(struct ber_out *out, const struct mib_value *value)
{
	switch (value->tag) {
	case BER_INTEGER: ber_put_int32(out, value->integer); break;
	case BER_OCTETS: ber_put_octets(out, BER_OCTETS, value->octets, value->octets_len); break;
	case BER_OID: ber_put_oid(out, value->oid, value->oid_len, NULL, 0); break;
	default: ber_put_unsigned(out, (uint8_t)value->tag, value->number);
	}
}

/* A varbind with the name as it was asked, and an exception for value. */
static void
put_exception(struct ber_out *out, const struct asked *asked, enum ber_tag exception)
{
	size_t pair = ber_open(out, BER_SEQUENCE);

	ber_put_raw(out, asked->raw.at, (size_t)(asked->raw.end - asked->raw.at));
	ber_put_empty(out, (uint8_t)exception);
	ber_close(out, pair);
}

static void
put_name(struct ber_out *out, const struct box *box, struct mib_instance instance)
{
	const struct row *row = mib_row(box, instance);

	ber_put_oid(out, instance.object->oid, instance.object->oid_len, row->index,
		    row->index_len);
}

static void
put_instance(struct ber_out *out, struct box *box, struct mib_instance instance)
{
	struct mib_value value;
	size_t pair = ber_open(out, BER_SEQUENCE);

	put_name(out, box, instance);
	mib_get(box, instance, &value);
	put_value(out, &value);
	ber_close(out, pair);
}

/* --- the four requests --- */

/* Each fills the open varbind list. */
static void
fill_get(struct ber_out *out, struct box *box, struct ber_in varbinds)
{
	struct mib_instance instance;
	struct asked asked;

	while (!out->overflow && varbinds.at < varbinds.end && take_asked(&varbinds, &asked))
		switch (mib_find(box, &asked.name, &instance)) {
		case MIB_FOUND: put_instance(out, box, instance); break;
		case MIB_NO_INSTANCE: put_exception(out, &asked, BER_NO_INSTANCE); break;
		default: put_exception(out, &asked, BER_NO_OBJECT);
		}
}

static struct mib_instance
put_after(struct ber_out *out, struct box *box, const struct asked *asked)
{
	struct mib_instance instance = mib_after(box, &asked->name);

	if (instance.object != NULL)
		put_instance(out, box, instance);
	else
		put_exception(out, asked, BER_END_OF_VIEW);
	return instance;
}

static void
fill_getnext(struct ber_out *out, struct box *box, struct ber_in varbinds)
{
	struct asked asked;

	while (!out->overflow && varbinds.at < varbinds.end && take_asked(&varbinds, &asked))
		put_after(out, box, &asked);
}

/* A column that GETBULK repeats: where it stands, and the last name said, for the exception behind the end. */
struct repeater {
	struct mib_instance last;
	bool ended;
	struct ber_in raw;
};

static void
put_end(struct ber_out *out, const struct box *box, const struct repeater *r)
{
	size_t pair = ber_open(out, BER_SEQUENCE);

	if (r->last.object != NULL)
		put_name(out, box, r->last);
	else
		ber_put_raw(out, r->raw.at, (size_t)(r->raw.end - r->raw.at));
	ber_put_empty(out, BER_END_OF_VIEW);
	ber_close(out, pair);
}

/* One more of a column. */
static void
repeat(struct ber_out *out, struct box *box, struct repeater *r)
{
	struct mib_instance next = { NULL, 0 };

	if (!r->ended)
		next = mib_next(box, r->last);
	if (next.object == NULL) {
		r->ended = true;
		put_end(out, box, r);
		return;
	}
	r->last = next;
	put_instance(out, box, next);
}

/* RFC 3416 section 4.2.3: as many whole varbinds as fit, and no more rounds once every column has ended. */
static void
fill_repetitions(struct ber_out *out, struct box *box, struct repeater *repeaters, size_t count,
		 int32_t repetitions)
{
	bool all_ended = false;

	for (int32_t round = 1; round < repetitions && !all_ended; round++) {
		all_ended = true;
		for (size_t i = 0; i < count; i++) {
			uint8_t *before = out->at;

			repeat(out, box, &repeaters[i]);
			if (out->overflow) {
				out->at = before;
				return;
			}
			all_ended = all_ended && repeaters[i].ended;
		}
	}
}

static void
fill_getbulk(struct ber_out *out, struct box *box, const struct request *request)
{
	struct repeater repeaters[ANSWER_MAX_VARBINDS];
	struct ber_in varbinds = request->varbinds;
	int32_t single = request->second > 0 ? request->second : 0;
	struct asked asked;
	size_t count = 0;

	for (int32_t n = 0; varbinds.at < varbinds.end && take_asked(&varbinds, &asked); n++) {
		uint8_t *before = out->at;
		struct mib_instance first;

		if (n >= single && request->third <= 0)
			break;
		first = put_after(out, box, &asked);
		if (out->overflow) {
			out->at = before;
			return;
		}
		if (n >= single)
			repeaters[count++] =
			    (struct repeater) { first, first.object == NULL, asked.raw };
	}
	if (count > 0)
		fill_repetitions(out, box, repeaters, count, request->third);
}

/* The lengths still to be put in grow: kept free while the list is filled. */
#define ROOM_FOR_LENGTHS 6

static void
fill(struct reply *reply, struct box *box, const struct request *request)
{
	struct ber_out *out = &reply->out;

	out->end -= ROOM_FOR_LENGTHS;
	switch (request->type) {
	case BER_GET: fill_get(out, box, request->varbinds); break;
	case BER_GETNEXT: fill_getnext(out, box, request->varbinds); break;
	case BER_SET:
		ber_put_raw(out, request->varbinds.at,
			    (size_t)(request->varbinds.end - request->varbinds.at));
		break;
	default:
		fill_getbulk(out, box, request);
		out->overflow = false; /* what was too much has been taken back */
	}
	out->end += ROOM_FOR_LENGTHS;
}

static bool
is_served(uint8_t type)
{
	return type == BER_GET || type == BER_GETNEXT || type == BER_GETBULK || type == BER_SET;
}

size_t
answer(struct box *box, const struct answer_rules *rules, const uint8_t *datagram, size_t len,
       uint8_t *buffer)
{
	struct request request;
	struct reply reply;
	size_t count, answer_len = 0;

	if (!parse_request(&request, datagram, len) || !is_served(request.type) ||
	    !community_fits(&request, rules->community) || !count_asked(request.varbinds, &count))
		return 0;
	if (count <= ANSWER_MAX_VARBINDS) {
		reply_open(&reply, &request, rules, buffer,
			   request.type == BER_SET ? NO_ACCESS : NO_ERROR);
		fill(&reply, box, &request);
		answer_len = reply_close(&reply);
	}
	if (answer_len == 0) {
		reply_open(&reply, &request, rules, buffer, TOO_BIG);
		answer_len = reply_close(&reply);
	}
	return answer_len;
}
