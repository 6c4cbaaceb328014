/* config_detector.c - detector blocks: the file's, an exchange's, a port's, each overruling the one around it. */
#include "base/config_internal.h"

#include <stdlib.h>
#include <string.h>

/* The overrides of one scope, from the outermost to the innermost. */
struct layer {
	const struct config_override *overrides;
	size_t count;
};

/* The profile a block speaks of: the one it names, else that of the block around it. */
static enum profile
layer_profile(const struct layer *layer, enum profile around)
{
	enum profile profile = around;

	for (size_t i = 0; i < layer->count; i++)
		if (strcmp(layer->overrides[i].key, "profile") == 0)
			profile_parse(layer->overrides[i].value, &profile);
	return profile;
}

void
config_detector(const struct config *config, const struct config_exchange *exchange,
		const struct config_port *port, const enum profile *asked,
		struct detector_settings *out)
{
	const struct layer layers[] = {
		{ config->overrides, config->override_count },
		{ exchange != NULL ? exchange->overrides : NULL,
		  exchange != NULL ? exchange->override_count : 0 },
		{ port != NULL ? port->overrides : NULL, port != NULL ? port->override_count : 0 },
	};
	enum profile spoken[COUNT(layers)], profile = PROFILE_EARLY;

	for (size_t i = 0; i < COUNT(layers); i++)
		spoken[i] = profile = layer_profile(&layers[i], profile);
	if (asked != NULL)
		profile = *asked;
	detector_settings_init(out, profile);
	for (size_t i = 0; i < COUNT(layers); i++)
		for (size_t k = 0; k < layers[i].count; k++) {
			const struct config_override *o = &layers[i].overrides[k];

			if (strcmp(o->key, "profile") != 0 &&
			    (spoken[i] == profile || !detector_settings_is_profiled(o->key)))
				detector_settings_set(out, o->key, o->value, NULL);
		}
}

/* An override and where it stands. */
struct placed {
	struct config_override override;
	unsigned place;
};

static int
compare_placed(const void *left, const void *right)
{
	const struct placed *a = left, *b = right;

	return (a->place > b->place) - (a->place < b->place);
}

void
config_detector_read(struct config_reader *r, const struct config_seen *seen,
		     struct config_scope *scope, size_t *count,
		     const struct config_override **overrides)
{
	struct placed found[CONFIG_BLOCK_OPTIONS_MAX] = { 0 };
	size_t found_count = 0, option_count;
	const struct config_option *rows = config_options(BLOCK_DETECTOR, &option_count);

	for (size_t i = 0; i < option_count; i++) {
		const struct config_seen_value *value = &seen->value[i];

		scope->sound = scope->sound && (value->taken || value->place == 0);
		if (value->taken)
			found[found_count++] =
			    (struct placed) { { rows[i].name, value->text }, value->place };
	}
	qsort(found, found_count, sizeof(found[0]), compare_placed);
	struct config_override *list = config_alloc(r, found_count, sizeof(*list));
	for (size_t i = 0; i < found_count && list != NULL; i++)
		list[i] = found[i].override;
	*overrides = list;
	*count = list != NULL ? found_count : 0;
	scope->place = seen->place;
	scope->step_place = config_seen_get(seen, "step")->place;
}

/* --- what the blocks lead to --- */

/* Whether a scope that this one stands in is unsound: its fault would be told again. */
static bool
is_hidden(const struct config_reader *r, const struct config_scope *scope)
{
	for (const struct config_scope *s = r->scopes; s < scope; s++)
		if (!s->sound && (s->exchange == NULL || s->exchange == scope->exchange) &&
		    (s->port == NULL || s->port == scope->port))
			return true;
	return false;
}

static void
check_interval(struct config_reader *r, const struct config_scope *scope,
	       const struct detector_settings *settings)
{
	struct error err;
	unsigned interval_sec = r->config->interval_sec;

	/* A scope without a step of its own has its parent's, which was checked there. */
	if (r->interval_refused || (scope->step_place == 0 && scope->exchange != NULL) ||
	    detector_settings_check(settings, interval_sec, &err))
		return;
	if (scope->step_place != 0)
		config_complain(r, scope->step_place, "step",
				"%lld s is no multiple of interval, %u s; allowed: a multiple of "
				"interval that divides 1h",
				(long long)settings->step_sec, interval_sec);
	else
		config_complain(r, r->interval_place, NULL, "%s", err.text);
}

/* The settings in force, by the profile in force and by either: pages use one, reports the other. */
static bool
check_scope(struct config_reader *r, const struct config_scope *scope)
{
	static const enum profile profiles[] = { PROFILE_EARLY, PROFILE_PROOF };
	struct detector_settings settings;
	struct error err;

	for (size_t i = 0; i < COUNT(profiles); i++) {
		config_detector(r->config, scope->exchange, scope->port, &profiles[i], &settings);
		if (detector_settings_check(&settings, 0, &err))
			continue;
		config_complain(r, scope->place, NULL, "%s (profile %s)", err.text,
				profile_name(profiles[i]));
		return false;
	}
	check_interval(r, scope, &settings);
	return true;
}

void
config_check_scopes(struct config_reader *r)
{
	for (size_t i = 0; i < r->scope_count; i++)
		if (is_hidden(r, &r->scopes[i]))
			r->scopes[i].sound = false;
		else if (r->scopes[i].sound)
			r->scopes[i].sound = check_scope(r, &r->scopes[i]);
}
