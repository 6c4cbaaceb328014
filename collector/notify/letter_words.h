/* letter_words.h - a language's words, and values as they are said in it.  Pure; for the files of letter.h.
 *
 * A sentence is asked for by its name, with its values; what comes back is text, clean and of one line, that belongs to the
 * words.  A failure is remembered, and asked once. */
#ifndef COLLECTOR_NOTIFY_LETTER_WORDS_H
#define COLLECTOR_NOTIFY_LETTER_WORDS_H

#include "notify/letter_template.h"

#define LETTER_NAME_MAX   64   /* characters of a name from outside */
#define LETTER_TEXT_MAX   600  /* of a text from outside */
#define LETTER_POLICY_MAX 3000 /* of a policy's words */

enum letter_value_kind {
	LETTER_NAME,    /* from outside */
	LETTER_TEXT,    /* from outside, longer */
	LETTER_WORDS,   /* said by these words already */
	LETTER_KEY,     /* chooses an alternative, is never put in */
	LETTER_INT,     /* counts */
	LETTER_MINUTES, /* a whole number that may be unknown (NAN) */
	LETTER_FLAG,
	LETTER_SHARE,   /* "93.1%" */
	LETTER_LOSS,    /* of packets: "0.31%", two figures where they are few */
	LETTER_RATE,    /* "9.31 Gbit/s" */
	LETTER_SIZE,    /* of a port: "10 Gbit/s" */
	LETTER_DATE,    /* "2026-11-16" -> "Mon 16 Nov 2026" */
	LETTER_DAY,     /* -> "Mon 16 Nov" */
	LETTER_UTC,     /* "2026-11-16T18:55:00Z" -> "Mon 16 Nov 2026, 18:55 UTC" */
	LETTER_DURATION /* seconds: "5 min", "3 h" */
};

struct letter_value {
	const char *name;
	enum letter_value_kind kind;
	const char *text;
	double number;
	int64_t integer;
};

static inline struct letter_value
v_text(enum letter_value_kind kind, const char *name, const char *text)
{
	return (struct letter_value) { .name = name, .kind = kind, .text = text };
}
static inline struct letter_value
v_number(enum letter_value_kind kind, const char *name, double number)
{
	return (struct letter_value) { .name = name, .kind = kind, .number = number };
}
static inline struct letter_value
v_int(const char *name, int64_t integer)
{
	return (struct letter_value) { .name = name, .kind = LETTER_INT, .integer = integer };
}
static inline struct letter_value
v_flag(const char *name, bool flag)
{
	return (struct letter_value) { .name = name, .kind = LETTER_FLAG, .integer = flag };
}
#define v_name(name, text)       v_text(LETTER_NAME, name, text)
#define v_words(name, text)      v_text(LETTER_WORDS, name, text)
#define v_key(name, text)        v_text(LETTER_KEY, name, text)
#define v_date(name, text)       v_text(LETTER_DATE, name, text)
#define v_utc(name, text)        v_text(LETTER_UTC, name, text)
#define v_share(name, number)    v_number(LETTER_SHARE, name, number)
#define v_loss(name, number)     v_number(LETTER_LOSS, name, number)
#define v_rate(name, number)     v_number(LETTER_RATE, name, number)
#define v_size(name, number)     v_number(LETTER_SIZE, name, number)
#define v_minutes(name, number)  v_number(LETTER_MINUTES, name, number)
#define v_duration(name, number) v_number(LETTER_DURATION, name, number)

struct letter_words;

/* ERR_REFUSED: there are no words in that language.  ERR_PARSE: its file is wrong. */
bool letter_words_open(struct letter_words **out, const char *language, struct error *err);
void letter_words_close(struct letter_words *words); /* NULL is fine */
bool letter_words_failed(const struct letter_words *words, struct error *err);

/* values end with a NULL name; NULL none.  Returns "" after a failure. */
const char *letter_say(struct letter_words *words, const char *entry,
		       const struct letter_value *values);
#define LETTER_SAY(words, entry, ...)                                                              \
	letter_say((words), (entry), (const struct letter_value[]) { __VA_ARGS__, { 0 } })

/* "a, b and c" */
const char *letter_join(struct letter_words *words, const char *const *texts, size_t count);
/* From outside, clean. */
const char *letter_clean(struct letter_words *words, const char *text, size_t max_characters);
/* One value alone. */
const char *letter_value_text(struct letter_words *words, struct letter_value value);
/* A copy that belongs to the words. */
const char *letter_keep(struct letter_words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Zeroed memory that belongs to the words; NULL after a failure. */
void *letter_keep_memory(struct letter_words *words, size_t size);

/* The list that every language's file is checked against. */
const struct template_entry *letter_entries(size_t *count);
/* The file of a language, as it is compiled in; NULL: there is none. */
const char *letter_language_file(const char *language, const char **name, size_t *len);

#endif
