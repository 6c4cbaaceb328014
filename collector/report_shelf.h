/* report_shelf.h - where closed weeks are kept: state-dir/reports/<week>/, files that are made once and never replaced.
 *
 * A letter's files come together: all are made aside, made durable, and then take their places, the facts (`.json`) last.
 * So a letter is there when its facts are; what lies beside without them is of a making that was broken off, and is
 * cleared before it is made again. */
#ifndef COLLECTOR_REPORT_SHELF_H
#define COLLECTOR_REPORT_SHELF_H

#include <stdbool.h>
#include <stddef.h>

#include "ixwatch/digest.h"
#include "ixwatch/error.h"

#define REPORT_PATH_SIZE 4096
#define REPORT_STEM_SIZE 128

struct shelf_file {
	const char *name; /* within the week's folder */
	const void *octets;
	size_t len;
};

/* "AS64500" of edition 1, "AS64500-r2" of the second. */
char *report_stem(char dst[REPORT_STEM_SIZE], const char *name, unsigned edition);

/* "state-dir/reports/2026-W47/AS64500.json"; name "": the folder.  Returns dst. */
char *report_path(char dst[REPORT_PATH_SIZE], const char *state_dir, const char *week,
		  const char *name);

#define SHELF_HELPERS_MAX 16 /* as many as there may be */

/* Makes the week's folder, holds it against another maker until it is let go, and sweeps what a broken-off one left.
 * helper: 0, or from 1 to SHELF_HELPERS_MAX the number of one that works beside whoever holds it.  ERR_LOCKED: another makes
 * letters of that week now. */
struct report_shelf;
bool report_shelf_open(struct report_shelf **out, const char *state_dir, const char *week,
		       unsigned helper, struct error *err);
void report_shelf_close(struct report_shelf *shelf); /* NULL is fine */

/* An empty folder aside, for what is made on the way; the same again is emptied.  Lent. */
const char *report_shelf_bench(struct report_shelf *shelf, struct error *err);

/* The newest edition of which the facts are there; 0: none. */
unsigned report_shelf_edition(const char *state_dir, const char *week, const char *name);

/* Every letter that is kept of a week, by the stem of its files ("AS64500-r2"), in the order of their octets; false from the
 * callback: enough.  A week of which nothing is kept has none. */
typedef bool report_on_stem(const char *stem, void *user);
bool report_shelf_each(const char *state_dir, const char *week, report_on_stem *on_stem, void *user,
		       struct error *err);

/* Keeps a letter: the last file is its facts.  ERR_REFUSED when one of that name is there. */
bool report_shelf_keep(struct report_shelf *shelf, const struct shelf_file *files, size_t count,
		       struct error *err);

/* A kept file, whole; allocated, terminated, caller frees.  ERR_NOT_FOUND: there is none. */
bool report_shelf_read(const char *state_dir, const char *week, const char *name, char **octets,
		       size_t *len, struct error *err);

/* Of a letter as it is kept: SHA-256 of its text, HTML, CSV and facts, one after the other. */
bool report_shelf_digest(const char *state_dir, const char *week, const char *stem,
			 char hex[DIGEST_HEX], struct error *err);

#endif
