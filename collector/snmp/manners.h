/* manners.h - how an agent wants to be asked: what it can answer at once, and how long to wait for it.  Pure.
 *
 * An agent says that an answer would not fit (tooBig), or just drops the request, as many do when the answer would
 * exceed their largest message.  Silence proves less than tooBig, since packets get lost.  What was learned is kept and
 * tried again after a while: agents are upgraded, and what looked like size may have been loss. */
#ifndef COLLECTOR_SNMP_MANNERS_H
#define COLLECTOR_SNMP_MANNERS_H

#include <stdbool.h>
#include <stdint.h>

#define MANNERS_ROWS_MAX     64   /* rows a GET may hold; the octets limit it earlier */
#define MANNERS_PATIENCE     60   /* clean errands after which a limit is tried again */
#define MANNERS_OCTETS_MAX   1400 /* of a request or its answer: no fragments behind an Ethernet */
#define MANNERS_SILENT_TRIES 2    /* silent tries after which a big request is taken for too big */

struct manners {
	unsigned rows_max; /* 1..MANNERS_ROWS_MAX */
	unsigned clean;    /* errands in a row that were answered whole */
	unsigned clean_needed;
	unsigned repetitions_max; /* of a GETBULK; 0: it does not answer GETBULK, use GETNEXT */
	unsigned envelope_octets; /* what its credentials add to each message: envelope.h */
};

/* How an errand ended: every request answered at once, some not, none at all. */
enum manners_end { MANNERS_CLEAN, MANNERS_PARTLY, MANNERS_NONE };

void manners_init(struct manners *manners, unsigned repetitions_max);

/* A GET of so many rows was answered with tooBig, or met silence twice. */
void manners_too_big(struct manners *manners, unsigned rows);
void manners_errand_end(struct manners *manners, enum manners_end end);

/* A GETBULK was answered with an error, or met silence twice: fewer repetitions, at last GETNEXT. */
void manners_bulk_failed(struct manners *manners, unsigned repetitions);

/* A walk went through without a failure: what was lowered is raised by one step, at most to the setting. */
void manners_bulk_worked(struct manners *manners, unsigned setting);

/* How long to wait for the answer to a request already sent `tries` times: half as long again each time, plus up to a
 * fifth of jitter (random: any number), at most a minute. */
uint64_t manners_timeout_us(unsigned timeout_ms, unsigned tries, uint32_t random);

#endif
