/* links: base/config.c base/config_address.c base/config_check.c base/config_detector.c base/config_file.c base/config_memory.c base/config_options.c base/config_reader.c base/config_scan.c base/config_setting.c base/config_token.c base/config_value.c base/office_hours.c base/detector_settings.c base/pattern.c base/error.c base/units.c base/decimal.c base/zone.c base/model.c */
/* pkgs: libconfuse libpcre2-8 glib-2.0 */
/* test_config.c - what a configuration says is what the program gets: the sample of the design, the defaults, secrets,
 * detectors. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <math.h>

#include "config_scratch.h"

static struct scratch scratch;

/* The sample of the design, word for word. */
static const char sample[] =
    "state-dir = \"/var/lib/ixwatch\"\n"
    "our-asn   = 64499\n"
    "interval  = \"60s\"                     # between polls, 1s to 300s\n"
    "\n"
    "snmp edge {                           # credentials, by name\n"
    "  version = \"2c\"\n"
    "  community = \"${IXWATCH_COMMUNITY:-public}\"      # or community-file\n"
    "  timeout = \"2s\"   retries = 2   max-repetitions = 25\n"
    "}\n"
    "snmp core {\n"
    "  version = \"3\"   user = \"ixwatch\"   level = \"authPriv\"\n"
    "  auth = \"SHA-256\"   auth-file = \"/etc/ixwatch/auth\"   priv = \"AES\"   priv-file = "
    "\"/etc/ixwatch/priv\"\n"
    "}\n"
    "\n"
    "exchange demo-fra {\n"
    "  name = \"Demo-IX Frankfurt\"   timezone = \"Europe/Berlin\"   peeringdb-ix = 0   kind = "
    "\"member\"    # also on agent and port\n"
    "  agent edge1 {\n"
    "    address = \"127.1.0.1:1161\"   snmp = \"edge\"      # numeric; a name is resolved in the "
    "background and cached\n"
    "    match = 'AS(?<asn>[0-9]+) +(?<peer>[^|]+)'      # PCRE2 on ifAlias; every interface that "
    "matches is a port\n"
    "  }\n"
    "  port \"edge1/et-0/0/7\" {             # what the box cannot say, or must be overruled on\n"
    "    asn = 64500   peer = \"ExampleNet\"   contracted = \"5G\"     # also: capacity = \"10G\" "
    "replaces what the box offers; kind; note; circuit\n"
    "  }\n"
    "}\n"
    "\n"
    "detector {                            # also inside an exchange or a port, where it "
    "overrules\n"
    "  profile = \"early\"                   # for pages and alerts; or \"proof\"; every number of "
    "the judgement is a key under its name:\n"
    "  step = \"300s\"   congested = \"90%\"   clear = \"85%\"   clear-hold = \"15m\"   sustain = "
    "\"30m\"   bridge = \"10m\"\n"
    "}\n"
    "mail     { smtp = \"smtp://127.0.0.1:25\"   from = \"peering@example.net\"   reply-to = \"\"  "
    " spool = \"\" }   # spool: .eml files into a folder instead\n"
    "alert    { to = {\"noc@example.net\"}   repeat = \"24h\" }\n"
    "report   { weekday = \"monday\"   hour = 8   timezone = \"UTC\"   to-peers = \"approve\"   "
    "profile = \"proof\" }   # never | approve | send; what a peer is told is judged by this "
    "profile\n"
    "web      { listen = \"127.0.0.1:8080\"   users-file = \"\"   base-url = "
    "\"http://127.0.0.1:8080\"   link-key-file = \"\" }\n";

/* read_good of the sample, its secrets being in the scratch folder. */
static struct config *
read_sample(void)
{
	char folder[300];

	snprintf(folder, sizeof(folder), "%s/", scratch.dir);
	char *text = replaced(sample, "/etc/ixwatch/", folder);
	struct config *config = read_good(&scratch, text);
	free(text);
	return config;
}

