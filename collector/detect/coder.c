/* coder.c - octets; see coder.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect/coder.h"

static void
put_octet(struct coder *c, uint8_t octet)
{
	if (c->no_memory)
		return;
	if (c->len == c->size) {
		size_t size = c->size == 0 ? 1024 : c->size * 2;
		uint8_t *grown = realloc(c->data, size);

		if (grown == NULL) {
			c->no_memory = true;
			return;
		}
		c->data = grown;
		c->size = size;
	}
	c->data[c->len++] = octet;
}

static uint8_t
get_octet(struct coder *c)
{
	if (c->failed || c->len >= c->size) {
		c->failed = true;
		return 0;
	}
	return c->data[c->len++];
}

static uint64_t
get_uint(struct coder *c)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t octet = get_octet(c);

		value |= (uint64_t)(octet & 0x7f) << shift;
		if (octet < 0x80)
			return value;
	}
	c->failed = true;
	return 0;
}

void
code_uint(struct coder *c, uint64_t *value, uint64_t max)
{
	if (!c->is_reading) {
		uint64_t rest = *value;

		for (; rest >= 0x80; rest >>= 7)
			put_octet(c, (uint8_t)(rest | 0x80));
		put_octet(c, (uint8_t)rest);
		return;
	}
	*value = get_uint(c);
	code_check(c, *value <= max);
	if (c->failed)
		*value = 0;
}

void
code_int(struct coder *c, int64_t *value, int64_t min, int64_t max)
{
	uint64_t zigzag = ((uint64_t)*value << 1) ^ (*value < 0 ? UINT64_MAX : 0);

	code_uint(c, &zigzag, UINT64_MAX);
	if (!c->is_reading)
		return;
	*value = (int64_t)(zigzag >> 1) ^ -(int64_t)(zigzag & 1);
	code_check(c, *value >= min && *value <= max);
	if (c->failed)
		*value = 0;
}

void
code_u32(struct coder *c, uint32_t *value, uint32_t max)
{
	uint64_t wide = *value;

	code_uint(c, &wide, max);
	*value = (uint32_t)wide;
}

void
code_i32(struct coder *c, int32_t *value)
{
	int64_t wide = *value;

	code_int(c, &wide, INT32_MIN, INT32_MAX);
	*value = (int32_t)wide;
}

void
code_bool(struct coder *c, bool *value)
{
	uint64_t wide = *value;

	code_uint(c, &wide, 1);
	*value = wide != 0;
}

void
code_double(struct coder *c, double *value)
{
	uint64_t bits;

	memcpy(&bits, value, sizeof(bits));
	if (!c->is_reading) {
		for (int i = 0; i < 8; i++)
			put_octet(c, (uint8_t)(bits >> 8 * i));
		return;
	}
	bits = 0;
	for (int i = 0; i < 8; i++)
		bits |= (uint64_t)get_octet(c) << 8 * i;
	if (c->failed)
		bits = 0;
	memcpy(value, &bits, sizeof(bits));
}

void
code_amount(struct coder *c, double *value)
{
	code_double(c, value);
	code_check(c, isfinite(*value) && *value >= 0);
	if (c->failed)
		*value = 0;
}

uint64_t
coder_hash(uint64_t hash, const void *data, size_t len)
{
	const uint8_t *octet = data;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ octet[i]) * UINT64_C(1099511628211);
	return hash;
}
