/* mib.h - the objects a switch serves, in the order of their OIDs, and how to find one.
 *
 * An instance is an object (a scalar, or a column of a table) and a row.  Names are the object's OID followed by the
 * row's index: rows are ordered by their index, objects by their OID, so the whole view is ordered by both. */
#ifndef SIM_MIB_H
#define SIM_MIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ber.h"
#include "box.h"

#define MIB_TEXT_MAX 512 /* longest value in octets: a PortList of 4096 ports */

/* A value on its way out.  tag says which member is meant. */
struct mib_value {
	enum ber_tag tag;
	int32_t integer;   /* INTEGER */
	uint64_t number;   /* counters, gauges, ticks */
	size_t octets_len; /* OCTET STRING */
	uint8_t octets[MIB_TEXT_MAX];
	size_t oid_len; /* OBJECT IDENTIFIER */
	uint32_t oid[16];
};

struct mib_object {
	size_t oid_len;
	uint32_t oid[16];
	enum table table;
	void (*get)(struct box *box, size_t interface, int what, struct mib_value *value);
	int what; /* for getters that serve several columns */
};

struct mib_instance {
	const struct mib_object *object; /* NULL: past the end */
	size_t row;
};

enum mib_found { MIB_FOUND, MIB_NO_INSTANCE, MIB_NO_OBJECT };

/* The instance of exactly this name. */
enum mib_found mib_find(const struct box *box, const struct oid *name,
			struct mib_instance *instance);

/* The first instance after this name; .object NULL when there is none. */
struct mib_instance mib_after(const struct box *box, const struct oid *name);

/* The first instance after this one. */
struct mib_instance mib_next(const struct box *box, struct mib_instance instance);

void mib_get(struct box *box, struct mib_instance instance, struct mib_value *value);
const struct row *mib_row(const struct box *box, struct mib_instance instance);

/* The table of objects (objects.c), ascending. */
extern const struct mib_object mib_objects[];
extern const size_t mib_object_count;

#endif
