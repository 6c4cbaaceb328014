/* smtp.c - see smtp.h; the only file that includes libcurl's header.
 *
 * libcurl tells by its debug callback what it says and hears: that is how we know how far a mail came, and the server's
 * own words.  What is said there may hold the login, so only the verb is looked at, and only before the login's end. */
#include "notify/smtp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/utf8.h"
#include "ixwatch/clock.h"

#define CONNECT_MAX_MS 30000
#define FAREWELL_MS    1000

struct smtp {
	CURL *curl; /* NULL: no connection is kept */
	struct smtp_settings settings;
	char *url, *from, *user, *password, *ca_file;
	bool is_loopback;
	smtp_is_over *is_over;
	void *over_user;
	struct smtp_result *result; /* of the mail on its way */
	bool is_within_answer;      /* the last line that was heard has others behind it */
	int64_t farewell_mono_ms; /* since QUIT was said: what is heard now is no answer; 0: not */
	const char *octets;
	size_t left;
	int fd; /* -1: not connected */
};

/* --- what is said and heard --- */

/* Text from outside behind what is in the reply already, as far as there is room: without controls and what is no UTF-8. */
static void
add_words(struct smtp_result *result, const char *text, size_t len)
{
	size_t used = strlen(result->reply);

	while (len > 0 && used + 5 < sizeof(result->reply)) {
		uint32_t c;
		size_t step = utf8_next(text, len, &c);

		if (step == 0 || utf8_is_control(c)) {
			result->reply[used++] = ' ';
			step = step == 0 ? 1 : step;
		} else {
			memcpy(result->reply + used, text, step);
			used += step;
		}
		text += step;
		len -= step;
	}
	while (used > 0 && result->reply[used - 1] == ' ')
		used--;
	result->reply[used] = '\0';
}

/* The length of an enhanced code (RFC 3463: "5.1.1 ") that the reply has already, right behind its code. */
static size_t
known_status_len(const struct smtp_result *result, const char *text, size_t len)
{
	const char *said = strlen(result->reply) > 4 ? result->reply + 4 : "";
	size_t digits = strspn(said, "0123456789.");

	return digits >= 5 && said[digits] == ' ' && len > digits &&
		       strncmp(said, text, digits + 1) == 0
		   ? digits + 1
		   : 0;
}

/* One line.  An answer counts when its last line is there (RFC 5321, 4.2.1: "550-no", "550 such user"): what was broken off
 * before, or is no line of an answer, is none. */
static void
hear(struct smtp *smtp, struct smtp_result *result, const char *line, size_t len)
{
	while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	if (len < 3 || strspn(line, "0123456789") < 3 ||
	    (len > 3 && line[3] != ' ' && line[3] != '-'))
		return;
	if (!smtp->is_within_answer) {
		result->code = 0;
		result->reply[0] = '\0';
		add_words(result, line, 3);
	}
	smtp->is_within_answer = len > 3 && line[3] == '-';
	if (len > 4 && strlen(result->reply) + 1 < sizeof(result->reply)) {
		size_t known = known_status_len(result, line + 4, len - 4);

		strcat(result->reply, " ");
		add_words(result, line + 4 + known, len - 4 - known);
	}
	if (!smtp->is_within_answer)
		result->code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0';
}

static void
say(struct smtp_result *result, const char *line, size_t len)
{
	static const struct {
		const char *verb;
		enum smtp_stage stage;
	} verbs[] = { { "MAIL ", SMTP_SENDER },
		      { "RCPT ", SMTP_RECIPIENT },
		      { "DATA", SMTP_DATA } };

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (len >= strlen(verbs[i].verb) &&
		    strncmp(line, verbs[i].verb, strlen(verbs[i].verb)) == 0) {
			result->stage = verbs[i].stage;
			result->code = 0;
			result->reply[0] = '\0';
		}
}

static int
on_debug(CURL *curl, curl_infotype type, char *data, size_t len, void *user)
{
	struct smtp *smtp = user;
	struct smtp_result *result = smtp->result;

	(void)curl;
	if (type == CURLINFO_HEADER_OUT && len >= 4 && strncmp(data, "QUIT", 4) == 0)
		smtp->farewell_mono_ms = clock_mono_ms();
	if (result == NULL || smtp->farewell_mono_ms != 0)
		return 0;
	if (type == CURLINFO_HEADER_IN) {
		hear(smtp, result, data, len);
	} else if (type == CURLINFO_HEADER_OUT) {
		smtp->is_within_answer = false;
		say(result, data, len);
	} else if (type == CURLINFO_DATA_OUT && result->stage == SMTP_DATA) {
		result->stage = SMTP_BODY;
		result->code = 0; /* 354 was the answer to DATA */
		result->reply[0] = '\0';
	}
	return 0;
}

