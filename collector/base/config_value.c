/* config_value.c - the text of one value becomes a field: one taker per type, each with its check. */
#include "base/config_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/office_hours.h"
#include "base/pattern.h"
#include "base/utf8.h"
#include "ixwatch/units.h"
#include "ixwatch/zone.h"

#define SNMP_PORT    161
#define RATE_MIN_BPS 1e3 /* "10" is a "10G" whose unit was forgotten */

/* One value on its way into its field. */
struct value {
	struct config_reader *r;
	const struct config_option *option;
	void *base;     /* the block's struct */
	unsigned place; /* 0: a default */
	const char *text;
};

/* The field of the value, as what it is. */
#define FIELD(v, type) (*(type *)(void *)((char *)(v)->base + (v)->option->offset))

/* "KEY: "VALUE" is wrong; allowed: ...", always false. */
static bool
refuse(const struct value *v)
{
	char allowed[200];

	config_complain(v->r, v->place, v->option->name, "\"%s\" is wrong; allowed: %s",
			config_show(v->text, strlen(v->text)).text,
			config_option_allowed(v->option, allowed, sizeof(allowed)));
	return false;
}

bool
config_text_ok(const char *text)
{
	size_t left = strlen(text), step;
	uint32_t c;

	for (; left > 0; text += step, left -= step)
		if ((step = utf8_next(text, left, &c)) == 0 || utf8_is_control(c))
			return false;
	return true;
}

/* Octets within the limits of the option; what the default is, is always allowed. */
static bool
is_length_ok(const struct value *v)
{
	const char *standard = v->option->default_text;
	int64_t len = (int64_t)strlen(v->text);

	return (len >= v->option->min && len <= v->option->max) ||
	       (standard != NULL && strcmp(standard, v->text) == 0);
}

static bool
take_text(const struct value *v)
{
	if (!is_length_ok(v) || !config_text_ok(v->text))
		return refuse(v);
	FIELD(v, const char *) = config_dup(v->r, v->text);
	return true;
}

/* The value as a path, taken from the folder of the file in which it stands. */
static const char *
path_of(const struct value *v)
{
	const struct config_place *place = config_place_get(v->r, v->place);

	return config_path_beside(v->r, place != NULL ? place->file : v->r->config->file, v->text);
}

static bool
take_path(const struct value *v)
{
	if (!is_length_ok(v) || !config_text_ok(v->text))
		return refuse(v);
	FIELD(v, const char *) = path_of(v);
	return true;
}

static bool
take_uint(const struct value *v)
{
	uint64_t number;

	if (!units_parse_uint(v->text, (uint64_t)v->option->min, (uint64_t)v->option->max, &number))
		return refuse(v);
	FIELD(v, unsigned) = (unsigned)number;
	return true;
}

static bool
parse_duration(const struct value *v, int64_t *sec)
{
	return (units_parse_duration_sec(v->text, sec) && *sec >= v->option->min &&
		*sec <= v->option->max) ||
	       refuse(v);
}

static bool
take_duration(const struct value *v)
{
	return parse_duration(v, &FIELD(v, int64_t));
}

static bool
take_duration_short(const struct value *v)
{
	int64_t sec;

	if (!parse_duration(v, &sec))
		return false;
	FIELD(v, unsigned) = (unsigned)sec;
	return true;
}

static bool
take_duration_ms(const struct value *v)
{
	int64_t sec;

	if (!parse_duration(v, &sec))
		return false;
	FIELD(v, unsigned) = (unsigned)sec * 1000;
	return true;
}

static bool
take_rate(const struct value *v)
{
	double bps;

	if (!units_parse_bps(v->text, &bps) || bps < RATE_MIN_BPS)
		return refuse(v);
	FIELD(v, double) = bps;
	return true;
}

/* The number of the word, or -1 and a fault. */
static int
word_index(const struct value *v)
{
	for (int i = 0; v->option->words[i] != NULL; i++)
		if (strcmp(v->option->words[i], v->text) == 0)
			return i;
	refuse(v);
	return -1;
}

static bool
take_choice(const struct value *v)
{
	int i = word_index(v);

	if (i >= 0)
		FIELD(v, int) = (int)v->option->min + i;
	return i >= 0;
}

