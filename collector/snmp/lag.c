/* lag.c - see lag.h. */
#include "snmp/lag.h"

#include <stdlib.h>

#include "snmp/ifmib.h"

#define IF_TYPE_LAG         161 /* ieee8023adLag */
#define IF_TYPE_MULTIPLEXOR 54  /* propMultiplexor: LAGs of some vendors */

bool
lag_type(uint32_t type)
{
	return type == IF_TYPE_LAG || type == IF_TYPE_MULTIPLEXOR;
}

static int
by_index(const void *key, const void *element)
{
	uint32_t if_index = *(const uint32_t *)key;
	const struct lag_interface *interface = element;

	return (if_index > interface->if_index) - (if_index < interface->if_index);
}

static struct lag_interface *
find(struct lag_interface *interfaces, size_t count, uint32_t if_index)
{
	if (if_index == 0 || count == 0)
		return NULL;
	return bsearch(&if_index, interfaces, count, sizeof(*interfaces), by_index);
}

/* Of what the LAG MIB names, the first that is another interface. */
static uint32_t
named_lag(struct lag_interface *interfaces, size_t count, const struct lag_interface *member)
{
	const uint32_t named[] = { member->attached, member->selected };

	for (size_t i = 0; i < 2; i++)
		if (named[i] != member->if_index && find(interfaces, count, named[i]) != NULL)
			return named[i];
	return 0;
}

static void
take_named(struct lag_interface *interfaces, size_t count)
{
	for (size_t i = 0; i < count; i++)
		interfaces[i].lag_if_index = named_lag(interfaces, count, &interfaces[i]);
}

/* named: whether the LAG MIB spoke of interface i. */
static void
take_layers(struct lag_interface *interfaces, size_t count, const bool *named,
	    const struct lag_layer *layers, size_t layer_count)
{
	for (size_t i = 0; i < layer_count; i++) {
		struct lag_interface *lag = find(interfaces, count, layers[i].higher),
				     *member = find(interfaces, count, layers[i].lower), *other;

		if (lag == NULL || member == NULL || !lag_type(lag->type) ||
		    !ifmib_is_wire(member->type) || named[member - interfaces])
			continue;
		other = find(interfaces, count, member->lag_if_index);
		if (other == NULL)
			member->lag_if_index = lag->if_index;
		else if (other != lag)
			lag->unproven = other->unproven = true;
	}
}

/* What is over something is no member itself. */
static void
drop_chains(struct lag_interface *interfaces, size_t count, bool *is_over)
{
	for (size_t i = 0; i < count; i++) {
		const struct lag_interface *lag =
		    find(interfaces, count, interfaces[i].lag_if_index);

		if (lag != NULL)
			is_over[lag - interfaces] = true;
	}
	for (size_t i = 0; i < count; i++)
		if (is_over[i] || lag_type(interfaces[i].type))
			interfaces[i].lag_if_index = 0;
}

static void
settle(struct lag_interface *interfaces, size_t count, size_t *member_count)
{
	for (size_t i = 0; i < count; i++) {
		const struct lag_interface *lag =
		    find(interfaces, count, interfaces[i].lag_if_index);

		if (lag != NULL)
			member_count[lag - interfaces]++;
	}
	for (size_t i = 0; i < count; i++) {
		interfaces[i].is_lag = member_count[i] > 0 || interfaces[i].type == IF_TYPE_LAG;
		if (member_count[i] > LAG_MEMBERS_MAX)
			interfaces[i].unproven = true;
	}
}

bool
lag_resolve(struct lag_interface *interfaces, size_t count, const struct lag_layer *layers,
	    size_t layer_count)
{
	bool *named = calloc(count + 1, sizeof(*named)), *is_over = calloc(count + 1, sizeof(bool));
	size_t *member_count = calloc(count + 1, sizeof(*member_count));
	bool ok = named != NULL && is_over != NULL && member_count != NULL;

	for (size_t i = 0; ok && i < count; i++)
		interfaces[i].unproven = false;
	if (ok) {
		take_named(interfaces, count);
		for (size_t i = 0; i < count; i++)
			named[i] = interfaces[i].lag_if_index != 0;
		take_layers(interfaces, count, named, layers, layer_count);
		drop_chains(interfaces, count, is_over);
		settle(interfaces, count, member_count);
	}
	free(named);
	free(is_over);
	free(member_count);
	return ok;
}
