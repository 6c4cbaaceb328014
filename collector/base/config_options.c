/* config_options.c - every block and every key of the configuration: the one table from which the reading, the checks,
 * the help and the example come.  The detector's keys have their numbers in detector_settings.c. */
#include "base/config_internal.h"

#include <stdio.h>
#include <string.h>

#define IN(block) (1u << (block))

const struct config_block_row config_blocks[BLOCK_COUNT] = {
	[BLOCK_FILE] = { "", 0, false },
	[BLOCK_ARCHIVE] = { "archive", IN(BLOCK_FILE), false },
	[BLOCK_SNMP] = { "snmp", IN(BLOCK_FILE), true },
	[BLOCK_EXCHANGE] = { "exchange", IN(BLOCK_FILE), true },
	[BLOCK_AGENT] = { "agent", IN(BLOCK_EXCHANGE), true },
	[BLOCK_PORT] = { "port", IN(BLOCK_EXCHANGE), true },
	[BLOCK_DETECTOR] = { "detector", IN(BLOCK_FILE) | IN(BLOCK_EXCHANGE) | IN(BLOCK_PORT),
			     false },
	[BLOCK_MAIL] = { "mail", IN(BLOCK_FILE), false },
	[BLOCK_ALERT] = { "alert", IN(BLOCK_FILE), false },
	[BLOCK_ROUTE] = { "route", IN(BLOCK_ALERT), true },
	[BLOCK_PEER] = { "peer", IN(BLOCK_FILE), true },
	[BLOCK_REPORT] = { "report", IN(BLOCK_FILE), false },
	[BLOCK_WEB] = { "web", IN(BLOCK_FILE), false },
};

/* Words in the order of the enums they stand for; `min` of the row is the first one's value. */
static const char *const versions[] = { "2c", "3", NULL };
static const char *const levels[] = { "noAuthNoPriv", "authNoPriv", "authPriv", NULL };
static const char *const auths[] = {
	"SHA-256", "SHA-224", "SHA-384", "SHA-512", "SHA", "MD5", NULL
};
static const char *const privs[] = { "AES", "AES-192", "AES-256", "AES-256-C", "DES", NULL };
static const char *const kinds[] = { "member",   "pni",  "shared", "peer-share",
				     "reseller", "core", NULL };
static const char *const trusts[] = { "untrusted", "trusted", NULL };
static const char *const contracts[] = { "policed", "billed", NULL };
static const char *const answers[] = { "no", "yes", NULL };
static const char *const profiles[] = { "early", "proof", NULL };
static const char *const weekdays[] = { "monday", "tuesday",  "wednesday", "thursday",
					"friday", "saturday", "sunday",    NULL };
/* In the order of enum alert_kind and enum alert_severity. */
static const char *const alert_kinds[] = {
	"exchange unreachable", "agent unreachable", "saturated", "loss",      "congestion",
	"reduced capacity",     "data quality",      "routine",   "recurring", NULL
};
static const char *const severities[] = { "critical", "warning", "notice", NULL };
static const char *const tls_words[] = { "loopback", "required", NULL };
/* In the order of enum config_peer_report. */
static const char *const peer_reports[] = { "changes", "all", "never", NULL };
static const char *const languages[] = { "en", NULL };
static const char *const permissions[] = { "never", "approve", "send", NULL };

#define DAY_SEC              86400
#define AT(structure, field) offsetof(struct structure, field)
#define DETECTOR(key)                                                                              \
	{                                                                                          \
		BLOCK_DETECTOR, key, TYPE_DETECTOR, 0, 0, 0, NULL, NULL, NULL                      \
	}

