/* engine.c - see engine.h. */
#include "snmp/engine.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/library/lcd_time.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "snmp/usm_keys.h"

#define WENT_BACK_MAX                                                                              \
	3            /* signed messages in a row; after them the agent's clock is taken as it is */
#define SILENT_MAX 3 /* requests in a row; after them the engine may be another */

struct engine {
	LIST_ENTRY(engine) link;
	char *label;
	char address[64]; /* with port */
	const struct config_snmp *credentials;
	struct usm_keys *keys;
	/* Kept when it is to be discovered again: it mostly is the same. */
	uint8_t id[ENGINE_ID_MAX];
	size_t id_len;
	struct usmUser *user; /* ours for this id; NULL before one is known */
	bool known;
	uint32_t boots, time_sec; /* as heard at at_mono_ms */
	int64_t at_mono_ms;
	bool is_signed;             /* and these are from a signed message */
	bool has_answered;          /* since it was discovered */
	unsigned went_back, silent; /* in a row */
	char notice[256];
};

LIST_HEAD(engine_list, engine);
static struct engine_list all = LIST_HEAD_INITIALIZER(all);

/* --- one id, two agents --- */

static bool
same_id(const struct engine *a, const struct engine *b)
{
	return a != b && a->id_len > 0 && a->id_len == b->id_len &&
	       memcmp(a->id, b->id, a->id_len) == 0 && strcmp(a->address, b->address) != 0;
}

static void
notice_set(struct engine *engine, const struct engine *other)
{
	if (other == NULL)
		engine->notice[0] = '\0';
	else
		snprintf(engine->notice, sizeof(engine->notice),
			 "its engineID is also that of %s (%s): one box twice, or a copied "
			 "configuration",
			 other->label, other->address);
}

static struct engine *
twin_find(const struct engine *engine)
{
	struct engine *other;

	LIST_FOREACH(other, &all, link)
	if (same_id(engine, other))
		return other;
	return NULL;
}

/* Its id is new, or it is going: who bears it as well is told. */
static void
twins_notice(struct engine *engine)
{
	struct engine *other;

	notice_set(engine, twin_find(engine));
	LIST_FOREACH(other, &all, link)
	if (same_id(engine, other))
		notice_set(other, engine);
}

static void
id_text(char text[2 * ENGINE_ID_MAX + 1], const struct engine *engine)
{
	text[0] = '\0';
	for (size_t i = 0; i < engine->id_len; i++)
		snprintf(text + 2 * i, 3, "%02x", engine->id[i]);
}

static void
id_drop(struct engine *engine)
{
	struct engine *other;
	struct engine gone = *engine;

	usm_keys_user_free(engine->user);
	engine->user = NULL;
	engine->id_len = 0;
	engine->notice[0] = '\0';
	LIST_FOREACH(other, &all, link)
	if (other != engine && same_id(&gone, other))
		notice_set(other, twin_find(other));
}

static bool
id_take(struct engine *engine, const struct envelope *heard)
{
	struct usmUser *user =
	    usm_keys_user_new(engine->keys, heard->engine_id, heard->engine_id_len);
	char text[2 * ENGINE_ID_MAX + 1];

	if (user == NULL)
		return false;
	id_drop(engine);
	engine->user = user;
	engine->id_len = heard->engine_id_len;
	memcpy(engine->id, heard->engine_id, heard->engine_id_len);
	twins_notice(engine);
	id_text(text, engine);
	if (engine->notice[0] != '\0')
		log_warn("snmp",
			 "event=engine-shared agent=%s address=%s engine_id=%s reason=\"%s\"",
			 engine->label, engine->address, text, engine->notice);
	return true;
}

/* --- its life --- */

static void
address_text(char *text, size_t len, const struct sockaddr_storage *address)
{
	const struct sockaddr_in *v4 = (const void *)address;
	const struct sockaddr_in6 *v6 = (const void *)address;
	char host[INET6_ADDRSTRLEN] = "";

	if (address->ss_family == AF_INET6)
		snprintf(text, len, "[%s]:%u",
			 inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof(host)),
			 ntohs(v6->sin6_port));
	else
		snprintf(text, len, "%s:%u", inet_ntop(AF_INET, &v4->sin_addr, host, sizeof(host)),
			 ntohs(v4->sin_port));
}

bool
engine_new(struct engine **out, const char *label, const struct sockaddr_storage *address,
	   const struct config_snmp *credentials, struct error *err)
{
	struct engine *engine = calloc(1, sizeof(*engine));

	if (engine == NULL || (engine->label = strdup(label)) == NULL) {
		free(engine);
		return error_set(err, ERR_NOMEM, "snmp: out of memory");
	}
	LIST_INSERT_HEAD(&all, engine, link);
	address_text(engine->address, sizeof(engine->address), address);
	engine->credentials = credentials;
	if (!usm_keys_hold(&engine->keys, credentials, err)) {
		engine_free(engine);
		return false;
	}
	*out = engine;
	return true;
}

void
engine_free(struct engine *engine)
{
	if (engine == NULL)
		return;
	id_drop(engine);
	LIST_REMOVE(engine, link);
	usm_keys_release(engine->keys);
	free(engine->label);
	free(engine);
}

bool
engine_known(const struct engine *engine)
{
	return engine->known;
}

const char *
engine_notice(const struct engine *engine)
{
	return engine->notice;
}

/* --- messages --- */

static bool
is_id(const struct engine *engine, const struct envelope *heard)
{
	return engine->id_len == heard->engine_id_len &&
	       memcmp(engine->id, heard->engine_id, heard->engine_id_len) == 0;
}

