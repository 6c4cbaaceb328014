/* log_body.h - the words of a log line: logfmt, `event=name key=value reason="text"`. */
#ifndef IXWATCH_BASE_LOG_BODY_H
#define IXWATCH_BASE_LOG_BODY_H

#include <stdarg.h>
#include <stddef.h>

/*
 * As vsnprintf(3), but the text of a "%s" between quotation marks has its own marks and backslashes escaped by a backslash, so
 * that no name or reply ends its value and begins another key.  Conversions: s, d, i, c, u, x, f, g, with l, ll, z.
 * Writes at most size octets, the closing NUL among them, size > 0; returns what stands in to, cut where it did not fit.
 */
size_t log_body(char *to, size_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

#endif
