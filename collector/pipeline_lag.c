/* pipeline_lag.c - LAGs among the ports: who their members are, how they stand each round, and what they add up to.
 *
 * A LAG is the port, its members are its capacity.  They are asked in the same round as the LAG, which waits for the last
 * of them: what they said then holds for the time until that read. */
#include "pipeline_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"

/* --- who the members are --- */

static void
members_free(struct watched_lag *lag)
{
	for (size_t i = 0; i < lag->member_count; i++) {
		free(lag->members[i].interface);
		free(lag->members[i].row_name);
	}
	free(lag->members);
	lag->members = NULL;
	lag->member_count = 0;
}

void
lag_free(struct watched_lag *lag)
{
	if (lag == NULL)
		return;
	members_free(lag);
	free(lag);
}

static struct watched_member *
member_find(const struct watched_lag *lag, const char *interface)
{
	for (size_t i = 0; i < lag->member_count; i++)
		if (strcmp(lag->members[i].interface, interface) == 0)
			return &lag->members[i];
	return NULL;
}

bool
lag_has_member(const struct watched_port *port, const char *interface)
{
	return port->lag != NULL && member_find(port->lag, interface) != NULL;
}

/* Its rows as the walk found them.  False: memory ran out, and there are none. */
static bool
members_take(struct watched_lag *lag, const struct lag_row *rows, size_t count)
{
	lag->members = calloc(count + 1, sizeof(*lag->members));
	if (lag->members == NULL)
		return false;
	for (size_t i = 0; i < count; i++) {
		struct watched_member *member = &lag->members[lag->member_count++];

		member->interface = strdup(rows[i].interface);
		member->row_name = strdup(rows[i].row->name);
		member->if_index = rows[i].row->if_index;
		member->has_name = rows[i].row->has_name;
		member->has_lacp = rows[i].row->has_lacp;
		if (member->interface == NULL || member->row_name == NULL) {
			members_free(lag);
			return false;
		}
	}
	return true;
}

/* A member that matches is told once, when it becomes one. */
static void
member_tell(const struct watched_port *port, const struct lag_row *row)
{
	if (row->matches)
		log_info("port",
			 "port=%lld event=lag-member agent=%s lag=\"%s\" interface=\"%s\" "
			 "reason=\"it is no port of its own: the LAG counts its traffic\"",
			 (long long)port->port.id, port->port.agent, port->port.interface,
			 row->interface);
	if (row->named)
		log_warn("port",
			 "port=%lld event=lag-member agent=%s lag=\"%s\" interface=\"%s\" "
			 "reason=\"a port block names it: it is watched beside its LAG, and left "
			 "out of sums\"",
			 (long long)port->port.id, port->port.agent, port->port.interface,
			 row->interface);
}

static void
members_write_empty(struct watched_port *port)
{
	struct error err = { 0 };

	if (port->lag->written_count == 0 && port->lag->written)
		return;
	if (!lag_write(port, &err))
		port->unwritten = port->pipeline->some_unwritten = true;
}

/* What the ledger has of them already. */
static void
members_inherit(struct watched_lag *lag, const struct watched_lag *old)
{
	for (size_t i = 0; i < lag->member_count; i++) {
		struct watched_member *now = &lag->members[i];
		const struct watched_member *before = member_find(old, now->interface);

		if (before == NULL || before->if_index != now->if_index)
			continue;
		now->is_written = before->is_written;
		now->written_state = before->written_state;
		now->written_bps = before->written_bps;
	}
}

bool
lag_known(struct watched_port *port)
{
	if (port->lag == NULL) {
		port->lag = calloc(1, sizeof(*port->lag));
		if (port->lag == NULL)
			return false;
		port->lag->written = true;
		port->lag->capacity = (struct members_capacity) { MEMBERS_NOTHING, NAN, NAN };
	}
	port->lag->written_count++;
	return true;
}

void
lag_set(struct watched_port *port, bool is_lag, const struct lag_row *rows, size_t count)
{
	struct watched_lag *lag, *old = port->lag;

	if (!is_lag && old == NULL)
		return;
	lag = calloc(1, sizeof(*lag));
	if (lag == NULL || !members_take(lag, rows, count)) {
		log_error("port", "port=%lld event=lag-forgotten reason=\"out of memory\"",
			  (long long)port->port.id);
		lag_free(lag);
		return; /* what was known before is still the best guess */
	}
	for (size_t i = 0; i < count; i++)
		if (old == NULL || member_find(old, rows[i].interface) == NULL)
			member_tell(port, &rows[i]);
	if (old == NULL || old->member_count != count)
		log_info("port", "port=%lld event=lag interface=\"%s\" members=%zu",
			 (long long)port->port.id, port->port.interface, count);
	lag->capacity = (struct members_capacity) { MEMBERS_NOTHING, NAN, NAN };
	if (old != NULL) {
		members_inherit(lag, old);
		lag->written = old->written;
		lag->written_count = old->written_count;
		lag->has_read = old->has_read;
		lag->read = old->read;
	}
	lag_free(old);
	port->lag = lag;
	if (count == 0)
		members_write_empty(port);
}

