/* config.c - the configuration, and the one door to libconfuse (3.3).
 *
 * The story: config_scan finds what is wrong with the form and writes a clean text; libconfuse reads that, which leaves
 * it quotes, escapes, variables, lists and nesting; each block's values go into their fields, checked; then what only
 * shows across blocks is checked.  Every fault is told, in the order of the file. */
#include "base/config_internal.h"

#include <confuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GRAMMAR_MAX (CONFIG_BLOCK_OPTIONS_MAX + BLOCK_COUNT + 2)

/* What libconfuse is told about each block.  Every key is a list of texts: the number of its place, then its values. */
struct grammar {
	cfg_opt_t of[BLOCK_COUNT][GRAMMAR_MAX];
};

static void
grammar_fill(struct grammar *grammar, enum config_block block)
{
	cfg_opt_t *next = grammar->of[block];
	size_t count;
	const struct config_option *rows = config_options(block, &count);

	*next++ = (cfg_opt_t)CFG_STR_LIST("block", NULL, CFGF_NODEFAULT);
	for (size_t i = 0; i < count; i++)
		*next++ = (cfg_opt_t)CFG_STR_LIST(rows[i].name, NULL, CFGF_NODEFAULT);
	for (int i = 0; i < BLOCK_COUNT; i++)
		if ((config_blocks[i].parents & 1u << block) != 0)
			*next++ =
			    (cfg_opt_t)CFG_SEC(config_blocks[i].name, grammar->of[i], CFGF_MULTI);
	*next = (cfg_opt_t)CFG_END();
}

/* libconfuse's own sentence; one is enough. */
static void
on_confuse_error(cfg_t *cfg, const char *format, va_list args)
{
	(void)cfg, (void)format, (void)args; /* the caller says what could not be read */
}

/* The text, read; NULL when libconfuse refuses it. */
static cfg_t *
tree_new(cfg_opt_t *options, const char *text)
{
	cfg_t *tree = cfg_init(options, CFGF_NONE);

	if (tree == NULL)
		return NULL;
	cfg_set_error_function(tree, on_confuse_error);
	if (cfg_parse_buf(tree, text) == CFG_SUCCESS)
		return tree;
	cfg_free(tree);
	return NULL;
}

char *
config_unquote(const char *quoted, size_t len)
{
	cfg_opt_t options[] = { CFG_STR_LIST("text", NULL, CFGF_NODEFAULT), CFG_END() };
	char *statement, *meaning = NULL;

	if (asprintf(&statement, "text={%.*s}", (int)len, quoted) < 0)
		return NULL;
	cfg_t *tree = tree_new(options, statement);
	free(statement);
	if (tree != NULL && cfg_size(tree, "text") == 1)
		meaning = strdup(cfg_getnstr(tree, "text", 0));
	if (tree != NULL)
		cfg_free(tree);
	return meaning;
}

/* --- blocks and their values --- */

static unsigned
place_in(cfg_t *block, const char *key)
{
	return cfg_size(block, key) > 0 ? (unsigned)strtoul(cfg_getnstr(block, key, 0), NULL, 10)
					: 0;
}

/* The texts behind a key, without its place; NULL when memory ran out.  Caller frees. */
static const char **
texts_of(cfg_t *block, const char *key, size_t *count)
{
	unsigned size = cfg_size(block, key);
	const char **texts = calloc(size, sizeof(*texts));

	for (unsigned i = 1; i < size && texts != NULL; i++)
		texts[i - 1] = cfg_getnstr(block, key, i);
	*count = size - 1;
	return texts;
}

static void
read_value(struct config_reader *r, cfg_t *block, const struct config_option *option, void *base,
	   struct config_seen_value *value)
{
	size_t count;

	value->text = "";
	value->place = place_in(block, option->name);
	if (value->place == 0)
		return;
	const char **texts = texts_of(block, option->name, &count);
	if (texts == NULL) {
		r->out_of_memory = true;
		return;
	}
	/* Without a text its fault was noted already; an empty list is a value. */
	if (count > 0 || config_type_is_list(option->type))
		value->taken = config_value_take(r, option, base, value->place, texts, count);
	if (value->taken && option->block == BLOCK_DETECTOR)
		value->text = config_dup(r, texts[0]);
	free(texts);
}

