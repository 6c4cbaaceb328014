/* report_part.h - the parts of `ixwatch report`, one function each; argv[0] is the part's own name. */
#ifndef COLLECTOR_COMMANDS_REPORT_PART_H
#define COLLECTOR_COMMANDS_REPORT_PART_H

int report_command_list(int argc, char **argv);
int report_command_approve(int argc, char **argv);
int report_command_hold(int argc, char **argv);
int report_command_release(int argc, char **argv);
int report_command_note(int argc, char **argv);
int report_command_order(int argc, char **argv);
int report_command_order_end(int argc, char **argv);
int report_command_dispute(int argc, char **argv);
int report_command_decide(int argc, char **argv);
int report_command_optout(int argc, char **argv);
int report_command_optin(int argc, char **argv);
int report_command_revoke(int argc, char **argv);

#endif
