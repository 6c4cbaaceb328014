/* reports.h - letters as the ledger has them, found and seen: which one a request speaks of, and whether who asks sees all
 * that it tells of.
 *
 * A peer's letter tells of all its ASNs: an account with scopes sees it when each of them is within.  The letter of an
 * exchange needs that exchange, the overview everything.  A link sees its own letter, of a peer, and no other. */
#ifndef WEB_REPORTS_H
#define WEB_REPORTS_H

#include "ixwatch/report.h"

#include "kept.h"
#include "request.h"

/* A letter's row with texts of its own; report_row_end it. */
struct report_row {
	bool is_there;
	struct report report;
	struct arena *arena;
};
void report_row_end(struct report_row *row); /* an empty one is fine */

/* The letter of that id.  False: the ledger cannot be read; one that is none is not there. */
bool reports_get(struct report_row *row, struct ledger *ledger, int64_t id, struct error *err);
/* The one that the request's path (and "edition") speaks of, or whose link it comes with. */
bool reports_find(struct report_row *row, const struct request *request, struct error *err);

/* A kept file that is what was registered, by its SHA-256; whole, terminated, caller frees.  ERR_NOT_FOUND, ERR_REFUSED:
 * it is another by now. */
bool reports_read(char **data, size_t *len, const struct request *request,
		  const struct report *report, enum kept_part part, struct error *err);
/* An open file of the same, so proved, for what may be large: the caller's; -1 with the reason. */
int reports_open(size_t *len, const struct request *request, const struct report *report,
		 enum kept_part part, struct error *err);
/* A picture that the letter's facts name, so proved; caller frees. */
bool reports_picture(char **data, size_t *len, const struct request *request,
		     const struct report *report, const struct json *facts, const char *name,
		     struct error *err);
/* The facts of it, so proved, as a tree (json_free). */
bool reports_facts(struct json **facts, const struct request *request, const struct report *report,
		   struct error *err);

/* Whether who asks sees it. */
bool reports_sees(const struct request *request, const struct report *report);
/* Whether the path's letter is there, in any edition, and seen. */
bool reports_has(const struct request *request);

/* The page of a letter: "/reports/2026-W47/64500", with the edition unless it is 0.  Returns dst. */
#define REPORT_PATH_MAX 256
char *report_path(char dst[REPORT_PATH_MAX], const struct report *report, unsigned edition);

#endif
