/* method.c - what congestion means here, in plain words, for whoever is told of it and wants to check.
 *
 * Short sentences; every number that is a setting is {its key}. */
#include "method.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* clang-format off */
static const struct method_section sections[] = {
	{ "measured", "What is measured",
	  "<p>The counters of every port are read every {interval}. Two good reads, at most three of these intervals apart, "
	  "give one mean rate for the time between them. Everything else is <em>unknown</em>: a reset, an agent that does not "
	  "answer, a rate more than 5% above what the port can carry. <strong>Unknown is never zero, and never held against "
	  "anybody.</strong></p>\n"
	  "<p>Each direction is judged for itself. <strong>Out</strong> is what the polled box sends through the port, "
	  "<strong>in</strong> is what it receives there.</p>\n"
	  "<p>A <em>sample</em> is the mean of {step}. It is known when at least half of that time is.</p>\n"
	  "<p><em>Utilisation</em> is counted on the wire (layer 1): 8 &times; (octets + 20 &times; packets) a second, divided "
	  "by the capacity. The 20 octets are the gap and the preamble that every frame costs. A port full of 64-octet frames "
	  "carries 76% of its bits as frames, and is full. Where the packets are unknown, or do not fit the octets (fewer "
	  "than 60 or "
	  "more than 9216 octets each), they are left out, and the page says so.</p>\n"
	  "<p><em>Capacity</em> is the smaller of what the port can carry and what was contracted. What it can carry is the "
	  "setting, else the sum of the members of its bundle that are up, else the speed that the interface reports. Where "
	  "traffic above the contract is only billed, the contract limits nothing. Without a capacity nothing is judged.</p>\n" },
	{ "episodes", "Samples, runs, spikes and episodes",
	  "<dl>\n<dt>Congested sample</dt><dd>Utilisation of {congested} or more. Outgoing traffic on an agent whose discard "
	  "counters are trusted has a second witness: {discard-floor} or more, and at least {discard-share} of the packets "
	  "offered dropped.</dd>\n"
	  "<dt>Live sample</dt><dd>A congested one, or one of {clear} or more.</dd>\n"
	  "<dt>Run</dt><dd>It begins with a congested sample and lasts while live ones follow. It is over when samples that are "
	  "not live have lasted {clear-hold} in a row, or when more than {bridge} in a row are unknown. Either way it ends with "
	  "its last live sample. Short dips and gaps inside it count as part of it.</dd>\n"
	  "<dt>Spike</dt><dd>A run shorter than {sustain}. It is listed, and always excused.</dd>\n"
	  "<dt>Sustained episode</dt><dd>A run of {sustain} or longer. One that still goes on counts from the sample that "
	  "makes it "
	  "so long, with all its minutes.</dd>\n</dl>\n"
	  "<p>The pages also show what is never part of a verdict: <em>hot</em>, a port whose peaks come close; "
	  "<em>saturated</em>, "
	  "98% or more, or 1% of packets dropped, for 10 minutes; <em>loss</em>, 1% of packets dropped for {sustain} however "
	  "full it "
	  "is; <em>microbursts</em>, drops while the mean is low.</p>\n" },
	{ "days", "Traffic days",
	  "<p>A <em>traffic day</em> begins at {day-start}, local time of the exchange, and ends when the next one begins. "
	  "So one "
	  "evening is one day, also past midnight. On the days on which clocks change it has 23 or 25 hours. A traffic week "
	  "begins on Monday with its traffic day.</p>\n"
	  "<p>A <em>congested day</em> holds {congested-day} or more of sustained episodes. A day is <em>valid</em> when at "
	  "least "
	  "{valid-share} of it is known. Every day has one state, the first of these that fits:</p>\n"
	  "<ol>\n<li><b>declared</b>: congested, and at least half of the minutes lie in declared windows.</li>\n"
	  "<li><b>reduced capacity</b>: congested, and more than half of the minutes fell while capacity was missing and "
	  "excused.</li>\n"
	  "<li><b>unclassified</b>: congested, short enough for a flash event, but with fewer than 3 valid days in the 28 "
	  "before it "
	  "to compare with. It is not excused, and warns of nothing.</li>\n"
	  "<li><b>flash</b>: congested by a flash event.</li>\n"
	  "<li><b>congested</b>: all other congested days, valid or not.</li>\n"
	  "<li><b>unknown</b>: not congested as far as is known, and not valid.</li>\n"
	  "<li><b>clean</b>: all others.</li>\n</ol>\n" },
	{ "excuses", "What is excused",
	  "<h3>Flash events</h3>\n"
	  "<p>A one-off is not a routine: a game that is launched, a match, an attack. Congested days that follow each other, "
	  "with at most one other day between two of them, are one <em>cluster</em>. Declared and reduced-capacity days are left "
	  "out of it. It is excused as a flash event when all of this holds:</p>\n"
	  "<ol>\n<li>From its first day to its last it spans at most {flash-span} days.</li>\n"
	  "<li>The port was large enough without it: for at least half of its congested minutes the usual utilisation of that "
	  "hour is below {flash-baseline}. Usual is the median of what is known within 30 minutes of the same time on the 28 "
	  "days "
	  "before the cluster. Where nothing is known of them, it does not count as below.</li>\n"
	  "<li>It is one of the first {flash-count} such events in 28 days.</li>\n"
	  "<li>None of its days was needed by rule A or B below while that rule held. If one was, the excuse is withdrawn, "
	  "and the "
	  "report says so: what comes back every week is no one-off.</li>\n</ol>\n"
	  "<h3>Declared windows</h3>\n"
	  "<p>Somebody named a time and its cause, at most seven days long: an event, works, an attack, a failover, or "
	  "trouble of "
	  "the exchange or of ours. It is shown as declared and never deleted. With more than 10 declared days in 28 every page "
	  "says so.</p>\n"
	  "<h3>Reduced capacity</h3>\n"
	  "<p>Capacity is reduced below 95% of the nominal one: the setting, else the largest that held for 24 hours within the "
	  "last 400 days. A reduction ends when 95% are back for 24 hours. What is congested for lack of it is excused on "
	  "days that "
	  "begin within 7 days of its start, or while the exchange or we declared to be the cause. An unknown capacity counts as "
	  "the last known one.</p>\n"
	  "<h3>The excuse of one episode</h3>\n"
	  "<p><em>Declared</em>, when at least half of its minutes lie in declared windows; else <em>reduced capacity</em>, "
	  "when more "
	  "than half are reduced and excused; else <em>flash</em>, when that is the state of the day that holds most of it, the "
	  "earlier of two. Else it has none, and counts.</p>\n"
	  "<h3>Upgrades</h3>\n"
	  "<p>When the nominal capacity grows by a tenth or more, what was before it no longer counts. Counting begins anew with "
	  "the traffic day that holds the instant 24 hours after. Until enough days are known the old verdict is shown as old, "
	  "<em>upgraded, under observation</em>; then as <em>cured by upgrade</em>, when 14 valid days meet the rule for "
	  "leaving.</p>\n" },
	{ "verdicts", "Verdicts",
	  "<p>The rules count days; today counts as soon as it is a congested day. A, B and the weekday rule count congested "
	  "days "
	  "whatever they look like, but never declared or reduced-capacity ones.</p>\n"
	  "<dl>\n<dt>Routine: the policy is not met</dt>\n<dd>One of these holds:\n<ul>\n"
	  "<li><b>A</b>, week after week: this traffic week and the three before it hold at least 8 congested days, and at least "
	  "3 of these 4 weeks hold at least 2 each.</li>\n"
	  "<li><b>B</b>, the same weekday: today and the same weekday in at least 5 of the 7 weeks before are congested "
	  "days. Once "
	  "met it holds for 7 days.</li>\n"
	  "<li><b>C</b>, full as a habit: of the last 30 days, without flash, declared and reduced-capacity ones, at least "
	  "14 are "
	  "valid and at least 8 congested, and the 95th percentile (nearest rank) of their known samples is {congested} or "
	  "more.</li>\n</ul></dd>\n"
	  "<dt>Recurring: a warning</dt>\n<dd>One of these holds:\n<ul>\n"
	  "<li>3 of the last 7 days are in the state <em>congested</em>.</li>\n"
	  "<li>Today and the same weekday in at least 3 of the 4 weeks before are congested days; it holds for 7 days.</li>\n"
	  "<li><b>D</b>, daily and short: 30 minutes or more of runs, spikes included, on 20 of the last 28 "
	  "days.</li>\n</ul></dd>\n"
	  "<dt>Insufficient data</dt>\n<dd>Neither, and fewer than 14 of the last 28 days are valid (fewer than 7 since an "
	  "upgrade within them). The last verdict is given with "
	  "its date, as what it is: old. It is never mailed.</dd>\n"
	  "<dt>None</dt>\n<dd>All else.</dd>\n</dl>\n"
	  "<p>A day's verdict is the one that stood at its end. What became known later counts from the next day on.</p>\n"
	  "<p><strong>Entering.</strong> <em>Routine</em> begins only on a congested day that is neither declared nor reduced. "
	  "<strong>Leaving.</strong> It stays until none of A, B and C holds <em>and</em> the last 14 valid days are at "
	  "hand, hold "
	  "at most 2 congested days (flash events included), and have a 95th percentile below {clear}; or until an upgrade.</p>\n"
	  "<p>Of two directions, and of the ports of one report, the graver verdict counts: routine, recurring, insufficient "
	  "data, "
	  "none. All ports of one peer at one exchange are a <em>connection</em>, judged by their sums: a full port beside a "
	  "free one "
	  "is uneven load, not a lack of capacity.</p>\n"
	  "<p>A port that passes to another peer is judged from then on. Days and hours before are still shown, as a former "
	  "peer's, and are not held against the present one.</p>\n" },
	{ "advice", "What is advised about capacity",
	  "<p>Once a day, after its traffic day has ended, each port gets advice for each direction, and so does "
	  "each connection, by the sums of its ports. It stands beside the "
	  "verdict, is never part of it, and leaves the house only when somebody takes it along. It rests on means of 300 "
	  "seconds, on the wire as above; what is excused is in it too. Every sample counts against the contract that was in "
	  "force then; what the port carried while it was another peer's is unknown.</p>\n"
	  "<dl>\n<dt>Load</dt><dd>The 95th percentile (nearest rank) and the fullest 300 seconds of the last 28 traffic "
	  "days. With less than half of them known nothing is said of load, N-1 and size.</dd>\n"
	  "<dt>N-1</dt><dd>The same traffic as shares of what a bundle would have left if its largest member failed (and not "
	  "more than was contracted). Where the members are not known there is no figure. Of a connection its "
	  "largest port fails, by what it may carry; nothing is said when that would leave nothing.</dd>\n"
	  "<dt>Growth</dt><dd>Of each closed traffic week of the last 26 of which {valid-share} is known, the 95th "
	  "percentile; at least 6 such weeks, one of them in the last 4. The growth is the median of the slopes between all "
	  "pairs of weeks (Theil and Sen), so that some odd weeks, as at Christmas, do not move it. It is taken from rates: "
	  "an upgrade is no decline. It is called growth only when it would hardly come about by chance (the lower end of "
	  "its 95% interval is above 0) and when the last 8 weeks by themselves still grow at least half as fast: what has "
	  "ended is not carried on. Then it is drawn on to {congested}, 104 weeks at most. When 2 of the last 3 valid weeks "
	  "were there, it is there already. Half a year cannot tell a season from growth: in autumn much seems to "
	  "grow.</dd>\n"
	  "<dt>Size</dt><dd>The smallest capacity that would have stayed below 70% for 99% of the last 28 days. Published "
	  "advice to upgrade begins between 50% and 80%; 70% is in its middle. Not the 95th percentile, which leaves out more "
	  "than an hour a day, and so the very evenings in question; not the largest sample, which is one attack or one match. A "
	  "hundredth of 28 days is 6.7 hours: less than the 8 congested days of an hour that rule A asks for, more than two "
	  "flash events of 3 such days. The sizes are those that exchanges sell: 1G, one to four of 10G, one to "
	  "three of 100G, one to eight of 400G, then 800G; two and three of 25G where the port is of 25G. A port that "
	  "was full may have held traffic back, and then the size is the least.</dd>\n</dl>\n" },
	{ "limits", "What it does not say",
	  "<ul>\n<li><strong>Not whose fault it is.</strong> A full direction says that there is more traffic than room. Who "
	  "sends it, and who should have ordered more, it does not say.</li>\n"
	  "<li><strong>Not how much was lost.</strong> Drops are counted only where the polled box makes them, on the way "
	  "out. What "
	  "is full on the way in is dropped by the other side: a report then says <q>not measurable from our side</q>.</li>\n"
	  "<li><strong>Not what happens within a sample.</strong> A mean of {step} hides bursts. The verdict <em>none</em> is no "
	  "proof that nothing was ever full.</li>\n"
	  "<li><strong>Nothing about unknown time.</strong> <em>Insufficient data</em> accuses nobody.</li>\n"
	  "<li><strong>Nothing about one peer among many.</strong> On a port shared by many peers no single one is named.</li>\n"
	  "<li><strong>Nothing about money.</strong> What is above a billed rate is an invoice, not congestion.</li>\n</ul>\n" },
};