static void
the_sample_says_what_it_says(void **state)
{
	struct config *config = read_sample();
	struct sockaddr_in *v4 = (struct sockaddr_in *)&config->web.listen_address;

	(void)state;
	assert_string_equal(config->state_dir, "/var/lib/ixwatch");
	assert_int_equal(config->our_asn, 64499);
	assert_int_equal(config->interval_sec, 60);
	assert_int_equal(config->override_count, 7);
	assert_string_equal(config->overrides[0].key, "profile");
	assert_string_equal(config->overrides[1].key, "step");
	assert_string_equal(config->overrides[6].key, "bridge");
	assert_string_equal(config->overrides[6].value, "10m");
	assert_string_equal(config->mail.smtp, "smtp://127.0.0.1:25");
	assert_string_equal(config->mail.from, "peering@example.net");
	assert_string_equal(config->mail.reply_to, "");
	assert_int_equal(config->alert.to.count, 1);
	assert_string_equal(config->alert.to.text[0], "noc@example.net");
	assert_int_equal(config->alert.repeat_sec, 86400);
	assert_int_equal(config->report.weekday, 1);
	assert_int_equal(config->report.hour, 8);
	assert_string_equal(config->report.to_peers, "approve");
	assert_int_equal(config->report.profile, PROFILE_PROOF);
	assert_string_equal(config->web.listen, "127.0.0.1:8080");
	assert_int_equal(v4->sin_family, AF_INET);
	assert_int_equal(ntohs(v4->sin_port), 8080);
	assert_int_equal(ntohl(v4->sin_addr.s_addr), INADDR_LOOPBACK);
	config_free(config);
}

static void
the_samples_credentials_are_read(void **state)
{
	struct config *config = read_sample();
	const struct config_snmp *edge = &config->snmp[0], *core = &config->snmp[1];

	(void)state;
	assert_int_equal(config->snmp_count, 2);
	assert_string_equal(edge->name, "edge");
	assert_int_equal(edge->version, SNMP_V2C);
	assert_string_equal(edge->community, "public");
	assert_int_equal(edge->timeout_ms, 2000);
	assert_int_equal(edge->retries, 2);
	assert_int_equal(edge->max_repetitions, 25);
	assert_int_equal(core->version, SNMP_V3);
	assert_string_equal(core->user, "ixwatch");
	assert_int_equal(core->level, SNMP_LEVEL_AUTHPRIV);
	assert_string_equal(core->auth, "SHA-256");
	assert_string_equal(core->auth_secret, "authentic-12");
	assert_string_equal(core->priv, "AES");
	assert_string_equal(core->priv_secret, "private-1234");
	assert_string_equal(core->community, "");
	config_free(config);
}

static void
the_samples_exchange_is_read(void **state)
{
	struct config *config = read_sample();
	const struct config_exchange *ex = config_exchange_find(config, "demo-fra");

	(void)state;
	assert_non_null(ex);
	assert_null(config_exchange_find(config, "demo"));
	assert_string_equal(ex->name, "Demo-IX Frankfurt");
	assert_string_equal(ex->timezone, "Europe/Berlin");
	assert_int_equal(ex->kind, KIND_MEMBER);
	assert_int_equal(ex->agent_count, 1);
	const struct config_agent *agent = &ex->agents[0];
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&agent->address;
	assert_string_equal(agent->name, "edge1");
	assert_int_equal(v4->sin_family, AF_INET);
	assert_int_equal(ntohs(v4->sin_port), 1161);
	assert_int_equal(agent->port, 1161);
	assert_string_equal(agent->host, "");
	assert_ptr_equal(agent->snmp, &config->snmp[0]);
	assert_string_equal(agent->match, "AS(?<asn>[0-9]+) +(?<peer>[^|]+)");
	assert_int_equal(agent->kind, KIND_MEMBER);
	assert_false(agent->discards_trusted);
	assert_int_equal(ex->port_count, 1);
	const struct config_port *port = config_port_find(ex, "edge1", "et-0/0/7");
	assert_ptr_equal(port, &ex->ports[0]);
	assert_null(config_port_find(ex, "edge1", "et-0/0/8"));
	assert_null(config_port_find(ex, "edge2", "et-0/0/7"));
	assert_int_equal(port->asn, 64500);
	assert_string_equal(port->peer, "ExampleNet");
	assert_true(port->contracted_bps == 5e9);
	assert_true(isnan(port->capacity_bps) && isnan(port->nominal_capacity_bps));
	assert_false(port->contract_billed);
	assert_int_equal(port->kind, KIND_MEMBER);
	assert_int_equal(port->override_count, 0);
	config_free(config);
}

