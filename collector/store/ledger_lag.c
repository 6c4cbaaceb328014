/* ledger_lag.c - the members of LAGs, and how each stood when. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/ledger_private.h"

#define COLUMNS "port_id, interface, if_index, speed_bps, state, from_utc_sec, to_utc_sec"

static const char sql_in_force[] =
    "SELECT " COLUMNS " FROM lag_member WHERE port_id = :port AND to_utc_sec IS NULL"
    " ORDER BY port_id, interface";

static const char sql_in_force_all[] =
    "SELECT " COLUMNS " FROM lag_member WHERE to_utc_sec IS NULL ORDER BY port_id, interface";

static const char sql_history[] = "SELECT " COLUMNS " FROM lag_member WHERE port_id = :port"
				  " ORDER BY from_utc_sec DESC, interface";

static const char sql_close[] =
    "UPDATE lag_member SET to_utc_sec = :at WHERE port_id = :port AND interface = :interface"
    " AND to_utc_sec IS NULL AND from_utc_sec < :at";

/* What began at that very instant, or later by a clock that was set back since, never was. */
static const char sql_drop[] =
    "DELETE FROM lag_member WHERE port_id = :port AND interface = :interface"
    " AND to_utc_sec IS NULL AND from_utc_sec >= :at";

static const char sql_put[] =
    "INSERT INTO lag_member (port_id, interface, from_utc_sec, if_index, speed_bps, state)"
    " VALUES (:port, :interface, :at, :if_index, :speed, :state)"
    " ON CONFLICT (port_id, interface, from_utc_sec) DO UPDATE SET to_utc_sec = NULL,"
    " if_index = excluded.if_index, speed_bps = excluded.speed_bps, state = excluded.state";

static const char sql_renumber[] =
    "UPDATE lag_member SET if_index = :if_index WHERE port_id = :port AND interface = :interface"
    " AND to_utc_sec IS NULL";

static struct ledger_lag_member
member_of_row(const struct db_statement *row)
{
	struct ledger_lag_member member = {
		.port_id = db_int(row, 0),
		.interface = db_text(row, 1),
		.if_index = (uint32_t)db_int(row, 2),
		.speed_bps = db_real(row, 3),
		.from_utc_sec = db_int(row, 5),
		.to_utc_sec = db_int(row, 6),
	};

	if (!model_member_state_parse(db_text(row, 4), &member.state))
		member.state = MEMBER_UNKNOWN;
	return member;
}

/* --- read --- */

/* `each` is bound. */
static bool
members_tell(struct db_statement *each, ledger_on_lag_member *on_member, void *user,
	     struct error *err)
{
	enum db_step step;
	bool more = true;

	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct ledger_lag_member member = member_of_row(each);

		more = on_member(&member, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "members of LAGs");
}

bool
ledger_lag_members_each(struct ledger *ledger, int64_t port_id, ledger_on_lag_member *on_member,
			void *user, struct error *err)
{
	struct db_statement *each =
	    db_get(ledger->db, port_id == 0 ? sql_in_force_all : sql_in_force);

	if (port_id != 0)
		db_bind_int(each, ":port", port_id);
	return members_tell(each, on_member, user, err);
}

bool
ledger_lag_members_history(struct ledger *ledger, int64_t port_id, ledger_on_lag_member *on_member,
			   void *user, struct error *err)
{
	struct db_statement *each = db_get(ledger->db, sql_history);

	db_bind_int(each, ":port", port_id);
	return members_tell(each, on_member, user, err);
}

/* --- written --- */

/* The entries in force, and what is to be written of each. */
struct in_force {
	struct ledger_lag_member *members; /* texts owned here */
	size_t count, room;
	bool out_of_memory;
};

static bool
on_in_force(const struct ledger_lag_member *member, void *user)
{
	struct in_force *in_force = user;
	size_t room = in_force->room > 0 ? in_force->room * 2 : 8;
	struct ledger_lag_member *grown = in_force->members;

	if (in_force->count == in_force->room) {
		grown = reallocarray(in_force->members, room, sizeof(*grown));
		if (grown == NULL) {
			in_force->out_of_memory = true;
			return false;
		}
		in_force->members = grown;
		in_force->room = room;
	}
	grown[in_force->count] = *member;
	grown[in_force->count].interface = strdup(member->interface);
	in_force->out_of_memory = grown[in_force->count].interface == NULL;
	return grown[in_force->count++].interface != NULL;
}

