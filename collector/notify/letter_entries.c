/* letter_entries.c - every text that letters are made of, and the values each is given: what a language's file is checked
 * against.  See letter_template.h for the marks. */
#include "notify/letter_words.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define WAY      "way=out,in"
#define KIND     "kind=member,pni,reseller"
#define VERDICTS "none,recurring,routine,insufficient"
#define SOURCE   "source=setting,contract,list,lag,interface,unknown"
#define DROPS    "drops=unmeasured,unknown,some,none share"
#define EXCUSES  "flash,declared,reduced"
#define UPGRADE  "upgrade=watched,cured"
#define LEAD                                                                                       \
	"exchange " WAY " " KIND " m90# m95# counted# excused# excuse=" EXCUSES                    \
	",other known known_here peak connections# " UPGRADE                                       \
	" upgrade_date to reduced_to nominal port other port_p95 other_p95 request disputed "      \
	"ordered week=full,short,clear,unknown"

static const struct template_entry entries[] = {
	/* how values are said */
	{ "format.plural", "" },
	{ "format.decimal", "" },
	{ "format.unknown", "" },
	{ "format.weekdays", "" },
	{ "format.months", "" },
	{ "format.date", "weekday day# month year" },
	{ "format.utc", "date clock" },
	{ "format.list_more", "list next" },
	{ "format.list_last", "list next" },
	{ "whom", "name asn" },
	{ "place", "exchange asn interface " KIND },
	{ "verdict", "verdict=" VERDICTS },
	{ "way", WAY },
	/* 1 to 3 */
	{ "subject.peer", "peer asn exchanges# week purpose=information,request corrected" },
	{ "subject.exchange", "exchange connections# week corrected" },
	{ "subject.overview", "exchanges# connections# week corrected" },
	{ "title.peer", "peer us week" },
	{ "from", "us peer asns week edition# made" },
	{ "correction", "corrects edition#" },
	{ "lead.nothing", "" },
	{ "lead.routine", LEAD },
	{ "lead.recurring", LEAD },
	{ "lead.upgraded", LEAD },
	{ "lead.insufficient", LEAD },
	{ "lead.uneven", LEAD },
	{ "lead.reduced", LEAD },
	{ "lead.seen", LEAD },
	{ "lead.excused", LEAD },
	{ "lead.partly", LEAD },
	{ "lead.well", LEAD },
	/* 4 */
	{ "measured.heading", "" },
	{ "measured.how", "from to clock step" },
	{ "measured.capacity",
	  KIND " ports# capacity " SOURCE
	       " physical contract=none,policed,billed contracted timezone hours# changed_clock" },
	{ "measured.step", "at capacity" },
	{ "measured.reduced", "from to capacity nominal excused" },
	{ "measured.upgraded", "date from to " UPGRADE },
	{ "measured.nothing", WAY },
	{ "measured.way", WAY " known mean drops layer2 several" },
	{ "port", "agent interface circuit id# capacity " SOURCE " down# several towards from" },
	{ "port.way", WAY " p95 p95_bps peak mean m90# m95# known drops layer2" },
	/* 5 */
	{ "table.heading", "" },
	{ "table.way", "" },
	{ "table.p95", "" },
	{ "table.peak", "" },
	{ "table.m90", "" },
	{ "table.m95", "" },
	{ "table.known", "" },
	{ "table.p95_cell", "p95 bps" },
	{ "table.unknown", "" },
	{ "table.before", "" },
	{ "table.connection", "exchange peer ports# capacity verdict last" },
	{ "table.legend", "" },
	/* 6 */
	{ "strip.heading", "" },
	{ "strip.legend", "clock graph" },
	{ "strip.title", "exchange " WAY " timezone" },
	{ "strip.hour", "" },
	{ "strip.minutes", "" },
	{ "strip.known", "" },
	{ "strip.clock", "day hours#" },
	{ "strip.quiet", "exchange " WAY },
	{ "strip.more", "strips#" },
	{ "graph", "exchange capacity timezone" },
	/* 7 and 8 */
	{ "episodes.heading", "" },
	{ "episodes.what", "sustain congested drops floor drop_share" },
	{ "episodes.side", "exchange " WAY " episodes# minutes#" },
	{ "episodes.more", "more#" },
	{ "episode", "span minutes# peak mean drops open excuse" },
	{ "span", "from_day from to_day to from_zone zone utc" },
	{ "span.utc", "from_day from to_day to" },
	{ "drops", DROPS },
	{ "excuse", "excuse=spike,flash,declared,reduced reason" },
	{ "excused.heading", "" },
	{ "excused.what", "" },
	{ "excused.spikes", "exchange " WAY " spikes# minutes# longest# sustain" },
	{ "excused.window",
	  "exchange from to cause=event,works,attack,failover,exchange,ours reason" },
	/* 9 and 10 */
	{ "why.heading", "verdict=" VERDICTS },
	{ "why.verdict", "exchange " WAY " verdict=" VERDICTS " since reason stale stale_since" },
	{ "why.withdrawn", "exchange " WAY " days#" },
	{ "why.days", "minutes#" },
	{ "why.declared", "exchange " WAY " days#" },
	{ "unknown.heading", "" },
	{ "unknown.what", "known connections#" },
	{ "unknown.drops", "exchange " WAY " " KIND },
	{ "unknown.capacity", "exchange" },
	{ "unknown.hole", "exchange from to why" },
	{ "unknown.more", "exchange more#" },
	/* 11 to 13 */
	{ "help.heading", "" },
	{ "help.what", "" },
	{ "help.spread", "exchange " WAY " port other port_p95 other_p95" },
	{ "help.free_port", "exchange agent interface capacity p95" },
	{ "help.elsewhere", "exchange other headroom hours" },
	{ "help.size", "exchange ports" },
	{ "help.members", "members# member size" },
	{ "help.ours", "exchange " KIND " person" },
	{ "agreed.heading", "" },
	{ "agreed.dispute", "since text" },
	{ "agreed.order", "exchange size ready ticket since waiting=peer,us,exchange" },
	{ "agreed.case", "exchange notices# opened clean#" },
	{ "policy.heading", "" },
	{ "policy.notice_heading", "" },
	{ "policy.of", "exchange" },
	{ "policy.notice", "number# which=first,second,third,later first_week" },
	/* 14 and 15 */
	{ "check.heading", "" },
	{ "check.link", "" },
	{ "check.no_link", "" },
	{ "check.method", "" },
	{ "check.settings", "profile settings" },
	{ "check.csv", "file several" },
	{ "check.contest", "" },
	{ "person.heading", "" },
	{ "person", "person mail phone us" },
	{ "person.stop", "mail hint" },
	/* for the coordinator */
	{ "title.coordinator", "exchange week" },
	{ "from.coordinator", "edition# made from to clock" },
	{ "lead.coordinator", "connections# routine# recurring# insufficient# none#" },
	{ "counts.heading", "" },
	{ "counts.exchange", "" },
	{ "counts.connections", "" },
	{ "counts.routine", "" },
	{ "counts.recurring", "" },
	{ "counts.insufficient", "" },
	{ "counts.none", "" },
	{ "look.heading", "" },
	{ "look.remark", "whom exchange uneven reductions# ordered "
			 "ready notices# counted# "
			 "excused# reason" },
	{ "look.more", "more#" },
	{ "look.queue", "" },
	{ "well.heading", "" },
	{ "well.one", "whom exchange " WAY " p95 capacity known" },
	{ "well.more", "more#" },
};

const struct template_entry *
letter_entries(size_t *count)
{
	*count = COUNT(entries);
	return entries;
}
