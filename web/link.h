/* link.h - one worker process as its parent sees it: started, asked, answered, killed.
 *
 * A worker is this very program started anew with --graph-worker, so it may be started at any time, beside threads,
 * and inherits nothing but its socket.  It dies with the thread that started it. */
#ifndef WEB_LINK_H
#define WEB_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ixwatch/error.h"

#include "drawn.h"
#include "job.h"

struct link {
	pid_t pid;              /* 0: not running */
	int fd;                 /* -1: not running */
	struct job_answer head; /* of the answer coming in */
	size_t head_len;
	struct drawn *coming; /* NULL until the head is whole */
	size_t coming_len;
};

enum link_event { LINK_WAIT, LINK_ANSWERED, LINK_DEAD };

void link_init(struct link *link);
bool link_start(struct link *link, const char *state_dir, struct error *err);
/* Kills and buries it; fine when it does not run.  The signal it died of, which may be an earlier one; 0: it ended by
 * itself, or did not run. */
int link_kill(struct link *link);

/* Hands a job to an idle worker; never blocks.  False: it is of no use any more. */
bool link_send(struct link *link, const struct job *job);

/* Reads what has come; LINK_ANSWERED: *answer is the caller's. */
enum link_event link_read(struct link *link, struct drawn **answer);

#endif
