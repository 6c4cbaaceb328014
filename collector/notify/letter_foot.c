/* letter_foot.c - parts 14 and 15 of a letter: how to check it, or to see it otherwise; and who wrote it, and how not to be
 * written to.
 *
 * The command that is printed is run in a shell: nothing from outside comes into it but numbers, a zone's name and settings,
 * each checked when the facts were read. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "notify/letter.h"
#include "notify/letter_tell.h"

#define COMMANDS_MAX 8
#define WINDOWS_MAX  64

/* --- 14 --- */

/* One command, an argument at a time, broken where a line would be too long. */
struct command {
	struct letter_words *words;
	const char *text;
	size_t column;
};

static void
command_add(struct command *command, const char *argument)
{
	bool fits =
	    command->column + strlen(argument) + 5 <= LETTER_WIDTH; /* margin, blank, " \\" */

	command->text =
	    letter_keep(command->words, "%s%s%s", command->text, fits ? " " : " \\\n  ", argument);
	command->column = (fits ? command->column + 1 : 2) + strlen(argument);
}

/* Settings that are not the profile's own. */
static void
add_settings(struct command *command, const struct detector_settings *settings)
{
	char value[64];

	for (size_t i = 0; detector_settings_key(i) != NULL; i++) {
		detector_settings_format(settings, i, value, sizeof(value));
		if (strcmp(value, detector_settings_default(i, settings->profile)) != 0)
			command_add(command, letter_keep(command->words, "--set %s=%s",
							 detector_settings_key(i), value));
	}
}

/* As it was judged: the contract that limits, where it is one port's, and the windows that were declared. */
static void
add_circumstances(struct command *command, const struct letter_connection *c)
{
	if (!isnan(c->contracted_bps) && !c->billed && c->port_count == 1)
		command_add(command,
			    letter_keep(command->words, "--contracted %.0f", c->contracted_bps));
	for (size_t i = 0; i < c->window_count && i < WINDOWS_MAX; i++)
		command_add(command,
			    letter_keep(command->words, "--declare %s/%s/%s", c->windows[i].from,
					c->windows[i].to, c->windows[i].cause));
}

static const char *
csv_name(const struct letter_telling *t)
{
	if (t->facts->edition > 1)
		return letter_keep(t->words, "AS%u-r%d", t->facts->asns[0], (int)t->facts->edition);
	return letter_keep(t->words, "AS%u", t->facts->asns[0]);
}

static void
tell_command(const struct letter_telling *t, const struct letter_connection *c, long long port)
{
	struct command command = { .words = t->words };

	command.text = letter_keep(t->words, "ixwatch replay --csv %lld.csv", port);
	command.column = strlen(command.text);
	command_add(&command, letter_keep(t->words, "--profile %s",
					  profile_name(t->facts->settings.profile)));
	command_add(&command, letter_keep(t->words, "--timezone %s", c->timezone));
	add_circumstances(&command, c);
	add_settings(&command, &t->facts->settings);
	letter_add(
	    t->page, LETTER_PART_CODE,
	    letter_keep(t->words,
			"awk -F, 'NR == 1 || $1 == %lld' %s.csv | cut -d, -f2- > %lld.csv\n%s",
			port, csv_name(t), port, command.text));
}

static void
tell_commands(const struct letter_telling *t)
{
	size_t told = 0;

	for (size_t i = 0; i < t->facts->connection_count; i++) {
		const struct letter_connection *c = telling_at(t, i);

		for (size_t p = 0; p < c->port_count && told < COMMANDS_MAX; p++, told++)
			tell_command(t, c, (long long)c->ports[p].id);
	}
}

/* "congested 95%, clear 90%, ..." */
static const char *
settings_words(const struct letter_telling *t)
{
	const char *texts[64];
	char value[64];
	size_t count = 0;

	for (; detector_settings_key(count) != NULL && count < 64; count++) {
		detector_settings_format(&t->facts->settings, count, value, sizeof(value));
		texts[count] = letter_keep(t->words, "%s %s", detector_settings_key(count), value);
	}
	return letter_join(t->words, texts, count);
}

static bool
has_several(const struct letter_facts *facts)
{
	for (size_t i = 0; i < facts->connection_count; i++)
		if (facts->connections[i].port_count > 1)
			return true;
	return false;
}

void
letter_tell_check(const struct letter_telling *t)
{
	letter_tell(t, LETTER_PART_HEADING, "check.heading");
	letter_add_link(t->page, LETTER_PART_OWN, letter_say(t->words, "check.link", NULL), "");
	letter_add_link(t->page, LETTER_PART_OWN, letter_say(t->words, "check.method", NULL),
			LETTER_METHOD);
	letter_add(t->page, LETTER_PART_SMALL,
		   LETTER_SAY(t->words, "check.settings",
			      v_words("profile", profile_name(t->facts->settings.profile)),
			      v_words("settings", settings_words(t))));
	if (t->facts->connection_count > 0) {
		letter_add(t->page, LETTER_PART_PARA,
			   LETTER_SAY(t->words, "check.csv", v_words("file", csv_name(t)),
				      v_flag("several", has_several(t->facts))));
		tell_commands(t);
	}
	letter_tell(t, LETTER_PART_PARA, "check.contest");
}

/* --- 15 --- */

void
letter_tell_person(const struct letter_telling *t)
{
	const struct letter_facts *f = t->facts;

	letter_tell(t, LETTER_PART_HEADING, "person.heading");
	letter_add(t->page, LETTER_PART_PARA,
		   LETTER_SAY(t->words, "person", v_name("person", f->person),
			      v_name("mail", f->mail), v_name("phone", f->phone),
			      v_words("us", letter_whom(t, f->our_name, f->our_asn))));
	letter_add(t->page, LETTER_PART_SMALL,
		   LETTER_SAY(t->words, "person.stop", v_name("mail", f->mail),
			      v_text(LETTER_TEXT, "hint", f->optout_hint)));
}
