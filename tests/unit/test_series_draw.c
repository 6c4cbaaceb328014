/* links: store/series.c store/series_work.c store/series_regrid.c store/series_table.c store/series_path.c store/series_plan.c store/series_layout.c store/series_file.c store/series_undo.c store/series_update.c store/series_sweep.c store/series_crc.c store/series_segment.c store/series_journal.c store/series_playback.c store/series_read.c store/series_fill.c store/series_import.c store/series_convert.c store/series_survey.c store/series_args.c store/series_picture.c store/series_draw.c tests/unit/series_model.c tests/unit/series_scratch.c base/error.c base/clock.c base/log.c base/log_body.c base/model.c base/units.c */
/* pkgs: librrd */
/* test_series_draw.c - pictures: right kind and size, any text as title, unknown time and episodes
 * to be seen. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "ixwatch/series.h"
#include "ixwatch/units.h"
#include "series_scratch.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* As cairo writes our colours into an SVG. */
#define GREY "rgb(47.843137%,51.764706%,58.039216%)" /* 7a8494: unknown */
#define RED  "rgb(87.45098%,25.490196%,28.235294%)"  /* df4148: a sustained episode's traffic */

#define VIOLET "rgb(54.117647%,36.078431%,81.568627%)" /* 8a5cd0: a declared window */
#define PALE   "rgb(92.941176%,65.098039%,66.27451%)"  /* eda6a9: an excused one's */

#ifdef __SANITIZE_ADDRESS__
/* librrd 1.7.2 loses some 350 octets with each picture, fontconfig what it has cached; whole
 * stacks, to tell them. */
const char *__asan_default_options(void);
const char *__lsan_default_suppressions(void);

const char *
__asan_default_options(void)
{
	return "fast_unwind_on_malloc=0";
}

const char *
__lsan_default_suppressions(void)
{
	return "leak:librrd.so\nleak:libfontconfig.so\n";
}
#endif

/* What librrd is asked to draw: its words are glyphs in the picture.  Ours comes first, and calls the library's. */
void *rrd_graph_v(int argc, char **argv);
static char said[4096]; /* every comment of the last picture */

void *
rrd_graph_v(int argc, char **argv)
{
	void *(*draw)(int, char **);
	void *library = dlsym(RTLD_NEXT, "rrd_graph_v");

	memcpy(&draw, &library, sizeof(draw));
	said[0] = '\0';
	for (int i = 0; i < argc; i++)
		if (strncmp(argv[i], "COMMENT:", 8) == 0 || strncmp(argv[i], "LINE1:cap", 9) == 0)
			snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s\n", argv[i]);
	return draw(argc, argv);
}

static char *dir;

/* Two days of history with a hole in the night before the last, a LAG that loses a member, a busy
 * evening. */
static void
make_history(bool hole)
{
	struct series_settings settings = scratch_settings(dir, 60);
	struct sample *samples = calloc(3 * 288, sizeof(*samples));
	struct series *series;
	struct error err = { 0 };
	size_t count = 0, accepted;

	for (int64_t t = NOW - 2 * DAY + 300; t <= NOW; t += 300) {
		struct sample *s = &samples[count++];

		s->end_utc_sec = t;
		s->step_sec = 300;
		s->value[COLUMN_IN_BPS] = 1e9 * (2 + sin((double)t / 13751));
		s->value[COLUMN_OUT_BPS] = 4e9 * (2 + sin((double)t / 13751 + 1));
		s->value[COLUMN_CAPACITY_BPS] = t > NOW - DAY ? 2e10 : 1e10;
		s->value[COLUMN_OPER] = 1;
		if (hole && t > NOW - 20 * 3600 && t <= NOW - 14 * 3600)
			for (int c = 0; c < COLUMN_COUNT; c++)
				s->value[c] = NAN;
	}
	assert_true(series_open(&series, &settings, &err));
	if (!series_import(series, PORT, samples, count, &accepted, &err))
		fail_msg("%s", err.text);
	series_close(series);
	free(samples);
}

static int
setup(void **state)
{
	(void)state;
	clock_fake(0, NOW * 1000);
	log_level_set(LOG_LEVEL_ERROR);
	dir = scratch_make();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	scratch_remove(dir);
	return 0;
}

static struct series_drawing
drawing_of_a_day(enum series_image image)
{
	return (struct series_drawing) { .path = PORT,
					 .title = "ExampleNet (AS64500)",
					 .timezone = "Europe/Berlin",
					 .from_utc_sec = NOW - DAY,
					 .to_utc_sec = NOW,
					 .width_px = 600,
					 .height_px = 200,
					 .image = image,
					 .contracted_bps = NAN };
}

