/* alert.c - see alert.h. */
#include "notify/alert.h"

#include <math.h>

#define DOUBLINGS_MAX 3

int64_t
alert_clear_sec(const struct alert_state *state, const struct alert_rule *rule)
{
	int64_t sec = rule->clear_sec;

	if (state->again == 0)
		return sec;
	if (sec < ALERT_FLAP_CLEAR_SEC)
		sec = ALERT_FLAP_CLEAR_SEC;
	sec <<= state->again < DOUBLINGS_MAX ? state->again : DOUBLINGS_MAX;
	if (sec > ALERT_FLAP_SEC)
		sec = ALERT_FLAP_SEC;
	return sec > rule->clear_sec ? sec : rule->clear_sec;
}

static enum alert_change
step_unknown(struct alert_state *state, const struct alert_rule *rule, int64_t at_utc_sec)
{
	bool long_ago = at_utc_sec - state->seen_utc_sec >= rule->blind_sec;

	state->gap = true;
	if (!long_ago)
		return ALERT_SAME;
	if (!state->open) {
		state->began_utc_sec = 0;
		return ALERT_SAME;
	}
	if (state->blind_utc_sec != 0)
		return ALERT_SAME;
	state->blind_utc_sec = state->seen_utc_sec != 0 ? state->seen_utc_sec : at_utc_sec;
	return ALERT_BLIND;
}

static void
peak_take(struct alert_state *state, double value)
{
	if (!isnan(value) && !(state->peak >= value))
		state->peak = value;
}

/* Up to when it was not clear. */
static void
until_take(struct alert_state *state, const struct alert_observation *now)
{
	state->until_utc_sec = now->until_utc_sec != 0 ? now->until_utc_sec : now->at_utc_sec;
}

static void
begin(struct alert_state *state, int64_t at_utc_sec)
{
	bool flaps =
	    state->ended_utc_sec != 0 && at_utc_sec - state->ended_utc_sec <= ALERT_FLAP_SEC;

	state->again = flaps ? state->again + 1 : 0;
	state->open = true;
	state->clear_utc_sec = state->blind_utc_sec = state->held_sec = 0;
}

/* Nothing is open.  passed_sec: known time since the observation before. */
static enum alert_change
step_shut(struct alert_state *state, const struct alert_rule *rule,
	  const struct alert_observation *now, int64_t passed_sec)
{
	if (now->level != ALERT_HOT) {
		state->began_utc_sec = state->held_sec = 0;
		return ALERT_SAME;
	}
	if (state->began_utc_sec == 0) {
		state->began_utc_sec = now->at_utc_sec;
		state->held_sec = 0;
		state->peak = NAN;
	} else {
		state->held_sec += passed_sec;
	}
	if (now->since_utc_sec != 0) {
		state->began_utc_sec = now->since_utc_sec;
		state->held_sec = now->at_utc_sec - now->since_utc_sec;
	}
	peak_take(state, now->value);
	until_take(state, now);
	if (state->held_sec < rule->raise_sec)
		return ALERT_SAME;
	begin(state, now->at_utc_sec);
	return ALERT_BEGAN;
}

static enum alert_change
step_open(struct alert_state *state, const struct alert_rule *rule,
	  const struct alert_observation *now, int64_t passed_sec)
{
	bool was_blind = state->blind_utc_sec != 0;

	state->blind_utc_sec = 0;
	if (now->level != ALERT_CLEAR) {
		state->clear_utc_sec = state->held_sec = 0;
		peak_take(state, now->value);
		until_take(state, now);
		return was_blind ? ALERT_SEES : ALERT_SAME;
	}
	if (state->clear_utc_sec == 0) {
		state->clear_utc_sec = now->at_utc_sec;
		state->held_sec = 0;
	} else {
		state->held_sec += passed_sec;
	}
	if (state->held_sec < alert_clear_sec(state, rule))
		return was_blind ? ALERT_SEES : ALERT_SAME;
	state->open = false;
	state->ended_utc_sec = now->at_utc_sec;
	state->began_utc_sec = state->held_sec = 0;
	return ALERT_ENDED;
}

enum alert_change
alert_step(struct alert_state *state, const struct alert_rule *rule,
	   const struct alert_observation *observation)
{
	int64_t passed_sec = state->gap ? 0 : observation->at_utc_sec - state->seen_utc_sec;

	if (observation->at_utc_sec <= state->seen_utc_sec)
		return ALERT_SAME;
	if (observation->level == ALERT_UNKNOWN)
		return step_unknown(state, rule, observation->at_utc_sec);
	state->gap = false;
	state->seen_utc_sec = observation->at_utc_sec;
	return state->open ? step_open(state, rule, observation, passed_sec)
			   : step_shut(state, rule, observation, passed_sec);
}
