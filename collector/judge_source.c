/* judge_source.c - see judge_source.h. */
#include "judge_source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/series.h"
#include "ixwatch/connection_sum.h"

#define READ_ROWS_MAX 5000

/* --- what it is made of --- */

static bool
member_add(struct judge_source *source, const struct ledger_member *member)
{
	struct judge_member *grown =
	    realloc(source->members, (source->member_count + 1) * sizeof(*grown));

	if (grown == NULL)
		return false;
	source->members = grown;
	grown[source->member_count++] = (struct judge_member) {
		.port_id = member->port_id,
		.path = member->path,
		.agent = member->agent,
		.from_utc_sec = member->from_utc_sec,
		.to_utc_sec = member->to_utc_sec,
		.contracted_bps = member->contracted_bps,
		.contract_billed = member->contract_billed,
	};
	return true;
}

struct reading {
	struct judge_source *source;
	struct judge_member *member;
	bool failed;
};

static bool
on_member(const struct ledger_member *member, void *user)
{
	struct reading *reading = user;

	reading->failed = !member_add(reading->source, member);
	return !reading->failed;
}

/* A connection's: the ledger's texts are lent for the call only. */
static bool
on_member_of(const struct ledger_member *member, void *user)
{
	struct ledger_member own = *member;

	own.path = strdup(member->path);
	own.agent = strdup(member->agent);
	if (own.path != NULL && own.agent != NULL && on_member(&own, user))
		return true;
	free((char *)(uintptr_t)own.path);
	free((char *)(uintptr_t)own.agent);
	((struct reading *)user)->failed = true;
	return false;
}

static bool
members_read(struct judge_source *source, const struct port *port, struct ledger *ledger,
	     struct error *err)
{
	struct reading reading = { .source = source };

	if (port == NULL) {
		if (!ledger_member_each(ledger, source->subject.id, on_member_of, &reading, err))
			return false;
	} else {
		struct ledger_member alone = { .port_id = port->id,
					       .path = port->path,
					       .agent = port->agent,
					       .contracted_bps = port->contracted_bps,
					       .contract_billed = port->contract_billed };

		on_member(&alone, &reading);
	}
	return !reading.failed || error_set(err, ERR_NOMEM, "ports of a judgement: out of memory");
}

static bool
on_other(int64_t from_utc_sec, int64_t to_utc_sec, void *user)
{
	struct reading *reading = user;
	struct judge_member *member = reading->member;
	struct judge_span *grown =
	    realloc(member->others, (member->other_count + 1) * sizeof(*grown));

	reading->failed = grown == NULL;
	if (grown == NULL)
		return false;
	member->others = grown;
	grown[member->other_count++] = (struct judge_span) { from_utc_sec, to_utc_sec };
	return true;
}

/* What it carried before it was watched was the first peer's. */
static bool
others_read(struct judge_source *source, struct ledger *ledger, struct error *err)
{
	struct reading reading = { .source = source, .member = &source->members[0] };

	if (source->subject.kind != SUBJECT_PORT) /* its members have dates of their own */
		return true;
	if (!ledger_port_others_each(ledger, source->subject.id, on_other, &reading, err))
		return false;
	return !reading.failed || error_set(err, ERR_NOMEM, "peers of a port: out of memory");
}

/* What changed beside the contract is another entry of the same contract. */
static bool
on_capacity(const struct ledger_capacity *capacity, void *user)
{
	struct reading *reading = user;
	struct judge_member *member = reading->member;
	const struct judge_contract *last =
	    member->contract_count > 0 ? &member->contracts[member->contract_count - 1] : NULL;
	struct judge_contract *grown;

	if (last != NULL && (last->contracted_bps == capacity->contracted_bps ||
			     (isnan(last->contracted_bps) && isnan(capacity->contracted_bps))))
		return true;
	grown = realloc(member->contracts, (member->contract_count + 1) * sizeof(*grown));
	reading->failed = grown == NULL;
	if (grown == NULL)
		return false;
	member->contracts = grown;
	grown[member->contract_count++] =
	    (struct judge_contract) { capacity->from_utc_sec, capacity->contracted_bps };
	return true;
}

bool
judge_source_contracts(struct judge_source *source, struct ledger *ledger, struct error *err)
{
	for (size_t i = 0; i < source->member_count; i++) {
		struct reading reading = { .source = source, .member = &source->members[i] };

		reading.member->contract_count = 0;
		if (!ledger_capacity_each(ledger, reading.member->port_id, on_capacity, &reading,
					  err))
			return false;
		if (reading.failed)
			return error_set(err, ERR_NOMEM, "contracts: out of memory");
	}
	return true;
}

