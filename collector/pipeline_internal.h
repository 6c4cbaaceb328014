/* pipeline_internal.h - what the pipeline's files share, from the top down: pipeline.c (rounds), pipeline_known.c (what is
 * known before the first), pipeline_connections.c (several ports of one peer), pipeline_agent.c (who is asked, and what it
 * answers), pipeline_refresh.c (how often an agent takes its counters), pipeline_port.c (one port's way through the
 * stages), pipeline_lag.c (the members of LAGs), pipeline_move.c (ports that were re-patched), pipeline_view.c (how it
 * stands), pipeline_alert.c (what somebody is to be told of it), pipeline_daily.c (its advice, once a day), pipeline_self.c (how the collector is doing), pipeline_list.c (the
 * ports at hand). */
#ifndef COLLECTOR_PIPELINE_INTERNAL_H
#define COLLECTOR_PIPELINE_INTERNAL_H

#include "judge.h"
#include "measure/members.h"
#include "measure/meter.h"
#include "measure/refresh.h"
#include "measure/wall.h"
#include "pipeline.h"
#include "roster.h"
#include "snmp/snmp.h"

struct watched_connection;
struct watched_alert;
struct pipeline_alerts;

/* When its first traffic day has ended: a port that is new has nothing before that to be advised on. */
#define ADVISE_AT_DAY_END INT64_MAX
/* At once, and what was done today already stands. */
#define ADVISE_AFTER_START (-1)
#define LOOKED_AT_MAX      16 /* agents whose refreshes are looked at at once */

/* Something about ourselves that is told when it begins and when it is over. */
struct self_watched {
	bool on;
	int64_t seen_mono_ms;
};

struct watched_member {
	char *interface; /* the effective name */
	char *row_name;  /* ifName as the agent says it */
	uint32_t if_index;
	bool has_name, has_lacp;
	struct member now; /* in the round under way, or the last one */
	bool is_written;   /* how the ledger has it */
	enum member_state written_state;
	double written_bps;
};

struct watched_lag {
	struct watched_member *members;
	size_t member_count;
	size_t waiting; /* rows of the round under way that are not told yet, its own among them */
	bool has_read;
	struct counter_read read;         /* its own, until its members are told */
	struct members_capacity capacity; /* of the last round */
	bool written;                     /* members were put to the ledger */
	size_t written_count;
};

/* Where a port's physical capacity comes from, as last read; NAN: unknown. */
struct physical {
	enum capacity_source source;
	double bps;
	double interface_bps, lag_bps, largest_bps;
};

/* The last hour's slots: those of the newest quarter of an hour, and of the three before it. */
#define HOUR_PARTS 4
struct port_hour {
	uint32_t quarter; /* the newest, since 1970; 0: none yet */
	uint16_t known[HOUR_PARTS],
	    unknown[HOUR_PARTS]; /* a quarter's place: its number modulo HOUR_PARTS */
};

struct watched_port {
	struct pipeline *pipeline;
	struct watched_agent *agent;
	struct port port; /* texts owned here, or the configuration's */
	const struct roster_use *use;
	const struct config_port *settings; /* may be NULL */
	double setting_bps;
	uint32_t if_index;
	const char *
	    row_name; /* ifName as the agent says it, without #ifIndex; shared (text.h), as are interface and peer */
	unsigned counter_bits;
	struct meter meter;
	struct watched_lag *lag; /* NULL: it is none */
	struct physical physical;
	struct ledger_capacity recorded; /* in the ledger; physical NAN: not looked at yet */
	struct judge *judge;
	struct watched_connection *connection; /* that it is one of several ports of; NULL: none */
	size_t seat;                           /* its place there */
	struct snapshot_port
	    view; /* the newest slot with something known is in it, and nowhere else */
	int64_t
	    declared_utc_sec; /* a window that reaches back so far waits to be judged; 0: none does */
	int64_t
	    advise_utc_sec; /* advice is due when something later was judged; 0: at once; ADVISE_... */
	int64_t judged_utc_sec; /* up to which the view's verdict and flags were asked for */
	int64_t look_utc_ms;    /* the view is good until then; 0: to be made */
	bool has_name;          /* the agent has an ifName for it; else it goes by ifDescr */
	bool present;           /* its agent lists it, so it can be polled */
	bool in_lag;            /* a member of a LAG that is a port too, watched by its own wish */
	bool lost;              /* it wrote to the ledger, and the ledger lost it: to be recalled */
	bool waiting;           /* lost since the start: its judge was not recalled yet */
	bool lost_told;         /* that it could not be recalled was said */
	bool unwritten;         /* what the ledger says of the port itself may be of before */
	bool retired;           /* nothing in the configuration claims it any more, or it moved */
	bool moved;         /* it goes on as another port; then it is retired and lost for good */
	uint32_t moved_asn; /* whose it was; 0: not known */
	bool was_up;        /* it was seen up */
	uint8_t verdict[DIRECTION_COUNT]; /* enum verdict, as of judged_utc_sec */
	struct port_hour hour;
	struct watched_alert *alerts; /* a chain; NULL: nothing is amiss */
};

