/* error.h - what went wrong, in one sentence that a person can act on.
 *
 * A function that may fail takes `struct error *err` last and returns bool.  The sentence names the thing, the value
 * and what is allowed; callers put context in front with error_wrap.  It is said once, at the top. */
#ifndef IXWATCH_ERROR_H
#define IXWATCH_ERROR_H

#include <stdbool.h>

enum error_code {
	ERR_NONE,
	ERR_NOMEM,     /* memory ran out */
	ERR_IO,        /* a file or socket failed; errno's text is in the sentence */
	ERR_USAGE,     /* wrong use of a command: exit status 2 */
	ERR_CONFIG,    /* a configuration that cannot be used: exit status 2 */
	ERR_PARSE,     /* input from outside that is not what it should be */
	ERR_DB,        /* the ledger refused */
	ERR_SERIES,    /* a series refused */
	ERR_SNMP,      /* an agent did not answer, or not properly */
	ERR_LOCKED,    /* somebody else holds what must be held by one */
	ERR_NOT_FOUND, /* no such port, exchange, file */
	ERR_REFUSED,   /* understood, but not allowed now */
};

struct error {
	enum error_code code;
	char text[768]; /* one sentence, no full stop, UTF-8, always terminated */
};

/* Sets code and sentence.  Always false, so that `return error_set(...)` reads well.  err may be NULL. */
bool error_set(struct error *err, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "context: " in front of the sentence and keeps the code.  Always false.  err may be NULL. */
bool error_wrap(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The exit status of a command that ends with this error: 2 for wrong use and configuration, else 1. */
int error_exit_status(const struct error *err);

#endif
