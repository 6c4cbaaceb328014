/* config_memory.c - a configuration in memory: everything it points to lies in chunks that are overwritten and freed
 * together; and the questions one can ask it. */
#include "base/config_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE ((size_t)64 * 1024)

struct chunk {
	struct chunk *next;
	size_t size, used;
	max_align_t data[];
};

/* A configuration and its memory; the public part comes first. */
struct memory {
	struct config config;
	struct chunk *chunks;
};

struct config *
config_new(void)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	return (struct config *)memory;
}

void
config_free(struct config *config)
{
	struct memory *memory = (struct memory *)config;
	struct chunk *next;

	if (memory == NULL)
		return;
	for (struct chunk *chunk = memory->chunks; chunk != NULL; chunk = next) {
		next = chunk->next;
		explicit_bzero(chunk->data, chunk->size);
		free(chunk);
	}
	free(memory);
}

static struct chunk *
chunk_new(struct memory *memory, size_t size)
{
	struct chunk *chunk = calloc(1, sizeof(*chunk) + size);

	if (chunk == NULL)
		return NULL;
	chunk->size = size;
	chunk->next = memory->chunks;
	memory->chunks = chunk;
	return chunk;
}

void *
config_alloc(struct config_reader *r, size_t count, size_t size)
{
	struct memory *memory = (struct memory *)r->config;
	struct chunk *chunk = memory->chunks;
	size_t len;

	if (__builtin_mul_overflow(count, size, &len) || len > SIZE_MAX / 2) {
		r->out_of_memory = true;
		return NULL;
	}
	len = (len + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
	if (chunk == NULL || chunk->size - chunk->used < len)
		chunk = chunk_new(memory, len > CHUNK_SIZE ? len : CHUNK_SIZE);
	if (chunk == NULL) {
		r->out_of_memory = true;
		return NULL;
	}
	chunk->used += len;
	return (char *)chunk->data + chunk->used - len;
}

const char *
config_dup(struct config_reader *r, const char *text)
{
	return config_format(r, "%s", text);
}

const char *
config_format(struct config_reader *r, const char *format, ...)
{
	va_list args;
	char *made, *kept = NULL;

	va_start(args, format);
	int len = vasprintf(&made, format, args);
	va_end(args);
	if (len < 0) {
		r->out_of_memory = true;
		return "";
	}
	kept = config_alloc(r, 1, (size_t)len + 1);
	if (kept != NULL)
		memcpy(kept, made, (size_t)len + 1);
	explicit_bzero(made, (size_t)len);
	free(made);
	return kept != NULL ? kept : "";
}

const char *
config_path_beside(struct config_reader *r, const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');

	if (path[0] == '/' || path[0] == '\0')
		return config_dup(r, path);
	if (slash == NULL)
		return config_dup(r, path);
	return config_format(r, "%.*s/%s", (int)(slash - file), file, path);
}

/* --- questions --- */

void
config_drop_secrets(struct config *config)
{
	for (size_t i = 0; i < config->snmp_count; i++) {
		const struct config_snmp *snmp = &config->snmp[i];
		const char *const secrets[] = { snmp->community, snmp->auth_secret,
						snmp->priv_secret };

		/* The memory is the configuration's own; a secret that was never set is a constant "". */
		for (size_t k = 0; k < COUNT(secrets); k++)
			if (secrets[k][0] != '\0')
				explicit_bzero((char *)(uintptr_t)secrets[k], strlen(secrets[k]));
	}
}

const struct config_exchange *
config_exchange_find(const struct config *config, const char *slug)
{
	for (size_t i = 0; i < config->exchange_count; i++)
		if (strcmp(config->exchanges[i].slug, slug) == 0)
			return &config->exchanges[i];
	return NULL;
}

const struct config_port *
config_port_find(const struct config_exchange *exchange, const char *agent, const char *interface)
{
	for (size_t i = 0; i < exchange->port_count; i++)
		if (strcmp(exchange->ports[i].interface, interface) == 0 &&
		    strcmp(exchange->ports[i].agent, agent) == 0)
			return &exchange->ports[i];
	return NULL;
}

static bool
is_peer(const struct config_peer *peer, uint32_t asn)
{
	for (size_t i = 0; i < peer->also_count; i++)
		if (peer->also[i] == asn)
			return true;
	return peer->asn == asn;
}

const struct config_peer *
config_peer_find(const struct config *config, uint32_t asn)
{
	for (size_t i = 0; i < config->peer_count && asn != 0; i++)
		if (is_peer(&config->peers[i], asn))
			return &config->peers[i];
	return NULL;
}
