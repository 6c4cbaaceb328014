/* alert_tell.c - see alert_tell.h. */
#include "notify/alert_tell.h"

static struct alert_next
after(enum alert_telling telling, int64_t since_utc_sec, int64_t due_sec, int64_t ready_sec)
{
	return (struct alert_next) { .telling = telling,
				     .due_utc_sec = since_utc_sec + due_sec,
				     .ready_utc_sec = since_utc_sec + ready_sec };
}

/* What is full is told at once. */
static struct alert_next
next_begin(enum alert_kind kind, const struct alert_told *told, const struct alert_pace *pace)
{
	bool at_once = kind == ALERT_SATURATED;

	return after(ALERT_TELL_BEGIN, told->noticed_utc_sec, at_once ? 0 : pace->window_sec,
		     at_once ? 0 : pace->patience_sec);
}

/* The coordinator has no next address: nothing of his burns. */
static struct alert_next
next_again(enum alert_kind kind, const struct alert_told *told, const struct alert_pace *pace)
{
	struct alert_next repeat =
	    after(ALERT_TELL_REPEAT, told->last_utc_sec, pace->repeat_sec, pace->repeat_sec);
	struct alert_next escalate =
	    after(ALERT_TELL_ESCALATE, told->first_utc_sec, pace->escalate_sec, pace->escalate_sec);

	return pace->escalate_sec > 0 && told->escalated_utc_sec == 0 &&
		       alert_kind_audience(kind) == ALERT_FOR_NOC &&
		       escalate.due_utc_sec < repeat.due_utc_sec
		   ? escalate
		   : repeat;
}

struct alert_next
alert_tell_next(enum alert_kind kind, const struct alert_told *told, const struct alert_pace *pace)
{
	bool was_told = told->first_utc_sec != 0, ended = told->end_noticed_utc_sec != 0;

	if (told->silenced)
		return (struct alert_next) { ALERT_TELL_NOTHING };
	if (ended)
		return was_told && told->end_utc_sec == 0
			   ? after(ALERT_TELL_END, told->end_noticed_utc_sec, pace->window_sec,
				   pace->patience_sec)
			   : (struct alert_next) { ALERT_TELL_NOTHING };
	if (told->covered)
		return (struct alert_next) { ALERT_TELL_NOTHING };
	if (!was_told)
		return next_begin(kind, told, pace);
	if (told->acknowledged)
		return (struct alert_next) { ALERT_TELL_NOTHING };
	return next_again(kind, told, pace);
}

bool
alert_tell_done(const struct alert_told *told)
{
	return told->end_noticed_utc_sec != 0 &&
	       (told->first_utc_sec == 0 || told->end_utc_sec != 0);
}

bool
alert_group_due(int64_t earliest_utc_sec, int64_t last_utc_sec, const struct alert_pace *pace,
		int64_t now_utc_sec)
{
	bool spaced = last_utc_sec == 0 || last_utc_sec > now_utc_sec ||
		      now_utc_sec - last_utc_sec >= pace->window_sec;

	return spaced && now_utc_sec >= earliest_utc_sec;
}
