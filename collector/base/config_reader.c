/* config_reader.c - what one reading of a configuration gathers beside its result: places, faults, and what the checks
 * across blocks will look at. */
#include "base/config_internal.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ixwatch/units.h"

bool
config_reader_init(struct config_reader *r)
{
	*r = (struct config_reader) { .config = config_new() };
	return r->config != NULL;
}

void
config_reader_clear(struct config_reader *r)
{
	for (size_t i = 0; i < r->fault_count; i++)
		free(r->faults[i].message);
	free(r->faults);
	free(r->places);
	free(r->scopes);
	free(r->claims);
	free(r->peer_claims);
	*r = (struct config_reader) { 0 };
}

/* One element more of an array that doubles; NULL when memory ran out. */
static void *
grown(struct config_reader *r, void **array, size_t count, size_t size)
{
	if ((count & (count - 1)) == 0) { /* full at each power of two */
		void *larger = reallocarray(*array, count == 0 ? 1 : 2 * count, size);

		if (larger == NULL) {
			r->out_of_memory = true;
			return NULL;
		}
		*array = larger;
	}
	return (char *)*array + count * size;
}

unsigned
config_place_add(struct config_reader *r, const char *file, unsigned line)
{
	struct config_place *place =
	    grown(r, (void **)&r->places, r->place_count, sizeof(*r->places));

	if (place == NULL)
		return 0;
	*place = (struct config_place) { file, line };
	return ++r->place_count;
}

const struct config_place *
config_place_get(const struct config_reader *r, unsigned place)
{
	return place >= 1 && place <= r->place_count ? &r->places[place - 1] : NULL;
}

void
config_complain(struct config_reader *r, unsigned place, const char *key, const char *format, ...)
{
	struct config_fault *fault =
	    grown(r, (void **)&r->faults, r->fault_count, sizeof(*r->faults));
	char sentence[2048];
	va_list args;

	if (fault == NULL)
		return;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	*fault = (struct config_fault) { .place = place, .order = r->fault_count };
	if (asprintf(&fault->message, "%s%s%s", key != NULL ? key : "", key != NULL ? ": " : "",
		     sentence) < 0) {
		r->out_of_memory = true;
		return;
	}
	r->fault_count++;
}

void
config_scope_add(struct config_reader *r, const struct config_scope *scope)
{
	struct config_scope *added =
	    grown(r, (void **)&r->scopes, r->scope_count, sizeof(*r->scopes));

	if (added == NULL)
		return;
	*added = *scope;
	r->scope_count++;
}

void
config_peer_claim_add(struct config_reader *r, const struct config_peer_claim *claim)
{
	struct config_peer_claim *added =
	    grown(r, (void **)&r->peer_claims, r->peer_claim_count, sizeof(*r->peer_claims));

	if (added == NULL)
		return;
	*added = *claim;
	r->peer_claim_count++;
}

void
config_claim_add(struct config_reader *r, const struct config_claim *claim)
{
	struct config_claim *added =
	    grown(r, (void **)&r->claims, r->claim_count, sizeof(*r->claims));

	if (added == NULL)
		return;
	*added = *claim;
	r->claim_count++;
}

static int
fault_order(const void *left, const void *right)
{
	const struct config_fault *a = left, *b = right;

	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

size_t
config_faults_tell(struct config_reader *r, config_on_error *on_error, void *user)
{
	char text[4096];

	if (r->fault_count > 0)
		qsort(r->faults, r->fault_count, sizeof(*r->faults), fault_order);
	for (size_t i = 0; i < r->fault_count && on_error != NULL; i++) {
		const struct config_place *place = config_place_get(r, r->faults[i].place);

		if (place != NULL)
			snprintf(text, sizeof(text), "%s:%u: %s", place->file, place->line,
				 r->faults[i].message);
		else
			snprintf(text, sizeof(text), "%s: %s", r->config->file,
				 r->faults[i].message);
		on_error(text, user);
	}
	return r->fault_count;
}

struct config_shown
config_show(const char *text, size_t len)
{
	struct config_shown shown = { "" };

	units_clean_text(shown.text, sizeof(shown.text), text, len);
	if (len >= sizeof(shown.text))
		memcpy(shown.text + sizeof(shown.text) - 4, "...", 4);
	return shown;
}
