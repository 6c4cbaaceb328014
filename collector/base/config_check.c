/* config_check.c - what only shows when several values, or blocks, are seen together. */
#include "base/config_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ixwatch/units.h"

#define SNMP_SECRET_MIN 8 /* octets; net-snmp refuses shorter ones (RFC 3414, 11.2) */

void
config_check_name(struct config_reader *r, const struct config_seen *seen)
{
	if (seen->title_refused || config_name_ok(seen->title))
		return;
	config_complain(r, seen->place, config_block_name(seen->block),
			"\"%s\" is wrong as a name; allowed: letters, digits, . _ -, at most 63, a "
			"letter or digit first",
			config_show(seen->title, strlen(seen->title)).text);
}

static int
compare_titles(const void *left, const void *right)
{
	const struct config_title *a = left, *b = right;
	int order = strcmp(a->title, b->title);

	return order != 0 ? order : (a->place > b->place) - (a->place < b->place);
}

void
config_check_titles(struct config_reader *r, const char *name, struct config_title *titles,
		    size_t count)
{
	size_t first = 0;

	qsort(titles, count, sizeof(*titles), compare_titles);
	for (size_t i = 1; i < count; i++) {
		const struct config_place *place = config_place_get(r, titles[first].place);

		if (strcmp(titles[first].title, titles[i].title) != 0)
			first = i;
		else if (place != NULL)
			config_complain(r, titles[i].place, name,
					"a second one is named \"%s\"; allowed: a name of its own, "
					"and this one stands in %s:%u already",
					config_show(titles[i].title, strlen(titles[i].title)).text,
					place->file, place->line);
	}
}

static bool
is_absent(const struct config_seen *seen, const char *key)
{
	return config_seen_get(seen, key)->place == 0;
}

/* The key must be there, at least in a form that was refused. */
static void
require(struct config_reader *r, const struct config_seen *seen, const char *key, const char *why)
{
	if (is_absent(seen, key) && !r->incomplete)
		config_complain(r, seen->place, key, "missing in %s \"%s\"; %s",
				config_block_name(seen->block),
				config_show(seen->title, strlen(seen->title)).text, why);
}

static void
check_v2c(struct config_reader *r, const struct config_seen *seen)
{
	const struct config_seen_value *file = config_seen_get(seen, "community-file");

	if (file->place == 0)
		require(r, seen, "community", "version \"2c\" needs community or community-file");
	else if (!is_absent(seen, "community"))
		config_complain(r, file->place, "community-file",
				"given beside community; allowed: one of the two");
}

static void
check_secret(struct config_reader *r, const struct config_seen *seen, const char *key,
	     const char *secret)
{
	const struct config_seen_value *value = config_seen_get(seen, key);

	require(r, seen, key,
		"the level needs it; allowed: a file with a secret of 8 octets or more");
	if (value->taken && strlen(secret) < SNMP_SECRET_MIN)
		config_complain(r, value->place, key,
				"the secret has %zu octets; allowed: %d or more", strlen(secret),
				SNMP_SECRET_MIN);
}

static void
check_v3(struct config_reader *r, const struct config_seen *seen, const struct config_snmp *snmp)
{
	require(r, seen, "user", "version \"3\" needs it");
	if (snmp->level >= SNMP_LEVEL_AUTH)
		check_secret(r, seen, "auth-file", snmp->auth_secret);
	if (snmp->level >= SNMP_LEVEL_AUTHPRIV)
		check_secret(r, seen, "priv-file", snmp->priv_secret);
}

void
config_check_snmp(struct config_reader *r, const struct config_seen *seen,
		  const struct config_snmp *snmp)
{
	const struct config_seen_value *version = config_seen_get(seen, "version");
	const struct config_seen_value *level = config_seen_get(seen, "level");

	config_check_name(r, seen);
	if (version->place != 0 && !version->taken)
		return; /* what else it needs is not known */
	if (snmp->version == SNMP_V2C)
		check_v2c(r, seen);
	else if (level->place == 0 || level->taken)
		check_v3(r, seen, snmp);
}

void
config_check_mail(struct config_reader *r, const struct config_seen *seen,
		  const struct config_mail *mail)
{
	const struct config_seen_value *user, *file, *command;

	if (seen->place == 0)
		return;
	user = config_seen_get(seen, "user");
	file = config_seen_get(seen, "password-file");
	command = config_seen_get(seen, "on-mail-failure");
	if (user->taken && mail->user[0] != '\0' && file->place == 0)
		config_complain(r, user->place, "user",
				"given without password-file; allowed: both, or neither");
	if (file->taken && mail->password_file[0] != '\0' && user->place == 0)
		config_complain(r, file->place, "password-file",
				"given without user; allowed: both, or neither");
	if (command->taken && mail->on_failure[0] != '\0' && mail->on_failure[0] != '/')
		config_complain(r, command->place, "on-mail-failure",
				"\"%s\" is wrong; allowed: the absolute path of a program, and its "
				"arguments after blanks (no shell reads them)",
				config_show(mail->on_failure, strlen(mail->on_failure)).text);
}

