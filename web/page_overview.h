/* page_overview.h - what the overview and the wall are made of: what needs a hand, the exchanges, what changed, the list. */
#ifndef WEB_PAGE_OVERVIEW_H
#define WEB_PAGE_OVERVIEW_H

#include "alerts.h"
#include "needs.h"
#include "page.h"

/* --- parts of alerts (page_alerts.c) --- */
/* "AS64500 at ..., a port with its place, an agent", with links. */
void page_alert_whom(struct html *html, const struct request *request,
		     const struct alert_subject *subject);
/* "ExampleNet AS64500, all its ports at ...": the connection of that peer at that exchange, by its slug. */
void page_connection(struct html *html, const struct request *request, uint32_t asn,
		     const char *exchange);
/* Who has it, or keeps it silent, and until when; that nobody does, too. */
void page_alert_quiet(struct html *html, const struct request *request,
		      const struct open_alert *open);

/* --- what needs a hand (page_needs.c) --- */
/* As an h1: that nothing does, or how much; and below it how the ports of the sum stand. */
void page_needs_headline(struct html *html, const struct request *request,
			 const struct needs *needs, const struct world_sum *sum);
/* What it is, the most urgent first, at most max of them; with what is open and needs no hand now, unless hands_only.
 * Nothing when there is nothing. */
void page_needs_list(struct html *html, const struct request *request, const struct needs *needs,
		     size_t max, bool hands_only);

/* --- exchanges (page_tiles.c) --- */
struct page_tiles {
	const char *exchange; /* only this one; NULL: all */
	size_t max;           /* of them, the worst first */
	const char *theme; /* of their curves: "dark" or "light"; NULL: as the reader's screen is */
	const struct needs *needs;
};
void page_exchange_tiles(struct html *html, const struct request *request,
			 const struct page_tiles *tiles);

/* --- what changed in the last hour (page_changes.c) --- */
void page_changes(struct html *html, const struct request *request);

/* --- agents that do not answer (page_blind.c) --- */
/* Takes their ports out of the list; returns how many are left. */
size_t page_blind_fold(const struct needs *needs, const struct world_port **ports, size_t count);
/* How many ports they have. */
size_t page_blind_count(const struct needs *needs);
/* A line for each of them, with the way to its ports. */
void page_blind_lines(struct html *html, const struct request *request, const struct needs *needs);

/* --- the list of ports (page_ports.c) --- */
/* With its filters, in the order that is asked for; false when memory ran out. */
bool page_ports_list(struct html *html, const struct request *request, const struct needs *needs);

/* --- the ports of an exchange or a peer (page_exchange.c) --- */
/* Those of the query, worst first, as a section; those of a blind agent of needs (NULL: of none) are a line.  False when memory
 * ran out. */
bool page_ports_worst(struct html *html, const struct request *request, const struct query *query,
		      const struct needs *needs);

/* The newest episodes of the query's exchange or peer, as a section. */
void page_recent_episodes(struct html *html, const struct request *request, const struct query *of);

/* --- filters (page_filter.c) --- */
/* The address of the overview with the query's filters and order, but for the keys of `without` (enum query_arg); fit for
 * an attribute; where some are left out, it is left open for another pair. */
void page_filter_address(struct html *html, const struct query *query, unsigned without);
/* The form. */
void page_filter_form(struct html *html, const struct request *request);

/* The filters of the list of episodes, as what goes on behind another pair of an address; with instants for days. */
void page_episode_address(struct html *html, const struct query *query);
/* From when to when they are asked for, by days of UTC or instants; 0: unbounded. */
int64_t page_episode_from_utc_sec(const struct query *query);
int64_t page_episode_to_utc_sec(const struct query *query);
/* The form, and the same list as a sheet. */
void page_episode_form(struct html *html, const struct request *request);

#endif