static bool
take_choice_bool(const struct value *v)
{
	int i = word_index(v);

	if (i >= 0)
		FIELD(v, bool) = i > 0;
	return i >= 0;
}

static bool
take_choice_text(const struct value *v)
{
	int i = word_index(v);

	if (i >= 0)
		FIELD(v, const char *) = v->option->words[i];
	return i >= 0;
}

/* Whether that was no fault of the value. */
static bool
no_memory(const struct value *v, const struct error *err)
{
	v->r->out_of_memory = v->r->out_of_memory || err->code == ERR_NOMEM;
	return err->code == ERR_NOMEM;
}

static bool
take_share(const struct value *v)
{
	double share;

	if (!units_parse_share(v->text, &share) || share * 1000 < (double)v->option->min ||
	    share * 1000 > (double)v->option->max)
		return refuse(v);
	FIELD(v, double) = share;
	return true;
}

static bool
take_hours(const struct value *v)
{
	struct config_alert *alert = v->base;

	if (!office_hours_parse(v->text, &alert->office_hours))
		return refuse(v);
	alert->office_hours_text = config_dup(v->r, v->text);
	return true;
}

static bool
take_zone(const struct value *v)
{
	struct zone *zone;
	struct error err;

	if (!zone_open(&zone, v->text, &err))
		return no_memory(v, &err) ? false : refuse(v);
	zone_close(zone);
	FIELD(v, const char *) = config_dup(v->r, v->text);
	return true;
}

static bool
take_address(const struct value *v)
{
	struct config_agent *agent = v->base;
	struct sockaddr_storage address;
	char host[CONFIG_HOST_SIZE];
	uint16_t port;

	if (!config_address_parse(v->text, SNMP_PORT, &address, host, &port) || port == 0)
		return refuse(v);
	agent->address = address;
	agent->port = port;
	agent->address_text = config_dup(v->r, v->text);
	agent->host = config_dup(v->r, host);
	return true;
}

static bool
take_listen(const struct value *v)
{
	struct config_web *web = v->base;
	struct sockaddr_storage address;
	char host[CONFIG_HOST_SIZE];
	uint16_t port;

	if (!config_address_parse(v->text, 0, &address, host, &port) || host[0] != '\0')
		return refuse(v);
	web->listen = config_dup(v->r, v->text);
	web->listen_address = address;
	return true;
}

static bool
take_snmp(const struct value *v)
{
	const struct config *config = v->r->config;

	for (size_t i = 0; i < config->snmp_count; i++) {
		if (strcmp(config->snmp[i].name, v->text) != 0)
			continue;
		FIELD(v, const struct config_snmp *) = &config->snmp[i];
		return true;
	}
	return v->r->incomplete ? false : refuse(v);
}

static bool
take_match(const struct value *v)
{
	struct pattern *pattern;
	struct error err;

	if (!pattern_compile(&pattern, v->text, &err)) {
		if (no_memory(v, &err))
			return false;
		config_complain(v->r, v->place, v->option->name,
				"%s; allowed: a PCRE2 regular expression of up to %d octets",
				err.text, PATTERN_TEXT_MAX);
		return false;
	}
	pattern_free(pattern);
	FIELD(v, const char *) = config_dup(v->r, v->text);
	return true;
}

/* A secret is never shown. */
static bool
take_secret(const struct value *v)
{
	char allowed[200];

	if (!is_length_ok(v) || !config_text_ok(v->text)) {
		config_complain(v->r, v->place, v->option->name, "%s; allowed: %s",
				v->text[0] == '\0' ? "the credential is empty"
						   : "the credential is wrong",
				config_option_allowed(v->option, allowed, sizeof(allowed)));
		return false;
	}
	FIELD(v, const char *) = config_dup(v->r, v->text);
	return true;
}

static bool
take_secret_file(const struct value *v)
{
	struct error err;

	if (!is_length_ok(v) || !config_text_ok(v->text))
		return refuse(v);
	const char *secret = config_secret_read(v->r, path_of(v), &err);
	if (secret == NULL) {
		config_complain(v->r, v->place, v->option->name, "%s", err.text);
		return false;
	}
	FIELD(v, const char *) = secret;
	return true;
}