bool
judge_source_init(struct judge_source *source, struct subject subject, const struct port *port,
		  struct ledger *ledger, struct error *err)
{
	*source = (struct judge_source) { .subject = subject };
	return members_read(source, port, ledger, err) &&
	       judge_source_contracts(source, ledger, err) && others_read(source, ledger, err);
}

void
judge_source_end(struct judge_source *source)
{
	for (size_t i = 0; i < source->member_count; i++) {
		if (source->subject.kind == SUBJECT_CONNECTION) {
			free((char *)(uintptr_t)source->members[i].path);
			free((char *)(uintptr_t)source->members[i].agent);
		}
		free(source->members[i].contracts);
		free(source->members[i].others);
	}
	free(source->members);
	*source = (struct judge_source) { .member_count = 0 };
}

double
judge_member_limit_bps(const struct judge_member *member, int64_t step_start_utc_sec)
{
	double contracted_bps = member->contracted_bps;

	if (member->contract_billed)
		return NAN;
	for (size_t i = 0; i < member->contract_count; i++)
		if (i == 0 || member->contracts[i].from_utc_sec <= step_start_utc_sec)
			contracted_bps = member->contracts[i].contracted_bps;
	return contracted_bps;
}

bool
judge_member_counts(const struct judge_member *member, int64_t start_utc_sec, int64_t end_utc_sec)
{
	return start_utc_sec >= member->from_utc_sec &&
	       (member->to_utc_sec == 0 || end_utc_sec <= member->to_utc_sec);
}

int64_t
judge_source_begin_utc_sec(const struct judge_source *source)
{
	const struct judge_member *member = source->members;
	int64_t begin_utc_sec = 0;

	if (source->subject.kind != SUBJECT_PORT)
		return 0;
	for (size_t i = 0; i < member->other_count; i++)
		if (member->others[i].from_utc_sec == begin_utc_sec)
			begin_utc_sec = member->others[i].to_utc_sec;
	return begin_utc_sec;
}

bool
judge_member_was_others(const struct judge_member *member, int64_t start_utc_sec,
			int64_t end_utc_sec)
{
	for (size_t i = 0; i < member->other_count; i++)
		if (end_utc_sec > member->others[i].from_utc_sec &&
		    start_utc_sec < member->others[i].to_utc_sec)
			return true;
	return false;
}

/* --- rows --- */

static void
row_to_sample(const struct series_rows *rows, size_t i, struct sample *sample)
{
	sample->step_sec = rows->step_sec;
	sample->end_utc_sec = rows->start_utc_sec + (int64_t)(i + 1) * rows->step_sec;
	memcpy(sample->value, rows->value + i * COLUMN_COUNT, sizeof(sample->value));
}

/* What one reading of at most READ_ROWS_MAX rows is about. */
struct stretch {
	const struct judge_source *source;
	const char *state_dir;
	int64_t from_utc_sec, to_utc_sec;
	unsigned row_sec, step_sec;
	judge_on_row *on_row;
	void *user;
};

static bool
stretch_read(const struct stretch *stretch, const struct judge_member *member,
	     struct series_rows *rows, struct error *err)
{
	return series_read(stretch->state_dir, member->path, stretch->from_utc_sec,
			   stretch->to_utc_sec, stretch->row_sec, READ_ROWS_MAX, rows, err);
}

void
judge_member_blank(const struct judge_member *member, struct sample *sample)
{
	if (member->other_count > 0 &&
	    judge_member_was_others(member, sample->end_utc_sec - sample->step_sec,
				    sample->end_utc_sec))
		for (int c = 0; c < COLUMN_CAPACITY_BPS; c++)
			sample->value[c] = NAN;
}

static bool
stretch_of_port(const struct stretch *stretch, struct error *err)
{
	const struct judge_member *member = &stretch->source->members[0];
	struct series_rows rows = { 0 };

	if (!stretch_read(stretch, member, &rows, err))
		return false;
	for (size_t i = 0; rows.step_sec == stretch->row_sec && i < rows.row_count; i++) {
		struct sample sample;
		int64_t start_utc_sec;

		row_to_sample(&rows, i, &sample);
		judge_member_blank(member, &sample);
		start_utc_sec = sample.end_utc_sec - sample.step_sec;
		start_utc_sec -= start_utc_sec % stretch->step_sec;
		stretch->on_row(&sample, judge_member_limit_bps(member, start_utc_sec),
				stretch->user);
	}
	series_rows_free(&rows);
	return true;
}

