/* assets.c - web/static/, as arrays of octets (a rule of the Makefile writes them below gen/), and the charts' library:
 * dygraphs 2.2.1, Debian's libjs-dygraphs, under the MIT licence, which is served beside it. */
#include <pthread.h>
#include <string.h>

#include "assets.h"
#include "refuse.h"
#include "squeeze.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define YEAR_SEC     (365 * 86400)

static const unsigned char style_css[] = {
#include "style.css.inc"
};
static const unsigned char icon_svg[] = {
#include "icon.svg.inc"
};
static const unsigned char chart_js[] = {
#include "chart.js.inc"
};
static const unsigned char age_js[] = {
#include "age.js.inc"
};
static const unsigned char renew_js[] = {
#include "renew.js.inc"
};
static const unsigned char dygraph_license_txt[] = {
#include "dygraph-license.txt.inc"
};
static const unsigned char dygraph_js[] = {
#include "dygraph.min.js.inc"
};

static const unsigned char wall_css[] = {
#include "wall.css.inc"
};
static const unsigned char wall_js[] = {
#include "wall.js.inc"
};

static struct asset {
	const char *name, *type;
	const unsigned char *data;
	size_t len;
	char etag[ETAG_MAX];    /* quoted */
	char version[ETAG_MAX]; /* the same, bare */
	char *squeezed;         /* NULL: it is a picture, or would not be smaller */
	size_t squeezed_len;
} assets[] = {
	{ "style.css", "text/css; charset=utf-8", style_css, sizeof(style_css), "", "" },
	{ "wall.css", "text/css; charset=utf-8", wall_css, sizeof(wall_css), "", "" },
	{ "wall.js", "text/javascript; charset=utf-8", wall_js, sizeof(wall_js), "", "" },
	{ "icon.svg", "image/svg+xml", icon_svg, sizeof(icon_svg), "", "" },
	{ "chart.js", "text/javascript; charset=utf-8", chart_js, sizeof(chart_js), "", "" },
	{ "age.js", "text/javascript; charset=utf-8", age_js, sizeof(age_js), "", "" },
	{ "renew.js", "text/javascript; charset=utf-8", renew_js, sizeof(renew_js), "", "" },
	{ "dygraph-license.txt", "text/plain; charset=utf-8", dygraph_license_txt,
	  sizeof(dygraph_license_txt), "", "" },
	{ "dygraph.min.js", "text/javascript; charset=utf-8", dygraph_js, sizeof(dygraph_js), "",
	  "" },
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
prepare(void)
{
	for (size_t i = 0; i < COUNT(assets); i++) {
		struct asset *asset = &assets[i];

		etag_of(asset->etag, asset->data, asset->len);
		memcpy(asset->version, asset->etag + 1, 16);
		asset->version[16] = '\0';
		if (strncmp(asset->type, "text/", 5) == 0)
			asset->squeezed =
			    squeeze_dup(asset->data, asset->len, &asset->squeezed_len);
	}
}

static const struct asset *
find(const char *name)
{
	pthread_once(&once, prepare);
	for (size_t i = 0; i < COUNT(assets); i++)
		if (strcmp(assets[i].name, name) == 0)
			return &assets[i];
	return NULL;
}

const char *
assets_version(const char *name)
{
	const struct asset *asset = find(name);

	return asset == NULL ? "0" : asset->version;
}

void
assets_get(const struct request *request, struct reply *reply)
{
	const struct asset *asset = find(request->params.slug);

	if (asset == NULL) {
		refuse(request, reply, 404, "not_found", "there is no file of this name here");
		return;
	}
	reply->status = 200;
	reply->type = asset->type;
	reply->fixed = asset->data;
	reply->len = asset->len;
	reply->fixed_squeezed = asset->squeezed;
	reply->fixed_squeezed_len = asset->squeezed_len;
	memcpy(reply->etag, asset->etag, sizeof(reply->etag));
	reply->max_age_sec = (request->query.has & ARG_VERSION) != 0 ? YEAR_SEC : REPLY_REVALIDATE;
}
