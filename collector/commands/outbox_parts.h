/* outbox_parts.h - the parts of `ixwatch outbox`. */
#ifndef COLLECTOR_COMMANDS_OUTBOX_PARTS_H
#define COLLECTOR_COMMANDS_OUTBOX_PARTS_H

int outbox_command_list(int argc, char **argv);
int outbox_command_show(int argc, char **argv);
int outbox_command_retry(int argc, char **argv);
int outbox_command_drop(int argc, char **argv);
int outbox_command_test(int argc, char **argv);

#endif
