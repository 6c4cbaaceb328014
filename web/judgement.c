/* judgement.c - verdicts and traffic days of one port, as the ledger has them. */
#include <stdlib.h>
#include <string.h>

#include "judgement.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DAY_SEC      86400

/* --- verdicts --- */

struct reading {
	struct judgement *judgement;
	enum profile profile;
	int64_t seen_from_utc_sec; /* of the port */
	bool failed;
};

static bool
on_verdict(const struct ledger_verdict *verdict, void *user)
{
	struct reading *reading = user;
	struct judgement_side *side = &reading->judgement->side[verdict->direction];

	if (verdict->to_utc_sec != 0 || verdict->profile != reading->profile || side->is_judged ||
	    verdict->from_utc_sec < reading->seen_from_utc_sec)
		return true;
	side->verdict = *verdict;
	side->reason = strdup(verdict->reason == NULL ? "" : verdict->reason);
	side->verdict.reason = side->reason;
	side->is_judged = true;
	reading->failed = side->reason == NULL;
	return !reading->failed;
}

bool
judgement_read(struct judgement *judgement, struct ledger *ledger, const struct world_port *port,
	       enum profile profile, struct error *err)
{
	struct reading reading = { .judgement = judgement,
				   .profile = profile,
				   .seen_from_utc_sec = port->seen_from_utc_sec };

	*judgement = (struct judgement) { 0 };
	if (ledger == NULL)
		return error_set(err, ERR_NOT_FOUND, "the ledger cannot be read now");
	if (!ledger_verdict_history(ledger, port->subject, on_verdict, &reading, err))
		return false;
	return !reading.failed || error_set(err, ERR_NOMEM, "out of memory");
}

bool
judgement_is_reported(const struct world_port *port)
{
	return port->port.kind == KIND_MEMBER || port->port.kind == KIND_PNI ||
	       port->port.kind == KIND_RESELLER;
}

void
judgement_end(struct judgement *judgement)
{
	for (unsigned d = 0; d < DIRECTION_COUNT; d++)
		free(judgement->side[d].reason);
}

/* --- states of a day --- */

static const struct day_word words[] = {
	{ "clean", "clean", '.', "not congested, or for too short to count", false },
	{ "congested", "congested", 'C', "congested for long enough to count", false },
	{ "flash", "flash", 'F', "congested by a one-off, excused as a flash event", true },
	{ "declared", "declared", 'D', "congested inside a declared window, excused", true },
	{ "reduced capacity", "reduced", 'R', "congested while capacity was missing, excused",
	  true },
	{ "unclassified", "unclassified", 'u', "congested, with too little history to tell why",
	  false },
	{ "unknown", "unknown", '?', "too little of it is known", false },
};

static const struct day_word running = { "not over yet", "absent", '-',
					 "too little of it is known, since it goes on", false };

const struct day_word *
judged_day_word(const struct judged_day *day, int32_t today)
{
	bool is_unknown = day->word == &words[COUNT(words) - 1];

	return is_unknown && day->date >= today ? &running : day->word;
}

const struct day_word *
day_word_at(size_t i)
{
	return i < COUNT(words) ? &words[i] : NULL;
}

const struct day_word *
day_word_find(const char *name)
{
	for (size_t i = 0; i < COUNT(words); i++)
		if (strcmp(words[i].name, name) == 0)
			return &words[i];
	return &words[COUNT(words) - 1];
}

/* --- days --- */

int32_t
judgement_date_of(const struct world_port *port, int64_t utc_sec)
{
	int64_t day_start_sec = port->settings.day_start_sec;

	if (port->exchange == NULL)
		return (int32_t)((utc_sec - day_start_sec) / DAY_SEC);
	return zone_day_of(port->exchange->zone, utc_sec, (int32_t)day_start_sec);
}

int64_t
judgement_begin_utc_sec(const struct world_port *port, int32_t date)
{
	int64_t day_start_sec = port->settings.day_start_sec;

	if (port->exchange == NULL)
		return (int64_t)date * DAY_SEC + day_start_sec;
	return zone_day_begin_utc_sec(port->exchange->zone, date, (int32_t)day_start_sec);
}

