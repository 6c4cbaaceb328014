/* text.h - texts that many share: a hundred thousand ports have a few dozen names of interfaces, and some hundred peers.
 *
 * Of one thread only. */
#ifndef IXWATCH_TEXT_H
#define IXWATCH_TEXT_H

#include <stddef.h>

/* The one copy of this text, to be given back with text_unshare; NULL when memory ran out. */
const char *text_share(const char *value);
/* NULL is fine. */
void text_unshare(const char *text);

/* How many different texts are shared now. */
size_t text_shared_count(void);

#endif