static unsigned char *
draw(const struct series_drawing *drawing, size_t *len)
{
	unsigned char *data = NULL;
	struct error err = { 0 };

	if (!series_draw(dir, drawing, &data, len, &err))
		fail_msg("%s", err.text);
	return data;
}

static unsigned
big_endian(const unsigned char *at)
{
	return (unsigned)at[0] << 24 | (unsigned)at[1] << 16 | (unsigned)at[2] << 8 | at[3];
}

static const struct size_case {
	const char *name;
	unsigned width, height, least_width, most_width, least_height, most_height;
} size_cases[] = {
	{ "a picture is as large as its plot and its words", 600, 200, 640, 760, 260, 340 },
	{ "a tiny picture is a small one", 1, 1, 160, 300, 100, 300 },
	{ "an enormous picture is a large one", 20000, 20000, 2040, 2160, 1060, 1140 },
};

static void
png_has_its_size(void **state)
{
	const struct size_case *c = *state;
	struct series_drawing drawing = drawing_of_a_day(SERIES_PNG);
	unsigned char *data;
	size_t len;

	make_history(false);
	drawing.width_px = c->width;
	drawing.height_px = c->height;
	data = draw(&drawing, &len);
	assert_true(len > 1000);
	assert_memory_equal(data, "\x89PNG\r\n\x1a\n", 8);
	assert_in_range(big_endian(data + 16), c->least_width, c->most_width);
	assert_in_range(big_endian(data + 20), c->least_height, c->most_height);
	free(data);
}

/* Colour type 2 of a PNG's head: red, green, blue, and no alpha.  It is read on any ground, and quicker to make. */
static void
nothing_is_seen_through_a_picture(void **state)
{
	struct series_drawing drawing = drawing_of_a_day(SERIES_PNG);
	unsigned char *data;
	size_t len;

	(void)state;
	make_history(true);
	for (int dark = 0; dark < 2; dark++) {
		drawing.dark = dark;
		data = draw(&drawing, &len);
		assert_int_equal(data[24], 8);
		assert_int_equal(data[25], 2);
		free(data);
	}
}

/* An SVG as text; the caller frees. */
static char *
svg_of(const struct series_drawing *drawing)
{
	size_t len;
	unsigned char *data = draw(drawing, &len);
	char *text = strndup((const char *)data, len);

	free(data);
	assert_non_null(strstr(text, "<svg"));
	return text;
}

static void
unknown_time_is_grey_and_known_time_is_not(void **state)
{
	struct series_drawing drawing = drawing_of_a_day(SERIES_SVG);
	char *text;

	(void)state;
	make_history(true);
	text = svg_of(&drawing);
	assert_non_null(strstr(text, GREY));
	free(text);
	drawing.from_utc_sec = NOW - 2 * DAY;
	drawing.to_utc_sec = NOW - DAY;
	text = svg_of(&drawing);
	assert_null(strstr(text, GREY));
	free(text);
}

static void
a_port_that_went_silent_turns_grey(void **state)
{
	struct series_drawing drawing = drawing_of_a_day(SERIES_SVG);
	char *text;

	(void)state;
	make_history(false);
	clock_fake(0, (NOW + 6 * 3600) * 1000);
	drawing.to_utc_sec = NOW + 6 * 3600;
	text = svg_of(&drawing);
	assert_non_null(strstr(text, GREY));
	free(text);
	clock_fake(0, (NOW + 300) * 1000); /* what is not due yet is not unknown */
	drawing.to_utc_sec = NOW + 300;
	text = svg_of(&drawing);
	assert_null(strstr(text, GREY));
	free(text);
}

static void
episodes_are_shaded(void **state)
{
	struct series_band bands[] = {
		{ NOW - 7200, NOW - 3600, DIRECTION_OUT, EPISODE_SUSTAINED },
		{ NOW - 9 * DAY, NOW - 8 * DAY, DIRECTION_OUT, EPISODE_SUSTAINED },
		{ NOW - 20000, NOW - 19100, DIRECTION_IN, EPISODE_SPIKE },
	};
	struct series_drawing drawing = drawing_of_a_day(SERIES_SVG);
	char *plain, *text;

	(void)state;
	make_history(false);
	plain = svg_of(&drawing);
	assert_null(strstr(plain, RED));
	drawing.bands = bands;
	drawing.band_count = COUNT(bands);
	text = svg_of(&drawing);
	assert_non_null(strstr(text, RED));
	free(text);
	drawing.bands = bands + 1; /* outside the picture: nothing of it */
	drawing.band_count = 1;
	text = svg_of(&drawing);
	assert_null(strstr(text, RED));
	free(text);
	free(plain);
}

