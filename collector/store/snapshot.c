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

/* The ports by id: those given, or a sorted copy in *copy (freed by the caller). */
static const struct snapshot_port *
sort(const struct snapshot *snapshot, struct snapshot_port **copy, struct error *err)
{
	size_t size = snapshot->port_count * sizeof(**copy);

	if (snapshot_is_ascending(snapshot->ports, snapshot->port_count))
		return snapshot->ports;
	*copy = malloc(size);
	if (*copy == NULL)
		return error_set(err, ERR_NOMEM, "snapshot: out of memory"), NULL;
	memcpy(*copy, snapshot->ports, size);
	qsort(*copy, snapshot->port_count, sizeof(**copy), compare_ports);
	if (!snapshot_is_ascending(*copy, snapshot->port_count))
		return error_set(err, ERR_PARSE, "snapshot: a port id twice, or below 1"), NULL;
	return *copy;
}

static struct snapshot_head
head_of(const struct snapshot *snapshot, const struct snapshot_port *ports)
{
	struct snapshot_head head = {
		.magic = SNAPSHOT_MAGIC,
		.version = SNAPSHOT_VERSION,
		.ports_crc = snapshot_ports_crc(ports, snapshot->port_count),
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

static bool
write_fresh(const struct snapshot_paths *paths, const struct snapshot *snapshot,
	    const struct snapshot_port *ports, struct error *err)
{
	struct snapshot_head head = head_of(snapshot, ports);
	int fd = open(paths->fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	bool done;

	if (fd < 0)
		return error_set(err, ERR_IO, "%s: %s", paths->fresh, strerror(errno));
	done = write_all(fd, &head, sizeof(head)) &&
	       write_all(fd, ports, snapshot->port_count * sizeof(*ports)) &&
	       write_all(fd, snapshot->agents, snapshot->agent_count * sizeof(*snapshot->agents));
	if (!done)
		error_set(err, ERR_IO, "%s: %s", paths->fresh, strerror(errno));
	if (close(fd) != 0 && done)
		done = error_set(err, ERR_IO, "%s: %s", paths->fresh, strerror(errno));
	return done;
}

static bool
replace(const struct snapshot_paths *paths, const struct snapshot *snapshot,
	const struct snapshot_port *ports, struct error *err)
{
	if (!write_fresh(paths, snapshot, ports, err)) {
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
snapshot_write(const char *state_dir, const struct snapshot *snapshot, struct error *err)
{
	struct snapshot_port *copy = NULL;
	const struct snapshot_port *ports;
	struct snapshot_paths paths = { .file = "" };
	bool done;

	if (!snapshot_paths_set(&paths, state_dir, err))
		return false;
	ports = sort(snapshot, &copy, err);
	done =
	    (ports != NULL || snapshot->port_count == 0) && replace(&paths, snapshot, ports, err);
	free(copy);
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