static void
what_is_not_said_has_its_default(void **state)
{
	struct config *config =
	    read_good(&scratch, "snmp s { community = c }\nexchange x { agent a { address = "
				"\"edge.example.net\" snmp = s } port \"a/b\" { } }\n");
	const struct config_exchange *ex = &config->exchanges[0];
	const struct config_port *port = &ex->ports[0];

	(void)state;
	assert_string_equal(config->state_dir, "/var/lib/ixwatch");
	assert_int_equal(config->our_asn, 0);
	assert_int_equal(config->interval_sec, 60);
	assert_int_equal(config->archive.interval_sec, 2 * 86400);
	assert_int_equal(config->archive.step_sec, 400 * 86400);
	assert_int_equal(config->archive.hour_sec, 400 * 86400);
	assert_int_equal(config->archive.day_sec, 3650LL * 86400);
	assert_int_equal(config->override_count, 0);
	assert_string_equal(config->mail.from, "");
	assert_int_equal(config->alert.to.count, 0);
	assert_int_equal(config->report.weekday, 1);
	assert_string_equal(config->report.timezone, "UTC");
	assert_string_equal(config->web.base_url, "http://127.0.0.1:8080");
	assert_string_equal(ex->name, "x");
	assert_string_equal(ex->timezone, "UTC");
	assert_int_equal(ex->kind, KIND_NONE);
	assert_string_equal(ex->agents[0].host, "edge.example.net");
	assert_int_equal(ex->agents[0].port, 161);
	assert_int_equal(ex->agents[0].address.ss_family, 0);
	assert_string_equal(ex->agents[0].match, "");
	assert_int_equal(port->asn, 0);
	assert_string_equal(port->peer, "");
	assert_string_equal(port->note, "");
	assert_string_equal(port->circuit, "");
	assert_true(isnan(port->contracted_bps));
	assert_int_equal(port->kind, KIND_NONE);
	config_free(config);
}

static void
kinds_are_inherited_from_exchange_to_agent_to_port(void **state)
{
	struct config *config =
	    read_good(&scratch, "snmp s { community = c }\nexchange x { kind = shared\n "
				"agent a { address = 127.0.0.1 snmp = s kind = pni }\n"
				"agent b { address = 127.0.0.2 snmp = s }\n port a/1 { } "
				"port a/2 { kind = peer-share } port b/1 { } }\n");
	const struct config_exchange *ex = &config->exchanges[0];

	(void)state;
	assert_int_equal(config_port_find(ex, "a", "1")->kind, KIND_PNI);
	assert_int_equal(config_port_find(ex, "a", "2")->kind, KIND_PEER_SHARE);
	assert_int_equal(config_port_find(ex, "b", "1")->kind, KIND_SHARED);
	assert_int_equal(ex->agents[1].kind, KIND_SHARED);
	config_free(config);
}

static void
every_kind_is_the_models(void **state)
{
	(void)state;
	for (int kind = KIND_MEMBER; kind < KIND_COUNT; kind++) {
		char text[100];

		snprintf(text, sizeof(text), "exchange x { kind = \"%s\" }",
			 model_kind_name((enum port_kind)kind));
		struct config *config = read_good(&scratch, text);
		assert_int_equal(config->exchanges[0].kind, kind);
		config_free(config);
	}
}

static void
texts_are_read_as_they_are_meant(void **state)
{
	struct config *config = read_good(
	    &scratch, "snmp s { community = \"it's \\\"so\\\"\" }\nexchange x { name = 'Zürich # "
		      "no comment { } // none'\n"
		      "agent a { address = \"127.0.0.1:${IXWATCH_TEST_PORT:-99}\" snmp = 's' match "
		      "= '^a\\\\b\\'c\\d$' }\n"
		      "port \"a/x#12\" { note = \"${IXWATCH_TEST_NOTE} \\x41\" } }\n");
	const struct config_exchange *ex = &config->exchanges[0];

	(void)state;
	assert_string_equal(config->snmp[0].community, "it's \"so\"");
	assert_string_equal(ex->name, "Zürich # no comment { } // none");
	assert_int_equal(ex->agents[0].port, 4161);
	assert_string_equal(ex->agents[0].match, "^a\\b'c\\d$");
	assert_string_equal(ex->ports[0].interface, "x#12");
	assert_string_equal(ex->ports[0].note, "}\"quoted\" ${HOME} A");
	config_free(config);
}

