/* message_words.h - the words of a mail about alerts: how each kind is called, whose move it is, and figures, names and
 * instants as they are said.  Pure; for the files of message.h. */
#ifndef COLLECTOR_NOTIFY_MESSAGE_WORDS_H
#define COLLECTOR_NOTIFY_MESSAGE_WORDS_H

#include <stdio.h>

#include "notify/message.h"

/* Characters of a name from outside. */
#define MESSAGE_NAME_MAX  64
#define MESSAGE_NAME_SIZE (MESSAGE_NAME_MAX * 4 + 8)

/* "SATURATED", "REDUCED", "DOWN" ... */
const char *message_shout(const struct message_line *line);
/* With its value and direction: "SATURATED 98% out"; over: without the value.  Returns dst. */
char *message_headline(char *dst, size_t len, const struct message_line *line);

/* Whose move it is, by the kind of its port and where what does not fit drops. */
const char *message_move(const struct message_line *line);

/* "AS64500 ExampleNet", "AS64500", "ExampleNet", or "" */
char *message_whom(char *dst, size_t len, const struct message_line *line);
/* Where it is: "demo-fra/edge1/et-0/0/7", "demo-fra/edge1", "demo-fra", "demo-fra/AS64500". */
char *message_where(char *dst, size_t len, const struct message_line *line);

/* "2026-11-28 02:10Z (03:10 CET)"; "unknown" for 0. */
void message_put_time(FILE *to, const struct message_facts *facts, int64_t utc_sec);
/* The same without its date, where that is the day of `beside`: "02:10Z (03:10 CET)". */
void message_put_clock(FILE *to, const struct message_facts *facts, int64_t utc_sec,
		       int64_t beside_utc_sec);
/* "98.1%", "unknown" */
void message_put_share(FILE *to, double share);
void message_put_bps(FILE *to, double bps);
void message_put_duration(FILE *to, int64_t sec);

#endif