/* Fills the fields of the struct at `base` from a block, absent keys from their defaults.  block may be NULL. */
static struct config_seen
read_block(struct config_reader *r, cfg_t *block, enum config_block kind, void *base)
{
	struct config_seen seen = { .block = kind, .title = "" };
	size_t count;
	const struct config_option *rows = config_options(kind, &count);

	for (size_t i = 0; i < count; i++)
		config_value_default(r, &rows[i], base);
	for (size_t i = 0; i < count && block != NULL; i++)
		read_value(r, block, &rows[i], base, &seen.value[i]);
	if (block == NULL || cfg_size(block, "block") == 0)
		return seen;
	seen.place = place_in(block, "block");
	seen.title_refused = cfg_size(block, "block") < 2;
	if (!seen.title_refused)
		seen.title = config_dup(r, cfg_getnstr(block, "block", 1));
	return seen;
}

/* Blocks of one name must have titles of their own. */
static void
check_titles(struct config_reader *r, cfg_t *parent, const char *name)
{
	unsigned count = cfg_size(parent, name);
	struct config_title *titles = calloc(count + 1, sizeof(*titles));
	size_t given = 0;

	if (titles == NULL) {
		r->out_of_memory = true;
		return;
	}
	for (unsigned i = 0; i < count; i++) {
		cfg_t *block = cfg_getnsec(parent, name, i);

		if (cfg_size(block, "block") == 2)
			titles[given++] = (struct config_title) { cfg_getnstr(block, "block", 1),
								  place_in(block, "block") };
	}
	config_check_titles(r, name, titles, given);
	free(titles);
}

/* A block that comes at most once; its defaults when it does not come. */
static struct config_seen
read_single(struct config_reader *r, cfg_t *parent, enum config_block kind, void *base)
{
	const char *name = config_blocks[kind].name;
	struct config_seen seen = read_block(r, NULL, kind, base);

	for (unsigned i = 0; i < cfg_size(parent, name); i++)
		seen = read_block(r, cfg_getnsec(parent, name, i), kind, base);
	return seen;
}

/* The detector block inside of another, for the port or exchange of the scope. */
static void
read_detector(struct config_reader *r, cfg_t *parent, struct config_scope scope, size_t *count,
	      const struct config_override **overrides)
{
	struct detector_settings unused;
	struct config_seen seen = read_single(r, parent, BLOCK_DETECTOR, &unused);

	scope.sound = true;
	if (seen.place != 0)
		config_detector_read(r, &seen, &scope, count, overrides);
	if (seen.place != 0 || scope.exchange == NULL)
		config_scope_add(r, &scope);
}

static void
read_snmp(struct config_reader *r, cfg_t *block, struct config_snmp *snmp)
{
	struct config_seen seen = read_block(r, block, BLOCK_SNMP, snmp);

	snmp->name = seen.title;
	config_check_snmp(r, &seen, snmp);
}

static void
read_agent(struct config_reader *r, cfg_t *block, const struct config_exchange *exchange,
	   struct config_agent *agent)
{
	struct config_seen seen = read_block(r, block, BLOCK_AGENT, agent);

	agent->name = seen.title;
	if (config_seen_get(&seen, "kind")->place == 0)
		agent->kind = exchange->kind;
	config_check_agent(r, &seen);
}

static void
read_port(struct config_reader *r, cfg_t *block, const struct config_exchange *exchange,
	  struct config_port *port)
{
	struct config_seen seen = read_block(r, block, BLOCK_PORT, port);
	const struct config_agent *agent = config_check_port(r, &seen, exchange, port);

	if (agent != NULL)
		config_claim_add(
		    r, &(struct config_claim) { exchange, agent, port->interface, seen.place });
	if (config_seen_get(&seen, "kind")->place == 0)
		port->kind = agent != NULL ? agent->kind : exchange->kind;
	read_detector(r, block, (struct config_scope) { .exchange = exchange, .port = port },
		      &port->override_count, &port->overrides);
}

