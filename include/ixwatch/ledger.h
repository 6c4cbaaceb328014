/* ledger.h - what happened: exchanges, agents, ports, episodes, verdicts, and who did what (today: SQLite).
 *
 * One process writes (it holds state-dir/lock), others open it read-only, as the same user.  Every call stands or falls
 * as a whole; writes that belong together stand between ledger_begin and ledger_commit.  Ids are never used again.
 * Secrets are never in it.  A ledger is used by one thread at a time and is not carried across a fork. */
#ifndef IXWATCH_LEDGER_H
#define IXWATCH_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/detector_settings.h"
#include "ixwatch/error.h"
#include "ixwatch/model.h"

struct ledger;

enum ledger_mode { LEDGER_WRITE, LEDGER_READ };

/* state_dir/ixwatch.db.  Writing makes it when it is not there, migrates an older schema in one transaction and refuses a
 * newer one; reading refuses any but its own version, and is ERR_NOT_FOUND when it is not there yet.  A damaged file is
 * named, and left as it is. */
bool ledger_open(struct ledger **out, const char *state_dir, enum ledger_mode mode,
		 struct error *err);
void ledger_close(struct ledger *ledger); /* NULL is fine; rolls back what is not committed */

/* A reader sees one state of the ledger between begin and commit.  When any call in between failed by the database's
 * fault, ledger_commit rolls all back and says what that was. */
bool ledger_begin(struct ledger *ledger, struct error *err);
bool ledger_commit(struct ledger *ledger, struct error *err);
void ledger_rollback(struct ledger *ledger); /* nothing to roll back is fine */

/* About hourly, by the writer, outside begin and commit: brings the write-ahead log back to size.  Never waits for a
 * reader. */
bool ledger_tidy(struct ledger *ledger, struct error *err);

/* How often it had to wait for another process, and tried again. */
uint64_t ledger_busy_retries(const struct ledger *ledger);

/* Changes whenever another connection committed something; a reader keeps what it built while this stands still.
 * 0 when it cannot be read: build anew. */
int64_t ledger_version(struct ledger *ledger);

/* --- what there is --- */

/* Putting what is already there in the same words writes nothing.  An exchange put is listed again. */
bool ledger_exchange_put(struct ledger *ledger, const char *slug, const char *name,
			 const char *timezone, struct error *err);
/* One that is in the configuration no more is kept, but no longer listed, and its ports neither. */
bool ledger_exchange_retire_others(struct ledger *ledger, const char *const *slugs,
				   size_t slug_count, struct error *err);

struct ledger_exchange {
	const char *slug, *name, *timezone;
};
typedef bool ledger_on_exchange(const struct ledger_exchange *exchange,
				void *user); /* false: enough */
bool ledger_exchange_each(struct ledger *ledger, ledger_on_exchange *on_exchange, void *user,
			  struct error *err);

/* Inserts or updates the port (exchange, agent, interface), all texts copied; *id is its id.  The exchange must have been
 * put (ERR_NOT_FOUND).  port->id and vanished_utc_sec are not read.  A port put is retired no more.  A change of alias,
 * peer, asn or kind closes the old entry of its history and opens a new one.  No change writes nothing. */
bool ledger_port_put(struct ledger *ledger, const struct port *port, int64_t at_utc_sec,
		     int64_t *id, struct error *err);
/* Its agent no longer lists it (at 0: it does again), or the configuration does not. */
bool ledger_port_vanished(struct ledger *ledger, int64_t id, int64_t at_utc_sec, struct error *err);
bool ledger_port_retire(struct ledger *ledger, int64_t id, bool retired, struct error *err);

/* The times in which it was another peer's than now, oldest first, [from, to); from 0: since its first sample.  A time without a known peer is nobody
 * else's; a port without one now has none. */
typedef bool ledger_on_span(int64_t from_utc_sec, int64_t to_utc_sec,
			    void *user); /* false: enough */
bool ledger_port_others_each(struct ledger *ledger, int64_t id, ledger_on_span *on_span, void *user,
			     struct error *err);
/* Whom it faced at all times, oldest first: itself, or the port whose past it continues. */
struct ledger_faced {
	const char *exchange; /* slug, of the port that it was then */
	uint32_t asn;         /* 0: no known peer */
	int64_t from_utc_sec; /* 0: since its first sample */
	int64_t to_utc_sec;   /* INT64_MAX: to this day */
};
typedef bool ledger_on_faced(const struct ledger_faced *faced,
			     void *user); /* lent for the call; false: enough */
