/* manners.h - how an agent wants to be asked: what it can answer at once, and how long to wait for it.  Pure.
 *
 * An agent says that an answer would not fit (tooBig), or just drops the request, as many do when the answer would
 * exceed their largest message.  Silence proves less than tooBig, since packets get lost.  What was learned is kept and
 * tried again after a while: agents are upgraded, and what looked like size may have been loss. */
#ifndef COLLECTOR_SNMP_MANNERS_H
#define COLLECTOR_SNMP_MANNERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MANNERS_ROWS_MAX 64 /* rows a GET may hold; the octets limit it earlier */
#define MANNERS_SOON     5  /* clean errands after which a limit is tried again, ... */
#define MANNERS_PATIENCE                                                                           \
	60 /* ... and after failures again and again: each time twice as many, up to these */
#define MANNERS_OCTETS_MAX  1400 /* of a request or its answer: no fragments behind an Ethernet */
#define MANNERS_TRIAL       8    /* rounds in which both ways of asking are measured */
#define MANNERS_TRIAL_EVERY 720  /* rounds from one trial to the next */
#define MANNERS_WAY_SOON                                                                           \
	30 /* rounds from GETBULK's failure to the next trial; twice as many each time */
#define MANNERS_QUICK_US     1000 /* for a row: nobody waits for that */
#define MANNERS_SILENT_TRIES 2    /* silent tries after which a big request is taken for too big */

/* The two ways to ask for the counters of many rows: each value by its name, or row after row. */
enum manners_way { MANNERS_GET, MANNERS_BULK, MANNERS_WAY_COUNT };

struct manners {
	unsigned rows_max; /* 1..MANNERS_ROWS_MAX */
	unsigned clean;    /* errands in a row that were answered whole */
	unsigned clean_needed;
	unsigned repetitions_max; /* of a GETBULK; 0: it does not answer GETBULK, use GETNEXT */
	enum manners_way way;     /* found to be the better one; holds between trials */
	unsigned way_rounds;      /* since the last trial began, or as if */
	unsigned way_again;       /* rounds from the next failure to a trial */
	uint32_t row_us[MANNERS_WAY_COUNT]; /* the best of this trial; 0: none was measured */
	unsigned envelope_octets; /* what its credentials add to each message: envelope.h */
	unsigned
	    row_spare_octets; /* by which each row of its last round came shorter than rows can be */
};

/* How an errand ended: every request answered at once, some not, none at all. */
enum manners_end { MANNERS_CLEAN, MANNERS_PARTLY, MANNERS_NONE };

void manners_init(struct manners *manners, unsigned repetitions_max);

/* A GET of so many rows was answered with tooBig, or met silence twice. */
void manners_too_big(struct manners *manners, unsigned rows);
void manners_errand_end(struct manners *manners, enum manners_end end);

/* A round is over in which the longest of the rows was so much shorter than rows can be.  What was learned of some rows does
 * not lengthen what is asked of all. */
void manners_row_spare(struct manners *manners, size_t octets, enum manners_end end);

/* A GETBULK was answered with an error, or met silence twice: fewer repetitions, at last GETNEXT. */
void manners_bulk_failed(struct manners *manners, unsigned repetitions);

/* A walk went through without a failure: what was lowered is raised by one step, at most to the setting. */
void manners_bulk_worked(struct manners *manners, unsigned setting);

/* The way to ask in this round, where most of an agent's rows are wanted; where few are, GET needs no trial.
 *
 * Neither way is the better one everywhere, so each agent is tried: MANNERS_TRIAL rounds in turns, then the better way for
 * MANNERS_TRIAL_EVERY rounds.  What counts is the time that an answer takes, for each row in it; the best round of each
 * way is compared, since other load only adds.  GETBULK costs less here, so it is taken where it brings a row within
 * MANNERS_QUICK_US, and elsewhere unless GET is twice as fast: between equals, what else went on would decide.
 * Measured on two cores, 48 ports of 17 objects, three rows a request, microseconds a row (answer; our CPU):
 *
 *	snmpd 5.9.3			GET 82; 30	GETBULK 78; 21
 *	the simulated exchange		GET 46; 29	GETBULK 28; 18
 *
 * Agents that search their whole table for every next name are the other kind: there GETBULK loses by the table's length
 * (the tests' fake agent is told to be one). */
enum manners_way manners_way(const struct manners *manners);

/* A round in which so many rows were answered in so much time, this way; told for each way that was used. */
void manners_way_took(struct manners *manners, enum manners_way way, uint64_t us, size_t rows);

/* GETBULK brought an error, or silence, or nothing of use: GET until the next trial, which comes soon the first time. */
void manners_way_failed(struct manners *manners);

/* A round in which there was a choice is over. */
void manners_way_round_end(struct manners *manners);

/* How long to wait for the answer to a request already sent `tries` times: half as long again each time, plus up to a
 * fifth of jitter (random: any number), at most a minute. */
uint64_t manners_timeout_us(unsigned timeout_ms, unsigned tries, uint32_t random);

#endif
