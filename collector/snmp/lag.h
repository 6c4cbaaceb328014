/* lag.h - which interfaces are LAGs, and which are whose members: what two tables say, made one answer.  Pure.
 *
 * Sources: IEEE8023-LAG-MIB (IEEE 802.1AX) dot3adAggPortSelectedAggID and AttachedAggID, which name a port's LAG by its
 * ifIndex; IF-MIB (RFC 2863, 3.1.1) ifStackTable, in which a LAG lies over its members.
 *
 * The LAG MIB goes before the stack.  ifStackTable also holds VLANs over ports, tunnels and bridges: there only what is
 * of a LAG's type (ieee8023adLag, propMultiplexor) has members, and only wires are members.  Both tables may say
 * nonsense; then:
 *   - what names an interface that is not there, or itself, says nothing;
 *   - a LAG is no member: of a circle or a chain of LAGs what is left are the LAGs over plain interfaces;
 *   - an interface under two LAGs proves neither of them, nor does a LAG of more than LAG_MEMBERS_MAX members: who its
 *     members are is told, but what they add up to is not to be believed. */
#ifndef COLLECTOR_SNMP_LAG_H
#define COLLECTOR_SNMP_LAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAG_MEMBERS_MAX 256

struct lag_interface {
	uint32_t if_index, type;
	uint32_t selected, attached; /* as the LAG MIB says; 0: nothing */
	/* The answer. */
	bool is_lag;
	bool unproven;         /* a LAG whose members prove no sum */
	uint32_t lag_if_index; /* whose member it is; 0: of none */
};

/* One row of ifStackTable; 0 is no interface. */
struct lag_layer {
	uint32_t higher, lower;
};

/* ieee8023adLag or propMultiplexor: what may be a LAG by the stack. */
bool lag_type(uint32_t type);

/* Fills in the answers.  interfaces: ascending if_index, each once.  False: memory ran out. */
bool lag_resolve(struct lag_interface *interfaces, size_t count, const struct lag_layer *layers,
		 size_t layer_count);

#endif
