/* snapshot_read.c - a snapshot is believed only when all of it fits: length, sums, and every value's range. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/snapshot_format.h"

static bool
read_all(int fd, void *data, size_t len)
{
	char *at = data;

	while (len > 0) {
		ssize_t got = read(fd, at, len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		len -= (size_t)got;
	}
	return true;
}

/* The counts are believed only as far as the file is long. */
static bool
check_head(const struct snapshot_head *head, uint64_t file_len, const char *path, struct error *err)
{
	uint64_t want;

	if (memcmp(head->magic, SNAPSHOT_MAGIC, sizeof(head->magic)) != 0)
		return error_set(err, ERR_PARSE, "%s: is no snapshot", path);
	if (head->version != SNAPSHOT_VERSION || head->head_len != sizeof(struct snapshot_head) ||
	    head->port_len != sizeof(struct snapshot_port) ||
	    head->agent_len != sizeof(struct snapshot_agent))
		return error_set(err, ERR_PARSE,
				 "%s: was written by another version of ixwatch (format %" PRIu32
				 ", this one reads %d)",
				 path, head->version, SNAPSHOT_VERSION);
	if (snapshot_head_crc(head) != head->head_crc)
		return error_set(err, ERR_PARSE, "%s: is damaged (its sum does not fit)", path);
	want = sizeof(*head) + (uint64_t)head->port_count * sizeof(struct snapshot_port) +
	       (uint64_t)head->agent_count * sizeof(struct snapshot_agent);
	if (file_len != want)
		return error_set(err, ERR_PARSE,
				 "%s: has %" PRIu64 " octets, its head promises %" PRIu64, path,
				 file_len, want);
	return true;
}

static bool
is_port_sound(const struct snapshot_port *port)
{
	for (int i = 0; i < DIRECTION_COUNT; i++)
		if (port->layer2[i] > 1 || port->run[i] > 2 || port->flags[i] > SNAPSHOT_FLAG_ALL)
			return false;
	return port->time_is_ours <= 1 && port->state < STATE_COUNT &&
	       port->verdict < VERDICT_COUNT && port->capacity_source < CAPACITY_SOURCE_COUNT &&
	       port->physical_source < CAPACITY_SOURCE_COUNT && port->in_lag <= 1 &&
	       port->reason < UNKNOWN_REASON_COUNT;
}

#define IS_ENDED(text) (memchr((text), '\0', sizeof(text)) != NULL)

/* Counts, sizes and times: 0 or more, or unknown. */
static bool
are_sound(const double *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!isnan(numbers[i]) && (numbers[i] < 0 || isinf(numbers[i])))
			return false;
	return true;
}

static bool
is_agent_sound(const struct snapshot_agent *agent)
{
	return are_sound(agent->self, SELF_AGENT_COUNT) && IS_ENDED(agent->exchange) &&
	       IS_ENDED(agent->name) && IS_ENDED(agent->address) && IS_ENDED(agent->trouble);
}

/* A sum that fits proves the disk; this proves the writer. */
static bool
check_body(const struct snapshot *snapshot, const char *path, struct error *err)
{
	if (!snapshot_is_ascending(snapshot->ports, snapshot->port_count))
		return error_set(err, ERR_PARSE, "%s: port ids do not ascend", path);
	for (uint32_t i = 0; i < snapshot->port_count; i++)
		if (!is_port_sound(&snapshot->ports[i]))
			return error_set(err, ERR_PARSE,
					 "%s: port %" PRId64 ": a value that is none of its kind",
					 path, snapshot->ports[i].id);
	for (uint32_t i = 0; i < snapshot->agent_count; i++)
		if (!is_agent_sound(&snapshot->agents[i]))
			return error_set(err, ERR_PARSE,
					 "%s: agent %" PRIu32
					 ": a text without end, or a number that is none",
					 path, i);
	if (!are_sound(snapshot->self, SELF_COUNT))
		return error_set(err, ERR_PARSE, "%s: a number of the collector that is none",
				 path);
	return true;
}

static struct snapshot
snapshot_of(const struct snapshot_head *head)
{
	struct snapshot snapshot = {
		.round_utc_sec = head->round_utc_sec,
		.started_utc_sec = head->started_utc_sec,
		.interval_sec = head->interval_sec,
		.collector_pid = head->collector_pid,
		.rounds = head->rounds,
		.rounds_late = head->rounds_late,
		.port_count = head->port_count,
		.agent_count = head->agent_count,
	};

	memcpy(snapshot.self, head->self, sizeof(snapshot.self));
	return snapshot;
}

static bool
read_body(int fd, const struct snapshot_head *head, struct snapshot *snapshot, const char *path,
	  struct error *err)
{
	size_t ports_len = head->port_count * sizeof(*snapshot->ports);
	size_t agents_len = head->agent_count * sizeof(*snapshot->agents);

	*snapshot = snapshot_of(head);
	snapshot->ports = malloc(ports_len > 0 ? ports_len : 1);
	snapshot->agents = malloc(agents_len > 0 ? agents_len : 1);
	if (snapshot->ports == NULL || snapshot->agents == NULL)
		return error_set(err, ERR_NOMEM, "%s: out of memory", path);
	if (!read_all(fd, snapshot->ports, ports_len) ||
	    !read_all(fd, snapshot->agents, agents_len))
		return error_set(err, ERR_PARSE, "%s: ends early", path);
	if (snapshot_ports_crc(snapshot->ports, snapshot->port_count) != head->ports_crc ||
	    snapshot_agents_crc(snapshot->agents, snapshot->agent_count) != head->agents_crc)
		return error_set(err, ERR_PARSE, "%s: is damaged (its sum does not fit)", path);
	return check_body(snapshot, path, err);
}

static bool
read_open(int fd, struct snapshot *snapshot, const char *path, struct error *err)
{
	struct snapshot_head head;
	struct stat status;

	if (fstat(fd, &status) != 0)
		return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return error_set(err, ERR_PARSE, "%s: is not a file", path);
	if (!read_all(fd, &head, sizeof(head)))
		return error_set(err, ERR_PARSE, "%s: ends early", path);
	return check_head(&head, (uint64_t)status.st_size, path, err) &&
	       read_body(fd, &head, snapshot, path, err);
}

bool
snapshot_read(const char *state_dir, struct snapshot **out, struct error *err)
{
	struct snapshot *snapshot;
	struct snapshot_paths paths = { .file = "" };
	bool done;
	int fd;

	if (!snapshot_paths_set(&paths, state_dir, err))
		return false;
	fd = open(paths.file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return error_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s",
				 paths.file, strerror(errno));
	snapshot = calloc(1, sizeof(*snapshot));
	done = snapshot != NULL ? read_open(fd, snapshot, paths.file, err)
				: error_set(err, ERR_NOMEM, "%s: out of memory", paths.file);
	close(fd);
	if (done)
		*out = snapshot;
	else
		snapshot_free(snapshot);
	return done;
}
