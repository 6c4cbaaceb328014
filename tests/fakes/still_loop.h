/* still_loop.h - a body of collector/loop.h and of collector/snmp/snmp.h without sockets, on a clock that is moved by hand:
 * weeks pass as fast as the stages behind them can follow. */
#ifndef TESTS_FAKES_STILL_LOOP_H
#define TESTS_FAKES_STILL_LOOP_H

#include <stdint.h>

#include "ixwatch/model.h"
#include "loop.h"

/* Fires each timer that has become due, once. */
void still_loop_fire(struct loop *loop);

/* Answers what agents were asked, and what is asked because of that. */
void still_snmp_answer(void);

struct snmp_agent;

/* What a port carries in a step that nobody polls: step_sec and end_utc_sec are the caller's. */
void still_snmp_step(struct snmp_agent *agent, unsigned if_index, struct sample *step);

#endif