/* --- a round --- */

void
lag_round_begins(struct watched_port *port)
{
	port->lag->waiting = port->lag->member_count + 1;
	port->lag->has_read = false;
	for (size_t i = 0; i < port->lag->member_count; i++)
		port->lag->members[i].now = (struct member) { .speed_bps = NAN };
}

static bool
stands_as_written(const struct watched_member *member)
{
	double now_bps = member->now.speed_bps, old_bps = member->written_bps;

	return member->is_written && member->now.state == member->written_state &&
	       (now_bps == old_bps || (isnan(now_bps) && isnan(old_bps)));
}

/* What was read of all of them; a round with a hole in it says nothing about what is behind the hole. */
static bool
has_news(const struct watched_lag *lag)
{
	bool news = lag->written_count != lag->member_count;

	for (size_t i = 0; i < lag->member_count; i++) {
		if (!lag->members[i].now.answered)
			return false;
		news = news || !stands_as_written(&lag->members[i]);
	}
	return news;
}

static void
members_note(struct watched_lag *lag)
{
	for (size_t i = 0; i < lag->member_count; i++) {
		struct watched_member *member = &lag->members[i];

		member->written_state = member->now.state;
		member->written_bps = member->now.speed_bps;
		member->is_written = true;
	}
}

static void
members_log(const struct watched_port *port)
{
	const struct watched_lag *lag = port->lag;

	for (size_t i = 0; i < lag->member_count; i++) {
		const struct watched_member *member = &lag->members[i];

		if (member->is_written && member->now.state != member->written_state)
			log_info("port",
				 "port=%lld event=lag-member-%s lag=\"%s\" interface=\"%s\" was=%s",
				 (long long)port->port.id,
				 model_member_state_name(member->now.state), port->port.interface,
				 member->interface, model_member_state_name(member->written_state));
	}
}

bool
lag_write(struct watched_port *port, struct error *err)
{
	struct watched_lag *lag = port->lag;
	struct judge_house *house = &port->pipeline->house;
	struct ledger_lag_member *members;
	bool done;

	if (lag == NULL)
		return true;
	for (size_t i = 0; i < lag->member_count; i++)
		if (!lag->members[i].is_written)
			return true; /* not known yet: at the end of its first round */
	members = calloc(lag->member_count + 1, sizeof(*members));
	if (members == NULL)
		return error_set(err, ERR_NOMEM, "members: out of memory");
	for (size_t i = 0; i < lag->member_count; i++)
		members[i] = (struct ledger_lag_member) {
			.interface = lag->members[i].interface,
			.if_index = lag->members[i].if_index,
			.speed_bps = lag->members[i].written_bps,
			.state = lag->members[i].written_state,
		};
	done = judge_house_begin(house, err) &&
	       ledger_lag_members_put(house->ledger, port->port.id, members, lag->member_count,
				      clock_utc_sec(), err);
	free(members);
	lag->written = lag->written || done;
	lag->written_count = lag->member_count;
	return done;
}

static void
news_write(struct watched_port *port)
{
	struct error err = { 0 };

	members_log(port);
	members_note(port->lag);
	if (lag_write(port, &err))
		return;
	port->unwritten = port->pipeline->some_unwritten = true;
	log_error("port", "port=%lld event=members-unrecorded reason=\"%s\"",
		  (long long)port->port.id, err.text);
}

static void
round_ends(struct watched_port *port)
{
	struct watched_lag *lag = port->lag;
	struct member *now = calloc(lag->member_count + 1, sizeof(*now));

	lag->capacity = (struct members_capacity) { MEMBERS_UNKNOWN, NAN, NAN };
	for (size_t i = 0; now != NULL && i < lag->member_count; i++)
		now[i] = lag->members[i].now;
	if (now != NULL)
		lag->capacity = members_capacity(
		    now, lag->member_count, lag->has_read ? lag->read.oper : READING_OPER_UNKNOWN);
	for (size_t i = 0; now != NULL && i < lag->member_count; i++)
		lag->members[i].now = now[i];
	free(now);
	if (lag->has_read && lag->member_count > 0 && has_news(lag))
		news_write(port);
	if (lag->has_read)
		port_read(port, &lag->read);
	lag->has_read = false;
}

static void
told(struct watched_port *port)
{
	if (port->lag->waiting > 0 && --port->lag->waiting == 0)
		round_ends(port);
}

void
lag_read(struct watched_port *port, const struct counter_read *read)
{
	port->lag->has_read = read != NULL;
	if (read != NULL)
		port->lag->read = *read;
	told(port);
}

void
lag_member_read(struct watched_port *port, size_t i, const struct counter_read *read)
{
	if (i >= port->lag->member_count)
		return;
	if (read != NULL)
		port->lag->members[i].now = member_of_read(read, port->if_index);
	told(port);
}
