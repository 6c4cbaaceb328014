/* replay_told.c - who is told of a verdict, by the kind of the port.  See /method. */
#include "commands/replay.h"

static const struct {
	const char *us, *them, *both; /* them NULL: nothing about it leaves the house */
} told[KIND_COUNT] = {
	[KIND_NONE] = { "NOC", NULL, NULL },
	[KIND_MEMBER] = { "NOC", "member", "NOC, member" },
	[KIND_PNI] = { "NOC", "peer", "NOC, peer" },
	[KIND_SHARED] = { "NOC", NULL, NULL },
	[KIND_PEER_SHARE] = { "coordinator", NULL, NULL },
	[KIND_RESELLER] = { "NOC", "reseller", "NOC, reseller" },
	[KIND_CORE] = { "NOC", NULL, NULL },
};

const char *
replay_told(enum port_kind kind, enum verdict verdict, bool to_noc, bool to_peer)
{
	to_peer = to_peer && told[kind].them != NULL;
	if ((verdict != VERDICT_ROUTINE && verdict != VERDICT_RECURRING) || !(to_noc || to_peer))
		return "nobody";
	return to_noc && to_peer ? told[kind].both : to_noc ? told[kind].us : told[kind].them;
}

bool
replay_leaves_the_house(enum port_kind kind)
{
	return told[kind].them != NULL;
}
