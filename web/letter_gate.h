/* letter_gate.h - who comes with the signed link of a letter: a visitor who sees that letter, and of the ports those of its
 * network that are of kind member or pni; nothing else exists for them.
 *
 * The token in the path is the authority, whoever else the browser is; without it there is no such page.  A link ends with
 * its time, and when it is revoked.  Belongs to the serving thread. */
#ifndef WEB_LETTER_GATE_H
#define WEB_LETTER_GATE_H

#include "ixwatch/error.h"

#include "reports.h"
#include "request.h"

struct letter_gate;

struct letter_gate *letter_gate_new(void); /* NULL when memory ran out */
void letter_gate_free(struct letter_gate *gate);

/* Whether a raw request target is, or may be meant to be, one of a link: its address is then kept secret, whatever the
 * answer is. */
bool letter_gate_is_target(const char *target);

/* What a link is good for: status 0, it opens its letter; 303, its letter is one of the house's own, which its accounts see
 * at `elsewhere`; else how it is refused, and why: 404 (none of ours, revoked, or its letter is gone), 410 (expired), 429,
 * 503. */
struct letter_pass {
	unsigned status, wait_sec;
	char elsewhere[REPORT_PATH_MAX];
	struct error err;
};

/* Of the link in request->params.slug; who is filled when it opens its letter. */
void letter_gate_identify(struct letter_gate *gate, const struct request *request,
			  struct identity *who, struct letter_pass *pass);
/* The word for programs. */
const char *letter_gate_code(unsigned status);

#endif
