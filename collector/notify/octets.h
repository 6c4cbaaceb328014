/* octets.h - a mail of the outbox as it goes over the wire (mime.h).  Pure. */
#ifndef COLLECTOR_NOTIFY_OCTETS_H
#define COLLECTOR_NOTIFY_OCTETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/error.h"
#include "ixwatch/outbox.h"

struct octets_frame {
	const char *from, *reply_to; /* addresses; reply_to "": none */
	int64_t date_utc_sec;
	const unsigned char *picture; /* PNG; NULL: none.  In HTML it is cid:graph */
	size_t picture_len;
};

/* The whole mail (caller frees). */
bool octets_make(char **out, size_t *len, const struct outbox_mail *mail,
		 const struct octets_frame *frame, struct error *err);

#endif
