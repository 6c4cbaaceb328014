/* next.h - where a list goes on, as programs follow it without knowing what a cursor is: a Link header (RFC 8288). */
#ifndef WEB_NEXT_H
#define WEB_NEXT_H

#define NEXT_LINK_MAX 2048

/* `</api/v1/ports?limit=100&cursor=117>; rel="next"`: the raw target that was asked for, with this cursor in place of its
 * own.  NULL when memory ran out, or it would be longer than NEXT_LINK_MAX.  Caller frees. */
char *next_link_dup(const char *target, const char *cursor);

#endif
