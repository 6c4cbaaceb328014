/* ber.h - the part of ASN.1's Basic Encoding Rules that SNMP uses (X.690; RFC 3417 section 8): definite lengths only.
 *
 * Reading never goes beyond the given octets; what is not well-formed is refused, and the caller drops the message.
 * Writing goes forward into a buffer of fixed size; running out of it is remembered, and asked once at the end. */
#ifndef SIM_BER_H
#define SIM_BER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ber_tag {
	BER_INTEGER = 0x02,
	BER_OCTETS = 0x04,
	BER_NULL = 0x05,
	BER_OID = 0x06,
	BER_SEQUENCE = 0x30,
	BER_COUNTER32 = 0x41,
	BER_GAUGE32 = 0x42,
	BER_TICKS = 0x43,
	BER_COUNTER64 = 0x46,
	BER_NO_OBJECT = 0x80,
	BER_NO_INSTANCE = 0x81,
	BER_END_OF_VIEW = 0x82,
	BER_GET = 0xa0,
	BER_GETNEXT = 0xa1,
	BER_RESPONSE = 0xa2,
	BER_SET = 0xa3,
	BER_GETBULK = 0xa5,
};

#define OID_MAX 128 /* sub-identifiers; RFC 3416 section 4.1 */

struct oid {
	size_t len;
	uint32_t id[OID_MAX];
};

/* --- reading --- */

/* What is still to be read. */
struct ber_in {
	const uint8_t *at, *end;
};

/* Each takes one element off `in`.  False, and `in` unspecified, when it is not what is asked for. */
bool ber_take_any(struct ber_in *in, uint8_t *tag, struct ber_in *content);
bool ber_take(struct ber_in *in, uint8_t tag, struct ber_in *content);
bool ber_take_int32(struct ber_in *in, int32_t *value);
bool ber_take_oid(struct ber_in *in, struct oid *oid);

/* --- writing --- */

struct ber_out {
	uint8_t *start, *at, *end;
	bool overflow;
};

void ber_out_init(struct ber_out *out, uint8_t *buffer, size_t len);

/* Opens an element of unknown length; ber_close gets the mark and puts the length in. */
size_t ber_open(struct ber_out *out, uint8_t tag);
void ber_close(struct ber_out *out, size_t mark);

void ber_put_raw(struct ber_out *out, const uint8_t *octets, size_t len);
void ber_put_empty(struct ber_out *out, uint8_t tag); /* NULL and the exceptions */
void ber_put_int32(struct ber_out *out, int32_t value);
void ber_put_unsigned(struct ber_out *out, uint8_t tag, uint64_t value);
void ber_put_octets(struct ber_out *out, uint8_t tag, const void *octets, size_t len);
/* The OID `prefix` followed by `suffix`. */
void ber_put_oid(struct ber_out *out, const uint32_t *prefix, size_t prefix_len,
		 const uint32_t *suffix, size_t suffix_len);

#endif
