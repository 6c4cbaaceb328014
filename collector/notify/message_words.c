/* message_words.c - see message_words.h. */
#include "notify/message_words.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "ixwatch/units.h"
#include "notify/message_page.h"

/* --- kinds --- */

const char *
message_shout(const struct message_line *line)
{
	static const char *const shouts[ALERT_KIND_COUNT] = {
		[ALERT_EXCHANGE_UNREACHABLE] = "UNREACHABLE",
		[ALERT_AGENT_UNREACHABLE] = "UNREACHABLE",
		[ALERT_SATURATED] = "SATURATED",
		[ALERT_LOSS] = "LOSS",
		[ALERT_CONGESTION] = "CONGESTED",
		[ALERT_REDUCED] = "REDUCED",
		[ALERT_DATA_QUALITY] = "DATA GAPS",
		[ALERT_ROUTINE] = "ROUTINE",
		[ALERT_RECURRING] = "RECURRING",
	};

	if (line->subject.kind == ALERT_REDUCED && (isnan(line->now) ? line->peak : line->now) >= 1)
		return "DOWN";
	return shouts[line->subject.kind];
}

/* Whole percents, rounded down: what is not quite full is not called so. */
static void
headline_value(char *dst, size_t len, const struct message_line *line)
{
	double value = isnan(line->now) ? line->peak : line->now;

	dst[0] = '\0';
	if (line->what == TOLD_RECOVERY || isnan(value) ||
	    alert_kind_audience(line->subject.kind) == ALERT_FOR_COORDINATOR)
		return;
	switch (line->subject.kind) {
	case ALERT_SATURATED:
	case ALERT_CONGESTION:
	case ALERT_DATA_QUALITY: snprintf(dst, len, " %.0f%%", floor(value * 100 + 1e-9)); break;
	case ALERT_LOSS: snprintf(dst, len, " %.1f%%", value * 100); break;
	case ALERT_REDUCED:
		if (value < 1)
			snprintf(dst, len, " by %.0f%%", floor(value * 100 + 1e-9));
		break;
	default: break;
	}
}

char *
message_headline(char *dst, size_t len, const struct message_line *line)
{
	bool directed = alert_kind_is_directed(line->subject.kind);
	char value[32];

	headline_value(value, sizeof(value), line);
	snprintf(dst, len, "%s%s%s%s", message_shout(line), value, directed ? " " : "",
		 directed ? model_direction_name(line->subject.direction) : "");
	return dst;
}

/* --- whose move --- */

/* Where what does not fit drops; and so, who can do something about it. */
static const char *const load_moves[KIND_COUNT][DIRECTION_COUNT] = {
	[KIND_NONE] = {
	    [DIRECTION_IN] = "ours to say whose: the port has no kind, so nobody outside is told",
	    [DIRECTION_OUT] = "ours to say whose: the port has no kind, so nobody outside is told",
	},
	[KIND_MEMBER] = {
	    [DIRECTION_IN] = "the member's: what does not fit drops in its router",
	    [DIRECTION_OUT] = "the member's: what does not fit drops on our switch",
	},
	[KIND_PNI] = {
	    [DIRECTION_IN] = "the peer's and ours: what does not fit drops at the peer",
	    [DIRECTION_OUT] = "ours and the peer's: what does not fit drops here",
	},
	[KIND_SHARED] = {
	    [DIRECTION_IN] = "ours: our own port; what does not fit drops on the exchange's switch",
	    [DIRECTION_OUT] = "ours: our own port; what does not fit drops here",
	},
	[KIND_PEER_SHARE] = {
	    [DIRECTION_IN] = "the coordinator's: a hint; where it drops is unknown",
	    [DIRECTION_OUT] = "the coordinator's: a hint; where it drops is unknown",
	},
	[KIND_RESELLER] = {
	    [DIRECTION_IN] = "the reseller's: what does not fit drops in its router",
	    [DIRECTION_OUT] = "the reseller's: what does not fit drops on our switch",
	},
	[KIND_CORE] = {
	    [DIRECTION_IN] = "ours: a link between our boxes; what does not fit drops here",
	    [DIRECTION_OUT] = "ours: a link between our boxes; what does not fit drops here",
	},
};

static const char *const verdict_moves[KIND_COUNT] = {
	[KIND_NONE] =
	    "the coordinator's, in the house: the port has no kind, nobody outside is told",
	[KIND_MEMBER] = "the coordinator's: ask the member for a larger port",
	[KIND_PNI] = "the coordinator's: agree on more capacity with the peer",
	[KIND_SHARED] = "the coordinator's: more capacity at the exchange is ours to order",
	[KIND_PEER_SHARE] = "the coordinator's: a hint, never a verdict on the peer",
	[KIND_RESELLER] = "the coordinator's: ask the reseller for a larger port",
	[KIND_CORE] = "the coordinator's: more capacity between our boxes is ours to order",
};

