/* routes.c - the table of routes. */
#include "routes.h"

#include <stdio.h>

#include "api.h"
#include "assets.h"
#include "graph.h"
#include "letter.h"
#include "metrics.h"
#include "openapi.h"
#include "page.h"
#include "query.h"
#include "sheet.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ARG_PICTURE         (ARG_SPAN | ARG_RANGE | ARG_WIDTH | ARG_HEIGHT | ARG_THEME)
#define ARG_PICTURE_OF_TIME (ARG_RANGE | ARG_WIDTH | ARG_HEIGHT | ARG_THEME)
#define ARG_LIST            (ARG_LIMIT | ARG_CURSOR)

/* What may be asked of a letter: a POST alone. */
#define REPORT_FORM(what, handle, role)                                                            \
	{                                                                                          \
		"/reports/{id}/" what, 0, ROUTE_PAGE, NULL, role, OBJECT_REPORT, .post = handle,   \
										 .post_need = role \
	}

static const struct route routes[] = {
	/* what is no row is a 404 */
	/* pattern; query keys allowed (any other: 400); form of answer and errors; handler; role needed; what it
	 * touches; of POST: handler and role; kept */
	{ "/",
	  ARG_EXCHANGE | ARG_STATE | ARG_VERDICT | ARG_KIND | ARG_ASN | ARG_AGENT | ARG_TEXT |
	      ARG_SORT | ARG_PAGE | ARG_FORM,
	  ROUTE_PAGE, page_overview, NEED_VIEWER, OBJECT_WORLD },
	{ "/wall", ARG_EXCHANGE | ARG_THEME, ROUTE_PAGE, page_wall, NEED_VIEWER, OBJECT_WORLD },
	{ "/exchanges/{slug}", 0, ROUTE_PAGE, page_exchange, NEED_VIEWER, OBJECT_EXCHANGE },
	{ "/peers/{asn}", 0, ROUTE_PAGE, page_peer, NEED_VIEWER, OBJECT_PEER },
	{ "/ports/{id}", ARG_SPAN | ARG_RANGE | ARG_ZONE, ROUTE_PAGE, page_port, NEED_VIEWER,
	  OBJECT_PORT },
	{ "/ports/{id}/days", ARG_DAYS, ROUTE_PAGE, page_days, NEED_VIEWER, OBJECT_PORT },
	{ "/ports/{id}/declare", ARG_DONE, ROUTE_PAGE, page_declare, NEED_OPERATOR, OBJECT_PORT,
	  .post = page_declare_post, .post_need = NEED_OPERATOR },
	{ "/ports/{id}/silence", ARG_DONE, ROUTE_PAGE, page_silence, NEED_OPERATOR, OBJECT_PORT,
	  .post = page_silence_post, .post_need = NEED_OPERATOR },
	{ "/ports/{id}/notes", ARG_CURSOR | ARG_DONE, ROUTE_PAGE, page_notes, NEED_VIEWER,
	  OBJECT_NOTES, .post = page_notes_post, .post_need = NEED_OPERATOR },
	{ "/ports/{id}/notes/withdraw", 0, ROUTE_PAGE, NULL, NEED_OPERATOR, OBJECT_NOTES,
	  .post = page_note_withdraw_post, .post_need = NEED_OPERATOR },
	{ "/alerts/{id}", 0, ROUTE_PAGE, page_alert, NEED_VIEWER, OBJECT_WORLD,
	  .post = page_alert_post, .post_need = NEED_OPERATOR },
	{ "/episodes",
	  ARG_PORT | ARG_EXCHANGE | ARG_ASN | ARG_OPEN | ARG_CURSOR | ARG_EPISODE_KIND | ARG_DAYS |
	      ARG_FORM,
	  ROUTE_PAGE, page_episodes, NEED_VIEWER, OBJECT_WORLD },
	{ "/mail", ARG_CURSOR, ROUTE_PAGE, page_mail, NEED_VIEWER, OBJECT_HOUSE },
	{ "/mail/{id}", ARG_DONE, ROUTE_PAGE, page_one_mail, NEED_VIEWER, OBJECT_HOUSE },
	{ "/mail/{id}/retry", 0, ROUTE_PAGE, NULL, NEED_OPERATOR, OBJECT_HOUSE,
	  .post = page_mail_retry_post, .post_need = NEED_OPERATOR },
	{ "/mail/{id}/drop", 0, ROUTE_PAGE, NULL, NEED_OPERATOR, OBJECT_HOUSE,
	  .post = page_mail_drop_post, .post_need = NEED_OPERATOR },
	{ "/method", 0, ROUTE_PAGE, page_method, NEED_VIEWER, OBJECT_WORLD },
	{ "/login", ARG_NEXT, ROUTE_PAGE, page_login, NEED_NOTHING, OBJECT_NONE,
	  .post = page_login_post, .post_need = NEED_NOTHING },
	{ "/logout", 0, ROUTE_PAGE, NULL, NEED_VIEWER, OBJECT_NONE, .post = page_logout_post,
	  .post_need = NEED_VIEWER },
	{ "/a/{slug}", 0, ROUTE_PAGE, page_ack, NEED_NOTHING, OBJECT_NONE, .post = page_ack_post,
	  .post_need = NEED_NOTHING },
	{ "/graphs/exchanges/{slug}/day.svg", ARG_THEME | ARG_VERSION, ROUTE_IMAGE, graph_exchange,
	  NEED_VIEWER, OBJECT_EXCHANGE },
	{ "/graphs/ports/{id}/heat.svg", ARG_TO_DAY | ARG_WIDTH | ARG_THEME, ROUTE_IMAGE,
	  graph_heat, NEED_VIEWER, OBJECT_PORT },
	{ "/graphs/ports/{id}.png", ARG_PICTURE, ROUTE_IMAGE, graph_png, NEED_VIEWER, OBJECT_PORT },
	{ "/graphs/ports/{id}.svg", ARG_PICTURE, ROUTE_IMAGE, graph_svg, NEED_VIEWER, OBJECT_PORT },
	{ "/api/v1/openapi.json", 0, ROUTE_JSON, openapi_get, NEED_NOTHING, OBJECT_NONE,
	  .is_public = true },
	{ "/api/v1/status", 0, ROUTE_JSON, api_status, NEED_VIEWER, OBJECT_WORLD },
	{ "/api/v1/exchanges", 0, ROUTE_JSON, api_exchanges, NEED_VIEWER, OBJECT_WORLD,
	  .is_kept = true },
	{ "/api/v1/ports", ARG_LIST | ARG_EXCHANGE | ARG_STATE | ARG_VERDICT | ARG_KIND | ARG_ASN,
	  ROUTE_JSON, api_ports, NEED_VIEWER, OBJECT_WORLD, .is_kept = true },
	{ "/api/v1/ports/{id}", 0, ROUTE_JSON, api_port, NEED_VIEWER, OBJECT_PORT,
	  .is_kept = true },
	{ "/api/v1/ports/{id}/days", ARG_DAYS, ROUTE_JSON, api_days, NEED_VIEWER, OBJECT_PORT },
	{ "/api/v1/ports/{id}/declare", 0, ROUTE_JSON, NULL, NEED_OPERATOR, OBJECT_PORT,
	  .post = api_declare_post, .post_need = NEED_OPERATOR },
	{ "/api/v1/ports/{id}/silence", 0, ROUTE_JSON, NULL, NEED_OPERATOR, OBJECT_PORT,
	  .post = api_silence_post, .post_need = NEED_OPERATOR },
	{ "/api/v1/ports/{id}/notes", ARG_LIST, ROUTE_JSON, api_notes, NEED_VIEWER, OBJECT_NOTES,
	  .post = api_notes_post, .post_need = NEED_OPERATOR },
	{ "/api/v1/ports/{id}/notes/withdraw", 0, ROUTE_JSON, NULL, NEED_OPERATOR, OBJECT_NOTES,
	  .post = api_note_withdraw_post, .post_need = NEED_OPERATOR },
	{ "/api/v1/alerts/{id}/acknowledge", 0, ROUTE_JSON, NULL, NEED_OPERATOR, OBJECT_WORLD,
	  .post = api_acknowledge_post, .post_need = NEED_OPERATOR },
	{ "/api/v1/ports/{id}/series", ARG_SPAN | ARG_RANGE | ARG_STEP, ROUTE_JSON, graph_series,
	  NEED_VIEWER, OBJECT_PORT },
	{ "/api/v1/ports/{id}/windows", ARG_RANGE, ROUTE_JSON, api_windows, NEED_VIEWER,
	  OBJECT_PORT },
	{ "/api/v1/ports/{id}/series.csv", ARG_SPAN | ARG_RANGE | ARG_STEP, ROUTE_JSON,
	  graph_series_csv, NEED_VIEWER, OBJECT_PORT },
	{ "/api/v1/ports/{id}/days.csv", ARG_DAYS, ROUTE_JSON, sheet_days, NEED_VIEWER,
	  OBJECT_PORT },
	{ "/api/v1/ports.csv",
	  ARG_LIST | ARG_EXCHANGE | ARG_STATE | ARG_VERDICT | ARG_KIND | ARG_ASN, ROUTE_JSON,
	  sheet_ports, NEED_VIEWER, OBJECT_WORLD },
	{ "/api/v1/episodes.csv",
	  ARG_LIST | ARG_RANGE | ARG_PORT | ARG_EXCHANGE | ARG_ASN | ARG_EPISODE_KIND | ARG_OPEN,
	  ROUTE_JSON, sheet_episodes, NEED_VIEWER, OBJECT_WORLD },
	{ "/api/v1/episodes",
	  ARG_LIST | ARG_RANGE | ARG_PORT | ARG_EXCHANGE | ARG_ASN | ARG_EPISODE_KIND | ARG_OPEN,
	  ROUTE_JSON, api_episodes, NEED_VIEWER, OBJECT_WORLD },
	{ "/api/v1/alerts", ARG_LIST | ARG_PORT | ARG_EXCHANGE | ARG_OPEN, ROUTE_JSON, api_alerts,
	  NEED_VIEWER, OBJECT_WORLD },
	{ "/api/v1/peers/{asn}", 0, ROUTE_JSON, api_peer, NEED_VIEWER, OBJECT_PEER,
	  .is_kept = true },
	{ "/api/v1/mail", ARG_LIST, ROUTE_JSON, api_mail, NEED_VIEWER, OBJECT_HOUSE },
	{ "/api/v1/mail/{id}", 0, ROUTE_JSON, api_one_mail, NEED_VIEWER, OBJECT_HOUSE },
	{ "/api/v1/mail/{id}/retry", 0, ROUTE_JSON, NULL, NEED_OPERATOR, OBJECT_HOUSE,
	  .post = api_mail_retry_post, .post_need = NEED_OPERATOR },
	{ "/api/v1/mail/{id}/drop", 0, ROUTE_JSON, NULL, NEED_OPERATOR, OBJECT_HOUSE,
	  .post = api_mail_drop_post, .post_need = NEED_OPERATOR },
	{ "/reports", ARG_WEEK | ARG_LETTER_STATE | ARG_TEXT | ARG_PAGE, ROUTE_PAGE, page_reports,
	  NEED_VIEWER, OBJECT_WORLD },
	{ "/reports/{week}/{asn}", ARG_EDITION | ARG_DONE, ROUTE_PAGE, page_report, NEED_VIEWER,
	  OBJECT_REPORT },
	{ "/reports/{week}/exchange/{slug}", ARG_EDITION | ARG_DONE, ROUTE_PAGE, page_report,
	  NEED_VIEWER, OBJECT_REPORT },
	{ "/reports/{week}/overview", ARG_EDITION | ARG_DONE, ROUTE_PAGE, page_report, NEED_VIEWER,
	  OBJECT_REPORT },
	{ "/reports/{id}/letter.html", 0, ROUTE_PAGE, letter_html, NEED_VIEWER, OBJECT_REPORT },
	{ "/reports/{id}/letter.txt", 0, ROUTE_TEXT, letter_text, NEED_VIEWER, OBJECT_REPORT },
	{ "/reports/{id}/samples.csv", 0, ROUTE_TEXT, letter_csv, NEED_VIEWER, OBJECT_REPORT },
	{ "/reports/{id}/facts.json", 0, ROUTE_JSON, letter_facts_json, NEED_VIEWER,
	  OBJECT_REPORT },
	{ "/reports/{id}/graph/{name}", 0, ROUTE_IMAGE, letter_graph, NEED_VIEWER, OBJECT_REPORT },
	/* Who keeps a letter back may be wrong, and nothing is lost; who lets it go, takes a word back that was sent, or
	 * decides what a peer contests, speaks for the house: so that takes an admin, whose scopes say for whom. */
	REPORT_FORM("approve", report_approve_post, NEED_ADMIN),
	REPORT_FORM("hold", report_hold_post, NEED_OPERATOR),
	REPORT_FORM("release", report_release_post, NEED_ADMIN),
	REPORT_FORM("note", report_note_post, NEED_OPERATOR),
	REPORT_FORM("revoke", report_revoke_post, NEED_ADMIN),
	REPORT_FORM("order", report_order_post, NEED_OPERATOR),
	REPORT_FORM("order-end", report_order_end_post, NEED_OPERATOR),
	REPORT_FORM("dispute", report_dispute_post, NEED_OPERATOR),
	REPORT_FORM("dispute-decide", report_dispute_decide_post, NEED_ADMIN),
	REPORT_FORM("optout", report_optout_post, NEED_ADMIN),
	REPORT_FORM("optin", report_optin_post, NEED_ADMIN),
	{ "/api/v1/reports", ARG_LIST | ARG_WEEK | ARG_LETTER_STATE | ARG_ASN, ROUTE_JSON,
	  api_reports, NEED_VIEWER, OBJECT_WORLD },
	{ "/api/v1/reports/{id}", 0, ROUTE_JSON, api_report, NEED_VIEWER, OBJECT_REPORT },
	/* By the signed link of a letter, and with nothing else. */
	{ "/letters/{slug}", 0, ROUTE_PAGE, page_letter, NEED_LINK, OBJECT_REPORT },
	{ "/letters/{slug}/method", 0, ROUTE_PAGE, page_letter_method, NEED_LINK, OBJECT_REPORT },
	{ "/letters/{slug}/letter.html", 0, ROUTE_PAGE, letter_html, NEED_LINK, OBJECT_REPORT },
	{ "/letters/{slug}/letter.txt", 0, ROUTE_TEXT, letter_text, NEED_LINK, OBJECT_REPORT },
	{ "/letters/{slug}/samples.csv", 0, ROUTE_TEXT, letter_csv, NEED_LINK, OBJECT_REPORT },
	{ "/letters/{slug}/facts.json", 0, ROUTE_JSON, letter_facts_json, NEED_LINK,
	  OBJECT_REPORT },
	{ "/letters/{slug}/graph/{name}", 0, ROUTE_IMAGE, letter_graph, NEED_LINK, OBJECT_REPORT },
	{ "/letters/{slug}/ports/{id}", 0, ROUTE_PAGE, page_letter_port, NEED_LINK, OBJECT_PORT },
	{ "/letters/{slug}/ports/{id}/samples.csv", 0, ROUTE_TEXT, letter_port_csv, NEED_LINK,
	  OBJECT_PORT },
	{ "/letters/{slug}/ports/{id}/days", 0, ROUTE_JSON, letter_port_days, NEED_LINK,
	  OBJECT_PORT },
	{ "/letters/{slug}/ports/{id}/episodes", 0, ROUTE_JSON, letter_port_episodes, NEED_LINK,
	  OBJECT_PORT },
	{ "/letters/{slug}/ports/{id}/series", ARG_RANGE | ARG_STEP, ROUTE_JSON, letter_port_series,
	  NEED_LINK, OBJECT_PORT },
	{ "/letters/{slug}/ports/{id}/week.png", ARG_PICTURE_OF_TIME, ROUTE_IMAGE, letter_port_png,
	  NEED_LINK, OBJECT_PORT },
	{ "/letters/{slug}/ports/{id}/heat.svg", ARG_WIDTH | ARG_THEME, ROUTE_IMAGE,
	  letter_port_heat, NEED_LINK, OBJECT_PORT },
	{ "/metrics", 0, ROUTE_TEXT, metrics_get, NEED_VIEWER, OBJECT_WORLD },
	{ "/healthz", 0, ROUTE_TEXT, api_healthz, NEED_NOTHING, OBJECT_NONE },
	{ "/readyz", 0, ROUTE_TEXT, api_readyz, NEED_NOTHING, OBJECT_NONE },
	{ "/static/{slug}", ARG_VERSION, ROUTE_ASSET, assets_get, NEED_NOTHING, OBJECT_NONE,
	  .is_public = true },
};

const struct route *
routes_all(size_t *count)
{
	*count = COUNT(routes);
	return routes;
}

void
routes_print(void)
{
	for (size_t i = 0; i < COUNT(routes); i++) {
		const struct route *route = &routes[i];
		const char *object = route_object_name(route->object);

		if (route->handler != NULL)
			printf("GET %s %s %s\n", route->pattern, route_need_name(route->need),
			       object);
		if (route->post != NULL)
			printf("POST %s %s %s\n", route->pattern, route_need_name(route->post_need),
			       object);
	}
}