void
config_check_agent(struct config_reader *r, const struct config_seen *seen)
{
	config_check_name(r, seen);
	require(r, seen, "address", "allowed: 192.0.2.1:161, [2001:db8::1]:161 or name:161");
	require(r, seen, "snmp", "allowed: the title of an snmp block");
}

static const struct config_agent *
agent_find(const struct config_exchange *exchange, const char *name, size_t len)
{
	for (size_t i = 0; i < exchange->agent_count; i++)
		if (strlen(exchange->agents[i].name) == len &&
		    memcmp(exchange->agents[i].name, name, len) == 0)
			return &exchange->agents[i];
	return NULL;
}

const struct config_agent *
config_check_port(struct config_reader *r, const struct config_seen *seen,
		  const struct config_exchange *exchange, struct config_port *port)
{
	const char *slash = strchr(seen->title, '/');
	struct config_shown shown = config_show(seen->title, strlen(seen->title));

	port->agent = port->interface = "";
	if (seen->title_refused)
		return NULL;
	if (slash == NULL || slash == seen->title || slash[1] == '\0' ||
	    !config_text_ok(seen->title)) {
		config_complain(
		    r, seen->place, "port",
		    "\"%s\" is wrong; allowed: \"AGENT/INTERFACE\", such as \"edge1/et-0/0/7\"",
		    shown.text);
		return NULL;
	}
	size_t len = (size_t)(slash - seen->title);
	const struct config_agent *agent = agent_find(exchange, seen->title, len);
	if (agent == NULL && !r->incomplete)
		config_complain(r, seen->place, "port",
				"\"%s\": exchange \"%s\" has no agent \"%s\"; allowed: the name of "
				"one of its agents before the first /",
				shown.text,
				config_show(exchange->slug, strlen(exchange->slug)).text,
				config_show(seen->title, len).text);
	port->agent = config_format(r, "%.*s", (int)len, seen->title);
	port->interface = config_dup(r, slash + 1);
	return agent;
}

/* --- alerts --- */

void
config_check_route(struct config_reader *r, const struct config_seen *seen,
		   const struct config_route *route)
{
	const struct config_seen_value *exchange = config_seen_get(seen, "exchange");

	config_check_name(r, seen);
	if (config_seen_get(seen, "to")->taken && route->to.count == 0)
		config_complain(r, config_seen_get(seen, "to")->place, "to",
				"is empty; allowed: one e-mail address or more");
	require(r, seen, "to", "allowed: a list of e-mail addresses");
	for (size_t i = 0; exchange->taken && !r->incomplete && i < route->exchange.count; i++)
		if (config_exchange_find(r->config, route->exchange.text[i]) == NULL)
			config_complain(
			    r, exchange->place, "exchange",
			    "\"%s\": there is no such exchange; allowed: the titles of exchange "
			    "blocks",
			    config_show(route->exchange.text[i], strlen(route->exchange.text[i]))
				.text);
}

void
config_check_alert(struct config_reader *r, const struct config_seen *seen,
		   const struct config_alert *alert)
{
	const struct config_seen_value *full = config_seen_get(seen, "saturated"),
				       *clear = config_seen_get(seen, "saturated-clear");

	if ((full->place != 0 && !full->taken) || (clear->place != 0 && !clear->taken) ||
	    alert->saturated_clear <= alert->saturated)
		return;
	config_complain(r, clear->place != 0 ? clear->place : full->place,
			clear->place != 0 ? "saturated-clear" : "saturated",
			"%g%% clears above where it begins, %g%%; allowed: saturated-clear at or "
			"below saturated",
			alert->saturated_clear * 100, alert->saturated * 100);
}

/* --- peers --- */

/* "64500" or "AS64500"; 0 when it is neither. */
static uint32_t
asn_of_title(const char *title)
{
	uint64_t asn;

	if (strncasecmp(title, "as", 2) == 0)
		title += 2;
	return units_parse_uint(title, 1, UINT32_MAX, &asn) ? (uint32_t)asn : 0;
}

void
config_check_peer(struct config_reader *r, const struct config_seen *seen, struct config_peer *peer)
{
	const struct config_seen_value *also = config_seen_get(seen, "also");

	peer->asn = asn_of_title(seen->title);
	if (peer->asn == 0 && !seen->title_refused)
		config_complain(
		    r, seen->place, "peer",
		    "\"%s\" is wrong as a name; allowed: an AS number, such as \"64500\" "
		    "or \"AS64500\"",
		    config_show(seen->title, strlen(seen->title)).text);
	if (peer->asn != 0)
		config_peer_claim_add(
		    r, &(struct config_peer_claim) { peer->asn, seen->place, seen->place });
	for (size_t i = 0; also->taken && i < peer->also_count; i++)
		config_peer_claim_add(
		    r, &(struct config_peer_claim) { peer->also[i], seen->place, also->place });
}