static void
paths_are_taken_from_the_folder_of_their_file(void **state)
{
	char want[512];

	(void)state;
	if (mkdir(scratch_path(&scratch, "part"), 0700) != 0)
		fail();
	scratch_write(&scratch, "part/mail.conf", "mail { spool = \"out\" }\n", 23);
	scratch_write_mode(&scratch, "part/deep.conf",
			   "snmp s { community-file = \"../community\" }\n", 0640);
	scratch_write_mode(&scratch, "part/more.conf", "include(\"deep.conf\")\n", 0640);
	struct config *config =
	    read_good(&scratch, "state-dir = \"state\"\nweb { users-file = \"/abs\" }\n"
				"include(\"part/mail.conf\")\ninclude('part/more.conf')\n");
	snprintf(want, sizeof(want), "%s/state", scratch.dir);
	assert_string_equal(config->state_dir, want);
	snprintf(want, sizeof(want), "%s/part/out", scratch.dir);
	assert_string_equal(config->mail.spool, want);
	assert_string_equal(config->web.users_file, "/abs");
	assert_string_equal(config->web.link_key_file, "");
	assert_string_equal(config->snmp[0].community, "from-a-file");
	config_free(config);
}

static void
base_url_ends_without_a_slash(void **state)
{
	struct config *config =
	    read_good(&scratch, "web { base-url = \"https://ix.example.net/watch/\" }");

	(void)state;
	assert_string_equal(config->web.base_url, "https://ix.example.net/watch");
	config_free(config);
}

static void
dropped_secrets_are_gone_and_the_rest_stays(void **state)
{
	struct config *config = read_sample();
	const char *community = config->snmp[0].community;

	(void)state;
	config_drop_secrets(config);
	for (size_t i = 0; i < strlen("public"); i++)
		assert_int_equal(community[i], 0);
	assert_string_equal(config->snmp[1].auth_secret, "");
	assert_string_equal(config->snmp[1].priv_secret, "");
	assert_string_equal(config->snmp[1].user, "ixwatch");
	assert_string_equal(config->snmp[1].auth, "SHA-256");
	config_drop_secrets(config);
	config_free(config);
	config_free(NULL);
}

/* --- peers and reports --- */

static void
a_peer_is_found_by_each_of_its_numbers(void **state)
{
	struct config *config = read_good(
	    &scratch,
	    "peer 64500 { name = \"Bäckernetz & Söhne\" also = { 64501, 4294967295 }\n"
	    "contacts = { \"NOC +49 69 1234\", \"night: noc@example.net\" }\n"
	    "report-to = { \"peering@example.net\", \"noc@example.net\" } report = all }\n"
	    "peer \"AS64510\" { report = never }\npeer as64511 { }\n");
	const struct config_peer *peer = config_peer_find(config, 64500);

	(void)state;
	assert_int_equal(config->peer_count, 3);
	assert_non_null(peer);
	assert_ptr_equal(config_peer_find(config, 64501), peer);
	assert_ptr_equal(config_peer_find(config, UINT32_MAX), peer);
	assert_int_equal(peer->asn, 64500);
	assert_string_equal(peer->name, "Bäckernetz & Söhne");
	assert_int_equal(peer->also_count, 2);
	assert_int_equal(peer->also[0], 64501);
	assert_int_equal(peer->contacts.count, 2);
	assert_string_equal(peer->contacts.text[1], "night: noc@example.net");
	assert_int_equal(peer->report_to.count, 2);
	assert_string_equal(peer->report_to.text[0], "peering@example.net");
	assert_int_equal(peer->report, PEER_REPORT_ALL);
	assert_int_equal(config_peer_find(config, 64510)->report, PEER_REPORT_NEVER);
	peer = config_peer_find(config, 64511);
	assert_int_equal(peer->report, PEER_REPORT_CHANGES);
	assert_int_equal(peer->report_to.count, 0);
	assert_int_equal(peer->also_count, 0);
	assert_string_equal(peer->name, "");
	assert_string_equal(peer->language, "en");
	assert_null(config_peer_find(config, 64502));
	assert_null(config_peer_find(config, 0));
	config_free(config);
}

