/* decimal.h - decimal numbers in text, fast, and always the nearest double to what is written; and back. */
#ifndef COLLECTOR_BASE_DECIMAL_H
#define COLLECTOR_BASE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

/* The whole of text[0..len): digits, with a point anywhere among or beside them, an exponent if need be: "12", "0.5", ".5",
 * "1.25e9", "3E-2", with '-' in front if need be.  No '+' in front, no blanks, no hex, no "nan", no "inf".
 * text[len] must be there and must be no character of a number.  False when it is no such number; HUGE_VAL in *value
 * when it is too large for a double. */
bool decimal_parse(const char *text, size_t len, double *value);

/* A finite number in 15 significant digits, or in 17 when 15 do not read back the same: what "%.15g" and "%.17g" say, with a
 * point whatever the locale.  Octets written, without the end. */
#define DECIMAL_SIZE 32
size_t decimal_text(char dst[DECIMAL_SIZE], double value);

#endif
