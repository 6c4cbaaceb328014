/* members.c - see members.h. */
#include "measure/members.h"

#include <math.h>

#define LACP_SYNCHRONIZED_AND_COLLECTING 0x18

static enum member_lacp
lacp_of(const struct counter_read *read, uint32_t lag_if_index)
{
	bool collects = (read->lacp_state & LACP_SYNCHRONIZED_AND_COLLECTING) ==
			LACP_SYNCHRONIZED_AND_COLLECTING;

	if ((read->has & READING_HAS_ATTACHED) == 0)
		return LACP_SILENT;
	if (read->attached_if_index != lag_if_index)
		return LACP_OUT;
	return (read->has & READING_HAS_LACP) == 0 || collects ? LACP_IN : LACP_OUT;
}

struct member
member_of_read(const struct counter_read *read, uint32_t lag_if_index)
{
	return (struct member) { .answered = true,
				 .oper = read->oper,
				 .speed_bps = read->speed_bps,
				 .lacp = lacp_of(read, lag_if_index) };
}

/* Whether the LAG MIB describes this LAG at all. */
static bool
lacp_is_believed(const struct member *members, size_t count, enum reading_oper lag_oper)
{
	if (lag_oper != READING_OPER_UP)
		return true;
	for (size_t i = 0; i < count; i++)
		if (!members[i].answered ||
		    (members[i].oper == READING_OPER_UP && members[i].lacp != LACP_OUT))
			return true;
	return false;
}

static enum member_state
state_of(const struct member *member, bool believed)
{
	if (!member->answered || member->oper == READING_OPER_UNKNOWN)
		return MEMBER_UNKNOWN;
	if (member->oper == READING_OPER_DOWN)
		return MEMBER_DOWN;
	return member->lacp == LACP_OUT && believed ? MEMBER_DETACHED : MEMBER_LIVE;
}

static enum members_say
member_says(const struct member *member)
{
	if (!member->answered)
		return MEMBERS_UNKNOWN;
	if (member->state == MEMBER_UNKNOWN ||
	    (member->state == MEMBER_LIVE && isnan(member->speed_bps)))
		return MEMBERS_NOTHING;
	return MEMBERS_SUM;
}

struct members_capacity
members_capacity(struct member *members, size_t count, enum reading_oper lag_oper)
{
	const struct members_capacity none = { MEMBERS_NOTHING, NAN, NAN };
	struct members_capacity sum = { MEMBERS_SUM, 0, 0 };
	bool believed = lacp_is_believed(members, count, lag_oper);

	if (count == 0)
		return none;
	for (size_t i = 0; i < count; i++) {
		enum members_say say;

		members[i].state = state_of(&members[i], believed);
		say = member_says(&members[i]);
		if (say != MEMBERS_SUM && sum.say != MEMBERS_UNKNOWN)
			sum.say = say;
		if (members[i].state != MEMBER_LIVE)
			continue;
		sum.sum_bps += members[i].speed_bps;
		sum.largest_bps = fmax(sum.largest_bps, members[i].speed_bps);
	}
	if (sum.say == MEMBERS_SUM && sum.sum_bps == 0)
		sum.say = MEMBERS_UNKNOWN;
	if (sum.say != MEMBERS_SUM)
		sum.sum_bps = sum.largest_bps = NAN;
	return sum;
}
