/* letter_words.c - see letter_words.h. */
#include "notify/letter_words.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/units.h"
#include "notify/letter.h"
#include "notify/message_page.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define VALUES_MAX   32

struct kept {
	struct kept *next;
	max_align_t at[];
};

struct letter_words {
	struct letter_template *template;
	struct kept *kept;
	bool failed;
	struct error why; /* the first */
};

/* --- languages --- */

static const unsigned char words_en[] = {
#include "letter_en.tmpl.inc"
};

static const struct language {
	const char *name, *file;
	const unsigned char *text;
	size_t len;
} languages[] = {
	{ "en", "letter_en.tmpl", words_en, sizeof(words_en) },
};

const char *
letter_language_file(const char *language, const char **name, size_t *len)
{
	for (size_t i = 0; i < COUNT(languages); i++)
		if (strcmp(languages[i].name, language) == 0) {
			*name = languages[i].file;
			*len = languages[i].len;
			return (const char *)languages[i].text;
		}
	return NULL;
}

bool
letter_words_open(struct letter_words **out, const char *language, struct error *err)
{
	const char *file, *text;
	struct letter_words *words;
	size_t len, count;
	const struct template_entry *entries = letter_entries(&count);

	text = letter_language_file(language, &file, &len);
	if (text == NULL)
		return error_set(err, ERR_REFUSED,
				 "facts: language: there are no words in \"%.16s\"; languages: en",
				 language);
	words = calloc(1, sizeof(*words));
	if (words == NULL)
		return error_set(err, ERR_NOMEM, "letter: out of memory");
	if (!letter_template_parse(&words->template, file, text, len, err) ||
	    !letter_template_check(words->template, entries, count, err)) {
		letter_words_close(words);
		return false;
	}
	*out = words;
	return true;
}

void
letter_words_close(struct letter_words *words)
{
	if (words == NULL)
		return;
	while (words->kept != NULL) {
		struct kept *next = words->kept->next;

		free(words->kept);
		words->kept = next;
	}
	letter_template_free(words->template);
	free(words);
}

bool
letter_words_failed(const struct letter_words *words, struct error *err)
{
	if (words->failed && err != NULL)
		*err = words->why;
	return words->failed;
}

static void
fail(struct letter_words *words, const struct error *why)
{
	if (!words->failed)
		words->why = *why;
	words->failed = true;
}

/* --- keeping --- */

void *
letter_keep_memory(struct letter_words *words, size_t size)
{
	struct kept *kept = words->failed ? NULL : calloc(1, sizeof(*kept) + size);
	struct error why;

	if (kept == NULL) {
		error_set(&why, ERR_NOMEM, "letter: out of memory");
		fail(words, &why);
		return NULL;
	}
	kept->next = words->kept;
	words->kept = kept;
	return kept->at;
}

const char *
letter_keep(struct letter_words *words, const char *format, ...)
{
	va_list arguments;
	char *text;
	int len;

	va_start(arguments, format);
	len = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	text = len < 0 ? NULL : letter_keep_memory(words, (size_t)len + 1);
	if (text == NULL)
		return "";
	va_start(arguments, format);
	vsnprintf(text, (size_t)len + 1, format, arguments);
	va_end(arguments);
	return text;
}

/* What stands for the recipient's link is put in where the link belongs, and nowhere else. */
static void
defuse(char *text)
{
	for (char *at = text; (at = strstr(at, LETTER_LINK)) != NULL;)
		*strchr(at, '-') = ' ';
}

const char *
letter_clean(struct letter_words *words, const char *text, size_t max_characters)
{
	size_t size = max_characters * 4 + 8;
	char *clean = letter_keep_memory(words, size);

	if (clean == NULL)
		return "";
	message_clean(clean, size, text, max_characters);
	defuse(clean);
	return clean;
}

/* --- values --- */

/* The i-th word of an entry that is a list of them; "" past the last. */
static const char *
word_of(struct letter_words *words, const char *entry, size_t i)
{
	const char *list = letter_say(words, entry, NULL);

	for (; i > 0 && *list != '\0'; i--) {
		list += strcspn(list, " ");
		list += strspn(list, " ");
	}
	return letter_keep(words, "%.*s", (int)strcspn(list, " "), list);
}

