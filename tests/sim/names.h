/* names.h - the fictional exchanges, peers and makes of switch.  Nothing here exists: AS numbers are those of RFC 5398,
 * the enterprise number is that of RFC 5612, names were made up. */
#ifndef SIM_NAMES_H
#define SIM_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "zone.h"

#define OUR_ASN 64499

struct place {
	const char *code; /* "fra": part of slugs and circuits */
	const char *city;
	struct zone zone;
};

struct peer {
	uint32_t asn; /* 64496..64511 or 65536..65551, never OUR_ASN */
	const char *name;
};

/* How a make of switch names and numbers its interfaces. */
struct make {
	const char *descr;                          /* sysDescr */
	const char *port_1g, *port_10g, *port_100g; /* printf, one %u: the port's number from 0 */
	const char *lag;                            /* the same */
	const char *loopback, *management;
	unsigned port_base; /* number of the first port */
	uint32_t index_base,
	    index_step; /* ifIndex of the first interface, and from one to the next */
};

extern const struct place places[];
extern const size_t place_count;
extern const struct peer peers[];
extern const size_t peer_count;
extern const struct make makes[];
extern const size_t make_count;

#endif
