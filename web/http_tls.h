/* http_tls.h - the server's certificate and key, as the TLS of the HTTP library asks for them: another pair can take
 * their place while the server runs. */
#ifndef WEB_HTTP_TLS_H
#define WEB_HTTP_TLS_H

#include "ixwatch/error.h"

/* Reads both files and makes them those of every connection from now on.  The key may be read by owner and group only.
 * ERR_CONFIG, and nothing is changed, when they are none or do not belong together. */
bool http_tls_load(const char *cert_file, const char *key_file, struct error *err);

/* A gnutls_certificate_retrieve_function2, for MHD_OPTION_HTTPS_CERT_CALLBACK. */
void *http_tls_callback(void);

#endif
