/* limit.c - entries in rows of a few, found by a hash that nobody outside can foresee. */
#include "limit.h"

#include <stdlib.h>
#include <string.h>

#include "ixwatch/digest.h"

#define ROWS        1024
#define ROW_LEN     4
#define WAIT_MAX_MS 60000
#define FORGET_MS   (15 * 60 * 1000)
#define NAME_MAX_   96

struct entry {
	char who[NAME_MAX_]; /* "": free */
	unsigned count;
	int64_t tried_mono_ms, next_mono_ms;
};

struct limit {
	char seed[DIGEST_HEX];
	struct entry entries[ROWS][ROW_LEN];
};

struct limit *
limit_new(void)
{
	struct limit *limit = calloc(1, sizeof(*limit));

	if (limit != NULL)
		digest_random(limit->seed);
	return limit;
}

void
limit_free(struct limit *limit)
{
	free(limit);
}

static size_t
row_of(const struct limit *limit, const char *who)
{
	char keyed[DIGEST_HEX + NAME_MAX_];
	unsigned char digest[DIGEST_LEN];
	size_t len = strlen(who);

	memcpy(keyed, limit->seed, DIGEST_HEX - 1);
	memcpy(keyed + DIGEST_HEX - 1, who, len);
	digest_of(digest, keyed, DIGEST_HEX - 1 + len);
	return (digest[0] | (size_t)digest[1] << 8) % ROWS;
}

static struct entry *
find(const struct limit *limit, const char *who, int64_t now_mono_ms)
{
	const struct entry *row;

	if (strlen(who) >= NAME_MAX_)
		return NULL;
	row = limit->entries[row_of(limit, who)];
	for (unsigned i = 0; i < ROW_LEN; i++)
		if (strcmp(row[i].who, who) == 0 && now_mono_ms - row[i].tried_mono_ms < FORGET_MS)
			return (struct entry *)&row[i];
	return NULL;
}

/* The entry for `who`, in the place of the one that is free or was silent for longest. */
static struct entry *
make(struct limit *limit, const char *who)
{
	struct entry *row = limit->entries[row_of(limit, who)], *oldest = row;

	for (unsigned i = 1; i < ROW_LEN; i++)
		if (oldest->who[0] != '\0' &&
		    (row[i].who[0] == '\0' || row[i].tried_mono_ms < oldest->tried_mono_ms))
			oldest = &row[i];
	*oldest = (struct entry) { 0 };
	memcpy(oldest->who, who, strlen(who) + 1);
	return oldest;
}

static unsigned
wait_sec(const struct entry *entry, int64_t now_mono_ms)
{
	if (entry == NULL || now_mono_ms >= entry->next_mono_ms)
		return 0;
	return (unsigned)((entry->next_mono_ms - now_mono_ms + 999) / 1000);
}

unsigned
limit_look(const struct limit *limit, const char *who, int64_t now_mono_ms)
{
	return wait_sec(find(limit, who, now_mono_ms), now_mono_ms);
}

unsigned
limit_take(struct limit *limit, const char *who, unsigned free_count, int64_t now_mono_ms)
{
	struct entry *entry = find(limit, who, now_mono_ms);
	unsigned wait = wait_sec(entry, now_mono_ms);

	if (wait > 0)
		return wait;
	if (strlen(who) >= NAME_MAX_)
		return 0; /* no account and no address has such a name */
	if (entry == NULL)
		entry = make(limit, who);
	entry->count++;
	entry->tried_mono_ms = now_mono_ms;
	if (entry->count >= free_count) {
		unsigned doublings = entry->count - free_count;
		int64_t pause_ms = doublings > 6 ? WAIT_MAX_MS : INT64_C(1000) << doublings;

		entry->next_mono_ms =
		    now_mono_ms + (pause_ms > WAIT_MAX_MS ? WAIT_MAX_MS : pause_ms);
	}
	return 0;
}

void
limit_give_back(struct limit *limit, const char *who, bool all)
{
	struct entry *entry = find(limit, who, INT64_MIN / 2);

	if (entry == NULL)
		return;
	entry->next_mono_ms = 0;
	entry->count = all || entry->count == 0 ? 0 : entry->count - 1;
}