/* --- whose a day was --- */

const char *
day_peer_name(enum day_peer peer)
{
	static const char *const names[] = {
		[DAY_OF_PRESENT] = "present", [DAY_OF_BOTH] = "both", [DAY_OF_FORMER] = "former"
	};

	return names[peer];
}

const char *
day_peer_words(enum day_peer peer)
{
	static const char *const told[] = { [DAY_OF_PRESENT] = "",
					    [DAY_OF_BOTH] = "in part a former peer's",
					    [DAY_OF_FORMER] = "a former peer's" };

	return told[peer];
}

/* A day's begin and end, and as much of it as was another peer's. */
struct owning {
	int64_t begin_utc_sec, end_utc_sec, others_sec;
};

/* The times do not overlap. */
static bool
on_other(int64_t from_utc_sec, int64_t to_utc_sec, void *user)
{
	struct owning *owning = user;
	int64_t from = from_utc_sec > owning->begin_utc_sec ? from_utc_sec : owning->begin_utc_sec;
	int64_t to = to_utc_sec < owning->end_utc_sec ? to_utc_sec : owning->end_utc_sec;

	if (to > from)
		owning->others_sec += to - from;
	return true;
}

/* A connection's days are of one peer alone. */
static bool
day_peer_find(enum day_peer *peer, struct ledger *ledger, const struct world_port *port,
	      int32_t date, struct error *err)
{
	struct owning owning = { judgement_begin_utc_sec(port, date),
				 judgement_begin_utc_sec(port, date + 1), 0 };

	*peer = DAY_OF_PRESENT;
	if (port->subject.kind != SUBJECT_PORT)
		return true;
	if (!ledger_port_others_each(ledger, port->subject.id, on_other, &owning, err))
		return false;
	if (owning.others_sec > 0)
		*peer = owning.others_sec < owning.end_utc_sec - owning.begin_utc_sec
			    ? DAY_OF_BOTH
			    : DAY_OF_FORMER;
	return true;
}

/* --- days --- */

struct listing {
	struct ledger *ledger;
	struct error *err;
	bool failed;
	const struct world_port *port;
	judgement_on_day *on_day;
	void *user;
};

static bool
on_row(const struct ledger_day *row, void *user)
{
	struct listing *listing = user;
	struct judged_day day = {
		.date = row->day,
		.is_judged = true,
		.day = *row,
		.word = day_word_find(row->state),
	};

	if (judgement_begin_utc_sec(listing->port, row->day) < listing->port->seen_from_utc_sec)
		return true; /* in part it is not for who asks */
	if (row->possible_samples > 0)
		day.known_share = (double)row->known_samples / row->possible_samples;
	day.is_valid = day.known_share >= listing->port->settings.valid_share;
	listing->failed =
	    !day_peer_find(&day.peer, listing->ledger, listing->port, row->day, listing->err);
	return !listing->failed && listing->on_day(&day, listing->user);
}

bool
judgement_each_day(struct ledger *ledger, const struct world_port *port, enum direction direction,
		   int32_t first, int32_t last, judgement_on_day *on_day, void *user,
		   struct error *err)
{
	struct listing listing = { ledger, err, false, port, on_day, user };

	if (ledger == NULL)
		return error_set(err, ERR_NOT_FOUND, "the ledger cannot be read now");
	return ledger_day_each(ledger, port->subject, direction, port->settings.profile, first,
			       last, on_row, &listing, err) &&
	       !listing.failed;
}

static bool
keep_day(const struct judged_day *day, void *user)
{
	struct judged_day *days = user;

	days[day->date - days[0].date] = *day;
	return true;
}

bool
judgement_days(struct judged_day days[JUDGEMENT_DAYS], struct ledger *ledger,
	       const struct world_port *port, enum direction direction, int32_t last,
	       struct error *err)
{
	int32_t first = last - JUDGEMENT_DAYS + 1;

	for (int32_t i = 0; i < JUDGEMENT_DAYS; i++)
		days[i] = (struct judged_day) { .date = first + i };
	return judgement_each_day(ledger, port, direction, first, last, keep_day, days, err);
}
