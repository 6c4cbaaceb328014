/* follow.h - a program that `ixwatch run` started does not outlive it. */
#ifndef IXWATCH_FOLLOW_H
#define IXWATCH_FOLLOW_H

/* Where the environment says so (IXWATCH_SUPERVISED), this process ends when its parent does. */
void follow_parent(void);

#endif
