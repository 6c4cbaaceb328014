/* log.h - lines for the person who operates ixwatch: `level module key=value ...` on standard error.
 *
 * error: somebody must act.  warn: it may pass.  info: state changed.  debug: each poll.  Under systemd the level is
 * given as the journal's prefix.  No secret is ever an argument.  Text from outside may be one: a line stays one
 * line of valid UTF-8 without control characters, at most 2 KiB, in one write; between quotation marks it has its own marks
 * and backslashes escaped by a backslash, so that it cannot begin another key. */
#ifndef IXWATCH_LOG_H
#define IXWATCH_LOG_H

#include <stddef.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Lines above `level` are dropped; the default is LOG_LEVEL_INFO. */
void log_level_set(enum log_level level);

void log_line(enum log_level level, const char *module, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_error(module, ...) log_line(LOG_LEVEL_ERROR, module, __VA_ARGS__)
#define log_warn(module, ...)  log_line(LOG_LEVEL_WARN, module, __VA_ARGS__)
#define log_info(module, ...)  log_line(LOG_LEVEL_INFO, module, __VA_ARGS__)
#define log_debug(module, ...) log_line(LOG_LEVEL_DEBUG, module, __VA_ARGS__)

#endif
