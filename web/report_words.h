/* report_words.h - a letter's standing in words, as the queue and its page have it. */
#ifndef WEB_REPORT_WORDS_H
#define WEB_REPORT_WORDS_H

#include "ixwatch/report.h"

#include "html.h"
#include "request.h"

/* The class of a state, and the state as a word with it. */
const char *report_state_css(enum report_state state);
void report_put_state(struct html *html, enum report_state state);

/* "ExampleNet", "Demo-IX Frankfurt", "the overview". */
const char *report_whom(const struct report *report);
/* "first", "second", "third", "4th"; "-" where it is none.  Returns dst. */
char *report_notice_words(char *dst, size_t len, const struct report *report);
/* "in 2 d 3 h" while it may; else "-".  Returns dst. */
char *report_lapse_words(char *dst, size_t len, const struct request *request,
			 const struct report *report);
/* To whom it would go by the configuration of now; of one that went out, how its mails stand. */
void report_put_recipients(struct html *html, const struct request *request,
			   const struct report *report);

#endif
