/* snmp_agent.h - an SNMPv2c agent on loopback that can be told to misbehave; for tests.
 *
 * It runs in the test's own thread: whenever its socket may be read, fake_agent_serve answers what waits there.  Its
 * objects are a plain list, in the order in which GETNEXT is to find them. */
#ifndef TESTS_FAKES_SNMP_AGENT_H
#define TESTS_FAKES_SNMP_AGENT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_OID_MAX 16

struct fake_object {
	uint32_t oid[FAKE_OID_MAX];
	size_t oid_len;
	uint8_t type; /* BER tag */
	bool raw;     /* text holds the value's octets as they are to be sent, whatever the type */
	uint64_t number;
	char text[64];
	size_t text_len;
};

/* What it does wrong; all zero: nothing. */
struct fake_faults {
	bool silent;
	unsigned silent_from; /* the request of this number and all later ones meet silence */
	unsigned drop_percent;
	unsigned too_big_above; /* varbinds in the answer above which it says tooBig; 0: never */
	unsigned silent_above;  /* likewise, above which it says nothing */
	unsigned bulk_rows_max; /* rows it gives to a GETBULK whatever is asked; 0: as asked */
	bool no_bulk;           /* GETBULK is answered with genErr */
	unsigned error_status;  /* of every answer */
	unsigned
	    error_if_asks_for; /* last sub-identifier that makes a GET fail with genErr; 0: none */
	bool other_port;       /* answers leave from another port */
	bool other_request_id;
	bool other_objects; /* the last sub-identifier of each name is one more */
	bool swap_objects;  /* the first two varbinds change places */
	bool one_object_more;
	bool one_object_less;
	bool is_report; /* the answer is a REPORT */
	bool
	    forged_before; /* two forged answers with other numbers come before the right one: one from
			     * another port, one with the right number and source, but other objects */
	unsigned mutations;  /* octets changed at random; and sometimes the end is cut off */
	bool hold;           /* answers are kept back until fake_agent_release */
	unsigned delay_ms;   /* each answer is so late; several may be on their way */
	unsigned next_us;    /* what it takes to find one next name, where GET takes no time */
	unsigned get_us;     /* what it takes to find one named object */
	unsigned next_skips; /* last sub-identifier that GETNEXT and GETBULK leave out; 0: none */
};

struct fake_agent {
	int fd, other_fd;
	struct sockaddr_storage address;
	struct fake_object *objects;
	size_t object_count, object_room;
	struct fake_faults faults;
	char community[32]; /* any other meets silence */
	uint64_t random;
	/* What it saw. */
	unsigned requests, bulk_requests, forged;
	unsigned varbinds_max; /* most in one answer */
	size_t octets_max;     /* longest answer sent or withheld */
	/* One held answer. */
	unsigned char held[65536];
	size_t held_len;
	struct sockaddr_storage held_to;
	struct fake_delayed *delayed; /* in the order in which they are due */
};

void fake_agent_start(struct fake_agent *agent, int family);
void fake_agent_stop(struct fake_agent *agent);
void fake_agent_serve(struct fake_agent *agent);
void fake_agent_release(struct fake_agent *agent);

/* Objects are searched in this order; oid as text, "1.3.6.1.2.1.1.3.0". */
struct fake_object *fake_agent_add_number(struct fake_agent *agent, uint8_t type, uint64_t number,
					  const char *oid);
struct fake_object *fake_agent_add_text(struct fake_agent *agent, const char *text,
					const char *oid);
struct fake_object *fake_agent_find(struct fake_agent *agent, const char *oid);
void fake_agent_remove(struct fake_agent *agent, const char *oid);

/* The system group, and `count` interfaces "et-0/0/1" ... of 100 Gbit/s, ifIndex 1 and up, alias "AS64501 Peer 1", up;
 * a counter's value is if_index * 1000 + its column. */
void fake_agent_add_interfaces(struct fake_agent *agent, unsigned count);

#endif
