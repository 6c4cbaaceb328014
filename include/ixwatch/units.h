/* units.h - numbers with units, to and from text; and text from outside made fit to show.
 *
 * Rates take k M G T (decimal, bit/s: "5G"), durations s m h d w ("30m"), shares % ("90%" is 0.9).  Nothing else is
 * accepted: no bare number where a unit is needed, no blanks inside, no sign.  Instants are RFC 3339, UTC. */
#ifndef IXWATCH_UNITS_H
#define IXWATCH_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "5G", "2.5G", "100M", "64000" -> bit/s, 0 < rate <= 1e15.  False when the text is no rate. */
bool units_parse_bps(const char *text, double *bps);

/* "30m", "1d", "300s" -> seconds, 0..2^31-1.  A bare number is refused. */
bool units_parse_duration_sec(const char *text, int64_t *sec);

/* "90%", "0.1%" -> 0.9, 0.001; 0..100%. */
bool units_parse_share(const char *text, double *share);

/* A whole number in min..max, decimal digits only. */
bool units_parse_uint(const char *text, uint64_t min, uint64_t max, uint64_t *value);

/* RFC 3339 with Z or an offset ("2026-11-23T02:10:00Z", "2026-11-23T03:10:00+01:00"), or Unix seconds. */
bool units_parse_utc(const char *text, int64_t *utc_sec);

/* Each writes a terminated text into dst[len] and returns dst.  NAN reads "unknown". */
char *units_format_bps(char *dst, size_t len, double bps);       /* "9.31 Gbit/s" */
char *units_format_share(char *dst, size_t len, double share);   /* "93.1%" */
char *units_format_duration(char *dst, size_t len, int64_t sec); /* "2 h 05 min" */
char *units_format_utc(char *dst, size_t len, int64_t utc_sec);  /* "2026-11-23T02:10:00Z" */
char *units_format_date(char *dst, size_t len,
			int32_t day); /* days since 1970-01-01 -> "2026-11-23" */

/* Text from outside (ifAlias, names) as valid UTF-8 without control characters, at most len - 1 octets, never cut
 * within a character.  src has src_len octets and need not be terminated; a NUL inside becomes U+FFFD like any other
 * octet that does not belong.  Returns dst. */
char *units_clean_text(char *dst, size_t len, const void *src, size_t src_len);

#endif
