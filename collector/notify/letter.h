/* letter.h - the weekly letter: facts of one closed week in; subject, text, HTML and the CSV's lines out.  Pure: no clock, no
 * I/O; the same facts give the same octets, whenever and wherever.
 *
 * Three kinds: `peer` (what one network's connections did, at all exchanges), `exchange` (all peers of one exchange, for the
 * coordinator) and `overview` (everything, for the coordinator).  What is told is what the facts prove: unknown is said to be
 * unknown, with the share of time known beside every figure, and nobody is blamed.  Words stand in letter_<language>.tmpl;
 * which of them are said, and in which order, letter_decide.h decides.
 *
 * Texts within the facts come from outside: whatever they are, they make no header, line, tag or directive of their own.
 *
 * --- The facts: one JSON document a letter ---
 *
 * Shares are 0..1 (a utilisation may be above 1), rates bit/s, instants RFC 3339 UTC text, dates "2026-11-16" (the local
 * date on which a traffic day begins), unknown is null.  A member that is marked ? may be absent, which is null.
 *
 * {"version": 1, "kind": "peer"|"exchange"|"overview", "language": "en",
 *  "edition": 1.., "corrects"?: text (what was wrong with the edition before; required from edition 2 on),
 *  "week": "2026-W47", "made": utc, "profile": "proof"|"early",
 *  "settings": {every key of the detector's settings under its configuration name: text, as `--set` takes it},
 *  "us": {"asn": int|null, "name", "person", "mail", "phone", "base_url": text ("" none; base_url without a slash at its end)},
 *  "peer"?: {"name": text, "asns": [int, ...]} (kind peer; the first ASN names the letter),
 *  "verdict": VERDICT (the gravest of its connections), "last_verdict"?: VERDICT (of the week before's letter),
 *  "purpose": "information"|"request" (letter_purpose_of says which),
 *  "notice"?: {"number": 1.., "first_week": "2026-W40"}, "dispute"?: {"since": date, "text"},
 *  "optout_hint"?: text (how to stop these letters, beside the words that say it),
 *  "connections": [CONNECTION, ...] (peer: one an exchange and kind; exchange: one a peer there; overview: all)}
 *
 * VERDICT = "none"|"recurring"|"routine"|"insufficient data"
 *
 * CONNECTION = {"exchange": slug, "exchange_name", "timezone": IANA, "kind": "member"|"pni"|"reseller" (ERR_REFUSED else),
 *  "asn": int (in a peer's letter one of peer.asns; ERR_REFUSED else), "peer": text,
 *  "from", "to": utc of that traffic week there, "hours": 167|168|169,
 *  "capacity_bps", "physical_bps", "contracted_bps"?, "contract_kind"?: "policed"|"billed",
 *  "capacity_source": "setting|contract|ix-f|lag|interface|unknown",
 *  "capacity_steps": [{"at": utc, "capacity_bps"}] (changes within the week, by time), "nominal_bps"?,
 *  "reduced": [{"from": utc, "to"?: utc, "capacity_bps", "excused": bool}] (that touch the week),
 *  "upgraded"?: {"date", "from_bps", "to_bps", "state": "under observation"|"cured by upgrade"},
 *  "ports": [{"id": int, "agent", "interface", "circuit", "capacity_bps", "capacity_source", "down_minutes"?: int,
 *             "directions": {"out"?: FIGURES, "in"?: FIGURES}}],
 *  "directions": {"out"?: SIDE, "in"?: SIDE} (out: what our box sends, so towards the peer; without a column: absent),
 *  "uneven"?: {"direction": "out"|"in", "port": interface, "port_p95_utilisation", "other", "other_p95_utilisation"},
 *  "windows": [{"from": utc, "to": utc, "cause": "event|works|attack|failover|exchange|ours", "reason"}] (that touch 28 days),
 *  "unknown": [{"from": utc, "to": utc, "why": text}] (holes of 30 minutes and more of the week),
 *  "advice": {"free_port": [{"agent", "interface", "capacity_bps", "p95_utilisation"}] (of the same peer, same exchange),
 *             "other_exchanges": [{"exchange", "name", "headroom_bps", "at_local": "20:00-23:00"}] (most headroom first; the
 *             hours of congestion here, by the clock of this connection's exchange),
 *             "size"?: {"capacity_bps", "members": int, "member_bps"} (that would have held; absent where it cannot be said)},
 *  "order"?: {"size": text, "ready_date"?: date, "ticket", "waiting_on": "peer"|"us"|"exchange", "since": date},
 *  "case"?: {"notices": int, "opened_week", "clean_weeks": int},
 *  "policy": text ("" none), "graph"?: file name of its picture: letters, digits, "._-", ending in ".png"}
 *
 * FIGURES = {"known_share", "p95_bps", "p95_utilisation", "peak_utilisation", "mean_utilisation": of the week,
 *  "minutes_90", "minutes_95": int|null, "drops_share": share|null, "drops_measured": bool (false: not measurable from here, as of
 *  "in" it never is: what does not fit drops before it arrives),
 *  "layer2": bool (some of it is layer 2)}
 *
 * SIDE = FIGURES and {"verdict": VERDICT, "verdict_since"?: date, "verdict_reason": text (rule and dates),
 *  "stale_verdict"?: VERDICT, "stale_since"?: date, "declared_days_28": int,
 *  "last_week"?: {"verdict", "p95_utilisation", "peak_utilisation", "minutes_90", "minutes_95"},
 *  "days"?: [28 x {"date", "state": "clean|flash|declared|reduced capacity|unclassified|congested|unknown", "known_share",
 *            "congested_minutes", "excused_minutes", "excuse"?: EXCUSE, "withdrawn": bool (a flash excuse was), "verdict",
 *            "hours": [23..25 x {"max": utilisation|null, "excused": bool}]}],
 *  "episodes"?: [{"start": utc, "end": utc, "start_local", "end_local": "2026-11-23 03:10 CET", "minutes": int,
 *            "kind": "spike"|"sustained", "excuse"?: EXCUSE, "excuse_reason"?: text, "peak_utilisation",
 *            "mean_utilisation", "drops_share"?, "open": bool}] (of the week, by start)}
 * EXCUSE = "spike"|"flash"|"declared"|"reduced capacity"
 */