/* clang-format off */
static const struct config_option options[] = {
	/* block, key, type, field, min, max, words, default, help */
	{ BLOCK_FILE, "state-dir", TYPE_PATH, AT(config, state_dir), 1, 512, NULL, "/var/lib/ixwatch",
	  "folder of the series, the ledger and the reports" },
	{ BLOCK_FILE, "our-asn", TYPE_UINT, AT(config, our_asn), 1, UINT32_MAX, NULL, NULL,
	  "our own AS number" },
	{ BLOCK_FILE, "interval", TYPE_DURATION_SHORT, AT(config, interval_sec), 1, 300, NULL, "60s",
	  "between two polls; divides the detector's step" },

	{ BLOCK_ARCHIVE, "interval", TYPE_DURATION, AT(config_archive, interval_sec), 3600, 100 * DAY_SEC, NULL, "2d",
	  "how long samples are kept at the interval's own step" },
	{ BLOCK_ARCHIVE, "step", TYPE_DURATION, AT(config_archive, step_sec), 3600, 7300 * DAY_SEC, NULL, "400d",
	  "how long means of 300 s are kept: evidence, percentiles, replay" },
	{ BLOCK_ARCHIVE, "hour", TYPE_DURATION, AT(config_archive, hour_sec), 3600, 7300 * DAY_SEC, NULL, "400d",
	  "how long hourly maxima are kept" },
	{ BLOCK_ARCHIVE, "day", TYPE_DURATION, AT(config_archive, day_sec), DAY_SEC, 7300 * DAY_SEC, NULL, "3650d",
	  "how long daily means and maxima are kept" },

	{ BLOCK_SNMP, "version", TYPE_CHOICE, AT(config_snmp, version), SNMP_V2C, 0, versions, "2c",
	  "of SNMP" },
	{ BLOCK_SNMP, "community", TYPE_SECRET, AT(config_snmp, community), 1, 255, NULL, NULL,
	  "v2c: the community" },
	{ BLOCK_SNMP, "community-file", TYPE_SECRET_FILE, AT(config_snmp, community), 1, 512, NULL, NULL,
	  "v2c: a file that holds the community, instead of it" },
	{ BLOCK_SNMP, "user", TYPE_TEXT, AT(config_snmp, user), 1, 32, NULL, NULL,
	  "v3: the user" },
	{ BLOCK_SNMP, "level", TYPE_CHOICE, AT(config_snmp, level), SNMP_LEVEL_NOAUTH, 0, levels, "authPriv",
	  "v3: how the exchange is protected" },
	{ BLOCK_SNMP, "auth", TYPE_CHOICE_TEXT, AT(config_snmp, auth), 0, 0, auths, "SHA-256",
	  "v3: how messages are authenticated; SHA is SHA-1, MD5 for want of better" },
	{ BLOCK_SNMP, "auth-file", TYPE_SECRET_FILE, AT(config_snmp, auth_secret), 1, 512, NULL, NULL,
	  "v3: a file that holds the authentication secret, of 8 octets or more" },
	{ BLOCK_SNMP, "priv", TYPE_CHOICE_TEXT, AT(config_snmp, priv), 0, 0, privs, "AES",
	  "v3: how messages are encrypted; AES has 128 bits, AES-256-C is Cisco's form, DES for want of better" },
	{ BLOCK_SNMP, "priv-file", TYPE_SECRET_FILE, AT(config_snmp, priv_secret), 1, 512, NULL, NULL,
	  "v3: a file that holds the encryption secret, of 8 octets or more" },
	{ BLOCK_SNMP, "timeout", TYPE_DURATION_MS, AT(config_snmp, timeout_ms), 1, 60, NULL, "2s",
	  "until a request is sent again" },
	{ BLOCK_SNMP, "retries", TYPE_UINT, AT(config_snmp, retries), 0, 10, NULL, "2",
	  "how often a request is sent again" },
	{ BLOCK_SNMP, "max-repetitions", TYPE_UINT, AT(config_snmp, max_repetitions), 1, 250, NULL, "25",
	  "rows asked for at once in a walk" },

	{ BLOCK_EXCHANGE, "name", TYPE_TEXT, AT(config_exchange, name), 1, 200, NULL, NULL,
	  "as pages and reports show it; by default the exchange's title" },
	{ BLOCK_EXCHANGE, "timezone", TYPE_ZONE, AT(config_exchange, timezone), 0, 0, NULL, "UTC",
	  "cuts its traffic days" },
	{ BLOCK_EXCHANGE, "peeringdb-ix", TYPE_UINT, AT(config_exchange, peeringdb_ix), 0, UINT32_MAX, NULL, "0",
	  "its number in PeeringDB; 0: none" },
	{ BLOCK_EXCHANGE, "kind", TYPE_CHOICE, AT(config_exchange, kind), KIND_MEMBER, 0, kinds, NULL,
	  "whom congestion of its ports concerns; without one nothing leaves the house" },
	{ BLOCK_EXCHANGE, "policy", TYPE_TEXT, AT(config_exchange, policy), 1, 2000, NULL, "",
	  "the words of the policy or agreement that holds there, with their source: letters quote them" },

	{ BLOCK_AGENT, "address", TYPE_ADDRESS, AT(config_agent, address_text), 0, 0, NULL, NULL,
	  "of the SNMP agent; a name is resolved in the background" },
	{ BLOCK_AGENT, "snmp", TYPE_SNMP, AT(config_agent, snmp), 0, 0, NULL, NULL,
	  "the credentials: the title of an snmp block" },
	{ BLOCK_AGENT, "match", TYPE_MATCH, AT(config_agent, match), 0, 0, NULL, "",
	  "PCRE2 on ifAlias: every interface that matches is a port; groups asn and peer say whose" },
	{ BLOCK_AGENT, "kind", TYPE_CHOICE, AT(config_agent, kind), KIND_MEMBER, 0, kinds, NULL,
	  "of its ports; by default the exchange's" },
	{ BLOCK_AGENT, "discards", TYPE_CHOICE_BOOL, AT(config_agent, discards_trusted), 0, 0, trusts, "untrusted",
	  "whether its discard counters are a witness of congestion" },

	{ BLOCK_PORT, "asn", TYPE_UINT, AT(config_port, asn), 1, UINT32_MAX, NULL, NULL,
	  "the peer's AS number" },
	{ BLOCK_PORT, "peer", TYPE_TEXT, AT(config_port, peer), 1, 200, NULL, "",
	  "the peer's name" },
	{ BLOCK_PORT, "contracted", TYPE_RATE, AT(config_port, contracted_bps), 0, 0, NULL, NULL,
	  "the rate agreed on, where it is below the port's" },
	{ BLOCK_PORT, "contracted-kind", TYPE_CHOICE_BOOL, AT(config_port, contract_billed), 0, 0, contracts, "policed",
	  "above it packets drop (policed), or an invoice comes (billed)" },
	{ BLOCK_PORT, "capacity", TYPE_RATE, AT(config_port, capacity_bps), 0, 0, NULL, NULL,
	  "replaces the physical capacity that the agent says" },
	{ BLOCK_PORT, "nominal-capacity", TYPE_RATE, AT(config_port, nominal_capacity_bps), 0, 0, NULL, NULL,
	  "what it has when nothing is broken; by default the largest seen" },
	{ BLOCK_PORT, "kind", TYPE_CHOICE, AT(config_port, kind), KIND_MEMBER, 0, kinds, NULL,
	  "whom its congestion concerns; by default the agent's" },
	{ BLOCK_PORT, "note", TYPE_TEXT, AT(config_port, note), 1, 500, NULL, "",
	  "for the NOC; shown on its page" },
	{ BLOCK_PORT, "circuit", TYPE_TEXT, AT(config_port, circuit), 1, 200, NULL, "",
	  "the circuit's or cross-connect's number" },

	{ BLOCK_DETECTOR, "profile", TYPE_CHOICE, AT(detector_settings, profile), PROFILE_EARLY, 0, profiles, "early",
	  "for pages and alerts: the defaults of the numbers below, and what they speak of" },
	DETECTOR("congested"), DETECTOR("clear"), DETECTOR("discard-floor"), DETECTOR("discard-share"),
	DETECTOR("clear-hold"), DETECTOR("bridge"), DETECTOR("sustain"), DETECTOR("step"), DETECTOR("day-start"),
	DETECTOR("congested-day"), DETECTOR("valid-share"), DETECTOR("flash-span"), DETECTOR("flash-baseline"),
	DETECTOR("flash-count"),

	{ BLOCK_MAIL, "smtp", TYPE_SMTP_URL, AT(config_mail, smtp), 0, 0, NULL, "smtp://127.0.0.1:25",
	  "the server that takes our mail" },
	{ BLOCK_MAIL, "from", TYPE_MAIL, AT(config_mail, from), 0, 0, NULL, "",
	  "sender of every mail; without one none is sent" },
	{ BLOCK_MAIL, "reply-to", TYPE_MAIL, AT(config_mail, reply_to), 0, 0, NULL, "",
	  "where answers go, if not to the sender" },
	{ BLOCK_MAIL, "spool", TYPE_PATH, AT(config_mail, spool), 1, 512, NULL, "",
	  "a folder that gets .eml files instead of a server" },
	{ BLOCK_MAIL, "user", TYPE_TEXT, AT(config_mail, user), 1, 255, NULL, "",
	  "the name we log in with; needs password-file" },
	{ BLOCK_MAIL, "password-file", TYPE_SECRET_PATH, AT(config_mail, password_file), 1, 512, NULL, "",
	  "a file that holds the password; the mailer alone reads it" },
	{ BLOCK_MAIL, "tls", TYPE_CHOICE, AT(config_mail, tls), MAIL_TLS_LOOPBACK, 0, tls_words, "loopback",
	  "required; loopback: required unless the server is on this machine" },
	{ BLOCK_MAIL, "ca-file", TYPE_PATH, AT(config_mail, ca_file), 1, 512, NULL, "",
	  "certificates that are trusted, in PEM; by default the system's" },
	{ BLOCK_MAIL, "timeout", TYPE_DURATION_MS, AT(config_mail, timeout_ms), 1, 600, NULL, "60s",
	  "how long the server may take for one mail" },
	{ BLOCK_MAIL, "per-hour", TYPE_UINT, AT(config_mail, per_hour), 1, 1000, NULL, "30",
	  "mails an hour to one recipient; what comes beyond goes into a digest" },
	{ BLOCK_MAIL, "on-mail-failure", TYPE_TEXT, AT(config_mail, on_failure), 1, 500, NULL, "",
	  "a program and its arguments, run when mail does not get out" },
	{ BLOCK_MAIL, "sign-of-life", TYPE_TIME_OF_DAY, AT(config_mail, sign_of_life), 0, 0, NULL, "09:00",
	  "when a mail a day says that all is well, to those of alert.to; \"\": never" },
	{ BLOCK_MAIL, "timezone", TYPE_ZONE, AT(config_mail, timezone), 0, 0, NULL, "UTC",
	  "of sign-of-life" },

	{ BLOCK_ALERT, "to", TYPE_MAIL_LIST, AT(config_alert, to), 0, 0, NULL, NULL,
	  "who gets alerts" },
	{ BLOCK_ALERT, "coordinator", TYPE_MAIL_LIST, AT(config_alert, coordinator), 0, 0, NULL, NULL,
	  "who is told, in office hours, that a verdict is recurring or routine; by default who gets alerts" },
	{ BLOCK_ALERT, "repeat", TYPE_DURATION, AT(config_alert, repeat_sec), 1, 365 * DAY_SEC, NULL, "24h",
	  "an alert that still holds is sent again after this" },
	{ BLOCK_ALERT, "escalate-to", TYPE_MAIL_LIST, AT(config_alert, escalate_to), 0, 0, NULL, NULL,
	  "who gets alerts, too, that nobody acknowledged" },
	{ BLOCK_ALERT, "escalate-after", TYPE_DURATION, AT(config_alert, escalate_sec), 1, 30 * DAY_SEC, NULL, "30m",
	  "so long after they were told" },
	{ BLOCK_ALERT, "window", TYPE_DURATION, AT(config_alert, window_sec), 1, 3600, NULL, "5m",
	  "what begins or ends at one exchange within this is one mail; a port that is full is told at once" },
	{ BLOCK_ALERT, "kinds", TYPE_WORD_LIST, AT(config_alert, kinds), 0, 0, alert_kinds, NULL,
	  "which are told at all; by default every one" },
	{ BLOCK_ALERT, "office-hours", TYPE_HOURS, AT(config_alert, office_hours_text), 0, 0, NULL, "mon-fri 09:00-17:00",
	  "when the coordinator is told; empty: always" },
	{ BLOCK_ALERT, "timezone", TYPE_ZONE, AT(config_alert, timezone), 0, 0, NULL, "UTC",
	  "of office-hours" },
	{ BLOCK_ALERT, "saturated", TYPE_SHARE, AT(config_alert, saturated), 500, 1500, NULL, "98%",
	  "a port is full at or above this utilisation" },
	{ BLOCK_ALERT, "saturated-clear", TYPE_SHARE, AT(config_alert, saturated_clear), 1, 1500, NULL, "95%",
	  "and no longer below this one" },
	{ BLOCK_ALERT, "saturated-for", TYPE_DURATION, AT(config_alert, saturated_sec), 0, DAY_SEC, NULL, "10m",
	  "full for so long, it is an alert" },
	{ BLOCK_ALERT, "loss", TYPE_SHARE, AT(config_alert, loss), 1, 1000, NULL, "1%",
	  "so many of the packets, discarded or damaged, are loss, on agents whose discards are trusted" },
	{ BLOCK_ALERT, "loss-for", TYPE_DURATION, AT(config_alert, loss_sec), 0, DAY_SEC, NULL, "30m",
	  "for so long, it is an alert; it ends below half of it" },
	{ BLOCK_ALERT, "reduced-for", TYPE_DURATION, AT(config_alert, reduced_sec), 0, DAY_SEC, NULL, "2m",
	  "a port that is down or below its capacity for so long is an alert" },
	{ BLOCK_ALERT, "unreachable-for", TYPE_DURATION, AT(config_alert, unreachable_sec), 0, DAY_SEC, NULL, "3m",
	  "an agent that does not answer for so long is an alert" },
	{ BLOCK_ALERT, "unknown", TYPE_SHARE, AT(config_alert, unknown), 10, 1000, NULL, "50%",
	  "so much of an hour unknown, though its agent answers, is an alert; it ends below half of it" },
	{ BLOCK_ALERT, "clear-hold", TYPE_DURATION, AT(config_alert, clear_sec), 0, DAY_SEC, NULL, "15m",
	  "an alert ends when all was well for so long; longer when it flaps" },
	{ BLOCK_ALERT, "blind-after", TYPE_DURATION, AT(config_alert, blind_sec), 1, DAY_SEC, NULL, "30m",
	  "an open alert of which nothing is known for so long is shown as blind" },
	{ BLOCK_ALERT, "runbook-member", TYPE_TEXT, AT(config_alert, runbook[KIND_MEMBER]), 1, 500, NULL, "",
	  "a line for mails about ports of kind member: what to do, or where that stands" },
	{ BLOCK_ALERT, "runbook-pni", TYPE_TEXT, AT(config_alert, runbook[KIND_PNI]), 1, 500, NULL, "",
	  "a line for mails about ports of kind pni" },
	{ BLOCK_ALERT, "runbook-shared", TYPE_TEXT, AT(config_alert, runbook[KIND_SHARED]), 1, 500, NULL, "",
	  "a line for mails about ports of kind shared" },
	{ BLOCK_ALERT, "runbook-peer-share", TYPE_TEXT, AT(config_alert, runbook[KIND_PEER_SHARE]), 1, 500, NULL, "",
	  "a line for mails about ports of kind peer-share" },
	{ BLOCK_ALERT, "runbook-reseller", TYPE_TEXT, AT(config_alert, runbook[KIND_RESELLER]), 1, 500, NULL, "",
	  "a line for mails about ports of kind reseller" },
	{ BLOCK_ALERT, "runbook-core", TYPE_TEXT, AT(config_alert, runbook[KIND_CORE]), 1, 500, NULL, "",
	  "a line for mails about ports of kind core" },

	{ BLOCK_ROUTE, "exchange", TYPE_TEXT_LIST, AT(config_route, exchange), 1, 63, NULL, NULL,
	  "of these exchanges; by default of any" },
	{ BLOCK_ROUTE, "kind", TYPE_WORD_LIST, AT(config_route, kinds), 0, 0, alert_kinds, NULL,
	  "of these kinds; by default of any" },
	{ BLOCK_ROUTE, "severity", TYPE_WORD_LIST, AT(config_route, severities), 0, 0, severities, NULL,
	  "of these severities; by default of any" },
	{ BLOCK_ROUTE, "asn", TYPE_ASN_LIST, AT(config_route, asn_count), 0, 0, NULL, NULL,
	  "of these peers' ports; by default of any" },
	{ BLOCK_ROUTE, "to", TYPE_MAIL_LIST, AT(config_route, to), 0, 0, NULL, NULL,
	  "who gets them, too" },

	{ BLOCK_PEER, "name", TYPE_TEXT, AT(config_peer, name), 1, 200, NULL, "",
	  "the network, as letters call it; by default as its ports do" },
	{ BLOCK_PEER, "also", TYPE_ASN_LIST, AT(config_peer, also_count), 0, 0, NULL, NULL,
	  "its further AS numbers: one letter for all of them" },
	{ BLOCK_PEER, "contacts", TYPE_TEXT_LIST, AT(config_peer, contacts), 1, 500, NULL, NULL,
	  "lines for the mails of our own NOC: whom to call there" },
	{ BLOCK_PEER, "report-to", TYPE_MAIL_LIST, AT(config_peer, report_to), 0, 0, NULL, NULL,
	  "who gets its weekly letters; without one none leaves" },
	{ BLOCK_PEER, "report", TYPE_CHOICE, AT(config_peer, report), PEER_REPORT_CHANGES, 0, peer_reports, "changes",
	  "which weeks it is written to: those with something to be told, all, or never" },
	{ BLOCK_PEER, "language", TYPE_CHOICE_TEXT, AT(config_peer, language), 0, 0, languages, "en",
	  "of its letters" },

	{ BLOCK_REPORT, "weekday", TYPE_CHOICE, AT(config_report, weekday), 1, 0, weekdays, "monday",
	  "on which the weekly reports are made" },
	{ BLOCK_REPORT, "hour", TYPE_UINT, AT(config_report, hour), 0, 23, NULL, "8",
	  "of that day" },
	{ BLOCK_REPORT, "timezone", TYPE_ZONE, AT(config_report, timezone), 0, 0, NULL, "UTC",
	  "of weekday and hour" },
	{ BLOCK_REPORT, "to-peers", TYPE_CHOICE_TEXT, AT(config_report, to_peers), 0, 0, permissions, "approve",
	  "whether peers get theirs: never, once somebody approved it, or at once" },
	{ BLOCK_REPORT, "profile", TYPE_CHOICE, AT(config_report, profile), PROFILE_EARLY, 0, profiles, "proof",
	  "by which peers are judged" },
	{ BLOCK_REPORT, "name", TYPE_TEXT, AT(config_report, name), 1, 200, NULL, "",
	  "who we are, as letters say it" },
	{ BLOCK_REPORT, "person", TYPE_TEXT, AT(config_report, person), 1, 200, NULL, "",
	  "who signs the letters" },
	{ BLOCK_REPORT, "mail", TYPE_MAIL, AT(config_report, mail), 0, 0, NULL, "",
	  "how to reach them; by default mail.reply-to, or mail.from" },
	{ BLOCK_REPORT, "phone", TYPE_TEXT, AT(config_report, phone), 1, 100, NULL, "",
	  "how to reach them at once" },
	{ BLOCK_REPORT, "coordinator", TYPE_MAIL_LIST, AT(config_report, coordinator), 0, 0, NULL, NULL,
	  "who gets the overview of each week; by default alert.coordinator, or alert.to" },
	{ BLOCK_REPORT, "lapse", TYPE_DURATION, AT(config_report, lapse_sec), 3600, 30 * DAY_SEC, NULL, "4d",
	  "a letter that nobody approved is not sent after this" },
	{ BLOCK_REPORT, "link-valid", TYPE_DURATION, AT(config_report, link_valid_sec), 3600, 400 * DAY_SEC, NULL, "90d",
	  "how long the link in a letter shows its report" },

	{ BLOCK_WEB, "listen", TYPE_LISTEN, AT(config_web, listen), 0, 0, NULL, "127.0.0.1:8080",
	  "address and port of the pages; port 0: the system chooses" },
	{ BLOCK_WEB, "users-file", TYPE_PATH, AT(config_web, users_file), 1, 512, NULL, "",
	  "accounts, made by `ixwatch user`; without one, who reaches loopback may do everything" },
	{ BLOCK_WEB, "base-url", TYPE_HTTP_URL, AT(config_web, base_url), 0, 0, NULL, "http://127.0.0.1:8080",
	  "how readers of mails and reports reach the pages" },
	{ BLOCK_WEB, "link-key-file", TYPE_PATH, AT(config_web, link_key_file), 1, 512, NULL, "",
	  "keys that sign the links in mails, one a line, the first in use; made when missing; \"\": state-dir/link.key" },
	{ BLOCK_WEB, "tls-cert", TYPE_PATH, AT(config_web, tls_cert), 1, 512, NULL, "",
	  "PEM: the server's certificate and its chain; with it and tls-key, pages come by https" },
	{ BLOCK_WEB, "tls-key", TYPE_PATH, AT(config_web, tls_key), 1, 512, NULL, "",
	  "PEM: the key of that certificate" },
	{ BLOCK_WEB, "trust-proxy", TYPE_CHOICE_BOOL, AT(config_web, trust_proxy), 0, 0, answers, "no",
	  "whether a proxy on loopback is believed who its client is (X-Forwarded-For)" },
	{ BLOCK_WEB, "session-idle", TYPE_DURATION, AT(config_web, session_idle_sec), 60, 90 * DAY_SEC, NULL, "8h",
	  "a login ends after so long without a request" },
	{ BLOCK_WEB, "session-max", TYPE_DURATION, AT(config_web, session_max_sec), 60, 90 * DAY_SEC, NULL, "7d",
	  "a login ends after so long in any case" },
};
/* clang-format on */

