/* smtp.h - hands one mail to the server that takes ours, and says how far it came and what the server said.
 *
 * TLS (STARTTLS, or from the start with smtps) is required, the server's certificate checked, unless the server is on this
 * machine and the settings allow it.  A connection is kept between mails until smtp_rest.  Blocks, for at most the
 * timeout.  Envelope and mail must be clean before: see outbox_address_ok.
 *
 * Written for libcurl 7.88; RFC 5321. */
#ifndef COLLECTOR_NOTIFY_SMTP_H
#define COLLECTOR_NOTIFY_SMTP_H

#include <stdbool.h>
#include <stddef.h>

#include "ixwatch/error.h"

struct smtp;

struct smtp_settings {
	const char *url;  /* smtp://host:port or smtps://host:port */
	const char *from; /* of the envelope */
	const char *user; /* "": no login */
	const char *password;
	const char *ca_file; /* "": the system's */
	bool tls_required;   /* on this machine, too */
	unsigned timeout_ms;
};

/* How far it came. */
enum smtp_stage {
	SMTP_CONNECTING, /* to TCP, TLS, greeting and login */
	SMTP_SENDER,     /* MAIL FROM */
	SMTP_RECIPIENT,  /* RCPT TO */
	SMTP_DATA,       /* DATA was said; nothing of the mail is sent */
	SMTP_BODY, /* the mail is sent, or some of it: whether the server has it is not known */
};

#define SMTP_REPLY_MAX 400
struct smtp_result {
	bool accepted; /* the server said so, with a code of 2xx */
	enum smtp_stage stage;
	int code;                   /* of its last reply; 0: none */
	char reply[SMTP_REPLY_MAX]; /* its words, one line; or ours, where it had none */
};

/* Asked now and then while a mail is on its way; true: break off. */
typedef bool smtp_is_over(void *user);

/* settings are copied. */
bool smtp_open(struct smtp **out, const struct smtp_settings *settings, smtp_is_over *is_over,
	       void *user, struct error *err);
void smtp_close(struct smtp *smtp); /* NULL is fine */

/* octets: the whole mail, header and body, lines ended by CR LF. */
void smtp_send(struct smtp *smtp, const char *recipient, const char *octets, size_t len,
	       struct smtp_result *result);
/* Connects, logs in, and hangs up: accepted when a mail could be handed over. */
void smtp_probe(struct smtp *smtp, struct smtp_result *result);
/* Nothing to send for a while: ends the connection. */
void smtp_rest(struct smtp *smtp);

#endif