/* Adds what the port's series holds to the steps of the stretch in which it counts; where it holds nothing, unknown. */
static bool
member_sum(const struct stretch *stretch, const struct judge_member *member,
	   struct connection_sum *sums, size_t count, struct error *err)
{
	struct series_rows rows = { 0 };

	if (stretch->to_utc_sec <= member->from_utc_sec ||
	    (member->to_utc_sec != 0 && member->to_utc_sec <= stretch->from_utc_sec))
		return true; /* in none of them */
	if (!stretch_read(stretch, member, &rows, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		int64_t start = stretch->from_utc_sec + (int64_t)i * stretch->row_sec;
		int64_t row = (start - rows.start_utc_sec) / stretch->row_sec;

		if (!judge_member_counts(member, start, start + stretch->row_sec))
			continue;
		if (rows.step_sec == stretch->row_sec && start >= rows.start_utc_sec &&
		    row < (int64_t)rows.row_count)
			connection_sum_add(&sums[i], rows.value + row * COLUMN_COUNT,
					   judge_member_limit_bps(member, start));
		else
			connection_sum_add_unknown(&sums[i]);
	}
	series_rows_free(&rows);
	return true;
}

static bool
stretch_of_connection(const struct stretch *stretch, struct error *err)
{
	const struct judge_source *source = stretch->source;
	size_t count = (size_t)((stretch->to_utc_sec - stretch->from_utc_sec) / stretch->row_sec);
	struct connection_sum *sums = malloc((count + 1) * sizeof(*sums));
	bool done = sums != NULL || error_set(err, ERR_NOMEM, "connection: out of memory");

	for (size_t i = 0; done && i < count; i++)
		connection_sum_init(&sums[i]);
	for (size_t i = 0; done && i < source->member_count; i++)
		done = member_sum(stretch, &source->members[i], sums, count, err);
	for (size_t i = 0; done && i < count; i++) {
		struct sample sample = { .step_sec = stretch->row_sec };

		sample.end_utc_sec = stretch->from_utc_sec + (int64_t)(i + 1) * stretch->row_sec;
		memcpy(sample.value, sums[i].value, sizeof(sample.value));
		stretch->on_row(&sample, sums[i].limited ? sums[i].limit_bps : NAN, stretch->user);
	}
	free(sums);
	return done;
}

bool
judge_source_each(const struct judge_source *source, const char *state_dir, int64_t from_utc_sec,
		  int64_t to_utc_sec, unsigned row_sec, unsigned step_sec, judge_on_row *on_row,
		  void *user, struct error *err)
{
	struct stretch stretch = { source,  state_dir, from_utc_sec, 0,
				   row_sec, step_sec,  on_row,       user };

	for (; stretch.from_utc_sec < to_utc_sec; stretch.from_utc_sec = stretch.to_utc_sec) {
		stretch.to_utc_sec = stretch.from_utc_sec + (int64_t)READ_ROWS_MAX * row_sec;
		if (stretch.to_utc_sec > to_utc_sec)
			stretch.to_utc_sec = to_utc_sec;
		if (source->subject.kind == SUBJECT_PORT ? !stretch_of_port(&stretch, err)
							 : !stretch_of_connection(&stretch, err))
			return false;
	}
	return true;
}

bool
judge_source_extent(const struct judge_source *source, const char *state_dir,
		    int64_t *first_utc_sec, int64_t *last_utc_sec, struct error *err)
{
	int64_t begin_utc_sec = judge_source_begin_utc_sec(source);

	*first_utc_sec = *last_utc_sec = 0;
	for (size_t i = 0; i < source->member_count; i++) {
		const struct judge_member *member = &source->members[i];
		int64_t first, last;

		if (!series_extent(state_dir, member->path, &first, &last, err))
			return false;
		if (first < member->from_utc_sec)
			first = member->from_utc_sec;
		if (member->to_utc_sec != 0 && last > member->to_utc_sec)
			last = member->to_utc_sec;
		if (first < begin_utc_sec)
			first = begin_utc_sec;
		if (last <= first)
			continue;
		if (*first_utc_sec == 0 || first < *first_utc_sec)
			*first_utc_sec = first;
		if (last > *last_utc_sec)
			*last_utc_sec = last;
	}
	return true;
}
