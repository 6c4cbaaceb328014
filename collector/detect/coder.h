/* coder.h - plain values to octets and back, by one description for both ways: whole numbers as LEB128 (signed ones
 * zigzag), doubles as IEEE 754, little-endian.  A failure is remembered and asked for once at the end; after one,
 * everything read is zero. */
#ifndef COLLECTOR_DETECT_CODER_H
#define COLLECTOR_DETECT_CODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct coder {
	bool is_reading;
	bool failed; /* reading: the octets are not what they should be */
	bool no_memory;
	uint8_t *data;    /* writing: grows; reading: lent, and only read */
	size_t len, size; /* writing: used and room; reading: read so far and all there is */
};

void code_uint(struct coder *c, uint64_t *value, uint64_t max);
void code_int(struct coder *c, int64_t *value, int64_t min, int64_t max);
void code_u32(struct coder *c, uint32_t *value, uint32_t max);
void code_i32(struct coder *c, int32_t *value);
void code_bool(struct coder *c, bool *value);
void code_double(struct coder *c, double *value); /* any, NAN too */
void code_amount(struct coder *c, double *value); /* finite and not negative */

/* An enum, or a bit-field, through a wider variable. */
#define CODE_AS_UINT(c, field, max)                                                                \
	do {                                                                                       \
		uint64_t coded_value = (uint64_t)(field);                                          \
		code_uint((c), &coded_value, (max));                                               \
		(field) = coded_value;                                                             \
	} while (0)

/* Says that what was read makes no sense. */
static inline void
code_check(struct coder *c, bool holds)
{
	c->failed |= c->is_reading && !holds;
}

/* FNV-1a, 64 bits. */
#define CODER_HASH_START UINT64_C(14695981039346656037)
uint64_t coder_hash(uint64_t hash, const void *data, size_t len);

#endif
