/* links: snmp/varbind.c snmp/answer.c snmp/bulk.c snmp/ifmib.c snmp/manners.c snmp/lane.c snmp/walk_rows.c base/units.c base/error.c */
/* fuzz_snmp_answer.c - what an agent may answer, against all that judges it: answer.c, bulk.c, ifmib.c, lane.c, walk_rows.c.
 *
 * The input is a course of decisions: which question, and for each object of the answer whether its name, type and value
 * are as they should be or something else.  So most answers come near to being right.  What must hold is checked by
 * must(): no value under a foreign name, no read of a row that bears another name, rows in ascending order. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "snmp/bulk.h"
#include "snmp/lane.h"

#define VARBINDS_MAX 300
#define NAME_MAX_LEN 40
#define ROWS         4

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* --- the input --- */

struct input {
	const uint8_t *at, *end;
};

static unsigned
take(struct input *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

static uint64_t
take_number(struct input *in)
{
	uint64_t number = 0;

	for (unsigned octets = take(in) % 10; octets > 0; octets--)
		number = number << 8 | take(in);
	return number;
}

/* --- an answer --- */

struct answer {
	struct snmp_varbind varbind[VARBINDS_MAX];
	unsigned long name[VARBINDS_MAX][NAME_MAX_LEN];
	unsigned char text[VARBINDS_MAX][64];
	size_t count;
};

static const unsigned types[] = { 0x02, 0x04, 0x05, 0x06, 0x40, 0x41, 0x42, 0x43,
				  0x44, 0x46, 0x80, 0x81, 0x82, 0x00, 0xff };

/* What is done to a name: nothing, mostly. */
static void
name_spoil(struct input *in, unsigned how, struct snmp_varbind *varbind, unsigned long *name)
{
	switch (how % 16) {
	case 1: varbind->oid_len = take(in) % NAME_MAX_LEN; break;
	case 2: name[take(in) % NAME_MAX_LEN] = (uint32_t)take_number(in); break;
	case 3: name[varbind->oid_len > 0 ? varbind->oid_len - 1 : 0] += take(in); break;
	case 4: name[varbind->oid_len > 0 ? varbind->oid_len - 1 : 0] -= 1; break;
	default: break;
	}
	for (size_t i = 0; i < NAME_MAX_LEN; i++)
		name[i] &= 0xffffffffu;
}

static void
value_spoil(struct input *in, unsigned how, unsigned char *text, struct snmp_varbind *varbind)
{
	if (how >> 4 == 1)
		varbind->type = types[take(in) % (sizeof(types) / sizeof(types[0]))];
	if (how >> 4 == 2)
		varbind->number = take_number(in);
	if (how >> 4 == 3) {
		varbind->octets_len = take(in) % 64;
		varbind->octets = varbind->octets_len > 0 ? text : NULL;
		for (size_t i = 0; i < varbind->octets_len; i++)
			text[i] = (unsigned char)take(in);
	}
}

/* One object more, near to what belongs there. */
static void
answer_add(struct input *in, struct answer *answer, const struct snmp_oid *oid, unsigned type,
	   const char *text)
{
	struct snmp_varbind *varbind = &answer->varbind[answer->count];
	unsigned long *name = answer->name[answer->count];
	unsigned how = take(in);

	if (answer->count >= VARBINDS_MAX)
		return;
	memset(name, 0, sizeof(answer->name[0]));
	for (size_t i = 0; i < oid->len; i++)
		name[i] = oid->id[i];
	*varbind = (struct snmp_varbind) { name, oid->len, type, answer->count * 1000, NULL, 0 };
	if (type == SNMP_TYPE_OCTETS) {
		varbind->octets = (const unsigned char *)text;
		varbind->octets_len = strlen(text);
	}
	name_spoil(in, how, varbind, name);
	value_spoil(in, how, answer->text[answer->count], varbind);
	answer->count++;
}

/* --- counters --- */

static const struct snmp_poll_row rows[ROWS] = {
	{ 7, "et-0/0/7", true, 64 },
	{ 8, "et-0/0/8", true, 64 },
	{ 200, "et-0/0/200", true, 64 },
	{ UINT32_MAX, "last", true, 64 },
};

struct asked {
	struct snmp_poll_row row[ROWS];
	struct ifmib_plan plan;
	struct snmp_oid oids[ROWS * IFMIB_PLAN_MAX + 2];
	struct snmp_question question;
};

static void
asked_init(struct input *in, struct asked *asked)
{
	unsigned how = take(in);

	memset(asked, 0, sizeof(*asked));
	memcpy(asked->row, rows, sizeof(rows));
	for (int i = 0; i < ROWS; i++) {
		asked->row[i].counter_bits = (how & 1) != 0 ? 32 : (how & 2) != 0 ? 0 : 64;
		asked->row[i].has_name = (how & 4) == 0;
	}
	asked->plan = ifmib_plan_for(&asked->row[0]);
	asked->question.oids = asked->oids;
}

static void
oid_ask(struct asked *asked, struct snmp_oid oid)
{
	asked->oids[asked->question.oid_count++] = oid;
}

/* Whatever was read bears the row's own name, in an answer whose names are those asked for. */
static void
row_check(const struct asked *asked, size_t row, const struct snmp_varbind *varbinds)
{
	struct counter_read read = { 0 };
	char alias[IFMIB_TEXT_LEN], why[64], name[IFMIB_TEXT_LEN];
	enum snmp_row_outcome outcome =
	    ifmib_decode(&asked->plan, &asked->row[row], varbinds, &read, alias, why, sizeof(why));

	must(memchr(alias, '\0', sizeof(alias)) != NULL);
	if (outcome != SNMP_ROW_READ)
		return;
	must(varbinds[0].type == SNMP_TYPE_OCTETS);
	must(strcmp(ifmib_text(name, &varbinds[0]), asked->row[row].name) == 0);
	for (size_t i = 0; i < asked->plan.count; i++) {
		const struct ifmib_object *object = &ifmib_objects[asked->plan.column[i]];
		struct snmp_oid oid = snmp_oid_instance(&object->oid, asked->row[row].if_index);

		must(snmp_oid_equals(&oid, &varbinds[i]));
		must(varbinds[i].type == object->type || snmp_varbind_absent(&varbinds[i]));
	}
}

static void
uptime_check(const struct snmp_varbind *varbind)
{
	uint32_t ticks;
	bool is_ours;
	char why[64];

	if (ifmib_uptime(varbind, 1000, &ticks, &is_ours, why, sizeof(why)))
		must(varbind->type == SNMP_TYPE_TIMETICKS || snmp_varbind_absent(varbind));
}

static void
get_case(struct input *in)
{
	static struct asked asked;
	static struct answer answer;
	size_t count = 1 + take(in) % ROWS;

	asked_init(in, &asked);
	answer.count = 0;
	oid_ask(&asked, ifmib_scalars[IFMIB_SYS_UPTIME].oid);
	answer_add(in, &answer, &asked.oids[0], SNMP_TYPE_TIMETICKS, "");
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < asked.plan.count; k++) {
			const struct ifmib_object *object = &ifmib_objects[asked.plan.column[k]];

			oid_ask(&asked, snmp_oid_instance(&object->oid, asked.row[i].if_index));
			answer_add(in, &answer, &asked.oids[asked.question.oid_count - 1],
				   object->type, asked.row[i].name);
		}
	if (take(in) % 8 == 1)
		answer.count = take(in);
	if (answer_fault(&asked.question, answer.varbind, answer.count) != NULL)
		return;
	must(answer.count == asked.question.oid_count);
	uptime_check(&answer.varbind[0]);
	for (size_t i = 0; i < count; i++)
		row_check(&asked, i, &answer.varbind[1 + i * asked.plan.count]);
}

