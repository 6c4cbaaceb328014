/* letter_mail.h - a kept letter as one recipient gets it: what the mailer sends, and what the pages show before it is sent.
 * Pure. */
#ifndef IXWATCH_LETTER_MAIL_H
#define IXWATCH_LETTER_MAIL_H

#include <stdbool.h>

#include "ixwatch/error.h"

/* A mail of a kept letter.  Texts are never NULL. */
struct letter_cover {
	const char *language;
	const char *text, *html; /* as kept */
	const char
	    *note; /* the coordinator's, before the letter: plain text, its lines kept; "" none */
	const char *
	    link; /* the recipient's own, in the place of LETTER_LINK; "": that it is sent on request is said instead */
};
/* Caller frees both. */
bool letter_mail(char **text, char **html, const struct letter_cover *cover, struct error *err);

#endif
