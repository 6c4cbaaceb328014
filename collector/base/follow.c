/* follow.c - see follow.h. */
#include "ixwatch/follow.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

void
follow_parent(void)
{
	const char *parent = getenv("IXWATCH_SUPERVISED");

	if (parent == NULL)
		return;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != (pid_t)atol(parent)) /* it died before we asked to be told */
		raise(SIGTERM);
}