/* A port itself, or the member of that number of a LAG. */
struct polled_row {
	struct watched_port *port;
	bool is_member;
	size_t member;
};

struct watched_agent {
	struct pipeline *pipeline;
	const struct roster_agent *roster;
	struct snmp_agent *snmp; /* NULL until its name is resolved */
	struct watched_port **ports;
	size_t port_count;
	struct watched_port **fresh; /* registered, not yet committed */
	size_t fresh_count;
	struct snmp_poll_row *rows; /* of the poll under way: row i is polled[i]'s */
	struct polled_row *polled;
	size_t row_count;
	struct walked_row *walked; /* of the walk under way */
	size_t walked_count;
	struct walked_row **by_name; /* the same, by effective name */
	struct loop_lookup *lookup;  /* of its name, under way; NULL: none */
	unsigned choice;             /* which of its name's addresses */
	char standing[160];          /* what the last walk found wrong; holds until the next */
	bool failing;                /* its last errand failed */
	bool busy;                   /* a walk or a poll is under way */
	bool asked_once;
	bool walk_wanted;
	bool walk_torn;  /* memory ran out for a row of the walk under way */
	bool misplaced;  /* in this round: a row was not where the last walk had found it */
	bool walked_now; /* in this round: once is enough */
	bool poll_first; /* before the walk that is wanted: where its ports were is known */
	bool known;      /* its table was walked once */
	bool answered;   /* in this round */
	bool failed;     /* in this round */
	enum poll_failure failure; /* in this round: why */
	char why[160];             /* the same in words, lent to the snapshot */
	uint32_t uptime_ticks;
	int64_t uptime_mono_ms; /* when it said so; 0: never */
	int64_t *due_mono_ms; /* the pipeline's: all of them are looked at every few milliseconds */
	int64_t walk_due_mono_ms;
	struct refresh refresh; /* how often it takes its counters */
	int64_t witness_id;     /* the port looked at for that; 0: none is */
	struct snmp_poll_row look_row;
	int64_t look_due_mono_ms;
	int64_t
	    unclear_ms; /* how long to wait after the next look that teaches nothing; 0: it would be the first */
	bool looking; /* a look is under way */
	int64_t walked_mono_ms;
	int64_t moved_due_mono_ms, moved_gap_ms; /* when a changed table may cause a walk again */
	uint64_t rounds_begun;
	uint32_t rounds_late;
	unsigned left_out;        /* rounds that were due while the one under way went on */
	int64_t left_out_mono_ms; /* when the first of them was */
	int64_t late_ms;          /* how late the latest late round was */
	bool late;                /* the last round was */
	bool begun_late;
	struct snapshot_agent view;
	struct watched_alert **alerts; /* a chain for each use */
};

