/* rate.c - a bucket each, that fills by itself; a table that is searched from end to end: 512 entries are 3 us. */
#include "rate.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PLACES 512

struct bucket {
	unsigned char who[DIGEST_LEN];
	bool is_used;
	double left; /* requests that may still come at once, as of: */
	int64_t at_mono_ms;
};

struct rate {
	double burst, per_sec;
	struct bucket buckets[PLACES];
};

struct rate *
rate_new(double burst, double per_sec)
{
	struct rate *rate = calloc(1, sizeof(*rate));

	if (rate != NULL) {
		rate->burst = burst;
		rate->per_sec = per_sec;
	}
	return rate;
}

void
rate_free(struct rate *rate)
{
	free(rate);
}

/* The bucket of `who`; a full one, in the place of the one that is free or was still for longest, when there is none. */
static struct bucket *
find(struct rate *rate, const unsigned char who[DIGEST_LEN], int64_t now_mono_ms)
{
	struct bucket *oldest = &rate->buckets[0];

	for (size_t i = 0; i < PLACES; i++) {
		struct bucket *bucket = &rate->buckets[i];

		if (bucket->is_used && memcmp(bucket->who, who, DIGEST_LEN) == 0)
			return bucket;
		if (oldest->is_used &&
		    (!bucket->is_used || bucket->at_mono_ms < oldest->at_mono_ms))
			oldest = bucket;
	}
	*oldest =
	    (struct bucket) { .is_used = true, .left = rate->burst, .at_mono_ms = now_mono_ms };
	memcpy(oldest->who, who, DIGEST_LEN);
	return oldest;
}

unsigned
rate_take(struct rate *rate, const unsigned char who[DIGEST_LEN], int64_t now_mono_ms)
{
	struct bucket *bucket = find(rate, who, now_mono_ms);
	double come = (double)(now_mono_ms - bucket->at_mono_ms) / 1000 * rate->per_sec;

	bucket->left = fmin(rate->burst, bucket->left + come);
	bucket->at_mono_ms = now_mono_ms;
	if (bucket->left < 1)
		return (unsigned)ceil((1 - bucket->left) / rate->per_sec);
	bucket->left -= 1;
	return 0;
}