/* "2026-11-16..." -> its parts; false when it is none. */
static bool
date_split(const char *text, int *year, int *month, int *day, int *weekday)
{
	char instant[24];
	int64_t utc_sec;

	snprintf(instant, sizeof(instant), "%.10sT00:00:00Z", text);
	if (strlen(text) < 10 || !units_parse_utc(instant, &utc_sec))
		return false;
	*year = atoi(text);
	*month = atoi(text + 5);
	*day = atoi(text + 8);
	*weekday = (int)(((utc_sec / 86400 + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
	return true;
}

static const char *
date_text(struct letter_words *words, const char *text, bool with_year)
{
	int year, month, day, weekday;

	if (!date_split(text, &year, &month, &day, &weekday))
		return "";
	return LETTER_SAY(words, "format.date",
			  v_words("weekday", word_of(words, "format.weekdays", (size_t)weekday)),
			  v_int("day", day),
			  v_words("month", word_of(words, "format.months", (size_t)month - 1)),
			  v_words("year", with_year ? letter_keep(words, "%d", year) : ""));
}

static const char *
unknown(struct letter_words *words)
{
	return letter_say(words, "format.unknown", NULL);
}

/* The decimal sign of the language. */
static const char *
decimal_text(struct letter_words *words, const char *text)
{
	const char *sign = letter_say(words, "format.decimal", NULL), *point = strchr(text, '.');

	if (point == NULL || strcmp(sign, ".") == 0)
		return letter_keep(words, "%s", text);
	return letter_keep(words, "%.*s%s%s", (int)(point - text), text, sign, point + 1);
}

/* "10 Gbit/s", "2.5 Gbit/s": as ports are sold. */
static void
size_text(char *dst, size_t len, double bps)
{
	static const char *const units[] = { "bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s" };
	size_t unit = 0;

	for (; bps >= 1000 && unit + 1 < COUNT(units); unit++)
		bps /= 1000;
	snprintf(dst, len, "%.4g %s", bps, units[unit]);
}

/* Small shares are told in two figures, and none above zero as zero. */
static void
loss_text(char *dst, size_t len, double share)
{
	double percent = share * 100;

	if (percent > 0 && percent < 0.0001)
		snprintf(dst, len, "<0.0001%%");
	else
		snprintf(dst, len,
			 percent >= 1       ? "%.1f%%"
			 : percent >= 0.001 ? "%.2g%%"
					    : "%.4f%%",
			 percent);
}

static const char *
number_text(struct letter_words *words, const struct letter_value *value)
{
	char text[64];

	if (isnan(value->number))
		return unknown(words);
	switch (value->kind) {
	case LETTER_SHARE: units_format_share(text, sizeof(text), value->number); break;
	case LETTER_LOSS: loss_text(text, sizeof(text), value->number); break;
	case LETTER_RATE: units_format_bps(text, sizeof(text), value->number); break;
	case LETTER_SIZE: size_text(text, sizeof(text), value->number); break;
	case LETTER_DURATION:
		units_format_duration(text, sizeof(text), (int64_t)value->number);
		break;
	default: snprintf(text, sizeof(text), "%.0f", value->number); break;
	}
	return decimal_text(words, text);
}

static const char *
text_of(struct letter_words *words, const struct letter_value *value)
{
	switch (value->kind) {
	case LETTER_NAME: return letter_clean(words, value->text, LETTER_NAME_MAX);
	case LETTER_TEXT: return letter_clean(words, value->text, LETTER_TEXT_MAX);
	case LETTER_WORDS:
	case LETTER_KEY: return value->text;
	case LETTER_INT:
	case LETTER_FLAG: return letter_keep(words, "%" PRId64, value->integer);
	case LETTER_DATE: return date_text(words, value->text, true);
	case LETTER_DAY: return date_text(words, value->text, false);
	case LETTER_UTC:
		return value->text[0] == '\0'
			   ? ""
			   : LETTER_SAY(
				 words, "format.utc",
				 v_words("date", date_text(words, value->text, true)),
				 v_words("clock", letter_keep(words, "%.5s", value->text + 11)));
	default: return number_text(words, value);
	}
}

static bool
is_there(const struct letter_value *value, const char *text)
{
	switch (value->kind) {
	case LETTER_INT:
	case LETTER_FLAG: return value->integer != 0;
	case LETTER_MINUTES: return value->number > 0;
	case LETTER_SHARE:
	case LETTER_LOSS:
	case LETTER_RATE:
	case LETTER_SIZE:
	case LETTER_DURATION: return !isnan(value->number);
	default: return text[0] != '\0';
	}
}

const char *
letter_value_text(struct letter_words *words, struct letter_value value)
{
	return text_of(words, &value);
}

/* --- saying --- */

const char *
letter_say(struct letter_words *words, const char *entry, const struct letter_value *values)
{
	struct template_value set[VALUES_MAX];
	struct error why;
	size_t count = 0;
	char *said;

	for (; values != NULL && values[count].name != NULL && count < VALUES_MAX; count++) {
		const char *text = text_of(words, &values[count]);

		set[count] = (struct template_value) {
			.name = values[count].name,
			.text = text,
			.is_there = is_there(&values[count], text),
			.count =
			    values[count].kind == LETTER_MINUTES && !isnan(values[count].number)
				? (int64_t)values[count].number
				: values[count].integer,
		};
	}
	if (words->failed)
		return "";
	said = letter_template_set(words->template, entry, set, count, &why);
	if (said == NULL) {
		fail(words, &why);
		return "";
	}
	const char *kept = letter_keep(words, "%s", said);
	free(said);
	return kept;
}

const char *
letter_join(struct letter_words *words, const char *const *texts, size_t count)
{
	const char *list = count > 0 ? texts[0] : "";

	for (size_t i = 1; i < count; i++)
		list = LETTER_SAY(words, i + 1 < count ? "format.list_more" : "format.list_last",
				  v_words("list", list), v_words("next", texts[i]));
	return list;
}