bool ledger_port_faced_each(struct ledger *ledger, int64_t id, ledger_on_faced *on_faced,
			    void *user, struct error *err);

typedef bool ledger_on_port(const struct port *port,
			    void *user); /* lent for the call; false: enough */
/* Every port not retired, of exchanges not retired, by exchange, agent, interface (each in the order of its octets). */
bool ledger_port_each(struct ledger *ledger, ledger_on_port *on_port, void *user,
		      struct error *err);
/* "12" or "exchange/agent/ifName" (retired ones too); on_port is called once.  ERR_NOT_FOUND with what was asked. */
bool ledger_port_find(struct ledger *ledger, const char *name, ledger_on_port *on_port, void *user,
		      struct error *err);

/* --- capacity, with its source and dates --- */

struct ledger_capacity {
	int64_t from_utc_sec;                /* in force from here to the next entry */
	double physical_bps, contracted_bps; /* NAN: unknown; no contract known */
	enum capacity_source source;
};

/* Adds an entry when it differs from the newest one of that port.  At or before the newest one's instant it replaces it. */
bool ledger_capacity_put(struct ledger *ledger, int64_t port_id, double physical_bps,
			 double contracted_bps, enum capacity_source source, int64_t at_utc_sec,
			 struct error *err);
typedef bool ledger_on_capacity(const struct ledger_capacity *capacity,
				void *user); /* false: enough */
/* Oldest first. */
bool ledger_capacity_each(struct ledger *ledger, int64_t port_id, ledger_on_capacity *on_capacity,
			  void *user, struct error *err);

/* The newest `limit` (1 or more) of them, newest first. */
bool ledger_capacity_newest(struct ledger *ledger, int64_t port_id, unsigned limit,
			    ledger_on_capacity *on_capacity, void *user, struct error *err);

/* --- the members of a LAG ---
 * What is left when the member that hurts most fails is physical_bps less the largest speed_bps among those that are
 * MEMBER_LIVE (the snapshot has that one number: snapshot_largest_member_bps).  Beside a setting `capacity`, or where the
 * members prove no sum, they add up to something else than the physical capacity in force. */

struct ledger_lag_member {
	int64_t port_id;       /* the LAG */
	const char *interface; /* ifName; a duplicate one is "NAME#ifIndex" */
	uint32_t if_index;     /* as it was read last */
	double speed_bps;      /* ifHighSpeed; NAN: it says none */
	enum member_state state;
	int64_t from_utc_sec;
	int64_t
	    to_utc_sec; /* when it stood otherwise, or was no member any more; 0: it is in force */
};

/* The members are these, each once, and stand so; from and to are not read.  Of each that changed, the entry in force is
 * closed at at_utc_sec and a new one opened; a new if_index alone is corrected in it.  No change writes nothing. */
bool ledger_lag_members_put(struct ledger *ledger, int64_t port_id,
			    const struct ledger_lag_member *members, size_t count,
			    int64_t at_utc_sec, struct error *err);
typedef bool ledger_on_lag_member(const struct ledger_lag_member *member,
				  void *user); /* lent for the call; false: enough */
/* Those in force, of one LAG or (port_id 0) of every one, by port, then interface (in the order of its octets). */
bool ledger_lag_members_each(struct ledger *ledger, int64_t port_id,
			     ledger_on_lag_member *on_member, void *user, struct error *err);
/* All of one LAG, newest first. */
bool ledger_lag_members_history(struct ledger *ledger, int64_t port_id,
				ledger_on_lag_member *on_member, void *user, struct error *err);

/* --- episodes --- */

struct ledger_episode {
	int64_t id; /* given by the ledger; of its subject's kind */
	struct subject subject;
	enum direction direction;
	enum profile profile; /* the one it was judged by */
	int64_t start_utc_sec;
	int64_t end_utc_sec; /* of the last live sample so far */
	bool open;
	enum episode_kind kind;
	double peak_utilisation, mean_utilisation; /* shares; NAN: unknown */
	const char *excuse; /* "spike", "flash", "declared", "reduced capacity"; NULL: none */
};

/* Inserts, or updates the one with the same subject, direction, profile and start. */
bool ledger_episode_put(struct ledger *ledger, const struct ledger_episode *episode,
			struct error *err);
/* Late history is judged anew from there: those that start at or after `from` are taken back, kept as superseded, and
 * listed no more. */
