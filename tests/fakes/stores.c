/* stores.c - the writer's work without a network, for tests that let it fail: a ledger opened and migrated, ports put into
 * it, samples appended to series, committed, written into their files.
 *
 *   stores work DIR END   samples of 30 minutes up to END; each line on standard output is a promise: it is kept from now on
 *   stores check DIR END  what is there, in the same lines
 *
 * What fails is tried again a few times, as the collector does at each publishing, then it ends with 1 and a sentence. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/ledger.h"
#include "ixwatch/series.h"

#define PORT_COUNT   3
#define SAMPLE_COUNT 30
#define TRIES        4

static const char *const paths[PORT_COUNT] = { "rrd/ex/a/one.rrd", "rrd/ex/a/two.rrd",
					       "rrd/ex/b/three.rrd" };
static const char *const names[PORT_COUNT] = { "one", "two", "three" };

static struct series_settings
settings_of(const char *dir)
{
	return (struct series_settings) { .state_dir = dir,
					  .interval_sec = 60,
					  .step_sec = 300,
					  .keep_interval_sec = 7200,
					  .keep_step_sec = 86400,
					  .keep_hour_sec = 172800,
					  .keep_day_sec = 864000 };
}

static double
value_of(int port, int64_t end_utc_sec)
{
	return (double)(end_utc_sec % 1000000) * 1000 + port;
}

/* --- the ledger --- */

static bool
ports_put(struct ledger *ledger, int round, struct error *err)
{
	int64_t id;

	if (!ledger_begin(ledger, err))
		return false;
	for (int i = 0; i < PORT_COUNT; i++) {
		char alias[32];
		struct port port = { .exchange = "ex",
				     .agent = i < 2 ? "a" : "b",
				     .interface = names[i],
				     .alias = alias,
				     .peer = "Peer",
				     .path = paths[i],
				     .note = "",
				     .circuit = "",
				     .asn = 64500,
				     .kind = KIND_MEMBER,
				     .contracted_bps = NAN };

		snprintf(alias, sizeof(alias), "round %d", round);
		if (!ledger_exchange_put(ledger, "ex", "Exchange", "UTC", err) ||
		    !ledger_port_put(ledger, &port, 1700000000 + round, &id, err) ||
		    !ledger_capacity_put(ledger, id, 1e9 + round, NAN, CAPACITY_INTERFACE,
					 1700000000 + round, err)) {
			ledger_rollback(ledger);
			return false;
		}
	}
	return ledger_commit(ledger, err);
}

static bool
ledger_work(const char *dir, struct error *err)
{
	struct ledger *ledger = NULL;
	bool done = false;

	for (int i = 0; i < TRIES && !done; i++)
		done = ledger_open(&ledger, dir, LEDGER_WRITE, err);
	for (int round = 1; done && round <= 4; round++) {
		done = false;
		for (int i = 0; i < TRIES && !done; i++)
			done = ports_put(ledger, round, err);
		if (done)
			printf("round %d\n", round);
		if (done)
			ledger_tidy(ledger, NULL);
	}
	ledger_close(ledger);
	return done;
}

static bool
on_port(const struct port *port, void *user)
{
	int *round = user, found = 0;

	if (sscanf(port->alias, "round %d", &found) == 1 && (*round < 0 || found < *round))
		*round = found;
	return true;
}

/* Rounds are whole or not at all: all ports are of the same one. */
static bool
ledger_tell(const char *dir, struct error *err)
{
	struct ledger *ledger = NULL;
	int round = -1;

	if (!ledger_open(&ledger, dir, LEDGER_WRITE, err) ||
	    !ledger_port_each(ledger, on_port, &round, err))
		return false;
	for (int i = 1; i <= round; i++)
		printf("round %d\n", i);
	ledger_close(ledger);
	return true;
}

/* --- series --- */

static bool
slot_append(struct series *series, int64_t end_utc_sec, struct error *err)
{
	for (int i = 0; i < PORT_COUNT; i++) {
		struct sample sample = { .end_utc_sec = end_utc_sec, .step_sec = 60 };
		bool done = false;

		for (int c = 0; c < COLUMN_COUNT; c++)
			sample.value[c] = value_of(i, end_utc_sec);
		for (int t = 0; t < TRIES && !done; t++)
			done = series_append(series, paths[i], &sample, err);
		if (!done)
			return false;
	}
	return true;
}

static void
slot_promise(int64_t end_utc_sec)
{
	for (int i = 0; i < PORT_COUNT; i++)
		printf("%s %" PRId64 " %.17g\n", paths[i], end_utc_sec, value_of(i, end_utc_sec));
}

static bool
series_work_all(const char *dir, int64_t until_utc_sec, struct error *err)
{
	struct series_settings settings = settings_of(dir);
	struct series *series = NULL;
	bool done = false;

	for (int i = 0; i < TRIES && !done; i++)
		done = series_open(&series, &settings, err);
	for (int k = SAMPLE_COUNT - 1; done && k >= 0; k--) {
		int64_t end_utc_sec = until_utc_sec - 60 * k;

		done = slot_append(series, end_utc_sec, err);
		for (int i = 0, kept = 0; done && i < TRIES && !kept; i++) {
			kept = series_commit(series, err);
			done = kept || i + 1 < TRIES;
		}
		if (done)
			slot_promise(end_utc_sec);
		if (k % 7 == 0)
			series_work(series, 1000);
		if (k % 11 == 0)
			series_flush(series, paths[k % PORT_COUNT], NULL);
	}
	series_close(series);
	return done;
}

static bool
series_tell(const char *dir, int64_t until_utc_sec, struct error *err)
{
	struct series_settings settings = settings_of(dir);
	struct series *series = NULL;

	if (!series_open(&series, &settings, err) || !series_flush_all(series, err))
		return false;
	series_close(series);
	for (int i = 0; i < PORT_COUNT; i++) {
		struct series_rows rows;

		if (!series_read(dir, paths[i], until_utc_sec - 60 * SAMPLE_COUNT, until_utc_sec,
				 60, 1000, &rows, err))
			return false;
		for (size_t k = 0; k < rows.row_count; k++)
			if (!isnan(rows.value[k * COLUMN_COUNT]))
				printf("%s %" PRId64 " %.17g\n", paths[i],
				       rows.start_utc_sec + 60 * (int64_t)(k + 1),
				       rows.value[k * COLUMN_COUNT]);
		series_rows_free(&rows);
	}
	return true;
}

int
main(int argc, char **argv)
{
	struct error err = { 0 };
	int64_t until_utc_sec;
	bool done;

	if (argc != 4)
		return 2;
	until_utc_sec = strtoll(argv[3], NULL, 10);
	if (strcmp(argv[1], "work") == 0) {
		done = ledger_work(argv[2], &err);
		done = series_work_all(argv[2], until_utc_sec, &err) && done;
	} else {
		done = ledger_tell(argv[2], &err) && series_tell(argv[2], until_utc_sec, &err);
	}
	if (!done)
		fprintf(stderr, "stores: %s\n", err.text);
	return done ? 0 : 1;
}