static size_t
on_read(char *buffer, size_t size, size_t count, void *user)
{
	struct smtp *smtp = user;
	size_t len = size * count < smtp->left ? size * count : smtp->left;

	memcpy(buffer, smtp->octets, len);
	smtp->octets += len;
	smtp->left -= len;
	return len;
}

static size_t
on_write(char *data, size_t size, size_t count, void *user)
{
	(void)data, (void)user;
	return size * count;
}

static int
on_progress(void *user, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct smtp *smtp = user;

	(void)a, (void)b, (void)c, (void)d;
	if (smtp->farewell_mono_ms != 0 && clock_mono_ms() - smtp->farewell_mono_ms > FAREWELL_MS)
		return 1; /* libcurl would wait two minutes for the answer to QUIT */
	return smtp->is_over != NULL && smtp->is_over(smtp->over_user);
}

/* The socket is known to us, so that a server that does not answer is not asked for its farewell: libcurl would wait two
 * minutes for that. */
static curl_socket_t
on_open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct smtp *smtp = user;

	(void)purpose;
	smtp->fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	return smtp->fd;
}

static int
on_close_socket(void *user, curl_socket_t fd)
{
	struct smtp *smtp = user;

	if (smtp->fd == fd)
		smtp->fd = -1;
	return close(fd);
}

static void
hang_up(struct smtp *smtp)
{
	if (smtp->fd >= 0)
		shutdown(smtp->fd, SHUT_RDWR);
	smtp_rest(smtp);
}

/* --- opened and closed --- */

/* A server on this machine: by number, or by the name that libcurl itself takes for it. */
static bool
is_loopback_url(const char *url)
{
	const char *host = strstr(url, "://");
	size_t len;

	host = host != NULL ? host + 3 : url;
	if (strncmp(host, "[::1]", 5) == 0)
		return host[5] == '\0' || host[5] == ':';
	len = strcspn(host, ":/");
	if (len == 9 && strncasecmp(host, "localhost", 9) == 0)
		return true;
	return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == len;
}

bool
smtp_open(struct smtp **out, const struct smtp_settings *settings, smtp_is_over *is_over,
	  void *user, struct error *err)
{
	struct smtp *smtp = calloc(1, sizeof(*smtp));

	if (smtp == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		goto fail;
	smtp->settings = *settings;
	smtp->fd = -1;
	smtp->url = strdup(settings->url);
	smtp->from = malloc(strlen(settings->from) + 3);
	smtp->user = strdup(settings->user);
	smtp->password = strdup(settings->password);
	smtp->ca_file = strdup(settings->ca_file);
	if (smtp->url == NULL || smtp->from == NULL || smtp->user == NULL ||
	    smtp->password == NULL || smtp->ca_file == NULL)
		goto fail;
	sprintf(smtp->from, "<%s>", settings->from);
	smtp->is_loopback = is_loopback_url(settings->url);
	smtp->is_over = is_over;
	smtp->over_user = user;
	*out = smtp;
	return true;
fail:
	smtp_close(smtp);
	return error_set(err, ERR_NOMEM, "smtp: out of memory");
}

void
smtp_rest(struct smtp *smtp)
{
	smtp->result = NULL;
	curl_easy_cleanup(smtp->curl);
	smtp->curl = NULL;
}

void
smtp_close(struct smtp *smtp)
{
	if (smtp == NULL)
		return;
	smtp_rest(smtp);
	if (smtp->password != NULL)
		explicit_bzero(smtp->password, strlen(smtp->password));
	free(smtp->url);
	free(smtp->from);
	free(smtp->user);
	free(smtp->password);
	free(smtp->ca_file);
	free(smtp);
}

/* --- sending --- */

static void
set_all(struct smtp *smtp, CURL *curl)
{
	const struct smtp_settings *s = &smtp->settings;
	long timeout_ms = (long)s->timeout_ms;
	bool in_clear = smtp->is_loopback && !s->tls_required;

	curl_easy_setopt(curl, CURLOPT_URL, smtp->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
			 timeout_ms < CONNECT_MAX_MS ? timeout_ms : (long)CONNECT_MAX_MS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms);
	curl_easy_setopt(curl, CURLOPT_USE_SSL,
			 (long)(in_clear ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (smtp->ca_file[0] != '\0')
		curl_easy_setopt(curl, CURLOPT_CAINFO, smtp->ca_file);
	if (smtp->user[0] != '\0') {
		curl_easy_setopt(curl, CURLOPT_USERNAME, smtp->user);
		curl_easy_setopt(curl, CURLOPT_PASSWORD, smtp->password);
	}
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_write);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, smtp);
	curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, on_close_socket);
	curl_easy_setopt(curl, CURLOPT_CLOSESOCKETDATA, smtp);
	curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
	curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, on_debug);
	curl_easy_setopt(curl, CURLOPT_DEBUGDATA, smtp);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, smtp);
}

