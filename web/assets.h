/* assets.h - the few files a page needs, compiled into the program: nothing is ever served from disk. */
#ifndef WEB_ASSETS_H
#define WEB_ASSETS_H

#include "reply.h"
#include "request.h"

/* /static/{slug} */
void assets_get(const struct request *request, struct reply *reply);

/* Changes when the asset does; for links that may be kept for ever. */
const char *assets_version(const char *name);

#endif
