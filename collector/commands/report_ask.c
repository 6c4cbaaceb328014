/* report_ask.c - see report_ask.h. */
#include "commands/report_ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/store.h"
#include "ixwatch/control.h"
#include "ixwatch/units.h"
#include "registrar.h"

#define ANSWER_TIMEOUT_MS 60000

static bool
ask_here(struct store *store, const struct registrar_row *row, const struct json *request,
	 struct json **answer, struct error *err)
{
	struct json *made = json_object_new();

	if (row->run(store_house(store), request, made, err) &&
	    judge_house_commit(store_house(store), err)) {
		*answer = made;
		return true;
	}
	judge_house_abandon(store_house(store));
	json_free(made);
	return false;
}

bool
report_ask(const struct config *config, const struct json *request, struct json **answer,
	   struct error *err)
{
	const struct registrar_row *row = registrar_find(json_text(json_get(request, "op"), ""));
	struct store *store = NULL;
	bool done = row->check(request, err) && store_reach(&store, config, err);

	*answer = NULL;
	if (done)
		done = store != NULL ? ask_here(store, row, request, answer, err)
				     : control_ask(config->state_dir, request, ANSWER_TIMEOUT_MS,
						   answer, err);
	store_close(store);
	return done;
}

static bool
print_json(const struct json *answer, struct error *err)
{
	char *text = json_print_dup(answer, true, NULL);

	if (text == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	puts(text);
	free(text);
	return true;
}

int
report_ask_once(const char *command, const struct option_set *set, const char *format,
		struct json *request, report_print *print)
{
	struct config *config = NULL;
	struct json *answer = NULL;
	struct error err = { 0 };
	bool done = report_format_ok(command, format), as_json = strcmp(format, "json") == 0;

	if (done)
		config = options_config(set->config_file);
	if (config == NULL) {
		json_free(request);
		return 2;
	}
	config_drop_secrets(config);
	done = report_ask(config, request, &answer, &err) && (!as_json || print_json(answer, &err));
	if (done && !as_json)
		print(request, answer);
	json_free(answer);
	json_free(request);
	config_free(config);
	return done ? 0 : options_fail(command, &err);
}

struct json *
report_request(const char *op, const char *author)
{
	struct json *request = json_object_new();

	json_put_text(request, "op", op);
	json_put_text(request, "author", author);
	return request;
}

bool
report_format_ok(const char *command, const char *format)
{
	if (strcmp(format, "text") == 0 || strcmp(format, "json") == 0)
		return true;
	fprintf(stderr, "ixwatch %s: --format \"%.40s\": allowed: text, json\n", command, format);
	return false;
}

bool
report_id_parse(const char *command, const char *text, int64_t *id)
{
	uint64_t number;

	if (!units_parse_uint(text, 1, INT64_MAX, &number)) {
		fprintf(stderr,
			"ixwatch %s: \"%.40s\" is no ID, a number that `ixwatch report list` "
			"shows\n",
			command, text);
		return false;
	}
	*id = (int64_t)number;
	return true;
}

bool
report_asn_parse(const char *command, const char *text, uint32_t *asn)
{
	const char *digits = strncmp(text, "AS", 2) == 0 ? text + 2 : text;
	uint64_t number;

	if (!units_parse_uint(digits, 1, UINT32_MAX, &number)) {
		fprintf(stderr, "ixwatch %s: \"%.40s\" is no AS number, such as 64500\n", command,
			text);
		return false;
	}
	*asn = (uint32_t)number;
	return true;
}
