/* snapshot.c - body of ixwatch/snapshot.h: written aside and renamed, found by id.  Reading: snapshot_read.c. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/series_internal.h"
#include "store/snapshot_format.h"

#define VIEWS_A_PIECE 64

static const char *const reason_texts[UNKNOWN_REASON_COUNT] = {
	[UNKNOWN_NOT] = "",
	[UNKNOWN_NO_SAMPLE_YET] = "no sample yet: it takes two reads of the counters",
	[UNKNOWN_AGENT_SILENT] = "the agent does not answer",
	[UNKNOWN_VANISHED] = "the agent no longer lists this interface",
	[UNKNOWN_NO_CAPACITY] =
	    "no capacity known: the agent reports no speed and the configuration sets none",
	[UNKNOWN_COUNTERS] =
	    "the counters prove nothing: they were reset, or moved faster than the port can carry",
	[UNKNOWN_NO_64BIT] =
	    "the agent has no 64-bit counters for this interface, and 32-bit ones may wrap "
	    "unseen at its speed",
};

const char *
snapshot_flag_name(unsigned flag)
{
	switch (flag) {
	case SNAPSHOT_SATURATED: return "saturated";
	case SNAPSHOT_LOSS: return "loss";
	case SNAPSHOT_MICROBURST: return "microburst";
	case SNAPSHOT_HOT: return "hot";
	default: return "";
	}
}

const char *
snapshot_reason_text(enum unknown_reason reason)
{
	return (unsigned)reason < UNKNOWN_REASON_COUNT ? reason_texts[reason] : "";
}

static double
bps_of(uint32_t mbps)
{
	return mbps == 0 ? NAN : mbps * 1e6;
}

double
snapshot_interface_bps(const struct snapshot_port *port)
{
	return bps_of(port->interface_mbps);
}

double
snapshot_lag_bps(const struct snapshot_port *port)
{
	return bps_of(port->lag_mbps);
}

double
snapshot_largest_member_bps(const struct snapshot_port *port)
{
	return bps_of(port->largest_member_mbps);
}

uint32_t
snapshot_mbps(double bps)
{
	if (!(bps > 0))
		return 0;
	return bps < UINT32_MAX * 1e6 ? (uint32_t)(bps / 1e6 + 0.5) : UINT32_MAX;
}

/* --- the file --- */

bool
snapshot_paths_set(struct snapshot_paths *paths, const char *state_dir, struct error *err)
{
	if (snprintf(paths->file, sizeof(paths->file), "%s/snapshot", state_dir) >=
	    (int)sizeof(paths->file))
		return error_set(err, ERR_IO, "snapshot: a path of more than %zu octets",
				 sizeof(paths->file));
	snprintf(paths->fresh, sizeof(paths->fresh), "%s.new", paths->file);
	return true;
}

uint32_t
snapshot_head_crc(const struct snapshot_head *head)
{
	return series_crc((const char *)head + SNAPSHOT_SUMMED_FROM,
			  sizeof(*head) - SNAPSHOT_SUMMED_FROM);
}

uint32_t
snapshot_ports_crc(const struct snapshot_port *ports, uint32_t count)
{
	return series_crc(ports, count * sizeof(*ports));
}

uint32_t
snapshot_agents_crc(const struct snapshot_agent *agents, uint32_t count)
{
	return series_crc(agents, count * sizeof(*agents));
}

bool
snapshot_is_ascending(const struct snapshot_port *ports, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ports[i].id <= (i == 0 ? 0 : ports[i - 1].id))
			return false;
	return true;
}

int64_t
snapshot_stamp(const char *state_dir)
{
	const uint64_t prime = UINT64_C(0x100000001b3); /* of FNV-1a, 64 bit */
	struct snapshot_paths paths = { .file = "" };
	struct stat status;
	uint64_t stamp = UINT64_C(0xcbf29ce484222325);

	if (!snapshot_paths_set(&paths, state_dir, NULL) || stat(paths.file, &status) != 0)
		return 0;
	stamp = (stamp ^ (uint64_t)status.st_dev) * prime;
	stamp = (stamp ^ (uint64_t)status.st_ino) * prime;
	stamp = (stamp ^ (uint64_t)status.st_mtim.tv_sec) * prime;
	stamp = (stamp ^ (uint64_t)status.st_mtim.tv_nsec) * prime;
	stamp = (stamp ^ (uint64_t)status.st_size) * prime;
	return (int64_t)(stamp >> 1 | 1);
}

/* --- written --- */

static int
compare_ports(const void *a, const void *b)
{
	const struct snapshot_port *left = a, *right = b;

	return (left->id > right->id) - (left->id < right->id);
}

static int
compare_views(const void *a, const void *b)
{
	return compare_ports(*(const struct snapshot_port *const *)a,
			     *(const struct snapshot_port *const *)b);
}

static bool
views_ascend(const struct snapshot_port *const *views, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (views[i]->id <= (i == 0 ? 0 : views[i - 1]->id))
			return false;
	return true;
}

