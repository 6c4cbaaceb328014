/* main.c - ixwatch-web: reads the configuration, starts keeper, workers and server, and minds signals and the clock.
 *
 * The main thread keeps the world fresh and cuts off slow clients; the server has a thread of its own, the worker pool
 * another.  Nothing here writes what the collector owns. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ixwatch/config.h"
#include "ixwatch/follow.h"
#include "ixwatch/log.h"
#include "ixwatch/standard.h"

#include "auth.h"
#include "draw.h"
#include "http.h"
#include "http_tls.h"
#include "keeper.h"
#include "routes.h"
#include "site.h"
#include "worker.h"

#define TICK_MS 250

static const char help[] =
    "usage: ixwatch-web [-c FILE]\n"
    "\n"
    "Serves the pages and the API of ixwatch from what the collector has written.\n"
    "\n"
    "  -c FILE    the configuration (default " CONFIG_DEFAULT_FILE ")\n"
    "  --routes   every path with the role that it takes, and what it touches\n"
    "  --help     this text\n"
    "  --version  the version\n"
    "\n"
    "SIGHUP reads the configuration again, SIGTERM and SIGINT end it.\n";

/* What runs, in the order it is started. */
struct server {
	const char *config_file;
	struct keeper *keeper;
	struct auth *auth;
	struct draw *draw; /* pictures and series */
	struct draw *desk; /* passwords and requests to the collector: never behind a picture */
	struct site *site;
	struct http *http;
};

static void
print_config_error(const char *message, void *user)
{
	(void)user;
	fprintf(stderr, "%s\n", message);
}

/* The configuration without its secrets: nothing here needs one. */
static bool
load_config(const char *file, struct config **config, struct error *err)
{
	if (!config_load(config, file, print_config_error, NULL, err))
		return false;
	config_drop_secrets(*config);
	return true;
}

static bool
start(struct server *server, struct config *config_take, struct error *err)
{
	if (!auth_open(&server->auth, config_take, err)) {
		config_free(config_take);
		return false;
	}
	if (!keeper_open(&server->keeper, config_take, err))
		return false;
	const struct config *config = keeper_config(server->keeper);
	return draw_open(&server->draw, config->state_dir, err) &&
	       draw_open(&server->desk, config->state_dir, err) &&
	       site_open(&server->site, config->state_dir, server->keeper, server->draw,
			 server->auth, err) &&
	       http_open(&server->http, &config->web, server->site, server->draw, server->desk,
			 server->auth, err);
}

/* Nothing new comes in, whoever waits for a picture is told, then all ends. */
static void
stop(struct server *server)
{
	if (server->http != NULL)
		http_quiesce(server->http);
	if (server->draw != NULL)
		draw_stop(server->draw);
	if (server->desk != NULL)
		draw_stop(server->desk);
	http_close(server->http);
	site_close(server->site);
	draw_close(server->draw);
	draw_close(server->desk);
	keeper_close(server->keeper);
	auth_close(server->auth);
}

/* Everything that a configuration changes, read and checked before any of it is in force. */
struct reloading {
	struct server *server;
	struct config *config;
	struct tls_pair *pair; /* NULL without TLS */
	struct auth_rules *rules;
	struct keeper_next *next;
};

/* What cannot change while running is said. */
static bool
can_change(const struct config *old, const struct config *config, struct error *err)
{
	return (strcmp(old->state_dir, config->state_dir) == 0 &&
		strcmp(old->web.listen, config->web.listen) == 0) ||
	       error_set(err, ERR_CONFIG, "state-dir and web.listen change only with a restart");
}

static bool
read_all(struct reloading *r, struct error *err)
{
	struct server *server = r->server;

	return load_config(server->config_file, &r->config, err) &&
	       can_change(keeper_config(server->keeper), r->config, err) &&
	       http_read_tls(server->http, &r->config->web, &r->pair, err) &&
	       auth_read(&r->rules, server->auth, r->config, err) &&
	       keeper_read(&r->next, server->keeper, r->config, err);
}

static void
use_all(void *user)
{
	struct reloading *r = user;

	if (r->pair != NULL)
		http_tls_use(r->pair);
	auth_use(r->server->auth, r->rules);
	keeper_use(r->server->keeper, r->next, r->config);
}

/* All of it or nothing; no answer is made in between. */
static void
reload(struct server *server)
{
	struct reloading r = { .server = server };
	struct error err = { 0 };

	if (read_all(&r, &err)) {
		http_between(server->http, use_all, &r);
		log_info("web", "event=reloaded file=\"%s\"", server->config_file);
		return;
	}
	log_error("web", "event=reload_refused reason=\"%s\"", err.text);
	http_tls_drop(r.pair);
	auth_drop(r.rules);
	config_free(r.config);
}

/* Until a signal says that it is the end. */
static void
run(struct server *server, const sigset_t *signals)
{
	const struct timespec tick = { .tv_nsec = TICK_MS * 1000000L };

	for (;;) {
		int number = sigtimedwait(signals, NULL, &tick);

		if (number == SIGTERM || number == SIGINT) {
			log_info("web", "event=stopping signal=%d", number);
			return;
		}
		if (number == SIGHUP)
			reload(server);
		keeper_refresh(server->keeper);
		auth_refresh(server->auth);
		http_tick(server->http);
	}
}

/* Signals are waited for, in this thread only; every thread started later inherits the mask. */
static void
block_signals(sigset_t *signals)
{
	sigemptyset(signals);
	sigaddset(signals, SIGTERM);
	sigaddset(signals, SIGINT);
	sigaddset(signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, signals, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int
serve(const char *config_file)
{
	struct server server = { .config_file = config_file };
	struct config *config;
	struct error err = { 0 };
	sigset_t signals;

	block_signals(&signals);
	if (!load_config(config_file, &config, &err)) {
		fprintf(stderr, "ixwatch-web: %s\n", err.text);
		return error_exit_status(&err);
	}
	bool started = start(&server, config, &err);
	if (started)
		run(&server, &signals);
	else
		fprintf(stderr, "ixwatch-web: %s\n", err.text);
	stop(&server);
	return started ? 0 : error_exit_status(&err);
}

static int
wrong_use(const char *word)
{
	fprintf(stderr, "ixwatch-web: %s: unknown option, or its value is missing\n%s", word, help);
	return 2;
}

static int
told(int argc, char **argv)
{
	const char *config_file = CONFIG_DEFAULT_FILE;

	if (argc == 3 && strcmp(argv[1], WORKER_OPTION) == 0)
		return worker_main(argv[2]);
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			fputs(help, stdout);
			return 0;
		}
		if (strcmp(argv[i], "--version") == 0) {
			puts("ixwatch-web " IXWATCH_VERSION);
			return 0;
		}
		if (strcmp(argv[i], "--routes") == 0) {
			routes_print();
			return 0;
		}
		if (strcmp(argv[i], "-c") != 0 || i + 1 == argc)
			return wrong_use(argv[i]);
		config_file = argv[++i];
	}
	follow_parent();
	return serve(config_file);
}

int
main(int argc, char **argv)
{
	if (!standard_hold())
		return 1;
	return standard_end("ixwatch-web", told(argc, argv));
}
