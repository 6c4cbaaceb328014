/* mailer_picture.c - the graph inside a mail: the same drawing as on the pages, of the series as it is when the mail is
 * sent. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/control.h"
#include "ixwatch/series.h"
#include "mailer_parts.h"

#define FLUSH_TIMEOUT_MS 5000
#define WIDTH_PX         640
#define HEIGHT_PX        180
#define BANDS_MAX        200

struct canvas {
	struct ledger *ledger;
	const struct outbox_picture *picture;
	enum profile profile;
	char path[1024], title[256], exchange[64], timezone[64];
	double contracted_bps;
	struct series_band bands[BANDS_MAX];
	size_t band_count;
};

static bool
on_port(const struct port *port, void *user)
{
	struct canvas *canvas = user;

	snprintf(canvas->path, sizeof(canvas->path), "%s", port->path);
	snprintf(canvas->exchange, sizeof(canvas->exchange), "%s", port->exchange);
	snprintf(canvas->title, sizeof(canvas->title), "%s %s/%s/%s", port->peer, port->exchange,
		 port->agent, port->interface);
	canvas->contracted_bps = port->contracted_bps;
	return true;
}

static bool
on_exchange(const struct ledger_exchange *exchange, void *user)
{
	struct canvas *canvas = user;

	if (strcmp(exchange->slug, canvas->exchange) != 0)
		return true;
	snprintf(canvas->timezone, sizeof(canvas->timezone), "%s", exchange->timezone);
	return false;
}

static bool
on_episode(const struct ledger_episode *episode, void *user)
{
	struct canvas *canvas = user;

	if (episode->profile == canvas->profile)
		canvas->bands[canvas->band_count++] =
		    (struct series_band) { .start_utc_sec = episode->start_utc_sec,
					   .end_utc_sec = episode->end_utc_sec,
					   .direction = episode->direction,
					   .kind = episode->kind,
					   .excused = episode->excuse != NULL };
	return canvas->band_count < BANDS_MAX;
}

static bool
canvas_fill(struct canvas *canvas, struct error *err)
{
	struct ledger_episode_query query = { .subject = subject_port(canvas->picture->port_id),
					      .from_utc_sec = canvas->picture->from_utc_sec,
					      .to_utc_sec = canvas->picture->to_utc_sec,
					      .any_kind = true,
					      .limit = BANDS_MAX };
	char name[32];

	snprintf(name, sizeof(name), "%lld", (long long)canvas->picture->port_id);
	return ledger_port_find(canvas->ledger, name, on_port, canvas, err) &&
	       ledger_exchange_each(canvas->ledger, on_exchange, canvas, err) &&
	       ledger_episode_each(canvas->ledger, &query, on_episode, canvas, err);
}

/* Without it the picture ends some minutes earlier. */
static void
flush(const char *state_dir, int64_t port_id)
{
	struct json *request = json_object_new(), *answer = NULL;

	json_put_text(request, "op", "flush");
	json_put_int(request, "port", port_id);
	if (control_ask(state_dir, request, FLUSH_TIMEOUT_MS, &answer, NULL))
		json_free(answer);
	json_free(request);
}

bool
mailer_picture(const struct mailer_settings *settings, struct ledger *ledger,
	       const struct outbox_picture *picture, unsigned char **data, size_t *len,
	       struct error *err)
{
	struct canvas canvas = { .ledger = ledger,
				 .picture = picture,
				 .profile = settings->profile,
				 .timezone = "UTC",
				 .contracted_bps = NAN };

	if (!canvas_fill(&canvas, err))
		return false;
	flush(settings->state_dir, picture->port_id);
	return series_draw(settings->state_dir,
			   &(struct series_drawing) { .path = canvas.path,
						      .title = canvas.title,
						      .timezone = canvas.timezone,
						      .from_utc_sec = picture->from_utc_sec,
						      .to_utc_sec = picture->to_utc_sec,
						      .width_px = WIDTH_PX,
						      .height_px = HEIGHT_PX,
						      .image = SERIES_PNG,
						      .contracted_bps = canvas.contracted_bps,
						      .band_count = canvas.band_count,
						      .bands = canvas.bands },
			   data, len, err);
}
