/* registrar_parts.h - what the files of the registrar share.
 *
 *   registrar.c           the table of what can be asked; deciding about one report
 *   registrar_kept.c      reports copied from the ledger
 *   registrar_request.c   what a request says, understood and checked, as far as that goes without a ledger
 *   registrar_register.c  a new report: in which state it begins
 *   registrar_standing.c  what stands in a letter's way: opt-outs, disputes, orders, no recipient
 *   registrar_send.c      an approved one: its mails, and its notices
 *   registrar_peer.c      orders, disputes, opt-outs, revocations
 *   registrar_look.c      what lapses, what did not arrive, and who is told */
#ifndef COLLECTOR_REGISTRAR_PARTS_H
#define COLLECTOR_REGISTRAR_PARTS_H

#include "ixwatch/report.h"
#include "notify/report_rules.h"
#include "registrar.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define REGISTRAR_AUTHOR "collector"
#define AUTHOR_MAX       100

/* What the database refused is to be taken back with all that was written beside it.  Always false. */
bool registrar_keep_trouble(struct judge_house *house, const struct error *err);
/* The same, for a refusal that comes after something was written. */
bool registrar_take_back(struct judge_house *house, const struct error *err);

bool registrar_audit(struct judge_house *house, int64_t at_utc_sec, const char *author,
		     const char *what, struct error *err, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* --- registrar_request.c: each false with a sentence, ERR_USAGE --- */

/* One line of clean text, at most max octets; min 0: it may be absent or empty, and is "" then. */
bool registrar_take_text(const struct json *request, const char *key, size_t min, size_t max,
			 const char **out, struct error *err);
bool registrar_take_author(const struct json *request, const char **author, struct error *err);
bool registrar_take_id(const struct json *request, const char *what, int64_t *id,
		       struct error *err);
bool registrar_take_asn(const struct json *request, uint32_t *asn, struct error *err);
bool registrar_take_time(const struct json *request, const char *key, int64_t *utc_sec,
			 struct error *err);
bool registrar_take_date(const struct json *request, const char *key, int32_t *day,
			 struct error *err);
/* Lines of clean text, at most REPORT_NOTE_MAX octets, each ending with LF where CR LF stood; caller frees. */
bool registrar_take_lines(const struct json *request, const char *key, char **out,
			  struct error *err);

/* A request to register, understood; texts are lent from the request. */
struct registration {
	struct report report;
	bool asked;
	struct report_file files[REPORT_FILES_MAX];
	size_t file_count;
	struct report_connection
	    *connections; /* by exchange, each once; registration_end frees them */
	size_t connection_count;
};
bool registration_take(struct registration *out, const struct json *request, struct error *err);
void registration_end(struct registration *registration);

bool registrar_register_check(const struct json *request, struct error *err);
bool registrar_id_check(const struct json *request, struct error *err); /* id, author */
bool registrar_hold_check(const struct json *request, struct error *err);
bool registrar_note_check(const struct json *request, struct error *err);
bool registrar_order_check(const struct json *request, struct error *err);
bool registrar_outcome_check(const struct json *request, struct error *err); /* id, outcome */
bool registrar_dispute_check(const struct json *request, struct error *err);
bool registrar_optout_check(const struct json *request, struct error *err);
bool registrar_optin_check(const struct json *request, struct error *err);
bool registrar_revoke_check(const struct json *request, struct error *err);

/* --- reports, copied: the ledger lends them only for a moment --- */

struct kept_report {
	struct report report; /* its texts are allocated */
};
bool kept_report_get(struct kept_report *out, struct judge_house *house, int64_t id,
		     struct error *err);
void kept_report_free(struct kept_report *kept); /* all zero is fine */

struct kept_reports {
	struct kept_report *list;
	size_t count, size;
};
bool kept_reports_find(struct kept_reports *out, struct judge_house *house,
		       const struct report_query *query, struct error *err);
void kept_reports_free(struct kept_reports *kept);

/* "report 12 (2026-W47, AS64500)"; returns dst. */
#define REPORT_LABEL_SIZE 160
char *registrar_label(char dst[REPORT_LABEL_SIZE], const struct report *report);

/* --- registrar_standing.c --- */

/* To whom a report goes, each once. */
struct recipients {
	struct recipient_line {
		char *address;
		char *in_reply_to; /* the Message-ID of the first edition's mail there; "" */
	} * list;
	size_t count, size;
	bool corrects_sent; /* they are those of an earlier edition */
};
bool recipients_get(struct recipients *out, struct judge_house *house, const struct report *report,
		    struct error *err);
void recipients_free(struct recipients *recipients);

/* The peer's first AS number, where a block has this one. */
uint32_t registrar_asn(const struct config *config, uint32_t asn);

/* What stands in the way of a letter of that peer with these connections. */
struct standing {
	bool opted_out, disputed, ordered;
};
bool standing_get(struct standing *out, struct judge_house *house, uint32_t asn,
		  const struct report_connection *connections, size_t count, struct error *err);
/* Whether an order or a dispute is open for the peer at that exchange: nothing is asked there. */
bool standing_is_paused_at(struct judge_house *house, uint32_t asn, const char *exchange,
			   bool *paused, struct error *err);

/* Brings an undecided letter to the state that follows from what stands in its way; *changed whether it is another. */
bool standing_refresh(struct judge_house *house, const struct report *report, int64_t now_utc_sec,
		      bool *changed, struct error *err);
/* All undecided letters of a peer (0: whatever is undecided) that are in time; the ids of those whose state is another now are added
 * to `ids` (NULL is fine). */
bool standing_refresh_all(struct judge_house *house, uint32_t asn, int64_t now_utc_sec,
			  struct json *ids, bool *changed, struct error *err);

/* --- registrar_send.c --- */

/* Approves: state, notices, one mail a recipient, in the house's transaction.  answer gets "recipients" and "notice". */
bool registrar_send(struct judge_house *house, const struct report *report, const char *author,
		    int64_t now_utc_sec, struct json *answer, struct error *err);

/* --- the ops --- */

registrar_op registrar_register, registrar_order, registrar_order_end, registrar_dispute,
    registrar_dispute_decide, registrar_optout, registrar_optin, registrar_revoke;

#endif
