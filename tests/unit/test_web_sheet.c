/* Cells and rows of CSV: RFC 4180, what a spreadsheet would run, unknown.  What Accept-Encoding says; gzip itself. */
/* links: web */
/* pkgs: libconfuse jansson glib-2.0 libpcre2-8 libsystemd librrd sqlite3 gnutls libcrypt libmicrohttpd zlib */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "encoding.h"
#include "sheet.h"
#include "squeeze.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct text_case {
	const char *name, *text, *want;
} text_cases[] = {
	{ "plain text is left alone", "ExampleNet", "ExampleNet" },
	{ "nothing is an empty cell", "", "" },
	{ "a comma is quoted", "a,b", "\"a,b\"" },
	{ "a quote is doubled", "say \"hi\"", "\"say \"\"hi\"\"\"" },
	{ "a line end is quoted", "a\r\nb", "\"a\r\nb\"" },
	{ "an equals sign runs nothing", "=1+1", "'=1+1" },
	{ "a plus runs nothing", "+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0" },
	{ "a minus runs nothing", "-2+3", "'-2+3" },
	{ "an at runs nothing", "@SUM(A1)", "'@SUM(A1)" },
	{ "a tab in front runs nothing", "\t=1", "'\t=1" },
	{ "a carriage return in front runs nothing", "\r=1", "\"'\r=1\"" },
	{ "a formula with a quote is quoted and harmless", "=HYPERLINK(\"http://x\",\"y\")",
	  "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"" },
	{ "a formula's sign further on is only text", "AS64500 = ours", "AS64500 = ours" },
	{ "UTF-8 stays what it is", "M\xc3\xbcnchen", "M\xc3\xbcnchen" },
};

static const struct number_case {
	const char *name;
	double number;
	const char *want;
} number_cases[] = {
	{ "unknown is an empty cell", NAN, "" },
	{ "what is beyond all measure is empty", INFINITY, "" },
	{ "nought is nought, not unknown", 0, "0" },
	{ "a whole number has no point", 10e9, "10000000000" },
	{ "a share is as short as it can be", 0.98072, "0.98072" },
	{ "seventeen digits where it takes them", 0.1 + 0.2, "0.30000000000000004" },
	{ "a negative number is no text, and left alone", -2.5, "-2.5" },
};

static const struct encoding_case {
	const char *name, *header;
	bool want;
} encoding_cases[] = {
	{ "no header: as it is", NULL, false },
	{ "an empty header: as it is", "", false },
	{ "gzip", "gzip", true },
	{ "case does not matter", "GZip", true },
	{ "x-gzip is the same", "x-gzip", true },
	{ "among others", "deflate, gzip;q=1.0, *;q=0.5", true },
	{ "what browsers send", "gzip, deflate, br, zstd", true },
	{ "a weight of nought forbids", "gzip;q=0", false },
	{ "nought with digits forbids too", "gzip;q=0.000", false },
	{ "a thousandth is enough", "gzip;q=0.001", true },
	{ "anything is gzip too", "*", true },
	{ "anything but gzip", "*, gzip;q=0", false },
	{ "anything, at nought", "*;q=0", false },
	{ "identity is liked better", "identity, gzip;q=0.5", false },
	{ "identity is forbidden", "identity;q=0, gzip", true },
	{ "others only", "br, deflate", false },
	{ "blanks around", "  br ,\tgzip ; q=0.8 ", true },
	{ "a name that begins so is another", "gzipped", false },
	{ "a weight above one says nothing", "gzip;q=1.5", false },
	{ "a weight of four digits says nothing", "gzip;q=0.1234", false },
	{ "a weight that is none says nothing", "gzip;q=much", false },
	{ "a parameter that is no weight says nothing", "gzip;level=9", false },
	{ "commas alone", ",,,", false },
};

static char *
taken(struct html *out)
{
	size_t len;
	char *text = html_take(out, &len);

	assert_non_null(text);
	return text;
}

static void
check_text(void **state)
{
	const struct text_case *c = *state;
	struct html out;

	html_init(&out);
	sheet_text(&out, c->text);
	char *text = taken(&out);
	assert_string_equal(text, c->want);
	free(text);
}

static void
check_number(void **state)
{
	const struct number_case *c = *state;
	struct html out;

	html_init(&out);
	sheet_number(&out, c->number);
	char *text = taken(&out);
	assert_string_equal(text, c->want);
	free(text);
}

static void
check_encoding(void **state)
{
	const struct encoding_case *c = *state;

	assert_int_equal(encoding_wants_gzip(c->header), c->want);
}

static void
a_sheet_has_its_columns_in_order_and_its_unknowns_empty(void **state)
{
	static const char *const columns[] = { "id", "peer", "open", "share", "flags", NULL };
	const struct sheet sheet = { "ports", false, columns };
	struct json *root = json_object_new();
	struct json *list = json_put_array(root, "ports");
	struct json *row = json_put_object(list, "");
	size_t len;

	(void)state;
	json_put_number(row, "share", NAN);
	json_put_bool(row, "open", false);
	json_put_text(row, "peer", "=x,y");
	json_put_int(row, "id", 7);
	struct json *flags = json_put_array(row, "flags");
	json_put_text(flags, "", "saturated");
	json_put_text(flags, "", "uneven");
	json_put_int(json_put_object(list, ""), "id", 8);
	char *text = sheet_print_dup(&sheet, root, &len);
	assert_string_equal(text, "id,peer,open,share,flags\r\n"
				  "7,\"'=x,y\",false,,saturated uneven\r\n"
				  "8,,,,\r\n");
	assert_int_equal(len, strlen(text));
	free(text);
	json_free(root);
}

static void
an_empty_list_has_its_header_still(void **state)
{
	static const char *const columns[] = { "date", "state", NULL };
	const struct sheet sheet = { "days", true, columns };
	struct json *root = json_object_new();
	size_t len;

	(void)state;
	char *text = sheet_print_dup(&sheet, root, &len);
	assert_string_equal(text, "direction,date,state\r\n");
	free(text);
	json_free(root);
}

static void
what_was_squeezed_comes_back_and_what_would_not_shrink_is_left(void **state)
{
	char text[5000], back[sizeof(text)];
	unsigned char noise[2000];
	uint32_t seed = 1;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = "in_bps,out_bps\r\n"[i % 16];
	char *data = squeeze_dup(text, sizeof(text), &len);
	assert_non_null(data);
	assert_true(len < sizeof(text) / 10);
	z_stream stream = { .next_in = (Bytef *)data,
			    .avail_in = (uInt)len,
			    .next_out = (Bytef *)back,
			    .avail_out = sizeof(back) };
	assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
	assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
	assert_int_equal(stream.total_out, sizeof(text));
	inflateEnd(&stream);
	assert_memory_equal(text, back, sizeof(text));
	free(data);
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (unsigned char)((seed = seed * 1664525 + 1013904223) >> 24);
	assert_null(squeeze_dup(noise, sizeof(noise), &len));
}

static const struct fit_case {
	const char *name, *type;
	unsigned status;
	size_t len;
	bool want;
} fit_cases[] = {
	{ "a list of JSON is squeezed", "application/json", 200, 5000, true },
	{ "a page is squeezed", "text/html; charset=utf-8", 200, 5000, true },
	{ "a picture is not", "image/svg+xml", 200, 50000, false },
	{ "a small body is not", "application/json", 200, 1023, false },
	{ "a body too large for the serving thread is not", "text/csv", 200, (8u << 20) + 1,
	  false },
	{ "an error, which repeats what was asked, is not", "text/html; charset=utf-8", 400, 5000,
	  false },
};

static void
check_fit(void **state)
{
	const struct fit_case *c = *state;
	const struct reply reply = { .status = c->status, .type = c->type, .len = c->len };

	assert_int_equal(squeeze_fits(&reply), c->want);
}

static void
the_two_forms_have_two_tags(void **state)
{
	struct reply reply = { .etag = "\"0123456789abcdef\"" };

	(void)state;
	squeeze_tag(&reply);
	assert_string_equal(reply.etag, "\"0123456789abcdef-gz\"");
	assert_false(etag_matches("\"0123456789abcdef\"", reply.etag));
	assert_false(etag_matches("\"0123456789abcdef-gz\"", "\"0123456789abcdef\""));
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(text_cases) + COUNT(number_cases) + COUNT(encoding_cases) +
				COUNT(fit_cases) + 4];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(text_cases); i++)
		tests[n++] = (struct CMUnitTest) { text_cases[i].name, check_text, NULL, NULL,
						   (void *)&text_cases[i] };
	for (size_t i = 0; i < COUNT(number_cases); i++)
		tests[n++] = (struct CMUnitTest) { number_cases[i].name, check_number, NULL, NULL,
						   (void *)&number_cases[i] };
	for (size_t i = 0; i < COUNT(encoding_cases); i++)
		tests[n++] = (struct CMUnitTest) { encoding_cases[i].name, check_encoding, NULL,
						   NULL, (void *)&encoding_cases[i] };
	for (size_t i = 0; i < COUNT(fit_cases); i++)
		tests[n++] = (struct CMUnitTest) { fit_cases[i].name, check_fit, NULL, NULL,
						   (void *)&fit_cases[i] };
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(
	    a_sheet_has_its_columns_in_order_and_its_unknowns_empty);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(an_empty_list_has_its_header_still);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(
	    what_was_squeezed_comes_back_and_what_would_not_shrink_is_left);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(the_two_forms_have_two_tags);
	return cmocka_run_group_tests_name("web_sheet", tests, NULL, NULL);
}