const char *
message_move(const struct message_line *line)
{
	switch (line->subject.kind) {
	case ALERT_EXCHANGE_UNREACHABLE:
		return "ours: the way to its boxes; traffic may be well, unseen";
	case ALERT_AGENT_UNREACHABLE:
		return "ours: the box, or the way to it; traffic may be well, unseen";
	case ALERT_SATURATED:
	case ALERT_CONGESTION: return load_moves[line->kind][line->subject.direction];
	case ALERT_LOSS:
		return line->subject.direction == DIRECTION_IN
			   ? "ours first: errors point to light and cable, discards to our box"
			   : "ours first: errors point to light and cable, discards to a full port";
	case ALERT_REDUCED:
		return line->kind == KIND_MEMBER || line->kind == KIND_RESELLER
			   ? "ours and theirs: light and LACP at both ends, then the cross-connect"
			   : "ours: light and LACP at both ends, then the carrier of the circuit";
	case ALERT_DATA_QUALITY:
		return "ours: its counters prove nothing for now; its page says why";
	default: return verdict_moves[line->kind];
	}
}

/* --- names --- */

char *
message_whom(char *dst, size_t len, const struct message_line *line)
{
	char name[MESSAGE_NAME_SIZE], asn[24] = "";

	message_clean(name, sizeof(name), line->peer, MESSAGE_NAME_MAX);
	if (line->subject.asn != 0)
		snprintf(asn, sizeof(asn), "AS%" PRIu32, line->subject.asn);
	snprintf(dst, len, "%s%s%s", asn, asn[0] != '\0' && name[0] != '\0' ? " " : "", name);
	return dst;
}

char *
message_where(char *dst, size_t len, const struct message_line *line)
{
	char agent[MESSAGE_NAME_SIZE], interface[MESSAGE_NAME_SIZE], exchange[MESSAGE_NAME_SIZE];

	message_clean(exchange, sizeof(exchange), line->subject.exchange, MESSAGE_NAME_MAX);
	message_clean(agent, sizeof(agent), line->subject.agent, MESSAGE_NAME_MAX);
	message_clean(interface, sizeof(interface), line->interface, MESSAGE_NAME_MAX);
	switch (line->subject.scope) {
	case ALERT_OF_PORT: snprintf(dst, len, "%s/%s/%s", exchange, agent, interface); break;
	case ALERT_OF_CONNECTION:
		snprintf(dst, len, "%s/AS%" PRIu32, exchange, line->subject.asn);
		break;
	case ALERT_OF_AGENT: snprintf(dst, len, "%s/%s", exchange, agent); break;
	default: snprintf(dst, len, "%s", exchange); break;
	}
	return dst;
}

/* --- figures --- */

static void
put_instant(FILE *to, const struct message_facts *facts, int64_t utc_sec, bool dated)
{
	char utc[40], local[80];

	units_format_utc(utc, sizeof(utc), utc_sec); /* 2026-11-28T02:10:00Z */
	if (dated)
		fprintf(to, "%.10s ", utc);
	fprintf(to, "%.5sZ", utc + 11);
	if (facts->zone == NULL ||
	    strlen(zone_format(facts->zone, local, sizeof(local), utc_sec)) < 16)
		return;
	fprintf(to, " (%s)", strncmp(utc, local, 10) == 0 ? local + 11 : local);
}

void
message_put_time(FILE *to, const struct message_facts *facts, int64_t utc_sec)
{
	if (utc_sec == 0)
		fputs("unknown", to);
	else
		put_instant(to, facts, utc_sec, true);
}

void
message_put_clock(FILE *to, const struct message_facts *facts, int64_t utc_sec,
		  int64_t beside_utc_sec)
{
	if (utc_sec == 0)
		fputs("unknown", to);
	else
		put_instant(to, facts, utc_sec, utc_sec / 86400 != beside_utc_sec / 86400);
}

void
message_put_share(FILE *to, double share)
{
	char text[32];

	fputs(units_format_share(text, sizeof(text), share), to);
}

void
message_put_bps(FILE *to, double bps)
{
	char text[40];

	fputs(units_format_bps(text, sizeof(text), bps), to);
}

void
message_put_duration(FILE *to, int64_t sec)
{
	char text[40];

	fputs(units_format_duration(text, sizeof(text), sec), to);
}
