/* page.h - the pages, and what they share: the frame around each, and the small parts (states, bars, times). */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include "ixwatch/ledger_advice.h"

#include "html.h"
#include "reply.h"
#include "request.h"

/* --- handlers (route.h) --- */
void page_overview(const struct request *request, struct reply *reply);
void page_wall(const struct request *request, struct reply *reply);
void page_exchange(const struct request *request, struct reply *reply);
void page_peer(const struct request *request, struct reply *reply);
void page_port(const struct request *request, struct reply *reply);
void page_days(const struct request *request, struct reply *reply);
void page_episodes(const struct request *request, struct reply *reply);
void page_mail(const struct request *request, struct reply *reply);
void page_one_mail(const struct request *request, struct reply *reply);
void page_mail_retry_post(const struct request *request, struct reply *reply);
void page_mail_drop_post(const struct request *request, struct reply *reply);
void page_method(const struct request *request, struct reply *reply);
void page_login(const struct request *request, struct reply *reply);
void page_login_post(const struct request *request, struct reply *reply);
void page_logout_post(const struct request *request, struct reply *reply);
void page_declare(const struct request *request, struct reply *reply);
void page_declare_post(const struct request *request, struct reply *reply);
void page_silence(const struct request *request, struct reply *reply);
void page_silence_post(const struct request *request, struct reply *reply);
void page_notes(const struct request *request, struct reply *reply);
void page_notes_post(const struct request *request, struct reply *reply);
void page_note_withdraw_post(const struct request *request, struct reply *reply);
void page_alert(const struct request *request, struct reply *reply);
void page_alert_post(const struct request *request, struct reply *reply);
void page_ack(const struct request *request, struct reply *reply);
void page_ack_post(const struct request *request, struct reply *reply);
void page_error(const struct request *request, struct reply *reply, unsigned status,
		const char *sentence);

/* The method by the numbers of a letter; and the options that give replay such numbers, each with a blank before it. */
void page_method_of(const struct request *request, struct reply *reply,
		    const struct detector_settings *settings);
void page_method_options(struct html *html, const struct detector_settings *settings);

/* --- the frame (page.c) --- */
enum page_place {
	PLACE_NONE,
	PLACE_PORTS,
	PLACE_EPISODES,
	PLACE_REPORTS,
	PLACE_MAIL,
	PLACE_METHOD,
	PLACE_PORT
};

/* Rows of the table of ports.  Renewing twice as many takes a browser's main thread more than 100 ms (tests/bench/browse.py), and
 * to lay out only those in view (content-visibility) hides the others from a screen reader. */
#define PAGE_PORTS_MAX 50

/* Begins a page; refresh_sec 0: it does not renew itself.  PLACE_PORT: it has a chart, whose script renews it. */
void page_begin(struct html *html, const struct request *request, const char *title,
		enum page_place place, unsigned refresh_sec);
/* Ends it and hands it over. */
void page_end(struct html *html, const struct request *request, struct reply *reply,
	      unsigned status);
/* The request as it was when the round ended, while rounds come: ages told by it stay the same until the next one. */
struct request page_at_the_round(const struct request *request);

/* Tags a page that was ended by what is in its <main>, since the clock around it runs by itself (renew.js), and by whose forms
 * are in it: another login of the same account gets its own. */
void page_tag(const struct request *request, struct reply *reply);

/* How often a page with live values renews itself. */
unsigned page_refresh_sec(const struct request *request, unsigned at_least_sec);
/* The page that stands in for all others while there is no ledger.  True when it was given. */
bool page_no_data(const struct request *request, struct reply *reply);

/* The interactive chart of a port (page_chart.c); of a page of PLACE_PORT. */
void page_chart(struct html *html, const struct request *request, const struct world_port *port);

