/* user_password.c - a password comes from the terminal or from standard input; never from the command line, which others
 * can see. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "commands/user_parts.h"

static bool
check_password(const char *password, struct error *err)
{
	size_t len = strlen(password);

	if (len < PASSWORD_MIN || len > PASSWORD_MAX)
		return error_set(err, ERR_USAGE, "a password of %zu octets; allowed: %d to %d", len,
				 PASSWORD_MIN, PASSWORD_MAX);
	return true;
}

/* One line of standard input, without its end. */
static bool
read_line(char *dst, size_t len, struct error *err)
{
	if (fgets(dst, (int)len, stdin) == NULL)
		return error_set(err, ERR_USAGE, "standard input ended before a password came");
	size_t end = strcspn(dst, "\r\n");
	if (dst[end] == '\0' && end == len - 1)
		return error_set(err, ERR_USAGE, "the password is longer than %d octets",
				 PASSWORD_MAX);
	dst[end] = '\0';
	return true;
}

/* Who is interrupted at the prompt gets the terminal back as it was. */
static struct termios terminal;

static void
on_end(int number)
{
	tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
	raise(number); /* again, and not to us: SA_RESETHAND */
}

static void
hide(bool hidden)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction act = { .sa_handler = hidden ? on_end : SIG_DFL,
				 .sa_flags = SA_RESETHAND };
	struct termios unseen = terminal;

	unseen.c_lflag &= ~(tcflag_t)ECHO;
	for (size_t i = 0; hidden && i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaction(ends[i], &act, NULL);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, hidden ? &unseen : &terminal);
	for (size_t i = 0; !hidden && i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaction(ends[i], &act, NULL);
}

/* From the terminal, unseen. */
static bool
ask_terminal(char *dst, size_t len, const char *prompt, struct error *err)
{
	tcgetattr(STDIN_FILENO, &terminal);
	hide(true);
	fputs(prompt, stderr);
	fflush(stderr);
	bool done = read_line(dst, len, err);
	hide(false);
	fputc('\n', stderr);
	return done;
}

bool
user_password_take(char password[USER_PASSWORD_ROOM], struct error *err)
{
	char again[USER_PASSWORD_ROOM];

	if (!isatty(STDIN_FILENO))
		return read_line(password, USER_PASSWORD_ROOM, err) &&
		       check_password(password, err);
	if (!ask_terminal(password, USER_PASSWORD_ROOM, "Password: ", err) ||
	    !check_password(password, err) ||
	    !ask_terminal(again, sizeof(again), "The same again: ", err))
		return false;
	bool same = strcmp(password, again) == 0;
	explicit_bzero(again, sizeof(again));
	return same || error_set(err, ERR_USAGE, "the two are not the same; nothing was changed");
}
