/* report.c - see report.h.  The words are short enough for the trouble of an agent, with "no answer in 3 tries" before. */
#include "snmp/report.h"

#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct {
	struct snmp_oid oid;
	enum report report;
} objects[] = {
	{ { 11, { 1, 3, 6, 1, 6, 3, 15, 1, 1, 1, 0 } }, REPORT_LEVEL },
	{ { 11, { 1, 3, 6, 1, 6, 3, 15, 1, 1, 2, 0 } }, REPORT_TIME },
	{ { 11, { 1, 3, 6, 1, 6, 3, 15, 1, 1, 3, 0 } }, REPORT_USER },
	{ { 11, { 1, 3, 6, 1, 6, 3, 15, 1, 1, 4, 0 } }, REPORT_ENGINE },
	{ { 11, { 1, 3, 6, 1, 6, 3, 15, 1, 1, 5, 0 } }, REPORT_DIGEST },
	{ { 11, { 1, 3, 6, 1, 6, 3, 15, 1, 1, 6, 0 } }, REPORT_DECRYPT },
	{ { 10, { 1, 3, 6, 1, 6, 3, 12, 1, 4, 0 } }, REPORT_CONTEXT },
	{ { 10, { 1, 3, 6, 1, 6, 3, 12, 1, 5, 0 } }, REPORT_CONTEXT },
};
/* clang-format on */

static const char *const level_names[] = {
	[SNMP_LEVEL_NOAUTH] = "noAuthNoPriv",
	[SNMP_LEVEL_AUTH] = "authNoPriv",
	[SNMP_LEVEL_AUTHPRIV] = "authPriv",
};

enum report
report_of(const struct snmp_varbind *varbind)
{
	for (size_t i = 0; varbind != NULL && i < sizeof(objects) / sizeof(objects[0]); i++)
		if (snmp_oid_equals(&objects[i].oid, varbind))
			return objects[i].report;
	return REPORT_OTHER;
}

void
report_say(char words[REPORT_WORDS_LEN], enum report report, const struct config_snmp *credentials)
{
	const char *user = credentials->user, *level = level_names[credentials->level];

	words[0] = '\0';
	switch (report) {
	case REPORT_LEVEL:
		snprintf(words, REPORT_WORDS_LEN,
			 "it reports that user \"%s\" may not use level %s", user, level);
		break;
	case REPORT_TIME:
		snprintf(words, REPORT_WORDS_LEN,
			 "it reports a message out of its time window: does its clock jump, or do "
			 "two share its engineID?");
		break;
	case REPORT_USER:
		snprintf(words, REPORT_WORDS_LEN,
			 "it reports an unknown user: is \"%s\" set up on it?", user);
		break;
	case REPORT_ENGINE:
		snprintf(words, REPORT_WORDS_LEN,
			 "it reports another engineID than it had, and is asked for it again");
		break;
	case REPORT_DIGEST:
		snprintf(words, REPORT_WORDS_LEN,
			 "it reports a wrong digest: is the auth secret of user \"%s\" right, and "
			 "auth %s?",
			 user, credentials->auth);
		break;
	case REPORT_DECRYPT:
		snprintf(
		    words, REPORT_WORDS_LEN,
		    "it reports that it cannot decrypt: is the priv secret of user \"%s\" right, "
		    "and priv %s?",
		    user, credentials->priv);
		break;
	case REPORT_CONTEXT:
		snprintf(words, REPORT_WORDS_LEN, "it reports that it has no default context");
		break;
	case REPORT_OTHER:
	case REPORT_COUNT:
		snprintf(words, REPORT_WORDS_LEN, "it refuses the message with a report");
		break;
	}
}

void
report_say_silent(char words[REPORT_WORDS_LEN], const struct config_snmp *credentials)
{
	if (credentials->level == SNMP_LEVEL_AUTHPRIV)
		snprintf(
		    words, REPORT_WORDS_LEN,
		    "its engine is there, but silent to user \"%s\": is the priv secret right, "
		    "and priv %s?",
		    credentials->user, credentials->priv);
	else
		snprintf(words, REPORT_WORDS_LEN,
			 "its engine is there, but silent to user \"%s\": may it read at level %s?",
			 credentials->user, level_names[credentials->level]);
}