struct pipeline {
	const struct config *config;
	struct loop *loop;
	struct snmp *snmp;
	struct roster *roster;
	struct judge_house house;
	struct watched_agent *agents;
	int64_t *due_mono_ms; /* of each agent */
	size_t agent_count;
	struct watched_port **ports; /* all of them, by id */
	size_t port_count;
	bool ports_unsorted; /* pipeline_ports_sort is due */
	struct watched_connection **connections;
	size_t connection_count;
	bool connections_stale; /* a port came, left or changed hands */
	struct loop_timer *tick, *publish, *tidy, *work;
	struct loop_watch *watch_ipv4, *watch_ipv6;
	struct snapshot snapshot;
	struct snapshot *before; /* the last process's, while opening; NULL: none */
	size_t lookup_count;     /* of names, under way */
	struct watched_agent
	    *looked[LOOKED_AT_MAX]; /* agents whose refreshes are being looked at */
	size_t looked_count, look_next;
	size_t declared_count;  /* ports with a window that waits */
	size_t checkpoint_next; /* the port whose checkpoint is due next */
	size_t connection_checkpoint_next;
	bool some_unwritten;                      /* a port is */
	bool some_lost;                           /* a port is, or may be */
	size_t waiting_count;                     /* of ports */
	size_t recall_next;                       /* the port that is looked at next */
	int64_t newest_utc_sec;                   /* end of the newest sample of all */
	size_t daily_next, daily_connection_next; /* whose advice is looked at next */
	int64_t daily_mono_ms;                    /* when they were looked at last */
	struct pipeline_alerts *alerts;
	bool first_round_over;
	const struct control *control;     /* NULL: none */
	const struct report_runs *reports; /* NULL: nobody makes letters */
	int64_t late_ms;                   /* of the latest late round of all */
	struct self_watched self_late, self_series_locked, self_ledger_busy, self_queue_long,
	    self_disk_low;
	struct wall wall;
	bool wall_doubted; /* was told */
	bool series_failing, ledger_failing, snapshot_failing, clock_behind;
	pipeline_on_round *on_first_round;
	void *user;
};

/* --- pipeline.c --- */

/* Makes durable and shows what is there. */
void pipeline_publish(struct pipeline *pipeline);
/* Its judge stands where the series ends, or the port stays lost. */
void pipeline_recall(struct watched_port *port);

/* --- pipeline_list.c --- */

/* By id again, after some came in another order. */
void pipeline_ports_sort(struct pipeline *pipeline);
struct watched_port *pipeline_port_find(struct pipeline *pipeline, int64_t id);
bool pipeline_port_add(struct pipeline *pipeline, struct watched_port *port, struct error *err);
bool port_list_append(struct watched_port ***list, size_t *count, struct watched_port *port);
/* Ends the ledger's transaction; what was lost with one that failed is recalled, and written again, at the next
 * publishing. */
bool pipeline_commit(struct pipeline *pipeline, struct error *err);

/* What time it is, by the wall clock as far as that may be believed. */
int64_t pipeline_utc_ms(struct pipeline *pipeline);

/* --- pipeline_carry.c --- */

struct pipeline_carry *pipeline_carry_take(const struct pipeline *pipeline);
void pipeline_carry_give(const struct pipeline_carry *carry, struct pipeline *pipeline);

/* --- pipeline_known.c --- */

bool pipeline_known_load(struct pipeline *pipeline, struct error *err);

/* --- pipeline_move.c --- */

/* Whose agent, and in which use, a port of that exchange and agent is; false: nobody's. */
typedef bool pipeline_use_find(struct pipeline *pipeline, const char *exchange, const char *agent,
			       struct watched_agent **watched, const struct roster_use **use);
/* Those that moved away, as the ledger has them. */
bool ports_moved_restore(struct pipeline *pipeline, pipeline_use_find *use_find, struct error *err);
/* It moved, and this claims it for nobody else. */
bool port_stays_moved(const struct watched_port *port, const struct roster_claim *claim);

/* --- pipeline_agent.c; its other files: pipeline_agent.h --- */

/* All are asked from now on: after what is known has been read, which takes seconds of a hundred thousand ports. */
void agents_due(struct pipeline *pipeline);
void agent_open(struct watched_agent *agent, struct pipeline *pipeline,
		const struct roster_agent *roster, size_t i);