const struct config_option *
config_options(enum config_block block, size_t *count)
{
	size_t first = 0;

	while (first < COUNT(options) && options[first].block != block)
		first++;
	for (*count = 0; first + *count < COUNT(options) && options[first + *count].block == block;)
		++*count;
	return &options[first];
}

int
config_option_index(enum config_block block, const char *name)
{
	size_t count;
	const struct config_option *rows = config_options(block, &count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].name, name) == 0)
			return (int)i;
	return -1;
}

enum config_block
config_block_inside(enum config_block parent, const char *name)
{
	for (int i = 0; i < BLOCK_COUNT; i++)
		if ((config_blocks[i].parents & IN(parent)) != 0 &&
		    strcmp(config_blocks[i].name, name) == 0)
			return (enum config_block)i;
	return BLOCK_COUNT;
}

const char *
config_block_name(enum config_block block)
{
	return block == BLOCK_FILE ? "file" : config_blocks[block].name;
}

/* --- in words --- */

/* What a value of each type may be; %lld stand for the limits of its row. */
static const char *const allowed_texts[TYPE_COUNT] = {
	[TYPE_TEXT] = "a text of %lld to %lld octets, UTF-8 without control characters",
	[TYPE_PATH] = "a path of %lld to %lld octets",
	[TYPE_UINT] = "a whole number from %lld to %lld",
	[TYPE_RATE] = "a rate in bit/s from 1k to 1000T, such as 5G, 2.5G or 400M (k M G T)",
	[TYPE_ZONE] = "an IANA time zone of this system, such as Europe/Berlin or UTC",
	[TYPE_ADDRESS] = "192.0.2.1:161, [2001:db8::1]:161 or name:161; the port is 161 by default",
	[TYPE_LISTEN] = "a numeric address and a port, such as 127.0.0.1:8080 or [::1]:8080",
	[TYPE_SNMP] = "the title of an snmp block",
	[TYPE_MATCH] = "a PCRE2 regular expression of up to 2048 octets",
	[TYPE_SECRET] = "a secret of %lld to %lld octets without control characters",
	[TYPE_SECRET_FILE] = "the path of a file of one line, at most mode 0640",
	[TYPE_SECRET_PATH] = "the path of a file of one line, at most mode 0640",
	[TYPE_TIME_OF_DAY] = "a time such as 09:00, or nothing",
	[TYPE_MAIL] = "an e-mail address such as noc@example.net, at most 254 octets",
	[TYPE_MAIL_LIST] = "a list of e-mail addresses such as { \"noc@example.net\" }",
	[TYPE_TEXT_LIST] = "a list of texts of %lld to %lld octets each",
	[TYPE_ASN_LIST] = "a list of AS numbers such as { 64500, 64501 }",
	[TYPE_HOURS] = "days and hours such as \"mon-fri 09:00-17:00\", or \"\" for always",
	[TYPE_SMTP_URL] = "smtp://host or smtps://host, with :port where needed",
	[TYPE_HTTP_URL] = "http://host or https://host, with :port and /path where needed",
};

