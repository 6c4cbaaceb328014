/* profile.h - the characters of the play: what kinds of port there are, and how each one's traffic goes. */
#ifndef SIM_PROFILE_H
#define SIM_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "demand.h"

/* Not the detector's profiles: kinds of traffic. */
enum profile {
	PROFILE_QUIET,
	PROFILE_ORDINARY,
	PROFILE_HEAVY,           /* 60 to 75 % at its peak */
	PROFILE_EVENING_FULL,    /* towards the peer, 2 to 4 hours every evening */
	PROFILE_EVENING_FULL_IN, /* the same, from the peer */
	PROFILE_FLASH_DAYS,    /* one event, 33 hours over two evenings, 6 days before the epoch */
	PROFILE_FLASH_EVENING, /* one evening, 3 days before the epoch */
	PROFILE_SPIKES,        /* 10 to 20 minutes at 95 % on every other day */
	PROFILE_LINK_DOWN,
	PROFILE_LAG,          /* two members, both well */
	PROFILE_LAG_LOSS,     /* loses one of its two members at a given time */
	PROFILE_CONTRACT,     /* half of the line is bought, and used in the evening */
	PROFILE_SPEEDLESS,    /* its ifHighSpeed is 0 */
	PROFILE_SMALL_FRAMES, /* 64-octet frames: full at layer 1, three quarters full at layer 2 */
	PROFILE_ERRORS,       /* a dirty optic: receive errors */
	PROFILE_FAR_EVENING,  /* full in the evening of viewers who live elsewhere: on demand */
	PROFILE_CORE,         /* faces no peer, as all that follow */
	PROFILE_MANAGEMENT,
	PROFILE_LOOPBACK,
	PROFILE_COUNT
};

enum { FLOW_IN, FLOW_OUT, FLOW_DIRECTIONS };

const char *profile_name(enum profile profile);

/* A port of the world, by its number: who plays it, on how fast a line. */
struct role {
	enum profile profile;
	uint64_t line_bps;       /* of one line; a LAG has two */
	uint64_t contracted_bps; /* 0: no contract */
};
struct role role_of_port(uint64_t seed, uint64_t port);

bool profile_is_lag(enum profile profile);

/* When things happen. */
struct story {
	int64_t epoch_utc_sec;
	int64_t lag_loss_utc_sec, lag_restore_utc_sec;
	int64_t
	    far_evening_sec; /* 1..86400 of a UTC day: when it is 20:30 where the viewers of that
				  * peer live; 0: it is not on */
};
/* The port that plays PROFILE_FAR_EVENING, when it is on. */
#define PORT_FAR_EVENING 13

/* Fills both directions of an interface: parameters drawn from the seed.  capacity_bps: nominal, of both lines of a LAG. */
void profile_flows(struct flow flows[FLOW_DIRECTIONS], enum profile profile, uint64_t seed,
		   uint64_t capacity_bps, struct zone *zone, const struct story *story);

/* Receive errors a thousand seconds. */
uint32_t profile_errors_per_1000_sec(enum profile profile);

#endif
