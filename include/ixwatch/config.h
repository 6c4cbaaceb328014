/* config.h - the configuration, read and checked whole.
 *
 * config_load shows every error of the file at once, each as `file:line: key: what is wrong, what is allowed`, through
 * the callback, and succeeds only when there was none.  A struct config is immutable; a reload makes another one.
 * Texts are never NULL unless said so.  Secrets are in memory of the process that polls or mails only: others call
 * config_drop_secrets at once. */
#ifndef IXWATCH_CONFIG_H
#define IXWATCH_CONFIG_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/detector_settings.h"
#include "ixwatch/error.h"
#include "ixwatch/model.h"

#define CONFIG_DEFAULT_FILE "/etc/ixwatch/ixwatch.conf"

enum snmp_version { SNMP_V2C, SNMP_V3 };
enum snmp_level { SNMP_LEVEL_NOAUTH, SNMP_LEVEL_AUTH, SNMP_LEVEL_AUTHPRIV };

/* snmp NAME { ... }: credentials and manners, by name. */
struct config_snmp {
	const char *name;
	enum snmp_version version;
	const char *community; /* v2c; secret */
	const char *user;      /* v3 */
	enum snmp_level level;
	const char *auth;        /* "SHA-256" ... as checked against the list */
	const char *auth_secret; /* read from auth-file; secret */
	const char *priv;        /* "AES" ... */
	const char *priv_secret; /* secret */
	unsigned timeout_ms;
	unsigned retries;
	unsigned max_repetitions;
};

/* exchange X { agent NAME { ... } } */
struct config_agent {
	const char *name;
	const char *address_text; /* as written, for messages */
	struct sockaddr_storage
	    address;      /* family 0: address_text's host is a name, still to be resolved */
	const char *host; /* the name to resolve; "" when numeric */
	uint16_t port;
	const struct config_snmp *snmp;
	const char *match;     /* PCRE2 on ifAlias, checked to compile; "" for none */
	enum port_kind kind;   /* the exchange's unless set */
	bool discards_trusted; /* discards = "trusted" | "untrusted" (default) */
};

/* exchange X { port "agent/ifName" { ... } } */
struct config_port {
	const char *agent;
	const char *interface;
	uint32_t asn;          /* 0: not set */
	const char *peer;      /* "" : not set */
	double capacity_bps;   /* NAN: not set */
	double contracted_bps; /* NAN: not set */
	bool contract_billed;
	double nominal_capacity_bps; /* NAN: not set */
	enum port_kind kind;         /* the agent's unless set */
	const char *note;
	const char *circuit;
	size_t override_count; /* detector { } inside */
	const struct config_override *overrides;
};

/* One line of a detector block, in the order written. */
struct config_override {
	const char *key;
	const char *value;
};

struct config_exchange {
	const char *slug;
	const char *name;
	const char *timezone;  /* checked IANA zone; "UTC" by default */
	const char *policy;    /* words that letters quote, with their source; "": none */
	uint32_t peeringdb_ix; /* 0: none */
	enum port_kind kind;
	size_t agent_count;
	const struct config_agent *agents;
	size_t port_count;
	const struct config_port *ports;
	size_t override_count;
	const struct config_override *overrides;
};

/* Whether mail may go out in the clear: to a server on this machine, or never. */
enum mail_tls { MAIL_TLS_LOOPBACK, MAIL_TLS_REQUIRED };

#define MAIL_NO_SIGN_OF_LIFE (-1)

/* The password is not in it: password_file was checked, and the mailer alone reads it. */
struct config_mail {
	const char *smtp, *from, *reply_to, *spool;
	const char *user, *password_file; /* "": no login */
	enum mail_tls tls;
	const char *ca_file; /* "": the system's */
	unsigned timeout_ms;
	unsigned per_hour;
	const char *on_failure; /* a command; "": none */
	int sign_of_life;       /* minutes past midnight; MAIL_NO_SIGN_OF_LIFE */
	const char *timezone;   /* of sign_of_life */
};

/* A list of texts; text is NULL only when count is 0. */
struct config_texts {
	size_t count;
	const char *const *text;
};

/* When somebody is there to read: base/office_hours.h. */
struct office_hours {
	unsigned days;        /* bit 0: Monday */
	int from_min, to_min; /* of the local day, 0..1440 */
};

/* alert { route NAME { exchange = {..} kind = {..} severity = {..} asn = {..} to = {..} } }: what is absent is not asked
 * about. */
struct config_route {
	const char *name;
	struct config_texts exchange; /* slugs */
	unsigned kinds;               /* bits 1 << enum alert_kind; 0: any */
	unsigned severities;          /* bits 1 << enum alert_severity; 0: any */
	size_t asn_count;             /* 0: any */
	const uint32_t *asn;
	struct config_texts to;
};

