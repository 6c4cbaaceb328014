/* program.h - where our own programs lie. */
#ifndef COLLECTOR_COMMANDS_PROGRAM_H
#define COLLECTOR_COMMANDS_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "ixwatch/error.h"

#define PROGRAM_PATH_MAX 4096

/* The path of `name` in the folder of the running program. */
bool program_beside(char *dst, size_t len, const char *name, struct error *err);

/* Begins anew, as the same process, with glibc told which sizes this program asks for again and again: that can be told
 * before the start only.  Returns when that was done, or cannot be.  argv is the command's. */
void program_tune_memory(int argc, char **argv);

#endif
