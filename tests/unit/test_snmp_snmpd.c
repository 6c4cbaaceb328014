/* links: snmp/varbind.c snmp/answer.c snmp/session.c snmp/session_in.c snmp/session_out.c snmp/request.c snmp/reply.c snmp/envelope.c snmp/engine.c snmp/usm_keys.c snmp/report.c base/log.c base/log_body.c snmp/manners.c snmp/errand.c snmp/snmp.c snmp/ifmib.c snmp/poll.c snmp/poll_span.c snmp/bulk.c snmp/walk_rows.c snmp/lane.c snmp/walk.c snmp/walk_lanes.c snmp/walk_fill.c snmp/walk_lag.c snmp/lag.c base/error.c base/clock.c base/units.c tests/fakes/snmp_agent.c tests/unit/snmp_stage.c */
/* pkgs: netsnmp */
/* test_snmp_snmpd.c - walk and poll of a real agent: Debian's snmpd on loopback, watching this machine's interfaces. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ixwatch/clock.h"
#include "snmp_stage.h"

#define SNMPD          "/usr/sbin/snmpd"
#define READY_LIMIT_MS 15000

static struct snmpd {
	pid_t pid;
	char conf[96], log[96];
	struct stage *stage;
} snmpd;

/* A port that was free a moment ago. */
static struct sockaddr_storage
free_port(void)
{
	struct fake_agent probe;

	fake_agent_start(&probe, AF_INET);
	fake_agent_stop(&probe);
	return probe.address;
}