static void
bulk_case(struct input *in)
{
	static struct asked asked;
	static struct answer answer;
	struct snmp_varbind found[IFMIB_PLAN_MAX];
	unsigned step = take(in);

	asked_init(in, &asked);
	answer.count = 0;
	asked.question.command = SNMP_COMMAND_BULK;
	asked.question.ascending = true;
	asked.question.singles = 1;
	asked.question.repetitions = 1 + take(in) % 8;
	oid_ask(&asked, (struct snmp_oid) { 8, { 1, 3, 6, 1, 2, 1, 1, 3 } });
	answer_add(in, &answer, &ifmib_scalars[IFMIB_SYS_UPTIME].oid, SNMP_TYPE_TIMETICKS, "");
	for (size_t k = 0; k < asked.plan.count; k++)
		oid_ask(&asked, snmp_oid_instance(&ifmib_objects[asked.plan.column[k]].oid, 6));
	for (unsigned r = 0; r < asked.question.repetitions; r++)
		for (size_t k = 0; k < asked.plan.count; k++) {
			const struct ifmib_object *object = &ifmib_objects[asked.plan.column[k]];
			uint32_t index = r < 2 ? 7 + r : 7 + r * step;
			struct snmp_oid oid = snmp_oid_instance(&object->oid, index);

			answer_add(in, &answer, &oid, object->type,
				   r == 1 ? "et-0/0/8" : "et-0/0/7");
		}
	if (take(in) % 4 == 1)
		answer.count = take(in);
	if (answer.count > VARBINDS_MAX ||
	    answer_fault(&asked.question, answer.varbind, answer.count) != NULL)
		return;
	for (size_t i = 0; i < ROWS; i++)
		if (bulk_row_find(&asked.question, &asked.plan, answer.varbind, answer.count,
				  asked.row[i].if_index, found) == BULK_ROW_WHOLE)
			row_check(&asked, i, found);
}