static bool
take_secret_path(const struct value *v)
{
	char secret[CONFIG_SECRET_SIZE];
	struct error err;
	bool good;

	FIELD(v, const char *) = "";
	if (v->text[0] == '\0')
		return true;
	if (!is_length_ok(v) || !config_text_ok(v->text))
		return refuse(v);
	good = config_secret_file_read(path_of(v), secret, &err);
	explicit_bzero(secret, sizeof(secret));
	if (good)
		FIELD(v, const char *) = path_of(v);
	else
		config_complain(v->r, v->place, v->option->name, "%s", err.text);
	return good;
}

static bool
take_time_of_day(const struct value *v)
{
	const char *t = v->text;
	int hour, minute;

	FIELD(v, int) = MAIL_NO_SIGN_OF_LIFE;
	if (t[0] == '\0')
		return true;
	if (strlen(t) != 5 || strspn(t, "0123456789") != 2 || t[2] != ':' ||
	    strspn(t + 3, "0123456789") != 2)
		return refuse(v);
	hour = (t[0] - '0') * 10 + t[1] - '0';
	minute = (t[3] - '0') * 10 + t[4] - '0';
	if (hour > 23 || minute > 59)
		return refuse(v);
	FIELD(v, int) = hour * 60 + minute;
	return true;
}

static bool
take_mail(const struct value *v)
{
	if (v->text[0] != '\0' && !config_mail_ok(v->text))
		return refuse(v);
	FIELD(v, const char *) = config_dup(v->r, v->text);
	return true;
}

static bool
take_smtp_url(const struct value *v)
{
	if (!config_smtp_url_ok(v->text))
		return refuse(v);
	FIELD(v, const char *) = config_dup(v->r, v->text);
	return true;
}

/* Kept without a slash at its end, so that "/ports/1" may follow. */
static bool
take_http_url(const struct value *v)
{
	size_t len = strlen(v->text);

	if (!config_http_url_ok(v->text))
		return refuse(v);
	while (v->text[len - 1] == '/')
		len--;
	FIELD(v, const char *) = config_format(v->r, "%.*s", (int)len, v->text);
	return true;
}

static bool
take_detector(const struct value *v)
{
	struct detector_settings scratch;
	struct error err;

	detector_settings_init(&scratch, PROFILE_EARLY);
	if (detector_settings_set(&scratch, v->option->name, v->text, &err))
		return true;
	config_complain(v->r, v->place, NULL, "%s", err.text);
	return false;
}

static bool (*const takers[TYPE_COUNT])(const struct value *v) = {
	[TYPE_TEXT] = take_text,
	[TYPE_PATH] = take_path,
	[TYPE_UINT] = take_uint,
	[TYPE_DURATION] = take_duration,
	[TYPE_DURATION_SHORT] = take_duration_short,
	[TYPE_DURATION_MS] = take_duration_ms,
	[TYPE_RATE] = take_rate,
	[TYPE_SHARE] = take_share,
	[TYPE_HOURS] = take_hours,
	[TYPE_CHOICE] = take_choice,
	[TYPE_CHOICE_BOOL] = take_choice_bool,
	[TYPE_CHOICE_TEXT] = take_choice_text,
	[TYPE_ZONE] = take_zone,
	[TYPE_ADDRESS] = take_address,
	[TYPE_LISTEN] = take_listen,
	[TYPE_SNMP] = take_snmp,
	[TYPE_MATCH] = take_match,
	[TYPE_SECRET] = take_secret,
	[TYPE_SECRET_FILE] = take_secret_file,
	[TYPE_SECRET_PATH] = take_secret_path,
	[TYPE_TIME_OF_DAY] = take_time_of_day,
	[TYPE_MAIL] = take_mail,
	[TYPE_SMTP_URL] = take_smtp_url,
	[TYPE_HTTP_URL] = take_http_url,
	[TYPE_DETECTOR] = take_detector,
};

/* --- lists: { "a@b", "c@d" } --- */

static bool
mail_fits(const struct value *v)
{
	return config_mail_ok(v->text);
}

static bool
text_fits(const struct value *v)
{
	return is_length_ok(v) && config_text_ok(v->text);
}

