/* letter_files.h - a letter opened for one answer: its row and its facts, once it is sure that who asks may see it. */
#ifndef WEB_LETTER_FILES_H
#define WEB_LETTER_FILES_H

#include "reply.h"
#include "reports.h"
#include "request.h"

struct letter_open {
	struct report_row row;
	struct json *facts;
};

/* False: the reply says why not.  letter_close it in any case. */
bool letter_open(struct letter_open *letter, const struct request *request, struct reply *reply);
void letter_close(struct letter_open *letter);

/* The mail as it goes out to one recipient: the note before the letter, the link in its place.  Caller frees both. */
bool letter_words(char **text, char **html, const struct letter_open *letter,
		  const struct request *request, struct error *err);

/* Whom the letter tells where to find it: the recipient's own link, or what stands for it before there is one. */
#define LETTER_LINK_MAX 1600
char *letter_link(char dst[LETTER_LINK_MAX], const struct request *request);

#endif