static void
read_exchange(struct config_reader *r, cfg_t *block, struct config_exchange *exchange)
{
	struct config_seen seen = read_block(r, block, BLOCK_EXCHANGE, exchange);
	unsigned agent_count = cfg_size(block, "agent"), port_count = cfg_size(block, "port");
	struct config_agent *agents = config_alloc(r, agent_count, sizeof(*agents));
	struct config_port *ports = config_alloc(r, port_count, sizeof(*ports));

	config_check_name(r, &seen);
	exchange->slug = seen.title;
	if (exchange->name[0] == '\0')
		exchange->name = exchange->slug;
	read_detector(r, block, (struct config_scope) { .exchange = exchange },
		      &exchange->override_count, &exchange->overrides);
	exchange->agents = agents;
	check_titles(r, block, "agent");
	for (unsigned i = 0; i < agent_count && agents != NULL; i++, exchange->agent_count++)
		read_agent(r, cfg_getnsec(block, "agent", i), exchange, &agents[i]);
	exchange->ports = ports;
	for (unsigned i = 0; i < port_count && ports != NULL; i++, exchange->port_count++)
		read_port(r, cfg_getnsec(block, "port", i), exchange, &ports[i]);
}

static void
read_route(struct config_reader *r, cfg_t *block, struct config_route *route)
{
	struct config_seen seen = read_block(r, block, BLOCK_ROUTE, route);

	route->name = seen.title;
	config_check_route(r, &seen, route);
}

/* There is one at most; with what only holds once the exchanges are known. */
static void
read_alert(struct config_reader *r, cfg_t *file, struct config_alert *alert)
{
	struct config_seen seen = read_single(r, file, BLOCK_ALERT, alert);
	cfg_t *block = cfg_size(file, "alert") > 0 ? cfg_getnsec(file, "alert", 0) : NULL;
	unsigned count = block != NULL ? cfg_size(block, "route") : 0;
	struct config_route *routes = config_alloc(r, count, sizeof(*routes));

	/* What begins at a share ends below half of it. */
	alert->loss_clear = alert->loss / 2;
	alert->unknown_clear = alert->unknown / 2;
	config_check_alert(r, &seen, alert);
	alert->routes = routes;
	if (block != NULL)
		check_titles(r, block, "route");
	for (unsigned i = 0; i < count && routes != NULL; i++, alert->route_count++)
		read_route(r, cfg_getnsec(block, "route", i), &routes[i]);
}

static void
read_peer(struct config_reader *r, cfg_t *block, struct config_peer *peer)
{
	struct config_seen seen = read_block(r, block, BLOCK_PEER, peer);

	config_check_peer(r, &seen, peer);
}

static void
read_peers(struct config_reader *r, cfg_t *file)
{
	unsigned count = cfg_size(file, "peer");
	struct config_peer *peers = config_alloc(r, count, sizeof(*peers));

	r->config->peers = peers;
	for (unsigned i = 0; i < count && peers != NULL; i++, r->config->peer_count++)
		read_peer(r, cfg_getnsec(file, "peer", i), &peers[i]);
	config_check_peer_claims(r);
}

/* Who signs, and who gets the overview, where the block does not say it. */
static void
report_complete(struct config *config)
{
	const struct config_alert *alert = &config->alert;
	struct config_report *report = &config->report;

	if (report->mail[0] == '\0')
		report->mail =
		    config->mail.reply_to[0] != '\0' ? config->mail.reply_to : config->mail.from;
	if (report->coordinator.count == 0)
		report->coordinator = alert->coordinator.count > 0 ? alert->coordinator : alert->to;
}

