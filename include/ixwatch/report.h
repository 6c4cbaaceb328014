/* report.h - the weekly reports: which were made, what was decided about each, and by whom; in the ledger.
 *
 * A report is one letter of one closed week: its files lie in state-dir/reports/<week>/ and never change; here stands what
 * they are (by SHA-256), and what became of it.  A correction is the same report with the next edition number.  Beside
 * them stand the registers that say whether a peer is written to: cases (how often it was asked, and how it went on),
 * orders, disputes, opt-outs, revoked links.  Nothing of it is deleted: it is ended, with who and when.
 *
 * `asn` is everywhere the first AS number of a peer block, where one has the AS number: whoever asks resolves it before
 * (config_peer_find).  Texts come from outside: whatever they are, they are one line of clean UTF-8 (a note: lines), as the
 * collector checks before it writes.  How a letter is asked for, approved, held: collector/registrar.h. */
#ifndef IXWATCH_REPORT_H
#define IXWATCH_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/digest.h"
#include "ixwatch/error.h"
#include "ixwatch/ledger.h"
#include "ixwatch/model.h"
#include "ixwatch/outbox.h"

enum report_kind {
	REPORT_PEER,     /* to one peer, about its connections */
	REPORT_EXCHANGE, /* all peers of one exchange; for the coordinator, kept and shown */
	REPORT_OVERVIEW, /* everything; to the coordinator */
	REPORT_KIND_COUNT
};

enum report_state {
	REPORT_NOTHING, /* "nothing to tell": made and kept, and goes nowhere unless released */
	REPORT_WAITING, /* "waiting": for somebody to approve it */
	REPORT_HELD, /* "held": somebody keeps it back, or it is a peer's first; may be approved */
	REPORT_APPROVED, /* "approved": its mails are in the outbox; the last word */
	REPORT_LAPSED, /* "lapsed": nobody approved it in time, or a later edition took its place */
	REPORT_OPTED_OUT,    /* "opted out": the peer wants none */
	REPORT_NO_RECIPIENT, /* "no recipient": the configuration names none */
	REPORT_PAUSED,       /* "paused": an upgrade is ordered, or something is disputed */
	REPORT_STATE_COUNT
};

const char *report_kind_name(enum report_kind kind);    /* "peer", "exchange", "overview" */
const char *report_state_name(enum report_state state); /* "nothing to tell", "waiting" ... */
bool report_kind_parse(const char *name, enum report_kind *kind);
bool report_state_parse(const char *name, enum report_state *state);

/* Weeks have the names of ISO 8601 ("2026-W47"), days are counted from 1970-01-01 (zone.h).  monday: any day of it for
 * the name; parse gives the Monday, and is false for what is no week. */
#define REPORT_WEEK_SIZE 9
char *report_week_name(char dst[REPORT_WEEK_SIZE], int32_t monday);
bool report_week_parse(const char *name, int32_t *monday);

/* --- reports --- */

#define REPORT_NOTE_MAX  4000 /* octets; also of what was wrong */
#define REPORT_TEXT_MAX  1000 /* of any other text: names, subjects, reasons, tickets */
#define REPORT_FILES_MAX 200  /* files of one report */

/* Texts are UTF-8, lent, never NULL. */
struct report {
	int64_t id; /* given by the ledger, never used again */
	enum report_kind kind;
	const char *week;     /* "2026-W47" */
	int32_t monday;       /* the day number of its Monday */
	uint32_t asn;         /* of kind peer; else 0 */
	const char *exchange; /* slug, of kind exchange; else "" */
	unsigned edition;     /* 1..; 2 and on are corrections */
	const char *name;     /* the peer's or exchange's; "" of an overview */
	const char *subject;
	enum verdict verdict; /* the gravest of its connections */
	const char *purpose;  /* "information" or "request" */
	bool tells;           /* it has something to tell beyond "all well" */
	bool first;           /* no letter went to that peer before */
	unsigned
	    notice; /* the number of the friendly notice it is: the largest of its connections; 0: none.  Before it is
			    approved: which it would be */
	const char *
	    sha256; /* hexadecimal, of .txt, .html, .csv and .json as kept, one after the other in this order */
	const char *corrects; /* what was wrong with the edition before; "" of the first */
	int64_t made_utc_sec;
	int64_t lapses_utc_sec; /* not approved by then, it lapses */

