/* manners.c - see manners.h. */
#include "snmp/manners.h"

#include <stdbool.h>

#define TIMEOUT_MAX_US 60000000u

void
manners_init(struct manners *manners, unsigned repetitions_max)
{
	*manners = (struct manners) {
		.rows_max = MANNERS_ROWS_MAX,
		.clean_needed = MANNERS_SOON,
		.repetitions_max = repetitions_max,
		.way_again = MANNERS_WAY_SOON,
	};
}

void
manners_too_big(struct manners *manners, unsigned rows)
{
	unsigned half = rows > 1 ? rows / 2 : 1;

	if (half < manners->rows_max)
		manners->rows_max = half;
	manners->clean = 0;
}

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* An agent that answered nothing at all has proved nothing about sizes: its limit is tried again at once.  One bad minute
 * proves little: soon.  What fails again and again: later and later. */
void
manners_errand_end(struct manners *manners, enum manners_end end)
{
	bool limited = manners->rows_max < MANNERS_ROWS_MAX;

	manners->clean = end == MANNERS_CLEAN ? manners->clean + 1 : 0;
	if (end == MANNERS_NONE)
		manners->clean_needed = 1;
	else if (end == MANNERS_PARTLY && limited)
		manners->clean_needed = least(manners->clean_needed * 2, MANNERS_PATIENCE);
	if (manners->clean < (limited ? manners->clean_needed : MANNERS_PATIENCE))
		return;
	manners->clean = 0;
	if (limited)
		manners->rows_max = least(manners->rows_max * 2, MANNERS_ROWS_MAX);
	else
		manners->clean_needed = MANNERS_SOON; /* forgotten */
}

void
manners_row_spare(struct manners *manners, size_t octets, enum manners_end end)
{
	if (end == MANNERS_CLEAN || octets < manners->row_spare_octets)
		manners->row_spare_octets = (unsigned)octets;
}

void
manners_bulk_failed(struct manners *manners, unsigned repetitions)
{
	unsigned fewer = repetitions / 3;

	if (fewer < manners->repetitions_max)
		manners->repetitions_max = fewer;
}

void
manners_bulk_worked(struct manners *manners, unsigned setting)
{
	unsigned more = manners->repetitions_max * 2 + 1;

	manners->repetitions_max = more < setting ? more : setting;
}

enum manners_way
manners_way(const struct manners *manners)
{
	if (manners->repetitions_max == 0)
		return MANNERS_GET;
	if (manners->way_rounds >= MANNERS_TRIAL)
		return manners->way;
	return manners->way_rounds % 2 == 0 ? MANNERS_GET : MANNERS_BULK;
}

void
manners_way_took(struct manners *manners, enum manners_way way, uint64_t us, size_t rows)
{
	uint64_t row_us = rows > 0 ? us / rows + 1 : 0;
	uint32_t *best = &manners->row_us[way];

	if (rows > 0 && row_us <= UINT32_MAX && (*best == 0 || row_us < *best))
		*best = (uint32_t)row_us;
}

/* Told for every request of a round that failed: counted once. */
void
manners_way_failed(struct manners *manners)
{
	if (manners->way == MANNERS_GET && manners->way_rounds >= MANNERS_TRIAL)
		return;
	manners->way = MANNERS_GET;
	manners->way_rounds = MANNERS_TRIAL_EVERY - manners->way_again;
	manners->way_again = least(manners->way_again * 2, MANNERS_TRIAL_EVERY - MANNERS_TRIAL);
}

static enum manners_way
better_way(const struct manners *manners)
{
	uint64_t get_us = manners->row_us[MANNERS_GET], bulk_us = manners->row_us[MANNERS_BULK];

	if (bulk_us == 0)
		return MANNERS_GET;
	if (bulk_us <= MANNERS_QUICK_US || get_us == 0)
		return MANNERS_BULK;
	return get_us * 2 <= bulk_us ? MANNERS_GET : MANNERS_BULK;
}

void
manners_way_round_end(struct manners *manners)
{
	if (manners->way_rounds < UINT32_MAX)
		manners->way_rounds++;
	if (manners->way_rounds == MANNERS_TRIAL)
		manners->way = better_way(manners);
	if (manners->way == MANNERS_BULK && manners->way_rounds == MANNERS_TRIAL + MANNERS_WAY_SOON)
		manners->way_again = MANNERS_WAY_SOON; /* this one lasted */
	if (manners->way_rounds < MANNERS_TRIAL_EVERY)
		return;
	manners->way_rounds = 0;
	manners->row_us[MANNERS_GET] = manners->row_us[MANNERS_BULK] = 0;
}

uint64_t
manners_timeout_us(unsigned timeout_ms, unsigned tries, uint32_t random)
{
	uint64_t us = (uint64_t)timeout_ms * 1000;

	for (; tries > 0 && us < TIMEOUT_MAX_US; tries--)
		us += us / 2;
	us += us / 5 * (random % 1024) / 1024;
	return us < TIMEOUT_MAX_US ? us : TIMEOUT_MAX_US;
}
