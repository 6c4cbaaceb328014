/* hash.h - deterministic noise: the same seed gives the same world on every machine.
 *
 * The mixing function is the finaliser of splitmix64 (Steele, Lea, Flood, OOPSLA 2014): every input bit moves every
 * output bit. */
#ifndef SIM_HASH_H
#define SIM_HASH_H

#include <stdint.h>

static inline uint64_t
hash_mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

/* A number drawn for `key` out of the stream `seed`. */
static inline uint64_t
hash_draw(uint64_t seed, uint64_t key)
{
	return hash_mix(seed ^ hash_mix(key));
}

/* 0 <= result < 1 */
static inline double
hash_unit(uint64_t seed, uint64_t key)
{
	return (double)(hash_draw(seed, key) >> 11) * 0x1p-53;
}

/* low <= result < high */
static inline double
hash_range(uint64_t seed, uint64_t key, double low, double high)
{
	return low + (high - low) * hash_unit(seed, key);
}

#endif
