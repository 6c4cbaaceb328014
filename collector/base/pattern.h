/* pattern.h - which interfaces are ports: a regular expression run on ifAlias, the one door to PCRE2.
 *
 * An interface whose ifAlias the expression matches anywhere is a port.  The named groups `asn` and `peer`, where the
 * expression has them and they take part, say whose port it is; a port may have no peer.  The work on one alias is
 * bounded, so that no expression and no alias can hold up a round. */
#ifndef COLLECTOR_BASE_PATTERN_H
#define COLLECTOR_BASE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/error.h"

#define PATTERN_TEXT_MAX 2048 /* octets of an expression */

struct pattern;

/* What the named groups captured. */
struct pattern_port {
	uint32_t asn; /* 1..4294967295; 0: no such group, or what it captured is no AS number */
	char peer
	    [256]; /* clean UTF-8 without blanks around it, cut at a character; "" when there is none */
};

enum pattern_outcome {
	PATTERN_MATCHED,
	PATTERN_NO_MATCH,
	PATTERN_GAVE_UP, /* the alias took more steps than any sane expression needs: no port */
};

/* Compiles a PCRE2 expression (UTF-8).  The sentence of an error says where in the text it is. */
bool pattern_compile(struct pattern **out, const char *text, struct error *err);
void pattern_free(struct pattern *pattern); /* NULL is fine */

/* Runs it on len octets of an ifAlias, of any content.  *port is set in every case (0 and "" unless matched). */
enum pattern_outcome pattern_match(struct pattern *pattern, const char *alias, size_t len,
				   struct pattern_port *port);

#endif
