/* worker.h - the worker process: draws and reads series, one job after another, with one thread and no secrets. */
#ifndef WEB_WORKER_H
#define WEB_WORKER_H

#define WORKER_OPTION "--graph-worker"
#define WORKER_FD     3 /* its socket to the parent */

/* Serves jobs until the parent goes away; returns the exit status. */
int worker_main(const char *state_dir);

#endif