/* What is excused is lighter, and does not take the colour from what counts. */
static void
excused_episodes_are_lighter(void **state)
{
	struct series_band bands[] = {
		{ NOW - 7200, NOW - 3600, DIRECTION_OUT, EPISODE_SUSTAINED, .excused = true },
		{ NOW - 30000, NOW - 20000, DIRECTION_OUT, EPISODE_SUSTAINED },
	};
	struct series_drawing drawing = drawing_of_a_day(SERIES_SVG);
	char *text;

	(void)state;
	make_history(false);
	drawing.bands = bands;
	for (drawing.band_count = 1; drawing.band_count <= 2; drawing.band_count++) {
		text = svg_of(&drawing);
		assert_non_null(strstr(text, PALE));
		assert_int_equal(strstr(text, RED) != NULL, drawing.band_count == 2);
		free(text);
	}
	drawing.bands = bands + 1;
	drawing.band_count = 1;
	text = svg_of(&drawing);
	assert_null(strstr(text, PALE));
	free(text);
}

/* A declared window is behind both halves, whatever its direction says, and leaves the traffic its colour. */
static void
declared_windows_are_shaded_in_a_colour_of_their_own(void **state)
{
	struct series_band bands[] = { { NOW - 7200, NOW - 3600, .declared = true } };
	struct series_drawing drawing = drawing_of_a_day(SERIES_SVG);
	unsigned shades = 0;
	char *plain, *text;

	(void)state;
	make_history(false);
	plain = svg_of(&drawing);
	assert_null(strstr(plain, VIOLET));
	drawing.bands = bands;
	drawing.band_count = COUNT(bands);
	text = svg_of(&drawing);
	for (const char *at = text; (at = strstr(at, VIOLET)) != NULL; at++)
		shades++;
	assert_in_range(shades, 3, 64); /* two halves and a word */
	assert_null(strstr(text, RED));
	assert_null(strstr(text, PALE));
	free(text);
	free(plain);
}

static void
a_thousand_spikes_are_drawn(void **state)
{
	struct series_drawing drawing = drawing_of_a_day(SERIES_PNG);
	struct series_band *bands = calloc(1000, sizeof(*bands));
	unsigned char *data;
	size_t len;

	(void)state;
	make_history(false);
	for (int i = 0; i < 1000; i++)
		bands[i] = (struct series_band) { NOW - i * 170, NOW - i * 170 + 60, i % 2,
						  EPISODE_SPIKE };
	drawing.bands = bands;
	drawing.band_count = 1000;
	data = draw(&drawing, &len);
	free(data);
	free(bands);
}

static const struct title_case {
	const char *name, *title;
} title_cases[] = {
	{ "a colon in a title is a colon", "AS64500: Foo" },
	{ "an option in a title is text", "x:dashes=1,1" },
	{ "a dash at the beginning of a title is text", "--upper-limit=5" },
	{ "a format in a title is text", "%s%n%n 50% %lf" },
	{ "markup in a title is text", "<script>alert(1)</script> <b>&amp;" },
	{ "a backslash at the end of a title is text", "end\\" },
	{ "controls in a title are blanks", "a\nb\tc\x01" },
	{ "a title may be empty", "" },
	{ "a title may be very long",
	  "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
	  "\xc3\xa9\xc3\xa9"
	  "01234567890123456789012345678901234567890123456789012345678901234567890123456789"
	  "01234567890123456789012345678901234567890123456789012345678901234567890123456789"
	  "01234567890123456789012345678901234567890123456789012345678\xc3\xa9\xc3\xa9" },
};

static void
title_is_text(void **state)
{
	const struct title_case *c = *state;
	struct series_drawing drawing = drawing_of_a_day(SERIES_SVG);
	char *text;

	make_history(false);
	drawing.title = c->title;
	text = svg_of(&drawing);
	assert_null(strstr(text, "script"));
	free(text);
}

