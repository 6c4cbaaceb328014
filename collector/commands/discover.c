/* discover.c - `ixwatch discover ADDRESS`: walks one agent and prints a configuration stanza for it.
 *
 * It stands alone: no state directory, no ledger, no event loop but a poll(2) of its own. */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/discover_print.h"
#include "commands/options.h"
#include "snmp/snmp.h"

#define SNMP_PORT 161
#define TICK_MS   20
#define OWN_SNMP  "discovered"

struct discover {
	struct config *config; /* NULL without --snmp */
	struct config_snmp own;
	const struct config_snmp *credentials;
	struct sockaddr_storage address;
	char address_text[NI_MAXHOST + 16]; /* numeric, with port */
	struct interface_row *rows;
	size_t row_count, row_room;
	bool out_of_memory, ended;
	enum snmp_outcome outcome;
	char why[512];
	uint32_t uptime_ticks;
};

/* --- whom to ask, and how --- */

static bool
credentials_find(struct discover *d, const char *name, const char *file, struct error *err)
{
	d->config = options_config(file);
	if (d->config == NULL)
		return error_set(err, ERR_CONFIG,
				 "without a sound configuration there is no snmp \"%s\"", name);
	for (size_t i = 0; i < d->config->snmp_count; i++)
		if (strcmp(d->config->snmp[i].name, name) == 0)
			d->credentials = &d->config->snmp[i];
	return d->credentials != NULL ||
	       error_set(err, ERR_CONFIG, "%s has no block snmp %s { }", file, name);
}

static void
credentials_default(struct discover *d)
{
	const char *community = getenv("IXWATCH_COMMUNITY");

	d->own = (struct config_snmp) {
		.name = OWN_SNMP,
		.version = SNMP_V2C,
		.community = community != NULL && community[0] != '\0' ? community : "public",
		.timeout_ms = 2000,
		.retries = 2,
		.max_repetitions = 25,
	};
	d->credentials = &d->own;
}

static bool
name_resolve(struct discover *d, const char *host, uint16_t port, struct error *err)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct addrinfo *found;
	char service[8];
	int rc;

	snprintf(service, sizeof(service), "%u", (unsigned)port);
	rc = getaddrinfo(host, service, &hints, &found);
	if (rc != 0)
		return error_set(err, ERR_NOT_FOUND, "%s: %s", host, gai_strerror(rc));
	memcpy(&d->address, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return true;
}

