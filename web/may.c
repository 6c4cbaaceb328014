/* may.c - see may.h. */
#include "may.h"

static enum account_role
role_of(enum route_need need)
{
	switch (need) {
	case NEED_NOTHING: return ROLE_NOBODY;
	case NEED_VIEWER: return ROLE_VIEWER;
	case NEED_OPERATOR: return ROLE_OPERATOR;
	case NEED_ADMIN: return ROLE_ADMIN;
	case NEED_LINK:
	case NEED_UNSAID: break;
	}
	return ROLE_COUNT; /* more than anybody has */
}

static bool
has_peer(const struct world *world, uint32_t asn)
{
	for (size_t i = 0; i < world->port_count; i++)
		if (world->ports[i].port.asn == asn)
			return true;
	return false;
}

/* By role; or by a letter's link, which nobody has but its own visitor, and which asks for nothing to be done. */
static bool
is_enough(const struct route *route, bool is_post, const struct identity *who)
{
	enum account_role role = role_of(is_post ? route->post_need : route->need);

	if (route->need == NEED_LINK)
		return !is_post && who->kind == WHO_LINK;
	return who->kind != WHO_LINK && role != ROLE_COUNT && who->role >= role;
}

/* Whether the thing in the path is there.  Without a ledger nothing is, and the handler says so. */
static bool
has_object(enum route_object object, bool is_post, const struct identity *who,
	   const struct world *world, const struct route_params *params)
{
	switch (object) {
	case OBJECT_NONE:
	case OBJECT_WORLD:
	case OBJECT_REPORT: return true; /* a letter: reports_has asks the ledger, next */
	case OBJECT_PORT:                /* of one that moved, its page tells where it went */
		return !world->has_ledger || world_port_find(world, params->id) != NULL ||
		       (!is_post && world_move_find(world, params->id) != NULL);
	case OBJECT_NOTES:
		return !account_scopes_are_of_peers(&who->scopes) &&
		       has_object(OBJECT_PORT, is_post, who, world, params);
	case OBJECT_EXCHANGE:
		return !world->has_ledger || world_exchange_find(world, params->slug) != NULL;
	case OBJECT_PEER: return !world->has_ledger || has_peer(world, params->asn);
	case OBJECT_HOUSE: return who->scopes.count == 0;
	case OBJECT_UNSAID:
	case OBJECT_COUNT: break;
	}
	return false;
}

enum may
may_pass(const struct route *route, bool is_post, const struct identity *who,
	 const struct world *world, const struct route_params *params)
{
	if ((is_post ? route->post : route->handler) == NULL)
		return MAY_NOT;
	if (!is_enough(route, is_post, who))
		return who->kind == WHO_NOBODY ? MAY_KNOWN : MAY_NOT;
	return has_object(route->object, is_post, who, world, params) ? MAY : MAY_ABSENT;
}
