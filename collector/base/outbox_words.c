/* outbox_words.c - words of the outbox, which addresses may be used, and Message-IDs. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/mail_address.h"
#include "ixwatch/clock.h"
#include "ixwatch/outbox.h"

static const char *const kind_names[OUTBOX_KIND_COUNT] = {
	[OUTBOX_ALERT] = "alert",
	[OUTBOX_REPEAT] = "repeat",
	[OUTBOX_RECOVERY] = "recovery",
	[OUTBOX_VERDICT] = "verdict",
	[OUTBOX_NOTICE] = "notice",
	[OUTBOX_DIGEST] = "digest",
	[OUTBOX_SIGN_OF_LIFE] = "sign of life",
	[OUTBOX_REPORT] = "report",
};

static const char *const state_names[OUTBOX_STATE_COUNT] = {
	[OUTBOX_WAITING] = "waiting",       [OUTBOX_SENT] = "sent",
	[OUTBOX_FAILED] = "failed",         [OUTBOX_DROPPED] = "dropped",
	[OUTBOX_IN_DIGEST] = "in a digest",
};

const char *
outbox_kind_name(enum outbox_kind kind)
{
	return kind_names[kind];
}

const char *
outbox_state_name(enum outbox_state state)
{
	return state_names[state];
}

static bool
word_find(const char *const *names, int count, const char *name, int *index)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0) {
			*index = i;
			return true;
		}
	return false;
}

bool
outbox_kind_parse(const char *name, enum outbox_kind *kind)
{
	int index = 0;
	bool known = word_find(kind_names, OUTBOX_KIND_COUNT, name, &index);

	if (known)
		*kind = (enum outbox_kind)index;
	return known;
}

bool
outbox_state_parse(const char *name, enum outbox_state *state)
{
	int index = 0;
	bool known = word_find(state_names, OUTBOX_STATE_COUNT, name, &index);

	if (known)
		*state = (enum outbox_state)index;
	return known;
}

bool
outbox_is_over_unsent(const struct outbox_mail *mail)
{
	return (mail->state == OUTBOX_DROPPED || mail->state == OUTBOX_IN_DIGEST) &&
	       strcmp(mail->last_reply, OUTBOX_OVER_UNSENT) == 0;
}

bool
outbox_address_ok(const char *address)
{
	return mail_address_ok(address);
}

char *
outbox_message_id(char dst[OUTBOX_MESSAGE_ID_SIZE], const char *from)
{
	static uint64_t count; /* beside the random number: should the system have none */
	uint64_t chance[2] = { (uint64_t)clock_mono_us(), ++count };
	const char *at = outbox_address_ok(from) ? strchr(from, '@') + 1 : "ixwatch.invalid";

	if (getrandom(chance, sizeof(chance), GRND_NONBLOCK) != sizeof(chance))
		chance[1] += (uint64_t)clock_utc_ms() << 16;
	snprintf(dst, OUTBOX_MESSAGE_ID_SIZE, "<ixwatch.%llx.%016llx%016llx@%s>",
		 (unsigned long long)clock_utc_sec(), (unsigned long long)chance[0],
		 (unsigned long long)chance[1], at);
	return dst;
}