/* --- a walk --- */

static bool
on_row(const struct interface_row *row, void *user)
{
	uint64_t *least = user;

	must(row->if_index >= *least);
	must(row->name != NULL && row->alias != NULL && row->descr != NULL);
	*least = (uint64_t)row->if_index + 1;
	return true;
}

static void
lane_answer(struct input *in, struct lane *lane, struct answer *answer, struct walk_rows *walked)
{
	struct manners manners;
	uint8_t number[LANE_COLUMNS_MAX];
	struct snmp_oid oids[LANE_COLUMNS_MAX];
	size_t columns = lane_next(lane, number, oids);
	struct snmp_question question = { .command = SNMP_COMMAND_BULK,
					  .oids = oids,
					  .oid_count = columns };

	manners_init(&manners, 1 + take(in) % 30);
	question.repetitions = lane_repetitions(lane, columns, &manners);
	answer->count = 0;
	for (unsigned r = 0; r < question.repetitions && answer->count < 60; r++)
		for (size_t k = 0; k < columns; k++) {
			const struct lane_column *column = &lane->column[number[k]];
			const struct ifmib_object *object = &ifmib_objects[column->column];
			uint32_t from = column->started ? column->last : 0;
			struct snmp_oid oid = snmp_oid_instance(&object->oid, from + 1 + r);

			answer_add(in, answer, &oid, object->type, "xe-0/0/1");
		}
	if (take(in) % 4 == 1)
		answer->count = take(in) % (answer->count + 1);
	if (answer_fault(&question, answer->varbind, answer->count) == NULL)
		must(lane_take(lane, number, columns, answer->varbind, answer->count, walked) ==
		     WALK_PUT_DONE);
}

static void
walk_case(struct input *in)
{
	static const enum ifmib_column columns[] = { IFMIB_NAME, IFMIB_ALIAS, IFMIB_HIGH_SPEED,
						     IFMIB_HC_IN_OCTETS };
	static struct answer answer;
	struct walk_rows walked = { 0 };
	struct lane lane;
	uint64_t least = 0;

	lane_init(&lane, columns, 4);
	lane.width = 1 + take(in) % 4;
	for (int i = 0; i < 8 && !lane_ended(&lane) && in->at < in->end; i++)
		lane_answer(in, &lane, &answer, &walked);
	must(walk_rows_tell(&walked, on_row, &least));
	walk_rows_free(&walked);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	static void (*const cases[])(struct input *) = { get_case, bulk_case, walk_case };
	struct input in = { octets, octets + len };

	cases[take(&in) % 3](&in);
	return 0;
}