static void
in_force_free(struct in_force *in_force)
{
	for (size_t i = 0; i < in_force->count; i++)
		free((char *)(uintptr_t)in_force->members[i].interface);
	free(in_force->members);
}

static const struct ledger_lag_member *
find(const struct ledger_lag_member *members, size_t count, const char *interface)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(members[i].interface, interface) == 0)
			return &members[i];
	return NULL;
}

static bool
run_for(struct db *db, const char *sql, int64_t port_id, const char *interface, int64_t at_utc_sec,
	struct error *err)
{
	struct db_statement *statement = db_get(db, sql);

	db_bind_int(statement, ":port", port_id);
	db_bind_text(statement, ":interface", interface);
	db_bind_int(statement, ":at", at_utc_sec);
	return db_run(statement, err);
}

static bool
member_end(struct db *db, int64_t port_id, const char *interface, int64_t at_utc_sec,
	   struct error *err)
{
	return run_for(db, sql_close, port_id, interface, at_utc_sec, err) &&
	       run_for(db, sql_drop, port_id, interface, at_utc_sec, err);
}

static bool
member_begin(struct db *db, int64_t port_id, const struct ledger_lag_member *member,
	     int64_t at_utc_sec, struct error *err)
{
	struct db_statement *put = db_get(db, sql_put);

	db_bind_int(put, ":port", port_id);
	db_bind_text(put, ":interface", member->interface);
	db_bind_int(put, ":at", at_utc_sec);
	db_bind_int(put, ":if_index", member->if_index);
	db_bind_real(put, ":speed", member->speed_bps);
	db_bind_text(put, ":state", model_member_state_name(member->state));
	return db_run(put, err);
}

static bool
member_renumber(struct db *db, int64_t port_id, const struct ledger_lag_member *member,
		struct error *err)
{
	struct db_statement *renumber = db_get(db, sql_renumber);

	db_bind_int(renumber, ":port", port_id);
	db_bind_text(renumber, ":interface", member->interface);
	db_bind_int(renumber, ":if_index", member->if_index);
	return db_run(renumber, err);
}

static bool
stands_as(const struct ledger_lag_member *old, const struct ledger_lag_member *now)
{
	bool same_speed =
	    old->speed_bps == now->speed_bps || (isnan(old->speed_bps) && isnan(now->speed_bps));

	return same_speed && old->state == now->state;
}

static bool
member_put(struct db *db, int64_t port_id, const struct ledger_lag_member *old,
	   const struct ledger_lag_member *now, int64_t at_utc_sec, struct error *err)
{
	if (old != NULL && stands_as(old, now))
		return old->if_index == now->if_index || member_renumber(db, port_id, now, err);
	return (old == NULL || member_end(db, port_id, now->interface, at_utc_sec, err)) &&
	       member_begin(db, port_id, now, at_utc_sec, err);
}

static bool
members_put(struct ledger *ledger, int64_t port_id, const struct ledger_lag_member *members,
	    size_t count, int64_t at_utc_sec, struct error *err)
{
	struct in_force old = { 0 };
	bool done = ledger_lag_members_each(ledger, port_id, on_in_force, &old, err);

	if (done && old.out_of_memory)
		done = error_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; done && i < old.count; i++)
		if (find(members, count, old.members[i].interface) == NULL)
			done = member_end(ledger->db, port_id, old.members[i].interface, at_utc_sec,
					  err);
	for (size_t i = 0; done && i < count; i++)
		done = member_put(ledger->db, port_id,
				  find(old.members, old.count, members[i].interface), &members[i],
				  at_utc_sec, err);
	in_force_free(&old);
	return done;
}

bool
ledger_lag_members_put(struct ledger *ledger, int64_t port_id,
		       const struct ledger_lag_member *members, size_t count, int64_t at_utc_sec,
		       struct error *err)
{
	bool own;

	return (ledger_enter(ledger, &own, err) &&
		ledger_leave(ledger, own,
			     members_put(ledger, port_id, members, count, at_utc_sec, err), err)) ||
	       error_wrap(err, "members of port %" PRId64, port_id);
}