void agent_close(struct watched_agent *agent);
/* Asks it when it is time to. */
void agent_tick(struct watched_agent *agent, int64_t now_mono_ms);
/* Walks it before long: something moved that only a walk explains. */
void agent_walk_soon(struct watched_agent *agent);
/* The port of that use and interface; NULL when it is not watched. */
struct watched_port *agent_port_find(struct watched_agent *agent, const struct roster_use *use,
				     const char *interface);

/* --- pipeline_self.c --- */

/* A round of the agent begins; due_mono_ms: when it should have. */
void agent_round_begins(struct watched_agent *agent, int64_t now_mono_ms, int64_t due_mono_ms);
/* One that was due then is left out: the one before is still going on.  It is late if that ends with an answer: a silent
 * agent is not. */
void agent_round_left_out(struct watched_agent *agent, int64_t due_mono_ms);
void agent_round_ends(struct watched_agent *agent);
/* How the collector and each agent are doing, into the snapshot; what changed about it, into the log. */
void pipeline_self_watch(struct pipeline *pipeline);

/* --- pipeline_refresh.c --- */

/* Looks again at the agents of which it is being found out how often they take their counters. */
void pipeline_refresh_tick(struct pipeline *pipeline, int64_t now_mono_ms);
/* Begins with others, when it is time to. */
void pipeline_refresh_begin(struct pipeline *pipeline, int64_t now_mono_ms);
/* A read of a port in the course of the rounds: if it is the witness, that is a look too. */
void agent_refresh_read(struct watched_agent *agent, const struct watched_port *port,
			const struct counter_read *read);
/* It is not what it was: what was learned holds no more. */
void agent_refresh_forget(struct watched_agent *agent);
void agent_refresh_close(struct watched_agent *agent);
/* So much later than else may a slot come, for the slowest agent. */
int64_t pipeline_refresh_wait_sec(const struct pipeline *pipeline);

/* --- pipeline_port.c --- */

/* One of the texts that are shared (text.h); false: memory ran out, and it stays as it was. */
bool text_set_shared(const char **text, const char *value);
/* A new port, registered in the ledger.  Its id holds only once that is committed: until then it waits in agent->fresh,
 * and ports_begin takes it from there. */
bool port_register_new(struct watched_agent *agent, const struct roster_claim *claim,
		       const char *interface, const char *alias, struct watched_port **out,
		       struct error *err);
/* Commits, and judges the agent's fresh ports from their history on; when the commit fails they are dropped again. */
bool ports_begin(struct watched_agent *agent, struct error *err);
/* The same for one that the ledger knows already; nothing is written, and its judge is recalled later: until then the last
 * process's snapshot says how it stands. */
bool port_restore(struct watched_agent *agent, const struct roster_use *use,
		  const struct port *known, struct error *err);
void port_free(struct watched_port *port);
/* What alias or settings say of it now; written to the ledger when it changed. */
void port_claim(struct watched_port *port, const struct roster_claim *claim, const char *alias);
void port_vanished(struct watched_port *port, bool vanished);
/* Nothing claims it any more: it is kept, and no longer listed. */
void port_retire(struct watched_port *port, const char *why);
/* Writes again what the ledger should say of it. */
bool port_write(struct watched_port *port, struct error *err);
void port_read(struct watched_port *port, const struct counter_read *read);
/* Time passed: slots that nobody will fill are finished, and the view is made anew. */
void port_tick(struct watched_port *port, int64_t now_utc_ms);

/* --- pipeline_connection.c, pipeline_connections.c --- */