static void
snmpd_run(const struct sockaddr_storage *address)
{
	char listen[64];
	FILE *conf = fopen(snmpd.conf, "w");

	fprintf(conf, "rocommunity public 127.0.0.1\nsysName snmpd-under-test\n");
	fclose(conf);
	snprintf(listen, sizeof(listen), "udp:127.0.0.1:%u",
		 ntohs(((const struct sockaddr_in *)address)->sin_port));
	snmpd.pid = fork();
	if (snmpd.pid != 0)
		return;
	if (freopen(snmpd.log, "w", stdout) == NULL || dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
		_exit(126);
	setenv("SNMP_PERSISTENT_DIR", snmpd.stage->dir, 1);
	execl(SNMPD, SNMPD, "-f", "-Lo", "-C", "-c", snmpd.conf, listen, (char *)NULL);
	_exit(127);
}

static void
log_show(void)
{
	char line[512];
	FILE *log = fopen(snmpd.log, "r");

	while (log != NULL && fgets(line, sizeof(line), log) != NULL)
		fprintf(stderr, "snmpd: %s", line);
	if (log != NULL)
		fclose(log);
}

/* Asks until it answers. */
static bool
snmpd_wait(struct stage *stage)
{
	int64_t end = clock_mono_ms() + READY_LIMIT_MS;

	do
		stage_walk(stage);
	while (stage->outcome != SNMP_DONE && clock_mono_ms() < end &&
	       waitpid(snmpd.pid, NULL, WNOHANG) == 0);
	if (stage->outcome != SNMP_DONE)
		log_show();
	return stage->outcome == SNMP_DONE;
}

static int
snmpd_start(void **state)
{
	struct sockaddr_storage address = free_port();
	struct error err = { 0 };
	void *stage = NULL;

	if (access(SNMPD, X_OK) != 0)
		return 0;
	if (stage_open(&stage) != 0)
		return -1;
	*state = snmpd.stage = stage;
	snprintf(snmpd.conf, sizeof(snmpd.conf), "%s/snmpd.conf", snmpd.stage->dir);
	snprintf(snmpd.log, sizeof(snmpd.log), "%s/snmpd.log", snmpd.stage->dir);
	snmpd_run(&address);
	snmp_agent_free(snmpd.stage->agent);
	snmpd.stage->agent = NULL;
	snmpd.stage->credentials.timeout_ms = 500;
	if (!snmp_agent_new(&snmpd.stage->agent, snmpd.stage->snmp, "snmpd", &address,
			    &snmpd.stage->credentials, &err))
		return -1;
	return snmpd_wait(snmpd.stage) ? 0 : -1;
}

static int
snmpd_stop(void **state)
{
	char path[128];

	if (snmpd.stage == NULL)
		return 0;
	kill(snmpd.pid, SIGTERM);
	waitpid(snmpd.pid, NULL, 0);
	unlink(snmpd.conf);
	unlink(snmpd.log);
	snprintf(path, sizeof(path), "%s/snmpd.conf.lock", snmpd.stage->dir);
	unlink(path);
	snprintf(path, sizeof(path), "rm -rf '%s'", snmpd.stage->dir); /* what snmpd left there */
	(void)!system(path);
	return stage_close(state);
}

static const struct stage_interface *
find_lo(struct stage *stage)
{
	for (size_t i = 0; i < stage->interface_count; i++)
		if (strcmp(stage->interface[i].name, "lo") == 0)
			return &stage->interface[i];
	return NULL;
}

static void
need_snmpd(void)
{
	if (snmpd.stage != NULL)
		return;
	print_message("skipped: there is no " SNMPD "\n");
	skip();
}

static void
it_lists_the_interfaces_of_this_machine(void **state)
{
	struct if_nameindex *all = if_nameindex();
	size_t count = 0;

	need_snmpd();
	struct stage *stage = *state;
	stage_walk(stage);
	assert_int_equal(stage->outcome, SNMP_DONE);
	assert_string_equal(snmp_agent_sys_name(stage->agent), "snmpd-under-test");
	for (; all[count].if_index != 0; count++) {
		const struct stage_interface *row = stage_interface(stage, all[count].if_index);

		assert_non_null(row);
		assert_string_equal(row->name, all[count].if_name);
		assert_int_equal(row->counter_bits, 64);
	}
	assert_int_equal(stage->interface_count, count);
	if_freenameindex(all);
}

static void
it_reads_the_counters_of_lo(void **state)
{
	uint32_t uptime_ticks = 0;

	need_snmpd();
	struct stage *stage = *state;
	const struct stage_interface *lo = find_lo(stage);
	assert_non_null(lo);
	stage->row_count = 1;
	stage->rows[0] = (struct snmp_poll_row) { lo->if_index, lo->name, true, 64 };
	for (int round = 0; round < 2; round++) {
		const struct counter_read *read = &stage->row[0].read;

		stage_poll(stage);
		assert_int_equal(stage->row[0].outcome, SNMP_ROW_READ);
		assert_int_equal(read->has, (1u << READING_COUNT) - 1);
		assert_true(read->counter[READING_IN_OCTETS] > 0);
		assert_true(read->counter[READING_IN_OCTETS] == read->counter[READING_OUT_OCTETS]);
		assert_int_equal(read->oper, READING_OPER_UP);
		assert_true(read->speed_bps == 10e6);
		assert_true(read->uptime_ticks >= uptime_ticks);
		uptime_ticks = read->uptime_ticks;
	}
}

static void
all_interfaces_are_polled_together(void **state)
{
	need_snmpd();
	struct stage *stage = *state;
	stage->row_count = stage->interface_count;
	for (size_t i = 0; i < stage->interface_count; i++)
		stage->rows[i] = (struct snmp_poll_row) { stage->interface[i].if_index,
							  stage->interface[i].name, true, 64 };
	stage_poll(stage);
	assert_int_equal(stage_count(stage, SNMP_ROW_READ), stage->row_count);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_lists_the_interfaces_of_this_machine),
		cmocka_unit_test(it_reads_the_counters_of_lo),
		cmocka_unit_test(all_interfaces_are_polled_together),
	};

	return cmocka_run_group_tests(tests, snmpd_start, snmpd_stop);
}