static void
allowed_words(const char *const *words, char *dst, size_t len)
{
	size_t used = (size_t)snprintf(dst, len, "one of");

	for (; *words != NULL && used < len; words++)
		used += (size_t)snprintf(dst + used, len - used, " %s%s", *words,
					 words[1] != NULL ? "," : "");
}

/* "1s to 300s", "1h to 100d". */
static void
allowed_duration(const struct config_option *option, char *dst, size_t len)
{
	char text[2][32];
	const int64_t limits[2] = { option->min, option->max };

	for (int i = 0; i < 2; i++) {
		bool days = limits[i] % DAY_SEC == 0, hours = limits[i] % 3600 == 0;
		snprintf(text[i], sizeof(text[i]), "%lld%c",
			 (long long)(limits[i] / (days    ? DAY_SEC
						  : hours ? 3600
							  : 1)),
			 days    ? 'd'
			 : hours ? 'h'
				 : 's');
	}
	snprintf(dst, len, "a duration from %s to %s", text[0], text[1]);
}

/* "50% to 150%" */
static void
allowed_share(const struct config_option *option, char *dst, size_t len)
{
	snprintf(dst, len, "a share from %g%% to %g%%", (double)option->min / 10,
		 (double)option->max / 10);
}

bool
config_type_is_list(enum config_type type)
{
	return type == TYPE_MAIL_LIST || type == TYPE_TEXT_LIST || type == TYPE_WORD_LIST ||
	       type == TYPE_ASN_LIST;
}

