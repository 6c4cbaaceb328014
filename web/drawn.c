/* drawn.c - counted answers, and a small cache that forgets the least lately used. */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drawn.h"

#define CACHE_SLOTS 512

struct counted {
	struct drawn drawn; /* first: a drawn is its counted */
	atomic_int holders; /* 0 in a static one, which lives for ever */
	bool is_static;
	char data[];
};

static char no_memory_text[] = "memory ran out";
static struct counted no_memory = {
	.drawn = { .status = 503, .data = no_memory_text, .len = sizeof(no_memory_text) - 1 },
	.is_static = true,
};

struct drawn *
drawn_new(size_t len)
{
	struct counted *c = malloc(sizeof(*c) + len + 1);

	if (c == NULL)
		return NULL;
	memset(c, 0, sizeof(*c));
	atomic_init(&c->holders, 1);
	c->drawn.len = len;
	c->drawn.data = c->data;
	c->data[len] = '\0';
	return &c->drawn;
}

struct drawn *
drawn_failure(unsigned status, const char *sentence)
{
	struct drawn *drawn = drawn_new(strlen(sentence));

	if (drawn == NULL)
		return &no_memory.drawn;
	memcpy(drawn->data, sentence, drawn->len);
	drawn->status = status;
	return drawn;
}

struct drawn *
drawn_hold(struct drawn *drawn)
{
	struct counted *c = (struct counted *)drawn;

	if (!c->is_static)
		atomic_fetch_add(&c->holders, 1);
	return drawn;
}

void
drawn_release(struct drawn *drawn)
{
	struct counted *c = (struct counted *)drawn;

	if (c == NULL || c->is_static || atomic_fetch_sub(&c->holders, 1) != 1)
		return;
	drawn_release(c->drawn.squeezed);
	free(c);
}

/* FNV-1a, 64 bit. */
static uint64_t
hash_of(const void *data, size_t len)
{
	const unsigned char *octet = data;
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ octet[i]) * UINT64_C(0x100000001b3);
	return hash;
}

void
etag_of(char etag[ETAG_MAX], const void *data, size_t len)
{
	snprintf(etag, ETAG_MAX, "\"%016" PRIx64 "\"", hash_of(data, len));
}

bool
etag_matches(const char *if_none_match, const char *etag)
{
	if (if_none_match == NULL || etag[0] == '\0')
		return false;
	return strcmp(if_none_match, "*") == 0 || strstr(if_none_match, etag) != NULL;
}

struct slot {
	uint64_t hash; /* of the key */
	char key[JOB_KEY_MAX];
	struct drawn *drawn; /* NULL: free */
	uint64_t used;
};

struct drawn_cache {
	size_t octets, octets_max;
	uint64_t clock;
	struct slot slots[CACHE_SLOTS];
};

struct drawn_cache *
drawn_cache_new(size_t octets_max)
{
	struct drawn_cache *cache = calloc(1, sizeof(*cache));

	if (cache != NULL)
		cache->octets_max = octets_max;
	return cache;
}

static void
clear_slot(struct drawn_cache *cache, struct slot *slot)
{
	if (slot->drawn == NULL)
		return;
	cache->octets -= slot->drawn->len;
	drawn_release(slot->drawn);
	*slot = (struct slot) { 0 };
}

void
drawn_cache_free(struct drawn_cache *cache)
{
	if (cache == NULL)
		return;
	for (size_t i = 0; i < CACHE_SLOTS; i++)
		clear_slot(cache, &cache->slots[i]);
	free(cache);
}

static struct slot *
find_slot(struct drawn_cache *cache, const char *key)
{
	uint64_t hash = hash_of(key, strlen(key));

	for (size_t i = 0; i < CACHE_SLOTS; i++) {
		struct slot *slot = &cache->slots[i];

		if (slot->drawn != NULL && slot->hash == hash && strcmp(slot->key, key) == 0)
			return slot;
	}
	return NULL;
}

struct drawn *
drawn_cache_find(struct drawn_cache *cache, const char *key, int64_t now_mono_ms)
{
	struct slot *slot = find_slot(cache, key);

	if (slot == NULL)
		return NULL;
	if (slot->drawn->expires_mono_ms <= now_mono_ms) {
		clear_slot(cache, slot);
		return NULL;
	}
	slot->used = ++cache->clock;
	return drawn_hold(slot->drawn);
}

/* A free slot, else the one not used for longest. */
static struct slot *
oldest_slot(struct drawn_cache *cache)
{
	struct slot *oldest = &cache->slots[0];

	for (size_t i = 0; i < CACHE_SLOTS; i++) {
		if (cache->slots[i].drawn == NULL)
			return &cache->slots[i];
		if (cache->slots[i].used < oldest->used)
			oldest = &cache->slots[i];
	}
	return oldest;
}

static struct slot *
oldest_used_slot(struct drawn_cache *cache)
{
	struct slot *oldest = NULL;

	for (size_t i = 0; i < CACHE_SLOTS; i++)
		if (cache->slots[i].drawn != NULL &&
		    (oldest == NULL || cache->slots[i].used < oldest->used))
			oldest = &cache->slots[i];
	return oldest;
}

void
drawn_cache_put(struct drawn_cache *cache, const char *key, struct drawn *drawn)
{
	struct slot *slot = find_slot(cache, key);

	if (drawn->len > cache->octets_max / 4 || strlen(key) >= JOB_KEY_MAX)
		return;
	if (slot == NULL)
		slot = oldest_slot(cache);
	clear_slot(cache, slot);
	while (cache->octets + drawn->len > cache->octets_max)
		clear_slot(cache, oldest_used_slot(cache));
	snprintf(slot->key, sizeof(slot->key), "%s", key);
	slot->hash = hash_of(key, strlen(key));
	slot->drawn = drawn_hold(drawn);
	slot->used = ++cache->clock;
	cache->octets += drawn->len;
}
