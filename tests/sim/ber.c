/* ber.c - see ber.h. */
#include <string.h>

#include "ber.h"

/* --- reading --- */

static bool
take_length(struct ber_in *in, size_t *len)
{
	size_t octets;

	if (in->at == in->end)
		return false;
	*len = *in->at++;
	if (*len < 0x80)
		return true;
	octets = *len & 0x7f;
	if (octets < 1 || octets > 4 || octets > (size_t)(in->end - in->at))
		return false;
	for (*len = 0; octets > 0; octets--)
		*len = *len << 8 | *in->at++;
	return true;
}

bool
ber_take_any(struct ber_in *in, uint8_t *tag, struct ber_in *content)
{
	size_t len;

	if (in->at == in->end)
		return false;
	*tag = *in->at++;
	if (!take_length(in, &len) || len > (size_t)(in->end - in->at))
		return false;
	*content = (struct ber_in) { in->at, in->at + len };
	in->at += len;
	return true;
}

bool
ber_take(struct ber_in *in, uint8_t tag, struct ber_in *content)
{
	uint8_t found;

	return ber_take_any(in, &found, content) && found == tag;
}

bool
ber_take_int32(struct ber_in *in, int32_t *value)
{
	struct ber_in content;
	uint32_t bits;

	if (!ber_take(in, BER_INTEGER, &content) || content.at == content.end ||
	    content.end - content.at > 4)
		return false;
	bits = *content.at & 0x80 ? UINT32_MAX : 0;
	while (content.at < content.end)
		bits = bits << 8 | *content.at++;
	*value = (int32_t)bits;
	return true;
}

/* One sub-identifier: seven bits an octet, the high bit says that more follow. */
static bool
take_subid(struct ber_in *in, uint32_t *id)
{
	uint64_t value = 0;
	uint8_t octet;

	do {
		if (in->at == in->end || value > UINT32_MAX >> 7)
			return false;
		octet = *in->at++;
		value = value << 7 | (octet & 0x7f);
	} while (octet & 0x80);
	*id = (uint32_t)value;
	return true;
}

bool
ber_take_oid(struct ber_in *in, struct oid *oid)
{
	struct ber_in content;
	uint32_t first;

	oid->len = 0;
	if (!ber_take(in, BER_OID, &content))
		return false;
	if (content.at == content.end)
		return true; /* seen in the wild for "from the beginning" */
	if (!take_subid(&content, &first))
		return false;
	oid->id[0] = first < 80 ? first / 40 : 2;
	oid->id[1] = first - 40 * oid->id[0];
	oid->len = 2;
	while (content.at < content.end)
		if (oid->len == OID_MAX || !take_subid(&content, &oid->id[oid->len++]))
			return false;
	return true;
}

/* --- writing --- */

void
ber_out_init(struct ber_out *out, uint8_t *buffer, size_t len)
{
	*out = (struct ber_out) { .start = buffer, .at = buffer, .end = buffer + len };
}

static uint8_t *
reserve(struct ber_out *out, size_t len)
{
	uint8_t *at = out->at;

	if (out->overflow || len > (size_t)(out->end - at)) {
		out->overflow = true;
		return NULL;
	}
	out->at += len;
	return at;
}

void
ber_put_raw(struct ber_out *out, const uint8_t *octets, size_t len)
{
	uint8_t *at = reserve(out, len);

	if (at != NULL && len > 0)
		memcpy(at, octets, len);
}

static size_t
length_octets(size_t len)
{
	return len < 0x80 ? 1 : len < 0x100 ? 2 : 3;
}

static void
write_length(uint8_t *at, size_t len)
{
	switch (length_octets(len)) {
	case 1: at[0] = (uint8_t)len; break;
	case 2:
		at[0] = 0x81;
		at[1] = (uint8_t)len;
		break;
	default:
		at[0] = 0x82;
		at[1] = (uint8_t)(len >> 8);
		at[2] = (uint8_t)len;
	}
}