bool ledger_episode_supersede(struct ledger *ledger, struct subject subject, int64_t from_utc_sec,
			      struct error *err);

struct ledger_episode_query {
	struct subject subject; /* id 0: any of that kind */
	const char *subjects;   /* of these few only: "[1,2,3]", and subject.id is 0; NULL: any */
	const char *exchange;   /* NULL: any */
	uint32_t asn; /* while the port faced this peer; of ports, subjects NULL; 0: any */
	int64_t from_utc_sec, to_utc_sec; /* overlap; 0: unbounded */
	bool any_kind;
	enum episode_kind kind; /* unless any_kind */
	bool open_only;
	int64_t before_id; /* cursor: those listed after this one; 0: from the newest */
	unsigned limit;    /* 1..1000 */
};
typedef bool ledger_on_episode(const struct ledger_episode *episode, void *user);
/* Newest start first; ties by id, newest first.  ERR_NOT_FOUND when there is no episode before_id. */
bool ledger_episode_each(struct ledger *ledger, const struct ledger_episode_query *query,
			 ledger_on_episode *on_episode, void *user, struct error *err);
/* Whose episode it is and when it began, also of one that was taken back.  ERR_NOT_FOUND: there never was one of that id. */
bool ledger_episode_subject(struct ledger *ledger, enum subject_kind kind, int64_t id,
			    int64_t *subject_id, int64_t *start_utc_sec, struct error *err);

/* --- connections: all ports of one peer at one exchange, judged like ports --- */

/* A peer with two ports or more at an exchange (one now, when there were more before).  Where there never was but one, the
 * port's judgement is the connection's, and there is no row. */
struct ledger_connection {
	int64_t id;           /* given by the ledger, never used again; not a port's */
	const char *exchange; /* slug */
	uint32_t asn;
	const char *peer; /* "" unknown */
};
/* *id of the connection, made when it is new.  ERR_NOT_FOUND: the ledger does not know the exchange or the peer. */
bool ledger_connection_put(struct ledger *ledger, const char *exchange, uint32_t asn, int64_t *id,
			   struct error *err);
typedef bool ledger_on_connection(const struct ledger_connection *connection,
				  void *user); /* lent for the call; false: enough */
/* Of exchanges not retired, by exchange and asn.  asn 0: any. */
bool ledger_connection_each(struct ledger *ledger, uint32_t asn,
			    ledger_on_connection *on_connection, void *user, struct error *err);
/* "exchange/AS64500" or "exchange/64500".  ERR_NOT_FOUND with what was asked. */
bool ledger_connection_find(struct ledger *ledger, const char *name,
			    ledger_on_connection *on_connection, void *user, struct error *err);

/* When a port was one of its ports. */
struct ledger_member {
	int64_t port_id;
	const char *agent;     /* its name in the configuration */
	const char *path;      /* of the port's series */
	int64_t from_utc_sec;  /* 0: from the port's first sample */
	int64_t to_utc_sec;    /* 0: it still is */
	double contracted_bps; /* the port's, now; NAN */
	bool contract_billed;
};
/* A port joins: from the moment it was the peer's (from its first sample when it never was another's), or, when it had
 * left before, from at_utc_sec.  One that is a member already is left alone, and *joined is false.
 * *from_utc_sec: since when it counts. */
bool ledger_member_join(struct ledger *ledger, int64_t connection_id, int64_t port_id,
			int64_t at_utc_sec, bool *joined, int64_t *from_utc_sec, struct error *err);
bool ledger_member_leave(struct ledger *ledger, int64_t connection_id, int64_t port_id,
			 int64_t at_utc_sec, struct error *err);
typedef bool ledger_on_member(const struct ledger_member *member,
			      void *user); /* lent for the call; false: enough */
/* By port, then from. */
bool ledger_member_each(struct ledger *ledger, int64_t connection_id, ledger_on_member *on_member,
			void *user, struct error *err);

/* --- declared windows: what somebody said about a time, and who --- */

/* Whom a window concerns. */
enum window_scope {
	WINDOW_PORT,     /* port_id */
	WINDOW_PEER,     /* asn: every port while it was that peer's */
	WINDOW_AGENT,    /* exchange and agent: every port on it */
	WINDOW_EXCHANGE, /* exchange: every port there */
	WINDOW_SCOPE_COUNT
};
const char *window_scope_name(enum window_scope scope); /* "port", "peer", "agent", "exchange" */

