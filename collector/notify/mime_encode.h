/* mime_encode.h - text and octets as a mail may carry them, for mime.c: quoted-printable and base64 (RFC 2045, 6.7 and
 * 6.8), encoded-words (RFC 2047).  Pure; a failure of the stream is asked once, at its end. */
#ifndef COLLECTOR_NOTIFY_MIME_ENCODE_H
#define COLLECTOR_NOTIFY_MIME_ENCODE_H

#include <stddef.h>
#include <stdio.h>

/* Lines of at most MIME_LINE_MAX, CR LF at their ends.  Controls but line ends and tabs are left out; no character is
 * split by a soft line break. */
void mime_put_quoted_printable(FILE *to, const char *text, size_t len);
/* Lines of MIME_LINE_MAX. */
void mime_put_base64(FILE *to, const void *octets, size_t len);
/* The rest of a header line that has `column` octets already, without its CR LF, folded where it must be.  Printable
 * ASCII that fits stands as it is, all else becomes encoded-words of whole characters. */
void mime_put_unstructured(FILE *to, const char *text, size_t column);
/* The same in the place of a name before an address (a phrase). */
void mime_put_phrase(FILE *to, const char *text, size_t column);

#endif
