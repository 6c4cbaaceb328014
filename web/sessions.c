/* sessions.c - a table that is searched from end to end: 4,096 entries are 20 us. */
#include "sessions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sessions {
	int64_t idle_ms, max_ms;
	unsigned used; /* places from the first on that were ever taken */
	struct session session[SESSIONS_MAX];
};

struct sessions *
sessions_new(void)
{
	struct sessions *sessions = calloc(1, sizeof(*sessions));

	if (sessions != NULL)
		sessions_set_limits(sessions, 3600, 86400);
	return sessions;
}

void
sessions_free(struct sessions *sessions)
{
	free(sessions);
}

void
sessions_set_limits(struct sessions *sessions, int64_t idle_sec, int64_t max_sec)
{
	sessions->idle_ms = idle_sec * 1000;
	sessions->max_ms = max_sec * 1000;
}

static bool
is_over(const struct sessions *sessions, const struct session *s, int64_t now_mono_ms)
{
	return now_mono_ms - s->used_mono_ms >= sessions->idle_ms ||
	       now_mono_ms - s->begun_mono_ms >= sessions->max_ms;
}

/* A place for a session of that name. */
static struct session *
find_place(struct sessions *sessions, const char *name, int64_t now_mono_ms)
{
	struct session *vacant = NULL, *oldest = NULL, *own = NULL;
	unsigned own_count = 0;

	for (unsigned i = 0; i < sessions->used; i++) {
		struct session *s = &sessions->session[i];

		if (s->name[0] != '\0' && is_over(sessions, s, now_mono_ms))
			s->name[0] = '\0';
		if (s->name[0] == '\0') {
			vacant = s;
			continue;
		}
		if (oldest == NULL || s->used_mono_ms < oldest->used_mono_ms)
			oldest = s;
		if (strcmp(s->name, name) != 0)
			continue;
		own_count++;
		if (own == NULL || s->used_mono_ms < own->used_mono_ms)
			own = s;
	}
	if (own_count >= SESSIONS_PER_ACCOUNT)
		return own;
	if (vacant != NULL)
		return vacant;
	return sessions->used < SESSIONS_MAX ? &sessions->session[sessions->used++] : oldest;
}

void
sessions_begin(struct sessions *sessions, const char *name,
	       const unsigned char fingerprint[DIGEST_LEN], int64_t now_mono_ms,
	       char secret[DIGEST_HEX])
{
	struct session *s = find_place(sessions, name, now_mono_ms);

	digest_random(secret);
	*s = (struct session) { .begun_mono_ms = now_mono_ms, .used_mono_ms = now_mono_ms };
	digest_of(s->digest, secret, strlen(secret));
	memcpy(s->fingerprint, fingerprint, DIGEST_LEN);
	snprintf(s->name, sizeof(s->name), "%s", name);
}

static struct session *
find(struct sessions *sessions, const char *secret)
{
	unsigned char digest[DIGEST_LEN];

	digest_of(digest, secret, strlen(secret));
	for (unsigned i = 0; i < sessions->used; i++)
		if (sessions->session[i].name[0] != '\0' &&
		    digest_equal(sessions->session[i].digest, digest))
			return &sessions->session[i];
	return NULL;
}

const struct session *
sessions_find(struct sessions *sessions, const char *secret, int64_t now_mono_ms)
{
	struct session *s = find(sessions, secret);

	if (s == NULL)
		return NULL;
	if (is_over(sessions, s, now_mono_ms)) {
		s->name[0] = '\0';
		return NULL;
	}
	s->used_mono_ms = now_mono_ms;
	return s;
}

void
sessions_end(struct sessions *sessions, const char *secret)
{
	struct session *s = find(sessions, secret);

	if (s != NULL)
		s->name[0] = '\0';
}
