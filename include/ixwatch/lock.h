/* lock.h - one writer: whoever holds state-dir/lock may write series and ledger; all others only read.
 *
 * The lock is the kernel's (flock on an open file), so that it ends with its holder, however that ends; the file itself
 * stays, and holds the holder's process id for people to read.  A child that was forked and not executed shares the
 * lock: it calls lock_release first, which only lets go of its own share. */
#ifndef IXWATCH_LOCK_H
#define IXWATCH_LOCK_H

#include <stdbool.h>

#include "ixwatch/error.h"

struct lock;

/* Takes the lock at once or not at all, and writes this process's id into state_dir/lock.  A state directory that is not
 * there is made, mode 0750 (its parent must exist); one that cannot be used is ERR_IO and says what is wrong with it.
 * ERR_LOCKED says which process holds the lock.  lock_release ends it; the descriptor is closed on exec. */
bool lock_take(struct lock **out, const char *state_dir, struct error *err);
void lock_release(struct lock *lock); /* NULL is fine */

#endif