static void
zone_is_of_the_picture(void **state)
{
	static const char *const zones[] = { "Europe/Berlin", "Asia/Kathmandu", "Europe/Berlin" };
	struct series_drawing drawing = drawing_of_a_day(SERIES_PNG);
	unsigned char *data[COUNT(zones)];
	size_t len[COUNT(zones)];

	(void)state;
	make_history(false);
	for (size_t i = 0; i < COUNT(zones); i++) {
		drawing.timezone = zones[i];
		data[i] = draw(&drawing, &len[i]);
	}
	assert_true(len[0] == len[2] && memcmp(data[0], data[2], len[0]) == 0);
	assert_true(len[0] != len[1] || memcmp(data[0], data[1], len[0]) != 0);
	for (size_t i = 0; i < COUNT(zones); i++)
		free(data[i]);
}

/* Last, mean and highest of the samples themselves, as pages and the API have them, whatever the size of the picture. */
static void
its_figures_are_those_of_the_samples(void **state)
{
	static const unsigned widths_px[] = { 300, 640, 900 };
	const int count = DAY / 300;
	double factor[2] = { 1e9, 4e9 };

	(void)state;
	make_history(false);
	for (size_t w = 0; w < COUNT(widths_px); w++) {
		struct series_drawing drawing = drawing_of_a_day(SERIES_PNG);
		size_t len;

		drawing.width_px = widths_px[w];
		free(draw(&drawing, &len));
		assert_non_null(strstr(said, "capacity 20.0 Gbit/s"));
		for (int i = 0; i < 2; i++) {
			double sum = 0, peak = 0, newest = 0;
			char rate[3][48], want[256];

			for (int64_t t = NOW - DAY + 300; t <= NOW; t += 300) {
				newest = factor[i] * (2 + sin((double)t / 13751 + i));
				sum += newest;
				peak = fmax(peak, newest);
			}
			units_format_bps(rate[0], sizeof(rate[0]), newest);
			units_format_bps(rate[1], sizeof(rate[1]), sum / count);
			units_format_bps(rate[2], sizeof(rate[2]), peak);
			snprintf(want, sizeof(want), "COMMENT:last %-13s mean %-13s highest %s\\l",
				 rate[0], rate[1], rate[2]);
			if (strstr(said, want) == NULL)
				fail_msg("%s is not in:\n%s", want, said);
		}
	}
}

/* The port fills up after the last whole row of the picture: nobody would believe a last rate above the highest. */
static void
the_highest_is_not_below_the_last(void **state)
{
	struct series_drawing drawing = drawing_of_a_day(SERIES_PNG);
	struct series_settings settings = scratch_settings(dir, 60);
	struct sample sample = { .step_sec = 60 };
	struct series *series;
	struct error err = { 0 };
	size_t len;

	(void)state;
	make_history(false);
	clock_fake(0, (NOW + 120) * 1000);
	assert_true(series_open(&series, &settings, &err));
	for (int i = 1; i <= 2; i++) {
		sample.end_utc_sec = NOW + 60 * i;
		for (int c = 0; c < COLUMN_COUNT; c++)
			sample.value[c] = 0;
		sample.value[COLUMN_IN_BPS] = i == 1 ? 1.88e10 : 1.77e10;
		sample.value[COLUMN_OUT_BPS] = 1.99e10;
		sample.value[COLUMN_CAPACITY_BPS] = 2e10;
		assert_true(series_append(series, PORT, &sample, &err));
		assert_true(series_commit(series, &err));
	}
	assert_true(series_flush_all(series, &err));
	series_close(series);
	drawing.to_utc_sec = NOW + 120;
	drawing.width_px = 250; /* its rows are longer than the samples */
	free(draw(&drawing, &len));
	if (strstr(said, "last 17.7 Gbit/s   mean ") == NULL ||
	    strstr(said, " highest 18.8 Gbit/s\\l") == NULL ||
	    strstr(said, "last 19.9 Gbit/s   mean ") == NULL ||
	    strstr(said, " highest 19.9 Gbit/s\\l") == NULL)
		fail_msg("%s", said);
}

static void
dark_and_light_differ(void **state)
{
	struct series_drawing drawing = drawing_of_a_day(SERIES_SVG);
	char *light, *dark;

	(void)state;
	make_history(false);
	light = svg_of(&drawing);
	drawing.dark = true;
	dark = svg_of(&drawing);
	assert_string_not_equal(light, dark);
	free(light);
	free(dark);
}