/* Tag and length; the content is the caller's to write. */
static uint8_t *
put_header(struct ber_out *out, uint8_t tag, size_t len)
{
	size_t head = 1 + length_octets(len);
	uint8_t *at = len <= 0xffff ? reserve(out, head + len) : NULL;

	if (at == NULL) {
		out->overflow = true;
		return NULL;
	}
	at[0] = tag;
	write_length(at + 1, len);
	return at + head;
}

size_t
ber_open(struct ber_out *out, uint8_t tag)
{
	size_t mark = (size_t)(out->at - out->start);
	uint8_t *at = reserve(out, 2);

	if (at != NULL)
		at[0] = tag;
	return mark;
}

/* One octet was kept for the length; a longer one moves the content. */
void
ber_close(struct ber_out *out, size_t mark)
{
	uint8_t *content = out->start + mark + 2;
	size_t len, more;

	if (out->overflow)
		return;
	len = (size_t)(out->at - content);
	more = length_octets(len) - 1;
	if (len > 0xffff || (more > 0 && reserve(out, more) == NULL)) {
		out->overflow = true;
		return;
	}
	if (more > 0)
		memmove(content + more, content, len);
	write_length(content - 1, len);
}

void
ber_put_empty(struct ber_out *out, uint8_t tag)
{
	put_header(out, tag, 0);
}

static void
put_big_endian(uint8_t *at, uint64_t value, size_t len)
{
	while (len > 0) {
		at[--len] = (uint8_t)value;
		value >>= 8;
	}
}

void
ber_put_int32(struct ber_out *out, int32_t value)
{
	size_t len = value >= -0x80 && value < 0x80           ? 1
		     : value >= -0x8000 && value < 0x8000     ? 2
		     : value >= -0x800000 && value < 0x800000 ? 3
							      : 4;
	uint8_t *at = put_header(out, BER_INTEGER, len);

	if (at != NULL)
		put_big_endian(at, (uint64_t)(int64_t)value, len);
}

/* Shortest form with a clear sign bit: 1 to 9 octets. */
void
ber_put_unsigned(struct ber_out *out, uint8_t tag, uint64_t value)
{
	size_t bits = value == 0 ? 0 : 64 - (size_t)__builtin_clzll(value);
	size_t len = bits / 8 + 1;
	uint8_t *at = put_header(out, tag, len);

	if (at != NULL)
		put_big_endian(at, value, len);
}

void
ber_put_octets(struct ber_out *out, uint8_t tag, const void *octets, size_t len)
{
	uint8_t *at = put_header(out, tag, len);

	if (at != NULL && len > 0)
		memcpy(at, octets, len);
}

static uint8_t *
encode_subid(uint8_t *at, uint32_t id)
{
	if (id >= UINT32_C(1) << 28)
		*at++ = (uint8_t)(id >> 28 | 0x80);
	if (id >= UINT32_C(1) << 21)
		*at++ = (uint8_t)(id >> 21 | 0x80);
	if (id >= UINT32_C(1) << 14)
		*at++ = (uint8_t)(id >> 14 | 0x80);
	if (id >= UINT32_C(1) << 7)
		*at++ = (uint8_t)(id >> 7 | 0x80);
	*at++ = id & 0x7f;
	return at;
}

void
ber_put_oid(struct ber_out *out, const uint32_t *prefix, size_t prefix_len, const uint32_t *suffix,
	    size_t suffix_len)
{
	uint8_t encoded[5 * OID_MAX], *at = encoded;

	*at++ = (uint8_t)(prefix[0] * 40 + prefix[1]);
	for (size_t i = 2; i < prefix_len; i++)
		at = encode_subid(at, prefix[i]);
	for (size_t i = 0; i < suffix_len; i++)
		at = encode_subid(at, suffix[i]);
	ber_put_octets(out, BER_OID, encoded, (size_t)(at - encoded));
}
