/* series_args.h - arguments for rrdtool's graph, one string each, built in order; out of memory is
 * asked once, at the end. No shell and no command line is involved: text from outside is data as
 * long as it is in an argument of its own, or went through series_args_escape. */
#ifndef COLLECTOR_STORE_SERIES_ARGS_H
#define COLLECTOR_STORE_SERIES_ARGS_H

#include <stdbool.h>
#include <stddef.h>

struct series_args {
	char **at; /* count strings, each allocated */
	size_t count, cap;
	bool failed; /* memory ran out */
};

void series_args_add(struct series_args *args, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void series_args_free(struct series_args *args);

/* Text inside an argument: ':' and '\' with a '\' in front, control characters as blanks.  Returns
 * dst, which holds len. */
char *series_args_escape(char *dst, size_t len, const char *text);

/* A text of its own that grows; for expressions. */
struct series_text {
	char *at;
	size_t len, cap;
	bool failed;
};

void series_text_add(struct series_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
