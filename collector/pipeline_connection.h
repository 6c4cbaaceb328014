/* pipeline_connection.h - one connection at work, for the two files that know it: pipeline_connection.c (its steps and its
 * judge), pipeline_connections.c (all of them: which there are, and what becomes of them). */
#ifndef COLLECTOR_PIPELINE_CONNECTION_H
#define COLLECTOR_PIPELINE_CONNECTION_H

#include "pipeline_internal.h"

#define LATEST_INTERVALS 4 /* after which no slot of a step can come any more */
/* Steps that wait for their last slots, and the one that begins: as many as LATEST_INTERVALS and some more time cover. */
#define RING_STEPS_MIN 3
#define RING_STEPS_MAX 8
#define RING_MORE_SEC  85

/* A step of one port, as far as its slots are there. */
struct part {
	int64_t start_utc_sec; /* 0: unused */
	double sum[COLUMN_COUNT];
	uint16_t count[COLUMN_COUNT];
};

struct seat {
	struct watched_port *port;
	int64_t slot_until_utc_sec;
};

struct watched_connection {
	struct pipeline *pipeline;
	const struct config_exchange *exchange;
	uint32_t asn;
	int64_t id; /* 0: not in the ledger yet */
	struct judge *judge;
	struct seat *seats;
	size_t seat_count;
	struct part
	    *steps[RING_STEPS_MAX]; /* a part for each seat; NULL: nothing of that step is here */
	unsigned step_sec, ring_steps;
	int64_t next_utc_sec;     /* start of the step that is judged next; 0: not known yet */
	int64_t daily_utc_sec;    /* when it is judged for reports next */
	int64_t declared_utc_sec; /* what reaches back so far waits to be judged; 0: nothing does */
	bool past_changed;        /* a port of it has another history: it waits to be judged anew */
	bool lost;                /* it wrote to the ledger, and the ledger lost it */
	bool known;               /* the ledger has its ports as they are */
	bool contract_changed;    /* of one of its ports: to be read anew */
	int64_t looked_utc_sec;   /* up to which its verdicts were asked for; 0: not yet */
	uint8_t verdict[DIRECTION_COUNT]; /* enum verdict, as of then */
	struct watched_alert *alerts;
};

/* The port's place; NULL: it has none. */
struct seat *connection_seat(const struct watched_connection *c, int64_t port_id);
void connection_steps_forget(struct watched_connection *c);
/* Judges what can be judged; with final_utc_sec also what ended before that, whole or not. */
void connection_steps_judge(struct watched_connection *c, int64_t final_utc_sec);
/* Those of every agent that has one of its ports are. */
bool connection_discards_trusted(const struct watched_connection *c);
/* Where history ends: from there on steps may still be filled. */
int64_t connection_history_until(const struct watched_connection *c);
/* A judge for its present ports, recalled, or (anew) judging all their history again. */
bool connection_judge_make(struct watched_connection *c, bool anew, struct error *err);
/* It stands otherwise than the ledger has it; said once. */
void connection_tell_lost(struct watched_connection *c, const struct error *why);
/* Its judge, made when it is the first time: it reads the history of all its ports. */
void connection_recall(struct watched_connection *c);

/* --- pipeline_daily.c --- */

/* Brings its weeks and advice up to date. */
bool connection_advise(struct watched_connection *c, struct error *err);

#endif