static const struct refused_case {
	const char *name;
	int64_t from, to;
	const char *zone, *path, *want;
	enum error_code code;
} refused_cases[] = {
	{ "a series without a file is not found", NOW - DAY, NOW, "UTC", "rrd/ex/a/none.rrd",
	  "no samples yet", ERR_NOT_FOUND },
	{ "an end before its beginning is refused", NOW, NOW - DAY, "UTC", PORT, "60 s to 20 years",
	  ERR_USAGE },
	{ "a century is refused", 0, INT64_C(3155760000), "UTC", PORT, "60 s to 20 years",
	  ERR_USAGE },
	{ "a zone that is a file is refused", NOW - DAY, NOW, "/etc/passwd", PORT, "time zone",
	  ERR_USAGE },
	{ "a zone that is none is refused", NOW - DAY, NOW, "a:b", PORT, "time zone", ERR_USAGE },
	{ "a path that is none is refused", NOW - DAY, NOW, "UTC", "../../etc/passwd",
	  "not the path", ERR_SERIES },
};

static void
drawing_is_refused(void **state)
{
	const struct refused_case *c = *state;
	struct series_drawing drawing = drawing_of_a_day(SERIES_PNG);
	unsigned char *data = NULL;
	struct error err = { 0 };
	size_t len;

	make_history(false);
	drawing.from_utc_sec = c->from;
	drawing.to_utc_sec = c->to;
	drawing.timezone = c->zone;
	drawing.path = c->path;
	assert_false(series_draw(dir, &drawing, &data, &len, &err));
	assert_int_equal(err.code, c->code);
	assert_non_null(strstr(err.text, c->want));
}

static void
any_span_and_contract_can_be_drawn(void **state)
{
	static const int64_t spans[] = { 60,      3600,     DAY,       3 * DAY + 7200,
					 7 * DAY, 31 * DAY, 366 * DAY, 7300 * DAY };
	static const double contracts[] = { 1, 1e3, 1e6, 3e9, 5e9, 1e12, 1e15 };
	struct series_drawing drawing = drawing_of_a_day(SERIES_PNG);
	struct timespec before, after;
	unsigned char *data;
	size_t len, count = 0;

	(void)state;
	make_history(true);
	clock_gettime(CLOCK_MONOTONIC, &before);
	for (size_t i = 0; i < COUNT(spans); i++)
		for (size_t k = 0; k < COUNT(contracts); k++, count++) {
			drawing.from_utc_sec = NOW - spans[i];
			drawing.contracted_bps = contracts[k];
			data = draw(&drawing, &len);
			free(data);
		}
	clock_gettime(CLOCK_MONOTONIC, &after);
	print_message("%.1f ms a picture\n", ((double)(after.tv_sec - before.tv_sec) * 1e3 +
					      (double)(after.tv_nsec - before.tv_nsec) / 1e6) /
						 (double)count);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(size_cases) + COUNT(title_cases) + COUNT(refused_cases)];
	const struct CMUnitTest others[] = {
		cmocka_unit_test_setup_teardown(nothing_is_seen_through_a_picture, setup, teardown),
		cmocka_unit_test_setup_teardown(unknown_time_is_grey_and_known_time_is_not, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_port_that_went_silent_turns_grey, setup,
						teardown),
		cmocka_unit_test_setup_teardown(episodes_are_shaded, setup, teardown),
		cmocka_unit_test_setup_teardown(excused_episodes_are_lighter, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    declared_windows_are_shaded_in_a_colour_of_their_own, setup, teardown),
		cmocka_unit_test_setup_teardown(a_thousand_spikes_are_drawn, setup, teardown),
		cmocka_unit_test_setup_teardown(zone_is_of_the_picture, setup, teardown),
		cmocka_unit_test_setup_teardown(its_figures_are_those_of_the_samples, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_highest_is_not_below_the_last, setup, teardown),
		cmocka_unit_test_setup_teardown(dark_and_light_differ, setup, teardown),
		cmocka_unit_test_setup_teardown(any_span_and_contract_can_be_drawn, setup,
						teardown),
	};
	size_t n = 0;

/* setup overwrites no state: the row stays the test's. */
#define TABLE(cases, test)                                                                         \
	for (size_t i = 0; i < COUNT(cases); i++)                                                  \
	tests[n++] =                                                                               \
	    (struct CMUnitTest) { (cases)[i].name, test, setup, teardown, (void *)&(cases)[i] }
	TABLE(size_cases, png_has_its_size);
	TABLE(title_cases, title_is_text);
	TABLE(refused_cases, drawing_is_refused);
	return cmocka_run_group_tests_name("series draw: tables", tests, NULL, NULL) +
	       cmocka_run_group_tests_name("series draw", others, NULL, NULL);
}
