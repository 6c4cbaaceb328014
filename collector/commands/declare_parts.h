/* declare_parts.h - the parts of `ixwatch declare`, one function each; argv[0] is the part's own name. */
#ifndef COLLECTOR_COMMANDS_DECLARE_PARTS_H
#define COLLECTOR_COMMANDS_DECLARE_PARTS_H

int declare_command_add(int argc, char **argv);
int declare_command_end(int argc, char **argv);
int declare_command_list(int argc, char **argv);
int declare_command_import(int argc, char **argv);

#endif