/* --- small parts (page_parts.c); each writes markup --- */
void page_state(struct html *html, enum port_state state);
/* The verdict by shape and word. */
void page_verdict(struct html *html, enum verdict verdict);
/* A bar with its mark at the congestion threshold, and the share as a number. */
void page_bar(struct html *html, const struct world_port *port, enum direction direction);
void page_capacity(struct html *html, const struct world_port *port);
/* "2026-11-23", as a <time>. */
void page_date(struct html *html, int32_t date);
/* "02:10:04Z", with the date when it is not today's. */
void page_instant(struct html *html, const struct request *request, int64_t utc_sec);
/* "3 min", "2 h 05 min". */
char *page_age(char *dst, size_t len, int64_t sec);
/* In words for people: the peer, else the alias, else the interface. */
const char *page_port_name(const struct port *port);
/* That name as a link to the port's page; which of several of one name it is, is its title. */
void page_port_link(struct html *html, const struct world_port *port);
/* What a page about a port is called, so that no two are called the same; before: what of it, "" for the port itself. */
#define PAGE_TITLE_MAX 1200
const char *page_port_title(char *dst, size_t len, const char *before, const struct port *port);
/* "AS64500" as a link; nothing when there is no ASN. */
void page_asn(struct html *html, const struct port *port);
/* A sentence as messages have them, with a capital letter and a full stop. */
void page_sentence(struct html *html, const char *text);
/* Why what was sent was not done; nothing for "".  One a page: fields refer to it. */
void page_problem(struct html *html, const char *problem);
/* Attributes of a field that say that the problem, which begins with a field's name, is with this one; "" when it is not. */
const char *page_fault_of(const char *field, const char *problem);
/* "3 ports", "1 port". */
void page_count(struct html *html, unsigned count, const char *one, const char *many);

/* --- parts that exchange and peer share (page_exchange.c) --- */
/* How many ports, their states, and what they carry. */
void page_sums(struct html *html, const struct world_sum *sum);

/* --- the judgement of a port (page_verdict.c) --- */
/* Verdict and reason of both directions, the calendar of their days, and four weeks hour by day. */
void page_judgement(struct html *html, const struct request *request,
		    const struct world_port *port);
/* Of it, verdict, reason and days of both directions only; for connections, too.  False when it could not be read, which
 * is said. */
bool page_judgement_sides(struct html *html, const struct request *request,
			  const struct world_port *port);
/* What the verdict says, for people: "the policy is not met". */
const char *page_verdict_means(enum verdict verdict);

/* --- its capacity (page_advice.c) --- */
/* What the peer was told by letter, newest first.  (page_peer_letters.c) */
void page_peer_letters(struct html *html, const struct request *request, uint32_t asn);

/* Where the peer of these connections has room, when there are several.  (page_room.c) */
void page_room(struct html *html, const struct request *request,
	       const struct world_connection *first, size_t count);
void page_advice(struct html *html, const struct request *request, const struct world_port *port);
/* Of a port or a connection's whole, as the request's account sees it; ledger NULL: there is none now. */
bool page_advice_read(struct ledger_advice *advice, struct ledger *ledger,
		      const struct world_port *port, enum direction direction, struct error *err);
/* Without a heading: of a port, or the whole of a connection. */
void page_advice_sides(struct html *html, const struct request *request,
		       const struct world_port *port);

/* --- what a port can carry (page_capacity.c) --- */
void page_capacity_section(struct html *html, const struct request *request,
			   const struct world_port *port);

/* --- open alerts (page_alerts.c) --- */
/* A section with those of an exchange (NULL: any) or a port (0: any); nothing when none is open. */
void page_open_alerts(struct html *html, const struct request *request, const char *exchange,
		      int64_t port_id);

/* --- what was noted about the port of the path (page_note.c) --- */
/* A section with the newest that stand; nothing when there is none, and nothing behind a letter's link. */
/* Whether notes are for whoever asks: not for an account of a peer's scope, nor for a letter's visitor. */
bool page_may_note(const struct request *request);
void page_notes_section(struct html *html, const struct request *request);

/* --- tables (page_table.c, page_episodes.c) --- */
struct page_table {
	const struct world_port **ports;
	size_t count;
	bool show_exchange;
	bool grouped;  /* a heading where the state changes: they are worst first */
	bool sortable; /* its headings lead to the overview in their order */
};
void page_port_table(struct html *html, const struct request *request,
		     const struct page_table *table);
/* A table of episodes, newest first; returns the cursor for the rest, 0 when those are all. */
int64_t page_episode_table(struct html *html, const struct request *request,
			   const struct ledger_episode_query *query, bool show_port);

/* Where a port went, and whose past it continues; nothing where neither is so. */
void page_way(struct html *html, const struct request *request, const struct ledger_way *way);
/* The page of one that is watched no more because it moved. */
void page_moved_port(const struct request *request, const struct world_move *move,
		     struct reply *reply);

/* The shapes that states and verdicts refer to, once a page.  (page.c) */
void page_shapes(struct html *html);

#endif