static bool
address_read(struct discover *d, const char *text, struct error *err)
{
	char host[CONFIG_HOST_SIZE], service[8];
	bool v6;
	uint16_t port;

	if (!config_address_parse(text, SNMP_PORT, &d->address, host, &port) || port == 0)
		return error_set(err, ERR_USAGE,
				 "%s is no address; allowed: 192.0.2.1, 192.0.2.1:1161, "
				 "[2001:db8::1]:161, a name",
				 text);
	if (host[0] != '\0' && !name_resolve(d, host, port, err))
		return false;
	v6 = d->address.ss_family == AF_INET6;
	if (getnameinfo((struct sockaddr *)&d->address,
			v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in), host,
			sizeof(host), service, sizeof(service),
			NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return error_set(err, ERR_USAGE, "%s is no address to ask", text);
	snprintf(d->address_text, sizeof(d->address_text), v6 ? "[%s]:%s" : "%s:%s", host, service);
	return true;
}

/* --- the walk --- */

static bool
row_copy(struct interface_row *to, const struct interface_row *from)
{
	*to = *from;
	to->name = strdup(from->name);
	to->alias = strdup(from->alias);
	to->descr = strdup(from->descr);
	return to->name != NULL && to->alias != NULL && to->descr != NULL;
}

static void
on_row(const struct interface_row *row, void *user)
{
	struct discover *d = user;

	if (d->row_count == d->row_room) {
		size_t room = d->row_room > 0 ? d->row_room * 2 : 64;
		struct interface_row *rows = reallocarray(d->rows, room, sizeof(*rows));

		if (rows == NULL) {
			d->out_of_memory = true;
			return;
		}
		d->rows = rows;
		d->row_room = room;
	}
	d->out_of_memory |= !row_copy(&d->rows[d->row_count++], row);
}

static void
on_end(enum snmp_outcome outcome, const char *why, uint32_t uptime_ticks, void *user)
{
	struct discover *d = user;

	d->ended = true;
	d->outcome = outcome;
	d->uptime_ticks = uptime_ticks;
	snprintf(d->why, sizeof(d->why), "%s", why);
}

static void
walk_wait(struct discover *d, struct snmp *snmp)
{
	while (!d->ended) {
		struct pollfd fds[] = {
			{ .fd = snmp_fd_ipv4(snmp), .events = POLLIN },
			{ .fd = snmp_fd_ipv6(snmp), .events = POLLIN },
		};

		(void)poll(fds, 2, TICK_MS);
		for (int i = 0; i < 2; i++)
			if (fds[i].revents != 0)
				snmp_readable(snmp, fds[i].fd);
		snmp_tick(snmp);
	}
}

static bool
outcome_check(const struct discover *d, struct error *err)
{
	bool own = d->credentials == &d->own;

	if (d->out_of_memory)
		return error_set(err, ERR_NOMEM, "out of memory");
	if (d->outcome == SNMP_SILENT && d->credentials->version == SNMP_V3)
		return error_set(
		    err, ERR_SNMP,
		    "%s is silent: %s; check the address, that its agent lets this host "
		    "ask, and that it speaks SNMPv3: it did not even tell its engineID",
		    d->address_text, d->why);
	if (d->outcome == SNMP_SILENT)
		return error_set(
		    err, ERR_SNMP,
		    "%s is silent: %s; check the address, that its agent lets this host ask, and "
		    "the community, since a wrong one looks just so; it was that of %s%s",
		    d->address_text, d->why, own ? "" : "snmp ",
		    own ? "$IXWATCH_COMMUNITY, or \"public\" where that is not set"
			: d->credentials->name);
	if (d->outcome == SNMP_REFUSED)
		return error_set(err, ERR_SNMP, "%s: %s", d->address_text, d->why);
	return true;
}

static bool
print(const struct discover *d, const struct snmp_agent *agent, bool json, struct error *err)
{
	const struct discovery found = {
		.address = d->address_text,
		.snmp = d->credentials->name,
		.own_snmp = d->credentials == &d->own,
		.sys_name = snmp_agent_sys_name(agent),
		.sys_descr = snmp_agent_sys_descr(agent),
		.warning = d->why,
		.uptime_ticks = d->uptime_ticks,
		.rows = d->rows,
		.row_count = d->row_count,
	};

	if (json)
		return discover_print_json(stdout, &found, err);
	discover_print_stanza(stdout, &found);
	return true;
}

static bool
walk(struct discover *d, const char *persistent_dir, bool json, struct error *err)
{
	const struct snmp_walk_events events = { .on_row = on_row, .on_end = on_end, .user = d };
	struct snmp *snmp = NULL;
	struct snmp_agent *agent = NULL;
	bool ok = snmp_open(&snmp, persistent_dir, err) &&
		  snmp_agent_new(&agent, snmp, d->address_text, &d->address, d->credentials, err) &&
		  snmp_walk(agent, &events, err);

	if (ok) {
		walk_wait(d, snmp);
		ok = outcome_check(d, err) && print(d, agent, json, err);
	}
	snmp_agent_free(agent);
	snmp_close(snmp);
	return ok;
}

/* net-snmp insists on a folder of its own: it gets one that goes away again. */
static bool
walk_in_private(struct discover *d, bool json, struct error *err)
{
	char dir[] = "/tmp/ixwatch-discover-XXXXXX", inner[sizeof(dir) + 16];
	bool ok;

	if (mkdtemp(dir) == NULL)
		return error_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
	ok = walk(d, dir, json, err);
	snprintf(inner, sizeof(inner), "%s/cert_indexes", dir);
	(void)rmdir(inner);
	(void)rmdir(dir);
	return ok;
}

static bool
discover(struct discover *d, const char *address, const char *snmp_name, const char *file,
	 bool json, struct error *err)
{
	if (!address_read(d, address, err))
		return false;
	if (snmp_name == NULL)
		credentials_default(d);
	else if (!credentials_find(d, snmp_name, file, err))
		return false;
	return walk_in_private(d, json, err);
}

static void
discover_free(struct discover *d)
{
	for (size_t i = 0; i < d->row_count; i++) {
		free((char *)d->rows[i].name);
		free((char *)d->rows[i].alias);
		free((char *)d->rows[i].descr);
	}
	free(d->rows);
	config_free(d->config);
}

static const char about[] =
    "Asks an SNMP agent for its interfaces and prints a configuration stanza for it: ports that "
    "are up are set, all\n"
    "others stand beside them in comments. ADDRESS is 192.0.2.1, 192.0.2.1:1161, [2001:db8::1]:161 "
    "or a name. Without\n"
    "--snmp it asks by v2c, with the community of $IXWATCH_COMMUNITY, else \"public\".";

int
command_discover(int argc, char **argv)
{
	const char *snmp_name = NULL, *format = "text", *address = NULL;
	const struct option_row rows[] = {
		{ "snmp", "NAME", &snmp_name, NULL,
		  "the credentials: an snmp block of the configuration" },
		{ "format", "FORMAT", &format, NULL, "text (the stanza) or json" },
	};
	struct option_set set = {
		.command = "discover",
		.arguments = "ADDRESS [--snmp NAME] [--format text|json]",
		.about = about,
		.rows = rows,
		.row_count = 2,
		.words = &address,
		.word_max = 1,
	};
	struct discover d = { 0 };
	struct error err = { 0 };
	bool ok;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (strcmp(format, "text") != 0 && strcmp(format, "json") != 0)
		ok = error_set(&err, ERR_USAGE, "--format is \"%s\"; allowed: text, json", format);
	else if (address == NULL)
		ok = error_set(&err, ERR_USAGE,
			       "whom? ADDRESS is missing (see ixwatch discover --help)");
	else
		ok = discover(&d, address, snmp_name, set.config_file, strcmp(format, "json") == 0,
			      &err);
	discover_free(&d);
	if (ok && fflush(stdout) == 0)
		return 0;
	if (ok)
		error_set(&err, ERR_IO, "standard output: %s", strerror(errno));
	return options_fail("discover", &err);
}
