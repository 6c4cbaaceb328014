/* config_address.c - "host:port" as people write it: IPv4, IPv6 in brackets, or a name (RFC 1123) to be resolved later;
 * and what has one inside: URLs, e-mail addresses. */
#include "base/config_internal.h"
#include "base/mail_address.h"

#include <arpa/inet.h>
#include <string.h>

#include "ixwatch/units.h"

#define LABEL_MAX 63

#define URL_MAX 300

/* Letters, digits, - and _, in labels of 1 to 63; the last is not all digits, so that no misspelt address passes. */
static bool
is_host_name(const char *host)
{
	size_t label = 0;
	bool digits = true;

	if (strlen(host) >= CONFIG_HOST_SIZE)
		return false;
	for (const char *at = host;; at++) {
		if (*at == '.' || *at == '\0') {
			if (label == 0 || label > LABEL_MAX || at[-1] == '-')
				return false;
			if (*at == '\0' || at[1] == '\0')
				return !digits;
			label = 0;
			digits = true;
			continue;
		}
		bool digit = *at >= '0' && *at <= '9';
		bool letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');
		if (!digit && !letter && (*at != '-' || label == 0) && *at != '_')
			return false;
		digits = digits && digit;
		label++;
	}
}

/* "host", "host:port", "[v6]", "[v6]:port", "v6" -> host and the text of the port, NULL when there is none. */
static bool
split(const char *text, char host[CONFIG_HOST_SIZE], const char **port)
{
	const char *first = strchr(text, ':'), *last = strrchr(text, ':'), *end;
	bool brackets = text[0] == '[';

	*port = NULL;
	if (brackets) {
		end = strchr(++text, ']');
		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return false;
		*port = end[1] == ':' ? end + 2 : NULL;
	} else if (first != NULL && first == last) {
		end = first;
		*port = first + 1;
	} else {
		end = text + strlen(text); /* no colon, or bare IPv6 */
	}
	size_t len = (size_t)(end - text);
	if (len == 0 || len >= CONFIG_HOST_SIZE)
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	return !brackets || strchr(host, ':') != NULL;
}

static bool
numeric(const char *host, uint16_t port, struct sockaddr_storage *address)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		return true;
	}
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) != 1)
		return false;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	return true;
}

bool
config_address_parse(const char *text, uint16_t default_port, struct sockaddr_storage *address,
		     char host[CONFIG_HOST_SIZE], uint16_t *port)
{
	const char *port_text;
	uint64_t number = default_port;

	if (!split(text, host, &port_text))
		return false;
	if (port_text != NULL ? !units_parse_uint(port_text, 0, UINT16_MAX, &number)
			      : default_port == 0)
		return false;
	*port = (uint16_t)number;
	if (numeric(host, *port, address)) {
		host[0] = '\0';
		return true;
	}
	memset(address, 0, sizeof(*address));
	return strchr(host, ':') == NULL && is_host_name(host);
}

bool
config_mail_ok(const char *text)
{
	return mail_address_ok(text);
}

/* The host, port and path of a URL without a user's name, query or fragment. */
static bool
is_url_rest(const char *rest, bool path_allowed)
{
	struct sockaddr_storage address;
	char authority[URL_MAX + 1], host[CONFIG_HOST_SIZE];
	uint16_t port;
	size_t len = strcspn(rest, "/");

	if (strlen(rest) > URL_MAX || (rest[len] != '\0' && !path_allowed))
		return false;
	for (const char *c = rest; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~' || strchr("\"'<>\\^`{|}?#@", *c) != NULL)
			return false;
	memcpy(authority, rest, len);
	authority[len] = '\0';
	return config_address_parse(authority, 1, &address, host, &port) && port != 0 &&
	       (strchr(authority, ':') == NULL || authority[0] == '[' ||
		strchr(authority, ':') == strrchr(authority, ':'));
}

/* What follows the first of the two schemes that fits; NULL when neither does. */
static const char *
after_scheme(const char *text, const char *plain, const char *secure)
{
	if (strncmp(text, plain, strlen(plain)) == 0)
		return text + strlen(plain);
	return strncmp(text, secure, strlen(secure)) == 0 ? text + strlen(secure) : NULL;
}

bool
config_smtp_url_ok(const char *text)
{
	const char *rest = after_scheme(text, "smtp://", "smtps://");

	return rest != NULL && is_url_rest(rest, false);
}

bool
config_http_url_ok(const char *text)
{
	const char *rest = after_scheme(text, "http://", "https://");

	return rest != NULL && is_url_rest(rest, true);
}