static int
compare_peer_claims(const void *left, const void *right)
{
	const struct config_peer_claim *a = left, *b = right;

	if (a->asn != b->asn)
		return a->asn < b->asn ? -1 : 1;
	return (a->place > b->place) - (a->place < b->place);
}

static void
complain_peer_claim(struct config_reader *r, const struct config_peer_claim *first,
		    const struct config_peer_claim *second)
{
	const struct config_place *place = config_place_get(r, first->place);
	bool same_block = first->block_place == second->block_place;

	if (place == NULL)
		return;
	config_complain(r, second->place, "peer",
			"AS%" PRIu32 " stands %s already (%s:%u); allowed: once, in one peer block",
			second->asn, same_block ? "in this block" : "in another peer block",
			place->file, place->line);
}

void
config_check_peer_claims(struct config_reader *r)
{
	size_t first = 0;

	if (r->peer_claim_count > 0)
		qsort(r->peer_claims, r->peer_claim_count, sizeof(*r->peer_claims),
		      compare_peer_claims);
	for (size_t i = 1; i < r->peer_claim_count; i++) {
		if (r->peer_claims[first].asn == r->peer_claims[i].asn)
			complain_peer_claim(r, &r->peer_claims[first], &r->peer_claims[i]);
		else
			first = i;
	}
}

/* --- a port has one owner --- */

static int
compare_credentials(const struct config_snmp *a, const struct config_snmp *b)
{
	int order = (int)a->version - (int)b->version;

	if (order == 0)
		order = strcmp(a->community, b->community);
	if (order == 0 && a->version == SNMP_V3) {
		order = strcmp(a->user, b->user);
		order = order != 0 ? order : (int)a->level - (int)b->level;
		order = order != 0 ? order : strcmp(a->auth, b->auth);
		order = order != 0 ? order : strcmp(a->auth_secret, b->auth_secret);
		order = order != 0 ? order : strcmp(a->priv, b->priv);
		order = order != 0 ? order : strcmp(a->priv_secret, b->priv_secret);
	}
	return order;
}

/* Whether its address and credentials were refused: it is like no other. */
static bool
is_unknown(const struct config_agent *agent)
{
	return agent->address_text[0] == '\0' || agent->snmp == NULL;
}

/* Agents of equal address and credential are one.  0 for these. */
static int
compare_agents(const struct config_agent *a, const struct config_agent *b)
{
	int order = (int)is_unknown(a) - (int)is_unknown(b);

	if (a == b || order != 0)
		return order;
	if (is_unknown(a))
		return (a > b) - (a < b);
	order = memcmp(&a->address, &b->address, sizeof(a->address));
	if (order == 0)
		order = strcasecmp(a->host, b->host);
	if (order == 0)
		order = (int)a->port - (int)b->port;
	return order != 0 ? order : compare_credentials(a->snmp, b->snmp);
}

static int
compare_claims(const void *left, const void *right)
{
	const struct config_claim *a = left, *b = right;
	int order = compare_agents(a->agent, b->agent);

	if (order == 0)
		order = strcmp(a->interface, b->interface);
	return order != 0 ? order : (a->place > b->place) - (a->place < b->place);
}

static void
complain_claim(struct config_reader *r, const struct config_claim *first,
	       const struct config_claim *second)
{
	const struct config_place *place = config_place_get(r, first->place);

	if (place == NULL)
		return;
	config_complain(r, second->place, "port",
			"\"%s/%s\" of exchange \"%s\" is \"%s/%s\" of exchange \"%s\" (%s:%u) "
			"already; allowed: one port block for an interface of an agent",
			second->agent->name,
			config_show(second->interface, strlen(second->interface)).text,
			second->exchange->slug, first->agent->name,
			config_show(first->interface, strlen(first->interface)).text,
			first->exchange->slug, place->file, place->line);
}

void
config_check_claims(struct config_reader *r)
{
	size_t first = 0;

	if (r->claim_count > 0)
		qsort(r->claims, r->claim_count, sizeof(*r->claims), compare_claims);
	for (size_t i = 1; i < r->claim_count; i++) {
		if (compare_agents(r->claims[first].agent, r->claims[i].agent) == 0 &&
		    strcmp(r->claims[first].interface, r->claims[i].interface) == 0)
			complain_claim(r, &r->claims[first], &r->claims[i]);
		else
			first = i;
	}
}
