/* history.c - `history`: the past as CSV, in the form that `ixwatch backfill --csv` and `replay --csv` read.
 *
 * A row holds the means over the interval that ends at its time; rows end at multiples of the step.  Five weeks of
 * 120 ports are eight million numbers: they are written by hand, with three decimals. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "commands.h"
#include "past.h"

static const char head[] =
    "time_utc_sec,in_bps,out_bps,in_pps,out_pps,in_discards_pps,out_discards_pps,capacity_bps\n";

#define ROW_MAX 256

static char *
put_uint(char *at, uint64_t number)
{
	char digits[20];
	int count = 0;

	do {
		digits[count++] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	while (count > 0)
		*at++ = digits[--count];
	return at;
}

/* ",123.456" */
static char *
put_rate(char *at, double rate)
{
	uint64_t milli = (uint64_t)llrint(rate * 1000.0);
	unsigned rest = (unsigned)(milli % 1000);

	*at++ = ',';
	at = put_uint(at, milli / 1000);
	if (rest == 0)
		return at;
	*at++ = '.';
	*at++ = (char)('0' + rest / 100);
	*at++ = (char)('0' + rest / 10 % 10);
	*at++ = (char)('0' + rest % 10);
	return at;
}

static void
write_row(FILE *file, int64_t end_sec, const struct past_means *means)
{
	char row[ROW_MAX], *at = put_uint(row, (uint64_t)end_sec);

	for (int d = 0; d < FLOW_DIRECTIONS; d++)
		at = put_rate(at, means->bps[d]);
	for (int d = 0; d < FLOW_DIRECTIONS; d++)
		at = put_rate(at, means->pps[d]);
	for (int d = 0; d < FLOW_DIRECTIONS; d++)
		at = put_rate(at, means->discards_pps[d]);
	if (means->capacity_bps > 0.0)
		at = put_rate(at, means->capacity_bps);
	else
		*at++ = ',';
	*at++ = '\n';
	fwrite(row, 1, (size_t)(at - row), file);
}

/* Every whole step between --from and --to. */
static void
write_history(FILE *file, const struct options *options, const struct interface *interface)
{
	int64_t step = (int64_t)options->step_sec;
	int64_t from = -floor_div(-options->from_ticks, step * TICKS_PER_SEC) * step;
	struct past past;

	past_init(&past, interface, from * TICKS_PER_SEC);
	fwrite(head, 1, sizeof(head) - 1, file);
	for (int64_t end = from + step; end * TICKS_PER_SEC <= options->to_ticks; end += step) {
		struct past_means means =
		    past_between(&past, (end - step) * TICKS_PER_SEC, end * TICKS_PER_SEC);

		write_row(file, end, &means);
	}
}

/* All but letters, digits, _ and - as %XX. */
static void
encode_name(char *dst, size_t len, const char *name)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	size_t at = 0;

	for (; *name != '\0' && at + 4 <= len; name++)
		if (strchr(plain, *name) != NULL)
			dst[at++] = *name;
		else
			at += (size_t)snprintf(dst + at, len - at, "%%%02X", (unsigned char)*name);
	dst[at] = '\0';
}

static bool
write_file(const struct agent *agent, const struct interface *interface, void *user,
	   struct complaint *complaint)
{
	const struct options *options = user;
	char path[1024], name[128];
	FILE *file;
	bool ok;

	encode_name(name, sizeof(name), interface->name);
	snprintf(path, sizeof(path), "%s/%s__%s__%s.csv", options->dir, agent->exchange->slug,
		 agent->name, name);
	file = fopen(path, "w");
	if (file == NULL)
		return complain(complaint, "%s: %s", path, strerror(errno));
	write_history(file, options, interface);
	ok = !ferror(file);
	if (fclose(file) != 0 || !ok)
		return complain(complaint, "%s: %s", path, strerror(errno));
	return true;
}

bool
command_history(const struct options *options, struct world *world, struct complaint *complaint)
{
	const struct interface *interface;

	if (options->all) {
		if (mkdir(options->dir, 0777) != 0 && errno != EEXIST)
			return complain(complaint, "%s: %s", options->dir, strerror(errno));
		return visit_ports(world, write_file, (void *)options, complaint);
	}
	interface = chosen_interface(options, world, complaint);
	if (interface == NULL)
		return false;
	write_history(stdout, options, interface);
	return true;
}