#define LEDGER_WINDOW_MAX_SEC (INT64_C(7) * 86400)

/* A declared window [start, end).  Never deleted, nor changed but by ending it early: what it declares is then
 * [start, until), and nothing at all when it was withdrawn (until == start).  Texts are never NULL unless said so. */
struct ledger_window {
	int64_t id; /* given by the ledger, never used again */
	enum window_scope scope;
	int64_t port_id;       /* of scope port; else 0 */
	uint32_t asn;          /* of scope peer; else 0 */
	const char *exchange;  /* slug; "" for a peer */
	const char *agent;     /* of scope agent and port; else "" */
	const char *interface; /* of scope port; else "" */
	int64_t start_utc_sec;
	int64_t end_utc_sec;   /* as declared: above start, at most LEDGER_WINDOW_MAX_SEC later */
	int64_t until_utc_sec; /* what counts: end, or when it was ended early; start: withdrawn */
	const char *cause;     /* "event", "works", "attack", "failover", "exchange" or "ours" */
	const char *reason;
	const char *author;
	const char *uid; /* of the calendar entry it came from; NULL: declared by hand */
	int64_t created_utc_sec;
	int64_t ended_utc_sec; /* when until was set so; 0: it was not ended early */
	const char *ended_by;  /* who did; "" when nobody */
};

/* Its scope as `declare` takes it: "port:demo-fra/edge1/et-0/0/7", "peer:64500", "agent:demo-fra/edge1",
 * "exchange:demo-fra".  Returns dst. */
char *window_scope_text(char *dst, size_t len, const struct ledger_window *window);

/* Adds a window; *id is its id.  Not read: id, until, ended, ended_by, and the names of a port.  ERR_NOT_FOUND when the
 * ledger does not know the scope; ERR_USAGE for a window that is empty or too long. */
bool ledger_window_add(struct ledger *ledger, const struct ledger_window *window, int64_t *id,
		       struct error *err);

/* Whether the ledger knows its scope: ERR_NOT_FOUND when not. */
bool ledger_window_scope_check(struct ledger *ledger, const struct ledger_window *window,
			       struct error *err);

/* Lets it end at until_utc_sec, which must lie before it ends now; at or before its start withdraws it.  Done by `who`
 * at at_utc_sec.  ERR_NOT_FOUND: no such window; ERR_REFUSED: it ended before, or is withdrawn. */
bool ledger_window_end(struct ledger *ledger, int64_t id, int64_t until_utc_sec, int64_t at_utc_sec,
		       const char *who, struct error *err);

struct ledger_window_query {
	int64_t id;      /* that one; 0: any */
	int64_t port_id; /* those that apply to this port, whatever their scope; 0: any */
	int64_t from_utc_sec, to_utc_sec; /* overlap of [start, until); 0: unbounded */
	bool withdrawn_too;               /* these by the time they were declared for */
	const char *uid;                  /* of that calendar entry; NULL: any */
};
typedef bool ledger_on_window(const struct ledger_window *window,
			      void *user); /* lent for the call; false: enough */
/* By start, then id.  All that a judge needs is { .port_id = port.id }: [start, until) and cause of each. */
bool ledger_window_each(struct ledger *ledger, const struct ledger_window_query *query,
			ledger_on_window *on_window, void *user, struct error *err);

typedef bool ledger_on_port_id(int64_t port_id, void *user); /* false: enough */
/* The ports to which a window applies, or applied before it was withdrawn; retired ones too; by id. */
bool ledger_window_ports(struct ledger *ledger, int64_t window_id, ledger_on_port_id *on_port_id,
			 void *user, struct error *err);

/* --- where the live judgement stands --- */

/* What a judgement is for: pages and alerts, as samples arrive; or reports, by their own profile, once a traffic day. */
enum judged_for { JUDGED_FOR_PAGES, JUDGED_FOR_REPORTS, JUDGED_FOR_COUNT };

/* The detector's state after the step that ended at until_utc_sec; replaces the one before. */
bool ledger_checkpoint_put(struct ledger *ledger, struct subject subject,
			   enum judged_for judged_for, int64_t until_utc_sec, const void *state,
			   size_t state_len, struct error *err);
/* *state is allocated (caller frees); until 0 and state NULL when there is none. */
bool ledger_checkpoint_get(struct ledger *ledger, struct subject subject,
			   enum judged_for judged_for, int64_t *until_utc_sec, void **state,
			   size_t *state_len, struct error *err);

