/* http_tls.h - the server's certificate and key, as the TLS of the HTTP library asks for them: another pair can take
 * their place while the server runs. */
#ifndef WEB_HTTP_TLS_H
#define WEB_HTTP_TLS_H

#include "ixwatch/error.h"

/* A certificate with those that vouch for it, and its key. */
struct tls_pair;

/* Reads both files; nothing is in force yet: the pair is to be used or dropped.  The key may be read by owner and group
 * only.  ERR_CONFIG when they are none or do not belong together. */
bool http_tls_read(struct tls_pair **out, const char *cert_file, const char *key_file,
		   struct error *err);
/* Every connection's from now on. */
void http_tls_use(struct tls_pair *pair_take);
void http_tls_drop(struct tls_pair *pair); /* NULL is fine */

/* A gnutls_certificate_retrieve_function2, for MHD_OPTION_HTTPS_CERT_CALLBACK. */
void *http_tls_callback(void);

#endif