	enum report_state state;
	const char *why;         /* of its state, in words; "" */
	const char *note;        /* the covering note that goes before the letter; "" none */
	const char *decided_by;  /* who brought it to its state; "collector" */
	int64_t decided_utc_sec; /* when */
	int64_t revoked_utc_sec; /* since when its links open nothing; 0: they do */
	bool superseded;         /* there is a later edition */
	uint32_t mail_count, sent_count,
	    failed_count; /* of the mails it went out as; failed: dropped ones too */
};

/* A file of it, in state-dir/reports/<week>/. */
struct report_file {
	const char *name; /* report_file_name_ok */
	int64_t octets;
	const char *sha256; /* hexadecimal */
};
/* Letters, digits, ".", "_" and "-", not beginning with ".", at most 120 octets: no way out of its folder. */
bool report_file_name_ok(const char *name);

/* What it says of one connection, by exchange: the gravest of its kinds. */
struct report_connection {
	const char *exchange; /* slug */
	enum verdict verdict; /* the connection's, by report.profile */
	bool
	    asks; /* the letter asks for something there: counted as a notice once it is approved */
};

/* Registers a report in the given state; not read: id, first, notice, superseded, revoked, the counts.  *id is its id,
 * *is_new whether it is new: the same key (week, kind, asn or exchange, edition) with the same sha256 again writes
 * nothing.  ERR_REFUSED: that key is there with other octets, or the edition is not the one that follows.  ERR_NOT_FOUND:
 * the ledger does not know an exchange. */
bool ledger_report_put(struct ledger *ledger, const struct report *report,
		       const struct report_file *files, size_t file_count,
		       const struct report_connection *connections, size_t connection_count,
		       int64_t *id, bool *is_new, struct error *err);

struct report_query {
	int64_t id;       /* that one; 0: any */
	const char *week; /* NULL: any */
	bool any_kind;
	enum report_kind kind; /* unless any_kind */
	uint32_t asn;          /* 0: any */
	const char *exchange;  /* of kind exchange: that one; NULL: any */
	bool any_state;
	enum report_state state; /* unless any_state */
	unsigned edition;        /* 0: any */
	bool newest_edition;     /* those that no later edition corrects */
	int64_t lapsing_utc_sec; /* those that lapse at or before it; 0: any */
	int64_t before_id;       /* cursor; 0: from the newest */
	unsigned limit;          /* 0: all */
};
typedef bool ledger_on_report(const struct report *report,
			      void *user); /* lent for the call; false: enough */
/* Newest id first. */
bool ledger_report_each(struct ledger *ledger, const struct report_query *query,
			ledger_on_report *on_report, void *user, struct error *err);
/* on_report is called once.  ERR_NOT_FOUND: there is none of that id. */
bool ledger_report_get(struct ledger *ledger, int64_t id, ledger_on_report *on_report, void *user,
		       struct error *err);

typedef bool ledger_on_report_file(const struct report_file *file, void *user); /* false: enough */
bool ledger_report_file_each(struct ledger *ledger, int64_t id, ledger_on_report_file *on_file,
			     void *user, struct error *err);
typedef bool ledger_on_report_connection(const struct report_connection *connection,
					 void *user); /* false: enough */
bool ledger_report_connection_each(struct ledger *ledger, int64_t id,
				   ledger_on_report_connection *on_connection, void *user,
				   struct error *err);

/* A week of which there are reports; the newest editions count. */
struct report_week {
	const char *week;
	int32_t monday;
	int64_t count[REPORT_STATE_COUNT];
};
typedef bool ledger_on_report_week(const struct report_week *week, void *user); /* false: enough */
/* Newest first. */
bool ledger_report_weeks_each(struct ledger *ledger, ledger_on_report_week *on_week, void *user,
			      struct error *err);

