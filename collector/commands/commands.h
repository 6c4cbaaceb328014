/* commands.h - the commands of ixwatch, one file each.  argv[0] is the command's own name; the result is the exit status:
 * 0 done, 1 failed, 2 wrong use or configuration. */
#ifndef COLLECTOR_COMMANDS_COMMANDS_H
#define COLLECTOR_COMMANDS_COMMANDS_H

int command_run(int argc, char **argv);
int command_collect(int argc, char **argv);
int command_web(int argc, char **argv);
int command_check(int argc, char **argv);
int command_discover(int argc, char **argv);
int command_backfill(int argc, char **argv);
int command_replay(int argc, char **argv);
int command_declare(int argc, char **argv);
int command_port(int argc, char **argv);
int command_silence(int argc, char **argv);
int command_ack(int argc, char **argv);
int command_note(int argc, char **argv);
int command_outbox(int argc, char **argv);
int command_report(int argc, char **argv);
int command_mailer(int argc, char **argv);
int command_user(int argc, char **argv);
int command_status(int argc, char **argv);

#endif