/* The port's past has changed: what else rests on it (its judgement for reports, its connections) is judged anew when it is
 * recalled next, since its checkpoints are gone. */
bool ledger_checkpoint_forget(struct ledger *ledger, int64_t port_id, struct error *err);

/* --- days and verdicts --- */

/* One traffic day of one direction, as judged last.  Days are counted from 1970-01-01 (see zone.h). */
struct ledger_day {
	struct subject subject;
	enum direction direction;
	enum profile profile;
	int32_t day;
	uint32_t possible_samples; /* 23, 24 or 25 hours in steps */
	uint32_t known_samples;
	uint32_t congested_samples; /* at or above `congested` */
	uint32_t live_samples;      /* at or above `clear` */
	uint32_t congested_minutes; /* of sustained episodes */
	uint32_t run_minutes;       /* of all runs, spikes included */
	const char *
	    state; /* "clean", "flash", "declared", "reduced capacity", "unclassified", "congested", "unknown" */
	enum verdict verdict; /* at its end */
};
/* Inserts or replaces that day. */
bool ledger_day_put(struct ledger *ledger, const struct ledger_day *day, struct error *err);
typedef bool ledger_on_day(const struct ledger_day *day, void *user); /* lent; false: enough */
/* The days first..last of one judgement, oldest first. */
bool ledger_day_each(struct ledger *ledger, struct subject subject, enum direction direction,
		     enum profile profile, int32_t first_day, int32_t last_day,
		     ledger_on_day *on_day, void *user, struct error *err);

/* A verdict in force, or that was. */
struct ledger_verdict {
	struct subject subject;
	enum direction direction;
	enum profile profile;
	enum verdict verdict;
	bool has_since;    /* false: it stands from the start */
	int32_t since_day; /* the traffic day with which it began */
	bool has_stale;    /* insufficient data, and another verdict stood before */
	enum verdict stale_verdict;
	bool has_stale_since;
	int32_t stale_since_day;
	const char *reason;   /* rule and days, in words; "" when there is none */
	int64_t from_utc_sec; /* when it was first judged so */
	int64_t to_utc_sec;   /* when it was judged otherwise; 0: it is in force */
};
/* Another verdict, or another since, closes the entry in force at from_utc_sec and opens a new one; another reason or
 * stale verdict alone is corrected in the entry in force.  to_utc_sec is not read.  No change writes nothing. */
bool ledger_verdict_put(struct ledger *ledger, const struct ledger_verdict *verdict,
			struct error *err);
typedef bool ledger_on_verdict(const struct ledger_verdict *verdict,
			       void *user); /* lent; false: enough */
/* Those in force, of every subject of that kind, by id, direction, profile. */
bool ledger_verdict_each(struct ledger *ledger, enum subject_kind kind,
			 ledger_on_verdict *on_verdict, void *user, struct error *err);
/* All of one subject, newest first. */
bool ledger_verdict_history(struct ledger *ledger, struct subject subject,
			    ledger_on_verdict *on_verdict, void *user, struct error *err);

/* --- who did what --- */

/* One run of `import` or `backfill`, put when it has ended. */
struct ledger_import {
	const char *actor, *what; /* as in ledger_audit */
	const char *source;       /* the file or address it came from */
	int64_t port_id;          /* 0: not of one port */
	int64_t started_utc_sec, ended_utc_sec;
	int64_t from_utc_sec, to_utc_sec;   /* the time it covers; 0 and 0: none */
	int64_t read_count, accepted_count; /* rows or records; what changed something */
	const char *trouble;                /* why it failed; "" when it did not */
};
bool ledger_import_put(struct ledger *ledger, const struct ledger_import *import,
		       struct error *err);

typedef bool ledger_on_import(const struct ledger_import *import,
			      void *user); /* lent for the call; false: enough */
/* Those of one port that changed something and ended at or after an instant, oldest first. */
bool ledger_import_each(struct ledger *ledger, int64_t port_id, int64_t since_utc_sec,
			ledger_on_import *on_import, void *user, struct error *err);

/* actor "collector", "cli" or a user; what "backfill", "declare" ...; detail a sentence or JSON.  port_id 0: none. */
bool ledger_audit(struct ledger *ledger, int64_t at_utc_sec, const char *actor, const char *what,
		  int64_t port_id, const char *detail, struct error *err);

#endif
