/* outbox.h - the mails that are to go out, and what became of each: one row per recipient, in the ledger.
 *
 * Who has something to tell puts rows within the transaction that records what causes them; the mailer sends them, at
 * least once, always under the same Message-ID.  A row is waiting until it was sent, was refused for good (failed), was
 * taken back (dropped), or is listed in a digest that goes in its place. */
#ifndef IXWATCH_OUTBOX_H
#define IXWATCH_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/error.h"
#include "ixwatch/ledger.h"
#include "ixwatch/model.h"

enum outbox_kind {
	OUTBOX_ALERT,
	OUTBOX_REPEAT,
	OUTBOX_RECOVERY,
	OUTBOX_VERDICT,
	OUTBOX_NOTICE,
	OUTBOX_DIGEST,
	OUTBOX_SIGN_OF_LIFE,
	OUTBOX_REPORT,
	OUTBOX_KIND_COUNT
};

enum outbox_state {
	OUTBOX_WAITING,
	OUTBOX_SENT,
	OUTBOX_FAILED,    /* refused for good, or given up; last_reply says why */
	OUTBOX_DROPPED,   /* taken back before it was sent */
	OUTBOX_IN_DIGEST, /* listed in the mail digest_id */
	OUTBOX_STATE_COUNT
};

const char *outbox_kind_name(enum outbox_kind kind);    /* "alert", "sign of life" ... */
const char *outbox_state_name(enum outbox_state state); /* "waiting", "in a digest" ... */
bool outbox_kind_parse(const char *name, enum outbox_kind *kind);
bool outbox_state_parse(const char *name, enum outbox_state *state);

/* Whether a text may stand in an SMTP command as an address: printable ASCII without space, < and >, quotes and what
 * else would need quoting, one @ with something on both sides, at most 254 octets. */
bool outbox_address_ok(const char *address);

/* A Message-ID nobody used before, "<...@domain of from>"; the domain is "ixwatch.invalid" where `from` has none. */
#define OUTBOX_MESSAGE_ID_SIZE 320
char *outbox_message_id(char dst[OUTBOX_MESSAGE_ID_SIZE], const char *from);

#define OUTBOX_PATIENCE_SEC (INT64_C(5) * 86400) /* so long is a mail tried */

/* Which graph the mailer is to draw into a mail, when it sends it.  One that cannot be drawn is left out. */
struct outbox_picture {
	int64_t port_id; /* 0: no picture */
	enum direction direction;
	int64_t from_utc_sec, to_utc_sec;
};

/* Texts are UTF-8 and lent.  A row that is put needs the first part; the second is the ledger's. */
struct outbox_mail {
	enum outbox_kind kind;
	const char *recipient;
	const char *message_id;  /* "<unique@domain>"; nobody else's */
	const char *in_reply_to; /* the Message-ID of one mail; NULL or "": it answers none */
	const char *references; /* Message-IDs with spaces between; NULL or "": in_reply_to alone */
	const char *subject;    /* one line; controls in it become spaces */
	const char *text;
	const char *html; /* NULL or "": the text alone; shows the picture as cid:graph */
	struct outbox_picture picture;
	const char *exchange; /* slug; NULL or "": of none */
	int64_t alert_id;     /* the alert it tells, or the worst of several; 0: of none */
	int64_t report_id;    /* the report (report.h) whose files go with it; 0: of none */
	int64_t created_utc_sec;
	int64_t due_utc_sec;     /* not sent before; 0: at once */
	int64_t give_up_utc_sec; /* 0: OUTBOX_PATIENCE_SEC after it is due */

	int64_t id; /* given by the ledger, never used again */
	enum outbox_state state;
	uint32_t attempts;
	bool in_flight;         /* the mailer has it in hand now */
	uint32_t interrupted;   /* attempts that ended with the mailer's own end */
	int64_t next_utc_sec;   /* waiting: not tried before */
	int64_t tried_utc_sec;  /* last; 0: never */
	int64_t sent_utc_sec;   /* 0: not */
	int last_code;          /* of SMTP; 0: there was no answer */
	const char *last_reply; /* the server's words, or ours where it had none; "" */
	int64_t digest_id;      /* of the mail that lists it; 0 */
};

/* Within the caller's transaction, or one of its own.  The same message_id again is ERR_REFUSED.  A recipient that is no
 * address is kept as failed and so shown: what causes the mail is not held up by it. */
bool ledger_outbox_put(struct ledger *ledger, const struct outbox_mail *mail, int64_t *id,
		       struct error *err);

/* The id that the next mail will have, if it is put within this transaction: for what its text says of itself. */
bool ledger_outbox_next_id(struct ledger *ledger, int64_t *id, struct error *err);

/* Takes a mail back that nobody has tried to send yet; *dropped says whether it was so.  For a recovery and the alert that
 * it answers, when that still waits: then neither is sent, and the next digest to that recipient lists both. */
#define OUTBOX_OVER_UNSENT "over before anything of it was sent"
bool ledger_outbox_drop_unsent(struct ledger *ledger, int64_t id, int64_t at_utc_sec, bool *dropped,
			       struct error *err);