static const char *const readings[] = {
	"A connection is summed step by step: unknown as soon as one of its ports is; a port that is down adds neither rate nor "
	"capacity, and one that was down for a part of the step adds capacity for the rest of it. A peer's only port is its "
	"connection. A window declared for one of its ports, or for that port's agent, counts for the connection, too: works on one "
	"port fill the other.",
	"A port joins its peer's connection with its own past, and leaves it when its agent lists it no more or when nothing claims "
	"it. One whose agent is silent has not left: the sum is unknown.",
	"A contract holds from the first step that starts after it was agreed; the one before holds for the time before.",
	"A port that changes hands begins anew: the time in which it was another known peer's is unknown to the judgement of the "
	"present one, and only its capacity is remembered.",
	"A port that is re-patched goes on under another name: what was known of the old port before that instant, its capacities, "
	"its contract and the windows declared for it, is the new one's past, and is judged as if it had been one port all the time. "
	"In the peer's connection each moment is counted once: on the old port before, on the new one after.",
	"What a peer is told is judged by the profile of the reports, once a traffic day, when that has ended.",
	"Minutes go by the clock: an episode across the beginning of a day gives each day its own. Samples, and the share of a day "
	"that is known, belong to the day in which their step starts.",
	"Capacity is known wherever the physical one is. A contract that is not known limits nothing.",
	"A capacity has <q>held for 24 hours</q> when it is the smallest of some 24 hours on end, wherever these begin.",
	"Shares are compared as quotients, without rounding: 79.99% of a day is not 80%.",
	"A day with reduced capacity <q>begins inside a window</q> of the exchange or of ours when the instant at which the day "
	"begins lies in that window.",
	"An episode is excused for reduced capacity by its own minutes, more than half of them; its day need not be a congested one.",
	"To leave <em>routine</em>, the 95th percentile is taken over the samples of the 14 valid days alone. The congested days are "
	"counted over all days from the first of them to today.",
	"An upgrade also ends a hold of 7 days (rule B, and the weekday rule) that was met before it.",
	"When an upgrade lies within the last 28 days, 7 valid days since then are enough for a verdict.",
	"Every cluster that meets the first two conditions of a flash event takes one of the {flash-count} places in 28 days, also one "
	"that is unclassified, or whose excuse was withdrawn.",
	"Unknown samples between samples that are not live do not end a run earlier: they add no time to the {clear-hold}, and do not "
	"begin it anew.",
};
/* clang-format on */

const struct method_section *
method_section_at(size_t i)
{
	return i < COUNT(sections) ? &sections[i] : NULL;
}

const char *
method_reading_at(size_t i)
{
	return i < COUNT(readings) ? readings[i] : NULL;
}
