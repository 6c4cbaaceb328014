/* roster.c - see roster.h. */
#include "roster.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* FNV-1a: any hash will do that is the same tomorrow. */
static uint32_t
hash_text(const char *text)
{
	uint32_t hash = 2166136261u;

	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619u;
	return hash;
}

/* Of equal content; where they are written twice, they are the same all the same. */
static bool
same_credentials(const struct config_snmp *a, const struct config_snmp *b)
{
	if (a == b)
		return true;
	if (a->version != b->version)
		return false;
	if (a->version == SNMP_V2C)
		return strcmp(a->community, b->community) == 0;
	return strcmp(a->user, b->user) == 0 && a->level == b->level &&
	       strcmp(a->auth, b->auth) == 0 && strcmp(a->auth_secret, b->auth_secret) == 0 &&
	       strcmp(a->priv, b->priv) == 0 && strcmp(a->priv_secret, b->priv_secret) == 0;
}

static bool
same_agent(const struct config_agent *a, const struct config_agent *b)
{
	if (!same_credentials(a->snmp, b->snmp) || a->port != b->port ||
	    a->address.ss_family != b->address.ss_family)
		return false;
	if (a->address.ss_family == 0)
		return strcasecmp(a->host, b->host) == 0;
	return memcmp(&a->address, &b->address, sizeof(a->address)) == 0;
}

static struct roster_agent *
agent_of(struct roster *roster, const struct config_agent *config)
{
	struct roster_agent *agent;

	for (size_t i = 0; i < roster->agent_count; i++)
		if (same_agent(roster->agents[i].config, config))
			return &roster->agents[i];
	agent = &roster->agents[roster->agent_count++];
	agent->config = config;
	agent->hash = hash_text(config->address_text);
	return agent;
}

static bool
use_add(struct roster_agent *agent, const struct config_exchange *exchange,
	const struct config_agent *config, struct error *err)
{
	struct roster_use *uses = realloc(agent->uses, (agent->use_count + 1) * sizeof(*uses));
	struct roster_use *use;

	if (uses == NULL)
		return error_set(err, ERR_NOMEM, "roster: out of memory");
	agent->uses = uses;
	use = &uses[agent->use_count];
	*use = (struct roster_use) { .exchange = exchange, .agent = config };
	if (config->match[0] != '\0' && !pattern_compile(&use->pattern, config->match, err))
		return error_wrap(err, "exchange %s, agent %s, match", exchange->slug,
				  config->name);
	agent->use_count++;
	return true;
}

bool
roster_new(struct roster **out, const struct config *config, struct error *err)
{
	struct roster *roster = calloc(1, sizeof(*roster));
	size_t agent_max = 0;

	for (size_t i = 0; i < config->exchange_count; i++)
		agent_max += config->exchanges[i].agent_count;
	if (roster != NULL)
		roster->agents = calloc(agent_max + 1, sizeof(*roster->agents));
	if (roster == NULL || roster->agents == NULL) {
		roster_free(roster);
		return error_set(err, ERR_NOMEM, "roster: out of memory");
	}
	for (size_t i = 0; i < config->exchange_count; i++) {
		const struct config_exchange *exchange = &config->exchanges[i];

		for (size_t k = 0; k < exchange->agent_count; k++) {
			const struct config_agent *agent = &exchange->agents[k];

			if (!use_add(agent_of(roster, agent), exchange, agent, err)) {
				roster_free(roster);
				return false;
			}
		}
	}
	*out = roster;
	return true;
}

void
roster_free(struct roster *roster)
{
	if (roster == NULL)
		return;
	for (size_t i = 0; i < roster->agent_count; i++) {
		for (size_t k = 0; k < roster->agents[i].use_count; k++)
			pattern_free(roster->agents[i].uses[k].pattern);
		free(roster->agents[i].uses);
	}
	free(roster->agents);
	free(roster);
}

void
roster_interface_name(const struct interface_row *row, char *dst, size_t len)
{
	if (row->duplicate_name)
		snprintf(dst, len, "%s#%u", row->name, row->if_index);
	else
		snprintf(dst, len, "%s", row->name);
}

/* What the alias says, overruled by the port's own block. */
static void
claim_fill(struct roster_claim *claim, const struct roster_use *use,
	   const struct config_port *settings, const struct pattern_port *said)
{
	*claim = (struct roster_claim) { .use = use,
					 .settings = settings,
					 .asn = said->asn,
					 .kind = use->agent->kind,
					 .setting_bps = NAN,
					 .contracted_bps = NAN };
	memcpy(claim->peer, said->peer, sizeof(claim->peer));
	if (settings == NULL)
		return;
	if (settings->asn != 0)
		claim->asn = settings->asn;
	if (settings->peer[0] != '\0')
		snprintf(claim->peer, sizeof(claim->peer), "%s", settings->peer);
	claim->kind = settings->kind;
	claim->setting_bps = settings->capacity_bps;
	claim->contracted_bps = settings->contracted_bps;
	claim->billed = settings->contract_billed;
}

enum roster_result
roster_claim(const struct roster_agent *agent, const char *interface, const char *alias,
	     struct roster_claim *claim, struct error *err)
{
	enum roster_result result = ROSTER_NONE;

	for (size_t i = 0; i < agent->use_count; i++) {
		const struct roster_use *use = &agent->uses[i];
		const struct config_port *settings =
		    config_port_find(use->exchange, use->agent->name, interface);
		struct pattern_port said = { 0 };
		bool matched =
		    use->pattern != NULL &&
		    pattern_match(use->pattern, alias, strlen(alias), &said) == PATTERN_MATCHED;

		if (settings == NULL && !matched)
			continue;
		if (result == ROSTER_PORT) {
			error_set(err, ERR_CONFIG,
				  "interface %s is claimed by exchange %s and by exchange %s: "
				  "one port belongs to one exchange",
				  interface, claim->use->exchange->slug, use->exchange->slug);
			return ROSTER_DISPUTED;
		}
		claim_fill(claim, use, settings, &said);
		result = ROSTER_PORT;
	}
	return result;
}
