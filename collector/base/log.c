/* log.c - body of ixwatch/log.h.  A line is `level module message`, in one write(2), so that lines of several processes
 * do not mix.  Where standard error is the journal's socket ($JOURNAL_STREAM names its device and inode: systemd.exec(5))
 * the line begins with the journal's priority, "<3>"; elsewhere with the time, RFC 3339 in UTC. */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log_body.h"
#include "base/utf8.h"
#include "ixwatch/clock.h"
#include "ixwatch/log.h"

#define LINE_MAX_OCTETS 2048

static const struct {
	const char *name;
	int priority; /* syslog(3) */
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", 3 },
	[LOG_LEVEL_WARN] = { "warn", 4 },
	[LOG_LEVEL_INFO] = { "info", 6 },
	[LOG_LEVEL_DEBUG] = { "debug", 7 },
};

static enum log_level highest = LOG_LEVEL_INFO;

void
log_level_set(enum log_level level)
{
	highest = level;
}

/* A child may inherit the variable with standard error sent elsewhere, hence the look at what it is. */
static bool
is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream != NULL && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

static size_t
put_head(char *line, size_t size, enum log_level level, const char *module)
{
	char stamp[32];
	time_t now = (time_t)clock_utc_sec();
	struct tm tm;

	if (is_journal())
		snprintf(stamp, sizeof(stamp), "<%d>", levels[level].priority);
	else if (gmtime_r(&now, &tm) == NULL ||
		 strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ ", &tm) == 0)
		stamp[0] = '\0';
	int len = snprintf(line, size, "%s%s %.32s ", stamp, levels[level].name, module);
	return len < (int)size ? (size_t)len : size - 1;
}

/* What came from outside cannot forge a second line, nor steer a terminal, nor make the journal take the line for binary. */
static size_t
clean(char *line, size_t len)
{
	size_t out = 0;

	for (size_t in = 0; in < len;) {
		uint32_t character;
		size_t octets = utf8_next(line + in, len - in, &character);

		if (octets == 0 || utf8_is_control(character)) {
			line[out++] = '?';
			in += octets == 0 ? 1 : octets;
			continue;
		}
		memmove(line + out, line + in, octets);
		out += octets;
		in += octets;
	}
	return out;
}

static void
write_whole(const char *line, size_t len)
{
	ssize_t done;

	do
		done = write(STDERR_FILENO, line, len);
	while (done < 0 && errno == EINTR);
}

void
log_line(enum log_level level, const char *module, const char *format, ...)
{
	char line[LINE_MAX_OCTETS];
	int kept_errno = errno;
	va_list args;

	if (level > highest)
		return;
	size_t head = put_head(line, sizeof(line) - 1, level, module);
	va_start(args, format);
	size_t body = log_body(line + head, sizeof(line) - 1 - head, format, args);
	va_end(args);
	if (body == sizeof(line) - 2 - head)
		memcpy(line + sizeof(line) - 5, "...", 4);
	size_t len = clean(line, strlen(line));
	line[len++] = '\n';
	write_whole(line, len);
	errno = kept_errno;
}
