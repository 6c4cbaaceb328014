/* sees.c - see sees.h. */
#include "sees.h"

#include "ixwatch/accounts.h"

bool
sees_port(const struct request *request, int64_t port_id)
{
	return request->who.scopes.count == 0 || world_port_find(request->world, port_id) != NULL ||
	       world_move_find(request->world, port_id) != NULL;
}

bool
sees_alert(const struct request *request, const struct alert_subject *subject)
{
	const struct account_scopes *scopes = &request->who.scopes;

	if (scopes->count == 0)
		return true;
	if (subject->scope == ALERT_OF_PORT)
		return sees_port(request, subject->id);
	if (subject->scope == ALERT_OF_CONNECTION)
		return account_scopes_hold(scopes, subject->exchange, subject->asn);
	return account_scopes_hold_exchange(scopes, subject->exchange);
}