static size_t
detector_row(const char *key)
{
	size_t i = 0;

	while (detector_settings_key(i) != NULL && strcmp(detector_settings_key(i), key) != 0)
		i++;
	return i;
}

char *
config_option_allowed(const struct config_option *option, char *dst, size_t len)
{
	const char *allowed = allowed_texts[option->type];

	if (option->words != NULL)
		allowed_words(option->words, dst, len);
	else if (option->type == TYPE_DETECTOR)
		snprintf(dst, len, "%s", detector_settings_allowed(detector_row(option->name)));
	else if (option->type == TYPE_SHARE)
		allowed_share(option, dst, len);
	else if (allowed == NULL)
		allowed_duration(option, dst, len);
	else if (option->max != 0)
		snprintf(dst, len, allowed, (long long)option->min, (long long)option->max);
	else
		snprintf(dst, len, "%s", allowed);
	return dst;
}

const struct config_key_help *
config_key_help(size_t i)
{
	static struct config_key_help rows[COUNT(options)];
	static char allowed[COUNT(options)][160];

	if (i >= COUNT(options))
		return NULL;
	const struct config_option *option = &options[i];
	bool of_detector = option->type == TYPE_DETECTOR;
	rows[i] = (struct config_key_help) {
		.block = config_blocks[option->block].name,
		.key = option->name,
		.type = config_option_allowed(option, allowed[i], sizeof(allowed[i])),
		.default_text = of_detector ? detector_settings_default(detector_row(option->name),
									PROFILE_EARLY)
					    : option->default_text,
		.help =
		    of_detector ? detector_settings_help(detector_row(option->name)) : option->help,
	};
	return &rows[i];
}
