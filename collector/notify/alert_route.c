/* alert_route.c - see alert_route.h. */
#include "notify/alert_route.h"

#include <string.h>

size_t
alert_recipients_max(const struct config_alert *alert)
{
	size_t count = alert->to.count + alert->coordinator.count;

	for (size_t i = 0; i < alert->route_count; i++)
		count += alert->routes[i].to.count;
	return count;
}

static size_t
add(const char **list, size_t count, const struct config_texts *addresses)
{
	for (size_t i = 0; i < addresses->count; i++) {
		size_t k = 0;

		while (k < count && strcmp(list[k], addresses->text[i]) != 0)
			k++;
		if (k == count)
			list[count++] = addresses->text[i];
	}
	return count;
}

static bool
has_text(const struct config_texts *texts, const char *text)
{
	for (size_t i = 0; i < texts->count; i++)
		if (strcmp(texts->text[i], text) == 0)
			return true;
	return false;
}

static bool
has_asn(const struct config_route *route, uint32_t asn)
{
	for (size_t i = 0; i < route->asn_count; i++)
		if (route->asn[i] == asn)
			return true;
	return false;
}

/* What a route does not name, it does not ask about; what it names must fit. */
static bool
fits(const struct config_route *route, const struct alert_subject *subject)
{
	return (route->exchange.count == 0 || has_text(&route->exchange, subject->exchange)) &&
	       (route->kinds == 0 || (route->kinds & 1u << subject->kind) != 0) &&
	       (route->severities == 0 ||
		(route->severities & 1u << alert_kind_severity(subject->kind)) != 0) &&
	       (route->asn_count == 0 || has_asn(route, subject->asn));
}

size_t
alert_recipients(const struct config_alert *alert, const struct alert_subject *subject,
		 const char **list)
{
	bool coordinator = alert_kind_audience(subject->kind) == ALERT_FOR_COORDINATOR &&
			   alert->coordinator.count > 0;
	size_t count = add(list, 0, coordinator ? &alert->coordinator : &alert->to);

	for (size_t i = 0; i < alert->route_count; i++)
		if (fits(&alert->routes[i], subject))
			count = add(list, count, &alert->routes[i].to);
	return count;
}

bool
alert_kind_is_told(const struct config_alert *alert, enum alert_kind kind)
{
	return alert->kinds == 0 || (alert->kinds & 1u << kind) != 0;
}
