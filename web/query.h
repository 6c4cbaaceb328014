/* query.h - what may stand behind the '?': a table of keys, each with its parser, checked against what a route allows.
 *
 * An unknown key, a repeated one and a value out of range are errors, said in a sentence that names the key, the value
 * and what is allowed. */
#ifndef WEB_QUERY_H
#define WEB_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/error.h"
#include "ixwatch/model.h"

enum query_span { SPAN_DAY, SPAN_WEEK, SPAN_MONTH, SPAN_YEAR, SPAN_COUNT };

/* One bit a key. */
enum query_arg {
	ARG_SPAN = 1 << 0,
	ARG_FROM = 1 << 1,
	ARG_TO = 1 << 2,
	ARG_STEP = 1 << 3,
	ARG_LIMIT = 1 << 4,
	ARG_CURSOR = 1 << 5,
	ARG_WIDTH = 1 << 6,
	ARG_HEIGHT = 1 << 7,
	ARG_THEME = 1 << 8,
	ARG_EXCHANGE = 1 << 9,
	ARG_STATE = 1 << 10,
	ARG_KIND = 1 << 11,
	ARG_OPEN = 1 << 12,
	ARG_ASN = 1 << 13,
	ARG_PAGE = 1 << 14,
	ARG_PORT = 1 << 15,
	ARG_VERSION = 1 << 16,
	ARG_VERDICT = 1 << 17,
	ARG_FROM_DAY = 1 << 18, /* "from" and "to" where a date will do */
	ARG_TO_DAY = 1 << 19,
	ARG_NEXT = 1 << 20,
	ARG_DONE = 1 << 21,
	ARG_WEEK = 1 << 22,
	ARG_LETTER_STATE = 1 << 23, /* "state" of a letter */
	ARG_TEXT = 1 << 24,
	ARG_EDITION = 1 << 25,
	ARG_ZONE = 1 << 26,
	ARG_AGENT = 1 << 27,
	ARG_SORT = 1 << 28,
	ARG_FORM = 1 << 29, /* no key: what a form left empty is not asked for */
	ARG_EPISODE_KIND = 1 << 30,
};
#define ARG_RANGE (ARG_FROM | ARG_TO)
#define ARG_DAYS  (ARG_FROM_DAY | ARG_TO_DAY)

/* By which column a list of ports is. */
enum query_sort {
	SORT_STATE, /* the worst first */
	SORT_PEER,
	SORT_PLACE, /* exchange, agent, interface */
	SORT_IN,    /* utilisation */
	SORT_OUT,
	SORT_CAPACITY,
	SORT_SAMPLED,
	SORT_COUNT
};

#define QUERY_LIMIT_MAX     1000
#define QUERY_NAME_MAX      64
#define QUERY_VALUE_MAX     256
#define QUERY_INSTANT_MAX   (INT32_MAX * INT64_C(4))
#define QUERY_NEXT_MAX      256
#define QUERY_RANGE_MAX_SEC (20 * 366 * INT64_C(86400))

/* A traffic day: by its date, or by an instant in it. */
struct query_day {
	bool is_date;
	int32_t day;     /* days since 1970-01-01 */
	int64_t utc_sec; /* unless it is a date */
};

struct query {
	unsigned
	    has; /* of enum query_arg: the keys that were given; the others hold their defaults */
	enum query_span span;
	int64_t from_utc_sec, to_utc_sec;
	int64_t step_sec; /* at least this; 0: the finest */
	unsigned limit;   /* 1..QUERY_LIMIT_MAX */
	int64_t cursor;   /* the id after which to go on; 0: from the start */
	unsigned width_px, height_px;
	bool dark;
	char exchange[QUERY_NAME_MAX];
	enum port_state state;
	enum verdict verdict;
	struct query_day from_day, to_day;
	char kind[QUERY_NAME_MAX]; /* of a port */
	enum episode_kind episode_kind;
	bool open;
	uint32_t asn;
	unsigned page; /* from 1 */
	int64_t port_id;
	char next[QUERY_NEXT_MAX];         /* where to go on after a login: any text */
	int64_t done;                      /* the id of what was just done */
	char week[QUERY_NAME_MAX];         /* "2026-W47", as far as it looks like one */
	char letter_state[QUERY_NAME_MAX]; /* "" any; else the name of one */
	char text[QUERY_NAME_MAX];         /* to be found in names; "" everything */
	unsigned edition;                  /* 1..; 0: the newest */
	char agent[QUERY_NAME_MAX];
	enum query_sort sort;
	bool descending; /* the large ones first; of names, the last ones */
};

/* What the value of a key is. */
enum query_form {
	QUERY_WORD,     /* one of its words */
	QUERY_BOOL,     /* one of its words, which are false and true */
	QUERY_WHOLE,    /* a whole number, min to max */
	QUERY_TEXT,     /* of min to max octets */
	QUERY_INSTANT,  /* Unix seconds, min to max, or an RFC 3339 time */
	QUERY_DAY,      /* the same, or a date */
	QUERY_DURATION, /* seconds, min to max, or a duration such as 5m */
	QUERY_WEEK,     /* "2026-W47", or "" */
};

/* A key: requests are read by it, and the API's own description is made of it. */
struct query_key {
	const char *name;
	enum query_arg arg;
	enum query_form form;
	bool (*read)(struct query *q, const struct query_key *key, const char *text);
	const char *allowed; /* to whoever gave something else: "must be ..." */
	const char *means;   /* a sentence */
	int64_t min, max;
	const char *(*word)(unsigned i); /* NULL past the last */
	const char *standard;            /* the value where it is not given; NULL: there is none */
	bool may_be_empty;               /* then it asks for nothing; of a word */
};
const struct query_key *query_key_at(size_t i); /* NULL past the last */

/* Reads the raw text behind '?' (NULL or "" for none); `allowed` holds the route's keys. */
bool query_parse(struct query *query, const char *text, unsigned allowed, struct error *err);

const char *query_sort_name(enum query_sort sort); /* "peer" ... */
const char *query_span_name(enum query_span span); /* "day" ... */
int64_t query_span_sec(enum query_span span);

#endif
