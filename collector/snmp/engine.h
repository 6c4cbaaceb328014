/* engine.h - what is known of one agent's SNMP engine (SNMPv3): its id, its clock, and the user we are to it.
 *
 * net-snmp keeps users and clocks of engines in lists of the process: it searches them for every message, never changes a
 * key that is there, and knows one clock for an id, whoever bears it.  Here each agent has its own, which are in those
 * lists only while the library builds or reads a message of that agent (engine_enter, engine_leave).  So a changed password
 * holds at once, a hundred agents cost no more than one, and two boxes with one id are told apart by their addresses.
 *
 * Trust: what a discovery says is not signed, and only says whom to ask; clocks are believed for good once a signed
 * message has confirmed them (RFC 3414, 2.3 and 3.2). */
#ifndef COLLECTOR_SNMP_ENGINE_H
#define COLLECTOR_SNMP_ENGINE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "ixwatch/config.h"
#include "ixwatch/error.h"
#include "snmp/envelope.h"
#include "snmp/report.h"

struct engine;
struct snmp_pdu; /* net-snmp's */

/* label and address: of the agent, for messages.  The credentials are lent and must outlive it. */
bool engine_new(struct engine **out, const char *label, const struct sockaddr_storage *address,
		const struct config_snmp *credentials, struct error *err);
void engine_free(struct engine *engine); /* NULL is fine */

/* Whether it may be asked; if not, it must be discovered first. */
bool engine_known(const struct engine *engine);

/* Makes a PDU one that asks for the id: to it, no user, no objects. */
bool engine_probe_put(struct snmp_pdu *pdu);
/* Makes a PDU one for this engine, of its user and level.  False: memory ran out. */
bool engine_pdu_put(const struct engine *engine, struct snmp_pdu *pdu);
/* Whether a response is of this engine and of its user's level. */
bool engine_is_of(const struct engine *engine, const struct snmp_pdu *pdu);

/* Around each call of the library that builds or reads a message of it.  heard: the message that was read, or NULL. */
void engine_enter(struct engine *engine);
void engine_leave(struct engine *engine, const struct envelope *heard);

/* --- what happened --- */

/* It made itself known.  False: what it said is of no use; words say why. */
bool engine_discovered(struct engine *engine, const struct envelope *heard,
		       char words[REPORT_WORDS_LEN]);
/* A signed message of it was read. */
void engine_signed(struct engine *engine, const struct envelope *heard);
/* A signed message of it bore a time that had been before: its clock went back.  The third in a row is believed. */
void engine_went_back(struct engine *engine, const struct envelope *heard,
		      char words[REPORT_WORDS_LEN]);
void engine_answered(struct engine *engine);
/* A request met silence; words say what that may mean, "" when it may just be away. */
void engine_silent(struct engine *engine, char words[REPORT_WORDS_LEN]);
/* It reports another id: it is to be discovered again. */
void engine_doubted(struct engine *engine);

/* What is wrong with it though it may well answer, naming the other agent that bears its id; "" for nothing; lent. */
const char *engine_notice(const struct engine *engine);

#endif