/* Whether it was taken back so; in a digest: one lists it. */
bool outbox_is_over_unsent(const struct outbox_mail *mail);

/* --- reading --- */

struct outbox_query {
	int64_t id; /* that one; 0: any */
	bool any_state;
	enum outbox_state state; /* unless any_state */
	const char *recipient;   /* NULL: any */
	int64_t digest_id;       /* those listed in it; 0: any */
	int64_t before_id;       /* cursor; 0: from the newest */
	unsigned limit;          /* 0: all */
};
typedef bool ledger_on_mail(const struct outbox_mail *mail,
			    void *user); /* lent for the call; false: enough */
/* Newest first. */
bool ledger_outbox_each(struct ledger *ledger, const struct outbox_query *query,
			ledger_on_mail *on_mail, void *user, struct error *err);

/* What may be sent now: oldest first within a kind, alerts before digests before the rest.  One that answers a mail which
 * still waits, waits behind it. */
bool ledger_outbox_due(struct ledger *ledger, int64_t now_utc_sec, unsigned limit,
		       ledger_on_mail *on_mail, void *user, struct error *err);

/* What waits for a recipient: alerts, repeats, recoveries, verdicts and notices can be told in a digest. */
struct outbox_backlog {
	const char *recipient;
	uint32_t gatherable_count; /* that are due and may stand in a digest, or were over unsent */
	int64_t oldest_due_utc_sec; /* of these; 0: none */
	int64_t digest_id;          /* of a digest that still waits; 0: none */
	bool digest_in_flight;
	uint32_t recent_count;       /* gatherable mails sent singly in the last hour */
	int64_t last_digest_utc_sec; /* when the newest digest was put; 0: none */
};
typedef bool ledger_on_backlog(const struct outbox_backlog *backlog, void *user);
/* Every recipient for whom something gatherable is due, by address. */
bool ledger_outbox_backlogs(struct ledger *ledger, int64_t now_utc_sec,
			    ledger_on_backlog *on_backlog, void *user, struct error *err);

struct outbox_summary {
	int64_t count[OUTBOX_STATE_COUNT];
	int64_t oldest_due_utc_sec;  /* of what waits and is due; 0: nothing */
	int64_t last_sent_utc_sec;   /* 0: never */
	int64_t last_failed_utc_sec; /* 0: never */
};
bool ledger_outbox_summary(struct ledger *ledger, int64_t now_utc_sec,
			   struct outbox_summary *summary, struct error *err);
/* Mails that left at or after that instant. */
bool ledger_outbox_sent_since(struct ledger *ledger, int64_t from_utc_sec, int64_t *count,
			      struct error *err);
/* When the newest mail of that kind was created; 0: there is none. */
bool ledger_outbox_newest(struct ledger *ledger, enum outbox_kind kind, int64_t *created_utc_sec,
			  struct error *err);

/* --- what becomes of a row; by the writer --- */

/* The mailer takes it in hand: one attempt more.  *claimed false: it does not wait any more, or is in hand already. */
bool ledger_outbox_claim(struct ledger *ledger, int64_t id, int64_t at_utc_sec, bool *claimed,
			 struct error *err);
/* It was not tried after all: as if it had not been claimed. */
bool ledger_outbox_release(struct ledger *ledger, int64_t id, struct error *err);

struct outbox_outcome {
	int64_t id;
	enum outbox_state state; /* OUTBOX_SENT, OUTBOX_FAILED, or OUTBOX_WAITING for another try */
	int64_t at_utc_sec;
	int64_t next_utc_sec; /* of OUTBOX_WAITING */
	int code;
	const char *reply;
};
/* What an attempt came to.  Once sent, a row stays sent: the same outcome again changes nothing, and one that was dropped
 * meanwhile and was sent all the same is sent.  ERR_NOT_FOUND: there is no such row. */
bool ledger_outbox_outcome(struct ledger *ledger, const struct outbox_outcome *outcome,
			   struct error *err);
/* The mailer ended with these in hand; nobody knows whether they left.  They are tried again. */
bool ledger_outbox_interrupted(struct ledger *ledger, int64_t at_utc_sec, struct error *err);
/* A row that waits and is not in hand, or was over unsent, is listed in that digest. */
bool ledger_outbox_into_digest(struct ledger *ledger, int64_t id, int64_t digest_id,
			       struct error *err);
/* Those past their time are failed; *count of them. */
bool ledger_outbox_give_up(struct ledger *ledger, int64_t now_utc_sec, int64_t *count,
			   struct error *err);

/* A failed, dropped or waiting mail is tried from now on, for another OUTBOX_PATIENCE_SEC; a waiting one is dropped.
 * ERR_NOT_FOUND: no such mail; ERR_REFUSED: it is sent, or in a digest, or (dropping) in hand or not waiting, or its
 * recipient is no address. */
bool ledger_outbox_retry(struct ledger *ledger, int64_t id, int64_t now_utc_sec, struct error *err);
bool ledger_outbox_drop(struct ledger *ledger, int64_t id, int64_t now_utc_sec, const char *why,
			struct error *err);

/* Those that ended before that instant are removed. */
bool ledger_outbox_tidy(struct ledger *ledger, int64_t before_utc_sec, struct error *err);

#endif
