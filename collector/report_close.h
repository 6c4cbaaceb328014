/* report_close.h - a closed week's letters: made where they are not yet, kept, registered; one peer at a time.
 *
 * What is there is not made again; what is made is registered after it is kept.  So a run that was broken off anywhere is
 * completed by the next one. */
#ifndef COLLECTOR_REPORT_CLOSE_H
#define COLLECTOR_REPORT_CLOSE_H

#include "report_letter.h"

struct report_run {
	const struct config *config;
	int32_t monday;
	uint32_t asn;         /* that peer's alone; 0: all, and the exchanges' and the overview */
	const char *exchange; /* peers of that one, and its own letter; NULL: any */
	bool asked;           /* registered as asked for, also with nothing to tell */
	report_register *put; /* NULL: made and kept, not registered */
	void *user;
	void (*on_progress)(size_t done, size_t count, void *user); /* NULL: nobody looks */
	const char *config_file;       /* helpers read it, too; NULL: the usual one */
	unsigned helper, helper_count; /* 1..helper_count: this process is one; 0: it is none */
};

/* ERR_REFUSED: the week is not over.  ERR_LOCKED: another process makes letters of it.  What fails with one peer is logged
 * and counted; it is an error at the end, and the letters of many are left for the next run. */
bool report_close(const struct report_run *run, struct report_tally *tally, struct error *err);

/* What helper `run->helper` does (report_helpers.h): makes and keeps its share of the letters, registers none, and writes an octet
 * to `told` for each peer that it is done with, made or not. */
bool report_close_share(const struct report_run *run, int told, struct error *err);

/* A closed week's letter of a peer as it would be now: to see whether history that came later makes it another. */
struct report_maker;
bool report_maker_open(struct report_maker **out, const struct report_run *run, struct error *err);
void report_maker_close(struct report_maker *maker); /* NULL is fine */
const struct report_peers *report_maker_peers(const struct report_maker *maker);
struct report_shelf *report_maker_shelf(struct report_maker *maker);
struct ledger *report_maker_ledger(struct report_maker *maker);
const char *report_maker_week(const struct report_maker *maker);

/* *facts NULL: nothing is known of it.  The caller frees all three. */
bool report_maker_peer(struct report_maker *maker, const struct report_peer *peer, unsigned edition,
		       struct json **facts, char **csv, struct report_pictures *pictures,
		       struct error *err);
struct json *report_maker_many(struct report_maker *maker, const char *exchange, unsigned edition,
			       struct json *connections_take);

#endif
