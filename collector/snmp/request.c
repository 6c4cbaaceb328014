/* request.c - see request.h.  Written from its end to its beginning, so that every length is known when it is written. */
#include "snmp/request.h"

#include <stdbool.h>
#include <string.h>

#define TAG_INTEGER  0x02
#define TAG_OCTETS   0x04
#define TAG_NULL     0x05
#define TAG_NAME     0x06
#define TAG_SEQUENCE 0x30
#define VERSION_2C   1

struct writer {
	uint8_t *octets;
	size_t at; /* what was written begins here */
	bool full;
};

static void
octet_put(struct writer *w, uint8_t octet)
{
	if (w->at == 0)
		w->full = true;
	else
		w->octets[--w->at] = octet;
}

/* Before what has been written since `end`. */
static void
header_put(struct writer *w, uint8_t tag, size_t end)
{
	size_t len = end - w->at, left = len;
	uint8_t more = 0;

	if (len < 0x80) {
		octet_put(w, (uint8_t)len);
	} else {
		for (; left > 0; left >>= 8, more++)
			octet_put(w, (uint8_t)left);
		octet_put(w, 0x80 | more);
	}
	octet_put(w, tag);
}

static void
integer_put(struct writer *w, uint32_t value)
{
	size_t end = w->at;
	uint8_t last;

	do {
		last = (uint8_t)value;
		octet_put(w, last);
		value >>= 8;
	} while (value > 0);
	if (last >= 0x80)
		octet_put(w, 0); /* it is not below zero */
	header_put(w, TAG_INTEGER, end);
}

static void
text_put(struct writer *w, const char *text)
{
	size_t end = w->at;

	for (size_t len = strlen(text); len > 0; len--)
		octet_put(w, (uint8_t)text[len - 1]);
	header_put(w, TAG_OCTETS, end);
}

static void
sub_identifier_put(struct writer *w, uint32_t id)
{
	octet_put(w, id & 0x7f);
	while ((id >>= 7) > 0)
		octet_put(w, 0x80 | (id & 0x7f));
}

/* A name and no value.  Names have two sub-identifiers at least. */
static void
varbind_put(struct writer *w, const struct snmp_oid *name)
{
	size_t end = w->at, name_end;

	octet_put(w, 0);
	octet_put(w, TAG_NULL);
	name_end = w->at;
	for (size_t i = name->len; i > 2; i--)
		sub_identifier_put(w, name->id[i - 1]);
	sub_identifier_put(w, name->id[0] * 40 + name->id[1]);
	header_put(w, TAG_NAME, name_end);
	header_put(w, TAG_SEQUENCE, end);
}

size_t
request_write(uint8_t *octets, size_t size, const char *community, uint32_t number,
	      const struct snmp_question *question)
{
	static const uint8_t tags[] = {
		[SNMP_COMMAND_GET] = 0xa0,
		[SNMP_COMMAND_NEXT] = 0xa1,
		[SNMP_COMMAND_BULK] = 0xa5,
	};
	bool is_bulk = question->command == SNMP_COMMAND_BULK;
	struct writer w = { octets, size, false };
	size_t len;

	for (size_t i = question->oid_count; i > 0; i--)
		varbind_put(&w, &question->oids[i - 1]);
	header_put(&w, TAG_SEQUENCE, size);
	integer_put(&w, is_bulk ? question->repetitions : 0);
	integer_put(&w, is_bulk ? question->singles : 0);
	integer_put(&w, number);
	header_put(&w, tags[question->command], size);
	text_put(&w, community);
	integer_put(&w, VERSION_2C);
	header_put(&w, TAG_SEQUENCE, size);
	if (w.full)
		return 0;
	len = size - w.at;
	memmove(octets, octets + w.at, len);
	return len;
}
