/* program.h - where our own programs lie. */
#ifndef COLLECTOR_COMMANDS_PROGRAM_H
#define COLLECTOR_COMMANDS_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "ixwatch/error.h"

#define PROGRAM_PATH_MAX 4096

/* The path of `name` in the folder of the running program. */
bool program_beside(char *dst, size_t len, const char *name, struct error *err);

#endif