static bool
take_texts(const struct value *v, const char *const *texts, size_t count,
	   bool (*fits)(const struct value *v))
{
	const char **list = config_alloc(v->r, count, sizeof(*list));
	bool good = true;

	for (size_t i = 0; i < count && list != NULL; i++) {
		struct value one = *v;

		one.text = texts[i];
		good = (fits(&one) || refuse(&one)) && good;
		list[i] = config_dup(v->r, texts[i]);
	}
	FIELD(v, struct config_texts) = (struct config_texts) { list != NULL ? count : 0, list };
	return good;
}

static bool
take_mail_list(const struct value *v, const char *const *texts, size_t count)
{
	return take_texts(v, texts, count, mail_fits);
}

static bool
take_text_list(const struct value *v, const char *const *texts, size_t count)
{
	return take_texts(v, texts, count, text_fits);
}

static bool
take_word_list(const struct value *v, const char *const *texts, size_t count)
{
	unsigned bits = 0;
	bool good = true;

	for (size_t i = 0; i < count; i++) {
		struct value one = *v;
		int word;

		one.text = texts[i];
		word = word_index(&one);
		good = good && word >= 0;
		bits |= word >= 0 ? 1u << word : 0;
	}
	FIELD(v, unsigned) = bits;
	return good;
}

/* The two fields of a list of AS numbers are written as one. */
#define IS_ASNS(structure, count_field, asn_field)                                                 \
	(offsetof(struct structure, asn_field) - offsetof(struct structure, count_field) ==        \
	 offsetof(struct config_asns, asn))
_Static_assert(IS_ASNS(config_route, asn_count, asn), "a route's list of AS numbers");
_Static_assert(IS_ASNS(config_peer, also_count, also), "a peer's list of AS numbers");

static bool
take_asn_list(const struct value *v, const char *const *texts, size_t count)
{
	uint32_t *list = config_alloc(v->r, count, sizeof(*list));
	bool good = true;

	for (size_t i = 0; i < count && list != NULL; i++) {
		struct value one = *v;
		uint64_t asn = 0;

		one.text = texts[i];
		good = (units_parse_uint(texts[i], 1, UINT32_MAX, &asn) || refuse(&one)) && good;
		list[i] = (uint32_t)asn;
	}
	FIELD(v, struct config_asns) = (struct config_asns) { list != NULL ? count : 0, list };
	return good;
}

static bool (*const list_takers[TYPE_COUNT])(const struct value *v, const char *const *texts,
					     size_t count) = {
	[TYPE_MAIL_LIST] = take_mail_list,
	[TYPE_TEXT_LIST] = take_text_list,
	[TYPE_WORD_LIST] = take_word_list,
	[TYPE_ASN_LIST] = take_asn_list,
};

/* What a field holds before anything is said: nothing, in the form of its type. */
static void
field_clear(const struct value *v)
{
	switch (v->option->type) {
	case TYPE_RATE: FIELD(v, double) = NAN; break;
	case TYPE_ADDRESS:
		((struct config_agent *)v->base)->host = "";
		FIELD(v, const char *) = "";
		break;
	case TYPE_TEXT:
	case TYPE_SECRET:
	case TYPE_SECRET_FILE: FIELD(v, const char *) = ""; break;
	default: break;
	}
}

void
config_value_default(struct config_reader *r, const struct config_option *option, void *base)
{
	struct value v = { r, option, base, 0, option->default_text };

	if (option->default_text != NULL)
		takers[option->type](&v);
	else
		field_clear(&v);
}

bool
config_value_take(struct config_reader *r, const struct config_option *option, void *base,
		  unsigned place, const char *const *texts, size_t text_count)
{
	struct value v = { r, option, base, place, text_count > 0 ? texts[0] : "" };

	if (list_takers[option->type] != NULL)
		return list_takers[option->type](&v, texts, text_count);
	return takers[option->type](&v);
}

const struct config_seen_value *
config_seen_get(const struct config_seen *seen, const char *key)
{
	return &seen->value[config_option_index(seen->block, key)];
}

bool
config_name_ok(const char *name)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

	return name[0] != '\0' && strchr("._-", name[0]) == NULL && strlen(name) <= 63 &&
	       name[strspn(name, allowed)] == '\0';
}
