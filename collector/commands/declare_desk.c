/* declare_desk.c - see declare_desk.h. */
#include "commands/declare_desk.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/store.h"
#include "declare.h"
#include "ixwatch/control.h"
#include "note.h"
#include "quiet.h"

#define ANSWER_TIMEOUT_MS 60000

/* A port to be judged before all is committed. */
struct concerned {
	int64_t port_id, from_utc_sec;
};

struct desk {
	const struct config *config;
	struct store *store; /* NULL: a collector runs, and is asked */
	struct concerned *ports;
	size_t port_count, port_size;
	bool failed; /* memory ran out */
};

/* What keeps alerts quiet changes no port's judgement, and neither do notes. */
static bool
run_quiet_add(struct judge_house *house, const struct json *request, struct json *answer,
	      declare_on_port *on_port, void *user, struct error *err)
{
	(void)on_port, (void)user;
	return quiet_add(house, request, answer, err);
}

static bool
run_quiet_end(struct judge_house *house, const struct json *request, struct json *answer,
	      declare_on_port *on_port, void *user, struct error *err)
{
	(void)on_port, (void)user;
	return quiet_end(house, request, answer, err);
}

static bool
run_note_add(struct judge_house *house, const struct json *request, struct json *answer,
	     declare_on_port *on_port, void *user, struct error *err)
{
	(void)on_port, (void)user;
	return note_add(house, request, answer, err);
}

static bool
run_note_withdraw(struct judge_house *house, const struct json *request, struct json *answer,
		  declare_on_port *on_port, void *user, struct error *err)
{
	(void)on_port, (void)user;
	return note_withdraw(house, request, answer, err);
}

static const struct desk_op {
	const char *op;
	bool (*check)(const struct json *request, struct error *err);
	bool (*run)(struct judge_house *house, const struct json *request, struct json *answer,
		    declare_on_port *on_port, void *user, struct error *err);
} ops[] = {
	{ "declare_add", declare_add_check, declare_add },
	{ "declare_end", declare_end_check, declare_end },
	{ "silence", quiet_add_check, run_quiet_add },
	{ "silence-end", quiet_end_check, run_quiet_end },
	{ "acknowledge", quiet_add_check, run_quiet_add },
	{ "acknowledge-end", quiet_end_check, run_quiet_end },
	{ "note", note_add_check, run_note_add },
	{ "note-withdraw", note_withdraw_check, run_note_withdraw },
};

bool
desk_open(struct desk **out, const struct config *config, struct error *err)
{
	struct desk *desk = calloc(1, sizeof(*desk));

	if (desk == NULL)
		return error_set(err, ERR_NOMEM, "declare: out of memory");
	desk->config = config;
	if (!store_reach(&desk->store, config, err)) {
		desk_close(desk);
		return false;
	}
	*out = desk;
	return true;
}

void
desk_close(struct desk *desk)
{
	if (desk == NULL)
		return;
	if (desk->store != NULL)
		judge_house_abandon(store_house(desk->store));
	store_close(desk->store);
	free(desk->ports);
	free(desk);
}

/* --- asking --- */

static void
on_port(int64_t port_id, int64_t from_utc_sec, void *user)
{
	struct desk *desk = user;

	if (desk->port_count == desk->port_size) {
		size_t size = desk->port_size == 0 ? 64 : desk->port_size * 2;
		struct concerned *grown = realloc(desk->ports, size * sizeof(*grown));

		if (grown == NULL) {
			desk->failed = true;
			return;
		}
		desk->ports = grown;
		desk->port_size = size;
	}
	desk->ports[desk->port_count++] = (struct concerned) { port_id, from_utc_sec };
}

static bool
ask_here(struct desk *desk, const struct desk_op *op, const struct json *request,
	 struct json **answer, struct error *err)
{
	struct json *made = json_object_new();

	if (!op->run(store_house(desk->store), request, made, on_port, desk, err)) {
		json_free(made);
		return false;
	}
	*answer = made;
	return true;
}

bool
desk_ask(struct desk *desk, const struct json *request, struct json **answer, struct error *err)
{
	const struct desk_op *op = ops;

	while (strcmp(op->op, json_text(json_get(request, "op"), "")) != 0)
		op++;
	if (!op->check(request, err))
		return false;
	return desk->store != NULL
		   ? ask_here(desk, op, request, answer, err)
		   : control_ask(desk->config->state_dir, request, ANSWER_TIMEOUT_MS, answer, err);
}

/* --- finishing --- */

static int
compare_concerned(const void *a, const void *b)
{
	const struct concerned *x = a, *y = b;

	if (x->port_id != y->port_id)
		return x->port_id < y->port_id ? -1 : 1;
	return (x->from_utc_sec > y->from_utc_sec) - (x->from_utc_sec < y->from_utc_sec);
}

/* One that is configured no more is judged no more. */
static bool
judge_one(struct store *store, const struct concerned *concerned, struct error *err)
{
	struct judge *judge = NULL;
	const struct port *port;
	bool found = store_judge(store, concerned->port_id, &judge, &port, err);
	bool done = found ? judge_declared(judge, concerned->from_utc_sec, err)
			  : err->code == ERR_NOT_FOUND;

	judge_free(judge);
	return done;
}

static void
progress(size_t done, size_t count)
{
	if (isatty(STDERR_FILENO) && count > 1)
		fprintf(stderr, "\r%zu of %zu ports judged%s", done, count,
			done == count ? "\n" : "");
}

static bool
judge_concerned(struct desk *desk, struct error *err)
{
	struct concerned *ports = desk->ports;

	if (desk->failed)
		return error_set(err, ERR_NOMEM, "declare: out of memory");
	if (desk->port_count > 0)
		qsort(ports, desk->port_count, sizeof(*ports), compare_concerned);
	for (size_t i = 0; i < desk->port_count; i++) {
		bool first = i == 0 || ports[i].port_id != ports[i - 1].port_id;

		if (first && !judge_one(desk->store, &ports[i], err))
			return false;
		progress(i + 1, desk->port_count);
	}
	return true;
}

bool
desk_finish(struct desk *desk, struct error *err)
{
	return desk->store == NULL ||
	       (judge_concerned(desk, err) && judge_house_commit(store_house(desk->store), err));
}

const char *
desk_login_name(void)
{
	static char name[DECLARE_AUTHOR_MAX + 1];
	const struct passwd *user;

	if (getlogin_r(name, sizeof(name)) == 0 && name[0] != '\0')
		return name;
	user = getpwuid(getuid());
	if (user != NULL)
		snprintf(name, sizeof(name), "%s", user->pw_name);
	else
		snprintf(name, sizeof(name), "uid %u", (unsigned)getuid());
	return name;
}
