/* api.h - /api/v1: the same facts as the pages, as JSON.  Fields and their meaning are promises: they are extended, never
 * changed.  Unknown is null. */
#ifndef WEB_API_H
#define WEB_API_H

#include "reply.h"
#include "request.h"

void api_status(const struct request *request, struct reply *reply);
void api_exchanges(const struct request *request, struct reply *reply);
void api_ports(const struct request *request, struct reply *reply);
void api_port(const struct request *request, struct reply *reply);
void api_days(const struct request *request, struct reply *reply);
void api_peer(const struct request *request, struct reply *reply);
void api_declare_post(const struct request *request, struct reply *reply); /* page_declare.c */
void api_silence_post(const struct request *request, struct reply *reply); /* page_silence.c */
void api_notes_post(const struct request *request, struct reply *reply);   /* page_note.c */
void api_note_withdraw_post(const struct request *request, struct reply *reply); /* page_note.c */
void api_acknowledge_post(const struct request *request, struct reply *reply);   /* page_ack.c */
void api_mail_retry_post(const struct request *request, struct reply *reply);    /* page_mail.c */
void api_mail_drop_post(const struct request *request, struct reply *reply);     /* page_mail.c */
void api_episodes(const struct request *request, struct reply *reply);
void api_windows(const struct request *request, struct reply *reply);
void api_notes(const struct request *request, struct reply *reply);
void api_alerts(const struct request *request, struct reply *reply);
void api_mail(const struct request *request, struct reply *reply);
void api_one_mail(const struct request *request, struct reply *reply);

/* /healthz, /readyz */
void api_healthz(const struct request *request, struct reply *reply);
void api_readyz(const struct request *request, struct reply *reply);

/* A port as a member of `in` (key "" for an array); the object is lent. */
struct json *api_put_port(struct json *in, const char *key, const struct world_port *port);
/* "judgement": the verdicts in force by the profile of the port's pages, with their reasons; "judgement_for_reports": the
 * same by that of the reports, as of the last traffic day that ended; null where that is the same, or nobody is told. */
bool api_put_judgement(struct json *in, struct ledger *ledger, const struct world_port *port,
		       enum profile reports, struct error *err);
/* "advice": what is advised about the capacity, as `ixwatch replay` says it, and "made_at"; null where nothing is. */
bool api_put_advice(struct json *in, struct ledger *ledger, const struct world_port *port,
		    struct error *err);
/* "lag", "capacity_history" (newest first, at most 100) and "capacity_disagreements". */
bool api_put_capacity(struct json *in, struct ledger *ledger, const struct world_port *port,
		      struct error *err);
/* "alerts": the newest of a port, as /api/v1/alerts has them. */
bool api_put_alerts(struct json *in, const struct request *request, int64_t port_id,
		    struct error *err);
/* The traffic days that "from" and "to" ask for (the last 28, when they do not); refused: false. */
bool days_chosen(const struct request *request, struct reply *reply, const struct world_port *port,
		 int32_t *first, int32_t *last);
/* "ports", "states", "verdicts", "in_bps", "out_bps" and how many ports the sums are of. */
void api_put_sum(struct json *in, const struct world_sum *sum);
/* "next": the cursor for the rest of a list, as text; 0: there is none. */
void api_put_next(struct json *in, int64_t last_id);

#endif
