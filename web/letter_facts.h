/* letter_facts.h - what a kept letter rests on, as tables: every figure with how it is made, the traffic days, the episodes,
 * what was excused and what is not known.  From the facts alone, which are never changed; their schema is
 * collector/notify/letter.h's. */
#ifndef WEB_LETTER_FACTS_H
#define WEB_LETTER_FACTS_H

#include "ixwatch/detector_settings.h"
#include "ixwatch/json.h"

#include "html.h"

/* A number of the facts; NAN where it is unknown or absent. */
double facts_number(const struct json *object, const char *key);
/* A text of the facts; "" where there is none. */
const char *facts_text(const struct json *object, const char *key);
/* The numbers by which it was judged; those that it does not say are the profile's own. */
void facts_settings(struct detector_settings *settings, const struct json *facts);

/* Whether it tells of nothing but one network's own: its connections are of those ASNs, and of a kind that a peer is told
 * of. */
bool facts_are_of_peer(const struct json *facts);

/* One connection, as sections below an <h2> of its own; number: from 1, for the ids on the page. */
void facts_put_connection(struct html *html, const struct json *connection, unsigned number);
/* What the figures are, once a page. */
void facts_put_meanings(struct html *html);

#endif
