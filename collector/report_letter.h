/* report_letter.h - one letter: made of its facts, kept, registered; and made again, to be held against what is kept. */
#ifndef COLLECTOR_REPORT_LETTER_H
#define COLLECTOR_REPORT_LETTER_H

#include "ixwatch/json.h"
#include "ixwatch/report.h"
#include "report_facts.h"
#include "report_shelf.h"

/* Registers a letter: report-register of collector/registrar.h, over the control socket or in the ledger itself.  *answer is
 * the caller's (json_free). */
typedef bool report_register(const struct json *request, struct json **answer, void *user,
			     struct error *err);

/* How many of each there were. */
struct report_tally {
	size_t made, kept, failed; /* made now; there already */
	size_t states[REPORT_STATE_COUNT];
};

/* A picture beside a letter. */
struct report_pictures {
	size_t count;
	struct shelf_file *files; /* names and octets are owned */
};
void report_pictures_free(struct report_pictures *pictures);

/* Who a letter is for, by the name of its files. */
struct report_key {
	enum report_kind kind;
	uint32_t asn;         /* of a peer */
	const char *exchange; /* of an exchange; else "" */
};
char *report_key_name(char dst[REPORT_STEM_SIZE], const struct report_key *key);

/* Makes text and HTML of the facts, and keeps all of it; csv "" is the header alone. */
bool report_letter_keep(struct report_shelf *shelf, const struct report_key *key,
			const struct json *facts, const char *csv,
			const struct report_pictures *pictures, struct error *err);

/* Registers a kept letter of that edition; asked: also with nothing to tell.  known: its facts, where they have been read; NULL:
 * they are.  *state: what became of it. */
bool report_letter_register(const char *state_dir, const char *week, const struct report_key *key,
			    unsigned edition, const struct json *known, bool asked,
			    report_register *put, void *user, enum report_state *state,
			    struct error *err);

/* The facts of a kept letter; the caller frees. */
bool report_letter_facts(struct json **facts, const char *state_dir, const char *week,
			 const struct report_key *key, unsigned edition, struct error *err);

/* The pictures that a kept letter shows, by their files; false from the callback: it failed. */
typedef bool report_on_picture(const char *name, void *user);
bool report_letter_pictures_each(const char *state_dir, const char *week, const char *stem,
				 report_on_picture *on_picture, void *user, struct error *err);

/* Makes a kept letter again from its facts and holds text and HTML against what is kept; its CSV must be one.  ERR_REFUSED
 * naming the file and the place of the first difference. */
bool report_letter_remake(const char *state_dir, const char *week, const char *stem,
			  struct error *err);

#endif
