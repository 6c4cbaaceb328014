/* report.h - what an agent's REPORT says, and what that likely means, in words for whoever set it up.  Pure.
 *
 * A REPORT is how an engine refuses a message of version 3.  Most are not signed, so anyone on the way may have made it: it
 * is a hint and never a proof, and the request goes on waiting.  Sources: RFC 3414, 3.2 and 5; RFC 3412, 5; RFC 3413, 4.1. */
#ifndef COLLECTOR_SNMP_REPORT_H
#define COLLECTOR_SNMP_REPORT_H

#include "ixwatch/config.h"
#include "snmp/varbind.h"

enum report {
	REPORT_OTHER,
	REPORT_LEVEL,   /* usmStatsUnsupportedSecLevels */
	REPORT_TIME,    /* usmStatsNotInTimeWindows */
	REPORT_USER,    /* usmStatsUnknownUserNames */
	REPORT_ENGINE,  /* usmStatsUnknownEngineIDs */
	REPORT_DIGEST,  /* usmStatsWrongDigests */
	REPORT_DECRYPT, /* usmStatsDecryptionErrors */
	REPORT_CONTEXT, /* snmpUnavailableContexts, snmpUnknownContexts */
	REPORT_COUNT
};

#define REPORT_WORDS_LEN 160

/* By the name of the first object it bears; NULL for one that bears none. */
enum report report_of(const struct snmp_varbind *varbind);

/* What it means for these credentials. */
void report_say(char words[REPORT_WORDS_LEN], enum report report,
		const struct config_snmp *credentials);

/* The same for an engine that made itself known and is silent to these credentials. */
void report_say_silent(char words[REPORT_WORDS_LEN], const struct config_snmp *credentials);

#endif