static void
set_mail(struct smtp *smtp, CURL *curl, struct curl_slist *recipients, size_t len)
{
	curl_easy_setopt(curl, CURLOPT_MAIL_FROM, smtp->from);
	curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(curl, CURLOPT_READDATA, smtp);
	curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)len);
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
}

/* Behind a mail, libcurl takes 250 alone for a yes.  RFC 5321 (4.2.1) has any 2xx be one, and else the mail would come again
 * and again. */
static bool
is_taken(const struct smtp *smtp, CURLcode code, const struct smtp_result *result)
{
	return code == CURLE_WEIRD_SERVER_REPLY && result->stage == SMTP_BODY && smtp->left == 0 &&
	       result->code >= 200 && result->code < 300;
}

/* What broke, where the server did not say it. */
static void
say_why(struct smtp_result *result, CURLcode code, const char *why)
{
	static const char ended[] = "response reading failed"; /* "(errno: 115)", of no use */

	if (strncmp(why, ended, sizeof(ended) - 1) == 0)
		why = "the server ended the connection";
	else if (why[0] == '\0')
		why = curl_easy_strerror(code);
	result->reply[0] = '\0';
	add_words(result, why, strlen(why));
}

/* One try; the connection that was kept, or a new one. */
static CURLcode
perform(struct smtp *smtp, struct smtp_result *result)
{
	char why[CURL_ERROR_SIZE] = "";
	CURLcode code;

	*result = (struct smtp_result) { .stage = SMTP_CONNECTING };
	smtp->result = result;
	smtp->farewell_mono_ms = 0;
	smtp->is_within_answer = false;
	curl_easy_setopt(smtp->curl, CURLOPT_ERRORBUFFER, why);
	code = curl_easy_perform(smtp->curl);
	curl_easy_setopt(smtp->curl, CURLOPT_ERRORBUFFER, NULL);
	smtp->result = NULL;
	result->accepted = code == CURLE_OK || is_taken(smtp, code, result);
	if (result->accepted)
		return code;
	if (result->code >= 200 &&
	    result->code < 400) /* it said yes so far, then something else broke */
		result->code = 0;
	if (result->code == 0)
		say_why(result, code, why);
	return code;
}

static void
no_memory(struct smtp_result *result)
{
	*result = (struct smtp_result) { .stage = SMTP_CONNECTING, .reply = "out of memory" };
}

void
smtp_send(struct smtp *smtp, const char *recipient, const char *octets, size_t len,
	  struct smtp_result *result)
{
	struct curl_slist *recipients;
	char bracketed[300];
	CURLcode code;
	bool kept;

	snprintf(bracketed, sizeof(bracketed), "<%s>", recipient);
	recipients = curl_slist_append(NULL, bracketed);
	for (int try = 0; try < 2; try++) {
		kept = smtp->curl != NULL;
		if (!kept && (smtp->curl = curl_easy_init()) == NULL)
			break;
		set_all(smtp, smtp->curl);
		set_mail(smtp, smtp->curl, recipients, len);
		smtp->octets = octets;
		smtp->left = len;
		code = perform(smtp, result);
		if (code != CURLE_OK)
			hang_up(smtp);
		if (result->accepted || !kept || result->code != 0 || result->stage >= SMTP_DATA)
			break; /* else the server may have ended a connection that was kept */
	}
	if (recipients == NULL || (smtp->curl == NULL && result->reply[0] == '\0'))
		no_memory(result);
	else if (smtp->curl != NULL)
		curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, NULL);
	curl_slist_free_all(recipients);
}

void
smtp_probe(struct smtp *smtp, struct smtp_result *result)
{
	smtp_rest(smtp);
	smtp->curl = curl_easy_init();
	if (smtp->curl == NULL) {
		no_memory(result);
		return;
	}
	set_all(smtp, smtp->curl);
	curl_easy_setopt(smtp->curl, CURLOPT_CONNECT_ONLY, 1L);
	perform(smtp, result);
	hang_up(smtp);
}
