/* judgement.h - what the ledger says of one port: the verdict of each direction with its reason, and its traffic days. */
#ifndef WEB_JUDGEMENT_H
#define WEB_JUDGEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/ledger.h"

#include "world.h"

#define JUDGEMENT_DAYS 28 /* what most rules look at, and what the pages show */

struct judgement_side {
	bool is_judged;                /* false: nothing was judged yet; the rest is empty */
	struct ledger_verdict verdict; /* in force; its reason is the one below */
	char *reason;                  /* clauses joined by "; "; "" when there is none */
};

struct judgement {
	struct judgement_side side[DIRECTION_COUNT];
};

/* By the profile of its pages (port->settings.profile), or that of the reports.  judgement_end it in any case. */
bool judgement_read(struct judgement *judgement, struct ledger *ledger,
		    const struct world_port *port, enum profile profile, struct error *err);
/* Somebody outside is told of it: it is judged for reports, too, once a traffic day. */
bool judgement_is_reported(const struct world_port *port);
void judgement_end(struct judgement *judgement);

/* The state of a day: how it is told without colour. */
struct day_word {
	const char *name; /* as the ledger, the API and replay have it */
	const char *css;  /* its class */
	char letter;      /* as replay prints it */
	const char *means;
	bool is_excused;
};
/* Clean, congested, then the excused ones, the unclassified, the unknown; NULL past the last. */
const struct day_word *day_word_at(size_t i);
/* A name that is none is shown as unknown. */
const struct day_word *day_word_find(const char *name);

/* Whose a day was: the present peer's (also where none is known), in part a former one's, wholly a former one's.  What is
 * a former peer's is shown as that, and held against nobody now. */
enum day_peer { DAY_OF_PRESENT, DAY_OF_BOTH, DAY_OF_FORMER };
const char *day_peer_name(enum day_peer peer); /* "present", "both", "former" */
/* Beside a day on a page: "" for the present one's. */
const char *day_peer_words(enum day_peer peer);

/* One traffic day of one direction. */
struct judged_day {
	int32_t date;
	bool is_judged; /* false: the ledger has nothing of it */
	struct ledger_day day;
	const struct day_word *word; /* of its state */
	double known_share;          /* 0..1 */
	bool is_valid;
	enum day_peer peer;
};

/* The JUDGEMENT_DAYS days up to `last`, oldest first. */
bool judgement_days(struct judged_day days[JUDGEMENT_DAYS], struct ledger *ledger,
		    const struct world_port *port, enum direction direction, int32_t last,
		    struct error *err);
/* All that the ledger has of first..last, oldest first; of a port that is not seen from the beginning on, the days that are
 * seen whole.  Lent. */
typedef bool judgement_on_day(const struct judged_day *day, void *user); /* false: enough */
bool judgement_each_day(struct ledger *ledger, const struct world_port *port,
			enum direction direction, int32_t first, int32_t last,
			judgement_on_day *on_day, void *user, struct error *err);

/* The word for its state on a page; of the day that goes on, `today`, little can be known yet. */
const struct day_word *judged_day_word(const struct judged_day *day, int32_t today);

/* The traffic day of the port that holds the instant, and the instant at which one begins. */
int32_t judgement_date_of(const struct world_port *port, int64_t utc_sec);
int64_t judgement_begin_utc_sec(const struct world_port *port, int32_t date);

#endif