static void
read_file(struct config_reader *r, cfg_t *file)
{
	struct config *config = r->config;
	unsigned snmp_count = cfg_size(file, "snmp"), exchange_count = cfg_size(file, "exchange");
	struct config_snmp *snmp = config_alloc(r, snmp_count, sizeof(*snmp));
	struct config_exchange *exchanges = config_alloc(r, exchange_count, sizeof(*exchanges));
	struct config_seen seen = read_block(r, file, BLOCK_FILE, config);
	const struct config_seen_value *interval = config_seen_get(&seen, "interval");

	r->interval_place = interval->place;
	r->interval_refused = interval->place != 0 && !interval->taken;
	read_single(r, file, BLOCK_ARCHIVE, &config->archive);
	seen = read_single(r, file, BLOCK_MAIL, &config->mail);
	config_check_mail(r, &seen, &config->mail);
	read_single(r, file, BLOCK_REPORT, &config->report);
	read_single(r, file, BLOCK_WEB, &config->web);
	read_detector(r, file, (struct config_scope) { .exchange = NULL }, &config->override_count,
		      &config->overrides);
	config->snmp = snmp;
	check_titles(r, file, "snmp");
	check_titles(r, file, "exchange");
	for (unsigned i = 0; i < snmp_count && snmp != NULL; i++, config->snmp_count++)
		read_snmp(r, cfg_getnsec(file, "snmp", i), &snmp[i]);
	config->exchanges = exchanges;
	for (unsigned i = 0; i < exchange_count && exchanges != NULL; i++, config->exchange_count++)
		read_exchange(r, cfg_getnsec(file, "exchange", i), &exchanges[i]);
	read_alert(r, file, &config->alert);
	read_peers(r, file);
	report_complete(config);
}

/* Overwrites the texts of one key wherever it stands: libconfuse frees them as they are. */
static void
wipe(cfg_t *file, const char *block, const char *key)
{
	for (unsigned i = 0; i < cfg_size(file, block); i++) {
		cfg_t *section = cfg_getnsec(file, block, i);

		for (unsigned k = 0; k < cfg_size(section, key); k++)
			explicit_bzero(cfg_getnstr(section, key, k),
				       strlen(cfg_getnstr(section, key, k)));
	}
}

/* Reads the clean text into r->config. */
static bool
read_text(struct config_reader *r, const char *text, struct error *err)
{
	struct grammar *grammar = calloc(1, sizeof(*grammar));

	if (grammar == NULL)
		return error_set(err, ERR_NOMEM, "%s: out of memory", r->config->file);
	for (int i = 0; i < BLOCK_COUNT; i++)
		grammar_fill(grammar, (enum config_block)i);
	cfg_t *tree = tree_new(grammar->of[BLOCK_FILE], text);
	free(grammar);
	if (tree == NULL)
		return error_set(err, ERR_CONFIG, "%s: libconfuse cannot read it", r->config->file);
	read_file(r, tree);
	wipe(tree, "snmp", "community");
	cfg_free(tree);
	config_check_claims(r);
	config_check_scopes(r);
	return true;
}

static bool
load(struct config_reader *r, const char *file, struct error *err)
{
	r->config->file = config_dup(r, file);
	char *text = r->out_of_memory ? NULL : config_scan(r, file, err);
	bool good = text != NULL && read_text(r, text, err);

	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
	if (r->out_of_memory)
		return error_set(err, ERR_NOMEM, "%s: out of memory", file);
	return good;
}

/* Tells every fault, or why there could be no reading; true when there is nothing to tell. */
static bool
tell(struct config_reader *r, bool loaded, config_on_error *on_error, void *user, struct error *err)
{
	size_t count = 1;

	if (!loaded && on_error == NULL)
		return false; /* err says why */
	if (!loaded)
		on_error(err->text, user);
	else if ((count = config_faults_tell(r, on_error, user)) == 0)
		return true;
	return error_set(err, loaded ? ERR_CONFIG : err->code, "%s: %zu error%s", r->config->file,
			 count, count == 1 ? "" : "s");
}

bool
config_load(struct config **out, const char *file, config_on_error *on_error, void *user,
	    struct error *err)
{
	struct config_reader r;
	struct error scratch;

	if (err == NULL)
		err = &scratch;
	if (!config_reader_init(&r))
		return error_set(err, ERR_NOMEM, "%s: out of memory", file);
	bool good = tell(&r, load(&r, file, err), on_error, user, err);
	if (good)
		*out = r.config;
	else
		config_free(r.config);
	config_reader_clear(&r);
	return good;
}
