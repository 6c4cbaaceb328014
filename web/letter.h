/* letter.h - what a letter's signed link opens: the letter as it was mailed, where each of its numbers comes from, and its
 * ports over the weeks it looks at; and the queue of letters for those with accounts. */
#ifndef WEB_LETTER_H
#define WEB_LETTER_H

#include "reply.h"
#include "request.h"

/* --- its files, by a link or by an account: letter_files.c --- */
void letter_html(const struct request *request, struct reply *reply);
void letter_text(const struct request *request, struct reply *reply);
void letter_csv(const struct request *request, struct reply *reply);
void letter_facts_json(const struct request *request, struct reply *reply);
void letter_graph(const struct request *request, struct reply *reply);

/* --- by a link: page_letter.c --- */
void page_letter(const struct request *request, struct reply *reply);
void page_letter_method(const struct request *request, struct reply *reply);

/* --- one port of it: page_letter_port.c --- */
void page_letter_port(const struct request *request, struct reply *reply);
void letter_port_csv(const struct request *request, struct reply *reply);
void letter_port_days(const struct request *request, struct reply *reply);
void letter_port_episodes(const struct request *request, struct reply *reply);
void letter_port_series(const struct request *request, struct reply *reply);
void letter_port_png(const struct request *request, struct reply *reply);
void letter_port_heat(const struct request *request, struct reply *reply);

/* --- by an account: page_reports.c, page_report.c, api_reports.c --- */
void page_reports(const struct request *request, struct reply *reply);
void page_report(const struct request *request, struct reply *reply);
void api_reports(const struct request *request, struct reply *reply);
void api_report(const struct request *request, struct reply *reply);

/* --- what is asked of the collector: report_actions.c --- */
void report_approve_post(const struct request *request, struct reply *reply);
void report_hold_post(const struct request *request, struct reply *reply);
void report_release_post(const struct request *request, struct reply *reply);
void report_note_post(const struct request *request, struct reply *reply);
void report_revoke_post(const struct request *request, struct reply *reply);
void report_order_post(const struct request *request, struct reply *reply);
void report_order_end_post(const struct request *request, struct reply *reply);
void report_dispute_post(const struct request *request, struct reply *reply);
void report_dispute_decide_post(const struct request *request, struct reply *reply);
void report_optout_post(const struct request *request, struct reply *reply);
void report_optin_post(const struct request *request, struct reply *reply);

#endif