static int
library_level(enum snmp_level level)
{
	static const int levels[] = {
		[SNMP_LEVEL_NOAUTH] = SNMP_SEC_LEVEL_NOAUTH,
		[SNMP_LEVEL_AUTH] = SNMP_SEC_LEVEL_AUTHNOPRIV,
		[SNMP_LEVEL_AUTHPRIV] = SNMP_SEC_LEVEL_AUTHPRIV,
	};

	return levels[level];
}

static bool
name_put(netsnmp_pdu *pdu, const char *name)
{
	pdu->version = SNMP_VERSION_3;
	pdu->securityModel = SNMP_SEC_MODEL_USM;
	pdu->securityName = strdup(name);
	pdu->securityNameLen = strlen(name);
	return pdu->securityName != NULL;
}

bool
engine_probe_put(struct snmp_pdu *pdu)
{
	pdu->securityLevel = SNMP_SEC_LEVEL_NOAUTH;
	return name_put(pdu, "");
}

bool
engine_pdu_put(const struct engine *engine, struct snmp_pdu *pdu)
{
	pdu->securityLevel = library_level(engine->credentials->level);
	pdu->securityEngineID = netsnmp_memdup(engine->id, engine->id_len);
	pdu->securityEngineIDLen = engine->id_len;
	pdu->contextEngineID = netsnmp_memdup(engine->id, engine->id_len);
	pdu->contextEngineIDLen = engine->id_len;
	return name_put(pdu, engine->credentials->user) && pdu->securityEngineID != NULL &&
	       pdu->contextEngineID != NULL;
}

bool
engine_is_of(const struct engine *engine, const struct snmp_pdu *pdu)
{
	return pdu->securityLevel == library_level(engine->credentials->level) &&
	       pdu->securityEngineIDLen == engine->id_len &&
	       memcmp(pdu->securityEngineID, engine->id, engine->id_len) == 0;
}

void
engine_enter(struct engine *engine)
{
	int64_t elapsed_sec = (clock_mono_ms() - engine->at_mono_ms) / 1000;

	if (engine->user == NULL)
		return;
	(void)usm_add_user(engine->user);
	(void)set_enginetime(engine->id, (u_int)engine->id_len, engine->boots,
			     engine->time_sec + (u_int)elapsed_sec, engine->is_signed);
}

/* The library keeps the clock of whatever engine it heard.  (It frees those of some others along, which nobody misses: each
 * is put there anew before it is needed.) */
void
engine_leave(struct engine *engine, const struct envelope *heard)
{
	if (heard != NULL && heard->engine_id_len > 0 && !is_id(engine, heard))
		free_enginetime((u_char *)(uintptr_t)heard->engine_id, heard->engine_id_len);
	if (engine->user == NULL)
		return;
	free_enginetime(engine->id, engine->id_len);
	(void)usm_remove_user(engine->user);
	engine->user->next = engine->user->prev = NULL;
}

/* --- what happened --- */

static void
time_take(struct engine *engine, const struct envelope *heard, bool is_signed)
{
	engine->boots = heard->boots;
	engine->time_sec = heard->time_sec;
	engine->at_mono_ms = clock_mono_ms();
	engine->is_signed = is_signed;
}

bool
engine_discovered(struct engine *engine, const struct envelope *heard, char words[REPORT_WORDS_LEN])
{
	bool same = is_id(engine, heard);

	if (heard->engine_id_len < ENGINE_ID_MIN) {
		snprintf(words, REPORT_WORDS_LEN, "its engineID has %zu octets; allowed: %d to %d",
			 heard->engine_id_len, ENGINE_ID_MIN, ENGINE_ID_MAX);
		return false;
	}
	if (engine->known && same)
		return true; /* another request has asked meanwhile */
	if (!same && !id_take(engine, heard)) {
		snprintf(words, REPORT_WORDS_LEN, "out of memory");
		return false;
	}
	/* What signed messages said of the same engine weighs more than what anyone may say. */
	if (!same || !engine->is_signed)
		time_take(engine, heard, false);
	engine->known = true;
	engine->has_answered = false;
	engine->silent = 0;
	return true;
}

static bool
is_newer(const struct engine *engine, const struct envelope *heard)
{
	return heard->boots > engine->boots ||
	       (heard->boots == engine->boots && heard->time_sec >= engine->time_sec);
}

void
engine_signed(struct engine *engine, const struct envelope *heard)
{
	if (!engine->is_signed || is_newer(engine, heard))
		time_take(engine, heard, true);
	engine->went_back = 0;
}

void
engine_went_back(struct engine *engine, const struct envelope *heard, char words[REPORT_WORDS_LEN])
{
	snprintf(words, REPORT_WORDS_LEN,
		 "its engineBoots went back (%u boots, %u s; it was %u, %u s): believed after %d "
		 "such answers",
		 heard->boots, heard->time_sec, engine->boots, engine->time_sec, WENT_BACK_MAX);
	if (++engine->went_back < WENT_BACK_MAX)
		return;
	log_warn("snmp",
		 "event=engine-boots agent=%s address=%s boots=%u was=%u reason=\"engineBoots went "
		 "back\"",
		 engine->label, engine->address, heard->boots, engine->boots);
	engine->went_back = 0;
	engine->is_signed = false;
	engine->known = false;
}

void
engine_answered(struct engine *engine)
{
	engine->has_answered = true;
	engine->went_back = engine->silent = 0;
}

void
engine_silent(struct engine *engine, char words[REPORT_WORDS_LEN])
{
	words[0] = '\0';
	if (!engine->has_answered)
		report_say_silent(words, engine->credentials);
	if (++engine->silent >= SILENT_MAX)
		engine->known = false;
}

void
engine_doubted(struct engine *engine)
{
	engine->known = false;
}
