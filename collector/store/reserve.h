/* reserve.h - room kept on the disk for the day it is full.
 *
 * state-dir/reserve is a file of nothing.  When what must be durable cannot be written for want of room, it is given up:
 * journal and ledger go on for as long as it lasts, and somebody is told.  It is taken again when there is room. */
#ifndef COLLECTOR_STORE_RESERVE_H
#define COLLECTOR_STORE_RESERVE_H

#include <stdbool.h>
#include <stdint.h>

#define RESERVE_OCTETS (INT64_C(32) << 20)

enum reserve_change { RESERVE_SAME, RESERVE_TAKEN, RESERVE_GIVEN_UP };

/* To be called once in a while.  failing: something could not be written just now.  Takes the reserve where it is not
 * there and twice as much is free beside it; gives it up where something failed and next to nothing is free. */
enum reserve_change reserve_mind(const char *state_dir, int64_t octets, bool failing);

#endif