static void
who_signs_and_who_coordinates_is_taken_from_elsewhere_where_it_is_not_said(void **state)
{
	struct config *config = read_good(&scratch, "mail { from = \"from@example.net\" }\n"
						    "alert { to = \"noc@example.net\" }\n");

	(void)state;
	assert_string_equal(config->report.mail, "from@example.net");
	assert_string_equal(config->report.coordinator.text[0], "noc@example.net");
	assert_int_equal(config->report.lapse_sec, 4 * 86400);
	assert_int_equal(config->report.link_valid_sec, 90 * 86400);
	assert_string_equal(config->report.person, "");
	config_free(config);
	config = read_good(&scratch, "mail { from = \"from@example.net\" reply-to = "
				     "\"reply@example.net\" }\n"
				     "alert { to = \"noc@example.net\" coordinator = "
				     "\"peering@example.net\" }\n"
				     "report { name = \"Example Carrier\" phone = \"+49 69 1\" "
				     "lapse = 12h }\n");
	assert_string_equal(config->report.mail, "reply@example.net");
	assert_string_equal(config->report.coordinator.text[0], "peering@example.net");
	assert_string_equal(config->report.name, "Example Carrier");
	assert_string_equal(config->report.phone, "+49 69 1");
	assert_int_equal(config->report.lapse_sec, 43200);
	config_free(config);
	config = read_good(&scratch, "alert { to = \"noc@example.net\" }\n"
				     "report { person = \"Kim\" mail = \"kim@example.net\" "
				     "coordinator = { \"a@example.net\", \"b@example.net\" } }\n"
				     "exchange x { policy = \"Peers shall not (policy, 4.2)\" }\n"
				     "exchange y { }\n");
	assert_string_equal(config->report.mail, "kim@example.net");
	assert_int_equal(config->report.coordinator.count, 2);
	assert_string_equal(config->exchanges[0].policy, "Peers shall not (policy, 4.2)");
	assert_string_equal(config->exchanges[1].policy, "");
	config_free(config);
}

/* --- detectors --- */

static const char layered[] = "detector { congested = 91% sustain = 20m }\n"
			      "snmp s { community = c }\n"
			      "exchange x {\n"
			      " detector { profile = proof congested = 96% sustain = 40m }\n"
			      " agent a { address = 127.0.0.1 snmp = s }\n"
			      " port a/1 { detector { clear = 80% } }\n"
			      " port a/2 { detector { profile = early clear = 70% bridge = 1m } }\n"
			      "}\n";

static void
each_scope_overrules_the_one_around_it(void **state)
{
	struct config *config = read_good(&scratch, layered);
	const struct config_exchange *ex = &config->exchanges[0];
	struct detector_settings s;

	(void)state;
	config_detector(config, NULL, NULL, NULL, &s);
	assert_int_equal(s.profile, PROFILE_EARLY);
	assert_true(s.congested_share == 0.91 && s.clear_share == 0.85 && s.sustain_sec == 1200);
	config_detector(config, ex, NULL, NULL, &s);
	assert_int_equal(s.profile, PROFILE_PROOF);
	assert_true(s.congested_share == 0.96 && s.clear_share == 0.90 && s.sustain_sec == 2400);
	config_detector(config, ex, config_port_find(ex, "a", "1"), NULL, &s);
	assert_int_equal(s.profile, PROFILE_PROOF);
	assert_true(s.congested_share == 0.96 && s.clear_share == 0.80 && s.sustain_sec == 2400);
	config_detector(config, ex, config_port_find(ex, "a", "2"), NULL, &s);
	assert_int_equal(s.profile, PROFILE_EARLY);
	assert_true(s.congested_share == 0.91 && s.clear_share == 0.70 && s.bridge_sec == 60);
	config_free(config);
}