struct config_alert {
	struct config_texts to;          /* who is told */
	struct config_texts coordinator; /* of verdicts; none: `to` */
	struct config_texts escalate_to;
	int64_t repeat_sec, escalate_sec, window_sec;
	unsigned kinds; /* that are told; bits 1 << enum alert_kind; 0: all */
	const char *office_hours_text;
	struct office_hours office_hours; /* of verdicts */
	const char *timezone;             /* of them */
	double saturated, saturated_clear, loss, loss_clear, unknown, unknown_clear; /* shares */
	int64_t saturated_sec, loss_sec, reduced_sec, unreachable_sec; /* so long until it begins */
	int64_t clear_sec;                                             /* and until it ends */
	int64_t blind_sec;
	const char *runbook[KIND_COUNT]; /* a line for the mail, by the kind of its port; "" none */
	size_t route_count;
	const struct config_route *routes;
};

/* Which weeks a peer is written to: those with something to be told, all, or none. */
enum config_peer_report { PEER_REPORT_CHANGES, PEER_REPORT_ALL, PEER_REPORT_NEVER };

/* peer "ASN" { ... }: one network, of one AS number or several. */
struct config_peer {
	uint32_t asn;     /* the title's: the one by which letters and files name it */
	const char *name; /* "": as its ports call it */
	size_t also_count;
	const uint32_t *also;          /* its further AS numbers */
	struct config_texts contacts;  /* lines for our own NOC's mails */
	struct config_texts report_to; /* addresses; none: no letter leaves */
	enum config_peer_report report;
	const char *language; /* "en" */
};

struct config_report {
	int weekday; /* 1 Monday .. 7 Sunday */
	int hour;    /* 0..23 */
	const char *timezone;
	const char *to_peers; /* "never", "approve", "send" */
	enum profile profile;
	const char *name, *person, *phone; /* "": not said */
	const char *mail;                  /* mail.reply-to or mail.from where it is not said */
	struct config_texts coordinator;   /* alert.coordinator or alert.to where it is not said */
	int64_t lapse_sec;                 /* so long a letter waits to be approved */
	int64_t link_valid_sec;
};

struct config_web {
	const char *listen; /* as written */
	struct sockaddr_storage listen_address;
	const char *users_file, *base_url, *link_key_file;
	const char *tls_cert, *tls_key; /* "": no TLS here */
	bool trust_proxy;               /* X-Forwarded-For of a proxy on loopback is believed */
	int64_t session_idle_sec, session_max_sec;
};

/* archive { interval = "2d" step = "400d" hour = "400d" day = "3650d" }: how long each resolution is kept. */
struct config_archive {
	int64_t interval_sec, step_sec, hour_sec, day_sec;
};

struct config {
	const char *file;
	const char *state_dir;
	uint32_t our_asn; /* 0: not set */
	unsigned interval_sec;
	size_t snmp_count;
	const struct config_snmp *snmp;
	size_t exchange_count;
	const struct config_exchange *exchanges;
	size_t override_count;
	const struct config_override *overrides;
	struct config_archive archive;
	struct config_mail mail;
	struct config_alert alert;
	struct config_report report;
	size_t peer_count;
	const struct config_peer *peers;
	struct config_web web;
};

/* Called once per error with `file:line: key: what is wrong, what is allowed`; lent. */
typedef void config_on_error(const char *message, void *user);

/* Reads and checks `file`.  True and *out on success (config_free); else every error went to on_error and err holds
 * "FILE: N errors".  on_error may be NULL. */
bool config_load(struct config **out, const char *file, config_on_error *on_error, void *user,
		 struct error *err);
void config_free(struct config *config); /* NULL is fine; secrets are overwritten */

/* The one line of a file that holds a secret, at most mode 0640, into dst; overwrite it after use. */
#define CONFIG_SECRET_SIZE 1028
bool config_secret_file_read(const char *path, char dst[CONFIG_SECRET_SIZE], struct error *err);

/* Overwrites every secret in memory; for processes that need none. */
void config_drop_secrets(struct config *config);

const struct config_exchange *config_exchange_find(const struct config *config, const char *slug);
/* The `port` block for an interface of an agent of that exchange, or NULL. */
const struct config_port *config_port_find(const struct config_exchange *exchange,
					   const char *agent, const char *interface);

/* The peer block that has the AS number, as its title or in `also`; NULL: none has. */
const struct config_peer *config_peer_find(const struct config *config, uint32_t asn);

/* The settings in force for one port: the defaults of the profile, overruled by the detector blocks of the file, the
 * exchange and the port, in that order.  profile NULL: the one those blocks name (early by default); a key in which the
 * two profiles differ counts only where the block it stands in speaks of the profile asked for.
 * exchange and port may be NULL. */
void config_detector(const struct config *config, const struct config_exchange *exchange,
		     const struct config_port *port, const enum profile *profile,
		     struct detector_settings *out);

/* An agent's address as people write it: "192.0.2.1:1161", "[2001:db8::1]:161", "2001:db8::1", "edge1.example.net:161".
 * Numeric: *address is set and host is ""; a name: the family is 0 and host holds it.  default_port 0: the port must be
 * given.  False when the text is none of these. */
#define CONFIG_HOST_SIZE 254
bool config_address_parse(const char *text, uint16_t default_port, struct sockaddr_storage *address,
			  char host[CONFIG_HOST_SIZE], uint16_t *port);

/* One key of the file, for tables in help and README: NULL past the last. */
struct config_key_help {
	const char *block, *key, *type, *default_text, *help;
};
const struct config_key_help *config_key_help(size_t i);

#endif