#ifndef COLLECTOR_NOTIFY_LETTER_H
#define COLLECTOR_NOTIFY_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/error.h"
#include "ixwatch/json.h"
#include "ixwatch/letter_mail.h"
#include "ixwatch/model.h"

#define LETTER_VERSION         1
#define LETTER_WIDTH           76  /* columns of the text; only an address may be longer */
#define LETTER_SUBJECT_MAX     140 /* characters */
#define LETTER_CONNECTIONS_MAX 20000
/* Behind that link, without a login: how it was judged. */
#define LETTER_METHOD "/method"
#define LETTER_LINK                                                                                \
	"IXWATCH-LINK" /* stands in text and HTML where the recipient's signed link belongs, and nowhere else */

struct letter {
	char *subject, *text, *html; /* UTF-8, lines end with LF; letter_free ends them */
};

/* ERR_PARSE: the facts are not what is written above, naming the member.  ERR_REFUSED: they must not leave the house: another
 * kind of port, a foreign ASN, a request without a proof; or there are no words in that language. */
bool letter_make(struct letter *out, const struct json *facts, struct error *err);
void letter_free(struct letter *letter); /* all NULL is fine */

/* "request" where a connection is judged routine, that is known well enough, nothing is ordered for it and nothing disputed;
 * else "information".  What stands under "purpose" is not read. */
const char *letter_purpose_of(const struct json *facts);

/* Whether a letter of these facts asks for something at connections[i]: what counts as a notice there. */
bool letter_asks_at(const struct json *facts, size_t i);

/* Whether a letter has something to tell beyond "all well": congestion, seen or excused; capacity that was reduced or
 * changed; uneven load; a verdict that changed; too little data; something ordered or disputed; a correction.  What
 * `report = "changes"` asks. */
bool letter_tells(const struct json *facts);

/* A picture's Content-ID is "graph" and the place of its connection in the facts, from 1: the HTML shows connections[0].graph
 * as cid:graph1, with MIME_PICTURE_BEGIN("graph1") and MIME_PICTURE_END around.  The name of its file, the place in *place;
 * i counts pictures from 0; NULL past the last; lent. */
const char *letter_picture_at(const struct json *facts, size_t i, size_t *place);

/* The CSV beside it: numbers alone, a line for each 300 s sample of each port, ports one after the other by id, the first
 * column the port's id, the others as `ixwatch replay --csv` takes them; an empty cell is unknown. */
#define LETTER_CSV_HEADER                                                                          \
	"port,time_utc_sec,in_bps,out_bps,in_pps,out_pps,in_discards_pps,out_discards_pps,"        \
	"capacity_bps\n"
#define LETTER_CSV_ROW_SIZE 320
/* Its line, with LF; returns dst. */
char *letter_csv_row(char dst[LETTER_CSV_ROW_SIZE], int64_t port_id, const struct sample *sample);

#endif