/* Those that the ledger knows; then, and whenever connections_stale is set, each gets the ports that are its own. */
bool connections_load(struct pipeline *pipeline, struct error *err);
void connections_sync(struct pipeline *pipeline);
/* A slot of a port that has a connection, after it was appended to the port's series. */
void connection_slot(struct watched_port *port, const struct sample *slot);
/* Steps that nobody will fill any more are judged as they are. */
void connections_tick(struct pipeline *pipeline, int64_t now_utc_sec);
void connections_committed(struct pipeline *pipeline, bool done);
/* Those that wait for their judge, or lost what it wrote; as many as fit the time. */
void connections_recall(struct pipeline *pipeline, int64_t end_mono_ms);
void connections_checkpoint(struct pipeline *pipeline, size_t first, size_t count);
/* Its port's past is another now, from then on: judged so before long. */
void connection_past_changed(struct watched_port *port); /* backfilled: all of it anew */
void connection_declared(struct watched_port *port, int64_t from_utc_sec);
void connections_declared_work(struct pipeline *pipeline, int64_t end_mono_ms);
/* Once a day, as pipeline_daily.c; as many as fit the time. */
/* Looks at so many of them, in turn. */
void connections_daily_work(struct pipeline *pipeline, size_t count, int64_t end_mono_ms);
void connections_contract_changed(struct watched_port *port);
/* Its port's time in it was dated anew: its ports are read again, and their sum is judged anew. */
void connection_members_changed(struct watched_port *port);
void connections_close(struct pipeline *pipeline);

/* --- pipeline_lag.c --- */

/* A member as a walk found it. */
struct lag_row {
	const struct interface_row *row;
	const char *interface;
	bool matches; /* it would be a port if it were no member */
	bool named;   /* a port block names it: it is one all the same */
};

/* The port is a LAG of these members, or (is_lag false) none. */
void lag_set(struct watched_port *port, bool is_lag, const struct lag_row *rows, size_t count);
/* The ledger has one more member of it in force, of before this process.  False: memory ran out. */
bool lag_known(struct watched_port *port);
void lag_free(struct watched_lag *lag); /* NULL is fine */
bool lag_has_member(const struct watched_port *port, const char *interface);
/* Its own row and those of its members are asked for now; each is told once, in any order, read NULL: not read.  After
 * the last, port_read gets what was read. */
void lag_round_begins(struct watched_port *port);
void lag_read(struct watched_port *port, const struct counter_read *read);
void lag_member_read(struct watched_port *port, size_t i, const struct counter_read *read);
/* Writes again what the ledger should say of its members; nothing when it is no LAG. */
bool lag_write(struct watched_port *port, struct error *err);

/* --- pipeline_view.c --- */

/* Whether the view need not be made anew. */
bool port_view_holds(const struct watched_port *port, int64_t now_utc_ms);
void port_view_make(struct watched_port *port, int64_t now_utc_ms);
/* Records its capacity as last read, when that is another than the ledger has. */
void port_capacity_note(struct watched_port *port, int64_t at_utc_sec);
/* Records its capacity once more; what is unknown is not recorded. */
bool port_capacity_write(struct watched_port *port, struct error *err);

/* --- pipeline_daily.c --- */

/* Advises ports whose traffic day has ended, as many as fit the time. */
void pipeline_daily_work(struct pipeline *pipeline);
/* Brings the judgement for reports up to date; takes the judge.  What it writes waits in the house's transaction. */
bool judge_for_reports(struct judge *judge, struct error *err);
/* Whether its advice still stands is looked at soon. */
void port_advise_soon(struct watched_port *port);
/* It is another peer's now: what was advised is taken back at once, and advice made of what is known of the present one. */
bool port_advise_anew(struct watched_port *port, struct error *err);

/* --- pipeline_alert.c, pipeline_alert_list.c --- */

bool alerts_open(struct pipeline *pipeline, struct error *err);
void alerts_close(struct pipeline *pipeline);
/* A slot of the port, after it was appended to its series. */
void port_alert_slot(struct watched_port *port, const struct sample *slot);
/* Its view was made anew. */
void port_alert_look(struct watched_port *port, int64_t now_utc_sec);
/* What the ports' looks found goes on from here: agents, exchanges, connections; then rows and mails are written into the
 * house's transaction. */
void alerts_look(struct pipeline *pipeline, int64_t now_utc_sec);
/* How that transaction ended. */
void alerts_committed(struct pipeline *pipeline, bool done);

#endif