/* --- by the writer --- */

/* What was decided; which states may follow which is the registrar's affair.  ERR_NOT_FOUND: there is none of that id. */
bool ledger_report_decide(struct ledger *ledger, int64_t id, enum report_state state,
			  const char *by, int64_t at_utc_sec, const char *why, struct error *err);
bool ledger_report_note_set(struct ledger *ledger, int64_t id, const char *note, struct error *err);

/* --- its mails --- */

/* Kept as long as the report, also when the outbox's row is there no more. */
struct report_mail {
	int64_t report_id;
	const char *recipient;
	const char *message_id;
	int64_t mail_id; /* of the outbox */
	int64_t put_utc_sec;
	int64_t failure_told_utc_sec; /* the coordinator was told that it did not arrive; 0: not */
	bool is_kept;                 /* the outbox still has the row */
	enum outbox_state state;      /* of it, where it is kept */
	const char *reply;            /* "" */
};
bool ledger_report_mail_put(struct ledger *ledger, int64_t report_id, const char *recipient,
			    const char *message_id, int64_t mail_id, int64_t at_utc_sec,
			    struct error *err);
typedef bool ledger_on_report_mail(const struct report_mail *mail,
				   void *user); /* lent for the call; false: enough */
/* Of one report (0: of every one), by mail; untold_failures: those that failed, and nobody was told. */
bool ledger_report_mail_each(struct ledger *ledger, int64_t report_id, bool untold_failures,
			     ledger_on_report_mail *on_mail, void *user, struct error *err);
bool ledger_report_mail_told(struct ledger *ledger, int64_t mail_id, int64_t at_utc_sec,
			     struct error *err);

/* --- cases: how often a peer was asked about one exchange --- */

/* Opened by its first notice, closed by REPORT_CLEAN_WEEKS clean ones in a row.  A week counts once, as its newest edition
 * has it; one with insufficient data neither counts nor interrupts. */
#define REPORT_CLEAN_WEEKS 4
struct report_case {
	int64_t id; /* 0: there never was one */
	uint32_t asn;
	char opened_week[REPORT_WEEK_SIZE];
	unsigned notices; /* that were sent, and not taken back by a correction */
	char last_notice_week[REPORT_WEEK_SIZE]; /* "": every one was taken back */
	unsigned clean_weeks;                    /* in a row, up to the newest week */
	char closed_week[REPORT_WEEK_SIZE];      /* "": it is open */
};
/* The newest case of that peer there: an open one, or the one that was closed last. */
bool ledger_case_get(struct ledger *ledger, uint32_t asn, const char *exchange,
		     struct report_case *out, struct error *err);

/* By the writer.  A notice of that report: opens a case where none is open; *number is its number (1, 2, 3 ...).  The same
 * week again counts once. */
bool ledger_case_notice(struct ledger *ledger, uint32_t asn, const char *exchange,
			int64_t report_id, int32_t monday, int64_t at_utc_sec, unsigned *number,
			struct error *err);
/* A correction says that nothing is asked there that week: its notice is taken back.  Without one: nothing. */
bool ledger_case_take_back(struct ledger *ledger, uint32_t asn, const char *exchange,
			   int32_t monday, int64_t report_id, struct error *err);
/* How that week was there, where a case is open: clean (none), not (recurring, routine), or unknown.  *closed: with it, the
 * case is closed. */
bool ledger_case_week(struct ledger *ledger, uint32_t asn, const char *exchange, int32_t monday,
		      enum verdict verdict, bool *closed, struct error *err);

/* --- the registers --- */

enum report_waiting_on { WAITING_ON_PEER, WAITING_ON_US, WAITING_ON_EXCHANGE, WAITING_ON_COUNT };
const char *report_waiting_on_name(enum report_waiting_on on); /* "peer", "us", "exchange" */
bool report_waiting_on_parse(const char *name, enum report_waiting_on *on);