/* By id; refused when an id is there twice. */
static bool
views_sort(const struct snapshot_port **views, size_t count, struct error *err)
{
	if (views_ascend(views, count))
		return true;
	qsort(views, count, sizeof(*views), compare_views);
	return views_ascend(views, count) ||
	       error_set(err, ERR_PARSE, "snapshot: a port id twice, or below 1");
}

static struct snapshot_head
head_of(const struct snapshot *snapshot, uint32_t ports_crc)
{
	struct snapshot_head head = {
		.magic = SNAPSHOT_MAGIC,
		.version = SNAPSHOT_VERSION,
		.ports_crc = ports_crc,
		.agents_crc = snapshot_agents_crc(snapshot->agents, snapshot->agent_count),
		.head_len = sizeof(struct snapshot_head),
		.port_len = sizeof(struct snapshot_port),
		.agent_len = sizeof(struct snapshot_agent),
		.port_count = snapshot->port_count,
		.agent_count = snapshot->agent_count,
		.interval_sec = snapshot->interval_sec,
		.collector_pid = snapshot->collector_pid,
		.rounds = snapshot->rounds,
		.rounds_late = snapshot->rounds_late,
		.round_utc_sec = snapshot->round_utc_sec,
		.started_utc_sec = snapshot->started_utc_sec,
	};

	memcpy(head.self, snapshot->self, sizeof(head.self));
	head.head_crc = snapshot_head_crc(&head);
	return head;
}

static bool
write_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t done = write(fd, at, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		at += done;
		len -= (size_t)done;
	}
	return true;
}

/* In pieces: all of them at once would be a second copy of what 100,000 ports hold. */
static bool
write_views(int fd, const struct snapshot_port *const *views, size_t count, uint32_t *crc)
{
	struct snapshot_port piece[VIEWS_A_PIECE];

	*crc = 0;
	for (size_t i = 0; i < count;) {
		size_t n = 0;

		while (n < VIEWS_A_PIECE && i < count)
			piece[n++] = *views[i++];
		*crc = series_crc_more(*crc, piece, n * sizeof(*piece));
		if (!write_all(fd, piece, n * sizeof(*piece)))
			return false;
	}
	return true;
}

static bool
write_parts(int fd, const struct snapshot *snapshot, const struct snapshot_port *const *views)
{
	struct snapshot_head head = { .magic = "" };
	uint32_t ports_crc;

	if (!write_all(fd, &head, sizeof(head)) ||
	    !write_views(fd, views, snapshot->port_count, &ports_crc) ||
	    !write_all(fd, snapshot->agents, snapshot->agent_count * sizeof(*snapshot->agents)))
		return false;
	head = head_of(snapshot, ports_crc);
	return lseek(fd, 0, SEEK_SET) == 0 && write_all(fd, &head, sizeof(head));
}

static bool
write_fresh(const struct snapshot_paths *paths, const struct snapshot *snapshot,
	    const struct snapshot_port *const *views, struct error *err)
{
	int fd = open(paths->fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	bool done;

	if (fd < 0)
		return error_set(err, ERR_IO, "%s: %s", paths->fresh, strerror(errno));
	done = write_parts(fd, snapshot, views);
	if (!done)
		error_set(err, ERR_IO, "%s: %s", paths->fresh, strerror(errno));
	if (close(fd) != 0 && done)
		done = error_set(err, ERR_IO, "%s: %s", paths->fresh, strerror(errno));
	return done;
}

static bool
replace(const struct snapshot_paths *paths, const struct snapshot *snapshot,
	const struct snapshot_port *const *views, struct error *err)
{
	if (!write_fresh(paths, snapshot, views, err)) {
		unlink(paths->fresh);
		return false;
	}
	if (rename(paths->fresh, paths->file) == 0)
		return true;
	error_set(err, ERR_IO, "%s: %s", paths->file, strerror(errno));
	unlink(paths->fresh);
	return false;
}

bool
snapshot_write_views(const char *state_dir, const struct snapshot *snapshot,
		     const struct snapshot_port **views, struct error *err)
{
	struct snapshot_paths paths = { .file = "" };

	return snapshot_paths_set(&paths, state_dir, err) &&
	       views_sort(views, snapshot->port_count, err) &&
	       replace(&paths, snapshot, views, err);
}

bool
snapshot_write(const char *state_dir, const struct snapshot *snapshot, struct error *err)
{
	const struct snapshot_port **views =
	    calloc((size_t)snapshot->port_count + 1, sizeof(*views));
	bool done;

	if (views == NULL)
		return error_set(err, ERR_NOMEM, "snapshot: out of memory");
	for (size_t i = 0; i < snapshot->port_count; i++)
		views[i] = &snapshot->ports[i];
	done = snapshot_write_views(state_dir, snapshot, views, err);
	free(views);
	return done;
}

/* --- used --- */

void
snapshot_free(struct snapshot *snapshot)
{
	if (snapshot == NULL)
		return;
	free(snapshot->ports);
	free(snapshot->agents);
	free(snapshot);
}

const struct snapshot_port *
snapshot_port_find(const struct snapshot *snapshot, int64_t id)
{
	struct snapshot_port key = { .id = id };

	if (snapshot->port_count == 0)
		return NULL;
	return bsearch(&key, snapshot->ports, snapshot->port_count, sizeof(key), compare_ports);
}
