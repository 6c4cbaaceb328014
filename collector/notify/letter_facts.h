/* letter_facts.h - the facts of a letter as plain values, read from the JSON that letter.h describes.  Pure; for the files of
 * letter.h.
 *
 * What may not leave the house is refused here, before a word is said.  Texts are lent by the JSON, as they came; "" where
 * there is none.  Unknown numbers are NAN. */
#ifndef COLLECTOR_NOTIFY_LETTER_FACTS_H
#define COLLECTOR_NOTIFY_LETTER_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/detector_settings.h"
#include "ixwatch/error.h"
#include "ixwatch/json.h"
#include "ixwatch/model.h"

#define LETTER_DAYS          28
#define LETTER_HOURS_MAX     25
#define LETTER_PORTS_MAX     256  /* of one connection */
#define LETTER_EPISODES_MAX  2048 /* of one direction in a week */
#define LETTER_ENTRIES_MAX   1024 /* windows, holes, steps: of one connection */
#define LETTER_MANY_DECLARED 10   /* with more of them in 28 days every letter says so */

enum letter_kind { LETTER_PEER, LETTER_EXCHANGE, LETTER_OVERVIEW };

enum letter_excuse {
	LETTER_EXCUSE_NONE,
	LETTER_EXCUSE_SPIKE,
	LETTER_EXCUSE_FLASH,
	LETTER_EXCUSE_DECLARED,
	LETTER_EXCUSE_REDUCED,
	LETTER_EXCUSE_COUNT
};

enum letter_day_state {
	LETTER_DAY_CLEAN,
	LETTER_DAY_FLASH,
	LETTER_DAY_DECLARED,
	LETTER_DAY_REDUCED,
	LETTER_DAY_UNCLASSIFIED,
	LETTER_DAY_CONGESTED,
	LETTER_DAY_UNKNOWN,
	LETTER_DAY_STATE_COUNT
};

struct letter_figures {
	bool is_there; /* false: the series has no such column */
	double known_share;
	double p95_bps, p95, peak, mean; /* utilisations */
	double minutes_90, minutes_95;
	double drops_share;
	bool drops_measured, layer2;
};

struct letter_hour {
	double max;
	bool excused;
};

struct letter_day {
	const char *date;
	enum letter_day_state state;
	double known_share;
	int64_t congested_minutes, excused_minutes;
	enum letter_excuse excuse;
	bool withdrawn;
	size_t hour_count;
	struct letter_hour hours[LETTER_HOURS_MAX];
};

struct letter_episode {
	const char *start, *end; /* utc */
	const char *start_local, *end_local;
	int64_t minutes;
	bool sustained, open;
	enum letter_excuse excuse;
	const char *excuse_reason;
	double peak, mean, drops_share;
};

struct letter_last_week {
	bool is_there;
	enum verdict verdict;
	double p95, peak, minutes_90, minutes_95;
};

struct letter_side {
	struct letter_figures figures; /* is_there: of the whole side */
	enum verdict verdict;
	const char *since, *reason;
	bool is_stale;
	enum verdict stale_verdict;
	const char *stale_since;
	int64_t declared_days;
	struct letter_last_week last_week;
	size_t day_count; /* 0 or LETTER_DAYS */
	struct letter_day *days;
	size_t episode_count;
	struct letter_episode *episodes;
};

struct letter_port {
	int64_t id;
	const char *agent, *interface, *circuit;
	double capacity_bps;
	enum capacity_source source;
	double down_minutes;
	struct letter_figures figures[DIRECTION_COUNT];
};

struct letter_step {
	const char *at;
	double capacity_bps;
};

struct letter_reduction {
	const char *from, *to; /* to "": goes on */
	double capacity_bps;
	bool excused;
};

struct letter_window {
	const char *from, *to, *cause, *reason;
};

struct letter_hole {
	const char *from, *to, *why;
};

struct letter_free_port {
	const char *agent, *interface;
	double capacity_bps, p95;
};

struct letter_other_exchange {
	const char *slug, *name, *at_local;
	double headroom_bps;
};

enum letter_upgrade { LETTER_UPGRADE_NONE, LETTER_UPGRADE_WATCHED, LETTER_UPGRADE_CURED };
enum letter_waiting { LETTER_WAITING_PEER, LETTER_WAITING_US, LETTER_WAITING_EXCHANGE };

struct letter_connection {
	const char *slug, *exchange; /* exchange: its name, or the slug */
	const char *timezone;
	enum port_kind kind;
	uint32_t asn;
	const char *peer;
	int64_t hours;
	double capacity_bps, physical_bps, contracted_bps, nominal_bps;
	bool billed;
	enum capacity_source source;
	size_t step_count;
	struct letter_step *steps;
	size_t reduction_count;
	struct letter_reduction *reductions;
	enum letter_upgrade upgrade;
	const char *upgrade_date;
	double upgrade_from_bps, upgrade_to_bps;
	size_t port_count;
	struct letter_port *ports;
	struct letter_side sides[DIRECTION_COUNT];
	bool uneven;
	enum direction uneven_direction;
	const char *uneven_port, *uneven_other;
	double uneven_port_p95, uneven_other_p95;
	size_t window_count;
	struct letter_window *windows;
	size_t hole_count;
	struct letter_hole *holes;
	size_t free_port_count;
	struct letter_free_port *free_ports;
	size_t other_count;
	struct letter_other_exchange *others;
	double size_bps, size_member_bps; /* NAN: cannot be said */
	int64_t size_members;
	bool ordered;
	const char *order_size, *order_ready, *order_ticket, *order_since;
	enum letter_waiting order_waiting;
	bool has_case;
	int64_t case_notices, case_clean_weeks;
	const char *case_opened;
	const char *policy;
	const char *graph; /* "" none */
	size_t number;     /* from 1, in the order of the facts */
};

struct letter_facts {
	enum letter_kind kind;
	const char *language, *week, *made, *corrects;
	int64_t edition;
	struct detector_settings settings;
	uint32_t our_asn; /* 0 none */
	const char *our_name, *person, *mail, *phone, *base_url;
	const char *peer;
	size_t asn_count;
	const uint32_t *asns;
	enum verdict verdict;
	bool has_last_verdict;
	enum verdict last_verdict;
	bool request;
	int64_t notice; /* 0 none */
	const char *notice_first_week;
	bool disputed;
	const char *dispute_since, *dispute_text;
	const char *optout_hint;
	size_t connection_count;
	struct letter_connection *connections;
	struct letter_block *blocks; /* what letter_facts_free ends */
};

/* Letters, digits and "._-", ".png" at the end: nothing that leads out of its folder. */
bool letter_picture_name_ok(const char *name);

/* json is lent for the facts' life. */
bool letter_facts_read(struct letter_facts *facts, const struct json *json, struct error *err);
void letter_facts_free(struct letter_facts *facts); /* all 0 is fine */

#endif