/* "Upgrade ordered": pauses what is asked there.  At most one is open for a peer at an exchange. */
struct report_order {
	int64_t id;
	uint32_t asn;
	const char *exchange; /* slug */
	const char *size;     /* in words: "2 x 100G" */
	double capacity_bps;  /* that it will be; NAN: not said */
	bool has_ready_day;
	int32_t ready_day;
	const char *ticket; /* "" */
	enum report_waiting_on waiting_on;
	const char *author;
	int64_t created_utc_sec;
	int64_t ended_utc_sec;          /* 0: it is open */
	const char *ended_by, *outcome; /* "" while it is open */
};
/* Something the peer contests: pauses its letters until it is decided.  At most one is open for a peer and an exchange, or
 * all of them. */
struct report_dispute {
	int64_t id;
	uint32_t asn;
	const char *exchange; /* slug; "": all */
	const char *text, *author;
	int64_t since_utc_sec;
	int64_t decided_utc_sec; /* 0: it is open */
	const char *decided_by, *outcome;
};
/* The peer wants no letters.  At most one is in force. */
struct report_optout {
	int64_t id;
	uint32_t asn;
	const char *reason, *author;
	int64_t since_utc_sec;
	int64_t ended_utc_sec; /* 0: it is in force */
	const char *ended_by;
};
/* Links that open nothing any more: of one report, or of all of a peer's reports made before an instant. */
struct report_revocation {
	int64_t id;
	int64_t report_id; /* 0: of all of the ASN's */
	uint32_t asn;      /* 0: of that report */
	int64_t before_utc_sec;
	const char *reason, *author;
	int64_t at_utc_sec;
};

/* *id of the new entry; ids and ends are not read.  ERR_REFUSED: one is open already (the sentence has its id);
 * ERR_NOT_FOUND: no such exchange or report. */
bool ledger_order_add(struct ledger *ledger, const struct report_order *order, int64_t *id,
		      struct error *err);
bool ledger_dispute_add(struct ledger *ledger, const struct report_dispute *dispute, int64_t *id,
			struct error *err);
bool ledger_optout_add(struct ledger *ledger, const struct report_optout *optout, int64_t *id,
		       struct error *err);
bool ledger_revocation_add(struct ledger *ledger, const struct report_revocation *revocation,
			   int64_t *id, struct error *err);
/* ERR_NOT_FOUND: there is none of that id; ERR_REFUSED: it ended before. */
bool ledger_order_end(struct ledger *ledger, int64_t id, int64_t at_utc_sec, const char *who,
		      const char *outcome, struct error *err);
bool ledger_dispute_decide(struct ledger *ledger, int64_t id, int64_t at_utc_sec, const char *who,
			   const char *outcome, struct error *err);
/* By ASN: ERR_NOT_FOUND: that peer did not opt out. */
bool ledger_optout_end(struct ledger *ledger, uint32_t asn, int64_t at_utc_sec, const char *who,
		       int64_t *id, struct error *err);

/* Newest first.  asn 0, exchange NULL, id 0: any.  Disputes about all exchanges match every one. */
struct report_register_query {
	int64_t id;
	uint32_t asn;
	const char *exchange;
	bool open_only;
};
typedef bool ledger_on_order(const struct report_order *order, void *user); /* false: enough */
typedef bool ledger_on_dispute(const struct report_dispute *dispute, void *user);
typedef bool ledger_on_optout(const struct report_optout *optout, void *user);
typedef bool ledger_on_revocation(const struct report_revocation *revocation, void *user);
bool ledger_order_each(struct ledger *ledger, const struct report_register_query *query,
		       ledger_on_order *on_order, void *user, struct error *err);
bool ledger_dispute_each(struct ledger *ledger, const struct report_register_query *query,
			 ledger_on_dispute *on_dispute, void *user, struct error *err);
/* exchange is not read. */
bool ledger_optout_each(struct ledger *ledger, const struct report_register_query *query,
			ledger_on_optout *on_optout, void *user, struct error *err);
/* exchange and open_only are not read. */
bool ledger_revocation_each(struct ledger *ledger, const struct report_register_query *query,
			    ledger_on_revocation *on_revocation, void *user, struct error *err);

#endif
