/* digest.h - one mail that tells many: what is still open first, then everything, each line with its time.  Pure. */
#ifndef COLLECTOR_NOTIFY_DIGEST_H
#define COLLECTOR_NOTIFY_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/error.h"
#include "ixwatch/outbox.h"
#include "notify/fate.h"

struct digest_line {
	int64_t id;
	enum outbox_kind kind;
	int64_t created_utc_sec;
	bool open; /* it began something of which no end was told */
	char *subject;
	bool over; /* what it told was over before anything of it was sent: it never will be */
};

struct digest {
	char *subject, *text; /* freed by digest_free */
};

/* lines: oldest first, at least one.  per_hour: for DIGEST_LIMIT's words. */
bool digest_make(struct digest *out, enum digest_why why, unsigned per_hour,
		 const struct digest_line *lines, size_t count, struct error *err);
void digest_free(struct digest *digest);

/* What the daily sign of life says. */
struct life_facts {
	int64_t at_utc_sec;
	const char *zone_time; /* the same in local words; "" when there is none */
	uint32_t port_count, agent_count, silent_agent_count;
	uint32_t rounds, rounds_late;
	int64_t round_utc_sec; /* of the last one; 0: none yet */
	int64_t mails_sent;    /* in the last day */
	int64_t mails_waiting, mails_failed;
	size_t open_count;
	const char *const *open; /* a line for each episode that is open */
};
bool life_make(struct digest *out, const struct life_facts *facts, struct error *err);

#endif
