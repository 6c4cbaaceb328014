/* kept.h - the files of a closed week's letter, as they were kept in state-dir/reports/WEEK: read, never written.
 *
 * Their names come from the ledger's row, and those of pictures from the letter itself: never from a request. */
#ifndef WEB_KEPT_H
#define WEB_KEPT_H

#include <stdbool.h>
#include <stddef.h>

#include "ixwatch/error.h"
#include "ixwatch/json.h"
#include "ixwatch/report.h"

#define KEPT_STEM_MAX 96
#define KEPT_READ_MAX                                                                              \
	(64u << 20) /* of what is read whole: an overview of 10,000 connections has 30 MB */

enum kept_part { KEPT_FACTS, KEPT_TEXT, KEPT_HTML, KEPT_CSV };

/* "AS64500", "exchange-demo-fra", "overview"; of a later edition "AS64500-r2".  Returns dst. */
char *kept_stem(char dst[KEPT_STEM_MAX], const struct report *report);
/* The file's name: "AS64500.json".  Returns dst. */
#define KEPT_NAME_MAX 256
char *kept_name(char dst[KEPT_NAME_MAX], const struct report *report, enum kept_part part);
/* As somebody saves it: "2026-W47-AS64500.csv".  Returns dst. */
char *kept_save_name(char *dst, size_t len, const struct report *report, enum kept_part part);

/* The whole file, terminated beyond *len; caller frees.  ERR_NOT_FOUND: it is not there, or no file of its own. */
bool kept_read(char **data, size_t *len, const char *state_dir, const struct report *report,
	       enum kept_part part, struct error *err);
/* The same of a picture that the letter's facts name; ERR_NOT_FOUND for every other name. */
bool kept_picture_read(char **data, size_t *len, const char *state_dir, const struct report *report,
		       const struct json *facts, const char *name, struct error *err);
/* An open file, for what may be large: the caller's; -1 with the reason. */
int kept_open(const char *state_dir, const struct report *report, enum kept_part part, size_t *len,
	      struct error *err);

/* One picture of a letter, whole; false: it is not shown. */
typedef bool kept_on_picture(char **data, size_t *len, const char *name, void *user);

/* The letter's HTML with its pictures within it, in place of what a mail carries beside it; html is mail's.  What the letter
 * says of a picture that is not shown is left out.  Caller frees; NULL when memory ran out. */
char *kept_inline(const char *html, const struct json *facts, kept_on_picture *on_picture,
		  void *user, size_t *len);

#endif
