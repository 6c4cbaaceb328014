/* user_parts.h - what the parts of `ixwatch user` share, and those in files of their own; argv[0] is the part's own name. */
#ifndef COLLECTOR_COMMANDS_USER_PARTS_H
#define COLLECTOR_COMMANDS_USER_PARTS_H

#include "ixwatch/accounts.h"
#include "ixwatch/config.h"

int user_command_list(int argc, char **argv);

/* The configuration, when it names a users file; NULL with what is wrong said. */
struct config *user_config_open(const char *command, const char *file);
/* The accounts as they are; none when there is no file yet. */
bool user_accounts_load(struct accounts **accounts, const struct config *config, struct error *err);

/* A password of an allowed length: asked for on the terminal, twice, without echo; else a line of standard input. */
#define USER_PASSWORD_ROOM (PASSWORD_MAX + 2)
bool user_password_take(char password[USER_PASSWORD_ROOM], struct error *err);

#endif