static void
a_profiled_key_counts_only_for_its_blocks_profile(void **state)
{
	static const enum profile early = PROFILE_EARLY, proof = PROFILE_PROOF;
	struct config *config = read_good(&scratch, layered);
	const struct config_exchange *ex = &config->exchanges[0];
	const struct config_port *port = config_port_find(ex, "a", "1");
	struct detector_settings s;

	(void)state;
	config_detector(config, ex, port, &early, &s);
	assert_int_equal(s.profile, PROFILE_EARLY);
	assert_true(s.congested_share == 0.91 && s.clear_share == 0.85);
	assert_int_equal(s.sustain_sec, 2400); /* the same in both profiles: it counts */
	config_detector(config, NULL, NULL, &proof, &s);
	assert_int_equal(s.profile, PROFILE_PROOF);
	assert_true(s.congested_share == 0.95 && s.clear_share == 0.90 && s.sustain_sec == 1200);
	config_free(config);
}

static void
a_file_that_is_not_there_is_one_error(void **state)
{
	struct config *config = NULL;
	struct said said = { NULL, 0, 0, 0 };
	struct error err = { 0 };

	(void)state;
	assert_null(config_read(&scratch, "nowhere.conf", &said, &err));
	assert_int_equal(said.count, 1);
	assert_non_null(strstr(said.text, "nowhere.conf: No such file or directory"));
	assert_int_equal(err.code, ERR_CONFIG);
	said_clear(&said);
	assert_false(
	    config_load(&config, scratch_path(&scratch, "nowhere.conf"), NULL, NULL, &err));
	assert_non_null(strstr(err.text, "No such file or directory"));
	assert_false(config_load(&config, scratch.dir, NULL, NULL, &err));
	assert_false(config_load(&config, scratch.dir, NULL, NULL, NULL));
	assert_null(config);
}

/* What was wrong with one reading does not touch the next. */
static void
a_reload_after_faults_reads_as_ever(void **state)
{
	static const char *const broken[] = { "x = \"", "include(\"bad.conf\")", "web { listen = {",
					      "}" };

	(void)state;
	scratch_write(&scratch, "bad.conf", "mail { from = = ", 16);
	for (int i = 0; i < 40; i++) {
		struct said said;
		struct error err;

		scratch_write(&scratch, "bent.conf", broken[i % 4], strlen(broken[i % 4]));
		assert_null(config_read(&scratch, "bent.conf", &said, &err));
		said_clear(&said);
		struct config *config = read_sample();
		assert_int_equal(config->exchange_count, 1);
		config_free(config);
	}
}

static int
set_up(void **state)
{
	(void)state;
	unsetenv("IXWATCH_COMMUNITY");
	setenv("IXWATCH_TEST_PORT", "4161", 1);
	setenv("IXWATCH_TEST_NOTE", "}\"quoted\" ${HOME}", 1);
	scratch_new(&scratch);
	scratch_secrets(&scratch);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	scratch_free(&scratch);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sample_says_what_it_says),
		cmocka_unit_test(the_samples_credentials_are_read),
		cmocka_unit_test(the_samples_exchange_is_read),
		cmocka_unit_test(what_is_not_said_has_its_default),
		cmocka_unit_test(kinds_are_inherited_from_exchange_to_agent_to_port),
		cmocka_unit_test(every_kind_is_the_models),
		cmocka_unit_test(texts_are_read_as_they_are_meant),
		cmocka_unit_test(paths_are_taken_from_the_folder_of_their_file),
		cmocka_unit_test(base_url_ends_without_a_slash),
		cmocka_unit_test(dropped_secrets_are_gone_and_the_rest_stays),
		cmocka_unit_test(a_peer_is_found_by_each_of_its_numbers),
		cmocka_unit_test(
		    who_signs_and_who_coordinates_is_taken_from_elsewhere_where_it_is_not_said),
		cmocka_unit_test(each_scope_overrules_the_one_around_it),
		cmocka_unit_test(a_profiled_key_counts_only_for_its_blocks_profile),
		cmocka_unit_test(a_file_that_is_not_there_is_one_error),
		cmocka_unit_test(a_reload_after_faults_reads_as_ever),
	};

	return cmocka_run_group_tests_name("configuration", tests, set_up, tear_down);
}
